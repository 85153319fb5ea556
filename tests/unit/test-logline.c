/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-logline.c: the line of a message, its escaping, and reading it back.
 */
#include <mailmend/logline.h>

#include "test-util.h"

/* A judgement by hand: only what the line is made of. */
static MmJudgement
judgement_init (void)
{
	return (MmJudgement){
		.action = MM_ACTION_FIX,
		.would = MM_ACTION_FIX,
		.labels = g_ptr_array_new (),
		.fixed = g_ptr_array_new (),
		.left = g_ptr_array_new (),
		.edits = (char *)"",
	};
}

static void
judgement_clear (MmJudgement *judgement)
{
	g_ptr_array_unref (judgement->labels);
	g_ptr_array_unref (judgement->fixed);
	g_ptr_array_unref (judgement->left);
}

static void
test_example (void)
{
	MmJudgement j = judgement_init ();
	MmLogEntry entry = {.queue_id = "4Zk1pQ3Xz1z9xyz",
			    .judgement = &j,
			    .policy = "microsoft365",
			    .rule = "relay",
			    .sender = "app@example.com",
			    .n_rcpt = 2,
			    .client_name = "app.example.com",
			    .client_addr = "192.0.2.7",
			    .user = "app",
			    .mid = "=?utf-8?q?=3Ca=40b=3E?=",
			    .size = 1234,
			    .us = 87};
	g_autofree char *line = NULL;

	mm_labels_add (j.labels, "MISSING_DATE_HEADER");
	mm_labels_add (j.labels, "ENCODED_MESSAGE_ID");
	mm_labels_add (j.fixed, "ENCODED_MESSAGE_ID");
	mm_labels_add (j.left, "MISSING_DATE_HEADER");
	j.newmid = (char *)"<a@b>";
	j.newsize = 1200;
	j.edits = (char *)"chgheader:1 addheader:1";
	line = mm_logline_format (&entry, MM_LOG_FORMAT_TEXT);
	g_assert_cmpstr (
		line, ==,
		"4Zk1pQ3Xz1z9xyz: action=fix labels=ENCODED_MESSAGE_ID|MISSING_DATE_HEADER "
		"fixed=ENCODED_MESSAGE_ID left=MISSING_DATE_HEADER policy=microsoft365 "
		"rule=relay from=<app@example.com> nrcpt=2 "
		"client=app.example.com[192.0.2.7] user=app "
		"mid=\"=?utf-8?q?=3Ca=40b=3E?=\" newmid=\"<a@b>\" size=1234 newsize=1200 "
		"edits=\"chgheader:1 addheader:1\" signed= broke= us=87");
	judgement_clear (&j);
}

static void
test_bare (void)
{
	MmJudgement j = judgement_init ();
	MmLogEntry entry = {.judgement = &j};
	g_autofree char *line = NULL;

	j.action = j.would = MM_ACTION_NONE;
	line = mm_logline_format (&entry, MM_LOG_FORMAT_TEXT);
	g_assert_cmpstr (line, ==,
			 "NOQUEUE: action=none labels= fixed= left= policy= rule= from=<> nrcpt=0 "
			 "client=unknown[] user= mid=\"\" newmid=\"\" size=0 newsize=0 edits=\"\" "
			 "signed= broke= us=0");
	judgement_clear (&j);
}

/* Keys that only stand where they mean something. */
static void
test_conditional (void)
{
	MmJudgement j = judgement_init ();
	MmLogEntry entry = {.judgement = &j, .mx_pending = TRUE, .program = "Foo Mail 1.0"};
	g_autofree char *line = NULL;

	j.action = MM_ACTION_LOG;
	j.would = MM_ACTION_REJECT;
	j.dry_run = TRUE;
	j.limit = "toolarge";
	j.note = (char *)"part \"1\"";
	j.error = (char *)"no memory";
	j.signatures = MM_SIGNATURE_DKIM | MM_SIGNATURE_ARC | MM_SIGNATURE_ARC_SEAL;
	j.broke = MM_SIGNATURE_DKIM;
	line = mm_logline_format (&entry, MM_LOG_FORMAT_TEXT);
	g_assert_cmpstr (line, ==,
			 "NOQUEUE: action=log would=reject labels= fixed= left= policy= rule= "
			 "mx=pending from=<> nrcpt=0 client=unknown[] user= mid=\"\" newmid=\"\" "
			 "size=0 newsize=0 edits=\"\" signed=arc,dkim broke=dkim limit=toolarge "
			 "note=\"part \\x221\\x22\" error=\"no memory\" "
			 "program=\"Foo Mail 1.0\" us=0");
	judgement_clear (&j);
}

/* ---- hostile values -------------------------------------------------------------------------- */

static const char *const hostile[] = {
	"",
	" ",
	"a b",
	"\"",
	"\\",
	"\\x22",
	"a\" action=none labels=\"",
	"x action=none",
	"line\nNOQUEUE: action=none",
	"\r\n\t\x01\x1b[31m\x7f",
	"\xff\xc3\xa4",
	"<>[]{}=|%s%n",
	"=",
	":",
};

static gboolean
is_printable (const char *line)
{
	for (; *line != '\0'; line++)
		if (*line < ' ' || *line > '~')
			return FALSE;
	return TRUE;
}

static void
assert_value (const MmLogline *read, MmLineKey key, const char *prefix, const char *value,
	      const char *suffix)
{
	g_autofree char *want = g_strconcat (prefix, value, suffix, NULL);

	g_test_message ("key %d", (int)key);
	g_assert_cmpstr (read->values[key], ==, want);
}

static void
test_round_trip (void)
{
	for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
		const char *v = hostile[i];
		MmJudgement j = judgement_init ();
		MmLogEntry entry = {.queue_id = "Q1",
				    .judgement = &j,
				    .policy = v,
				    .rule = v,
				    .sender = v,
				    .client_name = v,
				    .client_addr = v,
				    .user = v,
				    .mid = v};
		g_autofree char *line = NULL, *client = NULL;
		g_auto (MmLogline) read = MM_LOGLINE_INIT;

		g_test_message ("value %zu", i);
		entry.program = v;
		j.newmid = j.note = j.error = j.edits = (char *)v;
		line = mm_logline_format (&entry, MM_LOG_FORMAT_TEXT);
		g_assert_true (is_printable (line));
		g_assert_true (mm_logline_read (&read, mm_bytes_str (line)));
		client = g_strconcat (v, "[", v, "]", NULL);
		assert_value (&read, MM_LINE_ID, "", "Q1", "");
		assert_value (&read, MM_LINE_ACTION, "", "fix", "");
		assert_value (&read, MM_LINE_POLICY, "", v, "");
		assert_value (&read, MM_LINE_RULE, "", v, "");
		assert_value (&read, MM_LINE_FROM, "<", v, ">");
		assert_value (&read, MM_LINE_CLIENT, "", client, "");
		assert_value (&read, MM_LINE_USER, "", v, "");
		assert_value (&read, MM_LINE_MID, "", v, "");
		assert_value (&read, MM_LINE_NEWMID, "", v, "");
		assert_value (&read, MM_LINE_NOTE, "", v, "");
		assert_value (&read, MM_LINE_ERROR, "", v, "");
		assert_value (&read, MM_LINE_PROGRAM, "", v, "");
		assert_value (&read, MM_LINE_US, "", "0", "");
		judgement_clear (&j);
	}
}

/* A queue id is the MTA's own, but it is escaped like everything else. */
static void
test_queue_id (void)
{
	static const char *const ids[] = {"0123456789ABCDEF", "a b", "x\ny", "a:b"};

	for (gsize i = 0; i < G_N_ELEMENTS (ids); i++) {
		MmJudgement j = judgement_init ();
		MmLogEntry entry = {.queue_id = ids[i], .judgement = &j};
		g_autofree char *line = mm_logline_format (&entry, MM_LOG_FORMAT_TEXT);
		g_auto (MmLogline) read = MM_LOGLINE_INIT;

		g_test_message ("%zu", i);
		g_assert_true (is_printable (line));
		g_assert_true (mm_logline_read (&read, mm_bytes_str (line)));
		assert_value (&read, MM_LINE_ID, "", ids[i], "");
		judgement_clear (&j);
	}
}

static void
test_cut (void)
{
	MmJudgement j = judgement_init ();
	g_autofree char *value = g_strnfill (5000, '\x01');
	MmLogEntry entry = {.judgement = &j, .sender = value, .mid = value, .user = value};
	g_autofree char *line = mm_logline_format (&entry, MM_LOG_FORMAT_TEXT);
	g_auto (MmLogline) read = MM_LOGLINE_INIT;
	const char *mid;

	g_assert_true (mm_logline_read (&read, mm_bytes_str (line)));
	mid = read.values[MM_LINE_MID];
	g_assert_true (g_str_has_suffix (mid, "..."));
	g_assert_true (g_str_has_prefix (value, "\x01\x01"));
	g_assert_cmpuint (strlen (mid), <, 300);
	g_assert_cmpuint (strlen (line), <, 4000);
	judgement_clear (&j);
}

static void
test_not_ours (void)
{
	static const char *const lines[] = {
		"",
		" ",
		":",
		": action=none",
		"Q1",
		"Q1 action=none",
		"Q1:action=none",
		"Q1: client=a[b], sasl_method=x",
		"Q1: to=<a@b>, relay=none",
		"Q1: action",
		"Q1: foo=bar action=none",
		"Q1: action=none FOO=bar",
		"Q1: action=none =bar",
		"Q1: action=none action=none",
		"Q1: action=none mid=\"\\x00\"",
		"Q1: action=none user=\xc3\xa4",
		"\"Q1:\" action=none",
		"Q1: action=none  labels=",
		"Q1: action=none labels=a\"b",
		"Q1: mid=\"open",
		"Q1: mid=\"a\"b",
		"Q1: mid=\"a\\\"",
		"Q1: mid=\"\\x2\"",
		"Q1: mid=\"\\xzz\"",
		"Q1: action=none ",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
		g_auto (MmLogline) read = MM_LOGLINE_INIT;

		g_test_message ("%s", lines[i]);
		g_assert_false (mm_logline_read (&read, mm_bytes_str (lines[i])));
	}
}

/* What a later version may write. */
static void
test_later_keys (void)
{
	static const char *const lines[] = {
		"Q1: action=none host=\"a b\" us=7",
		"Q1: action=none us=7 new_key2=",
		"Q1: action=none other=1 other=2 us=7",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
		g_auto (MmLogline) read = MM_LOGLINE_INIT;
		guint n = 0;

		g_test_message ("%s", lines[i]);
		g_assert_true (mm_logline_read (&read, mm_bytes_str (lines[i])));
		for (gsize key = 0; key < MM_LINE_N_KEYS; key++)
			n += read.values[key] != NULL;
		g_assert_cmpuint (n, ==, 3);
		assert_value (&read, MM_LINE_US, "", "7", "");
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/logline/example", test_example);
	g_test_add_func ("/logline/bare", test_bare);
	g_test_add_func ("/logline/conditional", test_conditional);
	g_test_add_func ("/logline/round-trip", test_round_trip);
	g_test_add_func ("/logline/queue-id", test_queue_id);
	g_test_add_func ("/logline/cut", test_cut);
	g_test_add_func ("/logline/not-ours", test_not_ours);
	g_test_add_func ("/logline/later-keys", test_later_keys);
	return g_test_run ();
}
