/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-from-header.c: nobody says who wrote the message.
 *
 * RFC 5322 3.6: "The only required header fields are the origination date field and the originator
 * address field(s)." Whom to name instead would be a guess.
 */
#include <config.h>

#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	int empty = -1;

	for (int at = mm_message_find (facts->message, "From", 0); at >= 0;
	     at = mm_message_find (facts->message, "From", (guint) at + 1)) {
		if (mm_grammar_is_blank (mm_part_header (top, (guint) at)->value))
			empty = at;
	}
	if (empty >= 0)
		mm_find_header (out, MM_SEVERITY_ERROR, top, empty, "From is empty");
	else if (!mm_head_has (facts, "From"))
		mm_findings_add (out, MM_SEVERITY_ERROR, top, MM_PLACE_BLOCK, -1, top->block.data,
		                 "there is no From field");
}

const MmRule mm_rule_missing_from_header = {
        .name = "missing-from-header",
        .label = "MISSING_FROM_HEADER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS | MM_GROUP_MISSING,
        .m365 = MM_M365_LOG,
        .citation = "RFC 5322 3.6, 3.6.2",
        .summary = "no From header, or an empty one",
        .repair = NULL,
        .receivers = "Gmail: 550-5.7.1 ... not RFC 5322 compliant: 'From' header is missing (reported "
                     "by several)",
        .hidden = "Postfix adds it from the envelope before a milter looks, for sendmail(1) and for "
                  "clients in local_header_rewrite_clients; Sendmail adds it after the milter",
        .detect = detect,
        .fix = NULL,
};
