/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-csv.c: the report as comma-separated values (RFC 4180), for spreadsheets.
 *
 * One line a name, with an empty label, and one for each label of it. A spreadsheet would run a name
 * that begins like a formula, and names are written by senders: such a name gets an apostrophe before it.
 */
#include <config.h>

#include <string.h>

#include "logs.h"

static const char head[] =
	"by,name,label,messages,issues,mended,partly,left,refused,would,errors,first,last,examples\r\n";

static void
put_text (const char *text, GString *out)
{
	g_autofree char *visible = mm_logs_visible (text);
	gboolean formula = *visible != '\0' && strchr ("=+-@", *visible) != NULL;

	if (!formula && strpbrk (visible, "\",") == NULL) {
		g_string_append (out, visible);
		return;
	}
	g_string_append (out, formula ? "\"'" : "\"");
	for (const char *p = visible; *p != '\0'; p++) {
		if (*p == '"')
			g_string_append_c (out, '"');
		g_string_append_c (out, *p);
	}
	g_string_append_c (out, '"');
}

static void
put_time (gint64 when, GString *out)
{
	g_autofree char *text = mm_log_clock_iso (when);

	g_string_append_printf (out, ",%s", text != NULL ? text : "");
}

static void
put_number (guint64 number, GString *out)
{
	g_string_append_printf (out, ",%" G_GUINT64_FORMAT, number);
}

static void
put_names (MmBy by, const char *name, const char *label, GString *out)
{
	g_string_append_printf (out, "%s,", mm_logs_by_word (by));
	put_text (name, out);
	g_string_append_c (out, ',');
	put_text (label, out);
}

static void
put_row (MmBy by, const MmTallyRow *row, GString *out)
{
	g_autoptr (GString) ids = g_string_new (NULL);

	put_names (by, row->key, "", out);
	put_number (row->messages, out);
	put_number (row->issues, out);
	for (MmOutcome i = MM_OUTCOME_MENDED; i <= MM_OUTCOME_REFUSED; i++)
		put_number (row->outcomes[i], out);
	put_number (row->outcomes[MM_OUTCOME_WOULD_MEND] + row->outcomes[MM_OUTCOME_WOULD_REFUSE],
	            out);
	put_number (row->outcomes[MM_OUTCOME_ERROR], out);
	put_time (row->first, out);
	put_time (row->last, out);
	for (guint i = 0; i < row->n_examples; i++)
		g_string_append_printf (ids, "%s%s", i > 0 ? " " : "", row->examples[i].id);
	g_string_append_c (out, ',');
	put_text (ids->str, out);
	g_string_append (out, "\r\n");
}

/* Of a label, how many messages have it; "partly" and "errors" are of messages only. */
static void
put_cell (const MmLogs *logs, MmBy by, const MmTallyRow *row, const MmTallyCell *cell, GString *out)
{
	put_names (by, row->key, mm_tally_label (logs->tally, cell->label), out);
	put_number (row->messages, out);
	put_number (cell->found, out);
	put_number (cell->mended, out);
	g_string_append_c (out, ',');
	put_number (cell->left, out);
	put_number (cell->refused, out);
	put_number (cell->would, out);
	g_string_append_c (out, ',');
	put_time (cell->first, out);
	put_time (cell->last, out);
	g_string_append_c (out, ',');
	put_text (cell->id, out);
	g_string_append (out, "\r\n");
}

static void
put_all (const MmLogs *logs, MmBy by, const MmTallyRow *row, GString *out)
{
	g_autoptr (GPtrArray) cells = mm_tally_cells (row);

	put_row (by, row, out);
	for (guint i = 0; i < cells->len; i++)
		put_cell (logs, by, row, cells->pdata[i], out);
}

void
mm_logs_csv (const MmLogs *logs, GString *out)
{
	g_string_append (out, head);
	for (MmBy by = 0; by < MM_N_BY; by++) {
		const MmTallyRow *others = mm_tally_others (logs->tally, by);
		g_autoptr (GPtrArray) rows = NULL;
		guint more;

		if (logs->by >= 0 && logs->by != (int) by)
			continue;
		rows = mm_logs_rows (logs, by, &more);
		for (guint i = 0; i < rows->len; i++)
			put_all (logs, by, rows->pdata[i], out);
		if (others != NULL)
			put_all (logs, by, others, out);
	}
}
