/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * non-canonical-line-endings.c: CR or LF alone, or CR CR LF.
 *
 * RFC 5322 2.3: "CR and LF MUST only occur together as CRLF; they MUST NOT appear independently in
 * the body." In text they are made canonical; data that is no text is encoded, so that its octets
 * stay.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "head-private.h"
#include "leaf-private.h"

static void
judge (const MmFacts *facts, const MmPart *part, MmPlace place, int header, MmBytes octets,
       MmFindings *out)
{
	MmScan scan = mm_leaf_scan (facts, octets);
	gsize first = G_MAXSIZE;

	if (!mm_scan_has_bad_line_ends (&scan))
		return;
	if (scan.lone_cr.count > 0)
		first = MIN (first, scan.lone_cr.first);
	if (scan.lone_lf.count > 0)
		first = MIN (first, scan.lone_lf.first);
	if (scan.cr_cr_lf.count > 0)
		first = MIN (first, scan.cr_cr_lf.first);
	mm_findings_add (out, MM_SEVERITY_ERROR, part, place, header, octets.data + first,
	                 "%" G_GSIZE_FORMAT " CR alone, %" G_GSIZE_FORMAT " LF alone, "
	                 "%" G_GSIZE_FORMAT " CR CR LF",
	                 scan.lone_cr.count, scan.lone_lf.count, scan.cr_cr_lf.count);
}

static void
judge_headers (const MmFacts *facts, const MmPart *part, MmFindings *out)
{
	for (guint h = 0; h < part->headers->len; h++)
		judge (facts, part, MM_PLACE_HEADER, (int) h, mm_part_header (part, h)->line, out);
}

/* The empty line behind the header block. */
static MmBytes
separator_of (const MmFacts *facts, const MmPart *part)
{
	const char *from = mm_bytes_end (part->block);

	if (part->number == 0)
		return mm_message_separator (facts->message);
	return part->separated ? mm_bytes (from, (gsize) (part->content.data - from))
	                       : mm_bytes (NULL, 0);
}

/* A leaf is judged with the line end behind it: CR CR LF may straddle the border. */
static MmBytes
leaf_octets (const MmPart *part)
{
	return mm_bytes (part->content.data, part->content.len + part->line_end.len);
}

static void
judge_delimiters (const MmFacts *facts, const MmPart *part, MmFindings *out)
{
	for (guint i = 0; i < part->delimiters->len; i++)
		judge (facts, part, MM_PLACE_DELIMITER, -1,
		       g_array_index (part->delimiters, MmBytes, i), out);
}

static void
judge_part (const MmFacts *facts, const MmPart *part, MmFindings *out)
{
	judge_headers (facts, part, out);
	judge (facts, part, MM_PLACE_SEPARATOR, -1, separator_of (facts, part), out);
	if (part->kind == MM_PART_LEAF)
		judge (facts, part, MM_PLACE_CONTENT, -1, leaf_octets (part), out);
	if (part->kind != MM_PART_MULTIPART)
		return;
	judge (facts, part, MM_PLACE_PREAMBLE, -1, mm_part_preamble (part), out);
	judge_delimiters (facts, part, out);
	if (part->epilogue.len > 0)
		judge (facts, part, MM_PLACE_EPILOGUE, -1, mm_part_epilogue (part), out);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	if (!mm_scan_has_bad_line_ends (&facts->head) && !mm_scan_has_bad_line_ends (&facts->body))
		return;
	for (guint i = 0; i < facts->mime->parts->len; i++)
		judge_part (facts, mm_mime_part (facts->mime, i), out);
}

/* ---- mending ---------------------------------------------------------------------------------------------- */

static void
replace_if_changed (const MmPart *part, MmBytes range, MmBareCr bare_cr, MmEdits *out)
{
	g_auto (MmBuffer) mended = mm_part_buffer (part);

	if (range.len > 0 && mm_line_ends_mend (range, bare_cr, &mended) &&
	    !mm_bytes_equal (range, mm_buffer_bytes (&mended)))
		mm_edits_replace (out, range, &mended);
}

static gboolean
fix_header (const MmPart *part, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmHeader *item = mm_part_header (part, (guint) finding->header);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (!mm_line_ends_mend (item->line, MM_BARE_CR_SPACE, &line))
		return mm_uncertain (error, "out of memory");
	if (line.len > 0 && mm_is_wsp (line.data[0]))
		return mm_uncertain (error, "a space there would join it to the field above");
	if (mm_bytes_find (item->line, '\r', 0) < mm_bytes_find (item->line, ':', 0) &&
	    mm_bytes_find (item->line, ':', 0) < item->line.len)
		return mm_uncertain (error, "a space in the name would make it no field");
	mm_edits_set_header_line (out, part, (guint) finding->header, mm_buffer_bytes (&line));
	return TRUE;
}

static gboolean
fix_separator (const MmFacts *facts, const MmPart *part, MmEdits *out)
{
	if (part->number == 0)
		mm_edits_set_separator (out, mm_bytes_str ("\r\n"));
	else
		replace_if_changed (part, separator_of (facts, part), MM_BARE_CR_SPACE, out);
	return TRUE;
}

/* What is no text is encoded as it is; only the line end behind it is the delimiter's. */
static gboolean
encode_leaf (const MmFacts *facts, const MmPart *part, MmEdits *out, GError **error)
{
	MmScan scan = mm_leaf_scan (facts, part->content);
	g_auto (MmBuffer) octets = mm_part_buffer (part);

	replace_if_changed (part, part->line_end, MM_BARE_CR_SPACE, out);
	if (!mm_scan_has_bad_line_ends (&scan))
		return TRUE;
	return mm_part_decode (part, &octets) &&
	       mm_leaf_encode (facts, part, mm_buffer_bytes (&octets), FALSE, out, error);
}

/* A quoted-printable leaf is mended as it stands if that says the same when decoded. */
static gboolean
mends_as_it_stands (const MmPart *part, MmBareCr bare_cr)
{
	g_auto (MmBuffer) mended = mm_part_buffer (part);
	g_auto (MmBuffer) old = mm_part_buffer (part);
	g_auto (MmBuffer) old_mended = mm_part_buffer (part);
	g_auto (MmBuffer) new = mm_part_buffer (part);

	return part->encoding != MM_ENCODING_QP ||
	       (mm_line_ends_mend (leaf_octets (part), bare_cr, &mended) &&
	        mm_qp_decode (mm_buffer_bytes (&mended), &new) &&
	        mm_qp_decode (leaf_octets (part), &old) &&
	        mm_line_ends_mend (mm_buffer_bytes (&old), bare_cr, &old_mended) &&
	        mm_bytes_equal (mm_buffer_bytes (&new), mm_buffer_bytes (&old_mended)));
}

/* Line ends become canonical, the rest is encoded: with BareCr = encode a lone CR stays content. */
static gboolean
mend_and_encode (const MmFacts *facts, const MmPart *part, MmEdits *out, GError **error)
{
	g_auto (MmBuffer) octets = mm_part_buffer (part);
	g_auto (MmBuffer) mended = mm_part_buffer (part);

	replace_if_changed (part, part->line_end, MM_BARE_CR_SPACE, out);
	return mm_part_decode (part, &octets) &&
	       mm_line_ends_mend (mm_buffer_bytes (&octets), facts->context->bare_cr, &mended) &&
	       mm_leaf_encode (facts, part, mm_buffer_bytes (&mended), FALSE, out, error);
}

static gboolean
fix_leaf (const MmFacts *facts, const MmPart *found, MmEdits *out, GError **error)
{
	MmPart read = *found;
	const MmPart *part = &read;
	MmScan scan = mm_leaf_scan (facts, part->content);
	MmBareCr bare_cr = facts->context->bare_cr;

	/* As UNKNOWN_TRANSFER_ENCODING will have it later. */
	read.encoding = mm_part_evident_encoding (found);
	if (part->sealed || part->encoding == MM_ENCODING_UNKNOWN)
		return mm_uncertain (error, "what these line ends mean is not certain");
	if (part->encoding == MM_ENCODING_BASE64) {
		replace_if_changed (part, leaf_octets (part), MM_BARE_CR_CRLF, out);
		return TRUE;
	}
	if (!mm_leaf_is_plain_text (part, part->content))
		return encode_leaf (facts, part, out, error);
	if ((bare_cr == MM_BARE_CR_ENCODE && scan.lone_cr.count > 0) ||
	    !mends_as_it_stands (part, bare_cr))
		return mend_and_encode (facts, part, out, error);
	replace_if_changed (part, leaf_octets (part), bare_cr, out);
	return TRUE;
}

static gboolean
fix_delimiters (const MmPart *part, MmEdits *out)
{
	for (guint i = 0; i < part->delimiters->len; i++)
		replace_if_changed (part, g_array_index (part->delimiters, MmBytes, i),
		                    MM_BARE_CR_SPACE, out);
	return TRUE;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	MmBareCr around = mm_bare_cr_around_parts (facts->context->bare_cr);

	switch (finding->place) {
	case MM_PLACE_HEADER:
		return fix_header (part, finding, out, error);
	case MM_PLACE_SEPARATOR:
		return fix_separator (facts, part, out);
	case MM_PLACE_CONTENT:
		return fix_leaf (facts, part, out, error);
	case MM_PLACE_PREAMBLE:
		replace_if_changed (part, mm_part_preamble (part), around, out);
		return TRUE;
	case MM_PLACE_EPILOGUE:
		replace_if_changed (part, mm_part_epilogue (part), around, out);
		return TRUE;
	default:
		return fix_delimiters (part, out);
	}
}

const MmRule mm_rule_non_canonical_line_endings = {
        .name = "non-canonical-line-endings",
        .label = "NON_CANONICAL_LINE_ENDINGS",
        .stage = MM_STAGE_BYTES,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_LINES,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 2.3; RFC 5321 2.3.8",
        .summary = "CR or LF alone, or CR CR LF",
        .repair = "made CRLF, a CR alone one space (BareCr); what is no text is encoded, octets "
                  "unchanged",
        .receivers = "Exchange Online: 550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal (documented); "
                     "others: 552 5.2.0 Message contains bare CR (reported)",
        .hidden = "Postfix makes line ends canonical and a CR alone a space before a milter looks; "
                  "Sendmail refuses the message",
        .detect = detect,
        .fix = fix,
};
