/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile-headers.c: hostile address lists, and too many fields and lines.
 */
#include "hostile.h"

/* @what over and over in an address list that a bracket ends. */
static void
name_of (GString *out, const char *what, guint n)
{
	hostile_field (out, "To", "", what, n);
	g_string_truncate (out, out->len - strlen ("\r\n\r\ntext\r\n"));
	g_string_append (out, " <a@example.com>\r\n\r\ntext\r\n");
}

static void
quotes_in_name (GString *out)
{
	name_of (out, "\"a\",\"", 10000);
}

static void
parentheses_in_name (GString *out)
{
	name_of (out, "(,", 25000);
}

static void
ats_in_name (GString *out)
{
	name_of (out, "a@example.com, ", 3500);
}

static void
words_in_name (GString *out)
{
	name_of (out, "=?utf-8?q?a,b?= ", 3000);
}

static void
literals_in_addresses (GString *out)
{
	hostile_field (out, "To", "", "a@[\\[", 100000);
}

static void
routes (GString *out)
{
	hostile_field (out, "To", "<", "@a,", 200000);
}

static void
encoded_members (GString *out)
{
	hostile_field (out, "To", "a b,", "=?utf-8?q?a=40b?=,\r\n ", 2000);
}

static void
many_to_fields (GString *out)
{
	g_string_append (out, HEAD);
	for (guint i = 0; i < 990; i++)
		g_string_append_printf (out, "To: a%u@example.com\r\n", i);
	g_string_append (out, "\r\ntext\r\n");
}

static void
many_content_ids (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (guint i = 0; i < 100; i++) {
		g_string_append (out, "--b\r\n");
		hostile_repeat (out, "Content-ID: <a@b>\r\n", 1000);
		g_string_append (out, "\r\ntext\r\n");
	}
	g_string_append (out, "--b--\r\n");
}

static void
blank_continuations (GString *out)
{
	hostile_field (out, "X-Blank", "a", "\r\n ", 200000);
}

/* All names have one hash in GLib's table of strings: a * 33 + '~' = b * 33 + ']'. */
static void
names_of_one_hash (GString *out)
{
	g_string_append (out, HEAD);
	for (guint i = 0; i < hostile_n (30000); i++) {
		for (guint bit = 0; bit < 20; bit++)
			g_string_append (out, i >> bit & 1 ? "a~" : "b]");
		g_string_append (out, ":\r\n");
	}
	g_string_append (out, "\r\ntext\r\n");
}

const HostileInput hostile_headers[] = {
        {"names-of-one-hash", names_of_one_hash},
        {"quotes-in-name", quotes_in_name},
        {"parentheses-in-name", parentheses_in_name},
        {"ats-in-name", ats_in_name},
        {"words-in-name", words_in_name},
        {"literals-in-addresses", literals_in_addresses},
        {"routes", routes},
        {"encoded-members", encoded_members},
        {"many-to-fields", many_to_fields},
        {"many-content-ids", many_content_ids},
        {"blank-continuations", blank_continuations},
        {NULL, NULL},
};
