/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * name-ends-with-space.c: a blank between field name and colon.
 *
 * RFC 5322 4.5 allows it as obsolete syntax to be read, 3.6.8 and 2.2 not to be written; many
 * readers do not know the header then.
 */
#include <config.h>

#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		for (guint h = 0; h < part->headers->len; h++)
			if (mm_part_header (part, h)->blanks.len > 0)
				mm_find_header (out, MM_SEVERITY_ERROR, part, h,
				                "a blank stands before the colon");
	}
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
     GError **error G_GNUC_UNUSED)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const MmHeader *item = mm_part_header (part, (guint) finding->header);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	mm_buffer_append (&line, item->name);
	mm_buffer_append (&line, mm_bytes_sub (item->line, item->name.len + item->blanks.len,
	                                       item->line.len));
	mm_edits_set_header_line (out, part, (guint) finding->header, mm_buffer_bytes (&line));
	return TRUE;
}

const MmRule mm_rule_name_ends_with_space = {
        .name = "name-ends-with-space",
        .label = "NAME_ENDS_WITH_SPACE",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 2.2, 4.5",
        .summary = "a blank between a header's name and its colon (any part)",
        .repair = "the blanks are removed",
        .receivers = "the header is ignored by readers that look for its exact name (inferred)",
        .hidden = "Postfix removes the blanks before a milter looks, in MIME parts too; Sendmail "
                  "in the top-level header only",
        .detect = detect,
        .fix = fix,
};
