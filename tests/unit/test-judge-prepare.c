/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-judge-prepare.c: the way to judge is what the policy, the rule and [mailmend] say, each in
 * its place.
 */
#include "policy-load.h"
#include "test-util.h"

#define CONFIG                                                                                     \
	"[mailmend]\nMessageSizeLimit = 5000\nMaxMessageSize = 1M\nDeadline = 7s\n"                \
	"Hostname = all.example\nDryRun = yes\n"                                                   \
	"[policy one]\nLineLimit = 100\nMaxMimeDepth = 5\nMaxMimeParts = 6\nEightBit = never\n"    \
	"BareCr = crlf\nEmbedded = all\nParamStyle = rfc2231\nCharsets = utf-8\n"                  \
	"DefaultCharset = iso-8859-1\nKeepOriginalId = no\nReplaceMessageId = always\n"            \
	"TraceHeader = yes\nHostname = one.example\n"                                              \
	"[rule r]\nSender = <>\nPolicy = one\n[default]\nPolicy = watch\n"

typedef struct {
	MmConfig *config;
	MmContext context;
	MmJudgeRequest request;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	f->config = load (CONFIG);
	mm_context_init (&f->context, "mta.example");
	memset (&f->request, 0x55, sizeof f->request);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_config_unref (f->config);
}

static void
prepare (Fixture *f, const MmMatch *match, const char *sender)
{
	mm_judge_prepare (mm_config_settings (f->config), match, sender, &f->context, &f->request);
}

static void
test_policy (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmPolicy *one = mm_config_policy (f->config, "one");
	const MmMatch match = {.decided = TRUE, .policy = one, .rule = "r"};

	prepare (f, &match, "a@b.example");
	g_assert_true (f->request.policy == one);
	g_assert_cmpuint (f->context.line_limit, ==, 100);
	g_assert_cmpuint (f->context.max_mime_depth, ==, 5);
	g_assert_cmpuint (f->context.max_mime_parts, ==, 6);
	g_assert_cmpint (f->context.eight_bit, ==, MM_EIGHTBIT_NEVER);
	g_assert_cmpint (f->context.bare_cr, ==, MM_BARE_CR_CRLF);
	g_assert_cmpint (f->context.embedded, ==, MM_EMBEDDED_ALL);
	g_assert_cmpint (f->context.param_style, ==, MM_PARAM_STYLE_RFC2231);
	g_assert_cmpstr (f->context.charsets[0], ==, "utf-8");
	g_assert_null (f->context.charsets[1]);
	g_assert_cmpstr (f->context.default_charset, ==, "iso-8859-1");
	g_assert_false (f->context.keep_original_id);
	g_assert_true (f->context.replace_message_id);
	g_assert_true (f->request.trace);
	g_assert_cmpstr (f->context.hostname, ==, "one.example");
	g_assert_cmpstr (f->context.envelope_sender, ==, "a@b.example");
}

static void
test_settings (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmMatch match = {.decided = TRUE, .policy = mm_config_policy (f->config, "watch")};
	gint64 now = g_get_monotonic_time ();

	prepare (f, &match, NULL);
	g_assert_cmpuint (f->request.message_size_limit, ==, 5000);
	g_assert_cmpuint (f->context.limits.message_size, ==, 1024 * 1024);
	g_assert_cmpint (f->context.deadline, >=, now + 7 * G_USEC_PER_SEC);
	g_assert_cmpint (f->context.deadline, <=, g_get_monotonic_time () + 7 * G_USEC_PER_SEC);
	g_assert_cmpstr (f->context.hostname, ==, "all.example");
	g_assert_false (f->request.trace);
	g_assert_false (f->request.want_plan);
	g_assert_null (f->request.head);
	g_assert_null (f->request.body);
	g_assert_false (f->request.once);
}

/* Without a configuration nothing but the policy counts. */
static void
test_no_settings (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr (MmPolicy) policy = mm_policy_new_fix ("ALL", NULL);
	const MmMatch match = {.decided = TRUE, .policy = policy};
	gsize size = f->context.limits.message_size;

	mm_judge_prepare (NULL, &match, NULL, &f->context, &f->request);
	g_assert_cmpuint (f->request.message_size_limit, ==, 0);
	g_assert_cmpuint (f->context.limits.message_size, ==, size);
	g_assert_cmpint (f->context.deadline, ==, 0);
	g_assert_cmpstr (f->context.hostname, ==, "mta.example");
}

static void
test_match (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	static const struct {
		const char *sender;
		gboolean null_sender;
	} senders[] = {{"", TRUE}, {NULL, FALSE}, {"a@b.example", FALSE}};
	const MmPolicy *one = mm_config_policy (f->config, "one");

	for (guint bits = 0; bits < 8; bits++) {
		const MmMatch match = {.decided = TRUE,
		                       .policy = one,
		                       .dry_run = (bits & 1) != 0,
		                       .names_null = (bits & 2) != 0,
		                       .some_only = (bits & 4) != 0};

		for (gsize i = 0; i < G_N_ELEMENTS (senders); i++) {
			prepare (f, &match, senders[i].sender);
			g_assert_cmpint (f->request.dry_run, ==, match.dry_run);
			g_assert_cmpint (f->request.names_null, ==, match.names_null);
			g_assert_cmpint (f->request.some_only, ==, match.some_only);
			g_assert_cmpint (f->request.null_sender, ==, senders[i].null_sender);
		}
	}
}

#define ADD(name, func) g_test_add ("/judge-prepare/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	ADD ("policy", test_policy);
	ADD ("settings", test_settings);
	ADD ("no-settings", test_no_settings);
	ADD ("match", test_match);
	return g_test_run ();
}
