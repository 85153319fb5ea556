/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * empty-multipart.c: a multipart with no part at all: its first delimiter line closes it.
 *
 * RFC 2046 5.1: "the body must then contain one or more body parts".
 */
#include <config.h>

#include "boundary-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (part->closed && part->delimiters->len == 1)
			mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_DELIMITER, -1,
			                 g_array_index (part->delimiters, MmBytes, 0).data,
			                 "%s is closed before it has a part", part->type);
	}
}

const MmRule mm_rule_empty_multipart = {
        .name = "empty-multipart",
        .label = "EMPTY_MULTIPART",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_LOG,
        .citation = "RFC 2046 5.1",
        .summary = "a multipart with no part at all",
        .repair = NULL,
        .receivers = "Amazon SES: 554 Transaction failed: Missing start boundary (inferred for "
                     "this shape)",
        .hidden = NULL,
        .detect = detect,
};
