/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics-text.c: the counters in the text format of Prometheus, version 0.0.4.
 *
 *   family = "# HELP" SP name SP text LF "# TYPE" SP name SP type LF *sample
 *   sample = name [ "{" label *( "," label ) "}" ] SP value LF
 *   label  = word "=" DQUOTE *char DQUOTE
 *
 * Families whose values are known from the start are there from the start, with zeros: what
 * appears only when it is one cannot be seen to rise. Labels of a policy are there once it had a
 * message, because there may be very many policies.
 */
#include <config.h>

#include <sys/resource.h>
#include <unistd.h>

#include "metrics-private.h"

/* Octets of most texts. */
#define USUAL_TEXT 32768

static void
put_head (GString *out, const char *name, const char *type, const char *help)
{
	g_string_append_printf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* @value: one of ours, or the name of a policy, which has letters, digits, dots and dashes only: nothing
 * that needs an escape. */
static void
put_label (GString *out, const char *word, const char *value)
{
	gboolean first = out->str[out->len - 1] != '"';

	g_string_append_printf (out, "%c%s=\"%s\"", first ? '{' : ',', word, value);
}

/* Behind a name with labels or without. */
static void
put_value (GString *out, guint64 value)
{
	if (out->str[out->len - 1] == '"')
		g_string_append_c (out, '}');
	g_string_append_printf (out, " %" G_GUINT64_FORMAT "\n", value);
}

/* Behind a name without labels: in seconds. */
static void
put_seconds (GString *out, guint64 us)
{
	g_string_append_printf (out, " %" G_GUINT64_FORMAT ".%06u\n", us / G_USEC_PER_SEC,
	                        (guint) (us % G_USEC_PER_SEC));
}

/* ---- counters with labels -------------------------------------------------------------------- */

static void
put_builds (GString *out)
{
	put_head (out, "mailmend_build_info", "gauge", "The version that runs.");
	g_string_append (out, "mailmend_build_info");
	put_label (out, "version", PACKAGE_VERSION);
	put_value (out, 1);
}

static void
put_policy_actions (GString *out, const char *name, const MmPolicyCounts *policy,
                    const MmCounter *counters, gboolean zeros)
{
	for (guint action = 0; action < MM_N_ACTIONS; action++) {
		gsize value = mm_counter_get (&counters[action]);

		if (value == 0 && !zeros)
			continue;
		g_string_append (out, name);
		put_label (out, "action", mm_action_to_string ((MmAction) action));
		put_label (out, "policy", policy->name);
		put_value (out, value);
	}
}

static gboolean
is_used (const MmPolicyCounts *policy)
{
	for (guint action = 0; action < MM_N_ACTIONS; action++)
		if (mm_counter_get (&policy->actions[action]) > 0)
			return TRUE;
	return FALSE;
}

static void
put_policy_issues (GString *out, const MmPolicyCounts *policy)
{
	for (guint i = 0; mm_rules[i] != NULL; i++) {
		g_string_append (out, "mailmend_issues_total");
		put_label (out, "label", mm_rules[i]->label);
		put_label (out, "policy", policy->name);
		put_value (out, mm_counter_get (&policy->issues[i]));
	}
}

/* The first one of @set is for those beyond the bound. */
static void
put_policies (GString *out, const MmPolicySet *set)
{
	const MmPolicyCounts *const *policies = (const MmPolicyCounts *const *) set->policies->pdata;
	guint n = set->policies->len;

	put_head (out, "mailmend_messages_total", "counter", "Judged messages by what was done.");
	for (guint i = 0; i < n; i++)
		put_policy_actions (out, "mailmend_messages_total", policies[i],
		                    policies[i]->actions, i > 0);
	put_head (out, "mailmend_dry_run_total", "counter",
	          "Judged messages of dry runs by what would have been done.");
	for (guint i = 0; i < n; i++)
		put_policy_actions (out, "mailmend_dry_run_total", policies[i], policies[i]->would,
		                    FALSE);
	put_head (out, "mailmend_issues_total", "counter", "Messages in which a defect was found.");
	for (guint i = 0; i < n; i++)
		if (is_used (policies[i]))
			put_policy_issues (out, policies[i]);
}

/* One label, whose values are @names. */
static void
put_by (GString *out, const char *name, const char *word, const char *const *names,
        const MmCounter *counters, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_string_append (out, name);
		put_label (out, word, names[i]);
		put_value (out, mm_counter_get (&counters[i]));
	}
}

static void
put_words (GString *out, MmMetrics *metrics)
{
	static const char *const failures[MM_N_FAILURES] = {
		[MM_FAILURE_JUDGE] = "judge",   [MM_FAILURE_RECEIVE] = "receive",
		[MM_FAILURE_LOOKUP] = "lookup", [MM_FAILURE_KEEP] = "keep",
		[MM_FAILURE_ANSWER] = "answer",
	};
	static const char *const answers[MM_N_ANSWERS] = {
		[MM_ANSWER_PASS] = "pass",
		[MM_ANSWER_FIX] = "fix",
		[MM_ANSWER_REJECT] = "reject",
		[MM_ANSWER_TEMPFAIL] = "tempfail",
		[MM_ANSWER_QUARANTINE] = "quarantine",
	};
	g_autofree const char **labels = g_new (const char *, metrics->n_labels);

	for (guint i = 0; i < metrics->n_labels; i++)
		labels[i] = mm_rules[i]->label;
	put_head (out, "mailmend_fixes_total", "counter", "Messages in which a defect was mended.");
	put_by (out, "mailmend_fixes_total", "label", labels, metrics->fixes, metrics->n_labels);
	put_head (out, "mailmend_left_total", "counter",
	          "Messages in which a defect was left as it is, for whatever reason.");
	put_by (out, "mailmend_left_total", "label", labels, metrics->left, metrics->n_labels);
	put_head (out, "mailmend_errors_total", "counter",
	          "Messages on which mailmend itself failed, by where it did.");
	put_by (out, "mailmend_errors_total", "kind", failures, metrics->failures, MM_N_FAILURES);
	put_head (out, "mailmend_answers_total", "counter",
	          "Judged messages by what the mail server was told.");
	put_by (out, "mailmend_answers_total", "answer", answers, metrics->answers, MM_N_ANSWERS);
	put_head (out, "mailmend_limits_total", "counter",
	          "Messages that met a bound and passed unchanged or mended in part.");
	put_by (out, "mailmend_limits_total", "limit", mm_metrics_limits, metrics->limits,
	        MM_N_LIMITS);
}

/* ---- time ------------------------------------------------------------------------------------ */

/* Each is the bound of a bucket of ours. */
static const struct {
	guint64 us;
	const char *seconds;
} bounds[] = {
	{25, "2.5e-05"},    {50, "5e-05"},      {100, "0.0001"},   {250, "0.00025"},
	{500, "0.0005"},    {1000, "0.001"},    {2500, "0.0025"},  {5000, "0.005"},
	{10000, "0.01"},    {25000, "0.025"},   {50000, "0.05"},   {100000, "0.1"},
	{250000, "0.25"},   {500000, "0.5"},    {1000000, "1"},    {2500000, "2.5"},
	{5000000, "5"},     {10000000, "10"},   {30000000, "30"},
};

static void
put_times (GString *out, MmMetrics *metrics)
{
	/* Before the buckets: they may have more when they are read. */
	guint64 us = mm_counter_get (&metrics->us);
	guint64 sum = 0;
	guint at = 0;

	put_head (out, "mailmend_message_seconds", "histogram", "Time that judging a message took.");
	for (guint i = 0; i < G_N_ELEMENTS (bounds); i++) {
		while (at < MM_TIME_BUCKETS && mm_time_bucket_bound (at) <= bounds[i].us)
			sum += mm_counter_get (&metrics->times[at++]);
		g_string_append (out, "mailmend_message_seconds_bucket");
		put_label (out, "le", bounds[i].seconds);
		put_value (out, sum);
	}
	while (at < MM_TIME_BUCKETS)
		sum += mm_counter_get (&metrics->times[at++]);
	g_string_append (out, "mailmend_message_seconds_bucket");
	put_label (out, "le", "+Inf");
	put_value (out, sum);
	g_string_append (out, "mailmend_message_seconds_sum");
	put_seconds (out, us);
	g_string_append (out, "mailmend_message_seconds_count");
	put_value (out, sum);
}

/* ---- what stands alone ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *type;
	const char *help;
	gboolean us; /* microseconds, which are told in seconds */
} counts[MM_N_COUNTS] = {
	[MM_COUNT_SESSIONS] = {"mailmend_sessions_total", "counter",
	                       "Connections of mail servers.", FALSE},
	[MM_COUNT_SESSIONS_OPEN] = {"mailmend_sessions_open", "gauge",
	                            "Connections of mail servers that are open.", FALSE},
	[MM_COUNT_MESSAGES_OPEN] = {"mailmend_messages_open", "gauge",
	                            "Messages that are being received or judged.", FALSE},
	[MM_COUNT_OFF] = {"mailmend_off_total", "counter",
	                  "Messages of the policy off, which are not judged.", FALSE},
	[MM_COUNT_BYTES] = {"mailmend_message_bytes_total", "counter",
	                    "Octets of judged messages as they were received.", FALSE},
	[MM_COUNT_ORIGINALS] = {"mailmend_originals_total", "counter",
	                        "Messages whose original was stored in KeepOriginals.", FALSE},
	[MM_COUNT_DNS_WAITS] = {"mailmend_dns_waits_total", "counter",
	                        "Messages that waited for DNS.", FALSE},
	[MM_COUNT_DNS_WAIT_US] = {"mailmend_dns_wait_seconds_total", "counter",
	                          "Time that messages waited for DNS.", TRUE},
	[MM_COUNT_DNS_UNKNOWN] = {"mailmend_dns_unknown_total", "counter",
	                          "Messages for which MxUnknown decided, because DNS had not said in "
	                          "time or could not say.", FALSE},
	[MM_COUNT_RELOADS] = {"mailmend_config_reloads_total", "counter",
	                      "Times the configuration was read again.", FALSE},
	[MM_COUNT_RELOAD_FAILURES] = {"mailmend_config_reload_failures_total", "counter",
	                              "Times it could not be used and the one before stayed.", FALSE},
	[MM_COUNT_RELOAD_FAILED] = {"mailmend_config_reload_failed", "gauge",
	                            "1 if the last reload failed.", FALSE},
	[MM_COUNT_RELOAD_TIME] = {"mailmend_config_reload_success_timestamp_seconds", "gauge",
	                          "When the configuration in force was read.", FALSE},
};

static void
put_counts (GString *out, const MmMetrics *metrics)
{
	for (guint i = 0; i < MM_N_COUNTS; i++) {
		gsize value = mm_counter_get (&metrics->counts[i]);

		put_head (out, counts[i].name, counts[i].type, counts[i].help);
		g_string_append (out, counts[i].name);
		if (counts[i].us)
			put_seconds (out, value);
		else
			put_value (out, value);
	}
}

/* ---- the process ----------------------------------------------------------------------------- */

static guint64
us_of (const struct timeval *time)
{
	return (guint64) time->tv_sec * G_USEC_PER_SEC + (guint64) time->tv_usec;
}

static guint64
resident_octets (void)
{
	g_autofree char *text = NULL;
	const char *pages;

	if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
		return 0;
	pages = strchr (text, ' ');
	return pages == NULL ? 0
	                     : g_ascii_strtoull (pages, NULL, 10) * (guint64) sysconf (_SC_PAGESIZE);
}

static guint64
open_files (void)
{
	g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
	guint64 n = 0;

	while (folder != NULL && g_dir_read_name (folder) != NULL)
		n++;
	return n > 0 ? n - 1 : 0; /* that folder */
}

/* By the names that all of Prometheus' clients have; left out where the system does not tell. */
static void
put_process (GString *out, const MmMetrics *metrics)
{
	struct rusage usage = {0};
	struct rlimit files = {0, 0};
	guint64 resident = resident_octets ();

	getrusage (RUSAGE_SELF, &usage);
	getrlimit (RLIMIT_NOFILE, &files);
	put_head (out, "process_start_time_seconds", "gauge", "When the process started.");
	g_string_append (out, "process_start_time_seconds");
	put_seconds (out, (guint64) metrics->started);
	put_head (out, "process_cpu_seconds_total", "counter", "Processor time, user and system.");
	g_string_append (out, "process_cpu_seconds_total");
	put_seconds (out, us_of (&usage.ru_utime) + us_of (&usage.ru_stime));
	put_head (out, "process_max_fds", "gauge", "File descriptors that it may have.");
	g_string_append (out, "process_max_fds");
	put_value (out, files.rlim_cur);
	if (resident == 0)
		return;
	put_head (out, "process_resident_memory_bytes", "gauge", "Memory it has.");
	g_string_append (out, "process_resident_memory_bytes");
	put_value (out, resident);
	put_head (out, "process_open_fds", "gauge", "File descriptors it has.");
	g_string_append (out, "process_open_fds");
	put_value (out, open_files ());
}

char *
mm_metrics_to_text (MmMetrics *metrics)
{
	GString *out = g_string_sized_new (USUAL_TEXT);

	put_builds (out);
	put_policies (out, mm_metrics_policies (metrics));
	put_words (out, metrics);
	put_times (out, metrics);
	put_counts (out, metrics);
	put_process (out, metrics);
	return g_string_free (out, FALSE);
}
