/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missing-mime-version.c: no MIME-Version, or another one than 1.0.
 *
 * RFC 2045 4: "Messages composed in accordance with this document MUST include such a header field,
 * with the following verbatim text: MIME-Version: 1.0". Comments do not count. In mail without any
 * Content-* it is only good manners.
 */
#include <config.h>

#include <mailmend/error.h>

#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	int at = mm_part_find_header (top, "MIME-Version");

	if (at >= 0 && !mm_head_is_mime_version (mm_part_header (top, (guint) at)->value))
		mm_find_header (out, MM_SEVERITY_ERROR, top, at, "the version is not 1.0");
	else if (at < 0 && !mm_head_has (facts, "MIME-Version"))
		mm_findings_add (out,
		                 mm_mime_has_content_headers (facts->mime) ? MM_SEVERITY_ERROR
		                                                           : MM_SEVERITY_WARNING,
		                 top, MM_PLACE_BLOCK, -1, top->block.data,
		                 "there is no MIME-Version field");
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	g_autofree char *name = NULL;

	/* A conflict, not a refusal: the leaf may be encoded in this very round. */
	if (mm_head_has_undeclared_8bit (facts)) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_CONFLICT,
		                     "8-bit content is not encoded");
		return FALSE;
	}
	if (finding->place != MM_PLACE_HEADER)
		return mm_head_add (facts, "MIME-Version", "1.0", out, error);
	name = mm_bytes_dup (mm_part_header (top, (guint) finding->header)->name);
	mm_edits_set_header (out, top, (guint) finding->header, name, mm_bytes_str (" 1.0"));
	return TRUE;
}

const MmRule mm_rule_missing_mime_version = {
        .name = "missing-mime-version",
        .label = "MISSING_MIME_VERSION",
        .stage = MM_STAGE_CONTENT,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME | MM_GROUP_MISSING,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2045 4",
        .summary = "no MIME-Version, or not 1.0 (a warning in mail without any Content-*)",
        .repair = "MIME-Version: 1.0 is added or set, unless 8-bit content stays as it is",
        .receivers = "receivers may take the message as plain text (inferred)",
        .hidden = NULL,
        .detect = detect,
        .fix = fix,
};
