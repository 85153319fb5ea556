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

static inline MmBlock
is_high (MmBlock octets)
{
	return (MmBlock) ((MmSignedBlock) octets < 0);
}

/* Of the octets @wanted. */
static Masks
class_stride (const char *p, guint64 wanted)
{
	return (Masks){
	        .lf = mm_stride_bits (p, is_lf) & wanted,
	        .cr = mm_stride_bits (p, is_cr) & wanted,
	        .nul = mm_stride_bits (p, is_nul) & wanted,
	        .high = mm_stride_bits (p, is_high) & wanted,
	};
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

static void
note (MmScanFact *fact, gsize at)
{
	if (fact->count++ == 0)
		fact->first = at;
}

static void
note_mask (MmScanFact *fact, guint64 mask, gsize base)
{
	if (mask == 0)
		return;
	if (fact->count == 0)
		fact->first = base + (gsize) __builtin_ctzll (mask);
	fact->count += (gsize) __builtin_popcountll (mask);
}

/* Something other than LF follows the open CRs: each of them stood alone. */
static void
close_crs (MmScanner *s)
{
	for (guint i = 0; i < s->crs; i++)
		note (&s->facts.lone_cr, s->crs_at + i);
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

/* An LF at @at: with the CRs before it a line end, canonical or not. */
static void
see_lf (MmScanner *s, gsize at)
{
	gsize end = s->crs > 0 ? at - 1 : at;

	if (s->crs == 0) {
		note (&s->facts.lone_lf, at);
	} else if (s->crs > 1) {
		/* CR CR LF is one damaged line end; CRs before it stand alone. */
		s->crs -= 2;
		note (&s->facts.cr_cr_lf, at - 2);
		close_crs (s);
	}
	s->crs = 0;
	end_line (s, end, at + 1);
}

static void
see_cr (MmScanner *s, gsize at)
{
	if (s->crs++ == 0)
		s->crs_at = at;
}

/* CR and LF of one stride, in order. Open CRs are closed by whatever is not directly behind. */
static void
see_line_ends (MmScanner *s, const Masks *m, gsize base)
{
	guint64 both = m->cr | m->lf;

	while (both != 0) {
		guint64 bit = both & -both;
		gsize at = base + (gsize) __builtin_ctzll (bit);

		if (s->crs > 0 && s->crs_at + s->crs != at)
			close_crs (s);
		if (m->lf & bit)
			see_lf (s, at);
		else
			see_cr (s, at);
		both ^= bit;
	}
}

/* TRUE if each CR of the stride stands before an LF of it and the other way round, and nothing is
 * open: canonical line ends only. */
static gboolean
is_canonical (const MmScanner *s, const Masks *m)
{
	return s->crs == 0 && m->lf == m->cr << 1 && m->cr >> (MM_STRIDE - 1) == 0;
}

static void
end_lines (MmScanner *s, guint64 lf, gsize base)
{
	for (; lf != 0; lf &= lf - 1) {
		gsize at = base + (gsize) __builtin_ctzll (lf);

		end_line (s, at - 1, at + 1);
	}
}

static inline void
see_stride (MmScanner *s, Masks m, gsize base)
{
	if ((m.nul | m.high) != 0) {
		note_mask (&s->facts.eightbit, m.high, base);
		note_mask (&s->facts.nul, m.nul, base);
	}
	if (is_canonical (s, &m))
		end_lines (s, m.lf, base);
	else
		see_line_ends (s, &m, base);
}

/* Takes the CRLFs of a stride, of which @low are the octets below 14, as long as there is nothing else:
 * that is all that most strides hold. Returns what is left of @low. */
static inline guint64
see_crlfs (MmScanner *s, const char *p, guint64 low, gsize base)
{
	while (low != 0 && s->crs == 0) {
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

void
mm_scanner_feed (MmScanner *s, MmBytes chunk)
{
	for (gsize at = 0; at < chunk.len; at += MM_STRIDE) {
		const char *p = chunk.data + at;
		gsize left = chunk.len - at;

		guint64 low = left >= MM_STRIDE ? mm_stride_bits (p, is_low) : 0;

		if (left < MM_STRIDE)
			see_stride (s, class_rest (p, left), s->facts.size + at);
		else if ((low = see_crlfs (s, p, low, s->facts.size + at)) != 0)
			see_stride (s, class_stride (p, low), s->facts.size + at);
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
