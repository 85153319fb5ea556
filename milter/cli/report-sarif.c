/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report-sarif.c: what was found as SARIF 2.1.0 (OASIS), one run, one result a finding.
 *
 * The rules come first and are all labels of the registry, so results can be written as they are
 * found. A line a result: "],", then what is only known at the end.
 */
#include <config.h>

#include <string.h>

#include "catalogue.h"
#include "json.h"
#include "report.h"

#define SCHEMA                                                                                     \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"                      \
	"sarif-schema-2.1.0.json"

/* What may stand raw in the path of a URI; a colon could end the name of a scheme. */
#define URI_PATH_CHARS "!$&'()*+,;=@/"

static const char *const levels[] = {
	[MM_SEVERITY_NOTICE] = "note",
	[MM_SEVERITY_WARNING] = "warning",
	[MM_SEVERITY_ERROR] = "error",
};

/* ---- the rules ------------------------------------------------------------------------------ */

static void
append_message_text (GString *out, const char *key, const char *text)
{
	mm_json_open (out, key, '{');
	mm_json_string (out, "text", text);
	mm_json_close (out, '}');
}

static void
append_help (GString *help, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		g_string_append_printf (help, "%s%s: %s", help->len > 0 ? "\n" : "", key, text);
}

/* "MISSING_DATE_HEADER": "MissingDateHeader". */
static void
append_name (GString *out, const char *label)
{
	GString *name = g_string_new (NULL);

	for (gsize i = 0; label[i] != '\0'; i++) {
		if (label[i] == '_')
			continue;
		g_string_append_c (name, i == 0 || label[i - 1] == '_' ? label[i]
		                                                       : g_ascii_tolower (label[i]));
	}
	mm_json_string (out, "name", name->str);
	g_string_free (name, TRUE);
}

static void
append_rule (GString *out, const MmRule *rule)
{
	g_autofree char *groups = mm_catalogue_groups (rule);
	GString *help = g_string_new (NULL);

	append_help (help, "Found when", rule->summary);
	append_help (help, "Repair", rule->repair != NULL ? rule->repair : "none");
	append_help (help, "Standard", rule->citation);
	append_help (help, "Receivers", rule->receivers);
	append_help (help, "MTA", rule->hidden);
	mm_json_open (out, NULL, '{');
	mm_json_string (out, "id", rule->label);
	append_name (out, rule->label);
	append_message_text (out, "shortDescription", rule->summary);
	append_message_text (out, "help", help->str);
	mm_json_open (out, "defaultConfiguration", '{');
	mm_json_string (out, "level", levels[rule->severity]);
	mm_json_close (out, '}');
	mm_json_open (out, "properties", '{');
	mm_json_open (out, "tags", '[');
	if (*groups != '\0') {
		g_auto (GStrv) tags = g_strsplit (groups, ", ", -1);

		for (guint i = 0; tags[i] != NULL; i++)
			mm_json_string (out, NULL, tags[i]);
	}
	mm_json_close (out, ']');
	mm_json_close (out, '}');
	mm_json_close (out, '}');
	g_string_free (help, TRUE);
}

static void
begin (MmReportRun *run G_GNUC_UNUSED, GString *out)
{
	g_autoptr (GPtrArray) rules = mm_catalogue_sorted ();

	mm_json_open (out, NULL, '{');
	mm_json_string (out, "$schema", SCHEMA);
	mm_json_string (out, "version", "2.1.0");
	mm_json_open (out, "runs", '[');
	mm_json_open (out, NULL, '{');
	mm_json_open (out, "tool", '{');
	mm_json_open (out, "driver", '{');
	mm_json_string (out, "name", "mailmend");
	mm_json_string (out, "semanticVersion", PACKAGE_VERSION);
	mm_json_open (out, "rules", '[');
	for (guint i = 0; i < rules->len; i++)
		append_rule (out, rules->pdata[i]);
	mm_json_close (out, ']');
	mm_json_close (out, '}');
	mm_json_close (out, '}');
	mm_json_string (out, "columnKind", "unicodeCodePoints");
	mm_json_open (out, "results", '[');
	g_string_append_c (out, '\n');
}

/* ---- the results ---------------------------------------------------------------------------- */

/* From 1, in characters; what is no UTF-8 counts by octets. */
static guint64
column_of (const MmReport *report, const MmFinding *finding)
{
	MmBytes given = mm_bytes_of (report->input->given);
	gsize at = MIN (mm_report_offset (report->input, finding) - report->input->offset,
	                given.len);
	gsize from = at;

	while (from > 0 && given.data[from - 1] != '\n')
		from--;
	if (from == at)
		return 1;
	if (!g_utf8_validate (given.data + from, (gssize) (at - from), NULL))
		return at - from + 1;
	return (guint64) g_utf8_strlen (given.data + from, (gssize) (at - from)) + 1;
}

/* The file; what may not stand in a URI is escaped. */
static char *
uri_of (const MmInput *input)
{
	g_autofree char *path = mm_report_file (input);
	g_autofree char *escaped = g_uri_escape_string (path, URI_PATH_CHARS, FALSE);

	return g_strconcat (g_path_is_absolute (path) ? "file://" : "", escaped, NULL);
}

/* Where in the mail: "message 3, part 2.1, header Subject". */
static void
append_logical (const MmReport *report, const MmFinding *finding, GString *out)
{
	g_autofree char *part = mm_report_part (report, finding);
	g_autofree char *header = mm_report_header (report->check, finding);
	GString *name = g_string_new (NULL);

	if (report->input->number > 0)
		g_string_append_printf (name, "message %u, ", report->input->number);
	if (*part != '\0')
		g_string_append_printf (name, "part %s, ", part);
	if (header != NULL)
		g_string_append_printf (name, "header %s, ", header);
	if (name->len > 0) {
		g_string_truncate (name, name->len - strlen (", "));
		mm_json_open (out, "logicalLocations", '[');
		mm_json_open (out, NULL, '{');
		mm_json_string (out, "fullyQualifiedName", name->str);
		mm_json_close (out, '}');
		mm_json_close (out, ']');
	}
	g_string_free (name, TRUE);
}

static void
append_location (const MmReport *report, const MmFinding *finding, GString *out)
{
	g_autofree char *uri = uri_of (report->input);

	mm_json_open (out, "locations", '[');
	mm_json_open (out, NULL, '{');
	mm_json_open (out, "physicalLocation", '{');
	mm_json_open (out, "artifactLocation", '{');
	mm_json_string (out, "uri", uri);
	mm_json_close (out, '}');
	mm_json_open (out, "region", '{');
	mm_json_number (out, "startLine", mm_report_line (report->input, finding));
	mm_json_number (out, "startColumn", column_of (report, finding));
	mm_json_close (out, '}');
	mm_json_close (out, '}');
	append_logical (report, finding, out);
	mm_json_close (out, '}');
	mm_json_close (out, ']');
}

static guint64
rule_index (const MmRule *rule)
{
	g_autoptr (GPtrArray) rules = mm_catalogue_sorted ();
	guint at = 0;

	g_ptr_array_find (rules, rule, &at);
	return at;
}

static void
append_message (const MmReport *report, MmReportRun *run, GString *out)
{
	for (guint i = 0; i < report->shown->len; i++) {
		const MmFinding *finding = report->shown->pdata[i];
		g_autofree char *words = mm_report_words (report, finding);

		/* behind a line end the writer of JSON sets no comma of its own */
		if (run->results + i > 0)
			g_string_append (out, ",\n");
		mm_json_open (out, NULL, '{');
		mm_json_string (out, "ruleId", finding->rule->label);
		mm_json_number (out, "ruleIndex", rule_index (finding->rule));
		mm_json_string (out, "level", levels[finding->severity]);
		append_message_text (out, "message", words);
		append_location (report, finding, out);
		mm_json_close (out, '}');
	}
}

static void
end (MmReportRun *run, GString *out)
{
	g_string_append_c (out, '\n');
	mm_json_close (out, ']');
	mm_json_open (out, "invocations", '[');
	mm_json_open (out, NULL, '{');
	mm_json_boolean (out, "executionSuccessful", !run->trouble);
	mm_json_close (out, '}');
	mm_json_close (out, ']');
	mm_json_close (out, '}');
	mm_json_close (out, ']');
	mm_json_close (out, '}');
	g_string_append_c (out, '\n');
}

const MmReportForm mm_report_sarif = {.begin = begin, .message = append_message, .end = end};
