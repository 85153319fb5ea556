/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-2231.c: writes parameters with other characters than ASCII (RFC 2231).
 *
 *   extended-parameter = attribute ["*" section] "*" "=" value
 *   section            = "0" / ("1"-"9" *DIGIT)
 *   value              = [charset] "'" [language] "'" text   ; the two "'" in the first piece only
 *   text               = *("%" 2HEXDIG / attribute-char)
 *   attribute-char     = <CHAR but SPACE, controls, "*", "'", "%" and tspecials>
 *
 * Some readers know no continuations, so one piece is written as long as that is not unseemly.
 * Pieces end between characters: readers are seen that decode each piece by itself.
 */
#include "codec-private.h"

#define CHARSET "utf-8''"
#define ONE_PIECE_MAX 250
#define LINE_MAX_CHARS 76
#define NAME_MAX_CHARS 60 /* it is repeated in every piece */

static gboolean
is_attribute_char (char c)
{
	return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$&+-.^_`{|}~", c) != NULL);
}

/* Octets that the characters of @text take when they are escaped. */
static gsize
escaped_length (MmBytes text)
{
	gsize len = 0;

	for (gsize i = 0; i < text.len; i++)
		len += is_attribute_char (text.data[i]) ? 1 : 3;
	return len;
}

static void
append_escape (char c, MmBuffer *out)
{
	char escape[3];

	mm_put_escape (escape, (guint8) c);
	escape[0] = '%';
	mm_buffer_append (out, mm_bytes (escape, sizeof escape));
}

static void
append_escaped (MmBytes text, MmBuffer *out)
{
	for (gsize i = 0; i < text.len; i++) {
		if (is_attribute_char (text.data[i]))
			mm_buffer_append_c (out, text.data[i]);
		else
			append_escape (text.data[i], out);
	}
}

/* How much of @text, whole characters, fits @room when it is escaped; one character always does. */
static gsize
text_that_fits (MmBytes text, gsize room)
{
	gsize at = 0, used = 0;

	while (at < text.len) {
		gsize end = at + 1;

		while (end < text.len && (text.data[end] & 0xC0) == 0x80)
			end++;
		used += escaped_length (mm_bytes_sub (text, at, end));
		if (used > room && at > 0)
			break;
		at = end;
	}
	return at;
}

static void
append_pieces (MmBytes name, MmBytes text, MmBuffer *out)
{
	for (guint n = 0; text.len > 0; n++) {
		g_autofree char *section = g_strdup_printf ("*%u*=%s", n, n == 0 ? CHARSET : "");
		gsize taken = 1 + name.len + strlen (section) + 1; /* the blank and the ";" */
		gsize fit = text_that_fits (text, LINE_MAX_CHARS - MIN (taken, LINE_MAX_CHARS));

		if (n > 0)
			mm_buffer_append_str (out, ";\r\n ");
		mm_buffer_append (out, name);
		mm_buffer_append_str (out, section);
		append_escaped (mm_bytes_sub (text, 0, fit), out);
		text = mm_bytes_sub (text, fit, text.len);
	}
}

gboolean
mm_parameter_encode (MmBytes name, MmBytes text, MmBuffer *out)
{
	if (name.len == 0 || name.len > NAME_MAX_CHARS || !mm_is_utf8 (text))
		return FALSE;
	if (strlen (CHARSET) + escaped_length (text) > ONE_PIECE_MAX) {
		append_pieces (name, text, out);
		return !out->failed;
	}
	mm_buffer_append (out, name);
	mm_buffer_append_str (out, "*=" CHARSET);
	append_escaped (text, out);
	return !out->failed;
}

gboolean
mm_extended_decode (MmBytes text, MmBuffer *out)
{
	for (gsize at = 0; at < text.len; at++) {
		char c = text.data[at];

		if (c == '%') {
			if (!mm_get_escape (text, at + 1, &c))
				return FALSE;
			at += 2;
		}
		mm_buffer_append_c (out, c);
	}
	return !out->failed;
}

gboolean
mm_extended_escape (MmBytes text, MmBuffer *out)
{
	for (gsize i = 0; i < text.len; i++) {
		if ((guint8) text.data[i] < 0x80)
			mm_buffer_append_c (out, text.data[i]);
		else
			append_escape (text.data[i], out);
	}
	return !out->failed;
}
