/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log-syslog.h: lines to syslogd, from callbacks that must not wait for it.
 *
 * syslog(3) waits as long as syslogd takes nothing, and all callbacks of the filter with it. Here a
 * line that is not taken at once is kept and sent by a thread, in order; of those for which there
 * is no room (log_queue in limits.h) the number is told as soon as lines are taken again.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MmSyslog MmSyslog;

/* @path: "/dev/log", whoever listens there, now or later. @facility: LOG_* of syslog.h. Nothing can
 * fail here. (transfer full) */
MmSyslog *mm_syslog_new (const char *path, const char *ident, int facility);

/* One line of printable ASCII. Never waits for syslogd. From any thread. */
void mm_syslog_write (MmSyslog *writer, int priority, const char *text);

/* Waits until all lines are sent and it is told how many are lost, @ms milliseconds at most. TRUE if
 * that is done, or nobody listens. */
gboolean mm_syslog_flush (MmSyslog *writer, guint ms);

/* Not while another thread writes. Lines that wait are lost. */
void mm_syslog_free (MmSyslog *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmSyslog, mm_syslog_free)

G_END_DECLS
