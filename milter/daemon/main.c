/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c: mailmend-milter, from its command line to its end.
 *
 * The socket is opened before the privileges go, so that it may lie where only root can write;
 * the daemon tells its parent that it is ready after that, so that every failure is seen by who
 * started it.
 */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <mailmend/verify.h>

#include "daemonize.h"
#include "options.h"
#include "privileges.h"
#include "session.h"
#include "socket.h"

#ifndef MM_CONFIG_FILE
#define MM_CONFIG_FILE SYSCONFDIR "/mailmend/mailmend.conf"
#endif

/* How long the end waits for messages that are being answered. */
#define DRAIN_SECONDS 30

/* Between two looks whether they are done; also what libmilter is given to write the last reply. */
#define DRAIN_STEP (G_USEC_PER_SEC / 10)

static void
complain (const char *text)
{
	fprintf (stderr, MM_LOG_IDENT ": %s\n", text);
}

/* The file named, or the usual one, or what is shipped if that does not exist. NULL after printing
 * every problem. */
static MmConfig *
load_config (const MmOptions *options)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	const char *file = options->config_file != NULL ? options->config_file : MM_CONFIG_FILE;
	MmConfig *config;

	if (options->config_file == NULL && !g_file_test (file, G_FILE_TEST_EXISTS))
		return mm_config_new_default ();
	config = mm_config_load (file, problems);
	for (guint n = 0; n < problems->len; n++)
		fprintf (stderr, "%s\n", (const char *) g_ptr_array_index (problems, n));
	return config;
}

static void
complain_of (const char *file, guint line, const GError *error)
{
	fprintf (stderr, "%s:%u: %s\n", file, line, error->message);
}

/* A user and a group that this machine does not have. FALSE after printing them. */
static gboolean
check_names (const MmSettings *settings)
{
	g_auto (MmIdentity) identity = {NULL, 0, 0};
	g_autoptr (GError) no_user = NULL;
	g_autoptr (GError) no_group = NULL;
	gid_t group;

	if (settings->user != NULL && !mm_identity_find (settings->user, &identity, &no_user))
		complain_of (settings->user_file, settings->user_line, no_user);
	if (settings->socket_group != NULL &&
	    !mm_group_find (settings->socket_group, &group, &no_group))
		complain_of (settings->socket_group_file, settings->socket_group_line, no_group);
	return no_user == NULL && no_group == NULL;
}

/* Prints what goes into main.cf; remarks are comments there. */
static int
print_check (const MmSettings *settings, const MmSocket *socket)
{
	g_autofree char *address = mm_socket_postfix (socket);

	printf ("smtpd_milters = { %s, connect_timeout=5s, content_timeout=60s, "
	        "default_action=tempfail }\n"
	        "non_smtpd_milters = $smtpd_milters\n",
	        address);
	if (mm_socket_outside_chroot (socket))
		printf ("# This socket is outside /var/spool/postfix: "
		        "a chrooted smtpd cannot reach it.\n");
	if (settings->trusted_is_default)
		printf ("# TrustedClients is not set, only this host (127.0.0.0/8, ::1) is trusted:\n"
		        "# put there what \"postconf -hx mynetworks\" prints.\n");
	return fflush (stdout) == 0 ? EX_OK : EX_IOERR;
}

/* ---- running --------------------------------------------------------------------------------- */

typedef struct {
	const MmOptions *options;
	MmConfig *config;
	const MmSettings *settings;
	MmSocket *socket;
	MmIdentity identity;
	gid_t socket_group; /* MM_NO_GROUP: not set */
	MmLog *log;
	MmServer *server; /* NULL: not serving yet */
} Daemon;

/* SIGUSR1 is held back: without this it would end the process. */
static void
hold_signals (void)
{
	sigset_t set;

	sigemptyset (&set);
	sigaddset (&set, SIGUSR1);
	pthread_sigmask (SIG_BLOCK, &set, NULL);
	signal (SIGPIPE, SIG_IGN);
}

static int
fail (const Daemon *daemon, int code, const char *text)
{
	mm_log_write (daemon->log, LOG_ERR, text);
	return code;
}

/* A message that is being answered when libmilter stops is answered to its end. */
static void
drain (const Daemon *daemon)
{
	gint64 end = g_get_monotonic_time () + DRAIN_SECONDS * G_USEC_PER_SEC;

	do
		g_usleep (DRAIN_STEP);
	while (mm_server_is_busy (daemon->server) && g_get_monotonic_time () < end);
	if (mm_server_is_busy (daemon->server))
		mm_log_write (daemon->log, LOG_ERR, "stopped with messages under way");
}

/* Listens, becomes the user, tells the parent (@ready_fd, -1: none), serves. */
static int
serve (Daemon *daemon, int ready_fd)
{
	g_autoptr (GError) error = NULL;
	const MmSocketRights rights = {
		.mode = daemon->settings->socket_mode,
		.uid = daemon->identity.uid,
		.gid = daemon->identity.gid,
		.group = daemon->socket_group,
	};
	gboolean fine;

	daemon->server = mm_server_new (daemon->config, daemon->log);
	if (!mm_session_register (daemon->server))
		return fail (daemon, EX_UNAVAILABLE, "libmilter refused the filter");
	if (!mm_socket_open (daemon->socket, &rights, mm_session_listen, &error)) {
		mm_socket_remove (daemon->socket);
		return fail (daemon, EX_UNAVAILABLE, error->message);
	}
	if (!mm_privileges_drop (&daemon->identity, &error)) {
		mm_socket_remove (daemon->socket);
		return fail (daemon, EX_NOPERM, error->message);
	}
	mm_log_catch_glib (daemon->log);
	mm_log_started (daemon->log);
	mm_log (daemon->log, LOG_INFO, "started version=%s socket=%s", PACKAGE_VERSION,
	        mm_socket_address (daemon->socket));
	if (ready_fd >= 0)
		mm_daemonize_ready (ready_fd, mm_log_is_stderr (daemon->log));
	fine = mm_session_run ();
	mm_log_write (daemon->log, LOG_INFO, "stopping");
	drain (daemon);
	mm_socket_remove (daemon->socket);
	mm_log_write (daemon->log, LOG_INFO, "stopped");
	return fine ? EX_OK : EX_SOFTWARE;
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
	hold_signals ();
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
run_with (const MmOptions *options, MmConfig *config, MmSocket *socket)
{
	const MmSettings *settings = mm_config_settings (config);
	const char *to = options->foreground ? "stderr" : "syslog";
	g_autoptr (GError) error = NULL;
	Daemon daemon = {
		.options = options,
		.config = config,
		.settings = settings,
		.socket = socket,
		.socket_group = MM_NO_GROUP,
	};
	int code;

	if (settings->log_to != NULL)
		to = settings->log_to;
	daemon.log = mm_log_new (to, settings->log_facility, options->verbose, &error);
	if (daemon.log == NULL) {
		complain (error->message);
		return EX_CONFIG;
	}
	code = run (&daemon);
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
	config = load_config (options);
	if (config == NULL || !check_names (mm_config_settings (config)))
		return EX_CONFIG;
	address = options->socket != NULL ? options->socket : mm_config_settings (config)->socket;
	socket = mm_socket_parse (address, &error);
	if (socket == NULL) {
		complain (error->message);
		return options->socket != NULL ? EX_USAGE : EX_CONFIG;
	}
	if (options->check)
		return print_check (mm_config_settings (config), socket);
	return run_with (options, config, socket);
}
