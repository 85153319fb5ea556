/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-html.h: the parts of the page that `mailmend report --html` writes.
 *
 * What comes from a log goes through mm_html_text () and nothing else. The page allows no style and no
 * script but its own, so that what is missed could do nothing; there are no style attributes.
 */
#pragma once

#include "logs.h"

G_BEGIN_DECLS

/* ---- writing ---------------------------------------------------------------------------------------- */

/* @text as text: nothing in it is markup, and what cannot be shown is "\xNN". */
void mm_html_text (GString *out, const char *text);
void mm_html_number (GString *out, guint64 number);
/* "<time datetime=..>2026-11-22 18:26</time>" */
void mm_html_time (GString *out, gint64 when);

/* ---- outcomes, in the order and colours of the whole page ----------------------------------------------- */

typedef struct {
	const char *css;   /* class: colour */
	const char *title; /* "mended" */
	const char *means; /* a sentence's end: "were mended" */
	MmOutcome outcomes[2];
} MmHtmlKind;

#define MM_HTML_N_KINDS 6
extern const MmHtmlKind mm_html_kinds[MM_HTML_N_KINDS];

guint64 mm_html_kind_count (const MmHtmlKind *kind, const guint64 *outcomes);

/* ---- parts ------------------------------------------------------------------------------------------------ */

/* A bar of the kinds in @outcomes, as long as @whole is; 0: nothing. */
void mm_html_bar (GString *out, const guint64 *outcomes, guint64 whole);
/* The same of a label: mended, left, refused, would. */
void mm_html_cell_bar (GString *out, const MmTallyCell *cell, guint64 whole);

/* Issues over time, with the numbers as a table. */
void mm_html_chart (GString *out, const GArray *spans, gint64 step);
/* One label over time. */
void mm_html_spark (GString *out, const GArray *spans, guint label);

/* The table of labels, and that of each kind of names. */
void mm_html_labels (const MmLogs *logs, const GArray *spans, GString *out);
void mm_html_names (const MmLogs *logs, MmBy by, GString *out);

/* What to do next, and what each label means. */
void mm_html_advice (const MmLogs *logs, GString *out);
void mm_html_explain (const MmLogs *logs, GString *out);

G_END_DECLS
