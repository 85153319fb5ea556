/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * match.c: which rule a message falls under.
 *
 * Three-valued: a condition on what is not known yet is neither true nor false. A rule with one
 * condition that is certainly false is out whatever else is unknown; a rule that may still match
 * stops the search without an answer, since what comes behind it cannot be decided either.
 */
#include "policy-private.h"

#include <mailmend/bytes.h>

#define MAX_DOMAIN 1024 /* no domain; kept away from the conversion to A-labels */

/* ---- addresses ------------------------------------------------------------------------------- */

gboolean
mm_address_is_v4 (const MmAddress *address)
{
	static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp (address->octets, mapped, sizeof mapped) == 0;
}

gboolean
mm_network_has (const MmNetwork *network, const MmAddress *address)
{
	guint whole = network->bits / 8;
	guint rest = network->bits % 8;
	guint8 mask = (guint8) (0xff00 >> rest);

	/* ::/0 is every IPv6 address, not IPv4 in another dress */
	if (network->bits < MM_V4_PREFIX && mm_address_is_v4 (address))
		return FALSE;
	if (memcmp (network->address.octets, address->octets, whole) != 0)
		return FALSE;
	return rest == 0 || (address->octets[whole] & mask) == network->address.octets[whole];
}

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

static gboolean
is_ascii (const char *text)
{
	while (*text != '\0' && (guchar) *text < 0x80)
		text++;
	return *text == '\0';
}

char *
mm_domain_normal (const char *domain)
{
	gsize len = strlen (domain);
	g_autofree char *text = g_ascii_strdown (domain, (gssize) len);
	g_autofree char *ascii = NULL;

	if (!is_ascii (text) && len <= MAX_DOMAIN && g_utf8_validate (text, (gssize) len, NULL))
		ascii = g_hostname_to_ascii (text);
	if (ascii != NULL) {
		g_free (text);
		text = g_ascii_strdown (ascii, -1);
		len = strlen (text);
	}
	if (len > 0 && text[len - 1] == '.')
		text[len - 1] = '\0';
	return g_steal_pointer (&text);
}

MmMailbox
mm_mailbox_new (const char *address)
{
	const char *at = address != NULL ? strrchr (address, '@') : NULL;
	MmMailbox mailbox = {NULL, NULL};

	if (address == NULL)
		return mailbox;
	mailbox.local = g_ascii_strdown (address, at != NULL ? at - address : -1);
	if (at != NULL)
		mailbox.domain = mm_domain_normal (at + 1);
	return mailbox;
}

void
mm_mailbox_clear (MmMailbox *mailbox)
{
	g_clear_pointer (&mailbox->local, g_free);
	g_clear_pointer (&mailbox->domain, g_free);
}

/* ---- single values --------------------------------------------------------------------------- */

/* A message in the form values are compared in. */
typedef struct {
	const MmConfig *config;
	const MmEnvelope *envelope;
	MmMailbox sender;
	MmMailbox from;
	gboolean has_client;
	MmAddress client;
} MmSubject;

typedef gboolean (*FitsFunc) (const MmTest *test, const MmSubject *subject);

/* TRUE if a plain value fits and no negated one does. */
static gboolean
is_listed (const MmCondition *condition, FitsFunc fits, const MmSubject *subject)
{
	gboolean listed = FALSE;

	for (guint i = 0; i < condition->tests->len; i++) {
		const MmTest *test = &g_array_index (condition->tests, MmTest, i);

		if (test->negated && fits (test, subject))
			return FALSE;
		listed = listed || (!test->negated && fits (test, subject));
	}
	return listed;
}

/* As above; with negated values only, all others fit. */
static MmTruth
holds (const MmCondition *condition, FitsFunc fits, const MmSubject *subject)
{
	for (guint i = 0; i < condition->tests->len; i++) {
		const MmTest *test = &g_array_index (condition->tests, MmTest, i);

		if (!test->negated)
			return is_listed (condition, fits, subject) ? MM_YES : MM_NO;
	}
	for (guint i = 0; i < condition->tests->len; i++)
		if (fits (&g_array_index (condition->tests, MmTest, i), subject))
			return MM_NO;
	return MM_YES;
}

/* @domain is @above or ends in "." @above. */
static gboolean
is_below (const char *domain, const char *above)
{
	gsize len = strlen (domain);
	gsize tail = strlen (above);

	return g_str_has_suffix (domain, above) && (len == tail || domain[len - tail - 1] == '.');
}

static gboolean
mailbox_fits (const MmTest *test, const MmMailbox *mailbox)
{
	switch (test->kind) {
	case MM_TEST_NULL_SENDER:
		return mailbox->local != NULL && *mailbox->local == '\0' && mailbox->domain == NULL;
	case MM_TEST_MAILBOX:
		return mailbox->domain != NULL &&
		       g_str_equal (mailbox->domain, test->mailbox.domain) &&
		       g_str_equal (mailbox->local, test->mailbox.local);
	case MM_TEST_DOMAIN:
		return mailbox->domain != NULL &&
		       g_str_equal (mailbox->domain, test->mailbox.domain);
	case MM_TEST_BELOW:
		return mailbox->domain != NULL && is_below (mailbox->domain, test->mailbox.domain);
	default:
		return FALSE;
	}
}

static gboolean
sender_fits (const MmTest *test, const MmSubject *subject)
{
	return mailbox_fits (test, &subject->sender);
}

static gboolean
from_fits (const MmTest *test, const MmSubject *subject)
{
	return mailbox_fits (test, &subject->from);
}

static gboolean
network_fits (const MmTest *test, const MmSubject *subject)
{
	return subject->has_client && mm_network_has (&test->network, &subject->client);
}

static gboolean
client_fits (const MmTest *test, const MmSubject *subject)
{
	if (test->kind == MM_TEST_TRUSTED)
		return is_listed (&subject->config->globals.trusted, network_fits, subject);
	return network_fits (test, subject);
}

static const char *
user_of (const MmEnvelope *envelope)
{
	const char *user = envelope->sasl_user;

	return user != NULL && *user != '\0' ? user : NULL;
}

static gboolean
user_fits (const MmTest *test, const MmSubject *subject)
{
	return g_strcmp0 (user_of (subject->envelope), test->mailbox.local) == 0;
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
sender_holds (const MmCondition *condition, const MmSubject *subject)
{
	if (!subject->envelope->sender_known)
		return MM_UNKNOWN;
	return holds (condition, sender_fits, subject);
}

static MmTruth
from_holds (const MmCondition *condition, const MmSubject *subject)
{
	if (!subject->envelope->headers_known)
		return MM_UNKNOWN;
	return holds (condition, from_fits, subject);
}

static MmTruth
client_holds (const MmCondition *condition, const MmSubject *subject)
{
	return holds (condition, client_fits, subject);
}

static MmTruth
sasl_holds (const MmCondition *condition, const MmSubject *subject)
{
	if (!subject->envelope->sasl_known)
		return MM_UNKNOWN;
	return same_truth (condition, user_of (subject->envelope) != NULL ? MM_YES : MM_NO);
}

static MmTruth
sasl_user_holds (const MmCondition *condition, const MmSubject *subject)
{
	if (!subject->envelope->sasl_known)
		return MM_UNKNOWN;
	return holds (condition, user_fits, subject);
}

static MmTruth
local_holds (const MmCondition *condition, const MmSubject *subject)
{
	return same_truth (condition, subject->envelope->local);
}

static MmTruth
first_hop_holds (const MmCondition *condition, const MmSubject *subject)
{
	return same_truth (condition, subject->envelope->first_hop);
}

static const struct {
	const char *key;
	MmTruth (*holds) (const MmCondition *condition, const MmSubject *subject);
} conditions[MM_N_CONDITIONS] = {
	[MM_CONDITION_SENDER] = {"Sender", sender_holds},
	[MM_CONDITION_SENDER_DOMAIN] = {"SenderDomain", sender_holds},
	[MM_CONDITION_HEADER_FROM] = {"HeaderFrom", from_holds},
	[MM_CONDITION_CLIENT] = {"Client", client_holds},
	[MM_CONDITION_SASL] = {"Sasl", sasl_holds},
	[MM_CONDITION_SASL_USER] = {"SaslUser", sasl_user_holds},
	[MM_CONDITION_LOCAL] = {"Local", local_holds},
	[MM_CONDITION_FIRST_HOP] = {"FirstHop", first_hop_holds},
};

/* ---- rules ----------------------------------------------------------------------------------- */

static MmTruth
rule_matches (const MmMatchRule *rule, const MmSubject *subject)
{
	MmTruth all = MM_YES;

	for (guint i = 0; i < MM_N_CONDITIONS; i++) {
		MmTruth one = MM_YES;

		if (rule->conditions[i].given)
			one = conditions[i].holds (&rule->conditions[i], subject);
		if (one == MM_NO)
			return MM_NO;
		if (one == MM_UNKNOWN)
			all = MM_UNKNOWN;
	}
	return all;
}

/* The rule for @subject, NULL if that cannot be said yet. */
static const MmMatchRule *
find_rule (const MmConfig *config, const MmSubject *subject)
{
	for (guint i = 0; i < config->rules->len; i++) {
		const MmMatchRule *rule = config->rules->pdata[i];
		MmTruth matches = rule_matches (rule, subject);

		if (matches != MM_NO)
			return matches == MM_YES ? rule : NULL;
	}
	return config->fallback;
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

static void
subject_init (MmSubject *subject, const MmConfig *config, const MmEnvelope *envelope)
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

static void
subject_clear (MmSubject *subject)
{
	mm_mailbox_clear (&subject->sender);
	mm_mailbox_clear (&subject->from);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmSubject, subject_clear)

MmMatch
mm_config_match (const MmConfig *config, const MmEnvelope *envelope)
{
	g_auto (MmSubject) subject;
	MmMatch match = {.decided = FALSE};
	const MmMatchRule *rule;

	subject_init (&subject, config, envelope);
	rule = find_rule (config, &subject);
	if (rule == NULL)
		return match;
	match.decided = TRUE;
	match.policy = rule->policy;
	match.rule = rule->name;
	match.dry_run = rule->dry_run || config->globals.settings.dry_run;
	match.names_null = names_null (rule);
	return match;
}

void
mm_match_clear (MmMatch *match)
{
	g_clear_pointer (&match->error, g_free);
}

/* ---- why -------------------------------------------------------------------------------------- */

static void
rule_answer_free (gpointer data)
{
	MmRuleAnswer *answer = data;

	g_array_unref (answer->conditions);
	g_free (answer->error);
	g_free (answer);
}

static MmRuleAnswer *
explain_rule (const MmMatchRule *rule, const MmSubject *subject)
{
	MmRuleAnswer *answer = g_new0 (MmRuleAnswer, 1);

	answer->rule = rule->name;
	answer->matches = rule_matches (rule, subject);
	answer->conditions = g_array_new (FALSE, FALSE, sizeof (MmConditionAnswer));
	for (guint i = 0; i < MM_N_CONDITIONS; i++) {
		const MmCondition *condition = &rule->conditions[i];
		MmConditionAnswer one = {conditions[i].key, condition->text, MM_UNKNOWN};

		if (!condition->given)
			continue;
		one.truth = conditions[i].holds (condition, subject);
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

	subject_init (&subject, config, envelope);
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

/* ---- what rules ask for ------------------------------------------------------------------------ */

gboolean
mm_config_has_off (const MmConfig *config)
{
	return mm_config_may_use (config, "off");
}

gboolean
mm_config_may_use (const MmConfig *config, const char *policy)
{
	for (guint i = 0; i < config->rules->len; i++) {
		const MmMatchRule *rule = config->rules->pdata[i];

		if (g_str_equal (rule->policy->name, policy))
			return TRUE;
	}
	return g_str_equal (config->fallback->policy->name, policy);
}

gboolean
mm_config_asks_mx (const MmConfig *config G_GNUC_UNUSED)
{
	return FALSE;
}

const char *const *
mm_config_macros (const MmConfig *config G_GNUC_UNUSED)
{
	static const char *const none[] = {NULL};

	return none;
}
