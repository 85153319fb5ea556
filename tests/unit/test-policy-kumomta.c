/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-kumomta.c: the built-in policy kumomta and its groups of labels.
 */
#include "policy-load.h"

/* Nine names and what each of them takes in; labels that no rule has yet are passed over. */
static void
test_kumomta (void)
{
	static const struct {
		const char *label;
		MmSays says;
	} rows[] = {
		{"MISSING_COLON_VALUE", MM_SAYS_REJECT},
		{"NON_CANONICAL_LINE_ENDINGS", MM_SAYS_FIX},
		{"NAME_ENDS_WITH_SPACE", MM_SAYS_FIX},
		{"LINE_TOO_LONG", MM_SAYS_FIX},
		{"HEADER_LINE_TOO_LONG", MM_SAYS_FIX},
		{"NEEDS_TRANSFER_ENCODING", MM_SAYS_FIX},
		{"RAW_8BIT_HEADER", MM_SAYS_FIX},
		{"RAW_8BIT_PARAMETER", MM_SAYS_FIX},
		{"CHARSET_MISMATCH", MM_SAYS_FIX},
		{"UNKNOWN_CHARSET", MM_SAYS_FIX},
		{"INVALID_BASE64", MM_SAYS_FIX},
		{"MISSING_DATE_HEADER", MM_SAYS_FIX},
		{"INVALID_DATE", MM_SAYS_FIX},
		{"MISSING_MESSAGE_ID_HEADER", MM_SAYS_FIX},
		{"INVALID_MESSAGE_ID", MM_SAYS_FIX},
		{"ENCODED_MESSAGE_ID", MM_SAYS_FIX},
		{"MISSING_MIME_VERSION", MM_SAYS_FIX},
		{"INVALID_MIME_HEADERS", MM_SAYS_FIX},
		{"UNKNOWN_TRANSFER_ENCODING", MM_SAYS_FIX},
		{"COMPOSITE_TRANSFER_ENCODING", MM_SAYS_FIX},
		{"INVALID_BOUNDARY", MM_SAYS_FIX},
		{"MISSING_BOUNDARY", MM_SAYS_FIX},
	};
	g_autoptr (MmConfig) config = mm_config_new_default ();
	const MmPolicy *kumomta = mm_config_policy (config, "kumomta");

	g_assert_nonnull (kumomta);
	g_assert_cmpint (kumomta->eight_bit, ==, MM_EIGHTBIT_NEVER);
	g_assert_cmpuint (kumomta->line_limit, ==, 76);
	for (guint i = 0; i < mm_rules_count (); i++) {
		MmSays want = MM_SAYS_LOG;

		for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
			if (strcmp (rows[r].label, mm_rules[i]->label) == 0)
				want = rows[r].says;
		g_test_message ("%s", mm_rules[i]->label);
		g_assert_cmpint (kumomta->says[i], ==, want);
		g_assert_false (kumomta->named[i]);
	}
}

/* A group is what its name says, and can be taken away again. */
static void
test_groups (void)
{
	static const struct {
		const char *list;
		const char *in, *out;
	} rows[] = {
		{"KUMOMTA_LINE_TOO_LONG", "HEADER_LINE_TOO_LONG", "NUL_BYTE"},
		{"KUMOMTA_MISSING_MESSAGE_ID_HEADER", "INVALID_MESSAGE_ID", "FOLDED_MESSAGE_ID"},
		{"KUMOMTA_NEEDS_TRANSFER_ENCODING", "INVALID_BASE64", "INVALID_QUOTED_PRINTABLE"},
		{"KUMOMTA_INVALID_MIME_HEADERS", "UNKNOWN_TRANSFER_ENCODING", "BINHEX_BASE64"},
		{"ALL | !KUMOMTA_MISSING_DATE_HEADER", "NUL_BYTE", "INVALID_DATE"},
		{"KUMOMTA_MISSING_DATE_HEADER|!INVALID_DATE", "MISSING_DATE_HEADER",
		 "INVALID_DATE"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (GError) error = NULL;
		g_autoptr (MmPolicy) policy = mm_policy_new_fix (rows[i].list, &error);

		g_test_message ("%s", rows[i].list);
		g_assert_no_error (error);
		g_assert_cmpint (policy->says[mm_rule_index (mm_rule_by_label (rows[i].in))], ==,
				 MM_SAYS_FIX);
		g_assert_cmpint (policy->says[mm_rule_index (mm_rule_by_label (rows[i].out))], ==,
				 MM_SAYS_LOG);
	}
}

static void
test_unknown_group (void)
{
	g_autoptr (GError) error = NULL;
	g_autoptr (MmPolicy) policy = mm_policy_new_fix ("KUMOMTA_INVALID_DATE", &error);

	g_assert_null (policy);
	g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy-kumomta/builtin", test_kumomta);
	g_test_add_func ("/policy-kumomta/groups", test_groups);
	g_test_add_func ("/policy-kumomta/unknown-group", test_unknown_group);
	return g_test_run ();
}
