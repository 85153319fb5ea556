/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h: how `mailmend check` shows what was found in one message.
 */
#pragma once

#include <mailmend/judge.h>

#include "input.h"

G_BEGIN_DECLS

typedef struct {
	const MmInput *input;
	const MmCheck *check;
	GPtrArray *shown; /* of const MmFinding *, by line, then label; numbered */
	const MmMatch *match;         /* NULL: neither configuration nor policy was given */
	const MmJudgement *judgement; /* NULL: it was not judged */
} MmReport;

/* "PATH:LINE: LABEL: what (where)", a finding a line; nothing for clean mail. */
void mm_report_text (const MmReport *report, GString *out);

/* One object on one line, for clean mail too. */
void mm_report_json (const MmReport *report, GString *out);

/* "policy", "rule", "action", in a dry run "would", "fixed" and "left", into an object. @judgement
 * NULL: it was not judged. */
void mm_report_json_answer (const MmMatch *match, const MmJudgement *judgement, GString *out);

/* An array of labels; NULL is an empty one. */
void mm_report_json_list (const char *key, GPtrArray *labels, GString *out);

/* By line, then label, then offset: for g_ptr_array_sort (). */
int mm_report_compare (gconstpointer a, gconstpointer b);

/* The name of the header @finding lies in, printable; NULL: none. (transfer full) */
char *mm_report_header (const MmCheck *check, const MmFinding *finding);

/* Line and offset of @finding in the file as given. */
guint mm_report_line (const MmInput *input, const MmFinding *finding);
gsize mm_report_offset (const MmInput *input, const MmFinding *finding);

G_END_DECLS
