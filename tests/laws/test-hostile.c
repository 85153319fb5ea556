/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-hostile.c: mail that was made to crash, hang or bloat a parser. Each was seen to do so to
 * GMime 3.2.13 or to another filter. Here it must come out unchanged or properly mended, and in
 * time that the test harness does not notice.
 */
#include <config.h>

#include <mailmend/codec.h>
#include <mailmend/verify.h>

#include "hostile.h"

void
hostile_repeat (GString *out, const char *what, guint n)
{
	for (guint i = 0; i < n; i++)
		g_string_append (out, what);
}

void
hostile_field (GString *out, const char *name, const char *before, const char *what, guint n)
{
	g_string_append (out, HEAD);
	g_string_append_printf (out, "%s: %s", name, before);
	hostile_repeat (out, what, n);
	g_string_append (out, "\r\n\r\ntext\r\n");
}

static void
groups (GString *out)
{
	hostile_field (out, "To", "", "g:", 60000);
}

static void
groups_in_embedded_mail (GString *out)
{
	g_string_append (out, HEAD "Content-Type: message/rfc822\r\n\r\nTo: ");
	hostile_repeat (out, "g:", 60000);
	g_string_append (out, "\r\n\r\n\xe4\r\n");
}

static void
comments_in_message_id (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nMessage-ID: ");
	hostile_repeat (out, "(", 100000);
	g_string_append (out, "\r\n\r\ntext\r\n");
}

static void
comments_in_to (GString *out)
{
	hostile_field (out, "To", "", "(", 100000);
}

static void
comments_in_date (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nDate: ");
	hostile_repeat (out, "(()", 50000);
	g_string_append (out, "\r\nReceived: x; ");
	hostile_repeat (out, "(", 50000);
	g_string_append (out, "\r\n\r\ntext\r\n");
}

static void
charset_name_in_word (GString *out)
{
	g_string_append (out, HEAD "Subject: \xe4 =?");
	hostile_repeat (out, "x", 1000000);
	g_string_append (out, "?q?a?=\r\n\r\ntext\r\n");
}

static void
charset_parameter (GString *out)
{
	g_string_append (out, HEAD "Content-Type: text/plain; charset=");
	hostile_repeat (out, "x", 200000);
	g_string_append (out, "\r\n\r\n\xe4\r\n");
}

static void
many_words (GString *out)
{
	hostile_field (out, "Subject", "\xe4 ", "=?utf-8?q?a?=\r\n ", 100000);
}

static void
words_that_touch (GString *out)
{
	field (out, "Subject", "", "=?utf-8?q?a?=", 3000);
}

/* Each opens a charset and asks where its characters end. */
static void
words_that_split (GString *out)
{
	field (out, "Subject", "", "=?big5?q?=A4?= =?euc-jp?q?=A4?= ", 20000);
}

static void
words_that_split_on (GString *out)
{
	field (out, "Comments", "", "=?big5?q?=A4?= ", 50000);
}

static void
words_in_phrases (GString *out)
{
	field (out, "To", "", "=?utf-8?q?=C3?= , =?utf-8?q?=C3?= <a@b> ", 15000);
}

static void
words_in_list_help (GString *out)
{
	field (out, "List-Help", "", "=?utf-8?q?=3Ca=3Ab=3E?=\r\n ", 40000);
}

static void
words_in_list_id (GString *out)
{
	field (out, "List-Id", "", "<=?utf-8?q?a?= ", 40000);
}

static void
words_in_tags (GString *out)
{
	field (out, "Autocrypt", "", "a==?utf-8?q?b?=;", 40000);
}

static void
raw_parameters (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	                           "Content-Type: text/plain");
	for (guint i = 0; i < 99; i++)
		g_string_append_printf (out, ";\r\n a%u=\xc3\xa4; a%u*=\xe4", i, i);
	g_string_append (out, "; name=\"");
	repeat (out, "\xc3\xa4", 20000);
	g_string_append (out, "\"\r\n\r\n\xe4\r\n--b--\r\n");
}

static void
word_starts (GString *out)
{
	hostile_field (out, "Message-ID", "", "=?", 300000);
}

static void
many_words_in_id (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nMessage-ID: ");
	hostile_repeat (out, "=?utf-8?q?a?=\r\n ", 60000);
	g_string_append (out, "=?utf-8?q?b?=\r\n\r\ntext\r\n");
}

static void
parameter_name_without_end (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; ");
	hostile_repeat (out, "a", 80);
	g_string_append (out, "=\xc3\xa4; boundary=b\r\n\r\n--b\r\n\r\n\xc3\xa4\r\n--b--\r\n");
}

static void
many_parameters (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	                           "Content-Type: text/plain");
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf (out, ";\r\n a%u=b", i);
	g_string_append (out, "\r\n\r\n\xe4\r\n--b--\r\n");
}

static void
continuations (GString *out)
{
	g_string_append (out, HEAD "Content-Type: text/plain");
	for (guint i = 0; i < 50000; i++)
		g_string_append_printf (out, ";\r\n name*%u=b", i);
	g_string_append (out, "\r\n\r\n\xe4\r\n");
}

static void
deep (GString *out)
{
	g_string_append (out, HEAD);
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf (
		        out, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
	g_string_append (out, "\r\n\xe4\r\n");
}

static void
deep_with_dashes (GString *out)
{
	g_string_append (out, HEAD);
	for (guint i = 0; i < 1000; i++)
		g_string_append_printf (
		        out, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
	g_string_append (out, "\r\n");
	hostile_repeat (out, "--nothing\r\n", 200000);
}

static void
messages_in_messages (GString *out)
{
	g_string_append (out, HEAD);
	hostile_repeat (out, "Content-Type: message/rfc822\r\n\r\n", 50000);
	g_string_append (out, "\r\n\xe4\r\n");
}

static void
many_headers (GString *out)
{
	g_string_append (out, HEAD);
	hostile_repeat (out, "X-A: b\r\n", 200000);
	g_string_append (out, "\r\n\xe4\r\n");
}

static void
many_id_headers (GString *out)
{
	hostile_repeat (out, "Message-ID: x\r\n", 100000);
	g_string_append (out, "\r\n\xe4\r\n");
}

static void
many_parts (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	hostile_repeat (out, "--b\r\n\r\n\xe4\r\n", 200000);
	g_string_append (out, "--b--\r\n");
}

static void
many_addresses (GString *out)
{
	hostile_field (out, "To", "a@example.com", ",\r\n a@example.com", 100000);
}

static void
many_references (GString *out)
{
	hostile_field (out, "References", "", "<a@b>\r\n ", 100000);
}

static void
folds_in_id (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nReferences: <");
	hostile_repeat (out, "a\r\n ", 200000);
	g_string_append (out, "@b>\r\n\r\ntext\r\n");
}

static void
open_brackets (GString *out)
{
	hostile_field (out, "References", "", "<\r\n ", 200000);
}

static void
open_quotes (GString *out)
{
	hostile_field (out, "In-Reply-To", "", "<\"\r\n ", 100000);
}

static void
long_value (GString *out)
{
	hostile_field (out, "X-Long", "", "abcdefghij", 500000);
}

static void
blanks_in_value (GString *out)
{
	hostile_field (out, "X-Blank", "", " ", 2000000);
}

static void
long_name (GString *out)
{
	g_string_append (out, HEAD);
	hostile_repeat (out, "x", 100000);
	g_string_append (out, ": v\r\n\r\n\xe4\r\n");
}

static void
one_line (GString *out)
{
	g_string_append (out, HEAD "\r\n");
	hostile_repeat (out, "0123456789", 1000000);
}

static void
only_nul (GString *out)
{
	gsize len;

	g_string_append (out, HEAD "\r\n");
	len = out->len;
	g_string_set_size (out, len + 4000000);
	memset (out->str + len, 0, 4000000);
}

static void
only_cr (GString *out)
{
	g_string_append (out, HEAD "\r\n");
	hostile_repeat (out, "\r", 2000000);
}

static void
header_of_cr (GString *out)
{
	hostile_field (out, "X-A", "", "\r", 500000);
}

static void
long_boundary (GString *out)
{
	GString *boundary = g_string_new (NULL);

	hostile_repeat (boundary, "b", 10000);
	g_string_append_printf (out,
	                        HEAD "Content-Type: multipart/mixed; boundary=%s\r\n\r\n"
	                             "--%s\r\n\r\n\xe4\r\n--%s--\r\n",
	                        boundary->str, boundary->str, boundary->str);
	g_string_free (boundary, TRUE);
}

static void
empty_boundary (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n"
	                           "--\r\n\r\n\xe4\r\n----\r\n");
}

/* GMime reads in pieces of 4096: a delimiter in the middle of a line may land on the edge. */
static void
delimiter_within_line (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n");
	for (guint len = 3900; len < 4300; len++) {
		hostile_repeat (out, "x", len);
		g_string_append (out, "--b\r\n\r\n\xe4\r\n");
	}
	g_string_append (out, "\r\n--b--\r\n");
}

/* One boundary at every level: closed, and not. */
static void
nested (GString *out, const char *end, guint levels)
{
	g_string_append (out, HEAD);
	repeat (out, "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", levels);
	g_string_append (out, "\r\n\xe4\r\n");
	repeat (out, end, levels);
}

static void
same_boundary (GString *out)
{
	nested (out, "--b--\r\n", 90);
}

static void
same_boundary_never_closed (GString *out)
{
	nested (out, "", 90);
}

static void
close_lines (GString *out)
{
	nested (out, "--b--\r\n", 2);
	repeat (out, "--b-\r\n", 500000);
}

static void
many_never_closed (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (guint i = 0; i < 400; i++)
		g_string_append_printf (out,
		                        "--b\r\nContent-Type: multipart/mixed; boundary=c%u-\r\n\r\n"
		                        "--c%u-\r\n\r\ntext\r\n",
		                        i, i);
	repeat (out, "x\r\n", 500000);
}

static void
encoded_composites (GString *out)
{
	g_string_append (out, HEAD);
	for (guint i = 0; i < 99; i++)
		g_string_append_printf (out,
		                        "Content-Type: multipart/mixed; boundary=b%u-\r\n"
		                        "Content-Transfer-Encoding: base64\r\n\r\n--b%u-\r\n",
		                        i, i);
	g_string_append (out, "\r\ntext\r\n");
}

static void
text_behind_headers (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	repeat (out, "--b\r\nA: b\r\nno field\r\n", 900);
	repeat (out, "no field\r\n", 20000);
	g_string_append (out, "--b--\r\n");
}

static void
fields_in_preamble (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	repeat (out, "A: b\r\n", 500000);
	g_string_append (out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
	repeat (out, "--b\r\n\r\n\xe4\r\n", 900);
	g_string_append (out, "--b--\r\n");
}

static void
year_beyond (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nDate: Tue, 14 Nov 99999999999 22:13:20 +0000"
	                      "\r\n\r\ntext\r\n");
}

static void
base64_of_rubbish (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: base64\r\n\r\n");
	repeat (out, "QUJD*=", 1000000);
}

static void
base64_of_short_lines (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: base64\r\n\r\n");
	repeat (out, "Q\n", 2000000);
}

static void
quoted_printable_of_rubbish (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	repeat (out, "==Z \t", 500000);
}

static void
quoted_printable_of_blanks (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	repeat (out, " ", 3000000);
}

static void
encoding_of_words (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: ");
	repeat (out, "=?utf-8?q?\"-?=\r\n ", 50000);
	g_string_append (out, "base64\r\n\r\n");
	repeat (out, "QUJD", 100000);
}

/* Attributes of no data, and blanks behind them. */
static void
tnef_of_attributes (GString *out)
{
	g_auto (MmBuffer) stream = MM_BUFFER_INIT;
	g_auto (MmBuffer) text = MM_BUFFER_INIT;

	mm_buffer_append (&stream, LIT ("\x78\x9F\x3E\x22\0\0"));
	for (guint i = 0; i < 200000; i++)
		mm_buffer_append (&stream, LIT ("\1\0\0\0\0\0\0\0\0\0\0"));
	for (guint i = 0; i < 2000000; i++)
		mm_buffer_append_c (&stream, '\n');
	mm_base64_encode (mm_buffer_bytes (&stream), &text);
	g_string_append (out, HEAD "Content-Type: application/ms-tnef\r\n"
				   "Content-Transfer-Encoding: base64\r\n\r\n");
	g_string_append_len (out, text.data, (gssize)text.len);
}

static void
calendar (GString *out)
{
	g_string_append (out, HEAD "Content-Type: text/calendar; method=REQUEST\r\n\r\n");
	repeat (out, "BEGIN:VCALENDAR\r\nMETHOD:A\r\nEND:VCALENDAR\r\n", 50000);
	repeat (out, "BEGIN:\r\n", 200000);
	repeat (out, "METHOD\r\n ", 200000);
}

static void
nothing (GString *out G_GNUC_UNUSED)
{
}

static const HostileInput inputs[] = {
        {"groups", groups},
        {"groups-in-embedded-mail", groups_in_embedded_mail},
        {"comments-in-message-id", comments_in_message_id},
        {"comments-in-to", comments_in_to},
        {"comments-in-date", comments_in_date},
        {"charset-name-in-word", charset_name_in_word},
        {"charset-parameter", charset_parameter},
        {"many-words", many_words},
        {"words-that-touch", words_that_touch},
        {"words-that-split", words_that_split},
        {"words-that-split-on", words_that_split_on},
        {"words-in-phrases", words_in_phrases},
        {"words-in-list-help", words_in_list_help},
        {"words-in-list-id", words_in_list_id},
        {"words-in-tags", words_in_tags},
        {"raw-parameters", raw_parameters},
        {"word-starts", word_starts},
        {"many-words-in-id", many_words_in_id},
        {"parameter-name-without-end", parameter_name_without_end},
        {"many-parameters", many_parameters},
        {"continuations", continuations},
        {"deep", deep},
        {"deep-with-dashes", deep_with_dashes},
        {"messages-in-messages", messages_in_messages},
        {"many-headers", many_headers},
        {"many-id-headers", many_id_headers},
        {"many-parts", many_parts},
        {"many-addresses", many_addresses},
        {"many-references", many_references},
        {"folds-in-id", folds_in_id},
        {"open-brackets", open_brackets},
        {"open-quotes", open_quotes},
        {"long-value", long_value},
        {"blanks-in-value", blanks_in_value},
        {"long-name", long_name},
        {"one-line", one_line},
        {"only-nul", only_nul},
        {"only-cr", only_cr},
        {"header-of-cr", header_of_cr},
        {"long-boundary", long_boundary},
        {"empty-boundary", empty_boundary},
        {"delimiter-within-line", delimiter_within_line},
        {"same-boundary", same_boundary},
        {"same-boundary-never-closed", same_boundary_never_closed},
        {"close-lines", close_lines},
        {"many-never-closed", many_never_closed},
        {"encoded-composites", encoded_composites},
        {"text-behind-headers", text_behind_headers},
        {"fields-in-preamble", fields_in_preamble},
        {"year-beyond", year_beyond},
        {"base64-of-rubbish", base64_of_rubbish},
        {"base64-of-short-lines", base64_of_short_lines},
        {"quoted-printable-of-rubbish", quoted_printable_of_rubbish},
        {"quoted-printable-of-blanks", quoted_printable_of_blanks},
        {"encoding-of-words", encoding_of_words},
        {"tnef-of-attributes", tnef_of_attributes},
        {"calendar", calendar},
        {"nothing", nothing},
        {NULL, NULL},
};

/* A policy that mends all that has a repair. */
static MmPolicy *
fix_all (void)
{
	g_autoptr (GString) list = g_string_new (NULL);
	g_autoptr (GError) error = NULL;
	MmPolicy *policy;

	for (guint i = 0; mm_rules[i] != NULL; i++)
		if (mm_rules[i]->fix != NULL)
			g_string_append_printf (list, "%s%s", list->len > 0 ? "|" : "",
			                        mm_rules[i]->label);
	policy = mm_policy_new_fix (list->str, &error);
	g_assert_no_error (error);
	return policy;
}

static MmJudgement *
judge (MmMessage *message, const MmPolicy *policy)
{
	MmJudgeRequest request = {.policy = policy, .want_plan = TRUE};
	MmContext context;

	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	return mm_judge (message, &context, &request);
}

static void
test_input (gconstpointer data)
{
	const HostileInput *input = data;
	g_autoptr (MmPolicy) policy = fix_all ();
	GString *wire = g_string_new (NULL);
	g_autoptr (MmMessage) message = NULL;
	g_autoptr (MmMessage) mended = NULL;
	g_autoptr (MmJudgement) judgement = NULL;
	g_autoptr (MmJudgement) again = NULL;

	input->make (wire);
	message = test_message (mm_bytes (wire->str, wire->len));
	g_string_free (wire, TRUE);
	judgement = judge (message, policy);
	g_assert_null (judgement->error);
	g_test_message ("%s: limit %s, edits \"%s\"", input->name,
	                judgement->limit != NULL ? judgement->limit : "none", judgement->edits);
	mended = mm_message_as_received (judgement->message);
	again = judge (mended, policy);
	g_assert_true (again->message == mended);
}

static void
add (const HostileInput *input)
{
	for (; input->name != NULL; input++) {
		g_autofree char *path = g_strdup_printf ("/hostile/%s", input->name);
		g_test_add_data_func (path, input, test_input);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	add (inputs);
	add (hostile_headers);
	return g_test_run ();
}
