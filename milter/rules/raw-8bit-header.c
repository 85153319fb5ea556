/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw-8bit-header.c: octets >= 0x80 in a header field of the message or of a part.
 *
 * RFC 5322 2.2: fields are US-ASCII; RFC 6532 3.2 adds UTF-8 where the envelope says SMTPUTF8 and
 * inside message/global. Parameters belong to another rule, so of Content-Type and
 * Content-Disposition only what stands before the first ";" is looked at.
 */
#include <config.h>

#include "head-private.h"
#include "raw-words-private.h"

/* The octets of an item that this rule is about. */
static MmBytes
region_of (const MmHeader *item)
{
	if (!item->is_field)
		return item->line;
	if (mm_field_kind (item->name) != MM_FIELD_PARAMETERS)
		return item->value;
	return mm_bytes_sub (item->value, 0, mm_bytes_find (item->value, ';', 0));
}

static void
judge (const MmFacts *facts, const MmPart *part, guint at, MmFindings *out)
{
	const MmHeader *item = mm_part_header (part, at);
	gboolean utf8 = mm_field_allows_utf8 (facts, part);
	gboolean in_name = mm_is_raw (item->name, utf8);
	MmBytes region = in_name ? item->name : region_of (item);
	g_autofree char *name = NULL;

	if (!in_name && !mm_is_raw (region, utf8))
		return;
	name = item->is_field ? mm_bytes_printable (item->name, 60)
	                      : g_strdup ("a line that is no field");
	mm_find_header (out, MM_SEVERITY_ERROR, part, at, "%s holds raw octets%s (%s)", name,
	                in_name ? " in its name" : "",
	                mm_is_utf8 (region) ? "UTF-8" : "not UTF-8");
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		const MmScan *scan = i == 0 ? &facts->head : &facts->body;

		if (scan->eightbit.count == 0 || !mm_bytes_has_8bit (part->block) ||
		    !mm_field_part_is_judged (part))
			continue;
		for (guint at = 0; at < part->headers->len; at++)
			judge (facts, part, at, out);
	}
}

/* Nothing raw is left, and free text says what it said. */
static gboolean
is_mended (MmFieldKind kind, MmBytes before, MmBytes after, gboolean utf8)
{
	return !mm_is_raw (after, utf8) &&
	       (kind != MM_FIELD_TEXT || mm_field_says_the_same (before, after));
}

static gboolean
write_line (const MmFacts *facts, const MmPart *part, guint at, MmBuffer *line, GError **error)
{
	const MmHeader *item = mm_part_header (part, at);
	MmFieldKind kind = mm_field_kind (item->name);
	MmBytes region = region_of (item);
	gboolean utf8 = mm_field_allows_utf8 (facts, part);
	g_autoptr (GArray) words = NULL;
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	const char *charset;
	MmBytes mended;
	gsize value;

	if (mm_is_raw (item->name, utf8))
		return mm_uncertain (error, "raw octets stand in the name of the field");
	if (kind == MM_FIELD_TRACE || kind == MM_FIELD_IDS)
		return mm_uncertain (error, "this field has no place for encoded words");
	words = mm_raw_words_list (kind, region, utf8, error);
	if (words == NULL)
		return FALSE;
	mm_raw_words_text (region, words, &text);
	charset = mm_raw_charset (facts, part, mm_buffer_bytes (&text));
	if (charset == NULL)
		return mm_uncertain (error, "the charset of the raw octets is not certain");
	mm_buffer_append (line, mm_bytes (item->name.data, item->name.len + item->blanks.len));
	mm_buffer_append_c (line, ':');
	value = line->len;
	if (!mm_raw_words_encode (region, words, charset, line))
		return mm_uncertain (error, "the raw octets cannot be written as encoded words");
	mended = mm_bytes_sub (mm_buffer_bytes (line), value, line->len);
	if (!is_mended (kind, region, mended, utf8))
		return mm_uncertain (error, "the raw octets cannot be written as encoded words");
	mm_buffer_append (line, mm_bytes_sub (item->value, region.len, item->value.len));
	return !line->failed || mm_uncertain (error, "out of memory");
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (!mm_field_may_edit (facts, part, at, error) ||
	    !write_line (facts, part, at, &line, error))
		return FALSE;
	mm_field_set_line (out, part, at, &line);
	return TRUE;
}

const MmRule mm_rule_raw_8bit_header = {
        .name = "raw-8bit-header",
        .label = "RAW_8BIT_HEADER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS | MM_GROUP_LINES,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 2.2; RFC 2047; RFC 6532 3.2",
        .summary = "octets from 0x80 on in a header (any part), parameters excepted; with SMTPUTF8 "
                   "or in message/global only octets that are not UTF-8",
        .repair = "written as RFC 2047 words in free text, display names and comments; left where "
                  "none may stand, as in an address, and where the charset is not certain",
        .receivers = "Outlook and Microsoft 365 show garbage; vger: 550 5.7.1 Content-Policy "
                     "reject msg: Message headers can not have 8-bit; other: 550 Subject contains "
                     "invalid characters. (all reported by several)",
        .hidden = "Postfix ends the header at a field name with such an octet: the "
                  "rest arrives as body",
        .detect = detect,
        .fix = fix,
};
