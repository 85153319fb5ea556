/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * match.c: which rule a message falls under.
 *
 * Three-valued: a condition on what is not known yet is neither true nor false. A rule with one
 * condition that is certainly false is out whatever else is unknown; a rule that may still match
 * stops the search without an answer, since what comes behind it cannot be decided either.
 *
 * A table that cannot be asked is a fourth value (MM_FAILED): where it counts, nobody can say which
 * rule it is, and [default] decides.
 */
#include "match-private.h"

/* ---- subject --------------------------------------------------------------------------------- */

static MmAddress
address_of (GInetAddress *client)
{
	MmAddress address = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
	gsize size = g_inet_address_get_native_size (client);

	if (size <= sizeof address.octets)
		memcpy (address.octets + sizeof address.octets - size,
		        g_inet_address_to_bytes (client), size);
	return address;
}

void
mm_subject_init (MmSubject *subject, const MmConfig *config, const MmEnvelope *envelope)
{
	*subject = (MmSubject){.config = config, .envelope = envelope};
	if (envelope->sender_known)
		subject->sender = mm_mailbox_new (envelope->sender);
	if (envelope->headers_known)
		subject->from = mm_mailbox_new (envelope->header_from);
	subject->has_client = envelope->client != NULL;
	if (subject->has_client)
		subject->client = address_of (envelope->client);
}

void
mm_subject_clear (MmSubject *subject)
{
	mm_mailbox_clear (&subject->sender);
	mm_mailbox_clear (&subject->from);
	g_free (subject->client_name);
	for (guint i = 0; subject->recipients != NULL && i < subject->recipients->len; i++) {
		MmNormalRecipient *recipient =
			&g_array_index (subject->recipients, MmNormalRecipient, i);

		mm_mailbox_clear (&recipient->mailbox);
		g_strfreev (recipient->next_hops);
	}
	g_clear_pointer (&subject->recipients, g_array_unref);
}

void
mm_asked_clear (MmAsked *asked)
{
	g_clear_pointer (&asked->error, g_free);
}

/* ---- conditions ------------------------------------------------------------------------------ */

static MmTruth
same_truth (const MmCondition *condition, MmTruth truth)
{
	if (truth == MM_UNKNOWN)
		return MM_UNKNOWN;
	return condition->yes == (truth == MM_YES) ? MM_YES : MM_NO;
}

static MmTruth
mailbox_holds (const MmCondition *condition, const MmMailbox *mailbox, const MmSubject *subject,
               MmAsked *asked)
{
	MmThing thing = {mailbox->whole, mailbox->local, mailbox->domain, NULL};

	return mm_values_hold (condition, &thing, 1, subject, asked);
}

static MmTruth
sender_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked)
{
	if (!subject->envelope->sender_known)
		return MM_UNKNOWN;
	return mailbox_holds (condition, &subject->sender, subject, asked);
}

static MmTruth
sender_domain_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked)
{
	const char *domain = subject->sender.domain;
	MmThing thing = {domain, NULL, domain, NULL};

	if (!subject->envelope->sender_known)
		return MM_UNKNOWN;
	return mm_values_hold (condition, &thing, 1, subject, asked);
}

static MmTruth
from_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked)
{
	if (!subject->envelope->headers_known)
		return MM_UNKNOWN;
	return mailbox_holds (condition, &subject->from, subject, asked);
}

static MmTruth
client_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked)
{
	MmThing thing = {.address = subject->has_client ? &subject->client : NULL};
	const char *name = subject->envelope->client_name;

	if (name != NULL && !subject->client_named && mm_values_have_names (condition)) {
		subject->client_name = mm_domain_normal (name);
		subject->client_named = TRUE;
	}
	thing.text = subject->client_name;
	thing.domain = subject->client_name;
	return mm_values_hold (condition, &thing, 1, subject, asked);
}

static const char *
user_of (const MmEnvelope *envelope)
{
	const char *user = envelope->sasl_user;

	return user != NULL && *user != '\0' ? user : NULL;
}

static MmTruth
sasl_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked G_GNUC_UNUSED)
{
	if (!subject->envelope->sasl_known)
		return MM_UNKNOWN;
	return same_truth (condition, user_of (subject->envelope) != NULL ? MM_YES : MM_NO);
}

static MmTruth
sasl_user_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked)
{
	MmThing thing = {.text = user_of (subject->envelope)};

	if (!subject->envelope->sasl_known)
		return MM_UNKNOWN;
	return mm_values_hold (condition, &thing, 1, subject, asked);
}

static MmTruth
local_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked G_GNUC_UNUSED)
{
	return same_truth (condition, subject->envelope->local);
}

static MmTruth
first_hop_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked G_GNUC_UNUSED)
{
	return same_truth (condition, subject->envelope->first_hop);
}

static MmTruth
macro_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked)
{
	return mm_macros_hold (condition, subject, asked);
}

static MmTruth
size_holds (const MmCondition *condition, MmSubject *subject, MmAsked *asked G_GNUC_UNUSED)
{
	return mm_sizes_hold (condition, subject);
}

static const struct {
	const char *key;
	/* NULL: mm_recipients_hold () */
	MmTruth (*holds) (const MmCondition *condition, MmSubject *subject, MmAsked *asked);
} conditions[MM_N_CONDITIONS] = {
	[MM_CONDITION_SENDER] = {"Sender", sender_holds},
	[MM_CONDITION_SENDER_DOMAIN] = {"SenderDomain", sender_domain_holds},
	[MM_CONDITION_HEADER_FROM] = {"HeaderFrom", from_holds},
	[MM_CONDITION_CLIENT] = {"Client", client_holds},
	[MM_CONDITION_SASL] = {"Sasl", sasl_holds},
	[MM_CONDITION_SASL_USER] = {"SaslUser", sasl_user_holds},
	[MM_CONDITION_LOCAL] = {"Local", local_holds},
	[MM_CONDITION_FIRST_HOP] = {"FirstHop", first_hop_holds},
	[MM_CONDITION_MACRO] = {"Macro", macro_holds},
	[MM_CONDITION_SIZE] = {"Size", size_holds},
	[MM_CONDITION_RECIPIENT] = {"Recipient", NULL},
	[MM_CONDITION_RECIPIENT_DOMAIN] = {"RecipientDomain", NULL},
	[MM_CONDITION_NEXT_HOP] = {"NextHop", NULL},
	[MM_CONDITION_RECIPIENT_MX] = {"RecipientMx", NULL},
};

/* What is not known by now never will be: then the condition does not hold. */
static MmTruth
finally (MmTruth truth, const MmSubject *subject)
{
	return truth == MM_UNKNOWN && subject->envelope->final ? MM_NO : truth;
}

static MmTruth
condition_holds (const MmMatchRule *rule, MmConditionKind kind, MmSubject *subject, MmAsked *asked)
{
	const MmCondition *condition = &rule->conditions[kind];
	MmTruth holds;

	if (conditions[kind].holds != NULL)
		holds = conditions[kind].holds (condition, subject, asked);
	else
		holds = mm_recipients_hold (rule, kind, kind, subject, asked);
	return finally (holds, subject);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static gboolean
asks_recipients (const MmMatchRule *rule)
{
	for (guint i = MM_CONDITION_RECIPIENT; i < MM_N_CONDITIONS; i++)
		if (rule->conditions[i].given)
			return TRUE;
	return FALSE;
}

static MmTruth
rule_matches (const MmMatchRule *rule, MmSubject *subject, MmAsked *asked)
{
	MmTruth all = MM_YES;

	for (guint i = 0; i < MM_CONDITION_RECIPIENT && all != MM_NO; i++)
		if (rule->conditions[i].given)
			all = mm_truth_and (all, condition_holds (rule, i, subject, asked));
	if (all != MM_NO && asks_recipients (rule))
		all = mm_truth_and (all, finally (mm_recipients_hold (rule, MM_CONDITION_RECIPIENT,
		                                                      MM_N_CONDITIONS - 1, subject,
		                                                      asked),
		                                  subject));
	return all;
}

static gboolean
names_null (const MmMatchRule *rule)
{
	const MmCondition *sender = &rule->conditions[MM_CONDITION_SENDER];

	for (guint i = 0; sender->given && i < sender->tests->len; i++) {
		const MmTest *test = &g_array_index (sender->tests, MmTest, i);

		if (test->kind == MM_TEST_NULL_SENDER && !test->negated)
			return TRUE;
	}
	return FALSE;
}

/* The policy that a table named; NULL, with a text in @asked->error, if there is none of that
 * name. */
static const MmPolicy *
found_policy (const MmConfig *config, MmAsked *asked)
{
	const MmPolicy *policy = asked->found.policy;
	const char *name = asked->found.name;
	g_autofree char *printable = NULL;

	if (policy == NULL && asked->has_found && !asked->found.is_cut)
		policy = mm_config_policy (config, name);
	if (policy != NULL)
		return policy;
	printable = g_strescape (asked->has_found ? name : "", NULL);
	g_free (asked->error);
	if (asked->has_found)
		asked->error = g_strdup_printf ("table %s: '%s%s' is no policy",
		                                mm_table_name (asked->table), printable,
		                                asked->found.is_cut ? "..." : "");
	else /* MxUnknown = match, and there is no host to look up */
		asked->error = g_strdup ("no table has named a policy");
	return policy;
}

static void
decide (MmMatch *match, const MmConfig *config, const MmMatchRule *rule, const MmAsked *asked)
{
	match->decided = TRUE;
	match->policy = rule->policy;
	match->rule = rule->name;
	match->dry_run = rule->dry_run || config->globals.settings.dry_run;
	match->names_null = names_null (rule);
	match->some_only = asked->some_only;
}

/* [default] decides, for something went wrong. */
static void
give_up (MmMatch *match, const MmConfig *config, MmAsked *asked)
{
	const MmAsked none = {0};

	decide (match, config, config->fallback, &none);
	match->error = g_steal_pointer (&asked->error);
}

/* FALSE if the search goes on. */
static gboolean
try_rule (const MmConfig *config, const MmMatchRule *rule, MmSubject *subject, MmMatch *match)
{
	g_auto (MmAsked) asked = {0};
	MmTruth matches = rule_matches (rule, subject, &asked);

	match->mx_missing = match->mx_missing || asked.mx_missing;
	if (matches == MM_NO || matches == MM_UNKNOWN)
		return matches == MM_UNKNOWN;
	if (matches == MM_FAILED) {
		give_up (match, config, &asked);
		return TRUE;
	}
	decide (match, config, rule, &asked);
	if (rule->by_table)
		match->policy = found_policy (config, &asked);
	if (match->policy == NULL) {
		/* the rule's own dry run, if it has one, stays */
		match->policy = config->fallback->policy;
		match->error = g_steal_pointer (&asked.error);
	}
	return TRUE;
}

MmMatch
mm_config_match (const MmConfig *config, const MmEnvelope *envelope)
{
	g_auto (MmSubject) subject;
	const MmAsked none = {0};
	MmMatch match = {.decided = FALSE};

	mm_subject_init (&subject, config, envelope);
	for (guint i = 0; i < config->rules->len; i++)
		if (try_rule (config, config->rules->pdata[i], &subject, &match))
			return match;
	decide (&match, config, config->fallback, &none);
	return match;
}

void
mm_match_clear (MmMatch *match)
{
	g_clear_pointer (&match->error, g_free);
}

/* ---- why ------------------------------------------------------------------------------------- */

static void
rule_answer_free (gpointer data)
{
	MmRuleAnswer *answer = data;

	g_array_unref (answer->conditions);
	g_free (answer->error);
	g_free (answer);
}

static MmRuleAnswer *
explain_rule (const MmMatchRule *rule, MmSubject *subject)
{
	MmRuleAnswer *answer = g_new0 (MmRuleAnswer, 1);
	g_auto (MmAsked) asked = {0};

	answer->rule = rule->name;
	answer->matches = rule_matches (rule, subject, &asked);
	if (answer->matches == MM_YES && rule->by_table)
		found_policy (subject->config, &asked);
	if (answer->matches == MM_FAILED || (answer->matches == MM_YES && rule->by_table))
		answer->error = g_steal_pointer (&asked.error);
	answer->matches = answer->matches == MM_FAILED ? MM_UNKNOWN : answer->matches;
	answer->conditions = g_array_new (FALSE, FALSE, sizeof (MmConditionAnswer));
	for (guint i = 0; i < MM_N_CONDITIONS; i++) {
		const MmCondition *condition = &rule->conditions[i];
		MmConditionAnswer one = {conditions[i].key, condition->text, MM_UNKNOWN};
		g_auto (MmAsked) alone = {0};

		if (!condition->given)
			continue;
		one.truth = condition_holds (rule, i, subject, &alone);
		if (one.truth == MM_FAILED)
			one.truth = MM_UNKNOWN;
		g_array_append_val (answer->conditions, one);
	}
	return answer;
}

GPtrArray *
mm_config_explain (const MmConfig *config, const MmEnvelope *envelope)
{
	GPtrArray *answers = g_ptr_array_new_with_free_func (rule_answer_free);
	gboolean decided = FALSE;
	g_auto (MmSubject) subject;

	mm_subject_init (&subject, config, envelope);
	for (guint i = 0; i <= config->rules->len; i++) {
		gboolean last = i == config->rules->len;
		MmRuleAnswer *answer =
			explain_rule (last ? config->fallback : config->rules->pdata[i], &subject);

		answer->decided_here = !decided && answer->matches == MM_YES;
		decided = decided || answer->matches != MM_NO;
		g_ptr_array_add (answers, answer);
	}
	return answers;
}

/* ---- what rules ask for ---------------------------------------------------------------------- */

gboolean
mm_config_has_off (const MmConfig *config)
{
	return mm_config_may_use (config, "off");
}

static gboolean
rule_may_use (const MmMatchRule *rule, const char *policy)
{
	if (!rule->by_table)
		return g_str_equal (rule->policy->name, policy);
	for (guint i = 0; i < MM_N_CONDITIONS; i++) {
		const GArray *tests = rule->conditions[i].tests;

		for (guint j = 0; tests != NULL && j < tests->len; j++) {
			const MmTest *test = &g_array_index (tests, MmTest, j);

			if (test->kind == MM_TEST_TABLE && !test->negated &&
			    mm_table_may_name (test->table, policy))
				return TRUE;
		}
	}
	return FALSE;
}

gboolean
mm_config_may_use (const MmConfig *config, const char *policy)
{
	for (guint i = 0; i < config->rules->len; i++)
		if (rule_may_use (config->rules->pdata[i], policy))
			return TRUE;
	return g_str_equal (config->fallback->policy->name, policy);
}

gboolean
mm_config_asks_recipients (const MmConfig *config)
{
	for (guint i = 0; i < config->rules->len; i++)
		if (asks_recipients (config->rules->pdata[i]))
			return TRUE;
	return FALSE;
}

gboolean
mm_config_asks_mx (const MmConfig *config)
{
	for (guint i = 0; i < config->rules->len; i++) {
		const MmMatchRule *rule = config->rules->pdata[i];

		if (rule->conditions[MM_CONDITION_RECIPIENT_MX].given)
			return TRUE;
	}
	return FALSE;
}

const char *const *
mm_config_macros (const MmConfig *config)
{
	return (const char *const *) config->macros->pdata;
}
