/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk-private.h: from one octet of interest to the next, 64 octets looked at together.
 *
 * Where every line has some, a memchr() for each costs more than all the octets between. What is of
 * interest a function of the caller says of 16 octets at once; the compiler makes vector
 * instructions of it on every machine that has them.
 */
#pragma once

#include <mailmend/bytes.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

G_BEGIN_DECLS

typedef guint8 MmBlock __attribute__ ((vector_size (16)));
typedef gint8 MmSignedBlock __attribute__ ((vector_size (16)));

#define MM_STRIDE 64

/* The first bit set in every octet that is of interest. */
typedef MmBlock (*MmBlockClass) (MmBlock octets);

/* Bit n: octet n of @found. */
static inline guint64
mm_block_bits (MmBlock found)
{
#ifdef __SSE2__
	return (guint64) (guint) _mm_movemask_epi8 ((__m128i) found);
#else
	guint64 bits = 0;

	for (guint i = 0; i < sizeof found; i++)
		bits |= (guint64) (found[i] >> 7) << i;
	return bits;
#endif
}

/* Has the processor fetch what lies @ahead octets behind @from. That may be beyond the text: nothing is
 * read there. */
static inline void
mm_fetch_ahead (const void *from, gsize ahead)
{
	__builtin_prefetch ((const void *) ((guintptr) from + ahead));
}

/* Bit n: octet n of the 64 from @from on. */
static inline guint64
mm_stride_bits (const char *from, MmBlockClass class)
{
	MmBlock octets[4];

	memcpy (octets, from, sizeof octets);
	return mm_block_bits (class (octets[0])) | mm_block_bits (class (octets[1])) << 16 |
	       mm_block_bits (class (octets[2])) << 32 | mm_block_bits (class (octets[3])) << 48;
}

/* The same for up to 64 octets. */
static inline guint64
mm_rest_bits (const char *from, gsize len, MmBlockClass class)
{
	char rest[MM_STRIDE] = {0};

	memcpy (rest, from, len);
	return mm_stride_bits (rest, class) & (len < MM_STRIDE ? (G_GUINT64_CONSTANT (1) << len) - 1
	                                                      : G_MAXUINT64);
}

typedef struct {
	MmBytes text;
	gsize next;   /* the stride that follows */
	guint64 bits; /* what is left of the current one */
} MmWalk;

/* The next octet of interest. FALSE: there is none. */
static inline gboolean
mm_walk_next (MmWalk *walk, MmBlockClass class, gsize *out_at)
{
	while (walk->bits == 0) {
		gsize left = walk->text.len - walk->next;

		if (left == 0)
			return FALSE;
		walk->bits = left >= MM_STRIDE
		                     ? mm_stride_bits (walk->text.data + walk->next, class)
		                     : mm_rest_bits (walk->text.data + walk->next, left, class);
		/* What is done between two steps keeps the processor from reading ahead by itself. */
		mm_fetch_ahead (walk->text.data + walk->next, 8 * MM_STRIDE);
		walk->next += MIN (left, MM_STRIDE);
	}
	/* A stride before the last one is whole; the last one may end anywhere. */
	*out_at = ((walk->next - 1) & ~(gsize) (MM_STRIDE - 1)) + (gsize) __builtin_ctzll (walk->bits);
	walk->bits &= walk->bits - 1;
	return TRUE;
}

G_END_DECLS
