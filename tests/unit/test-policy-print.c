/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-print.c: a configuration as text, read again; and what a new one changes.
 */
#include <mailmend/limits.h>

#include "policy-load.h"

/* Something of everything. */
static const char rich[] =
	"[mailmend]\n"
	"Socket = inet:8891@127.0.0.1\n"
	"User=mailmend\n"
	"DryRun = yes\n"
	"OnInternalErrorAuthenticated = reject\n"
	"MessageSizeLimit = 0\n"
	"Hostname = M\xc3\xbcll.example\n"
	"KeepOriginals = /var/lib/mail mend\n"
	"KeepOriginalsAge = 12h\n"
	"MxServers = 192.0.2.53, [2001:db8::1]:5353\n"
	"LogFormat = json\nLogProgram = yes\nStatsInterval = 7m\nMetricsListen = [::1]:9894\n"
	"[policy zero]\n"
	"[policy one]\n"
	"Description = backslash \\n, # and = and [brackets]\n"
	"Fix = ALL | !LINES | INVALID_DATE\n"
	"Reject = NUL_BYTE\n"
	"Log =\n"
	"Charsets = all\n"
	"ExcludeCharsets = koi8-r\n"
	"RejectCode = 550 5.7.1\n"
	"RejectText = 100%% of %Q: %L\n"
	"OnInternalError = accept\n"
	"[policy two]\n"
	"Inherit = one\n"
	"Reject = RAW_8BIT_HEADER\n"
	"TraceHeader = yes\n"
	"Hostname = two.example\n"
	"[policy three]\n"
	"Inherit = kumomta\n"
	"Fix = LINES\n"
	"[policy strict]\n"
	"Inherit = two\n"
	"Tempfail =\n"
	"[policy microsoft365]\n"
	"OnDkim = fix\n"
	"DefaultCharset = latin1\n"
	"[rule a]\n"
	"Sender = a@b.example, .c.example, <>, !x@c.example\n"
	"Client = 192.0.2.0/24, TRUSTED, .client.example\n"
	"Recipient = /^(a|b),c@/i, @d.example\n"
	"RecipientMx = .mail.protection.outlook.com, !.mx.microsoft\n"
	"MatchRecipients = all\n"
	"NextHop = [mx.example]\n"
	"Macro = {daemon_name} = A = B, !{x}=/^y \\/ z$/\n"
	"Size = 1K - 2M, >5M\n"
	"Policy = two\n"
	"DryRun = yes\n"
	"[rule b]\n"
	"Sasl = yes\n"
	"Policy = one\n"
	"[rule c]\n"
	"Local = no\n"
	"SaslUser = bob\n"
	"Policy = off\n"
	"[default]\n"
	"Policy = three\n";

/* ---- the same again -------------------------------------------------------------------------- */

static void
assert_same_strv (char **a, char **b)
{
	g_assert_true ((a == NULL) == (b == NULL));
	g_assert_true (a == NULL || g_strv_equal ((const char *const *) a,
	                                          (const char *const *) b));
}

static void
assert_same_reply (const MmPolicy *a, const MmPolicy *b)
{
	g_assert_cmpstr (a->reject_code.code, ==, b->reject_code.code);
	g_assert_cmpstr (a->reject_code.enhanced, ==, b->reject_code.enhanced);
	g_assert_cmpstr (a->reject_text, ==, b->reject_text);
	g_assert_cmpstr (a->quarantine_text, ==, b->quarantine_text);
	g_assert_cmpint (a->on_unfixable, ==, b->on_unfixable);
	g_assert_cmpint (a->on_internal_error, ==, b->on_internal_error);
	g_assert_cmpint (a->on_internal_error_authenticated, ==,
	                 b->on_internal_error_authenticated);
	g_assert_cmpint (a->on_oversize, ==, b->on_oversize);
	g_assert_cmpint (a->trace_header, ==, b->trace_header);
	g_assert_cmpstr (a->hostname, ==, b->hostname);
}

static void
assert_same_policy (const MmPolicy *a, const MmPolicy *b)
{
	gsize n = mm_rules_count ();

	g_test_message ("%s", a->name);
	g_assert_nonnull (b);
	g_assert_cmpstr (a->description, ==, b->description);
	g_assert_cmpint (a->off, ==, b->off);
	g_assert_cmpmem (a->says, n * sizeof *a->says, b->says, n * sizeof *b->says);
	g_assert_cmpmem (a->named, n * sizeof *a->named, b->named, n * sizeof *b->named);
	g_assert_cmpuint (a->line_limit, ==, b->line_limit);
	g_assert_cmpuint (a->max_mime_depth, ==, b->max_mime_depth);
	g_assert_cmpuint (a->max_mime_parts, ==, b->max_mime_parts);
	g_assert_cmpint (a->eight_bit, ==, b->eight_bit);
	g_assert_cmpint (a->bare_cr, ==, b->bare_cr);
	g_assert_cmpint (a->param_style, ==, b->param_style);
	assert_same_strv (a->charsets, b->charsets);
	assert_same_strv (a->exclude_charsets, b->exclude_charsets);
	g_assert_cmpstr (a->default_charset, ==, b->default_charset);
	g_assert_cmpint (a->keep_original_id, ==, b->keep_original_id);
	g_assert_cmpint (a->replace_message_id, ==, b->replace_message_id);
	g_assert_cmpint (a->on_dkim, ==, b->on_dkim);
	g_assert_cmpint (a->on_cms, ==, b->on_cms);
	g_assert_cmpint (a->arc_break, ==, b->arc_break);
	g_assert_cmpint (a->dkim_rename, ==, b->dkim_rename);
	g_assert_cmpint (a->embedded, ==, b->embedded);
	assert_same_reply (a, b);
}

static void
assert_same_settings (const MmSettings *a, const MmSettings *b)
{
	g_assert_cmpstr (a->socket, ==, b->socket);
	g_assert_cmpuint (a->socket_mode, ==, b->socket_mode);
	g_assert_cmpstr (a->socket_group, ==, b->socket_group);
	g_assert_cmpstr (a->user, ==, b->user);
	g_assert_cmpstr (a->log_to, ==, b->log_to);
	g_assert_cmpint (a->log_facility, ==, b->log_facility);
	g_assert_cmpint (a->log_messages, ==, b->log_messages);
	g_assert_cmpint (a->log_format, ==, b->log_format);
	g_assert_cmpint (a->log_program, ==, b->log_program);
	g_assert_cmpuint (a->stats_interval, ==, b->stats_interval);
	g_assert_cmpstr (a->metrics_listen, ==, b->metrics_listen);
	g_assert_cmpint (a->dry_run, ==, b->dry_run);
	g_assert_cmpint (a->on_internal_error, ==, b->on_internal_error);
	g_assert_cmpint (a->on_internal_error_authenticated, ==,
	                 b->on_internal_error_authenticated);
	g_assert_cmpint (a->on_oversize, ==, b->on_oversize);
	g_assert_cmpuint (a->max_message_size, ==, b->max_message_size);
	g_assert_cmpuint (a->message_size_limit, ==, b->message_size_limit);
	g_assert_cmpuint (a->deadline, ==, b->deadline);
	g_assert_cmpstr (a->hostname, ==, b->hostname);
	g_assert_cmpint (a->trace_header, ==, b->trace_header);
	g_assert_cmpstr (a->keep_originals, ==, b->keep_originals);
	g_assert_cmpuint (a->keep_originals_size, ==, b->keep_originals_size);
	g_assert_cmpuint (a->keep_originals_age, ==, b->keep_originals_age);
	g_assert_cmpint (a->mx_unknown, ==, b->mx_unknown);
	g_assert_cmpuint (a->mx_wait, ==, b->mx_wait);
	g_assert_cmpstr (a->mx_servers, ==, b->mx_servers);
	g_assert_cmpint (a->trusted_is_default, ==, b->trusted_is_default);
}

static void
assert_same_matches (const MmConfig *a, const MmConfig *b)
{
	static const Mail mails[] = {
		FROM ("a@b.example"), FROM ("x@c.example"), FROM ("y@d.c.example"), FROM (""),
		FROM ("?"), USER ("bob"), USER ("eve"), CLIENT ("127.0.0.1"),
		CLIENT ("198.51.100.1"),
		HOP (MM_YES, MM_YES), HOP (MM_UNKNOWN, MM_NO),
	};

	for (guint i = 0; i < G_N_ELEMENTS (mails); i++) {
		g_auto (MmMatch) one = match (a, &mails[i]);
		g_auto (MmMatch) two = match (b, &mails[i]);

		g_assert_cmpint (one.decided, ==, two.decided);
		g_assert_cmpstr (one.rule, ==, two.rule);
		g_assert_cmpint (one.dry_run, ==, two.dry_run);
		g_assert_cmpint (one.names_null, ==, two.names_null);
		if (one.decided)
			g_assert_cmpstr (one.policy->name, ==, two.policy->name);
	}
}

static void
assert_same (const MmConfig *a, const MmConfig *b)
{
	g_autoptr (GPtrArray) names = mm_config_policy_names (a);
	g_autoptr (GPtrArray) others = mm_config_policy_names (b);

	g_assert_cmpuint (names->len, ==, others->len);
	for (guint i = 0; i < names->len; i++)
		assert_same_policy (mm_config_policy (a, names->pdata[i]),
		                    mm_config_policy (b, names->pdata[i]));
	assert_same_settings (mm_config_settings (a), mm_config_settings (b));
	assert_same_matches (a, b);
}

/* The lines of @text that are no comment for people. */
static char *
without_comments (const char *text)
{
	g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
	GString *out = g_string_new (NULL);

	for (guint i = 0; lines[i] != NULL; i++)
		if (!g_str_has_prefix (lines[i], "# "))
			g_string_append_printf (out, "%s\n", lines[i]);
	return g_string_free (out, FALSE);
}

static void
assert_round_trip (const MmConfig *config)
{
	g_autofree char *text = mm_config_to_text (config);
	g_autofree char *bare = without_comments (text);
	g_autoptr (MmConfig) again = load (text);
	g_autofree char *text_again = NULL;
	g_autofree char *bare_again = NULL;

	g_assert_nonnull (again);
	assert_same (config, again);
	text_again = mm_config_to_text (again);
	bare_again = without_comments (text_again);
	g_assert_cmpstr (bare, ==, bare_again);
}

static void
test_round_trip (void)
{
	g_autoptr (MmConfig) shipped = mm_config_new_default ();
	g_autoptr (MmConfig) full = load (rich);
	g_autofree char *description = g_strnfill (64 * 1024 - strlen ("Description="), 'x');
	g_autofree char *longest = g_strdup_printf ("[policy p]\nDescription=%s\n", description);
	g_autoptr (MmConfig) with_longest = load (longest);

	assert_round_trip (shipped);
	assert_round_trip (full);
	assert_round_trip (with_longest);
}

/* ---- what it tells --------------------------------------------------------------------------- */

/* @want: lines that must stand together. */
static void
assert_has (const char *text, const char *want)
{
	g_autofree char *needle = g_strconcat ("\n", want, "\n", NULL);

	if (strstr (text, needle) == NULL)
		g_test_message ("%s is not in\n%s", want, text);
	g_assert_nonnull (strstr (text, needle));
}

static void
test_origins (void)
{
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *problems = NULL;
	g_autofree char *printed = NULL;
	g_autoptr (GString) text = NULL;
	Place place;

	place_init (&place);
	place_write (&place, NULL, "[mailmend]\nOnOversize = reject\n[policy a]\nInherit=kumomta\n"
	                           "Reject = NUL_BYTE\nOnCms = reject\n[default]\nPolicy = b\n");
	place_write (&place, "x.conf", "[policy b]\nInherit = a\n[mailmend]\nDeadline = 9s\n");
	config = load_place (&place, &problems);
	g_assert_cmpstr (problems, ==, "");
	printed = mm_config_to_text (config);
	text = g_string_new (printed);
	g_string_replace (text, place.folder, "DIR", 0);
	assert_has (text->str, "# DIR/conf:1\n[mailmend]\n# default\n"
	                       "Socket = local:/run/mailmend/mailmend.sock");
	assert_has (text->str, "# not set\n#SocketGroup =");
	assert_has (text->str, "# DIR/conf:2\nOnOversize = reject");
	assert_has (text->str, "# DIR/conf.d/x.conf:4\nDeadline = 9s");
	assert_has (text->str, "# default\n#TrustedClients = 127.0.0.0/8, ::1");
	assert_has (text->str, "# built in\n#[policy strict]\n# built in\n"
	                       "#Description = Refuse every message with an issue");
	assert_has (text->str, "# built in\n#Reject = ALL");
	/* of a label that only has notices nothing is logged unless it is named */
	g_assert_null (strstr (text->str, "ENCODED_PARAMETER"));
	assert_has (text->str, "# built in\n#LineLimit = 76");
	assert_has (text->str, "# DIR/conf:3\n[policy a]\n# not set\n#Description =\n"
	                       "# DIR/conf:4\nInherit = kumomta");
	assert_has (text->str, "# DIR/conf:5\nReject = NUL_BYTE");
	assert_has (text->str, "# DIR/conf.d/x.conf:1\n[policy b]\n# not set\n#Description =\n"
	                       "# DIR/conf.d/x.conf:2\nInherit = a\n# inherited from kumomta, "
	                       "built in");
	assert_has (text->str, "# inherited from a, DIR/conf:5\n#Reject = NUL_BYTE");
	assert_has (text->str, "# inherited from kumomta, built in\nLineLimit = 76");
	assert_has (text->str, "# inherited from a, DIR/conf:6\nOnCms = reject");
	assert_has (text->str, "# as in [mailmend]\nOnOversize = reject");
	assert_has (text->str, "# as in [mailmend]\nOnInternalErrorAuthenticated = tempfail");
	assert_has (text->str, "# built in\n[rule command]\nPolicy = microsoft365\n"
	                       "# default\nDryRun = no\n# default\nMatchRecipients = any\n"
	                       "Local = yes");
	assert_has (text->str, "# DIR/conf:7\n[default]\n# DIR/conf:8\nPolicy = b\n"
	                       "# default\nDryRun = no");
	assert_has (text->str, "# parts                10000  parts that are split; the rest is one piece");
	place_clear (&place);
}

/* Every key of the tables is there, with a value or without. */
static void
test_complete (void)
{
	g_autoptr (MmConfig) config = mm_config_new_default ();
	g_autofree char *text = mm_config_to_text (config);
	guint n = 0;
	const MmSettingRow *rows = mm_settings_table (&n);

	for (guint i = 0; i < n; i++) {
		g_autofree char *key = g_strdup_printf ("\n%s%s =", rows[i].default_text == NULL ||
		                                        g_str_equal (rows[i].key, "TrustedClients")
		                                        ? "#" : "", rows[i].key);

		g_assert_nonnull (strstr (text, key));
	}
	rows = mm_settings_policy_table (&n);
	for (guint i = 0; i < n; i++) {
		g_autofree char *key = g_strdup_printf ("\n#%s =", rows[i].key);

		g_assert_nonnull (strstr (strstr (text, "#[policy off]"), key));
	}
}

/* ---- restart --------------------------------------------------------------------------------- */

static void
test_restart (void)
{
	static const struct {
		const char *old;
		const char *new;
		const char *want;
	} cases[] = {
		{"", "", ""},
		{"", "Socket = local:/run/mailmend/mailmend.sock\nSocketMode = 660\n"
		     "LogFacility = MAIL\n", ""},
		{"", "DryRun = yes\nDeadline = 1s\nHostname = a.example\nKeepOriginals = /x\n", ""},
		{"", "Socket = local:/x\nSocketMode = 0600\nSocketGroup = g\nUser = u\n"
		     "LogTo = stderr\nLogFacility = user\nMxServers = ::1\n"
		     "MetricsListen = 127.0.0.1:1\nStatsInterval = 0\nLogFormat = json\n",
		 "Socket SocketMode SocketGroup User LogTo LogFacility MetricsListen MxServers"},
		{"User = u\nLogTo = syslog\n", "User = v\n", "User LogTo"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autofree char *one = g_strconcat ("[mailmend]\n", cases[i].old, NULL);
		g_autofree char *two = g_strconcat ("[mailmend]\n", cases[i].new, NULL);
		g_autoptr (MmConfig) old = load (one);
		g_autoptr (MmConfig) new = load (two);
		g_autoptr (GPtrArray) keys = mm_config_restart_needed (old, new);
		g_autofree char *got = NULL;

		g_ptr_array_add (keys, NULL);
		got = g_strjoinv (" ", (char **) keys->pdata);
		g_assert_cmpstr (got, ==, cases[i].want);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/print/round-trip", test_round_trip);
	g_test_add_func ("/policy/print/origins", test_origins);
	g_test_add_func ("/policy/print/complete", test_complete);
	g_test_add_func ("/policy/print/restart", test_restart);
	return g_test_run ();
}
