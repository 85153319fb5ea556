/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * repeats.h: which messages have failed lately, so that one on which mailmend always fails does not
 * come back for days.
 *
 * Bounded: of MM_LIMIT_repeats messages a hash and a time, the oldest goes first. All functions may be called
 * from any thread and take the time of the caller's clock, in seconds, which must not go back.
 */
#pragma once

#include <mailmend/limits.h>

G_BEGIN_DECLS

/* So long a failure is remembered; each new one begins that anew. */
#define MM_REPEATS_SECONDS 3600

typedef struct _MmRepeats MmRepeats;

MmRepeats *mm_repeats_new (void);
void mm_repeats_free (MmRepeats *repeats);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmRepeats, mm_repeats_free)

/* How often what @key names has failed and is remembered. */
guint mm_repeats_count (MmRepeats *repeats, const char *key, gint64 now);

/* Notes that it failed. Returns how often it had failed before. */
guint mm_repeats_note (MmRepeats *repeats, const char *key, gint64 now);

G_END_DECLS
