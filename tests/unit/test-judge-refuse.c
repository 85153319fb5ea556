/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-judge-refuse.c: what is refused although nothing says Reject (OnUnfixable), and what is not
 * although something does (a rule for some recipients only, a null sender, a bound).
 *
 * The rules are those of fake-rules.h.
 */
#include <mailmend/verify.h>

#include "fake-rules.h"
#include "test-util.h"

#define DATE "Date: x\r\n"
#define GOOD "X-Good: bad\r\n"
#define UNSURE "X-Unsure: bad\r\n"
#define AGAIN "X-Again: bad\r\n"
#define SIG "DKIM-Signature: v=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s; h=x-good\r\n"
#define SMIME                                                                                      \
	DATE "Content-Type: multipart/signed; boundary=B\r\n\r\n--B\r\n\r\nbad\r\n--B--\r\n"
#define PARTS                                                                                      \
	DATE "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nbad\r\n--B\r\n\r\nx\r\n" \
	     "--B--\r\n"

#define LOG .on_unfixable = MM_UNFIXABLE_LOG
#define REJECT .on_unfixable = MM_UNFIXABLE_REJECT
#define TEMPFAIL .on_unfixable = MM_UNFIXABLE_TEMPFAIL

typedef struct {
	MmOnUnfixable on_unfixable;
	MmOnDkim on_dkim;
	MmOnCms on_cms;
	gboolean some_only;
	gboolean null_sender;
	gboolean names_null;
	gboolean dry_run;
	MmSays reports; /* what the policy says of REPORTS; 0: log */
	gsize size_limit;
	gsize headers; /* limits; 0: the default */
	gsize parts;
	gsize growth;
} Setting;

static const struct {
	const char *label;
	Setting setting;
	const char *wire;
	MmAction action;
	MmAction would;
	const char *blamed;
	const char *fixed;
	const char *left;
} rows[] = {
	{"all is mended", {REJECT}, DATE GOOD "\r\nx", MM_ACTION_FIX, MM_ACTION_FIX, "",
	 "GOOD", ""},
	{"clean", {REJECT}, DATE "\r\nx", MM_ACTION_NONE, MM_ACTION_NONE, "", "", ""},
	{"one is not: log", {LOG}, DATE GOOD UNSURE "\r\nx", MM_ACTION_FIX,
	 MM_ACTION_FIX, "", "GOOD", "UNSURE"},
	{"one is not: reject", {REJECT}, DATE GOOD UNSURE "\r\nx", MM_ACTION_REJECT,
	 MM_ACTION_REJECT, "UNSURE", "", "GOOD|UNSURE"},
	{"one is not: tempfail", {TEMPFAIL}, DATE GOOD UNSURE "\r\nx",
	 MM_ACTION_TEMPFAIL, MM_ACTION_TEMPFAIL, "UNSURE", "", "GOOD|UNSURE"},
	{"two are not", {REJECT}, DATE AGAIN GOOD UNSURE "\r\nx", MM_ACTION_REJECT,
	 MM_ACTION_REJECT, "AGAIN|UNSURE", "", "AGAIN|GOOD|UNSURE"},
	{"only logged ones", {REJECT}, DATE "X-Reports: bad\r\n\r\nx", MM_ACTION_LOG,
	 MM_ACTION_LOG, "", "", "REPORTS"},
	{"a notice", {REJECT}, DATE "X-Remark: bad\r\n\r\nx", MM_ACTION_LOG,
	 MM_ACTION_LOG, "", "", "REMARK"},
	{"dry run", {REJECT, .dry_run = TRUE}, DATE GOOD UNSURE "\r\nx", MM_ACTION_LOG,
	 MM_ACTION_REJECT, "UNSURE", "", "GOOD|UNSURE"},
	{"dry run: tempfail", {TEMPFAIL, .dry_run = TRUE}, DATE UNSURE "\r\nx",
	 MM_ACTION_LOG, MM_ACTION_TEMPFAIL, "UNSURE", "", "UNSURE"},
	{"some recipients", {REJECT, .some_only = TRUE}, DATE GOOD UNSURE "\r\nx",
	 MM_ACTION_FIX, MM_ACTION_FIX, "", "GOOD", "UNSURE"},
	{"null sender", {REJECT, .null_sender = TRUE}, DATE GOOD "\r\nx",
	 MM_ACTION_LOG, MM_ACTION_LOG, "", "", "GOOD"},
	{"null sender, named", {REJECT, .null_sender = TRUE, .names_null = TRUE},
	 DATE GOOD UNSURE "\r\nx", MM_ACTION_REJECT, MM_ACTION_REJECT, "UNSURE", "", "GOOD|UNSURE"},
	/* what stands above it */
	{"rejected anyhow", {TEMPFAIL, .reports = MM_SAYS_REJECT},
	 DATE UNSURE "X-Reports: bad\r\n\r\nx", MM_ACTION_REJECT, MM_ACTION_REJECT, "REPORTS", "",
	 "REPORTS|UNSURE"},
	{"quarantined anyhow", {REJECT, .reports = MM_SAYS_QUARANTINE},
	 DATE UNSURE "X-Reports: bad\r\n\r\nx", MM_ACTION_QUARANTINE, MM_ACTION_QUARANTINE,
	 "REPORTS", "", "REPORTS|UNSURE"},
	/* signatures */
	{"DKIM", {REJECT}, SIG DATE GOOD "\r\nx", MM_ACTION_REJECT, MM_ACTION_REJECT,
	 "GOOD", "", "GOOD"},
	{"DKIM: reject is stronger", {TEMPFAIL, .on_dkim = MM_DKIM_REJECT}, SIG DATE GOOD "\r\nx",
	 MM_ACTION_REJECT, MM_ACTION_REJECT, "GOOD", "", "GOOD"},
	{"S/MIME", {TEMPFAIL}, SMIME, MM_ACTION_TEMPFAIL, MM_ACTION_TEMPFAIL, "BODY",
	 "", "BODY"},
	/* bounds */
	{"too many headers", {REJECT, .headers = 1}, DATE GOOD "\r\nx", MM_ACTION_LOG,
	 MM_ACTION_LOG, "", "", "GOOD"},
	{"too many parts", {REJECT, .parts = 2}, PARTS, MM_ACTION_LOG, MM_ACTION_LOG,
	 "", "", "BODY"},
	{"growth", {REJECT}, DATE "X-Grows: bad\r\n\r\nx", MM_ACTION_LOG,
	 MM_ACTION_LOG, "", "", "GROWS"},
	{"too large for the MTA", {REJECT, .size_limit = 30}, DATE GOOD "\r\nbad",
	 MM_ACTION_REJECT, MM_ACTION_REJECT, "BODY", "", "BODY|GOOD"},
	/* some recipients: nothing at all refuses */
	{"some recipients: Reject", {.some_only = TRUE, .reports = MM_SAYS_REJECT},
	 DATE GOOD "X-Reports: bad\r\n\r\nx", MM_ACTION_FIX, MM_ACTION_FIX, "", "GOOD", "REPORTS"},
	{"some recipients: Tempfail", {.some_only = TRUE, .reports = MM_SAYS_TEMPFAIL},
	 DATE "X-Reports: bad\r\n\r\nx", MM_ACTION_LOG, MM_ACTION_LOG, "", "", "REPORTS"},
	{"some recipients: Quarantine", {.some_only = TRUE, .reports = MM_SAYS_QUARANTINE},
	 DATE "X-Reports: bad\r\n\r\nx", MM_ACTION_LOG, MM_ACTION_LOG, "", "", "REPORTS"},
	{"some recipients: OnDkim", {.some_only = TRUE, .on_dkim = MM_DKIM_REJECT},
	 SIG DATE GOOD "\r\nx", MM_ACTION_LOG, MM_ACTION_LOG, "", "", "GOOD"},
	{"some recipients: OnCms", {.some_only = TRUE, .on_cms = MM_CMS_REJECT}, SMIME,
	 MM_ACTION_LOG, MM_ACTION_LOG, "", "", "BODY"},
	{"all recipients: OnCms", {.on_cms = MM_CMS_REJECT}, SMIME, MM_ACTION_REJECT,
	 MM_ACTION_REJECT, "BODY", "", "BODY"},
};

static MmJudgement *
judge (MmMessage *message, const Setting *setting)
{
	g_autoptr (MmPolicy) policy = mm_policy_new_fix (
		"GOOD|AGAIN|GROWS|UNSURE|BODY|REMARK|MISSING_DATE_HEADER", NULL);
	const MmJudgeRequest request = {.policy = policy,
	                                .some_only = setting->some_only,
	                                .null_sender = setting->null_sender,
	                                .names_null = setting->names_null,
	                                .dry_run = setting->dry_run,
	                                .message_size_limit = setting->size_limit,
	                                .want_plan = TRUE};
	MmContext context;

	policy->on_unfixable = setting->on_unfixable;
	policy->on_dkim = setting->on_dkim;
	policy->on_cms = setting->on_cms;
	if (setting->reports != 0)
		policy->says[mm_rule_index (mm_rule_by_label ("REPORTS"))] = setting->reports;
	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	if (setting->headers > 0)
		context.limits.headers = setting->headers;
	if (setting->parts > 0)
		context.limits.parts = setting->parts;
	return mm_judge (message, &context, &request);
}

static void
check_row (guint i)
{
	g_autoptr (MmMessage) message = test_message (mm_bytes_str (rows[i].wire));
	g_autoptr (MmJudgement) j = judge (message, &rows[i].setting);
	g_autofree char *blamed = mm_labels_join (j->blamed);
	g_autofree char *fixed = mm_labels_join (j->fixed);
	g_autofree char *left = mm_labels_join (j->left);

	g_test_message ("%s", rows[i].label);
	g_assert_cmpstr (j->error, ==, NULL);
	g_assert_cmpint (j->action, ==, rows[i].action);
	g_assert_cmpint (j->would, ==, rows[i].would);
	g_assert_cmpstr (blamed, ==, rows[i].blamed);
	g_assert_cmpstr (fixed, ==, rows[i].fixed);
	g_assert_cmpstr (left, ==, rows[i].left);
	if (j->action == MM_ACTION_FIX)
		return;
	/* what is refused, or passes as it is, has no trace of an edit */
	g_assert_true (j->message == message);
	g_assert_null (j->plan);
	g_assert_cmpstr (j->edits, ==, "");
	g_assert_null (j->newmid);
	g_assert_cmpuint (j->newsize, ==, mm_message_size (message));
}

static void
test_rows (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
		check_row (i);
}

/* A field that is too long to be written is one repair that cannot be made, not a message beyond a
 * bound. */
static void
test_long_field (void)
{
	g_autoptr (MmPolicy) policy = mm_policy_new_fix ("GOOD", NULL);
	g_autoptr (MmMessage) message = test_message (LIT (DATE GOOD "\r\nx"));
	const MmJudgeRequest request = {.policy = policy, .want_plan = TRUE};
	g_autoptr (MmJudgement) j = NULL;
	MmContext context;

	policy->on_unfixable = MM_UNFIXABLE_REJECT;
	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	context.limits.header_field = strlen ("X-Good: good\r\n");
	j = mm_judge (message, &context, &request);
	g_assert_cmpint (j->action, ==, MM_ACTION_FIX);
	mm_judgement_free (g_steal_pointer (&j));
	context.limits.header_field--;
	j = mm_judge (message, &context, &request);
	g_assert_cmpint (j->action, ==, MM_ACTION_REJECT);
	g_assert_cmpstr (j->limit, ==, "header_field");
}

/* A header that reads in two ways is the message's fault. */
static void
test_irregular (void)
{
	g_autoptr (MmMessageBuilder) builder = mm_message_builder_new (0, NULL);
	g_autoptr (MmMessage) message = NULL;
	g_autoptr (MmJudgement) j = NULL;

	mm_message_builder_add_header (builder, LIT ("X-Good"), LIT (" bad"));
	mm_message_builder_add_header (builder, LIT ("X"), LIT (" a\nb: c"));
	message = mm_message_builder_finish (builder);
	j = judge (message, &(Setting){REJECT});
	g_assert_cmpstr (j->limit, ==, "irregular");
	g_assert_cmpint (j->action, ==, MM_ACTION_REJECT);
	g_assert_true (j->message == message);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/judge-refuse/rows", test_rows);
	g_test_add_func ("/judge-refuse/long-field", test_long_field);
	g_test_add_func ("/judge-refuse/irregular", test_irregular);
	return g_test_run ();
}
