/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h: where the daemon's messages go: syslog, standard error or a file.
 *
 * Callers give text that is printable ASCII where it came with a mail, cut to a sane length; what
 * else is not is written as \xNN. All functions may be called from any thread.
 */
#pragma once

#include <syslog.h>
#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

/* Name of this program in logs. */
#define MM_LOG_IDENT "mailmend-milter"

typedef struct _MmLog MmLog;

/* @to: "syslog", "stderr" or the name of a file, which is appended to. @facility: a LOG_*
 * facility of syslog.h. @verbose: messages of LOG_DEBUG too. While the daemon starts, messages
 * of LOG_ERR and above are also shown on standard error. NULL with MM_ERROR_IO if the file can't
 * be opened. (transfer full) */
MmLog *mm_log_new (const char *to, int facility, gboolean verbose, GError **error);

/* Where the log goes if nothing is said: to standard error in the foreground, else to syslog; and
 * to syslog where standard error is read by systemd's journal, which takes syslog too, with its
 * facility. */
const char *mm_log_usual (gboolean foreground);

/* The start is over: nothing goes to standard error any more unless that is the log. */
void mm_log_started (MmLog *log);

/* A file that was made for this log belongs to @uid and @gid from now on: to whom the process
 * becomes, who must be able to open it again. */
void mm_log_hand_over (MmLog *log, uid_t uid, gid_t gid);

/* Opens the file again, which somebody may have moved away; no line is lost meanwhile. Nothing to
 * do for another log. FALSE with MM_ERROR_IO: lines go where they went. */
gboolean mm_log_reopen (MmLog *log, GError **error);

/* From now on GLib's own messages come here too. Once in a process, which @log must outlive. */
void mm_log_catch_glib (MmLog *log);

/* TRUE if standard error is the log. */
gboolean mm_log_is_stderr (const MmLog *log);

/* One message, LOG_ERR to LOG_DEBUG. */
void mm_log_write (MmLog *log, int priority, const char *text);
void mm_log (MmLog *log, int priority, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Waits until syslogd has what was written, @ms milliseconds at most. TRUE if it has. */
gboolean mm_log_flush (MmLog *log, guint ms);

void mm_log_free (MmLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmLog, mm_log_free)

G_END_DECLS
