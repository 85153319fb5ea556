/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logline.h: the one line of a message in the log, from one table of fields.
 *
 * "QUEUEID: action=fix labels=A|B ... us=N", or a JSON object with the same keys: fixed key order,
 * values escaped because mail is hostile. mailmend-log(5) documents the grammar; version 1.
 */
#pragma once

#include <mailmend/judge.h>

G_BEGIN_DECLS

#define MM_LOGLINE_VERSION 1

typedef struct {
	const char *queue_id; /* NULL: "NOQUEUE" */
	const MmJudgement *judgement;
	const char *policy;
	const char *rule;
	gboolean mx_pending;  /* an answer of DNS was missing that would have counted */
	const char *sender;   /* without brackets, NULL: unknown */
	guint n_rcpt;
	const char *client_name; /* NULL: "unknown" */
	const char *client_addr; /* NULL: none */
	const char *user;     /* SASL user, NULL: none */
	const char *mid;      /* Message-ID as received, NULL: none */
	gsize size;
	const char *program;  /* what the message says it was written with, "": it does not; NULL: not logged */
	gint64 us;            /* time spent judging, microseconds */
} MmLogEntry;

/* The line without time stamp and program name, printable ASCII only. (transfer full) */
char *mm_logline_format (const MmLogEntry *entry, MmLogFormat format);

/* ---- reading --------------------------------------------------------------------------------- */

/* The keys, in the order of the line. */
typedef enum {
	MM_LINE_ID,
	MM_LINE_ACTION,
	MM_LINE_WOULD,
	MM_LINE_LABELS,
	MM_LINE_FIXED,
	MM_LINE_LEFT,
	MM_LINE_POLICY,
	MM_LINE_RULE,
	MM_LINE_MX,
	MM_LINE_FROM,
	MM_LINE_NRCPT,
	MM_LINE_CLIENT,
	MM_LINE_USER,
	MM_LINE_MID,
	MM_LINE_NEWMID,
	MM_LINE_SIZE,
	MM_LINE_NEWSIZE,
	MM_LINE_EDITS,
	MM_LINE_SIGNED,
	MM_LINE_BROKE,
	MM_LINE_LIMIT,
	MM_LINE_NOTE,
	MM_LINE_ERROR,
	MM_LINE_PROGRAM,
	MM_LINE_US,
	MM_LINE_N_KEYS,
} MmLineKey;

/* A line that was read. To be used for many: it keeps its memory. */
typedef struct {
	/* By key; NULL: it does not stand in the line. Without escapes: any octets but NUL, as the
	 * sender wrote them. A list is as in the text form: "A|B", "arc,dkim"; "": an empty one.
	 * Good until the next line is read. */
	const char *values[MM_LINE_N_KEYS];
	char *buffer; /* private */
	gsize size;
} MmLogline;

#define MM_LOGLINE_INIT {{NULL}, NULL, 0}

void mm_logline_clear (MmLogline *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmLogline, mm_logline_clear)

/* Reads the line of a message in either form, without time stamp, program name and line end. TRUE if
 * it is one: it has an id and an action, each key once, and all is well formed. Keys that are not
 * known, from later versions, are passed over. A JSON object may have been written anew by another
 * program: blanks, order of keys, and UTF-8 as it is do not matter. FALSE: nothing of @line is to be
 * used. Whether numbers are numbers, and actions and labels known ones, is for the caller to see. */
gboolean mm_logline_read (MmLogline *line, MmBytes text);

G_END_DECLS
