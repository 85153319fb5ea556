/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload.h: another configuration in a running daemon.
 */
#pragma once

#include "configuration.h"
#include "server.h"

G_BEGIN_DECLS

/* Holds SIGUSR1 back, which would else end the process, in this thread and in those it makes. A
 * signal that comes meanwhile is not lost. */
void mm_reload_hold (void);

/* From now on each SIGUSR1 reads @configuration (whose file must be an absolute name) again, in a
 * thread of its own that ends with the process. If anything is wrong with it, the one in force
 * stays and every problem is logged. @started: the one in force, with which the process was
 * started. MM_ERROR_IO if there can be no thread. */
gboolean mm_reload_start (MmServer *server, const MmConfiguration *configuration,
                          MmConfig *started, GError **error);

G_END_DECLS
