/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query-fact.c: what is known of what a condition asks for, as it would be given.
 */
#include <config.h>

#include "command-private.h"
#include "query.h"

/* Recipients that are shown; a message may have thousands. */
#define MAX_SHOWN 5

const char *
mm_query_truth (MmTruth truth)
{
	static const char *const words[] = {
		[MM_NO] = "no",
		[MM_YES] = "yes",
		[MM_UNKNOWN] = "unknown",
	};

	return words[truth];
}

/* ---- single facts: NULL if it is not given ---------------------------------------------------- */

static char *
fact_from (const MmQuery *query)
{
	const char *from = query->given->from;

	return from != NULL ? g_strdup_printf ("from=%s", *from != '\0' ? from : "<>") : NULL;
}

static char *
fact_header_from (const MmQuery *query)
{
	const char *from = query->given->header_from;

	return from != NULL ? g_strdup_printf ("header-from=%s", from) : NULL;
}

static char *
fact_client (const MmQuery *query)
{
	const MmGiven *given = query->given;
	g_autofree char *address = NULL;

	if (given->client != NULL)
		address = g_inet_address_to_string (given->client);
	else if (!given->has_client && !query->complete)
		return NULL;
	return g_strdup_printf ("client=%s%s%s", address != NULL ? address : "",
	                        given->host != NULL ? " host=" : "",
	                        given->host != NULL ? given->host : "");
}

static char *
fact_user (const MmQuery *query)
{
	const char *user = query->given->user;

	if (user == NULL && query->complete)
		user = "";
	return user != NULL ? g_strdup_printf ("user=%s", user) : NULL;
}

static char *
fact_local (const MmQuery *query)
{
	const MmGiven *given = query->given;

	if (!given->has_local && !query->complete)
		return NULL;
	return g_strdup_printf ("local=%s",
	                        mm_query_truth (given->has_local ? given->local : MM_NO));
}

static char *
fact_received (const MmQuery *query)
{
	const MmGiven *given = query->given;

	return given->has_received
	               ? g_strdup_printf ("received=%s", mm_query_truth (given->received))
	               : NULL;
}

static char *
fact_size (const MmQuery *query)
{
	const MmGiven *given = query->given;

	return given->has_size ? g_strdup_printf ("size=%" G_GSIZE_FORMAT, given->size) : NULL;
}

static char *
fact_macro (const MmQuery *query)
{
	GString *out = g_string_new (NULL);
	g_autoptr (GList) names = NULL;

	if (query->given->macros != NULL)
		names = g_list_sort (g_hash_table_get_keys (query->given->macros),
		                     (GCompareFunc) g_strcmp0);
	for (GList *at = names; at != NULL; at = at->next)
		g_string_append_printf (out, "%smacro=%s=%s", out->len > 0 ? " " : "",
		                        (const char *) at->data,
		                        (const char *) g_hash_table_lookup (query->given->macros,
		                                                            at->data));
	return g_string_free (out, out->len == 0 && !query->complete);
}

/* ---- recipients ------------------------------------------------------------------------------- */

typedef void (*RecipientFunc) (const MmGivenRecipient *recipient, GString *out);

static char *
each_recipient (const MmQuery *query, RecipientFunc func)
{
	const GPtrArray *all = query->given->recipients;
	GString *out;

	if (all == NULL)
		return query->complete ? g_strdup ("no rcpt=") : NULL;
	out = g_string_new (NULL);
	for (guint i = 0; i < MIN (all->len, MAX_SHOWN); i++) {
		const MmGivenRecipient *recipient = all->pdata[i];

		g_string_append_printf (out, "%srcpt=%s", i > 0 ? " " : "", recipient->address);
		func (recipient, out);
	}
	if (all->len > MAX_SHOWN)
		g_string_append_printf (out, " and %u more", all->len - MAX_SHOWN);
	return g_string_free (out, FALSE);
}

static void
put_nothing (const MmGivenRecipient *recipient G_GNUC_UNUSED, GString *out G_GNUC_UNUSED)
{
}

static void
put_nexthop (const MmGivenRecipient *recipient, GString *out)
{
	if (recipient->next_hop != NULL)
		g_string_append_printf (out, " nexthop=%s", recipient->next_hop);
	else
		g_string_append (out, " without nexthop=");
}

static void
put_mx (const MmGivenRecipient *recipient, GString *out)
{
	g_autofree char *hosts = NULL;

	if (recipient->mx == MM_MX_KNOWN)
		hosts = g_strjoinv (",", recipient->hosts);
	if (hosts != NULL)
		g_string_append_printf (out, " mx=%s", hosts);
	else
		g_string_append (out, recipient->mx == MM_MX_FAILED ? " for which DNS has no answer"
		                                                    : " without mx=");
}

static char *
fact_rcpt (const MmQuery *query)
{
	return each_recipient (query, put_nothing);
}

static char *
fact_nexthop (const MmQuery *query)
{
	return each_recipient (query, put_nexthop);
}

static char *
fact_mx (const MmQuery *query)
{
	return each_recipient (query, put_mx);
}

/* ---- by condition ----------------------------------------------------------------------------- */

static const struct {
	const char *condition;
	const char *key;
	char *(*fact) (const MmQuery *query);
} rows[] = {
	{"Sender", "from", fact_from},
	{"SenderDomain", "from", fact_from},
	{"HeaderFrom", "header-from", fact_header_from},
	{"Client", "client", fact_client},
	{"Sasl", "user", fact_user},
	{"SaslUser", "user", fact_user},
	{"Local", "local", fact_local},
	{"FirstHop", "received", fact_received},
	{"Recipient", "rcpt", fact_rcpt},
	{"RecipientDomain", "rcpt", fact_rcpt},
	{"RecipientMx", "mx", fact_mx},
	{"NextHop", "nexthop", fact_nexthop},
	{"Macro", "macro", fact_macro},
	{"Size", "size", fact_size},
};

const char *
mm_query_key_of (const char *key)
{
	for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
		if (g_str_equal (rows[i].condition, key))
			return rows[i].key;
	return key;
}

char *
mm_query_fact (const MmQuery *query, const char *key)
{
	g_autofree char *fact = NULL;
	const char *name = NULL;

	for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
		if (!g_str_equal (rows[i].condition, key))
			continue;
		name = rows[i].key;
		fact = rows[i].fact (query);
	}
	if (fact == NULL && name == NULL)
		return g_strdup ("");
	return fact != NULL ? mm_command_visible (fact)
	                    : g_strdup_printf ("%s= is not given", name);
}

/* ---- labels ----------------------------------------------------------------------------------- */

const char *
mm_query_says (guint at, MmSays *out_says)
{
	static const struct {
		MmSays says;
		const char *word;
	} words[] = {
		{MM_SAYS_REJECT, "reject"},         {MM_SAYS_TEMPFAIL, "tempfail"},
		{MM_SAYS_QUARANTINE, "quarantine"}, {MM_SAYS_FIX, "fix"},
		{MM_SAYS_LOG, "log"},               {MM_SAYS_IGNORE, "ignore"},
	};

	if (at >= G_N_ELEMENTS (words))
		return NULL;
	*out_says = words[at].says;
	return words[at].word;
}

MmSays
mm_query_says_of (const MmPolicy *policy, const MmRule *rule)
{
	guint at = mm_rule_index (rule);

	return rule->severity == MM_SEVERITY_NOTICE && !policy->named[at] ? MM_SAYS_IGNORE
	                                                                  : policy->says[at];
}
