/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * descriptors.c: how many connections and files the filter may have open.
 *
 * Where libmilter can accept no connection it tries again at once, and again: better that there are
 * more descriptors than any MTA asks for. The soft limit is 1024 in most places, for the sake of
 * select (2), which libmilter does not use.
 */
#include <config.h>

#include <errno.h>
#include <sys/resource.h>

#include "descriptors.h"

/* More than the connections and files of a large MTA's filter: below it the log warns. */
#define USEFUL 4096

/* What costs nothing and is enough for all. */
#define ADVISED 65536

/* No more: some systems say that a thousand million are allowed. */
#define MOST (1024 * 1024)

void
mm_descriptors_raise (MmLog *log)
{
	struct rlimit limit;
	rlim_t before;

	if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
		return;
	before = limit.rlim_cur;
	limit.rlim_cur = MIN (limit.rlim_max, MAX (before, MOST));
	if (limit.rlim_cur > before && setrlimit (RLIMIT_NOFILE, &limit) != 0) {
		mm_log (log, LOG_WARNING, "open files are limited to %lu: the limit cannot be raised: %s",
		        (unsigned long) before, g_strerror (errno));
		return;
	}
	if (limit.rlim_cur < USEFUL)
		mm_log (log, LOG_WARNING,
		        "open files are limited to %lu; set LimitNOFILE=%d in the unit, or ulimit -n",
		        (unsigned long) limit.rlim_cur, ADVISED);
}
