/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-html-chart.c: bars as SVG.
 *
 * A picture is stretched to the width there is, so nothing in it is text: that stands beside it, in the
 * size of the page. Coordinates are whole numbers; a picture is HEIGHT high.
 */
#include <config.h>

#include "logs-html.h"

#define HEIGHT 1000
#define WIDTH 1000
#define STEP 10
#define GAP 2

#define DAY ((gint64) 24 * 3600)

/* ---- bars of one line ----------------------------------------------------------------------------------- */

/* Rounded from the beginning on, so that parts meet. */
static guint
place (guint64 count, guint64 whole)
{
	return whole > 0 ? (guint) (WIDTH * (double) MIN (count, whole) / (double) whole + 0.5) : 0;
}

static void
append_piece (GString *out, const char *css, guint64 from, guint64 count, guint64 whole)
{
	guint begin = place (from, whole);
	guint end = place (from + count, whole);

	if (count > 0)
		g_string_append_printf (out, "<rect class=\"%s\" x=\"%u\" width=\"%u\" height=\"10\"/>",
		                        css, begin, MAX (end - begin, 2));
}

static void
begin_bar (GString *out)
{
	g_string_append_printf (out,
	                        "<svg class=\"bar\" viewBox=\"0 0 %d 10\" "
	                        "preserveAspectRatio=\"none\" aria-hidden=\"true\">", WIDTH);
}

void
mm_html_bar (GString *out, const guint64 *outcomes, guint64 whole)
{
	guint64 at = 0;

	begin_bar (out);
	for (gsize i = 0; i < MM_HTML_N_KINDS; i++) {
		guint64 count = mm_html_kind_count (&mm_html_kinds[i], outcomes);

		append_piece (out, mm_html_kinds[i].css, at, count, whole);
		at += count;
	}
	g_string_append (out, "</svg>");
}

/* What was mended and left is in both: it is shown as partly mended. */
void
mm_html_cell_bar (GString *out, const MmTallyCell *cell, guint64 whole)
{
	guint64 settled = cell->mended + cell->left + cell->refused + cell->would;
	guint64 both = settled > cell->found ? MIN (settled - cell->found, cell->mended) : 0;
	const struct {
		const char *css;
		guint64 count;
	} pieces[] = {
		{"mended", cell->mended - both},
		{"partly", both},
		{"left", cell->left > both ? cell->left - both : 0},
		{"refused", cell->refused},
		{"would", cell->would},
	};
	guint64 at = 0;

	begin_bar (out);
	for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++) {
		append_piece (out, pieces[i].css, at, pieces[i].count, whole);
		at += pieces[i].count;
	}
	g_string_append (out, "</svg>");
}

/* ---- over time --------------------------------------------------------------------------------------------- */

static guint64
issues_of (const MmTallySpan *span)
{
	guint64 issues = 0;

	for (gsize i = 0; i < MM_HTML_N_KINDS; i++)
		issues += mm_html_kind_count (&mm_html_kinds[i], span->outcomes);
	return issues;
}

/* The next number of one digit and zeros. */
static guint64
round_up (guint64 most)
{
	static const guint steps[] = {1, 2, 3, 4, 5, 6, 8, 10};
	guint64 unit = 1;

	while (most / unit >= 10)
		unit *= 10;
	for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
		if (most <= steps[i] * unit)
			return steps[i] * unit;
	return 10 * unit;
}

/* (transfer full) */
static char *
span_title (const MmTallySpan *span, gint64 step)
{
	g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (span->begins);
	const char *form = step < DAY    ? "%a %Y-%m-%d %H:%M"
	                   : step == DAY ? "%a %Y-%m-%d"
	                                 : "from %a %Y-%m-%d";

	return time != NULL ? g_date_time_format (time, form) : g_strdup ("unknown");
}

static void
append_span (GString *out, const MmTallySpan *span, guint at, guint64 top, gint64 step)
{
	g_autofree char *title = span_title (span, step);
	guint64 below = 0;

	if (issues_of (span) == 0)
		return;
	g_string_append_printf (out, "<g><title>%s:", title);
	for (gsize i = 0; i < MM_HTML_N_KINDS; i++) {
		guint64 count = mm_html_kind_count (&mm_html_kinds[i], span->outcomes);

		if (count > 0)
			g_string_append_printf (out, " %" G_GUINT64_FORMAT " %s;", count,
			                        mm_html_kinds[i].css);
	}
	g_string_append (out, "</title>");
	for (gsize i = 0; i < MM_HTML_N_KINDS; i++) {
		guint64 count = mm_html_kind_count (&mm_html_kinds[i], span->outcomes);
		guint from = place (below, top);
		guint to = place (below + count, top);

		below += count;
		if (count > 0)
			g_string_append_printf (out,
			                        "<rect class=\"%s\" x=\"%u\" y=\"%u\" "
			                        "width=\"%d\" height=\"%u\"/>",
			                        mm_html_kinds[i].css, at * STEP + GAP / 2,
			                        HEIGHT - to, STEP - GAP, to - from);
	}
	g_string_append (out, "</g>\n");
}

static void
append_picture (GString *out, const GArray *spans, gint64 step, guint64 top)
{
	g_string_append_printf (out,
	                        "<svg viewBox=\"0 0 %u %d\" preserveAspectRatio=\"none\" role=\"img\" "
	                        "aria-label=\"Messages with issues over time; the numbers stand in "
	                        "the table below\">\n"
	                        "<path class=\"grid\" d=\"M0 0H%u M0 %d H%u M0 %d H%u\"/>\n",
	                        spans->len * STEP, HEIGHT, spans->len * STEP, HEIGHT / 2,
	                        spans->len * STEP, HEIGHT, spans->len * STEP);
	for (guint i = 0; i < spans->len; i++)
		append_span (out, &g_array_index (spans, MmTallySpan, i), i, top, step);
	g_string_append (out, "</svg>\n");
}

/* What stands below the picture: the first, the last, and some between. */
static void
append_days (GString *out, const GArray *spans, gint64 step)
{
	guint n = MIN (spans->len, 4);

	g_string_append (out, "<div class=\"x\" aria-hidden=\"true\">");
	for (guint i = 0; i < n; i++) {
		guint at = n > 1 ? i * (spans->len - 1) / (n - 1) : 0;
		g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (
		        g_array_index (spans, MmTallySpan, at).begins);
		g_autofree char *text =
		        time != NULL ? g_date_time_format (time, step < DAY ? "%-d %b %H:%M" : "%-d %b")
		                     : NULL;

		g_string_append_printf (out, "<span>%s</span>", text != NULL ? text : "");
	}
	g_string_append (out, "</div>\n");
}

static void
append_numbers (GString *out, const GArray *spans, gint64 step)
{
	g_string_append (out, "<details><summary>The numbers</summary><div class=\"wrap\"><table>\n"
	                      "<thead><tr><th scope=\"col\">When</th>");
	for (gsize i = 0; i < MM_HTML_N_KINDS; i++)
		g_string_append_printf (out, "<th scope=\"col\" class=\"n\">%s</th>",
		                        mm_html_kinds[i].title);
	g_string_append (out, "</tr></thead>\n<tbody>\n");
	for (guint i = 0; i < spans->len; i++) {
		const MmTallySpan *span = &g_array_index (spans, MmTallySpan, i);
		g_autofree char *title = span_title (span, step);

		if (issues_of (span) == 0)
			continue;
		g_string_append_printf (out, "<tr><th scope=\"row\">%s</th>", title);
		for (gsize kind = 0; kind < MM_HTML_N_KINDS; kind++) {
			g_string_append (out, "<td class=\"n\">");
			mm_html_number (out,
			                mm_html_kind_count (&mm_html_kinds[kind], span->outcomes));
			g_string_append (out, "</td>");
		}
		g_string_append (out, "</tr>\n");
	}
	g_string_append (out, "</tbody></table></div></details>\n");
}

static const char *
step_words (gint64 step)
{
	if (step < DAY)
		return "an hour";
	return step == DAY ? "a day" : step == 7 * DAY ? "a week" : "several weeks";
}

void
mm_html_chart (GString *out, const GArray *spans, gint64 step)
{
	guint64 most = 1;
	guint64 top;

	g_string_append (out, "<section id=\"time\"><h2>Issues over time</h2>\n");
	for (guint i = 0; i < spans->len; i++)
		most = MAX (most, issues_of (&g_array_index (spans, MmTallySpan, i)));
	top = round_up (most);
	if (spans->len == 0) {
		g_string_append (out, "<p>No message has a time.</p></section>\n");
		return;
	}
	g_string_append_printf (out,
	                        "<p class=\"sub\">Messages with issues; a bar is %s.</p>\n"
	                        "<div class=\"plot\"><div class=\"y\" aria-hidden=\"true\"><span>",
	                        step_words (step));
	mm_html_number (out, top);
	g_string_append (out, "</span><span>");
	if (top % 2 == 0)
		mm_html_number (out, top / 2);
	g_string_append (out, "</span><span>0</span></div>\n");
	append_picture (out, spans, step, top);
	append_days (out, spans, step);
	g_string_append (out, "</div>\n");
	append_numbers (out, spans, step);
	g_string_append (out, "</section>\n");
}

/* ---- one label ------------------------------------------------------------------------------------------------ */

void
mm_html_spark (GString *out, const GArray *spans, guint label)
{
	guint32 most = 1;

	for (guint i = 0; i < spans->len; i++)
		most = MAX (most, g_array_index (spans, MmTallySpan, i).labels[label]);
	g_string_append_printf (out,
	                        "<svg class=\"spark\" viewBox=\"0 0 %u 100\" "
	                        "preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\"",
	                        MAX (1, spans->len) * STEP);
	for (guint i = 0; i < spans->len; i++) {
		guint32 count = g_array_index (spans, MmTallySpan, i).labels[label];
		guint high = (guint) ((guint64) count * 94 / most) + 6;

		if (count > 0)
			g_string_append_printf (out, "M%u 100v-%uh%dV100z", i * STEP + GAP / 2, high,
			                        STEP - GAP);
	}
	g_string_append (out, "\"/></svg>");
}
