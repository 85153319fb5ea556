/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload.c: another configuration in a running daemon.
 *
 * SIGUSR1 is blocked everywhere and fetched by one thread, which does all the work: there is no
 * handler, and no message waits. A signal is taken before the file is read, so one that comes while
 * it is read stays pending and leads to another reading: many become one, but the last change of
 * the file is always seen. While there is none the thread looks for originals that are too old.
 *
 * SIGHUP would be the usual one, but it is libmilter's, which stops at it.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include <mailmend/error.h>

#include "metrics.h"
#include "notify.h"
#include "reload.h"
#include "thread.h"

/* A file can be wrong in every line. */
#define MAX_PROBLEMS 50

typedef struct {
	MmServer *server;
	MmConfiguration configuration;
	MmConfig *started; /* what is changed only by a restart is compared with this */
	char *since;       /* when the one in force was read */
} MmReload;

static void
only_usr1 (sigset_t *set)
{
	sigemptyset (set);
	sigaddset (set, SIGUSR1);
}

void
mm_reload_hold (void)
{
	sigset_t set;

	only_usr1 (&set);
	pthread_sigmask (SIG_BLOCK, &set, NULL);
}

static char *
stamp (void)
{
	g_autoptr (GDateTime) now = g_date_time_new_now_local ();

	return g_date_time_format (now, "%Y-%m-%dT%H:%M:%S%:z");
}

/* ---- one reload ------------------------------------------------------------------------------ */

static void
notify_failure (const MmReload *reload, const GPtrArray *problems)
{
	g_autofree char *status = g_strdup_printf (
		"Reload failed (%u problems), still running the configuration of %s: %s",
		problems->len, reload->since,
		problems->len > 0 ? (const char *) problems->pdata[0] : "no reason known");

	mm_notify_ready (status);
}

static void
log_failure (const MmReload *reload, const GPtrArray *problems)
{
	MmLog *log = mm_server_log (reload->server);

	mm_metrics_add (mm_server_metrics (reload->server), MM_COUNT_RELOAD_FAILURES, 1);
	mm_metrics_set (mm_server_metrics (reload->server), MM_COUNT_RELOAD_FAILED, 1);
	for (guint n = 0; n < MIN (problems->len, MAX_PROBLEMS); n++)
		mm_log (log, LOG_ERR, "reload failed, still running the configuration of %s: %s",
		        reload->since, (const char *) g_ptr_array_index (problems, n));
	if (problems->len > MAX_PROBLEMS)
		mm_log (log, LOG_ERR, "reload failed: %u more problems, see mailmend-milter -n",
		        problems->len - MAX_PROBLEMS);
	notify_failure (reload, problems);
}

/* Compared with what the process was started with: an earlier reload changed nothing of it. */
static void
log_restart (const MmReload *reload, MmConfig *config)
{
	g_autoptr (GPtrArray) keys = mm_config_restart_needed (reload->started, config);
	g_autofree char *text = NULL;

	if (keys->len == 0)
		return;
	g_ptr_array_add (keys, NULL);
	text = g_strjoinv (", ", (char **) keys->pdata);
	mm_log (mm_server_log (reload->server), LOG_WARNING,
	        "reloaded, but what was changed of these only counts after a restart: %s", text);
}

static void
log_success (const MmReload *reload, MmConfig *config, const GPtrArray *warnings)
{
	MmLog *log = mm_server_log (reload->server);
	g_autoptr (GPtrArray) policies = mm_config_policy_names (config);
	g_autofree char *status = NULL;

	for (guint n = 0; n < MIN (warnings->len, MAX_PROBLEMS); n++)
		mm_log_write (log, LOG_WARNING, g_ptr_array_index (warnings, n));
	mm_log (log, LOG_INFO, "reloaded: %u policies, %u rules", policies->len,
	        mm_config_n_rules (config));
	log_restart (reload, config);
	status = g_strdup_printf ("Serving, configuration of %s: %u policies, %u rules",
	                          reload->since, policies->len, mm_config_n_rules (config));
	mm_notify_ready (status);
}

static void
read_again (MmReload *reload)
{
	MmMetrics *metrics = mm_server_metrics (reload->server);
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (MmConfig) config = NULL;
	g_autoptr (GError) error = NULL;
	g_autofree char *now = stamp ();

	mm_metrics_add (metrics, MM_COUNT_RELOADS, 1);
	config = mm_configuration_read (&reload->configuration, problems);
	if (config == NULL) {
		log_failure (reload, problems);
		return;
	}
	if (!mm_originals_open (mm_server_originals (reload->server), mm_config_settings (config),
	                        &error)) {
		g_ptr_array_set_size (problems, 0);
		g_ptr_array_add (problems, g_strdup (error->message));
		log_failure (reload, problems);
		return;
	}
	mm_server_set_config (reload->server, config);
	mm_metrics_set (metrics, MM_COUNT_RELOAD_FAILED, 0);
	mm_metrics_set (metrics, MM_COUNT_RELOAD_TIME,
	                (gsize) (g_get_real_time () / G_USEC_PER_SEC));
	g_free (reload->since);
	reload->since = g_steal_pointer (&now);
	log_success (reload, config, problems);
}

static void
tidy (const MmReload *reload)
{
	g_autoptr (MmConfig) config = mm_server_config (reload->server);

	mm_originals_tidy (mm_server_originals (reload->server), mm_config_settings (config));
}

/* Whoever moved the file of the log away sends the same signal. */
static void
reopen_log (const MmReload *reload)
{
	g_autoptr (GError) error = NULL;

	if (!mm_log_reopen (mm_server_log (reload->server), &error))
		mm_log (mm_server_log (reload->server), LOG_ERR, "still writing to the old file: %s",
		        error->message);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void *
serve_signals (void *data)
{
	MmReload *reload = data;
	sigset_t set;

	only_usr1 (&set);
	for (;;) {
		const struct timespec minute = {60, 0};
		int number = sigtimedwait (&set, NULL, &minute);

		if (number == SIGUSR1) {
			mm_notify_reloading ();
			reopen_log (reload);
			read_again (reload);
		} else if (errno == EAGAIN)
			tidy (reload);
	}
	return NULL;
}

/* What the thread uses lives as long as the process. */
gboolean
mm_reload_start (MmServer *server, const MmConfiguration *configuration, MmConfig *started,
                 GError **error)
{
	MmReload *reload = g_new0 (MmReload, 1);

	reload->server = server;
	reload->configuration.file = g_strdup (configuration->file);
	reload->configuration.may_lack = configuration->may_lack;
	reload->started = mm_config_ref (started);
	reload->since = stamp ();
	if (mm_thread_start (serve_signals, reload, error))
		return TRUE;
	mm_configuration_clear (&reload->configuration);
	mm_config_unref (reload->started);
	g_free (reload->since);
	g_free (reload);
	return FALSE;
}
