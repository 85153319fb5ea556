/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-text.c: the report as tables for a terminal.
 *
 * Names stand last in their lines: they may be long, and no column is moved by them. What belongs to
 * a name stands below it. A width of 0 is no terminal: nothing is cut then.
 */
#include <config.h>

#include <string.h>

#include "logs.h"

#define INDENT 10

/* Labels that are shown with a name; --json and --csv have all. */
#define MAX_LABELS 6

/* Where there is less room for names behind the numbers, each has a line of its own before them. */
#define MIN_NAME 30

/* "a...b" and some more; a width of 0 is no terminal. */
#define MIN_CUT 8

typedef struct {
	const char *title;
	guint64 (*get) (const MmTallyRow *row);
	gboolean always;
} Column;

static guint64
get_issues (const MmTallyRow *row)
{
	return row->issues;
}

static guint64
get_messages (const MmTallyRow *row)
{
	return row->messages;
}

static guint64
get_mended (const MmTallyRow *row)
{
	return row->outcomes[MM_OUTCOME_MENDED];
}

static guint64
get_partly (const MmTallyRow *row)
{
	return row->outcomes[MM_OUTCOME_PARTLY];
}

static guint64
get_left (const MmTallyRow *row)
{
	return row->outcomes[MM_OUTCOME_LEFT];
}

static guint64
get_refused (const MmTallyRow *row)
{
	return row->outcomes[MM_OUTCOME_REFUSED];
}

static guint64
get_would (const MmTallyRow *row)
{
	return row->outcomes[MM_OUTCOME_WOULD_MEND] + row->outcomes[MM_OUTCOME_WOULD_REFUSE];
}

static guint64
get_errors (const MmTallyRow *row)
{
	return row->outcomes[MM_OUTCOME_ERROR];
}

static const Column columns[] = {
	{"MESSAGES", get_messages, TRUE},
	{"ISSUES", get_issues, TRUE},
	{"MENDED", get_mended, TRUE},
	{"PARTLY", get_partly, FALSE},
	{"LEFT", get_left, TRUE},
	{"REFUSED", get_refused, FALSE},
	{"WOULD", get_would, FALSE},
	{"ERRORS", get_errors, FALSE},
};

#define N_COLUMNS G_N_ELEMENTS (columns)
#define SHARE_WIDTH 7

typedef struct {
	const MmLogs *logs;
	MmBy by;
	guint width;             /* of the terminal; 0: any */
	guint widths[N_COLUMNS]; /* 0: not shown */
	GString *out;
} Table;

/* ---- lines ------------------------------------------------------------------------------------------ */

/* @text in at most @width columns, its middle left out; whole where there is no room for that. */
static void
append_cut (GString *out, const char *text, guint width)
{
	glong len = g_utf8_strlen (text, -1);
	glong head = (glong) width / 2;
	glong tail = (glong) width - head - 3;

	if (width < MIN_CUT || len <= (glong) width) {
		g_string_append (out, text);
		return;
	}
	g_string_append_len (out, text, g_utf8_offset_to_pointer (text, head) - text);
	g_string_append (out, "...");
	g_string_append (out, g_utf8_offset_to_pointer (text, len - tail));
}

static void
set_widths (Table *table, GPtrArray *rows, const MmTallyRow *others)
{
	for (gsize i = 0; i < N_COLUMNS; i++) {
		guint64 most = others != NULL ? columns[i].get (others) : 0;
		g_autofree char *text = NULL;

		for (guint row = 0; row < rows->len; row++)
			most = MAX (most, columns[i].get (rows->pdata[row]));
		text = mm_logs_number (most);
		table->widths[i] = most > 0 || columns[i].always
		                           ? (guint) MAX (strlen (text), strlen (columns[i].title))
		                           : 0;
	}
}

static guint
name_begins (const Table *table)
{
	guint at = SHARE_WIDTH + 2;

	for (gsize i = 0; i < N_COLUMNS; i++)
		at += table->widths[i] > 0 ? table->widths[i] + 2 : 0;
	return at;
}

/* Without blanks before it. */
static void
end_line (GString *out)
{
	while (out->len > 0 && out->str[out->len - 1] == ' ')
		g_string_truncate (out, out->len - 1);
	g_string_append_c (out, '\n');
}

static gboolean
is_narrow (const Table *table)
{
	return table->width > 0 && name_begins (table) + MIN_NAME > table->width;
}

static void
append_head (const Table *table)
{
	g_autofree char *title = g_ascii_strup (mm_logs_by_title (table->by), -1);

	if (is_narrow (table))
		g_string_append_printf (table->out, "%s\n", title);
	for (gsize i = 0; i < N_COLUMNS; i++) {
		if (table->widths[i] > 0)
			g_string_append_printf (table->out, "%*s  ", (int) table->widths[i],
			                        columns[i].title);
		if (columns[i].get == get_issues)
			g_string_append_printf (table->out, "%*s  ", SHARE_WIDTH, "SHARE");
	}
	g_string_append (table->out, is_narrow (table) ? "" : title);
	end_line (table->out);
}

/* Labels count by message; others by what they send. */
static void
append_share (const Table *table, const MmTallyRow *row)
{
	const MmTallyRow *whole =
	        table->by == MM_BY_LABEL ? mm_tally_total (table->logs->tally) : row;
	g_autofree char *share = mm_logs_percent (row->issues, whole->messages);

	g_string_append_printf (table->out, "%*s  ", SHARE_WIDTH, share);
}

static void
append_labels (const Table *table, const MmTallyRow *row)
{
	g_autoptr (GPtrArray) cells = mm_tally_cells (row);
	guint at = INDENT;

	g_string_append_printf (table->out, "%*s", INDENT, "");
	for (guint i = 0; i < MIN (cells->len, MAX_LABELS); i++) {
		const MmTallyCell *cell = cells->pdata[i];
		g_autofree char *number = mm_logs_number (cell->found);
		g_autofree char *label =
		        mm_logs_visible (mm_tally_label (table->logs->tally, cell->label));
		guint len = (guint) (strlen (label) + 1 + strlen (number));

		if (i > 0)
			g_string_append_c (table->out, ',');
		if (i > 0 && table->width > 0 && at + 2 + len + 1 > table->width) {
			g_string_append_printf (table->out, "\n%*s", INDENT, "");
			at = INDENT;
		} else if (i > 0) {
			g_string_append_c (table->out, ' ');
			at += 2;
		}
		g_string_append_printf (table->out, "%s %s", label, number);
		at += len;
	}
	if (cells->len > MAX_LABELS)
		g_string_append_printf (table->out, ", %u more", cells->len - MAX_LABELS);
	g_string_append_c (table->out, '\n');
}

/* When, and which messages to look up in the log. */
static void
append_examples (const Table *table, const MmTallyRow *row)
{
	g_autofree char *first = mm_log_clock_text (row->first);
	g_autofree char *last = mm_log_clock_text (row->last);

	guint at = INDENT + (guint) (strlen (first) + strlen (" to ") + strlen (last));

	g_string_append_printf (table->out, "%*s%s to %s", INDENT, "", first, last);
	for (guint i = 0; i < row->n_examples; i++) {
		g_autofree char *id = mm_logs_visible (row->examples[i].id);

		at += (guint) (strlen (i == 0 ? "; last " : ", ") + strlen (id));
		if (table->width > 0 && at > table->width)
			break;
		g_string_append_printf (table->out, "%s %s", i == 0 ? "; last" : ",", id);
	}
	g_string_append_c (table->out, '\n');
}

static void
append_row (const Table *table, const MmTallyRow *row)
{
	guint room = table->width;
	gboolean narrow = is_narrow (table);
	g_autofree char *key = mm_logs_visible (row->key);

	if (narrow) {
		append_cut (table->out, key, room);
		g_string_append_c (table->out, '\n');
	} else if (room > 0) {
		room -= name_begins (table);
	}
	for (gsize i = 0; i < N_COLUMNS; i++) {
		g_autofree char *number = mm_logs_number (columns[i].get (row));

		if (table->widths[i] > 0)
			g_string_append_printf (table->out, "%*s  ", (int) table->widths[i],
			                        number);
		if (columns[i].get == get_issues)
			append_share (table, row);
	}
	if (!narrow)
		append_cut (table->out, key, room);
	end_line (table->out);
	if (table->by != MM_BY_LABEL)
		append_labels (table, row);
	append_examples (table, row);
}

/* ---- tables ------------------------------------------------------------------------------------------ */

static void
append_table (const MmLogs *logs, MmBy by, guint width, GString *out)
{
	guint more;
	g_autoptr (GPtrArray) rows = mm_logs_rows (logs, by, &more);
	const MmTallyRow *others = mm_tally_others (logs->tally, by);
	Table table = {.logs = logs, .by = by, .width = width, .out = out};

	if (rows->len == 0 && others == NULL)
		return;
	set_widths (&table, rows, others);
	g_string_append_c (out, '\n');
	append_head (&table);
	for (guint i = 0; i < rows->len; i++)
		append_row (&table, rows->pdata[i]);
	if (more > 0)
		g_string_append_printf (out, "%*s%u more %s with issues; --top=0 shows all\n",
		                        INDENT, "", more, mm_logs_by_words (by));
	if (others != NULL)
		append_row (&table, others);
}

static void
append_count (GString *out, guint64 number, const char *text)
{
	g_autofree char *shown = mm_logs_number (number);

	if (number > 0)
		g_string_append_printf (out, "  %9s  %s\n", shown, text);
}

static void
append_outcomes (const MmLogs *logs, GString *out)
{
	static const char *const texts[] = {
		[MM_OUTCOME_CLEAN] = "had nothing that counts",
		[MM_OUTCOME_MENDED] = "were mended",
		[MM_OUTCOME_PARTLY] = "were mended, but some of it was left",
		[MM_OUTCOME_LEFT] = "passed as they were",
		[MM_OUTCOME_REFUSED] = "were rejected, held or put off",
		[MM_OUTCOME_WOULD_MEND] = "would have been mended (dry run)",
		[MM_OUTCOME_WOULD_REFUSE] = "would have been refused (dry run)",
		[MM_OUTCOME_ERROR] = "made the filter fail",
	};
	const MmTallyRow *total = mm_tally_total (logs->tally);

	for (MmOutcome i = 0; i < MM_N_OUTCOMES; i++)
		append_count (out, total->outcomes[i], texts[i]);
	append_count (out, logs->lines.damaged, "lines of messages are damaged and not counted");
	append_count (out, logs->lines.outside, "messages are of another time");
	append_count (out, mm_tally_undated (logs->tally), "of these messages have no time");
}

static void
append_summary (const MmLogs *logs, GString *out)
{
	const MmTallyRow *total = mm_tally_total (logs->tally);
	g_autofree char *messages = mm_logs_number (total->messages);
	g_autofree char *issues = mm_logs_number (total->issues);
	g_autofree char *share = mm_logs_percent (total->issues, total->messages);
	g_autofree char *first = mm_log_clock_text (mm_tally_begins (logs->tally));
	g_autofree char *last = mm_log_clock_text (mm_tally_ends (logs->tally));

	if (total->messages == 0)
		g_string_append (out, "no message of mailmend-milter that counts\n");
	else
		g_string_append_printf (out, "%s messages, %s with issues (%s), %s to %s\n", messages,
		                        issues, share, first, last);
	append_outcomes (logs, out);
}

void
mm_logs_text (const MmLogs *logs, guint width, GString *out)
{
	static const MmBy usual[] = {MM_BY_LABEL, MM_BY_SENDER, MM_BY_CLIENT, MM_BY_USER,
	                             MM_BY_PROGRAM};

	append_summary (logs, out);
	if (mm_tally_total (logs->tally)->messages == 0)
		return;
	if (logs->by >= 0) {
		append_table (logs, (MmBy) logs->by, width, out);
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
		append_table (logs, usual[i], width, out);
}
