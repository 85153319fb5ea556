/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unknown-transfer-encoding.c: a Content-Transfer-Encoding that is none of the five.
 *
 * RFC 2045 6.1: mechanism := "7bit" / "8bit" / "binary" / "quoted-printable" / "base64" / ...;
 * RFC 2045 6.4: a reader of any other must treat the part as application/octet-stream. What the
 * evident one is, mm_part_evident_encoding () says, for the proof that nothing was lost too.
 */
#include <config.h>

#include "field-private.h"
#include "head-private.h"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		g_autofree char *text = NULL;
		int at;

		if (part->encoding != MM_ENCODING_UNKNOWN || !mm_field_part_is_judged (part))
			continue;
		at = mm_part_find_header (part, "Content-Transfer-Encoding");
		text = mm_bytes_printable (mm_bytes_str (part->encoding_text), 40);
		mm_find_header (out, MM_SEVERITY_ERROR, part, at,
				"the Content-Transfer-Encoding \"%s\" is not known", text);
	}
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const char *name = mm_encoding_name (mm_part_evident_encoding (part));
	g_autofree char *value = g_strconcat (" ", name, NULL);

	if (name == NULL)
		return mm_uncertain (error, "no encoding is the evident one");
	if (!mm_field_may_edit (facts, part, (guint)finding->header, error))
		return FALSE;
	mm_field_set (out, part, (guint)finding->header, mm_bytes_str (value));
	/* With 8-bit content it is MISSING_MIME_VERSION that knows whether a version may be added.
	 */
	return facts->body.eightbit.count > 0 || mm_head_ensure_mime_version (facts, out, error);
}

const MmRule mm_rule_unknown_transfer_encoding = {
	.name = "unknown-transfer-encoding",
	.label = "UNKNOWN_TRANSFER_ENCODING",
	.stage = MM_STAGE_MIME,
	.severity = MM_SEVERITY_ERROR,
	.groups = MM_GROUP_MIME,
	.m365 = MM_M365_FIX,
	.citation = "RFC 2045 6.1, 6.4",
	.summary = "a Content-Transfer-Encoding (any part) that is not 7bit, 8bit, binary, "
		   "quoted-printable or base64, comments and blanks at its end aside",
	.repair =
		"the evident one is written: a known name in quotes, in an encoded word or with "
		"other dashes, 7bit or 8bit where a charset or nothing is named; where the content "
		"does not fit it is left",
	.receivers =
		"Exchange: InvalidTransferEncoding (documented); quoted-printable is shown raw "
		"(reported)",
	.hidden = NULL,
	.detect = detect,
	.fix = fix,
};
