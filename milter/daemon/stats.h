/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stats.h: a line of numbers in the log now and then: StatsInterval.
 */
#pragma once

#include "metrics.h"

G_BEGIN_DECLS

typedef struct _MmStats MmStats;

/* Starts a thread that writes the line. NULL with MM_ERROR_IO. (transfer full) */
MmStats *mm_stats_start (MmServer *server, GError **error);

/* Writes the last line, if anything came since the one before, and ends the thread. Frees @stats. */
void mm_stats_stop (MmStats *stats);

/* "stats messages=.. fixed=.. ..": what came between @before and @after, which are @seconds apart.
 * mailmend-log(5) has the grammar. (transfer full) */
char *mm_stats_format (const MmTotals *before, const MmTotals *after, guint64 seconds,
                       MmLogFormat format);

G_END_DECLS
