/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * composite-transfer-encoding.c: quoted-printable or base64 on a multipart or a message.
 *
 * RFC 2045 6.4: "it is EXPRESSLY FORBIDDEN to use any encodings other than "7bit", "8bit", or
 * "binary" with any composite media type". RFC 6532 3.7 and RFC 6533 allow it for message/global and
 * its kin. Mostly nothing is encoded and the field is wrong; where the delimiter lines and the
 * headers behind them stand raw, that is certain.
 */
#include <config.h>

#include <mailmend/error.h>

#include "boundary-private.h"
#include "field-private.h"
#include "head-private.h"

static gboolean
may_not_be_encoded (const MmPart *part)
{
	return g_str_has_prefix (part->type, "multipart/") ||
	       (g_str_has_prefix (part->type, "message/") &&
	        !g_str_has_prefix (part->type, "message/global"));
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if ((part->encoding == MM_ENCODING_QP || part->encoding == MM_ENCODING_BASE64) &&
		    may_not_be_encoded (part))
			mm_find_header (out, MM_SEVERITY_ERROR, part, part->encoding_at,
			                "%s must not be %s", part->type, part->encoding_text);
	}
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	gboolean is_8bit = facts->body.eightbit.count > 0 && mm_bytes_has_8bit (part->content);
	const MmPart *child;

	if (part->kind != MM_PART_MULTIPART || mm_part_end (facts->mime, part) == part->number + 1)
		return mm_uncertain (error, "it may be encoded indeed");
	child = mm_mime_part (facts->mime, part->number + 1);
	if (child->veiled)
		return mm_uncertain (error, "it may be encoded indeed");
	if (child->sealed)
		return mm_uncertain (error, "it is signed or encrypted");
	if (mm_boundary_stands_twice (part, "Content-Transfer-Encoding") ||
	    mm_boundary_stands_twice (part, "Content-Type"))
		return mm_uncertain (error, "Content-* fields stand twice");
	if (!mm_field_may_edit (facts, part, (guint) finding->header, error))
		return FALSE;
	/* A conflict, not a refusal: the close line may come in this very round. */
	if (!part->closed) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_CONFLICT,
		                     "the multipart is not closed");
		return FALSE;
	}
	mm_field_set (out, part, (guint) finding->header,
	              mm_bytes_str (is_8bit ? " 8bit" : " 7bit"));
	/* With 8-bit content it is MISSING_MIME_VERSION that knows whether a version may be added. */
	return facts->body.eightbit.count > 0 || mm_head_ensure_mime_version (facts, out, error);
}

const MmRule mm_rule_composite_transfer_encoding = {
        .name = "composite-transfer-encoding",
        .label = "COMPOSITE_TRANSFER_ENCODING",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2045 6.4",
        .summary = "quoted-printable or base64 on multipart/* or message/* (message/global "
                   "excepted)",
        .repair = "7bit or 8bit on a multipart whose delimiter lines and part headers stand raw; "
                  "message/* is left",
        .receivers = "Exchange: InvalidTransferEncoding (documented); quoted-printable is shown raw "
                     "(reported by several)",
        .hidden = NULL,
        .detect = detect,
        .fix = fix,
};
