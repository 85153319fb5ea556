/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-clock.h: the time stamps of logs.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

/* No time. */
#define MM_NO_TIME G_MININT64

/* What is read of one file. It remembers the last hour: what lies in it costs nothing more. */
typedef struct {
	gint64 written; /* when the file was last written to: stamps without a year are not later */
	char hour[16];  /* private */
	gint64 hour_begins;
} MmLogClock;

/* Reads the stamp that @text begins with, moves behind it and the blank after it: seconds since 1970,
 * or MM_NO_TIME (and nothing is moved) if it begins with none. Known are RFC 3164 ("Nov  2 18:26:44",
 * local time, of the year in which it is not later than the day after the file was written), ISO 8601
 * and RFC 3339 with or without zone (then local), the same with a weekday before and a zone's name
 * behind (journalctl -o short-full), and seconds with a fraction (short-unix). */
gint64 mm_log_clock_read (MmLogClock *clock, MmBytes *text);

/* A moment that a person writes: "2026-11-22", "2026-11-22 18:00[:00]", the same with a zone, "today",
 * "yesterday", "now", "36h", "7d" or "2w" (before @now). MM_NO_TIME: none of these. */
gint64 mm_log_clock_word (const char *word, gint64 now);

/* "2026-11-22 18:26" in local time; "-" for MM_NO_TIME. (transfer full) */
char *mm_log_clock_text (gint64 when);

/* "2026-11-22T18:26:44+01:00" (RFC 3339) in local time; NULL for MM_NO_TIME. (transfer full) */
char *mm_log_clock_iso (gint64 when);

G_END_DECLS
