/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * word-writer-private.h: writes a field in which some words are encoded anew, with folds where such
 * words make a line too long.
 */
#pragma once

#include <mailmend/codec.h>

typedef struct {
	MmBuffer *line;    /* holds "Name:" at first */
	gsize start;       /* of the last line in it */
	gboolean has_word; /* a word of ours stands on that line */
} MmWordWriter;

/* Copies what stays as it is. A new fold stands only before blanks that are there, and only on a
 * line with a word of ours that would pass 76. */
void mm_word_writer_copy (MmWordWriter *w, MmBytes plain);

/* Writes @octets, which are in @charset, as encoded words. FALSE if that cannot be done. */
gboolean mm_word_writer_encode (MmWordWriter *w, MmBytes octets, const char *charset,
                                MmWordPlace place);

/* Begins a new line with a blank that was not there: between two encoded words it is no text. */
void mm_word_writer_break (MmWordWriter *w);

char mm_word_writer_last (const MmWordWriter *w);
