/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blank-continuation.c: a continuation line of white space only.
 *
 * RFC 5322 3.2.2: "where CFWS occurs in this specification, it MUST NOT be inserted in such a way
 * that any line of a folded header field is made up entirely of WSP characters and nothing else."
 * Some readers take such a line for the end of the header.
 */
#include <config.h>

#include "field-private.h"
#include "head-private.h"

static gboolean
is_blank (MmBytes line)
{
	for (gsize i = 0; i < line.len; i++)
		if (!mm_is_space (line.data[i]))
			return FALSE;
	return TRUE;
}

/* Appends the lines of @item that are not blank continuations to @out, if that is not NULL. Returns
 * where the first blank one begins, NULL: nowhere. */
static const char *
sift (const MmHeader *item, MmBuffer *out)
{
	const char *first = NULL;

	for (gsize at = 0; at < item->line.len;) {
		gsize len = mm_line_length (mm_bytes_sub (item->line, at, item->line.len));
		MmBytes line = mm_bytes_sub (item->line, at, at + len);
		gboolean blank = at > 0 && is_blank (line);

		if (blank && first == NULL)
			first = line.data;
		if (!blank && out != NULL)
			mm_buffer_append (out, line);
		at += len;
	}
	return first;
}

static void
judge (const MmPart *top, guint h, MmFindings *out)
{
	const MmHeader *item = mm_part_header (top, h);
	const char *at = item->is_field ? sift (item, NULL) : NULL;
	g_autofree char *name = NULL;

	if (at == NULL || mm_head_is_empty (item))
		return;
	name = mm_bytes_printable (item->name, 60);
	mm_findings_add (out, MM_SEVERITY_ERROR, top, MM_PLACE_HEADER, (int) h, at,
	                 "%s goes on with a line of white space only", name);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (guint h = 0; h < top->headers->len; h++)
		judge (top, h, out);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *top = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	const MmHeader *item = mm_part_header (top, at);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (!mm_field_may_edit (facts, top, at, error))
		return FALSE;
	sift (item, &line);
	if (line.failed)
		return mm_uncertain (error, "out of memory");
	/* a milter cannot set a field to nothing at all: that deletes it */
	if (mm_bytes_trim (item->value).len == 0)
		mm_field_set (out, top, at, mm_bytes_str (" "));
	else
		mm_edits_set_header_line (out, top, at, mm_buffer_bytes (&line));
	return TRUE;
}

const MmRule mm_rule_blank_continuation = {
        .name = "blank-continuation",
        .label = "BLANK_CONTINUATION",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.2.2",
        .summary = "a continuation line of white space only in a header",
        .repair = "that line is dropped",
        .receivers = "a relay takes the line as the end of the header; Exchange 2010 and Outlook "
                     "2010 write such lines in References (reported once)",
        .hidden = NULL,
        .detect = detect,
        .fix = fix,
};
