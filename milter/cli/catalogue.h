/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue.h: the rows of the registry as words, for explain, labels and the manual page.
 */
#pragma once

#include <mailmend/rule.h>

G_BEGIN_DECLS

/* All rules by label. (transfer container) */
GPtrArray *mm_catalogue_sorted (void);

/* The rule @word means: letter case does not count, '-' is '_'. NULL: none. */
const MmRule *mm_catalogue_find (const char *word);

/* The rule whose label looks most like @word, or NULL when none does. */
const MmRule *mm_catalogue_similar (const char *word);

/* "HEADERS, MISSING"; "" for none. (transfer full) */
char *mm_catalogue_groups (const MmRule *rule);

/* What microsoft365 does: "fix", "log" or "ignore". */
const char *mm_catalogue_m365 (const MmRule *rule);

/* The rest of the page mailmend-labels(7), behind its head. */
void mm_catalogue_man (GString *out);

G_END_DECLS
