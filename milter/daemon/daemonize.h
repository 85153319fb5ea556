/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemonize.h: into the background, but only once the daemon works.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Forks. The parent waits for the child and ends with 0 when that is ready, else with the
 * child's exit code: this function returns in the child only, with a descriptor for
 * mm_daemonize_ready (). -1 with MM_ERROR_IO if there can be no child. */
int mm_daemonize (GError **error);

/* Lets go of the terminal and tells the parent that the daemon listens. @keep_stderr: it is the
 * log. */
void mm_daemonize_ready (int fd, gboolean keep_stderr);

G_END_DECLS
