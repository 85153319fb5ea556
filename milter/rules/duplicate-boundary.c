/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * duplicate-boundary.c: a multipart with the boundary of one that it lies in.
 *
 * RFC 2046 5.1.2: nested multiparts "must use a different boundary delimiter"; one that has the
 * outer as prefix is different. Readers that look for any open boundary end the outer multipart at
 * the inner close line, and what follows is lost.
 *
 * Read by a stack, every line belongs to the innermost multipart that is open. Only where that
 * reading closes each level, and no line is left over, it is the one the sender meant; then the inner
 * multipart gets a boundary of its own.
 */
#include <config.h>

#include "boundary-private.h"
#include "field-private.h"
#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 1; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (part->kind == MM_PART_MULTIPART && mm_boundary_twin (facts, part) != NULL)
			mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_DELIMITER, -1,
			                 part->block.data,
			                 "the boundary is that of a multipart around it");
	}
}

/* ---- what is certain ------------------------------------------------------------------------- */

/* TRUE if a line of @text begins like a delimiter with this boundary. */
static gboolean
has_delimiter (MmBytes text, const char *boundary)
{
	g_autofree char *dashed = g_strconcat ("--", boundary, NULL);

	for (const char *at = mm_bytes_search (text, dashed); at != NULL;
	     at = mm_bytes_search (text, dashed)) {
		gsize place = (gsize) (at - text.data);

		if (place == 0 || at[-1] == '\n')
			return TRUE;
		text = mm_bytes_sub (text, place, text.len);
		text = mm_bytes_sub (text, 1, text.len);
	}
	return FALSE;
}

/* Each multipart with this boundary from @part up is closed, and nothing like a delimiter stands
 * behind the last close line. */
static gboolean
closes_every_level (const MmFacts *facts, const MmPart *part)
{
	const MmPart *outermost = part;
	const MmPart *at = part;

	do {
		if (!at->closed || !mm_boundary_was_sought (facts, at))
			return FALSE;
		outermost = at;
		at = mm_boundary_twin (facts, at);
	} while (at != NULL);
	return !has_delimiter (outermost->epilogue, part->boundary);
}

static gboolean
concerns_other_mail (const MmFacts *facts, const MmPart *part)
{
	guint end = mm_part_end (facts->mime, part);

	for (guint i = part->number; i < end; i++) {
		const MmPart *inside = mm_mime_part (facts->mime, i);
		if (inside->sealed || inside->veiled || mm_part_content_is_embedded (inside))
			return TRUE;
	}
	return FALSE;
}

/* ---- mending --------------------------------------------------------------------------------- */

/* "=_" stands neither in quoted-printable nor in base64 (RFC 2045 6.7); the number keeps two of one
 * round apart. NULL if the body has it all the same. */
static char *
fresh_boundary (const MmFacts *facts, const MmPart *part)
{
	const MmContext *context = facts->context;
	GString *text = g_string_new ("=_");
	guint8 octets[12];

	context->random (context->random_data, octets, sizeof octets);
	for (gsize i = 0; i < sizeof octets; i++)
		g_string_append_printf (text, "%02x", octets[i]);
	g_string_append_printf (text, "_%u", part->number);
	return g_string_free (text,
	                      mm_bytes_search (mm_message_body (facts->message), text->str) != NULL);
}

static void
replace (MmBytes range, const char *quote, const char *boundary, MmEdits *out)
{
	g_auto (MmBuffer) text = MM_BUFFER_INIT;

	mm_buffer_append_str (&text, quote);
	mm_buffer_append_str (&text, boundary);
	mm_buffer_append_str (&text, quote);
	mm_edits_replace (out, range, &text);
}

/* Only the boundary itself changes: in the parameter and in the delimiter lines. */
static void
set_boundary (const MmPart *part, const MmParameter *parameter, const char *boundary, MmEdits *out)
{
	gsize len = strlen (part->boundary);

	replace (parameter->value, "\"", boundary, out);
	for (guint i = 0; i < part->delimiters->len; i++) {
		MmBytes line = g_array_index (part->delimiters, MmBytes, i);
		replace (mm_bytes_sub (line, 2, 2 + len), "", boundary, out);
	}
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) part->type_at;
	g_autofree char *boundary = NULL;

	if (concerns_other_mail (facts, part))
		return mm_uncertain (error, "signed, encoded or embedded content lies in it");
	if (!closes_every_level (facts, part))
		return mm_uncertain (error, "not every level is closed exactly once");
	if (mm_boundary_stands_twice (part, "Content-Type"))
		return mm_uncertain (error, "Content-Type stands twice");
	if (!mm_field_may_edit (facts, part, at, error))
		return FALSE;
	boundary = fresh_boundary (facts, part);
	if (boundary == NULL)
		return mm_uncertain (error, "the new boundary stands in the body");
	set_boundary (part, mm_parameter_find (&part->type_field, "boundary"), boundary, out);
	/* With 8-bit content it is MISSING_MIME_VERSION that knows whether a version may be added. */
	return facts->body.eightbit.count > 0 || mm_head_ensure_mime_version (facts, out, error);
}

const MmRule mm_rule_duplicate_boundary = {
        .name = "duplicate-boundary",
        .label = "DUPLICATE_BOUNDARY",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2046 5.1.1, 5.1.2",
        .summary = "one boundary at two levels; an inner one that begins with the outer is legal",
        .repair = "the inner multipart gets a fresh boundary, if reading by a stack closes every "
                  "level exactly once and nothing signed or embedded lies in it",
        .receivers = "Exchange Web Services: Invalid Mime Content; attachments are lost (reported "
                     "by several)",
        .hidden = NULL,
        .detect = detect,
        .fix = fix,
};
