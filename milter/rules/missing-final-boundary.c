/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-final-boundary.c: a multipart that is never closed.
 *
 * RFC 2046 5.1.1: "The boundary delimiter line following the last body part is a distinguished
 * delimiter that indicates that no further body parts will follow."
 *
 * The close line goes between the last part and the delimiter around the multipart, whose line end
 * it takes over, so that no octet of the part changes. At the end of the body the last line end is
 * content: there the close line brings its own.
 */
#include <config.h>

#include "boundary-private.h"
#include "head-private.h"

static void
judge (const MmPart *part, MmFindings *out)
{
	mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_DELIMITER, -1,
	                 mm_bytes_end (part->content), "the multipart is never closed");
}

/* From the innermost: where several end at one place, their close lines go there in this order. */
static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = facts->mime->parts->len; i-- > 0;) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (mm_boundary_was_sought (facts, part) && part->opened && !part->closed)
			judge (part, out);
	}
}

/* ---- what is certain ------------------------------------------------------------------------- */

/* The last part inside @part, if it ends where @part ends: no close line stands between. */
static const MmPart *
open_end (const MmFacts *facts, const MmPart *part)
{
	const MmPart *last = mm_mime_part (facts->mime, mm_part_end (facts->mime, part) - 1);

	for (const MmPart *at = last; at != part;
	     at = mm_mime_part (facts->mime, (guint) at->parent))
		if (at->closed)
			return NULL;
	return last;
}

/* Where mail was cut off, chances are three in four that base64 ends within a quantum. */
static gboolean
has_broken_quantum (MmBytes base64)
{
	guint n = 0;

	for (gsize i = 0; i < base64.len; i++) {
		char c = base64.data[i];

		if (g_ascii_isalnum (c) || c == '+' || c == '/' || (c == '=' && n >= 2))
			n = (n + 1) % 4;
	}
	return n != 0;
}

static gboolean
has_same_boundary_inside (const MmFacts *facts, const MmPart *part)
{
	guint end = mm_part_end (facts->mime, part);

	for (guint i = part->number + 1; i < end; i++)
		if (g_strcmp0 (mm_mime_part (facts->mime, i)->boundary, part->boundary) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
is_printable (const char *boundary)
{
	for (; *boundary != '\0'; boundary++)
		if (!g_ascii_isprint (*boundary))
			return FALSE;
	return TRUE;
}

static gboolean
is_certain (const MmFacts *facts, const MmPart *part, GError **error)
{
	const MmPart *first = mm_mime_part (facts->mime, part->number + 1);
	const MmPart *last = open_end (facts, part);

	if (part->sealed || first->sealed || (last != NULL && last->sealed))
		return mm_uncertain (error, "signed or encrypted content ends there");
	if (first->veiled)
		return mm_uncertain (error, "the multipart may be encoded");
	if (last != NULL && last->kind == MM_PART_LEAF &&
	    (last->encoding == MM_ENCODING_BASE64 || last->encoding == MM_ENCODING_UNKNOWN) &&
	    has_broken_quantum (last->content))
		return mm_uncertain (error, "the last part is cut off");
	if (mm_boundary_twin (facts, part) != NULL || has_same_boundary_inside (facts, part))
		return mm_uncertain (error, "the boundary stands at two levels");
	return is_printable (part->boundary) ||
	       mm_uncertain (error, "the boundary is not printable");
}

/* ---- mending --------------------------------------------------------------------------------- */

/* TRUE if the line end before the end of the body is no content: it ends a header block, or the
 * close line of the last child, which may be coming just now (not in embedded mail that is left). */
static gboolean
has_line_end (const MmFacts *facts, const MmPart *part)
{
	const MmPart *last = mm_mime_part (facts->mime, mm_part_end (facts->mime, part) - 1);
	const MmPart *child = last;
	MmBytes body = mm_message_body (facts->message);
	gboolean ended = body.data[body.len - 1] == '\n';

	while (child->parent != (int) part->number)
		child = mm_mime_part (facts->mime, (guint) child->parent);
	if (child->kind == MM_PART_MULTIPART && child->opened)
		return child->closed ? child->epilogue.len == 0 && ended
		                     : child->embedded == part->embedded ||
		                               facts->context->embedded != MM_EMBEDDED_REPORT;
	return last->content.len == 0 && !last->separated && ended;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const char *end = mm_bytes_end (part->content) + part->line_end.len;
	gboolean at_end = end == mm_bytes_end (mm_message_body (facts->message));
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (!is_certain (facts, part, error))
		return FALSE;
	if (at_end && !has_line_end (facts, part))
		mm_buffer_append_str (&line, "\r\n");
	mm_buffer_append_str (&line, "--");
	mm_buffer_append_str (&line, part->boundary);
	mm_buffer_append_str (&line, "--\r\n");
	mm_edits_replace (out, mm_bytes (end, 0), &line);
	return TRUE;
}

const MmRule mm_rule_missing_final_boundary = {
        .name = "missing-final-boundary",
        .label = "MISSING_FINAL_BOUNDARY",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2046 5.1.1",
        .summary = "a multipart that is never closed",
        .repair = "the close line is inserted; left where the last part is base64 that was cut off",
        .receivers = "Outlook shows one more attachment, untitled (reported)",
        .hidden = NULL,
        .detect = detect,
        .fix = fix,
};
