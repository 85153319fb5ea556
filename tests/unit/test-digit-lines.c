/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-digit-lines.c: stretches of base64 found while a body arrives, against what the octets say.
 */
#include <mailmend/check.h>
#include <mailmend/codec.h>

#include "../../milter/mail/digit-lines-private.h"
#include "test-util.h"

/* A random body of lines: mostly base64 of one length, and what ends such stretches. */
static GString *
random_body (GRand *rand)
{
	static const char *const odd[] = {"--B", "", "-", "a b", "text: more", "YQ==", "ab\rcd", "QUJD*A=="};
	GString *body = g_string_new ("--B\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	gint stretches = g_rand_int_range (rand, 1, 5);

	for (gint s = 0; s < stretches; s++) {
		gint len = g_rand_int_range (rand, 4, 25) * 4;
		gint lines = g_rand_int_range (rand, 0, 400);

		for (gint i = 0; i < lines; i++) {
			for (gint c = 0; c < len; c++)
				g_string_append_c (body, "AZaz09+/"[g_rand_int_range (rand, 0, 8)]);
			g_string_append (body, g_rand_int_range (rand, 0, 3000) == 0 ? "\n" : "\r\n");
		}
		g_string_append (body, odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))]);
		g_string_append (body, "\r\n");
	}
	return g_string_append (body, "--B--\r\n");
}

/* The message as it comes through a builder, in random pieces, and what that says of the body. */
static MmMessage *
build (GRand *rand, const GString *body, MmScan *out_facts)
{
	MmMessageBuilder *builder = mm_message_builder_new (0, NULL);
	MmMessage *message;
	gsize most = g_rand_boolean (rand) ? 200 : 20000;

	mm_message_builder_add_header (builder, LIT ("Content-Type"),
				       LIT (" multipart/mixed; boundary=B"));
	for (gsize at = 0, len; at < body->len; at += len) {
		len = (gsize)g_rand_int_range (rand, 1, (gint)most);
		len = MIN (body->len - at, len);
		mm_message_builder_add_body (builder, mm_bytes (body->str + at, len));
	}
	message = mm_message_builder_finish (builder);
	*out_facts = *mm_message_builder_body_facts (builder);
	mm_message_builder_free (builder);
	return message;
}

/* All lines of a stretch must be digits, as long as the first, in whole quanta. */
static void
assert_digits (MmBytes body, MmBytes lines)
{
	gsize len = mm_bytes_find (lines, '\r', 0);

	g_assert_true (lines.data == body.data || lines.data[-1] == '\n');
	g_assert_cmpuint (len % 4, ==, 0);
	g_assert_cmpuint (lines.len % (len + 2), ==, 0);
	for (gsize at = 0; at < lines.len; at++) {
		gsize column = at % (len + 2);
		char c = lines.data[at];

		g_assert_true (column == len       ? c == '\r'
			       : column == len + 1 ? c == '\n'
						   : g_ascii_isalnum (c) || c == '+' || c == '/');
	}
}

static void
assert_same_check (const MmMessage *message, const MmMime *mime, const MmMime *want)
{
	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);
		MmBytes known =
			mm_message_digit_lines (message, part->content, part->content.data);
		gsize at = 0, want_at = 0;

		test_assert_bytes (part->content, mm_mime_part (want, i)->content);
		g_assert_cmpint (mm_base64_check_rest (part->content, known, &at), ==,
				 mm_base64_check (part->content, &want_at));
		g_assert_cmpuint (at, ==, want_at);
	}
}

/* Whoever knows the stretches comes to the same parts and the same flaws as who does not. */
static void
test_random (void)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (GRand) rand = g_rand_new_with_seed (7);
	guint found = 0;

	for (guint n = 0; n < 400; n++) {
		GString *body = random_body (rand);
		MmScan facts, scan = mm_scan (mm_bytes (body->str, body->len));
		g_autoptr (MmMessage) message = build (rand, body, &facts);
		g_autoptr (GBytes) wire = test_wire (message);
		g_autoptr (MmMessage) plain = mm_message_new (wire);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
		g_autoptr (MmMime) want = mm_mime_new (plain, &limits);
		MmBytes all = mm_message_body (message);
		MmBytes lines = mm_message_digit_lines (message, all, all.data);

		for (; lines.len > 0; found++) {
			assert_digits (all, lines);
			lines = mm_message_digit_lines (message, all, mm_bytes_end (lines));
		}
		g_assert_cmpmem (&facts, sizeof facts, &scan, sizeof scan);
		g_assert_cmpuint (mime->parts->len, ==, want->parts->len);
		assert_same_check (message, mime, want);
		g_string_free (body, TRUE);
	}
	g_assert_cmpuint (found, >, 400);
}

/* One clean attachment is one stretch, however it is cut, but for its first lines and the last. */
static void
test_attachment (void)
{
	g_autoptr (GString) body = g_string_new ("text\r\n");

	for (guint i = 0; i < 1000; i++)
		g_string_append (body, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZn\r\n");
	g_string_append (body, "QUI=\r\n");
	for (gsize piece = 1; piece < body->len; piece = piece * 3 / 2 + 1) {
		MmDigitLines lines = {0};
		MmScanner scanner;

		mm_scanner_init (&scanner);
		for (gsize at = 0; at < body->len; at += piece)
			mm_digit_lines_feed (&lines, &scanner, mm_bytes (body->str + at,
							       MIN (piece, body->len - at)));
		mm_digit_lines_finish (&lines);
		/* In small pieces no line is ever seen whole. */
		g_assert_true (piece < 50 || piece > 100 ? lines.n == (piece > 100) : lines.n < 2);
		if (lines.n == 0)
			continue;
		g_assert_cmpuint (lines.found[0].from, <=, 2 * 4096);
		g_assert_cmpuint (lines.found[0].to, ==, body->len - strlen ("QUI=\r\n"));
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/digit-lines/random", test_random);
	g_test_add_func ("/digit-lines/attachment", test_attachment);
	return g_test_run ();
}
