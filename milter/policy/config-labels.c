/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-labels.c: label lists, and what a policy makes of them.
 *
 *	list = [item *("|" item)]
 *	item = ["!"] (label / group)
 *
 * An item adds or takes away, from left to right. Labels and groups are those of the registry, and
 * KUMOMTA_<NAME>: what KumoMTA's check of that name finds.
 * Between lists a label named itself beats a group, a group beats what the policy started from,
 * where the same holds, and of two equals the stronger list counts.
 */
#include <mailmend/codec.h>

#include "config-private.h"

static const struct {
	const char *name;
	guint groups; /* 0: every label */
} groups[] = {
	{"ALL", 0},
	{"IDENTIFICATION", MM_GROUP_IDENTIFICATION},
	{"HEADERS", MM_GROUP_HEADERS},
	{"MIME", MM_GROUP_MIME},
	{"LINES", MM_GROUP_LINES},
	{"MISSING", MM_GROUP_MISSING},
};

/* KumoMTA's names are coarser than ours: so that a policy written for it keeps its meaning, each
 * stands for these of our labels. A label of which there is no rule is passed over. */
#define MAX_KUMOMTA_LABELS 6

static const struct {
	const char *name;
	const char *labels[MAX_KUMOMTA_LABELS];
} kumomta_groups[] = {
	{"KUMOMTA_MISSING_COLON_VALUE", {"MISSING_COLON_VALUE"}},
	{"KUMOMTA_NON_CANONICAL_LINE_ENDINGS", {"NON_CANONICAL_LINE_ENDINGS"}},
	{"KUMOMTA_NAME_ENDS_WITH_SPACE", {"NAME_ENDS_WITH_SPACE"}},
	{"KUMOMTA_LINE_TOO_LONG", {"LINE_TOO_LONG", "HEADER_LINE_TOO_LONG"}},
	{"KUMOMTA_NEEDS_TRANSFER_ENCODING",
	 {"NEEDS_TRANSFER_ENCODING", "RAW_8BIT_HEADER", "RAW_8BIT_PARAMETER", "CHARSET_MISMATCH",
	  "UNKNOWN_CHARSET", "INVALID_BASE64"}},
	{"KUMOMTA_MISSING_DATE_HEADER", {"MISSING_DATE_HEADER", "INVALID_DATE"}},
	{"KUMOMTA_MISSING_MESSAGE_ID_HEADER",
	 {"MISSING_MESSAGE_ID_HEADER", "INVALID_MESSAGE_ID", "ENCODED_MESSAGE_ID"}},
	{"KUMOMTA_MISSING_MIME_VERSION", {"MISSING_MIME_VERSION"}},
	{"KUMOMTA_INVALID_MIME_HEADERS",
	 {"INVALID_MIME_HEADERS", "UNKNOWN_TRANSFER_ENCODING", "COMPOSITE_TRANSFER_ENCODING",
	  "INVALID_BOUNDARY", "MISSING_BOUNDARY"}},
};

/* ---- one list -------------------------------------------------------------------------------- */

static void
apply_grouped (guint rule, MmListed how, guint8 *list)
{
	list[rule] = how == MM_LISTED_NOT ? MM_LISTED_NOT : MAX (list[rule], how);
}

static gboolean
apply_kumomta_group (const char *name, MmListed how, guint8 *list)
{
	for (guint g = 0; g < G_N_ELEMENTS (kumomta_groups); g++) {
		if (!g_str_equal (name, kumomta_groups[g].name))
			continue;
		for (guint i = 0; i < MAX_KUMOMTA_LABELS; i++) {
			const char *label = kumomta_groups[g].labels[i];
			const MmRule *rule = label != NULL ? mm_rule_by_label (label) : NULL;
			if (rule != NULL)
				apply_grouped (mm_rule_index (rule), how, list);
		}
		return TRUE;
	}
	return FALSE;
}

gboolean
mm_labels_apply_group (const char *name, MmListed how, guint8 *list)
{
	for (guint g = 0; g < G_N_ELEMENTS (groups); g++) {
		if (!g_str_equal (name, groups[g].name))
			continue;
		for (guint i = 0; i < mm_rules_count (); i++) {
			if (groups[g].groups == 0 || (mm_rules[i]->groups & groups[g].groups) != 0)
				apply_grouped (i, how, list);
		}
		return TRUE;
	}
	return apply_kumomta_group (name, how, list);
}

static void
report_unknown_label (const char *key, const char *name, guint line, MmProblems *problems)
{
	g_autoptr (GPtrArray) names = g_ptr_array_new ();
	g_autofree char *quoted = mm_quoted (name);

	if (strpbrk (name, ", \t") != NULL) {
		mm_problems_add (problems, line,
		                 "%s: %s is not one label; they are separated by '|'", key, quoted);
		return;
	}
	for (guint i = 0; i < mm_rules_count (); i++)
		g_ptr_array_add (names, (gpointer) mm_rules[i]->label);
	for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
		g_ptr_array_add (names, (gpointer) groups[i].name);
	for (guint i = 0; i < G_N_ELEMENTS (kumomta_groups); i++)
		g_ptr_array_add (names, (gpointer) kumomta_groups[i].name);
	g_ptr_array_add (names, NULL);
	mm_problems_add_word (problems, line, name, (const char *const *) names->pdata,
	                      "%s: unknown label or group %s", key, quoted);
}

static void
apply_item (const char *key, const char *item, gboolean first, guint8 *list, guint line,
            MmProblems *problems)
{
	gboolean away = *item == '!';
	MmListed how = away ? MM_LISTED_NOT : MM_LISTED_GROUP;
	const char *name = item + away;
	const MmRule *rule;

	while (mm_is_wsp (*name))
		name++;
	rule = mm_rule_by_label (name);
	if (*name == '\0')
		mm_problems_add (problems, line, "%s: a label is missing", key);
	else if (rule == NULL && !mm_labels_apply_group (name, how, list))
		report_unknown_label (key, name, line, problems);
	else if (first && away)
		mm_problems_add (problems, line,
		                 "%s: '!%s' stands first and has nothing to be taken from; "
		                 "write ALL | !%s", key, name, name);
	else if (rule != NULL)
		list[mm_rule_index (rule)] = away ? MM_LISTED_NOT : MM_LISTED_NAMED;
}

void
mm_value_labels (const MmSettingRow *row, const char *text, gpointer member, guint line,
                 MmProblems *problems)
{
	g_auto (GStrv) items = g_strsplit (text, "|", -1);
	guint8 *list = *(guint8 **) member;

	memset (list, MM_LISTED_NOT, mm_rules_count ());
	for (guint i = 0; items[i] != NULL; i++)
		apply_item (row->key, g_strstrip (items[i]), i == 0, list, line, problems);
}

/* ---- all lists of a policy ------------------------------------------------------------------- */

static const char *const keys[MM_N_SAYS] = {
	[MM_SAYS_IGNORE] = "Ignore",         [MM_SAYS_LOG] = "Log",
	[MM_SAYS_FIX] = "Fix",               [MM_SAYS_QUARANTINE] = "Quarantine",
	[MM_SAYS_TEMPFAIL] = "Tempfail",     [MM_SAYS_REJECT] = "Reject",
};

MmSays
mm_labels_says (const MmSettingRow *row)
{
	guint says = 0;

	while (says < MM_SAYS_REJECT && !g_str_equal (row->key, keys[says]))
		says++;
	return says;
}

void
mm_labels_check (const MmPolicyDraft *draft, const MmSection *section, MmProblems *problems)
{
	for (guint i = 0; i < mm_rules_count (); i++) {
		const char *first = NULL;

		for (guint says = 0; says < MM_N_SAYS; says++) {
			guint line;

			if (draft->lists[says][i] != MM_LISTED_NAMED)
				continue;
			line = mm_section_line_of (section, keys[says]);
			if (first == NULL)
				first = keys[says];
			else
				mm_problems_add (problems,
				                 MAX (line, mm_section_line_of (section, first)),
				                 "%s stands in both %s and %s", mm_rules[i]->label,
				                 first, keys[says]);
		}
	}
}

/* A label in no list is logged. */
static void
decide (MmPolicyDraft *draft, guint rule)
{
	guint best = MM_LISTED_NOT;

	draft->policy.says[rule] = MM_SAYS_LOG;
	for (guint says = 0; says < MM_N_SAYS; says++) {
		guint listed = draft->lists[says][rule];

		if (listed == MM_LISTED_NOT || MM_LISTED_RANK (listed) < MM_LISTED_RANK (best))
			continue;
		best = listed;
		draft->policy.says[rule] = says;
	}
	draft->policy.named[rule] =
		best == MM_LISTED_NAMED || (best & MM_LISTED_WAS_NAMED) != 0;
}

/* ---- drafts ---------------------------------------------------------------------------------- */

void
mm_policy_draft_init (MmPolicyDraft *draft, const char *name)
{
	guint n = 0;
	const MmSettingRow *rows = mm_settings_policy_table (&n);

	memset (draft, 0, sizeof *draft);
	draft->policy.name = g_strdup (name);
	for (guint says = 0; says < MM_N_SAYS; says++)
		draft->lists[says] = g_new0 (guint8, mm_rules_count () + 1);
	draft->policy.on_internal_error = MM_UNSET;
	draft->policy.on_internal_error_authenticated = MM_UNSET;
	draft->policy.on_oversize = MM_UNSET;
	draft->policy.trace_header = MM_UNSET;
	mm_values_default (rows, n, draft);
}

static void
policy_clear (MmPolicy *policy)
{
	g_free (policy->name);
	g_free (policy->description);
	g_free (policy->says);
	g_free (policy->named);
	g_strfreev (policy->charsets);
	g_strfreev (policy->exclude_charsets);
	g_free (policy->default_charset);
	g_free (policy->reject_text);
	g_free (policy->quarantine_text);
	g_free (policy->hostname);
	memset (policy, 0, sizeof *policy);
}

void
mm_policy_draft_clear (MmPolicyDraft *draft)
{
	policy_clear (&draft->policy);
	g_clear_pointer (&draft->inherit, g_free);
	for (guint says = 0; says < MM_N_SAYS; says++)
		g_clear_pointer (&draft->lists[says], g_free);
}

/* Of one label: what stood above each other before still does, but below all of one's own. */
static void
inherit_label (MmPolicyDraft *draft, guint rule)
{
	guint8 ranks[MM_LISTED_NAMED + 1] = {0};
	guint8 next = MM_LISTED_NOT;

	for (guint says = 0; says < MM_N_SAYS; says++)
		ranks[MM_LISTED_RANK (draft->lists[says][rule])] = 1;
	ranks[MM_LISTED_NOT] = 0;
	for (guint i = 0; i < G_N_ELEMENTS (ranks); i++)
		if (ranks[i] != 0)
			ranks[i] = ++next;
	for (guint says = 0; says < MM_N_SAYS; says++) {
		guint8 *listed = &draft->lists[says][rule];
		gboolean named = *listed == MM_LISTED_NAMED ||
		                 (*listed & MM_LISTED_WAS_NAMED) != 0;

		*listed = ranks[MM_LISTED_RANK (*listed)];
		if (named)
			*listed |= MM_LISTED_WAS_NAMED;
	}
}

/* What a policy is for is its own. */
void
mm_policy_draft_inherit (MmPolicyDraft *draft)
{
	g_clear_pointer (&draft->policy.description, g_free);
	for (guint i = 0; i < mm_rules_count (); i++)
		inherit_label (draft, i);
}

static gboolean
is_excluded (const MmPolicy *policy, const char *charset)
{
	const char *name = mm_charset_name_mend (charset);

	for (char **other = policy->exclude_charsets; other != NULL && *other != NULL; other++)
		if (g_strcmp0 (name, mm_charset_name_mend (*other)) == 0)
			return TRUE;
	return FALSE;
}

static void
exclude_charsets (MmPolicy *policy)
{
	guint kept = 0;

	for (guint i = 0; policy->charsets != NULL && policy->charsets[i] != NULL; i++) {
		char *charset = policy->charsets[i];

		if (is_excluded (policy, charset))
			g_free (charset);
		else
			policy->charsets[kept++] = charset;
	}
	if (policy->charsets != NULL)
		policy->charsets[kept] = NULL;
}

MmPolicy *
mm_policy_draft_finish (MmPolicyDraft *draft)
{
	MmPolicy *policy = g_new (MmPolicy, 1);

	draft->policy.says = g_new0 (MmSays, mm_rules_count () + 1);
	draft->policy.named = g_new0 (gboolean, mm_rules_count () + 1);
	for (guint i = 0; i < mm_rules_count (); i++)
		decide (draft, i);
	exclude_charsets (&draft->policy);
	*policy = draft->policy;
	memset (&draft->policy, 0, sizeof draft->policy);
	return policy;
}

void
mm_policy_free (MmPolicy *policy)
{
	if (policy == NULL)
		return;
	policy_clear (policy);
	g_free (policy);
}
