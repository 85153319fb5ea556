/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics-http.c: /metrics and /healthz over HTTP, by libmicrohttpd.
 *
 * The socket is opened apart from the server, so that a port below 1024 can be had while the process
 * is root, and that one in use is an error at the start. The server is one thread, and has nothing
 * of the daemon but counters.
 */
#include <config.h>

#include <mailmend/error.h>

#include "metrics-http.h"

#ifdef HAVE_MICROHTTPD

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <gio/gio.h>
#include <microhttpd.h>

/* Connections at a time, and how long one may do nothing. A scrape takes milliseconds. */
#define MAX_CONNECTIONS 16
#define TIMEOUT_SECONDS 5

/* Octets that the request and the head of the answer may have. */
#define CONNECTION_MEMORY 8192

/* The text format and its version: what Prometheus chooses its reader by. */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define PLAIN_TYPE "text/plain; charset=utf-8"

struct _MmMetricsHttp {
	int fd; /* -1: the server's by now */
	struct MHD_Daemon *server;
	MmMetrics *metrics;
	int stopping; /* atomic */
};

gboolean
mm_metrics_http_is_built (GError **error G_GNUC_UNUSED)
{
	return TRUE;
}

/* ---- the socket ------------------------------------------------------------------------------ */

/* @address was checked when the configuration was read. */
static GSocketAddress *
parse (const char *address)
{
	const char *colon = strrchr (address, ':');
	g_autofree char *host = g_strndup (address, (gsize) (colon - address));
	gsize len = strlen (host);
	guint port = (guint) g_ascii_strtoull (colon + 1, NULL, 10);

	if (*host != '[')
		return g_inet_socket_address_new_from_string (host, port);
	host[len - 1] = '\0';
	return g_inet_socket_address_new_from_string (host + 1, port);
}

static int
listen_at (const char *address, GError **error)
{
	g_autoptr (GSocketAddress) at = parse (address);
	g_autoptr (GSocket) socket = NULL;
	int fd;

	socket = g_socket_new (g_socket_address_get_family (at), G_SOCKET_TYPE_STREAM,
	                       G_SOCKET_PROTOCOL_TCP, error);
	if (socket == NULL || !g_socket_bind (socket, at, TRUE, error))
		return -1;
	g_socket_set_listen_backlog (socket, MAX_CONNECTIONS);
	if (!g_socket_listen (socket, error))
		return -1;
	/* The server closes its own. */
	fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		g_set_error_literal (error, MM_ERROR, MM_ERROR_IO, g_strerror (errno));
	return fd;
}

MmMetricsHttp *
mm_metrics_http_open (const char *address, GError **error)
{
	g_autoptr (GError) inner = NULL;
	int fd = listen_at (address, &inner);
	MmMetricsHttp *http;

	if (fd < 0) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "MetricsListen = %s: %s", address,
		             inner->message);
		return NULL;
	}
	http = g_new0 (MmMetricsHttp, 1);
	http->fd = fd;
	return http;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* @text is the answer's, to be freed with it or not. */
static enum MHD_Result
answer (struct MHD_Connection *connection, guint status, const char *type, char *text,
        enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response =
	        MHD_create_response_from_buffer (strlen (text), text, mode);
	enum MHD_Result result;

	if (response == NULL) {
		if (mode == MHD_RESPMEM_MUST_FREE)
			g_free (text);
		return MHD_NO;
	}
	MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header (response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header (response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response (connection, status, response);
	MHD_destroy_response (response);
	return result;
}

static enum MHD_Result
answer_plain (struct MHD_Connection *connection, guint status, const char *text)
{
	return answer (connection, status, PLAIN_TYPE, (char *) text, MHD_RESPMEM_PERSISTENT);
}

/* MHD_AccessHandlerCallback. Nothing that is sent along with a request is looked at. */
static enum MHD_Result
on_request (void *data, struct MHD_Connection *connection, const char *path, const char *method,
            const char *version G_GNUC_UNUSED, const char *upload G_GNUC_UNUSED,
            size_t *upload_size G_GNUC_UNUSED, void **request G_GNUC_UNUSED)
{
	MmMetricsHttp *http = data;

	if (!g_str_equal (method, MHD_HTTP_METHOD_GET) && !g_str_equal (method, MHD_HTTP_METHOD_HEAD))
		return answer_plain (connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD\n");
	/* The library frees with free(), as g_malloc() allocates. */
	if (g_str_equal (path, "/metrics"))
		return answer (connection, MHD_HTTP_OK, METRICS_TYPE,
		               mm_metrics_to_text (http->metrics), MHD_RESPMEM_MUST_FREE);
	if (!g_str_equal (path, "/healthz"))
		return answer_plain (connection, MHD_HTTP_NOT_FOUND,
		                     "There are /metrics and /healthz\n");
	if (g_atomic_int_get (&http->stopping))
		return answer_plain (connection, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping\n");
	return answer_plain (connection, MHD_HTTP_OK, "ok\n");
}

/* ---- the server ------------------------------------------------------------------------------ */

/* Its thread must have all signals blocked: those of the process are for others. */
gboolean
mm_metrics_http_start (MmMetricsHttp *http, MmMetrics *metrics, GError **error)
{
	sigset_t all, before;

	http->metrics = metrics;
	sigfillset (&all);
	pthread_sigmask (SIG_SETMASK, &all, &before);
	http->server = MHD_start_daemon (
	        MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, http,
	        MHD_OPTION_LISTEN_SOCKET, (MHD_socket) http->fd,
	        MHD_OPTION_CONNECTION_LIMIT, (unsigned int) MAX_CONNECTIONS,
	        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int) TIMEOUT_SECONDS,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_MEMORY, MHD_OPTION_END);
	pthread_sigmask (SIG_SETMASK, &before, NULL);
	if (http->server == NULL) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_IO,
		                     "cannot start the server of MetricsListen");
		return FALSE;
	}
	http->fd = -1;
	return TRUE;
}

void
mm_metrics_http_stopping (MmMetricsHttp *http)
{
	g_atomic_int_set (&http->stopping, TRUE);
}

void
mm_metrics_http_free (MmMetricsHttp *http)
{
	if (http == NULL)
		return;
	if (http->server != NULL)
		MHD_stop_daemon (http->server);
	if (http->fd >= 0)
		close (http->fd);
	g_free (http);
}

#else /* !HAVE_MICROHTTPD */

gboolean
mm_metrics_http_is_built (GError **error)
{
	g_set_error_literal (error, MM_ERROR, MM_ERROR_CONFIG,
	                     "MetricsListen: this mailmend-milter was built without libmicrohttpd, "
	                     "which serves it");
	return FALSE;
}

MmMetricsHttp *
mm_metrics_http_open (const char *address G_GNUC_UNUSED, GError **error)
{
	mm_metrics_http_is_built (error);
	return NULL;
}

gboolean
mm_metrics_http_start (MmMetricsHttp *http G_GNUC_UNUSED, MmMetrics *metrics G_GNUC_UNUSED,
                       GError **error)
{
	return mm_metrics_http_is_built (error);
}

void
mm_metrics_http_stopping (MmMetricsHttp *http G_GNUC_UNUSED)
{
}

void
mm_metrics_http_free (MmMetricsHttp *http G_GNUC_UNUSED)
{
}

#endif
