/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loss.c: law 1, nothing is lost: fields byte for byte, leaves octet for octet.
 */
#include <config.h>

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

static gboolean
same_after_line_ends (MmBytes a, MmBytes b, MmBareCr bare_cr)
{
	g_auto (MmBuffer) x = MM_BUFFER_INIT;
	g_auto (MmBuffer) y = MM_BUFFER_INIT;

	return mm_line_ends_mend (a, bare_cr, &x) && mm_line_ends_mend (b, bare_cr, &y) &&
	       mm_bytes_equal (mm_buffer_bytes (&x), mm_buffer_bytes (&y));
}

/* A text leaf with the line end behind it: CR CR LF may straddle its border. */
static gboolean
decode_text (const MmPart *part, MmBuffer *out)
{
	return mm_part_decode (part, out) && mm_buffer_append (out, part->line_end);
}

static gboolean
same_text (const MmPart *before, const MmPart *after, MmBareCr bare_cr)
{
	g_auto (MmBuffer) x = MM_BUFFER_INIT;
	g_auto (MmBuffer) y = MM_BUFFER_INIT;

	return decode_text (before, &x) && decode_text (after, &y) &&
	       same_after_line_ends (mm_buffer_bytes (&x), mm_buffer_bytes (&y), bare_cr);
}

static gboolean
same_leaf (const MmPart *before, const MmPart *after, gboolean line_ends, MmBareCr bare_cr)
{
	g_auto (MmBuffer) x = MM_BUFFER_INIT;
	g_auto (MmBuffer) y = MM_BUFFER_INIT;

	if (before->encoding == after->encoding && mm_bytes_equal (before->content, after->content))
		return TRUE;
	if (!mm_part_decode (before, &x) || !mm_part_decode (after, &y))
		return FALSE;
	if (mm_bytes_equal (mm_buffer_bytes (&x), mm_buffer_bytes (&y)))
		return TRUE;
	return line_ends && mm_part_is_text (before) && before->encoding != MM_ENCODING_BASE64 &&
	       same_text (before, after, bare_cr);
}

/* The text around the parts is the same, but for line ends. */
static gboolean
same_multipart (const MmPart *before, const MmPart *after)
{
	return same_after_line_ends (mm_part_preamble (before), mm_part_preamble (after),
	                             MM_BARE_CR_SPACE) &&
	       same_after_line_ends (mm_part_epilogue (before), mm_part_epilogue (after),
	                             MM_BARE_CR_SPACE);
}

static gboolean
same_part (const MmPart *before, const MmPart *after, MmBareCr bare_cr, GHashTable *line_ends)
{
	if (before->kind != after->kind || strcmp (before->path, after->path) != 0 ||
	    strcmp (before->type, after->type) != 0)
		return FALSE;
	if (before->kind == MM_PART_MULTIPART)
		return same_multipart (before, after);
	return before->kind != MM_PART_LEAF ||
	       same_leaf (before, after,
	                  line_ends != NULL && g_hash_table_contains (line_ends, before->path),
	                  bare_cr);
}

char *
mm_verify_nothing_lost (const MmMime *before, const MmMime *after, MmBareCr bare_cr,
                        GHashTable *line_ends, char **out_part)
{
	if (before->parts->len != after->parts->len)
		return g_strdup_printf ("%u parts became %u", before->parts->len,
		                        after->parts->len);
	for (guint i = 0; i < before->parts->len; i++) {
		const MmPart *old = mm_mime_part (before, i);

		if (same_part (old, mm_mime_part (after, i), bare_cr, line_ends))
			continue;
		if (out_part != NULL)
			*out_part = g_strdup (old->path);
		return g_strdup_printf ("part \"%s\" has other content", old->path);
	}
	return NULL;
}
