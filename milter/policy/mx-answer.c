/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mx-answer.c: what a name server said about the MX records of a domain.
 *
 * Read here and not by c-ares, which tells neither the TTL nor why there is no record. All bounds
 * are checked: the octets are from whoever runs the domain. An alias is followed in the answer
 * itself, as the server has resolved it (RFC 1034 3.6.2).
 */
#include <config.h>

#include <ares.h>
#include <arpa/nameser.h>
#include <string.h>

#include "mx-private.h"

/* Aliases that are followed. */
#define MAX_ALIASES 16

#define MAX_NAME 253  /* octets of a name as text (RFC 1035 2.3.4) */
#define MAX_LABEL 63

/* A record; @data is within the answer. */
typedef struct {
	char *owner; /* lower case, no dot at its end */
	guint type;
	guint32 ttl;
	const guint8 *data;
	guint data_len;
} Record;

typedef struct {
	guint preference;
	char *host;
} Exchange;

typedef struct {
	const guint8 *octets;
	gsize len;
	gsize at;
} Reader;

static void
clear_record (gpointer record)
{
	g_free (((Record *) record)->owner);
}

static void
clear_exchange (gpointer exchange)
{
	g_free (((Exchange *) exchange)->host);
}

void
mm_mx_answer_clear (MmMxAnswer *answer)
{
	g_clear_pointer (&answer->hosts, g_strfreev);
}

gboolean
mm_mx_is_name (const char *name)
{
	guint label = 0;
	gsize len = 0;

	for (; name[len] != '\0'; len++) {
		char c = name[len];

		if (len >= MAX_NAME)
			return FALSE;
		if (c == '.') {
			if (label == 0 || name[len - 1] == '-')
				return FALSE;
			label = 0;
			continue;
		}
		if (!g_ascii_isalnum (c) && c != '_' && (c != '-' || label == 0))
			return FALSE;
		if (++label > MAX_LABEL)
			return FALSE;
	}
	return label > 0 && name[len - 1] != '-';
}

/* ---- octets ---------------------------------------------------------------------------------- */

/* @n octets as a number, most significant first. */
static gboolean
take_number (Reader *reader, guint n, guint32 *out_number)
{
	guint32 number = 0;

	if (reader->len - reader->at < n)
		return FALSE;
	for (guint i = 0; i < n; i++)
		number = number << 8 | reader->octets[reader->at++];
	*out_number = number;
	return TRUE;
}

/* The name at @data, within @reader; "" is the root. (transfer full) */
static char *
name_at (const Reader *reader, const guint8 *data, long *out_len)
{
	char *text = NULL;
	char *name;
	gsize len;

	if (ares_expand_name (data, reader->octets, (int) reader->len, &text, out_len) !=
	    ARES_SUCCESS)
		return NULL;
	name = g_ascii_strdown (text, -1);
	ares_free_string (text);
	len = strlen (name);
	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
	return name;
}

static char *
take_name (Reader *reader)
{
	long len = 0;
	char *name;

	if (reader->at >= reader->len)
		return NULL;
	name = name_at (reader, reader->octets + reader->at, &len);
	if (name != NULL)
		reader->at += (gsize) len;
	return name;
}

static gboolean
take_record (Reader *reader, Record *out_record)
{
	g_autofree char *owner = take_name (reader);
	guint32 type;
	guint32 class;
	guint32 ttl;
	guint32 len;

	if (owner == NULL || !take_number (reader, 2, &type) || !take_number (reader, 2, &class) ||
	    !take_number (reader, 4, &ttl) || !take_number (reader, 2, &len) ||
	    reader->len - reader->at < len)
		return FALSE;
	out_record->owner = g_steal_pointer (&owner);
	out_record->type = class == ns_c_in ? type : (guint) ns_t_invalid;
	/* More than 31 bits is to be read as none (RFC 2181 8). */
	out_record->ttl = ttl > G_MAXINT32 ? 0 : ttl;
	out_record->data = reader->octets + reader->at;
	out_record->data_len = len;
	reader->at += len;
	return TRUE;
}

static GArray *
take_records (Reader *reader, guint n)
{
	GArray *records = g_array_new (FALSE, TRUE, sizeof (Record));

	g_array_set_clear_func (records, clear_record);
	for (guint i = 0; i < n; i++) {
		Record record;

		if (!take_record (reader, &record)) {
			g_array_unref (records);
			return NULL;
		}
		g_array_append_val (records, record);
	}
	return records;
}

/* The name at the end of a record, behind @skip octets, which it fills. (transfer full) */
static char *
name_in (const Reader *reader, const Record *record, guint skip)
{
	long len = 0;
	char *name;

	if (record->data_len <= skip)
		return NULL;
	name = name_at (reader, record->data + skip, &len);
	if (name != NULL && (guint) len != record->data_len - skip)
		g_clear_pointer (&name, g_free);
	return name;
}

/* ---- meaning --------------------------------------------------------------------------------- */

static void
age_with (MmMxAnswer *answer, guint32 ttl)
{
	answer->ttl = answer->has_ttl ? MIN (answer->ttl, ttl) : ttl;
	answer->has_ttl = TRUE;
}

/* What @name is an alias of, or NULL. (transfer full) */
static char *
alias_of (const Reader *reader, GArray *records, const char *name, MmMxAnswer *answer)
{
	for (guint i = 0; i < records->len; i++) {
		const Record *record = &g_array_index (records, Record, i);

		if (record->type == ns_t_cname && g_str_equal (record->owner, name)) {
			age_with (answer, record->ttl);
			return name_in (reader, record, 0);
		}
	}
	return NULL;
}

/* The name that stands for @domain in the end. (transfer full) */
static char *
last_name (const Reader *reader, GArray *records, const char *domain, MmMxAnswer *answer)
{
	char *name = g_strdup (domain);

	for (guint i = 0; i < MAX_ALIASES; i++) {
		char *next = alias_of (reader, records, name, answer);

		if (next == NULL)
			break;
		g_free (name);
		name = next;
	}
	return name;
}

static int
by_preference (gconstpointer a, gconstpointer b)
{
	const Exchange *one = a;
	const Exchange *other = b;

	if (one->preference != other->preference)
		return one->preference < other->preference ? -1 : 1;
	return strcmp (one->host, other->host);
}

/* The hosts of all MX records of @name. *@out_found: there are records, though "." and what is no
 * host name is left out: nothing can be delivered there. */
static GArray *
exchanges_of (const Reader *reader, GArray *records, const char *name, MmMxAnswer *answer,
              gboolean *out_found)
{
	GArray *exchanges = g_array_new (FALSE, FALSE, sizeof (Exchange));

	g_array_set_clear_func (exchanges, clear_exchange);
	*out_found = FALSE;
	for (guint i = 0; i < records->len && exchanges->len < MM_MX_MAX_HOSTS; i++) {
		const Record *record = &g_array_index (records, Record, i);
		Exchange exchange;

		if (record->type != ns_t_mx || !g_str_equal (record->owner, name))
			continue;
		exchange.host = name_in (reader, record, 2);
		if (exchange.host == NULL)
			continue;
		*out_found = TRUE;
		age_with (answer, record->ttl);
		exchange.preference = (guint) (record->data[0] << 8 | record->data[1]);
		if (mm_mx_is_name (exchange.host))
			g_array_append_val (exchanges, exchange);
		else
			g_free (exchange.host);
	}
	g_array_sort (exchanges, by_preference);
	return exchanges;
}

static char **
hosts_of (GArray *exchanges)
{
	g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

	for (guint i = 0; i < exchanges->len; i++)
		g_strv_builder_add (builder, g_array_index (exchanges, Exchange, i).host);
	return g_strv_builder_end (builder);
}

/* RFC 2308 5: a "no" may be kept as long as the SOA record that comes with it, and its last number,
 * say. FALSE if this is no answer at all but says whom to ask instead. */
static gboolean
read_authority (GArray *records, gboolean authoritative, MmMxAnswer *answer)
{
	gboolean refers = FALSE;

	for (guint i = 0; i < records->len; i++) {
		const Record *record = &g_array_index (records, Record, i);
		Reader tail = {record->data, record->data_len, 0};
		guint32 minimum;

		if (record->type == ns_t_ns)
			refers = TRUE;
		if (record->type != ns_t_soa || record->data_len < 22)
			continue;
		tail.at = record->data_len - 4;
		if (take_number (&tail, 4, &minimum))
			age_with (answer, MIN (record->ttl, minimum));
		return TRUE;
	}
	return authoritative || !refers;
}

/* The MX records, or that there are none. A domain that exists takes its mail itself then (RFC 5321
 * 5.1), and so does what an alias leads to; records that are neither are no answer. */
static void
read_records (const Reader *reader, GArray *records, const char *domain, gboolean no_more,
              MmMxAnswer *answer)
{
	g_autofree char *name = last_name (reader, records, domain, answer);
	gboolean found;
	g_autoptr (GArray) exchanges = exchanges_of (reader, records, name, answer, &found);
	gboolean none = records->len == 0 || !g_str_equal (name, domain);
	const char *itself[] = {name, NULL};

	if (found)
		answer->hosts = hosts_of (exchanges);
	else if (none && no_more && mm_mx_is_name (name))
		answer->hosts = g_strdupv ((char **) itself);
	if (answer->hosts != NULL)
		answer->state = MM_MX_KNOWN;
}

static gboolean
skip_questions (Reader *reader, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = take_name (reader);
		guint32 kind;

		if (name == NULL || !take_number (reader, 4, &kind))
			return FALSE;
	}
	return TRUE;
}

/* The numbers of the head (RFC 1035 4.1.1). */
enum { ID, FLAGS, QUESTIONS, ANSWERS, AUTHORITY, ADDITIONAL, N_NUMBERS };
#define FLAG_AUTHORITATIVE 0x0400
#define FLAG_CODE 0x000f

MmMxAnswer
mm_mx_answer_read (const char *domain, const guint8 *octets, gsize len)
{
	Reader reader = {octets, len, 0};
	MmMxAnswer answer = {.state = MM_MX_FAILED};
	g_autoptr (GArray) records = NULL;
	g_autoptr (GArray) authority = NULL;
	guint32 head[N_NUMBERS];
	gboolean no_more;

	for (guint i = 0; i < N_NUMBERS; i++)
		if (!take_number (&reader, 2, &head[i]))
			return answer;
	if (!skip_questions (&reader, head[QUESTIONS]))
		return answer;
	records = take_records (&reader, head[ANSWERS]);
	if (records != NULL)
		authority = take_records (&reader, head[AUTHORITY]);
	if (authority == NULL)
		return answer;
	no_more = read_authority (authority, (head[FLAGS] & FLAG_AUTHORITATIVE) != 0, &answer);
	if ((head[FLAGS] & FLAG_CODE) == ns_r_noerror)
		read_records (&reader, records, domain, no_more, &answer);
	else if ((head[FLAGS] & FLAG_CODE) == ns_r_nxdomain) {
		answer.state = MM_MX_KNOWN;
		answer.hosts = g_new0 (char *, 1);
	}
	return answer;
}
