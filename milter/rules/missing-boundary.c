/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-boundary.c: a multipart without boundary, or whose boundary no line of it has.
 *
 * RFC 2046 5.1.1: "The only mandatory global parameter for the "multipart" media type is the
 * boundary parameter". A line that looks like a delimiter might be one, or text: which is a guess.
 */
#include <config.h>

#include "boundary-private.h"

static void
judge (const MmFacts *facts, const MmPart *part, MmFindings *out)
{
	guint at = (guint) part->type_at;

	if (part->boundary == NULL && mm_boundary_state (part) == MM_BOUNDARY_NONE)
		mm_find_header (out, MM_SEVERITY_ERROR, part, at,
		                "%s has no boundary parameter", part->type);
	else if (mm_boundary_was_sought (facts, part) && !part->opened)
		mm_find_header (out, MM_SEVERITY_ERROR, part, at,
		                "no line begins with the boundary of this multipart");
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++)
		if (mm_boundary_is_multipart (mm_mime_part (facts->mime, i)))
			judge (facts, mm_mime_part (facts->mime, i), out);
}

const MmRule mm_rule_missing_boundary = {
        .name = "missing-boundary",
        .label = "MISSING_BOUNDARY",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_LOG,
        .citation = "RFC 2046 5.1.1",
        .summary = "a multipart without boundary parameter, or whose boundary never occurs",
        .repair = NULL,
        .receivers = "Amazon SES: 554 Transaction failed: Missing start boundary (reported by "
                     "several); Exchange: MissingBoundaryParameter, MissingBoundary (documented)",
        .hidden = NULL,
        .detect = detect,
};
