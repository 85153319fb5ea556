/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw-words-encode.c: writes a value with its raw words encoded.
 *
 * Blanks between encoded words vanish when they are decoded (RFC 2047 6.2), so a run of raw words
 * is encoded with the blanks in it, and with the blank towards an encoded word that stands beside
 * it. What is plain stays octet for octet; new folds stand before blanks that were there, so that
 * unfolding gives the old text.
 */
#include <config.h>

#include "raw-words-private.h"

#define LINE_MAX_CHARS 76 /* RFC 2047 2: of a line with an encoded word */

typedef struct {
	MmBytes value;
	const GArray *words;
	const char *charset;
	MmBuffer *line;
	gsize start;        /* of the last line in it */
	gboolean has_word;  /* a word of ours stands on that line */
} Writer;

static const MmRawWord *
word_at (const Writer *w, guint at)
{
	return &g_array_index (w->words, MmRawWord, at);
}

static gsize
column (const Writer *w)
{
	return w->line->len - w->start;
}

static char
last_char (const Writer *w)
{
	return w->line->data[w->line->len - 1];
}

/* Puts @text in at @at, a short way before the end. */
static void
insert (Writer *w, gsize at, const char *text)
{
	g_autofree char *tail = mm_bytes_dup (mm_bytes_sub (mm_buffer_bytes (w->line), at,
	                                                    w->line->len));
	gsize len = w->line->len - at;

	w->line->len = at;
	mm_buffer_append_str (w->line, text);
	mm_buffer_append (w->line, mm_bytes (tail, len));
	w->start = at + strlen ("\r\n");
	w->has_word = FALSE;
}

/* ---- what is plain --------------------------------------------------------------------------- */

/* Begins a new line behind a word of ours; @blank: with a blank that stands there in the value. */
static void
fold_behind_word (Writer *w, gboolean blank)
{
	if (blank)
		insert (w, w->line->len, "\r\n");
	else if (mm_is_wsp (last_char (w)))
		insert (w, w->line->len - 1, "\r\n");
	else
		insert (w, w->line->len, "\r\n ");
}

/* Copies blanks and the text behind them, on a new line if they do not fit behind our word. */
static void
copy_piece (Writer *w, MmBytes blanks, MmBytes text)
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

static void
copy_plain (Writer *w, gsize from, gsize to)
{
	while (from < to) {
		gsize text = from, end;

		while (text < to && mm_is_space (w->value.data[text]))
			text++;
		end = text;
		while (end < to && !mm_is_space (w->value.data[end]))
			end++;
		copy_piece (w, mm_bytes_sub (w->value, from, text),
		            mm_bytes_sub (w->value, text, end));
		from = end;
	}
}

/* ---- runs of raw words ----------------------------------------------------------------------- */

/* Blanks without their line ends, or a word without quotes and escapes. */
static void
append_content (const Writer *w, gsize from, gsize to, MmWordPlace place, MmBuffer *out)
{
	gboolean quoted = FALSE;

	for (gsize i = from; i < to; i++) {
		char c = w->value.data[i];

		if (c == '"' && place == MM_WORD_PHRASE) {
			quoted = !quoted;
			continue;
		}
		if (c == '\\' && i + 1 < to && (quoted || place == MM_WORD_COMMENT))
			c = w->value.data[++i];
		if (c != '\r' && c != '\n')
			mm_buffer_append_c (out, c);
	}
}

/* The text of the run of words @from to @to, both included. */
static void
append_run (const Writer *w, guint from, guint to, MmBuffer *out)
{
	const MmRawWord *first = word_at (w, from);
	const MmRawWord *last = word_at (w, to);
	const MmRawWord *next = to + 1 < w->words->len ? word_at (w, to + 1) : NULL;

	if (first->joined && word_at (w, from - 1)->ends_encoded)
		append_content (w, word_at (w, from - 1)->to, first->from, MM_WORD_TEXT, out);
	for (guint i = from; i <= to; i++) {
		const MmRawWord *word = word_at (w, i);

		if (i > from)
			append_content (w, word_at (w, i - 1)->to, word->from, MM_WORD_TEXT, out);
		append_content (w, word->from, word->to, word->place, out);
	}
	if (next != NULL && next->joined && next->starts_encoded)
		append_content (w, last->to, next->from, MM_WORD_TEXT, out);
}

static gboolean
has_fold (MmBytes text)
{
	return mm_bytes_find (text, '\n', 0) < text.len;
}

/* Begins a new line at the blanks before the run that comes next, if something stands before them:
 * with @must, the name of the field is enough. In front of a comment without blanks one is put in,
 * which is no text there. */
static gboolean
fold_before (Writer *w, gboolean must)
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
encode_here (const Writer *w, MmBytes text, MmWordPlace place, MmBuffer *out)
{
	out->len = 0;
	return mm_encoded_words_encode (text, w->charset, place, (guint) column (w), out);
}

static gboolean
starts_with_fold (const MmBuffer *words)
{
	return words->data[0] == '\r';
}

/* Encodes @text for the place where the line ends, or begins a new line for it where that is
 * better: not one character fits here, or all of it fits there. */
static gboolean
encode_words (Writer *w, MmBytes text, MmWordPlace place, MmBuffer *out)
{
	g_auto (MmBuffer) there = MM_BUFFER_INIT;

	if (!encode_here (w, text, place, out) ||
	    !mm_encoded_words_encode (text, w->charset, place, 1, &there))
		return FALSE;
	if (!has_fold (mm_buffer_bytes (out)) ||
	    (!starts_with_fold (out) && has_fold (mm_buffer_bytes (&there))) ||
	    !fold_before (w, starts_with_fold (out)))
		return !starts_with_fold (out);
	return encode_here (w, text, place, out) && !starts_with_fold (out);
}

static gboolean
write_words (Writer *w, MmBytes text, MmWordPlace place)
{
	g_auto (MmBuffer) words = MM_BUFFER_INIT;
	gsize fold;

	if (!encode_words (w, text, place, &words))
		return FALSE;
	for (fold = words.len; fold > 0 && words.data[fold - 1] != '\n';)
		fold--;
	mm_buffer_append (w->line, mm_buffer_bytes (&words));
	if (fold > 0)
		w->start = w->line->len - (words.len - fold);
	w->has_word = TRUE;
	return TRUE;
}

static gboolean
write_run (Writer *w, guint from, guint to)
{
	const MmRawWord *last = word_at (w, to);
	g_auto (MmBuffer) text = MM_BUFFER_INIT;

	append_run (w, from, to, &text);
	if (text.failed)
		return FALSE;
	if (last->place != MM_WORD_COMMENT && !mm_is_wsp (last_char (w)))
		mm_buffer_append_c (w->line, ' ');
	if (!write_words (w, mm_buffer_bytes (&text), last->place))
		return FALSE;
	if (last->place == MM_WORD_PHRASE && last->to < w->value.len &&
	    !mm_is_space (w->value.data[last->to]))
		mm_buffer_append_c (w->line, ' ');
	return TRUE;
}

gboolean
mm_raw_words_encode (MmBytes value, const GArray *words, const char *charset, MmBuffer *line)
{
	Writer w = {.value = value, .words = words, .charset = charset, .line = line};
	gsize done = 0;

	for (guint i = 0; i < words->len; i++) {
		guint first = i;

		if (!word_at (&w, i)->raw)
			continue;
		while (i + 1 < words->len && word_at (&w, i + 1)->raw &&
		       word_at (&w, i + 1)->joined)
			i++;
		copy_plain (&w, done, word_at (&w, first)->from);
		if (!write_run (&w, first, i))
			return FALSE;
		done = word_at (&w, i)->to;
	}
	copy_plain (&w, done, value.len);
	return !line->failed;
}
