/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-colon-value.c: a line in a header block that is neither a field nor a continuation.
 *
 * RFC 5322 2.2: header fields are lines "beginning with a field name, followed by a colon". An MTA
 * ends the header block at such a line: what follows arrives as body, so a milter sees the first
 * body line that is no field, and fields behind it that the top level lacks.
 */
#include <config.h>

#include "head-private.h"

static void
judge_block (const MmFacts *facts, const MmPart *part, MmFindings *out)
{
	for (guint h = 0; h < part->headers->len; h++)
		if (mm_head_is_no_field (facts, part, h))
			mm_find_header (out, MM_SEVERITY_ERROR, part, h,
			                "the line is neither a header field nor a continuation");
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	g_autoptr (GArray) strayed = mm_head_strayed (facts);

	for (guint i = 0; i < facts->mime->parts->len; i++)
		judge_block (facts, mm_mime_part (facts->mime, i), out);
	if (strayed != NULL)
		mm_findings_add (out, MM_SEVERITY_ERROR, top, MM_PLACE_SEPARATOR, -1,
		                 mm_message_body (facts->message).data,
		                 "a line without colon ended the header: %u fields stand in the "
		                 "body",
		                 strayed->len);
}

const MmRule mm_rule_missing_colon_value = {
        .name = "missing-colon-value",
        .label = "MISSING_COLON_VALUE",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_LOG,
        .citation = "RFC 5322 2.2",
        .summary = "a line without a colon in a header block (any part)",
        .repair = NULL,
        .receivers = "the header ends there for most readers: what follows is shown as text "
                     "(reported by several)",
        .hidden = "Postfix and Sendmail end the header block at that line; a milter finds the "
                  "rest in the body, and this label is given when two fields stand there, one "
                  "of them telling",
        .detect = detect,
};
