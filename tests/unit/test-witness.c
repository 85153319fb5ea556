/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-witness.c: GMime agrees on ordinary mail, and objects to a tree that is not there.
 */
#include <mailmend/verify.h>

#include "test-util.h"

#define QP "Content-Transfer-Encoding: quoted-printable\r\n"
#define B64 "Content-Transfer-Encoding: base64\r\n"
#define TYPE(type) "Content-Type: " type "\r\n"
#define MIXED TYPE ("multipart/mixed; boundary=B")
#define INNER TYPE ("multipart/mixed; boundary=C")

static char *
ask (MmBytes wire)
{
	g_autoptr (MmMessage) message = test_message (wire);
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);

	return mm_verify_witness (message, mime, NULL);
}

static void
test_witness_agrees (void)
{
	static const MmBytes mails[] = {
		B (""),
		B ("\r\n"),
		B ("A: b\r\n\r\nx"),
		B ("A: b\r\n\r\nx\r\n"),
		B (TYPE ("text/html; charset=utf-8") QP "\r\na=C3=A4=\r\nb\r\n"),
		B (TYPE ("text/plain") B64 "\r\nYWJj\r\nZA==\r\n"),
		B (MIXED "\r\n--B\r\n\r\na\r\n--B--\r\n"),
		B (MIXED "\r\npre\r\n--B\r\n\r\na\r\n--B\r\n" TYPE (
			"text/html") "\r\nb\r\n--B--\r\nepi\r\n"),
		B (MIXED "\r\n--B\r\n" TYPE (
			"multipart/alternative; boundary=BC") "\r\n--BC\r\n\r\na\r\n--BC--\r\n\r\n-"
							      "-B--\r\n"),
		B (TYPE ("multipart/digest; boundary=B") "\r\n--B\r\n\r\nA: "
							 "b\r\n\r\nx\r\n--B--\r\n"),
		B (MIXED "\r\n--B\r\n" TYPE ("message/rfc822") "\r\nA: b\r\n\r\nx\r\n--B--\r\n"),
		B (TYPE ("message/rfc822") B64 "\r\nQTogYg0KDQp4\r\n"),
		B (MIXED "\r\n--B\r\n" TYPE ("message/global") "\r\nA: b\r\n\r\nx\r\n--B--\r\n"),
		B (MIXED
		   "\r\n--B\r\n" TYPE ("message/rfc822") "\r\nno field\r\n\r\nx\r\n--B--\r\n"),
		B (MIXED "\r\n--B\r\n\r\na\n--B\r\n\r\nb\r\r\n--B--\r\n"),
		B ("A: b\r\n\r\n\0"),
		B (MIXED "\r\n--B\r\n\r\na\r\n\r\n--B--\r\n"),
		B (MIXED "\r\n--B\r\n" INNER "\r\n--C\r\n\r\na\r\n--C--\r\n--B--\r\n"),
		B (MIXED "\r\n--B\r\n" INNER
		         "\r\n--C\r\n\r\na\r\n--C--\r\n--B\r\n\r\nb\r\n--B--\r\n"),
		B (MIXED "\r\n--B\r\n" TYPE ("text/plain") "hi there\r\n--B--\r\n"),
		B (MIXED "\r\n--B\r\nhi there\r\nyou\r\n--B--\r\n"),
		B (MIXED "\r\n--B\r\n" TYPE ("text/plain") "--B--\r\n"),
	};

	for (gsize i = 0; i < G_N_ELEMENTS (mails); i++) {
		g_autofree char *differs = ask (mails[i]);
		g_test_message ("row %zu", i);
		g_assert_cmpstr (differs, ==, NULL);
	}
}

static void
spoil_type (MmMime *mime)
{
	MmPart *part = mime->parts->pdata[1];

	g_free (part->type);
	part->type = g_strdup ("text/x");
}

static void
spoil_end (MmMime *mime)
{
	((MmPart *)mime->parts->pdata[1])->content.len--;
}

static void
spoil_start (MmMime *mime)
{
	MmPart *part = mime->parts->pdata[1];

	part->content = mm_bytes_sub (part->content, 1, part->content.len);
}

static void
spoil_encoding (MmMime *mime)
{
	((MmPart *)mime->parts->pdata[1])->encoding = MM_ENCODING_7BIT;
}

static void
spoil_count (MmMime *mime)
{
	g_ptr_array_set_size (mime->parts, 2);
}

static void
spoil_kind (MmMime *mime)
{
	((MmPart *)mime->parts->pdata[1])->kind = MM_PART_MULTIPART;
}

/* It is told another tree than there is. */
static void
test_witness_differs (void)
{
	static const struct {
		void (*spoil) (MmMime *mime);
		const char *want;
	} trees[] = {
		{NULL, NULL},
		{spoil_type, "part \"1\" is text/html"},
		{spoil_end, "other content in part \"1\""},
		{spoil_start, "other content in part \"1\""},
		{spoil_encoding, "other octets in part \"1\""},
		{spoil_count, "part \"\" has other parts"},
		{spoil_kind, "part \"1\" has other parts"},
	};
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) message = test_message (LIT (MIXED "\r\n--B\r\n" TYPE (
		"text/html") QP "\r\na=20b\r\n--B\r\n\r\nc\r\n--B--\r\n"));

	for (gsize i = 0; i < G_N_ELEMENTS (trees); i++) {
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
		g_autofree char *differs = NULL;

		g_test_message ("row %zu", i);
		if (trees[i].spoil != NULL)
			trees[i].spoil (mime);
		differs = mm_verify_witness (message, mime, NULL);
		g_assert_cmpstr (differs, ==, trees[i].want);
	}
}

/* Only the leaves that are named are decoded. */
static void
test_witness_decode (void)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) message =
		test_message (LIT (MIXED "\r\n--B\r\n" QP "\r\na=20b\r\n--B--\r\n"));
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
	g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
	const MmWitnessKnows knows = {.decode = paths};
	g_autofree char *unasked = NULL, *asked = NULL;

	spoil_encoding (mime);
	unasked = mm_verify_witness (message, mime, &knows);
	g_assert_cmpstr (unasked, ==, NULL);
	g_hash_table_add (paths, (gpointer) "1");
	asked = mm_verify_witness (message, mime, &knows);
	g_assert_cmpstr (asked, ==, "other octets in part \"1\"");
}

/* What was there before it was encoded is what GMime must decode to; else our own reading counts. */
static void
test_witness_before (void)
{
	static const struct {
		const char *plain;
		gboolean agrees; /* our own reading is spoiled */
	} rows[] = {{"a b", TRUE}, {"a c", FALSE}, {"a", FALSE}, {"a b c", FALSE}, {"a=20b", FALSE}};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *wire = g_strdup_printf (
			MIXED "\r\n--B\r\nX: y\r\n\r\n%s\r\n--B--\r\n", rows[i].plain);
		g_autoptr (MmMessage) old = test_message (mm_bytes_str (wire));
		g_autoptr (MmMessage) message =
			test_message (LIT (MIXED "\r\n--B\r\n" QP "\r\na=20b\r\n--B--\r\n"));
		g_autoptr (MmMime) before = mm_mime_new (old, &limits);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
		const MmWitnessKnows knows = {.before = before};
		g_autofree char *differs = NULL;

		spoil_encoding (mime);
		differs = mm_verify_witness (message, mime, &knows);
		g_assert_cmpstr (differs, ==,
				 rows[i].agrees ? NULL : "other octets in part \"1\"");
	}
}

/* Mail for each row of the tables in witness-faults.c: without it the witness would object. */
static void
test_known_faults (void)
{
	static const struct {
		const char *fault;
		MmBytes wire;
	} mails[] = {
		{"multipart-without-boundary", B (TYPE ("multipart/mixed") "\r\nx\r\n")},
		{"broken-type", B (TYPE ("multipart/mixed boundary=B") "\r\n--B\r\n\r\na\r\n--B--\r\n")},
		{"damaged-parameters",
		 B (TYPE ("multipart/mixed; x; boundary=B") "\r\n--B\r\n\r\na\r\n--B--\r\n")},
		{"unknown-encoding",
		 B (TYPE ("text/plain") "Content-Transfer-Encoding: x-uuencode\r\n\r\n"
		                        "begin 644 a\r\n#86)C\r\n`\r\nend\r\n")},
		{"cut off in the header of a part",
		 B (MIXED "\r\n--B\r\n\r\na\r\n--B\r\nContent-Ty")},
		{"encoded-message",
		 B (MIXED "\r\n--B\r\n" TYPE ("message/news") "\r\nA: b\r\n\r\nx\r\n--B--\r\n")},
		{"unopened-message",
		 B (MIXED "\r\n--B\r\n" TYPE ("message/rfc822") "\r\n--B--\r\n")},
		{"quoted-printable-blanks", B (QP "\r\na \t\r\nb\r\n")},
		{"damaged-quoted-printable", B (QP "\r\na==41\r\n")},
		{"damaged-base64", B (B64 "\r\nYQ==YmI=\r\n")},
		{"void part", B (MIXED "\r\n--B\r\n--B\r\n\r\na\r\n--B--\r\n")},
		{"part of text alone", B (MIXED "\r\n--B\r\nhi\r\n--B\r\n\r\na\r\n--B--\r\n")},
		{"part of text alone and a void one",
		 B (MIXED "\r\n--B\r\nhi\r\n--B\r\n\r\n--B--\r\n")},
		{"no line end behind the last delimiter", B (MIXED "\r\n--B\r\n\r\na\r\n--B--")},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (mails); i++) {
		g_autofree char *differs = ask (mails[i].wire);
		g_test_message ("%s", mails[i].fault);
		g_assert_cmpstr (differs, ==, NULL);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/witness/agrees", test_witness_agrees);
	g_test_add_func ("/witness/differs", test_witness_differs);
	g_test_add_func ("/witness/decode", test_witness_decode);
	g_test_add_func ("/witness/before", test_witness_before);
	g_test_add_func ("/witness/known-faults", test_known_faults);
	return g_test_run ();
}
