/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stats.c: a line of numbers in the log now and then, for those who have nothing but the log.
 *
 * A thread of its own sleeps from one line to the next. Another StatsInterval counts from the line
 * after the one it waits for.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <mailmend/error.h>

#include "stats.h"

/* Between two looks at the configuration while there is to be no line. */
#define LOOK_SECONDS 60

struct _MmStats {
	MmServer *server;
	pthread_t thread;
	pthread_mutex_t lock; /* guards stopping */
	pthread_cond_t wake;
	gboolean stopping;
	MmTotals last; /* the thread's, and whose is the one that has stopped it */
	gint64 since;  /* monotonic time of these */
};

/* ---- the line -------------------------------------------------------------------------------- */

static guint64
sum_actions (const MmTotals *totals)
{
	guint64 sum = 0;

	for (guint i = 0; i < MM_N_ACTIONS; i++)
		sum += totals->actions[i];
	return sum;
}

static void
subtract (MmTotals *from, const MmTotals *before)
{
	for (guint i = 0; i < MM_N_ACTIONS; i++)
		from->actions[i] -= before->actions[i];
	for (guint i = 0; i < MM_N_COUNTS; i++)
		from->counts[i] -= before->counts[i];
	for (guint i = 0; i < MM_TIME_BUCKETS; i++)
		from->times[i] -= before->times[i];
}

static void
put_fields (GString *out, const MmTotals *totals, guint64 seconds, gboolean json)
{
	const struct {
		const char *key;
		guint64 value;
	} fields[] = {
		{"messages", sum_actions (totals)},
		{"clean", totals->actions[MM_ACTION_NONE]},
		{"logged", totals->actions[MM_ACTION_LOG]},
		{"fixed", totals->actions[MM_ACTION_FIX]},
		{"rejected", totals->actions[MM_ACTION_REJECT]},
		{"quarantined", totals->actions[MM_ACTION_QUARANTINE]},
		{"tempfailed", totals->actions[MM_ACTION_TEMPFAIL]},
		{"errors", totals->actions[MM_ACTION_ERROR]},
		{"off", totals->counts[MM_COUNT_OFF]},
		{"bytes", totals->counts[MM_COUNT_BYTES]},
		{"sessions", totals->counts[MM_COUNT_SESSIONS]},
		{"p50_us", mm_times_percentile (totals->times, 50)},
		{"p99_us", mm_times_percentile (totals->times, 99)},
		{"seconds", seconds},
	};

	for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
		g_string_append_printf (out, "%s%s%s%" G_GUINT64_FORMAT, json ? ",\"" : " ",
		                        fields[i].key, json ? "\":" : "=", fields[i].value);
}

char *
mm_stats_format (const MmTotals *before, const MmTotals *after, guint64 seconds,
                 MmLogFormat format)
{
	gboolean json = format == MM_LOG_FORMAT_JSON;
	GString *out = g_string_new (json ? "{\"event\":\"stats\"" : "stats");
	MmTotals between = *after;

	subtract (&between, before);
	put_fields (out, &between, seconds, json);
	g_string_append (out, json ? "}" : "");
	return g_string_free (out, FALSE);
}

/* Where something came. */
static void
write_line (MmStats *stats)
{
	g_autoptr (MmConfig) config = mm_server_config (stats->server);
	const MmSettings *settings = mm_config_settings (config);
	g_autofree char *line = NULL;
	gint64 now = g_get_monotonic_time ();
	MmTotals totals;

	mm_metrics_totals (mm_server_metrics (stats->server), &totals);
	if (settings->stats_interval > 0 &&
	    (sum_actions (&totals) != sum_actions (&stats->last) ||
	     totals.counts[MM_COUNT_OFF] != stats->last.counts[MM_COUNT_OFF])) {
		guint64 us = (guint64) (now - stats->since);

		line = mm_stats_format (&stats->last, &totals,
		                        (us + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC,
		                        settings->log_format);
		mm_log_write (mm_server_log (stats->server), LOG_INFO, line);
	}
	stats->last = totals;
	stats->since = now;
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* FALSE: it is time to stop. */
static gboolean
sleep_for (MmStats *stats, guint seconds)
{
	struct timespec end;
	gboolean stopping;
	int code = 0;

	clock_gettime (CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	pthread_mutex_lock (&stats->lock);
	while (!stats->stopping && code != ETIMEDOUT)
		code = pthread_cond_timedwait (&stats->wake, &stats->lock, &end);
	stopping = stats->stopping;
	pthread_mutex_unlock (&stats->lock);
	return !stopping;
}

static guint
interval (MmStats *stats)
{
	g_autoptr (MmConfig) config = mm_server_config (stats->server);
	guint seconds = mm_config_settings (config)->stats_interval;

	return seconds > 0 ? seconds : LOOK_SECONDS;
}

static void *
serve (void *data)
{
	MmStats *stats = data;

	while (sleep_for (stats, interval (stats)))
		write_line (stats);
	return NULL;
}

/* With all signals blocked, as every thread that is not libmilter's. */
static int
start_thread (MmStats *stats)
{
	sigset_t all, before;
	int code;

	sigfillset (&all);
	pthread_sigmask (SIG_SETMASK, &all, &before);
	code = pthread_create (&stats->thread, NULL, serve, stats);
	pthread_sigmask (SIG_SETMASK, &before, NULL);
	return code;
}

MmStats *
mm_stats_start (MmServer *server, GError **error)
{
	MmStats *stats = g_new0 (MmStats, 1);
	pthread_condattr_t clock;
	int code;

	stats->server = server;
	stats->since = g_get_monotonic_time ();
	mm_metrics_totals (mm_server_metrics (server), &stats->last);
	pthread_mutex_init (&stats->lock, NULL);
	pthread_condattr_init (&clock);
	pthread_condattr_setclock (&clock, CLOCK_MONOTONIC);
	pthread_cond_init (&stats->wake, &clock);
	pthread_condattr_destroy (&clock);
	code = start_thread (stats);
	if (code == 0)
		return stats;
	pthread_mutex_destroy (&stats->lock);
	pthread_cond_destroy (&stats->wake);
	g_free (stats);
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "cannot start a thread: %s", g_strerror (code));
	return NULL;
}

void
mm_stats_stop (MmStats *stats)
{
	pthread_mutex_lock (&stats->lock);
	stats->stopping = TRUE;
	pthread_cond_signal (&stats->wake);
	pthread_mutex_unlock (&stats->lock);
	pthread_join (stats->thread, NULL);
	write_line (stats);
	pthread_mutex_destroy (&stats->lock);
	pthread_cond_destroy (&stats->wake);
	g_free (stats);
}
