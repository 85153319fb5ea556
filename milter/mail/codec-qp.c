/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-qp.c: quoted-printable (RFC 2045 6.7).
 *
 * The encoder keeps every octet: only CRLF is a line end, so a lone CR or LF is an escape and no
 * line end is ever made up. It also makes lines that survive the way (RFC 2049 3): no line begins
 * with "From " or '.', and no line that it breaks itself begins with "--", which could be taken
 * for a boundary of the multipart around it.
 */
#include "codec-private.h"
#include "walk-private.h"

#define LINE_MAX_CHARS 76

/* ---- encoding ------------------------------------------------------------------------------ */

/* Is the octet written as it is, if its place does not forbid it? Blanks are. */
static inline gboolean
is_plain (guint8 c)
{
	return (c >= ' ' && c <= '~' && c != '=') || c == '\t';
}

/* The end of the line that begins at @from: the offset of its CRLF, or the end of the text. */
static gsize
line_end (MmBytes text, gsize from)
{
	gsize cr = mm_bytes_find (text, '\r', from);

	while (cr < text.len && (cr + 1 == text.len || text.data[cr + 1] != '\n'))
		cr = mm_bytes_find (text, '\r', cr + 1);
	return cr;
}

/* May the first octet of an output line stand there as it is? */
static gboolean
is_safe_start (MmBytes rest, gboolean after_break)
{
	if (rest.len == 0)
		return TRUE;
	if (rest.data[0] == '.')
		return FALSE;
	if (rest.data[0] == '-')
		return !after_break || rest.len < 2 || rest.data[1] != '-';
	return rest.data[0] != 'F' || rest.len < 5 || memcmp (rest.data, "From ", 5) != 0;
}

/* is_plain () of 16 octets: bits set in those that are not. */
static inline MmBlock
is_not_plain (MmBlock octets)
{
	return ((MmBlock) ((MmBlock) (octets - ' ') > '~' - ' ') & (MmBlock) (octets != '\t')) |
	       (MmBlock) (octets == '=');
}

/* How many octets @text begins with that are plain. */
static gsize
plain_run (MmBytes text)
{
	gsize at = 0;

	for (; text.len - at >= sizeof (MmBlock); at += sizeof (MmBlock)) {
		MmBlock octets;
		guint64 bits;

		memcpy (&octets, text.data + at, sizeof octets);
		bits = mm_block_bits (is_not_plain (octets));
		if (bits != 0)
			return at + (gsize) __builtin_ctzll (bits);
	}
	while (at < text.len && is_plain ((guint8) text.data[at]))
		at++;
	return at;
}

/* A line that needs no change, as most do. */
static gboolean
is_plain_line (MmBytes line)
{
	return line.len <= LINE_MAX_CHARS && is_safe_start (line, FALSE) &&
	       plain_run (line) == line.len &&
	       (line.len == 0 || !mm_is_wsp (line.data[line.len - 1]));
}

/* Writes a line that needs escapes or breaks. A break takes one column of its own, so only what
 * ends the line may use the last one. */
static gboolean
encode_line (MmBytes line, MmBuffer *out)
{
	char written[LINE_MAX_CHARS + 2];
	gsize column = 0;
	gboolean after_break = FALSE;

	for (gsize at = 0; at < line.len; at++) {
		/* What needs no thought: octets that are plain, and neither first nor last. */
		gsize end = MIN (at + LINE_MAX_CHARS - 1 - column, line.len - 1);
		gsize run = column > 0 ? plain_run (mm_bytes_sub (line, at, end)) : 0;
		gboolean last = at + run + 1 == line.len;
		gsize room = LINE_MAX_CHARS - (last ? 0 : 1);
		gboolean plain = is_plain ((guint8) line.data[at + run]) &&
		                 !(last && mm_is_wsp (line.data[at + run]));

		memcpy (written + column, line.data + at, run);
		column += run;
		at += run;
		if (column + (plain ? 1 : 3) > room) {
			memcpy (written + column, "=\r\n", 3);
			if (!mm_buffer_append (out, mm_bytes (written, column + 3)))
				return FALSE;
			column = 0;
			after_break = TRUE;
		}
		if (column == 0)
			plain = plain &&
			        is_safe_start (mm_bytes_sub (line, at, line.len), after_break);
		if (plain) {
			written[column++] = line.data[at];
		} else {
			mm_put_escape (written + column, (guint8) line.data[at]);
			column += 3;
		}
	}
	return mm_buffer_append (out, mm_bytes (written, column));
}

gboolean
mm_qp_encode (MmBytes text, MmBuffer *out)
{
	gsize copied = 0; /* lines from here to @from are plain: they go over together */
	gsize from = 0;

	if (!mm_buffer_reserve (out, text.len))
		return FALSE;
	while (from < text.len) {
		gsize end = line_end (text, from);
		gsize next = MIN (end + 2, text.len);
		MmBytes line = mm_bytes_sub (text, from, end);

		if (!is_plain_line (line)) {
			if (!mm_buffer_append (out, mm_bytes_sub (text, copied, from)) ||
			    !encode_line (line, out) ||
			    !mm_buffer_append (out, mm_bytes_sub (text, end, next)))
				return FALSE;
			copied = next;
		}
		from = next;
	}
	return mm_buffer_append (out, mm_bytes_sub (text, copied, text.len));
}

/* What is not plain and no part of a line end, so that it takes three octets. */
static inline MmBlock
is_escaped (MmBlock octets)
{
	return is_not_plain (octets) & (MmBlock) (octets != '\r') & (MmBlock) (octets != '\n');
}

gsize
mm_qp_least_size (MmBytes text)
{
	gsize size = text.len;
	gsize at = 0;

	for (; text.len - at >= MM_STRIDE; at += MM_STRIDE)
		size += 2 * (gsize) __builtin_popcountll (
				    mm_stride_bits (text.data + at, is_escaped));
	return size;
}

/* ---- decoding ------------------------------------------------------------------------------ */

typedef struct {
	MmBytes encoded;
	gsize from; /* what is written ends here */
	char *to;
} Decoder;

/* '=' and LF. */
static inline MmBlock
is_mark (MmBlock octets)
{
	return (MmBlock) (octets == '=') | (MmBlock) (octets == '\n');
}

/* Writes what stands before @end as it is. Between escapes there is mostly little: two steps of fixed
 * size cost less than one of any. There is room: decoding never makes anything longer. */
static inline void
copy_until (Decoder *d, gsize end)
{
	const char *from = d->encoded.data + d->from;
	gsize len = end - d->from;

	if (len <= sizeof (MmBlock) && d->encoded.len - d->from >= sizeof (MmBlock))
		memcpy (d->to, from, sizeof (MmBlock));
	else
		memcpy (d->to, from, len);
	d->to += len;
	d->from = end;
}

/* Where a line that ends with the LF at @lf, or with the text, has its last octet but for blanks and
 * its line end: CRLF, LF or the damaged CR CR LF; not before @d->from. *@out_eol: where that line end begins. */
static inline gsize
text_end (const Decoder *d, gsize lf, gsize *out_eol)
{
	const char *data = d->encoded.data;
	gsize end = lf;

	while (lf < d->encoded.len && end > d->from && lf - end < 2 && data[end - 1] == '\r')
		end--;
	*out_eol = end;
	while (end > d->from && mm_is_wsp (data[end - 1]))
		end--;
	return end;
}

/* Where the line end behind a '=' that takes it back has its end: only blanks, which transport has
 * added, may stand between. 0: there is none. */
static inline gsize
soft_break_end (MmBytes encoded, gsize at)
{
	gsize cr = 0;

	while (at < encoded.len && mm_is_wsp (encoded.data[at]))
		at++;
	if (at == encoded.len)
		return at;
	while (cr < 2 && at + cr < encoded.len && encoded.data[at + cr] == '\r')
		cr++;
	at += cr;
	return at < encoded.len && encoded.data[at] == '\n' ? at + 1 : 0;
}

/* A '=' that is none of these is content. */
static inline void
take_equals (Decoder *d, gsize at)
{
	gsize next = 0;
	char octet;

	if (mm_get_escape (d->encoded, at + 1, &octet)) {
		copy_until (d, at);
		*d->to++ = octet;
		d->from = at + 3;
		return;
	}
	next = soft_break_end (d->encoded, at + 1);
	if (next > 0) {
		copy_until (d, at);
		d->from = next;
	}
}

/* The end of a line that no '=' takes back; blanks before it were added by transport. */
static inline void
take_line_end (Decoder *d, gsize lf)
{
	gsize eol;
	gsize end = text_end (d, lf, &eol);

	if (end < eol) {
		copy_until (d, end);
		d->from = eol;
	}
}

static gboolean
decode (MmBytes encoded, gboolean keep_blanks, MmBuffer *out)
{
	Decoder d = {.encoded = encoded};
	MmWalk walk = {.text = encoded};
	gsize at;

	/* Decoding never makes anything longer. */
	if (!mm_buffer_reserve (out, encoded.len))
		return FALSE;
	if (encoded.len == 0)
		return TRUE;
	d.to = out->data + out->len;
	while (mm_walk_next (&walk, is_mark, &at)) {
		if (at < d.from)
			continue;
		if (encoded.data[at] == '=')
			take_equals (&d, at);
		else if (!keep_blanks)
			take_line_end (&d, at);
	}
	if (!keep_blanks)
		take_line_end (&d, encoded.len);
	copy_until (&d, encoded.len);
	out->len = (gsize) (d.to - out->data);
	return TRUE;
}

gboolean
mm_qp_decode (MmBytes encoded, MmBuffer *out)
{
	return decode (encoded, FALSE, out);
}

gboolean
mm_qp_decode_with_blanks (MmBytes encoded, MmBuffer *out)
{
	return decode (encoded, TRUE, out);
}
