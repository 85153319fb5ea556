/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log-syslog.c: lines to syslogd, from callbacks that must not wait for it.
 *
 * A datagram socket takes a few lines (net.unix.max_dgram_qlen: 10) before syslogd has read them, so
 * a line that is not taken at once is nothing unusual. The thread that waits instead of a callback is
 * made when it is needed first: most processes never need it, and it must not be made before a
 * fork.
 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <mailmend/limits.h>

#include "log-syslog.h"

/* How often the thread looks whether somebody listens at all. */
#define RETRY_MS 1000

struct _MmSyslog {
	struct sockaddr_un address;
	char *ident;
	int facility;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t more;  /* a line waits, or the thread is to end */
	pthread_cond_t empty; /* none does; how many are lost may not be told yet */
	int fd;               /* -1: not connected */
	GQueue waiting;       /* of char *: whole datagrams; the first one may be on its way */
	guint64 lost;         /* lines there was no room for; not told yet */
	gboolean has_thread;
	gboolean ending;
	pthread_t thread;
};

typedef enum {
	SENT,
	FULL,   /* syslogd has not read what it got before */
	NOBODY, /* nobody listens */
} Outcome;

MmSyslog *
mm_syslog_new (const char *path, const char *ident, int facility)
{
	MmSyslog *writer = g_new0 (MmSyslog, 1);
	pthread_condattr_t monotonic;

	writer->address.sun_family = AF_UNIX;
	g_strlcpy (writer->address.sun_path, path, sizeof writer->address.sun_path);
	writer->ident = g_strdup (ident);
	writer->facility = facility;
	writer->fd = -1;
	g_queue_init (&writer->waiting);
	pthread_mutex_init (&writer->lock, NULL);
	pthread_cond_init (&writer->more, NULL);
	pthread_condattr_init (&monotonic);
	pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init (&writer->empty, &monotonic);
	pthread_condattr_destroy (&monotonic);
	return writer;
}

/* ---- the socket -------------------------------------------------------------------------------- */

static void
disconnect (MmSyslog *writer)
{
	if (writer->fd >= 0)
		close (writer->fd);
	writer->fd = -1;
}

static void
reconnect (MmSyslog *writer)
{
	disconnect (writer);
	writer->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (writer->fd >= 0 &&
	    connect (writer->fd, (const struct sockaddr *) &writer->address,
	             sizeof writer->address) != 0)
		disconnect (writer);
}

/* A syslogd that was started anew listens at another socket of the same name. */
static Outcome
send_datagram (MmSyslog *writer, const char *datagram)
{
	for (guint attempt = 0; attempt < 2; attempt++) {
		if (writer->fd >= 0 &&
		    send (writer->fd, datagram, strlen (datagram), MSG_NOSIGNAL) >= 0)
			return SENT;
		if (writer->fd >= 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR))
			return FULL;
		if (attempt == 0)
			reconnect (writer);
	}
	return NOBODY;
}

/* As RFC 3164 4.1 has it and every syslogd takes it from /dev/log: no host. (transfer full) */
static char *
make_datagram (const MmSyslog *writer, int priority, const char *text)
{
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t now = time (NULL);
	struct tm local = {0};

	localtime_r (&now, &local);
	return g_strdup_printf ("<%d>%s %2d %02d:%02d:%02d %s[%ld]: %s",
	                        priority | writer->facility, months[local.tm_mon % 12],
	                        local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
	                        writer->ident, (long) getpid (), text);
}

/* Law 8: what could not be logged is at least counted. SENT: there is nothing more to be told. */
static Outcome
tell_lost (MmSyslog *writer)
{
	g_autofree char *text = NULL;
	g_autofree char *datagram = NULL;
	Outcome outcome;

	if (writer->lost == 0)
		return SENT;
	text = g_strdup_printf ("%" G_GUINT64_FORMAT " lines of this log are lost: syslogd did not "
	                        "take them", writer->lost);
	datagram = make_datagram (writer, LOG_ERR, text);
	outcome = send_datagram (writer, datagram);
	if (outcome == SENT)
		writer->lost = 0;
	return outcome;
}

/* ---- the thread -------------------------------------------------------------------------------- */

/* With the lock. Where nobody listens a line is lost, as with syslog(3). */
static Outcome
send_first (MmSyslog *writer)
{
	Outcome outcome = send_datagram (writer, g_queue_peek_head (&writer->waiting));

	if (outcome == FULL)
		return FULL;
	g_free (g_queue_pop_head (&writer->waiting));
	writer->lost += outcome == NOBODY;
	return outcome;
}

static void *
serve (void *data)
{
	MmSyslog *writer = data;

	pthread_mutex_lock (&writer->lock);
	while (!writer->ending) {
		gboolean idle = g_queue_is_empty (&writer->waiting);
		Outcome outcome = idle ? tell_lost (writer) : send_first (writer);

		if (idle)
			pthread_cond_broadcast (&writer->empty);
		if (outcome == FULL) {
			struct pollfd room = {.fd = writer->fd, .events = POLLOUT};

			pthread_mutex_unlock (&writer->lock);
			poll (&room, 1, RETRY_MS);
			pthread_mutex_lock (&writer->lock);
		} else if (idle) {
			pthread_cond_wait (&writer->more, &writer->lock);
		}
	}
	pthread_mutex_unlock (&writer->lock);
	return NULL;
}

/* With all signals blocked: those for libmilter must not end up here. */
static gboolean
start_thread (MmSyslog *writer)
{
	sigset_t all, before;

	sigfillset (&all);
	pthread_sigmask (SIG_SETMASK, &all, &before);
	writer->has_thread = pthread_create (&writer->thread, NULL, serve, writer) == 0;
	pthread_sigmask (SIG_SETMASK, &before, NULL);
	return writer->has_thread;
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* With the lock. Takes @datagram. */
static void
wait_for_room (MmSyslog *writer, char *datagram)
{
	if (g_queue_get_length (&writer->waiting) >= MM_LIMIT_log_queue ||
	    (!writer->has_thread && !start_thread (writer))) {
		writer->lost++;
		g_free (datagram);
		return;
	}
	g_queue_push_tail (&writer->waiting, datagram);
	pthread_cond_signal (&writer->more);
}

void
mm_syslog_write (MmSyslog *writer, int priority, const char *text)
{
	char *datagram = make_datagram (writer, priority, text);
	Outcome outcome = FULL;

	pthread_mutex_lock (&writer->lock);
	if (g_queue_is_empty (&writer->waiting)) {
		tell_lost (writer);
		outcome = send_datagram (writer, datagram);
	}
	if (outcome == FULL)
		wait_for_room (writer, g_steal_pointer (&datagram));
	writer->lost += outcome == NOBODY;
	pthread_mutex_unlock (&writer->lock);
	g_free (datagram);
}

/* With the lock. TRUE if there is something to say that somebody may still listen to. */
static gboolean
has_more (MmSyslog *writer)
{
	return !g_queue_is_empty (&writer->waiting) || tell_lost (writer) == FULL;
}

gboolean
mm_syslog_flush (MmSyslog *writer, guint ms)
{
	struct timespec end;
	gboolean more;
	int code = 0;

	clock_gettime (CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += (long) (ms % 1000) * 1000 * 1000;
	end.tv_sec += end.tv_nsec / (1000 * 1000 * 1000);
	end.tv_nsec %= 1000 * 1000 * 1000;
	pthread_mutex_lock (&writer->lock);
	while ((more = has_more (writer)) && code == 0) {
		if (!writer->has_thread && !start_thread (writer))
			break;
		pthread_cond_signal (&writer->more);
		code = pthread_cond_timedwait (&writer->empty, &writer->lock, &end);
	}
	pthread_mutex_unlock (&writer->lock);
	return !more;
}

void
mm_syslog_free (MmSyslog *writer)
{
	pthread_mutex_lock (&writer->lock);
	writer->ending = TRUE;
	pthread_cond_signal (&writer->more);
	pthread_mutex_unlock (&writer->lock);
	if (writer->has_thread)
		pthread_join (writer->thread, NULL);
	disconnect (writer);
	g_queue_clear_full (&writer->waiting, g_free);
	pthread_mutex_destroy (&writer->lock);
	pthread_cond_destroy (&writer->more);
	pthread_cond_destroy (&writer->empty);
	g_free (writer->ident);
	g_free (writer);
}
