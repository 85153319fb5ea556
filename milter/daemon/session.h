/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session.h: all that the rest of the daemon needs of libmilter.
 */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* Makes the filter known to libmilter. Once in a process, before the others. */
gboolean mm_session_register (MmServer *server);

/* Opens the listening socket, in the form "local:PATH" or "inet:PORT@HOST". */
gboolean mm_session_listen (const char *address);

/* Serves until SIGTERM, SIGINT or SIGHUP. Workers may still run when it returns. */
gboolean mm_session_run (void);

G_END_DECLS
