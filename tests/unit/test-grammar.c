/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-grammar.c: comments, identifiers, types with parameters, addresses; dates have a program of
 * their own.
 *
 * The last tests feed every prefix and every change of one octet to every parser, from exact heap
 * copies so that a sanitizer sees what is read too far, and inputs that make a careless parser
 * recurse or read the same octets again and again.
 */
#include <mailmend/grammar.h>

/* A literal with its length, NUL included. */
#define B(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof (literal) - 1                                                   \
	}

/* ---- comments ---------------------------------------------------------------------------- */

static void
test_skip_cfws (void)
{
	static const struct {
		const char *in;
		gboolean closed;
		gsize pos;
	} rows[] = {
		{"", TRUE, 0},		 {"x", TRUE, 0},
		{" \t\r\n x", TRUE, 5},	 {"(a)(b (c)) x", TRUE, 11},
		{"(\\)\\() x", TRUE, 7}, {"(a) (b", FALSE, 4},
		{" (a\\)", FALSE, 1},	 {"((((", FALSE, 0},
		{")", TRUE, 0},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		gsize pos = 0;

		g_test_message ("value: %s", rows[i].in);
		g_assert_cmpint (mm_grammar_skip_cfws (mm_bytes_str (rows[i].in), &pos), ==,
				 rows[i].closed);
		g_assert_cmpuint (pos, ==, rows[i].pos);
	}
}

static void
test_without_comments (void)
{
	static const struct {
		MmBytes in;
		const char *want;
		gboolean blank;
	} rows[] = {
		{B ("1.0"), "1.0", FALSE},
		{B (" 1.0 (by X (really)) "), "1.0", FALSE},
		{B ("1(a).(b)0"), "1.0", FALSE},
		{B ("7bit\r\n (c)\r\n "), "7bit", FALSE},
		{B ("a (c)  b"), "a   b", FALSE},
		{B ("\"(no)\" (yes)"), "\"(no)\"", FALSE},
		{B ("\"(no)\"(yes)"), "\"(no)\"", FALSE},
		{B ("\"a\\\"(no)\" (yes)"), "\"a\\\"(no)\"", FALSE},
		{B ("\"open (yes) x"), "\"open  x", FALSE},
		{B ("1.0 (open"), "1.0 (open", FALSE},
		{B ("(a) ((b) c"), "((b) c", FALSE},
		{B ("1.0\0(c)"), "1.0\x1a", FALSE},
		{B (" (c) \r\n\t(d)"), "", TRUE},
		{B (" (open"), "(open", FALSE},
		{B (""), "", TRUE},
		{{NULL, 0}, "", TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *text = mm_grammar_without_comments (rows[i].in);

		g_assert_cmpstr (text, ==, rows[i].want);
		g_assert_cmpint (mm_grammar_is_blank (rows[i].in), ==, rows[i].blank);
	}
}

/* ---- identifiers ------------------------------------------------------------------------- */

static void
test_msgid (void)
{
	static const struct {
		MmBytes in;
		MmMsgidShape shape;
		const char *id;
		gboolean odd;
	} rows[] = {
		{B ("<abc@x>"), MM_MSGID_VALID, "<abc@x>", FALSE},
		{B ("\r\n <abc@x.example>\t"), MM_MSGID_VALID, "<abc@x.example>", FALSE},
		{B ("(c (d)) <a@b> (e)"), MM_MSGID_VALID, "<a@b>", FALSE},
		{B ("<a\r\n b@x>"), MM_MSGID_VALID, "<ab@x>", FALSE},
		{B ("<a@x \n\t\r\n >"), MM_MSGID_VALID, "<a@x>", FALSE},
		{B ("<\"a b\"@x>"), MM_MSGID_VALID, "<\"a b\"@x>", FALSE},
		{B ("<\"a>@<\\\"b\"@x>"), MM_MSGID_VALID, "<\"a>@<\\\"b\"@x>", FALSE},
		{B ("<\r\n \"a\"\r\n @x>"), MM_MSGID_VALID, "<\"a\"@x>", FALSE},
		{B ("<a@[1.2.3.4]>"), MM_MSGID_VALID, "<a@[1.2.3.4]>", FALSE},
		{B ("<a@[1.2\n3.4]>"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("<\"a\r\nb\"@x>"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("<a@[1.2\r\n 3.4]>"), MM_MSGID_VALID, "<a@[1.23.4]>", FALSE},
		{B ("<a@[x>@y]>"), MM_MSGID_VALID, "<a@[x>@y]>", FALSE},
		{B ("<=?utf-8?q?x?=@h>"), MM_MSGID_VALID, "<=?utf-8?q?x?=@h>", FALSE},
		/* odd */
		{B ("<a..b@x>"), MM_MSGID_VALID, "<a..b@x>", TRUE},
		{B ("<.a@x>"), MM_MSGID_VALID, "<.a@x>", TRUE},
		{B ("<a@x.>"), MM_MSGID_VALID, "<a@x.>", TRUE},
		{B ("<a:b,[c](d)@x>"), MM_MSGID_VALID, "<a:b,[c](d)@x>", TRUE},
		{B ("<a@b@c>"), MM_MSGID_VALID, "<a@b@c>", TRUE},
		{B ("<\"a@x>"), MM_MSGID_VALID, "<\"a@x>", TRUE},
		{B ("<a@[x>"), MM_MSGID_VALID, "<a@[x>", TRUE},
		{B ("<a@[x]y>"), MM_MSGID_VALID, "<a@[x]y>", TRUE},
		/* brackets */
		{B ("abc@x"), MM_MSGID_BRACKETS, "<abc@x>", FALSE},
		{B (" abc@x (c)"), MM_MSGID_BRACKETS, "<abc@x>", FALSE},
		{B ("<<abc@x>>"), MM_MSGID_BRACKETS, "<abc@x>", FALSE},
		{B ("<<abc@x>"), MM_MSGID_BRACKETS, "<abc@x>", FALSE},
		{B ("<abc@x>>"), MM_MSGID_BRACKETS, "<abc@x>", FALSE},
		{B ("<abc@x"), MM_MSGID_BRACKETS, "<abc@x>", FALSE},
		{B ("abc@x>"), MM_MSGID_BRACKETS, "<abc@x>", FALSE},
		{B ("<<a\r\n b@x>>"), MM_MSGID_BRACKETS, "<ab@x>", FALSE},
		{B ("\"a b\"@x"), MM_MSGID_BRACKETS, "<\"a b\"@x>", FALSE},
		{B ("a@[1.2.3.4]"), MM_MSGID_BRACKETS, "<a@[1.2.3.4]>", FALSE},
		/* empty */
		{B (""), MM_MSGID_EMPTY, NULL, FALSE},
		{B (" (c)\r\n "), MM_MSGID_EMPTY, NULL, FALSE},
		{B ("<>"), MM_MSGID_EMPTY, NULL, FALSE},
		{B ("< \r\n >"), MM_MSGID_EMPTY, NULL, FALSE},
		{B ("<<>>"), MM_MSGID_EMPTY, NULL, FALSE},
		/* no @ */
		{B ("abc"), MM_MSGID_NO_AT, NULL, FALSE},
		{B ("abc def"), MM_MSGID_NO_AT, NULL, FALSE},
		{B ("<abc>"), MM_MSGID_NO_AT_INSIDE, NULL, FALSE},
		{B ("<@x>"), MM_MSGID_NO_AT_INSIDE, NULL, FALSE},
		{B ("<abc@>"), MM_MSGID_NO_AT_INSIDE, NULL, FALSE},
		{B ("<\"a@x\">"), MM_MSGID_VALID, "<\"a@x\">", TRUE},
		{B ("<abc"), MM_MSGID_NO_AT_INSIDE, NULL, FALSE},
		/* blanks */
		{B ("<a b@x>"), MM_MSGID_BLANK_INSIDE, NULL, FALSE},
		{B ("<a@x >"), MM_MSGID_BLANK_INSIDE, NULL, FALSE},
		{B ("<\"a\" @x>"), MM_MSGID_BLANK_INSIDE, NULL, FALSE},
		{B ("<a@[x] >"), MM_MSGID_BLANK_INSIDE, NULL, FALSE},
		{B ("<\"a\" @[x]>"), MM_MSGID_BLANK_INSIDE, NULL, FALSE},
		{B ("<a\rb@x>"), MM_MSGID_BLANK_INSIDE, NULL, FALSE},
		{B ("<a\r\nb@x>"), MM_MSGID_BLANK_INSIDE, NULL, FALSE},
		/* more than one thing */
		{B ("<a@x> <b@x>"), MM_MSGID_SEVERAL, NULL, FALSE},
		{B ("<a@x>,<b@x>"), MM_MSGID_SEVERAL, NULL, FALSE},
		{B ("<a@x><b@x> text"), MM_MSGID_SEVERAL, NULL, FALSE},
		{B ("<a@x> text"), MM_MSGID_TEXT_BESIDE, NULL, FALSE},
		{B ("text<a@x>"), MM_MSGID_TEXT_BESIDE, NULL, FALSE},
		{B ("\"<b@x>\" <a@x>"), MM_MSGID_TEXT_BESIDE, NULL, FALSE},
		{B ("<a@x>,"), MM_MSGID_TEXT_BESIDE, NULL, FALSE},
		/* octets */
		{B ("<\xc3\xa4@x>"), MM_MSGID_NON_ASCII, NULL, FALSE},
		{B ("<a\x01@x>"), MM_MSGID_NON_ASCII, NULL, FALSE},
		{B ("<\x80@x>"), MM_MSGID_NON_ASCII, NULL, FALSE},
		{B ("<\x1f@x>"), MM_MSGID_NON_ASCII, NULL, FALSE},
		{B ("<a@x\0>"), MM_MSGID_NON_ASCII, NULL, FALSE},
		{B ("<a\x7f@x>"), MM_MSGID_NON_ASCII, NULL, FALSE},
		{B ("abc\xff"), MM_MSGID_NON_ASCII, NULL, FALSE},
		{B ("<a@x> (\xff)"), MM_MSGID_VALID, "<a@x>", FALSE},
		/* never certain */
		{B ("abc@"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("@x"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("a@b@c"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("mid:abc@x"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("abc@x;"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("\"abc@x\""), MM_MSGID_INVALID, NULL, FALSE},
		{B ("a b@x"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("a(c)@x"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("<\"a>\\\r\n \"@x>"), MM_MSGID_INVALID, NULL, FALSE},
		{B (">a@x<"), MM_MSGID_INVALID, NULL, FALSE},
		{B ("<a<b@x>>"), MM_MSGID_TEXT_BESIDE, NULL, FALSE},
		{B ("<a@x> (open"), MM_MSGID_INVALID, NULL, FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmMsgid) msgid = {0};

		g_test_message ("value: %s", rows[i].in.data);
		mm_grammar_msgid (rows[i].in, FALSE, &msgid);
		g_assert_cmpint (msgid.shape, ==, rows[i].shape);
		g_assert_cmpstr (msgid.id, ==, rows[i].id);
		g_assert_cmpint (msgid.odd, ==, rows[i].odd);
	}
}

static void
test_msgid_utf8 (void)
{
	static const struct {
		const char *in;
		MmMsgidShape shape;
	} rows[] = {
		{"<\xc3\xa4@x>", MM_MSGID_VALID},
		{"\xc3\xa4@x", MM_MSGID_BRACKETS},
		{"<\xc3@x>", MM_MSGID_NON_ASCII},
		{"<\xc3\xa4\x01@x>", MM_MSGID_NON_ASCII},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmMsgid) msgid = {0};

		mm_grammar_msgid (mm_bytes_str (rows[i].in), TRUE, &msgid);
		g_assert_cmpint (msgid.shape, ==, rows[i].shape);
		g_assert_false (msgid.odd);
	}
}

static void
test_msgid_list (void)
{
	static const struct {
		const char *in;
		const char *ids; /* joined by "|" */
		gboolean only, commas;
	} rows[] = {
		{"<a@x>", "<a@x>", TRUE, FALSE},
		{"<a@x>\r\n <b@x> (c <d@x>)\r\n\t<e@x>", "<a@x>|<b@x>|<e@x>", TRUE, FALSE},
		{"<a@x><b@x>", "<a@x>|<b@x>", TRUE, FALSE},
		{"<a@x>, <b@x>,<c@x>", "<a@x>|<b@x>|<c@x>", TRUE, TRUE},
		{"<a\r\n b@x>", "<a\r\n b@x>", TRUE, FALSE},
		{"<\"a>\"@x> <b@[>]>", "<\"a>\"@x>|<b@[>]>", TRUE, FALSE},
		{"Your message of \"Fri <q@x>\" <a@x>", "<a@x>", FALSE, FALSE},
		{"Joe's \"message <a@x>", "<a@x>", FALSE, FALSE},
		{"\"<q@x>\" \"<q@x>\" <a@x>", "<a@x>", FALSE, FALSE},
		{"<<a@x>>", "<a@x>", FALSE, FALSE},
		{"<a@x> <abc> <b@x>", "<a@x>|<b@x>", FALSE, FALSE},
		{"<a@x <b@x>", "<b@x>", FALSE, FALSE},
		{"<a@x> (open <b@x>", "<a@x>|<b@x>", FALSE, FALSE},
		{"a@x", "", FALSE, FALSE},
		{"prose only", "", FALSE, FALSE},
		{"", "", TRUE, FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (MmBytes));
		g_autoptr (GString) joined = g_string_new (NULL);
		gboolean commas = !rows[i].commas;

		g_test_message ("value: %s", rows[i].in);
		g_assert_cmpint (mm_grammar_msgid_list (mm_bytes_str (rows[i].in), ids, &commas),
				 ==, rows[i].only);
		g_assert_cmpint (commas, ==, rows[i].commas);
		for (guint j = 0; j < ids->len; j++) {
			MmBytes id = g_array_index (ids, MmBytes, j);

			g_string_append_printf (joined, "%s%.*s", j > 0 ? "|" : "", (int)id.len,
						id.data);
		}
		g_assert_cmpstr (joined->str, ==, rows[i].ids);
	}
}

static void
test_content_id (void)
{
	static const struct {
		const char *in;
		gboolean valid;
	} rows[] = {
		{"<image1>", TRUE},	{"<a@x>", TRUE},      {"(c) <a:b,c> (d)", TRUE},
		{"<a\r\n b@x>", TRUE},	{"<\xc3\xa4>", TRUE}, {"<\"a b\"@x>", TRUE},
		{"image1", FALSE},	{"<a b>", FALSE},     {"<>", FALSE},
		{"<<a>>", FALSE},	{"<a", FALSE},	      {"a>", FALSE},
		{"<a> <b>", FALSE},	{"<a> x", FALSE},     {"", FALSE},
		{"<a> (open", FALSE},	{"<a>>", FALSE},      {"<a<b>", FALSE},
		{"<a@x> <a@x>", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("value: %s", rows[i].in);
		g_assert_cmpint (mm_grammar_content_id (mm_bytes_str (rows[i].in)), ==,
				 rows[i].valid);
	}
}

/* ---- addresses --------------------------------------------------------------------------- */

static void
test_first_address (void)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{"a@x", "a@x"},
		{"(c) a . b (d) @ x.example (e)", "a.b@x.example"},
		{"Joe <a@x>", "a@x"},
		{"\"Doe, J. <q@y>\" <a@x>, b@y", "a@x"},
		{"Doe, John <a@x>", "a@x"},
		{"q@y <a@x>", "a@x"},
		{"=?utf-8?q?a=40b?=\r\n <a@x>", "a@x"},
		{"<@r1,@r2:a@x>", "a@x"},
		{"friends: a@x, b@y;", "a@x"},
		{"undisclosed-recipients:;, a@x", "a@x"},
		{"root, a@x", "a@x"},
		{"\"a b\"@x", "\"a b\"@x"},
		{"a@[1.2.3.4]", "a@[1.2.3.4]"},
		{"<a@x", "a@x"},
		{"\xc3\xa4@x", "\xc3\xa4@x"},
		{"Joe Doe a@x", NULL},
		{"a@b@x", NULL},
		{"a@", NULL},
		{"@x", NULL},
		{"a)b@x", NULL},
		{"a\x01@x", NULL},
		{"root", NULL},
		{"undisclosed-recipients:;", NULL},
		{"\"open <a@x>", NULL},
		{"(open <a@x>", NULL},
		{"", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *address = mm_grammar_first_address (mm_bytes_str (rows[i].in));

		g_test_message ("value: %s", rows[i].in);
		g_assert_cmpstr (address, ==, rows[i].want);
	}
	g_assert_null (mm_grammar_first_address (mm_bytes ("a\0b@x", 5)));
}

static void
test_domain (void)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{"a@X.Example", "x.example"},
		{"\"a@b\"@x", "x"},
		{"\xff@x", "x"},
		{"a@1-2.example", "1-2.example"},
		{"a@b\xc3\xbc"
		 "cher.example",
		 "xn--bcher-kva.example"},
		{"a@[1.2.3.4]", NULL},
		{"a@x..y", NULL},
		{"a@.x", NULL},
		{"a@x.", NULL},
		{"a@-x", NULL},
		{"a@x-.y", NULL},
		{"a@x_y", NULL},
		{"a@x y", NULL},
		{"a@\xff", NULL},
		{"a@", NULL},
		{"a", NULL},
		{"", NULL},
	};
	static const struct {
		gsize label, rest;
		gboolean fits;
	} lengths[] = {{63, 0, TRUE}, {64, 0, FALSE}, {63, 61, TRUE}, {63, 62, FALSE}};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *domain = mm_grammar_domain (rows[i].in);

		g_assert_cmpstr (domain, ==, rows[i].want);
	}
	for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++) {
		g_autofree char *label = g_strnfill (lengths[i].label, 'a');
		g_autofree char *rest = g_strnfill (lengths[i].rest, 'a');
		g_autofree char *spec =
			lengths[i].rest > 0
				? g_strconcat ("a@", label, ".", label, ".", label, ".", rest, NULL)
				: g_strconcat ("a@", label, NULL);
		g_autofree char *domain = mm_grammar_domain (spec);

		g_assert_cmpstr (domain, ==, lengths[i].fits ? spec + 2 : NULL);
	}
}

/* ---- hostile input ----------------------------------------------------------------------- */

/* Every function that takes octets, and what must hold whatever they are. */
static void
check_octets (MmBytes in)
{
	g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (MmBytes));
	g_autofree char *plain = mm_grammar_without_comments (in);
	g_autofree char *address = mm_grammar_first_address (in);
	g_autofree char *domain = address != NULL ? mm_grammar_domain (address) : NULL;
	g_auto (MmMsgid) msgid = {0};
	g_auto (MmMsgid) again = {0};
	gboolean commas;

	mm_grammar_is_blank (in);
	mm_grammar_content_id (in);
	mm_grammar_msgid (in, TRUE, &msgid);
	g_clear_pointer (&msgid.id, g_free);
	mm_grammar_msgid (in, FALSE, &msgid);
	g_assert_cmpuint (strlen (plain), <=, in.len);
	if (domain != NULL)
		g_assert_cmpuint (strlen (domain), <=, 253);
	g_assert_cmpint (msgid.id != NULL, ==, msgid.shape <= MM_MSGID_BRACKETS);
	if (msgid.id != NULL) {
		mm_grammar_msgid (mm_bytes_str (msgid.id), FALSE, &again);
		g_assert_cmpint (again.shape, ==, MM_MSGID_VALID);
		g_assert_cmpstr (again.id, ==, msgid.id);
	}
	mm_grammar_msgid_list (in, ids, &commas);
	for (guint i = 0; i < ids->len; i++) {
		MmBytes id = g_array_index (ids, MmBytes, i);

		g_assert_true (id.data >= in.data && mm_bytes_end (id) <= mm_bytes_end (in));
		g_assert_true (id.data[0] == '<' && mm_bytes_end (id)[-1] == '>');
	}
}

static void
test_every_octet (void)
{
	static const char *const values[] = {
		"(c) <\"a b\"@[1.2]> <<c\r\n d@x>>,(e)",
		"\"J\\\" D\" (c) <@r:a.b@x.example>, q: r@s;",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
		gsize len = strlen (values[i]);

		for (gsize end = 1; end <= len; end++) {
			g_autofree char *copy = g_memdup2 (values[i], end);

			check_octets (mm_bytes (copy, end));
			for (guint c = 0; c < 256; c++) {
				g_autofree char *changed = g_memdup2 (values[i], len);

				changed[end - 1] = (char)c;
				check_octets (mm_bytes (changed, len));
			}
		}
	}
	check_octets (mm_bytes (NULL, 0));
}

/* Two hundred thousand times the same: anything that recurses ends here, and anything that is not
 * linear does not. */
static void
test_long (void)
{
	static const char *const pieces[] = {
		"(",	"()",  "(\"",	  "<",	"<\"",	    "<\"\\", "<a@[",   "<a@[]",	  "\"",
		"\\\"", "\"(", "\\\"(a)", "<>", "<a@x>",    ",",     "@",      "<\"a\" ", "[",
		"a <",	"< ",  "@ ",	  ">",	"\\\"(a) ", "\r\n ", "(\\\"<", "a;",	  ":",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++) {
		g_autoptr (GString) text = g_string_new ("\"");

		while (text->len < 200000)
			g_string_append (text, pieces[i]);
		check_octets (mm_bytes (text->str, text->len));
		check_octets (mm_bytes (text->str + 1, text->len - 1));
	}
}

static void
test_deep_comment (void)
{
	g_autoptr (GString) text = g_string_new (NULL);
	g_auto (MmMsgid) msgid = {0};
	gsize pos = 0;

	for (guint i = 0; i < 10000; i++)
		g_string_append_c (text, '(');
	g_assert_false (mm_grammar_skip_cfws (mm_bytes (text->str, text->len), &pos));
	for (guint i = 0; i < 10000; i++)
		g_string_append_c (text, ')');
	g_assert_true (mm_grammar_is_blank (mm_bytes (text->str, text->len)));
	g_string_append (text, "<a@x>");
	mm_grammar_msgid (mm_bytes (text->str, text->len), FALSE, &msgid);
	g_assert_cmpstr (msgid.id, ==, "<a@x>");
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/grammar/skip-cfws", test_skip_cfws);
	g_test_add_func ("/grammar/without-comments", test_without_comments);
	g_test_add_func ("/grammar/msgid", test_msgid);
	g_test_add_func ("/grammar/msgid-utf8", test_msgid_utf8);
	g_test_add_func ("/grammar/msgid-list", test_msgid_list);
	g_test_add_func ("/grammar/content-id", test_content_id);
	g_test_add_func ("/grammar/first-address", test_first_address);
	g_test_add_func ("/grammar/domain", test_domain);
	g_test_add_func ("/grammar/every-octet", test_every_octet);
	g_test_add_func ("/grammar/long", test_long);
	g_test_add_func ("/grammar/deep-comment", test_deep_comment);
	return g_test_run ();
}
