/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-laws.c: the laws of design over all messages at hand.
 *
 * Always the messages of tests/rules; and, where $MAILMEND_CORPUS names folders (colon between),
 * foreign mail. Every message is judged as it is, and with CRLF if all its line ends are LF; at two
 * LineLimits, with EightBit declared and never, with OnDkim = fix if it is signed, and with embedded
 * mail mended; then also as somebody forwards it.
 * LAWS_VERBOSE=1 names each message whose edits
 * did not verify.
 */
#include <mailmend/verify.h>

#include "corpus.h"
#include "laws.h"

static const LawsSetting settings[] = {
	{998, MM_EIGHTBIT_NEVER, MM_DKIM_HEADER_ADD_ONLY, MM_EMBEDDED_REPORT, FALSE},
	{998, MM_EIGHTBIT_DECLARED, MM_DKIM_HEADER_ADD_ONLY, MM_EMBEDDED_REPORT, FALSE},
	{76, MM_EIGHTBIT_NEVER, MM_DKIM_HEADER_ADD_ONLY, MM_EMBEDDED_REPORT, FALSE},
	{76, MM_EIGHTBIT_DECLARED, MM_DKIM_HEADER_ADD_ONLY, MM_EMBEDDED_REPORT, FALSE},
	{998, MM_EIGHTBIT_NEVER, MM_DKIM_FIX, MM_EMBEDDED_REPORT, FALSE},
	{76, MM_EIGHTBIT_NEVER, MM_DKIM_FIX, MM_EMBEDDED_REPORT, FALSE},
	{998, MM_EIGHTBIT_NEVER, MM_DKIM_HEADER_ADD_ONLY, MM_EMBEDDED_FIX, TRUE},
	{76, MM_EIGHTBIT_DECLARED, MM_DKIM_HEADER_ADD_ONLY, MM_EMBEDDED_FIX, TRUE},
	{76, MM_EIGHTBIT_NEVER, MM_DKIM_HEADER_ADD_ONLY, MM_EMBEDDED_ALL, TRUE},
	{998, MM_EIGHTBIT_NEVER, MM_DKIM_FIX, MM_EMBEDDED_ALL, TRUE},
};

/* All rules that mend. */
static MmPolicy *
fix_everything (void)
{
	g_autoptr (GPtrArray) labels = g_ptr_array_new ();
	g_autofree char *list = NULL;
	g_autoptr (GError) error = NULL;
	MmPolicy *policy;

	for (guint i = 0; mm_rules[i] != NULL; i++)
		if (mm_rules[i]->fix != NULL)
			mm_labels_add (labels, mm_rules[i]->label);
	list = mm_labels_join (labels);
	policy = mm_policy_new_fix (list, &error);
	g_assert_no_error (error);
	return policy;
}

/* @wire with CRLF, if it has LF only; else NULL. */
static GBytes *
with_crlf (GBytes *wire)
{
	MmBytes bytes = mm_bytes_of (wire);
	MmScan scan = mm_scan (bytes);
	gsize ends = scan.lines;
	g_auto (MmBuffer) out = MM_BUFFER_INIT;

	if (bytes.len > 0 && bytes.data[bytes.len - 1] != '\n')
		ends--;
	if (ends == 0 || scan.lone_lf.count != ends || scan.lone_cr.count + scan.cr_cr_lf.count > 0)
		return NULL;
	g_assert_true (mm_line_ends_mend (bytes, MM_BARE_CR_ENCODE, &out));
	return mm_buffer_steal (&out);
}

/* The last three folders of @path tell cases apart, and are enough. */
static char *
short_name (const char *path)
{
	g_auto (GStrv) words = g_strsplit (path, G_DIR_SEPARATOR_S, -1);
	guint n = g_strv_length (words);

	return g_strjoinv (G_DIR_SEPARATOR_S, words + (n > 3 ? n - 3 : 0));
}

static gboolean
has_signature_field (GBytes *wire)
{
	g_autoptr (MmMessage) message = mm_message_new (wire);

	return mm_message_find (message, "DKIM-Signature", 0) >= 0 ||
	       mm_message_find (message, "ARC-Message-Signature", 0) >= 0;
}

/* @wire as somebody forwards it. */
static GBytes *
forwarded (GBytes *wire)
{
	g_auto (MmBuffer) out = MM_BUFFER_INIT;

	mm_buffer_append_str (&out,
	                      "From: a@example.com\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
	                      "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
	                      "Content-Type: multipart/mixed; boundary=\"=_outermost\"\r\n\r\n"
	                      "--=_outermost\r\n\r\nSee below.\r\n"
	                      "--=_outermost\r\nContent-Type: message/rfc822\r\n\r\n");
	mm_buffer_append (&out, mm_bytes_of (wire));
	mm_buffer_append_str (&out, "\r\n--=_outermost--\r\n");
	return mm_buffer_steal (&out);
}

static void
check_mail (const CorpusMail *mail, const MmPolicy *policy, LawsTally *tally)
{
	g_autoptr (GBytes) crlf = with_crlf (mail->wire);
	g_autoptr (GBytes) forward = forwarded (crlf != NULL ? crlf : mail->wire);
	g_autofree char *name = short_name (mail->name);
	g_autofree char *crlf_name = g_strconcat (name, " with CRLF", NULL);
	g_autofree char *forward_name = g_strconcat (name, " forwarded", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS (settings); i++) {
		if (settings[i].embedded != MM_EMBEDDED_REPORT)
			laws_check (forward_name, forward, policy, settings[i], tally);
		if (settings[i].on_dkim == MM_DKIM_FIX && !has_signature_field (mail->wire))
			continue;
		laws_check (name, mail->wire, policy, settings[i], tally);
		if (crlf != NULL)
			laws_check (crlf_name, crlf, policy, settings[i], tally);
	}
}

static void
report (const LawsTally *tally, guint messages)
{
	GHashTableIter iter;
	gpointer text, n;

	g_test_message ("%u messages, judged %u times: %u clean, %u mended (%u inside, %u traced), "
			"%u left; "
			"%u signed, of them %u mended and %u broken, %u at a limit, %u failures",
			messages, tally->judged, tally->clean, tally->mended, tally->inside,
			tally->traced, tally->left,
			tally->is_signed, tally->signed_mended, tally->broke, tally->limited,
			tally->failures);
	g_hash_table_iter_init (&iter, tally->notes);
	while (g_hash_table_iter_next (&iter, &text, &n))
		g_test_message ("not verified, %u times: %s", GPOINTER_TO_UINT (n),
				(const char *)text);
}

static void
check_all (const char *paths)
{
	g_autofree char *problem = NULL;
	g_autoptr (GPtrArray) mails = corpus_read (paths, &problem);
	MmPolicy *policy = fix_everything ();
	g_auto (LawsTally) tally = {0};

	laws_tally_init (&tally);
	if (problem != NULL)
		test_fail ("%s", problem);
	for (guint i = 0; i < mails->len; i++)
		check_mail (mails->pdata[i], policy, &tally);
	report (&tally, mails->len);
	mm_policy_free (policy);
}

static void
test_cases (void)
{
	g_autofree char *root = g_test_build_filename (G_TEST_DIST, "tests", "rules", NULL);

	check_all (root);
}

static const char *
corpus_or_skip (void)
{
	const char *paths = g_getenv ("MAILMEND_CORPUS");

	if (paths != NULL && *paths != '\0')
		return paths;
	g_test_skip ("MAILMEND_CORPUS names no folders with mail");
	return NULL;
}

static void
test_corpus (void)
{
	const char *paths = corpus_or_skip ();

	if (paths != NULL)
		check_all (paths);
}

/* ---- expected labels ------------------------------------------------------------------------- */

static void
explain (const MmCheck *check, const char *label)
{
	for (guint i = 0; i < mm_findings_n (check->findings); i++) {
		const MmFinding *f = mm_findings_get (check->findings, i);
		if (strcmp (f->rule->label, label) == 0)
			g_test_message ("  line %u, part \"%s\": %s: %s", f->line,
					mm_mime_part (check->mime, f->part)->path,
					mm_severity_to_string (f->severity), f->detail);
	}
}

/* Labels that no rule has yet are not looked for. */
static void
check_labels (const CorpusMail *mail)
{
	g_autoptr (MmMessage) message = mm_message_new (mail->wire);
	g_autoptr (MmCheck) check = NULL;
	g_autoptr (GPtrArray) found = g_ptr_array_new ();
	MmContext context;

	test_context_init (&context);
	check = mm_check_new (message, &context, NULL, NULL);
	mm_findings_number_lines (check->findings);
	for (guint i = 0; i < mm_findings_n (check->findings); i++)
		mm_labels_add (found, mm_findings_get (check->findings, i)->rule->label);
	for (guint i = 0; i < found->len; i++) {
		if (g_strv_contains ((const char *const *)mail->labels, found->pdata[i]))
			continue;
		test_fail ("%s: not expected: %s", mail->name, (const char *)found->pdata[i]);
		explain (check, found->pdata[i]);
	}
	for (guint i = 0; mail->labels[i] != NULL; i++)
		if (mm_rule_by_label (mail->labels[i]) != NULL &&
		    !g_ptr_array_find_with_equal_func (found, mail->labels[i], g_str_equal, NULL))
			test_fail ("%s: not found: %s", mail->name, mail->labels[i]);
}

static void
test_labels (void)
{
	const char *paths = corpus_or_skip ();
	g_autoptr (GPtrArray) mails = NULL;
	g_autofree char *problem = NULL;
	guint n = 0;

	if (paths == NULL)
		return;
	mails = corpus_read (paths, &problem);
	for (guint i = 0; i < mails->len; i++) {
		const CorpusMail *mail = mails->pdata[i];

		if (mail->labels == NULL)
			continue;
		check_labels (mail);
		n++;
	}
	if (n == 0)
		g_test_skip ("no message of MAILMEND_CORPUS has expected labels");
	g_test_message ("%u messages with expected labels", n);
}

/* ---- the reader of the corpus ---------------------------------------------------------------- */

static void
test_json (void)
{
	static const char text[] =
		"{\"about\": \"x {\\\" \", \"cases\": [\n"
		" {\"name\": \"one\", \"raw_b64\": \"QTogYg==\", \"labels\": [\"B\", \"A\"],\n"
		"  \"more\": {\"name\": \"inner\", \"n\": 3}, \"raw\": null,\n"
		"  \"kumo_labels\": [\"C\"], \"defect_in_kumo\": true},\n"
		" {\"note\": \"raw_b64\", \"name\": \"none\"},\n"
		" {\"raw_b64\": \"\", \"name\" : \"t\\\"wo\", \"labels\": []} ]}";
	g_autoptr (GPtrArray) mails = g_ptr_array_new_with_free_func (corpus_mail_free);
	const CorpusMail *mail;

	corpus_read_json ("f", text, strlen (text), mails);
	g_assert_cmpuint (mails->len, ==, 2);
	mail = mails->pdata[0];
	g_assert_cmpstr (mail->name, ==, "f#one");
	test_assert_bytes (mm_bytes_of (mail->wire), LIT ("A: b"));
	g_assert_cmpuint (g_strv_length (mail->labels), ==, 2);
	g_assert_cmpstr (mail->labels[1], ==, "A");
	g_assert_cmpstr (mail->kumo_labels[0], ==, "C");
	g_assert_true (mail->kumo_defect);
	mail = mails->pdata[1];
	g_assert_cmpstr (mail->name, ==, "f#t\"wo");
	g_assert_cmpuint (g_bytes_get_size (mail->wire), ==, 0);
	g_assert_cmpuint (g_strv_length (mail->labels), ==, 0);
	g_assert_null (mail->kumo_labels);
	g_assert_false (mail->kumo_defect);
	/* any beginning of it: no crash */
	for (gsize len = 0; len < strlen (text); len++)
		corpus_read_json ("f", text, len, mails);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/laws/json", test_json);
	g_test_add_func ("/laws/cases", test_cases);
	g_test_add_func ("/laws/corpus", test_corpus);
	g_test_add_func ("/laws/labels", test_labels);
	return g_test_run ();
}
