/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * builtin.c: the policies everybody has, and the rules of a file that has none.
 *
 * As shipped nothing is ever refused because of a label: mail of one's own is mended, all other
 * mail is only watched. What microsoft365 does with a label says the row of its rule.
 */
#include <mailmend/error.h>

#include "config-private.h"

const char mm_builtin_rules[] =
	"[rule submission]\n"
	"Sasl = yes\n"
	"Policy = microsoft365\n"
	"[rule command]\n"
	"Local = yes\n"
	"Policy = microsoft365\n"
	"[rule relay]\n"
	"Client = TRUSTED\n"
	"FirstHop = yes\n"
	"Policy = microsoft365\n";

static void
list_all (MmPolicyDraft *draft, MmSays says)
{
	memset (draft->lists[says], MM_LISTED_BUILTIN, mm_rules_count ());
}

static void
fill_microsoft365 (MmPolicyDraft *draft)
{
	static const MmSays says[] = {
		[MM_M365_LOG] = MM_SAYS_LOG,
		[MM_M365_FIX] = MM_SAYS_FIX,
		[MM_M365_OFF] = MM_SAYS_IGNORE,
	};

	for (guint i = 0; i < mm_rules_count (); i++)
		draft->lists[says[mm_rules[i]->m365]][i] = MM_LISTED_BUILTIN;
}

/* What its reference example does: one name is refused, all others are mended. */
static const struct {
	const char *group;
	MmSays says;
} kumomta[] = {
	{"KUMOMTA_MISSING_COLON_VALUE", MM_SAYS_REJECT},
	{"KUMOMTA_NON_CANONICAL_LINE_ENDINGS", MM_SAYS_FIX},
	{"KUMOMTA_NAME_ENDS_WITH_SPACE", MM_SAYS_FIX},
	{"KUMOMTA_LINE_TOO_LONG", MM_SAYS_FIX},
	{"KUMOMTA_NEEDS_TRANSFER_ENCODING", MM_SAYS_FIX},
	{"KUMOMTA_MISSING_DATE_HEADER", MM_SAYS_FIX},
	{"KUMOMTA_MISSING_MESSAGE_ID_HEADER", MM_SAYS_FIX},
	{"KUMOMTA_MISSING_MIME_VERSION", MM_SAYS_FIX},
	{"KUMOMTA_INVALID_MIME_HEADERS", MM_SAYS_FIX},
};

static void
fill_kumomta (MmPolicyDraft *draft)
{
	for (guint i = 0; i < G_N_ELEMENTS (kumomta); i++)
		mm_labels_apply_group (kumomta[i].group, MM_LISTED_BUILTIN,
		                       draft->lists[kumomta[i].says]);
}

static void
fill_strict (MmPolicyDraft *draft)
{
	list_all (draft, MM_SAYS_REJECT);
}

static void
fill_watch (MmPolicyDraft *draft)
{
	list_all (draft, MM_SAYS_LOG);
}

static void
fill_off (MmPolicyDraft *draft)
{
	list_all (draft, MM_SAYS_IGNORE);
	draft->policy.off = TRUE;
}

static const struct {
	const char *name;
	void (*fill) (MmPolicyDraft *draft);
} builtins[] = {
	{"microsoft365", fill_microsoft365},
	{"kumomta", fill_kumomta},
	{"strict", fill_strict},
	{"watch", fill_watch},
	{"off", fill_off},
};

/* Settings other than the defaults, as they would stand in a file. */
static const struct {
	const char *name;
	const char *key;
	const char *text;
} texts[] = {
	{"microsoft365", "Description",
	 "Mend what Exchange Online and other large receivers refuse or mangle"},
	{"microsoft365", "Charsets", "utf-8, windows-1252, iso-8859-15"},
	{"kumomta", "Description", "Refuse and mend what a KumoMTA policy of nine checks does"},
	{"kumomta", "EightBit", "never"},
	{"kumomta", "LineLimit", "76"},
	{"strict", "Description", "Refuse every message with an issue"},
	{"watch", "Description", "Log what is found, never touch"},
	{"off", "Description", "Not judged, not logged"},
};

const char *
mm_builtin_name (guint at)
{
	return at < G_N_ELEMENTS (builtins) ? builtins[at].name : NULL;
}

const char *
mm_builtin_text (const char *name, const char *key)
{
	for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
		if (g_str_equal (texts[i].name, name) && g_str_equal (texts[i].key, key))
			return texts[i].text;
	return NULL;
}

void
mm_builtin_fill (MmPolicyDraft *draft, const char *name)
{
	g_auto (MmProblems) problems;
	guint n = 0;
	const MmSettingRow *rows = mm_settings_policy_table (&n);

	mm_problems_init (&problems, "built in");
	for (guint i = 0; i < n; i++) {
		const char *text = mm_builtin_text (name, rows[i].key);

		if (text != NULL)
			mm_value_read (&rows[i], text, draft, 0, &problems);
	}
	g_warn_if_fail (mm_problems_count (&problems) == 0);
	for (guint i = 0; i < G_N_ELEMENTS (builtins); i++)
		if (g_str_equal (name, builtins[i].name))
			builtins[i].fill (draft);
}

/* A policy that says what becomes of its errors says so for clients with a login, too. */
void
mm_policy_settle (MmPolicy *policy, const MmSettings *settings)
{
	int login = settings->on_internal_error_authenticated;

	if ((int) policy->on_internal_error != MM_UNSET)
		login = policy->on_internal_error;
	else
		policy->on_internal_error = settings->on_internal_error;
	if ((int) policy->on_internal_error_authenticated == MM_UNSET)
		policy->on_internal_error_authenticated =
			login != MM_UNSET ? (MmOn) login : policy->on_internal_error;
	if ((int) policy->on_oversize == MM_UNSET)
		policy->on_oversize = settings->on_oversize;
	if (policy->trace_header == MM_UNSET)
		policy->trace_header = settings->trace_header;
	if (policy->hostname == NULL)
		policy->hostname = g_strdup (settings->hostname);
}

MmPolicy *
mm_policy_new_fix (const char *list, GError **error)
{
	g_auto (MmPolicyDraft) draft;
	g_auto (MmProblems) problems = {0};
	const MmSettingRow row = {
		.key = "--fix",
		.type = MM_SETTING_LABELS,
		.offset = G_STRUCT_OFFSET (MmPolicyDraft, lists[MM_SAYS_FIX]),
	};
	g_autofree char *text = g_strstrip (g_strdup (list));
	const MmSettings settings = {
		.on_internal_error = MM_ON_TEMPFAIL,
		.on_internal_error_authenticated = MM_UNSET,
	};

	mm_policy_draft_init (&draft, "fix");
	mm_problems_init (&problems, "");
	/* without a policy 8bit counts as an issue everywhere */
	draft.policy.eight_bit = MM_EIGHTBIT_NEVER;
	if (*text == '\0')
		mm_problems_add (&problems, 0, "%s: a label is missing", row.key);
	else
		mm_value_read (&row, text, &draft, 0, &problems);
	if (mm_problems_first (&problems) == NULL) {
		MmPolicy *policy = mm_policy_draft_finish (&draft);

		mm_policy_settle (policy, &settings);
		return policy;
	}
	g_set_error_literal (error, MM_ERROR, MM_ERROR_CONFIG, mm_problems_first (&problems));
	return NULL;
}
