/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify.h: what systemd is told: sd_notify(3).
 *
 * The only place that knows libsystemd. Built without it, or not started by a service manager that
 * wants to know ($NOTIFY_SOCKET), all of it does nothing. All functions may be called from any
 * thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The socket is open, or a reload is over, well or not. @status: a line for "systemctl status". */
void mm_notify_ready (const char *status);

/* A reload begins: mm_notify_ready () must follow. */
void mm_notify_reloading (void);

/* The end begins. */
void mm_notify_stopping (void);

/* The daemon is alive. */
void mm_notify_alive (void);

/* Microseconds after which systemd takes silence for death; 0: it does not watch this process. */
guint64 mm_notify_patience (void);

G_END_DECLS
