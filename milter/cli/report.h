/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h: how `mailmend check` shows what was found in one message.
 */
#pragma once

#include <mailmend/judge.h>

#include "bounce.h"
#include "input.h"

G_BEGIN_DECLS

typedef struct {
	const MmInput *input;
	const MmCheck *check;
	GPtrArray *shown; /* of const MmFinding *, by line, then label; numbered */
	const MmMatch *match;         /* NULL: neither configuration nor policy was given */
	const MmJudgement *judgement; /* NULL: it was not judged */
	const MmBounce *bounce;       /* it is one, and what it carries was checked; else NULL */
	const MmBounce *carried_by;   /* @input is the original that this one carries; else NULL */
} MmReport;

/* What a form must know of the messages before. */
typedef struct {
	guint64 messages;
	guint64 failed;  /* of them, those with an error or a warning */
	guint64 results; /* findings that were written */
	GString *cases;  /* of JUnit: what was made of the messages so far */
	gboolean trouble; /* at the end: something could not be read or judged */
} MmReportRun;

/* A form of output. begin and end are what stands around all messages; NULL: nothing. All append to
 * @out, which is written out after each call. */
typedef struct {
	void (*begin) (MmReportRun *run, GString *out);
	void (*message) (const MmReport *report, MmReportRun *run, GString *out);
	void (*end) (MmReportRun *run, GString *out);
} MmReportForm;

/* "PATH:LINE: LABEL: what (where)", a finding a line; nothing for clean mail. */
extern const MmReportForm mm_report_text;

/* One object on one line a message, for clean mail too. */
extern const MmReportForm mm_report_json;

/* JUnit's XML as continuous integration reads it: a test case a message, failed if it has an error
 * or a warning. It is kept until the end, since the numbers stand first. */
extern const MmReportForm mm_report_junit;

/* SARIF 2.1.0: one run, whose rules are all labels; a result a finding. */
extern const MmReportForm mm_report_sarif;

/* What stands behind the label of a finding: "what (where)". (transfer full) */
char *mm_report_words (const MmReport *report, const MmFinding *finding);

/* TRUE if an error or a warning is shown. */
gboolean mm_report_is_failure (const MmReport *report);

/* The labels of what is shown, sorted, each once. (transfer container) */
GPtrArray *mm_report_labels (const MmReport *report);

/* The path of the part of @finding in the file, also when that is in a message that a bounce
 * carries. (transfer full) */
char *mm_report_part (const MmReport *report, const MmFinding *finding);

/* A report of what @bounce carries; its parts stay those of @bounce. */
MmReport mm_report_of_bounce (const MmBounce *bounce);

/* A line a finding. */
void mm_report_text_findings (const MmReport *report, GString *out);

/* Lines about a bounce behind those of its own findings: what is wrong with what it carries, in the
 * same form, and the replies. */
void mm_report_bounce_text (const MmReport *report, GString *out);

/* The object "bounce". */
void mm_report_bounce_json (const MmReport *report, GString *out);

/* An array of objects, a finding each. */
void mm_report_json_findings (const MmReport *report, GString *out);

/* "policy", "rule", "action", in a dry run "would", "fixed" and "left", into an object. @judgement
 * NULL: it was not judged. */
void mm_report_json_answer (const MmMatch *match, const MmJudgement *judgement, GString *out);

/* An array of labels; NULL is an empty one. */
void mm_report_json_list (const char *key, GPtrArray *labels, GString *out);

/* By line, then label, then offset: for g_ptr_array_sort (). */
int mm_report_compare (gconstpointer a, gconstpointer b);

/* The name of the header @finding lies in, printable; NULL: none. (transfer full) */
char *mm_report_header (const MmCheck *check, const MmFinding *finding);

/* The file @input is of: its name, of a message of an mbox without its number. (transfer full) */
char *mm_report_file (const MmInput *input);

/* Line and offset of @finding in the file as given. */
guint mm_report_line (const MmInput *input, const MmFinding *finding);
gsize mm_report_offset (const MmInput *input, const MmFinding *finding);

G_END_DECLS
