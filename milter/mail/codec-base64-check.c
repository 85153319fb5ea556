/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-base64-check.c: is this base64 (RFC 2045 6.8)? Without decoding it.
 *
 * Attachments are most of the octets of all mail, and nearly all of them are clean lines of digits.
 * 64 octets without padding, however short their lines, are judged together; only where a '=' is
 * does each octet go through the same rules as the decoder's.
 */
#include "codec-private.h"

#define BLOCK sizeof (MmBlock)

static inline MmBlock
digits_in (const guint8 *from)
{
	MmBlock octets;

	memcpy (&octets, from, BLOCK);
	return mm_base64_digits_in (octets);
}

static inline gboolean
is_full (MmBlock block)
{
	guint64 halves[2];

	memcpy (halves, &block, BLOCK);
	return (halves[0] & halves[1]) == G_MAXUINT64;
}

static inline gboolean
are_digits (const guint8 *from, gsize len)
{
	MmBlock all;

	if (len < BLOCK) {
		for (gsize i = 0; i < len; i++)
			if (mm_base64_meaning[from[i]] >= 64)
				return FALSE;
		return TRUE;
	}
	/* The last block may overlap the one before it. */
	all = digits_in (from + len - BLOCK);
	for (gsize at = 0; at + BLOCK < len; at += BLOCK)
		all &= digits_in (from + at);
	return is_full (all);
}

gboolean
mm_base64_are_digits (MmBytes b)
{
	return are_digits ((const guint8 *)b.data, b.len);
}

/* What mm_base64_decode () knows of the digits behind it, see there. */
typedef struct {
	gsize digits; /* of the quantum: modulo 4 */
	guint pads;
	gboolean padded;
	gboolean odd_pad;
	gboolean foreign;
	gsize at; /* of the first flaw */
	gsize line_len; /* of the line before, if it is a long one of whole quanta; else 0 */
} Checker;

static void
note (Checker *c, gboolean *flaw, gsize at)
{
	*flaw = TRUE;
	c->at = MIN (c->at, at);
}

static void
take_pad (Checker *c, gsize at)
{
	c->padded = TRUE;
	if (c->digits >= 2) {
		c->pads = 3 - (guint)c->digits;
		c->digits = 0;
	} else if (c->digits == 0 && c->pads > 0) {
		c->pads--;
	} else {
		note (c, &c->odd_pad, at);
	}
}

static void
take_octets (Checker *c, MmBytes octets, gsize offset)
{
	for (gsize i = 0; i < octets.len; i++) {
		guint8 meaning = mm_base64_meaning[(guint8)octets.data[i]];

		if (meaning < 64)
			c->digits = (c->digits + 1) % 4;
		if (meaning == MM_BASE64_OTHER || (meaning < 64 && c->padded))
			note (c, &c->foreign, offset + i);
		else if (meaning == MM_BASE64_PAD)
			take_pad (c, offset + i);
	}
}

static void
take_stride (Checker *c, const char *octets, gsize offset)
{
	guint64 digits = mm_stride_bits (octets, mm_base64_digits_in);
	guint64 foreign = mm_stride_bits (octets, mm_base64_foreign_in);

	if (mm_stride_bits (octets, mm_base64_pads_in) != 0) {
		take_octets (c, mm_bytes (octets, MM_STRIDE), offset);
		return;
	}
	if (c->padded)
		foreign |= digits;
	if (foreign != 0)
		note (c, &c->foreign, offset + (gsize)__builtin_ctzll (foreign));
	c->digits = (c->digits + (gsize)__builtin_popcountll (digits)) % 4;
}

static void
take (Checker *c, MmBytes octets, gsize offset)
{
	gsize at = 0;

	for (; octets.len - at >= MM_STRIDE; at += MM_STRIDE)
		take_stride (c, octets.data + at, offset + at);
	take_octets (c, mm_bytes_sub (octets, at, octets.len), offset + at);
}

/* Nearly all lines are as long as the one before, so none of those is searched for its end. */
gsize
mm_base64_skip_lines (MmBytes encoded, gsize from, gsize len)
{
	while (encoded.len - from >= len + 2 && encoded.data[from + len] == '\r' &&
	       encoded.data[from + len + 1] == '\n' &&
	       are_digits ((const guint8 *)encoded.data + from, len))
		from += len + 2;
	return from;
}

/* The line at @from. If it is none of digits only, a stride at least is taken, and what follows begins
 * within a line: that is read as well, since a state says how many digits there were, not of which
 * line. Returns the end of what was taken. */
static gsize
take_line (Checker *c, MmBytes encoded, gsize from)
{
	gsize end = mm_bytes_find (encoded, '\n', from);
	MmBytes line = mm_bytes_sub (encoded, from, end);
	gsize next = MIN (MAX (end + 1, from + MM_STRIDE), encoded.len);

	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	c->line_len = 0;
	if (!c->padded && c->digits == 0 && line.len >= BLOCK && line.len % 4 == 0 &&
	    are_digits ((const guint8 *)line.data, line.len)) {
		c->line_len = line.len;
		return MIN (end + 1, encoded.len);
	}
	take (c, mm_bytes_sub (encoded, from, next), from);
	return next;
}

MmBase64State
mm_base64_check (MmBytes encoded, gsize *out_at)
{
	return mm_base64_check_rest (encoded, (MmBytes){encoded.data, 0}, out_at);
}

MmBase64State
mm_base64_check_rest (MmBytes encoded, MmBytes known, gsize *out_at)
{
	Checker c = {.at = encoded.len};
	gsize known_at = known.len > 0 ? (gsize)(known.data - encoded.data) : encoded.len;

	for (gsize from = 0; from < encoded.len;) {
		MmBytes unknown = mm_bytes_sub (encoded, 0,
						from < known_at ? known_at : encoded.len);

		if (c.line_len > 0)
			from = mm_base64_skip_lines (unknown, from, c.line_len);
		if (from == known_at && !c.padded && c.digits == 0)
			from += known.len;
		else if (from < unknown.len)
			from = take_line (&c, unknown, from);
	}
	if (out_at != NULL)
		*out_at = c.at;
	if (c.digits == 1)
		return MM_BASE64_TRUNCATED;
	if (c.foreign)
		return MM_BASE64_FOREIGN;
	return c.digits > 0 || c.pads > 0 || c.odd_pad ? MM_BASE64_UNPADDED : MM_BASE64_CLEAN;
}
