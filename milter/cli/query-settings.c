/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query-settings.c: the settings of a policy that are not the default, inherited ones included.
 *
 * They are read out of the text of the configuration in force: pairs of lines, "# where from" and
 * "Key = value" or "#Key = value".
 */
#include <config.h>

#include <string.h>

#include <mailmend/settings.h>

#include "query.h"

static const MmSettingRow *
find_row (const MmSettingRow *(*table) (guint *out_n), const char *key)
{
	guint n = 0;
	const MmSettingRow *rows = table (&n);

	for (guint i = 0; i < n; i++)
		if (g_str_equal (rows[i].key, key))
			return &rows[i]; /* cppcheck-suppress returnDanglingLifetime; of a table */
	return NULL;
}

/* That of [mailmend] where the policy has none of its own. */
static const char *
default_of (const char *key)
{
	const MmSettingRow *row = find_row (mm_settings_policy_table, key);

	if (row != NULL && row->default_text == NULL)
		row = find_row (mm_settings_table, key);
	return row != NULL ? row->default_text : NULL;
}

/* Lists are shown as verdicts of labels, and a description is no setting. */
static gboolean
is_setting (const char *key)
{
	const MmSettingRow *row = find_row (mm_settings_policy_table, key);

	return row != NULL && row->type != MM_SETTING_LABELS && row->type != MM_SETTING_POLICY &&
	       !g_str_equal (key, "Description");
}

/* "Key = value"; @before: the line before it, for a key that is as the shorter one if it is not set
 * (OnInternalErrorAuthenticated). */
static gboolean
is_default (const char *line, const char *before)
{
	const char *equals = strstr (line, " =");
	g_autofree char *key = NULL;
	const char *value;
	const char *usual;

	if (equals == NULL)
		return TRUE;
	key = g_strndup (line, (gsize) (equals - line));
	value = equals + strlen (" =");
	value += *value == ' ';
	if (!is_setting (key) || *value == '\0')
		return TRUE;
	usual = default_of (key);
	if (usual == NULL && before != NULL) {
		equals = strstr (before, " = ");
		if (equals != NULL && strncmp (before, key, (gsize) (equals - before)) == 0)
			usual = equals + strlen (" = ");
	}
	return g_strcmp0 (usual, value) == 0;
}

GPtrArray *
mm_query_settings (const MmConfig *config, const char *policy)
{
	GPtrArray *out = g_ptr_array_new_with_free_func (g_free);
	g_autofree char *text = mm_config_to_text (config);
	g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
	g_autofree char *title = g_strdup_printf ("[policy %s]", policy);
	const char *before = NULL;
	gboolean inside = FALSE;

	for (guint i = 0; lines[i] != NULL; i++) {
		const char *line = lines[i] + (*lines[i] == '#');

		if (!inside || *lines[i] == '\0') {
			inside = g_str_equal (line, title);
			continue;
		}
		if (*line == ' ')
			continue; /* where it comes from */
		if (!is_default (line, before))
			g_ptr_array_add (out, g_strdup (line));
		before = line;
	}
	return out;
}
