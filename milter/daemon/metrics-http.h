/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics-http.h: /metrics and /healthz over HTTP.
 *
 * Served on a thread of its own, with few connections and short times: whoever asks, or does not
 * read the answer, disturbs no mail.
 */
#pragma once

#include "metrics.h"

G_BEGIN_DECLS

typedef struct _MmMetricsHttp MmMetricsHttp;

/* FALSE with MM_ERROR_CONFIG if this program was built without an HTTP server. */
gboolean mm_metrics_http_is_built (GError **error);

/* Listens on @address, "ADDRESS:PORT" or "[ADDRESS]:PORT", as who the process is now; nobody is
 * answered yet. NULL with MM_ERROR_IO, if it is in use for example. (transfer full) */
MmMetricsHttp *mm_metrics_http_open (const char *address, GError **error);

/* Starts the thread. FALSE with MM_ERROR_IO. @metrics must outlive @http. */
gboolean mm_metrics_http_start (MmMetricsHttp *http, MmMetrics *metrics, GError **error);

/* From now on /healthz says that the daemon does not serve: 503. */
void mm_metrics_http_stopping (MmMetricsHttp *http);

/* Ends the thread, and cuts connections off. */
void mm_metrics_http_free (MmMetricsHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmMetricsHttp, mm_metrics_http_free)

G_END_DECLS
