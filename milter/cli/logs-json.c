/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-json.c: the report as one JSON object.
 */
#include <config.h>

#include "json.h"
#include "logs.h"

/* Of the form, not of the program: what a reader knows keeps its name and meaning. */
#define FORM_VERSION 1

static void
put_time (GString *out, const char *key, gint64 when)
{
	g_autofree char *text = mm_log_clock_iso (when);

	mm_json_string (out, key, text);
}

static void
put_cell (const MmLogs *logs, const MmTallyCell *cell, GString *out)
{
	const MmRule *rule = mm_tally_rule (logs->tally, cell->label);

	mm_json_open (out, NULL, '{');
	mm_json_string (out, "label", mm_tally_label (logs->tally, cell->label));
	mm_json_boolean (out, "mendable", mm_logs_is_mendable (rule));
	mm_json_number (out, "found", cell->found);
	mm_json_number (out, "mended", cell->mended);
	mm_json_number (out, "left", cell->left);
	mm_json_number (out, "refused", cell->refused);
	mm_json_number (out, "would", cell->would);
	put_time (out, "first", cell->first);
	put_time (out, "last", cell->last);
	mm_json_string (out, "example", cell->id[0] != '\0' ? cell->id : NULL);
	mm_json_close (out, '}');
}

static void
put_counts (const MmTallyRow *row, GString *out)
{
	mm_json_number (out, "messages", row->messages);
	mm_json_number (out, "issues", row->issues);
	for (MmOutcome i = 0; i < MM_N_OUTCOMES; i++)
		mm_json_number (out, mm_logs_outcome_word (i), row->outcomes[i]);
}

static void
put_row (const MmLogs *logs, const MmTallyRow *row, gboolean named, GString *out)
{
	g_autoptr (GPtrArray) cells = mm_tally_cells (row);

	mm_json_open (out, NULL, '{');
	mm_json_string (out, "name", named ? row->key : NULL);
	put_counts (row, out);
	put_time (out, "first", row->first);
	put_time (out, "last", row->last);
	mm_json_open (out, "examples", '[');
	for (guint i = 0; i < row->n_examples; i++)
		mm_json_string (out, NULL, row->examples[i].id);
	mm_json_close (out, ']');
	mm_json_open (out, "labels", '[');
	for (guint i = 0; i < cells->len; i++)
		put_cell (logs, cells->pdata[i], out);
	mm_json_close (out, ']');
	mm_json_close (out, '}');
}

static void
put_table (const MmLogs *logs, MmBy by, GString *out)
{
	guint more;
	g_autoptr (GPtrArray) rows = mm_logs_rows (logs, by, &more);
	const MmTallyRow *others = mm_tally_others (logs->tally, by);

	mm_json_open (out, mm_logs_by_words (by), '[');
	for (guint i = 0; i < rows->len; i++)
		put_row (logs, rows->pdata[i], TRUE, out);
	if (others != NULL)
		put_row (logs, others, FALSE, out);
	mm_json_close (out, ']');
}

static void
put_lines (const MmLogsLines *lines, GString *out)
{
	mm_json_open (out, "lines", '{');
	mm_json_number (out, "messages", lines->messages);
	mm_json_number (out, "outside", lines->outside);
	mm_json_number (out, "damaged", lines->damaged);
	mm_json_number (out, "other", lines->other);
	mm_json_number (out, "foreign", lines->foreign);
	mm_json_close (out, '}');
}

void
mm_logs_json (const MmLogs *logs, GString *out)
{
	const MmTallyRow *total = mm_tally_total (logs->tally);

	mm_json_open (out, NULL, '{');
	mm_json_number (out, "version", FORM_VERSION);
	put_lines (&logs->lines, out);
	put_time (out, "first", mm_tally_begins (logs->tally));
	put_time (out, "last", mm_tally_ends (logs->tally));
	mm_json_number (out, "undated", mm_tally_undated (logs->tally));
	put_counts (total, out);
	for (MmBy by = 0; by < MM_N_BY; by++)
		if (logs->by < 0 || logs->by == (int) by)
			put_table (logs, by, out);
	mm_json_close (out, '}');
	g_string_append_c (out, '\n');
}
