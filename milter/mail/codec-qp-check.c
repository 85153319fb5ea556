/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-qp-check.c: is this quoted-printable (RFC 2045 6.7)?
 *
 *     quoted-printable := qp-line *(CRLF qp-line)
 *     qp-line          := *(qp-segment transport-padding CRLF) qp-part transport-padding
 *     qp-segment       := qp-section *(SPACE / TAB) "="
 *     hex-octet        := "=" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")
 *
 * Lower-case digits are let pass as rule (1) asks of readers, padding behind a "=" is not: readers
 * do not agree on it. LF and CR CR LF end a line too, they are another label's.
 */
#include "codec-private.h"

#define LINE_MAX_CHARS 76

typedef struct {
	gsize line_limit;
	guint flaws;
	gsize *at; /* by flaw, or NULL */
} Checker;

static void
note (Checker *c, MmQpFlaws flaw, gsize at)
{
	if ((c->flaws & flaw) == 0 && c->at != NULL)
		c->at[g_bit_nth_lsf (flaw, -1)] = at;
	c->flaws |= flaw;
}

static inline gboolean
is_raw (guint8 c)
{
	return c >= 0x7F || (c < ' ' && c != '\t' && c != '\r' && c != '\n');
}

static void
check_octets (Checker *c, MmBytes line, gsize offset)
{
	if (mm_bytes_are_text (line))
		return;
	for (gsize i = 0; i < line.len; i++)
		if (is_raw ((guint8)line.data[i])) {
			note (c, MM_QP_RAW_OCTET, offset + i);
			return;
		}
}

/* Everything before a soft line break. */
static void
check_escapes (Checker *c, MmBytes line, gsize offset)
{
	char octet;

	for (gsize at = mm_bytes_find (line, '=', 0); at < line.len;
	     at = mm_bytes_find (line, '=', at + 1))
		if (!mm_get_escape (line, at + 1, &octet)) {
			note (c, MM_QP_BAD_ESCAPE, offset + at);
			return;
		}
}

/* One line with its end. A soft break may end the last one: an empty qp-part follows it, and mail
 * programs write that; a "=" with nothing behind it is none. */
static void
check_line (Checker *c, MmBytes line, gsize offset)
{
	MmBytes text = mm_bytes_sub (line, 0, mm_qp_line_end (line));
	gsize end = text.len;

	if (text.len > LINE_MAX_CHARS && text.len <= c->line_limit)
		note (c, MM_QP_LONG_LINE, offset);
	check_octets (c, text, offset);
	while (end > 0 && mm_is_wsp (text.data[end - 1]))
		end--;
	if (end > 0 && text.data[end - 1] == '=') {
		if (text.len == line.len)
			note (c, MM_QP_OPEN_END, offset + end - 1);
		if (end < text.len)
			note (c, MM_QP_BAD_ESCAPE, offset + end - 1);
		text.len = end - 1;
	} else if (end < text.len) {
		note (c, MM_QP_TRAILING_BLANK, offset + end);
	}
	check_escapes (c, text, offset);
}

guint
mm_qp_check (MmBytes encoded, gsize line_limit, gsize out_at[MM_QP_N_FLAWS])
{
	Checker c = {.line_limit = line_limit, .at = out_at};

	for (gsize from = 0, next; from < encoded.len; from = next) {
		next = MIN (mm_bytes_find (encoded, '\n', from) + 1, encoded.len);
		check_line (&c, mm_bytes_sub (encoded, from, next), from);
	}
	return c.flaws;
}
