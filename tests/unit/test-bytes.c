/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-bytes.c: octets with a length, and the buffer that can refuse to grow.
 *
 * NUL stands in most inputs: it is data. So does the view without any octets, which may be NULL.
 */
#include <mailmend/bytes.h>
#include <mailmend/error.h>

/* A literal with its length, NUL included. */
#define B(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof (literal) - 1                                                   \
	}

static const MmBytes none = {NULL, 0};

static void
test_equal (void)
{
	static const struct {
		MmBytes a;
		const char *b;
		gboolean whole, prefix;
	} rows[] = {
		{B ("Content-Type"), "content-TYPE", TRUE, TRUE},
		{B ("Content-Types"), "content-type", FALSE, TRUE},
		{B ("Content"), "content-type", FALSE, FALSE},
		{B ("a\0b"), "a", FALSE, TRUE},
		{B ("\xc3\x84"), "\xc3\xa4", FALSE, FALSE},
		{B ("[\\]"), "{|}", FALSE, FALSE},
		{B ("x"), "", FALSE, TRUE},
		{B (""), "", TRUE, TRUE},
		{{NULL, 0}, "", TRUE, TRUE},
		{{NULL, 0}, "x", FALSE, FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("row %zu: %s", i, rows[i].b);
		g_assert_cmpint (mm_bytes_is (rows[i].a, rows[i].b), ==, rows[i].whole);
		g_assert_cmpint (mm_bytes_has_prefix (rows[i].a, rows[i].b), ==, rows[i].prefix);
	}
	g_assert_true (mm_bytes_equal_nocase (mm_bytes ("A\0b", 3), mm_bytes ("a\0B", 3)));
	g_assert_false (mm_bytes_equal_nocase (mm_bytes ("A\0b", 3), mm_bytes ("a\0c", 3)));
	g_assert_true (mm_bytes_equal (none, mm_bytes ("", 0)));
	g_assert_false (mm_bytes_equal (mm_bytes ("A", 1), mm_bytes ("a", 1)));
}

/* Every octet at every place of blocks and of what is left behind them. */
static void
test_are_text (void)
{
	for (gsize len = 0; len < 50; len++) {
		char octets[50];

		memset (octets, 'x', sizeof octets);
		g_assert_true (mm_bytes_are_text (mm_bytes (octets, len)));
		for (guint c = 0; c < 256; c++) {
			gboolean text = (c >= ' ' && c <= '~') || (c != 0 && strchr ("\t\r\n", (int) c));

			for (gsize at = 0; at < len; at++) {
				octets[at] = (char) c;
				g_assert_cmpint (mm_bytes_are_text (mm_bytes (octets, len)), ==, text);
				octets[at] = 'x';
			}
		}
	}
	g_assert_true (mm_bytes_are_text (none));
}

static void
test_find (void)
{
	MmBytes in = B ("a\0b\0c");

	g_assert_cmpuint (mm_bytes_find (in, '\0', 0), ==, 1);
	g_assert_cmpuint (mm_bytes_find (in, '\0', 1), ==, 1);
	g_assert_cmpuint (mm_bytes_find (in, '\0', 2), ==, 3);
	g_assert_cmpuint (mm_bytes_find (in, '\0', 4), ==, 5);
	g_assert_cmpuint (mm_bytes_find (in, 'a', 5), ==, 5);
	g_assert_cmpuint (mm_bytes_find (in, 'a', G_MAXSIZE), ==, 5);
	g_assert_cmpuint (mm_bytes_find (none, 'a', 0), ==, 0);
}

static void
test_search (void)
{
	static const struct {
		MmBytes in;
		const char *needle;
		gssize at;
	} rows[] = {
		{B ("x\0boundary"), "boundary", 2},
		{B ("ababac"), "abac", 2},
		{B ("aaaa"), "aaaaa", -1},
		{B ("abcab"), "abd", -1},
		{B ("ABC"), "abc", -1},
		{B ("abc"), "c", 2},
		{B ("abc"), "", 0},
		{B (""), "a", -1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		const char *at = mm_bytes_search (rows[i].in, rows[i].needle);

		g_test_message ("row %zu: %s", i, rows[i].needle);
		g_assert_true (at == (rows[i].at < 0 ? NULL : rows[i].in.data + rows[i].at));
	}
	g_assert_null (mm_bytes_search (none, "a"));
}

static void
test_trim (void)
{
	static const struct {
		MmBytes in, want;
	} rows[] = {
		{B (" \t\r\n a b \r\n "), B ("a b")},
		{B ("a"), B ("a")},
		{B (" \0 "), B ("\0")},
		{B ("\v\f"), B ("\v\f")},
		{B (" \r\n\t"), B ("")},
		{{NULL, 0}, {NULL, 0}},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("row %zu", i);
		g_assert_true (mm_bytes_equal (mm_bytes_trim (rows[i].in), rows[i].want));
	}
}

/* The octet is found at every place of every length, and nothing behind the end is. */
static void
test_has_8bit (void)
{
	for (gsize len = 0; len < 40; len++) {
		g_autofree char *data = g_malloc (len + 1);

		memset (data, 0x7f, len);
		data[len] = '\x80';
		g_assert_false (mm_bytes_has_8bit (mm_bytes (data, len)));
		for (gsize at = 0; at < len; at++) {
			data[at] = '\x80';
			g_assert_true (mm_bytes_has_8bit (mm_bytes (data, len)));
			data[at] = '\0';
		}
	}
	g_assert_false (mm_bytes_has_8bit (none));
}

static void
test_printable (void)
{
	static const struct {
		MmBytes in;
		gsize max;
		const char *want;
	} rows[] = {
		{B ("plain ~ text"), 80, "plain ~ text"},
		{B ("a\r\n\tb\0\x7f\xff"), 80, "a\\x0D\\x0A\\x09b\\x00\\x7F\\xFF"},
		{B ("1234567890"), 10, "1234567890"},
		{B ("1234567890a"), 10, "1234567..."},
		{B ("12345\n7890"), 10, "12345..."},
		{B ("1234\n"), 8, "1234\\x0A"},
		{B ("\n\n"), 7, "\\x0A..."},
		{B ("\n\n"), 6, "..."},
		{B ("abcd"), 3, "..."},
		{B ("abcd"), 2, ".."},
		{B ("abcd"), 0, ""},
		{B (""), 0, ""},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *text = mm_bytes_printable (rows[i].in, rows[i].max);

		g_assert_cmpstr (text, ==, rows[i].want);
	}
}

static void
test_dup (void)
{
	g_autofree char *copy = mm_bytes_dup (mm_bytes ("a\0bc", 3));
	g_autofree char *empty = mm_bytes_dup (none);

	g_assert_cmpmem (copy, 4, "a\0b\0", 4);
	g_assert_cmpstr (empty, ==, "");
}

static void
test_sub (void)
{
	MmBytes in = B ("abcdef");

	g_assert_true (mm_bytes_is (mm_bytes_sub (in, 2, 4), "cd"));
	g_assert_true (mm_bytes_is (mm_bytes_sub (in, 4, G_MAXSIZE), "ef"));
	g_assert_cmpuint (mm_bytes_sub (in, 4, 2).len, ==, 0);
	g_assert_cmpuint (mm_bytes_sub (in, 9, 12).len, ==, 0);
}

static void
test_buffer (void)
{
	g_auto (MmBuffer) buffer = MM_BUFFER_INIT;
	g_autoptr (GBytes) bytes = NULL;
	g_autoptr (GBytes) empty = NULL;

	g_assert_true (mm_buffer_append (&buffer, none));
	for (guint i = 0; i < 10000; i++)
		g_assert_true (mm_buffer_append_c (&buffer, (char)(i % 251)));
	g_assert_true (mm_buffer_append_str (&buffer, "tail"));
	g_assert_true (mm_buffer_append (&buffer, mm_bytes ("\0x", 2)));
	g_assert_cmpuint (buffer.len, ==, 10006);
	g_assert_cmpuint (buffer.size, <, 4 * 10006);
	bytes = mm_buffer_steal (&buffer);
	g_assert_cmpuint (mm_bytes_of (bytes).len, ==, 10006);
	for (guint i = 0; i < 10000; i++)
		g_assert_cmpint ((guchar)mm_bytes_of (bytes).data[i], ==, i % 251);
	g_assert_cmpmem (mm_bytes_of (bytes).data + 10000, 6, "tail\0x", 6);
	g_assert_cmpuint (buffer.len, ==, 0);
	empty = mm_buffer_steal (&buffer);
	g_assert_cmpuint (g_bytes_get_size (empty), ==, 0);
}

/* A refusal stays, the process lives, and a cleared buffer is a new one. */
static void
test_buffer_refuses (void)
{
	static const gsize sizes[] = {G_MAXSIZE, G_MAXSIZE - 1, G_MAXSIZE / 2 + 1, G_MAXSIZE / 2};

	for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
		g_auto (MmBuffer) buffer = MM_BUFFER_INIT;

		g_assert_true (mm_buffer_append_str (&buffer, "a"));
		g_assert_false (mm_buffer_reserve (&buffer, sizes[i]));
		g_assert_true (buffer.failed);
		g_assert_false (mm_buffer_append_c (&buffer, 'b'));
		g_assert_false (mm_buffer_append (&buffer, none));
		g_assert_cmpuint (buffer.len, ==, 1);
		g_assert_null (mm_buffer_steal (&buffer));
		g_assert_false (buffer.failed);
		g_assert_true (mm_buffer_append_c (&buffer, 'b'));
	}
}

static void
test_error_domain (void)
{
	g_autoptr (GError) error = g_error_new_literal (MM_ERROR, MM_ERROR_LIMIT, "x");

	g_assert_error (error, MM_ERROR, MM_ERROR_LIMIT);
	g_assert_cmpstr (g_quark_to_string (MM_ERROR), ==, "mm-error-quark");
}

/* Names that have one hash in g_str_hash (), as somebody would write them who knows it. */
static void
test_hash (void)
{
	g_autoptr (GHashTable) hashes = g_hash_table_new (NULL, NULL);

	for (guint i = 0; i < 4096; i++) {
		g_autoptr (GString) text = g_string_new (NULL);
		MmBytes bytes;

		for (guint bit = 0; bit < 12; bit++)
			g_string_append (text, i >> bit & 1 ? "a~" : "b]");
		bytes = mm_bytes (text->str, text->len);
		g_assert_cmpuint (g_str_hash (text->str), ==, g_str_hash ("b]b]b]b]b]b]b]b]b]b]b]b]"));
		g_assert_cmpuint (mm_str_hash (text->str), ==, mm_bytes_hash_nocase (&bytes));
		g_hash_table_add (hashes, GUINT_TO_POINTER (mm_str_hash (text->str)));
	}
	/* 4096 of 2^32: two may be the same, not many */
	g_assert_cmpuint (g_hash_table_size (hashes), >, 4090);
}

static void
test_hash_nocase (void)
{
	static const char *const same[] = {"", "a", "Subject", "X-Spam-Status", "12345678", "x1234567y"};

	for (guint i = 0; i < G_N_ELEMENTS (same); i++) {
		g_autofree char *upper = g_ascii_strup (same[i], -1);
		const MmBytes a = mm_bytes_str (same[i]), b = mm_bytes_str (upper);

		g_assert_cmpuint (mm_bytes_hash_nocase (&a), ==, mm_bytes_hash_nocase (&b));
		g_assert_true (mm_bytes_equal_nocase_keys (&a, &b));
		for (guint k = 0; k < i; k++) {
			const MmBytes other = mm_bytes_str (same[k]);

			g_assert_cmpuint (mm_bytes_hash_nocase (&a), !=, mm_bytes_hash_nocase (&other));
			g_assert_false (mm_bytes_equal_nocase_keys (&a, &other));
		}
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/bytes/equal", test_equal);
	g_test_add_func ("/bytes/are-text", test_are_text);
	g_test_add_func ("/bytes/find", test_find);
	g_test_add_func ("/bytes/search", test_search);
	g_test_add_func ("/bytes/trim", test_trim);
	g_test_add_func ("/bytes/has-8bit", test_has_8bit);
	g_test_add_func ("/bytes/printable", test_printable);
	g_test_add_func ("/bytes/dup", test_dup);
	g_test_add_func ("/bytes/sub", test_sub);
	g_test_add_func ("/bytes/buffer", test_buffer);
	g_test_add_func ("/bytes/buffer-refuses", test_buffer_refuses);
	g_test_add_func ("/bytes/error-domain", test_error_domain);
	g_test_add_func ("/bytes/hash", test_hash);
	g_test_add_func ("/bytes/hash-nocase", test_hash_nocase);
	return g_test_run ();
}
