/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wrap.c: breaks text at blanks.
 */
#include <config.h>

#include <string.h>

#include "wrap.h"

#define LINE_WIDTH 78

void
mm_wrap (GString *out, guint column, guint indent, const char *text)
{
	gboolean first = TRUE;
	gsize at = column;

	while (*text != '\0') {
		gsize len = strcspn (text, " \n");

		if (!first && (len == 0 || at + 1 + len > LINE_WIDTH)) {
			g_string_append_printf (out, "\n%*s", (int) indent, "");
			at = indent;
		} else if (!first) {
			g_string_append_c (out, ' ');
			at++;
		}
		g_string_append_len (out, text, (gssize) len);
		at += len;
		text += len;
		first = *text == '\n';
		if (first) {
			g_string_append_printf (out, "\n%*s", (int) indent, "");
			at = indent;
		}
		if (*text != '\0')
			text++;
	}
	g_string_append_c (out, '\n');
}
