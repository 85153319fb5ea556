/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * empty-header.c: a field that must hold an address or an id, and holds nothing.
 *
 * RFC 5322 3.6.3: to = "To:" address-list CRLF, and so on; only Bcc may be empty. A message whose
 * only destination goes away would have none, which RFC 822 demanded and some receivers still do:
 * an empty group stands for it, as 3.4 has it in its example.
 */
#include <config.h>

#include "field-private.h"
#include "head-private.h"

#define NOBODY " undisclosed-recipients:;"

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (guint h = 0; h < top->headers->len; h++) {
		const MmHeader *item = mm_part_header (top, h);

		if (mm_head_is_empty (item)) {
			g_autofree char *name = mm_bytes_printable (item->name, 60);
			mm_find_header (out, MM_SEVERITY_ERROR, top, h, "%s is empty", name);
		}
	}
}

/* Does no other field say where the message goes? Of several empty To the lowest has to. */
static gboolean
is_only_destination (const MmFacts *facts, guint at)
{
	static const char *const names[] = {"To", "Cc", "Bcc"};

	if ((int) at != mm_message_find_last (facts->message, "To"))
		return FALSE;
	for (guint i = 0; i < mm_message_n_headers (facts->message); i++) {
		const MmHeader *item = mm_message_header (facts->message, i);

		for (gsize n = 0; item->is_field && n < G_N_ELEMENTS (names); n++)
			if (mm_bytes_is (item->name, names[n]) && !mm_grammar_is_blank (item->value))
				return FALSE;
	}
	return TRUE;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error G_GNUC_UNUSED)
{
	const MmPart *top = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;

	if (is_only_destination (facts, at))
		mm_field_set (out, top, at, mm_bytes_str (NOBODY));
	else
		mm_edits_delete_header (out, top, at);
	return TRUE;
}

const MmRule mm_rule_empty_header = {
        .name = "empty-header",
        .label = "EMPTY_HEADER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 5322 3.6.2, 3.6.3, 3.6.4",
        .summary = "To, Cc, Reply-To, Sender, References, In-Reply-To, Resent-To or Resent-Cc with "
                   "nothing but comments and white space",
        .repair = "the field is deleted; a To that is the only destination becomes To: "
                  "undisclosed-recipients:;",
        .receivers = "GMX and web.de: 554-Reject due to policy restrictions, header field To is "
                     "syntactically not correct (reported by several)",
        .hidden = NULL,
        .detect = detect,
        .fix = fix,
};
