/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw-words-private.h: from octets >= 0x80 in a field to RFC 2047 words.
 *
 * First the words of a value are listed, with what joins them; then those that need it are written
 * as encoded words, everything else octet for octet as it stood.
 */
#pragma once

#include <mailmend/codec.h>

#include "field-private.h"

typedef struct {
	gsize from, to;    /* in the value */
	MmWordPlace place;
	gboolean raw;      /* it must be encoded */
	gboolean joined;   /* only blanks stand between it and the word before */
	gboolean starts_encoded; /* it begins, or ends, with an encoded word */
	gboolean ends_encoded;
} MmRawWord;

/* Octets from 0x80 on; with @utf8 only those that are no UTF-8. */
gboolean mm_is_raw (MmBytes text, gboolean utf8);

/* The words of @value that may be encoded or stand beside one that is. NULL, UNCERTAIN, if raw
 * octets stand where RFC 2047 5 has no encoded words. (GArray of MmRawWord, transfer full) */
GArray *mm_raw_words_list (MmFieldKind kind, MmBytes value, gboolean utf8, GError **error);

/* The text of the raw words, to choose a charset for. FALSE when memory is refused. */
gboolean mm_raw_words_text (MmBytes value, const GArray *words, MmBuffer *out);

/* Appends @value with its raw words encoded, folded so that no line with such a word passes 76, to
 * @line, which holds "Name:". FALSE if it cannot be done. */
gboolean mm_raw_words_encode (MmBytes value, const GArray *words, const char *charset,
                              MmBuffer *line);

/* The charset to name for raw octets in the header of @part: UTF-8 if that is what they are; else
 * what the part says of its own text; else as for undeclared content. NULL: it is not certain. */
const char *mm_raw_charset (const MmFacts *facts, const MmPart *part, MmBytes octets);
