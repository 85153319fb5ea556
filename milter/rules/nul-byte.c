/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nul-byte.c: an octet 0 anywhere.
 *
 * RFC 5322 4: NUL is obsolete everywhere, RFC 2045 2.7, 2.8: not in 7bit nor 8bit data. In a leaf it
 * is data and is encoded; in a header it is deleted.
 */
#include <config.h>

#include "head-private.h"
#include "leaf-private.h"

static void
judge_content (const MmFacts *facts G_GNUC_UNUSED, const MmPart *part, MmPlace place,
               MmBytes octets, const MmScan *scan, MmFindings *out)
{
	if (scan->nul.count > 0)
		mm_findings_add (out,
		                 place == MM_PLACE_CONTENT ? MM_SEVERITY_ERROR
		                                           : MM_SEVERITY_NOTICE,
		                 part, place, -1, octets.data + scan->nul.first,
		                 "%" G_GSIZE_FORMAT " NUL octets", scan->nul.count);
}

static gboolean
has_nul (const MmFacts *facts G_GNUC_UNUSED, MmBytes octets)
{
	return mm_bytes_find (octets, '\0', 0) < octets.len;
}

static void
judge_headers (const MmPart *part, MmFindings *out)
{
	for (guint h = 0; h < part->headers->len; h++) {
		MmBytes line = mm_part_header (part, h)->line;
		if (mm_bytes_find (line, '\0', 0) < line.len)
			mm_find_header (out, MM_SEVERITY_ERROR, part, h, "a NUL octet in the header");
	}
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmLeafVisit visit = {has_nul, judge_content};

	if (facts->head.nul.count + facts->body.nul.count == 0)
		return;
	for (guint i = 0; i < facts->mime->parts->len; i++)
		judge_headers (mm_mime_part (facts->mime, i), out);
	if (facts->body.nul.count > 0)
		mm_leaf_visit (facts, &visit, out);
}

static void
append_without_nul (MmBytes in, MmBuffer *out)
{
	for (gsize at = 0; at < in.len;) {
		gsize nul = mm_bytes_find (in, '\0', at);

		mm_buffer_append (out, mm_bytes_sub (in, at, nul));
		at = nul + 1;
	}
}

/* Line by line: a continuation of which only blanks would be left goes with its octets, for such a
 * line ends the header for some relays. */
static void
append_mended (MmBytes field, MmBuffer *out)
{
	for (gsize at = 0; at < field.len;) {
		MmBytes line = mm_bytes_sub (field, at, field.len);
		gsize before = out->len;

		line.len = mm_line_length (line);
		append_without_nul (line, out);
		if (out->len - before < line.len && at > 0 &&
		    mm_bytes_trim (mm_bytes_sub (mm_buffer_bytes (out), before, out->len)).len == 0)
			out->len = before;
		at += line.len;
	}
}

static gboolean
fix_header (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const MmHeader *item = mm_part_header (part, (guint) finding->header);
	gsize colon = mm_bytes_find (item->line, ':', 0);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;
	g_auto (MmBuffer) value = MM_BUFFER_INIT;

	append_without_nul (mm_bytes_sub (item->line, colon + 1, item->line.len), &value);
	if (mm_bytes_trim (mm_buffer_bytes (&value)).len == 0)
		return mm_uncertain (error, "nothing would be left of the header");
	append_mended (item->line, &line);
	mm_edits_set_header_line (out, part, (guint) finding->header, mm_buffer_bytes (&line));
	return TRUE;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	if (finding->place == MM_PLACE_HEADER)
		return fix_header (facts, finding, out, error);
	return mm_leaf_fix (facts, finding, FALSE, out, error);
}

const MmRule mm_rule_nul_byte = {
        .name = "nul-byte",
        .label = "NUL_BYTE",
        .stage = MM_STAGE_BYTES,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_LINES,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 4; RFC 2045 2.7, 2.8",
        .summary = "an octet 0 anywhere",
        .repair = "a leaf is encoded; in a header the octet is deleted unless nothing would be left",
        .receivers = "Cyrus IMAP refuses the message; libraries cut or hang (reported by several)",
        .hidden = "Postfix cuts a header at the octet, Sendmail removes it; in bodies both keep it",
        .detect = detect,
        .fix = fix,
};
