/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line-too-long.c: a content line longer than LineLimit.
 *
 * RFC 5322 2.1.1: "Each line of characters MUST be no more than 998 characters, and SHOULD be no
 * more than 78 characters, excluding the CRLF." Relays cut longer lines after the mail was signed.
 * Text is never broken: the leaf is encoded.
 */
#include <config.h>

#include "leaf-private.h"

static void
judge (const MmFacts *facts, const MmPart *part, MmPlace place, MmBytes octets,
       const MmScan *scan, MmFindings *out)
{
	gsize limit = facts->context->line_limit;

	if (scan->longest <= limit)
		return;
	mm_findings_add (out, place == MM_PLACE_CONTENT ? MM_SEVERITY_ERROR : MM_SEVERITY_NOTICE,
	                 part, place, -1, octets.data + scan->longest_at,
	                 "a line of %" G_GSIZE_FORMAT " octets, the limit is %" G_GSIZE_FORMAT,
	                 scan->longest, limit);
}

/* No line is longer where each stretch of one octet more holds a line end: from the last one in it
 * on the next stretch is looked at. */
static gboolean
may_be_too_long (const MmFacts *facts, MmBytes octets)
{
	gsize stretch = facts->context->line_limit + 1;

	while (octets.len >= stretch) {
		const char *lf = memrchr (octets.data, '\n', stretch);

		if (lf == NULL)
			return TRUE;
		octets = mm_bytes_sub (octets, (gsize) (lf - octets.data) + 1, octets.len);
	}
	return FALSE;
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmLeafVisit visit = {may_be_too_long, judge};

	if (facts->body.longest > facts->context->line_limit)
		mm_leaf_visit (facts, &visit, out);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	return mm_leaf_fix (facts, finding, FALSE, out, error);
}

const MmRule mm_rule_line_too_long = {
        .name = "line-too-long",
        .label = "LINE_TOO_LONG",
        .stage = MM_STAGE_CONTENT,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_LINES,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 2.1.1; RFC 5321 4.5.3.1.6",
        .summary = "a content line (any part) longer than LineLimit (998)",
        .repair = "that leaf is encoded; base64 is wrapped at 76",
        .receivers = "GMX and web.de: 501 Syntax error - line too long; OpenSMTPD: 500 5.0.0: Line "
                     "too long; Exim: message has lines too long for transport (reported by "
                     "several); Exchange: InvalidWrapping (documented)",
        .hidden = NULL,
        .detect = detect,
        .fix = fix,
};
