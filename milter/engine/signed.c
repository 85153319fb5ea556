/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signed.c: the edits that a signed message may get, and what becomes of a signature they break.
 *
 * Each repair is judged by itself before its edits are taken; two that are harmless alone may break
 * a signature together, so the finished message is compared once more with the one that came, and
 * verify looks at the answer.
 */
#include <config.h>

#include <mailmend/error.h>

#include "signed-private.h"

gboolean
mm_signed_matters (const MmFixScope *scope)
{
	return (scope->signatures & MM_SIGNATURES_OF_CONTENT) != 0 ||
	       (scope->signatures != 0 && scope->signed_edits != MM_SIGNED_EDITS_ALL);
}

static gboolean
only_adds_fields (const MmEdits *edits, guint first)
{
	for (guint i = first; i < mm_edits_n (edits); i++)
		if (mm_edits_get (edits, i)->kind != MM_EDIT_HEADER_APPEND)
			return FALSE;
	return TRUE;
}

static gboolean
is_forbidden (const MmBreak *broken, const MmFixScope *scope, gboolean only_adds)
{
	if (broken->why == MM_BREAK_CONTENT)
		return TRUE;
	if (broken->why == MM_BREAK_UNKNOWN && only_adds)
		return scope->signed_edits == MM_SIGNED_EDITS_SAFE;
	return scope->signed_edits != MM_SIGNED_EDITS_ALL;
}

guint
mm_signed_forbids (const MmCover *cover, const MmEdits *edits, guint first,
                   const MmFixScope *scope, GError **error)
{
	g_autoptr (GPtrArray) breaks = mm_cover_compare_edits (cover, edits, first);
	gboolean only_adds = only_adds_fields (edits, first);
	guint forbidding = 0;

	for (guint i = 0; i < breaks->len; i++) {
		const MmBreak *broken = g_ptr_array_index (breaks, i);
		g_autofree char *text = NULL;

		if (!is_forbidden (broken, scope, only_adds))
			continue;
		if (forbidding == 0) {
			text = mm_break_to_string (broken);
			g_set_error (error, MM_ERROR, MM_ERROR_SIGNED, "%swould break %s",
			             broken->why == MM_BREAK_UNKNOWN && mm_cover_is_beyond (cover)
			                     ? "signatures: "
			                     : "",
			             text);
		}
		forbidding |= broken->signature;
	}
	return forbidding;
}

/* ---- afterwards ---------------------------------------------------------------------------------- */

/* What is known to be broken in @after. */
static GPtrArray *
find_broken (const MmCover *cover, const MmMessage *after)
{
	GPtrArray *breaks = mm_cover_compare (cover, after);

	for (guint i = breaks->len; i-- > 0;)
		if (((const MmBreak *) breaks->pdata[i])->why == MM_BREAK_UNKNOWN)
			g_ptr_array_remove_index (breaks, i);
	return breaks;
}

/* @message with the field whose place was @original under another name at the end: no MTA can change
 * a name, or insert at a place. NULL with *error; itself if the field cannot be written anew. */
static MmMessage *
rename_field (MmMessage *message, int original, const MmContext *context, GError **error)
{
	g_autoptr (MmMime) mime = mm_mime_new (message, &context->limits);
	g_autoptr (MmEdits) edits = mm_edits_new (message, mime, &context->limits, TRUE);
	const MmPart *top = mm_mime_part (mime, 0);

	for (guint i = 0; i < mm_message_n_headers (message); i++) {
		const MmHeader *item = mm_message_header (message, i);

		if (item->original != original)
			continue;
		mm_edits_begin (edits, 0);
		mm_edits_delete_header (edits, top, i);
		mm_edits_append_header (edits, top, "X-Original-DKIM-Signature", item->value);
		mm_edits_end (edits, NULL);
	}
	return mm_edits_n (edits) > 0 ? mm_edits_apply (edits, error) : mm_message_ref (message);
}

static MmMessage *
rename_broken (const MmFix *fix, const MmContext *context, GError **error)
{
	MmMessage *message = mm_message_ref (fix->message);

	for (guint i = 0; message != NULL && i < fix->broken->len; i++) {
		const MmBreak *broken = g_ptr_array_index (fix->broken, i);
		MmMessage *before = message;

		if (broken->signature != MM_SIGNATURE_DKIM)
			continue;
		message = rename_field (before, broken->header, context, error);
		mm_message_unref (before);
	}
	return message;
}

static gboolean
has_original (const MmMessage *message, int original)
{
	for (guint i = 0; i < mm_message_n_headers (message); i++)
		if (mm_message_header (message, i)->original == original)
			return TRUE;
	return FALSE;
}

/* Takes @renamed, the message with broken signatures renamed, unless another signature signs one of
 * them and is good so far. */
static void
adopt_renamed (MmFix *fix, const MmCover *cover, MmMessage *renamed)
{
	g_autoptr (GPtrArray) broken = find_broken (cover, renamed);

	if (broken->len > fix->broken->len || renamed == fix->message)
		return;
	for (guint i = 0; i < fix->broken->len; i++) {
		const MmBreak *old = g_ptr_array_index (fix->broken, i);
		if (old->signature == MM_SIGNATURE_DKIM && !has_original (renamed, old->header))
			g_hash_table_add (fix->renamed, GINT_TO_POINTER (old->header + 1));
	}
	fix->n_header_edits += 2 * g_hash_table_size (fix->renamed);
	mm_message_unref (fix->message);
	fix->message = mm_message_ref (renamed);
}

gboolean
mm_fix_note_broken (MmFix *fix, MmCheck *check, const MmFixScope *scope, GError **error)
{
	const MmContext *context = check->facts.context;
	g_autoptr (MmCover) cover = NULL;
	g_autoptr (MmMessage) renamed = NULL;

	if (scope->signatures == 0)
		return TRUE;
	cover = mm_cover_new (check->message, check->mime, &context->limits);
	g_ptr_array_unref (fix->broken);
	fix->broken = find_broken (cover, fix->message);
	if (!scope->rename_broken || !fix->may_break || fix->broken->len == 0)
		return TRUE;
	renamed = rename_broken (fix, context, error);
	if (renamed == NULL)
		return FALSE;
	adopt_renamed (fix, cover, renamed);
	return TRUE;
}
