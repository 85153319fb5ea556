/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-logline-json.c: the line of a message as JSON, and reading it back; random values in both
 * forms; random damage.
 */
#include <string.h>

#include <json-glib/json-glib.h>

#include <mailmend/logline.h>

#include "test-util.h"

typedef struct {
	MmJudgement judgement;
	MmLogEntry entry;
} Line;

static void
line_clear (Line *line)
{
	g_ptr_array_unref (line->judgement.labels);
	g_ptr_array_unref (line->judgement.fixed);
	g_ptr_array_unref (line->judgement.left);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, line_clear)

/* All that a sender decides is @value. */
static void
line_init (Line *line, const char *value)
{
	*line = (Line){
		.judgement = {
			.action = MM_ACTION_FIX,
			.would = MM_ACTION_FIX,
			.labels = g_ptr_array_new (),
			.fixed = g_ptr_array_new (),
			.left = g_ptr_array_new (),
			.edits = (char *) value,
			.note = (char *) value,
			.error = (char *) value,
			.newmid = (char *) value,
			.newsize = 12,
		},
		.entry = {
			.queue_id = "Q1", .policy = value, .rule = value, .sender = value,
			.n_rcpt = 3, .client_name = value, .client_addr = value, .user = value,
			.mid = value, .program = value, .size = 10, .us = 60,
		},
	};
	line->entry.judgement = &line->judgement;
}

static void
assert_ascii (const char *line)
{
	for (; *line != '\0'; line++)
		g_assert_true (*line >= ' ' && *line <= '~');
}

static void
test_example (void)
{
	g_auto (Line) line;
	g_autofree char *text = NULL;

	line_init (&line, "x");
	mm_labels_add (line.judgement.labels, "NUL_BYTE");
	mm_labels_add (line.judgement.labels, "INVALID_DATE");
	mm_labels_add (line.judgement.left, "NUL_BYTE");
	line.judgement.signatures = MM_SIGNATURE_DKIM | MM_SIGNATURE_ARC;
	line.judgement.dry_run = TRUE;
	line.entry.mid = "<\303\244\"\\\xff\n\360\237\230\200\xc2\x9b@b>";
	text = mm_logline_format (&line.entry, MM_LOG_FORMAT_JSON);
	g_assert_cmpstr (text, ==,
	                 "{\"id\":\"Q1\",\"action\":\"fix\",\"would\":\"fix\","
	                 "\"labels\":[\"INVALID_DATE\",\"NUL_BYTE\"],\"fixed\":[],"
	                 "\"left\":[\"NUL_BYTE\"],\"policy\":\"x\",\"rule\":\"x\","
	                 "\"from\":\"<x>\",\"nrcpt\":3,\"client\":\"x[x]\",\"user\":\"x\","
	                 "\"mid\":\"<\\u00e4\\\"\\\\x5c\\\\xff\\\\x0a\\ud83d\\ude00\\\\xc2\\\\x9b@b>\","
	                 "\"newmid\":\"x\",\"size\":10,\"newsize\":12,\"edits\":\"x\","
	                 "\"signed\":[\"arc\",\"dkim\"],\"broke\":[],\"note\":\"x\","
	                 "\"error\":\"x\",\"program\":\"x\",\"us\":60}");
}

/* Ours is what a reader of JSON takes it for. */
static void
test_peer (void)
{
	g_auto (Line) line;
	g_autofree char *text = NULL;
	g_autoptr (JsonNode) node = NULL;
	g_autoptr (GError) error = NULL;
	JsonObject *object;

	line_init (&line, "a \303\244\"\\\xff\n\360\237\230\200/");
	text = mm_logline_format (&line.entry, MM_LOG_FORMAT_JSON);
	node = json_from_string (text, &error);
	g_assert_no_error (error);
	object = json_node_get_object (node);
	g_assert_cmpstr (json_object_get_string_member (object, "mid"), ==,
	                 "a \303\244\"\\x5c\\xff\\x0a\360\237\230\200/");
	g_assert_cmpint (json_object_get_int_member (object, "newsize"), ==, 12);
	g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "labels")),
	                  ==, 0);
}

/* ---- both forms, random values ----------------------------------------------------------------- */

static char *
random_value (GRand *rand)
{
	static const char *const pieces[] = {
		"\"", "\\", "\\x22", " ", "=", "\n", "\x1b[31m", "\xff", "\xc3", "\303\244", "<a@b>",
		"\xe2\x82\xac", "\360\237\230\200", "\xed\xa0\x80", "\x7f", "\xc2\x85", "|", ",", "{}",
		"\\u0041", "\":\"", "action=none", "\xf4\x90\x80\x80", "/",
	};
	GString *out = g_string_new (NULL);
	int n = g_rand_int_range (rand, 0, 12);

	for (int i = 0; i < n; i++) {
		if (g_rand_boolean (rand))
			g_string_append (out, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
		else
			g_string_append_c (out, (char) g_rand_int_range (rand, 1, 256));
	}
	return g_string_free (out, FALSE);
}

static void
assert_values (const MmLogline *read, const char *v)
{
	static const MmLineKey same[] = {
		MM_LINE_POLICY, MM_LINE_RULE, MM_LINE_USER, MM_LINE_MID, MM_LINE_NEWMID,
		MM_LINE_EDITS, MM_LINE_NOTE, MM_LINE_ERROR, MM_LINE_PROGRAM,
	};
	g_autofree char *from = g_strconcat ("<", v, ">", NULL);
	g_autofree char *client = g_strconcat (v, "[", v, "]", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
		g_assert_cmpstr (read->values[same[i]], ==, v);
	g_assert_cmpstr (read->values[MM_LINE_ID], ==, "Q1");
	g_assert_cmpstr (read->values[MM_LINE_ACTION], ==, "fix");
	g_assert_null (read->values[MM_LINE_WOULD]);
	g_assert_cmpstr (read->values[MM_LINE_LABELS], ==, "INVALID_DATE|NUL_BYTE");
	g_assert_cmpstr (read->values[MM_LINE_FIXED], ==, "");
	g_assert_cmpstr (read->values[MM_LINE_SIGNED], ==, "arc,dkim");
	g_assert_cmpstr (read->values[MM_LINE_FROM], ==, from);
	g_assert_cmpstr (read->values[MM_LINE_CLIENT], ==, client);
	g_assert_cmpstr (read->values[MM_LINE_NRCPT], ==, "3");
	g_assert_cmpstr (read->values[MM_LINE_US], ==, "60");
}

static void
test_random (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
	g_auto (MmLogline) read = MM_LOGLINE_INIT;

	for (int round = 0; round < 20000; round++) {
		g_autofree char *value = random_value (rand);
		g_auto (Line) line;

		line_init (&line, value);
		mm_labels_add (line.judgement.labels, "NUL_BYTE");
		mm_labels_add (line.judgement.labels, "INVALID_DATE");
		line.judgement.signatures = MM_SIGNATURE_DKIM | MM_SIGNATURE_ARC;
		for (int form = MM_LOG_FORMAT_TEXT; form <= MM_LOG_FORMAT_JSON; form++) {
			g_autofree char *text = mm_logline_format (&line.entry, (MmLogFormat) form);

			assert_ascii (text);
			g_assert_true (mm_logline_read (&read, mm_bytes_str (text)));
			assert_values (&read, value);
		}
	}
}

/* A damaged line is read or refused, in its own memory. */
static void
test_damage (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
	guint taken = 0;

	for (int round = 0; round < 50000; round++) {
		g_autofree char *value = random_value (rand);
		g_auto (MmLogline) read = MM_LOGLINE_INIT;
		g_auto (Line) line;
		g_autofree char *text = NULL;
		g_autofree char *exact = NULL;
		gsize len;

		line_init (&line, value);
		text = mm_logline_format (&line.entry, round % 2 == 0 ? MM_LOG_FORMAT_TEXT
		                                                      : MM_LOG_FORMAT_JSON);
		len = strlen (text);
		for (int hits = g_rand_int_range (rand, 1, 4); hits > 0; hits--)
			text[g_rand_int_range (rand, 0, (gint32) len)] =
			        "\\\"u:,[]{} =x0\xff"[g_rand_int_range (rand, 0, 14)];
		len = round % 3 == 0 ? (gsize) g_rand_int_range (rand, 0, (gint32) len) : len;
		exact = g_memdup2 (text, len);
		if (mm_logline_read (&read, mm_bytes (exact, len))) {
			taken++;
			g_assert_nonnull (read.values[MM_LINE_ID]);
			g_assert_nonnull (read.values[MM_LINE_ACTION]);
		}
	}
	g_assert_cmpuint (taken, >, 0);
	g_assert_cmpuint (taken, <, 50000);
}

/* Nearly as long as may be, of characters that must not be cut. */
static void
test_cut (void)
{
	for (guint before = 0; before < 6; before++) {
		g_autoptr (GString) value = g_string_new (NULL);
		g_auto (Line) line;
		g_autofree char *text = NULL;
		g_auto (MmLogline) read = MM_LOGLINE_INIT;

		for (guint i = 0; i < before; i++)
			g_string_append_c (value, 'x');
		while (value->len < 300)
			g_string_append (value, "\360\237\230\200");
		line_init (&line, value->str);
		text = mm_logline_format (&line.entry, MM_LOG_FORMAT_JSON);
		g_assert_true (mm_logline_read (&read, mm_bytes_str (text)));
		g_assert_true (g_utf8_validate (read.values[MM_LINE_MID], -1, NULL));
		g_assert_true (g_str_has_suffix (read.values[MM_LINE_MID], "..."));
		g_assert_cmpuint (strlen (read.values[MM_LINE_MID]), >=, 250);
		g_assert_cmpuint (strlen (read.values[MM_LINE_MID]), <=, 253);
	}
}

/* ---- what other programs make of it ------------------------------------------------------------ */

typedef struct {
	const char *text;
	const char *mid; /* NULL: not ours */
} Case;

static const Case cases[] = {
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"a\"}", "a"},
	{" { \"mid\" : \"a\" ,\t\"action\": \"none\", \"id\": \"Q\" }", NULL},
	{"{ \"mid\" : \"a\" ,\t\"action\": \"none\", \"id\": \"Q\" }", "a"},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\303\244\\/\\b\\u00E4\"}", "\303\244/\b\303\244"},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\\ud83d\\ude00\"}", "\360\237\230\200"},
	{"{\"id\":\"Q\",\"new\":-1.5e+3,\"x\":null,\"y\":true,\"z\":[\"a\",\"b\"],\"action\":\"none\","
	 "\"mid\":\"a\"}", "a"},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\\ud83d\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\\ude00\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\\u0000\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\\\\x00\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\\\\a\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"\\a\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"a\nb\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"a\",\"mid\":\"b\"}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"a\"} ", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":\"a\",}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":{}}", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":[\"a\"", NULL},
	{"{\"id\":\"Q\",\"action\":\"none\",\"mid\":", NULL},
	{"{\"id\":\"\",\"action\":\"none\",\"mid\":\"a\"}", NULL},
	{"{\"action\":\"none\",\"mid\":\"a\"}", NULL},
	{"{\"id\":\"Q\",\"mid\":\"a\"}", NULL},
	{"{\"stats\":{\"messages\":1}}", NULL},
	{"{}", NULL},
	{"{", NULL},
};

static void
test_others (void)
{
	for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_auto (MmLogline) read = MM_LOGLINE_INIT;
		gboolean is_line = mm_logline_read (&read, mm_bytes_str (cases[i].text));

		g_test_message ("%s", cases[i].text);
		g_assert_cmpint (is_line, ==, cases[i].mid != NULL);
		if (!is_line)
			continue;
		g_assert_cmpstr (read.values[MM_LINE_MID], ==, cases[i].mid);
		g_assert_cmpstr (read.values[MM_LINE_ID], ==, "Q");
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/logline-json/example", test_example);
	g_test_add_func ("/logline-json/peer", test_peer);
	g_test_add_func ("/logline-json/random", test_random);
	g_test_add_func ("/logline-json/damage", test_damage);
	g_test_add_func ("/logline-json/cut", test_cut);
	g_test_add_func ("/logline-json/others", test_others);
	return g_test_run ();
}
