/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.h: how far a long run is, on a terminal.
 *
 * One line on standard error if that is a terminal, from the moment on when the run has taken a
 * while; it is taken away before anything else is written and at the end. One run, one thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void mm_progress_begin (void);
/* One more message was begun. */
void mm_progress_step (void);
/* Clears the line: something else is about to be written to standard error. */
void mm_progress_hide (void);
/* The same for standard output, if that is a terminal too. */
void mm_progress_make_way (void);
void mm_progress_end (void);

G_END_DECLS
