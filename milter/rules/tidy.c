/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tidy.c: a multipart whose leaves are 7bit must not say 8bit any longer, and a message with a
 * mended Content-* field, embedded or not, needs a version.
 */
#include <config.h>

#include "head-private.h"
#include "leaf-private.h"
#include "tidy-private.h"

static gboolean
needs_no_8bit (const MmFacts *facts, MmBytes content)
{
	MmScan scan = mm_leaf_scan (facts, content);

	return scan.eightbit.count == 0 && scan.nul.count == 0 && scan.longest <= 998;
}

static gboolean
holds_one_of (const MmPart *part, GPtrArray *paths)
{
	gsize len = strlen (part->path);

	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index (paths, i);
		if (len == 0 ? *path != '\0'
		             : strncmp (path, part->path, len) == 0 && path[len] == '.')
			return TRUE;
	}
	return FALSE;
}

void
mm_tidy_composites (const MmFacts *facts, GPtrArray *paths, MmEdits *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		int at = part->encoding_at;
		g_autofree char *name = NULL;

		if (part->kind == MM_PART_LEAF || at < 0 || part->sealed ||
		    (part->encoding != MM_ENCODING_8BIT && part->encoding != MM_ENCODING_BINARY) ||
		    !holds_one_of (part, paths) || !needs_no_8bit (facts, part->content))
			continue;
		name = mm_bytes_dup (mm_part_header (part, (guint) at)->name);
		mm_edits_begin (out, G_MAXUINT);
		mm_edits_set_header (out, part, (guint) at, name, mm_bytes_str (" 7bit"));
		mm_edits_end (out, NULL);
	}
}

static gboolean
has_content_field (const MmPart *part)
{
	for (guint at = 0; at < part->headers->len; at++)
		if (mm_bytes_has_prefix (mm_part_header (part, at)->name, "Content-"))
			return TRUE;
	return FALSE;
}

/* NULL: no mail is embedded. */
static GHashTable *
parts_by_path (const MmMime *mime)
{
	GHashTable *parts = g_hash_table_new (mm_str_hash, g_str_equal);
	gboolean embedded = FALSE;

	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);

		g_hash_table_insert (parts, part->path, (gpointer) part);
		embedded = embedded || part->kind == MM_PART_MESSAGE;
	}
	if (!embedded)
		g_clear_pointer (&parts, g_hash_table_unref);
	return parts;
}

void
mm_tidy_embedded_version (const MmFacts *facts, GPtrArray *paths, MmEdits *out)
{
	const MmMime *mime = facts->mime;
	g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
	g_autoptr (GHashTable) parts = parts_by_path (mime);

	for (guint i = 0; parts != NULL && i < paths->len; i++) {
		const MmPart *part = g_hash_table_lookup (parts, g_ptr_array_index (paths, i));
		const MmPart *mail = part != NULL ? mm_mime_mail_of (mime, part) : NULL;

		if (mail == NULL || mail->number == 0 || !has_content_field (part) ||
		    mm_part_find_header (mail, "MIME-Version") >= 0 ||
		    !g_hash_table_add (seen, (gpointer) mail))
			continue;
		mm_edits_begin (out, G_MAXUINT);
		mm_edits_append_header (out, mail, "MIME-Version", mm_bytes_str (" 1.0"));
		mm_edits_end (out, NULL);
	}
}

void
mm_tidy_version (const MmFacts *facts, MmEdits *out)
{
	if (mm_head_has_undeclared_8bit (facts))
		return;
	mm_edits_begin (out, G_MAXUINT);
	if (mm_head_ensure_mime_version (facts, out, NULL))
		mm_edits_end (out, NULL);
	else
		mm_edits_cancel (out);
}
