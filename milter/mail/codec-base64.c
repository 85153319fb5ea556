/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-base64.c: base64 (RFC 2045 6.8), written to the letter and read with patience.
 *
 * The decoder never stops before the end: mail in which every chunk was padded for itself, or in
 * which a gateway left other characters, still has all its content, and content that some reader
 * may see must not be hidden from us. What was wrong is told beside it.
 */
#include "codec-private.h"

#define LINE_OCTETS 57 /* 76 characters */
#define LINE_CHARS 76

/* Lines of as many digits are decoded one by one. */
#define LONG_LINE 16

/* ---- encoding ------------------------------------------------------------------------------ */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
mm_base64_put (MmBytes octets, char *to)
{
	const guint8 *from = (const guint8 *) octets.data;
	gsize len = octets.len;

	for (; len >= 3; len -= 3, from += 3, to += 4) {
		guint32 group = (guint32) from[0] << 16 | (guint32) from[1] << 8 | from[2];

		to[0] = alphabet[group >> 18];
		to[1] = alphabet[group >> 12 & 63];
		to[2] = alphabet[group >> 6 & 63];
		to[3] = alphabet[group & 63];
	}
	if (len > 0) {
		guint32 group = (guint32) from[0] << 16 | (len > 1 ? (guint32) from[1] << 8 : 0);

		to[0] = alphabet[group >> 18];
		to[1] = alphabet[group >> 12 & 63];
		to[2] = len > 1 ? alphabet[group >> 6 & 63] : '=';
		to[3] = '=';
		to += 4;
	}
	return to;
}

gboolean
mm_base64_encode (MmBytes octets, MmBuffer *out)
{
	gsize lines = octets.len / LINE_OCTETS + (octets.len % LINE_OCTETS != 0);
	char *to;

	if (lines > G_MAXSSIZE / (LINE_CHARS + 2)) {
		out->failed = TRUE;
		return FALSE;
	}
	if (!mm_buffer_reserve (out, lines * (LINE_CHARS + 2)))
		return FALSE;
	if (octets.len == 0)
		return TRUE;
	to = out->data + out->len;
	for (gsize at = 0; at < octets.len; at += LINE_OCTETS) {
		to = mm_base64_put (mm_bytes_sub (octets, at, at + LINE_OCTETS), to);
		*to++ = '\r';
		*to++ = '\n';
	}
	out->len = (gsize) (to - out->data);
	return TRUE;
}

/* ---- decoding ------------------------------------------------------------------------------ */

#define P_ MM_BASE64_PAD
#define S_ MM_BASE64_SPACE
#define F_ MM_BASE64_OTHER

const guint8 mm_base64_meaning[256] = {
	F_, F_, F_, F_, F_, F_, F_, F_, F_, S_, S_, F_, F_, S_, F_, F_, /* 00 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* 10 */
	S_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, 62, F_, F_, F_, 63, /* 20 */
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, F_, F_, F_, P_, F_, F_, /* 30 */
	F_, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, /* 40 */
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, F_, F_, F_, F_, F_, /* 50 */
	F_, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, /* 60 */
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, F_, F_, F_, F_, F_, /* 70 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* 80 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* 90 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* A0 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* B0 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* C0 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* D0 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* E0 */
	F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, F_, /* F0 */
};

#undef P_
#undef S_
#undef F_

typedef struct {
	guint8 *to;
	guint32 group; /* the digits of the quantum so far */
	guint digits;  /* how many: 0 to 3 */
	guint pads;    /* '=' still due to the quantum that was ended last */
	gboolean padded;  /* a '=' was seen */
	gboolean odd_pad; /* one too few, too many, or in an odd place */
	gboolean foreign;
} Decoder;

static inline void
put_quantum (Decoder *d)
{
	*d->to++ = (guint8) (d->group >> 16);
	*d->to++ = (guint8) (d->group >> 8);
	*d->to++ = (guint8) d->group;
	d->group = 0;
	d->digits = 0;
}

/* Writes the whole octets of a quantum of two or three digits; @digits of one has none. */
static inline void
put_partial (Decoder *d)
{
	guint32 group = d->group << 6 * (4 - d->digits);

	if (d->digits >= 2)
		*d->to++ = (guint8) (group >> 16);
	if (d->digits == 3)
		*d->to++ = (guint8) (group >> 8);
	d->group = 0;
	d->digits = 0;
}

static inline void
take_digit (Decoder *d, guint8 value)
{
	if (d->padded)
		d->foreign = TRUE; /* data after the padding */
	d->group = d->group << 6 | value;
	if (++d->digits == 4)
		put_quantum (d);
}

/* A '=' ends a quantum of two or three digits. Any other is no padding at all and is skipped. */
static inline void
take_pad (Decoder *d)
{
	d->padded = TRUE;
	if (d->digits >= 2) {
		d->pads = 3 - d->digits;
		put_partial (d);
	} else if (d->digits == 0 && d->pads > 0) {
		d->pads--;
	} else {
		d->odd_pad = TRUE;
	}
}

static inline void
take (Decoder *d, guint8 value)
{
	if (value < 64)
		take_digit (d, value);
	else if (value == MM_BASE64_PAD)
		take_pad (d);
	else if (value == MM_BASE64_OTHER)
		d->foreign = TRUE;
}

/* The decoder in a copy of our own, which no octet written can change: it stays in registers. */
static void
take_each (Decoder *d, const guint8 *from, const guint8 *end)
{
	Decoder own;

	if (from == end)
		return;
	own = *d;
	for (; from < end; from++)
		take (&own, mm_base64_meaning[*from]);
	*d = own;
}

/* Whole quanta that stand together, which is nearly all of any real part. */
static const guint8 *
take_quanta (Decoder *d, const guint8 *from, const guint8 *end)
{
	guint8 *to = d->to;

	for (; end - from >= 4; from += 4, to += 3) {
		guint32 a = mm_base64_meaning[from[0]], b = mm_base64_meaning[from[1]];
		guint32 c = mm_base64_meaning[from[2]], e = mm_base64_meaning[from[3]];
		guint32 group = a << 18 | b << 12 | c << 6 | e;

		if ((a | b | c | e) >= 64)
			break;
		to[0] = (guint8) (group >> 16);
		to[1] = (guint8) (group >> 8);
		to[2] = (guint8) group;
	}
	d->to = to;
	return from;
}

/* MM_STRIDE octets without a '=': lines too short for take_quanta (). FALSE: there is one, and nothing
 * is taken. */
static gboolean
take_sparse (Decoder *d, const guint8 *from)
{
	guint64 bits = mm_stride_bits ((const char *) from, mm_base64_digits_in);
	guint8 digits[MM_STRIDE];
	const guint8 *at = digits;
	guint8 *end = digits;

	/* Jumps that cannot be foreseen keep the processor from reading ahead by itself. */
	mm_fetch_ahead (from, 8 * MM_STRIDE);
	if (mm_stride_bits ((const char *) from, mm_base64_pads_in) != 0)
		return FALSE;
	if (mm_stride_bits ((const char *) from, mm_base64_foreign_in) != 0 ||
	    (d->padded && bits != 0))
		d->foreign = TRUE;
	for (; bits != 0; bits &= bits - 1)
		*end++ = from[__builtin_ctzll (bits)];
	at += MIN ((4 - d->digits) % 4, (gsize) (end - at));
	take_each (d, digits, at);
	take_each (d, take_quanta (d, at, end), end);
	return TRUE;
}

/* Returns the end of what was taken: one octet at least. */
static const guint8 *
take_some (Decoder *d, const guint8 *from, const guint8 *end)
{
	const guint8 *start = from, *to;

	if (d->digits == 0 && !d->padded)
		from = take_quanta (d, from, end);
	if (from - start >= LONG_LINE) {
		while (from < end && mm_base64_meaning[*from] == MM_BASE64_SPACE)
			from++;
		return from;
	}
	if (end - from >= MM_STRIDE && take_sparse (d, from))
		return from + MM_STRIDE;
	to = end - from > MM_STRIDE ? from + MM_STRIDE : end;
	take_each (d, from, to);
	return to;
}

static MmBase64State
finish (Decoder *d)
{
	guint left = d->digits;

	put_partial (d);
	if (left == 1)
		return MM_BASE64_TRUNCATED;
	if (d->foreign)
		return MM_BASE64_FOREIGN;
	return left > 0 || d->pads > 0 || d->odd_pad ? MM_BASE64_UNPADDED : MM_BASE64_CLEAN;
}

gboolean
mm_base64_decode (MmBytes encoded, MmBuffer *out, MmBase64State *out_state)
{
	const guint8 *from, *end;
	Decoder d = {0};

	/* Every octet written takes more than one character, so this is enough. */
	if (!mm_buffer_reserve (out, encoded.len / 4 * 3 + 3))
		return FALSE;
	*out_state = MM_BASE64_CLEAN;
	if (encoded.len == 0)
		return TRUE;
	from = (const guint8 *) encoded.data;
	end = from + encoded.len;
	d.to = (guint8 *) out->data + out->len;
	while (from < end)
		from = take_some (&d, from, end);
	*out_state = finish (&d);
	out->len = (gsize) ((char *) d.to - out->data);
	return TRUE;
}
