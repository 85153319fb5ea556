/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-inherit.c: policies that start from others.
 */
#include "policy-load.h"

/* ---- lists ----------------------------------------------------------------------------------- */

typedef struct {
	const char *label;
	const char *input; /* has [policy p] */
	const char *want;  /* of LINE_TOO_LONG, MISSING_MIME_VERSION, INVALID_DATE: a letter each,
	                    * upper case if named */
} ListCase;

#define PARENT "[policy parent]\nReject = ALL\nLog = LINE_TOO_LONG\nFix = MISSING\n[policy p]\n"
#define INHERIT "Inherit = parent\n"

static const ListCase list_cases[] = {
	{"nothing else", PARENT INHERIT, "Lrr"},
	{"declared after", "[policy p]\nInherit = z\n[policy z]\nFix = INVALID_DATE\n", "llF"},
	{"a label of one's own", PARENT INHERIT "Fix = INVALID_DATE\n", "LrF"},
	{"a group of one's own beats a label of theirs", PARENT INHERIT "Tempfail = LINES\n",
	 "trr"},
	{"named by both", PARENT INHERIT "Ignore = LINE_TOO_LONG\n", "Irr"},
	{"their list replaced", PARENT INHERIT "Log = MISSING_MIME_VERSION\n", "rLr"},
	{"their list emptied: what else they say comes up", PARENT INHERIT "Reject =\n", "Lfl"},
	{"their label taken away", PARENT INHERIT "Log =\n", "rrr"},
	{"weaker than theirs", PARENT INHERIT "Ignore = ALL\n", "iii"},
	{"their stronger group still beats their weaker one",
	 "[policy q]\nFix = ALL\nReject = LINES\n[policy p]\nInherit = q\nLog = INVALID_DATE\n",
	 "rfL"},
	{"three in a row", "[policy a]\nReject = ALL\nFix = INVALID_DATE\n"
	 "[policy b]\nInherit = a\nQuarantine = LINES\nLog = MISSING_MIME_VERSION\n"
	 "[policy p]\nInherit = b\nIgnore = MISSING_MIME_VERSION\n", "qIF"},
	{"three in a row, the middle emptied", "[policy a]\nReject = ALL\nFix = INVALID_DATE\n"
	 "[policy b]\nInherit = a\nTempfail = LINES\nLog = ALL\n"
	 "[policy p]\nInherit = b\nLog =\n", "trF"},
	{"a built-in policy", "[policy p]\nInherit = strict\nFix = LINES\n", "frr"},
	{"a changed built-in policy", "[policy strict]\nFix = INVALID_DATE\n"
	 "[policy p]\nInherit = strict\n", "rrF"},
	{"a section named like a built-in one", "[policy p]\nInherit = strict\n"
	 "[policy strict]\nInherit = watch\nReject = LINES\n", "rll"},
	{"and not that one",
	 "[policy strict]\nInherit = q\n[policy q]\n[policy p]\nInherit = strict\n", "lll"},
};

static void
test_lists (void)
{
	static const char letters[] = {
		[MM_SAYS_IGNORE] = 'i',     [MM_SAYS_LOG] = 'l',      [MM_SAYS_FIX] = 'f',
		[MM_SAYS_QUARANTINE] = 'q', [MM_SAYS_TEMPFAIL] = 't', [MM_SAYS_REJECT] = 'r',
	};
	static const char *const labels[] = {
		"LINE_TOO_LONG", "MISSING_MIME_VERSION", "INVALID_DATE",
	};

	for (guint i = 0; i < G_N_ELEMENTS (list_cases); i++) {
		g_autoptr (MmConfig) config = load (list_cases[i].input);
		const MmPolicy *policy = mm_config_policy (config, "p");
		char got[G_N_ELEMENTS (labels) + 1] = "";

		g_test_message ("%s", list_cases[i].label);
		for (guint l = 0; l < G_N_ELEMENTS (labels); l++) {
			guint rule = mm_rule_index (mm_rule_by_label (labels[l]));
			char letter = letters[policy->says[rule]];

			got[l] = policy->named[rule] ? g_ascii_toupper (letter) : letter;
		}
		g_assert_cmpstr (got, ==, list_cases[i].want);
	}
}

/* ---- settings -------------------------------------------------------------------------------- */

static void
test_settings (void)
{
	g_autoptr (MmConfig) config = load (
		"[mailmend]\nOnInternalErrorAuthenticated = accept\nHostname = m.example\n"
		"[policy a]\nDescription = of a\nLineLimit = 500\nRejectCode = 550 5.7.1\n"
		"OnDkim = fix\nHostname = a.example\nCharsets = koi8-r, utf-8\n"
		"[policy b]\nInherit = a\nLineLimit = 600\nExcludeCharsets = utf-8\n"
		"[policy c]\nInherit = b\nOnInternalError = reject\nExcludeCharsets =\n"
		"[policy k]\nInherit = kumomta\n[policy microsoft365]\nInherit = a\n");
	const MmPolicy *b = mm_config_policy (config, "b");
	const MmPolicy *c = mm_config_policy (config, "c");
	const MmPolicy *k = mm_config_policy (config, "k");
	const MmPolicy *m365 = mm_config_policy (config, "microsoft365");
	g_autofree char *b_charsets = g_strjoinv (",", b->charsets);
	g_autofree char *c_charsets = g_strjoinv (",", c->charsets);
	g_autofree char *m365_charsets = g_strjoinv (",", m365->charsets);

	g_assert_cmpstr (mm_config_policy (config, "a")->description, ==, "of a");
	g_assert_null (b->description);
	g_assert_cmpuint (b->line_limit, ==, 600);
	g_assert_cmpstr (b->reject_code.code, ==, "550");
	g_assert_cmpint (b->on_dkim, ==, MM_DKIM_FIX);
	g_assert_cmpstr (b->hostname, ==, "a.example");
	g_assert_cmpstr (b_charsets, ==, "koi8-r");
	/* what no policy says is [mailmend]'s, not that of a policy before */
	g_assert_cmpint (b->on_internal_error, ==, MM_ON_TEMPFAIL);
	g_assert_cmpint (b->on_internal_error_authenticated, ==, MM_ON_ACCEPT);
	g_assert_cmpuint (c->line_limit, ==, 600);
	g_assert_cmpint (c->on_internal_error_authenticated, ==, MM_ON_REJECT);
	g_assert_cmpstr (c_charsets, ==, "koi8-r,utf-8");
	g_assert_cmpuint (k->line_limit, ==, 76);
	g_assert_cmpint (k->eight_bit, ==, MM_EIGHTBIT_NEVER);
	g_assert_null (k->description);
	g_assert_cmpuint (m365->line_limit, ==, 500);
	g_assert_cmpstr (m365_charsets, ==, "koi8-r,utf-8");
	g_assert_null (m365->description);
}

/* ---- problems -------------------------------------------------------------------------------- */

static const struct {
	const char *label;
	const char *input;
	const char *want;
} problem_cases[] = {
	{"unknown", "[policy abc]\nInherit = abd\n[policy abe]\nInherit = watsh\n"
	 "[policy x]\nInherit = xyzzy\n",
	 "conf:2: Inherit: unknown policy 'abd'; did you mean abc?\n"
	 "conf:4: Inherit: unknown policy 'watsh'; did you mean watch?\n"
	 "conf:6: Inherit: unknown policy 'xyzzy'\n"},
	{"off", "[policy a]\nInherit = off\n",
	 "conf:2: Inherit: the policy 'off' cannot be inherited from\n"},
	{"nothing", "[policy a]\nInherit =\n", "conf:2: Inherit: the value is missing\n"},
	{"itself", "[policy a]\nInherit = a\n[policy watch]\nInherit = watch\n",
	 "conf:2: Inherit: a policy cannot inherit from itself\n"
	 "conf:4: Inherit: a policy cannot inherit from itself\n"},
	{"a circle, and one that leads there",
	 "[policy a]\nInherit = b\n[policy b]\nInherit = c\n[policy c]\nInherit = a\n"
	 "[policy d]\nInherit = a\n",
	 "conf:2: Inherit: the policy inherits from itself, by way of 'b'\n"
	 "conf:4: Inherit: the policy inherits from itself, by way of 'c'\n"
	 "conf:6: Inherit: the policy inherits from itself, by way of 'a'\n"},
	{"a problem of the first is told once",
	 "[policy a]\nFix = NONE\n[policy b]\nInherit = a\n[policy c]\nInherit = b\n",
	 "conf:2: Fix: unknown label or group 'NONE'\n"},
	{"a label in a list of both is no problem, in two of one's own it is",
	 "[policy a]\nReject = NUL_BYTE\n[policy b]\nInherit = a\nFix = NUL_BYTE\n"
	 "[policy c]\nInherit = a\nFix = NUL_BYTE\nLog = NUL_BYTE\n",
	 "conf:9: NUL_BYTE stands in both Log and Fix\n"},
};

static void
test_problems (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (problem_cases); i++) {
		g_autofree char *problems = NULL;

		g_test_message ("%s", problem_cases[i].label);
		g_assert_null (load_bytes (problem_cases[i].input, -1, &problems));
		g_assert_cmpstr (problems, ==, problem_cases[i].want);
	}
}

/* Twenty are enough for everyone; what is longer is refused, not followed. */
static void
test_chain (void)
{
	g_autoptr (GString) text = g_string_new ("[policy p1]\nFix = ALL\n");
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *problems = NULL;
	guint i;

	for (i = 2; i <= 20; i++)
		g_string_append_printf (text, "[policy p%u]\nInherit = p%u\n", i, i - 1);
	config = load (text->str);
	g_assert_nonnull (config);
	g_assert_cmpint (mm_config_policy (config, "p20")->says[0], ==, MM_SAYS_FIX);
	for (; i <= 5000; i++)
		g_string_append_printf (text, "[policy p%u]\nInherit = p%u\n", i, i - 1);
	g_assert_null (load_bytes (text->str, -1, &problems));
	g_assert_true (g_str_has_prefix (problems, "conf:42: Inherit: more than 20 policies in a "
	                                           "row\nconf:44: Inherit: more than 20 "));
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/inherit/lists", test_lists);
	g_test_add_func ("/policy/inherit/settings", test_settings);
	g_test_add_func ("/policy/inherit/problems", test_problems);
	g_test_add_func ("/policy/inherit/chain", test_chain);
	return g_test_run ();
}
