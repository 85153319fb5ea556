/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-message-id.c: a Message-ID that is not exactly one <left@right>.
 *
 * RFC 5322 3.6.4: msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]. Judged on the decoded value
 * and without a fold inside the brackets: those have labels of their own.
 */
#include <config.h>

#include "id-private.h"

static const char *const faults[] = {
        [MM_MSGID_BRACKETS] = "the angle brackets are missing or doubled",
        [MM_MSGID_EMPTY] = "it is empty",
        [MM_MSGID_NO_AT] = "it has neither brackets nor an @",
        [MM_MSGID_NO_AT_INSIDE] = "there is no left@right inside the brackets",
        [MM_MSGID_BLANK_INSIDE] = "there is a blank inside the brackets",
        [MM_MSGID_SEVERAL] = "there is more than one id",
        [MM_MSGID_TEXT_BESIDE] = "there is text beside the id",
        [MM_MSGID_NON_ASCII] = "it holds octets that are not printable ASCII",
        [MM_MSGID_INVALID] = "it is no id",
};

static void
judge (const MmFacts *facts, const MmPart *top, int at, MmFindings *out)
{
	g_auto (MmIdReading) reading = {0};

	mm_id_read (facts, mm_part_header (top, (guint) at)->value, &reading);
	if (reading.undecodable)
		mm_find_header (out, MM_SEVERITY_ERROR, top, at, "its encoded word does not decode");
	else if (reading.msgid.shape != MM_MSGID_VALID)
		mm_find_header (out, MM_SEVERITY_ERROR, top, at, "%s", faults[reading.msgid.shape]);
	else if (reading.msgid.odd)
		mm_find_header (out, MM_SEVERITY_NOTICE, top, at,
		                "odd dots or specials in the id; receivers take it");
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (int at = mm_message_find (facts->message, "Message-ID", 0); at >= 0;
	     at = mm_message_find (facts->message, "Message-ID", (guint) at + 1))
		judge (facts, top, at, out);
}

const MmRule mm_rule_invalid_message_id = {
        .name = "invalid-message-id",
        .label = "INVALID_MESSAGE_ID",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_IDENTIFICATION | MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.6.4",
        .summary = "Message-ID is not exactly one <left@right> of printable ASCII",
        .repair = "brackets set or reduced; an empty or undecodable id, or one without @ and "
                  "brackets, is replaced and kept in X-Original-Message-ID; else left",
        .receivers = "Gmail: 550-5.7.1 ... Messages missing a valid Message-ID header are not "
                     "accepted (reported by several)",
        .detect = detect,
        .fix = mm_id_mend,
};
