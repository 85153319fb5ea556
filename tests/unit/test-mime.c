/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-mime.c: the tree of parts: where they lie and what they say of themselves.
 *
 * A tree is shown as one line a part: path, type, what it is, its octets.
 */
#include "test-util.h"

static void
show_flags (GString *out, const MmPart *part)
{
	static const char kinds[] = {
		[MM_PART_LEAF] = 'l', [MM_PART_MULTIPART] = 'm', [MM_PART_MESSAGE] = 'r'};

	g_string_append_c (out, kinds[part->kind]);
	if (part->opened)
		g_string_append_c (out, 'o');
	if (part->closed)
		g_string_append_c (out, 'c');
	if (!part->separated)
		g_string_append_c (out, '-');
	if (part->embedded)
		g_string_append_c (out, 'E');
	if (part->sealed)
		g_string_append_c (out, 'S');
	if (part->attachment)
		g_string_append_c (out, 'A');
}

static void
show_part (GString *out, const MmPart *part)
{
	g_autofree char *content = test_show (part->content);

	g_string_append_printf (out, "%s %s ", part->path, part->type);
	show_flags (out, part);
	if (part->kind == MM_PART_MULTIPART) {
		g_autofree char *preamble = test_show (part->preamble);
		g_autofree char *epilogue = test_show (part->epilogue);
		g_string_append_printf (out, " (%s)(%s) %u\n", preamble, epilogue,
					part->delimiters->len);
	} else if (part->kind == MM_PART_MESSAGE) {
		g_string_append_c (out, '\n');
	} else {
		g_string_append_printf (out, " %s\n", content);
	}
}

/* What always holds of a tree, whatever the octets. */
static void
check_tree (const MmMessage *message, const MmMime *mime)
{
	MmBytes body = mm_message_body (message);

	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);

		g_assert_cmpuint (part->number, ==, i);
		g_assert_cmpint (part->parent, <, (int)i);
		for (guint k = 0; k < i; k++)
			g_assert_cmpstr (mm_mime_part (mime, k)->path, !=, part->path);
		g_assert_true (part->content.len == 0 ||
			       (part->content.data >= body.data &&
				mm_bytes_end (part->content) <= mm_bytes_end (body)));
		if (part->parent >= 0) {
			const MmPart *above = mm_mime_part (mime, (guint)part->parent);
			g_assert_cmpuint (part->depth, ==, above->depth + 1);
			g_assert_true (part->block.data >= above->content.data);
			g_assert_true (mm_bytes_end (part->content) <=
				       mm_bytes_end (above->content));
		}
	}
}

static char *
show_tree (MmBytes wire, const MmLimits *limits, const char **out_limit)
{
	g_autoptr (MmMessage) message = test_message (wire);
	g_autoptr (MmMime) mime = mm_mime_new (message, limits);
	GString *out = g_string_new (NULL);

	check_tree (message, mime);
	for (guint i = 0; i < mime->parts->len; i++)
		show_part (out, mm_mime_part (mime, i));
	if (out_limit != NULL)
		*out_limit = mime->limit;
	return g_string_free (out, FALSE);
}

#define MIXED "Content-Type: multipart/mixed; boundary=B\r\n\r\n"
#define INNER "Content-Type: multipart/mixed; boundary=BB\r\n\r\n"

static const struct {
	const char *label;
	MmBytes wire;
	const char *tree;
} trees[] = {
	{"plain", B ("A: b\r\n\r\nx\r\n"), " text/plain l x\\r\\n\n"},
	{"nothing", B (""), " text/plain l- \n"},
	{"a type that cannot be read", B ("Content-Type: text\r\n\r\nx"), " text/plain l x\n"},
	{"the lowest of two types", B ("Content-Type: a/b\r\ncontent-type: C/D\r\n\r\nx"),
	 " c/d l x\n"},
	{"two leaves",
	 B (MIXED "pre\r\n--B\r\n\r\none\r\n--B\r\nContent-Type: "
		  "text/html\r\n\r\ntwo\r\n--B--\r\nepi\r\n"),
	 " multipart/mixed moc (pre)(epi\\r\\n) 3\n1 text/plain l one\n2 text/html l two\n"},
	{"no preamble, no epilogue", B (MIXED "--B\r\n\r\none\r\n--B--"),
	 " multipart/mixed moc ()() 2\n1 text/plain l one\n"},
	{"line end before a delimiter belongs to it", B (MIXED "--B\r\n\r\none\r\n\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 text/plain l one\\r\\n\n"},
	{"empty content", B (MIXED "--B\r\n\r\n\r\n--B\r\n\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 3\n1 text/plain l \n2 text/plain l \n"},
	{"never closed", B (MIXED "--B\r\n\r\none\r\n--B\r\n\r\ntwo\r\n"),
	 " multipart/mixed mo ()() 2\n1 text/plain l one\n2 text/plain l two\\r\\n\n"},
	{"never opened", B (MIXED "text\r\n"), " multipart/mixed m (text\\r\\n)() 0\n"},
	{"closed at once", B (MIXED "--B--\r\nx"), " multipart/mixed moc ()(x) 1\n"},
	{"no boundary", B ("Content-Type: multipart/mixed\r\n\r\n--B\r\n\r\nx"),
	 " multipart/mixed l --B\\r\\n\\r\\nx\n"},
	{"empty boundary", B ("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx"),
	 " multipart/mixed l --\\r\\n\\r\\nx\n"},
	{"boundary with blanks",
	 B ("Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\n--a b\r\n\r\nx\r\n--a b--"),
	 " multipart/mixed moc ()() 2\n1 text/plain l x\n"},
	{"transport padding", B (MIXED "--B \t\r\n\r\none\r\n--B-- \r\nx"),
	 " multipart/mixed moc ()(x) 2\n1 text/plain l one\n"},
	{"more than the boundary",
	 B (MIXED "--Bx\r\n--B\r\n\r\none\r\n--B-\r\n --B--\r\n--B--\r\n"),
	 " multipart/mixed moc (--Bx)() 2\n1 text/plain l one\\r\\n--B-\\r\\n --B--\n"},
	{"boundaries have case", B (MIXED "--b\r\n--B\r\n\r\none\r\n--B--\r\n"),
	 " multipart/mixed moc (--b)() 2\n1 text/plain l one\n"},
	{"delimiter in the middle of a line", B (MIXED "--B\r\n\r\none--B--\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 text/plain l one--B--\n"},
	{"after the close line nothing opens", B (MIXED "--B\r\n\r\n1\r\n--B--\r\n--B\r\n\r\n2"),
	 " multipart/mixed moc ()(--B\\r\\n\\r\\n2) 2\n1 text/plain l 1\n"},

	{"nested",
	 B (MIXED "--B\r\nContent-Type: multipart/alternative; "
		  "boundary=C\r\n\r\nin\r\n--C\r\n\r\na\r\n--C\r\n\r\nb\r\n--C--\r\nout\r\n--"
		  "B\r\n\r\nc\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 3\n1 multipart/alternative moc (in)(out) 3\n1.1 text/plain l "
	 "a\n1.2 text/plain l b\n2 text/plain l c\n"},
	{"an inner boundary has the outer one as prefix",
	 B (MIXED "--B\r\n" INNER "--BB\r\n\r\na\r\n--BB--\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 multipart/mixed moc ()() 2\n1.1 text/plain l a\n"},
	{"the inner one is never closed",
	 B (MIXED "--B\r\n" INNER "--BB\r\n\r\na\r\n--B\r\n\r\nb\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 3\n1 multipart/mixed mo ()() 1\n1.1 text/plain l a\n2 "
	 "text/plain l b\n"},
	{"outer delimiter directly after the inner close line",
	 B (MIXED "--B\r\n" INNER "--BB\r\n\r\na\r\n--BB--\r\n--B\r\n\r\nb\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 3\n1 multipart/mixed moc ()() 2\n1.1 text/plain l a\n2 "
	 "text/plain l b\n"},
	{"one boundary at two levels: the innermost wins",
	 B (MIXED "--B\r\n" MIXED "--B\r\n\r\na\r\n--B--\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 multipart/mixed moc ()() 2\n1.1 text/plain l a\n"},

	{"part without headers", B (MIXED "--B\r\n\r\nA: b\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 text/plain l A: b\n"},
	{"header block ended by a delimiter", B (MIXED "--B\r\nA: b\r\n--B\r\n\r\nx\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 3\n1 text/plain l- \n2 text/plain l x\n"},
	{"two delimiters in a row", B (MIXED "--B\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 text/plain l- \n"},
	{"header block ended by the end", B (MIXED "--B\r\nA: b"),
	 " multipart/mixed mo ()() 1\n1 text/plain l- \n"},
	{"delimiter at the very end", B (MIXED "--B\r\n"),
	 " multipart/mixed mo ()() 1\n1 text/plain l- \n"},

	{"message/rfc822", B ("Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx\r\n"),
	 " message/rfc822 r\n1 text/plain lE x\\r\\n\n"},
	{"a message with parts in a message",
	 B (MIXED "--B\r\nContent-Type: message/rfc822\r\n\r\n" INNER
		  "--BB\r\n\r\na\r\n--BB--\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 message/rfc822 r\n1.1 multipart/mixed mocE ()() 2\n1.1.1 "
	 "text/plain lE a\n"},
	{"messages in messages",
	 B ("Content-Type: message/rfc822\r\n\r\nContent-Type: message/global\r\n\r\n\r\nx"),
	 " message/rfc822 r\n1 message/global rE\n1.1 text/plain lE x\n"},
	{"an encoded message is a leaf",
	 B ("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
	    "base64\r\n\r\nQTogYg==\r\n"),
	 " message/rfc822 l QTogYg==\\r\\n\n"},
	{"an empty message", B (MIXED "--B\r\nContent-Type: message/rfc822\r\n\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 message/rfc822 r\n1.1 text/plain l-E \n"},
	{"a boundary of a message is not seen above it",
	 B (MIXED "--B\r\nContent-Type: message/rfc822\r\n\r\n" INNER
		  "--BB\r\n\r\na\r\n--B\r\n\r\nb\r\n--BB--\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 3\n1 message/rfc822 r\n1.1 multipart/mixed moE ()() 1\n1.1.1 "
	 "text/plain lE a\n2 text/plain l b\\r\\n--BB--\n"},
	{"digest",
	 B ("Content-Type: multipart/digest; boundary=B\r\n\r\n--B\r\n\r\nSubject: "
	    "1\r\n\r\nx\r\n--B\r\nContent-Type: text/plain\r\n\r\ny\r\n--B--\r\n"),
	 " multipart/digest moc ()() 3\n1 message/rfc822 r\n1.1 text/plain lE x\n2 text/plain l "
	 "y\n"},
	{"report",
	 B ("Content-Type: multipart/report; "
	    "boundary=B\r\n\r\n--B\r\n\r\nsorry\r\n--B\r\nContent-Type: "
	    "message/delivery-status\r\n\r\nA: b\r\n\r\n--B\r\nContent-Type: "
	    "text/rfc822-headers\r\n\r\nC: d\r\n--B--\r\n"),
	 " multipart/report moc ()() 4\n1 text/plain lE sorry\n2 message/delivery-status lE A: "
	 "b\\r\\n\n3 text/rfc822-headers lE C: d\n"},
	{"signed",
	 B ("Content-Type: multipart/signed; boundary=B\r\n\r\n--B\r\n" INNER
	    "--BB\r\n\r\na\r\n--BB--\r\n--B\r\nContent-Type: "
	    "application/pkcs7-signature\r\n\r\ns\r\n--B--\r\n"),
	 " multipart/signed moc ()() 3\n1 multipart/mixed mocS ()() 2\n1.1 text/plain lS a\n2 "
	 "application/pkcs7-signature lS s\n"},
	{"attachment",
	 B ("Content-Type: text/plain\r\nContent-Disposition: Attachment; filename=a\r\n\r\nx"),
	 " text/plain lA x\n"},

	{"lone LF",
	 B ("Content-Type: multipart/mixed; boundary=B\n\npre\n--B\n\none\n--B--\nepi\n"),
	 " multipart/mixed moc (pre)(epi\\n) 2\n1 text/plain l one\n"},
	{"LF before, CRLF after a delimiter", B (MIXED "--B\r\n\r\none\n--B\r\n\r\ntwo\r\n--B--\n"),
	 " multipart/mixed moc ()() 3\n1 text/plain l one\n2 text/plain l two\n"},
	{"a lone CR ends no line", B (MIXED "x\r--B\r\n--B\r\n\r\none\r--B--\r\n--B--\r\n"),
	 " multipart/mixed moc (x\\r--B)() 2\n1 text/plain l one\\r--B--\n"},
	{"CR CR LF at a delimiter", B (MIXED "--B\r\r\n\r\none\r\n--B--\r\r\n"),
	 " multipart/mixed moc ()() 2\n1 text/plain l one\n"},
	{"NUL is content", B (MIXED "--B\r\n\r\na\0b\r\n--B--\r\n"),
	 " multipart/mixed moc ()() 2\n1 text/plain l a\\x00b\n"},
};

static void
test_trees (void)
{
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (trees); i++) {
		g_autofree char *got = NULL;

		g_test_message ("%s", trees[i].label);
		got = show_tree (trees[i].wire, &limits, NULL);
		g_assert_cmpstr (got, ==, trees[i].tree);
	}
}

/* Ranges are views into the message: offsets of a part's block and content. */
static void
test_ranges (void)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) message =
		test_message (LIT (MIXED "--B\r\nX: y\r\n\r\none\r\n--B--\r\n"));
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
	const MmPart *part = mm_mime_part (mime, 1);
	const MmPart *top = mm_mime_part (mime, 0);
	MmBytes body = mm_message_body (message);

	g_assert_true (part->block.data == body.data + 5);
	test_assert_bytes (part->block, LIT ("X: y\r\n"));
	g_assert_true (part->content.data == body.data + 13);
	g_assert_cmpuint (part->headers->len, ==, 1);
	g_assert_cmpint (mm_part_find_header (part, "x"), ==, 0);
	g_assert_cmpint (mm_part_find_header (part, "y"), ==, -1);
	test_assert_bytes (g_array_index (top->delimiters, MmBytes, 0), LIT ("--B\r\n"));
	test_assert_bytes (g_array_index (top->delimiters, MmBytes, 1), LIT ("--B--\r\n"));
	g_assert_cmpuint (mime->parts->len, ==, 2);
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static MmBytes
repeat (GString *out, const char *text, guint n)
{
	for (guint i = 0; i < n; i++)
		g_string_append (out, text);
	return mm_bytes (out->str, out->len);
}

static void
test_limit_parts (void)
{
	MmLimits limits = mm_limits_default ();
	g_autoptr (GString) text = g_string_new (MIXED);
	const char *limit = NULL;
	g_autofree char *all = NULL, *less = NULL;

	repeat (text, "--B\r\n\r\nx\r\n", 3);
	limits.parts = 4;
	all = show_tree (mm_bytes (text->str, text->len), &limits, &limit);
	g_assert_null (limit);
	g_assert_cmpstr (all, ==,
			 " multipart/mixed mo ()() 3\n1 text/plain l x\n2 text/plain l x\n"
			 "3 text/plain l x\\r\\n\n");
	limits.parts = 3;
	less = show_tree (mm_bytes (text->str, text->len), &limits, &limit);
	g_assert_cmpstr (limit, ==, "parts");
	g_assert_true (g_str_has_prefix (less, " multipart/mixed mo ()() 3\n1 text/plain l x\n"
					       "2 text/plain l x\n"));
	g_assert_null (strstr (less, "\n3 "));
}

static void
test_limit_depth (void)
{
	MmLimits limits = mm_limits_default ();
	const char *limit = NULL;
	g_autofree char *all = NULL, *less = NULL;
	MmBytes wire = LIT (MIXED "--B\r\n" INNER "--BB\r\n\r\na\r\n--BB--\r\n--B--\r\n");

	limits.depth = 3;
	all = show_tree (wire, &limits, &limit);
	g_assert_null (limit);
	g_assert_nonnull (strstr (all, "1.1 text/plain l a\n"));
	limits.depth = 2;
	less = show_tree (wire, &limits, &limit);
	g_assert_cmpstr (limit, ==, "depth");
	g_assert_cmpstr (less, ==,
			 " multipart/mixed moc ()() 2\n"
			 "1 multipart/mixed l --BB\\r\\n\\r\\na\\r\\n--BB--\n");
}

static void
test_limit_block (void)
{
	MmLimits limits = mm_limits_default ();
	g_autoptr (GString) text = g_string_new (MIXED "--B\r\n");
	const char *limit = NULL;
	g_autofree char *tree = NULL;

	limits.part_header_block = 100;
	repeat (text, "Aaa: bbb\r\n", 30);
	g_string_append (text, "\r\nx\r\n--B--\r\n");
	tree = show_tree (mm_bytes (text->str, text->len), &limits, &limit);
	g_assert_cmpstr (limit, ==, "part_header_block");
	g_assert_true (
		g_str_has_prefix (tree, " multipart/mixed moc ()() 2\n1 text/plain l- Aaa:"));
}

/* Deep and wide trees end at the default bounds, quickly. */
static void
test_hostile (void)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (GString) deep = g_string_new (NULL);
	g_autoptr (GString) wide = g_string_new (MIXED);
	const char *limit = NULL;
	g_autofree char *a = NULL, *b = NULL, *c = NULL;

	for (guint i = 0; i < 3000; i++)
		g_string_append_printf (
			deep, "Content-Type: multipart/mixed; boundary=B%u\r\n\r\n--B%u\r\n", i, i);
	a = show_tree (mm_bytes (deep->str, deep->len), &limits, &limit);
	g_assert_cmpstr (limit, ==, "depth");
	b = show_tree (repeat (wide, "--B\r\n\r\n", 20000), &limits, &limit);
	g_assert_cmpstr (limit, ==, "parts");
	g_string_truncate (deep, 0);
	c = show_tree (repeat (deep, "Content-Type: message/rfc822\r\n\r\n", 20000), &limits,
		       &limit);
	g_assert_cmpstr (limit, ==, "depth");
}

/* ---- what a part says of itself -------------------------------------------------------------- */

static void
test_encoding (void)
{
	static const struct {
		MmBytes wire;
		MmEncoding encoding;
		const char *text;
	} rows[] = {
		{B ("A: b\r\n\r\n"), MM_ENCODING_7BIT, NULL},
		{B ("Content-Transfer-Encoding: 7Bit\r\n\r\n"), MM_ENCODING_7BIT, "7bit"},
		{B ("Content-Transfer-Encoding: 8bit\r\n\r\n"), MM_ENCODING_8BIT, "8bit"},
		{B ("Content-Transfer-Encoding: binary \r\n\r\n"), MM_ENCODING_BINARY, "binary"},
		{B ("Content-Transfer-Encoding: (x) BASE64 (y)\r\n\r\n"), MM_ENCODING_BASE64,
		 "base64"},
		{B ("Content-Transfer-Encoding:\r\n quoted-printable\r\n\r\n"), MM_ENCODING_QP,
		 "quoted-printable"},
		{B ("Content-Transfer-Encoding: x-uue\r\n\r\n"), MM_ENCODING_UNKNOWN, "x-uue"},
		{B ("Content-Transfer-Encoding:\r\n\r\n"), MM_ENCODING_UNKNOWN, ""},
		{B ("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
		 MM_ENCODING_BASE64, "base64"},
	};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (rows[i].wire);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);

		g_test_message ("row %zu", i);
		g_assert_cmpint (mm_mime_part (mime, 0)->encoding, ==, rows[i].encoding);
		g_assert_cmpstr (mm_mime_part (mime, 0)->encoding_text, ==, rows[i].text);
	}
}

static void
test_decode (void)
{
	static const struct {
		MmBytes wire, want;
	} rows[] = {
		{B ("\r\na=20b\r\n"), B ("a=20b\r\n")},
		{B ("Content-Transfer-Encoding: quoted-printable\r\n\r\na=20b=\r\nc"), B ("a bc")},
		{B ("Content-Transfer-Encoding: base64\r\n\r\nAP8=\r\n"), B ("\0\xff")},
		{B ("Content-Transfer-Encoding: x\r\n\r\nAP8=\r\n"), B ("AP8=\r\n")},
	};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (rows[i].wire);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
		g_auto (MmBuffer) out = MM_BUFFER_INIT;

		g_test_message ("row %zu", i);
		g_assert_true (mm_part_decode (mm_mime_part (mime, 0), &out));
		test_assert_bytes (mm_buffer_bytes (&out), rows[i].want);
	}
}

/* Which parts may never be encoded, and where findings count as embedded. */
static void
test_untouchable (void)
{
	static const struct {
		MmBytes wire;
		guint part;
		gboolean untouchable, embedded;
	} rows[] = {
		{B ("\r\nx"), 0, FALSE, FALSE},
		{B (MIXED "--B\r\n\r\nx\r\n--B--\r\n"), 0, TRUE, FALSE},
		{B (MIXED "--B\r\n\r\nx\r\n--B--\r\n"), 1, FALSE, FALSE},
		{B ("Content-Type: multipart/mixed\r\n\r\nx"), 0, TRUE, FALSE},
		{B ("Content-Type: message/rfc822\r\n\r\n\r\nx"), 0, TRUE, TRUE},
		{B ("Content-Type: message/rfc822\r\n\r\n\r\nx"), 1, FALSE, TRUE},
		{B ("Content-Type: message/partial; id=x\r\n\r\nx"), 0, TRUE, TRUE},
		{B ("Content-Type: message/x-other\r\n\r\nx"), 0, TRUE, FALSE},
		{B ("Content-Type: text/rfc822-headers\r\n\r\nx"), 0, TRUE, TRUE},
		{B ("Content-Type: multipart/signed; boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n"),
		 1, TRUE, FALSE},
		{B ("Content-Type: multipart/encrypted; "
		    "boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n"),
		 1, TRUE, FALSE},
		{B ("Content-Type: multipart/report; "
		    "boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B\r\n\r\ny\r\n--B--\r\n"),
		 1, FALSE, TRUE},
		{B ("Content-Type: multipart/report; "
		    "boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B\r\n\r\ny\r\n--B--\r\n"),
		 2, TRUE, TRUE},
	};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (rows[i].wire);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
		const MmPart *part = mm_mime_part (mime, rows[i].part);

		g_test_message ("row %zu", i);
		g_assert_cmpint (mm_part_is_untouchable (mime, part), ==, rows[i].untouchable);
		g_assert_cmpint (mm_part_content_is_embedded (part), ==, rows[i].embedded);
	}
}

static void
test_whole (void)
{
	const MmLimits limits = mm_limits_default ();
	static const struct {
		MmBytes wire;
		gboolean tnef, content;
	} rows[] = {
		{B ("A: b\r\n\r\nContent-Type: x\r\n"), FALSE, FALSE},
		{B ("content-id: <a>\r\n\r\nx"), FALSE, TRUE},
		{B ("Content-Type: application/MS-TNEF\r\n\r\nx"), TRUE, TRUE},
		{B (MIXED "--B\r\nContent-Type: application/vnd.ms-tnef\r\n\r\nx\r\n"), TRUE, TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (rows[i].wire);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);

		g_test_message ("row %zu", i);
		g_assert_cmpint (mm_mime_has_tnef (mime), ==, rows[i].tnef);
		g_assert_cmpint (mm_mime_has_content_headers (mime), ==, rows[i].content);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/mime/trees", test_trees);
	g_test_add_func ("/mime/ranges", test_ranges);
	g_test_add_func ("/mime/limit-parts", test_limit_parts);
	g_test_add_func ("/mime/limit-depth", test_limit_depth);
	g_test_add_func ("/mime/limit-block", test_limit_block);
	g_test_add_func ("/mime/hostile", test_hostile);
	g_test_add_func ("/mime/encoding", test_encoding);
	g_test_add_func ("/mime/decode", test_decode);
	g_test_add_func ("/mime/untouchable", test_untouchable);
	g_test_add_func ("/mime/whole", test_whole);
	return g_test_run ();
}
