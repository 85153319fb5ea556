/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notify.c: what systemd is told.
 *
 * A message that can't be sent is not worth an error: who listens notices the silence.
 */
#include <config.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "notify.h"

static void
tell (const char *text)
{
#ifdef HAVE_SYSTEMD
	(void) sd_notify (FALSE, text);
#else
	(void) text;
#endif
}

void
mm_notify_ready (const char *status)
{
	g_autofree char *line = g_strdup (status);
	g_autofree char *text = NULL;

	/* Each line is an assignment. */
	g_strdelimit (line, "\r\n", ' ');
	text = g_strdup_printf ("READY=1\nSTATUS=%s", line);
	tell (text);
}

void
mm_notify_reloading (void)
{
	g_autofree char *text =
		g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT
	                         "\nSTATUS=Reading the configuration", g_get_monotonic_time ());

	tell (text);
}

void
mm_notify_stopping (void)
{
	tell ("STOPPING=1\nSTATUS=Ending what is under way");
}

void
mm_notify_alive (void)
{
	tell ("WATCHDOG=1");
}

guint64
mm_notify_patience (void)
{
	guint64 usec = 0;

#ifdef HAVE_SYSTEMD
	if (sd_watchdog_enabled (FALSE, &usec) <= 0)
		usec = 0;
#endif
	return usec;
}
