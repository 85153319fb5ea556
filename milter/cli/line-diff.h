/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line-diff.h: which lines of one text became which of another.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

/* Octets and lines of a text. */
typedef struct {
	gsize at;
	gsize len;
	guint line; /* the first is 0 */
	guint lines;
} MmLineRange;

/* The lines of old became those of new; one of them may have none. */
typedef struct {
	MmLineRange old_range;
	MmLineRange new_range;
} MmHunk;

/* What differs, in order; everything between is the same. Lines end with LF. Time and memory grow
 * with the size (times its logarithm): no attempt is made at the smallest answer. (transfer full) */
GArray *mm_line_diff (MmBytes old_text, MmBytes new_text);

G_END_DECLS
