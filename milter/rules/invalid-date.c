/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-date.c: a Date that is no date-time.
 *
 * RFC 5322 3.6.1: orig-date = "Date:" date-time CRLF
 *
 * Judged by RFC 5322 3.3 with the obsolete forms of 4.3, on the raw value: readers that know the
 * grammar find no date in encoded words either. A wrong weekday contradicts the day beside it, so
 * it is told and never mended.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "head-private.h"

static void
judge (const MmPart *top, guint at, MmFindings *out)
{
	MmBytes value = mm_part_header (top, at)->value;
	gboolean wrong_weekday = FALSE;
	g_autofree char *text = NULL;

	if (mm_grammar_date (value, NULL, &wrong_weekday)) {
		if (wrong_weekday)
			mm_find_header (out, MM_SEVERITY_NOTICE, top, at,
			                "Date names a weekday that the day does not have");
		return;
	}
	text = mm_bytes_printable (mm_bytes_trim (value), 60);
	if (*text == '\0')
		mm_find_header (out, MM_SEVERITY_ERROR, top, at, "Date is empty");
	else
		mm_find_header (out, MM_SEVERITY_ERROR, top, at, "Date is no date-time: %s", text);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (int at = mm_message_find (facts->message, "Date", 0); at >= 0;
	     at = mm_message_find (facts->message, "Date", (guint) at + 1))
		judge (top, (guint) at, out);
}

static gboolean
is_plain_line (MmBytes text)
{
	for (gsize i = 0; i < text.len; i++)
		if (!g_ascii_isprint (text.data[i]))
			return FALSE;
	return text.len <= 900;
}

/* What encoded words say, if that is a date already; else what @value can only mean. NULL if it is
 * not certain. (transfer full) */
static char *
read_value (MmBytes value)
{
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
	MmEncodedWord word;
	MmDate date;

	if (mm_encoded_word_find (value, 0, &word)) {
		if (!mm_encoded_words_decode (value, &decoded))
			return NULL;
		value = mm_bytes_trim (mm_buffer_bytes (&decoded));
		if (mm_grammar_date (value, &date, NULL))
			return is_plain_line (value) ? mm_bytes_dup (value)
			                             : mm_date_format (&date);
	}
	return mm_grammar_date_rebuild (value, &date) ? mm_date_format (&date) : NULL;
}

/* RFC 5322 3.6.7: received = "Received:" *received-token ";" date-time CRLF */
static gboolean
read_received (MmBytes value, MmDate *out)
{
	gsize behind = 0; /* the last semicolon that stands in no comment */

	for (gsize at = 0; at < value.len;) {
		gsize start = at;

		if (!mm_grammar_skip_cfws (value, &at))
			return FALSE;
		if (at == start && value.data[at++] == ';')
			behind = at;
	}
	return behind > 0 && mm_grammar_date (mm_bytes_sub (value, behind, value.len), out, NULL);
}

/* When the first server took the message (every server puts its line on top of the others), or
 * now, if none says. */
static void
find_arrival (const MmFacts *facts, MmDate *out)
{
	for (guint i = mm_message_n_headers (facts->message); i-- > 0;) {
		const MmHeader *item = mm_message_header (facts->message, i);

		if (item->is_field && mm_bytes_is (item->name, "Received") &&
		    read_received (item->value, out))
			return;
	}
	mm_date_from_unix (facts->context->now, facts->context->zone, out);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	const MmHeader *item = mm_part_header (top, (guint) finding->header);
	g_autofree char *name = mm_bytes_dup (item->name);
	g_autofree char *text = NULL;
	g_autofree char *value = NULL;
	MmDate date;

	if (mm_grammar_date (item->value, NULL, NULL))
		return mm_uncertain (error, "either the weekday or the day is wrong");
	if (mm_head_is_empty_beside (facts, (guint) finding->header))
		return mm_uncertain (error, "another Date stands beside the empty one");
	text = read_value (item->value);
	if (text == NULL) {
		find_arrival (facts, &date);
		text = mm_date_format (&date);
	}
	value = g_strconcat (" ", text, NULL);
	mm_edits_set_header (out, top, (guint) finding->header, name, mm_bytes_str (value));
	mm_head_keep_original (facts, "X-Original-Date", item->value, out);
	return TRUE;
}

const MmRule mm_rule_invalid_date = {
        .name = "invalid-date",
        .label = "INVALID_DATE",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.3, 3.6.1, 4.3",
        .summary = "a Date that is empty or no RFC 5322 date-time, obsolete forms included (a "
                   "wrong weekday is a notice)",
        .repair = "rebuilt when certain (ISO 8601, zone with a colon, asctime, full month names, "
                  "24:00; a missing zone: -0000); else the oldest Received date, else now; the old "
                  "text is kept in X-Original-Date",
        .receivers = "GMX bounces an ISO 8601 date (reported once); amavis: 554 5.6.0 Bounce, ... "
                     "BAD HEADER (reported by several)",
        .detect = detect,
        .fix = fix,
};
