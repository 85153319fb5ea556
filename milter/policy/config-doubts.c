/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-doubts.c: what is well-formed and cannot be meant.
 *
 * Each is a warning: nothing wrong comes of it but that less, or more, happens than who wrote it
 * believes. What is told of one rule beside another: config-shadow.c.
 */
#include <mailmend/check.h>

#include "config-private.h"

/* ---- rules ----------------------------------------------------------------------------------- */

static gboolean
has_plain (const MmCondition *condition)
{
	for (guint i = 0; condition->given && i < condition->tests->len; i++)
		if (!g_array_index (condition->tests, MmTest, i).negated)
			return TRUE;
	return FALSE;
}

/* Only who has logged in has a name. */
static void
warn_of_login (const MmMatchRule *rule, const MmSection *section, MmProblems *problems)
{
	const MmCondition *sasl = &rule->conditions[MM_CONDITION_SASL];

	if (sasl->given && !sasl->yes && has_plain (&rule->conditions[MM_CONDITION_SASL_USER]))
		mm_problems_warn (problems, mm_section_line_of (section, "Sasl"),
		                  "[%s] can never fit: Sasl = no, and SaslUser is for those who "
		                  "have logged in", section->title);
}

static void
warn_of_recipients (const MmMatchRule *rule, const MmSection *section, MmProblems *problems)
{
	for (guint i = MM_CONDITION_RECIPIENT; i < MM_N_CONDITIONS; i++)
		if (rule->conditions[i].given)
			return;
	if (rule->match_all)
		mm_problems_warn (problems, mm_section_line_of (section, "MatchRecipients"),
		                  "MatchRecipients: [%s] has no condition on recipients, so it fits "
		                  "whoever they are", section->title);
}

static void
warn_of_rule (const MmConfig *config, const MmMatchRule *rule, MmProblems *problems)
{
	g_autofree char *title = g_strconcat ("rule ", rule->name, NULL);
	const MmSection *section = mm_config_files_section (config->files, title);

	mm_problems_return (problems, section->file);
	warn_of_login (rule, section, problems);
	warn_of_recipients (rule, section, problems);
}

/* ---- policies -------------------------------------------------------------------------------- */

/* Only where the label itself is in Fix: a group may have some that nobody can mend. */
static void
warn_of_fix (const MmConfig *config, const MmSection *section, MmProblems *problems)
{
	const MmPolicy *policy = mm_config_policy (config, section->name);
	const MmSectionKey *key = mm_section_key (section, "Fix");

	if (key == NULL)
		return;
	mm_problems_return (problems, key->file);
	for (guint i = 0; i < mm_rules_count (); i++)
		if (policy->says[i] == MM_SAYS_FIX && policy->named[i] && mm_rules[i]->fix == NULL)
			mm_problems_warn (problems, key->line,
			                  "Fix: there is no repair for %s, so it is left as it is",
			                  mm_rules[i]->label);
}

/* ---- [mailmend] ------------------------------------------------------------------------------ */

static gboolean
is_everybody (const MmNetwork *network)
{
	return network->bits == (mm_address_is_v4 (&network->address) ? MM_V4_PREFIX : 0);
}

static void
warn_of_trusted (const MmConfig *config, MmProblems *problems)
{
	const MmSection *section = mm_config_files_section (config->files, "mailmend");
	const MmSectionKey *key = mm_section_key (section, "TrustedClients");
	const GArray *tests = config->globals.trusted.tests;

	if (key == NULL)
		return;
	mm_problems_return (problems, key->file);
	for (guint i = 0; i < tests->len; i++) {
		const MmTest *test = &g_array_index (tests, MmTest, i);

		if (!test->negated && is_everybody (&test->network))
			mm_problems_warn (problems, key->line,
			                  "TrustedClients: %s is everybody: mail of strangers is "
			                  "treated as that of one's own", test->text);
	}
}

/* ---- the shipped rules ----------------------------------------------------------------------- */

static gboolean
has_shipped_rules (const MmConfig *config)
{
	for (guint i = 0; i < config->files->sections->len; i++) {
		const MmSection *section = config->files->sections->pdata[i];

		if (section->kind == MM_SECTION_RULE)
			return g_str_equal (config->files->names->pdata[section->file],
			                    MM_BUILTIN_FILE);
	}
	return FALSE;
}

static gboolean
mends (const MmPolicy *policy)
{
	for (guint i = 0; i < mm_rules_count (); i++)
		if (policy->says[i] == MM_SAYS_FIX)
			return TRUE;
	return FALSE;
}

static gboolean
meets (const MmNetwork *a, const MmNetwork *b)
{
	return mm_network_has (a, &b->address) || mm_network_has (b, &a->address);
}

/* May fit a client of TrustedClients. */
static gboolean
may_be_trusted (const MmConfig *config, const MmTest *test)
{
	const GArray *trusted = config->globals.trusted.tests;

	if (test->kind != MM_TEST_NETWORK)
		return TRUE;
	for (guint i = 0; i < trusted->len; i++) {
		const MmTest *other = &g_array_index (trusted, MmTest, i);

		if (!other->negated && meets (&test->network, &other->network))
			return TRUE;
	}
	return FALSE;
}

static gboolean
asks_trusted (const MmConfig *config, const MmCondition *client)
{
	if (!has_plain (client))
		return client->given;
	for (guint i = 0; i < client->tests->len; i++) {
		const MmTest *test = &g_array_index (client->tests, MmTest, i);

		if (!test->negated && may_be_trusted (config, test))
			return TRUE;
	}
	return FALSE;
}

/* Whoever wrote @rule has thought of mail of his own, or of all mail. */
static gboolean
is_for_own_mail (const MmConfig *config, const MmMatchRule *rule)
{
	const MmCondition *conditions = rule->conditions;
	gboolean any = FALSE;

	for (guint i = 0; i < MM_N_CONDITIONS; i++)
		any = any || conditions[i].given;
	return !any || (conditions[MM_CONDITION_SASL].given && conditions[MM_CONDITION_SASL].yes) ||
	       (conditions[MM_CONDITION_LOCAL].given && conditions[MM_CONDITION_LOCAL].yes) ||
	       conditions[MM_CONDITION_SASL_USER].given ||
	       conditions[MM_CONDITION_FIRST_HOP].given || conditions[MM_CONDITION_MACRO].given ||
	       asks_trusted (config, &conditions[MM_CONDITION_CLIENT]);
}

char *
mm_config_remark (const MmConfig *config)
{
	const MmSection *section = mm_config_files_section (config->files, "default");
	const MmMatchRule *fallback = config->fallback;

	if (has_shipped_rules (config))
		return mm_section_key (section, "Policy") == NULL ? NULL : g_strdup_printf (
		        "This file has no rule, so the shipped ones hold, and [default] is for the "
		        "rest: mail of clients that have logged in, of sendmail(1) and of trusted "
		        "clients at their first hop gets microsoft365. For all mail to get %s add a "
		        "[rule all] with Policy = %s.",
		        fallback->policy_name, fallback->policy_name);
	for (guint i = 0; i < config->rules->len; i++)
		if (is_for_own_mail (config, config->rules->pdata[i]))
			return NULL;
	return mends (fallback->policy) ? NULL : g_strdup_printf (
	        "The rules of this file stand instead of the shipped ones, and none asks for Sasl, "
	        "SaslUser, Local, FirstHop or Client = TRUSTED: mail of your own that they do not "
	        "fit gets %s of [default].",
	        fallback->policy_name);
}

/* ---- the whole ------------------------------------------------------------------------------- */

void
mm_config_warn_doubts (const MmConfig *config, MmProblems *problems)
{
	guint file = problems->file;

	warn_of_trusted (config, problems);
	for (guint i = 0; i < config->files->sections->len; i++) {
		const MmSection *section = config->files->sections->pdata[i];

		if (section->kind == MM_SECTION_POLICY)
			warn_of_fix (config, section, problems);
	}
	for (guint i = 0; i < config->rules->len; i++)
		warn_of_rule (config, config->rules->pdata[i], problems);
	mm_problems_return (problems, file);
}
