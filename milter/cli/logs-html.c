/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-html.c: the report as a page for a browser: one file, nothing from elsewhere, of use without
 * scripts.
 */
#include <config.h>

#include <string.h>

#include "logs-html.h"

static const char style[] =
#include "logs-page.css.inc"
	;

static const char script[] =
#include "logs-page.js.inc"
	;

const MmHtmlKind mm_html_kinds[MM_HTML_N_KINDS] = {
	{"mended", "Mended", "were mended", {MM_OUTCOME_MENDED, MM_OUTCOME_MENDED}},
	{"partly", "Partly mended", "were mended, but some was left",
	 {MM_OUTCOME_PARTLY, MM_OUTCOME_PARTLY}},
	{"left", "Left", "passed as they were", {MM_OUTCOME_LEFT, MM_OUTCOME_LEFT}},
	{"refused", "Refused", "were rejected, held or put off",
	 {MM_OUTCOME_REFUSED, MM_OUTCOME_REFUSED}},
	{"would", "Dry run", "would have been mended or refused, but passed as they were",
	 {MM_OUTCOME_WOULD_MEND, MM_OUTCOME_WOULD_REFUSE}},
	{"error", "Failed", "made the filter fail", {MM_OUTCOME_ERROR, MM_OUTCOME_ERROR}},
};

guint64
mm_html_kind_count (const MmHtmlKind *kind, const guint64 *outcomes)
{
	guint64 count = outcomes[kind->outcomes[0]];

	return kind->outcomes[1] == kind->outcomes[0] ? count : count + outcomes[kind->outcomes[1]];
}

/* ---- writing ---------------------------------------------------------------------------------------- */

void
mm_html_text (GString *out, const char *text)
{
	g_autofree char *visible = mm_logs_visible (text);
	g_autofree char *escaped = g_markup_escape_text (visible, -1);

	g_string_append (out, escaped);
}

void
mm_html_number (GString *out, guint64 number)
{
	g_autofree char *text = mm_logs_number (number);

	g_string_append (out, text);
}

void
mm_html_time (GString *out, gint64 when)
{
	g_autofree char *iso = mm_log_clock_iso (when);
	g_autofree char *text = mm_log_clock_text (when);

	if (iso == NULL)
		g_string_append (out, "unknown");
	else
		g_string_append_printf (out, "<time datetime=\"%s\">%s</time>", iso, text);
}

/* ---- head ------------------------------------------------------------------------------------------------ */

/* What a policy names a script or style by (CSP level 2). */
static char *
hash_of (const char *text)
{
	g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize len = sizeof digest;
	g_autofree char *base64 = NULL;

	g_checksum_update (sum, (const guchar *) text, -1);
	g_checksum_get_digest (sum, digest, &len);
	base64 = g_base64_encode (digest, len);
	return g_strdup_printf ("'sha256-%s'", base64);
}

static void
append_head (GString *out)
{
	g_autofree char *style_hash = hash_of (style);
	g_autofree char *script_hash = hash_of (script);

	g_string_append_printf (
	        out,
	        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	        "style-src %s; script-src %s; base-uri 'none'; form-action 'none'\">\n"
	        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	        "<meta name=\"color-scheme\" content=\"light dark\">\n"
	        "<meta name=\"referrer\" content=\"no-referrer\">\n"
	        "<meta name=\"generator\" content=\"mailmend " PACKAGE_VERSION "\">\n"
	        "<title>Mail conformance report</title>\n<style>%s</style>\n</head>\n<body>\n",
	        style_hash, script_hash, style);
}

static void
append_title (const MmLogs *logs, GString *out)
{
	g_string_append (out, "<header>\n<h1>Mail conformance report</h1>\n<p class=\"period\">");
	if (mm_tally_begins (logs->tally) != MM_NO_TIME) {
		mm_html_time (out, mm_tally_begins (logs->tally));
		g_string_append (out, " to ");
		mm_html_time (out, mm_tally_ends (logs->tally));
	} else {
		g_string_append (out, "no message with a time");
	}
	g_string_append (out, "</p>\n</header>\n");
}

/* ---- headline numbers ---------------------------------------------------------------------------------------- */

static void
append_tile (GString *out, const char *css, const char *title, guint64 count, guint64 whole,
             const char *of)
{
	g_autofree char *share = mm_logs_percent (count, whole);

	g_string_append_printf (out, "<div class=\"tile %s\"><dt>%s</dt><dd>", css, title);
	mm_html_number (out, count);
	if (of != NULL)
		g_string_append_printf (out, "<small>%s %s</small>", share, of);
	g_string_append (out, "</dd></div>\n");
}

static void
append_tiles (const MmTallyRow *total, GString *out)
{
	g_string_append (out, "<dl class=\"tiles\">\n");
	append_tile (out, "", "Messages", total->messages, 0, NULL);
	append_tile (out, "", "With issues", total->issues, total->messages, "of all");
	for (gsize i = 0; i < MM_HTML_N_KINDS; i++) {
		const MmHtmlKind *kind = &mm_html_kinds[i];
		guint64 count = mm_html_kind_count (kind, total->outcomes);
		gboolean always = i == 0 || kind->outcomes[0] == MM_OUTCOME_LEFT;

		if (count > 0 || always)
			append_tile (out, kind->css, kind->title, count, total->issues,
			             "of issues");
	}
	g_string_append (out, "</dl>\n");
}

/* A message without issues is grey. */
static void
append_band (const MmTallyRow *total, GString *out)
{
	guint64 clean = total->outcomes[MM_OUTCOME_CLEAN];

	if (total->messages == 0)
		return;
	mm_html_bar (out, total->outcomes, total->messages);
	g_string_append (out, "<ul class=\"legend\">\n<li><span class=\"swatch clean\"></span><b>");
	mm_html_number (out, clean);
	g_string_append (out, "</b> had nothing that counts</li>\n");
	for (gsize i = 0; i < MM_HTML_N_KINDS; i++) {
		guint64 count = mm_html_kind_count (&mm_html_kinds[i], total->outcomes);

		if (count == 0)
			continue;
		g_string_append_printf (out, "<li><span class=\"swatch %s\"></span><b>",
		                        mm_html_kinds[i].css);
		mm_html_number (out, count);
		g_string_append_printf (out, "</b> %s</li>\n", mm_html_kinds[i].means);
	}
	g_string_append (out, "</ul>\n");
}

static void
append_headline (const MmLogs *logs, GString *out)
{
	const MmTallyRow *total = mm_tally_total (logs->tally);

	g_string_append (out, "<section aria-label=\"Headline numbers\">\n");
	append_tiles (total, out);
	append_band (total, out);
	g_string_append (out, "</section>\n");
}

/* ---- the page ---------------------------------------------------------------------------------------------------- */

static const MmBy sections[] = {MM_BY_SENDER, MM_BY_DOMAIN,  MM_BY_CLIENT,
                                MM_BY_USER,   MM_BY_PROGRAM, MM_BY_POLICY};

static gboolean
is_shown (const MmLogs *logs, MmBy by)
{
	g_autoptr (GPtrArray) rows = NULL;
	guint more;

	if (logs->by >= 0 && logs->by != (int) by)
		return FALSE;
	rows = mm_logs_rows (logs, by, &more);
	return rows->len > 0 || mm_tally_others (logs->tally, by) != NULL;
}

static void
append_contents (const MmLogs *logs, GString *out)
{
	g_string_append (out, "<nav aria-label=\"On this page\"><a href=\"#next\">What to do next</a>"
	                      "<a href=\"#time\">Over time</a><a href=\"#labels\">Labels</a>");
	for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
		if (is_shown (logs, sections[i]))
			g_string_append_printf (out, "<a href=\"#by-%s\">%s</a>",
			                        mm_logs_by_word (sections[i]),
			                        mm_logs_by_title (sections[i]));
	g_string_append (out, "<a href=\"#explain\">What the labels mean</a></nav>\n");
}

static void
append_foot (const MmLogs *logs, GString *out)
{
	const MmLogsLines *lines = &logs->lines;

	g_string_append (out, "<footer>\n<p>Made ");
	mm_html_time (out, logs->now);
	g_string_append (out, " by mailmend " PACKAGE_VERSION ". Read: ");
	mm_html_number (out, lines->messages);
	g_string_append (out, " lines of messages, ");
	mm_html_number (out, lines->other);
	g_string_append (out, " other lines of mailmend, ");
	mm_html_number (out, lines->foreign);
	g_string_append (out, " lines of other programs.");
	if (lines->damaged > 0) {
		g_string_append (out, " <strong>Damaged and not counted: ");
		mm_html_number (out, lines->damaged);
		g_string_append (out, " lines.</strong>");
	}
	if (lines->outside > 0) {
		g_string_append (out, " Of another time: ");
		mm_html_number (out, lines->outside);
		g_string_append (out, " messages.");
	}
	g_string_append (out, "</p>\n</footer>\n");
}

static void
append_issues (const MmLogs *logs, GString *out)
{
	gint64 step;
	g_autoptr (GArray) spans = mm_tally_spans (logs->tally, &step);

	append_contents (logs, out);
	mm_html_advice (logs, out);
	mm_html_chart (out, spans, step);
	mm_html_labels (logs, spans, out);
	for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
		if (is_shown (logs, sections[i]))
			mm_html_names (logs, sections[i], out);
	mm_html_explain (logs, out);
}

void
mm_logs_html (const MmLogs *logs, GString *out)
{
	const MmTallyRow *total = mm_tally_total (logs->tally);

	append_head (out);
	append_title (logs, out);
	g_string_append (out, "<main>\n");
	append_headline (logs, out);
	if (total->issues > 0)
		append_issues (logs, out);
	else
		g_string_append_printf (out,
		                        "<section class=\"empty\"><h2>%s</h2><p>%s</p></section>\n",
		                        total->messages > 0 ? "No issues" : "No messages",
		                        total->messages > 0
		                                ? "No message of this log had anything that counts."
		                                : "There is no line of a message in this log. With "
		                                  "LogMessages = issues only messages with issues "
		                                  "have one.");
	g_string_append (out, "</main>\n");
	append_foot (logs, out);
	g_string_append_printf (out, "<script>%s</script>\n</body>\n</html>\n", script);
}
