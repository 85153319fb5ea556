/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header-line-too-long.c: a line in a header block of more than 998 octets.
 *
 * RFC 5322 2.1.1: "Each line of characters MUST be no more than 998 characters". The LineLimit of
 * the policy is about content: a server that relays cuts only what is really too long.
 */
#include <config.h>

#include <mailmend/error.h>

#include "fold-private.h"
#include "head-private.h"

/* Octets of @line without its line end, as a scan counts them. */
static gsize
line_text_length (MmBytes line)
{
	gsize len = line.len;

	if (len > 0 && line.data[len - 1] == '\n')
		len--;
	if (len > 0 && len < line.len && line.data[len - 1] == '\r')
		len--;
	return len;
}

/* The first line of @item that is too long. */
static gboolean
find_long_line (const MmHeader *item, const char **out_at, gsize *out_length)
{
	for (gsize at = 0; at < item->line.len;) {
		MmBytes rest = mm_bytes_sub (item->line, at, item->line.len);
		MmBytes line = mm_bytes_sub (rest, 0, mm_line_length (rest));

		*out_at = line.data;
		*out_length = line_text_length (line);
		if (*out_length > MM_HEADER_LINE_MAX)
			return TRUE;
		at += line.len;
	}
	return FALSE;
}

static void
judge (const MmPart *part, guint at, MmFindings *out)
{
	const MmHeader *item = mm_part_header (part, at);
	g_autofree char *name = NULL;
	const char *start;
	gsize length;

	if (!find_long_line (item, &start, &length))
		return;
	name = item->is_field ? mm_bytes_printable (item->name, 60)
	                      : g_strdup ("what is no field");
	mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_HEADER, (int) at, start,
	                 "a line of %s has %" G_GSIZE_FORMAT " octets", name, length);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		const MmScan *scan = i == 0 ? &facts->head : &facts->body;

		if (scan->longest <= MM_HEADER_LINE_MAX || part->block.len <= MM_HEADER_LINE_MAX ||
		    !mm_field_part_is_judged (part))
			continue;
		for (guint at = 0; at < part->headers->len; at++)
			judge (part, at, out);
	}
}

/* The line folded; if that does not help, with its long encoded words split first. */
static gboolean
write_line (const MmHeader *item, MmBuffer *line)
{
	MmFieldKind kind = mm_field_kind (item->name);
	g_auto (MmBuffer) split = MM_BUFFER_INIT;
	gsize name;

	mm_buffer_append (line, mm_bytes (item->name.data, item->name.len + item->blanks.len));
	mm_buffer_append_c (line, ':');
	name = line->len;
	if (mm_fold_value (kind, item->value, line))
		return TRUE;
	mm_buffer_append (&split, mm_buffer_bytes (line));
	return mm_fold_split_words (kind, item->value, &split) &&
	       mm_fold_value (kind, mm_bytes_sub (mm_buffer_bytes (&split), name, split.len),
	                      line) &&
	       mm_field_says_the_same (item->value,
	                               mm_bytes_sub (mm_buffer_bytes (line), name, line->len));
}

/* Raw octets that become encoded words in this very round may bring places to fold at: then it is a
 * conflict, which waits for new facts, and no refusal. */
static gboolean
refuse (const MmHeader *item, GError **error)
{
	if (!mm_bytes_has_8bit (item->value))
		return mm_uncertain (error, "there is no place where the line may be folded");
	g_set_error_literal (error, MM_ERROR, MM_ERROR_CONFLICT,
	                     "raw octets stand where the line would be folded");
	return FALSE;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	const MmHeader *item = mm_part_header (part, at);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (!mm_field_may_edit (facts, part, at, error))
		return FALSE;
	if (!write_line (item, &line))
		return refuse (item, error);
	mm_field_set_line (out, part, at, &line);
	return TRUE;
}

const MmRule mm_rule_header_line_too_long = {
        .name = "header-line-too-long",
        .label = "HEADER_LINE_TOO_LONG",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS | MM_GROUP_LINES,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 2.1.1",
        .summary = "a line of a header (any part) longer than 998 octets, whatever LineLimit is",
        .repair = "folded at white space that stands there, never in a URI or an id; one long "
                  "encoded word is written as words of at most 75; else left",
        .receivers = "servers cut or refuse such lines (reported by several); a client for "
                     "outlook.com loses what stands behind octet 1000 of a field (reported once)",
        .detect = detect,
        .fix = fix,
};
