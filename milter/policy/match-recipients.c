/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * match-recipients.c: the conditions that are asked of each recipient.
 *
 * A recipient fits if all of them hold for it. A rule wants any or all recipients to fit; of any, a
 * part may not fit, which the caller must know: what is done to a message is done to all of them.
 */
#include "match-private.h"

#define MAX_HOSTS 100 /* as many as a resolver hands on */

/* "[mail.example]:25" is mail.example, as is "mail.example:25"; "[IPv6:2001:db8::1]" is the address.
 * (transfer full) */
static char *
next_hop_host (const char *next_hop)
{
	const char *end = next_hop + strlen (next_hop);
	const char *colon = strrchr (next_hop, ':');
	g_autofree char *host = NULL;

	if (*next_hop == '[') {
		next_hop = mm_skip_ipv6_tag (next_hop + 1);
		end = next_hop + strcspn (next_hop, "]");
	} else if (colon != NULL && strchr (next_hop, ':') == colon) {
		end = colon;
	}
	host = g_strndup (next_hop, (gsize) (end - next_hop));
	return mm_domain_normal (host);
}

/* Postfix takes several, which are tried in turn: comma or blank between. (transfer full) */
static char **
next_hop_hosts (const char *next_hops)
{
	g_auto (GStrv) each = g_strsplit_set (next_hops, ", \t", MAX_HOSTS);
	GPtrArray *hosts = g_ptr_array_new ();

	for (char **at = each; *at != NULL; at++)
		if (**at != '\0')
			g_ptr_array_add (hosts, next_hop_host (*at));
	g_ptr_array_add (hosts, NULL);
	return (char **) g_ptr_array_free (hosts, FALSE);
}

static const MmNormalRecipient *
normal_recipient (MmSubject *subject, guint at)
{
	const MmEnvelope *envelope = subject->envelope;

	if (subject->recipients == NULL)
		subject->recipients = g_array_sized_new (FALSE, FALSE, sizeof (MmNormalRecipient),
		                                         envelope->n_recipients);
	while (subject->recipients->len <= at) {
		const MmRecipient *recipient = &envelope->recipients[subject->recipients->len];
		MmNormalRecipient normal = {mm_mailbox_new (recipient->address), NULL};

		if (recipient->next_hop != NULL)
			normal.next_hops = next_hop_hosts (recipient->next_hop);
		g_array_append_val (subject->recipients, normal);
	}
	return &g_array_index (subject->recipients, MmNormalRecipient, at);
}

/* ---- one recipient --------------------------------------------------------------------------- */

/* Whether it holds for one of @hosts (NULL: there is none). */
static MmTruth
hosts_hold (const MmCondition *condition, const char *const *hosts, const MmSubject *subject,
            MmAsked *asked)
{
	MmThing things[MAX_HOSTS];
	char *owned[MAX_HOSTS] = {NULL};
	MmTruth holds;
	guint n = 0;

	if (hosts == NULL)
		return mm_values_hold (condition, NULL, 0, subject, asked);
	for (; n < MAX_HOSTS && hosts[n] != NULL; n++) {
		const char *host = mm_domain_view (hosts[n], &owned[n]);

		things[n] = (MmThing){host, NULL, host, NULL};
	}
	holds = mm_values_hold (condition, things, n, subject, asked);
	for (guint i = 0; i < n; i++)
		g_free (owned[i]);
	return holds;
}

static MmTruth
mx_holds (const MmCondition *condition, const MmRecipient *recipient, const MmSubject *subject,
          MmAsked *asked)
{
	if (recipient->mx == MM_MX_KNOWN)
		return hosts_hold (condition, recipient->mx_hosts, subject, asked);
	asked->mx_missing = TRUE;
	if (!subject->envelope->final)
		return MM_UNKNOWN;
	return subject->config->globals.settings.mx_unknown ? MM_YES : MM_NO;
}

/* UNKNOWN, or @asked->mx_missing: for want of an answer of DNS. */
static MmTruth
condition_holds (const MmCondition *condition, MmConditionKind kind, guint at, MmSubject *subject,
                 MmAsked *asked)
{
	const MmNormalRecipient *normal = normal_recipient (subject, at);
	const MmMailbox *mailbox = &normal->mailbox;
	MmThing thing = {mailbox->whole, mailbox->local, mailbox->domain, NULL};

	if (kind == MM_CONDITION_RECIPIENT_MX)
		return mx_holds (condition, &subject->envelope->recipients[at], subject, asked);
	if (kind == MM_CONDITION_RECIPIENT_DOMAIN)
		thing = (MmThing){mailbox->domain, NULL, mailbox->domain, NULL};
	if (kind == MM_CONDITION_NEXT_HOP)
		return hosts_hold (condition, (const char *const *) normal->next_hops, subject,
		                   asked);
	return mm_values_hold (condition, &thing, 1, subject, asked);
}

static MmTruth
recipient_fits (const MmMatchRule *rule, MmConditionKind first, MmConditionKind last, guint at,
                MmSubject *subject, MmAsked *asked)
{
	MmTruth fits = MM_YES;

	for (MmConditionKind kind = first; kind <= last && fits != MM_NO; kind++)
		if (rule->conditions[kind].given)
			fits = mm_truth_and (fits, condition_holds (&rule->conditions[kind], kind,
			                                            at, subject, asked));
	return fits;
}

/* ---- all of them ----------------------------------------------------------------------------- */

typedef struct {
	guint yes;
	guint no;
	guint unknown;
	guint failed;
} Count;

typedef struct {
	const MmMatchRule *rule;
	Count sure;
	Count guessed;   /* DNS has not answered: nobody knows yet, or MxUnknown has said it */
	gboolean differ; /* tables name different policies */
} Poll;

static gboolean
same_found (const MmAsked *a, const MmAsked *b)
{
	if (!a->has_found || !b->has_found)
		return a->has_found == b->has_found;
	return a->found.policy == b->found.policy && g_str_equal (a->found.name, b->found.name);
}

static void
count_one (Count *count, MmTruth fits)
{
	count->yes += fits == MM_YES;
	count->no += fits == MM_NO;
	count->unknown += fits == MM_UNKNOWN;
	count->failed += fits == MM_FAILED;
}

/* What one recipient brought up; the first that fits says the policy. */
static void
take_one (Poll *poll, MmTruth fits, MmAsked *one, MmAsked *asked)
{
	gboolean first = poll->sure.yes + poll->guessed.yes == 0;

	if (fits == MM_YES && !first)
		poll->differ = poll->differ || !same_found (one, asked);
	if (fits == MM_YES && first) {
		asked->has_found = one->has_found;
		asked->found = one->found;
		asked->table = one->table;
	}
	if (fits == MM_FAILED && asked->error == NULL)
		asked->error = g_steal_pointer (&one->error);
	count_one (one->mx_missing ? &poll->guessed : &poll->sure, fits);
}

static gboolean
has_guessed (const Poll *poll)
{
	const Count *guessed = &poll->guessed;

	return guessed->yes + guessed->no + guessed->unknown + guessed->failed > 0;
}

/* TRUE if the recipients that are not counted yet, and those guessed, make no difference: not to
 * whether the rule fits, nor to whether all recipients do, nor to what a table names. */
static gboolean
is_certain (const Poll *poll)
{
	if (poll->rule->match_all)
		return poll->sure.no > 0;
	return poll->sure.no > 0 && poll->sure.yes > 0 &&
	       !(poll->rule->by_table && has_guessed (poll));
}

static MmTruth
poll_result (const Poll *poll)
{
	const Count *sure = &poll->sure;
	const Count *guessed = &poll->guessed;
	gboolean all = poll->rule->match_all;

	if (is_certain (poll))
		return all ? MM_NO : MM_YES;
	if (guessed->unknown > 0)
		return MM_UNKNOWN;
	if (all && guessed->no > 0)
		return MM_NO;
	if (!all && sure->yes + guessed->yes > 0 && sure->no + guessed->no > 0)
		return MM_YES;
	if (sure->failed + guessed->failed > 0)
		return MM_FAILED;
	return sure->yes + guessed->yes > 0 ? MM_YES : MM_NO;
}

MmTruth
mm_recipients_hold (const MmMatchRule *rule, MmConditionKind first, MmConditionKind last,
                    MmSubject *subject, MmAsked *asked)
{
	const MmEnvelope *envelope = subject->envelope;
	const MmAsked before = *asked;
	Poll poll = {.rule = rule};

	if (!envelope->recipients_known)
		return MM_UNKNOWN;
	for (guint i = 0; i < envelope->n_recipients && !is_certain (&poll); i++) {
		g_auto (MmAsked) one = {0};
		MmTruth fits = recipient_fits (rule, first, last, i, subject, &one);

		take_one (&poll, fits, &one, asked);
	}
	if (has_guessed (&poll) && !is_certain (&poll))
		asked->mx_missing = TRUE;
	if (before.has_found) {
		/* a condition that was asked earlier has said it */
		asked->has_found = TRUE;
		asked->found = before.found;
		asked->table = before.table;
		poll.differ = FALSE;
	}
	asked->some_only = poll.sure.yes + poll.guessed.yes > 0 &&
	                   (poll.sure.no + poll.guessed.no > 0 || poll.differ);
	return poll_result (&poll);
}
