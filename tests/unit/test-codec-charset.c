/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-codec-charset.c: what decodes, what a text names inside, and which charset is chosen.
 */
#include <mailmend/codec.h>

/* ---- names and decoding -------------------------------------------------------------------- */

static void
test_decodes (void)
{
	static const struct {
		const char *octets;
		const char *charset;
		gboolean want;
	} rows[] = {
		{"plain", "us-ascii", TRUE},
		{"caf\xE9", "us-ascii", FALSE},
		{"caf\xE9", "iso-8859-1", TRUE},
		{"caf\xE9", "UTF-8", FALSE},
		{"caf\xC3\xA9", "UTF-8", TRUE},
		{"\xC2\x85", "utf-8", TRUE},       /* C1, but Unicode's own */
		{"it\x92s", "iso-8859-1", FALSE},  /* C1 */
		{"it\x92s", "windows-1252", TRUE},
		{"it\x81s", "windows-1252", FALSE},
		{"\x93x\x94", "euc-kr", FALSE},
		{"\x87\x40", "shift_jis", FALSE},  /* NEC row 13 */
		{"\x87\x40", "x-sjis", TRUE},
		{"\x87\x40", "windows-31j", TRUE},
		{"\xB0\xA1", "ks_c_5601-1987", TRUE},
		{"\xE0\xE1", "iso-8859-8-i", TRUE},
		{"\xCF\xF0", "x-mac-cyrillic", TRUE},
		{"a+AOk-", "unicode-1-1-utf-7", TRUE},
		{"\xD6\xD0\x81\x40", "gb2312", FALSE},
		{"\xD6\xD0\x81\x40", "gb18030", TRUE},
		{"\xD6\xD0\x81", "gb18030", FALSE}, /* cut */
		{"\x1B$B-!\x1B(B", "cp50221", TRUE}, /* NEC row 13 */
		{"\x1B(I1\x1B(B \x1B$(D0!\x1B(B", "cp50221", TRUE},
		{"a\r\n\x1B$B$\"\x1B(Jb", "cp50221", TRUE},
		{"\x1B$B$", "cp50221", FALSE},
		{"\x1B(Z", "cp50221", FALSE},
		{"\xE9", "cp50221", FALSE},
		{"a", "no-such-charset", FALSE},
		{"a", "", FALSE},
		{"a", "utf-8//IGNORE", FALSE},
		{"a", "utf-8,", FALSE},
		{"", "utf-8", TRUE},
		{"", "no-such-charset", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("row %" G_GSIZE_FORMAT ": %s", i, rows[i].charset);
		g_assert_cmpint (
			mm_charset_decodes (mm_bytes_str (rows[i].octets), rows[i].charset), ==,
			rows[i].want);
	}
	g_assert_true (mm_charset_decodes (mm_bytes ("\0a", 2), "utf-16"));
	g_assert_true (mm_charset_decodes (mm_bytes ("a\0", 2), "utf-8"));
}

static void
test_names (void)
{
	g_autofree char *longest = g_strnfill (65, 'a');

	g_assert_true (mm_charset_is_known ("UTF-8"));
	g_assert_true (mm_charset_is_known ("X-SJIS"));
	g_assert_true (mm_charset_is_known ("cp50221"));
	g_assert_false (mm_charset_is_known ("unknown-8bit"));
	g_assert_false (mm_charset_is_known (longest));
	g_assert_cmpstr (mm_charset_superset ("GB2312"), ==, "gb18030");
	g_assert_cmpstr (mm_charset_superset ("iso-8859-1"), ==, "windows-1252");
	g_assert_cmpstr (mm_charset_superset ("koi8-r"), ==, NULL);
	g_assert_true (mm_charset_is_utf16_or_32 ("UTF-16LE"));
	g_assert_true (mm_charset_is_utf16_or_32 ("ucs-4"));
	g_assert_true (mm_charset_is_utf16_or_32 ("Unicode"));
	g_assert_false (mm_charset_is_utf16_or_32 ("utf-8"));
	g_assert_false (mm_charset_is_utf16_or_32 ("unicode-1-1-utf-7"));
}

static void
test_written_names (void)
{
	static const struct {
		const char *name;
		gboolean good;
		const char *mended;
	} rows[] = {
		{"utf-8", TRUE, "utf-8"},
		{"UTF-8", TRUE, "utf-8"},
		{"csUTF8", TRUE, "utf-8"},
		{"latin1", TRUE, "ISO-8859-1"},
		{"ISO_8859-1:1987", TRUE, "ISO-8859-1"},
		{"us-ascii", TRUE, "US-ASCII"},
		{"ASCII", TRUE, "US-ASCII"},
		{"cp850", TRUE, "IBM850"},
		{"cp1252", TRUE, "windows-1252"},
		{"cp932", TRUE, "Shift_JIS"},
		{"CP936", TRUE, "GBK"},
		{"cp949", TRUE, "KS_C_5601-1987"},
		{"cp950", TRUE, "Big5"},
		{"x-sjis", TRUE, "Shift_JIS"},
		{"x-mac-cyrillic", TRUE, "x-mac-cyrillic"},
		{"utf8", FALSE, "utf-8"},
		{"utf_8", FALSE, "utf-8"},
		{"x-utf-8", FALSE, "utf-8"},
		{"utf8mb4", FALSE, "utf-8"},
		{"cp-850", FALSE, "IBM850"},
		{"cp-1252", FALSE, "windows-1252"},
		{"iso88591", FALSE, "ISO-8859-1"},
		{"iso-8859-01", FALSE, "ISO-8859-1"},
		{"windows1251", FALSE, "windows-1251"},
		{"win-1251", FALSE, "windows-1251"},
		{"isoir91", FALSE, NULL}, /* iso-ir-91 and iso-ir-9-1 */
		{"unknown-8bit", FALSE, NULL},
		{"ansi", FALSE, NULL},
		{"8bit", FALSE, NULL},
		{"x-", FALSE, NULL},
		{"0", FALSE, NULL},
		{"", FALSE, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("%s", rows[i].name);
		g_assert_cmpint (mm_charset_name_is_good (rows[i].name), ==, rows[i].good);
		g_assert_cmpstr (mm_charset_name_mend (rows[i].name), ==, rows[i].mended);
	}
}

/* Every charset that can be chosen has a name for mail, and can be decoded. */
static void
test_all (void)
{
	for (gsize i = 0; mm_charsets_all[i] != NULL; i++) {
		g_test_message ("%s", mm_charsets_all[i]);
		g_assert_true (mm_charset_name_is_good (mm_charsets_all[i]));
		g_assert_true (mm_charset_is_known (mm_charsets_all[i]));
	}
}

static void
test_is_utf8 (void)
{
	g_assert_true (mm_is_utf8 (mm_bytes (NULL, 0)));
	g_assert_true (mm_is_utf8 (mm_bytes_str ("a\xC3\xA9\xF0\x9F\x98\x80")));
	g_assert_false (mm_is_utf8 (mm_bytes ("a\0", 2)));
	g_assert_false (mm_is_utf8 (mm_bytes_str ("\xC3")));
	g_assert_false (mm_is_utf8 (mm_bytes_str ("\xC0\xAF")));
	g_assert_false (mm_is_utf8 (mm_bytes_str ("\xED\xA0\x80")));
}

/* ---- named inside -------------------------------------------------------------------------- */

static void
test_named_inside (void)
{
	static const struct {
		const char *subtype;
		const char *text;
		const char *want;
	} rows[] = {
		{"html", "<html><META CHARSET=koi8-r>", "koi8-r"},
		{"html", "<meta name=a><meta charset = \"Big5\">", "Big5"},
		{"HTML", "<meta http-equiv='Content-Type' content='text/html; charset=gb2312'>",
		 "gb2312"},
		{"html", "<meta http-equiv=x\ncontent=\"text/html;charset='euc-kr'\" />", "euc-kr"},
		{"html", "<<a b='<'><meta/charset=x>", "x"},
		{"html", "<meta name=charset content=y charset=x>", "x"},
		{"html", "<!-- <meta charset=a> --><meta charset=b>", "b"},
		{"html", "<!-- <meta charset=a>", NULL},
		{"html", "<metal charset=a>", NULL},
		{"html", "<p>charset=a</p>", NULL},
		{"html", "<meta charset=utf-16>", NULL},
		{"html", "<meta charset=''>", NULL},
		{"html", "<meta charset", NULL},
		{"html", "<?xml version='1.0' encoding='a'?><meta charset=b>", "a"},
		{"xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>", "ISO-8859-15"},
		{"xml", "<?xml version=\"1.0\"?><a encoding=\"x\"/>", NULL},
		{"xml", "<meta charset=a>", NULL},
		{"xhtml+xml", "<?xml version='1.0'?><meta charset='a'/>", "a"},
		{"css", "@charset \"koi8-r\";", "koi8-r"},
		{"css", "@CHARSET \"koi8-r\";", NULL},
		{"css", " @charset \"koi8-r\";", NULL},
		{"plain", "<meta charset=a>", NULL},
		{NULL, "<meta charset=a>", NULL},
		{"plain", "\xEF\xBB\xBFx", "utf-8"},
		{NULL, "\xEF\xBB\xBF", "utf-8"},
		{"html", "\xEF\xBB\xBF<meta charset=a>", "utf-8"},
		{"plain", "\xFF\xFEx", "utf-16"},
		{"plain", "\xFE\xFF", "utf-16"},
		{"html", "", NULL},
	};
	g_autofree char *wide = mm_charset_named_inside (mm_bytes ("\xFF\xFE\0\0", 4), "plain");
	g_autofree char *nothing = mm_charset_named_inside (mm_bytes (NULL, 0), "html");

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *got =
			mm_charset_named_inside (mm_bytes_str (rows[i].text), rows[i].subtype);

		g_test_message ("%s", rows[i].text);
		g_assert_cmpstr (got, ==, rows[i].want);
	}
	g_assert_cmpstr (wide, ==, "utf-32");
	g_assert_null (nothing);
}

static void
test_named_inside_head_only (void)
{
	g_autoptr (GString) text = g_string_new (NULL);
	g_autofree char *got = NULL;

	while (text->len < 2048)
		g_string_append_c (text, ' ');
	g_string_append (text, "<meta charset=koi8-r>");
	got = mm_charset_named_inside (mm_bytes (text->str, text->len), "html");
	g_assert_null (got);
}

/* ---- choosing ------------------------------------------------------------------------------ */

static const char *const western[] = {"utf-8", "windows-1252", NULL};
static const char *const central[] = {"windows-1252", "windows-1250", "iso-8859-2", NULL};
static const char *const cyrillic[] = {"koi8-r", "windows-1251", "iso-8859-5", NULL};
static const char *const asian[] = {"gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", NULL};
static const char *const vendors[] = {"windows-1252", "cp932", "windows-874", NULL};
static const char *const wide[] = {"utf-16le", "utf-32", "windows-1252", NULL};
static const char *const none[] = {NULL};

static void
test_choose (void)
{
	static const struct {
		const char *text;   /* UTF-8 */
		const char *actual; /* what the octets are in */
		const char *const *charsets;
		const char *fallback;
		const char *want;
	} rows[] = {
		{"Gr\xC3\xBC\xC3\x9F" "e", "utf-8", western, NULL, "utf-8"},
		{"Gr\xC3\xBC\xC3\x9F" "e", "utf-8", NULL, NULL, "utf-8"},
		{"Gr\xC3\xBC\xC3\x9F" "e", "iso-8859-1", western, NULL, "windows-1252"},
		{"Gr\xC3\xBC\xC3\x9F" "e", "iso-8859-1", wide, NULL, "windows-1252"},
		{"Gr\xC3\xBC\xC3\x9F" "e", "iso-8859-1", none, "windows-1252", "windows-1252"},
		{"Gr\xC3\xBC\xC3\x9F" "e", "iso-8859-1", none, "us-ascii", NULL},
		{"Gr\xC3\xBC\xC3\x9F" "e", "iso-8859-1", NULL, NULL, NULL},
		{"Za\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87 g\xC4\x99\xC5\x9Bl\xC4\x85 "
		 "ja\xC5\xBA\xC5\x84, prosz\xC4\x99 o "
		 "potwierdzenie zam\xC3\xB3wienia i wysy\xC5\x82ki",
		 "windows-1250", central, NULL, "windows-1250"},
		{"\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, "
		 "\xD0\xBF\xD0\xBE\xD0\xB6\xD0\xB0\xD0\xBB\xD1\x83\xD0\xB9\xD1\x81\xD1\x82\xD0\xB0 "
		 "\xD0\xBE\xD1\x82\xD0\xB2\xD0\xB5"
		 "\xD1\x82\xD1\x8C\xD1\x82\xD0\xB5 \xD0\xBD\xD0\xB0 "
		 "\xD0\xBF\xD0\xB8\xD1\x81\xD1\x8C\xD0\xBC\xD0\xBE",
		 "windows-1251", cyrillic, NULL, "windows-1251"},
		{"\xE3\x81\x93\xE3\x82\x93\xE3\x81\xAB\xE3\x81\xA1\xE3\x81\xAF\xE3\x80\x81\xE8\xAB"
		 "\x8B\xE6\xB1\x82\xE6\x9B\xB8\xE3\x82\x92\xE3\x81\x94\xE7\xA2\xBA\xE8\xAA\x8D\xE3"
		 "\x81\x8F\xE3\x81\xA0\xE3\x81\x95\xE3\x81\x84",
		 "shift_jis", asian, NULL, "shift_jis"},
		{"\xE3\x81\x93\xE3\x82\x93\xE3\x81\xAB\xE3\x81\xA1\xE3\x81\xAF\xE3\x80\x81\xE8\xAB"
		 "\x8B\xE6\xB1\x82\xE6\x9B\xB8\xE3\x82\x92\xE3\x81\x94\xE7\xA2\xBA\xE8\xAA\x8D\xE3"
		 "\x81\x8F\xE3\x81\xA0\xE3\x81\x95\xE3\x81\x84",
		 "shift_jis", vendors, NULL, "cp932"},
		{"\xE0\xB8\xAA\xE0\xB8\xA7\xE0\xB8\xB1\xE0\xB8\xAA\xE0\xB8\x94\xE0\xB8\xB5\xE0\xB8"
		 "\x84\xE0\xB8\xA3\xE0\xB8\xB1\xE0\xB8\x9A \xE0\xB8\x82\xE0\xB8\xAD\xE0\xB8\x9A"
		 "\xE0\xB8\x84\xE0\xB8\xB8\xE0\xB8\x93\xE0\xB8\xA1\xE0\xB8\xB2\xE0\xB8\x81",
		 "tis-620", vendors, NULL, "windows-874"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		gsize len = 0;
		g_autofree char *octets =
			g_convert (rows[i].text, -1, rows[i].actual, "utf-8", NULL, &len, NULL);

		g_assert_nonnull (octets);
		g_test_message ("row %" G_GSIZE_FORMAT, i);
		g_assert_cmpstr (
			mm_charset_choose (mm_bytes (octets, len), rows[i].charsets,
		                           rows[i].fallback),
			==, rows[i].want);
	}
}

/* The sample is made of what is not ASCII, wherever it stands. */
static void
test_choose_far (void)
{
	g_autoptr (GString) text = g_string_new (NULL);
	g_autofree char *tail = g_convert (
		"\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, \xD0\xBA\xD0\xB0\xD0\xBA "
		"\xD0\xB4\xD0\xB5\xD0\xBB\xD0\xB0, "
		"\xD0\xB4\xD1\x80\xD1\x83\xD0\xB7\xD1\x8C\xD1\x8F",
		-1, "windows-1251", "utf-8", NULL, NULL, NULL);

	for (guint i = 0; i < 100000; i++)
		g_string_append (text, i % 2 == 0 ? "ascii " : "text\r\n");
	for (guint i = 0; i < 300; i++)
		g_string_append (text, tail);
	g_assert_cmpstr (mm_charset_choose (mm_bytes (text->str, text->len), cyrillic, NULL), ==,
	                 "windows-1251");
}

/* What must not be guessed, and what is told by more than letters. */
static void
test_choose_signs (void)
{
	static const char *const japanese[] = {"euc-jp", "iso-2022-jp", NULL};
	static const char *const chinese[] = {"gb2312", NULL};
	static const char *const sixteen[] = {"windows-1252", "utf-16le", "utf-16be", NULL};
	static const struct {
		const char *octets;
		gsize len;
		const char *const *charsets;
		const char *fallback;
		const char *want;
	} rows[] = {
		{"\x1B$B$\"\x1B(B", 8, japanese, NULL, "iso-2022-jp"},
		{"\x1B$B$\"\x1B(B", 8, western, NULL, "utf-8"},
		{"plain", 5, japanese, NULL, "utf-8"},
		{"G\0r\0\xFC\0n\0", 8, sixteen, NULL, "utf-16le"},
		{"\0G\0r\0\xFC\0n", 8, sixteen, NULL, "utf-16be"},
		{"Gr\xFCne", 5, sixteen, NULL, "windows-1252"},
		{"\xC3\xA9t\xC3\xA9 \xC3", 7, western, NULL, NULL}, /* cut UTF-8 */
		{"\xC3\xA9t\xC3\xA9 \xC3", 7, western, "windows-1252", "windows-1252"},
		{"\xC3\xA9t\xE9 \xC3", 6, western, NULL, "windows-1252"},
		{"\xD6\xD0\x81\x40 ab", 7, chinese, NULL, "gb2312"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("row %" G_GSIZE_FORMAT, i);
		g_assert_cmpstr (mm_charset_choose (mm_bytes (rows[i].octets, rows[i].len),
		                                    rows[i].charsets, rows[i].fallback),
		                 ==, rows[i].want);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/codec-charset/decodes", test_decodes);
	g_test_add_func ("/codec-charset/names", test_names);
	g_test_add_func ("/codec-charset/written-names", test_written_names);
	g_test_add_func ("/codec-charset/all", test_all);
	g_test_add_func ("/codec-charset/is-utf8", test_is_utf8);
	g_test_add_func ("/codec-charset/named-inside", test_named_inside);
	g_test_add_func ("/codec-charset/named-inside-head-only", test_named_inside_head_only);
	g_test_add_func ("/codec-charset/choose", test_choose);
	g_test_add_func ("/codec-charset/choose-signs", test_choose_signs);
	g_test_add_func ("/codec-charset/choose-far", test_choose_far);
	return g_test_run ();
}
