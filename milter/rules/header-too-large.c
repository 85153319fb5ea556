/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header-too-large.c: a field whose text is longer than Exchange takes.
 *
 * No standard has such a limit; Exchange Online refuses a single text value over 32768 octets. Of
 * References the first id and the newest ones are enough to find the thread, so RFC 5537 3.4.4 lets
 * news readers drop others; that is the one repair that loses something, and is made only where a
 * policy asks for it by name.
 */
#include <config.h>

#include "field-private.h"
#include "head-private.h"
#include "id-private.h"

#define VALUE_MAX 32768

static gsize
unfolded_length (MmBytes value)
{
	g_auto (MmBuffer) unfolded = MM_BUFFER_INIT;

	/* Unfolding makes nothing longer: cheap for nearly all mail. */
	if (value.len <= VALUE_MAX)
		return value.len;
	if (mm_bytes_find (value, '\n', 0) == value.len)
		return mm_bytes_trim (value).len;
	if (!mm_unfold (value, &unfolded))
		return value.len;
	return mm_bytes_trim (mm_buffer_bytes (&unfolded)).len;
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (guint h = 0; h < top->headers->len; h++) {
		const MmHeader *item = mm_part_header (top, h);
		gsize len = item->is_field ? unfolded_length (item->value) : 0;
		g_autofree char *name = NULL;

		if (len <= VALUE_MAX)
			continue;
		name = mm_bytes_printable (item->name, 60);
		mm_find_header (out, MM_SEVERITY_WARNING, top, h,
		                "%s has %" G_GSIZE_FORMAT " octets", name, len);
	}
}

static MmBytes
id_at (const GArray *ids, guint at)
{
	return g_array_index (ids, MmBytes, at);
}

/* The first of the last ids that fit behind the first one, each with a blank in front. */
static guint
first_kept (const GArray *ids)
{
	gsize room = VALUE_MAX - id_at (ids, 0).len;
	guint from = ids->len;

	while (from > 1 && id_at (ids, from - 1).len + 1 <= room)
		room -= id_at (ids, --from).len + 1;
	return from;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *top = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	const MmHeader *item = mm_part_header (top, at);
	g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (MmBytes));
	g_auto (MmBuffer) value = MM_BUFFER_INIT;
	gboolean commas;
	guint from;

	if (!mm_bytes_is (item->name, "References"))
		return mm_uncertain (error, "only References may be made shorter");
	if (!mm_field_may_edit (facts, top, at, error))
		return FALSE;
	if (mm_id_is_encoded (item->value) ||
	    !mm_grammar_msgid_list (item->value, ids, &commas) || ids->len < 2 ||
	    id_at (ids, 0).len >= VALUE_MAX)
		return mm_uncertain (error, "the value is no plain list of ids");
	mm_buffer_append_c (&value, ' ');
	mm_buffer_append (&value, id_at (ids, 0));
	from = first_kept (ids);
	for (guint i = from; i < ids->len; i++) {
		mm_buffer_append_str (&value, "\r\n ");
		mm_buffer_append (&value, id_at (ids, i));
	}
	mm_field_set (out, top, at, mm_buffer_bytes (&value));
	mm_edits_drop (out, from - 1);
	return TRUE;
}

const MmRule mm_rule_header_too_large = {
        .name = "header-too-large",
        .label = "HEADER_TOO_LARGE",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_WARNING,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_LOG,
        .citation = "RFC 5322 2.2; RFC 5537 3.4.4",
        .summary = "a header whose unfolded value has more than 32768 octets",
        .repair = "only of References, and only where a policy says Fix: the first id and the last "
                  "ones that fit are kept; edits= says how many are dropped",
        .receivers = "Exchange Online: 554 5.6.211 Invalid MIME Content: Single text value size "
                     "(33061) exceeded allowed maximum (32768); submission: 552 5.3.4 Header size "
                     "exceeds fixed maximum size (reported by several)",
        .hidden = "Postfix drops what is beyond header_size_limit (102400); Sendmail refuses mail "
                  "with more than MaxHeadersLength (32768) of headers",
        .detect = detect,
        .fix = fix,
};
