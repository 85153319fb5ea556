/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query-text.c: the answer of `mailmend query` for people.
 */
#include <config.h>

#include <string.h>

#include "catalogue.h"
#include "command-private.h"
#include "query.h"
#include "wrap.h"

#define INDENT 14

static void
put_row (GString *out, const char *key, const char *text)
{
	g_string_append_printf (out, "%-*s", INDENT, key);
	mm_wrap (out, INDENT, INDENT, text);
}

static void
put_needs (const MmQuery *query, GString *out)
{
	GString *text = g_string_new ("not decided; needs ");

	for (guint i = 0; i < query->needs->len; i++)
		g_string_append_printf (text, "%s%s=", i > 0 ? ", " : "",
		                        (const char *) query->needs->pdata[i]);
	put_row (out, "Policy:", text->str);
	g_string_free (text, TRUE);
	if (query->dns_failed)
		put_row (out, "DNS:", mm_config_settings (query->config)->mx_unknown
		                              ? "has no answer; while that is so the milter takes "
		                                "MxUnknown = match"
		                              : "has no answer; while that is so the milter takes "
		                                "MxUnknown = nomatch");
}

/* It may quote what a table has. */
static void
put_error (GString *out, const char *error)
{
	g_autofree char *visible = mm_command_visible (error);

	put_row (out, "Error:", visible);
}

static void
put_decision (const MmQuery *query, GString *out)
{
	const MmMatch *match = &query->match;
	g_autofree char *policy = NULL;

	policy = g_strconcat (match->policy->name,
	                      match->policy->description != NULL ? ": " : "",
	                      match->policy->description, NULL);
	put_row (out, "Rule:", match->rule);
	put_row (out, "Policy:", policy);
	if (match->error != NULL)
		put_error (out, match->error);
	if (match->policy->off)
		put_row (out, "Answered:", query->at_mail
		                                   ? "at MAIL: nothing of the message is read"
		                                   : "at the end of the message");
	if (match->dry_run)
		put_row (out, "Dry run:", "yes: nothing is changed or refused");
	if (match->some_only)
		put_row (out, "Recipients:", "the rule fits some of them only: the message may be "
		                             "mended, but is not refused or held");
	if (match->mx_missing)
		put_row (out, "DNS:", "has not said who takes the mail of a recipient: MxUnknown "
		                      "decided");
}

static void
put_condition (const MmQuery *query, const MmConditionAnswer *one, GString *out)
{
	g_autofree char *fact = mm_query_fact (query, one->key);

	g_string_append_printf (out, "    %s = %s: %s%s%s%s\n", one->key,
	                        one->text != NULL ? one->text : "", mm_query_truth (one->truth),
	                        *fact != '\0' ? " (" : "", fact, *fact != '\0' ? ")" : "");
}

static void
put_rules (const MmQuery *query, GString *out)
{
	g_string_append (out, "\nRules, the first that fits decides:\n");
	for (guint i = 0; i < query->answers->len; i++) {
		const MmRuleAnswer *answer = query->answers->pdata[i];

		g_string_append_printf (out, "  %s: %s%s\n", answer->rule,
		                        mm_query_truth (answer->matches),
		                        answer->decided_here ? ", decides" : "");
		if (answer->error != NULL) {
			g_autofree char *error = mm_command_visible (answer->error);

			g_string_append_printf (out, "    error: %s\n", error);
		}
		for (guint k = 0; k < answer->conditions->len; k++)
			put_condition (query,
			               &g_array_index (answer->conditions, MmConditionAnswer, k),
			               out);
	}
	if (query->has_nexthop)
		g_string_append (out, "  NextHop exists, with Postfix, for mail through smtpd_milters only.\n");
}

static void
put_labels (const MmPolicy *policy, GString *out)
{
	g_autoptr (GPtrArray) rules = mm_catalogue_sorted ();
	const char *word;
	MmSays says;

	g_string_append (out, "\nLabels:\n");
	for (guint at = 0; (word = mm_query_says (at, &says)) != NULL; at++) {
		GString *text = g_string_new (NULL);

		for (guint i = 0; i < rules->len; i++) {
			const MmRule *rule = rules->pdata[i];

			if (mm_query_says_of (policy, rule) == says)
				g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
				                        rule->label);
		}
		if (text->len > 0) {
			g_string_append_printf (out, "  %-*s", INDENT - 2, word);
			mm_wrap (out, INDENT, INDENT, text->str);
		}
		g_string_free (text, TRUE);
	}
}

static void
put_settings (const GPtrArray *settings, GString *out)
{
	if (settings == NULL || settings->len == 0)
		return;
	g_string_append (out, "\nSettings that are not the default:\n");
	for (guint i = 0; i < settings->len; i++)
		g_string_append_printf (out, "  %s\n", (const char *) settings->pdata[i]);
}

void
mm_query_text (const MmQuery *query, GString *out)
{
	if (query->match.decided)
		put_decision (query, out);
	else
		put_needs (query, out);
	put_rules (query, out);
	if (!query->match.decided || query->match.policy->off)
		return;
	put_labels (query->match.policy, out);
	put_settings (query->settings, out);
}
