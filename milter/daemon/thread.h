/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread.h: threads of the daemon that are not libmilter's.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs @function in a thread that nobody waits for, with all signals blocked: one for libmilter
 * must not end up where it kills the process. FALSE with MM_ERROR_IO if there can be none. */
gboolean mm_thread_start (void *(*function) (void *), void *data, GError **error);

G_END_DECLS
