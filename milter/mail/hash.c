/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash.c: hashes for tables whose keys come with mail.
 *
 * Whoever knows a hash function can write thousands of names with one hash, and a table of them costs
 * time squared. So the hash has a key that nobody outside knows, SipHash-1-3 (Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF"): where this program and the C library were loaded, which is
 * another place in every process.
 */
#include <config.h>

#include <string.h>

#include <mailmend/bytes.h>

typedef struct {
	guint64 a, b, c, d;
} State;

static inline guint64
rotate (guint64 x, guint by)
{
	return x << by | x >> (64 - by);
}

static inline void
mix (State *s)
{
	s->a += s->b;
	s->b = rotate (s->b, 13) ^ s->a;
	s->a = rotate (s->a, 32);
	s->c += s->d;
	s->d = rotate (s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate (s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate (s->b, 17) ^ s->c;
	s->c = rotate (s->c, 32);
}

static inline void
take (State *s, guint64 word)
{
	s->d ^= word;
	mix (s);
	s->a ^= word;
}

/* Of the octets as they are, or in lower case. */
static guint
hash (MmBytes in, gboolean lower)
{
	const guint64 key = (guint64) (guintptr) &mm_str_hash, other = (guint64) (guintptr) &memchr;
	State s = {key ^ G_GUINT64_CONSTANT (0x736f6d6570736575),
	           other ^ G_GUINT64_CONSTANT (0x646f72616e646f6d),
	           key ^ G_GUINT64_CONSTANT (0x6c7967656e657261),
	           other ^ G_GUINT64_CONSTANT (0x7465646279746573)};
	guint64 word = 0;

	for (gsize i = 0; i < in.len; i++) {
		guint64 octet = (guchar) (lower ? mm_lower (in.data[i]) : in.data[i]);

		word |= octet << (i % 8 * 8);
		if (i % 8 == 7) {
			take (&s, word);
			word = 0;
		}
	}
	take (&s, word | (guint64) in.len << 56);
	s.c ^= 0xff;
	mix (&s);
	mix (&s);
	mix (&s);
	return (guint) (s.a ^ s.b ^ s.c ^ s.d);
}

guint
mm_str_hash (gconstpointer text)
{
	return hash (mm_bytes_str (text), FALSE);
}

guint
mm_bytes_hash (gconstpointer bytes)
{
	return hash (*(const MmBytes *) bytes, FALSE);
}

guint
mm_bytes_hash_nocase (gconstpointer bytes)
{
	return hash (*(const MmBytes *) bytes, TRUE);
}

gboolean
mm_bytes_equal_nocase_keys (gconstpointer a, gconstpointer b)
{
	return mm_bytes_equal_nocase (*(const MmBytes *) a, *(const MmBytes *) b);
}
