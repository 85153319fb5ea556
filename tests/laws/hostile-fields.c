/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile-fields.c: ids, words and long fields at the top level.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "hostile.h"

static void
groups (GString *out)
{
	hostile_field (out, "To", "", "g:", 60000);
}

static void
comments_in_message_id (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nMessage-ID: ");
	hostile_repeat (out, "(", 100000);
	g_string_append (out, "\r\n\r\ntext\r\n");
}

/* Only the innermost one is a comment: from each of the others on, none is closed. */
static void
comment_in_open_ones (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nMessage-ID: ");
	hostile_repeat (out, "((((\r\n ", 25000);
	g_string_append (out, ")\r\n\r\ntext\r\n");
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
many_words (GString *out)
{
	hostile_field (out, "Subject", "\xe4 ", "=?utf-8?q?a?=\r\n ", 100000);
}

static void
words_that_touch (GString *out)
{
	hostile_field (out, "Subject", "", "=?utf-8?q?a?=", 3000);
}

/* Each opens a charset and asks where its characters end. */
static void
words_that_split (GString *out)
{
	hostile_field (out, "Subject", "", "=?big5?q?=A4?= =?euc-jp?q?=A4?= ", 20000);
}

static void
words_that_split_on (GString *out)
{
	hostile_field (out, "Comments", "", "=?big5?q?=A4?= ", 50000);
}

static void
words_in_phrases (GString *out)
{
	hostile_field (out, "To", "", "=?utf-8?q?=C3?= , =?utf-8?q?=C3?= <a@b> ", 15000);
}

static void
words_in_list_help (GString *out)
{
	hostile_field (out, "List-Help", "", "=?utf-8?q?=3Ca=3Ab=3E?=\r\n ", 40000);
}

static void
words_in_list_id (GString *out)
{
	hostile_field (out, "List-Id", "", "<=?utf-8?q?a?= ", 40000);
}

static void
words_in_tags (GString *out)
{
	hostile_field (out, "Autocrypt", "", "a==?utf-8?q?b?=;", 40000);
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
escaped_quotes (GString *out)
{
	hostile_field (out, "References", "\"", "\\\"\\\"\r\n ", 50000);
}

static void
quotes_in_open_brackets (GString *out)
{
	hostile_field (out, "In-Reply-To", "", "<\"\\\"\r\n ", 50000);
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
header_of_cr (GString *out)
{
	hostile_field (out, "X-A", "", "\r", 500000);
}

static void
text_behind_headers (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	hostile_repeat (out, "--b\r\nA: b\r\nno field\r\n", 900);
	hostile_repeat (out, "no field\r\n", 20000);
	g_string_append (out, "--b--\r\n");
}

static void
year_beyond (GString *out)
{
	g_string_append (out, "From: a@example.com\r\nDate: Tue, 14 Nov 99999999999 22:13:20 +0000"
	                      "\r\n\r\ntext\r\n");
}

static void
quoted_printable_of_rubbish (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	hostile_repeat (out, "==Z \t", 500000);
}

static void
quoted_printable_of_blanks (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	hostile_repeat (out, " ", 3000000);
}

static void
encoding_of_words (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: ");
	hostile_repeat (out, "=?utf-8?q?\"-?=\r\n ", 50000);
	g_string_append (out, "base64\r\n\r\n");
	hostile_repeat (out, "QUJD", 100000);
}

const HostileInput hostile_fields[] = {
	{"groups", groups},
	{"comments-in-message-id", comments_in_message_id},
	{"comment-in-open-ones", comment_in_open_ones},
	{"comments-in-to", comments_in_to},
	{"comments-in-date", comments_in_date},
	{"charset-name-in-word", charset_name_in_word},
	{"many-words", many_words},
	{"words-that-touch", words_that_touch},
	{"words-that-split", words_that_split},
	{"words-that-split-on", words_that_split_on},
	{"words-in-phrases", words_in_phrases},
	{"words-in-list-help", words_in_list_help},
	{"words-in-list-id", words_in_list_id},
	{"words-in-tags", words_in_tags},
	{"word-starts", word_starts},
	{"many-words-in-id", many_words_in_id},
	{"many-headers", many_headers},
	{"many-id-headers", many_id_headers},
	{"many-addresses", many_addresses},
	{"many-references", many_references},
	{"folds-in-id", folds_in_id},
	{"open-brackets", open_brackets},
	{"open-quotes", open_quotes},
	{"escaped-quotes", escaped_quotes},
	{"quotes-in-open-brackets", quotes_in_open_brackets},
	{"long-value", long_value},
	{"blanks-in-value", blanks_in_value},
	{"long-name", long_name},
	{"header-of-cr", header_of_cr},
	{"text-behind-headers", text_behind_headers},
	{"year-beyond", year_beyond},
	{"quoted-printable-of-rubbish", quoted_printable_of_rubbish},
	{"quoted-printable-of-blanks", quoted_printable_of_blanks},
	{"encoding-of-words", encoding_of_words},
	{NULL, NULL},
};
