/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-values.c: replies, units, and what a policy takes from [mailmend].
 */
#include "policy-load.h"

static void
test_global_values (void)
{
	g_autoptr (MmConfig) config = load (
		"[mailmend]\nKeepOriginals = /var/lib/x y\nKeepOriginalsSize = 3M\n"
		"KeepOriginalsAge = 36H\nMxUnknown = match\nMxWait = 1S\n"
		"MxServers = 192.0.2.53 ,\t[::1]:5353\nTraceHeader = yes\n"
		"LogFormat = JSON\nLogProgram = yes\nStatsInterval = 5m\n"
		"MetricsListen = [::1]:9894\n");
	g_autoptr (MmConfig) shipped = mm_config_new_default ();
	const MmSettings *set = mm_config_settings (config);
	const MmSettings *none = mm_config_settings (shipped);

	g_assert_cmpstr (set->keep_originals, ==, "/var/lib/x y");
	g_assert_cmpuint (set->keep_originals_size, ==, 3 * 1024 * 1024);
	g_assert_cmpuint (set->keep_originals_age, ==, 36 * 60 * 60);
	g_assert_true (set->mx_unknown);
	g_assert_cmpuint (set->mx_wait, ==, 1000);
	g_assert_cmpstr (set->mx_servers, ==, "192.0.2.53,[::1]:5353");
	g_assert_true (set->trace_header);
	g_assert_cmpint (set->log_format, ==, MM_LOG_FORMAT_JSON);
	g_assert_true (set->log_program);
	g_assert_cmpuint (set->stats_interval, ==, 300);
	g_assert_cmpstr (set->metrics_listen, ==, "[::1]:9894");
	g_assert_cmpuint (set->metrics_listen_line, ==, 12);
	g_assert_null (none->keep_originals);
	g_assert_cmpuint (none->keep_originals_size, ==, 1024 * 1024 * 1024);
	g_assert_cmpuint (none->keep_originals_age, ==, 7 * 24 * 60 * 60);
	g_assert_false (none->mx_unknown);
	g_assert_cmpuint (none->mx_wait, ==, 100);
	g_assert_null (none->mx_servers);
	g_assert_false (none->trace_header);
	g_assert_cmpint (none->log_format, ==, MM_LOG_FORMAT_TEXT);
	g_assert_false (none->log_program);
	g_assert_cmpuint (none->stats_interval, ==, 60);
	g_assert_null (none->metrics_listen);
	g_assert_cmpint ((int) none->on_internal_error_authenticated, ==, -1);
}

/* Where User and SocketGroup stand, for errors that only show when they are used. */
static void
test_places (void)
{
	g_autoptr (MmConfig) config = NULL;
	g_autoptr (MmConfig) shipped = mm_config_new_default ();
	g_autofree char *drop_in = NULL;
	const MmSettings *settings;
	Place place;

	place_init (&place);
	place_write (&place, NULL, "[mailmend]\n\nUser = nobody\n");
	place_write (&place, "a.conf", "[mailmend]\nSocketGroup = nogroup\n");
	drop_in = g_build_filename (place.folder, "conf.d", "a.conf", NULL);
	config = load_place (&place, NULL);
	settings = mm_config_settings (config);
	g_assert_cmpstr (settings->user_file, ==, place.path);
	g_assert_cmpuint (settings->user_line, ==, 3);
	g_assert_cmpstr (settings->socket_group_file, ==, drop_in);
	g_assert_cmpuint (settings->socket_group_line, ==, 2);
	settings = mm_config_settings (shipped);
	g_assert_null (settings->user_file);
	g_assert_cmpuint (settings->user_line, ==, 0);
	place_clear (&place);
}

static void
test_times (void)
{
	static const struct {
		const char *text;
		guint wait;
	} cases[] = {
		{"0", 0}, {"0ms", 0}, {"7", 7}, {"250ms", 250}, {"250MS", 250}, {"1s", 1000},
	};

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autofree char *text = g_strdup_printf ("[mailmend]\nMxWait = %s\n",
		                                         cases[i].text);
		g_autoptr (MmConfig) config = load (text);

		g_assert_nonnull (config);
		g_assert_cmpuint (mm_config_settings (config)->mx_wait, ==, cases[i].wait);
	}
}

static void
test_reply_values (void)
{
	g_autoptr (MmConfig) config = load (
		"[policy a]\n[policy b]\nRejectCode = 550 \t 5.7.999\nRejectText = a \\ # %%%L\n"
		"QuarantineText = %Q\nOnUnfixable = tempfail\nEmbedded = all\n");
	const MmPolicy *a = mm_config_policy (config, "a");
	const MmPolicy *b = mm_config_policy (config, "b");

	g_assert_cmpstr (a->reject_code.code, ==, "552");
	g_assert_cmpstr (a->reject_code.enhanced, ==, "5.6.0");
	g_assert_cmpstr (a->reject_text, ==, "Message has conformance issues: %L");
	g_assert_cmpstr (a->quarantine_text, ==, "Message has conformance issues: %L");
	g_assert_cmpint (a->on_unfixable, ==, MM_UNFIXABLE_LOG);
	g_assert_cmpint (a->embedded, ==, MM_EMBEDDED_REPORT);
	g_assert_cmpstr (b->reject_code.code, ==, "550");
	g_assert_cmpstr (b->reject_code.enhanced, ==, "5.7.999");
	g_assert_cmpstr (b->reject_text, ==, "a \\ # %%%L");
	g_assert_cmpstr (b->quarantine_text, ==, "%Q");
	g_assert_cmpint (b->on_unfixable, ==, MM_UNFIXABLE_TEMPFAIL);
	g_assert_cmpint (b->embedded, ==, MM_EMBEDDED_ALL);
}

typedef struct {
	const char *global;
	const char *policy;
	MmOn error;
	MmOn authenticated;
} ErrorCase;

/* A policy's own word on its errors also counts for clients with a login, unless it has another. */
static const ErrorCase error_cases[] = {
	{"", "", MM_ON_TEMPFAIL, MM_ON_TEMPFAIL},
	{"OnInternalError = reject\n", "", MM_ON_REJECT, MM_ON_REJECT},
	{"OnInternalErrorAuthenticated = accept\n", "", MM_ON_TEMPFAIL, MM_ON_ACCEPT},
	{"OnInternalErrorAuthenticated = accept\n", "OnInternalError = quarantine\n",
	 MM_ON_QUARANTINE, MM_ON_QUARANTINE},
	{"", "OnInternalErrorAuthenticated = accept\n", MM_ON_TEMPFAIL, MM_ON_ACCEPT},
	{"OnInternalErrorAuthenticated = accept\nOnInternalError = reject\n",
	 "OnInternalErrorAuthenticated = tempfail\nOnInternalError = quarantine\n",
	 MM_ON_QUARANTINE, MM_ON_TEMPFAIL},
};

static void
test_errors (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (error_cases); i++) {
		const ErrorCase *at = &error_cases[i];
		g_autofree char *text = g_strdup_printf ("[policy p]\n%s[mailmend]\n%s",
		                                         at->policy, at->global);
		g_autoptr (MmConfig) config = load (text);
		const MmPolicy *policy = mm_config_policy (config, "p");

		g_assert_cmpint (policy->on_internal_error, ==, at->error);
		g_assert_cmpint (policy->on_internal_error_authenticated, ==, at->authenticated);
	}
}

static void
test_settled (void)
{
	g_autoptr (MmConfig) config = load (
		"[policy a]\n[policy b]\nOnOversize = quarantine\nTraceHeader = no\n"
		"Hostname = B.example\n[mailmend]\nOnOversize = reject\nTraceHeader = yes\n"
		"Hostname = a.example\n");
	const MmPolicy *a = mm_config_policy (config, "a");
	const MmPolicy *b = mm_config_policy (config, "b");
	const MmPolicy *strict = mm_config_policy (config, "strict");

	g_assert_cmpint (a->on_oversize, ==, MM_ON_REJECT);
	g_assert_true (a->trace_header);
	g_assert_cmpstr (a->hostname, ==, "a.example");
	g_assert_cmpint (b->on_oversize, ==, MM_ON_QUARANTINE);
	g_assert_false (b->trace_header);
	g_assert_cmpstr (b->hostname, ==, "b.example");
	g_assert_cmpint (strict->on_oversize, ==, MM_ON_REJECT);
	g_assert_cmpstr (strict->hostname, ==, "a.example");
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/values/global", test_global_values);
	g_test_add_func ("/policy/values/places", test_places);
	g_test_add_func ("/policy/values/times", test_times);
	g_test_add_func ("/policy/values/replies", test_reply_values);
	g_test_add_func ("/policy/values/errors", test_errors);
	g_test_add_func ("/policy/values/settled", test_settled);
	return g_test_run ();
}
