/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fold-private.h: folding fields whose lines are too long.
 */
#pragma once

#include "field-private.h"

#define MM_HEADER_LINE_MAX 998 /* RFC 5322 2.1.1, without CRLF */

/* Appends @value, its lines over 998 folded at white space that stands there, to @out, which holds
 * "Name:". FALSE if a line stays over 998; @out is then as before. */
gboolean mm_fold_value (MmFieldKind kind, MmBytes value, MmBuffer *out);

/* Appends @value with the encoded words over 75 of such lines written as words of at most 75, each
 * run of them on lines of its own, to @out, which holds "Name:". FALSE if that is not possible. */
gboolean mm_fold_split_words (MmFieldKind kind, MmBytes value, MmBuffer *out);
