/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edit.c: the edit list of one version of a message, and the version it leads to.
 */
#include <config.h>

#include <mailmend/error.h>

#include "edit-private.h"

struct _MmEdits {
	const MmMessage *message;
	const MmMime *mime;
	const MmLimits *limits;
	gboolean header_only;
	GArray *edits;       /* of MmEdit, in the order they were asked for */
	GTree *places;       /* those of the groups that were kept, by where they are */
	guint group_start;   /* first edit of the open group */
	guint finding;
	GError *group_error; /* why the open group cannot be kept */
	guint dropped;       /* by the groups that were kept */
	guint group_dropped;
};

static void
edit_clear (gpointer data)
{
	g_clear_pointer (&((MmEdit *) data)->bytes, g_bytes_unref);
}

MmEdits *
mm_edits_new (const MmMessage *message, const MmMime *mime, const MmLimits *limits,
              gboolean header_only)
{
	MmEdits *edits = g_new0 (MmEdits, 1);

	edits->message = message;
	edits->mime = mime;
	edits->limits = limits;
	edits->header_only = header_only;
	edits->edits = g_array_new (FALSE, FALSE, sizeof (MmEdit));
	g_array_set_clear_func (edits->edits, edit_clear);
	edits->places = g_tree_new_with_data (mm_edit_compare_places, edits);
	return edits;
}

void
mm_edits_free (MmEdits *edits)
{
	g_tree_unref (edits->places);
	g_array_unref (edits->edits);
	g_clear_error (&edits->group_error);
	g_free (edits);
}

void
mm_edits_begin (MmEdits *edits, guint finding)
{
	edits->group_start = edits->edits->len;
	edits->finding = finding;
	edits->group_dropped = 0;
	g_clear_error (&edits->group_error);
}

void
mm_edits_cancel (MmEdits *edits)
{
	g_array_set_size (edits->edits, edits->group_start);
}

/* FALSE: one of the group is where another edit is. */
static gboolean
take_places (MmEdits *edits)
{
	for (guint n = edits->group_start; n < edits->edits->len; n++) {
		if (!g_tree_lookup_extended (edits->places, GUINT_TO_POINTER (n), NULL, NULL)) {
			g_tree_insert (edits->places, GUINT_TO_POINTER (n), NULL);
			continue;
		}
		while (n-- > edits->group_start)
			g_tree_remove (edits->places, GUINT_TO_POINTER (n));
		return FALSE;
	}
	return TRUE;
}

gboolean
mm_edits_end (MmEdits *edits, GError **error)
{
	if (edits->group_error == NULL && !take_places (edits))
		g_set_error_literal (&edits->group_error, MM_ERROR, MM_ERROR_CONFLICT,
		                     "another repair edits the same place");
	if (edits->group_error == NULL) {
		edits->dropped += edits->group_dropped;
		return TRUE;
	}
	mm_edits_cancel (edits);
	g_propagate_error (error, g_steal_pointer (&edits->group_error));
	return FALSE;
}

static void
fail_group (MmEdits *edits, int code, const char *text)
{
	if (edits->group_error == NULL)
		g_set_error_literal (&edits->group_error, MM_ERROR, code, text);
}

static void
check_length (MmEdits *edits, GBytes *line)
{
	if (g_bytes_get_size (line) > edits->limits->header_field)
		fail_group (edits, MM_ERROR_LIMIT, "header_field: the new field is too long");
}

/* Exchange compares this one octet for octet with what is inside winmail.dat. */
static void
check_name (MmEdits *edits, MmBytes name)
{
	if (mm_bytes_is (name, "X-MS-TNEF-Correlator"))
		fail_group (edits, MM_ERROR_UNCERTAIN, "X-MS-TNEF-Correlator is never edited");
}

static void
add (MmEdits *edits, MmEdit edit)
{
	edit.finding = edits->finding;
	if (edit.kind == MM_EDIT_BODY && edits->header_only)
		fail_group (edits, MM_ERROR_LIMIT, "the body must not be edited");
	if (edit.kind == MM_EDIT_HEADER_SET || edit.kind == MM_EDIT_HEADER_APPEND)
		check_length (edits, edit.bytes);
	if (edit.kind == MM_EDIT_HEADER_SET || edit.kind == MM_EDIT_HEADER_DELETE)
		check_name (edits, mm_message_header (edits->message, edit.header)->name);
	g_array_append_val (edits->edits, edit);
}

/* What was written into a buffer that memory was refused to is not written at all. */
static gboolean
is_whole (MmEdits *edits, MmBytes written)
{
	if (written.data == NULL)
		fail_group (edits, MM_ERROR_MEMORY, "out of memory");
	return written.data != NULL;
}

/* CR and LF only as a fold; no NUL. Repairs below the level of fields do not come this way. */
static gboolean
value_is_safe (MmBytes value)
{
	for (gsize i = 0; i < value.len; i++) {
		gboolean fold = i + 2 < value.len && value.data[i] == '\r' &&
		                value.data[i + 1] == '\n' && mm_is_wsp (value.data[i + 2]);
		if (fold)
			i++;
		else if (value.data[i] == '\r' || value.data[i] == '\n' || value.data[i] == '\0')
			return FALSE;
	}
	return TRUE;
}

/* "NAME:VALUE" CRLF, or NULL with the group failed. */
static GBytes *
make_line (MmEdits *edits, const char *name, MmBytes value)
{
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (!is_whole (edits, value))
		return NULL;
	if (!value_is_safe (value)) {
		fail_group (edits, MM_ERROR_INTERNAL, "a value with a stray line end");
		return NULL;
	}
	mm_buffer_append_str (&line, name);
	mm_buffer_append_c (&line, ':');
	mm_buffer_append (&line, value);
	mm_buffer_append_str (&line, "\r\n");
	if (line.failed)
		fail_group (edits, MM_ERROR_MEMORY, "out of memory");
	return mm_buffer_steal (&line);
}

static gsize
body_offset (const MmEdits *edits, const char *at)
{
	return (gsize) (at - mm_message_body (edits->message).data);
}

/* A last field without a line end stays without one. Takes @line. */
static GBytes *
as_ended_as (GBytes *line, MmBytes old)
{
	gsize len = g_bytes_get_size (line);
	GBytes *cut;

	if (old.data[old.len - 1] == '\n' || len < 2)
		return line;
	cut = g_bytes_new_from_bytes (line, 0, len - 2);
	g_bytes_unref (line);
	return cut;
}

/* Replaces the line of header @at by @line, NULL: by nothing. Takes @line. */
static void
change_item (MmEdits *edits, const MmPart *part, guint at, GBytes *line)
{
	MmBytes old = mm_part_header (part, at)->line;
	MmEdit edit = {.kind = line != NULL ? MM_EDIT_HEADER_SET : MM_EDIT_HEADER_DELETE,
	               .header = at,
	               .bytes = line != NULL ? as_ended_as (line, old) : NULL};

	if (part->number != 0) {
		edit.kind = MM_EDIT_BODY;
		edit.start = body_offset (edits, old.data);
		edit.end = edit.start + old.len;
		if (edit.bytes == NULL)
			edit.bytes = g_bytes_new_static ("", 0);
	}
	add (edits, edit);
}

void
mm_edits_set_header (MmEdits *edits, const MmPart *part, guint at, const char *name, MmBytes value)
{
	GBytes *line = make_line (edits, name, value);

	if (line != NULL)
		change_item (edits, part, at, line);
}

void
mm_edits_set_header_line (MmEdits *edits, const MmPart *part, guint at, MmBytes line)
{
	if (is_whole (edits, line))
		change_item (edits, part, at, g_bytes_new (line.data, line.len));
}

void
mm_edits_delete_header (MmEdits *edits, const MmPart *part, guint at)
{
	change_item (edits, part, at, NULL);
}

/* A part's block may lack its last line end: then the field cannot simply follow. */
static gboolean
block_is_ended (const MmPart *part)
{
	return part->block.len == 0 || part->block.data[part->block.len - 1] == '\n';
}

void
mm_edits_append_header (MmEdits *edits, const MmPart *part, const char *name, MmBytes value)
{
	MmEdit edit = {.kind = MM_EDIT_HEADER_APPEND};

	if (!block_is_ended (part)) {
		fail_group (edits, MM_ERROR_UNCERTAIN, "the header block has no end");
		return;
	}
	edit.bytes = make_line (edits, name, value);
	if (edit.bytes == NULL)
		return;
	if (part->number != 0) {
		edit.kind = MM_EDIT_BODY;
		edit.start = body_offset (edits, mm_bytes_end (part->block));
		edit.end = edit.start;
	}
	add (edits, edit);
}

gboolean
mm_edits_appends (const MmEdits *edits, const char *name)
{
	for (guint i = 0; i < edits->edits->len; i++) {
		const MmEdit *edit = mm_edits_get (edits, i);
		if (edit->kind == MM_EDIT_HEADER_APPEND && mm_bytes_is (mm_edit_field_name (edit), name))
			return TRUE;
	}
	return FALSE;
}

void
mm_edits_set_separator (MmEdits *edits, MmBytes separator)
{
	add (edits, (MmEdit){.kind = MM_EDIT_SEPARATOR,
	                     .bytes = g_bytes_new (separator.data, separator.len)});
}

void
mm_edits_replace (MmEdits *edits, MmBytes range, MmBuffer *bytes)
{
	MmEdit edit = {.kind = MM_EDIT_BODY};

	edit.bytes = mm_buffer_steal (bytes);
	if (edit.bytes == NULL) {
		fail_group (edits, MM_ERROR_MEMORY, "out of memory");
		return;
	}
	edit.start = body_offset (edits, range.data);
	edit.end = edit.start + range.len;
	add (edits, edit);
}

void
mm_edits_drop (MmEdits *edits, guint n)
{
	edits->group_dropped += n;
}

guint
mm_edits_dropped (const MmEdits *edits)
{
	return edits->dropped;
}

guint
mm_edits_n (const MmEdits *edits)
{
	return edits->edits->len;
}

const MmEdit *
mm_edits_get (const MmEdits *edits, guint at)
{
	return &g_array_index (edits->edits, MmEdit, at);
}

/* ---- applying ---------------------------------------------------------------------------------- */

/* The header lines after the edits, as views into the message and into the edits. */
static GArray *
edited_lines (const MmEdits *edits)
{
	guint n = mm_message_n_headers (edits->message);
	GArray *lines = g_array_sized_new (FALSE, FALSE, sizeof (MmHeaderLine), n + 4);
	g_autofree const MmEdit **by_item = g_new0 (const MmEdit *, n + 1);

	for (guint i = 0; i < edits->edits->len; i++) {
		const MmEdit *edit = mm_edits_get (edits, i);
		if (edit->kind == MM_EDIT_HEADER_SET || edit->kind == MM_EDIT_HEADER_DELETE)
			by_item[edit->header] = edit;
	}
	for (guint i = 0; i < n; i++) {
		const MmHeader *item = mm_message_header (edits->message, i);
		MmHeaderLine line = {item->line, item->original};

		if (by_item[i] != NULL && by_item[i]->kind == MM_EDIT_HEADER_DELETE)
			continue;
		if (by_item[i] != NULL)
			line.line = mm_bytes_of (by_item[i]->bytes);
		g_array_append_val (lines, line);
	}
	for (guint i = 0; i < edits->edits->len; i++) {
		const MmEdit *edit = mm_edits_get (edits, i);
		if (edit->kind == MM_EDIT_HEADER_APPEND) {
			MmHeaderLine line = {mm_bytes_of (edit->bytes), -1};
			g_array_append_val (lines, line);
		}
	}
	return lines;
}

static int
compare_start (gconstpointer a, gconstpointer b)
{
	return mm_edit_compare_ranges (*(const MmEdit *const *) a, *(const MmEdit *const *) b);
}

static MmBytes
edited_separator (const MmEdits *edits)
{
	for (guint i = 0; i < edits->edits->len; i++)
		if (mm_edits_get (edits, i)->kind == MM_EDIT_SEPARATOR)
			return mm_bytes_of (mm_edits_get (edits, i)->bytes);
	return mm_message_separator (edits->message);
}

/* The new body; NULL with *@error, or without one if the body has no edit. */
static GBytes *
edited_body (const MmEdits *edits, GError **error)
{
	MmBytes body = mm_message_body (edits->message);
	g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
	gsize size = body.len, at = 0;
	GBytes *edited;
	MmSpool out;

	for (guint i = 0; i < edits->edits->len; i++) {
		const MmEdit *edit = mm_edits_get (edits, i);
		if (edit->kind == MM_EDIT_BODY) {
			g_ptr_array_add (sorted, (gpointer) edit);
			size += g_bytes_get_size (edit->bytes);
		}
	}
	if (sorted->len == 0)
		return NULL;
	g_ptr_array_sort (sorted, compare_start);
	out = mm_message_spool (edits->message, size);
	for (guint i = 0; i < sorted->len; i++) {
		const MmEdit *edit = g_ptr_array_index (sorted, i);
		mm_spool_append (&out, mm_bytes_sub (body, at, edit->start));
		mm_spool_append (&out, mm_bytes_of (edit->bytes));
		at = edit->end;
	}
	mm_spool_append (&out, mm_bytes_sub (body, at, body.len));
	edited = mm_spool_finish (&out);
	if (edited == NULL)
		g_set_error (error, MM_ERROR, MM_ERROR_MEMORY, "no room for the mended message: %s",
		             out.error);
	mm_spool_clear (&out);
	return edited;
}

MmMessage *
mm_edits_apply (const MmEdits *edits, GError **error)
{
	g_autoptr (GArray) lines = edited_lines (edits);
	GError *local = NULL;
	g_autoptr (GBytes) body = edited_body (edits, &local);
	MmMessage *message;

	if (local != NULL) {
		g_propagate_error (error, local);
		return NULL;
	}
	message = mm_message_with (edits->message, (const MmHeaderLine *) lines->data, lines->len,
	                           edited_separator (edits), body);
	if (message == NULL)
		g_set_error_literal (error, MM_ERROR, MM_ERROR_MEMORY,
		                     "out of memory for the mended message");
	return message;
}
