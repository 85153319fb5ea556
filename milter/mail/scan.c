/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scan.c: one pass over octets.
 *
 * 64 octets at a time are classed into bit masks (LF, CR, NUL, eighth bit); only the bits that are
 * set cost more, and most strides of mail have a line end or none.
 */
#include <config.h>

#include <mailmend/scan.h>

#include "walk-private.h"

typedef struct {
	guint64 lf, cr, nul, high; /* bit n: octet n of the stride */
} Masks;

/* As signed numbers NUL, LF, CR and all octets with an eighth bit are below 14; what else is, such as
 * HTAB, is rare. */
static inline MmBlock
is_low (MmBlock octets)
{
	return (MmBlock) ((MmSignedBlock) octets <= '\r');
}

static inline MmBlock
is_lf (MmBlock octets)
{
	return (MmBlock) (octets == '\n');
}

static inline MmBlock
is_cr (MmBlock octets)
{
	return (MmBlock) (octets == '\r');
}

static inline MmBlock
is_nul (MmBlock octets)
{
	return (MmBlock) (octets == 0);
}

/* What counts is the first bit of each octet. */
static inline MmBlock
is_high (MmBlock octets)
{
	return octets;
}

/* Of the octets @wanted. */
static inline Masks
class_stride (const char *p, guint64 wanted)
{
	Masks masks = {
	        .lf = mm_stride_bits (p, is_lf) & wanted,
	        .cr = mm_stride_bits (p, is_cr) & wanted,
	};
	guint64 rest = wanted & ~(masks.lf | masks.cr);

	if (rest != 0) {
		masks.high = mm_stride_bits (p, is_high) & rest;
		masks.nul = mm_stride_bits (p, is_nul) & rest;
	}
	return masks;
}

/* The last octets, filled up with some that are of no interest. */
static Masks
class_rest (const char *p, gsize n)
{
	char rest[MM_STRIDE];

	memset (rest, ' ', sizeof rest);
	memcpy (rest, p, n);
	return class_stride (rest, G_MAXUINT64);
}

/* @n in a row at @at. */
static void
note (MmScanFact *fact, gsize at, gsize n)
{
	if (n > 0 && fact->count == 0)
		fact->first = at;
	fact->count += n;
}

static void
note_mask (MmScanFact *fact, guint64 mask, gsize base)
{
	if (mask != 0)
		note (fact, base + (gsize) __builtin_ctzll (mask),
		      (gsize) __builtin_popcountll (mask));
}

/* Something other than LF follows the open CRs: each of them stood alone. */
static void
close_crs (MmScanner *s)
{
	note (&s->facts.lone_cr, s->crs_at, s->crs);
	s->crs = 0;
}

static void
end_line (MmScanner *s, gsize end, gsize next)
{
	gsize len = end - s->line_start;

	if (len > s->facts.longest || s->facts.lines == 0) {
		s->facts.longest = len;
		s->facts.longest_at = s->line_start;
	}
	s->facts.lines++;
	s->line_start = next;
}

/* The open CRs and an LF at @at behind them. CR CR LF is one damaged line end; CRs before it stand
 * alone. */
static void
end_crs (MmScanner *s, gsize at)
{
	gsize damaged = s->crs > 1;

	note (&s->facts.lone_cr, s->crs_at, s->crs - 1 - damaged);
	note (&s->facts.cr_cr_lf, at - 2, damaged);
	s->crs = 0;
	end_line (s, at - 1, at + 1);
}

/* What becomes of the CRs that were open before this stride; takes what belongs to them out of @m. */
static void
continue_crs (MmScanner *s, Masks *m, gsize base, guint len)
{
	guint run = ~m->cr == 0 ? MM_STRIDE : (guint) __builtin_ctzll (~m->cr);

	if (s->crs_at + s->crs != base) {
		close_crs (s);
		return;
	}
	s->crs += run;
	m->cr &= m->cr + 1; /* without the run that it begins with */
	if (run == len)
		return;
	if ((m->lf >> run & 1) == 0) {
		close_crs (s);
		return;
	}
	end_crs (s, base + run);
	m->lf &= m->lf - 1;
}

/* Of CRs that end the stride of @len octets it is not known yet what follows: they stay open. */
static void
open_crs (MmScanner *s, Masks *m, gsize base, guint len)
{
	guint64 others = ~(m->cr << (MM_STRIDE - len));
	guint run = others == 0 ? MM_STRIDE : (guint) __builtin_clzll (others);

	if (run == 0)
		return;
	s->crs = run;
	s->crs_at = base + len - run;
	m->cr &= run == len ? 0 : (G_GUINT64_CONSTANT (1) << (len - run)) - 1;
}

/* TRUE if @n bits in a row are set. */
static gboolean
has_run (guint64 bits, gsize n)
{
	if (n > MM_STRIDE)
		return FALSE;
	/* A bit that stays stands for as many in a row as @have says. */
	for (gsize have = 1, more; have < n && bits != 0; have += more) {
		more = MIN (have, n - have);
		bits &= bits >> more;
	}
	return bits != 0;
}

/* The lines that end at @lf, some of which have a CR before them (@crlf). Where most are short only
 * their number counts. */
static void
end_lines (MmScanner *s, guint64 lf, guint64 crlf, gsize base)
{
	guint64 text = ~(lf | crlf);
	guint last = MM_STRIDE - 1 - (guint) __builtin_clzll (lf);

	for (guint64 first = lf & -lf; lf != 0; lf &= lf - 1, first = lf & -lf) {
		gsize at = base + (gsize) __builtin_ctzll (lf);

		end_line (s, at - ((crlf & first >> 1) != 0), at + 1);
		/* between this line end and the last one */
		text &= -first & ((G_GUINT64_CONSTANT (1) << last) - 1);
		if (first >> last == 0 && !has_run (text, s->facts.longest + 1)) {
			s->facts.lines += (gsize) __builtin_popcountll (lf & (lf - 1));
			s->line_start = base + last + 1;
			return;
		}
	}
}

static void
see_line_ends (MmScanner *s, Masks m, gsize base, guint len)
{
	guint64 crlf, crcrlf;

	if (s->crs > 0)
		continue_crs (s, &m, base, len);
	if (m.cr != 0)
		open_crs (s, &m, base, len);
	crlf = m.cr & m.lf >> 1;
	crcrlf = m.cr & crlf >> 1;
	note_mask (&s->facts.cr_cr_lf, crcrlf, base);
	note_mask (&s->facts.lone_cr, m.cr & ~(crlf | crcrlf), base);
	note_mask (&s->facts.lone_lf, m.lf & ~(crlf << 1), base);
	if (m.lf != 0)
		end_lines (s, m.lf, crlf, base);
}

static void
see_stride (MmScanner *s, const Masks *m, gsize base, guint len)
{
	note_mask (&s->facts.eightbit, m->high, base);
	note_mask (&s->facts.nul, m->nul, base);
	if ((m->lf | m->cr) != 0)
		see_line_ends (s, *m, base, len);
}

/* That many line ends a stride has at most in usual text. */
#define USUAL_LINE_ENDS 3

/* More than so many, of @lf. */
static inline gboolean
is_dense (guint64 lf)
{
	for (guint n = 0; n < USUAL_LINE_ENDS; n++)
		lf &= lf - 1;
	return lf != 0;
}

/* Takes the CRLFs of a stride, of which @low are the octets below 14, as long as there is nothing else:
 * that is all that most strides hold. Returns what is left of @low. */
static inline guint64
see_crlfs (MmScanner *s, const char *p, guint64 low, gsize base)
{
	for (guint n = 0; low != 0 && s->crs == 0 && n < USUAL_LINE_ENDS; n++) {
		guint at = (guint) __builtin_ctzll (low);

		if (at == MM_STRIDE - 1 || p[at] != '\r' || p[at + 1] != '\n')
			break;
		end_line (s, base + at, base + at + 2);
		low &= low - 1;
		low &= low - 1;
	}
	return low;
}

void
mm_scanner_init (MmScanner *scanner)
{
	*scanner = (MmScanner){0};
}

/* Octets. */
#define AHEAD 2048

void
mm_scanner_feed (MmScanner *s, MmBytes chunk)
{
	gboolean dense = FALSE; /* as the stride before */

	for (gsize at = 0; at < chunk.len; at += MM_STRIDE) {
		const char *p = chunk.data + at;
		gsize left = chunk.len - at, base = s->facts.size + at;
		guint64 low = left >= MM_STRIDE ? mm_stride_bits (p, is_low) : 0;
		Masks masks;

		/* The next page does not come by itself. */
		mm_fetch_ahead (p, AHEAD);
		if (left >= MM_STRIDE && !dense)
			low = see_crlfs (s, p, low, base);
		if (left >= MM_STRIDE && low == 0)
			continue;
		masks = left < MM_STRIDE ? class_rest (p, left) : class_stride (p, low);
		dense = is_dense (masks.lf);
		see_stride (s, &masks, base, (guint) MIN (left, MM_STRIDE));
	}
	s->facts.size += chunk.len;
	if (s->crs > 0 && s->crs_at + s->crs != s->facts.size)
		close_crs (s);
}

void
mm_scanner_take_lines (MmScanner *s, gsize n, gsize len)
{
	if (n == 0)
		return;
	end_line (s, s->facts.size + len, s->facts.size + len + 2);
	s->facts.lines += n - 1;
	s->facts.size += n * (len + 2);
	s->line_start = s->facts.size;
}

void
mm_scanner_finish (MmScanner *s)
{
	close_crs (s);
	if (s->line_start < s->facts.size)
		end_line (s, s->facts.size, s->facts.size);
}

MmScan
mm_scan (MmBytes bytes)
{
	MmScanner scanner;

	mm_scanner_init (&scanner);
	mm_scanner_feed (&scanner, bytes);
	mm_scanner_finish (&scanner);
	return scanner.facts;
}
