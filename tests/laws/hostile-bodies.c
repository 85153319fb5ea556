/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile-bodies.c: parts, parameters and octets.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "hostile.h"

static void
groups_in_embedded_mail (GString *out)
{
	g_string_append (out, HEAD "Content-Type: message/rfc822\r\n\r\nTo: ");
	hostile_repeat (out, "g:", 60000);
	g_string_append (out, "\r\n\r\n\xe4\r\n");
}

static void
charset_parameter (GString *out)
{
	g_string_append (out, HEAD "Content-Type: text/plain; charset=");
	hostile_repeat (out, "x", 200000);
	g_string_append (out, "\r\n\r\n\xe4\r\n");
}

static void
raw_parameters (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	                           "Content-Type: text/plain");
	for (guint i = 0; i < 99; i++)
		g_string_append_printf (out, ";\r\n a%u=\xc3\xa4; a%u*=\xe4", i, i);
	g_string_append (out, "; name=\"");
	hostile_repeat (out, "\xc3\xa4", 20000);
	g_string_append (out, "\"\r\n\r\n\xe4\r\n--b--\r\n");
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
	for (guint i = 0; i < hostile_n (40000); i++)
		g_string_append_printf (out, ";\r\n a%u=b", i);
	g_string_append (out, "\r\n\r\n\xe4\r\n--b--\r\n");
}

static void
continuations (GString *out)
{
	g_string_append (out, HEAD "Content-Type: text/plain");
	for (guint i = 0; i < hostile_n (50000); i++)
		g_string_append_printf (out, ";\r\n name*%u=b", i);
	g_string_append (out, "\r\n\r\n\xe4\r\n");
}

static void
deep (GString *out)
{
	g_string_append (out, HEAD);
	for (guint i = 0; i < hostile_n (20000); i++)
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
many_parts (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	hostile_repeat (out, "--b\r\n\r\n\xe4\r\n", 200000);
	g_string_append (out, "--b--\r\n");
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
	g_string_set_size (out, len + hostile_n (4000000));
	memset (out->str + len, 0, hostile_n (4000000));
}

static void
only_cr (GString *out)
{
	g_string_append (out, HEAD "\r\n");
	hostile_repeat (out, "\r", 2000000);
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
	hostile_repeat (out, "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", levels);
	g_string_append (out, "\r\n\xe4\r\n");
	hostile_repeat (out, end, levels);
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
	hostile_repeat (out, "--b-\r\n", 500000);
}

/* One finding, one repair, an edit for each line. */
static void
damaged_delimiters (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (guint i = 0; i < 9000; i++)
		g_string_append (out, "--b\r\r\n\r\ntext\r\n");
	g_string_append (out, "--b--\r\n");
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
	hostile_repeat (out, "x\r\n", 500000);
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

/* No level finds a line of its own, as quoted-printable would have written it. */
static void
encoded_delimiters (GString *out)
{
	g_string_append (out, HEAD);
	for (guint i = 0; i < 99; i++)
		g_string_append_printf (out,
		                        "Content-Type: multipart/mixed; boundary=\"=b%u-\"\r\n"
		                        "Content-Transfer-Encoding: base64\r\n\r\n--=b%u-\r\n",
		                        i, i);
	g_string_append (out, "\r\n");
	hostile_repeat (out, "--nothing\r\n", 200000);
}

static void
fields_in_preamble (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	hostile_repeat (out, "A: b\r\n", 500000);
	g_string_append (out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
	hostile_repeat (out, "--b\r\n\r\n\xe4\r\n", 900);
	g_string_append (out, "--b--\r\n");
}

static void
base64_of_rubbish (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: base64\r\n\r\n");
	hostile_repeat (out, "QUJD*=", 1000000);
}

static void
base64_of_short_lines (GString *out)
{
	g_string_append (out, HEAD "Content-Transfer-Encoding: base64\r\n\r\n");
	hostile_repeat (out, "Q\n", 2000000);
}

/* Attributes of no data, and blanks behind them. */
static void
tnef_of_attributes (GString *out)
{
	g_auto (MmBuffer) stream = MM_BUFFER_INIT;
	g_auto (MmBuffer) text = MM_BUFFER_INIT;

	mm_buffer_append (&stream, LIT ("\x78\x9F\x3E\x22\0\0"));
	for (guint i = 0; i < hostile_n (200000); i++)
		mm_buffer_append (&stream, LIT ("\1\0\0\0\0\0\0\0\0\0\0"));
	for (guint i = 0; i < hostile_n (2000000); i++)
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
	hostile_repeat (out, "BEGIN:VCALENDAR\r\nMETHOD:A\r\nEND:VCALENDAR\r\n", 50000);
	hostile_repeat (out, "BEGIN:\r\n", 200000);
	hostile_repeat (out, "METHOD\r\n ", 200000);
}

/* More signatures than are read, each with a long h=, over many bodies to mend. */
static void
many_signatures (GString *out)
{
	for (guint i = 0; i < 60; i++) {
		g_string_append_printf (out,
					"DKIM-Signature: v=1; a=x; b=YQ==; bh=Yg==; d=d; s=s; "
					"c=relaxed/relaxed; l=%u; h=from",
					i * 1000);
		hostile_repeat (out, ":x:y:from", 1000);
		g_string_append (out, "\r\n");
	}
	g_string_append (out, "Content-Type: multipart/mixed; boundary=B\r\n\r\n");
	hostile_repeat (out, "--B\r\n\r\n\xe4  \r\n\r\n \r\n", 500);
	g_string_append (out, "--B--\r\n");
}

static void
nothing (GString *out G_GNUC_UNUSED)
{
}

const HostileInput hostile_bodies[] = {
	{"groups-in-embedded-mail", groups_in_embedded_mail},
	{"charset-parameter", charset_parameter},
	{"raw-parameters", raw_parameters},
	{"parameter-name-without-end", parameter_name_without_end},
	{"many-parameters", many_parameters},
	{"continuations", continuations},
	{"deep", deep},
	{"deep-with-dashes", deep_with_dashes},
	{"messages-in-messages", messages_in_messages},
	{"many-parts", many_parts},
	{"one-line", one_line},
	{"only-nul", only_nul},
	{"only-cr", only_cr},
	{"long-boundary", long_boundary},
	{"empty-boundary", empty_boundary},
	{"delimiter-within-line", delimiter_within_line},
	{"same-boundary", same_boundary},
	{"same-boundary-never-closed", same_boundary_never_closed},
	{"close-lines", close_lines},
	{"damaged-delimiters", damaged_delimiters},
	{"many-never-closed", many_never_closed},
	{"encoded-composites", encoded_composites},
	{"encoded-delimiters", encoded_delimiters},
	{"fields-in-preamble", fields_in_preamble},
	{"base64-of-rubbish", base64_of_rubbish},
	{"base64-of-short-lines", base64_of_short_lines},
	{"tnef-of-attributes", tnef_of_attributes},
	{"calendar", calendar},
	{"many-signatures", many_signatures},
	{"nothing", nothing},
	{NULL, NULL},
};
