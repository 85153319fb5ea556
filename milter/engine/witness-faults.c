/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness-faults.c: what GMime is known to misread: the tree in one table, content in another.
 *
 * A row says when our reading counts. Each has a test in test-witness.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "witness-private.h"

/* A type that breaks its grammar is none for us; GMime makes something of it. */
static gboolean
is_broken_type (const MmPart *part, GMimeObject *object)
{
	return part->kind == MM_PART_LEAF && !part->type_given && !GMIME_IS_PART (object);
}

static gboolean
is_multipart_without_boundary (const MmPart *part, GMimeObject *object)
{
	return part->kind == MM_PART_LEAF && g_str_has_prefix (part->type, "multipart/") &&
	       GMIME_IS_MULTIPART (object);
}

/* GMime stops reading at a parameter that is none, and misses the boundary behind it. */
static gboolean
has_damaged_parameters (const MmPart *part, GMimeObject *object)
{
	if (part->kind != MM_PART_MULTIPART || !GMIME_IS_MULTIPART (object) ||
	    g_mime_multipart_get_count (GMIME_MULTIPART (object)) > 0)
		return FALSE;
	return (part->type_field.flags & ~(guint) MM_PARAM_UNQUOTED) != 0;
}

/* GMime opens an encoded message as if it were plain, ours is an opaque leaf. */
static gboolean
is_encoded_message (const MmPart *part, GMimeObject *object)
{
	return part->kind == MM_PART_LEAF && g_str_has_prefix (part->type, "message/") &&
	       GMIME_IS_MESSAGE_PART (object);
}

/* An embedded message that begins with no field is none for GMime; message/global never is. */
static gboolean
is_unopened_message (const MmPart *part, GMimeObject *object)
{
	return part->kind == MM_PART_MESSAGE &&
	       (!GMIME_IS_MESSAGE_PART (object) ||
	        g_mime_message_part_get_message (GMIME_MESSAGE_PART (object)) == NULL);
}

static const struct {
	const char *name;
	gboolean (*applies) (const MmPart *part, GMimeObject *object);
} tree_faults[] = {
        {"broken-type", is_broken_type},
        {"multipart-without-boundary", is_multipart_without_boundary},
        {"damaged-parameters", has_damaged_parameters},
        {"encoded-message", is_encoded_message},
        {"unopened-message", is_unopened_message},
};

gboolean
mm_witness_is_tree_fault (const MmPart *part, GMimeObject *object)
{
	for (gsize i = 0; i < G_N_ELEMENTS (tree_faults); i++)
		if (tree_faults[i].applies (part, object))
			return TRUE;
	return FALSE;
}

gboolean
mm_witness_skips (const MmPart *part, MmWitnessSkip skip)
{
	if (skip == MM_SKIP_NONE || (skip == MM_SKIP_UNSEPARATED && part->separated))
		return FALSE;
	/* Mail that was cut off within the header of its last part. */
	if (!part->separated && part->content.len == 0 && part->block.len > 0 &&
	    part->block.data[part->block.len - 1] != '\n')
		return TRUE;
	for (guint h = 0; h < part->headers->len; h++)
		if (mm_part_header (part, h)->is_field)
			return FALSE;
	return part->content.len + part->line_end.len == 0;
}

/* GMime keeps blanks at the end of quoted-printable lines, RFC 2045 6.7(3) deletes them. */
static gboolean
differ_in_blanks (const MmPart *part, MmBytes ours, MmBytes theirs)
{
	gsize at = 0;

	if (part->encoding != MM_ENCODING_QP)
		return FALSE;
	for (gsize i = 0; i < theirs.len; i++) {
		if (at < ours.len && theirs.data[i] == ours.data[at])
			at++;
		else if (!mm_is_wsp (theirs.data[i]))
			return FALSE;
	}
	return at == ours.len;
}

/* Damaged base64: GMime stops at padding and drops digits that are left over, ours reads on. */
static gboolean
stopped_early (const MmPart *part, MmBytes ours, MmBytes theirs)
{
	g_auto (MmBuffer) again = mm_part_buffer (part);
	MmBase64State state = MM_BASE64_CLEAN;

	return part->encoding == MM_ENCODING_BASE64 &&
	       mm_base64_decode (part->content, &again, &state) && state != MM_BASE64_CLEAN &&
	       mm_bytes_equal (theirs, mm_bytes_sub (ours, 0, theirs.len));
}

/* What a '=' without hex digits or line end means, readers do not agree on. */
static gboolean
is_damaged_qp (const MmPart *part, MmBytes ours G_GNUC_UNUSED, MmBytes theirs G_GNUC_UNUSED)
{
	MmBytes b = part->content;

	if (part->encoding != MM_ENCODING_QP)
		return FALSE;
	for (gsize at = mm_bytes_find (b, '=', 0); at < b.len; at = mm_bytes_find (b, '=', at + 1)) {
		gboolean hex = at + 2 < b.len && g_ascii_isxdigit (b.data[at + 1]) &&
		               g_ascii_isxdigit (b.data[at + 2]);
		gboolean soft = at + 1 < b.len &&
		                (b.data[at + 1] == '\r' || b.data[at + 1] == '\n');
		if (!hex && !soft)
			return TRUE;
	}
	return FALSE;
}

/* GMime knows uuencode and reads names of encodings in its own way; for us such content stands as
 * it is. */
static gboolean
has_unknown_encoding (const MmPart *part, MmBytes ours G_GNUC_UNUSED,
                      MmBytes theirs G_GNUC_UNUSED)
{
	return part->encoding == MM_ENCODING_UNKNOWN;
}

static const struct {
	const char *name;
	gboolean (*applies) (const MmPart *part, MmBytes ours, MmBytes theirs);
} content_faults[] = {
        {"quoted-printable-blanks", differ_in_blanks},
        {"damaged-quoted-printable", is_damaged_qp},
        {"damaged-base64", stopped_early},
        {"unknown-encoding", has_unknown_encoding},
};

gboolean
mm_witness_is_content_fault (const MmPart *part, MmBytes ours, MmBytes theirs)
{
	for (gsize i = 0; i < G_N_ELEMENTS (content_faults); i++)
		if (content_faults[i].applies (part, ours, theirs))
			return TRUE;
	return FALSE;
}
