/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scan.c: one pass over octets.
 *
 * Sixteen octets at a time are classed into bit masks (LF, CR, NUL, eighth bit); only the bits that
 * are set cost more, and most strides of mail have none. Where the compiler has no SSE2 the same
 * masks are made octet by octet.
 */
#include <config.h>

#include <mailmend/scan.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define STRIDE 16

typedef struct {
	guint lf, cr, nul, high; /* bit n: octet n of the stride */
} Masks;

#ifdef __SSE2__
/* TRUE if no mask of this stride has a bit. As signed numbers NUL, LF, CR and all octets with an
 * eighth bit are below 14; what else is, such as HTAB, is rare. */
static gboolean
is_plain (const char *p)
{
	__m128i v = _mm_loadu_si128 ((const __m128i *) p);

	return _mm_movemask_epi8 (_mm_cmplt_epi8 (v, _mm_set1_epi8 ('\r' + 1))) == 0;
}

static Masks
class_stride (const char *p)
{
	__m128i v = _mm_loadu_si128 ((const __m128i *) p);

	return (Masks){
	        .lf = (guint) _mm_movemask_epi8 (_mm_cmpeq_epi8 (v, _mm_set1_epi8 ('\n'))),
	        .cr = (guint) _mm_movemask_epi8 (_mm_cmpeq_epi8 (v, _mm_set1_epi8 ('\r'))),
	        .nul = (guint) _mm_movemask_epi8 (_mm_cmpeq_epi8 (v, _mm_setzero_si128 ())),
	        .high = (guint) _mm_movemask_epi8 (v),
	};
}
#endif

static Masks
class_octets (const char *p, gsize n)
{
	Masks m = {0};

	for (gsize i = 0; i < n; i++) {
		guint bit = 1u << i;
		m.lf |= p[i] == '\n' ? bit : 0;
		m.cr |= p[i] == '\r' ? bit : 0;
		m.nul |= p[i] == '\0' ? bit : 0;
		m.high |= ((guchar) p[i] & 0x80) ? bit : 0;
	}
	return m;
}

static Masks
class_at (const char *p, gsize n)
{
#ifdef __SSE2__
	if (n >= STRIDE)
		return class_stride (p);
#endif
	return class_octets (p, MIN (n, STRIDE));
}

static void
note (MmScanFact *fact, gsize at)
{
	if (fact->count++ == 0)
		fact->first = at;
}

static void
note_mask (MmScanFact *fact, guint mask, gsize base)
{
	if (mask == 0)
		return;
	if (fact->count == 0)
		fact->first = base + (gsize) __builtin_ctz (mask);
	fact->count += (gsize) __builtin_popcount (mask);
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
	guint both = m->cr | m->lf;

	while (both != 0) {
		guint bit = both & -both;
		gsize at = base + (gsize) __builtin_ctz (bit);

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
	return s->crs == 0 && m->lf == m->cr << 1;
}

static void
end_lines (MmScanner *s, guint lf, gsize base)
{
	for (; lf != 0; lf &= lf - 1) {
		gsize at = base + (gsize) __builtin_ctz (lf);

		end_line (s, at - 1, at + 1);
	}
}

void
mm_scanner_init (MmScanner *scanner)
{
	*scanner = (MmScanner){0};
}

void
mm_scanner_feed (MmScanner *s, MmBytes chunk)
{
	for (gsize at = 0; at < chunk.len; at += STRIDE) {
		gsize base = s->facts.size + at;
		Masks m;

#ifdef __SSE2__
		if (chunk.len - at >= STRIDE && is_plain (chunk.data + at))
			continue;
#endif
		m = class_at (chunk.data + at, chunk.len - at);
		note_mask (&s->facts.eightbit, m.high, base);
		note_mask (&s->facts.nul, m.nul, base);
		if (is_canonical (s, &m))
			end_lines (s, m.lf, base);
		else
			see_line_ends (s, &m, base);
	}
	s->facts.size += chunk.len;
	if (s->crs > 0 && s->crs_at + s->crs != s->facts.size)
		close_crs (s);
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
