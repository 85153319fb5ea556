/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw-words-encode.c: writes a value with its raw words encoded.
 *
 * Blanks between encoded words vanish when they are decoded (RFC 2047 6.2), so a run of raw words
 * is encoded with the blanks in it, and with the blank towards an encoded word that stands beside
 * it.
 */
#include <config.h>

#include "raw-words-private.h"
#include "word-writer-private.h"

typedef struct {
	MmBytes value;
	const GArray *words;
	const char *charset;
	MmWordWriter writer;
} Writer;

static const MmRawWord *
word_at (const Writer *w, guint at)
{
	return &g_array_index (w->words, MmRawWord, at);
}

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
write_run (Writer *w, guint from, guint to)
{
	const MmRawWord *last = word_at (w, to);
	g_auto (MmBuffer) text = MM_BUFFER_INIT;

	append_run (w, from, to, &text);
	if (text.failed)
		return FALSE;
	if (last->place != MM_WORD_COMMENT && !mm_is_wsp (mm_word_writer_last (&w->writer)))
		mm_buffer_append_c (w->writer.line, ' ');
	if (!mm_word_writer_encode (&w->writer, mm_buffer_bytes (&text), w->charset, last->place))
		return FALSE;
	if (last->place == MM_WORD_PHRASE && last->to < w->value.len &&
	    !mm_is_space (w->value.data[last->to]))
		mm_buffer_append_c (w->writer.line, ' ');
	return TRUE;
}

gboolean
mm_raw_words_encode (MmBytes value, const GArray *words, const char *charset, MmBuffer *line)
{
	Writer w = {.value = value,
	            .words = words,
	            .charset = charset,
	            .writer = {.line = line}};
	gsize done = 0;

	for (guint i = 0; i < words->len; i++) {
		guint first = i;

		if (!word_at (&w, i)->raw)
			continue;
		while (i + 1 < words->len && word_at (&w, i + 1)->raw &&
		       word_at (&w, i + 1)->joined)
			i++;
		mm_word_writer_copy (&w.writer,
		                     mm_bytes_sub (value, done, word_at (&w, first)->from));
		if (!write_run (&w, first, i))
			return FALSE;
		done = word_at (&w, i)->to;
	}
	mm_word_writer_copy (&w.writer, mm_bytes_sub (value, done, value.len));
	return !line->failed;
}
