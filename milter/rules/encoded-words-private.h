/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encoded-words-private.h: the encoded words of a field where RFC 2047 allows them, and what is
 * wrong with them.
 */
#pragma once

#include <mailmend/codec.h>

#include "field-private.h"

typedef enum {
	MM_WORD_TOUCHES = 1 << 0, /* nothing stands between it and the word before */
	MM_WORD_BLANK = 1 << 1,   /* white space in it */
	MM_WORD_LONG = 1 << 2,    /* over 75 */
	MM_WORD_OVERLONG = 1 << 3, /* over 80 */
	MM_WORD_SPLIT = 1 << 4,   /* it begins in the middle of a character */
} MmWordFlaws;

typedef struct {
	MmEncodedWord word;
	gsize from, to; /* in the value */
	MmWordPlace place;
	gboolean joined; /* only blanks, or nothing, stand between it and the word before */
	guint flaws;     /* MmWordFlaws */
} MmFieldWord;

/* The encoded words of @value in free text, or in display names, names of groups and Keywords.
 * Empty for other kinds of field. (GArray of MmFieldWord, transfer full) */
GArray *mm_field_words (MmFieldKind kind, MmBytes value);

/* All flaws that those have, without a list of them. */
guint mm_field_word_flaws (MmFieldKind kind, MmBytes value);
