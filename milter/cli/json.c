/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.c: writes JSON.
 *
 *	string = %x22 *char %x22
 *	char = unescaped / "\" ( %x22 / "\" / "u" 4HEXDIG )	; RFC 8259 7
 *
 * File names are any octets, so what is no UTF-8 is replaced: a reader that refuses the line would
 * miss all findings in it.
 */
#include <config.h>

#include <string.h>

#include "json.h"

static void
append_char (GString *out, gunichar c)
{
	if (c == '"' || c == '\\')
		g_string_append_printf (out, "\\%c", (char) c);
	else if (c < 0x20 || c == 0x7f)
		g_string_append_printf (out, "\\u%04x", (guint) c);
	else
		g_string_append_unichar (out, c);
}

static void
append_text (GString *out, const char *text)
{
	const char *end = text + strlen (text);

	g_string_append_c (out, '"');
	while (text < end) {
		gunichar c = g_utf8_get_char_validated (text, end - text);

		if (c == (gunichar) -1 || c == (gunichar) -2) {
			g_string_append (out, "\\ufffd");
			text++;
		} else {
			append_char (out, c);
			text = g_utf8_next_char (text);
		}
	}
	g_string_append_c (out, '"');
}

static void
append_key (GString *out, const char *key)
{
	if (out->len > 0 && strchr ("{[\n", out->str[out->len - 1]) == NULL)
		g_string_append_c (out, ',');
	if (key == NULL)
		return;
	append_text (out, key);
	g_string_append_c (out, ':');
}

void
mm_json_open (GString *out, const char *key, char bracket)
{
	append_key (out, key);
	g_string_append_c (out, bracket);
}

void
mm_json_close (GString *out, char bracket)
{
	g_string_append_c (out, bracket);
}

void
mm_json_string (GString *out, const char *key, const char *text)
{
	append_key (out, key);
	if (text != NULL)
		append_text (out, text);
	else
		g_string_append (out, "null");
}

void
mm_json_number (GString *out, const char *key, guint64 number)
{
	append_key (out, key);
	g_string_append_printf (out, "%" G_GUINT64_FORMAT, number);
}

void
mm_json_boolean (GString *out, const char *key, gboolean value)
{
	append_key (out, key);
	g_string_append (out, value ? "true" : "false");
}
