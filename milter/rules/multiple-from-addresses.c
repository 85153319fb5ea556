/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * multiple-from-addresses.c: several authors, and nobody who sent the message.
 *
 * RFC 5322 3.6.2: "If the from field contains more than one mailbox specification in the
 * mailbox-list, then the sender field ... MUST appear in the message." Which of them it was cannot
 * be told.
 */
#include <config.h>

#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	int at = mm_message_find (facts->message, "From", 0);
	guint n;

	if (at < 0 || mm_message_find (facts->message, "From", (guint) at + 1) >= 0)
		return;
	if (mm_head_needs_sender (facts, mm_part_header (top, (guint) at)->value, &n))
		mm_find_header (out, MM_SEVERITY_ERROR, top, at,
		                "From holds %u addresses and there is no Sender", n);
}

const MmRule mm_rule_multiple_from_addresses = {
        .name = "multiple-from-addresses",
        .label = "MULTIPLE_FROM_ADDRESSES",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_LOG,
        .citation = "RFC 5322 3.6.2",
        .summary = "several mailboxes in the only From, and no Sender",
        .repair = NULL,
        .receivers = "Gmail: 550-5.7.1 Messages with multiple addresses in From: header are not "
                     "accepted (reported by several)",
        .hidden = NULL,
        .detect = detect,
        .fix = NULL,
};
