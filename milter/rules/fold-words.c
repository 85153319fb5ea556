/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fold-words.c: an encoded word that is a long line by itself.
 *
 * RFC 2047 2: a word may not be more than 75 characters long. Its octets are written again in the
 * same charset; the white space between the new words is dropped when they are read.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "fold-private.h"

#define WORD_MAX 75

typedef struct {
	MmBytes value;
	MmBuffer *out;
	gsize name_len;    /* octets of "Name:" in it */
	gboolean behind;   /* a word of ours was the last that was written */
	gsize line_end;    /* of the last line that was looked at */
	gboolean line_long;
} Splitter;

/* TRUE if the line that @at lies on is one of those that are too long. To be asked from left to
 * right. */
static gboolean
is_on_long_line (Splitter *s, gsize at)
{
	while (at >= s->line_end) {
		gsize from = s->line_end;
		gsize to = mm_bytes_find (s->value, '\n', from);
		gsize cr = to < s->value.len; /* folds are CRLF here */

		s->line_long = to - cr - from + (from == 0 ? s->name_len : 0) > MM_HEADER_LINE_MAX;
		s->line_end = to + 1;
	}
	return s->line_long;
}

/* Copies text; blanks that follow one of our words begin a new line. */
static void
copy (Splitter *s, gsize from, gsize to)
{
	gsize text = from;

	if (from == to)
		return;
	while (text < s->value.len && mm_is_wsp (s->value.data[text]))
		text++;
	if (s->behind && text > from && text < s->value.len && s->value.data[text] != '\r')
		mm_buffer_append_str (s->out, "\r\n");
	mm_buffer_append (s->out, mm_bytes_sub (s->value, from, to));
	s->behind = FALSE;
}

static gsize
line_start (const Splitter *s)
{
	gsize at = s->out->len;

	while (at > 0 && s->out->data[at - 1] != '\n')
		at--;
	return at;
}

/* Begins a new line at the blanks that were copied last, unless nothing but the name, or no text at
 * all, stands before them on their line. Returns the column. */
static guint
fold_before (Splitter *s)
{
	gsize start = line_start (s);
	gsize blanks = s->out->len;
	g_autofree char *copied = NULL;
	gsize len;

	while (blanks > MAX (start, s->name_len) && mm_is_wsp (s->out->data[blanks - 1]))
		blanks--;
	len = s->out->len - blanks;
	if (len == 0 || blanks <= MAX (start, s->name_len))
		return (guint) (s->out->len - start);
	copied = mm_bytes_dup (mm_bytes_sub (mm_buffer_bytes (s->out), blanks, s->out->len));
	s->out->len = blanks;
	mm_buffer_append_str (s->out, "\r\n");
	mm_buffer_append (s->out, mm_bytes (copied, len));
	return (guint) len;
}

/* FALSE if the word is better left alone: it has a language, which would get lost, or does not
 * decode, or its charset cannot be split. */
static gboolean
split_word (Splitter *s, const MmEncodedWord *word, MmWordPlace place)
{
	g_autofree char *charset = mm_bytes_dup (word->charset);
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;
	g_auto (MmBuffer) words = MM_BUFFER_INIT;
	gboolean language = mm_bytes_end (word->charset)[0] == '*';

	if (language || !mm_encoded_word_decode (word, &octets) || octets.len == 0 ||
	    !mm_encoded_words_encode (mm_buffer_bytes (&octets), charset, place, fold_before (s),
	                              &words) ||
	    words.data[0] == '\r')
		return FALSE;
	s->behind = TRUE;
	return mm_buffer_append (s->out, mm_buffer_bytes (&words));
}

/* The words of [from, to), which may hold some. */
static gboolean
split_in (Splitter *s, gsize from, gsize to, MmWordPlace place)
{
	MmBytes region = mm_bytes_sub (s->value, 0, to);
	MmEncodedWord word;
	gsize seen = from;

	while (mm_encoded_word_find (region, seen, &word)) {
		gsize at = (gsize) (word.whole.data - s->value.data);

		seen = at + word.whole.len;
		if (word.whole.len <= WORD_MAX || !is_on_long_line (s, at))
			continue;
		copy (s, from, at);
		if (!split_word (s, &word, place))
			return FALSE;
		from = seen;
	}
	copy (s, from, to);
	return TRUE;
}

gboolean
mm_fold_split_words (MmFieldKind kind, MmBytes value, MmBuffer *out)
{
	Splitter s = {.value = value, .out = out, .name_len = out->len};
	MmSpan span;
	gboolean ok = TRUE;

	if (kind == MM_FIELD_TEXT)
		return split_in (&s, 0, value.len, MM_WORD_TEXT) && !out->failed;
	if (kind != MM_FIELD_ADDRESSES && kind != MM_FIELD_PHRASES)
		return FALSE;
	for (gsize at = 0; ok && at < value.len; at = span.to) {
		span = mm_span_at (value, at);
		if (span.kind == MM_SPAN_WORD)
			ok = split_in (&s, span.from, span.to, MM_WORD_PHRASE);
		else if (span.kind == MM_SPAN_COMMENT)
			ok = split_in (&s, span.from, span.to, MM_WORD_COMMENT);
		else
			copy (&s, span.from, span.to);
	}
	return ok && !out->failed;
}
