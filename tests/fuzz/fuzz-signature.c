/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-signature.c: an edit of a message that is said to break nothing breaks nothing, seen in the
 * whole. The first octets say which edit: kind, place, length, length of its text; text and message
 * follow.
 */
#include <config.h>

#include <stdlib.h>

#include <mailmend/signature.h>

#include "fuzz.h"

#define CHOICE 5 /* octets before the text */

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	return 0;
}

/* The edit that @data asks for; FALSE if there is no such place. */
static gboolean
make_edit (const uint8_t *data, MmBytes text, const MmMessage *message, const MmMime *mime,
	   MmEdits *edits)
{
	static const char *const names[] = {"Subject", "From", "ARC-Seal", "DKIM-Signature"};
	const MmPart *top = mm_mime_part (mime, 0);
	MmBytes body = mm_message_body (message);
	const char *name = names[data[1] % G_N_ELEMENTS (names)];
	guint n = top->headers->len, place = data[1] + data[2] * 256u;
	gsize start = body.len > 0 ? place % (body.len + 1) : 0;
	MmBuffer octets = MM_BUFFER_INIT;

	if (data[0] % 4 > 0 && data[0] % 4 < 3 && n == 0)
		return FALSE;
	mm_edits_begin (edits, 0);
	switch (data[0] % 4) {
	case 0:
		mm_buffer_append (&octets, text);
		mm_edits_replace (edits, mm_bytes_sub (body, start, start + data[3]), &octets);
		break;
	case 1:
		mm_edits_set_header (edits, top, place % n, name, text);
		break;
	case 2:
		mm_edits_delete_header (edits, top, place % n);
		break;
	default:
		mm_edits_append_header (edits, top, name, text);
	}
	return mm_edits_end (edits, NULL);
}

static guint
known (GPtrArray *breaks)
{
	guint n = 0;

	for (guint i = 0; i < breaks->len; i++) {
		char *text = mm_break_to_string (breaks->pdata[i]);

		g_free (text);
		n += ((const MmBreak *) breaks->pdata[i])->why != MM_BREAK_UNKNOWN;
	}
	return n;
}

static void
check (const uint8_t *data, MmBytes text, MmMessage *message)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
	g_autoptr (MmCover) cover = mm_cover_new (message, mime, &limits);
	g_autoptr (MmEdits) edits = mm_edits_new (message, mime, &limits, FALSE);
	g_autoptr (MmMessage) after = NULL;
	g_autoptr (GPtrArray) same = mm_cover_compare (cover, message);
	g_autoptr (GPtrArray) by_edit = NULL, by_whole = NULL;

	fuzz_check (same->len == 0);
	if (!make_edit (data, text, message, mime, edits))
		return;
	after = mm_edits_apply (edits, NULL);
	if (after == NULL)
		return;
	by_edit = mm_cover_compare_edits (cover, edits, 0);
	by_whole = mm_cover_compare (cover, after);
	fuzz_check (known (by_edit) >= known (by_whole));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	gsize text_len;
	g_autoptr (GBytes) wire = NULL;
	g_autoptr (MmMessage) message = NULL;

	if (size < CHOICE)
		return 0;
	text_len = MIN (data[4], size - CHOICE);
	wire = g_bytes_new (data + CHOICE + text_len, size - CHOICE - text_len);
	message = mm_message_new (wire);
	check (data, fuzz_bytes (data + CHOICE, text_len), message);
	return 0;
}
