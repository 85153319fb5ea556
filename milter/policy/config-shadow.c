/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-shadow.c: rules that can never be reached.
 *
 * A rule is shadowed if one before it matches whatever it would match: if each condition of the one
 * before follows from its own. Only what is certain is told. What two values have in common is
 * known of addresses, domains and networks: of two such sets one lies in the other, or they share
 * nothing. Regexes and tables are the same if their text is.
 */
#include "config-private.h"

/* Values and rules that are compared; then the rest is left. A configuration with so many of them
 * is written by a program. */
#define MAX_STEPS (5 * 1000 * 1000)

typedef struct {
	const MmConfig *config;
	guint steps;
} MmShadowing;

/* ---- values ---------------------------------------------------------------------------------- */

typedef enum {
	FAMILY_OTHER,
	FAMILY_MAIL, /* addresses and domains */
	FAMILY_NETWORK,
	FAMILY_USER, /* and other exact text */
} MmFamily;

static MmFamily
family_of (const MmTest *test)
{
	switch (test->kind) {
	case MM_TEST_NULL_SENDER:
	case MM_TEST_MAILBOX:
	case MM_TEST_DOMAIN:
	case MM_TEST_BELOW:
		return FAMILY_MAIL;
	case MM_TEST_NETWORK:
		return FAMILY_NETWORK;
	case MM_TEST_USER:
		return FAMILY_USER;
	default:
		return FAMILY_OTHER;
	}
}

static gboolean
mail_covers (const MmTest *wide, const MmTest *narrow)
{
	if (wide->kind == MM_TEST_NULL_SENDER || narrow->kind == MM_TEST_NULL_SENDER)
		return wide->kind == narrow->kind;
	if (wide->kind == MM_TEST_BELOW)
		return mm_domain_is_below (narrow->mailbox.domain, wide->mailbox.domain);
	if (narrow->kind == MM_TEST_BELOW ||
	    !g_str_equal (wide->mailbox.domain, narrow->mailbox.domain))
		return FALSE;
	if (wide->kind == MM_TEST_DOMAIN)
		return TRUE;
	return narrow->kind == MM_TEST_MAILBOX &&
	       g_str_equal (wide->mailbox.local, narrow->mailbox.local);
}

static gboolean
network_covers (const MmNetwork *wide, const MmNetwork *narrow)
{
	return wide->bits <= narrow->bits && mm_network_has (wide, &narrow->address);
}

/* TrustedClients holds all of @network. */
static gboolean
trusted_covers (const MmShadowing *shadowing, const MmNetwork *network)
{
	const GArray *tests = shadowing->config->globals.trusted.tests;
	gboolean listed = FALSE;

	for (guint i = 0; i < tests->len; i++) {
		const MmTest *test = &g_array_index (tests, MmTest, i);
		gboolean covers = network_covers (&test->network, network);

		if (test->negated && (covers || network_covers (network, &test->network)))
			return FALSE;
		listed = listed || covers;
	}
	return listed;
}

/* @network holds all of TrustedClients. */
static gboolean
covers_trusted (const MmShadowing *shadowing, const MmNetwork *network)
{
	const GArray *tests = shadowing->config->globals.trusted.tests;

	for (guint i = 0; i < tests->len; i++) {
		const MmTest *test = &g_array_index (tests, MmTest, i);

		if (!test->negated && !network_covers (network, &test->network))
			return FALSE;
	}
	return TRUE;
}

/* Whatever fits @narrow fits @wide, both without their '!'. */
static gboolean
covers (MmShadowing *shadowing, const MmTest *wide, const MmTest *narrow)
{
	MmFamily family = family_of (wide);

	shadowing->steps++;
	if (g_strcmp0 (wide->macro, narrow->macro) != 0)
		return FALSE;
	if (wide->kind == MM_TEST_TRUSTED && narrow->kind == MM_TEST_TRUSTED)
		return TRUE;
	if (wide->kind == MM_TEST_TRUSTED && narrow->kind == MM_TEST_NETWORK)
		return trusted_covers (shadowing, &narrow->network);
	if (wide->kind == MM_TEST_NETWORK && narrow->kind == MM_TEST_TRUSTED)
		return covers_trusted (shadowing, &wide->network);
	if (wide->kind == MM_TEST_SIZE && narrow->kind == MM_TEST_SIZE)
		return wide->min <= narrow->min && wide->max >= narrow->max;
	if (family != family_of (narrow))
		return FALSE;
	switch (family) {
	case FAMILY_MAIL:
		return mail_covers (wide, narrow);
	case FAMILY_NETWORK:
		return network_covers (&wide->network, &narrow->network);
	case FAMILY_USER:
		return g_str_equal (wide->mailbox.local, narrow->mailbox.local);
	default:
		return wide->kind == narrow->kind && g_strcmp0 (wide->text, narrow->text) == 0;
	}
}

/* Nothing fits both. Only where a value is compared with one thing. */
static gboolean
are_apart (MmShadowing *shadowing, const MmTest *a, const MmTest *b)
{
	return family_of (a) != FAMILY_OTHER && family_of (a) == family_of (b) &&
	       !covers (shadowing, a, b) && !covers (shadowing, b, a);
}

/* ---- conditions ------------------------------------------------------------------------------ */

/* A value of @condition, plain or negated as @test is, covers @test. */
static gboolean
has_cover (MmShadowing *shadowing, const MmCondition *condition, const MmTest *test)
{
	for (guint i = 0; i < condition->tests->len; i++) {
		const MmTest *other = &g_array_index (condition->tests, MmTest, i);

		if (other->negated == test->negated && covers (shadowing, other, test))
			return TRUE;
	}
	return FALSE;
}

static guint
count_plain (const MmCondition *condition)
{
	guint n = 0;

	for (guint i = 0; i < condition->tests->len; i++)
		n += !g_array_index (condition->tests, MmTest, i).negated;
	return n;
}

/* Nothing that fits a plain value of @condition fits @test. */
static gboolean
is_apart (MmShadowing *shadowing, const MmCondition *condition, const MmTest *test)
{
	for (guint i = 0; i < condition->tests->len; i++) {
		const MmTest *other = &g_array_index (condition->tests, MmTest, i);

		if (!other->negated && !are_apart (shadowing, other, test))
			return FALSE;
	}
	return count_plain (condition) > 0;
}

/* What a value of it is compared with is one thing only, of a message or a recipient. */
static gboolean
is_single (MmConditionKind kind)
{
	static const MmConditionKind kinds[] = {
		MM_CONDITION_SENDER, MM_CONDITION_SENDER_DOMAIN, MM_CONDITION_HEADER_FROM,
		MM_CONDITION_CLIENT, MM_CONDITION_SASL_USER, MM_CONDITION_RECIPIENT,
		MM_CONDITION_RECIPIENT_DOMAIN,
	};

	for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
		if (kinds[i] == kind)
			return TRUE;
	return FALSE;
}

/* Whatever holds @narrow holds @wide; both are of @kind. */
static gboolean
values_follow (MmShadowing *shadowing, MmConditionKind kind, const MmCondition *wide,
               const MmCondition *narrow)
{
	gboolean any = count_plain (wide) == 0;

	if (!any && count_plain (narrow) == 0)
		return FALSE;
	for (guint i = 0; i < narrow->tests->len && !any; i++) {
		const MmTest *test = &g_array_index (narrow->tests, MmTest, i);

		if (!test->negated && !has_cover (shadowing, wide, test))
			return FALSE;
	}
	for (guint i = 0; i < wide->tests->len; i++) {
		const MmTest *test = &g_array_index (wide->tests, MmTest, i);

		if (test->negated && !has_cover (shadowing, narrow, test) &&
		    !(is_single (kind) && is_apart (shadowing, narrow, test)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
is_all_mail (const MmCondition *condition)
{
	for (guint i = 0; i < condition->tests->len; i++)
		if (family_of (&g_array_index (condition->tests, MmTest, i)) != FAMILY_MAIL)
			return FALSE;
	return TRUE;
}

/* Two conditions on the same thing: its address, and the domain of it. */
static MmConditionKind
twin_of (MmConditionKind kind)
{
	static const MmConditionKind twins[][2] = {
		{MM_CONDITION_SENDER, MM_CONDITION_SENDER_DOMAIN},
		{MM_CONDITION_SENDER_DOMAIN, MM_CONDITION_SENDER},
		{MM_CONDITION_RECIPIENT, MM_CONDITION_RECIPIENT_DOMAIN},
		{MM_CONDITION_RECIPIENT_DOMAIN, MM_CONDITION_RECIPIENT},
	};

	for (guint i = 0; i < G_N_ELEMENTS (twins); i++)
		if (twins[i][0] == kind)
			return twins[i][1];
	return kind;
}

static gboolean
is_yes_or_no (MmConditionKind kind)
{
	return kind == MM_CONDITION_SASL || kind == MM_CONDITION_LOCAL ||
	       kind == MM_CONDITION_FIRST_HOP;
}

/* Whatever matches @rule holds @wide, a condition of @kind. */
static gboolean
condition_follows (MmShadowing *shadowing, const MmCondition *wide, MmConditionKind kind,
                   const MmMatchRule *rule)
{
	const MmCondition *same = &rule->conditions[kind];
	const MmCondition *twin = &rule->conditions[twin_of (kind)];
	const MmCondition *user = &rule->conditions[MM_CONDITION_SASL_USER];

	/* only who has logged in has a name */
	if (kind == MM_CONDITION_SASL && wide->yes && user->given && count_plain (user) > 0)
		return TRUE;
	if (is_yes_or_no (kind))
		return same->given && same->yes == wide->yes;
	if (same->given && values_follow (shadowing, kind, wide, same))
		return TRUE;
	return twin != same && twin->given && is_all_mail (twin) && is_all_mail (wide) &&
	       values_follow (shadowing, kind, wide, twin);
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* Conditions on recipients are followed recipient by recipient: that one of them fits @rule says
 * nothing of all of them. */
static gboolean
is_shadowed (MmShadowing *shadowing, const MmMatchRule *rule, const MmMatchRule *before)
{
	shadowing->steps++;
	for (guint i = 0; i < MM_N_CONDITIONS; i++) {
		const MmCondition *wide = &before->conditions[i];

		if (!wide->given)
			continue;
		if (i >= MM_CONDITION_RECIPIENT && before->match_all && !rule->match_all)
			return FALSE;
		if (!condition_follows (shadowing, wide, i, rule))
			return FALSE;
	}
	return TRUE;
}

static const MmSection *
section_of (const MmShadowing *shadowing, const MmMatchRule *rule)
{
	g_autofree char *title = g_strconcat ("rule ", rule->name, NULL);

	return mm_config_files_section (shadowing->config->files, title);
}

static void
warn (const MmShadowing *shadowing, const MmMatchRule *rule, const MmMatchRule *before,
      MmProblems *problems)
{
	const MmSection *section = section_of (shadowing, rule);
	const MmSection *other = section_of (shadowing, before);
	guint file = problems->file;
	g_autofree char *at = NULL;

	mm_problems_return (problems, section->file);
	at = mm_problems_place (problems, other->file, other->line);
	mm_problems_warn (problems, section->line,
	                  "[%s] can never be reached: [%s] at %s matches whatever it matches",
	                  section->title, other->title, at);
	mm_problems_return (problems, file);
}

void
mm_config_warn_shadowed (const MmConfig *config, MmProblems *problems)
{
	MmShadowing shadowing = {config, 0};

	for (guint i = 1; i < config->rules->len; i++) {
		const MmMatchRule *rule = config->rules->pdata[i];
		guint k = 0;

		while (k < i && shadowing.steps < MAX_STEPS &&
		       !is_shadowed (&shadowing, rule, config->rules->pdata[k]))
			k++;
		if (shadowing.steps >= MAX_STEPS)
			return;
		if (k < i)
			warn (&shadowing, rule, config->rules->pdata[k], problems);
	}
}
