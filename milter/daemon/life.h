/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * life.h: signs of life for systemd, and a quick end.
 */
#pragma once

#include "server.h"
#include "socket.h"

G_BEGIN_DECLS

typedef struct _MmLife MmLife;

/* From now on SIGTERM and SIGHUP are ours: they stop libmilter without the five seconds that this
 * takes by itself. Where systemd waits for signs of life (WatchdogSec) it gets them, as long as
 * the daemon answers on @socket, which must be open, or messages come to their end. Runs in a
 * thread of its own that ends with the process, as what is returned does. NULL with MM_ERROR_IO
 * if there can be no thread. (transfer none) */
MmLife *mm_life_start (MmServer *server, const MmSocket *socket, GError **error);

/* The end has begun, whoever began it: systemd is told, once, and nobody calls the socket again. */
void mm_life_end (MmLife *life);

G_END_DECLS
