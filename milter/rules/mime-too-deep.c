/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime-too-deep.c: more levels of parts than MaxMimeDepth.
 *
 * No standard has a limit, receivers have: Exchange takes 30. It is one finding of the message as a
 * whole: a level of embedded mail counts like any other.
 */
#include <config.h>

#include <mailmend/rule.h>

static void
detect (const MmFacts *facts, MmFindings *out)
{
	gsize limit = facts->context->max_mime_depth;

	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (part->depth <= limit)
			continue;
		mm_findings_add (out, MM_SEVERITY_WARNING, mm_mime_part (facts->mime, 0),
		                 MM_PLACE_BLOCK, -1, part->block.data,
		                 "a part at level %u, the limit is %" G_GSIZE_FORMAT, part->depth,
		                 limit);
		return;
	}
}

const MmRule mm_rule_mime_too_deep = {
        .name = "mime-too-deep",
        .label = "MIME_TOO_DEEP",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_WARNING,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_LOG,
        .citation = "the limits of Exchange Online",
        .summary = "more levels of parts than MaxMimeDepth (30); the message itself is one",
        .repair = NULL,
        .receivers = "Exchange Online refuses more than 30 levels of embedded messages "
                     "(documented)",
        .hidden = NULL,
        .detect = detect,
};
