/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * word-writer.c: the lines of a field with encoded words of ours.
 *
 * RFC 2047 2: no word over 75, no line with one over 76. What is plain stays octet for octet; folds
 * stand before blanks that were there, so that unfolding gives the old text.
 */
#include <config.h>

#include "word-writer-private.h"

#define LINE_MAX_CHARS 76 /* RFC 2047 2: of a line with an encoded word */

static gsize
column (const MmWordWriter *w)
{
	return w->line->len - w->start;
}

char
mm_word_writer_last (const MmWordWriter *w)
{
	return w->line->len > 0 ? w->line->data[w->line->len - 1] : '\0';
}

/* Puts @text in at @at, a short way before the end. */
static void
insert (MmWordWriter *w, gsize at, const char *text)
{
	g_autofree char *tail = mm_bytes_dup (mm_bytes_sub (mm_buffer_bytes (w->line), at,
	                                                    w->line->len));
	gsize len = w->line->len - at;

	if (w->line->failed)
		return;
	w->line->len = at;
	mm_buffer_append_str (w->line, text);
	mm_buffer_append (w->line, mm_bytes (tail, len));
	w->start = at + strlen ("\r\n");
	w->has_word = FALSE;
}

/* ---- what is plain --------------------------------------------------------------------------- */

/* Begins a new line behind a word of ours; @blank: with a blank that stands there in the value. */
static void
fold_behind_word (MmWordWriter *w, gboolean blank)
{
	if (blank)
		insert (w, w->line->len, "\r\n");
	else if (mm_is_wsp (mm_word_writer_last (w)))
		insert (w, w->line->len - 1, "\r\n");
	else
		insert (w, w->line->len, "\r\n ");
}

/* Copies blanks and the text behind them, on a new line if they do not fit behind our word. */
static void
copy_piece (MmWordWriter *w, MmBytes blanks, MmBytes text)
{
	gsize fold = blanks.len;

	while (fold > 0 && blanks.data[fold - 1] != '\n')
		fold--;
	if (fold == 0 && text.len > 0 && w->has_word &&
	    column (w) + blanks.len + text.len > LINE_MAX_CHARS)
		fold_behind_word (w, blanks.len > 0);
	mm_buffer_append (w->line, blanks);
	if (fold > 0) {
		w->start = w->line->len - (blanks.len - fold);
		w->has_word = FALSE;
	}
	mm_buffer_append (w->line, text);
}

void
mm_word_writer_copy (MmWordWriter *w, MmBytes plain)
{
	for (gsize from = 0; from < plain.len;) {
		gsize text = from, end;

		while (text < plain.len && mm_is_space (plain.data[text]))
			text++;
		end = text;
		while (end < plain.len && !mm_is_space (plain.data[end]))
			end++;
		copy_piece (w, mm_bytes_sub (plain, from, text), mm_bytes_sub (plain, text, end));
		from = end;
	}
}

/* ---- words of ours --------------------------------------------------------------------------- */

static gboolean
has_fold (MmBytes text)
{
	return mm_bytes_find (text, '\n', 0) < text.len;
}

/* Begins a new line at the blanks before the run that comes next, if something stands before them:
 * with @must, the name of the field is enough. In front of a comment without blanks one is put in,
 * which is no text there. */
static gboolean
fold_before (MmWordWriter *w, gboolean must)
{
	gsize at = w->line->len;
	gsize blanks;

	while (at > w->start && w->line->data[at - 1] == '(')
		at--;
	blanks = at;
	while (blanks > w->start && mm_is_wsp (w->line->data[blanks - 1]))
		blanks--;
	if (blanks == w->start || (!must && w->start == 0 && w->line->data[blanks - 1] == ':'))
		return FALSE;
	insert (w, blanks, blanks < at ? "\r\n" : "\r\n ");
	return TRUE;
}

static gboolean
encode_here (const MmWordWriter *w, MmBytes text, const char *charset, MmWordPlace place,
             MmBuffer *out)
{
	out->len = 0;
	return mm_encoded_words_encode (text, charset, place, (guint) column (w), out);
}

static gboolean
starts_with_fold (const MmBuffer *words)
{
	return words->data[0] == '\r';
}

/* Encodes @text for the place where the line ends, or begins a new line for it where that is
 * better: not one character fits here, or all of it fits there. */
static gboolean
encode_words (MmWordWriter *w, MmBytes text, const char *charset, MmWordPlace place,
              MmBuffer *out)
{
	g_auto (MmBuffer) there = MM_BUFFER_INIT;

	if (!encode_here (w, text, charset, place, out) ||
	    !mm_encoded_words_encode (text, charset, place, 1, &there))
		return FALSE;
	if (!has_fold (mm_buffer_bytes (out)) ||
	    (!starts_with_fold (out) && has_fold (mm_buffer_bytes (&there))) ||
	    !fold_before (w, starts_with_fold (out)))
		return !starts_with_fold (out);
	return encode_here (w, text, charset, place, out) && !starts_with_fold (out);
}

gboolean
mm_word_writer_encode (MmWordWriter *w, MmBytes octets, const char *charset, MmWordPlace place)
{
	g_auto (MmBuffer) words = MM_BUFFER_INIT;
	gsize fold;

	if (!encode_words (w, octets, charset, place, &words))
		return FALSE;
	for (fold = words.len; fold > 0 && words.data[fold - 1] != '\n';)
		fold--;
	mm_buffer_append (w->line, mm_buffer_bytes (&words));
	if (fold > 0)
		w->start = w->line->len - (words.len - fold);
	w->has_word = TRUE;
	return TRUE;
}

void
mm_word_writer_break (MmWordWriter *w)
{
	mm_buffer_append_str (w->line, "\r\n");
	w->start = w->line->len;
	w->has_word = FALSE;
	mm_buffer_append_c (w->line, ' ');
}
