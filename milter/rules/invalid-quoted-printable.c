/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-quoted-printable.c: quoted-printable that breaks its rules.
 *
 * RFC 2045 6.7: (1) "=" is followed by two hexadecimal digits or ends the line, (2) octets outside
 * 33 to 126 are encoded, (3) no blank ends a line, "any trailing white space on a line must be
 * deleted, as it will necessarily have been added by intermediate transport agents", (5) lines have
 * at most 76 characters; above that they harm nobody before LINE_TOO_LONG finds them.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "field-private.h"
#include "head-private.h"
#include "leaf-private.h"

/* In the order of MmQpFlaws; what comes first is told. */
static const char *const flaws[MM_QP_N_FLAWS] = {
	"a \"=\" without two hexadecimal digits or a line end behind it",
	"octets from 0x80 on, or control characters",
	"blanks before a line end",
	"a \"=\" at the very end",
	"an encoded line over 76 octets",
};

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		gsize at[MM_QP_N_FLAWS];
		guint found, flaw;

		if (part->kind != MM_PART_LEAF || part->encoding != MM_ENCODING_QP ||
		    !mm_field_part_is_judged (part) ||
		    (mm_part_is_text_in_qp (part) && part->qp.flawless))
			continue;
		found = mm_qp_check (part->content, facts->context->line_limit, at);
		if (found == 0)
			continue;
		flaw = (guint)g_bit_nth_lsf (found, -1);
		mm_findings_add (out,
				 found == MM_QP_LONG_LINE ? MM_SEVERITY_NOTICE : MM_SEVERITY_ERROR,
				 part, MM_PLACE_CONTENT, -1, part->content.data + at[flaw], "%s",
				 flaws[flaw]);
	}
}

/* RFC 3676: there a blank before a line end is what joins two lines. */
static gboolean
is_flowed (const MmPart *part)
{
	int at = mm_part_find_header (part, "Content-Type");
	g_auto (MmParameterized) p = {0};
	g_autofree char *format = NULL;

	if (at < 0)
		return FALSE;
	mm_grammar_parameterized (mm_part_header (part, (guint)at)->value, TRUE, &p);
	format = mm_parameter_get (&p, "format");
	return format != NULL && g_ascii_strcasecmp (format, "flowed") == 0;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint found = mm_qp_check (part->content, facts->context->line_limit, NULL);
	g_auto (MmBuffer) octets = mm_part_buffer (part);

	/* In embedded mail every finding is a notice, this too. */
	if (found == MM_QP_LONG_LINE)
		return mm_uncertain (error, "lines over 76 octets harm nobody");
	if ((found & MM_QP_TRAILING_BLANK) != 0 && is_flowed (part))
		return mm_uncertain (error, "blanks that end lines of flowed text may be meant");
	if (!mm_part_decode (part, &octets))
		return mm_uncertain (error, "out of memory");
	return mm_leaf_encode (facts, part, mm_buffer_bytes (&octets),
			       (found & MM_QP_RAW_OCTET) != 0, out, error);
}

const MmRule mm_rule_invalid_quoted_printable = {
	.name = "invalid-quoted-printable",
	.label = "INVALID_QUOTED_PRINTABLE",
	.stage = MM_STAGE_CONTENT,
	.severity = MM_SEVERITY_ERROR,
	.groups = MM_GROUP_MIME,
	.m365 = MM_M365_FIX,
	.citation = "RFC 2045 6.7",
	.summary =
		"a quoted-printable part with a = that is no escape, raw octets from 0x80 on or "
		"controls, blanks before a line end, or = at the very end (an encoded line of 77 "
		"to LineLimit octets is a notice)",
	.repair = "encoded again: raw octets stay content, a broken = becomes =3D, blanks that end "
		  "lines are dropped; flowed text with such blanks is left",
	.receivers = "Outlook decodes it wrongly (reported)",
	.hidden = NULL,
	.detect = detect,
	.fix = fix,
};
