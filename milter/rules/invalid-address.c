/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-address.c: From, To and their like that are no address list.
 *
 * RFC 5322 3.4 and 3.6.2, 3.6.3, with the obsolete forms of 4.4. What all readers take all the same
 * is a notice: a word without domain, odd characters in a display name, a group that is not ended.
 */
#include <config.h>

#include "address-private.h"
#include "field-private.h"
#include "head-private.h"

static const char *const names[] = {
        "From",        "Sender",        "Reply-To",        "To",
        "Cc",          "Bcc",           "Resent-From",     "Resent-Sender",
        "Resent-To",   "Resent-Cc",     "Resent-Bcc",      "Resent-Reply-To",
};

/* The first that applies is told. */
static const struct {
	guint fault;
	const char *text;
} texts[] = {
        {MM_ADDRESS_OPEN_QUOTE, "a quoted string is not closed"},
        {MM_ADDRESS_OPEN_COMMENT, "a comment is not closed"},
        {MM_ADDRESS_BRACKETS, "an angle bracket has no partner"},
        {MM_ADDRESS_SEMICOLON, "a semicolon stands where a comma should"},
        {MM_ADDRESS_TEXT_BEHIND, "there is text behind an address"},
        {MM_ADDRESS_BAD_SPEC, "an address is no local-part@domain"},
        {MM_ADDRESS_NO_DOMAIN, "words stand where an address should"},
        {MM_ADDRESS_BAD_NAME, "a display name must be quoted"},
        {MM_ADDRESS_NONE, "there is no address"},
        {MM_ADDRESS_ONE_WORD, "the only address has no domain"},
        {MM_ADDRESS_UNQUOTED, "odd characters in a display name are not quoted"},
        {MM_ADDRESS_OPEN_GROUP, "a group has no semicolon at its end"},
};

static gboolean
holds_addresses (const MmHeader *item)
{
	for (gsize i = 0; item->is_field && i < G_N_ELEMENTS (names); i++)
		if (mm_bytes_is (item->name, names[i]))
			return TRUE;
	return FALSE;
}

static const char *
text_of (guint faults)
{
	gsize i = 0;

	while ((texts[i].fault & faults) == 0)
		i++;
	return texts[i].text;
}

static void
judge (const MmPart *top, guint h, MmFindings *out)
{
	const MmHeader *item = mm_part_header (top, h);
	g_auto (MmAddressList) list = {0};
	g_autofree char *name = NULL;
	MmSeverity severity = MM_SEVERITY_ERROR;

	if (!holds_addresses (item) || mm_grammar_is_blank (item->value))
		return;
	mm_grammar_address_list (item->value, &list);
	if (list.faults == 0)
		return;
	name = mm_bytes_printable (item->name, 60);
	if ((list.faults & ~(guint) MM_ADDRESS_NOTICES) == 0)
		severity = MM_SEVERITY_NOTICE;
	if (mm_address_is_encoded (item->value))
		mm_find_header (out, MM_SEVERITY_ERROR, top, h,
		                "%s: an encoded word stands around an address", name);
	else
		mm_find_header (out, severity, top, h, "%s: %s", name, text_of (list.faults));
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (guint h = 0; h < top->headers->len; h++)
		judge (top, h, out);
}

static gboolean
is_valid (MmBytes value)
{
	g_auto (MmAddressList) list = {0};

	mm_grammar_address_list (value, &list);
	return list.faults == 0;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *top = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	const MmHeader *item = mm_part_header (top, at);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;
	g_auto (MmBuffer) quoted = MM_BUFFER_INIT;
	MmBytes value;
	gsize start;

	if (!mm_field_may_edit (facts, top, at, error))
		return FALSE;
	mm_buffer_append (&line, mm_bytes (item->name.data, item->name.len + item->blanks.len));
	mm_buffer_append_c (&line, ':');
	start = line.len;
	if (!mm_address_decode (item->value, &line, error))
		return FALSE;
	value = mm_bytes_sub (mm_buffer_bytes (&line), start, line.len);
	if (!is_valid (value)) {
		mm_buffer_append (&quoted, mm_bytes_sub (mm_buffer_bytes (&line), 0, start));
		if (!mm_address_quote (value, &quoted, error))
			return FALSE;
		value = mm_bytes_sub (mm_buffer_bytes (&quoted), start, quoted.len);
	}
	if (!is_valid (value))
		return mm_uncertain (error, "quotes do not make it an address");
	if (mm_bytes_is (item->name, "From") && mm_head_needs_sender (facts, value, NULL))
		return mm_uncertain (error, "From would name several authors without a Sender");
	mm_field_set (out, top, at, value);
	return TRUE;
}

const MmRule mm_rule_invalid_address = {
        .name = "invalid-address",
        .label = "INVALID_ADDRESS",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.4, 4.4; RFC 2047 5",
        .summary = "a non-empty address list that does not parse, obsolete forms included (a word "
                   "without domain, unquoted . @ [ ] : in a display name and a group without final "
                   "; are notices)",
        .repair = "the words before the only <addr> are quoted; an encoded word around a whole "
                  "address is decoded; else left",
        .receivers = "receivers read other addresses than were meant, or lose the name (reported by "
                     "several, for CPython); GMX and web.de: 554-Reject due to policy restrictions "
                     "(reported by several)",
        .hidden = "Postfix completes addresses of clients in local_header_rewrite_clients before a "
                  "milter looks: Doe becomes Doe@myorigin",
        .detect = detect,
        .fix = fix,
};
