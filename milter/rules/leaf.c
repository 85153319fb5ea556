/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leaf.c: encodes the content of one leaf, and says so in its header; nothing else changes.
 *
 * RFC 2045 6: the octets stay the same, only their encoding and its label change. They are never
 * transcoded.
 */
#include <config.h>

#include <mailmend/codec.h>
#include <mailmend/error.h>

#include "charset-private.h"
#include "head-private.h"
#include "leaf-private.h"

static gboolean
is_whole_body (const MmFacts *facts, MmBytes octets)
{
	MmBytes body = mm_message_body (facts->message);

	return octets.data == body.data && octets.len == body.len;
}

MmScan
mm_leaf_scan (const MmFacts *facts, MmBytes octets)
{
	return is_whole_body (facts, octets) ? facts->body : mm_scan (octets);
}

static void
visit (const MmFacts *facts, const MmPart *part, MmPlace place, MmBytes octets,
       const MmLeafVisit *how, MmFindings *out)
{
	MmScan scan;

	if (!is_whole_body (facts, octets) && !how->may (facts, octets))
		return;
	scan = mm_leaf_scan (facts, octets);
	how->judge (facts, part, place, octets, &scan, out);
}

void
mm_leaf_visit (const MmFacts *facts, const MmLeafVisit *how, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		/* A multipart whose boundary never occurs has no preamble either. */
		if (part->kind == MM_PART_LEAF ||
		    (part->kind == MM_PART_MULTIPART && !part->opened))
			visit (facts, part, MM_PLACE_CONTENT, part->content, how, out);
		if (part->kind != MM_PART_MULTIPART || !part->opened)
			continue;
		visit (facts, part, MM_PLACE_PREAMBLE, part->preamble, how, out);
		visit (facts, part, MM_PLACE_EPILOGUE, part->epilogue, how, out);
	}
}

gboolean
mm_leaf_is_plain_text (const MmPart *part, MmBytes octets)
{
	return mm_part_is_text (part) && mm_bytes_find (octets, '\0', 0) == octets.len &&
	       (part->charset == NULL || !mm_charset_is_utf16_or_32 (part->charset));
}

/* ---- the label of the charset ------------------------------------------------------------------------ */

/* Octets that nobody declares. */
static gboolean
label_charset (const MmFacts *facts, const MmPart *part, MmBytes octets, gboolean need_charset,
               MmEdits *out, GError **error)
{
	g_autofree char *charset = NULL;

	if (!mm_part_is_text (part) || part->charset != NULL || !mm_bytes_has_8bit (octets))
		return TRUE;
	charset = mm_charset_tell (facts, part->type, octets, facts->context->default_charset);
	/* Encoded text without a charset is CHARSET_MISMATCH, unless it is a file. */
	if (charset == NULL && (need_charset || !part->attachment))
		return mm_uncertain (error, "the charset cannot be told");
	if (charset == NULL)
		return TRUE;
	return mm_charset_label (facts, part, charset, out, error);
}

/* ---- the encoding -------------------------------------------------------------------------------------- */

/* Mail programs take calendar objects and cards apart line by line: not in quoted-printable. */
static gboolean
wants_base64 (const MmPart *part, MmBytes octets)
{
	return !mm_leaf_is_plain_text (part, octets) || strcmp (part->type, "text/calendar") == 0 ||
	       strcmp (part->type, "text/vcard") == 0;
}

static gsize
base64_size (gsize n)
{
	gsize digits = (n + 2) / 3 * 4;

	return digits + (digits + 75) / 76 * 2;
}

static gboolean
encode_base64 (const MmPart *part, MmBytes octets, MmBuffer *out)
{
	if (!mm_base64_encode (octets, out))
		return FALSE;
	/* Before a delimiter stands a line end already. */
	if (part->line_end.len > 0 && out->len >= 2)
		out->len -= 2;
	return TRUE;
}

/* Encodes into @out, the shorter way. Returns the encoding's name, NULL when memory is refused. */
static const char *
encode (const MmPart *part, MmBytes octets, MmBuffer *out)
{
	if (!wants_base64 (part, octets) && mm_qp_least_size (octets) <= base64_size (octets.len)) {
		if (!mm_qp_encode (octets, out))
			return NULL;
		if (out->len <= base64_size (octets.len))
			return " quoted-printable";
		mm_buffer_clear (out);
	}
	return encode_base64 (part, octets, out) ? " base64" : NULL;
}

static void
set_encoding (const MmPart *part, const char *encoding, MmEdits *out)
{
	int at = part->encoding_at;
	g_autofree char *name = NULL;

	if (at < 0) {
		mm_edits_append_header (out, part, "Content-Transfer-Encoding",
		                        mm_bytes_str (encoding));
		return;
	}
	name = mm_bytes_dup (mm_part_header (part, (guint) at)->name);
	mm_edits_set_header (out, part, (guint) at, name, mm_bytes_str (encoding));
}

static guint
count_fields (const MmPart *part, const char *name)
{
	guint n = 0;

	for (guint h = 0; h < part->headers->len; h++)
		n += mm_bytes_is (mm_part_header (part, h)->name, name);
	return n;
}

static gboolean
may_encode (const MmFacts *facts, const MmPart *part, GError **error)
{
	if (mm_part_is_untouchable (facts->mime, part))
		return mm_uncertain (error, "parts of this type are never encoded");
	if (mm_head_is_broken (facts))
		return mm_uncertain (error, "the header is broken off");
	if (count_fields (part, "Content-Transfer-Encoding") > 1 ||
	    count_fields (part, "Content-Type") > 1)
		return mm_uncertain (error, "Content-* fields stand twice");
	if (part->number > 0 && !part->separated)
		return mm_uncertain (error, "no empty line ends the header of the part");
	return TRUE;
}

gboolean
mm_leaf_encode (const MmFacts *facts, const MmPart *part, MmBytes octets, gboolean need_charset,
                MmEdits *out, GError **error)
{
	g_auto (MmBuffer) encoded = mm_part_buffer (part);
	const char *encoding;

	if (!may_encode (facts, part, error) || !mm_head_ensure_mime_version (facts, out, error) ||
	    !label_charset (facts, part, octets, need_charset, out, error))
		return FALSE;
	encoding = encode (part, octets, &encoded);
	if (encoding == NULL) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_MEMORY, "out of memory");
		return FALSE;
	}
	set_encoding (part, encoding, out);
	mm_edits_replace (out, part->content, &encoded);
	return TRUE;
}

gboolean
mm_leaf_encode_base64 (const MmFacts *facts, const MmPart *part, MmBytes octets, MmEdits *out,
                       GError **error)
{
	g_auto (MmBuffer) encoded = mm_part_buffer (part);

	if (!may_encode (facts, part, error))
		return FALSE;
	if (!encode_base64 (part, octets, &encoded)) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_MEMORY, "out of memory");
		return FALSE;
	}
	mm_edits_replace (out, part->content, &encoded);
	return TRUE;
}

/* base64 is wrapped again as it stands: no digit changes. */
static gboolean
rewrap_base64 (const MmPart *part, MmEdits *out, GError **error)
{
	g_auto (MmBuffer) decoded = mm_part_buffer (part);
	g_auto (MmBuffer) wrapped = mm_part_buffer (part);
	MmBase64State state;
	gsize column = 0;

	if (!mm_base64_decode (part->content, &decoded, &state) ||
	    (state != MM_BASE64_CLEAN && state != MM_BASE64_UNPADDED))
		return mm_uncertain (error, "the base64 is damaged");
	mm_buffer_reserve (&wrapped, part->content.len + part->content.len / 38 + 2);
	for (gsize i = 0; i < part->content.len; i++) {
		if (mm_is_space (part->content.data[i]))
			continue;
		if (column == 76)
			mm_buffer_append_str (&wrapped, "\r\n");
		column = column == 76 ? 1 : column + 1;
		mm_buffer_append_c (&wrapped, part->content.data[i]);
	}
	if (part->line_end.len == 0)
		mm_buffer_append_str (&wrapped, "\r\n");
	mm_edits_replace (out, part->content, &wrapped);
	return TRUE;
}

gboolean
mm_leaf_fix (const MmFacts *facts, const MmFinding *finding, gboolean need_charset, MmEdits *out,
             GError **error)
{
	MmPart read = *mm_mime_part (facts->mime, finding->part);
	const MmPart *part = &read;
	g_auto (MmBuffer) octets = mm_part_buffer (part);

	if (finding->place != MM_PLACE_CONTENT)
		return mm_uncertain (error, "preamble and epilogue are never encoded");
	/* As UNKNOWN_TRANSFER_ENCODING will have it: the result must not depend on who is first. */
	read.encoding = mm_part_evident_encoding (&read);
	switch (part->encoding) {
	case MM_ENCODING_UNKNOWN:
		return mm_uncertain (error, "the Content-Transfer-Encoding is unknown");
	case MM_ENCODING_BASE64:
		if (mm_part_is_untouchable (facts->mime, part))
			return may_encode (facts, part, error);
		return rewrap_base64 (part, out, error);
	case MM_ENCODING_QP:
		if (!mm_qp_decode_with_blanks (part->content, &octets))
			return mm_uncertain (error, "out of memory");
		return mm_leaf_encode (facts, part, mm_buffer_bytes (&octets), need_charset, out,
		                       error);
	default:
		return mm_leaf_encode (facts, part, part->content, need_charset, out, error);
	}
}
