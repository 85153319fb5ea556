/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boundary-private.h: what the rules of boundaries share.
 */
#pragma once

#include <mailmend/rule.h>

#define MM_BOUNDARY_MAX 70 /* RFC 2046 5.1.1 */

typedef enum {
	MM_BOUNDARY_NONE,   /* no parameter */
	MM_BOUNDARY_PIECES, /* in pieces or encoded (RFC 2231), which we do not put together */
	MM_BOUNDARY_GOOD,
	MM_BOUNDARY_EMPTY,
	MM_BOUNDARY_LONG,
	MM_BOUNDARY_SPECIAL, /* with a character that may not stand in it */
} MmBoundaryState;

/* What the Content-Type of a multipart says. */
MmBoundaryState mm_boundary_state (const MmPart *part);

/* TRUE if a field of this name stands twice in @part: readers differ which one governs. */
gboolean mm_boundary_stands_twice (const MmPart *part, const char *name);

/* TRUE if @part is a multipart by its Content-Type, whether it can be split or not. */
gboolean mm_boundary_is_multipart (const MmPart *part);

/* TRUE if all delimiter lines of @part were looked for: it can be split, and the bound of parts did
 * not end the search. */
gboolean mm_boundary_was_sought (const MmFacts *facts, const MmPart *part);

/* The innermost multipart around @part with the same boundary, or NULL. */
const MmPart *mm_boundary_twin (const MmFacts *facts, const MmPart *part);
