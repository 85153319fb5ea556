/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-codec-check.c: what is wrong with base64 and quoted-printable, judged without decoding.
 */
#include <mailmend/codec.h>

#include "test-util.h"

/* ---- base64 ---------------------------------------------------------------------------------- */

#define LINE76 "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0"

static void
test_base64 (void)
{
	static const struct {
		MmBytes in;
		MmBase64State want;
		gsize at;
	} rows[] = {
		{B (""), MM_BASE64_CLEAN, 0},
		{B ("\r\n \t\r\n"), MM_BASE64_CLEAN, 6},
		{B ("YWJj"), MM_BASE64_CLEAN, 4},
		{B ("YWJj\r\nYWI=\r\n"), MM_BASE64_CLEAN, 12},
		{B ("YW Jj\r\nYQ\r\n= ="), MM_BASE64_CLEAN, 14},
		{B (LINE76 "\r\n" LINE76 "\n" LINE76), MM_BASE64_CLEAN, 231},
		{B ("+/+/09azAZ+/+/09azAZ"), MM_BASE64_CLEAN, 20},
		{B ("YWJjZA"), MM_BASE64_UNPADDED, 6},
		{B ("YWJjZA="), MM_BASE64_UNPADDED, 7},
		{B ("YWJj="), MM_BASE64_UNPADDED, 4},
		{B ("YWI=="), MM_BASE64_UNPADDED, 4},
		{B ("=YWJj"), MM_BASE64_FOREIGN, 0},
		{B ("YWI=\r\nYWJj"), MM_BASE64_FOREIGN, 6},
		{B ("YW*Jj"), MM_BASE64_FOREIGN, 2},
		{B ("YWJj\0"), MM_BASE64_FOREIGN, 4},
		{B ("YWJj\r\r\n"), MM_BASE64_CLEAN, 7},
		{B ("YWJjZ"), MM_BASE64_TRUNCATED, 5},
		{B ("*YWJjZ"), MM_BASE64_TRUNCATED, 0},
		{B (LINE76 "\r\n" LINE76 "-\r\n"), MM_BASE64_FOREIGN, 154},
		{B (LINE76 "\r\n-" LINE76 "\r\n"), MM_BASE64_FOREIGN, 78},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *shown = test_show (rows[i].in);
		gsize at = 0;

		g_test_message ("%s", shown);
		g_assert_cmpint (mm_base64_check (rows[i].in, &at), ==, rows[i].want);
		g_assert_cmpuint (at, ==, rows[i].at);
		g_assert_cmpint (mm_base64_check (rows[i].in, NULL), ==, rows[i].want);
	}
}

/* Every octet at every place of a line is judged alike, with blocks and without. */
static void
test_base64_octets (void)
{
	char line[] = LINE76;

	for (gsize len = 4; len < sizeof line; len += 4)
		for (gsize at = 0; at < len; at++) {
			char kept = line[at];

			for (guint octet = 0; octet < 256; octet++) {
				MmBase64State got;

				line[at] = (char)octet;
				got = mm_base64_check (mm_bytes (line, len), NULL);
				if (g_ascii_isalnum (octet) || octet == '+' || octet == '/')
					g_assert_cmpint (got, ==, MM_BASE64_CLEAN);
				else
					g_assert_true (got != MM_BASE64_CLEAN ||
						       (octet == '=' && at == len - 1));
			}
			line[at] = kept;
		}
}

/* The same state as the decoder's, whatever comes. */
static void
test_base64_as_decoder (void)
{
	static const char likely[] = "ABab09+/AAAA====\r\n\r\n \t*-";
	g_autoptr (GRand) rand = g_rand_new_with_seed (20231114);

	for (guint i = 0; i < 20000; i++) {
		char text[120];
		gsize len = (gsize)g_rand_int_range (rand, 0, sizeof text);
		gsize letters = i % 3 == 0 ? 12 : sizeof likely - 1;
		MmBase64State want = MM_BASE64_CLEAN;
		g_auto (MmBuffer) out = MM_BUFFER_INIT;

		for (gsize k = 0; k < len; k++)
			text[k] = likely[g_rand_int_range (rand, 0, (gint32)letters)];
		g_assert_true (mm_base64_decode (mm_bytes (text, len), &out, &want));
		g_assert_cmpint (mm_base64_check (mm_bytes (text, len), NULL), ==, want);
	}
}

/* What was encoded is clean. */
static void
test_base64_of_encoder (void)
{
	guint8 octets[300];

	for (gsize i = 0; i < sizeof octets; i++)
		octets[i] = (guint8)(i * 7);
	for (gsize len = 0; len <= sizeof octets; len++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		gsize at;

		g_assert_true (mm_base64_encode (mm_bytes ((char *)octets, len), &out));
		g_assert_cmpint (mm_base64_check (mm_buffer_bytes (&out), &at), ==,
				 MM_BASE64_CLEAN);
		g_assert_cmpuint (at, ==, out.len);
	}
}

/* ---- quoted-printable ------------------------------------------------------------------------ */

#define A76 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
test_qp (void)
{
	static const struct {
		MmBytes in;
		guint want;
		gsize at; /* of the lowest flaw */
	} rows[] = {
		{B (""), 0, 0},
		{B ("a b\tc=3D=c3=C3\r\n\r\n=20\r\n"), 0, 0},
		{B ("soft=\r\nbreak=\nlf"), 0, 0},
		{B ("a=0D=0A"), 0, 0},
		{B ("a=ZZ"), MM_QP_BAD_ESCAPE, 1},
		{B ("a=4"), MM_QP_BAD_ESCAPE, 1},
		{B ("a=\rb"), MM_QP_BAD_ESCAPE, 1},
		{B ("a= \r\nb"), MM_QP_BAD_ESCAPE, 1},
		{B ("a==\r\nb"), MM_QP_BAD_ESCAPE, 1},
		{B ("\xC3\xA4"), MM_QP_RAW_OCTET, 0},
		{B ("a\0b"), MM_QP_RAW_OCTET, 1},
		{B ("ab\x7F"), MM_QP_RAW_OCTET, 2},
		{B ("a\rb"), 0, 0},
		{B ("a\r\r\nb"), 0, 0},
		{B ("one\r\na \r\nb"), MM_QP_TRAILING_BLANK, 6},
		{B ("a\t\nb"), MM_QP_TRAILING_BLANK, 1},
		{B ("a "), MM_QP_TRAILING_BLANK, 1},
		{B (" \r\n"), MM_QP_TRAILING_BLANK, 0},
		{B ("a="), MM_QP_OPEN_END, 1},
		{B ("a=\r\n"), 0, 0},
		{B ("a= "), MM_QP_BAD_ESCAPE | MM_QP_OPEN_END, 1},
		{B ("a=\r\n\r\n"), 0, 0},
		{B (A76 "\r\n" A76), 0, 0},
		{B (A76 "\r\n" A76 "a"), MM_QP_LONG_LINE, 78},
		{B (A76 A76 "\r\n"), 0, 0},
		{B ("a=Z\r\n\xE4 \r\nb="),
		 MM_QP_BAD_ESCAPE | MM_QP_RAW_OCTET | MM_QP_TRAILING_BLANK | MM_QP_OPEN_END, 1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *shown = test_show (rows[i].in);
		gsize at[MM_QP_N_FLAWS] = {0};
		guint got = mm_qp_check (rows[i].in, 100, at);

		g_test_message ("%s", shown);
		g_assert_cmpuint (got, ==, rows[i].want);
		g_assert_cmpuint (mm_qp_check (rows[i].in, 100, NULL), ==, got);
		if (got != 0)
			g_assert_cmpuint (at[g_bit_nth_lsf (got, -1)], ==, rows[i].at);
	}
}

/* A flaw is found at every place of lines that are all alike. */
static void
test_base64_equal_lines (void)
{
	static const char lines[] = LINE76 "\r\n" LINE76 "\r\n" LINE76 "\r\n" LINE76 "\r\n";

	for (gsize i = 0; i < sizeof lines - 1; i++) {
		g_autofree char *text = g_strdup (lines);
		gsize at;

		text[i] = '-';
		g_assert_cmpint (mm_base64_check (mm_bytes (text, sizeof lines - 1), &at), >=,
		                 MM_BASE64_FOREIGN);
		g_assert_cmpuint (at, ==, i);
	}
}

/* What was encoded is clean, and so is what a damaged text says, encoded again. */
static void
test_qp_of_encoder (void)
{
	static const char likely[] = "aab=3DZ \t\r\n\r\n\xC3\xA4\x01.F";
	g_autoptr (GRand) rand = g_rand_new_with_seed (20231114);

	for (guint i = 0; i < 5000; i++) {
		char text[300];
		gsize len = (gsize)g_rand_int_range (rand, 0, sizeof text);
		g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
		g_auto (MmBuffer) out = MM_BUFFER_INIT;

		for (gsize k = 0; k < len; k++)
			text[k] = likely[g_rand_int_range (rand, 0, sizeof likely - 1)];
		g_assert_true (mm_qp_decode (mm_bytes (text, len), &decoded));
		g_assert_true (mm_qp_encode (mm_buffer_bytes (&decoded), &out));
		g_assert_cmpuint (mm_qp_check (mm_buffer_bytes (&out), 998, NULL), ==, 0);
	}
}

/* ---- the one fast pass ----------------------------------------------------------------------- */

static void
test_look (void)
{
	static const struct {
		MmBytes in;
		gboolean flawless, hyphens;
		MmBytes high;
	} rows[] = {
		{B (""), TRUE, FALSE, B ("")},
		{B ("a\tb=3D=41\r\n=20\r\nc-d-e"), TRUE, FALSE, B ("")},
		{B ("=C3=A4x=c3=\r\n=a4=\n=E2=41=E2"), TRUE, FALSE, B ("\xC3\xA4 \xC3\xA4\xE2 \xE2")},
		{B ("a--"), TRUE, TRUE, B ("")},
		{B ("-=\r\n-"), TRUE, TRUE, B ("")},
		{B ("=2d-"), TRUE, TRUE, B ("")},
		{B (A76 "\r\n" A76 "\n" A76), TRUE, FALSE, B ("")},
		{B ("a\r\r\nb"), FALSE, FALSE, B ("")}, /* not certain */
		{B ("a=4"), FALSE, FALSE, B ("")},
		{B ("a=C"), FALSE, FALSE, B ("")},
		{B ("=C3=\r\n\r\n=A4="), FALSE, FALSE, B ("\xC3 \xA4")},
		{B ("\xC3\xA4"), FALSE, FALSE, B ("")},
		{B ("\x7F"), FALSE, FALSE, B ("")},
		{B ("a\0b"), FALSE, FALSE, B ("")},
		{B ("a \r\n"), FALSE, FALSE, B ("")},
		{B ("a\t"), FALSE, FALSE, B ("")},
		{B (A76 "a\r\n"), FALSE, FALSE, B ("")},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *shown = test_show (rows[i].in);
		MmQpLook look = {0};

		g_test_message ("%s", shown);
		mm_qp_look (rows[i].in, &look);
		g_assert_cmpint (look.flawless, ==, rows[i].flawless);
		g_assert_cmpint (look.hyphens, ==, rows[i].hyphens);
		test_assert_bytes (mm_buffer_bytes (&look.high), rows[i].high);
		mm_qp_look_clear (&look);
	}
}

static void
keep_high (MmBytes text, MmBuffer *out)
{
	for (gsize i = 0; i < text.len; i++)
		if ((text.data[i] & 0x80) != 0)
			mm_buffer_append_c (out, text.data[i]);
}

/* What it says is never more than what the slow ways find. */
static void
check_look (MmBytes encoded)
{
	static const char *const charsets[] = {"us-ascii", "utf-8", "iso-8859-1", "iso-8859-8",
					       "windows-1252", "windows-1258"};
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
	g_auto (MmBuffer) wanted = MM_BUFFER_INIT;
	g_auto (MmBuffer) high = MM_BUFFER_INIT;
	MmBytes text;
	MmQpLook look = {0};

	mm_qp_look (encoded, &look);
	g_assert_true (mm_qp_decode (encoded, &decoded));
	text = mm_buffer_bytes (&decoded);
	if (look.flawless)
		g_assert_cmpuint (mm_qp_check (encoded, 998, NULL), ==, 0);
	for (gsize i = 0; look.flawless && i < G_N_ELEMENTS (charsets); i++)
		g_assert_cmpint (mm_charset_decodes (mm_buffer_bytes (&look.high), charsets[i]), ==,
				 mm_charset_decodes (text, charsets[i]));
	if (!look.hyphens)
		g_assert_null (mm_bytes_search (text, "--"));
	if (!mm_bytes_has_8bit (encoded)) {
		keep_high (text, &wanted);
		keep_high (mm_buffer_bytes (&look.high), &high);
		test_assert_bytes (mm_buffer_bytes (&high), mm_buffer_bytes (&wanted));
		if (mm_charset_decodes (mm_buffer_bytes (&look.high), "utf-8"))
			g_assert_true (mm_charset_decodes (text, "utf-8"));
	}
	mm_qp_look_clear (&look);
}

static void
test_look_random (void)
{
	static const char *const pieces[] = {
		"a",    "=C3", "=A4", "=c3", "=\r\n", "=\n", "=", " ",      "-",      "=2D",
		"\r\n", "\n",  "\r",  "=4",  "=3D",   "\xC3", "\t", "=C3=A4", "=E2=82", "a line of some words",
	};
	g_autoptr (GRand) rand = g_rand_new_with_seed (20231114);

	for (guint i = 0; i < 20000; i++) {
		g_auto (MmBuffer) text = MM_BUFFER_INIT;
		int n = g_rand_int_range (rand, 0, 60);
		/* The first ones only, so that much of it is right. */
		int kinds = g_rand_int_range (rand, 1, G_N_ELEMENTS (pieces) + 1);

		for (int k = 0; k < n; k++)
			mm_buffer_append_str (&text, pieces[g_rand_int_range (rand, 0, kinds)]);
		check_look (mm_buffer_bytes (&text));
	}
}

/* Text that an encoder wrote is told at once, and nothing wrong is missed at any place of a stride. */
static void
test_look_everywhere (void)
{
	static const char wrong[] = "\x01\x7F\x80\xFF=";
	char text[300];

	for (gsize at = 0; at + 2 < sizeof text; at++) {
		for (gsize w = 0; w < sizeof wrong - 1; w++) {
			MmQpLook look = {0};

			for (gsize i = 0; i < sizeof text; i++)
				text[i] = i % 71 == 70 ? '\n' : 'a';
			mm_qp_look (mm_bytes (text, sizeof text), &look);
			g_assert_true (look.flawless);
			text[at] = wrong[w];
			if (wrong[w] == '=')
				text[at + 1] = 'g';
			mm_qp_look (mm_bytes (text, sizeof text), &look);
			g_assert_false (look.flawless);
		}
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/codec-check/base64/table", test_base64);
	g_test_add_func ("/codec-check/base64/octets", test_base64_octets);
	g_test_add_func ("/codec-check/base64/equal-lines", test_base64_equal_lines);
	g_test_add_func ("/codec-check/base64/as-decoder", test_base64_as_decoder);
	g_test_add_func ("/codec-check/base64/of-encoder", test_base64_of_encoder);
	g_test_add_func ("/codec-check/qp/table", test_qp);
	g_test_add_func ("/codec-check/qp/of-encoder", test_qp_of_encoder);
	g_test_add_func ("/codec-check/look/table", test_look);
	g_test_add_func ("/codec-check/look/random", test_look_random);
	g_test_add_func ("/codec-check/look/everywhere", test_look_everywhere);
	return g_test_run ();
}
