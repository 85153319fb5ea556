/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.c: `mailmend settings`: the keys of the configuration file, from the tables that read it.
 */
#include <config.h>

#include <stdio.h>

#include <mailmend/limits.h>

#include "command-private.h"
#include "json.h"
#include "settings.h"
#include "wrap.h"

#define INDENT 6

static const MmUsage usage = {
	.arguments = "",
	.summary = "Lists the keys of the configuration file.",
};

const MmSettingsSection mm_settings_sections[] = {
	{"mailmend", "[mailmend]", mm_settings_table},
	{"policy", "[policy NAME]", mm_settings_policy_table},
	{"rule", "[rule NAME]", mm_settings_rule_table},
	{"default", "[default]", mm_settings_default_table},
};
const guint mm_settings_n_sections = G_N_ELEMENTS (mm_settings_sections);

static void
as_text (const MmSettingsSection *section, GString *out)
{
	guint n;
	const MmSettingRow *rows = section->table (&n);

	g_string_append_printf (out, "%s%s\n", out->len > 0 ? "\n" : "", section->title);
	for (guint i = 0; i < n; i++) {
		g_autofree char *values = mm_setting_values (&rows[i]);

		g_string_append_printf (out, "  %s = %s\n%*s", rows[i].key, values, INDENT, "");
		mm_wrap (out, INDENT, INDENT, rows[i].help);
		if (rows[i].default_text != NULL)
			g_string_append_printf (out, "%*sDefault: %s\n", INDENT, "",
			                        rows[i].default_text);
		if (rows[i].restart)
			g_string_append_printf (out, "%*sA change counts after a restart.\n",
			                        INDENT, "");
	}
}

/* One object on one line, a key. */
static void
as_json (const MmSettingsSection *section, GString *out)
{
	guint n;
	const MmSettingRow *rows = section->table (&n);

	for (guint i = 0; i < n; i++) {
		g_autofree char *values = mm_setting_values (&rows[i]);

		mm_json_open (out, NULL, '{');
		mm_json_string (out, "section", section->name);
		mm_json_string (out, "key", rows[i].key);
		mm_json_string (out, "values", values);
		mm_json_string (out, "default", rows[i].default_text);
		mm_json_string (out, "help", rows[i].help);
		mm_json_boolean (out, "restart", rows[i].restart);
		mm_json_close (out, '}');
		g_string_append_c (out, '\n');
	}
}

static void
limits_as_text (GString *out)
{
	for (guint i = 0; i < mm_limit_n_rows; i++) {
		g_autofree char *text = NULL;

		g_string_append_printf (out, "  %s = %" G_GSIZE_FORMAT "\n%*s",
		                        mm_limit_rows[i].name, mm_limit_rows[i].value, INDENT, "");
		text = g_strconcat (mm_limit_rows[i].text, ".",
		                    mm_limit_rows[i].named ? NULL : MM_NOT_NAMED, NULL);
		mm_wrap (out, INDENT, INDENT, text);
	}
}

static void
limits_as_json (GString *out)
{
	for (guint i = 0; i < mm_limit_n_rows; i++) {
		mm_json_open (out, NULL, '{');
		mm_json_string (out, "limit", mm_limit_rows[i].name);
		mm_json_number (out, "value", mm_limit_rows[i].value);
		mm_json_string (out, "help", mm_limit_rows[i].text);
		mm_json_boolean (out, "logged", mm_limit_rows[i].named);
		mm_json_close (out, '}');
		g_string_append_c (out, '\n');
	}
}

static const char *const format_names[] = {"text", "json", "man", NULL};

static void (*const formats[]) (const MmSettingsSection *section, GString *out) = {
	as_text,
	as_json,
	mm_settings_man,
};

static void (*const limit_formats[]) (GString *out) = {
	limits_as_text,
	limits_as_json,
	mm_settings_limits_man,
};

/* The first is all of the file; the last stands in none. */
static const char *const section_names[] = {"all",  "mailmend", "policy", "rule",
                                            "default", "limits",   NULL};

static int
print_settings (const char *format_name, const char *section_name)
{
	int format = mm_command_choice ("--format", format_name, format_names);
	int section = mm_command_choice ("--section", section_name, section_names);
	GString *out;

	if (format < 0 || section < 0)
		return MM_EXIT_TROUBLE;
	out = g_string_new (NULL);
	for (guint i = 0; i < mm_settings_n_sections; i++)
		if (section == 0 || (guint) section == i + 1)
			formats[format](&mm_settings_sections[i], out);
	if ((guint) section == mm_settings_n_sections + 1)
		limit_formats[format](out);
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
	return mm_command_finish (MM_EXIT_FINE);
}

int
mm_command_settings (int argc, char **argv)
{
	g_autofree char *format = NULL;
	g_autofree char *section = NULL;
	g_auto (GStrv) rest = NULL;
	const GOptionEntry entries[] = {
		{"format", 0, 0, G_OPTION_ARG_FILENAME, &format,
	         "text (default), json (one object a key) or man (the lists of "
	         "mailmend.conf(5))", "FORMAT"},
		{"section", 0, 0, G_OPTION_ARG_FILENAME, &section,
	         "Those of one section: mailmend, policy, rule or default; or the limits, which "
	         "stand in no file", "SECTION"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	int code;

	if (!mm_command_parse (&usage, entries, argc, argv, &code))
		return code;
	if (rest != NULL) {
		mm_command_complain ("settings: unexpected argument '%s'", rest[0]);
		return MM_EXIT_TROUBLE;
	}
	return print_settings (format, section);
}
