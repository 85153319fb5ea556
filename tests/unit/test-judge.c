/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-judge.c: from a message to a verdict: what is mended, what is dropped, when nothing is.
 *
 * The rules are those of fake-rules.h, so that repairs can fail in every way.
 */
#include <mailmend/verify.h>

#include "fake-rules.h"
#include "test-util.h"

#define DATE "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
#define GOOD "X-Good: bad\r\n"
#define MENDED "X-Good: good\r\n"
#define MANY "GOOD|AGAIN|SPREADS|LOSES|GROWS|UNSURE|FAILS|BODY|MISSING_DATE_HEADER"

typedef struct {
	MmContext context;
	MmPolicy *policy;
	MmJudgeRequest request;
	MmMessage *message;
	MmJudgement *j;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
	g_autoptr (GError) error = NULL;

	f->policy = mm_policy_new_fix (data != NULL ? data : MANY, &error);
	g_assert_no_error (error);
	test_context_init (&f->context);
	mm_context_set_policy (&f->context, f->policy);
	f->request = (MmJudgeRequest){.policy = f->policy, .want_plan = TRUE};
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_clear_pointer (&f->j, mm_judgement_free);
	g_clear_pointer (&f->message, mm_message_unref);
	mm_policy_free (f->policy);
}

static void
judge (Fixture *f, MmBytes wire)
{
	g_clear_pointer (&f->j, mm_judgement_free);
	g_clear_pointer (&f->message, mm_message_unref);
	f->message = test_message (wire);
	f->j = mm_judge (f->message, &f->context, &f->request);
}

static void
say (Fixture *f, const char *label, MmSays says)
{
	f->policy->says[mm_rule_index (mm_rule_by_label (label))] = says;
}

static void
assert_labels (const Fixture *f, const char *labels, const char *fixed, const char *left)
{
	g_autofree char *a = mm_labels_join (f->j->labels);
	g_autofree char *b = mm_labels_join (f->j->fixed);
	g_autofree char *c = mm_labels_join (f->j->left);

	g_assert_cmpstr (a, ==, labels);
	g_assert_cmpstr (b, ==, fixed);
	g_assert_cmpstr (c, ==, left);
}

static void
assert_message (const Fixture *f, MmBytes want)
{
	g_autoptr (GBytes) wire = test_wire (f->j->message);

	test_assert_bytes (mm_bytes_of (wire), want);
}

/* Not a trace of an edit. */
static void
assert_unchanged (const Fixture *f, MmAction action)
{
	g_assert_cmpint (f->j->action, ==, action);
	g_assert_true (f->j->message == f->message);
	g_assert_null (f->j->plan);
	g_assert_null (f->j->newmid);
	g_assert_cmpuint (f->j->fixed->len, ==, 0);
	g_assert_cmpstr (f->j->edits, ==, "");
	g_assert_cmpuint (f->j->newsize, ==, mm_message_size (f->message));
}

/* Judged, but nothing is edited. */
static void
assert_left (Fixture *f, MmBytes wire, const char *limit)
{
	judge (f, wire);
	assert_unchanged (f, MM_ACTION_LOG);
	g_assert_cmpstr (f->j->limit, ==, limit);
}

static void
assert_mended (const Fixture *f, MmBytes want)
{
	g_autofree char *differs = NULL;

	g_assert_cmpstr (f->j->error, ==, NULL);
	g_assert_cmpint (f->j->action, ==, MM_ACTION_FIX);
	assert_message (f, want);
	g_assert_cmpuint (f->j->newsize, ==, want.len);
	g_assert_nonnull (f->j->plan);
	differs = test_mta_differs (f->message, f->j->plan, f->j->message);
	g_assert_cmpstr (differs, ==, NULL);
}

/* ---- the ordinary ways ----------------------------------------------------------------------- */

static void
test_clean (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (DATE "\r\nx"));
	assert_unchanged (f, MM_ACTION_NONE);
	assert_labels (f, "", "", "");
	g_assert_null (f->j->note);
	g_assert_null (f->j->limit);
}

static void
test_fix (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (GOOD "X-Reports: bad\r\n\r\nbad"));
	assert_mended (f, LIT (MENDED "X-Reports: bad\r\nDate: now\r\n"
				      "Content-Transfer-Encoding: quoted-printable\r\n\r\n=62ad"));
	assert_labels (f, "BODY|GOOD|MISSING_DATE_HEADER|REPORTS", "BODY|GOOD|MISSING_DATE_HEADER",
		       "REPORTS");
	g_assert_cmpstr (f->j->edits, ==, "chgheader:1 addheader:2 body:1");
	g_assert_cmpint (f->j->would, ==, MM_ACTION_FIX);
}

/* One label may stand in both lists. */
static void
test_both (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (DATE "X-Spreads: bad\r\n" GOOD "X-Unsure: bad\r\n\r\nx"));
	assert_labels (f, "GOOD|SPREADS|UNSURE", "GOOD", "SPREADS|UNSURE");
	assert_mended (f, LIT (DATE "X-Spreads: bad\r\n" MENDED "X-Unsure: bad\r\n\r\nx"));
	g_assert_cmpuint (f->j->reasons->len, ==, 2);
	g_assert_cmpstr (f->j->reasons->pdata[0], ==, "UNSURE: who knows");
	g_assert_cmpstr (f->j->reasons->pdata[1], ==, "not verified: WORSE is new in part \"\"");
}

/* What is gone for good is told. */
static void
test_dropped (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (DATE "X-Drops: bad\r\nX-Drops: bad\r\n\r\nx"));
	assert_mended (f, LIT (DATE "X-Drops: good\r\nX-Drops: good\r\n\r\nx"));
	g_assert_cmpstr (f->j->edits, ==, "chgheader:2 dropped:6");
	g_assert_cmpuint (f->j->reasons->len, ==, 1);
	g_assert_cmpstr (f->j->reasons->pdata[0], ==, "dropped for good: 6");
}

/* Without a plan: what a command wants. */
static void
test_no_plan (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	f->request.want_plan = FALSE;
	judge (f, LIT (DATE GOOD "\r\nx"));
	g_assert_cmpint (f->j->action, ==, MM_ACTION_FIX);
	g_assert_null (f->j->plan);
	g_assert_cmpstr (f->j->edits, ==, "chgheader:1");
	assert_message (f, LIT (DATE MENDED "\r\nx"));
}

/* A repair that no MTA could be told leaves the message alone when there is an MTA. */
static void
test_impossible_plan (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmBytes wire = LIT ("X-Good\xe4: 1\r\n" GOOD "X-Loses: bad\r\n\r\nx");
	const MmBytes odd = LIT (DATE "X-Good: bad\r\n\r\nx");

	f->context.limits.header_field = 10;
	assert_left (f, odd, "header_field");
	f->context.limits.header_field = 60000;
	judge (f, wire);
	g_assert_cmpint (f->j->action, !=, MM_ACTION_ERROR);
}

static void
test_dry_run (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	f->request.dry_run = TRUE;
	judge (f, LIT (DATE GOOD "\r\nx"));
	g_assert_cmpint (f->j->action, ==, MM_ACTION_LOG);
	g_assert_cmpint (f->j->would, ==, MM_ACTION_FIX);
	g_assert_true (f->j->dry_run);
	g_assert_true (f->j->message == f->message);
	g_assert_null (f->j->plan);
	g_assert_cmpstr (f->j->edits, ==, "chgheader:1");
	g_assert_cmpuint (f->j->newsize, ==, mm_message_size (f->message) + 1);
	assert_labels (f, "GOOD", "GOOD", "");

	say (f, "GOOD", MM_SAYS_REJECT);
	judge (f, LIT (DATE GOOD "\r\nx"));
	assert_unchanged (f, MM_ACTION_LOG);
	g_assert_cmpint (f->j->would, ==, MM_ACTION_REJECT);

	judge (f, LIT (DATE "\r\nx"));
	assert_unchanged (f, MM_ACTION_NONE);
	g_assert_cmpint (f->j->would, ==, MM_ACTION_NONE);
}

/* What is refused is not mended as well. */
static void
test_reject (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	say (f, "REPORTS", MM_SAYS_REJECT);
	judge (f, LIT (DATE GOOD "X-Reports: bad\r\n\r\nx"));
	assert_unchanged (f, MM_ACTION_REJECT);
	assert_labels (f, "GOOD|REPORTS", "", "GOOD|REPORTS");
	g_assert_cmpuint (f->j->blamed->len, ==, 1);
	g_assert_cmpstr (f->j->blamed->pdata[0], ==, "REPORTS");
}

static void
test_ignored (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	say (f, "GOOD", MM_SAYS_IGNORE);
	judge (f, LIT (DATE GOOD "\r\nx"));
	assert_unchanged (f, MM_ACTION_NONE);
	assert_labels (f, "", "", "");
}

/* ---- the null sender ------------------------------------------------------------------------- */

static void
test_null_sender (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	f->request.null_sender = TRUE;
	say (f, "REPORTS", MM_SAYS_REJECT);
	judge (f, LIT (GOOD "X-Reports: bad\r\n\r\nbad"));
	assert_mended (f, LIT (GOOD "X-Reports: bad\r\nDate: now\r\n\r\nbad"));
	assert_labels (f, "BODY|GOOD|MISSING_DATE_HEADER|REPORTS", "MISSING_DATE_HEADER",
		       "BODY|GOOD|REPORTS");
	g_assert_cmpuint (f->j->blamed->len, ==, 0);
}

static void
test_null_sender_named (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	f->request.null_sender = TRUE;
	f->request.names_null = TRUE;
	judge (f, LIT (DATE GOOD "\r\nbad"));
	assert_mended (
		f, LIT (DATE MENDED "Content-Transfer-Encoding: quoted-printable\r\n\r\n=62ad"));
	say (f, "REPORTS", MM_SAYS_REJECT);
	judge (f, LIT (DATE "X-Reports: bad\r\n\r\nbad"));
	assert_unchanged (f, MM_ACTION_REJECT);
}

/* ---- failures of verification ---------------------------------------------------------------- */

/* What is found again is dropped, the rest is kept. */
static void
test_found_again (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (DATE "X-Again: bad\r\n" GOOD "X-Again: bad\r\n\r\nx"));
	assert_mended (f, LIT (DATE "X-Again: bad\r\n" MENDED "X-Again: bad\r\n\r\nx"));
	assert_labels (f, "AGAIN|GOOD", "GOOD", "AGAIN");
	g_assert_cmpstr (f->j->note, ==, "AGAIN is found again");
}

/* What cannot be blamed on one repair takes all of them with it. */
static void
test_loss (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (DATE "X-Loses: bad\r\n" GOOD "\r\nx"));
	assert_unchanged (f, MM_ACTION_LOG);
	assert_labels (f, "GOOD|LOSES", "", "GOOD|LOSES");
	g_assert_cmpstr (f->j->note, ==, "header 1 is lost or changed");
}

/* Each attempt drops one: two failures leave a third attempt, three leave none. */
static void
test_attempts (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_assert_cmpuint (f->context.limits.attempts, ==, 3);
	judge (f, LIT (DATE "X-Spreads: bad\r\nX-Spreads: bad\r\n" GOOD "\r\nx"));
	assert_mended (f, LIT (DATE "X-Spreads: bad\r\nX-Spreads: bad\r\n" MENDED "\r\nx"));
	assert_labels (f, "GOOD|SPREADS", "GOOD", "SPREADS");

	judge (f, LIT (DATE "X-Spreads: bad\r\nX-Spreads: bad\r\nX-Spreads: bad\r\n" GOOD "\r\nx"));
	assert_unchanged (f, MM_ACTION_LOG);
	assert_labels (f, "GOOD|SPREADS", "", "GOOD|SPREADS");
	g_assert_cmpstr (f->j->note, ==, "WORSE is new in part \"\"");
	g_assert_cmpstr (f->j->limit, ==, "attempts");
}

/* An edit that is itself impossible is left, and says why. */
static void
test_impossible_edit (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (DATE "X-Fails: bad\r\n" GOOD "\r\nx"));
	assert_mended (f, LIT (DATE "X-Fails: bad\r\n" MENDED "\r\nx"));
	assert_labels (f, "FAILS|GOOD", "GOOD", "FAILS");
	g_assert_cmpuint (f->j->reasons->len, ==, 1);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void
test_too_large (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmBytes wire = LIT (DATE GOOD "\r\nbad");

	/* fits with the header's repair, not with the body's */
	f->request.message_size_limit = wire.len + 1;
	judge (f, wire);
	assert_mended (f, LIT (DATE MENDED "\r\nbad"));
	assert_labels (f, "BODY|GOOD", "GOOD", "BODY");
	g_assert_cmpstr (f->j->limit, ==, "toolarge");
	/* does not fit with either: the body would be mended the next time */
	f->request.message_size_limit = wire.len;
	assert_left (f, wire, "toolarge");
	/* was too large before */
	f->request.message_size_limit = wire.len - 1;
	judge (f, wire);
	assert_labels (f, "BODY|GOOD", "BODY|GOOD", "");
	g_assert_null (f->j->limit);
	/* fits */
	f->request.message_size_limit = mm_message_size (f->j->message);
	judge (f, wire);
	assert_labels (f, "BODY|GOOD", "BODY|GOOD", "");
	g_assert_null (f->j->limit);
}

static void
test_growth (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	assert_left (f, LIT (DATE GOOD "X-Grows: bad\r\n\r\nx"), "growth");
	assert_labels (f, "GOOD|GROWS", "", "GOOD|GROWS");
}

/* Bounds at which a message is judged, but never edited. */
static void
test_obstacles (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmBytes wire = LIT (DATE GOOD "\r\nx");

	f->context.limits.headers = 1;
	assert_left (f, wire, "headers");
	f->context.limits.headers = 2;
	judge (f, wire);
	g_assert_cmpint (f->j->action, ==, MM_ACTION_FIX);

	f->context.limits.header_block = strlen (DATE GOOD) - 1;
	assert_left (f, wire, "header_block");
	f->context.limits = mm_limits_default ();

	f->context.limits.findings = 1;
	assert_left (f, LIT (DATE GOOD GOOD "\r\nx"), "findings");
	f->context.limits = mm_limits_default ();

	f->context.deadline = 1;
	assert_left (f, wire, "deadline");
}

/* What a header delivered with a stray line end becomes when it is read again is not known. */
static void
test_irregular (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr (MmMessageBuilder) builder = mm_message_builder_new (0, NULL);

	mm_message_builder_add_header (builder, LIT ("X-Good"), LIT (" bad"));
	mm_message_builder_add_header (builder, LIT ("X"), LIT (" a\nb: c"));
	f->message = mm_message_builder_finish (builder);
	f->j = mm_judge (f->message, &f->context, &f->request);
	assert_unchanged (f, MM_ACTION_LOG);
	g_assert_cmpstr (f->j->limit, ==, "irregular");
}

/* Beyond the bounds of parts and depth header repairs are still made. */
static void
test_parts (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmBytes wire = LIT (DATE GOOD "Content-Type: multipart/mixed; boundary=B\r\n\r\n"
					    "--B\r\n\r\nbad\r\n--B\r\n\r\nbad\r\n--B--\r\n");

	f->context.limits.parts = 2;
	judge (f, wire);
	assert_labels (f, "BODY|GOOD", "GOOD", "BODY");
	g_assert_cmpstr (f->j->limit, ==, "parts");
	g_assert_cmpint (f->j->action, ==, MM_ACTION_FIX);
	g_assert_true (mm_message_body_bytes (f->j->message) == mm_message_body_bytes (f->message));
}

static void
test_signed (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT ("DKIM-Signature: v=1\r\n" DATE GOOD "\r\nx"));
	assert_unchanged (f, MM_ACTION_LOG);
	g_assert_cmpuint (f->j->signatures, ==, MM_SIGNATURE_DKIM);
	assert_labels (f, "GOOD", "", "GOOD");
}

/* ---- embedded mail and notices --------------------------------------------------------------- */

#define FORWARD                                                                                    \
	DATE "Content-Type: multipart/mixed; boundary=B\r\n\r\n"                                   \
	     "--B\r\n\r\nbad\r\n--B\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\nbad\r\n"    \
	     "--B--\r\n"

static void
test_embedded (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (FORWARD));
	g_assert_cmpint (f->j->action, ==, MM_ACTION_FIX);
	/* the one in the forwarded mail is a notice, left as it is */
	assert_labels (f, "BODY", "BODY", "BODY");
	g_assert_nonnull (mm_bytes_search (mm_message_body (f->j->message), "A: b\r\n\r\nbad\r\n"));
	g_assert_nonnull (
		mm_bytes_search (mm_message_body (f->j->message), "\r\n\r\n=62ad\r\n--B\r\n"));
}

static void
test_notice (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmBytes wire = LIT (DATE "X-Remark: bad\r\n\r\nx");

	/* odd but harmless: shown where the policy names it, never mended */
	judge (f, wire);
	assert_unchanged (f, MM_ACTION_LOG);
	assert_labels (f, "REMARK", "", "REMARK");
	/* where only a group says so it does not exist */
	f->policy->named[mm_rule_index (mm_rule_by_label ("REMARK"))] = FALSE;
	judge (f, wire);
	assert_unchanged (f, MM_ACTION_NONE);
	assert_labels (f, "", "", "");
}

/* ---- identifiers ----------------------------------------------------------------------------- */

/* newmid= is only for another Message-ID than before. */
static void
test_newmid (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	judge (f, LIT (DATE GOOD "Message-ID: <a@b>\r\n\r\nx"));
	g_assert_cmpint (f->j->action, ==, MM_ACTION_FIX);
	g_assert_cmpstr (f->j->newmid, ==, NULL);
}

/* The scans of an arriving message are used as they are given. */
static void
test_scans (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmScan head = {.size = 12345}, body = {.size = 54321};

	f->request.head = &head;
	f->request.body = &body;
	judge (f, LIT (DATE "\r\nx"));
	g_assert_cmpuint (f->j->check->facts.head.size, ==, 12345);
	g_assert_cmpuint (f->j->check->facts.body.size, ==, 54321);
}

#define ADD(name, labels, func)                                                                    \
	g_test_add ("/judge/" name, Fixture, labels, set_up, func, tear_down)

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	ADD ("clean", NULL, test_clean);
	ADD ("fix", NULL, test_fix);
	ADD ("both", NULL, test_both);
	ADD ("dropped", "DROPS", test_dropped);
	ADD ("no-plan", NULL, test_no_plan);
	ADD ("impossible-plan", NULL, test_impossible_plan);
	ADD ("dry-run", NULL, test_dry_run);
	ADD ("reject", NULL, test_reject);
	ADD ("ignored", NULL, test_ignored);
	ADD ("null-sender", NULL, test_null_sender);
	ADD ("null-sender-named", NULL, test_null_sender_named);
	ADD ("found-again", NULL, test_found_again);
	ADD ("loss", NULL, test_loss);
	ADD ("attempts", NULL, test_attempts);
	ADD ("impossible-edit", NULL, test_impossible_edit);
	ADD ("too-large", NULL, test_too_large);
	ADD ("growth", NULL, test_growth);
	ADD ("obstacles", NULL, test_obstacles);
	ADD ("irregular", NULL, test_irregular);
	ADD ("parts", NULL, test_parts);
	ADD ("signed", NULL, test_signed);
	ADD ("embedded", NULL, test_embedded);
	ADD ("notice", "REMARK", test_notice);
	ADD ("newmid", NULL, test_newmid);
	ADD ("scans", NULL, test_scans);
	return g_test_run ();
}
