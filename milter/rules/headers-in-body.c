/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * headers-in-body.c: an empty line in the middle of the header: the rest of it begins the body.
 *
 * RFC 5322 2.1: the header is "followed by an empty line" and then the body. Where a program wrote
 * that line too early, MIME fields slid into the body and are shown as text, boundaries with them.
 */
#include <config.h>

#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	guint n;

	if (mm_head_has_slid (facts, &n))
		mm_findings_add (out, MM_SEVERITY_ERROR, mm_mime_part (facts->mime, 0),
		                 MM_PLACE_SEPARATOR, -1, mm_message_body (facts->message).data,
		                 "the body begins with %u fields, MIME fields that the header lacks "
		                 "among them",
		                 n);
}

const MmRule mm_rule_headers_in_body = {
        .name = "headers-in-body",
        .label = "HEADERS_IN_BODY",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_LOG,
        .citation = "RFC 5322 2.1; RFC 2045 3",
        .summary = "the body begins with two or more fields and an empty line; one is a MIME field "
                   "that the header lacks",
        .repair = NULL,
        .receivers = "MIME fields and boundaries are shown as text (reported by several, PHP 8 and "
                     "CPython senders)",
        .hidden = NULL,
        .detect = detect,
};
