/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.c: how far a long run is. A process has one terminal, so this has static data.
 */
#include <config.h>

#include <stdio.h>
#include <unistd.h>

#include "progress.h"

#define FIRST (G_USEC_PER_SEC) /* less is a moment */
#define AGAIN (G_USEC_PER_SEC / 5)

static struct {
	gboolean active;
	gboolean shown;
	guint64 messages;
	gint64 begun;
	gint64 next; /* when the line is written again */
} progress;

void
mm_progress_begin (void)
{
	progress.begun = g_get_monotonic_time ();
	progress.next = progress.begun + FIRST;
	progress.messages = 0;
	progress.active = isatty (STDERR_FILENO) == 1;
}

void
mm_progress_hide (void)
{
	if (!progress.shown)
		return;
	/* to the first column, and what stands there away */
	fputs ("\r\033[K", stderr);
	fflush (stderr);
	progress.shown = FALSE;
}

void
mm_progress_make_way (void)
{
	if (progress.shown && isatty (STDOUT_FILENO) == 1)
		mm_progress_hide ();
}

void
mm_progress_step (void)
{
	gint64 now;

	progress.messages++;
	if (!progress.active || (now = g_get_monotonic_time ()) < progress.next)
		return;
	mm_progress_hide ();
	fprintf (stderr, "%" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT " a second",
	         progress.messages,
	         progress.messages * G_USEC_PER_SEC / (guint64) (now - progress.begun));
	fflush (stderr);
	progress.shown = TRUE;
	progress.next = now + AGAIN;
}

void
mm_progress_end (void)
{
	mm_progress_hide ();
	progress.active = FALSE;
}
