/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * charset-mismatch.c: text that does not decode in the charset it is said to be in.
 *
 * RFC 2046 4.1.2. What senders mean counts: gb2312 is read as gb18030, iso-8859-1 as windows-1252.
 * Text that says nothing is US-ASCII (RFC 2045 5.2), calendar objects, cards and tables UTF-8 (RFC
 * 5545 3.1.4, RFC 6350 3.1, RFC 7111 5.1); raw octets in it are NEEDS_TRANSFER_ENCODING alone.
 * Attachments are files, whose text is nobody's business.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "charset-private.h"
#include "head-private.h"

/* Types whose text may name its charset itself. */
static const char *const marked_up[] = {"text/html", "text/xml", NULL};

static gboolean
has_type (const MmPart *part, const char *const *types)
{
	return g_strv_contains (types, part->type);
}

static gboolean
is_encoded (const MmPart *part)
{
	return part->encoding == MM_ENCODING_QP || part->encoding == MM_ENCODING_BASE64;
}

/* What text without a charset is in. NULL: nothing can be said. */
static char *
default_charset (const MmPart *part, MmBytes octets)
{
	static const char *const utf8[] = {"text/calendar", "text/vcard", "text/csv", NULL};
	g_autofree char *inside = NULL;

	if (!is_encoded (part))
		return NULL;
	if (has_type (part, utf8))
		return g_strdup ("utf-8");
	if (has_type (part, marked_up))
		inside = mm_charset_named_inside (octets, strchr (part->type, '/') + 1);
	return inside != NULL ? g_steal_pointer (&inside) : g_strdup ("us-ascii");
}

/* The charset that @octets must decode in; NULL if there is none, or it is UNKNOWN_CHARSET's
 * matter, or iconv does not know it. */
static char *
charset_of (const MmPart *part, MmBytes octets)
{
	g_autofree char *charset = part->charset != NULL ? g_strdup (part->charset)
	                                                 : default_charset (part, octets);
	const char *meant;

	if (charset == NULL)
		return NULL;
	if (mm_charset_name_is_good (charset))
		return mm_charset_is_known (charset) ? g_steal_pointer (&charset) : NULL;
	meant = part->charset == NULL ? mm_charset_name_mend (charset) : NULL;
	return meant != NULL && mm_charset_is_known (meant) ? g_strdup (meant) : NULL;
}

static gboolean
may_be_judged (const MmPart *part)
{
	return part->kind == MM_PART_LEAF && mm_part_is_text (part) && !part->attachment &&
	       (part->charset != NULL || is_encoded (part));
}

/* Octets below 128 are right in every charset that is ASCII and more: only the others are decoded,
 * which are few. FALSE says nothing. */
static gboolean
is_evident (const MmFacts *facts, const MmPart *part)
{
	const char *charset = part->charset;
	MmBytes high = mm_buffer_bytes (&part->qp.high);
	gboolean known = high.data != NULL && !part->qp.high.failed;

	if (facts->body.eightbit.count > 0 || part->encoding == MM_ENCODING_BASE64)
		return FALSE;
	/* Without a charset it is in US-ASCII or UTF-8, if it does not say so itself. */
	if (charset == NULL)
		return part->encoding == MM_ENCODING_QP && known && high.len == 0 &&
		       !has_type (part, marked_up);
	if (!mm_charset_extends_ascii (charset))
		return FALSE;
	return part->encoding != MM_ENCODING_QP ||
	       (known &&
	        (high.len == 0 || (!part->qp.flawless && mm_charset_fits (high, charset))));
}

/* Flawless quoted-printable decodes if what it has from 0x80 on does. */
static gboolean
is_told_by_high (const MmPart *part)
{
	if (part->encoding != MM_ENCODING_QP || !part->qp.flawless || part->qp.high.failed)
		return FALSE;
	return part->charset != NULL ? mm_charset_extends_ascii (part->charset)
	                             : !has_type (part, marked_up);
}

static void
judge (const MmPart *part, MmFindings *out)
{
	g_auto (MmBuffer) octets = mm_part_buffer (part);
	g_autofree char *charset = NULL;
	g_autofree char *shown = NULL;
	MmBytes text = mm_buffer_bytes (&part->qp.high);

	if (!is_told_by_high (part)) {
		if (!mm_charset_content (part, &octets))
			return;
		text = mm_buffer_bytes (&octets);
	}
	charset = charset_of (part, text);
	if (charset == NULL || mm_charset_fits (text, charset))
		return;
	shown = mm_bytes_printable (mm_bytes_str (charset), 40);
	mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_CONTENT, -1, part->content.data,
	                 part->charset != NULL ? "the text is not in its charset \"%s\""
	                                       : "the text names no charset and is not in \"%s\"",
	                 shown);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (may_be_judged (part) && !is_evident (facts, part))
			judge (part, out);
	}
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	g_auto (MmBuffer) octets = mm_part_buffer (part);
	g_autofree char *charset = NULL;

	if (mm_part_is_untouchable (facts->mime, part))
		return mm_uncertain (error, "parts of this type are never edited");
	if (!mm_charset_content (part, &octets))
		return mm_uncertain (error, "the content does not decode");
	charset = mm_charset_retell (facts, part->type, mm_buffer_bytes (&octets), part->charset);
	if (charset == NULL)
		return mm_uncertain (error, "the charset cannot be told");
	return mm_charset_label (facts, part, charset, out, error) &&
	       mm_charset_ensure_mime (facts, out, error);
}

const MmRule mm_rule_charset_mismatch = {
        .name = "charset-mismatch",
        .label = "CHARSET_MISMATCH",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2046 4.1.2; RFC 2045 5.2",
        .summary = "the text of a part does not decode in its charset, or what readers take that "
                   "for; without one, encoded text is US-ASCII unless its type or itself says "
                   "otherwise",
        .repair = "the label is corrected, the octets stay: what the text names, UTF-8, one of "
                  "Charsets; left if it cannot be told",
        .receivers = "readers show garbage (reported by several)",
        .detect = detect,
        .fix = fix,
};
