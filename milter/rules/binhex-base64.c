/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * binhex-base64.c: a part of a BinHex type that is in base64.
 *
 * RFC 1741: application/mac-binhex40 is a text of seven-bit lines of its own and needs no
 * encoding. What comes under it in base64 is nearly always the bare file, and Exchange then calls
 * the whole message corrupt.
 */
#include <config.h>

#include "field-private.h"
#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (mm_part_is_binhex_in_base64 (part) && mm_field_part_is_judged (part))
			mm_find_header (out, MM_SEVERITY_ERROR, part,
					mm_part_find_header (part, "Content-Type"), "%s in base64",
					part->type);
	}
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint)finding->header;
	MmBytes value = mm_part_header (part, at)->value;
	g_auto (MmParameterized) p = {0};
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	gsize from;

	if (!mm_field_may_edit (facts, part, at, error))
		return FALSE;
	mm_grammar_parameterized (value, TRUE, &p);
	from = (gsize)(p.type.data - value.data);
	mm_buffer_append (&text, mm_bytes_sub (value, 0, from));
	mm_buffer_append_str (&text, "application/octet-stream");
	mm_buffer_append (&text, mm_bytes_sub (value, from + p.type.len, value.len));
	mm_field_set (out, part, at, mm_buffer_bytes (&text));
	return facts->body.eightbit.count > 0 || mm_head_ensure_mime_version (facts, out, error);
}

const MmRule mm_rule_binhex_base64 = {
	.name = "binhex-base64",
	.label = "BINHEX_BASE64",
	.stage = MM_STAGE_MIME,
	.severity = MM_SEVERITY_ERROR,
	.groups = MM_GROUP_MIME,
	.m365 = MM_M365_FIX,
	.citation = "RFC 1741",
	.summary = "application/mac-binhex40 or application/x-mac-binhex40 in base64",
	.repair =
		"the type becomes application/octet-stream; octets, name and all other parameters "
		"stay",
	.receivers = "Exchange: 554 5.6.0 STOREDRV.Deliver; Corrupt message content (documented)",
	.hidden = NULL,
	.detect = detect,
	.fix = fix,
};
