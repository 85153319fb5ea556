/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c: mailmend-milter, from its command line to its end.
 *
 * The socket is opened before the privileges go, so that it may lie where only root can write;
 * the daemon tells its parent that it is ready after that, so that every failure is seen by who
 * started it.
 */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include <mailmend/logline.h>
#include <mailmend/verify.h>

#include "daemonize.h"
#include "descriptors.h"
#include "life.h"
#include "metrics-http.h"
#include "notify.h"
#include "options.h"
#include "postfix-check.h"
#include "privileges.h"
#include "reload.h"
#include "session.h"
#include "socket.h"
#include "stats.h"

/* How long the end waits for messages that are being answered. */
#define DRAIN_SECONDS 30

/* How long the end waits for syslogd. */
#define FLUSH_MS 2000

/* Between two looks whether they are done; also what libmilter is given to write the last reply. */
#define DRAIN_STEP (G_USEC_PER_SEC / 10)

static void
complain (const char *text)
{
	fprintf (stderr, MM_LOG_IDENT ": %s\n", text);
}

/* NULL if anything is wrong. Prints every problem, and every warning. */
static MmConfig *
load_config (MmConfiguration *configuration)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	MmConfig *config = mm_configuration_read (configuration, problems);

	if (config != NULL && !mm_configuration_check_log (mm_config_settings (config), problems))
		g_clear_pointer (&config, mm_config_unref);
	for (guint n = 0; n < problems->len; n++)
		fprintf (stderr, "%s\n", (const char *) g_ptr_array_index (problems, n));
	return config;
}

/* Prints the whole configuration if @verbose, then what goes into main.cf, with remarks as
 * comments. All of it is a configuration file then, so that the lines are comments too. */
static int
print_check (const MmConfig *config, const MmSocket *socket, gboolean verbose)
{
	g_autofree char *whole = verbose ? mm_config_to_text (config) : NULL;
	g_autofree char *text = mm_postfix_check (config, socket, verbose);

	if (whole != NULL)
		printf ("%s\n", whole);
	fputs (text, stdout);
	return fflush (stdout) == 0 ? EX_OK : EX_IOERR;
}

/* ---- running --------------------------------------------------------------------------------- */

typedef struct {
	const MmOptions *options;
	MmConfiguration *configuration;
	MmConfig *config;
	const MmSettings *settings;
	MmSocket *socket;
	MmIdentity identity;
	gid_t socket_group; /* MM_NO_GROUP: not set */
	MmLog *log;
	MmServer *server; /* NULL: not serving yet */
	MmMetricsHttp *http; /* NULL: no MetricsListen */
	MmStats *stats;
} Daemon;

static int
fail (const Daemon *daemon, int code, const char *text)
{
	mm_log_write (daemon->log, LOG_ERR, text);
	return code;
}

/* A message that is being answered when libmilter stops is answered to its end. Of two looks in a row
 * both must find none: after one its edits are sent, its reply perhaps not, and a thread that was
 * still reading a message may just begin to answer it. */
static void
drain (const Daemon *daemon)
{
	gint64 end = g_get_monotonic_time () + DRAIN_SECONDS * G_USEC_PER_SEC;
	guint idle = 0;

	while (idle < 2 && g_get_monotonic_time () < end) {
		g_usleep (DRAIN_STEP);
		idle = mm_server_is_busy (daemon->server) ? 0 : idle + 1;
	}
	if (idle == 0)
		mm_log_write (daemon->log, LOG_ERR, "stopped with messages under way");
}

/* What root could read its user perhaps can't. */
static void
warn_of_reload (const Daemon *daemon)
{
	g_autoptr (GPtrArray) paths = mm_config_paths (daemon->config);

	for (guint i = 0; i < paths->len; i++)
		if (access (paths->pdata[i], R_OK) != 0 && errno != ENOENT)
			mm_log (daemon->log, LOG_WARNING,
			        "%s: a reload will fail: the user that the filter runs as cannot "
			        "read it: %s",
			        (const char *) paths->pdata[i], g_strerror (errno));
}

/* Says to all who wait for it that connections are taken now. */
static void
announce (const Daemon *daemon, int ready_fd)
{
	g_autofree char *status = g_strdup_printf ("Serving %s (version %s)",
	                                           mm_socket_address (daemon->socket),
	                                           PACKAGE_VERSION);

	warn_of_reload (daemon);
	mm_log_catch_glib (daemon->log);
	mm_log_started (daemon->log);
	mm_log (daemon->log, LOG_INFO, "started version=%s log=%d socket=%s", PACKAGE_VERSION,
	        MM_LOGLINE_VERSION, mm_socket_address (daemon->socket));
	if (ready_fd >= 0)
		mm_daemonize_ready (ready_fd, mm_log_is_stderr (daemon->log));
	mm_notify_ready (status);
}

/* Serves until the end. */
static int
work (Daemon *daemon, MmLife *life)
{
	gboolean fine = mm_session_run ();

	mm_life_end (life);
	mm_log_write (daemon->log, LOG_INFO, "stopping");
	if (daemon->http != NULL)
		mm_metrics_http_stopping (daemon->http);
	drain (daemon);
	mm_socket_remove (daemon->socket);
	mm_stats_stop (daemon->stats);
	g_clear_pointer (&daemon->http, mm_metrics_http_free);
	mm_log_write (daemon->log, LOG_INFO, "stopped");
	mm_log_flush (daemon->log, FLUSH_MS);
	return fine ? EX_OK : EX_SOFTWARE;
}

/* While the ports below 1024 are to be had. */
static gboolean
open_metrics (Daemon *daemon, GError **error)
{
	if (daemon->settings->metrics_listen == NULL)
		return TRUE;
	daemon->http = mm_metrics_http_open (daemon->settings->metrics_listen, error);
	return daemon->http != NULL;
}

/* All but libmilter's. NULL: one could not be started. */
static MmLife *
start_threads (Daemon *daemon, GError **error)
{
	if (!mm_reload_start (daemon->server, daemon->configuration, daemon->config, error))
		return NULL;
	daemon->stats = mm_stats_start (daemon->server, error);
	if (daemon->stats == NULL ||
	    (daemon->http != NULL &&
	     !mm_metrics_http_start (daemon->http, mm_server_metrics (daemon->server), error)))
		return NULL;
	return mm_life_start (daemon->server, daemon->socket, error);
}

/* Listens and becomes the user. EX_OK, or the status that the process ends with. */
static int
open_all (Daemon *daemon, GError **error)
{
	const MmSocketRights rights = {
		.mode = daemon->settings->socket_mode,
		.uid = daemon->identity.uid,
		.gid = daemon->identity.gid,
		.group = daemon->socket_group,
	};

	if (!open_metrics (daemon, error) ||
	    !mm_socket_open (daemon->socket, &rights, mm_session_listen, error))
		return EX_UNAVAILABLE;
	mm_log_hand_over (daemon->log, daemon->identity.uid, daemon->identity.gid);
	if (!mm_privileges_drop (&daemon->identity, error))
		return EX_NOPERM;
	if (!mm_originals_open (mm_server_originals (daemon->server), daemon->settings, error))
		return EX_CANTCREAT;
	return EX_OK;
}

/* Opens what is needed, tells the parent (@ready_fd, -1: none), serves. */
static int
serve (Daemon *daemon, int ready_fd)
{
	g_autoptr (GError) error = NULL;
	MmLife *life;
	int code;

	daemon->server = mm_server_new (daemon->config, daemon->log);
	if (!mm_session_register (daemon->server))
		return fail (daemon, EX_UNAVAILABLE, "libmilter refused the filter");
	code = open_all (daemon, &error);
	life = code == EX_OK ? start_threads (daemon, &error) : NULL;
	if (life == NULL) {
		mm_socket_remove (daemon->socket);
		return fail (daemon, code == EX_OK ? EX_OSERR : code, error->message);
	}
	announce (daemon, ready_fd);
	return work (daemon, life);
}

/* Sees to it that the daemon could run, then lets it. */
static int
run (Daemon *daemon)
{
	g_autoptr (GError) error = NULL;
	int ready_fd = -1;

	if (!mm_identity_find (daemon->settings->user, &daemon->identity, &error))
		return fail (daemon, EX_CONFIG, error->message);
	if (daemon->settings->socket_group != NULL &&
	    !mm_group_find (daemon->settings->socket_group, &daemon->socket_group, &error))
		return fail (daemon, EX_CONFIG, error->message);
	if (!mm_socket_prepare (daemon->socket, &error))
		return fail (daemon, EX_UNAVAILABLE, error->message);
	signal (SIGPIPE, SIG_IGN);
	/* A file that may not grow is an error of write (), like a full disk. */
	signal (SIGXFSZ, SIG_IGN);
	mm_descriptors_raise (daemon->log);
	mm_verify_init ();
	if (!daemon->options->foreground) {
		ready_fd = mm_daemonize (&error);
		if (ready_fd < 0)
			return fail (daemon, EX_OSERR, error->message);
	}
	return serve (daemon, ready_fd);
}

/* Once there is a server, it and the log are never freed: a worker of libmilter may still use them
 * when the process ends. */
static int
run_with (const MmOptions *options, MmConfiguration *configuration, MmConfig *config,
          MmSocket *socket)
{
	const MmSettings *settings = mm_config_settings (config);
	const char *to = mm_log_usual (options->foreground);
	g_autoptr (GError) error = NULL;
	Daemon daemon = {
		.options = options,
		.configuration = configuration,
		.config = config,
		.settings = settings,
		.socket = socket,
		.socket_group = MM_NO_GROUP,
	};
	int code;

	/* In the background the folder is another. */
	mm_configuration_make_absolute (configuration);
	if (settings->log_to != NULL)
		to = settings->log_to;
	daemon.log = mm_log_new (to, settings->log_facility, options->verbose, &error);
	if (daemon.log == NULL) {
		complain (error->message);
		return EX_CONFIG;
	}
	code = run (&daemon);
	g_clear_pointer (&daemon.http, mm_metrics_http_free);
	if (daemon.server == NULL)
		mm_log_free (daemon.log);
	mm_identity_clear (&daemon.identity);
	return code;
}

int
main (int argc, char **argv)
{
	g_autoptr (GError) error = NULL;
	g_autoptr (MmOptions) options = mm_options_new (argc, argv, &error);
	g_auto (MmConfiguration) configuration = {NULL, FALSE};
	g_autoptr (MmConfig) config = NULL;
	g_autoptr (MmSocket) socket = NULL;
	const char *address;

	if (options == NULL) {
		complain (error->message);
		return EX_USAGE;
	}
	if (options->version) {
		printf ("mailmend-milter %s\n", PACKAGE_VERSION);
		return EX_OK;
	}
	/* Before anything is read: a change that is signalled from now on is seen. */
	mm_reload_hold ();
	mm_configuration_init (&configuration, options->config_file);
	config = load_config (&configuration);
	if (config == NULL)
		return EX_CONFIG;
	address = options->socket != NULL ? options->socket : mm_config_settings (config)->socket;
	socket = mm_socket_parse (address, &error);
	if (socket == NULL) {
		complain (error->message);
		return options->socket != NULL ? EX_USAGE : EX_CONFIG;
	}
	if (options->check)
		return print_check (config, socket, options->verbose);
	return run_with (options, &configuration, config, socket);
}
