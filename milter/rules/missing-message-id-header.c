/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-message-id-header.c: a message without Message-ID.
 *
 * RFC 5322 3.6.4: "every message SHOULD have a 'Message-ID:' field." Gmail makes a MUST of it.
 */
#include <config.h>

#include "head-private.h"
#include "id-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	if (!mm_head_has (facts, "Message-ID"))
		mm_findings_add (out, MM_SEVERITY_ERROR, top, MM_PLACE_BLOCK, -1, top->block.data,
		                 "there is no Message-ID field");
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding G_GNUC_UNUSED, MmEdits *out, GError **error)
{
	g_autofree char *id = NULL;

	/* Exchange ties the correlator to the id that some gateway knew. */
	if (mm_message_find (facts->message, "X-MS-TNEF-Correlator", 0) >= 0)
		return mm_uncertain (error, "X-MS-TNEF-Correlator is tied to an id");
	id = mm_id_generate (facts);
	return mm_head_add (facts, "Message-ID", id, out, error);
}

const MmRule mm_rule_missing_message_id_header = {
        .name = "missing-message-id-header",
        .label = "MISSING_MESSAGE_ID_HEADER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_IDENTIFICATION | MM_GROUP_HEADERS | MM_GROUP_MISSING,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.6.4",
        .summary = "no Message-ID header",
        .repair = "<time.random@domain> is added: domain of From, else of the envelope sender, "
                  "else Hostname",
        .receivers = "Gmail: 550-5.7.1 ... Messages missing a valid Message-ID header are not "
                     "accepted (reported by several)",
        .hidden = "Postfix adds it before a milter looks for sendmail(1) and for clients in "
                  "local_header_rewrite_clients; Sendmail adds it after the milter",
        .detect = detect,
        .fix = fix,
};
