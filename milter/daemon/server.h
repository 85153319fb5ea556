/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * server.h: what all sessions of the daemon share.
 *
 * Made before the first session and kept until the process ends: a worker of libmilter may still
 * run when main returns. All functions may be called from any thread.
 */
#pragma once

#include <mailmend/policy.h>

#include "log.h"
#include "originals.h"
#include "repeats.h"

G_BEGIN_DECLS

typedef struct _MmServer MmServer;
typedef struct _MmMetrics MmMetrics;

/* @log must outlive the server. */
MmServer *mm_server_new (MmConfig *config, MmLog *log);

/* The configuration in force: a message keeps the one it began with. (transfer full) */
MmConfig *mm_server_config (MmServer *server);

/* Puts @config in force for messages that begin from now on. */
void mm_server_set_config (MmServer *server, MmConfig *config);

MmLog *mm_server_log (MmServer *server);
MmOriginals *mm_server_originals (MmServer *server);

/* What is counted: metrics.h. */
MmMetrics *mm_server_metrics (MmServer *server);

/* The messages that failed lately. */
MmRepeats *mm_server_repeats (MmServer *server);

/* The resolver, made when it is asked for first, with MxServers as they are then. NULL: it could not
 * be made, and the log says why. (transfer none) */
MmMxResolver *mm_server_mx (MmServer *server);

/* Counts the messages that are being judged and answered. */
void mm_server_enter (MmServer *server);
void mm_server_leave (MmServer *server);
gboolean mm_server_is_busy (MmServer *server);

/* How many have come to their end; starts again at 0 after the last number. */
guint mm_server_served (MmServer *server);

G_END_DECLS
