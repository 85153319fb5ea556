/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-boundary.c: a boundary that is empty, too long, or has characters that it may not have.
 *
 * RFC 2046 5.1.1: "boundary delimiters must be no longer than 70 characters, not counting the two
 * leading hyphens", of the set bchars and without a blank at the end.
 */
#include <config.h>

#include "boundary-private.h"

static const char *const flaws[] = {
        [MM_BOUNDARY_EMPTY] = "the boundary is empty",
        [MM_BOUNDARY_LONG] = "the boundary is longer than 70 characters",
        [MM_BOUNDARY_SPECIAL] = "the boundary has a character that may not stand in one",
};

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		MmBoundaryState state;

		if (!mm_boundary_is_multipart (part))
			continue;
		state = mm_boundary_state (part);
		if (flaws[state] != NULL)
			mm_find_header (out, MM_SEVERITY_ERROR, part, part->type_at, "%s",
			                flaws[state]);
	}
}

const MmRule mm_rule_invalid_boundary = {
        .name = "invalid-boundary",
        .label = "INVALID_BOUNDARY",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_LOG,
        .citation = "RFC 2046 5.1.1",
        .summary = "a boundary that is empty, longer than 70 characters, or has characters that "
                   "may not stand in one",
        .repair = NULL,
        .receivers = "Exchange: InvalidBoundary (documented)",
        .hidden = NULL,
        .detect = detect,
};
