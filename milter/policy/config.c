/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config.c: a configuration file becomes a snapshot.
 *
 * The scan gives sections and keys that are well-formed; here their values are read into settings
 * and rules by the tables, then names are resolved. Nothing of a file with a problem is
 * used: whoever runs with the old snapshot keeps it.
 */
#include "config-private.h"

/* ---- life ------------------------------------------------------------------------------------ */

MmMatchRule *
mm_match_rule_new (const char *name)
{
	MmMatchRule *rule = g_new0 (MmMatchRule, 1);

	rule->name = g_strdup (name);
	return rule;
}

void
mm_match_rule_free (MmMatchRule *rule)
{
	for (guint i = 0; i < MM_N_CONDITIONS; i++)
		mm_condition_clear (&rule->conditions[i]);
	g_free (rule->name);
	g_free (rule->policy_name);
	g_free (rule);
}

/* Takes @files. */
static MmConfig *
config_new (MmConfigFiles *files)
{
	MmConfig *config = g_new0 (MmConfig, 1);

	config->refs = 1;
	config->files = files;
	config->policies = g_ptr_array_new_with_free_func ((GDestroyNotify) mm_policy_free);
	config->by_name = g_hash_table_new (g_str_hash, g_str_equal);
	config->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) mm_match_rule_free);
	config->macros = g_ptr_array_new_with_free_func (g_free);
	config->fallback = mm_match_rule_new ("default");
	config->fallback->policy_name = g_strdup (MM_BUILTIN_DEFAULT);
	return config;
}

MmConfig *
mm_config_ref (MmConfig *config)
{
	g_atomic_int_inc (&config->refs);
	return config;
}

void
mm_config_unref (MmConfig *config)
{
	MmSettings *settings = &config->globals.settings;

	if (!g_atomic_int_dec_and_test (&config->refs))
		return;
	g_free (settings->socket);
	g_free (settings->socket_group);
	g_free (settings->user);
	g_free (settings->log_to);
	g_free (settings->hostname);
	g_free (settings->spool_folder);
	g_free (settings->keep_originals);
	g_free (settings->mx_servers);
	g_free (settings->metrics_listen);
	mm_condition_clear (&config->globals.trusted);
	g_ptr_array_unref (config->rules);
	mm_match_rule_free (config->fallback);
	g_hash_table_unref (config->by_name);
	g_ptr_array_unref (config->policies);
	mm_config_files_free (config->files);
	g_ptr_array_unref (config->macros);
	g_free (config);
}

const MmSettings *
mm_config_settings (const MmConfig *config)
{
	return &config->globals.settings;
}

const MmPolicy *
mm_config_policy (const MmConfig *config, const char *name)
{
	return g_hash_table_lookup (config->by_name, name);
}

GPtrArray *
mm_config_policy_names (const MmConfig *config)
{
	GPtrArray *names = g_ptr_array_new ();

	for (guint i = 0; i < config->policies->len; i++) {
		const MmPolicy *policy = config->policies->pdata[i];

		g_ptr_array_add (names, policy->name);
	}
	return names;
}

/* Keys that count after a restart are text, numbers or choices. */
static gboolean
is_same (const MmSettingRow *row, const MmConfig *a, const MmConfig *b)
{
	gconstpointer one = G_STRUCT_MEMBER_P (&a->globals, row->offset);
	gconstpointer two = G_STRUCT_MEMBER_P (&b->globals, row->offset);

	switch (row->type) {
	case MM_SETTING_MODE:
	case MM_SETTING_CHOICE:
		return *(const int *) one == *(const int *) two;
	default:
		return g_strcmp0 (*(const char *const *) one, *(const char *const *) two) == 0;
	}
}

GPtrArray *
mm_config_restart_needed (const MmConfig *old, const MmConfig *new)
{
	GPtrArray *keys = g_ptr_array_new ();
	guint n = 0;
	const MmSettingRow *rows = mm_settings_table (&n);

	for (guint i = 0; i < n; i++)
		if (rows[i].restart && !is_same (&rows[i], old, new))
			g_ptr_array_add (keys, (gpointer) rows[i].key);
	return keys;
}

/* ---- sections -------------------------------------------------------------------------------- */

void
mm_section_read (const MmSection *section, gpointer base, MmProblems *problems)
{
	guint file = problems->file;

	for (guint i = 0; i < section->keys->len; i++) {
		const MmSectionKey *key = &g_array_index (section->keys, MmSectionKey, i);

		mm_problems_return (problems, key->file);
		mm_value_read (key->row, key->text, base, key->line, problems);
	}
	mm_problems_return (problems, file);
}

/* Where @key stands, for errors that only show when it is used. */
static void
note_place (const MmConfig *config, const char *key, const char **out_file, guint *out_line)
{
	const MmSection *section = mm_config_files_section (config->files, "mailmend");
	const MmSectionKey *at = mm_section_key (section, key);

	if (at == NULL)
		return;
	*out_file = config->files->names->pdata[at->file];
	*out_line = at->line;
}

static void
read_globals (MmConfig *config, MmProblems *problems)
{
	const MmSection *section = mm_config_files_section (config->files, "mailmend");
	MmSettings *settings = &config->globals.settings;
	guint n = 0;
	const MmSettingRow *rows = mm_settings_table (&n);

	settings->on_internal_error_authenticated = MM_UNSET;
	mm_values_default (rows, n, &config->globals);
	if (section != NULL)
		mm_section_read (section, &config->globals, problems);
	settings->trusted_is_default = mm_section_key (section, "TrustedClients") == NULL;
	note_place (config, "User", &settings->user_file, &settings->user_line);
	note_place (config, "KeepOriginals", &settings->keep_originals_file,
	            &settings->keep_originals_line);
	note_place (config, "MetricsListen", &settings->metrics_listen_file,
	            &settings->metrics_listen_line);
	note_place (config, "LogTo", &settings->log_to_file, &settings->log_to_line);
	note_place (config, "SpoolDir", &settings->spool_folder_file,
	            &settings->spool_folder_line);
	note_place (config, "SocketGroup", &settings->socket_group_file,
	            &settings->socket_group_line);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void
resolve (MmConfig *config, MmMatchRule *rule, guint line, MmProblems *problems)
{
	gboolean by_table = g_str_equal (rule->policy_name, MM_POLICY_TABLE);

	if (by_table && rule == config->fallback) {
		mm_problems_add (problems, line, "Policy: TABLE is for rules only: [default] has no "
		                                 "condition that asks a table");
		return;
	}
	rule->by_table = by_table;
	if (by_table) {
		mm_rule_check_table (rule, line, problems);
		return;
	}
	rule->policy = mm_config_policy (config, rule->policy_name);
	if (rule->policy == NULL)
		mm_policy_report_unknown (config->files, "Policy", rule->policy_name, line,
		                          problems);
}

static void
read_rule (const MmSection *section, MmMatchRule *rule, MmConfig *config, MmProblems *problems)
{
	const MmSectionKey *policy = mm_section_key (section, "Policy");
	guint file = problems->file;

	mm_section_read (section, rule, problems);
	mm_problems_return (problems, policy != NULL ? policy->file : section->file);
	if (section->kind == MM_SECTION_RULE && policy == NULL)
		mm_problems_add (problems, section->line, "[%s] has no Policy", section->title);
	else if (rule->policy_name != NULL)
		resolve (config, rule, mm_section_line_of (section, "Policy"), problems);
	mm_problems_return (problems, file);
}

/* [rule] and [default]; policies must have been read. */
static void
read_rules (MmConfig *config, MmProblems *problems)
{
	for (guint i = 0; i < config->files->sections->len; i++) {
		const MmSection *section = config->files->sections->pdata[i];
		MmMatchRule *rule = config->fallback;

		if (section->kind == MM_SECTION_RULE) {
			rule = mm_match_rule_new (section->name);
			g_ptr_array_add (config->rules, rule);
		} else if (section->kind != MM_SECTION_DEFAULT) {
			continue;
		}
		read_rule (section, rule, config, problems);
	}
	if (config->fallback->policy == NULL)
		config->fallback->policy =
			mm_config_policy (config, config->fallback->policy_name);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static gboolean
has_rule (const MmConfigFiles *files)
{
	for (guint i = 0; i < files->sections->len; i++) {
		const MmSection *section = files->sections->pdata[i];

		if (section->kind == MM_SECTION_RULE)
			return TRUE;
	}
	return FALSE;
}

/* Takes @files. NULL if there is any error. */
static MmConfig *
config_parse (MmConfigFiles *files, MmProblems *problems)
{
	g_autoptr (MmConfig) config = config_new (files);

	if (!has_rule (files)) {
		guint file = mm_problems_enter (problems, MM_BUILTIN_FILE);

		mm_config_files_scan (files, mm_bytes_str (mm_builtin_rules), problems);
		mm_problems_return (problems, file);
	}
	read_globals (config, problems);
	mm_policies_read (config, problems);
	read_rules (config, problems);
	mm_config_open_tables (config, problems);
	if (mm_problems_count (problems) > 0)
		return NULL;
	/* what is half read would be warned of for nothing */
	mm_config_warn_shadowed (config, problems);
	mm_config_warn_doubts (config, problems);
	mm_policies_warn_unused (config, problems);
	return g_steal_pointer (&config);
}

MmConfig *
mm_config_load (const char *path, GPtrArray *out_problems)
{
	g_auto (MmProblems) problems = {0};
	MmConfigFiles *files;
	MmConfig *config;

	g_return_val_if_fail (path != NULL, NULL);
	mm_problems_init (&problems, path);
	files = mm_config_files_new (&problems);
	mm_config_files_read (files, path, &problems);
	config = config_parse (files, &problems);
	if (out_problems != NULL)
		mm_problems_report (&problems, out_problems);
	return config;
}

MmConfig *
mm_config_new_default (void)
{
	g_auto (MmProblems) problems = {0};

	mm_problems_init (&problems, MM_DEFAULTS_FILE);
	return config_parse (mm_config_files_new (&problems), &problems);
}
