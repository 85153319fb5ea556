/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encoded-message-id.c: an RFC 2047 word in Message-ID.
 *
 * RFC 2047 5: "An 'encoded-word' MUST NOT be used in ... any structured field body except within a
 * 'comment' or 'phrase'." Python's email package wrote an id of 78 octets and more so until 3.8; a
 * reader that decodes sees a good id, Microsoft 365 does not. Decoding gives the sender's own id
 * back, and replies still thread.
 */
#include <config.h>

#include "id-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (int at = mm_message_find (facts->message, "Message-ID", 0); at >= 0;
	     at = mm_message_find (facts->message, "Message-ID", (guint) at + 1))
		if (mm_id_is_encoded (mm_part_header (top, (guint) at)->value))
			mm_find_header (out, MM_SEVERITY_ERROR, top, at,
			                "the id is written as RFC 2047 encoded words");
}

const MmRule mm_rule_encoded_message_id = {
        .name = "encoded-message-id",
        .label = "ENCODED_MESSAGE_ID",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_IDENTIFICATION | MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2047 5; RFC 5322 3.6.4",
        .summary = "an RFC 2047 encoded word in Message-ID",
        .repair = "decoded to the sender's own id on one line; where that is none, as "
                  "INVALID_MESSAGE_ID",
        .receivers = "Microsoft 365: 554 5.6.0 Corrupt message content; "
                     "STOREDRV.Deliver.Exception:ConversionFailedException (reported once); Gmail "
                     "and Outlook add a second id, threads break (reported by several)",
        .detect = detect,
        .fix = mm_id_mend,
};
