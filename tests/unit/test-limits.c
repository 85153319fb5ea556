/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-limits.c: mail just below, at and just above each limit, checked and mended: what is mended,
 * and that the limit is named.
 *
 * attempts, rounds, passes and growth take repairs that fail: test-judge.c. message_size, recipients
 * and macros are the daemon's: tests/milter/test_limits.py and test_recipients.py. Texts are cut at
 * reply_text and logged_value: test-verdict.c, test-logline.c.
 */
#include <mailmend/grammar.h>
#include <mailmend/verify.h>

#include "test-util.h"

#define FROM "From: a@example.com\r\n"
#define REST "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
#define DATE "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
#define HEAD FROM DATE REST
#define MULTIPART "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define LONG_LINE 2000

#define N_HEAD 4 /* fields of HEAD */

/* What is still mended beyond a limit. */
typedef enum {
	BEYOND_NOTHING,
	BEYOND_HEADER, /* MISSING_DATE_HEADER, nothing in the body */
} Beyond;

typedef struct {
	const char *limit;
	gsize value;
	void (*make) (GString *out, gsize n);
	const char *labels; /* all of them are mended up to the limit */
	Beyond beyond;
} Row;

static void
repeat (GString *out, const char *what, gsize n)
{
	for (gsize i = 0; i < n; i++)
		g_string_append (out, what);
}

static void
fill (GString *out, char c, gsize n)
{
	gsize before = out->len;

	g_string_set_size (out, before + n);
	memset (out->str + before, c, n);
}

/* Octets of a header block, in fields of a length that nobody minds, until there are @n from @from
 * on. */
static void
pad_block (GString *out, gsize from, gsize n)
{
	while (out->len - from < n) {
		gsize left = n - (out->len - from);
		gsize len = left > 2000 ? 900 : left > 900 ? left / 2 : left;

		g_string_append (out, "X-A: ");
		fill (out, 'x', len - strlen ("X-A: \r\n"));
		g_string_append (out, "\r\n");
	}
	g_assert_cmpuint (out->len - from, ==, n);
}

static void
long_line (GString *out)
{
	fill (out, 'x', LONG_LINE);
	g_string_append (out, "\r\n");
}

/* ---- messages of N ------------------------------------------------------------------------------- */

static void
headers (GString *out, gsize n)
{
	g_string_append (out, FROM REST);
	repeat (out, "X-A: b\r\n", n - (N_HEAD - 1));
	g_string_append (out, "\r\ntext\r\n");
}

/* Fewer fields than may be edited. */
static void
header_block (GString *out, gsize n)
{
	g_string_append (out, FROM REST);
	for (guint i = 0; i < 20; i++) {
		g_string_append (out, "X-A: a");
		for (guint k = 0; k < 40; k++) {
			g_string_append (out, "\r\n ");
			fill (out, 'x', 900);
		}
		g_string_append (out, "\r\n");
	}
	pad_block (out, 0, n);
	g_string_append (out, "\r\ntext\r\n");
}

/* The repair makes it shorter. */
static void
header_field (GString *out, gsize n)
{
	gsize from;

	g_string_append (out, HEAD);
	from = out->len;
	g_string_append (out, "X-A: a\r\n \r\n");
	while (n - (out->len - from) > 2000) {
		g_string_append_c (out, ' ');
		fill (out, 'x', 900);
		g_string_append (out, "\r\n");
	}
	for (guint left = 2; left > 0; left--) {
		gsize line = (n - (out->len - from)) / left;

		g_string_append_c (out, ' ');
		fill (out, 'x', line - strlen (" \r\n"));
		g_string_append (out, "\r\n");
	}
	g_assert_cmpuint (out->len - from, ==, n);
	g_string_append (out, "\r\ntext\r\n");
}

static void
words (GString *out, gsize n)
{
	g_string_append (out, HEAD "Subject: a\r\n \r\n");
	repeat (out, " =?utf-8?q?a?=\r\n", n);
	g_string_append (out, "\r\ntext\r\n");
}

static void
some_parameters (GString *out, const char *field, gsize n)
{
	g_string_append_printf (out, FROM REST "%s", field);
	for (gsize i = 0; i < n; i++)
		g_string_append_printf (out, ";\r\n a%" G_GSIZE_FORMAT "=b", i);
	g_string_append (out, "\r\n\r\n");
	long_line (out);
}

static void
parameters (GString *out, gsize n)
{
	some_parameters (out, "Content-Type: text/plain", n);
}

static void
parameters_of_disposition (GString *out, gsize n)
{
	some_parameters (out, "Content-Disposition: inline", n);
}

/* The repair is outside of the block: one in it would pass the limit. */
static void
part_header_block (GString *out, gsize n)
{
	g_string_append (out, FROM REST MULTIPART "--b\r\n");
	pad_block (out, out->len, n);
	g_string_append (out, "\r\ntext\r\n");
}

/* The message counts too. */
static void
parts (GString *out, gsize n)
{
	g_string_append (out, FROM REST MULTIPART);
	repeat (out, "--b\r\n\r\ntext\r\n", n - 2);
	g_string_append (out, "--b\r\n\r\n");
	long_line (out);
	g_string_append (out, "--b--\r\n");
}

/* The innermost one is no multipart. */
static void
depth (GString *out, gsize n)
{
	g_string_append (out, FROM REST);
	for (gsize i = 1; i < n; i++)
		g_string_append_printf (out, "Content-Type: multipart/mixed; boundary=b%" G_GSIZE_FORMAT
		                             "b\r\n\r\n--b%" G_GSIZE_FORMAT "b\r\n", i, i);
	g_string_append (out, "\r\n");
	long_line (out);
	for (gsize i = n - 1; i > 0; i--)
		g_string_append_printf (out, "--b%" G_GSIZE_FORMAT "b--\r\n", i);
}

/* None of them signs the field that is mended. */
static void
signatures (GString *out, gsize n)
{
	repeat (out,
	        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s;\r\n"
	        " h=from; bh=YQ==; b=YQ==\r\n", n);
	g_string_append (out, HEAD "X-A: a\r\n \r\n b\r\n\r\ntext\r\n");
}

/* A finding for each part but the message, and one that they are so many. */
static void
findings (GString *out, gsize n)
{
	g_string_append (out, HEAD MULTIPART);
	repeat (out, "--b\r\nContent-Type: text/plain;; charset=utf-8\r\n\r\ntext\r\n", n - 1);
	g_string_append (out, "--b--\r\n");
}

static void
copies (GString *out, gsize n)
{
	g_string_append (out, HEAD MULTIPART "--b\r\n");
	repeat (out, "Content-Type: text/plain\r\n", n);
	g_string_append (out, "\r\ntext\r\n--b--\r\n");
}

/* The lower list ends it, the upper one is a line of its own behind ",". */
static void
merged_field (GString *out, gsize n)
{
	static const char upper[] = "x@example.com";
	gsize from, left;

	g_string_append_printf (out, HEAD "To: %s\r\nTo:", upper);
	from = out->len;
	left = n - strlen (",\r\n ") - strlen (upper);
	for (guint i = 0; left - (out->len - from) > 200; i++)
		g_string_append_printf (out, " a%u@example.com,\r\n", i);
	g_string_append_c (out, ' ');
	fill (out, 'y', left - (out->len - from) - strlen ("@example.com"));
	g_string_append (out, "@example.com\r\n\r\ntext\r\n");
}

static void
separators (GString *out, gsize n)
{
	g_string_append (out, FROM REST "Content-Description: ");
	for (gsize i = 0; i < n; i++)
		g_string_append (out, i % 50 == 49 ? ":\r\n " : ":");
	g_string_append (out, "x\r\n\r\ntext\r\n");
}

#define DATE_LABEL "MISSING_DATE_HEADER"
#define BOTH_LABELS "LINE_TOO_LONG|MISSING_DATE_HEADER"

static const Row rows[] = {
        {"headers", MM_LIMIT_headers, headers, DATE_LABEL, BEYOND_NOTHING},
        {"header_block", MM_LIMIT_header_block, header_block, DATE_LABEL, BEYOND_NOTHING},
        {"header_field", MM_LIMIT_header_field, header_field, "BLANK_CONTINUATION", BEYOND_NOTHING},
        {"words", MM_LIMIT_words, words, "BLANK_CONTINUATION", BEYOND_NOTHING},
        {"parameters", MM_LIMIT_parameters, parameters, BOTH_LABELS, BEYOND_HEADER},
        {"parameters", MM_LIMIT_parameters, parameters_of_disposition, BOTH_LABELS, BEYOND_HEADER},
        {"part_header_block", MM_LIMIT_part_header_block, part_header_block,
         DATE_LABEL "|MISSING_FINAL_BOUNDARY", BEYOND_HEADER},
        {"parts", MM_LIMIT_parts, parts, BOTH_LABELS, BEYOND_HEADER},
        {"depth", MM_LIMIT_depth, depth, BOTH_LABELS, BEYOND_HEADER},
        {"signatures", MM_LIMIT_signatures, signatures, "BLANK_CONTINUATION", BEYOND_NOTHING},
        {"findings", MM_LIMIT_findings, findings, "INVALID_MIME_HEADERS", BEYOND_NOTHING},
        {"copies", MM_LIMIT_copies, copies, "DUPLICATE_HEADER", BEYOND_NOTHING},
        {"merged_field", MM_LIMIT_merged_field, merged_field, "DUPLICATE_HEADER", BEYOND_NOTHING},
        {"separators", MM_LIMIT_separators, separators, DATE_LABEL, BEYOND_NOTHING},
};

/* ---- at a limit ---------------------------------------------------------------------------------- */

static MmJudgement *
judge (const Row *row, gsize n, gboolean fix)
{
	g_autoptr (GString) wire = g_string_new (NULL);
	g_autoptr (MmMessage) message = NULL;
	g_autoptr (MmPolicy) policy = mm_policy_new_fix (row->labels, NULL);
	MmJudgeRequest request = {.policy = policy, .want_plan = TRUE};
	MmJudgement *judgement;
	MmContext context;

	for (guint i = 0; !fix && mm_rules[i] != NULL; i++)
		policy->says[i] = MM_SAYS_LOG;
	row->make (wire, n);
	message = test_message (mm_bytes (wire->str, wire->len));
	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	judgement = mm_judge (message, &context, &request);
	g_assert_null (judgement->error);
	g_test_message ("%s %" G_GSIZE_FORMAT ": limit %s, edits \"%s\", note %s", row->limit, n,
	                judgement->limit, judgement->edits, judgement->note);
	if (judgement->action != MM_ACTION_FIX)
		g_assert_true (judgement->message == message);
	return judgement;
}

static void
assert_fixed (const MmJudgement *judgement, const char *labels)
{
	g_autofree char *fixed = mm_labels_join (judgement->fixed);

	g_assert_cmpstr (fixed, ==, labels);
}

/* Only what bounds the parser concerns a check. */
static void
check_at (const Row *row, gsize n)
{
	g_autoptr (MmJudgement) judgement = judge (row, n, FALSE);
	gboolean beyond = row->beyond == BEYOND_HEADER && n > row->value;

	g_assert_cmpint (judgement->action, ==, MM_ACTION_LOG);
	g_assert_cmpstr (judgement->limit, ==, beyond ? row->limit : NULL);
}

static void
fix_at (const Row *row, gsize n)
{
	g_autoptr (MmJudgement) judgement = judge (row, n, TRUE);

	if (n <= row->value) {
		g_assert_cmpstr (judgement->limit, ==, NULL);
		assert_fixed (judgement, row->labels);
	} else {
		g_assert_cmpstr (judgement->limit, ==, row->limit);
		assert_fixed (judgement, row->beyond == BEYOND_HEADER ? DATE_LABEL : "");
	}
}

static void
test_row (gconstpointer data)
{
	const Row *row = data;

	for (gsize n = row->value - 1; n <= row->value + 1; n++) {
		check_at (row, n);
		fix_at (row, n);
	}
}

/* A list that is beyond this one bound is beyond others too: no field of 60,000 octets has as many
 * addresses that could be joined to another. */
static void
test_addresses (void)
{
	for (gsize n = MM_LIMIT_addresses - 1; n <= MM_LIMIT_addresses + 1; n++) {
		g_autoptr (GString) text = g_string_new (NULL);
		g_auto (MmAddressList) list = {0};

		repeat (text, "a@b,", n);
		mm_grammar_address_list (mm_bytes (text->str, text->len), &list);
		g_assert_cmpuint (list.mailboxes, ==, n);
		g_assert_cmpuint (list.members->len, ==, MIN (n, MM_LIMIT_addresses));
		g_assert_cmpint (list.too_many, ==, n > MM_LIMIT_addresses);
		g_assert_cmpuint (list.faults, ==, 0);
	}
}

/* A longer value is kept as far as it goes. */
static void
test_kept_value (void)
{
	const MmBytes name = LIT ("X-Original-Date: ");

	for (gsize n = MM_LIMIT_kept_value - 1; n <= MM_LIMIT_kept_value + 1; n++) {
		g_autoptr (GString) wire = g_string_new (FROM REST "Date: ");
		g_autoptr (MmPolicy) policy = mm_policy_new_fix ("INVALID_DATE", NULL);
		const MmJudgeRequest request = {.policy = policy};
		g_autoptr (MmMessage) message = NULL;
		g_autoptr (MmJudgement) judgement = NULL;
		MmContext context;
		int at;

		fill (wire, 'x', n);
		g_string_append (wire, "\r\n\r\ntext\r\n");
		message = test_message (mm_bytes (wire->str, wire->len));
		test_context_init (&context);
		judgement = mm_judge (message, &context, &request);
		at = mm_message_find (judgement->message, "X-Original-Date", 0);
		g_assert_cmpint (at, >=, 0);
		g_assert_cmpuint (mm_message_header (judgement->message, (guint) at)->line.len, ==,
		                  name.len + MIN (n, MM_LIMIT_kept_value) + strlen ("\r\n"));
	}
}

/* ---- the table ----------------------------------------------------------------------------------- */

static void
test_names (void)
{
	for (guint i = 0; i < mm_limit_n_rows; i++) {
		g_autofree char *text = g_strdup_printf ("%s: why", mm_limit_rows[i].name);
		g_autofree char *longer = g_strdup_printf ("%sx: why", mm_limit_rows[i].name);

		g_assert_true (mm_limit_named (text) ==
		               (mm_limit_rows[i].named ? mm_limit_rows[i].name : NULL));
		g_assert_null (mm_limit_named (longer));
	}
	g_assert_null (mm_limit_named ("repeats: what no log line names"));
	g_assert_null (mm_limit_named (NULL));
	g_assert_null (mm_limit_named (""));
	g_assert_null (mm_limit_named ("would break dkim: x"));
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *path = g_strdup_printf ("/limits/%u-%s", i, rows[i].limit);

		g_test_add_data_func (path, &rows[i], test_row);
	}
	g_test_add_func ("/limits/addresses", test_addresses);
	g_test_add_func ("/limits/kept_value", test_kept_value);
	g_test_add_func ("/limits/names", test_names);
	return g_test_run ();
}
