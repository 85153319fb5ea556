/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * server.c: what all sessions of the daemon share.
 *
 * The configuration is reached through a lock, not read directly, so that another may take its
 * place while messages are under way. The lock is a pthread one: thread checkers do not understand
 * GMutex.
 */
#include <config.h>

#include <pthread.h>

#include "metrics.h"
#include "server.h"

struct _MmServer {
	pthread_mutex_t lock; /* guards config */
	MmConfig *config;
	pthread_mutex_t mx_lock; /* guards the next two */
	MmMxResolver *mx;
	gboolean mx_failed;
	MmLog *log;
	MmRepeats *repeats;
	MmOriginals *originals;
	MmMetrics *metrics;
	int busy; /* atomic, as the next */
	guint served;
};

MmServer *
mm_server_new (MmConfig *config, MmLog *log)
{
	MmServer *server = g_new0 (MmServer, 1);

	pthread_mutex_init (&server->lock, NULL);
	pthread_mutex_init (&server->mx_lock, NULL);
	server->config = mm_config_ref (config);
	server->log = log;
	server->repeats = mm_repeats_new ();
	server->originals = mm_originals_new ();
	server->metrics = mm_metrics_new ();
	mm_metrics_add_policies (server->metrics, config);
	return server;
}

MmConfig *
mm_server_config (MmServer *server)
{
	MmConfig *config;

	pthread_mutex_lock (&server->lock);
	config = mm_config_ref (server->config);
	pthread_mutex_unlock (&server->lock);
	return config;
}

void
mm_server_set_config (MmServer *server, MmConfig *config)
{
	MmConfig *old;

	mm_config_ref (config);
	/* Before a message can have one of its policies. */
	mm_metrics_add_policies (server->metrics, config);
	pthread_mutex_lock (&server->lock);
	old = server->config;
	server->config = config;
	pthread_mutex_unlock (&server->lock);
	/* Outside: to free one takes time if no message uses it any more. */
	mm_config_unref (old);
}

MmLog *
mm_server_log (MmServer *server)
{
	return server->log;
}

MmRepeats *
mm_server_repeats (MmServer *server)
{
	return server->repeats;
}

static void
make_mx (MmServer *server)
{
	g_autoptr (MmConfig) config = mm_server_config (server);
	g_autoptr (GError) error = NULL;

	server->mx = mm_mx_resolver_new (mm_config_settings (config)->mx_servers, &error);
	server->mx_failed = server->mx == NULL;
	if (server->mx_failed)
		mm_log (server->log, LOG_ERR, "%s: RecipientMx counts as MxUnknown says until a restart",
		        error->message);
}

MmMxResolver *
mm_server_mx (MmServer *server)
{
	MmMxResolver *mx;

	pthread_mutex_lock (&server->mx_lock);
	if (server->mx == NULL && !server->mx_failed)
		make_mx (server);
	mx = server->mx;
	pthread_mutex_unlock (&server->mx_lock);
	return mx;
}

MmOriginals *
mm_server_originals (MmServer *server)
{
	return server->originals;
}

MmMetrics *
mm_server_metrics (MmServer *server)
{
	return server->metrics;
}

void
mm_server_enter (MmServer *server)
{
	g_atomic_int_inc (&server->busy);
}

void
mm_server_leave (MmServer *server)
{
	g_atomic_int_add (&server->busy, -1);
	g_atomic_int_add (&server->served, 1);
}

gboolean
mm_server_is_busy (MmServer *server)
{
	return g_atomic_int_get (&server->busy) > 0;
}

guint
mm_server_served (MmServer *server)
{
	return (guint) g_atomic_int_get (&server->served);
}
