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

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/codec-check/base64/table", test_base64);
	g_test_add_func ("/codec-check/base64/octets", test_base64_octets);
	g_test_add_func ("/codec-check/base64/as-decoder", test_base64_as_decoder);
	g_test_add_func ("/codec-check/base64/of-encoder", test_base64_of_encoder);
	g_test_add_func ("/codec-check/qp/table", test_qp);
	g_test_add_func ("/codec-check/qp/of-encoder", test_qp_of_encoder);
	return g_test_run ();
}
