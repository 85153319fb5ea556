/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query-json.c: the answer of `mailmend query` for programs: one object on one line.
 */
#include <config.h>

#include "catalogue.h"
#include "json.h"
#include "query.h"

static void
put_decision (const MmQuery *query, GString *out)
{
	const MmMatch *match = &query->match;
	gboolean decided = match->decided;

	mm_json_boolean (out, "decided", decided);
	mm_json_string (out, "rule", decided ? match->rule : NULL);
	mm_json_string (out, "policy", decided ? match->policy->name : NULL);
	mm_json_boolean (out, "off", decided && match->policy->off);
	mm_json_boolean (out, "at_mail", query->at_mail);
	mm_json_boolean (out, "dry_run", decided && match->dry_run);
	mm_json_boolean (out, "some_only", decided && match->some_only);
	mm_json_boolean (out, "mx_missing", match->mx_missing);
	mm_json_string (out, "error", match->error);
	mm_json_open (out, "needs", '[');
	for (guint i = 0; i < query->needs->len; i++)
		mm_json_string (out, NULL, query->needs->pdata[i]);
	mm_json_close (out, ']');
}

static void
put_condition (const MmQuery *query, const MmConditionAnswer *one, GString *out)
{
	g_autofree char *fact = mm_query_fact (query, one->key);

	mm_json_open (out, NULL, '{');
	mm_json_string (out, "key", one->key);
	mm_json_string (out, "value", one->text);
	mm_json_string (out, "answer", mm_query_truth (one->truth));
	mm_json_string (out, "fact", fact);
	mm_json_close (out, '}');
}

static void
put_rules (const MmQuery *query, GString *out)
{
	mm_json_open (out, "rules", '[');
	for (guint i = 0; i < query->answers->len; i++) {
		const MmRuleAnswer *answer = query->answers->pdata[i];

		mm_json_open (out, NULL, '{');
		mm_json_string (out, "rule", answer->rule);
		mm_json_string (out, "matches", mm_query_truth (answer->matches));
		mm_json_boolean (out, "decides", answer->decided_here);
		mm_json_string (out, "error", answer->error);
		mm_json_open (out, "conditions", '[');
		for (guint k = 0; k < answer->conditions->len; k++)
			put_condition (query,
			               &g_array_index (answer->conditions, MmConditionAnswer, k),
			               out);
		mm_json_close (out, ']');
		mm_json_close (out, '}');
	}
	mm_json_close (out, ']');
}

static void
put_labels (const MmPolicy *policy, GString *out)
{
	g_autoptr (GPtrArray) rules = mm_catalogue_sorted ();
	const char *word;
	MmSays says;

	mm_json_open (out, "labels", '{');
	for (guint at = 0; (word = mm_query_says (at, &says)) != NULL; at++) {
		mm_json_open (out, word, '[');
		for (guint i = 0; i < rules->len; i++) {
			const MmRule *rule = rules->pdata[i];

			if (mm_query_says_of (policy, rule) == says)
				mm_json_string (out, NULL, rule->label);
		}
		mm_json_close (out, ']');
	}
	mm_json_close (out, '}');
}

void
mm_query_json (const MmQuery *query, GString *out)
{
	gboolean judged = query->match.decided && !query->match.policy->off;

	mm_json_open (out, NULL, '{');
	put_decision (query, out);
	put_rules (query, out);
	if (judged)
		put_labels (query->match.policy, out);
	mm_json_open (out, "settings", '[');
	for (guint i = 0; judged && query->settings != NULL && i < query->settings->len; i++)
		mm_json_string (out, NULL, query->settings->pdata[i]);
	mm_json_close (out, ']');
	mm_json_close (out, '}');
	g_string_append_c (out, '\n');
}
