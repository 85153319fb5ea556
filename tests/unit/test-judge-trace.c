/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-judge-trace.c: the field X-Mailmend: what it says, how it is folded, and where there is none.
 *
 * The rules are those of fake-rules.h.
 */
#include <mailmend/verify.h>

#include "fake-rules.h"
#include "test-util.h"

#define DATE "Date: x\r\n"
#define GOOD "X-Good: bad\r\n"
#define MENDED "X-Good: good\r\n"
#define TRACE(labels) "X-Mailmend: relay.example.com; fixed=" labels "; policy=fix\r\n"
#define SIG(h) "DKIM-Signature: v=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s; h=" h "\r\n"

typedef struct {
	gboolean null_sender;
	gboolean dry_run;
	gsize size_limit;
	MmOnDkim on_dkim;
	const char *hostname;
} Setting;

static const struct {
	const char *label;
	Setting setting;
	const char *wire;
	const char *want; /* NULL: unchanged */
	const char *edits;
} rows[] = {
	{"mended", {0}, DATE GOOD "\r\nx", DATE MENDED TRACE ("GOOD") "\r\nx",
	 "chgheader:1 addheader:1"},
	{"two labels, and one is left", {0}, GOOD "X-Unsure: bad\r\n\r\nx",
	 MENDED "X-Unsure: bad\r\nDate: now\r\n"
		"X-Mailmend: relay.example.com; fixed=GOOD|MISSING_DATE_HEADER; policy=fix\r\n\r\nx",
	 "chgheader:1 addheader:2"},
	{"clean", {0}, DATE "\r\nx", NULL, ""},
	{"only left", {0}, DATE "X-Unsure: bad\r\n\r\nx", NULL, ""},
	{"that of another hop", {0}, "X-Mailmend: other; fixed=A; policy=b\r\n" DATE GOOD "\r\nx",
	 "X-Mailmend: other; fixed=A; policy=b\r\n" DATE MENDED TRACE ("GOOD") "\r\nx",
	 "chgheader:1 addheader:1"},
	{"body", {0}, DATE "\r\nbad",
	 DATE "Content-Transfer-Encoding: quoted-printable\r\n" TRACE ("BODY") "\r\n=62ad",
	 "addheader:2 body:1"},
	{"dry run", {.dry_run = TRUE}, DATE GOOD "\r\nx", NULL, "chgheader:1 addheader:1"},
	{"null sender", {.null_sender = TRUE}, "X-A: b\r\n\r\nx", "X-A: b\r\nDate: now\r\n\r\nx",
	 "addheader:1"},
	{"not signed", {0}, SIG ("from") DATE GOOD "\r\nx",
	 SIG ("from") DATE MENDED TRACE ("GOOD") "\r\nx", "chgheader:1 addheader:1"},
	{"oversigned", {0}, SIG ("from:x-mailmend") DATE GOOD "\r\nx",
	 SIG ("from:x-mailmend") DATE MENDED "\r\nx", "chgheader:1"},
	{"oversigned, OnDkim = fix", {.on_dkim = MM_DKIM_FIX}, SIG ("X-Mailmend") DATE GOOD "\r\nx",
	 SIG ("X-Mailmend") DATE MENDED "\r\nx", "chgheader:1"},
	{"signed by another hop, below which it would come", {0},
	 SIG ("x-mailmend") "X-Mailmend: a\r\n" DATE GOOD "\r\nx",
	 SIG ("x-mailmend") "X-Mailmend: a\r\n" DATE MENDED "\r\nx", "chgheader:1"},
	{"unreadable signature", {0}, SIG ("") GOOD "\r\nx",
	 SIG ("") GOOD "Date: now\r\n" TRACE ("MISSING_DATE_HEADER") "\r\nx", "addheader:2"},
	{"no room", {.size_limit = 50}, DATE GOOD "\r\nx", DATE MENDED "\r\nx", "chgheader:1"},
	{"too large before", {.size_limit = 20}, DATE GOOD "\r\nx",
	 DATE MENDED TRACE ("GOOD") "\r\nx", "chgheader:1 addheader:1"},
	{"no name of a host", {.hostname = "a b\r\n"}, DATE GOOD "\r\nx",
	 DATE MENDED "X-Mailmend: unknown; fixed=GOOD; policy=fix\r\n\r\nx",
	 "chgheader:1 addheader:1"},
};

static MmJudgement *
judge (MmMessage *message, const char *list, const Setting *setting)
{
	g_autoptr (MmPolicy) policy = mm_policy_new_fix (list, NULL);
	const MmJudgeRequest request = {.policy = policy,
	                                .trace = TRUE,
	                                .null_sender = setting->null_sender,
	                                .dry_run = setting->dry_run,
	                                .message_size_limit = setting->size_limit,
	                                .want_plan = TRUE};
	MmContext context;

	policy->on_dkim = setting->on_dkim;
	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	if (setting->hostname != NULL)
		context.hostname = setting->hostname;
	return mm_judge (message, &context, &request);
}

static void
test_rows (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (mm_bytes_str (rows[i].wire));
		g_autoptr (MmJudgement) j = judge (
			message, "GOOD|UNSURE|BODY|MISSING_DATE_HEADER", &rows[i].setting);
		g_autoptr (GBytes) wire = test_wire (j->message);
		const char *want = rows[i].want != NULL ? rows[i].want : rows[i].wire;

		g_test_message ("%s", rows[i].label);
		test_assert_bytes (mm_bytes_of (wire), mm_bytes_str (want));
		g_assert_cmpstr (j->edits, ==, rows[i].edits);
		if (!rows[i].setting.dry_run)
			g_assert_cmpuint (j->newsize, ==, strlen (want));
		if (j->plan != NULL) {
			g_autofree char *differs =
				test_mta_differs (message, j->plan, j->message);
			g_assert_cmpstr (differs, ==, NULL);
		}
	}
}

/* A dry run says how large it would be, the field included. */
static void
test_dry_run_size (void)
{
	g_autoptr (MmMessage) message = test_message (LIT (DATE GOOD "\r\nx"));
	g_autoptr (MmJudgement) dry = judge (message, "GOOD", &(Setting){.dry_run = TRUE});
	g_autoptr (MmJudgement) wet = judge (message, "GOOD", &(Setting){0});

	g_assert_cmpuint (dry->newsize, ==, wet->newsize);
	g_assert_true (dry->message == message);
	g_assert_cmpint (dry->would, ==, MM_ACTION_FIX);
}

#define LONG_HOST "a-host.with.a.rather.long.name.in.a.domain.with.another.long.name.example"

/* No line has more than 78 octets where a name is not longer than that. */
static const struct {
	const char *host;
	const char *value;
} folds[] = {
	{"h", " h; fixed=BODY|DROPS|GOOD|MISSING_DATE_HEADER; policy=fix"},
	{"relay.example.com",
	 " relay.example.com; fixed=BODY|DROPS|GOOD|MISSING_DATE_HEADER;\r\n policy=fix"},
	{"a-host.with.a.long.name.example.com",
	 " a-host.with.a.long.name.example.com; fixed=BODY|DROPS|GOOD|\r\n"
	 " MISSING_DATE_HEADER; policy=fix"},
	{LONG_HOST, "\r\n " LONG_HOST ";\r\n"
		    " fixed=BODY|DROPS|GOOD|MISSING_DATE_HEADER; policy=fix"},
	{LONG_HOST "." LONG_HOST, "\r\n " LONG_HOST "." LONG_HOST ";\r\n"
				  " fixed=BODY|DROPS|GOOD|MISSING_DATE_HEADER; policy=fix"},
};

static void
test_folds (void)
{
	static const char wire[] = "X-Good: bad\r\nX-Drops: bad\r\n\r\nbad";

	for (gsize i = 0; i < G_N_ELEMENTS (folds); i++) {
		g_autoptr (MmMessage) message = test_message (mm_bytes_str (wire));
		const Setting setting = {.hostname = folds[i].host};
		g_autoptr (MmJudgement) j =
			judge (message, "GOOD|DROPS|BODY|MISSING_DATE_HEADER", &setting);
		int at = mm_message_find (j->message, "X-Mailmend", 0);

		g_assert_cmpint (at, >=, 0);
		test_assert_bytes (mm_message_header (j->message, (guint)at)->value,
		                   mm_bytes_str (folds[i].value));
	}
}

/* A mended message gets none when it comes again. */
static void
test_again (void)
{
	g_autoptr (MmMessage) message = test_message (LIT (DATE GOOD "\r\nx"));
	g_autoptr (MmJudgement) once = judge (message, "GOOD", &(Setting){0});
	g_autoptr (MmMessage) received = mm_message_as_received (once->message);
	g_autoptr (MmJudgement) twice = judge (received, "GOOD", &(Setting){0});

	g_assert_cmpint (once->action, ==, MM_ACTION_FIX);
	g_assert_cmpint (twice->action, ==, MM_ACTION_NONE);
	g_assert_true (twice->message == received);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/judge-trace/rows", test_rows);
	g_test_add_func ("/judge-trace/dry-run-size", test_dry_run_size);
	g_test_add_func ("/judge-trace/folds", test_folds);
	g_test_add_func ("/judge-trace/again", test_again);
	return g_test_run ();
}
