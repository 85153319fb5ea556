/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folded-message-id.c: a fold inside the angle brackets of an id.
 *
 * RFC 5322 3.6.4: "Semantically, the angle bracket characters are not part of the msg-id; the
 * msg-id is what is contained between": no white space is allowed there, and unfolding leaves one.
 */
#include <config.h>

#include "head-private.h"
#include "id-private.h"

static void
judge (const MmFacts *facts G_GNUC_UNUSED, const MmPart *part, guint header,
       const MmIdHeader *kind, MmFindings *out)
{
	MmBytes value = mm_part_header (part, header)->value;
	g_auto (MmBuffer) unfolded = MM_BUFFER_INIT;

	if (mm_bytes_find (value, '\n', 0) < value.len && mm_id_unfold (value, &unfolded) > 0)
		mm_find_header (out, MM_SEVERITY_ERROR, part, header, "%s is folded inside an id",
		                kind->name);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	static const MmIdHeader message_id = {"Message-ID", FALSE, FALSE};
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (int at = mm_message_find (facts->message, "Message-ID", 0); at >= 0;
	     at = mm_message_find (facts->message, "Message-ID", (guint) at + 1))
		judge (facts, top, (guint) at, &message_id, out);
	mm_id_visit (facts, judge, out);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const MmHeader *item = mm_part_header (part, (guint) finding->header);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;
	gsize start = (gsize) (item->value.data - item->line.data);

	if (mm_bytes_is (item->name, "Message-ID") && mm_mime_has_tnef (facts->mime))
		return mm_uncertain (error, "a TNEF part is tied to this id");
	mm_buffer_append (&line, mm_bytes_sub (item->line, 0, start));
	mm_id_unfold (item->value, &line);
	mm_buffer_append_str (&line, "\r\n");
	mm_edits_set_header_line (out, part, (guint) finding->header, mm_buffer_bytes (&line));
	return TRUE;
}

const MmRule mm_rule_folded_message_id = {
        .name = "folded-message-id",
        .label = "FOLDED_MESSAGE_ID",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_IDENTIFICATION | MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.6.4",
        .summary = "a fold inside the <> of Message-ID, References, In-Reply-To, "
                   "Resent-Message-ID, Content-ID",
        .repair = "the fold is deleted",
        .receivers = "after unfolding the id holds a blank and is no id (inferred)",
        .detect = detect,
        .fix = fix,
};
