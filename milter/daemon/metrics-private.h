/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics-private.h: the counters, for those that write them out.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include <mailmend/limits.h>

#include "metrics.h"

G_BEGIN_DECLS

/* As wide as the machine adds at once. */
typedef _Atomic gsize MmCounter;

static inline gsize
mm_counter_get (const MmCounter *counter)
{
	return atomic_load_explicit ((MmCounter *) counter, memory_order_relaxed);
}

static inline void
mm_counter_add (MmCounter *counter, gsize more)
{
	atomic_fetch_add_explicit (counter, more, memory_order_relaxed);
}

/* Those of one policy. */
typedef struct {
	char *name;
	MmCounter actions[MM_N_ACTIONS];
	MmCounter would[MM_N_ACTIONS]; /* dry runs */
	MmCounter *issues;             /* by label */
} MmPolicyCounts;

/* Policies that are counted one by one; those that come later share one. */
#define MM_METRICS_MAX_POLICIES 1000
#define MM_METRICS_OTHER "(other)"

/* Never changed. */
typedef struct _MmPolicySet MmPolicySet;
struct _MmPolicySet {
	GPtrArray *policies; /* of MmPolicyCounts, in the order in which they came */
	GHashTable *by_name;
	MmPolicySet *before; /* the one whose place it took: a message may still look into it */
};

/* What a line may have as its limit: bounds, and by what else a message was left. */
#define MM_LIMIT_NAME(name, value, text) #name,
static const char *const mm_metrics_limits[] = {
	MM_LIMITS_NAMED (MM_LIMIT_NAME) "deadline", "irregular", "toolarge", "other",
};
#undef MM_LIMIT_NAME
#define MM_N_LIMITS G_N_ELEMENTS (mm_metrics_limits)

struct _MmMetrics {
	guint n_labels;
	GHashTable *labels; /* label -> its place in mm_rules */
	pthread_mutex_t lock; /* whoever puts another set in place */
	MmPolicySet *_Atomic policies;
	MmCounter counts[MM_N_COUNTS];
	MmCounter *fixes; /* by label */
	MmCounter *left;
	MmCounter failures[MM_N_FAILURES];
	MmCounter answers[MM_N_ANSWERS];
	MmCounter limits[MM_N_LIMITS];
	MmCounter times[MM_TIME_BUCKETS];
	MmCounter us;
	gint64 started; /* Unix time, microseconds */
};

static inline const MmPolicySet *
mm_metrics_policies (MmMetrics *metrics)
{
	return atomic_load_explicit (&metrics->policies, memory_order_acquire);
}

G_END_DECLS
