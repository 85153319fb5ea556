/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encoded-id-list.c: RFC 2047 words in References, In-Reply-To, Resent-Message-ID, Content-ID.
 *
 * RFC 2047 5 allows none there. Python's email package writes them for every id of 78 octets and
 * more, and puts several ids into one run of words; Outlook then ignores the header and the thread
 * breaks, or the inline image is not found.
 */
#include <config.h>

#include "head-private.h"
#include "id-private.h"

static void
judge (const MmFacts *facts G_GNUC_UNUSED, const MmPart *part, guint header,
       const MmIdHeader *kind, MmFindings *out)
{
	if (mm_id_is_encoded (mm_part_header (part, header)->value))
		mm_find_header (out, MM_SEVERITY_ERROR, part, header,
		                "%s is written as RFC 2047 encoded words", kind->name);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	mm_id_visit (facts, judge, out);
}

static const MmIdHeader *
kind_of (MmBytes name)
{
	const MmIdHeader *kind = mm_id_headers;

	while (kind->name != NULL && !mm_bytes_is (name, kind->name))
		kind++;
	return kind;
}

static gboolean
is_id (const MmFacts *facts, const MmIdHeader *kind, MmBytes piece)
{
	g_auto (MmMsgid) msgid = {0};

	if (kind->any_part && !mm_bytes_has_8bit (piece))
		return mm_grammar_content_id (piece);
	mm_grammar_msgid (piece, facts->context->smtputf8, &msgid);
	return msgid.shape == MM_MSGID_VALID;
}

/* Length of the piece that @text begins with: up to a blank, or to the '<' of the next id. */
static gsize
piece_length (MmBytes text)
{
	gsize len = 1;

	while (len < text.len && !mm_is_wsp (text.data[len]) &&
	       !(text.data[len] == '<' && text.data[len - 1] == '>'))
		len++;
	return len;
}

/* Writes every piece of @text on a line of its own. FALSE if one is no id, or none is there. */
static gboolean
write_ids (const MmFacts *facts, const MmIdHeader *kind, MmBytes text, MmBuffer *out)
{
	guint n = 0;

	for (gsize at = 0; at < text.len;) {
		MmBytes piece = mm_bytes_sub (text, at, text.len);

		if (mm_is_wsp (text.data[at])) {
			at++;
			continue;
		}
		piece.len = piece_length (piece);
		if (!is_id (facts, kind, piece) || piece.len + strlen (kind->name) + 2 > 998)
			return FALSE;
		mm_buffer_append_str (out, n++ > 0 ? "\r\n " : " ");
		mm_buffer_append (out, piece);
		at += piece.len;
	}
	return n == 1 || (n > 1 && kind->list);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const MmHeader *item = mm_part_header (part, (guint) finding->header);
	g_auto (MmBuffer) unfolded = MM_BUFFER_INIT;
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
	g_auto (MmBuffer) value = MM_BUFFER_INIT;
	g_autofree char *name = mm_bytes_dup (item->name);

	/* The header's own folds are blanks; a line end that a word hides is no part of an id. */
	if (!mm_unfold (item->value, &unfolded) ||
	    !mm_id_decode (mm_buffer_bytes (&unfolded), &decoded))
		return mm_uncertain (error, "a word does not decode");
	if (!write_ids (facts, kind_of (item->name), mm_buffer_bytes (&decoded), &value))
		return mm_uncertain (error, "the decoded value is no list of ids");
	mm_edits_set_header (out, part, (guint) finding->header, name, mm_buffer_bytes (&value));
	return TRUE;
}

const MmRule mm_rule_encoded_id_list = {
        .name = "encoded-id-list",
        .label = "ENCODED_ID_LIST",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_IDENTIFICATION | MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2047 5; RFC 5322 3.6.4",
        .summary = "RFC 2047 encoded words in References, In-Reply-To, Resent-Message-ID, "
                   "Content-ID (any part)",
        .repair = "decoded, one id a line; left unless every piece is an id",
        .receivers = "Outlook and Exchange ignore the header: threads break, inline images are "
                     "lost (reported by several)",
        .detect = detect,
        .fix = fix,
};
