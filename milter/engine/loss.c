/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loss.c: law 1, nothing is lost: fields byte for byte, leaves octet for octet.
 */
#include <config.h>

#include <mailmend/codec.h>
#include <mailmend/verify.h>

/* Fields that a repair elsewhere has to bring in line. */
static gboolean
may_be_brought_in_line (MmBytes name)
{
	return mm_bytes_is (name, "Content-Type") ||
	       mm_bytes_is (name, "Content-Transfer-Encoding") ||
	       mm_bytes_is (name, "MIME-Version");
}

static const MmHeader *
find_original (const MmMessage *after, int original, guint *at)
{
	while (*at < mm_message_n_headers (after)) {
		const MmHeader *item = mm_message_header (after, *at);
		if (item->original > original)
			return NULL;
		++*at;
		if (item->original == original)
			return item;
	}
	return NULL;
}

char *
mm_verify_headers (const MmMessage *before, const MmMessage *after, GHashTable *edited)
{
	guint at = 0;
	int last = -1;

	for (guint i = 0; i < mm_message_n_headers (after); i++) {
		int original = mm_message_header (after, i)->original;
		if (original >= 0 && original <= last)
			return g_strdup ("a header has moved");
		last = MAX (last, original);
	}
	for (guint i = 0; i < mm_message_n_headers (before); i++) {
		const MmHeader *old = mm_message_header (before, i);
		const MmHeader *new = find_original (after, (int) i, &at);

		if (new != NULL && mm_bytes_equal (old->line, new->line))
			continue;
		if (g_hash_table_contains (edited, GINT_TO_POINTER ((int) i + 1)) ||
		    (new != NULL && may_be_brought_in_line (old->name)))
			continue;
		return g_strdup_printf ("header %u is lost or changed", i + 1);
	}
	return NULL;
}

void
mm_verify_add_edited (GHashTable *edited, const MmMessage *before, const MmRule *rule, guint at)
{
	MmBytes name = mm_message_header (before, at)->name;

	g_hash_table_add (edited, GUINT_TO_POINTER (at + 1));
	for (guint i = 0; rule->same_name && i < mm_message_n_headers (before); i++)
		if (mm_bytes_equal_nocase (mm_message_header (before, i)->name, name))
			g_hash_table_add (edited, GUINT_TO_POINTER (i + 1));
}

/* A close line that comes behind a last field without a line end gives it one. */
static gboolean
same_field (MmBytes old, MmBytes new)
{
	gboolean ended = old.len > 0 && old.data[old.len - 1] == '\n';

	return mm_bytes_equal (ended ? new : mm_bytes_sub (new, 0, old.len), old);
}

/* Which field a line is whose name holds NUL is only known when that is gone. */
static gboolean
has_damaged_name (const MmPart *part)
{
	for (guint i = 0; i < part->headers->len; i++) {
		MmBytes line = mm_part_header (part, i)->line;

		if (!mm_part_header (part, i)->is_field &&
		    mm_bytes_find (line, '\0', 0) < mm_bytes_find (line, ':', 0))
			return TRUE;
	}
	return FALSE;
}

/* The place of the first field of @before that is not in @after, or -1. */
static int
find_lost_field (const MmPart *before, const MmPart *after, GHashTable *edited)
{
	guint at = 0;

	for (guint i = 0; i < before->headers->len; i++) {
		const MmHeader *old = mm_part_header (before, i);
		guint found = at;

		if (may_be_brought_in_line (old->name) || g_hash_table_contains (edited, old))
			continue;
		while (found < after->headers->len &&
		       !same_field (old->line, mm_part_header (after, found)->line))
			found++;
		if (found == after->headers->len)
			return (int) i;
		at = found + 1;
	}
	return -1;
}

char *
mm_verify_part_headers (const MmMime *before, const MmMime *after, GHashTable *edited,
                        char **out_part)
{
	for (guint i = 1; i < before->parts->len; i++) {
		const MmPart *part = mm_mime_part (before, i);
		int lost = find_lost_field (part, mm_mime_part (after, i), edited);

		if (lost < 0 || has_damaged_name (part))
			continue;
		if (out_part != NULL)
			*out_part = g_strdup (part->path);
		return g_strdup_printf ("header %d of part \"%s\" is lost or changed", lost + 1,
		                        part->path);
	}
	return NULL;
}

/* @a and @b belong to @part, in two versions of the message. */
static gboolean
same_after_line_ends (const MmPart *part, MmBytes a, MmBytes b, MmBareCr bare_cr)
{
	g_auto (MmBuffer) x = mm_part_buffer (part);
	g_auto (MmBuffer) y = mm_part_buffer (part);

	if (mm_bytes_equal (a, b))
		return TRUE;
	return mm_line_ends_mend (a, bare_cr, &x) && mm_line_ends_mend (b, bare_cr, &y) &&
	       mm_bytes_equal (mm_buffer_bytes (&x), mm_buffer_bytes (&y));
}

/* What a reader makes of @before; with @blanks one that keeps blanks at the end of quoted-printable
 * lines, as most do. */
static gboolean
decode (const MmPart *part, gboolean blanks, MmBuffer *out)
{
	return blanks && part->encoding == MM_ENCODING_QP
	               ? mm_qp_decode_with_blanks (part->content, out)
	               : mm_part_decode (part, out);
}

/* A text leaf, decoded as @x and @y: with the line end behind it, for CR CR LF may straddle that
 * border, or without, for a delimiter may have come there. */
static gboolean
same_text (const MmPart *before, MmBuffer *x, const MmPart *after, MmBuffer *y, MmBareCr bare_cr)
{
	if (same_after_line_ends (before, mm_buffer_bytes (x), mm_buffer_bytes (y), bare_cr))
		return TRUE;
	return mm_buffer_append (x, before->line_end) && mm_buffer_append (y, after->line_end) &&
	       same_after_line_ends (before, mm_buffer_bytes (x), mm_buffer_bytes (y), bare_cr);
}

static gboolean
same_decoded (const MmPart *before, const MmPart *after, gboolean blanks, gboolean line_ends,
              MmBareCr bare_cr)
{
	g_auto (MmBuffer) x = mm_part_buffer (before);
	g_auto (MmBuffer) y = mm_part_buffer (before);

	if (!decode (before, blanks, &x) || !decode (after, FALSE, &y))
		return FALSE;
	return mm_bytes_equal (mm_buffer_bytes (&x), mm_buffer_bytes (&y)) ||
	       (line_ends && same_text (before, &x, after, &y, bare_cr));
}

/* Content that got a known encoding is read in that from the start, if it was the evident one. */
static gboolean
same_leaf (const MmPart *old, const MmPart *after, gboolean line_ends, MmBareCr bare_cr)
{
	MmPart read = *old;
	const MmPart *before = &read;

	if (after->encoding != MM_ENCODING_UNKNOWN)
		read.encoding = mm_part_evident_encoding (old);
	line_ends = line_ends && mm_part_is_text (before) &&
	            before->encoding != MM_ENCODING_BASE64;
	return (before->encoding == after->encoding &&
	        mm_bytes_equal (before->content, after->content)) ||
	       same_decoded (before, after, FALSE, line_ends, bare_cr) ||
	       (before->encoding == MM_ENCODING_QP &&
	        same_decoded (before, after, TRUE, line_ends, bare_cr));
}

/* The lines between the parts: one close line more, or the same lines with another boundary, is all
 * that a repair may make of them. */
static gboolean
same_delimiters (const MmPart *before, const MmPart *after, gboolean mended)
{
	gboolean closed_now = after->closed && !before->closed;

	if ((before->closed && !after->closed) ||
	    after->delimiters->len != before->delimiters->len + (guint) closed_now)
		return FALSE;
	if (strcmp (before->boundary, after->boundary) != 0)
		return mended && !closed_now;
	return mended || !closed_now;
}

/* The text around the parts is the same, but for line ends; behind it as in a leaf. */
static gboolean
same_multipart (const MmPart *before, const MmPart *after, MmBareCr bare_cr)
{
	MmBareCr around = mm_bare_cr_around_parts (bare_cr);

	return same_after_line_ends (before, mm_part_preamble (before), mm_part_preamble (after),
	                             around) &&
	       (same_after_line_ends (before, before->epilogue, after->epilogue, around) ||
	        same_after_line_ends (before, mm_part_epilogue (before), mm_part_epilogue (after),
	                              around));
}

static gboolean
holds (GHashTable *paths, const MmPart *part)
{
	return paths != NULL && g_hash_table_contains (paths, part->path);
}

static gboolean
same_type (const MmPart *before, const MmPart *after)
{
	MmPart meant = *before;

	meant.encoding = mm_part_evident_encoding (before);
	/* A type that could not be read was only assumed. */
	return !before->type_given || strcmp (before->type, after->type) == 0 ||
	       (mm_part_is_binhex_in_base64 (&meant) &&
	        strcmp (after->type, "application/octet-stream") == 0);
}

static gboolean
same_part (const MmPart *before, const MmPart *after, MmBareCr bare_cr, const MmMendedParts *mended)
{
	if (before->kind != after->kind || strcmp (before->path, after->path) != 0 ||
	    !same_type (before, after))
		return FALSE;
	if (before->kind == MM_PART_MULTIPART)
		return same_delimiters (before, after, holds (mended->delimiters, before)) &&
		       same_multipart (before, after, bare_cr);
	return before->kind != MM_PART_LEAF ||
	       same_leaf (before, after, holds (mended->line_ends, before), bare_cr);
}

char *
mm_verify_nothing_lost (const MmMime *before, const MmMime *after, MmBareCr bare_cr,
                        const MmMendedParts *mended, char **out_part)
{
	if (before->parts->len != after->parts->len)
		return g_strdup_printf ("%u parts became %u", before->parts->len,
		                        after->parts->len);
	for (guint i = 0; i < before->parts->len; i++) {
		const MmPart *old = mm_mime_part (before, i);

		if (same_part (old, mm_mime_part (after, i), bare_cr, mended))
			continue;
		if (out_part != NULL)
			*out_part = g_strdup (old->path);
		return g_strdup_printf ("part \"%s\" has other content", old->path);
	}
	return NULL;
}
