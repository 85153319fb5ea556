/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * duplicate-header.c: a field twice that may stand once.
 *
 * RFC 5322 3.6 has the table of how often each field may occur, RFC 2045 3 that of the Content-*
 * fields. Readers disagree on which of two counts; DKIM takes the lowest, and so do we. All the
 * fields of a name are one finding, told at the lowest, which stays.
 */
#include <config.h>

#include <mailmend/error.h>

#include "address-private.h"
#include "encoded-words-private.h"
#include "fold-private.h"
#include "head-private.h"
#include "raw-words-private.h"

static const struct {
	const char *name;
	gboolean any_part;
	gboolean addresses; /* lists that can become one */
} once[] = {
        {"Date", FALSE, FALSE},
        {"From", FALSE, FALSE},
        {"Sender", FALSE, FALSE},
        {"Reply-To", FALSE, FALSE},
        {"To", FALSE, TRUE},
        {"Cc", FALSE, TRUE},
        {"Bcc", FALSE, FALSE},
        {"Subject", FALSE, FALSE},
        {"Message-ID", FALSE, FALSE},
        {"In-Reply-To", FALSE, FALSE},
        {"References", FALSE, FALSE},
        {"MIME-Version", FALSE, FALSE},
        {"Content-Type", TRUE, FALSE},
        {"Content-Transfer-Encoding", TRUE, FALSE},
        {"Content-Disposition", TRUE, FALSE},
        {"Content-ID", TRUE, FALSE},
        {"Content-Description", TRUE, FALSE},
};

static int
row_of (const MmHeader *item)
{
	for (gsize i = 0; item->is_field && i < G_N_ELEMENTS (once); i++)
		if (mm_bytes_is (item->name, once[i].name))
			return (int) i;
	return -1;
}

/* An empty field has a label of its own: EMPTY_HEADER, or what says that it is missing or invalid. */
static gboolean
is_empty (const MmHeader *item)
{
	gboolean has_label = mm_bytes_is (item->name, "From") || mm_bytes_is (item->name, "Date") ||
	                     mm_bytes_is (item->name, "Message-ID");

	return mm_head_is_empty (item) || (has_label && mm_grammar_is_blank (item->value));
}

/* Cheap for nearly all mail, in which only trace fields stand more than once. */
static gboolean
has_a_second (const MmPart *part)
{
	for (guint h = 0; h < part->headers->len; h++)
		if (mm_part_header (part, h)->index > 1 && row_of (mm_part_header (part, h)) >= 0)
			return TRUE;
	return FALSE;
}

static void
judge (const MmPart *part, MmFindings *out)
{
	guint counts[G_N_ELEMENTS (once)] = {0};
	guint lowest[G_N_ELEMENTS (once)] = {0};

	for (guint h = 0; h < part->headers->len; h++) {
		const MmHeader *item = mm_part_header (part, h);
		int row = row_of (item);

		if (row < 0 || (part->number > 0 && !once[row].any_part) || is_empty (item))
			continue;
		counts[row]++;
		lowest[row] = h;
	}
	for (gsize i = 0; i < G_N_ELEMENTS (once); i++)
		if (counts[i] > 1)
			mm_find_header (out, MM_SEVERITY_ERROR, part, lowest[i],
			                "%s stands there %u times", once[i].name, counts[i]);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (mm_field_part_is_judged (part) && has_a_second (part))
			judge (part, out);
	}
}

/* ---- identical ones -------------------------------------------------------------------------- */

static gboolean
is_same (const MmHeader *a, const MmHeader *b)
{
	g_auto (MmBuffer) x = MM_BUFFER_INIT;
	g_auto (MmBuffer) y = MM_BUFFER_INIT;

	return mm_unfold (a->value, &x) && mm_unfold (b->value, &y) &&
	       mm_bytes_equal (mm_bytes_trim (mm_buffer_bytes (&x)),
	                       mm_bytes_trim (mm_buffer_bytes (&y)));
}

static gboolean
are_identical (const MmPart *part, const GArray *copies)
{
	guint lowest = g_array_index (copies, guint, copies->len - 1);

	for (guint i = 0; i + 1 < copies->len; i++)
		if (!is_same (mm_part_header (part, g_array_index (copies, guint, i)),
		              mm_part_header (part, lowest)))
			return FALSE;
	return TRUE;
}

/* ---- lists of addresses ---------------------------------------------------------------------- */

/* What tells one address from another: the domain has no case. A group is its text. (transfer full)
 */
static char *
address_key (const MmAddressMember *member)
{
	MmBytes text = member->spec.len > 0 ? member->spec : member->whole;
	char *key = mm_grammar_without_comments (text);
	char *at = strrchr (key, '@');

	for (; at != NULL && *at != '\0'; at++)
		*at = g_ascii_tolower (*at);
	return key;
}

/* What is odd but harmless is quoted: it would be told of the lowest field, where it never was. */
static gboolean
append_member (MmBytes text, MmBuffer *out)
{
	g_auto (MmAddressList) list = {0};

	mm_buffer_append_str (out, ",\r\n ");
	mm_grammar_address_list (text, &list);
	return list.faults == 0 ? mm_buffer_append (out, text)
	                        : mm_address_quote (text, out, NULL);
}

/* The next member of @value that is not empty, with the comments about it, from *@pos on, which is
 * then behind its comma. FALSE if comments stand where there is no member. */
static gboolean
next_text (MmBytes value, MmBytes whole, gsize *pos, MmBytes *out_text)
{
	gsize start = (gsize) (whole.data - value.data);
	gsize end = start + whole.len;
	gsize from = *pos;

	for (gsize at = from; at < start; from = ++at) {
		MmBytes skipped;

		if (!mm_grammar_skip_cfws (value, &at))
			return FALSE;
		skipped = mm_bytes_sub (value, from, at);
		if (at >= start)
			break;
		if (mm_bytes_find (skipped, '(', 0) < skipped.len)
			return FALSE;
	}
	if (!mm_grammar_skip_cfws (value, &end))
		return FALSE;
	*out_text = mm_bytes_trim (mm_bytes_sub (value, from, end));
	*pos = MIN (end + 1, value.len);
	return TRUE;
}

/* FALSE if it is beyond @limit. */
static gboolean
check_limit (gboolean within, const char *limit, GError **error)
{
	if (!within)
		g_set_error (error, MM_ERROR, MM_ERROR_LIMIT, "%s: there are too many of them", limit);
	return within;
}

/* Adds the members of @value to @seen and, where @out is not NULL, those that are new to @out, each
 * on a line of its own. FALSE if @value is no list that can be joined to another; with *@error only at
 * a limit. */
static gboolean
take_members (MmBytes value, GHashTable *seen, MmBuffer *out, GError **error)
{
	g_auto (MmAddressList) list = {0};
	gsize pos = 0;
	MmBytes text;

	mm_grammar_address_list (value, &list);
	if (!check_limit (!list.too_many, "addresses", error) ||
	    (list.faults & ~(guint) MM_ADDRESS_UNQUOTED) != 0)
		return FALSE;
	for (guint i = 0; i < list.members->len; i++) {
		const MmAddressMember *member =
		        &g_array_index (list.members, MmAddressMember, i);
		gboolean is_new = g_hash_table_add (seen, address_key (member));

		if (out == NULL || member->in_group)
			continue;
		if (!next_text (value, member->whole, &pos, &text) ||
		    (is_new && !append_member (text, out)))
			return FALSE;
	}
	return out == NULL || mm_bytes_find (value, '(', pos) == value.len;
}

/* Without the blanks and empty members that it may end with. */
static MmBytes
without_tail (MmBytes value)
{
	while (value.len > 0 &&
	       (mm_is_space (value.data[value.len - 1]) || value.data[value.len - 1] == ','))
		value.len--;
	return value;
}

/* FALSE if @value has defects of its octets or lines: they would move to another field with it. */
static gboolean
is_sound (MmBytes value, gboolean utf8)
{
	g_autoptr (GArray) words = mm_field_words (MM_FIELD_ADDRESSES, value);
	gsize line = 0;

	for (gsize i = 0; i < value.len; i++) {
		char c = value.data[i];

		line = c == '\n' ? 0 : line + 1;
		if ((g_ascii_iscntrl (c) && !mm_is_space (c)) || line > MM_HEADER_LINE_MAX)
			return FALSE;
	}
	for (guint i = 0; i < words->len; i++)
		if (g_array_index (words, MmFieldWord, i).flaws != 0)
			return FALSE;
	return !mm_is_raw (value, utf8);
}

/* The lowest list as it stands, then what the upper ones add. As take_members (). */
static gboolean
merge (const MmFacts *facts, const MmPart *part, const GArray *copies, MmBuffer *out, GError **error)
{
	gboolean utf8 = mm_field_allows_utf8 (facts, part);
	guint lowest = g_array_index (copies, guint, copies->len - 1);
	MmBytes value = mm_part_header (part, lowest)->value;
	g_autoptr (GHashTable) seen =
	        g_hash_table_new_full (mm_str_hash, g_str_equal, g_free, NULL);

	mm_buffer_append (out, without_tail (value));
	if (!take_members (value, seen, NULL, error))
		return FALSE;
	for (guint i = 0; i + 1 < copies->len; i++) {
		const MmHeader *item = mm_part_header (part, g_array_index (copies, guint, i));
		if (!is_sound (item->value, utf8) ||
		    !take_members (item->value, seen, out, error))
			return FALSE;
	}
	return !out->failed && check_limit (out->len <= MM_LIMIT_merged_field, "merged_field", error);
}

/* ---- mending --------------------------------------------------------------------------------- */

/* The places of all fields that count, from the top. FALSE, UNCERTAIN, if one must stay as it is.
 */
static gboolean
collect (const MmFacts *facts, const MmPart *part, int row, GArray *copies, GError **error)
{
	for (guint h = 0; h < part->headers->len; h++) {
		const MmHeader *item = mm_part_header (part, h);

		if (row_of (item) != row || is_empty (item))
			continue;
		if (!mm_field_may_edit (facts, part, h, error))
			return FALSE;
		g_array_append_val (copies, h);
	}
	return TRUE;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const MmHeader *item = mm_part_header (part, (guint) finding->header);
	int row = row_of (item);
	g_autoptr (GArray) copies = g_array_new (FALSE, FALSE, sizeof (guint));
	g_auto (MmBuffer) merged = MM_BUFFER_INIT;
	g_autoptr (GError) limit = NULL;

	if (!collect (facts, part, row, copies, error))
		return FALSE;
	if (!check_limit (part->number == 0 || copies->len <= MM_LIMIT_copies, "copies", error))
		return FALSE;
	if (part->number == 0 && mm_bytes_is (item->name, "From") &&
	    mm_head_needs_sender (facts, item->value, NULL))
		return mm_uncertain (error, "From would name several authors without a Sender");
	if (!are_identical (part, copies)) {
		if (!once[row].addresses)
			return mm_uncertain (error, "the values differ");
		if (!merge (facts, part, copies, &merged, &limit)) {
			if (limit == NULL)
				return mm_uncertain (error, "the lists cannot be joined");
			g_propagate_error (error, g_steal_pointer (&limit));
			return FALSE;
		}
		mm_field_set (out, part, (guint) finding->header, mm_buffer_bytes (&merged));
	}
	for (guint i = 0; i + 1 < copies->len; i++)
		mm_edits_delete_header (out, part, g_array_index (copies, guint, i));
	return TRUE;
}

const MmRule mm_rule_duplicate_header = {
        .name = "duplicate-header",
        .label = "DUPLICATE_HEADER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.6; RFC 2045 3",
        .summary = "twice: Date, From, Sender, Reply-To, To, Cc, Bcc, Subject, Message-ID, "
                   "In-Reply-To, References, MIME-Version; in any part Content-Type, "
                   "-Transfer-Encoding, -Disposition, -ID, -Description",
        .repair = "identical ones: all but the lowest are deleted; To and Cc: the upper lists are "
                  "added to the lowest, if all parse; else left",
        .receivers = "Gmail: This message is not RFC 5322 compliant. There are multiple Subject "
                     "headers.; Yahoo: 554 Message not allowed - Headers are not RFC "
                     "compliant[291]; Amazon SES: 554 Transaction failed: Duplicate header "
                     "'Content-Type'. (all reported by several); web.de and GMX refuse them too "
                     "(reported)",
        .hidden = NULL,
        .same_name = TRUE,
        .detect = detect,
        .fix = fix,
};
