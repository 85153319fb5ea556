/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-date-header.c: a message without Date.
 *
 * RFC 5322 3.6: "The only required header fields are the origination date field and the
 * originator address field(s)."
 */
#include <config.h>

#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	if (!mm_head_has (facts, "Date"))
		mm_findings_add (out, MM_SEVERITY_ERROR, top, MM_PLACE_BLOCK, -1, top->block.data,
		                 "there is no Date field");
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding G_GNUC_UNUSED, MmEdits *out, GError **error)
{
	g_autofree char *text = NULL;
	MmDate date;

	mm_date_from_unix (facts->context->now, facts->context->zone, &date);
	text = mm_date_format (&date);
	return mm_head_add (facts, "Date", text, out, error);
}

const MmRule mm_rule_missing_date_header = {
        .name = "missing-date-header",
        .label = "MISSING_DATE_HEADER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS | MM_GROUP_MISSING,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.6, 3.6.1",
        .summary = "no Date header",
        .repair = "Date with the present time and the local zone is added",
        .receivers = "amavis: 554 5.6.0 Bounce, ... Missing required header field: \"Date\" "
                     "(reported by several); outlook.com: junk (reported)",
        .hidden = "Postfix adds it before a milter looks for sendmail(1) and for clients in "
                  "local_header_rewrite_clients; Sendmail adds it after the milter",
        .detect = detect,
        .fix = fix,
};
