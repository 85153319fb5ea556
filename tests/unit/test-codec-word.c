/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-codec-word.c: finding, decoding and writing encoded words.
 */
#include <mailmend/codec.h>

#define SEED 2047
#define ROUNDS 3000

/* ---- finding ------------------------------------------------------------------------------- */

static void
test_find (void)
{
	static const struct {
		const char *input;
		const char *whole; /* NULL: none */
		const char *charset;
		char encoding;
		const char *text;
	} rows[] = {
		{"", NULL, NULL, 0, NULL},
		{"a =?utf-8?Q?b?= c", "=?utf-8?Q?b?=", "utf-8", 'Q', "b"},
		{"=?utf-8?q?b?=", "=?utf-8?q?b?=", "utf-8", 'Q', "b"},
		{"=?UTF-8*de?b?Yg==?=", "=?UTF-8*de?b?Yg==?=", "UTF-8", 'B', "Yg=="},
		{"=?x?Q?" "?=", "=?x?Q?" "?=", "x", 'Q', ""},
		{"=?x?Q?=41?=", "=?x?Q?=41?=", "x", 'Q', "=41"},
		{"=?x?Q?a b\r\n c?=", "=?x?Q?a b\r\n c?=", "x", 'Q', "a b\r\n c"},
		{"=?x?Q?what? yes?=", "=?x?Q?what? yes?=", "x", 'Q', "what? yes"},
		{"=?x?Q?<a@b>?=", "=?x?Q?<a@b>?=", "x", 'Q', "<a@b>"},
		{"=?x?Q?a?==?y?Q?b?=", "=?x?Q?a?=", "x", 'Q', "a"},
		{"=?x?Q?a =?y?B?bb?=", "=?y?B?bb?=", "y", 'B', "bb"},
		{"=?x?Q?=?y?B?bb?=", "=?y?B?bb?=", "y", 'B', "bb"},
		{"==?x?Q?a?=", "=?x?Q?a?=", "x", 'Q', "a"},
		{"=?=?x?Q?a?=", "=?x?Q?a?=", "x", 'Q', "a"},
		{"=?x?Q?a", NULL, NULL, 0, NULL},
		{"=?x?Q?a?", NULL, NULL, 0, NULL},
		{"=?x?Q?", NULL, NULL, 0, NULL},
		{"=?x?Q", NULL, NULL, 0, NULL},
		{"=?x?", NULL, NULL, 0, NULL},
		{"=?", NULL, NULL, 0, NULL},
		{"=?x?R?a?=", NULL, NULL, 0, NULL},
		{"=?x?QQ?a?=", NULL, NULL, 0, NULL},
		{"=??Q?a?=", NULL, NULL, 0, NULL},
		{"=?*de?Q?a?=", NULL, NULL, 0, NULL},
		{"=?x y?Q?a?=", NULL, NULL, 0, NULL},
		{"=?\xE9?Q?a?=", NULL, NULL, 0, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		MmEncodedWord word;

		g_test_message ("row %" G_GSIZE_FORMAT, i);
		g_assert_cmpint (mm_encoded_word_find (mm_bytes_str (rows[i].input), 0, &word), ==,
		                 rows[i].whole != NULL);
		if (rows[i].whole == NULL)
			continue;
		g_assert_true (mm_bytes_equal (word.whole, mm_bytes_str (rows[i].whole)));
		g_assert_true (mm_bytes_equal (word.charset, mm_bytes_str (rows[i].charset)));
		g_assert_true (mm_bytes_equal (word.text, mm_bytes_str (rows[i].text)));
		g_assert_cmpint (word.encoding, ==, rows[i].encoding);
	}
}

/* What looks like the start of a word, a megabyte of it: no test of time, but one that does not end
 * within anybody's patience if the search were quadratic. */
static void
test_find_linear (void)
{
	static const char *const pieces[] = {
		"=?", "=?x?q?", "=?x?q", "=?x?q?a?", "?=", "=?xxxx", "=",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++) {
		g_autoptr (GString) value = g_string_new (NULL);
		g_auto (MmBuffer) out = MM_BUFFER_INIT;

		while (value->len < 1024 * 1024)
			g_string_append (value, pieces[i]);
		g_assert_true (mm_encoded_words_decode (mm_bytes (value->str, value->len), &out));
		g_assert_cmpuint (out.len, <=, value->len);
	}
}

/* ---- decoding ------------------------------------------------------------------------------ */

static void
test_decode (void)
{
	static const struct {
		const char *input;
		const char *want; /* NULL: it does not decode */
	} rows[] = {
		{"", ""},
		{"plain =? text", "plain =? text"},
		{"=?utf-8?Q?a_b=5F=c3=A9?=", "a b_\xC3\xA9"},
		{"=?utf-8?B?SGVsbG8=?= =?utf-8?B?IHdvcmxk?=", "Hello world"},
		{"=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\t=?utf-8?B?Yw==?=", "abc"},
		{"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
		{"x =?utf-8?Q?a?= y =?utf-8?Q?b?= z", "x a y b z"},
		{" =?utf-8?Q?a?= ", " a "},
		{"=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "\xC3\xA9"},
		{"=?utf-8?B?Zg?=", "f"},
		{"=?utf-8?B?Zm 9v?=", "foo"},
		{"=?utf-8?Q?a\r\n b?=", "a b"},
		{"=?utf-8?Q?a=3?=", NULL},
		{"=?utf-8?Q?=XY?=", NULL},
		{"=?utf-8?Q?a=?=", NULL},
		{"=?utf-8?B?Z?=", NULL},
		{"=?utf-8?B?Zm9v!?=", NULL},
		{"=?utf-8?Q?fine?= =?utf-8?B?Zg==Zg==?=", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		gboolean ok;

		mm_buffer_append_str (&out, ">");
		ok = mm_encoded_words_decode (mm_bytes_str (rows[i].input), &out);
		g_assert_cmpint (ok, ==, rows[i].want != NULL);
		g_assert_cmpint (out.data[0], ==, '>');
		g_assert_true (mm_bytes_equal (mm_bytes (out.data + 1, out.len - 1),
		                               mm_bytes_str (ok ? rows[i].want : "")));
	}
}

/* ---- encoding ------------------------------------------------------------------------------ */

static void
test_encode (void)
{
	static const struct {
		const char *input;
		const char *charset;
		MmWordPlace place;
		guint column;
		const char *want; /* NULL: refused */
	} rows[] = {
		{"", "utf-8", MM_WORD_TEXT, 0, ""},
		{"Le caf\xC3\xA9", "utf-8", MM_WORD_TEXT, 9, "=?utf-8?Q?Le_caf=C3=A9?="},
		{"caf\xC3\xA9", "utf-8", MM_WORD_TEXT, 9, "=?utf-8?B?Y2Fmw6k=?="},
		{"a_b=?c", "utf-8", MM_WORD_TEXT, 9, "=?utf-8?B?YV9iPT9j?="},
		{"a_b and so on", "utf-8", MM_WORD_TEXT, 9, "=?utf-8?Q?a=5Fb_and_so_on?="},
		{" a ", "utf-8", MM_WORD_TEXT, 9, "=?utf-8?Q?_a_?="},
		{"abcdefg.(\"h", "utf-8", MM_WORD_TEXT, 0, "=?utf-8?Q?abcdefg.(\"h?="},
		{"abcdefghijklm.(", "utf-8", MM_WORD_PHRASE, 0, "=?utf-8?Q?abcdefghijklm=2E=28?="},
		{"abcdefghijklm.(", "utf-8", MM_WORD_COMMENT, 0, "=?utf-8?Q?abcdefghijklm.=28?="},
		{"abcde\tfgh\r\ni", "utf-8", MM_WORD_TEXT, 0, "=?utf-8?B?YWJjZGUJZmdoDQpp?="},
		{"\xE4\xF6\xFC", "iso-8859-1", MM_WORD_TEXT, 0, "=?iso-8859-1?B?5Pb8?="},
		{"it\x92s", "iso-8859-1", MM_WORD_TEXT, 0, "=?iso-8859-1?Q?it=92s?="},
		{"caf\xC3\xA9", "utf-8", MM_WORD_TEXT, 70, "\r\n =?utf-8?B?Y2Fmw6k=?="},
		{"a\xE9", "utf-8", MM_WORD_TEXT, 0, NULL},
		{"a\xE9", "us-ascii", MM_WORD_TEXT, 0, NULL},
		{"a", "no-such-charset", MM_WORD_TEXT, 0, NULL},
		{"a", "utf-8//IGNORE", MM_WORD_TEXT, 0, NULL},
		{"a", "", MM_WORD_TEXT, 0, NULL},
		{"\x1B$B$\"\x1B(B", "iso-2022-jp", MM_WORD_TEXT, 9,
		 "=?iso-2022-jp?B?GyRCJCIbKEI=?="},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		g_autofree char *got = NULL;
		gboolean ok;

		ok = mm_encoded_words_encode (mm_bytes_str (rows[i].input), rows[i].charset,
		                              rows[i].place, rows[i].column, &out);
		got = mm_bytes_dup (mm_buffer_bytes (&out));
		g_assert_cmpstr (got, ==, rows[i].want != NULL ? rows[i].want : "");
		g_assert_cmpint (ok, ==, rows[i].want != NULL);
	}
}

/* A text with shift states is never split: each word would begin in the wrong state. */
static void
test_encode_stateful (void)
{
	g_autoptr (GString) text = g_string_new ("\x1B$B");
	g_auto (MmBuffer) out = MM_BUFFER_INIT;

	for (guint i = 0; i < 40; i++)
		g_string_append (text, "$\"");
	g_string_append (text, "\x1B(B");
	g_assert_false (mm_encoded_words_encode (mm_bytes (text->str, text->len), "iso-2022-jp",
	                                         MM_WORD_TEXT, 9, &out));
	g_assert_cmpuint (out.len, ==, 0);
}

static const char *const charsets[] = {
	"utf-8", "windows-1252", "koi8-r",   "gb18030", "gb2312",       "big5",  "shift_jis",
	"cp932", "euc-kr",       "euc-jp",   "cp949",   "windows-1258", "utf-7", "big5-hkscs",
};

/* Random text that @charset has: from UTF-8, what it lacks left out. */
static GBytes *
random_text (GRand *rand, const char *charset)
{
	static const char *const letters[] = {
		"a",            "B",            " ",            "_",            "=",
		"?",            "(",            "\xC3\xA9",     "\xC3\xBC",     "\xD0\x96",
		"\xE6\x97\xA5", "\xE6\x9C\xAC", "\xEA\xB0\x80", "\xE3\x81\x82", "\xF0\x9F\x98\x80",
		"\xE4\xB8\x80", "\xE2\x82\xAC", "\xE8\xA1\xA8",
	};
	GByteArray *text = g_byte_array_new ();
	gint n = g_rand_int_range (rand, 1, 120);

	for (gint i = 0; i < n; i++) {
		const char *letter = letters[g_rand_int_range (rand, 0, G_N_ELEMENTS (letters))];
		gsize len = 0;
		g_autofree char *octets =
			g_convert (letter, -1, charset, "utf-8", NULL, &len, NULL);

		if (octets != NULL)
			g_byte_array_append (text, (const guint8 *) octets, (guint) len);
	}
	return g_byte_array_free_to_bytes (text);
}

static void
assert_words (MmBytes value, const char *charset, guint column)
{
	gsize at = 0, line = 0;
	MmEncodedWord word;

	for (gsize end = 0; end < value.len; line = end + 1, column = 0) {
		end = mm_bytes_find (value, '\n', line);
		g_assert_cmpuint (end - line - (end < value.len ? 1 : 0) + column, <=, 76);
		end = MIN (end, value.len);
	}
	while (mm_encoded_word_find (value, at, &word)) {
		g_auto (MmBuffer) octets = MM_BUFFER_INIT;

		g_assert_cmpuint (word.whole.len, <=, 75);
		g_assert_true (mm_encoded_word_decode (&word, &octets));
		g_assert_cmpuint (octets.len, >, 0);
		g_assert_true (mm_charset_decodes (mm_buffer_bytes (&octets), charset));
		at = (gsize) (mm_bytes_end (word.whole) - value.data);
	}
}

static void
test_encode_property (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

	for (guint round = 0; round < ROUNDS; round++) {
		const char *charset = charsets[round % G_N_ELEMENTS (charsets)];
		guint column = (guint) g_rand_int_range (rand, 0, 80);
		MmWordPlace place = (MmWordPlace) g_rand_int_range (rand, 0, 3);
		g_autoptr (GBytes) text = random_text (rand, charset);
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		g_auto (MmBuffer) back = MM_BUFFER_INIT;
		MmBytes words;

		if (!mm_encoded_words_encode (mm_bytes_of (text), charset, place, column, &out)) {
			g_assert_cmpstr (charset, ==, "utf-7"); /* too long for one word */
			continue;
		}
		if (out.len > 0 && out.data[0] == '\r')
			column = 0; /* it began with a fold */
		assert_words (mm_buffer_bytes (&out), charset, column);
		words = mm_bytes_trim (mm_buffer_bytes (&out));
		g_assert_true (mm_encoded_words_decode (words, &back));
		g_assert_true (mm_bytes_equal (mm_buffer_bytes (&back), mm_bytes_of (text)));
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/codec-word/find", test_find);
	g_test_add_func ("/codec-word/find-linear", test_find_linear);
	g_test_add_func ("/codec-word/decode", test_decode);
	g_test_add_func ("/codec-word/encode", test_encode);
	g_test_add_func ("/codec-word/encode-stateful", test_encode_stateful);
	g_test_add_func ("/codec-word/encode-property", test_encode_property);
	return g_test_run ();
}
