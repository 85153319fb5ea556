/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits.c: the table of limits, to be shown and named.
 */
#include <config.h>

#include <string.h>

#include <mailmend/limits.h>

const MmLimitRow mm_limit_rows[] = {
#define MM_LIMIT_NAMED_ROW(name, value, text) {#name, value, text, TRUE},
#define MM_LIMIT_UNNAMED_ROW(name, value, text) {#name, value, text, FALSE},
        MM_LIMITS_NAMED (MM_LIMIT_NAMED_ROW)
        MM_LIMITS_UNNAMED (MM_LIMIT_UNNAMED_ROW)
#undef MM_LIMIT_NAMED_ROW
#undef MM_LIMIT_UNNAMED_ROW
};

const guint mm_limit_n_rows = G_N_ELEMENTS (mm_limit_rows);

gboolean
mm_limit_is_octets (const MmLimitRow *row)
{
	return g_str_has_prefix (row->text, "octets ");
}

const char *
mm_limit_named (const char *message)
{
	gsize len;

	if (message == NULL)
		return NULL;
	len = strcspn (message, ":");
	for (guint i = 0; i < mm_limit_n_rows; i++)
		if (mm_limit_rows[i].named && strlen (mm_limit_rows[i].name) == len &&
		    strncmp (mm_limit_rows[i].name, message, len) == 0)
			return mm_limit_rows[i].name;
	return NULL;
}
