/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature-edits.c: the edits of one repair against what the signatures of a message cover.
 *
 * The message is not made for that: there may be many repairs, and a large body.
 */
#include <config.h>

#include "message-private.h"
#include "signature-private.h"

/* The header items as the edits leave them. */
static GArray *
edited_items (const MmCover *cover, const MmEdits *edits, guint from)
{
	guint n = mm_message_n_headers (cover->message);
	GArray *items = g_array_sized_new (FALSE, FALSE, sizeof (MmHeader), n + 4);
	g_autofree gboolean *deleted = g_new0 (gboolean, n + 1);
	guint kept = 0;

	g_array_append_vals (items, mm_message_headers (cover->message)->data, n);
	for (guint i = 0; i < n; i++)
		g_array_index (items, MmHeader, i).original = (int) i;
	for (guint i = from; i < mm_edits_n (edits); i++) {
		const MmEdit *edit = mm_edits_get (edits, i);
		MmHeader item;

		if (edit->kind == MM_EDIT_HEADER_DELETE)
			deleted[edit->header] = TRUE;
		if (edit->kind != MM_EDIT_HEADER_SET && edit->kind != MM_EDIT_HEADER_APPEND)
			continue;
		item = mm_header_read (mm_bytes_of (edit->bytes));
		if (edit->kind == MM_EDIT_HEADER_APPEND) {
			g_array_append_val (items, item);
			continue;
		}
		item.original = (int) edit->header;
		g_array_index (items, MmHeader, edit->header) = item;
	}
	for (guint i = 0; i < items->len; i++)
		if (i >= n || !deleted[i])
			g_array_index (items, MmHeader, kept++) = g_array_index (items, MmHeader, i);
	g_array_set_size (items, kept);
	return items;
}

/* The lines that @edit touches, before and after it: whole ones, so that their canonical form is
 * the same as in the whole body. What follows stands for one more octet: with nothing but empty
 * lines behind them, empty lines at their end do not count. */
typedef struct {
	MmBuffer before;
	MmBuffer after;
} Lines;

static void
lines_clear (Lines *lines)
{
	mm_buffer_clear (&lines->before);
	mm_buffer_clear (&lines->after);
}

/* Where @edit really begins to change anything. */
static gsize
first_change (const MmCover *cover, const MmEdit *edit)
{
	MmBytes old = mm_bytes_sub (mm_message_body (cover->message), edit->start, edit->end);
	MmBytes new = mm_bytes_of (edit->bytes);
	gsize same = 0;

	while (same < old.len && same < new.len && old.data[same] == new.data[same])
		same++;
	return edit->start + same;
}

/* @start: its first change; what the edit repeats before that is left out. */
static gboolean
lines_read (Lines *lines, const MmCover *cover, const MmEdit *edit, gsize start, gboolean relaxed)
{
	MmBytes body = mm_message_body (cover->message);
	MmBytes new = mm_bytes_of (edit->bytes);
	gsize first = start, end = edit->end;

	new = mm_bytes_sub (new, start - edit->start, new.len);
	while (start > 0 && body.data[start - 1] != '\n')
		start--;
	if (end < body.len)
		end += mm_line_length (mm_bytes_sub (body, end, body.len));
	mm_buffer_append (&lines->before, mm_bytes_sub (body, start, end));
	mm_buffer_append (&lines->after, mm_bytes_sub (body, start, first));
	mm_buffer_append (&lines->after, new);
	mm_buffer_append (&lines->after, mm_bytes_sub (body, edit->end, end));
	if (end < cover->body_end[relaxed]) {
		mm_buffer_append_c (&lines->before, '.');
		mm_buffer_append_c (&lines->after, '.');
	}
	return !lines->before.failed && !lines->after.failed;
}

static gboolean
edit_changes_body (const MmCover *cover, const MmEdit *edit, gsize start, gboolean relaxed)
{
	Lines lines = {MM_BUFFER_INIT, MM_BUFFER_INIT};
	gboolean changes = TRUE;

	if (lines_read (&lines, cover, edit, start, relaxed))
		changes = mm_dkim_common_body (mm_buffer_bytes (&lines.before),
		                               mm_buffer_bytes (&lines.after),
		                               relaxed) != G_MAXSIZE;
	lines_clear (&lines);
	return changes;
}

/* The first place of an edit of the body that changes its canonical form, by relaxed; G_MAXSIZE:
 * there is none. */
typedef struct {
	gboolean any;
	gsize first[2];
} BodyChanges;

static void
find_body_changes (const MmCover *cover, const MmEdits *edits, guint from, BodyChanges *out)
{
	*out = (BodyChanges){FALSE, {G_MAXSIZE, G_MAXSIZE}};
	for (guint i = from; i < mm_edits_n (edits); i++) {
		const MmEdit *edit = mm_edits_get (edits, i);

		gsize start;

		if (edit->kind != MM_EDIT_BODY)
			continue;
		out->any = TRUE;
		start = first_change (cover, edit);
		for (int relaxed = 0; relaxed < 2; relaxed++)
			if (cover->signs[relaxed] && start < out->first[relaxed] &&
			    edit_changes_body (cover, edit, start, relaxed))
				out->first[relaxed] = start;
	}
}

static gboolean
lies_in_signed_body (const MmDkim *dkim, gpointer data)
{
	const BodyChanges *changes = data;

	return changes->first[dkim->relaxed_body] < dkim->covered;
}

GPtrArray *
mm_cover_compare_edits (const MmCover *cover, const MmEdits *edits, guint from)
{
	g_autoptr (GArray) items = edited_items (cover, edits, from);
	BodyChanges changes;

	find_body_changes (cover, edits, from, &changes);
	return mm_cover_find_breaks (cover, (const MmHeader *) items->data, items->len,
	                             changes.any, lies_in_signed_body, &changes);
}
