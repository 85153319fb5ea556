/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.c: syslog, standard error or a file.
 *
 * A line is one write(2) to a descriptor in append mode, so lines of several threads never mix and
 * no lock is needed. libmilter logs to syslog(3) and nowhere else; while the daemon starts, syslog is
 * asked to show its messages on standard error too: "Unable to bind to port" must reach the person.
 * Where systemd's journal reads standard error, messages of the start go there and not to syslog:
 * of a datagram whose sender is gone the journal no longer finds out to which unit it belonged.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <mailmend/bytes.h>
#include <mailmend/error.h>

#include "log-syslog.h"
#include "log.h"

struct _MmLog {
	int fd; /* -1: syslog */
	char *file; /* NULL: none */
	gboolean made; /* the file is new */
	gboolean journal; /* standard error is read by systemd's journal */
	MmSyslog *syslog; /* NULL: another log */
	int facility;
	gboolean verbose;
	int starting; /* atomic */
};

static void
open_syslog (const MmLog *log)
{
	gboolean show = g_atomic_int_get (&log->starting) || log->fd == STDERR_FILENO;

	closelog ();
	openlog (MM_LOG_IDENT, LOG_PID | (show ? LOG_PERROR : 0), log->facility);
}

/* systemd says in $JOURNAL_STREAM, as "device:inode", which stream it reads: it may have been
 * replaced since. */
static gboolean
is_journal (int fd)
{
	const char *stream = g_getenv ("JOURNAL_STREAM");
	g_autofree char *ours = NULL;
	struct stat info;

	if (stream == NULL || fstat (fd, &info) != 0)
		return FALSE;
	ours = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) info.st_dev,
	                        (guint64) info.st_ino);
	return g_str_equal (stream, ours);
}

const char *
mm_log_usual (gboolean foreground)
{
	return foreground && !is_journal (STDERR_FILENO) ? "stderr" : "syslog";
}

/* Where systemd reads it, it names us and the time itself, and takes the level from "<N>". */
static char *
stderr_line (const MmLog *log, int priority, const char *text)
{
	if (log->journal)
		return g_strdup_printf ("<%d>%s\n", priority, text);
	return g_strdup_printf (MM_LOG_IDENT "[%ld]: %s\n", (long) getpid (), text);
}

static int
open_file (const char *path, gboolean *out_made, GError **error)
{
	int fd = open (path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);

	*out_made = fd < 0 && errno == ENOENT;
	if (*out_made)
		fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC, 0640);
	if (fd < 0)
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "LogTo = %s: %s", path,
		             g_strerror (errno));
	return fd;
}

MmLog *
mm_log_new (const char *to, int facility, gboolean verbose, GError **error)
{
	g_autoptr (MmLog) log = g_new0 (MmLog, 1);

	log->facility = facility;
	log->verbose = verbose;
	log->starting = TRUE;
	log->journal = is_journal (STDERR_FILENO);
	if (g_str_equal (to, "syslog")) {
		log->fd = -1;
		log->syslog = mm_syslog_new (_PATH_LOG, MM_LOG_IDENT, facility);
	} else if (g_str_equal (to, "stderr"))
		log->fd = STDERR_FILENO;
	else {
		log->file = g_strdup (to);
		log->fd = open_file (to, &log->made, error);
		if (log->fd < 0)
			return NULL;
	}
	open_syslog (log);
	return g_steal_pointer (&log);
}

void
mm_log_started (MmLog *log)
{
	g_atomic_int_set (&log->starting, FALSE);
	open_syslog (log);
}

void
mm_log_hand_over (MmLog *log, uid_t uid, gid_t gid)
{
	/* Where that fails, only a reopening will, and says so. */
	if (log->made && fchown (log->fd, uid, gid) != 0)
		g_debug ("the file of the log stays root's");
}

/* The number of the descriptor stays, so that writers need no lock. */
gboolean
mm_log_reopen (MmLog *log, GError **error)
{
	gboolean made;
	gboolean fine;
	int fd;

	if (log->file == NULL)
		return TRUE;
	fd = open_file (log->file, &made, error);
	if (fd < 0)
		return FALSE;
	fine = dup3 (fd, log->fd, O_CLOEXEC) >= 0;
	if (!fine)
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "LogTo = %s: %s", log->file,
		             g_strerror (errno));
	close (fd);
	return fine;
}

gboolean
mm_log_is_stderr (const MmLog *log)
{
	return log->fd == STDERR_FILENO;
}

/* A line that can't be written has nowhere else to go. */
static void
write_line (int fd, const char *line, gsize len)
{
	gssize ignored = write (fd, line, len);

	(void) ignored;
}

/* ISO 8601 with microseconds. GDateTime would look up anew, in the file system, where we are. */
static void
write_dated (int fd, const char *text)
{
	gint64 now = g_get_real_time ();
	time_t seconds = (time_t) (now / G_USEC_PER_SEC);
	char stamp[64] = "", zone[16] = "", head[128];
	gsize len = strlen (text);
	g_autofree char *line = g_malloc (sizeof head + len + 1);
	gsize head_len;
	struct tm local;

	if (localtime_r (&seconds, &local) != NULL) {
		strftime (stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &local);
		strftime (zone, sizeof zone, "%z", &local);
	}
	g_snprintf (head, sizeof head, "%s.%06d%.3s:%s " MM_LOG_IDENT "[%ld]: ", stamp,
	            (int) (now % G_USEC_PER_SEC), zone,
	            zone + MIN (strlen (zone), strlen ("+01")), (long) getpid ());
	head_len = strlen (head);
	memcpy (line, head, head_len);
	memcpy (line + head_len, text, len);
	line[head_len + len] = '\n';
	write_line (fd, line, head_len + len + 1);
}

static gboolean
is_printable (const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return FALSE;
	return TRUE;
}

static void
write_text (MmLog *log, int priority, const char *text)
{
	gboolean starting = g_atomic_int_get (&log->starting);
	gboolean journal = log->syslog != NULL && log->journal && starting;

	if (log->syslog != NULL && !journal)
		mm_syslog_write (log->syslog, priority, text);
	if (log->fd == STDERR_FILENO || (starting && (log->syslog != NULL || priority <= LOG_ERR))) {
		g_autofree char *line = stderr_line (log, priority, text);

		write_line (STDERR_FILENO, line, strlen (line));
	}
	if (log->fd >= 0 && log->fd != STDERR_FILENO)
		write_dated (log->fd, text);
}

gboolean
mm_log_flush (MmLog *log, guint ms)
{
	return log->syslog == NULL || mm_syslog_flush (log->syslog, ms);
}

/* What came with mail is printable by now; names of files and messages of libraries need not be. */
void
mm_log_write (MmLog *log, int priority, const char *text)
{
	g_autofree char *printable = NULL;

	if (priority == LOG_DEBUG && !log->verbose)
		return;
	if (!is_printable (text))
		printable = mm_bytes_printable (mm_bytes_str (text), G_MAXSIZE);
	write_text (log, priority, printable != NULL ? printable : text);
}

void
mm_log (MmLog *log, int priority, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (priority == LOG_DEBUG && !log->verbose)
		return;
	va_start (args, format);
	text = g_strdup_vprintf (format, args);
	va_end (args);
	mm_log_write (log, priority, text);
}

static int
glib_priority (GLogLevelFlags level)
{
	if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
		return LOG_ERR;
	if (level & G_LOG_LEVEL_WARNING)
		return LOG_WARNING;
	return LOG_DEBUG;
}

/* GLogWriterFunc: GMime warns through GLib, with octets of the mail in its text. */
static GLogWriterOutput
write_glib (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
	MmBytes message = {NULL, 0};
	const char *domain = "";
	g_autofree char *text = NULL;

	for (gsize i = 0; i < n_fields; i++) {
		gssize len = fields[i].length;

		if (g_str_equal (fields[i].key, "MESSAGE"))
			message = len < 0 ? mm_bytes_str (fields[i].value)
			                  : mm_bytes (fields[i].value, (gsize) len);
		else if (g_str_equal (fields[i].key, "GLIB_DOMAIN") && len < 0)
			domain = fields[i].value;
	}
	text = mm_bytes_printable (message, 1000);
	mm_log (data, glib_priority (level), "%s: %s", domain, text);
	return G_LOG_WRITER_HANDLED;
}

void
mm_log_catch_glib (MmLog *log)
{
	g_log_set_writer_func (write_glib, log, NULL);
}

void
mm_log_free (MmLog *log)
{
	if (log == NULL)
		return;
	if (log->fd > STDERR_FILENO)
		close (log->fd);
	closelog ();
	g_clear_pointer (&log->syslog, mm_syslog_free);
	g_free (log->file);
	g_free (log);
}
