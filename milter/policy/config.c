/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config.c: a configuration file becomes a snapshot.
 *
 * The scan gives sections and keys that are well-formed; here their values are read into settings,
 * policies and rules by the tables, then names are resolved. Nothing of a file with a problem is
 * used: whoever runs with the old snapshot keeps it.
 */
#include <errno.h>
#include <stdio.h>

#include "config-private.h"

#define MAX_SUGGESTED 100 /* policies an unknown name is compared with */

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

static MmConfig *
config_new (void)
{
	MmConfig *config = g_new0 (MmConfig, 1);

	g_atomic_ref_count_init (&config->refs);
	config->policies = g_ptr_array_new_with_free_func ((GDestroyNotify) mm_policy_free);
	config->by_name = g_hash_table_new (g_str_hash, g_str_equal);
	config->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) mm_match_rule_free);
	config->fallback = mm_match_rule_new ("default");
	config->fallback->policy_name = g_strdup (MM_BUILTIN_DEFAULT);
	return config;
}

MmConfig *
mm_config_ref (MmConfig *config)
{
	g_atomic_ref_count_inc (&config->refs);
	return config;
}

void
mm_config_unref (MmConfig *config)
{
	MmSettings *settings = &config->globals.settings;

	if (!g_atomic_ref_count_dec (&config->refs))
		return;
	g_free (settings->socket);
	g_free (settings->socket_group);
	g_free (settings->user);
	g_free (settings->log_to);
	g_free (settings->hostname);
	g_free (settings->spool_folder);
	g_free (settings->keep_originals);
	g_free (settings->mx_servers);
	mm_condition_clear (&config->globals.trusted);
	g_ptr_array_unref (config->rules);
	mm_match_rule_free (config->fallback);
	g_hash_table_unref (config->by_name);
	g_ptr_array_unref (config->policies);
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

/* ---- sections -------------------------------------------------------------------------------- */

/* Reads all keys of @section into the structure at @base. */
static void
read_keys (const MmConfigFile *file, const MmSection *section, gpointer base,
           MmProblems *problems)
{
	for (guint i = 0; i < section->keys->len; i++) {
		const MmSectionKey *key = &g_array_index (section->keys, MmSectionKey, i);
		/* never _get_string(), which reads backslashes */
		g_autofree char *value = g_key_file_get_value (file->values, section->title,
		                                               key->row->key, NULL);

		if (value != NULL)
			mm_value_read (key->row, g_strstrip (value), base, key->line, problems);
	}
}

static const MmSection *
find_section (const MmConfigFile *file, const char *title)
{
	for (guint i = 0; i < file->sections->len; i++) {
		const MmSection *section = file->sections->pdata[i];

		if (g_str_equal (section->title, title))
			return section;
	}
	return NULL;
}

static void
read_globals (const MmConfigFile *file, MmConfig *config, MmProblems *problems)
{
	const MmSection *section = find_section (file, "mailmend");
	guint n = 0;
	const MmSettingRow *rows = mm_settings_table (&n);

	config->globals.settings.on_internal_error_authenticated = MM_UNSET;
	mm_values_default (rows, n, &config->globals);
	config->globals.settings.trusted_is_default = TRUE;
	if (section == NULL)
		return;
	read_keys (file, section, &config->globals, problems);
	config->globals.settings.user_line = mm_section_line_of (section, "User");
	config->globals.settings.socket_group_line =
	        mm_section_line_of (section, "SocketGroup");
	for (guint i = 0; i < section->keys->len; i++)
		if (g_array_index (section->keys, MmSectionKey, i).row->type ==
		    MM_SETTING_NETWORKS)
			config->globals.settings.trusted_is_default = FALSE;
}

/* Adds the policy @name: the built-in one if there is one, changed by @section (may be NULL). */
static void
read_policy (const MmConfigFile *file, const char *name, const MmSection *section,
             MmConfig *config, MmProblems *problems)
{
	g_auto (MmPolicyDraft) draft;
	MmPolicy *policy;

	mm_policy_draft_init (&draft, name);
	mm_builtin_fill (&draft);
	if (section != NULL) {
		read_keys (file, section, &draft, problems);
		mm_labels_check (&draft, section, problems);
	}
	policy = mm_policy_draft_finish (&draft);
	mm_policy_settle (policy, mm_config_settings (config));
	g_ptr_array_add (config->policies, policy);
	g_hash_table_insert (config->by_name, policy->name, policy);
}

static void
read_policies (const MmConfigFile *file, MmConfig *config, MmProblems *problems)
{
	for (guint i = 0; mm_builtin_name (i) != NULL; i++) {
		g_autofree char *title = g_strconcat ("policy ", mm_builtin_name (i), NULL);

		read_policy (file, mm_builtin_name (i), find_section (file, title), config,
		             problems);
	}
	for (guint i = 0; i < file->sections->len; i++) {
		const MmSection *section = file->sections->pdata[i];

		if (section->kind == MM_SECTION_POLICY &&
		    mm_config_policy (config, section->name) == NULL)
			read_policy (file, section->name, section, config, problems);
	}
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void
resolve (MmConfig *config, MmMatchRule *rule, guint line, MmProblems *problems)
{
	const char *names[MAX_SUGGESTED + 1] = {NULL};
	g_autofree char *quoted = mm_quoted (rule->policy_name);

	rule->policy = mm_config_policy (config, rule->policy_name);
	if (rule->policy != NULL)
		return;
	for (guint i = 0; i < MIN (config->policies->len, MAX_SUGGESTED); i++) {
		const MmPolicy *policy = config->policies->pdata[i];

		names[i] = policy->name;
	}
	mm_problems_add_word (problems, line, rule->policy_name, names,
	                      "Policy: unknown policy %s", quoted);
}

static gboolean
has_key (const MmSection *section, const char *name)
{
	return mm_section_line_of (section, name) != section->line;
}

static void
read_rule (const MmConfigFile *file, const MmSection *section, MmMatchRule *rule,
           MmConfig *config, MmProblems *problems)
{
	read_keys (file, section, rule, problems);
	if (section->kind == MM_SECTION_RULE && !has_key (section, "Policy"))
		mm_problems_add (problems, section->line, "[%s] has no Policy", section->title);
	else if (rule->policy_name != NULL)
		resolve (config, rule, mm_section_line_of (section, "Policy"), problems);
}

/* [rule] and [default]; policies must have been read. Returns how many rules there are. */
static guint
read_rules (const MmConfigFile *file, MmConfig *config, MmProblems *problems)
{
	for (guint i = 0; i < file->sections->len; i++) {
		const MmSection *section = file->sections->pdata[i];
		MmMatchRule *rule = config->fallback;

		if (section->kind == MM_SECTION_RULE) {
			rule = mm_match_rule_new (section->name);
			g_ptr_array_add (config->rules, rule);
		} else if (section->kind != MM_SECTION_DEFAULT) {
			continue;
		}
		read_rule (file, section, rule, config, problems);
	}
	if (config->fallback->policy == NULL)
		config->fallback->policy =
			mm_config_policy (config, config->fallback->policy_name);
	return config->rules->len;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* NULL if there is any problem. */
static MmConfig *
config_parse (MmBytes text, MmProblems *problems)
{
	g_autoptr (MmConfigFile) file = mm_config_file_scan (text, problems);
	g_autoptr (MmConfig) config = config_new ();

	read_globals (file, config, problems);
	read_policies (file, config, problems);
	if (read_rules (file, config, problems) == 0) {
		g_autoptr (MmConfigFile) shipped =
			mm_config_file_scan (mm_bytes_str (mm_builtin_rules), problems);

		read_rules (shipped, config, problems);
	}
	return mm_problems_first (problems) == NULL ? g_steal_pointer (&config) : NULL;
}

/* One octet more than a file may have is read, never a whole large file. */
static gboolean
read_file (const char *path, GByteArray *out, MmProblems *problems)
{
	FILE *file = fopen (path, "re");
	gsize n;
	int failure;

	if (file == NULL) {
		mm_problems_add (problems, 0, "cannot be opened: %s", g_strerror (errno));
		return FALSE;
	}
	g_byte_array_set_size (out, MM_CONFIG_MAX_FILE + 1);
	errno = 0;
	n = fread (out->data, 1, out->len, file);
	failure = ferror (file) ? errno : 0;
	fclose (file);
	g_byte_array_set_size (out, (guint) n);
	if (failure != 0)
		mm_problems_add (problems, 0, "cannot be read: %s", g_strerror (failure));
	else if (n > MM_CONFIG_MAX_FILE)
		mm_problems_add (problems, 0, "the file is larger than 1 MB");
	return failure == 0 && n <= MM_CONFIG_MAX_FILE;
}

MmConfig *
mm_config_load (const char *path, GPtrArray *out_problems)
{
	g_autoptr (GByteArray) text = g_byte_array_new ();
	g_auto (MmProblems) problems = {NULL, NULL};
	MmConfig *config = NULL;

	g_return_val_if_fail (path != NULL, NULL);
	mm_problems_init (&problems, path);
	if (read_file (path, text, &problems))
		config = config_parse (mm_bytes ((const char *) text->data, text->len), &problems);
	if (out_problems != NULL)
		mm_problems_report (&problems, out_problems);
	return config;
}

MmConfig *
mm_config_new_default (void)
{
	g_auto (MmProblems) problems = {NULL, NULL};

	mm_problems_init (&problems, "defaults");
	return config_parse (mm_bytes ("", 0), &problems);
}
