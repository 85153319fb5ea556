/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-mx.c: reading what a name server says, and the bounds of the resolver. Real name servers are
 * asked by tests/milter/test_mx.py.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mailmend/error.h>

#include "../../milter/policy/mx-private.h"

/* ---- names ----------------------------------------------------------------------------------- */

#define L63 "123456789a123456789b123456789c123456789d123456789e123456789f123"

static const struct {
	const char *name;
	gboolean valid;
} names[] = {
	{"example.com", TRUE},
	{"com", TRUE},
	{"_dmarc.example.com", TRUE},
	{"xn--bcher-kva.example", TRUE},
	{"a-b.1", TRUE},
	{L63 ".example", TRUE},
	{L63 "." L63 "." L63 "." "123456789a123456789b123456789c123456789d123456789e123456789f1", TRUE},
	{L63 "." L63 "." L63 "." "123456789a123456789b123456789c123456789d123456789e123456789f12", FALSE},
	{L63 "4.example", FALSE},
	{"", FALSE},
	{".", FALSE},
	{".a", FALSE},
	{"a.", FALSE},
	{"a..b", FALSE},
	{"-a", FALSE},
	{"a-", FALSE},
	{"a-.b", FALSE},
	{"[192.0.2.1]", FALSE},
	{"a b", FALSE},
	{"b\xc3\xbc" "cher.example", FALSE},
	{"a\\.b", FALSE},
};

static void
test_names (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
		if (mm_mx_is_name (names[i].name) != names[i].valid) {
			g_test_message ("\"%s\"", names[i].name);
			g_test_fail ();
		}
	}
}

/* ---- answers --------------------------------------------------------------------------------- */

#define HEAD(flags, answers, authority) "\0\1" flags "\0\1" answers authority "\0\0"
#define NONE "\0\0"
#define ONE "\0\1"
#define TWO "\0\2"
#define ASKED "\1a\7example\0\0\017\0\1" /* a.example MX; its name is at 0x0c, "example" at 0x0e */
#define OK "\x81\x80"
#define NO_SUCH "\x81\x83"
#define AUTHORITATIVE "\x85\x80"
#define MX_RECORD(ttl, rest) "\xc0\x0c\0\017\0\1" ttl rest
#define SOA_RECORD(ttl, minimum)                                                                   \
	"\xc0\x0e\0\6\0\1" ttl "\0\030\xc0\x0e\xc0\x0e\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1" minimum

static const struct {
	const char *label;
	const char *octets;
	gsize len;
	MmMxState state;
	const char *hosts; /* KNOWN: joined by a blank */
	gint64 ttl;        /* -1: none */
} answers[] = {
#define ROW(label, octets, state, hosts, ttl) {label, octets, sizeof (octets) - 1, state, hosts, ttl}
	ROW ("one host",
	     HEAD (OK, ONE, NONE) ASKED MX_RECORD ("\0\0\1\0", "\0\7\0\1\2MX\xc0\x0e"),
	     MM_MX_KNOWN, "mx.example", 256),
	ROW ("most preferred first, the smaller TTL",
	     HEAD (OK, TWO, NONE) ASKED MX_RECORD ("\0\0\0\7", "\0\6\0\2\1z\xc0\x0e")
		     MX_RECORD ("\0\0\0\5", "\0\6\0\1\1y\xc0\x0e"),
	     MM_MX_KNOWN, "y.example z.example", 5),
	ROW ("null MX",
	     HEAD (OK, ONE, NONE) ASKED MX_RECORD ("\0\0\1\0", "\0\3\0\0\0"),
	     MM_MX_KNOWN, "", 256),
	ROW ("a TTL of 32 bits is none",
	     HEAD (OK, ONE, NONE) ASKED MX_RECORD ("\x80\0\0\0", "\0\3\0\0\0"),
	     MM_MX_KNOWN, "", 0),
	ROW ("no record",
	     HEAD (OK, NONE, ONE) ASKED SOA_RECORD ("\0\0\0\x40", "\0\0\0\x20"),
	     MM_MX_KNOWN, "a.example", 32),
	ROW ("no record, the record of the SOA is the younger",
	     HEAD (OK, NONE, ONE) ASKED SOA_RECORD ("\0\0\0\x10", "\0\0\0\x20"),
	     MM_MX_KNOWN, "a.example", 16),
	ROW ("no record and nothing else", HEAD (OK, NONE, NONE) ASKED, MM_MX_KNOWN, "a.example", -1),
	ROW ("no such domain",
	     HEAD (NO_SUCH, NONE, ONE) ASKED SOA_RECORD ("\0\0\0\x40", "\0\0\0\x20"),
	     MM_MX_KNOWN, "", 32),
	ROW ("ask another server",
	     HEAD (OK, NONE, ONE) ASKED "\xc0\x0e\0\2\0\1\0\0\0\1\0\5\2ns\xc0\x0e",
	     MM_MX_FAILED, NULL, 0),
	ROW ("no record, says the server of the domain, with its name",
	     HEAD (AUTHORITATIVE, NONE, ONE) ASKED "\xc0\x0e\0\2\0\1\0\0\0\1\0\5\2ns\xc0\x0e",
	     MM_MX_KNOWN, "a.example", -1),
	ROW ("an alias of what has no record",
	     HEAD (OK, ONE, NONE) ASKED "\xc0\x0c\0\5\0\1\0\0\0\x09\0\4\1B\xc0\x0e",
	     MM_MX_KNOWN, "b.example", 9),
	ROW ("another class",
	     HEAD (OK, ONE, NONE) ASKED "\xc0\x0c\0\017\0\3\0\0\1\0\0\6\0\1\1y\xc0\x0e",
	     MM_MX_FAILED, NULL, 0),
	ROW ("a record is missing", HEAD (OK, TWO, NONE) ASKED MX_RECORD ("\0\0\0\7", "\0\3\0\0\0"),
	     MM_MX_FAILED, NULL, 0),
	ROW ("a host that points to itself",
	     HEAD (OK, ONE, NONE) ASKED MX_RECORD ("\0\0\0\7", "\0\4\0\1\xc0\x29"),
	     MM_MX_FAILED, NULL, 0),
	ROW ("a host longer than its record",
	     HEAD (OK, ONE, NONE) ASKED MX_RECORD ("\0\0\0\7", "\0\5\0\1\1y\xc0\x0e"),
	     MM_MX_FAILED, NULL, 0),
	ROW ("no preference", HEAD (OK, ONE, NONE) ASKED MX_RECORD ("\0\0\0\7", "\0\1\0"),
	     MM_MX_FAILED, NULL, 0),
#undef ROW
};

static void
test_answers (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
		g_auto (MmMxAnswer) answer = mm_mx_answer_read (
			"a.example", (const guint8 *) answers[i].octets, answers[i].len);
		g_autofree char *hosts =
			answer.hosts != NULL ? g_strjoinv (" ", answer.hosts) : NULL;

		g_test_message ("%s", answers[i].label);
		g_assert_cmpint (answer.state, ==, answers[i].state);
		g_assert_cmpstr (hosts, ==, answers[i].hosts);
		if (answer.state != MM_MX_KNOWN)
			continue;
		g_assert_cmpint (answer.has_ttl, ==, answers[i].ttl >= 0);
		if (answers[i].ttl >= 0)
			g_assert_cmpuint (answer.ttl, ==, answers[i].ttl);
	}
}

/* Every answer cut at every octet, and with every octet changed, in a block of its exact size. */
static void
test_broken (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
		for (gsize at = 0; at < answers[i].len; at++) {
			g_autofree guint8 *part = g_memdup2 (answers[i].octets, at);
			g_autofree guint8 *other = g_memdup2 (answers[i].octets, answers[i].len);
			g_auto (MmMxAnswer) cut = mm_mx_answer_read ("a.example", part, at);

			g_assert_cmpint (cut.state, !=, MM_MX_PENDING);
			for (guint value = 1; value < 256; value++) {
				g_auto (MmMxAnswer) answer = {.state = MM_MX_FAILED};

				other[at] ^= (guint8) value;
				answer = mm_mx_answer_read ("a.example", other, answers[i].len);
				other[at] ^= (guint8) value;
				g_assert_true ((answer.hosts != NULL) == (answer.state == MM_MX_KNOWN));
			}
		}
	}
}

/* ---- bounds ---------------------------------------------------------------------------------- */

/* A port where nobody answers. */
static int
dead_port (char **out_servers)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof address;
	int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
	g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
	g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &len), ==, 0);
	*out_servers = g_strdup_printf ("127.0.0.1:%u", ntohs (address.sin_port));
	return fd;
}

static MmMxResolver *
dead_resolver (const MmMxLimits *limits, int *out_fd)
{
	g_autofree char *servers = NULL;
	g_autoptr (GError) error = NULL;
	MmMxResolver *resolver;

	*out_fd = dead_port (&servers);
	resolver = mm_mx_resolver_new_limited (servers, limits, &error);
	g_assert_no_error (error);
	return resolver;
}

static gint64
in_ms (int ms)
{
	return g_get_monotonic_time () + ms * 1000;
}

/* What is kept does not grow; a query that has lost its place ends like any other. */
static void
test_room (void)
{
	MmMxLimits limits = mm_mx_limits_default ();
	g_autoptr (GPtrArray) queries =
		g_ptr_array_new_with_free_func ((GDestroyNotify) mm_mx_query_unref);
	int fd;
	MmMxResolver *resolver;
	gsize octets;

	limits.domains = 10;
	resolver = dead_resolver (&limits, &fd);
	for (guint i = 0; i < 100; i++) {
		g_autofree char *domain = g_strdup_printf ("n%u.example", i);

		g_ptr_array_add (queries, mm_mx_ask (resolver, domain));
		g_assert_cmpuint (mm_mx_resolver_n_kept (resolver, &octets), ==, MIN (i + 1, 10));
		g_assert_cmpuint (octets, <, 10 * 500);
	}
	mm_mx_resolver_free (resolver);
	for (guint i = 0; i < queries->len; i++)
		g_assert_cmpint (mm_mx_query_state (queries->pdata[i], NULL), ==, MM_MX_FAILED);
	close (fd);
}

static void
test_octets (void)
{
	MmMxLimits limits = mm_mx_limits_default ();
	int fd;
	MmMxResolver *resolver;
	gsize octets;

	limits.octets = 2000;
	resolver = dead_resolver (&limits, &fd);
	for (guint i = 0; i < 100; i++) {
		g_autofree char *domain = g_strdup_printf ("n%u." L63 ".example", i);

		mm_mx_query_unref (mm_mx_ask (resolver, domain));
		g_assert_cmpuint (mm_mx_resolver_n_kept (resolver, &octets), >, 0);
		g_assert_cmpuint (octets, <=, 2000);
	}
	mm_mx_resolver_free (resolver);
	close (fd);
}

static void
test_too_many (void)
{
	MmMxLimits limits = mm_mx_limits_default ();
	MmMxQuery *queries[3];
	int fd;
	MmMxResolver *resolver;

	limits.queries = 1;
	resolver = dead_resolver (&limits, &fd);
	queries[0] = mm_mx_ask (resolver, "a.example");
	queries[1] = mm_mx_ask (resolver, "b.example");
	queries[2] = mm_mx_ask (resolver, "A.example.");
	g_assert_true (queries[0] == queries[2]);
	/* Nothing can come of the second: nobody waits for it. */
	g_assert_false (mm_mx_wait (resolver, queries + 1, 1, in_ms (60000)));
	mm_mx_resolver_free (resolver);
	g_assert_cmpint (mm_mx_query_state (queries[0], NULL), ==, MM_MX_FAILED);
	g_assert_cmpint (mm_mx_query_state (queries[1], NULL), ==, MM_MX_PENDING);
	for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
		mm_mx_query_unref (queries[i]);
	close (fd);
}

/* ---- waiting --------------------------------------------------------------------------------- */

#define N_WAITERS 20
#define WAIT_MS 300

typedef struct {
	MmMxResolver *resolver;
	char *domain;
	gint64 took; /* microseconds */
} Waiter;

static gpointer
wait_for_one (gpointer data)
{
	Waiter *waiter = data;
	g_autoptr (MmMxQuery) query = mm_mx_ask (waiter->resolver, waiter->domain);
	gint64 start = g_get_monotonic_time ();

	g_assert_false (mm_mx_wait (waiter->resolver, &query, 1, start + WAIT_MS * 1000));
	waiter->took = g_get_monotonic_time () - start;
	return NULL;
}

/* Twenty wait for a name server that is dead: eight are kept. */
static void
test_waiting (void)
{
	MmMxLimits limits = mm_mx_limits_default ();
	Waiter waiters[N_WAITERS];
	GThread *threads[N_WAITERS];
	int fd;
	MmMxResolver *resolver = dead_resolver (&limits, &fd);
	guint kept = 0;

	for (guint i = 0; i < N_WAITERS; i++) {
		waiters[i] = (Waiter){resolver, g_strdup_printf ("n%u.example", i), 0};
		threads[i] = g_thread_new (NULL, wait_for_one, &waiters[i]);
	}
	for (guint i = 0; i < N_WAITERS; i++) {
		g_thread_join (threads[i]);
		g_free (waiters[i].domain);
		if (waiters[i].took >= WAIT_MS * 1000)
			kept++;
		else
			g_assert_cmpint (waiters[i].took, <, WAIT_MS * 1000 / 2);
	}
	g_assert_cmpuint (kept, ==, MM_MX_MAX_WAITING);
	mm_mx_resolver_free (resolver);
	close (fd);
}

static void
test_servers (void)
{
	g_autoptr (GError) error = NULL;
	MmMxResolver *resolver = mm_mx_resolver_new ("nonsense", &error);

	g_assert_null (resolver);
	g_assert_error (error, MM_ERROR, MM_ERROR_CONFIG);
	g_clear_error (&error);
	resolver = mm_mx_resolver_new ("192.0.2.1,[::1]:5353,192.0.2.2:54", &error);
	g_assert_no_error (error);
	mm_mx_resolver_free (resolver);
	resolver = mm_mx_resolver_new (NULL, &error);
	g_assert_no_error (error);
	mm_mx_resolver_free (resolver);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/mx/names", test_names);
	g_test_add_func ("/mx/answers", test_answers);
	g_test_add_func ("/mx/broken", test_broken);
	g_test_add_func ("/mx/room", test_room);
	g_test_add_func ("/mx/octets", test_octets);
	g_test_add_func ("/mx/too-many", test_too_many);
	g_test_add_func ("/mx/waiting", test_waiting);
	g_test_add_func ("/mx/servers", test_servers);
	return g_test_run ();
}
