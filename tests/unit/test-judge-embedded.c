/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-judge-embedded.c: Embedded = report, fix and all, by the real rules: what is mended in a
 * forwarded message or a bounce, what never is, and for what a message is refused.
 */
#include <mailmend/verify.h>

#include "test-util.h"

#define TOP                                                                                        \
	"From: a@b.example\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n"                           \
	"Message-ID: <1@b.example>\r\nMIME-Version: 1.0\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=O\r\n\r\n--O\r\n\r\nSee.\r\n"
#define RFC822 "--O\r\nContent-Type: message/rfc822\r\n"
#define END "\r\n--O--\r\n"

/* @mail as an attachment; as the message itself; in a bounce. */
#define FORWARD(mail) TOP MIXED RFC822 "\r\n" mail END
#define REPORT(parts)                                                                              \
	TOP "Content-Type: multipart/report; report-type=delivery-status; boundary=O\r\n\r\n" parts END

#define UMLAUT "The grass is gr\xc3\xbcn\r\n"
#define QP "The grass is gr=C3=BCn\r\n"
#define CTE "Content-Transfer-Encoding: quoted-printable\r\n"
#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define SIG "DKIM-Signature: v=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s; h=from\r\n"
#define SMIME(head, text)                                                                          \
	head "Content-Type: multipart/signed; boundary=S\r\n\r\n--S\r\n" TEXT "\r\n" text          \
	     "\r\n--S\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--S--"

typedef struct {
	MmEmbedded embedded;
	MmOnDkim on_dkim;
	MmOnCms on_cms;
	MmOnUnfixable on_unfixable;
	MmSays says; /* what the policy says of the first label instead of Fix; 0: Fix */
	gboolean by_group; /* the labels are not named */
} Setting;

#define REPORT_ONLY {.embedded = MM_EMBEDDED_REPORT}
#define FIX {.embedded = MM_EMBEDDED_FIX}
#define ALL {.embedded = MM_EMBEDDED_ALL}
#define NTE "NEEDS_TRANSFER_ENCODING"
#define R8H "RAW_8BIT_HEADER"

static const struct {
	const char *label;
	Setting setting;
	const char *list;
	const char *wire;
	const char *want; /* NULL: unchanged */
	MmAction action;
	const char *fixed, *left;
} rows[] = {
	{"report", REPORT_ONLY, NTE, FORWARD ("A: b\r\n\r\n" UMLAUT), NULL, MM_ACTION_LOG, "", NTE},
	{"report, not named", {.embedded = MM_EMBEDDED_REPORT, .by_group = TRUE}, NTE,
	 FORWARD ("A: b\r\n\r\n" UMLAUT), NULL, MM_ACTION_NONE, "", ""},
	{"fix, a version is added", FIX, NTE, FORWARD ("A: b\r\n\r\n" UMLAUT),
	 FORWARD ("A: b\r\nContent-Type: text/plain; charset=utf-8\r\n" CTE "MIME-Version: 1.0\r\n"
		  "\r\n" QP), MM_ACTION_FIX, NTE, ""},
	{"fix, not named", {.embedded = MM_EMBEDDED_FIX, .by_group = TRUE}, NTE,
	 FORWARD ("MIME-Version: 1.0\r\n" TEXT "\r\n" UMLAUT),
	 FORWARD ("MIME-Version: 1.0\r\n" TEXT CTE "\r\n" QP), MM_ACTION_FIX, NTE, ""},
	{"all", ALL, NTE, FORWARD ("MIME-Version: 1.0\r\n" TEXT "\r\n" UMLAUT),
	 FORWARD ("MIME-Version: 1.0\r\n" TEXT CTE "\r\n" QP), MM_ACTION_FIX, NTE, ""},
	{"a field", FIX, R8H, FORWARD ("Subject: gr\xc3\xbcn\r\nB: c\r\n\r\nx\r\n"),
	 FORWARD ("Subject: =?utf-8?B?Z3LDvG4=?=\r\nB: c\r\n\r\nx\r\n"), MM_ACTION_FIX, R8H, ""},
	{"the message itself", FIX, NTE,
	 TOP "Content-Type: message/rfc822\r\n\r\nMIME-Version: 1.0\r\n" TEXT "\r\n" UMLAUT,
	 TOP "Content-Type: message/rfc822\r\n\r\nMIME-Version: 1.0\r\n" TEXT CTE "\r\n" QP,
	 MM_ACTION_FIX, NTE, ""},
	{"mail in mail", FIX, NTE,
	 FORWARD ("MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n" TEXT
		  "\r\n" UMLAUT),
	 FORWARD ("MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n" TEXT CTE
		  "MIME-Version: 1.0\r\n\r\n" QP), MM_ACTION_FIX, NTE, ""},
	{"one version for two parts", FIX, NTE,
	 FORWARD ("Content-Type: multipart/mixed; boundary=I\r\n\r\n--I\r\n" TEXT "\r\n" UMLAUT
		  "\r\n--I\r\n" TEXT "\r\n" UMLAUT "\r\n--I--"),
	 FORWARD ("Content-Type: multipart/mixed; boundary=I\r\nMIME-Version: 1.0\r\n\r\n--I\r\n" TEXT
		  CTE "\r\n" QP "\r\n--I\r\n" TEXT CTE "\r\n" QP "\r\n--I--"),
	 MM_ACTION_FIX, NTE, ""},
	{"7bit upwards", FIX, NTE,
	 TOP "Content-Transfer-Encoding: 8bit\r\n" MIXED RFC822
	     "Content-Transfer-Encoding: 8bit\r\n\r\nMIME-Version: 1.0\r\n"
	     "Content-Transfer-Encoding: 8bit\r\nContent-Type: multipart/mixed; boundary=I\r\n\r\n"
	     "--I\r\n" TEXT "Content-Transfer-Encoding: 8bit\r\n\r\n" UMLAUT "\r\n--I--" END,
	 TOP "Content-Transfer-Encoding: 7bit\r\n" MIXED RFC822
	     "Content-Transfer-Encoding: 7bit\r\n\r\nMIME-Version: 1.0\r\n"
	     "Content-Transfer-Encoding: 7bit\r\nContent-Type: multipart/mixed; boundary=I\r\n\r\n"
	     "--I\r\n" TEXT CTE "\r\n" QP "\r\n--I--" END,
	 MM_ACTION_FIX, NTE, ""},
	/* never */
	{"an encoded message is opaque", ALL, "INVALID_BASE64|LINE_TOO_LONG|" NTE,
	 TOP MIXED RFC822 "Content-Transfer-Encoding: base64\r\n\r\nQTog!YgoK\r\n" END, NULL,
	 MM_ACTION_LOG, "", "INVALID_BASE64"},
	{"parts of a report for programs", ALL, NTE,
	 REPORT ("--O\r\n" TEXT "\r\nx\r\n--O\r\nContent-Type: message/delivery-status\r\n\r\n"
		 UMLAUT "\r\n--O\r\n" TEXT "\r\n" UMLAUT), NULL, MM_ACTION_LOG, "", NTE},
	{"the part of a report for people", ALL, NTE, REPORT ("--O\r\n" TEXT "\r\n" UMLAUT),
	 REPORT ("--O\r\n" TEXT CTE "\r\n" QP), MM_ACTION_FIX, NTE, ""},
	{"headers of a message", ALL, NTE,
	 TOP MIXED "--O\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: " UMLAUT END, NULL,
	 MM_ACTION_LOG, "", NTE},
	{"S/MIME", ALL, NTE, FORWARD (SMIME ("MIME-Version: 1.0\r\n", UMLAUT)), NULL,
	 MM_ACTION_LOG, "", NTE},
	{"S/MIME: a field beside it", ALL, NTE "|" R8H,
	 FORWARD (SMIME ("Subject: gr\xc3\xbcn\r\n", UMLAUT)),
	 FORWARD (SMIME ("Subject: =?utf-8?B?Z3LDvG4=?=\r\n", UMLAUT)), MM_ACTION_FIX, R8H, NTE},
	{"S/MIME: a field of the content", ALL, R8H,
	 FORWARD (SMIME ("Content-Description: gr\xc3\xbcn\r\n", "x\r\n")), NULL, MM_ACTION_LOG, "",
	 R8H},
	{"S/MIME: the mail beside it in one mail", ALL, NTE,
	 FORWARD ("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=I\r\n\r\n--I\r\n"
		  SMIME ("", "x\r\n") "\r\n--I\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\n"
		  UMLAUT "\r\n--I--"), NULL, MM_ACTION_LOG, "", NTE},
	{"S/MIME: other mail beside it", ALL, NTE,
	 TOP MIXED RFC822 "\r\n" SMIME ("", UMLAUT) "\r\n" RFC822 "\r\n" TEXT "\r\n" UMLAUT END,
	 TOP MIXED RFC822 "\r\n" SMIME ("", UMLAUT) "\r\n" RFC822 "\r\n" TEXT CTE
	 "MIME-Version: 1.0\r\n\r\n" QP END, MM_ACTION_FIX, NTE, NTE},
	{"inline PGP", ALL, NTE, FORWARD ("A: b\r\n\r\n" UMLAUT "-----BEGIN PGP MESSAGE-----\r\n"),
	 NULL, MM_ACTION_LOG, "", NTE},
	/* signatures of fields */
	{"DKIM inside is data", FIX, R8H, FORWARD (SIG "From: \xc3\xbc <a@b>\r\n\r\nx\r\n"),
	 FORWARD (SIG "From: =?utf-8?B?w7w=?= <a@b>\r\n\r\nx\r\n"), MM_ACTION_FIX, R8H, ""},
	{"DKIM outside forbids", FIX, R8H, SIG FORWARD ("Subject: gr\xc3\xbcn\r\n\r\nx\r\n"), NULL,
	 MM_ACTION_LOG, "", R8H},
	/* what refuses */
	{"fix: OnDkim = reject", {.embedded = MM_EMBEDDED_FIX, .on_dkim = MM_DKIM_REJECT}, R8H,
	 SIG FORWARD ("Subject: gr\xc3\xbcn\r\n\r\nx\r\n"), NULL, MM_ACTION_LOG, "", R8H},
	{"all: OnDkim = reject", {.embedded = MM_EMBEDDED_ALL, .on_dkim = MM_DKIM_REJECT}, R8H,
	 SIG FORWARD ("Subject: gr\xc3\xbcn\r\n\r\nx\r\n"), NULL, MM_ACTION_REJECT, "", R8H},
	{"fix: OnCms = reject", {.embedded = MM_EMBEDDED_FIX, .on_cms = MM_CMS_REJECT}, NTE,
	 FORWARD (SMIME ("", UMLAUT)), NULL, MM_ACTION_LOG, "", NTE},
	{"all: OnCms = reject", {.embedded = MM_EMBEDDED_ALL, .on_cms = MM_CMS_REJECT}, NTE,
	 FORWARD (SMIME ("", UMLAUT)), NULL, MM_ACTION_REJECT, "", NTE},
	{"fix: OnUnfixable", {.embedded = MM_EMBEDDED_FIX, .on_unfixable = MM_UNFIXABLE_REJECT}, NTE,
	 FORWARD (SMIME ("", UMLAUT)), NULL, MM_ACTION_LOG, "", NTE},
	{"all: OnUnfixable", {.embedded = MM_EMBEDDED_ALL, .on_unfixable = MM_UNFIXABLE_TEMPFAIL}, NTE,
	 FORWARD (SMIME ("", UMLAUT)), NULL, MM_ACTION_TEMPFAIL, "", NTE},
	{"fix: Reject", {.embedded = MM_EMBEDDED_FIX, .says = MM_SAYS_REJECT}, NTE,
	 FORWARD (TEXT "\r\n" UMLAUT), NULL, MM_ACTION_LOG, "", NTE},
	{"fix: Quarantine", {.embedded = MM_EMBEDDED_FIX, .says = MM_SAYS_QUARANTINE}, NTE,
	 FORWARD (TEXT "\r\n" UMLAUT), NULL, MM_ACTION_LOG, "", NTE},
	{"all: Reject", {.embedded = MM_EMBEDDED_ALL, .says = MM_SAYS_REJECT}, NTE,
	 FORWARD (TEXT "\r\n" UMLAUT), NULL, MM_ACTION_REJECT, "", NTE},
	{"all: Quarantine", {.embedded = MM_EMBEDDED_ALL, .says = MM_SAYS_QUARANTINE}, NTE,
	 FORWARD (TEXT "\r\n" UMLAUT), NULL, MM_ACTION_QUARANTINE, "", NTE},
};

static MmJudgement *
judge (MmMessage *message, const char *list, const Setting *setting)
{
	g_auto (GStrv) labels = g_strsplit (list, "|", -1);
	g_autoptr (MmPolicy) policy = mm_policy_new_fix (list, NULL);
	const MmJudgeRequest request = {.policy = policy};
	MmContext context;

	policy->embedded = setting->embedded;
	policy->on_dkim = setting->on_dkim;
	policy->on_cms = setting->on_cms;
	policy->on_unfixable = setting->on_unfixable;
	/* other labels do not count here */
	for (guint i = 0; mm_rules[i] != NULL; i++) {
		if (!g_strv_contains ((const char *const *)labels, mm_rules[i]->label))
			policy->says[i] = MM_SAYS_IGNORE;
		else if (setting->says != 0)
			policy->says[i] = setting->says;
		if (setting->by_group)
			policy->named[i] = FALSE;
	}
	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	return mm_judge (message, &context, &request);
}

static void
test_rows (void)
{
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (mm_bytes_str (rows[i].wire));
		g_autoptr (MmJudgement) j = judge (message, rows[i].list, &rows[i].setting);
		g_autoptr (GBytes) wire = test_wire (j->message);
		g_autofree char *fixed = mm_labels_join (j->fixed);
		g_autofree char *left = mm_labels_join (j->left);
		const char *want = rows[i].want != NULL ? rows[i].want : rows[i].wire;

		g_test_message ("%s", rows[i].label);
		g_assert_cmpstr (j->error, ==, NULL);
		g_assert_cmpstr (j->note, ==, NULL);
		test_assert_bytes (mm_bytes_of (wire), mm_bytes_str (want));
		g_assert_cmpint (j->action, ==, rows[i].action);
		g_assert_cmpstr (fixed, ==, rows[i].fixed);
		g_assert_cmpstr (left, ==, rows[i].left);
	}
}

/* ---- nothing is lost inside ------------------------------------------------------------------ */

/* The header of the embedded mail; the first is what it was. */
static const struct {
	const char *header;
	const char *lost; /* NULL: all is there */
} losses[] = {
	{"A: 1\r\nB: 2\r\nSubject: s\r\nContent-Type: text/plain\r\n", NULL},
	{"A: 1\r\nB: 2\r\nSubject: other\r\nContent-Type: text/html\r\nMIME-Version: 1.0\r\n", NULL},
	{"A: 1\r\nB: 2\r\nX: y\r\nSubject: s\r\nContent-Type: text/plain\r\n", NULL},
	{"A: 1\r\nB: 2\r\nContent-Type: text/plain\r\n", NULL},
	{"A: 1\r\nB:  2\r\nSubject: s\r\n", "header 2 of part \"1\" is lost or changed"},
	{"B: 2\r\nSubject: s\r\n", "header 1 of part \"1\" is lost or changed"},
	{"B: 2\r\nA: 1\r\nSubject: s\r\n", "header 2 of part \"1\" is lost or changed"},
	{"", "header 1 of part \"1\" is lost or changed"},
};

static MmMime *
split (const char *header, MmMessage **out_message)
{
	const MmLimits limits = mm_limits_default ();
	g_autofree char *wire =
		g_strconcat ("Content-Type: message/rfc822\r\n\r\n", header, "\r\nx\r\n", NULL);

	*out_message = test_message (mm_bytes_str (wire));
	return mm_mime_new (*out_message, &limits);
}

/* Subject was the defect; Content-Type may have to follow. */
static void
test_part_headers (void)
{
	g_autoptr (MmMessage) before = NULL;
	g_autoptr (MmMime) old = split (losses[0].header, &before);
	g_autoptr (GHashTable) edited = g_hash_table_new (NULL, NULL);

	g_hash_table_add (edited, (gpointer)mm_part_header (mm_mime_part (old, 1), 2));
	for (gsize i = 0; i < G_N_ELEMENTS (losses); i++) {
		g_autoptr (MmMessage) after = NULL;
		g_autoptr (MmMime) new = split (losses[i].header, &after);
		g_autofree char *part = NULL;
		g_autofree char *lost = mm_verify_part_headers (old, new, edited, &part);

		g_assert_cmpstr (lost, ==, losses[i].lost);
		g_assert_cmpstr (part, ==, lost != NULL ? "1" : NULL);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/judge-embedded/rows", test_rows);
	g_test_add_func ("/judge-embedded/part-headers", test_part_headers);
	return g_test_run ();
}
