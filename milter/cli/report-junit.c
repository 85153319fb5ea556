/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report-junit.c: what was found as a JUnit report, in the shape that Jenkins and GitLab read.
 *
 *	<testsuites> <testsuite> <testcase name="PATH"> [<failure> | <system-out>] ...
 *
 * A test case has one failure at most, since readers show the first only: it names all findings.
 */
#include <config.h>

#include <mailmend/verdict.h>

#include "command-private.h"
#include "report.h"

/* What XML 1.0 cannot say at all must not be in it, even escaped. */
static gboolean
is_xml_char (gunichar c)
{
	return c == '\t' || c == '\n' || (c >= 0x20 && c <= 0xfffd);
}

/* @text between tags or in an attribute; file names are any octets. */
static void
append_escaped (GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid (text, -1);
	g_autofree char *escaped = NULL;
	GString *plain = g_string_new (NULL);

	for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
		gunichar c = g_utf8_get_char (at);

		g_string_append_unichar (plain, is_xml_char (c) || c > 0xffff ? c : 0xfffd);
	}
	escaped = g_markup_escape_text (plain->str, (gssize) plain->len);
	g_string_append (out, escaped);
	g_string_free (plain, TRUE);
}

static void
append_attribute (GString *out, const char *name, const char *value)
{
	g_autofree char *visible = mm_command_visible (value);

	g_string_append_printf (out, " %s=\"", name);
	append_escaped (out, visible);
	g_string_append_c (out, '"');
}

static void
append_findings (const MmReport *report, GString *out)
{
	GString *lines = g_string_new (NULL);
	MmReport own = *report;

	/* what a bounce carries is not told here, so nothing of its own is left out for that */
	own.bounce = NULL;
	mm_report_text_findings (&own, lines);
	append_escaped (out, lines->str);
	g_string_free (lines, TRUE);
}

static void
append_failure (const MmReport *report, GString *out)
{
	g_autoptr (GPtrArray) labels = mm_report_labels (report);
	g_autofree char *text = mm_labels_join (labels);

	g_string_append (out, "      <failure");
	append_attribute (out, "type", "conformance");
	append_attribute (out, "message", text);
	g_string_append_c (out, '>');
	append_findings (report, out);
	g_string_append (out, "</failure>\n");
}

static void
append_case (GString *out, const MmInput *input)
{
	g_autofree char *file = mm_report_file (input);

	g_string_append (out, "    <testcase classname=\"mailmend\"");
	append_attribute (out, "name", input->name);
	append_attribute (out, "file", file);
	g_string_append (out, ">\n");
}

static void
begin (MmReportRun *run, GString *out G_GNUC_UNUSED)
{
	run->cases = g_string_new (NULL);
}

static void
append_message (const MmReport *report, MmReportRun *run, GString *out G_GNUC_UNUSED)
{
	append_case (run->cases, report->input);
	if (mm_report_is_failure (report)) {
		append_failure (report, run->cases);
	} else if (report->shown->len > 0) {
		g_string_append (run->cases, "      <system-out>");
		append_findings (report, run->cases);
		g_string_append (run->cases, "</system-out>\n");
	}
	g_string_append (run->cases, "    </testcase>\n");
}

/* What could not be read is an error of the run: which it was stands on standard error. */
static void
end (MmReportRun *run, GString *out)
{
	guint errors = run->trouble ? 1 : 0;
	g_autofree char *numbers =
		g_strdup_printf ("name=\"mailmend check\" tests=\"%" G_GUINT64_FORMAT
	                         "\" failures=\"%" G_GUINT64_FORMAT "\" errors=\"%u\"",
	                         run->messages + errors, run->failed, errors);

	g_string_append_printf (out,
	                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites %s>\n"
	                        "  <testsuite %s skipped=\"0\">\n%s",
	                        numbers, numbers, run->cases->str);
	if (run->trouble)
		g_string_append (out, "    <testcase classname=\"mailmend\" name=\"reading\">\n"
		                      "      <error type=\"trouble\" message=\"something could not "
		                      "be read or judged; standard error says what\"/>\n"
		                      "    </testcase>\n");
	g_string_append (out, "  </testsuite>\n</testsuites>\n");
	g_string_free (run->cases, TRUE);
	run->cases = NULL;
}

const MmReportForm mm_report_junit = {.begin = begin, .message = append_message, .end = end};
