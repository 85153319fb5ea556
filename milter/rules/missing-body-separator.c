/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-body-separator.c: a part whose header runs into its text without an empty line.
 *
 * RFC 2046 5.1: a body part has "a header area, a blank line, and a body area". Where the header
 * ends cannot be told from the lines: "Dear customer: " is a field as well. So it is not mended,
 * and nothing else is found in the part. A part of fields only is legal.
 */
#include <config.h>

#include "head-private.h"

static void
judge (const MmFacts *facts, const MmPart *part, MmFindings *out)
{
	guint stray = 0;

	while (!mm_part_is_stray_line (facts->mime, part, stray))
		stray++;
	mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_SEPARATOR, -1,
	                 mm_part_header (part, stray)->line.data,
	                 "no empty line stands between the header of the part and its text");
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++)
		if (mm_mime_part (facts->mime, i)->unseparated)
			judge (facts, mm_mime_part (facts->mime, i), out);
}

const MmRule mm_rule_missing_body_separator = {
        .name = "missing-body-separator",
        .label = "MISSING_BODY_SEPARATOR",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_LOG,
        .citation = "RFC 2046 5.1; RFC 5322 2.1",
        .summary = "a part with text right behind its header, without an empty line between",
        .repair = NULL,
        .receivers = "Exchange: MissingBodySeparator (documented); Outlook shows the parts as text "
                     "(reported by several)",
        .hidden = NULL,
        .detect = detect,
};
