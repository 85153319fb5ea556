/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * self.h: the daemon calls itself, as an MTA would.
 */
#pragma once

#include "socket.h"

G_BEGIN_DECLS

typedef struct _MmSelf MmSelf;

/* Where to call: a socket that listens on every address is called on loopback. Looks up the name
 * of a host, so it may take a while. NULL with MM_ERROR_IO. (transfer full) */
MmSelf *mm_self_new (const MmSocket *socket, GError **error);
void mm_self_free (MmSelf *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmSelf, mm_self_free)

/* Opens a connection, which a thread of libmilter has to take, and negotiates, which one of its
 * workers has to answer with our callback, which takes the lock of the configuration. TRUE if the
 * answer came within @usec microseconds; else MM_ERROR_IO says what did not happen. */
gboolean mm_self_ask (const MmSelf *self, gint64 usec, GError **error);

/* Opens a connection and closes it: libmilter looks whether it shall stop only when somebody calls,
 * or every five seconds. Does not wait. FALSE: nobody listens there. */
gboolean mm_self_knock (const MmSelf *self);

G_END_DECLS
