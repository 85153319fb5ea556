/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load-process.h: what another process has used, as Linux tells it.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* CPU time of all threads, ended ones included, in seconds; -1: there is no such process. */
double process_cpu (pid_t pid);

/* Begins to measure the peak of resident memory anew, where the system allows it. */
void process_reset_peak (pid_t pid);

/* A row of /proc/PID/status in kB: "VmHWM" (peak of resident memory), "RssAnon"; 0: not known. */
guint64 process_memory (pid_t pid, const char *row);

G_END_DECLS
