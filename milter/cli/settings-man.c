/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings-man.c: the lists of keys in mailmend.conf(5), in mdoc.
 *
 * The rest of the page is man/mailmend.conf.5.in; the build puts both together, so that a key is
 * described in its row and nowhere else.
 */
#include <config.h>

#include <string.h>

#include <mailmend/limits.h>

#include "roff.h"
#include "settings.h"

/* Words that are written as they are, though in capitals. */
static const char *const literals[] = {"TRUSTED", "TABLE", NULL};

static gsize
placeholder_length (const char *word)
{
	gsize len = 0;

	while (g_ascii_isupper (word[len]) || word[len] == '_')
		len++;
	return len;
}

/* ">SIZE", "{MACRO}": capitals stand for something. */
static void
append_pieces (GString *out, const char *word)
{
	const char *space = "";

	while (*word != '\0') {
		gsize len = placeholder_length (word);
		gsize other = len == 0 ? strcspn (word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") : 0;
		g_autofree char *piece = g_strndup (word, len + other);
		g_autofree char *lower = g_ascii_strdown (piece, -1);

		g_string_append_printf (out, "%s %s", space, len > 0 ? "Ar " : "No \\&");
		mm_roff_word (out, lower);
		space = " Ns";
		word += len + other;
	}
}

/* One word of what mm_setting_values () gives. */
static void
append_value (GString *out, const char *word)
{
	if (g_str_equal (word, "|") || g_str_equal (word, ",") || g_str_equal (word, "...")) {
		g_string_append_printf (out, " %s", word);
	} else if (g_strv_contains (literals, word) || g_ascii_islower (*word)) {
		g_string_append (out, " Cm \\&");
		mm_roff_word (out, word);
	} else {
		append_pieces (out, word);
	}
}

/* "yes|no", "NETWORK, ..." */
static void
append_values (GString *out, const char *values)
{
	while (*values != '\0') {
		gsize len = strcspn (values, " |,");
		g_autofree char *word = g_strndup (values, MAX (len, 1));

		if (*word != ' ')
			append_value (out, word);
		values += strlen (word);
	}
}

/* A key in its help text that looks like no English word. */
static gboolean
is_key (const char *word)
{
	for (guint i = 0; i < mm_settings_n_sections; i++) {
		guint n;
		const MmSettingRow *rows = mm_settings_sections[i].table (&n);

		for (guint k = 0; k < n; k++)
			if (g_str_equal (rows[k].key, word))
				return TRUE;
	}
	return FALSE;
}

static gboolean
has_inner_capital (const char *word)
{
	for (const char *c = word; *c != '\0'; c++)
		if (c > word && g_ascii_isupper (*c) && g_ascii_islower (c[-1]))
			return TRUE;
	return FALSE;
}

/* A value that is explained: "skip: it is not made". */
static gboolean
is_choice (const MmSettingRow *row, const char *word)
{
	for (const MmSettingChoice *c = row->choices; c != NULL && c->word != NULL; c++)
		if (g_str_equal (c->word, word))
			return TRUE;
	return row->type == MM_SETTING_YESNO &&
	       (g_str_equal (word, "yes") || g_str_equal (word, "no"));
}

static gboolean
is_marked (const char *word, const char *tail, gconstpointer data)
{
	return (*tail == ':' && is_choice (data, word)) ||
	       (has_inner_capital (word) && is_key (word));
}

static void
append_default (const MmSettingRow *row, GString *out)
{
	if (row->default_text == NULL)
		return;
	/* a paragraph of its own behind those of values */
	if (strchr (row->help, '\n') != NULL)
		g_string_append (out, ".Pp\n");
	g_string_append (out, "Default:\n.Cm \"\\&");
	mm_roff_word (out, row->default_text);
	g_string_append (out, "\" .\n");
}

/* "64 MB", "1000"; only octets have units. */
static char *
format_limit (const MmLimitRow *row)
{
	gsize value = row->value;

	if (mm_limit_is_octets (row) && value % (1024 * 1024) == 0)
		return g_strdup_printf ("%" G_GSIZE_FORMAT " MB", value / (1024 * 1024));
	if (mm_limit_is_octets (row) && value % 1024 == 0)
		return g_strdup_printf ("%" G_GSIZE_FORMAT " KB", value / 1024);
	return g_strdup_printf ("%" G_GSIZE_FORMAT, value);
}

static gboolean
is_limit_key (const char *word, const char *tail G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
	return has_inner_capital (word) && is_key (word);
}

void
mm_settings_limits_man (GString *out)
{
	for (guint i = 0; i < mm_limit_n_rows; i++) {
		g_autofree char *value = format_limit (&mm_limit_rows[i]);
		g_autofree char *text =
		        g_strdup_printf ("%s: %s.%s", value, mm_limit_rows[i].text,
		                         mm_limit_rows[i].named ? "" : MM_NOT_NAMED);

		g_string_append_printf (out, ".It Cm %s\n", mm_limit_rows[i].name);
		mm_roff_text (out, text, is_limit_key, NULL);
	}
}

void
mm_settings_man (const MmSettingsSection *section, GString *out)
{
	guint n;
	const MmSettingRow *rows = section->table (&n);

	for (guint i = 0; i < n; i++) {
		g_autofree char *values = mm_setting_values (&rows[i]);

		g_string_append_printf (out, ".It Cm %s No =", rows[i].key);
		append_values (out, values);
		g_string_append_c (out, '\n');
		mm_roff_text (out, rows[i].help, is_marked, &rows[i]);
		append_default (&rows[i], out);
		if (rows[i].restart)
			g_string_append (out, "A change counts after a restart.\n");
	}
}
