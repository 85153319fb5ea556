/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load-process.c: what another process has used.
 *
 * The CPU clock of a process counts nanoseconds; /proc/PID/stat counts ticks of 10 ms, which is
 * the time of a hundred messages.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "load-process.h"

double
process_cpu (pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid (pid, &clock) != 0 || clock_gettime (clock, &used) != 0)
		return -1;
	return (double) used.tv_sec + (double) used.tv_nsec / 1e9;
}

void
process_reset_peak (pid_t pid)
{
	g_autofree char *path = g_strdup_printf ("/proc/%d/clear_refs", (int) pid);
	FILE *file = fopen (path, "w");

	if (file == NULL)
		return;
	fputs ("5\n", file);
	fclose (file);
}

guint64
process_memory (pid_t pid, const char *row)
{
	g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
	g_autofree char *prefix = g_strconcat ("\n", row, ":", NULL);
	g_autofree char *text = NULL;
	const char *at;

	if (!g_file_get_contents (path, &text, NULL, NULL))
		return 0;
	at = strstr (text, prefix);
	return at != NULL ? g_ascii_strtoull (at + strlen (prefix), NULL, 10) : 0;
}
