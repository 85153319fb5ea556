/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-message.c: header blocks cut into items, messages from files and from a milter's events.
 */
#include "test-util.h"

/* A header block as text: "name#index@original=value" or "!value" of what is no field. */
static char *
show_items (GArray *items)
{
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < items->len; i++) {
		const MmHeader *item = &g_array_index (items, MmHeader, i);
		g_autofree char *name = test_show (item->name);
		g_autofree char *blanks = test_show (item->blanks);
		g_autofree char *value = test_show (item->value);

		if (item->is_field)
			g_string_append_printf (out, "%s%s#%u=%s|", name, blanks, item->index,
						value);
		else
			g_string_append_printf (out, "!%s|", value);
		g_assert_true (item->is_field == (item->index > 0));
		g_assert_true (item->is_field || item->name.len == 0);
	}
	return g_string_free (out, FALSE);
}

static const struct {
	const char *label;
	MmBytes block;
	const char *want;
} blocks[] = {
	{"empty", B (""), ""},
	{"one field", B ("A: b\r\n"), "A#1= b|"},
	{"no blank", B ("A:b\r\n"), "A#1=b|"},
	{"empty value", B ("A:\r\n"), "A#1=|"},
	{"a fold", B ("A: b\r\n c\r\nD: e\r\n"), "A#1= b\\r\\n c|D#1= e|"},
	{"a fold by a tab", B ("A: b\r\n\tc\r\n"), "A#1= b\\r\\n\\x09c|"},
	{"a fold of blanks only", B ("A: b\r\n  \r\n c\r\n"), "A#1= b\\r\\n  \\r\\n c|"},
	{"value begins with a fold", B ("Message-ID:\r\n <a@b>\r\n"), "Message-ID#1=\\r\\n <a@b>|"},
	{"lone LF ends a line", B ("A: b\nC: d\r\n"), "A#1= b|C#1= d|"},
	{"a fold after lone LF", B ("A: b\n c\r\n"), "A#1= b\\n c|"},
	{"lone CR does not", B ("A: b\rC: d\r\n"), "A#1= b\\rC: d|"},
	{"CR CR LF", B ("A: b\r\r\nC: d\r\n"), "A#1= b\\r|C#1= d|"},
	{"no end at all", B ("A: b"), "A#1= b|"},
	{"ends with CR", B ("A: b\r"), "A#1= b\\r|"},
	{"no colon", B ("A: b\r\nrubbish\r\nC: d\r\n"), "A#1= b|!rubbish|C#1= d|"},
	{"a line that is no field has folds", B ("rub\r\n bish: x\r\n"), "!rub\\r\\n bish: x|"},
	{"begins with a fold", B (" x: y\r\nA: b\r\n"), "! x: y|A#1= b|"},
	{"blanks before the colon", B ("A \t: b\r\n"), "A \\x09#1= b|"},
	{"a blank in the name", B ("A B: c\r\n"), "!A B: c|"},
	{"a colon first", B (": b\r\n"), "!: b|"},
	{"only blanks before the colon", B ("A: b\r\n\r\n"), "A#1= b|!|"},
	{"8-bit name", B ("\xc3\xa4: b\r\n"), "\\xc3\\xa4#1= b|"},
	{"8-bit value", B ("A: \xe4\r\n"), "A#1= \\xe4|"},
	{"NUL in a name", B ("A\0B: c\r\n"), "!A\\x00B: c|"},
	{"NUL in a value", B ("A: b\0c\r\nD: e\r\n"), "A#1= b\\x00c|D#1= e|"},
	{"DEL in a name", B ("A\x7f: c\r\n"), "!A\\x7f: c|"},
	{"a From line of mbox", B ("From a@b Thu\r\nA: b\r\n"), "!From a@b Thu|A#1= b|"},
	{"indexes are per name, caseless", B ("A: 1\r\nB: 1\r\na: 2\r\nb : 2\r\nA: 3\r\n"),
	 "A#1= 1|B#1= 1|a#2= 2|b #2= 2|A#3= 3|"},
	{"a name is not its prefix", B ("To: 1\r\nTo-X: 1\r\nTo: 2\r\n"),
	 "To#1= 1|To-X#1= 1|To#2= 2|"},
	{"value with colons", B ("A: b: c\r\n"), "A#1= b: c|"},
};

static void
test_tokenize (void)
{
	for (gsize i = 0; i < G_N_ELEMENTS (blocks); i++) {
		g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (MmHeader));
		g_autofree char *got = NULL;
		gsize total = 0;

		g_test_message ("%s", blocks[i].label);
		mm_header_tokenize (blocks[i].block, items);
		got = show_items (items);
		g_assert_cmpstr (got, ==, blocks[i].want);
		for (guint n = 0; n < items->len; n++) {
			const MmHeader *item = &g_array_index (items, MmHeader, n);
			g_assert_true (item->line.data == blocks[i].block.data + total);
			g_assert_cmpint (item->original, ==, -1);
			total += item->line.len;
		}
		g_assert_cmpuint (total, ==, blocks[i].block.len);
	}
}

/* What is tokenized later counts within its own call. */
static void
test_tokenize_appends (void)
{
	g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (MmHeader));
	g_autofree char *got = NULL;

	mm_header_tokenize (LIT ("A: 1\r\n"), items);
	mm_header_tokenize (LIT ("A: 2\r\n"), items);
	got = show_items (items);
	g_assert_cmpstr (got, ==, "A#1= 1|A#1= 2|");
}

/* Few fields and many are counted in different ways: both as one would by hand. */
static void
test_index_property (void)
{
	static const char *const names[] = {"A", "a", "To", "tO", "X-Y", "x-y", "Z-Y", "Received", "!"};

	for (guint n = 1; n < 140; n++) {
		g_autoptr (GString) block = g_string_new (NULL);
		g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (MmHeader));

		for (guint i = 0; i < n; i++) {
			const char *name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];
			g_string_append_printf (block, "%s%s x\r\n", name,
			                        *name == '!' ? "" : ":");
		}
		mm_header_tokenize (mm_bytes (block->str, block->len), items);
		g_assert_cmpuint (items->len, ==, n);
		for (guint i = 0; i < n; i++) {
			const MmHeader *item = &g_array_index (items, MmHeader, i);
			guint count = 0;

			for (guint at = 0; item->is_field && at <= i; at++) {
				const MmHeader *other = &g_array_index (items, MmHeader, at);
				count += other->is_field &&
				         mm_bytes_equal_nocase (other->name, item->name);
			}
			g_assert_cmpuint (item->index, ==, count);
		}
	}
}

static void
test_lines (void)
{
	static const struct {
		MmBytes line;
		gboolean empty, field;
		gsize length;
	} rows[] = {
		{B (""), FALSE, FALSE, 0},
		{B ("\r\n"), TRUE, FALSE, 2},
		{B ("\n"), TRUE, FALSE, 1},
		{B ("\r"), FALSE, FALSE, 1},
		{B ("\r\r\n"), TRUE, FALSE, 3},
		{B ("\r\r\r\n"), FALSE, FALSE, 4},
		{B (" \r\n"), FALSE, FALSE, 3},
		{B ("A: b\r\n"), FALSE, TRUE, 6},
		{B ("A : b\r\n"), FALSE, TRUE, 7},
		{B ("A b: c\r\n"), FALSE, FALSE, 8},
		{B ("\xe4: c\r\n"), FALSE, FALSE, 6},
		{B ("A:"), FALSE, TRUE, 2},
		{B ("A: b\nC: d\n"), FALSE, TRUE, 5},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("row %zu", i);
		g_assert_cmpint (mm_line_is_empty (rows[i].line), ==, rows[i].empty);
		g_assert_cmpint (mm_line_is_field (rows[i].line), ==, rows[i].field);
		g_assert_cmpuint (mm_line_length (rows[i].line), ==, rows[i].length);
	}
}

static void
test_split (void)
{
	static const struct {
		const char *label;
		MmBytes wire, block, separator, body;
		guint n;
	} rows[] = {
		{"nothing", B (""), B (""), B (""), B (""), 0},
		{"usual", B ("A: b\r\n\r\nx\r\n"), B ("A: b\r\n"), B ("\r\n"), B ("x\r\n"), 1},
		{"no body", B ("A: b\r\n\r\n"), B ("A: b\r\n"), B ("\r\n"), B (""), 1},
		{"no empty line", B ("A: b\r\nC: d\r\n"), B ("A: b\r\nC: d\r\n"), B (""), B (""),
		 2},
		{"no end", B ("A: b"), B ("A: b"), B (""), B (""), 1},
		{"no header", B ("\r\nx"), B (""), B ("\r\n"), B ("x"), 0},
		{"LF", B ("A: b\n\nx\n"), B ("A: b\n"), B ("\n"), B ("x\n"), 1},
		{"LF ends it in CRLF mail", B ("A: b\r\n\nC: d\r\n\r\nx"), B ("A: b\r\n"), B ("\n"),
		 B ("C: d\r\n\r\nx"), 1},
		{"a blank line continues", B ("A: b\r\n \r\n\r\nx"), B ("A: b\r\n \r\n"),
		 B ("\r\n"), B ("x"), 1},
		{"CR CR LF is a damaged line end", B ("A: b\r\r\n\r\r\nx"), B ("A: b\r\r\n"),
		 B ("\r\r\n"), B ("x"), 1},
		{"CR CR CR LF is no empty line", B ("A: b\r\n\r\r\r\n\r\nx"),
		 B ("A: b\r\n\r\r\r\n"), B ("\r\n"), B ("x"), 2},
		{"NUL", B ("A: \0\r\n\r\n\0"), B ("A: \0\r\n"), B ("\r\n"), B ("\0"), 1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (rows[i].wire);
		g_autoptr (GBytes) wire = test_wire (message);

		g_test_message ("%s", rows[i].label);
		test_assert_bytes (mm_message_header_block (message), rows[i].block);
		test_assert_bytes (mm_message_separator (message), rows[i].separator);
		test_assert_bytes (mm_message_body (message), rows[i].body);
		test_assert_bytes (mm_bytes_of (wire), rows[i].wire);
		g_assert_cmpuint (mm_message_size (message), ==, rows[i].wire.len);
		g_assert_cmpuint (mm_message_n_headers (message), ==, rows[i].n);
		g_assert_false (mm_message_is_irregular (message));
		for (guint n = 0; n < rows[i].n; n++)
			g_assert_cmpint (mm_message_header (message, n)->original, ==, (int)n);
	}
}

static void
test_find (void)
{
	g_autoptr (MmMessage) message =
		test_message (LIT ("To: 1\r\nno field To\r\nTo-X: 2\r\ntO : 3\r\n\r\nTo: 4\r\n"));

	g_assert_cmpint (mm_message_find (message, "To", 0), ==, 0);
	g_assert_cmpint (mm_message_find (message, "to", 1), ==, 3);
	g_assert_cmpint (mm_message_find (message, "TO", 4), ==, -1);
	g_assert_cmpint (mm_message_find (message, "T", 0), ==, -1);
	g_assert_cmpint (mm_message_find_last (message, "TO"), ==, 3);
	g_assert_cmpint (mm_message_find_last (message, "To-X"), ==, 2);
	g_assert_cmpint (mm_message_find_last (message, "Cc"), ==, -1);
}

static void
test_offset (void)
{
	g_autoptr (MmMessage) message = test_message (LIT ("A: b\r\n\r\nx\ny\r\n\rz"));
	MmBytes body = mm_message_body (message);

	g_assert_cmpuint (mm_message_offset (message, mm_message_header (message, 0)->line.data),
			  ==, 0);
	g_assert_cmpuint (mm_message_offset (message, mm_message_separator (message).data), ==, 6);
	g_assert_cmpuint (mm_message_offset (message, body.data), ==, 8);
	g_assert_cmpuint (mm_message_offset (message, mm_bytes_end (body)), ==, 15);
	g_assert_cmpuint (mm_message_offset (message, NULL), ==, 0);

	g_assert_cmpuint (mm_message_lines_between (message, 0, 0), ==, 0);
	g_assert_cmpuint (mm_message_lines_between (message, 0, 5), ==, 0);
	g_assert_cmpuint (mm_message_lines_between (message, 0, 6), ==, 1);
	g_assert_cmpuint (mm_message_lines_between (message, 6, 9), ==, 1);
	g_assert_cmpuint (mm_message_lines_between (message, 9, 15), ==, 2);
	g_assert_cmpuint (mm_message_lines_between (message, 0, 15), ==, 4);
}

/* The same as test_offset on a message whose head and body are separate buffers. */
static void
test_offset_built (void)
{
	g_autoptr (MmMessageBuilder) builder = mm_message_builder_new (0, NULL);
	g_autoptr (MmMessage) message = NULL;

	mm_message_builder_add_header (builder, LIT ("A"), LIT (" b"));
	mm_message_builder_add_body (builder, LIT ("x\r\n"));
	mm_message_builder_add_body (builder, LIT ("y"));
	message = mm_message_builder_finish (builder);
	g_assert_cmpuint (mm_message_offset (message, mm_message_body (message).data + 3), ==, 11);
	g_assert_cmpuint (mm_message_offset (message, mm_message_header (message, 0)->value.data),
			  ==, 2);
	g_assert_cmpuint (mm_message_lines_between (message, 0, 11), ==, 3);
}

/* ---- from a milter's events ------------------------------------------------------------------ */

static void
test_builder (void)
{
	static const struct {
		const char *label;
		MmBytes name, value, line;
		gboolean irregular;
	} rows[] = {
		{"usual", B ("A"), B (" b"), B ("A: b\r\n"), FALSE},
		{"empty", B ("A"), B (""), B ("A:\r\n"), FALSE},
		{"LF folds become CRLF", B ("A"), B (" b\n c\n\td"), B ("A: b\r\n c\r\n\td\r\n"),
		 FALSE},
		{"CRLF folds stay", B ("A"), B (" b\r\n c"), B ("A: b\r\n c\r\n"), FALSE},
		{"a fold first", B ("A"), B ("\n b"), B ("A:\r\n b\r\n"), FALSE},
		{"a CR is text", B ("A"), B (" b\rc"), B ("A: b\rc\r\n"), FALSE},
		{"an LF that is no fold", B ("A"), B (" b\nc: d"), B ("A: b\nc: d\r\n"), TRUE},
		{"an LF at the end", B ("A"), B (" b\n"), B ("A: b\n\r\n"), TRUE},
		{"an empty line inside", B ("A"), B (" b\n\n c"), B ("A: b\n\r\n c\r\n"), TRUE},
		{"a colon in the name", B ("A: b\nC"), B (" d"), B ("A: b\nC: d\r\n"), TRUE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessageBuilder) builder = mm_message_builder_new (0, NULL);
		g_autoptr (MmMessage) message = NULL;

		g_test_message ("%s", rows[i].label);
		g_assert_true (
			mm_message_builder_add_header (builder, rows[i].name, rows[i].value));
		message = mm_message_builder_finish (builder);
		g_assert_cmpuint (mm_message_n_headers (message), ==, 1);
		test_assert_bytes (mm_message_header (message, 0)->line, rows[i].line);
		test_assert_bytes (mm_message_separator (message), LIT ("\r\n"));
		g_assert_cmpuint (mm_message_body (message).len, ==, 0);
		g_assert_cmpint (mm_message_is_irregular (message), ==, rows[i].irregular);
	}
}

static void
test_builder_whole (void)
{
	g_autoptr (MmMessageBuilder) builder = mm_message_builder_new (0, NULL);
	g_autoptr (MmMessage) message = NULL;
	g_autoptr (MmMessage) empty = NULL;
	g_autofree char *items = NULL;

	mm_message_builder_add_header (builder, LIT ("A"), LIT (" 1"));
	mm_message_builder_add_header (builder, LIT ("a"), LIT (" 2"));
	mm_message_builder_add_body (builder, LIT ("x\0"));
	mm_message_builder_add_body (builder, LIT (""));
	mm_message_builder_add_body (builder, LIT ("y"));
	message = mm_message_builder_finish (builder);
	items = show_items (mm_message_headers (message));
	g_assert_cmpstr (items, ==, "A#1= 1|a#2= 2|");
	g_assert_cmpint (mm_message_header (message, 1)->original, ==, 1);
	test_assert_bytes (mm_message_body (message), LIT ("x\0y"));

	/* It is empty afterwards and can be used again. */
	empty = mm_message_builder_finish (builder);
	g_assert_cmpuint (mm_message_n_headers (empty), ==, 0);
	g_assert_cmpuint (mm_message_size (empty), ==, 2);
	test_assert_bytes (mm_message_body (message), LIT ("x\0y"));
}

/* ---- the next version ------------------------------------------------------------------------ */

static void
test_with (void)
{
	g_autoptr (MmMessage) from = test_message (LIT ("A: 1\r\nB: 2\r\n\r\nbody"));
	const MmHeaderLine lines[] = {
		{B ("B: 2\r\n"), 1},
		{B ("A: 3\r\n"), -1},
	};
	const MmHeaderLine stray[] = {{B ("A: 1\r\nB: 2\r\n"), 0}};
	g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);
	g_autoptr (MmMessage) next = mm_message_with (from, lines, 2, LIT ("\r\n"), NULL);
	g_autoptr (MmMessage) last = mm_message_with (next, lines, 1, LIT ("\n"), other);
	g_autoptr (MmMessage) again = mm_message_as_received (next);
	g_autoptr (MmMessage) irregular = mm_message_with (from, stray, 1, LIT ("\r\n"), NULL);

	test_assert_bytes (mm_message_header_block (next), LIT ("B: 2\r\nA: 3\r\n"));
	g_assert_true (mm_message_body_bytes (next) == mm_message_body_bytes (from));
	g_assert_cmpint (mm_message_header (next, 0)->original, ==, 1);
	g_assert_cmpint (mm_message_header (next, 1)->original, ==, -1);
	test_assert_bytes (mm_message_separator (last), LIT ("\n"));
	test_assert_bytes (mm_message_body (last), LIT ("other"));
	g_assert_cmpint (mm_message_header (again, 0)->original, ==, 0);
	g_assert_cmpint (mm_message_header (again, 1)->original, ==, 1);
	g_assert_false (mm_message_is_irregular (next));
	g_assert_true (mm_message_is_irregular (irregular));
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/message/tokenize", test_tokenize);
	g_test_add_func ("/message/tokenize-appends", test_tokenize_appends);
	g_test_add_func ("/message/index-property", test_index_property);
	g_test_add_func ("/message/lines", test_lines);
	g_test_add_func ("/message/split", test_split);
	g_test_add_func ("/message/find", test_find);
	g_test_add_func ("/message/offset", test_offset);
	g_test_add_func ("/message/offset-built", test_offset_built);
	g_test_add_func ("/message/builder", test_builder);
	g_test_add_func ("/message/builder-whole", test_builder_whole);
	g_test_add_func ("/message/with", test_with);
	return g_test_run ();
}
