/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits.c: the table of limits, to be shown and named.
 */
#include <config.h>

#include <string.h>

#include <mailmend/limits.h>

const MmLimitRow mm_limit_rows[] = {
#define MM_LIMIT_ROW(name, value, text) {#name, value, text},
        MM_LIMITS (MM_LIMIT_ROW)
#undef MM_LIMIT_ROW
};

const guint mm_limit_n_rows = G_N_ELEMENTS (mm_limit_rows);

const char *
mm_limit_named (const char *message)
{
	gsize len;

	if (message == NULL)
		return NULL;
	len = strcspn (message, ":");
	for (guint i = 0; i < mm_limit_n_rows; i++)
		if (strlen (mm_limit_rows[i].name) == len &&
		    strncmp (mm_limit_rows[i].name, message, len) == 0)
			return mm_limit_rows[i].name;
	return NULL;
}
