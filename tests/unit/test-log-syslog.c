/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-log-syslog.c: a syslogd that reads, hangs, is full, dies and comes again.
 */
#include <config.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <mailmend/limits.h>

#include "../../milter/daemon/log-syslog.h"

typedef struct {
	char *folder;
	char *path;
	int fd; /* of syslogd; -1: nobody listens */
	MmSyslog *syslog;
} Fixture;

static void
listen_again (Fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = 20};

	g_strlcpy (address.sun_path, f->path, sizeof address.sun_path);
	f->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint (f->fd, >=, 0);
	g_assert_cmpint (bind (f->fd, (const struct sockaddr *) &address, sizeof address), ==, 0);
	setsockopt (f->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static void
stop_listening (Fixture *f)
{
	close (f->fd);
	f->fd = -1;
	g_unlink (f->path);
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	f->folder = g_dir_make_tmp ("mailmend-syslog-XXXXXX", NULL);
	f->path = g_build_filename (f->folder, "log", NULL);
	listen_again (f);
	f->syslog = mm_syslog_new (f->path, "ident", LOG_MAIL);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_clear_pointer (&f->syslog, mm_syslog_free);
	if (f->fd >= 0)
		stop_listening (f);
	g_rmdir (f->folder);
	g_free (f->path);
	g_free (f->folder);
}

/* The text of the next line, whose head must be right. (transfer full) */
static char *
next_line (const Fixture *f)
{
	char octets[8192];
	gssize n = recv (f->fd, octets, sizeof octets - 1, 0);
	g_autofree char *wanted = g_strdup_printf (" ident[%ld]: ", (long) getpid ());
	g_autofree char *priority = NULL;
	char *text;

	g_assert_cmpint (n, >, 0);
	octets[n] = '\0';
	text = strstr (octets, wanted);
	g_assert_nonnull (text);
	priority = g_strndup (octets, strcspn (octets, ">") + 1);
	g_assert_true (g_str_equal (priority, "<22>") || g_str_equal (priority, "<19>"));
	/* "Nov  2 12:34:56" */
	g_assert_cmpint (text - octets, ==, (gssize) strlen (priority) + 15);
	return g_strdup (text + strlen (wanted));
}

static void
expect (const Fixture *f, const char *wanted)
{
	g_autofree char *got = next_line (f);

	g_assert_cmpstr (got, ==, wanted);
}

static void
write_number (const Fixture *f, guint number)
{
	g_autofree char *text = g_strdup_printf ("line %u", number);

	mm_syslog_write (f->syslog, LOG_INFO, text);
}

static void
expect_numbers (const Fixture *f, guint from, guint to)
{
	for (guint n = from; n < to; n++) {
		g_autofree char *wanted = g_strdup_printf ("line %u", n);

		expect (f, wanted);
	}
}

static void
test_reads (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_syslog_write (f->syslog, LOG_INFO, "a");
	mm_syslog_write (f->syslog, LOG_ERR, "100%s");
	expect (f, "a");
	expect (f, "100%s");
	g_assert_true (mm_syslog_flush (f->syslog, 0));
}

/* No writer waits; all comes in order when syslogd goes on. */
static void
test_hangs (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const guint n = 5000;

	for (guint i = 0; i < n; i++)
		write_number (f, i);
	g_assert_false (mm_syslog_flush (f->syslog, 10));
	expect_numbers (f, 0, n);
	g_assert_true (mm_syslog_flush (f->syslog, 20000));
	write_number (f, n);
	expect_numbers (f, n, n + 1);
}

/* What is lost is told behind what is not. How many the socket itself holds is the system's. */
static void
test_full (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const guint n = MM_LIMIT_log_queue + 5000;
	guint lost = 0, kept;
	g_autofree char *told = NULL;

	for (guint i = 0; i < n; i++)
		write_number (f, i);
	for (kept = 0; told == NULL; kept++) {
		g_autofree char *wanted = g_strdup_printf ("line %u", kept);
		g_autofree char *got = next_line (f);

		if (!g_str_equal (got, wanted))
			told = g_steal_pointer (&got);
	}
	kept--;
	g_assert_cmpint (sscanf (told, "%u lines of this log are lost: ", &lost), ==, 1);
	g_assert_cmpuint (kept, >=, MM_LIMIT_log_queue);
	g_assert_cmpuint (kept + lost, ==, n);
	write_number (f, n);
	expect_numbers (f, n, n + 1);
}

static gpointer
flush_and_end (gpointer data)
{
	Fixture *f = data;
	gboolean flushed = mm_syslog_flush (f->syslog, 20000);

	g_clear_pointer (&f->syslog, mm_syslog_free);
	return GINT_TO_POINTER (flushed);
}

/* Not even at the end the number of lost lines is lost. */
static void
test_full_at_end (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const guint n = MM_LIMIT_log_queue + 5000;
	GThread *ending;
	guint kept, lost = 0;

	for (guint i = 0; i < n; i++)
		write_number (f, i);
	ending = g_thread_new ("ending", flush_and_end, f);
	for (kept = 0; lost == 0; kept++) {
		g_autofree char *got = next_line (f);

		sscanf (got, "%u lines of this log are lost: ", &lost);
	}
	g_assert_cmpuint (kept - 1 + lost, ==, n);
	g_assert_true (GPOINTER_TO_INT (g_thread_join (ending)));
}

/* As with syslog(3) nobody waits for a syslogd that is not there; but the number is known. */
static void
test_dies (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	write_number (f, 0);
	expect_numbers (f, 0, 1);
	stop_listening (f);
	for (guint i = 1; i < 4; i++)
		write_number (f, i);
	g_assert_true (mm_syslog_flush (f->syslog, 0));
	listen_again (f);
	write_number (f, 4);
	expect (f, "3 lines of this log are lost: syslogd did not take them");
	expect_numbers (f, 4, 5);
}

/* Another socket of the same name, while lines wait for the old one. */
static void
test_starts_anew (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const guint n = 1000;
	guint number = 0;

	for (guint i = 0; i < n; i++)
		write_number (f, i);
	stop_listening (f);
	listen_again (f);
	write_number (f, n);
	/* some are lost with the old socket, or while there was none, at most all but the last */
	while (number < n) {
		g_autofree char *got = next_line (f);

		if (sscanf (got, "line %u", &number) == 1)
			g_assert_cmpuint (number, >, 0);
		else
			g_assert_nonnull (strstr (got, " lines of this log are lost: "));
	}
	g_assert_true (mm_syslog_flush (f->syslog, 20000));
}

static gpointer
write_many (gpointer data)
{
	for (guint i = 0; i < 500; i++)
		mm_syslog_write (data, LOG_INFO, "same");
	return NULL;
}

static void
test_threads (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	GThread *threads[4];

	for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
		threads[i] = g_thread_new ("writer", write_many, f->syslog);
	for (guint i = 0; i < 500 * G_N_ELEMENTS (threads); i++)
		expect (f, "same");
	for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
		g_thread_join (threads[i]);
	g_assert_true (mm_syslog_flush (f->syslog, 20000));
}

#define ADD(name, test)                                                                            \
	g_test_add ("/log-syslog/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	ADD ("reads", test_reads);
	ADD ("hangs", test_hangs);
	ADD ("full", test_full);
	ADD ("full-at-end", test_full_at_end);
	ADD ("dies", test_dies);
	ADD ("starts-anew", test_starts_anew);
	ADD ("threads", test_threads);
	return g_test_run ();
}
