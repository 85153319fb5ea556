/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * labels.c: `mailmend labels`: the registry as a table, as JSON or for the manual page.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "catalogue.h"
#include "command-private.h"
#include "json.h"

static const MmUsage usage = {
	.arguments = "",
	.summary = "Lists all labels.",
};

#define TABLE_ROW "%-*s  %-8s  %-6s  %s\n"

static void
as_text (const GPtrArray *rules, GString *out)
{
	gsize width = strlen ("LABEL");

	for (guint i = 0; i < rules->len; i++) {
		const MmRule *rule = rules->pdata[i];

		width = MAX (width, strlen (rule->label));
	}
	g_string_append_printf (out, TABLE_ROW, (int) width, "LABEL", "SEVERITY", "M365",
	                        "SUMMARY");
	for (guint i = 0; i < rules->len; i++) {
		const MmRule *rule = rules->pdata[i];

		g_string_append_printf (out, TABLE_ROW, (int) width, rule->label,
		                        mm_severity_to_string (rule->severity),
		                        mm_catalogue_m365 (rule), rule->summary);
	}
}

static void
append_groups (const MmRule *rule, GString *out)
{
	g_autofree char *text = mm_catalogue_groups (rule);
	g_auto (GStrv) groups = g_strsplit (text, ", ", -1);

	mm_json_open (out, "groups", '[');
	for (guint i = 0; groups[i] != NULL; i++)
		mm_json_string (out, NULL, groups[i]);
	mm_json_close (out, ']');
}

/* One object on one line, a label. */
static void
as_json (const GPtrArray *rules, GString *out)
{
	for (guint i = 0; i < rules->len; i++) {
		const MmRule *rule = rules->pdata[i];

		mm_json_open (out, NULL, '{');
		mm_json_string (out, "label", rule->label);
		mm_json_string (out, "severity", mm_severity_to_string (rule->severity));
		append_groups (rule, out);
		mm_json_string (out, "microsoft365", mm_catalogue_m365 (rule));
		mm_json_string (out, "summary", rule->summary);
		mm_json_string (out, "repair", rule->repair);
		mm_json_string (out, "citation", rule->citation);
		mm_json_string (out, "receivers", rule->receivers);
		mm_json_string (out, "hidden", rule->hidden);
		mm_json_close (out, '}');
		g_string_append_c (out, '\n');
	}
}

static void
as_man (const GPtrArray *rules G_GNUC_UNUSED, GString *out)
{
	mm_catalogue_man (out);
}

static const char *const format_names[] = {"text", "json", "man", NULL};

static void (*const formats[]) (const GPtrArray *rules, GString *out) = {
	as_text,
	as_json,
	as_man,
};

static int
print_labels (const char *name)
{
	int format = mm_command_choice ("--format", name, format_names);
	g_autoptr (GPtrArray) rules = mm_catalogue_sorted ();
	GString *out;

	if (format < 0)
		return MM_EXIT_TROUBLE;
	out = g_string_new (NULL);
	formats[format](rules, out);
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
	return mm_command_finish (MM_EXIT_FINE);
}

int
mm_command_labels (int argc, char **argv)
{
	g_autofree char *format = NULL;
	g_auto (GStrv) rest = NULL;
	const GOptionEntry entries[] = {
		{"format", 0, 0, G_OPTION_ARG_FILENAME, &format,
	         "text (default), json (one object a label) or man (the end of "
	         "mailmend-labels(7))", "FORMAT"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	int code;

	if (!mm_command_parse (&usage, entries, argc, argv, &code))
		return code;
	if (rest != NULL) {
		mm_command_complain ("labels: unexpected argument '%s'", rest[0]);
		return MM_EXIT_TROUBLE;
	}
	return print_labels (format);
}
