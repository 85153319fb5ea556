/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs.h: `mailmend report`: who sends what, as the log says.
 *
 * (report.h is how `mailmend check` shows what it finds in one message.)
 */
#pragma once

#include "logs-tally.h"

G_BEGIN_DECLS

/* Lines that were read. */
typedef struct {
	guint64 messages; /* of messages that count */
	guint64 outside;  /* of messages that do not, by --since and --until */
	guint64 damaged;
	guint64 other;    /* of mailmend, of no message */
	guint64 foreign;
} MmLogsLines;

typedef struct {
	MmTally *tally;
	MmLogsLines lines;
	int by;       /* MmBy, -1: all */
	guint top;    /* rows of a table; 0: all */
	gint64 since; /* MM_NO_TIME: from the beginning */
	gint64 until; /* before this; MM_NO_TIME: to the end */
	gint64 now;
} MmLogs;

/* ---- what is shown ---------------------------------------------------------------------------------- */

/* Aligned tables; keys are cut to @width columns, 0: not at all. */
void mm_logs_text (const MmLogs *logs, guint width, GString *out);
/* One object. */
void mm_logs_json (const MmLogs *logs, GString *out);
/* RFC 4180: a line for each name, and one for each label of it. */
void mm_logs_csv (const MmLogs *logs, GString *out);
/* A page that needs nothing but itself. */
void mm_logs_html (const MmLogs *logs, GString *out);
/* Lines for the configuration, with the numbers they rest on. @reject: those that refuse mail are no
 * comments. */
void mm_logs_suggest (const MmLogs *logs, gboolean reject, GString *out);

/* ---- what they share -------------------------------------------------------------------------------- */

/* "sender"; "senders" and "Senders"; "Sender domain". */
const char *mm_logs_by_word (MmBy by);
const char *mm_logs_by_words (MmBy by);
const char *mm_logs_by_title (MmBy by);

/* "mended" */
const char *mm_logs_outcome_word (MmOutcome outcome);

/* As UTF-8 in which nothing steers a terminal or the direction of text: what cannot be shown is
 * "\xNN". (transfer full) */
char *mm_logs_visible (const char *text);

/* "1,234,567" (transfer full) */
char *mm_logs_number (guint64 number);

/* "97.5 %" of @whole; "0 %" of none. (transfer full) */
char *mm_logs_percent (guint64 part, guint64 whole);

/* The rows of @by as they are shown: as many as @logs wants, the most issues first; @out_more: those
 * that are not. (transfer container) */
GPtrArray *mm_logs_rows (const MmLogs *logs, MmBy by, guint *out_more);

/* TRUE if @rule can be mended at all. NULL: not known, FALSE. */
gboolean mm_logs_is_mendable (const MmRule *rule);

/* What whoever writes the sending program can do about @label; NULL: nothing is known. */
const char *mm_logs_cure (const char *label);

G_END_DECLS
