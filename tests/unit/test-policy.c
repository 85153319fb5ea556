/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy.c: settings, policies, and what is shipped.
 *
 * G_TEST_SRCDIR is the folder above packaging/mailmend.conf.
 */
#include <syslog.h>

#include "policy-load.h"

/* ---- settings -------------------------------------------------------------------------------- */

static void
assert_default_settings (const MmConfig *config)
{
	const MmSettings *settings = mm_config_settings (config);

	g_assert_cmpstr (settings->socket, ==, "local:/run/mailmend/mailmend.sock");
	g_assert_cmpuint (settings->socket_mode, ==, 0660);
	g_assert_null (settings->socket_group);
	g_assert_null (settings->user);
	g_assert_null (settings->log_to);
	g_assert_cmpint (settings->log_facility, ==, LOG_MAIL);
	g_assert_cmpint (settings->log_messages, ==, MM_LOG_ALL);
	g_assert_false (settings->dry_run);
	g_assert_cmpint (settings->on_internal_error, ==, MM_ON_TEMPFAIL);
	g_assert_cmpint (settings->on_oversize, ==, MM_ON_ACCEPT);
	g_assert_cmpuint (settings->max_message_size, ==, 64 * 1024 * 1024);
	g_assert_cmpuint (settings->message_size_limit, ==, 10240000);
	g_assert_cmpuint (settings->deadline, ==, 20);
	g_assert_null (settings->hostname);
	g_assert_true (settings->trusted_is_default);
}

static void
test_settings (void)
{
	g_autoptr (MmConfig) config = load (
		"[mailmend]\nSocket = unix:/a\\nb/\\s.sock\nSocketMode = 0600\n"
		"SocketGroup = postfix\nUser = mm\nLogTo = stderr\nLogFacility = Local7\n"
		"LogMessages = off\n"
		"DryRun = YES\n"
		"OnInternalError = accept\nOnOversize = quarantine\nMaxMessageSize = 3K\n"
		"MessageSizeLimit = 2G\nDeadline = 2m\nHostname = M\xc3\xbcll.example.\n"
		"TrustedClients = 10.0.0.0/8\n");
	const MmSettings *settings = mm_config_settings (config);

	g_assert_cmpstr (settings->socket, ==, "unix:/a\\nb/\\s.sock");
	g_assert_cmpuint (settings->socket_mode, ==, 0600);
	g_assert_cmpstr (settings->socket_group, ==, "postfix");
	g_assert_cmpstr (settings->user, ==, "mm");
	g_assert_cmpstr (settings->log_to, ==, "stderr");
	g_assert_cmpint (settings->log_facility, ==, LOG_LOCAL7);
	g_assert_cmpint (settings->log_messages, ==, MM_LOG_OFF);
	g_assert_true (settings->dry_run);
	g_assert_cmpint (settings->on_internal_error, ==, MM_ON_ACCEPT);
	g_assert_cmpint (settings->on_oversize, ==, MM_ON_QUARANTINE);
	g_assert_cmpuint (settings->max_message_size, ==, 3 * 1024);
	g_assert_cmpuint (settings->message_size_limit, ==, (gsize) 2 * 1024 * 1024 * 1024);
	g_assert_cmpuint (settings->deadline, ==, 120);
	g_assert_cmpstr (settings->hostname, ==, "xn--mll-hoa.example");
	g_assert_false (settings->trusted_is_default);
}

typedef const MmSettingRow *(*TableFunc) (guint *out_n);

/* Every row can be printed, and no key is another section's too, [default] aside. */
static void
test_tables (void)
{
	static const TableFunc tables[] = {
		mm_settings_table, mm_settings_policy_table, mm_settings_rule_table,
	};
	g_autofree char *choices = NULL;
	const MmSettingRow *rows;
	guint n = 0;

	for (guint t = 0; t < G_N_ELEMENTS (tables); t++) {
		g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

		rows = tables[t](&n);
		for (guint i = 0; i < n; i++) {
			g_autofree char *values = mm_setting_values (&rows[i]);

			g_assert_nonnull (rows[i].help);
			g_assert_cmpstr (values, !=, NULL);
			g_assert_true (g_str_has_suffix (rows[i].help, "."));
			g_assert_cmpint (rows[i].max, >=, rows[i].min);
			g_assert_true (g_hash_table_add (keys, (gpointer) rows[i].key));
		}
	}
	rows = mm_settings_default_table (&n);
	g_assert_cmpuint (n, ==, 2);
	g_assert_cmpstr (rows[0].key, ==, "Policy");
	g_assert_cmpstr (rows[1].key, ==, "DryRun");
	rows = mm_settings_table (&n);
	choices = mm_setting_values (&rows[6]);
	g_assert_cmpstr (choices, ==, "all|issues|off");
	g_assert_cmpstr (rows[2].default_text, ==, NULL);
	g_assert_cmpstr (rows[6].default_text, ==, "all");
}

/* ---- policies -------------------------------------------------------------------------------- */

static MmSays
says (const MmPolicy *policy, const char *label)
{
	const MmRule *rule = mm_rule_by_label (label);

	g_assert_nonnull (rule);
	return policy->says[mm_rule_index (rule)];
}

static gboolean
named (const MmPolicy *policy, const char *label)
{
	return policy->named[mm_rule_index (mm_rule_by_label (label))];
}

static char *
charsets (const MmPolicy *policy)
{
	return g_strjoinv (",", policy->charsets);
}

static void
test_builtin (void)
{
	static const MmSays of_m365[] = {
		[MM_M365_LOG] = MM_SAYS_LOG,
		[MM_M365_FIX] = MM_SAYS_FIX,
		[MM_M365_OFF] = MM_SAYS_IGNORE,
	};
	g_autoptr (MmConfig) config = mm_config_new_default ();
	const MmPolicy *m365 = mm_config_policy (config, "microsoft365");
	const MmPolicy *strict = mm_config_policy (config, "strict");
	const MmPolicy *watch = mm_config_policy (config, "watch");
	const MmPolicy *off = mm_config_policy (config, "off");
	g_autofree char *list = charsets (m365);

	for (guint i = 0; i < mm_rules_count (); i++) {
		g_assert_cmpint (m365->says[i], ==, of_m365[mm_rules[i]->m365]);
		g_assert_cmpint (strict->says[i], ==, MM_SAYS_REJECT);
		g_assert_cmpint (watch->says[i], ==, MM_SAYS_LOG);
		g_assert_cmpint (off->says[i], ==, MM_SAYS_IGNORE);
		g_assert_false (m365->named[i] || strict->named[i] || watch->named[i]);
	}
	g_assert_cmpint (says (m365, "ENCODED_MESSAGE_ID"), ==, MM_SAYS_FIX);
	g_assert_cmpint (says (m365, "MISSING_COLON_VALUE"), ==, MM_SAYS_LOG);
	g_assert_true (off->off);
	g_assert_false (m365->off || strict->off || watch->off);
	g_assert_cmpstr (list, ==, "utf-8,windows-1252,iso-8859-15");
	g_assert_cmpint (m365->eight_bit, ==, MM_EIGHTBIT_DECLARED);
	g_assert_cmpuint (m365->line_limit, ==, 998);
	g_assert_true (m365->keep_original_id);
	g_assert_false (m365->replace_message_id);
	g_assert_null (mm_config_policy (config, "kumomta-not-yet"));
}

typedef struct {
	const char *label;
	const char *policy; /* keys of [policy NAME] */
	const char *name;
	const char *want;   /* of LINE_TOO_LONG, MISSING_MIME_VERSION, INVALID_DATE: a letter each,
	                     * upper case if named */
} ListCase;

static const ListCase list_cases[] = {
	{"nothing is logged", "", "p", "lll"},
	{"labels", "Fix = LINE_TOO_LONG\nReject = INVALID_DATE\n", "p", "FlR"},
	{"all six", "Tempfail = LINE_TOO_LONG\nQuarantine = MISSING_MIME_VERSION\n"
	 "Ignore = INVALID_DATE\n", "p", "TQI"},
	{"a group", "Fix = LINES\n", "p", "fll"},
	{"a group of several tables", "Reject = HEADERS | MISSING\n", "p", "lrr"},
	{"left to right", "Fix = ALL | !LINES | LINE_TOO_LONG | !INVALID_DATE\n", "p", "Ffl"},
	{"left to right, other way", "Fix = LINE_TOO_LONG | ALL | !LINES\n", "p", "lff"},
	{"a label beats a group", "Reject = ALL\nLog = LINE_TOO_LONG\nIgnore = INVALID_DATE\n", "p",
	 "LrI"},
	{"named stays named", "Fix = LINE_TOO_LONG | ALL\n", "p", "Fff"},
	{"the stronger group",
	 "Log = ALL\nFix = HEADERS\nReject = LINES\nIgnore = MIME\n", "p", "rlf"},
	{"order of keys does not count",
	 "Ignore = MIME\nReject = LINES\nFix = HEADERS\nLog = ALL\n", "p", "rlf"},
	{"built-in", "", "microsoft365", "fff"},
	{"built-in, another list", "Reject = LINE_TOO_LONG\n", "microsoft365", "Rff"},
	{"built-in, a group", "Log = LINES\n", "microsoft365", "lff"},
	{"built-in, its list replaced", "Fix = LINE_TOO_LONG\n", "microsoft365", "Fll"},
	{"built-in, its list emptied", "Reject =\n", "strict", "lll"},
	{"kumomta", "", "kumomta", "fff"},
	{"kumomta, a label", "Reject = INVALID_DATE\n", "kumomta", "ffR"},
	{"kumomta, its list replaced", "Fix = KUMOMTA_LINE_TOO_LONG\n", "kumomta", "fll"},
	{"groups of KumoMTA", "Fix = KUMOMTA_LINE_TOO_LONG | KUMOMTA_MISSING_DATE_HEADER\n", "p",
	 "flf"},
	{"groups of KumoMTA, away", "Fix = ALL | !KUMOMTA_MISSING_DATE_HEADER\n", "p", "ffl"},
	{"a label beats KumoMTA's", "Fix = KUMOMTA_LINE_TOO_LONG\nIgnore = LINE_TOO_LONG\n", "p",
	 "Ill"},
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
		const ListCase *at = &list_cases[i];
		g_autofree char *text = g_strdup_printf ("[policy %s]\n%s", at->name, at->policy);
		g_autoptr (MmConfig) config = load (text);
		const MmPolicy *policy = mm_config_policy (config, at->name);
		char got[4] = "";

		g_test_message ("%s", at->label);
		for (guint l = 0; l < G_N_ELEMENTS (labels); l++) {
			char letter = letters[says (policy, labels[l])];

			got[l] = named (policy, labels[l]) ? g_ascii_toupper (letter) : letter;
		}
		g_assert_cmpstr (got, ==, at->want);
	}
}

static void
test_policy_settings (void)
{
	g_autoptr (MmConfig) config = load (
		"[policy a]\n[policy b]\nDescription = a \\t # b\nLineLimit = 76\n"
		"MaxMimeDepth = 99\nMaxMimeParts = 1\n"
		"EightBit = never\nBareCr = encode\nParamStyle = rfc2231\nCharsets = koi8-r , utf-8\n"
		"DefaultCharset = latin1\n"
		"ReplaceMessageId = always\nKeepOriginalId = no\n"
		"[policy c]\nCharsets = utf8, cp1252, latin1\nExcludeCharsets = windows-1252\n"
		"DefaultCharset = cp-850\n[policy d]\nCharsets = ALL\nExcludeCharsets = utf-16le\n"
		"[policy microsoft365]\nEightBit = never\n");
	const MmPolicy *c = mm_config_policy (config, "c");
	g_autofree char *c_charsets = charsets (c);
	const MmPolicy *a = mm_config_policy (config, "a");
	const MmPolicy *b = mm_config_policy (config, "b");
	const MmPolicy *m365 = mm_config_policy (config, "microsoft365");
	g_autofree char *a_charsets = charsets (a);
	g_autofree char *b_charsets = charsets (b);
	g_autofree char *m365_charsets = charsets (m365);
	g_autoptr (GPtrArray) names = mm_config_policy_names (config);
	g_autofree char *all = NULL;

	g_ptr_array_add (names, NULL);
	all = g_strjoinv (" ", (char **) names->pdata);
	g_assert_cmpstr (all, ==, "microsoft365 kumomta strict watch off a b c d");
	g_assert_null (a->description);
	g_assert_null (a->default_charset);
	g_assert_cmpuint (a->line_limit, ==, 998);
	g_assert_cmpuint (a->max_mime_depth, ==, 30);
	g_assert_cmpuint (a->max_mime_parts, ==, 250);
	g_assert_cmpint (a->eight_bit, ==, MM_EIGHTBIT_DECLARED);
	g_assert_cmpint (a->bare_cr, ==, MM_BARE_CR_SPACE);
	g_assert_cmpint (a->param_style, ==, MM_PARAM_STYLE_BOTH);
	g_assert_cmpstr (a_charsets, ==, "utf-8,windows-1252");
	g_assert_true (a->keep_original_id);
	g_assert_cmpstr (b->description, ==, "a \\t # b");
	g_assert_cmpstr (b->default_charset, ==, "latin1");
	g_assert_cmpuint (b->line_limit, ==, 76);
	g_assert_cmpuint (b->max_mime_depth, ==, 99);
	g_assert_cmpuint (b->max_mime_parts, ==, 1);
	g_assert_cmpint (b->eight_bit, ==, MM_EIGHTBIT_NEVER);
	g_assert_cmpint (b->bare_cr, ==, MM_BARE_CR_ENCODE);
	g_assert_cmpint (b->param_style, ==, MM_PARAM_STYLE_RFC2231);
	g_assert_cmpstr (b_charsets, ==, "koi8-r,utf-8");
	g_assert_cmpstr (c_charsets, ==, "utf-8,latin1");
	g_assert_cmpstr (c->default_charset, ==, "IBM850");
	g_assert_cmpuint (g_strv_length (mm_config_policy (config, "d")->charsets), ==, 35);
	g_assert_true (b->replace_message_id);
	g_assert_false (b->keep_original_id);
	g_assert_cmpint (m365->eight_bit, ==, MM_EIGHTBIT_NEVER);
	g_assert_cmpstr (m365_charsets, ==, "utf-8,windows-1252,iso-8859-15");
}

static void
test_new_fix (void)
{
	static const struct {
		const char *list;
		const char *want;
	} bad[] = {
		{"", "--fix: a label is missing"},
		{"NUL_BITE", "--fix: unknown label or group 'NUL_BITE'; did you mean NUL_BYTE?"},
		{"ALL | ", "--fix: a label is missing"},
	};
	g_autoptr (GError) error = NULL;
	g_autoptr (MmPolicy) policy = mm_policy_new_fix ("LINES|!NUL_BYTE|INVALID_DATE", &error);

	g_assert_no_error (error);
	g_assert_cmpint (says (policy, "LINE_TOO_LONG"), ==, MM_SAYS_FIX);
	g_assert_cmpint (says (policy, "NUL_BYTE"), ==, MM_SAYS_LOG);
	g_assert_cmpint (says (policy, "INVALID_DATE"), ==, MM_SAYS_FIX);
	g_assert_cmpint (says (policy, "MISSING_DATE_HEADER"), ==, MM_SAYS_LOG);
	g_assert_true (named (policy, "INVALID_DATE"));
	g_assert_false (named (policy, "LINE_TOO_LONG"));
	g_assert_cmpint (policy->eight_bit, ==, MM_EIGHTBIT_NEVER);
	for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
		g_assert_null (mm_policy_new_fix (bad[i].list, &error));
		g_assert_cmpstr (error->message, ==, bad[i].want);
		g_clear_error (&error);
	}
}

/* ---- as shipped ------------------------------------------------------------------------------ */

static void
assert_shipped (const MmConfig *config)
{
	static const struct {
		Mail mail;
		const char *rule;
		const char *policy;
	} cases[] = {
		{{"192.0.2.1", "a@b.example", "bob", NULL, MM_NO, MM_NO}, "submission",
		 "microsoft365"},
		{{NULL, "a@b.example", NULL, NULL, MM_YES, MM_NO}, "command", "microsoft365"},
		{{"127.0.0.1", "a@b.example", NULL, NULL, MM_NO, MM_YES}, "relay", "microsoft365"},
		{{"::1", "a@b.example", NULL, NULL, MM_NO, MM_YES}, "relay", "microsoft365"},
		{{"127.0.0.1", "a@b.example", NULL, NULL, MM_NO, MM_NO}, "default", "watch"},
		{{"192.0.2.1", "a@b.example", NULL, NULL, MM_NO, MM_YES}, "default", "watch"},
		{{"192.0.2.1", "", NULL, NULL, MM_NO, MM_NO}, "default", "watch"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		MmMatch got = match (config, &cases[i].mail);

		g_assert_true (got.decided);
		g_assert_cmpstr (got.rule, ==, cases[i].rule);
		g_assert_cmpstr (got.policy->name, ==, cases[i].policy);
		g_assert_false (got.dry_run);
		g_assert_false (got.names_null);
	}
	g_assert_false (mm_config_has_off (config));
}

static void
test_shipped (void)
{
	g_autoptr (MmConfig) config = mm_config_new_default ();
	g_autoptr (MmConfig) one_rule = load ("[rule a]\nPolicy = off\nSasl = yes\n");
	g_autoptr (MmConfig) no_rule = load ("[default]\nPolicy = strict\n");
	Mail local = HOP (MM_YES, MM_NO);
	Mail other = FROM ("a@b.example");

	assert_default_settings (config);
	assert_shipped (config);
	/* with a rule of one's own none of the shipped ones is left */
	g_assert_cmpstr (match (one_rule, &local).rule, ==, "default");
	g_assert_cmpstr (match (one_rule, &other).policy->name, ==, "watch");
	/* without one they hold, and [default] is the file's */
	g_assert_cmpstr (match (no_rule, &local).rule, ==, "command");
	g_assert_cmpstr (match (no_rule, &other).policy->name, ==, "strict");
}

static char *
sample_path (void)
{
	return g_test_build_filename (G_TEST_DIST, "packaging", "mailmend.conf", NULL);
}

/* Policies and settings as built in. */
static void
assert_same (const MmConfig *a, const MmConfig *b)
{
	g_autoptr (GPtrArray) names = mm_config_policy_names (a);

	g_assert_cmpuint (names->len, ==, 5);
	for (guint i = 0; i < names->len; i++) {
		const MmPolicy *one = mm_config_policy (a, names->pdata[i]);
		const MmPolicy *two = mm_config_policy (b, names->pdata[i]);
		gsize n = mm_rules_count ();

		g_assert_nonnull (two);
		g_assert_cmpmem (one->says, n * sizeof *one->says, two->says,
		                 n * sizeof *two->says);
		g_assert_cmpuint (one->line_limit, ==, two->line_limit);
		g_assert_cmpint (one->eight_bit, ==, two->eight_bit);
	}
}

static void
test_sample (void)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autofree char *path = sample_path ();
	g_autoptr (MmConfig) config = mm_config_load (path, problems);
	g_autoptr (MmConfig) builtin = mm_config_new_default ();

	for (guint i = 0; i < problems->len; i++)
		g_test_message ("%s", (char *) problems->pdata[i]);
	g_assert_nonnull (config);
	assert_default_settings (config);
	assert_shipped (config);
	assert_same (config, builtin);
}

/* The default of @key in a table, or NULL. */
static const char *
default_of (TableFunc table, const char *key)
{
	guint n = 0;
	const MmSettingRow *rows = table (&n);

	for (guint i = 0; i < n; i++)
		if (g_str_equal (rows[i].key, key))
			return rows[i].default_text;
	return NULL;
}

/* Adds "Key = value" or "[section]" of a "#..." line to @out; a commented-out key of [mailmend]
 * shows its default. */
static void
uncomment (const char *line, GString *out)
{
	g_auto (GStrv) pair = g_strsplit (line, " = ", 2);
	const char *want;

	if (*line != '#' || (line[1] != '[' && !g_ascii_isupper (line[1]))) {
		g_string_append_printf (out, "%s\n", line);
		return;
	}
	g_string_append_printf (out, "%s\n", line + 1);
	want = default_of (mm_settings_table, pair[0] + 1);
	if (strstr (out->str, "[policy") == NULL && want != NULL)
		g_assert_cmpstr (pair[1], ==, want);
}

/* What the sample offers in comments can be used as it stands, and no key of [mailmend] or of a
 * policy is left out. */
static void
test_sample_comments (void)
{
	static const TableFunc tables[] = {
		mm_settings_table, mm_settings_policy_table, mm_settings_rule_table,
	};
	g_autofree char *path = sample_path ();
	g_autofree char *text = NULL;
	g_autoptr (GString) out = g_string_new (NULL);
	g_auto (GStrv) lines = NULL;
	g_autoptr (MmConfig) config = NULL;

	g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
	lines = g_strsplit (text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++)
		uncomment (lines[i], out);
	config = load (out->str);
	g_assert_cmpstr (mm_config_settings (config)->user, ==, "mailmend");
	g_assert_nonnull (mm_config_policy (config, "newsletter"));
	for (guint t = 0; t < G_N_ELEMENTS (tables); t++) {
		guint n = 0;
		const MmSettingRow *rows = tables[t](&n);

		for (guint i = 0; i < n; i++) {
			g_test_message ("%s", rows[i].key);
			g_assert_nonnull (strstr (text, rows[i].key));
		}
	}
}

/* ---- life ------------------------------------------------------------------------------------ */

static void
test_ref (void)
{
	MmConfig *config = mm_config_new_default ();
	MmConfig *other = mm_config_ref (config);

	g_assert_true (other == config);
	mm_config_unref (config);
	g_assert_nonnull (mm_config_policy (other, "watch"));
	mm_config_unref (other);
	mm_policy_free (NULL);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/settings/values", test_settings);
	g_test_add_func ("/policy/settings/tables", test_tables);
	g_test_add_func ("/policy/policies/builtin", test_builtin);
	g_test_add_func ("/policy/policies/lists", test_lists);
	g_test_add_func ("/policy/policies/settings", test_policy_settings);
	g_test_add_func ("/policy/policies/new-fix", test_new_fix);
	g_test_add_func ("/policy/shipped/rules", test_shipped);
	g_test_add_func ("/policy/shipped/sample", test_sample);
	g_test_add_func ("/policy/shipped/sample-comments", test_sample_comments);
	g_test_add_func ("/policy/ref", test_ref);
	return g_test_run ();
}
