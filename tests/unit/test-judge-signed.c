/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-judge-signed.c: signed messages and the settings OnDkim, ArcBreak, DkimBroken and OnCms.
 *
 * The rules are those of fake-rules.h.
 */
#include <mailmend/judge.h>
#include <mailmend/verify.h>

#include "fake-rules.h"
#include "test-util.h"

#define DATE "Date: x\r\n"
#define SIG(tags) "DKIM-Signature: v=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s; " tags "\r\n"
#define SET(tags) "ARC-Message-Signature: i=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s; " tags "\r\n"
#define SEAL "ARC-Seal: i=1; a=rsa-sha256; b=YQ==; cv=none; d=d; s=s\r\n"
#define GOOD "X-Good: bad\r\n"
#define MENDED "X-Good: good\r\n"
#define CTE "Content-Transfer-Encoding: quoted-printable\r\n"
#define ENCODED(type) "Content-Type: " type "; boundary=B\r\n"
#define PARTS "--B\r\n\r\nbad\r\n--B--\r\n"

/* Settings of a row: those of a policy of one's own, but for this. */
typedef struct {
	MmOnDkim on_dkim;
	gboolean arc_break;
	gboolean rename;
	MmOnCms on_cms;
} Setting;

#define DEFAULT {MM_DKIM_HEADER_ADD_ONLY, FALSE, FALSE, MM_CMS_SKIP}
#define SKIP {MM_DKIM_SKIP, FALSE, FALSE, MM_CMS_SKIP}
#define FIX {MM_DKIM_FIX, FALSE, FALSE, MM_CMS_SKIP}
#define REJECT {MM_DKIM_REJECT, FALSE, FALSE, MM_CMS_SKIP}
#define FIX_ARC {MM_DKIM_FIX, TRUE, FALSE, MM_CMS_SKIP}
#define RENAME {MM_DKIM_FIX, TRUE, TRUE, MM_CMS_SKIP}
#define REJECT_CMS {MM_DKIM_HEADER_ADD_ONLY, FALSE, FALSE, MM_CMS_REJECT}

static const struct {
	const char *label;
	Setting setting;
	const char *wire;
	const char *want; /* NULL: unchanged */
	MmAction action;
	const char *left;
	const char *broken;
} rows[] = {
	{"nobody signs it", DEFAULT, SIG ("h=from") DATE GOOD "\r\nx", SIG ("h=from") DATE MENDED "\r\nx",
	 MM_ACTION_FIX, "", ""},
	{"nobody signs it, skip", SKIP, SIG ("h=from") DATE GOOD "\r\nx",
	 SIG ("h=from") DATE MENDED "\r\nx", MM_ACTION_FIX, "", ""},
	{"signed", DEFAULT, SIG ("h=x-good") DATE GOOD "\r\nx", NULL, MM_ACTION_LOG, "GOOD", ""},
	{"signed, fix", FIX, SIG ("h=x-good") DATE GOOD "\r\nx", SIG ("h=x-good") DATE MENDED "\r\nx",
	 MM_ACTION_FIX, "", "dkim d/s (field X-Good)"},
	{"signed, reject", REJECT, SIG ("h=x-good") DATE GOOD "\r\nx", NULL, MM_ACTION_REJECT, "GOOD",
	 ""},
	{"not signed, reject", REJECT, SIG ("h=from") DATE GOOD "\r\nx",
	 SIG ("h=from") DATE MENDED "\r\nx", MM_ACTION_FIX, "", ""},
	{"one of two", DEFAULT, SIG ("h=x-good") GOOD "\r\nx", SIG ("h=x-good") GOOD "Date: now\r\n\r\nx",
	 MM_ACTION_FIX, "GOOD", ""},
	{"said not to be there", DEFAULT, SIG ("h=date") "\r\nx", NULL, MM_ACTION_LOG,
	 "MISSING_DATE_HEADER", ""},
	{"unreadable: a new field", DEFAULT, SIG ("x") GOOD "\r\nx", SIG ("x") GOOD "Date: now\r\n\r\nx",
	 MM_ACTION_FIX, "GOOD", ""},
	{"unreadable: a new field, skip", SKIP, SIG ("x") GOOD "\r\nx", NULL, MM_ACTION_LOG,
	 "GOOD|MISSING_DATE_HEADER", ""},
	{"unreadable: fix", FIX, SIG ("x") DATE GOOD "\r\nx", SIG ("x") DATE MENDED "\r\nx",
	 MM_ACTION_FIX, "", ""},
	{"unreadable: reject", REJECT, SIG ("x") DATE GOOD "\r\nx", NULL, MM_ACTION_REJECT, "GOOD", ""},
	{"body", DEFAULT, SIG ("h=from") DATE "\r\nbad", NULL, MM_ACTION_LOG, "BODY", ""},
	{"body, fix", FIX, SIG ("h=from") DATE "\r\nbad", SIG ("h=from") DATE CTE "\r\n=62ad",
	 MM_ACTION_FIX, "", "dkim d/s (body)"},
	{"body, l=0", DEFAULT, SIG ("h=from; l=0") DATE "\r\nbad",
	 SIG ("h=from; l=0") DATE CTE "\r\n=62ad", MM_ACTION_FIX, "", ""},
	{"body, l=0, all or nothing", DEFAULT, SIG ("h=content-transfer-encoding; l=0") DATE "\r\nbad",
	 NULL, MM_ACTION_LOG, "BODY", ""},
	{"sealed", FIX, SEAL SET ("h=x-good") DATE GOOD "\r\nx", NULL, MM_ACTION_LOG, "GOOD", ""},
	{"sealed, what nobody signs", FIX, SEAL SET ("h=from") DATE GOOD "\r\nx",
	 SEAL SET ("h=from") DATE MENDED "\r\nx", MM_ACTION_FIX, "", ""},
	{"sealed, ArcBreak", FIX_ARC, SEAL SET ("h=x-good") DATE GOOD "\r\nx",
	 SEAL SET ("h=x-good") DATE MENDED "\r\nx", MM_ACTION_FIX, "", "arc d/s (field X-Good)"},
	{"ARC without a seal", FIX, SET ("h=x-good") DATE GOOD "\r\nx",
	 SET ("h=x-good") DATE MENDED "\r\nx", MM_ACTION_FIX, "", "arc d/s (field X-Good)"},
	{"renamed", RENAME, SIG ("h=from") SIG ("h=x-good") DATE GOOD "\r\nx",
	 SIG ("h=from") DATE MENDED "X-Original-" SIG ("h=x-good") "\r\nx", MM_ACTION_FIX, "",
	 "dkim d/s (field X-Good)"},
	{"both renamed", RENAME, SIG ("h=from") SIG ("h=to") DATE "\r\nbad",
	 DATE CTE "X-Original-" SIG ("h=from") "X-Original-" SIG ("h=to") "\r\n=62ad", MM_ACTION_FIX, "",
	 "dkim d/s (body)+dkim d/s (body)"},
	{"ARC is not renamed", RENAME, SEAL SET ("h=x-good") DATE GOOD "\r\nx",
	 SEAL SET ("h=x-good") DATE MENDED "\r\nx", MM_ACTION_FIX, "", "arc d/s (field X-Good)"},
	{"a good one is not renamed", RENAME, SIG ("h=from") DATE GOOD "\r\nx",
	 SIG ("h=from") DATE MENDED "\r\nx", MM_ACTION_FIX, "", ""},
	{"not renamed: another one signs it", RENAME,
	 SIG ("h=dkim-signature") SIG ("h=x-good") DATE GOOD "\r\nx",
	 SIG ("h=dkim-signature") SIG ("h=x-good") DATE MENDED "\r\nx", MM_ACTION_FIX, "",
	 "dkim d/s (field X-Good)"},
	{"S/MIME: other fields", FIX, DATE GOOD ENCODED ("multipart/signed") "\r\n" PARTS,
	 DATE MENDED ENCODED ("multipart/signed") "\r\n" PARTS, MM_ACTION_FIX, "BODY", ""},
	{"S/MIME: content, reject", REJECT_CMS, DATE ENCODED ("multipart/encrypted") "\r\n" PARTS, NULL,
	 MM_ACTION_REJECT, "BODY", ""},
	{"S/MIME: other fields, reject", REJECT_CMS,
	 DATE GOOD ENCODED ("multipart/signed") "\r\n--B\r\n\r\nx\r\n--B--\r\n",
	 DATE MENDED ENCODED ("multipart/signed") "\r\n--B\r\n\r\nx\r\n--B--\r\n", MM_ACTION_FIX, "", ""},
	{"PGP", FIX, DATE GOOD "\r\nbad\r\n-----BEGIN PGP MESSAGE-----\r\n",
	 DATE MENDED "\r\nbad\r\n-----BEGIN PGP MESSAGE-----\r\n", MM_ACTION_FIX, "BODY", ""},
};

static char *
join (GPtrArray *texts)
{
	g_ptr_array_add (texts, NULL);
	return g_strjoinv ("+", (char **)texts->pdata);
}

static MmJudgement *
judge (MmMessage *message, MmPolicy *policy, const MmJudgeRequest *request)
{
	MmContext context;

	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	return mm_judge (message, &context, request);
}

static MmPolicy *
policy_new (const Setting *setting)
{
	g_autoptr (GError) error = NULL;
	MmPolicy *policy = mm_policy_new_fix ("GOOD|BODY|MISSING_DATE_HEADER", &error);

	g_assert_no_error (error);
	policy->on_dkim = setting->on_dkim;
	policy->on_cms = setting->on_cms;
	policy->arc_break = setting->arc_break;
	policy->dkim_rename = setting->rename;
	return policy;
}

static void
check_row (gsize i)
{
	g_autoptr (MmPolicy) policy = policy_new (&rows[i].setting);
	g_autoptr (MmMessage) message = test_message (mm_bytes_str (rows[i].wire));
	MmJudgeRequest request = {.policy = policy, .want_plan = TRUE};
	g_autoptr (MmJudgement) j = judge (message, policy, &request);
	g_autoptr (GBytes) wire = test_wire (j->message);
	g_autofree char *left = mm_labels_join (j->left), *broken = join (j->broken);
	g_autofree char *differs = NULL;

	test_assert_bytes (mm_bytes_of (wire),
			   mm_bytes_str (rows[i].want != NULL ? rows[i].want : rows[i].wire));
	g_assert_cmpint (j->action, ==, rows[i].action);
	g_assert_cmpstr (left, ==, rows[i].left);
	g_assert_cmpstr (broken, ==, rows[i].broken);
	g_assert_cmpint (j->broke != 0, ==, *broken != '\0');
	if (rows[i].action == MM_ACTION_REJECT)
		g_assert_cmpuint (j->blamed->len, ==, 1);
	if (j->plan == NULL)
		return;
	differs = test_mta_differs (message, j->plan, j->message);
	g_assert_cmpstr (differs, ==, NULL);
}

static void
test_table (void)
{
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("%s", rows[i].label);
		check_row (i);
	}
}

/* A bounce is not refused either. */
static void
test_null_sender (void)
{
	const Setting setting = REJECT;
	g_autoptr (MmPolicy) policy = policy_new (&setting);
	g_autoptr (MmMessage) message = test_message (LIT (SIG ("h=date") "\r\nx"));
	MmJudgeRequest request = {.policy = policy, .null_sender = TRUE};
	g_autoptr (MmJudgement) j = judge (message, policy, &request);
	g_autoptr (MmJudgement) named = NULL;

	g_assert_cmpint (j->action, ==, MM_ACTION_LOG);
	request.names_null = TRUE;
	named = judge (message, policy, &request);
	g_assert_cmpint (named->action, ==, MM_ACTION_REJECT);
}

static void
test_dry_run (void)
{
	const Setting refusing = REJECT, breaking = FIX;
	g_autoptr (MmPolicy) policy = policy_new (&refusing), other = policy_new (&breaking);
	g_autoptr (MmMessage) message = test_message (LIT (SIG ("h=x-good") DATE GOOD "\r\nx"));
	MmJudgeRequest request = {.policy = policy, .dry_run = TRUE};
	g_autoptr (MmJudgement) j = judge (message, policy, &request);
	g_autoptr (MmJudgement) broken = NULL;

	g_assert_cmpint (j->action, ==, MM_ACTION_LOG);
	g_assert_cmpint (j->would, ==, MM_ACTION_REJECT);
	request.policy = other;
	broken = judge (message, other, &request);
	g_assert_true (broken->message == message);
	g_assert_cmpint (broken->would, ==, MM_ACTION_FIX);
	g_assert_cmpuint (broken->broke, ==, MM_SIGNATURE_DKIM);
}

/* Whatever came through before: verify looks at the whole. */
static void
test_verify (void)
{
	const MmContext context = {.limits = mm_limits_default ()};
	g_autoptr (MmMessage) message = test_message (LIT (SIG ("h=x-good") DATE "\r\nx"));
	g_autoptr (MmCheck) check = mm_check_new (message, &context, NULL, NULL);
	MmBreak broken = {MM_SIGNATURE_DKIM, MM_BREAK_FIELD, 0, NULL, (char *)"X-Good"};
	MmRepair header = {(char *)"header", mm_rules[0], (char *)"", MM_PLACE_HEADER, .original = -1};
	MmRepair body = {(char *)"body", mm_rules[0], (char *)"1", MM_PLACE_CONTENT, .original = -1};
	g_autoptr (GPtrArray) breaks = g_ptr_array_new (), repairs = g_ptr_array_new ();
	g_autoptr (GHashTable) renamed = g_hash_table_new (NULL, NULL);
	MmFix fix = {message, repairs, .broken = breaks, .renamed = renamed};
	MmObjection *objection;

	g_ptr_array_add (breaks, &broken);
	g_ptr_array_add (repairs, &header);
	g_ptr_array_add (repairs, &body);
	for (int of_body = 0; of_body < 2; of_body++) {
		broken.why = of_body ? MM_BREAK_BODY : MM_BREAK_FIELD;
		objection = mm_verify (check, check, &fix);
		g_assert_nonnull (objection);
		g_assert_cmpuint (objection->blamed->len, ==, 1);
		g_assert_cmpstr (objection->blamed->pdata[0], ==, of_body ? "body" : "header");
		mm_objection_free (objection);
	}
	fix.may_break = TRUE;
	g_assert_null (mm_verify (check, check, &fix));
	broken.why = MM_BREAK_CONTENT;
	objection = mm_verify (check, check, &fix);
	g_assert_nonnull (objection);
	mm_objection_free (objection);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/judge-signed/table", test_table);
	g_test_add_func ("/judge-signed/null-sender", test_null_sender);
	g_test_add_func ("/judge-signed/dry-run", test_dry_run);
	g_test_add_func ("/judge-signed/verify", test_verify);
	return g_test_run ();
}
