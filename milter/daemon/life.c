/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * life.c: signs of life for systemd, and a quick end.
 *
 * A sign of life says that an MTA which connects now is answered: the daemon has called itself
 * (see self.h). A machine that is short of everything may be too slow for that, and a filter that
 * works must not be killed: a message that has come to its end since the last sign is one too.
 * What it does not say is that a message is judged well, or in time; for that there is Deadline.
 *
 * Some daemons can't call themselves, for example because a firewall is in the way. Until the first
 * call is answered a sign says only that this thread runs and that the lock that every message
 * needs can be taken.
 *
 * SIGTERM and SIGHUP are taken here, before libmilter can (of threads that wait for a signal Linux
 * takes the oldest; where it does not, all that is lost is time), and then left to libmilter. It
 * stops when its listener looks whether it shall, every five seconds or when somebody calls;
 * meanwhile no new connection is served. So somebody calls: a restart costs a fraction of a second
 * instead.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "life.h"
#include "notify.h"
#include "self.h"
#include "thread.h"

/* Of what systemd waits: between two signs, for an answer, before another try. So a daemon that
 * does not answer is asked at least three times. */
#define PERIOD 3
#define ANSWER 6
#define RETRY 30

/* Without a watchdog: any time. */
#define FOREVER (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

/* The calls that make libmilter look, and the time between two. */
#define KNOCKS 50
#define KNOCK_STEP (G_USEC_PER_SEC / 50)

struct _MmLife {
	MmServer *server;
	MmSelf *self;    /* NULL: nobody to call */
	gint64 patience; /* of systemd, in microseconds; 0: no watchdog */
	gboolean can_ask; /* a call was answered once */
	gboolean silent; /* the last one was not */
	gboolean left;   /* signals are libmilter's now */
	guint served;    /* messages, when the last sign was given */
	int ending;      /* atomic */
};

static void
stop_signals (sigset_t *set)
{
	sigemptyset (set);
	sigaddset (set, SIGTERM);
	sigaddset (set, SIGHUP);
}

void
mm_life_end (MmLife *life)
{
	if (g_atomic_int_compare_and_exchange (&life->ending, FALSE, TRUE))
		mm_notify_stopping ();
}

/* ---- the end --------------------------------------------------------------------------------- */

/* The signal goes to the only thread that still waits for it: libmilter's, or none that is there
 * yet, and then it waits for that. (A call of its stopping function would race with its start.) */
static void
stop (MmLife *life)
{
	mm_life_end (life);
	life->left = TRUE;
	(void) kill (getpid (), SIGTERM);
	for (guint n = 0; life->self != NULL && n < KNOCKS; n++) {
		g_usleep (KNOCK_STEP);
		if (!mm_self_knock (life->self))
			return;
	}
}

/* ---- signs of life --------------------------------------------------------------------------- */

static void
log_silence (MmLife *life, const GError *error)
{
	MmLog *log = mm_server_log (life->server);

	if (life->silent || life->patience == 0 || g_atomic_int_get (&life->ending))
		return;
	life->silent = TRUE;
	if (life->can_ask)
		mm_log (log, LOG_ERR, "watchdog: the filter does not answer itself: %s",
		        error->message);
	else
		mm_log (log, LOG_WARNING,
		        "watchdog: the filter cannot call itself, so only its locks are watched: %s",
		        error->message);
}

static gboolean
is_answered (MmLife *life)
{
	g_autoptr (GError) error = NULL;

	if (life->self == NULL)
		return FALSE;
	if (!mm_self_ask (life->self, life->patience / ANSWER, &error)) {
		log_silence (life, error);
		return FALSE;
	}
	if (life->silent && life->can_ask)
		mm_log_write (mm_server_log (life->server), LOG_WARNING,
		              "watchdog: the filter answers again");
	life->silent = FALSE;
	life->can_ask = TRUE;
	return TRUE;
}

static gboolean
is_alive (MmLife *life)
{
	guint served = mm_server_served (life->server);
	gboolean worked = served != life->served;

	life->served = served;
	if (g_atomic_int_get (&life->ending) || is_answered (life) || worked)
		return TRUE;
	if (life->can_ask)
		return g_atomic_int_get (&life->ending);
	mm_config_unref (mm_server_config (life->server));
	return TRUE;
}

/* Microseconds until the next. */
static gint64
give_sign (MmLife *life)
{
	if (life->patience == 0)
		return FOREVER;
	if (!is_alive (life))
		return life->patience / RETRY;
	mm_notify_alive ();
	return life->patience / PERIOD;
}

/* Waits for a signal, at most @usec microseconds. */
static gboolean
is_told_to_stop (const MmLife *life, gint64 usec)
{
	const struct timespec wait = {usec / G_USEC_PER_SEC, usec % G_USEC_PER_SEC * 1000};
	sigset_t set;

	if (life->left) {
		g_usleep ((gulong) usec);
		return FALSE;
	}
	stop_signals (&set);
	return sigtimedwait (&set, NULL, &wait) > 0;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void *
live (void *data)
{
	MmLife *life = data;

	for (;;) {
		if (is_told_to_stop (life, give_sign (life)))
			stop (life);
	}
	return NULL;
}

MmLife *
mm_life_start (MmServer *server, const MmSocket *socket, GError **error)
{
	MmLife *life = g_new0 (MmLife, 1);
	g_autoptr (GError) why = NULL;
	sigset_t set;

	life->server = server;
	life->patience = (gint64) mm_notify_patience ();
	life->self = mm_self_new (socket, &why);
	if (life->self == NULL)
		log_silence (life, why);
	stop_signals (&set);
	pthread_sigmask (SIG_BLOCK, &set, NULL);
	if (mm_thread_start (live, life, error))
		return life;
	g_clear_pointer (&life->self, mm_self_free);
	g_free (life);
	return NULL;
}
