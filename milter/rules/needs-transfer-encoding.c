/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * needs-transfer-encoding.c: octets from 0x80 on in a leaf that does not say so, or must not.
 *
 * RFC 2045 6.2: 7bit data has no octets with decimal values greater than 127. A leaf that declares
 * 8bit or binary is right, but hops without 8BITMIME convert it late, after the DKIM signer: with
 * EightBit = never that is a finding too, a warning.
 */
#include <config.h>

#include "leaf-private.h"

static gboolean
declares_8bit (const MmPart *part)
{
	return part->encoding == MM_ENCODING_8BIT || part->encoding == MM_ENCODING_BINARY;
}

static void
judge (const MmFacts *facts, const MmPart *part, MmPlace place, MmBytes octets,
       const MmScan *scan, MmFindings *out)
{
	MmSeverity severity = MM_SEVERITY_ERROR;

	if (scan->eightbit.count == 0)
		return;
	if (place != MM_PLACE_CONTENT)
		severity = MM_SEVERITY_NOTICE;
	else if (declares_8bit (part))
		severity = MM_SEVERITY_WARNING;
	if (severity == MM_SEVERITY_WARNING && facts->context->eight_bit == MM_EIGHTBIT_DECLARED)
		return;
	mm_findings_add (out, severity, part, place, -1, octets.data + scan->eightbit.first,
	                 "%" G_GSIZE_FORMAT " octets of 8 bits in content that %s",
	                 scan->eightbit.count,
	                 declares_8bit (part) ? "declares them" : "declares none");
}

static gboolean
has_8bit (const MmFacts *facts G_GNUC_UNUSED, MmBytes octets)
{
	return mm_bytes_has_8bit (octets);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmLeafVisit visit = {has_8bit, judge};

	if (facts->body.eightbit.count > 0)
		mm_leaf_visit (facts, &visit, out);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	return mm_leaf_fix (facts, finding, TRUE, out, error);
}

const MmRule mm_rule_needs_transfer_encoding = {
        .name = "needs-transfer-encoding",
        .label = "NEEDS_TRANSFER_ENCODING",
        .stage = MM_STAGE_CONTENT,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_LINES,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2045 6.2, 6.3; RFC 6152",
        .summary = "octets from 0x80 on in a leaf: an error unless 8bit or binary is declared, "
                   "then a warning unless EightBit = declared",
        .repair = "that leaf is encoded, with a charset if one can be told",
        .receivers = "Exchange: UnexpectedBinaryContent (documented); a relay that converts to 7bit "
                     "breaks DKIM (reported by several)",
        .hidden = "Postfix with force_mime_input_conversion = yes encodes declared 8bit before a "
                  "milter looks",
        .detect = detect,
        .fix = fix,
};
