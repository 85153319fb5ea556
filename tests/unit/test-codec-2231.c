/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-codec-2231.c: parameters with other characters than ASCII, and the way to UTF-8 and back.
 */
#include <mailmend/codec.h>

#define NAME_60 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"

static void
test_encode (void)
{
	static const struct {
		const char *name;
		const char *text;
		const char *want; /* NULL: refused */
	} rows[] = {
		{"filename", "r\xC3\xA4k.pdf", "filename*=utf-8''r%C3%A4k.pdf"},
		{"filename", "", "filename*=utf-8''"},
		{"n", "a b'c*d%e;f=g\"h\\i/j(k)", "n*=utf-8''a%20b%27c%2Ad%25e%3Bf%3Dg%22h%5Ci%2Fj%28k%29"},
		{"n", "!#$&+-.^_`{|}~", "n*=utf-8''!#$&+-.^_`{|}~"},
		{"n", "a\r\nb\t\x7F", "n*=utf-8''a%0D%0Ab%09%7F"},
		{"n", "\xE4", NULL},
		{"", "a", NULL},
		{NAME_60, "a", NAME_60 "*=utf-8''a"},
		{NAME_60 "a", "a", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		gboolean ok = mm_parameter_encode (mm_bytes_str (rows[i].name),
		                                   mm_bytes_str (rows[i].text), &out);
		g_autofree char *got = mm_bytes_dup (mm_buffer_bytes (&out));

		g_assert_cmpint (ok, ==, rows[i].want != NULL);
		if (ok)
			g_assert_cmpstr (got, ==, rows[i].want);
	}
}

/* Joins the pieces as a reader does. */
static void
join (const char *written, const char *name, MmBuffer *out)
{
	g_auto (GStrv) lines = g_strsplit (written, ";\r\n ", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		g_autofree char *start = g_strdup_printf ("%s*%u*=%s", name, i, i == 0 ? "utf-8''" : "");
		g_auto (MmBuffer) piece = MM_BUFFER_INIT;

		g_assert_true (g_str_has_prefix (lines[i], start));
		g_assert_cmpuint (strlen (lines[i]) + 2, <=, 76);
		g_assert_true (mm_extended_decode (mm_bytes_str (lines[i] + strlen (start)), &piece));
		g_assert_true (mm_is_utf8 (mm_buffer_bytes (&piece)));
		mm_buffer_append (out, mm_buffer_bytes (&piece));
	}
}

/* The text takes 250 octets with its charset, then one more. */
static void
test_encode_pieces (void)
{
	g_autoptr (GString) text = g_string_new (NULL);

	while (text->len < 243)
		g_string_append_c (text, 'a');
	for (guint i = 0; i < 2; i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		g_auto (MmBuffer) joined = MM_BUFFER_INIT;
		g_autofree char *got = NULL;

		g_assert_true (mm_parameter_encode (mm_bytes_str ("filename"),
		                                    mm_bytes (text->str, text->len), &out));
		got = mm_bytes_dup (mm_buffer_bytes (&out));
		g_assert_cmpint (strstr (got, "*0*=") != NULL, ==, i == 1);
		if (i == 1)
			join (got, "filename", &joined);
		g_string_append (text, "\xF0\x9F\x98\x80\xE2\x82\xAC");
	}
}

static void
test_encode_long (void)
{
	g_autoptr (GString) text = g_string_new (NULL);
	g_auto (MmBuffer) out = MM_BUFFER_INIT;
	g_auto (MmBuffer) joined = MM_BUFFER_INIT;
	g_autofree char *got = NULL;

	while (text->len < 5000)
		g_string_append (text, "a\xF0\x9F\x98\x80 \xE2\x82\xAC");
	g_assert_true (mm_parameter_encode (mm_bytes_str ("filename"),
	                                    mm_bytes (text->str, text->len), &out));
	got = mm_bytes_dup (mm_buffer_bytes (&out));
	join (got, "filename", &joined);
	g_assert_true (mm_bytes_equal (mm_buffer_bytes (&joined), mm_bytes (text->str, text->len)));
}

static void
test_decode (void)
{
	static const struct {
		const char *text;
		const char *want; /* NULL: refused */
		const char *escaped;
	} rows[] = {
		{"r%C3%a4k", "r\xC3\xA4k", "r%C3%a4k"},
		{"r\xC3\xA4k", "r\xC3\xA4k", "r%C3%A4k"},
		{"", "", ""},
		{"a%4", NULL, "a%4"},
		{"a%", NULL, "a%"},
		{"a%zz\xE4", NULL, "a%zz%E4"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		g_auto (MmBuffer) escaped = MM_BUFFER_INIT;
		gboolean ok = mm_extended_decode (mm_bytes_str (rows[i].text), &out);

		g_assert_cmpint (ok, ==, rows[i].want != NULL);
		if (ok)
			g_assert_true (mm_bytes_equal (mm_buffer_bytes (&out),
			                               mm_bytes_str (rows[i].want)));
		g_assert_true (mm_extended_escape (mm_bytes_str (rows[i].text), &escaped));
		g_assert_true (mm_bytes_equal (mm_buffer_bytes (&escaped),
		                               mm_bytes_str (rows[i].escaped)));
	}
}

static void
test_recode (void)
{
	static const struct {
		const char *charset;
		const char *octets;
		const char *want; /* NULL: refused */
	} rows[] = {
		{"utf-8", "r\xC3\xA4k", "r\xC3\xA4k"},
		{"UTF-8", "r\xE4k", NULL},
		{"windows-1252", "r\xE4k\x80", "r\xC3\xA4k\xE2\x82\xAC"},
		{"windows-1252", "\x81", NULL},
		{"iso-8859-1", "\x80", NULL}, /* a control */
		{"koi8-r", "\xD0\xD2", "\xD0\xBF\xD1\x80"},
		{"us-ascii", "abc", "abc"},
		{"us-ascii", "\xE4", NULL},
		{"no-such", "abc", NULL},
		{"iso-2022-jp", "\x1B$B$\"\x1B(B", "\xE3\x81\x82"},
		{"iso-2022-jp", "\x1B(B\x1B$B$\"\x1B(B", NULL}, /* a shift that says nothing */
		{"iso-2022-jp", "\x1B$B$\"", NULL},
		{"utf-7", "+AGE-", NULL}, /* "a" has another spelling */
		{"", "abc", NULL},
		{"utf-8", "", ""},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		gboolean ok;

		mm_buffer_append_str (&out, ">");
		ok = mm_charset_recode (mm_bytes_str (rows[i].octets), rows[i].charset, &out);
		g_test_message ("row %" G_GSIZE_FORMAT, i);
		g_assert_cmpint (ok, ==, rows[i].want != NULL);
		g_assert_true (mm_bytes_equal (mm_bytes_sub (mm_buffer_bytes (&out), 1, out.len),
		                               mm_bytes_str (ok ? rows[i].want : "")));
	}
}

static void
test_reads (void)
{
	static const struct {
		const char *charset;
		const char *octets;
		int tail; /* -1: not in it */
	} rows[] = {
		{"utf-8", "a\xC3\xA4", 0},
		{"utf-8", "a\xC3", 1},
		{"utf-8", "a\xF0\x9F\x98", 3},
		{"utf-8", "a\xC3" "b", -1},
		{"utf-8", "\xA4", -1},
		{"utf-8", "", 0},
		{"windows-1252", "\xE4", 0},
		{"big5", "\xA4", 1},
		{"big5", "\xA4\x40", 0},
		{"gb2312", "\xC4\xE3\xBA", 1},
		{"gb2312", "\x81\x40\x81", 1}, /* in gb18030 only */
		{"euc-kr", "\xB0\x20", -1},
		{"no-such", "a", -1},
	};

	MmCharsetReader reader = {.charset = NULL};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		gsize tail = 99;
		gboolean ok = mm_charset_reader_reads (&reader, mm_bytes_str (rows[i].octets),
		                                       mm_bytes_str (rows[i].charset), &tail);

		g_test_message ("row %" G_GSIZE_FORMAT, i);
		g_assert_cmpint (ok, ==, rows[i].tail >= 0);
		if (ok)
			g_assert_cmpint ((int) tail, ==, rows[i].tail);
	}
	mm_charset_reader_clear (&reader);
}

static void
test_nul (void)
{
	g_auto (MmBuffer) out = MM_BUFFER_INIT;
	MmCharsetReader reader = {.charset = NULL};
	gsize tail;

	g_assert_false (mm_charset_recode (mm_bytes ("a\0b", 3), "windows-1252", &out));
	g_assert_false (mm_charset_recode (mm_bytes ("a\0b", 3), "utf-8", &out));
	g_assert_cmpuint (out.len, ==, 0);
	g_assert_false (mm_charset_reader_reads (&reader, mm_bytes ("a\0", 2),
	                                         mm_bytes_str ("utf-8"), &tail));
	mm_charset_reader_clear (&reader);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/codec-2231/encode", test_encode);
	g_test_add_func ("/codec-2231/encode-pieces", test_encode_pieces);
	g_test_add_func ("/codec-2231/encode-long", test_encode_long);
	g_test_add_func ("/codec-2231/decode", test_decode);
	g_test_add_func ("/codec-recode/recode", test_recode);
	g_test_add_func ("/codec-recode/reads", test_reads);
	g_test_add_func ("/codec-recode/nul", test_nul);
	return g_test_run ();
}
