/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-policies.c: the policies of a configuration, and which of them starts from which.
 *
 * A policy is made by reading again what all those before it say, the first one first. So nothing
 * has to know how a setting is copied, and what a policy does not say stays unsaid until [mailmend]
 * fills it in.
 */
#include "config-private.h"

#define INHERIT "Inherit"
#define MAX_CHAIN 20 /* policies, itself included */
#define MAX_SUGGESTED 100 /* policies an unknown name is compared with */

static const MmSection *
section_of (const MmConfigFiles *files, const char *name)
{
	g_autofree char *title = g_strconcat ("policy ", name, NULL);

	return mm_config_files_section (files, title);
}

gboolean
mm_is_builtin (const char *name)
{
	guint i = 0;

	while (mm_builtin_name (i) != NULL && !g_str_equal (name, mm_builtin_name (i)))
		i++;
	return mm_builtin_name (i) != NULL;
}

const char *
mm_policy_parent (const MmConfigFiles *files, const char *name)
{
	const MmSectionKey *key = mm_section_key (section_of (files, name), INHERIT);

	return key != NULL ? key->text : NULL;
}

GPtrArray *
mm_policy_chain (const MmConfigFiles *files, const char *name)
{
	GPtrArray *chain = g_ptr_array_new ();

	for (; name != NULL && chain->len < MAX_CHAIN; name = mm_policy_parent (files, name))
		g_ptr_array_add (chain, (gpointer) name);
	return chain;
}

/* ---- names ----------------------------------------------------------------------------------- */

void
mm_policy_report_unknown (const MmConfigFiles *files, const char *key, const char *name,
                          guint line, MmProblems *problems)
{
	g_autoptr (GPtrArray) names = g_ptr_array_new ();
	g_autofree char *quoted = mm_quoted (name);

	for (guint i = 0; mm_builtin_name (i) != NULL; i++)
		g_ptr_array_add (names, (gpointer) mm_builtin_name (i));
	for (guint i = 0; i < files->sections->len && names->len < MAX_SUGGESTED; i++) {
		const MmSection *section = files->sections->pdata[i];

		if (section->kind == MM_SECTION_POLICY && !mm_is_builtin (section->name))
			g_ptr_array_add (names, section->name);
	}
	g_ptr_array_add (names, NULL);
	mm_problems_add_word (problems, line, name, (const char *const *) names->pdata,
	                      "%s: unknown policy %s", key, quoted);
}

/* Every policy of a circle says so itself; those that only lead into one do not. */
static void
check_chain (const MmConfigFiles *files, const MmSection *section, guint line,
             MmProblems *problems)
{
	g_autoptr (GPtrArray) chain = mm_policy_chain (files, section->name);
	gboolean circle = FALSE;

	for (guint i = 1; i < chain->len; i++) {
		if (!g_str_equal (chain->pdata[i], section->name))
			continue;
		mm_problems_add (problems, line, i == 1
		                 ? INHERIT ": a policy cannot inherit from itself"
		                 : INHERIT ": the policy inherits from itself, by way of '%s'",
		                 (const char *) chain->pdata[1]);
		return;
	}
	for (guint i = 1; i < chain->len; i++)
		for (guint k = 1; k < i; k++)
			circle = circle || g_str_equal (chain->pdata[i], chain->pdata[k]);
	if (!circle && chain->len == MAX_CHAIN &&
	    mm_policy_parent (files, chain->pdata[MAX_CHAIN - 1]) != NULL)
		mm_problems_add (problems, line, INHERIT ": more than %d policies in a row",
		                 MAX_CHAIN);
}

static void
check_inherit (const MmConfigFiles *files, const MmSection *section, MmProblems *problems)
{
	const MmSectionKey *key = mm_section_key (section, INHERIT);

	if (key == NULL || *key->text == '\0')
		return; /* that a value is missing has been told */
	if (g_str_equal (key->text, "off"))
		mm_problems_add (problems, key->line,
		                 INHERIT ": the policy 'off' cannot be inherited from");
	else if (!mm_is_builtin (key->text) && section_of (files, key->text) == NULL)
		mm_policy_report_unknown (files, INHERIT, key->text, key->line, problems);
	else
		check_chain (files, section, key->line, problems);
}

/* ---- making them ----------------------------------------------------------------------------- */

/* One policy of a chain: the built-in one if there is one and the section does not start from
 * another, changed by the section. */
static void
apply (const MmConfigFiles *files, const char *name, MmPolicyDraft *draft, MmProblems *problems)
{
	const MmSection *section = section_of (files, name);

	if (mm_section_key (section, INHERIT) == NULL)
		mm_builtin_fill (draft, name);
	if (section != NULL)
		mm_section_read (section, draft, problems);
}

static void
read_policy (MmConfig *config, const char *name, MmProblems *problems)
{
	const MmSection *section = section_of (config->files, name);
	g_autoptr (GPtrArray) chain = mm_policy_chain (config->files, name);
	g_auto (MmProblems) told; /* by the section they stand in */
	g_auto (MmPolicyDraft) draft;
	guint file = problems->file;
	MmPolicy *policy;

	mm_problems_init (&told, "");
	mm_policy_draft_init (&draft, name);
	for (guint i = chain->len - 1; i > 0; i--) {
		apply (config->files, chain->pdata[i], &draft, &told);
		mm_policy_draft_inherit (&draft);
	}
	apply (config->files, name, &draft, problems);
	if (section != NULL) {
		mm_problems_return (problems, section->file);
		mm_labels_check (&draft, section, problems);
		check_inherit (config->files, section, problems);
		mm_problems_return (problems, file);
	}
	policy = mm_policy_draft_finish (&draft);
	mm_policy_settle (policy, mm_config_settings (config));
	g_ptr_array_add (config->policies, policy);
	g_hash_table_insert (config->by_name, policy->name, policy);
}

void
mm_policies_read (MmConfig *config, MmProblems *problems)
{
	for (guint i = 0; mm_builtin_name (i) != NULL; i++)
		read_policy (config, mm_builtin_name (i), problems);
	for (guint i = 0; i < config->files->sections->len; i++) {
		const MmSection *section = config->files->sections->pdata[i];

		if (section->kind == MM_SECTION_POLICY && !mm_is_builtin (section->name))
			read_policy (config, section->name, problems);
	}
}

/* ---- unused ones ----------------------------------------------------------------------------- */

/* Names in the files, whoever says them. (transfer container) */
static GHashTable *
used_names (const MmConfig *config)
{
	GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

	for (guint i = 0; i < config->rules->len; i++) {
		const MmMatchRule *rule = config->rules->pdata[i];

		g_hash_table_add (names, rule->policy_name);
	}
	g_hash_table_add (names, config->fallback->policy_name);
	for (guint i = 0; i < config->files->sections->len; i++) {
		const MmSection *section = config->files->sections->pdata[i];
		const MmSectionKey *key = mm_section_key (section, INHERIT);

		if (key != NULL)
			g_hash_table_add (names, key->text);
	}
	return names;
}

void
mm_policies_warn_unused (const MmConfig *config, MmProblems *problems)
{
	g_autoptr (GHashTable) names = used_names (config);
	gboolean by_table = g_hash_table_contains (names, MM_POLICY_TABLE);
	guint file = problems->file;

	for (guint i = 0; i < config->files->sections->len; i++) {
		const MmSection *section = config->files->sections->pdata[i];

		if (section->kind != MM_SECTION_POLICY ||
		    g_hash_table_contains (names, section->name) ||
		    (by_table && mm_config_may_use (config, section->name)))
			continue;
		mm_problems_return (problems, section->file);
		mm_problems_warn (problems, section->line,
		                  "[%s] is used by no rule, table, [default] or other policy",
		                  section->title);
	}
	mm_problems_return (problems, file);
}
