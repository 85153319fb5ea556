/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace.c: the field X-Mailmend of a mended message, for people who wonder who changed it.
 *
 *   value = HOST ";" SP "fixed=" LABEL *("|" LABEL) ";" SP "policy=" NAME
 *
 * Folded before a blank or a label. One of another host stays: each hop adds its own, below.
 */
#include <config.h>

#include "../rules/head-private.h"
#include "judge-private.h"

#define NAME "X-Mailmend"

/* RFC 5322 2.1.1: a line should have at most so many octets. */
#define MAX_LINE 78

/* Puts @piece on the line, or on a new one. @blank: one stands before it anyhow. */
static void
put (GString *value, gsize *column, gboolean blank, const char *piece)
{
	if (*column + (gsize) blank + strlen (piece) > MAX_LINE) {
		g_string_append (value, "\r\n ");
		*column = 1;
	} else if (blank) {
		g_string_append_c (value, ' ');
		*column += 1;
	}
	g_string_append (value, piece);
	*column += strlen (piece);
}

/* Names an MTA calls itself by come from its configuration; a field must not depend on that. */
static gboolean
is_host (const char *name)
{
	if (strlen (name) > 255)
		return FALSE;
	for (; *name != '\0'; name++)
		if (!g_ascii_isalnum (*name) && strchr (".-_:[]", *name) == NULL)
			return FALSE;
	return TRUE;
}

static char *
make_value (const char *host, const char *policy, GPtrArray *fixed)
{
	GString *value = g_string_new (NULL);
	g_autofree char *first = g_strconcat (is_host (host) ? host : "unknown", ";", NULL);
	g_autofree char *last = g_strconcat ("policy=", policy, NULL);
	gsize column = strlen (NAME ":");

	put (value, &column, TRUE, first);
	for (guint i = 0; i < fixed->len; i++) {
		g_autofree char *piece = g_strconcat (
			i == 0 ? "fixed=" : "", (const char *) g_ptr_array_index (fixed, i),
			i + 1 < fixed->len ? "|" : ";", NULL);

		put (value, &column, i == 0, piece);
	}
	put (value, &column, TRUE, last);
	return g_string_free (value, FALSE);
}

/* Nothing is worth breaking a signature for, whatever is allowed. */
static gboolean
would_break (MmCheck *after, const MmEdits *edits, const MmFixScope *scope)
{
	g_autoptr (MmCover) cover = NULL;
	g_autoptr (GPtrArray) breaks = NULL;

	if (scope->signatures == 0)
		return FALSE;
	cover = mm_cover_new (after->message, after->mime, &after->facts.context->limits);
	breaks = mm_cover_compare_edits (cover, edits, 0);
	for (guint i = 0; i < breaks->len; i++)
		if (((const MmBreak *) breaks->pdata[i])->why != MM_BREAK_UNKNOWN ||
		    scope->signed_edits == MM_SIGNED_EDITS_SAFE)
			return TRUE;
	return FALSE;
}

gboolean
mm_trace_add (MmFix *fix, MmCheck *after, const MmFixScope *scope, const char *policy,
              GPtrArray *fixed, gsize max_size, GError **error)
{
	const MmContext *context = after->facts.context;
	g_autoptr (MmEdits) edits =
		mm_edits_new (after->message, after->mime, &context->limits, TRUE);
	g_autofree char *value = make_value (context->hostname, policy, fixed);
	gsize size = mm_message_size (after->message) + strlen (NAME ":\r\n") + strlen (value);
	MmMessage *traced;

	if ((max_size > 0 && size > max_size) || mm_head_is_broken (&after->facts))
		return TRUE;
	mm_edits_begin (edits, 0);
	mm_edits_append_header (edits, mm_mime_part (after->mime, 0), NAME, mm_bytes_str (value));
	if (!mm_edits_end (edits, NULL) || would_break (after, edits, scope))
		return TRUE;
	traced = mm_edits_apply (edits, error);
	if (traced == NULL)
		return FALSE;
	mm_message_unref (fix->message);
	fix->message = traced;
	fix->n_header_edits++;
	return TRUE;
}
