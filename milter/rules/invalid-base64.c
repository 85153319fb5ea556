/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-base64.c: base64 with other characters, wrong padding, or data behind the padding.
 *
 * RFC 2045 6.8: "All line breaks or other characters not found in Table 1 must be ignored by
 * decoding software", while "any '=' characters" may be "taken as evidence that the end of the data
 * has been reached". Readers do both. Where they come to the same octets these are encoded again;
 * half a quantum at the end means that the mail was cut off, which nobody can mend. How long the
 * lines are never counts.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "field-private.h"
#include "head-private.h"
#include "leaf-private.h"

static const char *const flaws[] = {
	[MM_BASE64_UNPADDED] = "the padding is wrong",
	[MM_BASE64_FOREIGN] = "other characters, or data behind the padding",
	[MM_BASE64_TRUNCATED] = "the data ends within an octet",
};

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		MmBase64State state;
		MmBytes known;
		gsize at = 0;

		if (part->kind != MM_PART_LEAF || part->encoding != MM_ENCODING_BASE64 ||
		    !mm_field_part_is_judged (part))
			continue;
		known = mm_message_digit_lines (facts->message, part->content, part->content.data);
		state = mm_base64_check_rest (part->content, known, &at);
		if (state != MM_BASE64_CLEAN)
			mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_CONTENT, -1,
					 part->content.data + at, "%s", flaws[state]);
	}
}

static gboolean
has_digit (MmBytes content)
{
	for (gsize i = 0; i < content.len; i++)
		if (g_ascii_isalnum (content.data[i]))
			return TRUE;
	return FALSE;
}

/* Does a reader that stops at the first '=' miss nothing? */
static gboolean
ends_at_padding (MmBytes content)
{
	for (gsize i = mm_bytes_find (content, '=', 0); i < content.len; i++)
		if (content.data[i] != '=' && !mm_is_space (content.data[i]))
			return FALSE;
	return TRUE;
}

/* The last part of a multipart that was never closed: the mail was cut off here, and padding would
 * make it look whole. */
static gboolean
is_cut_off (const MmFacts *facts, const MmPart *part)
{
	if (part->number + 1 < facts->mime->parts->len)
		return FALSE;
	for (int above = part->parent; above >= 0;) {
		const MmPart *multipart = mm_mime_part (facts->mime, (guint) above);
		if (multipart->kind == MM_PART_MULTIPART && !multipart->closed)
			return TRUE;
		above = multipart->parent;
	}
	return FALSE;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	g_auto (MmBuffer) octets = mm_part_buffer (part);
	MmBase64State state;

	/* Encoding nothing again would throw away whatever this is. */
	if (!has_digit (part->content))
		return mm_uncertain (error, "it is no base64 at all");
	if (!ends_at_padding (part->content))
		return mm_uncertain (error, "something follows the padding: readers disagree");
	if (!mm_base64_decode (part->content, &octets, &state))
		return mm_uncertain (error, "out of memory");
	if (state == MM_BASE64_TRUNCATED || is_cut_off (facts, part))
		return mm_uncertain (error, "the end of the data is missing");
	return mm_leaf_encode_base64 (facts, part, mm_buffer_bytes (&octets), out, error);
}

const MmRule mm_rule_invalid_base64 = {
	.name = "invalid-base64",
	.label = "INVALID_BASE64",
	.stage = MM_STAGE_CONTENT,
	.severity = MM_SEVERITY_ERROR,
	.groups = MM_GROUP_MIME,
	.m365 = MM_M365_FIX,
	.citation = "RFC 2045 6.8",
	.summary = "a base64 part with characters outside the alphabet, wrong padding, or data "
		   "behind the padding",
	.repair = "the octets are encoded again, if a reader that skips other characters and one "
		  "that stops at the first = see the same",
	.receivers = "readers decode it differently or show the attachment as damaged (inferred)",
	.hidden = NULL,
	.detect = detect,
	.fix = fix,
};
