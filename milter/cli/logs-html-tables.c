/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-html-tables.c: the tables of the page. On a narrow screen a row becomes a card, and what a
 * column is called stands before each number: so that stands with every cell.
 */
#include <config.h>

#include "logs-html.h"

/* Labels that are shown with a name. */
#define MAX_CHIPS 4

static void
append_number_cell (GString *out, const char *title, guint64 number)
{
	g_string_append_printf (out,
	                        "<td role=\"cell\" class=\"n\" data-t=\"%s\" data-v=\"%" G_GUINT64_FORMAT
	                        "\">", title, number);
	mm_html_number (out, number);
	g_string_append (out, "</td>");
}

static void
append_time_cell (GString *out, gint64 when)
{
	g_string_append_printf (out,
	                        "<td role=\"cell\" class=\"t\" data-t=\"Last seen\" "
	                        "data-v=\"%" G_GINT64_FORMAT "\">", when == MM_NO_TIME ? 0 : when);
	mm_html_time (out, when);
	g_string_append (out, "</td>");
}

static void
append_head (GString *out, const char *const *titles)
{
	g_string_append (out, "<div class=\"wrap\"><table role=\"table\" class=\"cards\">\n"
	                      "<thead role=\"rowgroup\"><tr role=\"row\">");
	for (; *titles != NULL; titles++) {
		gboolean number = **titles == '#';

		g_string_append_printf (out, "<th scope=\"col\" role=\"columnheader\"%s>%s</th>",
		                        number ? " class=\"n\"" : "", *titles + (number ? 1 : 0));
	}
	g_string_append (out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

/* A label that is known leads to what it means. */
static void
append_label (const MmLogs *logs, guint label, GString *out)
{
	const MmRule *rule = mm_tally_rule (logs->tally, label);

	if (rule != NULL)
		g_string_append_printf (out, "<a href=\"#%s\">%s</a>", rule->label, rule->label);
	else
		mm_html_text (out, mm_tally_label (logs->tally, label));
}

/* ---- labels -------------------------------------------------------------------------------------------- */

static const char *
cure_words (const MmRule *rule)
{
	if (rule == NULL)
		return "of another version";
	if (rule->fix == NULL)
		return "cure at the source only";
	return rule->m365 == MM_M365_FIX ? "can be mended" : "mended where a policy names it";
}

static void
append_label_row (const MmLogs *logs, const GArray *spans, const MmTallyCell *cell, guint64 most,
                  GString *out)
{
	const MmRule *rule = mm_tally_rule (logs->tally, cell->label);

	g_string_append (out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">");
	append_label (logs, cell->label, out);
	g_string_append_printf (out, "<small>%s</small></th>", cure_words (rule));
	append_number_cell (out, "Found", cell->found);
	g_string_append (out, "<td role=\"cell\" class=\"b\">");
	mm_html_cell_bar (out, cell, most);
	g_string_append (out, "</td>");
	append_number_cell (out, "Mended", cell->mended);
	append_number_cell (out, "Left", cell->left);
	append_number_cell (out, "Refused", cell->refused);
	g_string_append (out, "<td role=\"cell\" class=\"s\">");
	mm_html_spark (out, spans, cell->label);
	g_string_append (out, "</td>");
	append_time_cell (out, cell->last);
	g_string_append (out, "</tr>\n");
}

void
mm_html_labels (const MmLogs *logs, const GArray *spans, GString *out)
{
	static const char *const titles[] = {"Label",    "#Found",          "Found, and what became of it",
	                                     "#Mended",  "#Left",           "#Refused",
	                                     "Over time", "Last seen", NULL};
	g_autoptr (GPtrArray) cells = mm_tally_cells (mm_tally_total (logs->tally));
	guint64 most = cells->len > 0 ? ((const MmTallyCell *) cells->pdata[0])->found : 0;

	g_string_append (out, "<section id=\"labels\"><h2>What was found, and what was left</h2>\n"
	                      "<p class=\"sub\">Messages with each label. One that was mended in one "
	                      "place and left in another counts as both.</p>\n");
	append_head (out, titles);
	for (guint i = 0; i < cells->len; i++)
		append_label_row (logs, spans, cells->pdata[i], most, out);
	g_string_append (out, "</tbody></table></div></section>\n");
}

/* ---- names ----------------------------------------------------------------------------------------------- */

static void
append_chips (const MmLogs *logs, const MmTallyRow *row, GString *out)
{
	g_autoptr (GPtrArray) cells = mm_tally_cells (row);

	g_string_append (out, "<span class=\"chips\">");
	for (guint i = 0; i < MIN (cells->len, MAX_CHIPS); i++) {
		const MmTallyCell *cell = cells->pdata[i];

		g_string_append (out, "<span class=\"chip\">");
		append_label (logs, cell->label, out);
		g_string_append_c (out, ' ');
		mm_html_number (out, cell->found);
		g_string_append (out, "</span> ");
	}
	if (cells->len > MAX_CHIPS)
		g_string_append_printf (out, "<span class=\"more\">and %u more</span>",
		                        cells->len - MAX_CHIPS);
	g_string_append (out, "</span>");
}

static void
append_examples (const MmTallyRow *row, GString *out)
{
	if (row->n_examples == 0)
		return;
	g_string_append (out, "<small class=\"ids\">");
	for (guint i = 0; i < row->n_examples; i++) {
		g_string_append (out, i > 0 ? ", " : "last: ");
		mm_html_text (out, row->examples[i].id);
	}
	g_string_append (out, "</small>");
}

static void
append_name_row (const MmLogs *logs, const MmTallyRow *row, guint64 most, GString *out)
{
	g_autofree char *share = mm_logs_percent (row->issues, row->messages);

	g_string_append (out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><span "
	                      "class=\"who\">");
	mm_html_text (out, row->key);
	g_string_append (out, "</span>");
	append_chips (logs, row, out);
	append_examples (row, out);
	g_string_append (out, "</th>");
	append_number_cell (out, "With issues", row->issues);
	g_string_append (out, "<td role=\"cell\" class=\"b\">");
	mm_html_bar (out, row->outcomes, most);
	g_string_append_printf (out, "</td><td role=\"cell\" class=\"n\" data-t=\"Of its mail\" "
	                        "data-v=\"%" G_GUINT64_FORMAT "\">%s</td>",
	                        row->messages > 0 ? row->issues * 10000 / row->messages : 0, share);
	append_number_cell (out, "Mended",
	                    row->outcomes[MM_OUTCOME_MENDED] + row->outcomes[MM_OUTCOME_PARTLY]);
	append_number_cell (out, "Left",
	                    row->outcomes[MM_OUTCOME_LEFT] + row->outcomes[MM_OUTCOME_PARTLY]);
	append_number_cell (out, "Refused", row->outcomes[MM_OUTCOME_REFUSED]);
	append_time_cell (out, row->last);
	g_string_append (out, "</tr>\n");
}

static void
append_more (const MmLogs *logs, MmBy by, guint more, GString *out)
{
	const MmTallyRow *others = mm_tally_others (logs->tally, by);

	if (more > 0)
		g_string_append_printf (out,
		                        "<p class=\"sub\">%u more %s with issues are not shown "
		                        "(--top).</p>\n", more, mm_logs_by_words (by));
	if (others == NULL)
		return;
	g_string_append (out, "<p class=\"sub\">There were too many to keep all: ");
	mm_html_number (out, others->issues);
	g_string_append (out, " messages with issues are of others.</p>\n");
}

void
mm_html_names (const MmLogs *logs, MmBy by, GString *out)
{
	const char *const titles[] = {mm_logs_by_title (by), "#With issues", "What became of them",
	                              "#Of its mail", "#Mended", "#Left", "#Refused", "Last seen", NULL};
	guint more;
	g_autoptr (GPtrArray) rows = mm_logs_rows (logs, by, &more);
	guint64 most = rows->len > 0 ? ((const MmTallyRow *) rows->pdata[0])->issues : 0;

	g_string_append_printf (out, "<section id=\"by-%s\"><h2>%s</h2>\n", mm_logs_by_word (by),
	                        mm_logs_by_title (by));
	if (mm_tally_total (logs->tally)->outcomes[MM_OUTCOME_PARTLY] > 0)
		g_string_append (out, "<p class=\"sub\">What was mended in part counts as mended and as "
		                      "left.</p>\n");
	append_head (out, titles);
	for (guint i = 0; i < rows->len; i++)
		append_name_row (logs, rows->pdata[i], most, out);
	g_string_append (out, "</tbody></table></div>\n");
	append_more (logs, by, more, out);
	g_string_append (out, "</section>\n");
}
