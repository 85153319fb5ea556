/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * repeats.c: a table of messages that failed, without a byte of them in it.
 *
 * Read only when something fails, so a walk over all entries is fast enough; nothing is allocated
 * after the start but the hash, for memory may be what is short.
 */
#include <config.h>

#include <pthread.h>
#include <string.h>

#include "repeats.h"

#define HASH_SIZE 32 /* SHA-256 */

typedef struct {
	guint8 hash[HASH_SIZE];
	gint64 when;
	guint count; /* 0: the entry is free */
} Entry;

struct _MmRepeats {
	pthread_mutex_t lock; /* guards all below */
	guint used;           /* entries that were ever taken: those from the start */
	Entry entries[MM_LIMIT_repeats];
};

MmRepeats *
mm_repeats_new (void)
{
	MmRepeats *repeats = g_new0 (MmRepeats, 1);

	pthread_mutex_init (&repeats->lock, NULL);
	return repeats;
}

void
mm_repeats_free (MmRepeats *repeats)
{
	pthread_mutex_destroy (&repeats->lock);
	g_free (repeats);
}

static void
make_hash (const char *key, guint8 *out)
{
	GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
	gsize len = HASH_SIZE;

	g_checksum_update (checksum, (const guchar *) key, -1);
	g_checksum_get_digest (checksum, out, &len);
	g_checksum_free (checksum);
}

/* What is known of @hash; NULL: nothing, or nothing any longer. */
static Entry *
find (MmRepeats *repeats, const guint8 *hash, gint64 now)
{
	for (guint i = 0; i < repeats->used; i++) {
		Entry *entry = &repeats->entries[i];

		if (entry->count > 0 && memcmp (entry->hash, hash, HASH_SIZE) == 0)
			return now - entry->when <= MM_REPEATS_SECONDS ? entry : NULL;
	}
	return NULL;
}

/* An entry to write in: that of @hash if it has grown old, a new one, or else the oldest. */
static Entry *
take (MmRepeats *repeats, const guint8 *hash)
{
	Entry *oldest = &repeats->entries[0];

	for (guint i = 0; i < repeats->used; i++) {
		Entry *entry = &repeats->entries[i];

		if (memcmp (entry->hash, hash, HASH_SIZE) == 0)
			return entry;
		if (entry->when < oldest->when)
			oldest = entry;
	}
	return repeats->used < MM_LIMIT_repeats ? &repeats->entries[repeats->used++] : oldest;
}

guint
mm_repeats_count (MmRepeats *repeats, const char *key, gint64 now)
{
	guint8 hash[HASH_SIZE];
	const Entry *entry;
	guint count = 0;

	pthread_mutex_lock (&repeats->lock);
	/* Nearly always nothing has failed: then the hash is not needed. */
	if (repeats->used > 0) {
		make_hash (key, hash);
		entry = find (repeats, hash, now);
		count = entry != NULL ? entry->count : 0;
	}
	pthread_mutex_unlock (&repeats->lock);
	return count;
}

guint
mm_repeats_note (MmRepeats *repeats, const char *key, gint64 now)
{
	guint8 hash[HASH_SIZE];
	Entry *entry;
	guint before;

	make_hash (key, hash);
	pthread_mutex_lock (&repeats->lock);
	entry = find (repeats, hash, now);
	before = entry != NULL ? entry->count : 0;
	if (entry == NULL)
		entry = take (repeats, hash);
	memcpy (entry->hash, hash, HASH_SIZE);
	entry->when = now;
	entry->count = before + 1;
	pthread_mutex_unlock (&repeats->lock);
	return before;
}
