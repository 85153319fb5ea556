/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-qp-look.c: all that must be known of quoted-printable that has nothing wrong, in one pass.
 *
 * Several who judge a part ask whether its escapes are right, which octets from 0x80 on it holds,
 * and whether a hyphen may begin a line of armour. Nearly always the answers are harmless, and one
 * pass of wide steps gives them at a tenth of what decoding and looking at each line would cost.
 */
#include "codec-private.h"
#include "walk-private.h"

#define LINE_MAX_CHARS 76

/* Both sorts of digits, 1 to 16; 0: it is none. */
static const guint8 digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

typedef struct {
	MmBytes encoded;
	MmQpLook *out;
	gsize line;    /* where the current line begins */
	gsize next_to; /* what would stand next to the last octet of @out->high; 0: nothing */
} Looker;

/* '=', '-', and what is below ' ' or from DEL on, but for CR and HTAB. */
static inline MmBlock
is_special (MmBlock octets)
{
	/* One more than DEL, and than what follows it, is negative; '-' and '=' differ in one bit. */
	MmBlock odd = (MmBlock) ((MmSignedBlock) (octets + 1) <= ' ');

	return (odd & (MmBlock) (octets != '\r') & (MmBlock) (octets != '\t')) |
	       (MmBlock) ((octets | ('-' ^ '=')) == '=');
}

static inline void
see_octet (Looker *l, gsize at, guint8 octet)
{
	MmBuffer *high = &l->out->high;

	if (octet == '-')
		l->out->hyphens = TRUE;
	if (octet < 0x80 || (high->size - high->len < 2 && !mm_buffer_reserve (high, 2)))
		return;
	if (at != l->next_to)
		high->data[high->len++] = ' ';
	high->data[high->len++] = (char) octet;
	l->next_to = at + 3;
}

/* One behind which the next, or a soft line break, stands. */
static inline void
see_hyphen (Looker *l, gsize at)
{
	char next = at + 1 < l->encoded.len ? l->encoded.data[at + 1] : '\0';

	if (next == '-' || next == '=')
		l->out->hyphens = TRUE;
}

/* An escape, or a soft line break: octets around that are neighbours. */
static inline void
see_equals (Looker *l, gsize at)
{
	const guint8 *p = (const guint8 *) l->encoded.data + at;
	gsize left = l->encoded.len - at;

	if (left > 2 && digits[p[1]] != 0 && digits[p[2]] != 0)
		see_octet (l, at, (guint8) ((digits[p[1]] - 1) << 4 | (digits[p[2]] - 1)));
	else if (left > 2 && p[1] == '\r' && p[2] == '\n')
		l->next_to = at == l->next_to ? at + 3 : 0;
	else if (left > 1 && p[1] == '\n')
		l->next_to = at == l->next_to ? at + 2 : 0;
	else
		l->out->flawless = FALSE;
}

/* A line has at most 76 octets, and neither a blank nor a damaged line end ends it. */
static inline void
see_line (Looker *l, gsize end)
{
	const char *data = l->encoded.data;
	gsize text = end;
	char last;

	if (text > l->line && text < l->encoded.len && data[text - 1] == '\r')
		text--;
	last = text > l->line ? data[text - 1] : '\0';
	if (text - l->line > LINE_MAX_CHARS || mm_is_wsp (last) || last == '\r')
		l->out->flawless = FALSE;
	l->line = end + 1;
}

void
mm_qp_look (MmBytes encoded, MmQpLook *out)
{
	Looker l = {.encoded = encoded, .out = out};
	MmWalk walk = {.text = encoded};
	gsize at;

	out->flawless = TRUE;
	out->hyphens = FALSE;
	while (mm_walk_next (&walk, is_special, &at)) {
		if (encoded.data[at] == '=')
			see_equals (&l, at);
		else if (encoded.data[at] == '\n')
			see_line (&l, at);
		else if (encoded.data[at] == '-')
			see_hyphen (&l, at);
		else
			out->flawless = FALSE;
	}
	see_line (&l, encoded.len);
}
