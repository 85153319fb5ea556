/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics.h: what the daemon counts, for /metrics and the stats line.
 *
 * Counting is a few relaxed atomic additions: no lock, no allocation, and nothing that can fail.
 * Counters only grow, as long as the process lives; a policy that a reload takes away keeps its own.
 * There are as many as there are policies, labels and limits: nothing a sender writes makes another.
 * All functions may be called from any thread.
 */
#pragma once

#include "transaction.h"

G_BEGIN_DECLS

/* What stands alone. */
typedef enum {
	MM_COUNT_SESSIONS,        /* connections of MTAs */
	MM_COUNT_SESSIONS_OPEN,   /* a gauge */
	MM_COUNT_MESSAGES_OPEN,   /* a gauge: from MAIL to their end */
	MM_COUNT_OFF,             /* messages of the policy off: not judged, and counted nowhere else */
	MM_COUNT_BYTES,           /* octets of judged messages as received */
	MM_COUNT_ORIGINALS,       /* messages stored in KeepOriginals */
	MM_COUNT_DNS_WAITS,       /* messages that waited for DNS ... */
	MM_COUNT_DNS_WAIT_US,     /* ... for so many microseconds */
	MM_COUNT_DNS_UNKNOWN,     /* messages for which MxUnknown decided */
	MM_COUNT_RELOADS,
	MM_COUNT_RELOAD_FAILURES, /* some of these */
	MM_COUNT_RELOAD_FAILED,   /* a gauge: 1 if the last one failed */
	MM_COUNT_RELOAD_TIME,     /* a gauge: when the configuration in force was read, Unix time */
	MM_N_COUNTS,
} MmCount;

#define MM_N_ACTIONS (MM_ACTION_ERROR + 1)
#define MM_N_ANSWERS (MM_ANSWER_QUARANTINE + 1)

MmMetrics *mm_metrics_new (void);
void mm_metrics_free (MmMetrics *metrics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmMetrics, mm_metrics_free)

/* Makes room for the policies that a message can get by @config, beside those there are. */
void mm_metrics_add_policies (MmMetrics *metrics, const MmConfig *config);

void mm_metrics_add (MmMetrics *metrics, MmCount count, gsize more);
void mm_metrics_subtract (MmMetrics *metrics, MmCount count, gsize less); /* gauges */
void mm_metrics_set (MmMetrics *metrics, MmCount count, gsize value);

/* A judged message. */
typedef struct {
	const char *policy;
	const MmJudgement *judgement;
	MmFailure failure; /* with the action "error" */
	MmAnswerKind answer;
	gsize size;
	gint64 us;
} MmMessageCount;

void mm_metrics_add_message (MmMetrics *metrics, const MmMessageCount *message);

/* All of it in the text format of Prometheus, version 0.0.4. (transfer full) */
char *mm_metrics_to_text (MmMetrics *metrics);

/* ---- sums ------------------------------------------------------------------------------------ */

/* Microseconds are counted in buckets that are at most a tenth wide: 1 to 100 one by one, then
 * 90 for each power of ten. The last one is open. */
#define MM_TIME_BUCKETS (100 + 90 * 8)

typedef struct {
	gsize actions[MM_N_ACTIONS];
	gsize counts[MM_N_COUNTS];
	gsize times[MM_TIME_BUCKETS];
} MmTotals;

void mm_metrics_totals (MmMetrics *metrics, MmTotals *out);

/* The most microseconds that a bucket counts. */
guint64 mm_time_bucket_bound (guint bucket);

/* The time, in microseconds, within which @percent of the messages that @times counts were judged: at
 * most a tenth too much. 0: there are none. */
guint64 mm_times_percentile (const gsize *times, guint percent);

G_END_DECLS
