/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * too-many-parts.c: more parts than MaxMimeParts.
 *
 * No standard has a limit, receivers have: Exchange takes 250. Every entity counts, multiparts and
 * the message too. It is one finding of the message as a whole.
 */
#include <config.h>

#include <mailmend/rule.h>

static void
detect (const MmFacts *facts, MmFindings *out)
{
	gsize limit = facts->context->max_mime_parts;
	guint n = facts->mime->parts->len;

	if (n > limit)
		mm_findings_add (out, MM_SEVERITY_WARNING, mm_mime_part (facts->mime, 0),
		                 MM_PLACE_BLOCK, -1,
		                 mm_mime_part (facts->mime, (guint) limit)->block.data,
		                 "%u parts%s, the limit is %" G_GSIZE_FORMAT, n,
		                 g_strcmp0 (facts->mime->limit, "parts") == 0 ? " or more" : "",
		                 limit);
}

const MmRule mm_rule_too_many_parts = {
        .name = "too-many-parts",
        .label = "TOO_MANY_PARTS",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_WARNING,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_LOG,
        .citation = "the limits of Exchange Online",
        .summary = "more parts than MaxMimeParts (250); multiparts and the message itself count",
        .repair = NULL,
        .receivers = "Exchange Online refuses more than 250 parts (documented)",
        .hidden = NULL,
        .detect = detect,
};
