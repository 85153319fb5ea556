/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain-reply.c: `mailmend explain --reply`: what a server's reply may mean.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>

#include "command-private.h"
#include "explain-reply.h"
#include "json.h"
#include "replies.h"

#define MAX_READ (1024 * 1024)
#define MAX_SHOWN 2000

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_MAN };

static const char *const format_names[] = {"text", "json", "man", NULL};

/* FALSE after complaining. */
static gboolean
read_input (GString *out)
{
	char chunk[4096];
	gsize n;

	while (out->len < MAX_READ && (n = fread (chunk, 1, sizeof chunk, stdin)) > 0)
		g_string_append_len (out, chunk, (gssize) n);
	if (!ferror (stdin))
		return TRUE;
	mm_command_complain ("standard input: %s", g_strerror (errno));
	return FALSE;
}

/* The reply in one string, from the option, what stands behind it, or standard input. */
static gboolean
take_reply (const char *reply, char **more, GString *out)
{
	if (g_str_equal (reply, "-") && more == NULL)
		return read_input (out);
	g_string_append (out, reply);
	for (; more != NULL && *more != NULL; more++)
		g_string_append_printf (out, " %s", *more);
	return TRUE;
}

static gboolean
is_blank (MmBytes text)
{
	return mm_bytes_trim (text).len == 0;
}

static int
explain (MmBytes reply, int format)
{
	g_auto (MmReplyMatch) match = {0};
	GString *out = g_string_new (NULL);

	mm_reply_match (reply, &match);
	if (format == FORMAT_JSON) {
		g_autofree char *shown = mm_bytes_printable (mm_bytes_trim (reply), MAX_SHOWN);

		mm_reply_match_json (&match, shown, NULL, out);
		g_string_append_c (out, '\n');
	} else {
		mm_reply_match_text (&match, out);
	}
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
	return mm_command_finish (match.labels->len > 0 ? MM_EXIT_FINE : MM_EXIT_ISSUES);
}

int
mm_explain_reply (const char *reply, char **more, const char *format)
{
	int form = mm_command_choice ("--format", format, format_names);
	GString *text;
	int code = MM_EXIT_TROUBLE;

	if (form == FORMAT_MAN)
		mm_command_complain ("explain: --format=man is for --replies");
	if (form < 0 || form == FORMAT_MAN)
		return MM_EXIT_TROUBLE;
	text = g_string_new (NULL);
	if (take_reply (reply, more, text)) {
		if (is_blank (mm_bytes (text->str, text->len)))
			mm_command_complain ("explain: the reply is empty");
		else
			code = explain (mm_bytes (text->str, text->len), form);
	}
	g_string_free (text, TRUE);
	return code;
}

int
mm_explain_replies (const char *format)
{
	static void (*const forms[]) (GString *out) = {
		mm_replies_text,
		mm_replies_json,
		mm_replies_man,
	};
	int form = mm_command_choice ("--format", format, format_names);
	GString *out;

	if (form < 0)
		return MM_EXIT_TROUBLE;
	out = g_string_new (NULL);
	forms[form](out);
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
	return mm_command_finish (MM_EXIT_FINE);
}
