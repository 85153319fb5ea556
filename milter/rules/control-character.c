/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control-character.c: a control character in the top-level header.
 *
 * RFC 5322 2.2: a field is printable US-ASCII with blanks, 3.2.3 and 4.1 leave controls to the
 * obsolete syntax, which must not be generated. HTAB is a blank, CR and LF end lines, and NUL has a
 * label of its own.
 */
#include <config.h>

#include <mailmend/rule.h>

/* All but NUL, HTAB, LF and CR below 0x20, and DEL. */
static gboolean
is_control (guchar c)
{
	return (c < 0x20 && ((1u << c) & ~(1u << 0 | 1u << '\t' | 1u << '\n' | 1u << '\r')) != 0) ||
	       c == 0x7f;
}

static gsize
find_control (MmBytes in)
{
	gsize at = 0;

	while (at < in.len && !is_control ((guchar) in.data[at]))
		at++;
	return at;
}

static void
judge (const MmPart *top, guint h, MmFindings *out)
{
	const MmHeader *item = mm_part_header (top, h);
	gsize at = find_control (item->line);
	g_autofree char *name = NULL;

	if (at == item->line.len)
		return;
	name = item->is_field ? mm_bytes_printable (item->name, 60)
	                      : g_strdup ("a line that is no field");
	mm_findings_add (out, MM_SEVERITY_ERROR, top, MM_PLACE_HEADER, (int) h,
	                 item->line.data + at, "%s holds the control character 0x%02x", name,
	                 (guchar) item->line.data[at]);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	if (mm_bytes_are_text (top->block) || find_control (top->block) == top->block.len)
		return;
	for (guint h = 0; h < top->headers->len; h++)
		judge (top, h, out);
}

const MmRule mm_rule_control_character = {
        .name = "control-character",
        .label = "CONTROL_CHARACTER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS | MM_GROUP_LINES,
        .m365 = MM_M365_LOG,
        .citation = "RFC 5322 2.2, 4.1",
        .summary = "an octet 01 to 1F or 7F in a header, HTAB, CR and LF excepted",
        .repair = NULL,
        .receivers = "Amazon SES: Local address contains control or whitespace (reported once, for an "
                     "address)",
        .hidden = NULL,
        .detect = detect,
        .fix = NULL,
};
