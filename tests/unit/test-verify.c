/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-verify.c: a bad "mended" message, made by hand, is refused; ordinary mail is not.
 *
 * Repairs are taken from what the rules find in the message before: those with a label of the row
 * count as mended. LineLimit is 20 here, so that a long line is short.
 */
#include <mailmend/verify.h>

#include "test-util.h"

#define FROM "From: a@b.example\r\n"
#define DATE "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
#define MID "Message-ID: <1@b.example>\r\n"
#define MIME "MIME-Version: 1.0\r\n"
#define ALL FROM DATE MID MIME
#define QP "Content-Transfer-Encoding: quoted-printable\r\n"
#define B64 "Content-Transfer-Encoding: base64\r\n"
#define TYPE(type) "Content-Type: " type "\r\n"
#define MIXED TYPE ("multipart/mixed; boundary=B")
#define OTHER TYPE ("multipart/mixed; boundary=C")
#define LONG "0123456789012345678901234"

static void
context_init (MmContext *context)
{
	test_context_init (context);
	context->line_limit = 20;
}

/* ---- the mended message ---------------------------------------------------------------------- */

/* Where @line stood in @before, after place @last: the same octets, or the same name. */
static int
original_of (const MmMessage *before, const MmHeader *line, int last)
{
	for (int exact = 1; exact >= 0; exact--)
		for (guint i = (guint)(last + 1); i < mm_message_n_headers (before); i++) {
			const MmHeader *old = mm_message_header (before, i);
			if (exact ? mm_bytes_equal (old->line, line->line)
				  : mm_bytes_equal_nocase (old->name, line->name))
				return (int)i;
		}
	return -1;
}

/* @wire as if it had been made from @before. */
static MmMessage *
mended_from (const MmMessage *before, MmBytes wire)
{
	g_autoptr (MmMessage) read = test_message (wire);
	g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (MmHeaderLine));
	int last = -1;

	for (guint i = 0; i < mm_message_n_headers (read); i++) {
		const MmHeader *item = mm_message_header (read, i);
		MmHeaderLine line = {item->line, original_of (before, item, last)};

		last = MAX (last, line.original);
		g_array_append_val (lines, line);
	}
	return mm_message_with (before, (const MmHeaderLine *)lines->data, lines->len,
				mm_message_separator (read), mm_message_body_bytes (read));
}

static void
repair_free (gpointer data)
{
	MmRepair *repair = data;

	g_free (repair->key);
	g_free (repair->part);
	g_free (repair);
}

/* As if every finding with one of @labels ("A|B") had been mended. */
static GPtrArray *
repairs_of (const MmCheck *before, const char *labels)
{
	GPtrArray *repairs = g_ptr_array_new_with_free_func (repair_free);
	g_auto (GStrv) wanted = g_strsplit (labels, "|", -1);

	for (guint i = 0; i < mm_findings_n (before->findings); i++) {
		const MmFinding *f = mm_findings_get (before->findings, i);
		const MmPart *part = mm_mime_part (before->mime, f->part);
		MmRepair *repair;

		if (!g_strv_contains ((const char *const *)wanted, f->rule->label))
			continue;
		repair = g_new0 (MmRepair, 1);
		repair->key = mm_finding_key (&before->facts, f);
		repair->rule = f->rule;
		repair->part = g_strdup (part->path);
		repair->place = f->place;
		repair->original = -1;
		if (f->place == MM_PLACE_HEADER && f->part == 0)
			repair->original = f->header;
		g_ptr_array_add (repairs, repair);
	}
	g_assert_cmpuint (repairs->len, ==, g_strv_length (wanted));
	return repairs;
}

/* The labels of the blamed repairs. */
static char *
blamed_labels (const MmObjection *objection)
{
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < objection->blamed->len; i++) {
		const char *key = objection->blamed->pdata[i];
		g_string_append_printf (out, "%s%.*s", i > 0 ? "|" : "", (int)strcspn (key, " "),
					key);
	}
	return g_string_free (out, FALSE);
}

static const struct {
	const char *label;
	MmBytes before, after;
	const char *mended; /* labels of the repairs */
	const char *reason; /* NULL: all holds */
	const char *blamed; /* labels, "": unknown */
} rows[] = {
	{"nothing done", B (ALL "\r\nx"), B (ALL "\r\nx"), "", NULL, NULL},
	{"a field added", B (FROM MID MIME "\r\nx"), B (FROM MID MIME DATE "\r\nx"),
	 "MISSING_DATE_HEADER", NULL, NULL},
	{"a leaf encoded", B (ALL "\r\n" LONG), B (ALL QP "\r\n0123456789=\r\n012345678901234"),
	 "LINE_TOO_LONG", NULL, NULL},

	{"found again", B (FROM MID MIME "\r\nx"), B (FROM MID MIME "\r\nx"), "MISSING_DATE_HEADER",
	 "MISSING_DATE_HEADER is found again", "MISSING_DATE_HEADER"},
	{"two found again", B (FROM MIME "\r\nx"), B (FROM MIME "\r\nx"),
	 "MISSING_DATE_HEADER|MISSING_MESSAGE_ID_HEADER", "is found again",
	 "MISSING_MESSAGE_ID_HEADER|MISSING_DATE_HEADER"},

	{"a field lost", B (FROM "X-A: 1\r\n" MID MIME "\r\nx"), B (FROM MID MIME DATE "\r\nx"),
	 "MISSING_DATE_HEADER", "header 2 is lost or changed", ""},
	{"a field changed", B (FROM "X-A: 1\r\n" MID MIME "\r\nx"),
	 B (FROM "X-A: 2\r\n" MID MIME DATE "\r\nx"), "MISSING_DATE_HEADER",
	 "header 2 is lost or changed", ""},
	{"only its fold changed", B (FROM "X-A: 1\r\n 2\r\n" MID MIME "\r\nx"),
	 B (FROM "X-A: 1 2\r\n" MID MIME DATE "\r\nx"), "MISSING_DATE_HEADER",
	 "header 2 is lost or changed", ""},
	{"MIME-Version lost", B (FROM MID MIME "\r\nx"), B (FROM MID DATE "\r\nx"),
	 "MISSING_DATE_HEADER", "header 3 is lost or changed", ""},

	{"one of two Subjects deleted", B (ALL "Subject: a\r\nX-A: 1\r\nSubject: b\r\n\r\nx"),
	 B (ALL "X-A: 1\r\nSubject: b\r\n\r\nx"), "DUPLICATE_HEADER", NULL, NULL},
	{"another field with it", B (ALL "Subject: a\r\nX-A: 1\r\nSubject: b\r\n\r\nx"),
	 B (ALL "Subject: b\r\n\r\nx"), "DUPLICATE_HEADER", "header 6 is lost or changed", ""},
	{"without such a repair",
	 B (FROM MID MIME "Subject: a\r\nX-A: 1\r\nSubject: b\r\n\r\nx"),
	 B (FROM MID MIME "X-A: 1\r\nSubject: b\r\n" DATE "\r\nx"), "MISSING_DATE_HEADER",
	 "header 4 is lost or changed", ""},

	{"a new error at the mended field",
	 B (FROM "Message-ID: =?utf-8?q?=3C1=40b=2Eexample=3E?=\r\n" MIME "\r\nx"),
	 B (FROM "Message-ID: <1 2@b.example>\r\n" MIME DATE "\r\nx"),
	 "ENCODED_MESSAGE_ID|MISSING_DATE_HEADER", "INVALID_MESSAGE_ID is new in part \"\"",
	 "ENCODED_MESSAGE_ID"},
	{"encoded, but no shorter", B (ALL "\r\n" LONG), B (ALL QP "\r\n" LONG "=\r\n"),
	 "LINE_TOO_LONG", "LINE_TOO_LONG is found again", "LINE_TOO_LONG"},
	{"a new error in an added field", B (FROM MID MIME "\r\nx"),
	 B (FROM MID MIME "Date: yesterday\r\n\r\nx"), "MISSING_DATE_HEADER",
	 "INVALID_DATE is new in part \"\"", "MISSING_DATE_HEADER"},

	{"content lost", B (ALL "\r\n" LONG), B (ALL QP "\r\n0123456789"), "LINE_TOO_LONG",
	 "part \"\" has other content", "LINE_TOO_LONG"},
	{"a line end added", B (ALL "\r\n" LONG),
	 B (ALL QP "\r\n0123456789=\r\n012345678901234\r\n"), "LINE_TOO_LONG",
	 "part \"\" has other content", "LINE_TOO_LONG"},
	{"content lost in one of two parts",
	 B (ALL MIXED "\r\n--B\r\n\r\n" LONG "\r\n--B\r\n\r\n" LONG "\r\n--B--\r\n"),
	 B (ALL MIXED "\r\n--B\r\n" QP "\r\n0123456789=\r\n012345678901234\r\n--B\r\n" QP
		      "\r\n0123456789=\r\n01234567890123\r\n--B--\r\n"),
	 "LINE_TOO_LONG|LINE_TOO_LONG", "part \"2\" has other content", "LINE_TOO_LONG"},
	{"the type changed", B (FROM MID MIME TYPE ("text/plain") "\r\nx"),
	 B (FROM MID MIME TYPE ("text/html") DATE "\r\nx"), "MISSING_DATE_HEADER",
	 "part \"\" has other content", "MISSING_DATE_HEADER"},
	{"octets of a binary leaf", B (ALL TYPE ("application/x") "\r\n" LONG),
	 B (ALL TYPE ("application/x") B64 "\r\nMDEyMzQ1Njc4\r\n"), "LINE_TOO_LONG",
	 "part \"\" has other content", "LINE_TOO_LONG"},
	{"a part lost", B (FROM MID MIME MIXED "\r\n--B\r\n\r\na\r\n--B\r\n\r\nb\r\n--B--\r\n"),
	 B (FROM MID MIME MIXED DATE "\r\n--B\r\n\r\na\r\n--B--\r\n"), "MISSING_DATE_HEADER",
	 "3 parts became 2", ""},
	{"the preamble lost", B (FROM MID MIME MIXED "\r\npre\r\n--B\r\n\r\na\r\n--B--\r\n"),
	 B (FROM MID MIME MIXED DATE "\r\n--B\r\n\r\na\r\n--B--\r\n"), "MISSING_DATE_HEADER",
	 "part \"\" has other content", "MISSING_DATE_HEADER"},
	{"the epilogue lost", B (FROM MID MIME MIXED "\r\n--B\r\n\r\na\r\n--B--\r\nepi"),
	 B (FROM MID MIME MIXED DATE "\r\n--B\r\n\r\na\r\n--B--\r\n"), "MISSING_DATE_HEADER",
	 "part \"\" has other content", "MISSING_DATE_HEADER"},

	{"the close line", B (ALL MIXED "\r\n--B\r\n\r\na\r\n"),
	 B (ALL MIXED "\r\n--B\r\n\r\na\r\n\r\n--B--\r\n"), "MISSING_FINAL_BOUNDARY", NULL, NULL},
	{"the close line, and line ends mended",
	 B (ALL MIXED "\r\n--B\r\n\r\na\nb\n"),
	 B (ALL MIXED "\r\n--B\r\n\r\na\r\nb\r\n\r\n--B--\r\n"),
	 "MISSING_FINAL_BOUNDARY|NON_CANONICAL_LINE_ENDINGS", NULL, NULL},
	{"the close line takes the last line end", B (ALL MIXED "\r\n--B\r\n\r\na\r\n"),
	 B (ALL MIXED "\r\n--B\r\n\r\na\r\n--B--\r\n"), "MISSING_FINAL_BOUNDARY",
	 "part \"1\" has other content", ""},
	{"the close line at the wrong place",
	 B (ALL MIXED "\r\n--B\r\n\r\na\r\n--B\r\n\r\nb\r\n"),
	 B (ALL MIXED "\r\n--B\r\n\r\na\r\n--B--\r\n--B\r\n\r\nb\r\n"),
	 "MISSING_FINAL_BOUNDARY", "3 parts became 2", ""},
	{"a close line that nobody was asked for", B (FROM MID MIME MIXED "\r\n--B\r\n\r\na\r\n"),
	 B (FROM MID MIME MIXED DATE "\r\n--B\r\n\r\na\r\n\r\n--B--\r\n"),
	 "MISSING_DATE_HEADER", "part \"\" has other content", "MISSING_DATE_HEADER"},
	{"closed with a part more", B (ALL MIXED "\r\n--B\r\n\r\na\r\n"),
	 B (ALL MIXED "\r\n--B\r\n\r\na\r\n\r\n--B\r\n\r\n--B--\r\n"),
	 "MISSING_FINAL_BOUNDARY", "2 parts became 3", ""},
	{"a fresh inner boundary",
	 B (ALL MIXED "\r\n--B\r\n" MIXED "\r\n--B\r\n\r\na\r\n--B--\r\n\r\n--B--\r\n"),
	 B (ALL MIXED "\r\n--B\r\n" OTHER "\r\n--C\r\n\r\na\r\n--C--\r\n\r\n--B--\r\n"),
	 "DUPLICATE_BOUNDARY", NULL, NULL},
	{"another boundary that nobody was asked for",
	 B (FROM MID MIME MIXED "\r\n--B\r\n\r\na\r\n--B--\r\n"),
	 B (FROM MID MIME OTHER DATE "\r\n--C\r\n\r\na\r\n--C--\r\n"), "MISSING_DATE_HEADER",
	 "part \"\" has other content", "MISSING_DATE_HEADER"},
	{"a fresh boundary, a delimiter line forgotten",
	 B (ALL MIXED "\r\n--B\r\n" MIXED "\r\n--B\r\n\r\na\r\n--B--\r\n\r\n--B--\r\n"),
	 B (ALL MIXED "\r\n--B\r\n" OTHER "\r\n--C\r\n\r\na\r\n--B--\r\n\r\n--B--\r\n"),
	 "DUPLICATE_BOUNDARY", "MISSING_FINAL_BOUNDARY is new in part \"1\"", "DUPLICATE_BOUNDARY"},
};

static void
check_row (gsize i)
{
	g_autoptr (MmMessage) message = test_message (rows[i].before);
	g_autoptr (MmMessage) mended = mended_from (message, rows[i].after);
	MmContext context;
	g_autoptr (MmCheck) before = NULL, after = NULL;
	g_autoptr (GPtrArray) repairs = NULL;
	MmObjection *objection;
	g_autoptr (GPtrArray) broken = g_ptr_array_new ();
	g_autoptr (GHashTable) renamed = g_hash_table_new (NULL, NULL);
	MmFix fix = {.message = mended, .broken = broken, .renamed = renamed};

	context_init (&context);
	before = mm_check_new (message, &context, NULL, NULL);
	after = mm_check_new (mended, &context, NULL, NULL);
	fix.repairs = repairs = repairs_of (before, rows[i].mended);
	objection = mm_verify (before, after, &fix);
	if (rows[i].reason == NULL) {
		g_assert_cmpstr (objection != NULL ? objection->reason : NULL, ==, NULL);
		return;
	}
	g_assert_nonnull (objection);
	g_test_message ("%s", objection->reason);
	g_assert_nonnull (strstr (objection->reason, rows[i].reason));
	g_autofree char *blamed = blamed_labels (objection);
	g_assert_cmpstr (blamed, ==, rows[i].blamed);
	mm_objection_free (objection);
}

static void
test_objections (void)
{
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("%s", rows[i].label);
		check_row (i);
	}
}

static MmObjection *
verify_same (MmMessage *message, MmMessage *mended)
{
	MmContext context;
	g_autoptr (MmCheck) before = NULL, after = NULL;
	g_autoptr (GPtrArray) repairs = g_ptr_array_new ();
	g_autoptr (GPtrArray) broken = g_ptr_array_new ();
	g_autoptr (GHashTable) renamed = g_hash_table_new (NULL, NULL);
	MmFix fix = {.message = mended, .repairs = repairs, .broken = broken, .renamed = renamed};

	context_init (&context);
	before = mm_check_new (message, &context, NULL, NULL);
	after = mm_check_new (mended, &context, NULL, NULL);
	return mm_verify (before, after, &fix);
}

static void
assert_objection (MmObjection *objection, const char *reason)
{
	g_assert_nonnull (objection);
	g_assert_nonnull (strstr (objection->reason, reason));
	g_assert_cmpuint (objection->blamed->len, ==, 0);
	mm_objection_free (objection);
}

static void
test_irregular (void)
{
	g_autoptr (MmMessage) message = test_message (LIT (ALL "\r\nx"));
	const MmHeaderLine lines[] = {{B (FROM DATE), 0}, {B (MID), 2}, {B (MIME), 3}};
	g_autoptr (MmMessage) mended = mm_message_with (message, lines, 3, LIT ("\r\n"), NULL);

	assert_objection (verify_same (message, mended), "reads differently");
}

static void
test_moved (void)
{
	g_autoptr (MmMessage) message = test_message (LIT (ALL "\r\nx"));
	const MmHeaderLine lines[] = {{B (FROM), 0}, {B (MID), 2}, {B (DATE), 1}, {B (MIME), 3}};
	const MmHeaderLine twice[] = {{B (FROM), 0}, {B (FROM), 0}};
	g_autoptr (MmMessage) mended = mm_message_with (message, lines, 4, LIT ("\r\n"), NULL);
	g_autoptr (MmMessage) doubled = mm_message_with (message, twice, 2, LIT ("\r\n"), NULL);
	g_autoptr (GHashTable) none = g_hash_table_new (NULL, NULL);
	g_autofree char *moved = mm_verify_headers (message, mended, none);
	g_autofree char *again = mm_verify_headers (message, doubled, none);

	assert_objection (verify_same (message, mended), "a header has moved");
	g_assert_cmpstr (moved, ==, "a header has moved");
	g_assert_cmpstr (again, ==, "a header has moved");
}

/* The witness objects where all else holds. */
static void
test_witness_objects (void)
{
	g_autoptr (GString) text = g_string_new (FROM DATE MID MIME "Content-Type: text/plain");
	g_autoptr (MmMessage) message = NULL;

	for (guint i = 0; i < 1001; i++)
		g_string_append (text, "; ");
	g_string_append (text, "\r\n\r\nx");
	message = test_message (mm_bytes (text->str, text->len));
	assert_objection (verify_same (message, message), "cannot safely be asked");
}

/* ---- nothing is lost, on its own ------------------------------------------------------------- */

static void
test_headers (void)
{
	static const struct {
		MmBytes before, after;
		int edited; /* place of a field that was the defect, -1: none */
		const char *want;
	} lines[] = {
		{B ("A: 1\r\nB: 2\r\n\r\n"), B ("A: 1\r\nB: 2\r\n\r\n"), -1, NULL},
		{B ("A: 1\r\nB: 2\r\n\r\n"), B ("A: 1\r\nB: 2\r\nC: 3\r\n\r\n"), -1, NULL},
		{B ("A: 1\r\nB: 2\r\n\r\n"), B ("A: 9\r\nB: 2\r\n\r\n"), 0, NULL},
		{B ("A: 1\r\nB: 2\r\n\r\n"), B ("B: 2\r\n\r\n"), 0, NULL},
		{B ("A: 1\r\nB: 2\r\n\r\n"), B ("B: 9\r\n\r\n"), 0, "header 2 is lost or changed"},
		{B ("A: 1\r\nB: 2\r\n\r\n"), B ("A: 1\r\n\r\n"), 0, "header 2 is lost or changed"},
		{B ("A: 1\r\n\r\n"), B ("a: 1\r\n\r\n"), -1, "header 1 is lost or changed"},
		{B ("A: 1\r\n\r\n"), B ("A: 1\n\r\n"), -1, "header 1 is lost or changed"},
		{B ("MIME-Version: 1\r\n\r\n"), B ("MIME-Version: 1.0\r\n\r\n"), -1, NULL},
		{B ("Content-Type: a/b\r\n\r\n"), B ("Content-Type: c/d\r\n\r\n"), -1, NULL},
		{B ("content-transfer-encoding: 8bit\r\n\r\n"),
		 B ("Content-Transfer-Encoding: 7bit\r\n\r\n"), -1, NULL},
		{B ("Content-ID: <a>\r\n\r\n"), B ("Content-ID: <b>\r\n\r\n"), -1,
		 "header 1 is lost or changed"},
		{B ("MIME-Version: 1\r\n\r\n"), B ("\r\n"), -1, "header 1 is lost or changed"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
		g_autoptr (MmMessage) before = test_message (lines[i].before);
		g_autoptr (MmMessage) after = mended_from (before, lines[i].after);
		g_autoptr (GHashTable) edited = g_hash_table_new (NULL, NULL);
		g_autofree char *got = NULL;

		g_test_message ("row %zu", i);
		if (lines[i].edited >= 0)
			g_hash_table_add (edited, GINT_TO_POINTER (lines[i].edited + 1));
		got = mm_verify_headers (before, after, edited);
		g_assert_cmpstr (got, ==, lines[i].want);
	}
}

#define BIN TYPE ("application/x")

static void
test_nothing_lost (void)
{
	static const struct {
		MmBytes before, after;
		const char *line_ends; /* path of a leaf whose line ends were mended, or NULL */
		const char *part;      /* that differs; NULL: nothing is lost */
	} mails[] = {
		{B ("\r\na\r\nb"), B ("\r\na\r\nb"), NULL, NULL},
		{B ("\r\na\nb"), B ("\r\na\r\nb"), "", NULL},
		{B ("\r\na\nb"), B ("\r\na\r\nb"), NULL, ""},
		{B ("\r\na\nb"), B ("\r\na\r\nb"), "1", ""},
		{B ("\r\na\rb"), B ("\r\na b"), "", NULL},
		{B ("\r\na\rb"), B ("\r\nab"), "", ""},
		{B ("\r\na\nb"), B ("\r\na\r\nc"), "", ""},
		{B (BIN "\r\na\nb"), B (BIN "\r\na\r\nb"), "", ""},
		{B (BIN "\r\na\nb"), B (BIN B64 "\r\nYQpi\r\n"), NULL, NULL},
		{B (BIN B64 "\r\nYQpi\r\n"), B (BIN B64 "\r\nYQ\r\npi"), NULL, NULL},
		{B (B64 "\r\nYQpi\r\n"), B (B64 "\r\nYQ0KYg==\r\n"), "", ""},
		{B (QP "\r\na=0Ab"), B (QP "\r\na=0D=0Ab"), NULL, ""},
		{B ("\r\na \r\n"), B (QP "\r\na=20\r\n"), NULL, NULL},
		{B ("\r\na \r\n"), B (QP "\r\na \r\n"), NULL, ""},
		{B ("\r\n\0"), B ("\r\n"), NULL, ""},
		{B (MIXED "\r\n--B\r\n\r\na\r\n--B--\r\n"),
		 B (MIXED "\r\n--B\r\n\r\nb\r\n--B--\r\n"), NULL, "1"},
		{B (MIXED "\r\np\n--B\r\n\r\na\r\n--B--\r\n"),
		 B (MIXED "\r\np\r\n--B\r\n\r\na\r\n--B--\r\n"), NULL, NULL},
		{B (MIXED "\r\np\n--B\r\n\r\na\r\n--B--\r\n"),
		 B (MIXED "\r\nq\r\n--B\r\n\r\na\r\n--B--\r\n"), NULL, ""},
	};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (mails); i++) {
		g_autoptr (MmMessage) old = test_message (mails[i].before);
		g_autoptr (MmMessage) new = test_message (mails[i].after);
		g_autoptr (MmMime) before = mm_mime_new (old, &limits);
		g_autoptr (MmMime) after = mm_mime_new (new, &limits);
		g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
		const MmMendedParts mended = {.line_ends = paths};
		g_autofree char *loss = NULL, *part = NULL;

		g_test_message ("row %zu", i);
		if (mails[i].line_ends != NULL)
			g_hash_table_add (paths, (gpointer)mails[i].line_ends);
		loss = mm_verify_nothing_lost (before, after, MM_BARE_CR_SPACE, &mended, &part);
		g_assert_cmpstr (part, ==, mails[i].part);
		g_assert_cmpint (loss != NULL, ==, mails[i].part != NULL);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/verify/objections", test_objections);
	g_test_add_func ("/verify/irregular", test_irregular);
	g_test_add_func ("/verify/moved", test_moved);
	g_test_add_func ("/verify/witness-objects", test_witness_objects);
	g_test_add_func ("/verify/headers", test_headers);
	g_test_add_func ("/verify/nothing-lost", test_nothing_lost);
	return g_test_run ();
}
