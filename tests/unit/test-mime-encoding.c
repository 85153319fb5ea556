/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-mime-encoding.c: which encoding a Content-Transfer-Encoding evidently means.
 */
#include "test-util.h"

static void
test_evident (void)
{
	static const struct {
		const char *field;
		MmBytes content;
		MmEncoding want;
	} rows[] = {
		/* known ones are what they are, fitting or not */
		{"7bit", B ("\xC3\xA4"), MM_ENCODING_7BIT},
		{"base64 (x)", B ("none"), MM_ENCODING_BASE64},
		{"quoted-printable", B ("x"), MM_ENCODING_QP},
		/* another spelling */
		{"\"base64\"", B ("YWJj\r\n"), MM_ENCODING_BASE64},
		{"base-64", B ("YWJj\r\n"), MM_ENCODING_BASE64},
		{"base 64", B ("YWJj\r\n"), MM_ENCODING_BASE64},
		{"'base64'", B ("YWJj\r\n"), MM_ENCODING_BASE64},
		{"=?utf-8?b?YmFzZTY0?=", B ("YWJj\r\n"), MM_ENCODING_BASE64},
		{"=?us-ascii?q?7bit?=", B ("a"), MM_ENCODING_7BIT},
		{"quoted printable", B ("a=3D"), MM_ENCODING_QP},
		{"Quoted_Printable", B ("a=3D"), MM_ENCODING_QP},
		{"quotedprintable", B ("a=3D"), MM_ENCODING_QP},
		{"7-bit", B ("a"), MM_ENCODING_7BIT},
		{"7bits;", B ("a"), MM_ENCODING_7BIT},
		{"8 bit", B ("\xC3\xA4"), MM_ENCODING_8BIT},
		{"\"binary\"", B ("\xC3\xA4"), MM_ENCODING_BINARY},
		{"8bit; charset=utf-8", B ("a"), MM_ENCODING_8BIT},
		/* nothing, or a charset */
		{"", B ("a"), MM_ENCODING_7BIT},
		{"(none)", B ("\xC3\xA4"), MM_ENCODING_8BIT},
		{"utf-8", B ("\xC3\xA4"), MM_ENCODING_8BIT},
		{"us-ascii", B ("a = b =Z"), MM_ENCODING_7BIT},
		{"iso-8859-1", B ("\xE4 =E4"), MM_ENCODING_8BIT},
		/* the content does not fit */
		{"\"base64\"", B ("plain text."), MM_ENCODING_UNKNOWN},
		{"\"base64\"", B ("YWJ"), MM_ENCODING_UNKNOWN},
		{"8-bit", B ("=C3=A4"), MM_ENCODING_UNKNOWN},
		{"7-bit", B ("=c3"), MM_ENCODING_UNKNOWN},
		{"utf-8", B ("=C3=A4"), MM_ENCODING_UNKNOWN},
		/* others */
		{"x-uuencode", B ("a"), MM_ENCODING_UNKNOWN},
		{"base640", B ("YWJj"), MM_ENCODING_UNKNOWN},
		{"base6", B ("YWJj"), MM_ENCODING_UNKNOWN},
		{"7bit 8bit", B ("a"), MM_ENCODING_UNKNOWN},
		{"=?utf-8?q?7bit=00?=", B ("a"), MM_ENCODING_UNKNOWN},
	};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (GString) wire = g_string_new (NULL);
		g_autoptr (MmMessage) message = NULL;
		g_autoptr (MmMime) mime = NULL;

		g_test_message ("row %zu: %s", i, rows[i].field);
		g_string_printf (wire, "Content-Transfer-Encoding: %s\r\n\r\n", rows[i].field);
		g_string_append_len (wire, rows[i].content.data, (gssize)rows[i].content.len);
		message = test_message (mm_bytes (wire->str, wire->len));
		mime = mm_mime_new (message, &limits);
		g_assert_cmpint (mm_part_evident_encoding (mm_mime_part (mime, 0)), ==,
				 rows[i].want);
	}
}

/* A composite is never encoded, whatever its name means. */
static void
test_composite (void)
{
	static const struct {
		const char *field;
		MmEncoding want;
	} rows[] = {
		{"8-bit", MM_ENCODING_8BIT},
		{"utf-8", MM_ENCODING_7BIT},
		{"quoted printable", MM_ENCODING_UNKNOWN},
		{"\"base64\"", MM_ENCODING_UNKNOWN},
	};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *wire = g_strdup_printf (
			"Content-Type: multipart/mixed; boundary=b\r\n"
			"Content-Transfer-Encoding: %s\r\n\r\n--b\r\n\r\n=3D\r\n--b--\r\n",
			rows[i].field);
		g_autoptr (MmMessage) message = test_message (mm_bytes_str (wire));
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);

		g_test_message ("%s", rows[i].field);
		g_assert_cmpint (mm_part_evident_encoding (mm_mime_part (mime, 0)), ==,
				 rows[i].want);
	}
}

static void
test_names (void)
{
	g_assert_cmpstr (mm_encoding_name (MM_ENCODING_QP), ==, "quoted-printable");
	g_assert_cmpstr (mm_encoding_name (MM_ENCODING_7BIT), ==, "7bit");
	g_assert_null (mm_encoding_name (MM_ENCODING_UNKNOWN));
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/mime-encoding/evident", test_evident);
	g_test_add_func ("/mime-encoding/composite", test_composite);
	g_test_add_func ("/mime-encoding/names", test_names);
	return g_test_run ();
}
