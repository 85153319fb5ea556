/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encoded-words.c: lists encoded words and judges each.
 *
 * RFC 2047 2: "An 'encoded-word' may not be more than 75 characters long", "white space characters
 * ... are FORBIDDEN within an 'encoded-word'"; 5: words are separated by white space, and
 * "each 'encoded-word' MUST represent an integral number of characters".
 */
#include <config.h>

#include "encoded-words-private.h"

#define WORD_MAX 75
#define WORD_USUAL_MAX 80 /* what libraries write that count wrongly, and every reader takes */

typedef struct {
	MmBytes value;
	GArray *words;
	gboolean joinable; /* only blanks came since the last word */
	guint certain;     /* words known to stand in a phrase */
} Lister;

static guint
flaws_of (const MmEncodedWord *word)
{
	guint flaws = 0;

	for (gsize i = 0; i < word->text.len && flaws == 0; i++)
		if (mm_is_space (word->text.data[i]))
			flaws = MM_WORD_BLANK;
	if (word->whole.len > WORD_MAX)
		flaws |= MM_WORD_LONG;
	if (word->whole.len > WORD_USUAL_MAX)
		flaws |= MM_WORD_OVERLONG;
	return flaws;
}

/* ---- where ----------------------------------------------------------------------------------- */

/* The words of [from, to). */
static void
list_in (Lister *l, gsize from, gsize to, MmWordPlace place)
{
	MmBytes region = mm_bytes_sub (l->value, 0, to);
	MmFieldWord word = {.place = place};

	while (mm_encoded_word_find (region, from, &word.word)) {
		MmBytes between;

		word.from = (gsize) (word.word.whole.data - l->value.data);
		word.to = word.from + word.word.whole.len;
		between = mm_bytes_sub (l->value, from, word.from);
		word.joined = l->joinable && mm_bytes_trim (between).len == 0;
		word.flaws = flaws_of (&word.word);
		if (word.joined &&
		    g_array_index (l->words, MmFieldWord, l->words->len - 1).to == word.from)
			word.flaws |= MM_WORD_TOUCHES;
		g_array_append_val (l->words, word);
		l->joinable = TRUE;
		from = word.to;
	}
	if (mm_bytes_trim (mm_bytes_sub (l->value, from, to)).len > 0)
		l->joinable = FALSE;
}

/* What stands before a "<" or ":" is a phrase; before a "," or the end it is an address, or none. */
static void
settle (Lister *l, gboolean phrase)
{
	if (phrase)
		l->certain = l->words->len;
	else
		g_array_set_size (l->words, l->certain);
	l->joinable = FALSE;
}

static void
list_phrases (Lister *l, MmFieldKind kind)
{
	MmSpan span;

	for (gsize at = 0; at < l->value.len; at = span.to) {
		span = mm_span_at (l->value, at);
		switch (span.kind) {
		case MM_SPAN_BLANK:
			break;
		case MM_SPAN_WORD:
			list_in (l, span.from, span.to, MM_WORD_PHRASE);
			break;
		case MM_SPAN_ANGLE:
			settle (l, kind == MM_FIELD_ADDRESSES);
			break;
		case MM_SPAN_SPECIAL:
			settle (l, kind == MM_FIELD_PHRASES || l->value.data[at] == ':');
			break;
		default:
			l->joinable = FALSE;
		}
	}
	settle (l, kind == MM_FIELD_PHRASES);
}

/* ---- characters between words ---------------------------------------------------------------- */

typedef struct {
	MmBytes charset; /* of the word before; no data: it is not known to be cut */
	MmBuffer octets; /* the piece of a character at its end, then with the next word */
	MmCharsetReader reader;
} Cut;

static void
forget (Cut *cut)
{
	cut->charset = (MmBytes) {NULL, 0};
	cut->octets.len = 0;
}

/* Adds the octets of @word. FALSE if it does not decode; else what is left of a character at the end
 * is kept, or all forgotten where nothing is. */
static gboolean
add (Cut *cut, const MmFieldWord *word)
{
	gsize tail = 0;

	if (!mm_encoded_word_decode (&word->word, &cut->octets) ||
	    !mm_charset_reader_reads (&cut->reader, mm_buffer_bytes (&cut->octets), cut->charset,
	                              &tail))
		return FALSE;
	if (tail > 0)
		memmove (cut->octets.data, cut->octets.data + cut->octets.len - tail, tail);
	cut->octets.len = tail;
	if (tail == 0)
		forget (cut);
	return TRUE;
}

static gboolean
have_one_charset (const MmFieldWord *a, const MmFieldWord *b)
{
	return mm_bytes_equal_nocase (a->word.charset, b->word.charset);
}

/* TRUE if the character that the word before began goes on in @word. */
static gboolean
goes_on (Cut *cut, const MmFieldWord *word)
{
	return cut->charset.data != NULL && add (cut, word);
}

static void
begin (Cut *cut, const MmFieldWord *word)
{
	forget (cut);
	cut->charset = word->word.charset;
	if (!add (cut, word))
		forget (cut);
}

/* A word that none of its charset follows is not looked at. */
static void
find_splits (GArray *words)
{
	Cut cut = {.octets = MM_BUFFER_INIT};

	for (guint i = 0; i < words->len; i++) {
		MmFieldWord *word = &g_array_index (words, MmFieldWord, i);
		gboolean followed = i + 1 < words->len && word[1].joined &&
		                    have_one_charset (word, word + 1);

		if (goes_on (&cut, word))
			word->flaws |= MM_WORD_SPLIT;
		else if (followed)
			begin (&cut, word);
		if (!followed)
			forget (&cut);
	}
	mm_charset_reader_clear (&cut.reader);
	mm_buffer_clear (&cut.octets);
}

GArray *
mm_field_words (MmFieldKind kind, MmBytes value)
{
	GArray *words = g_array_new (FALSE, FALSE, sizeof (MmFieldWord));
	Lister l = {.value = value, .words = words};

	if (kind == MM_FIELD_TEXT)
		list_in (&l, 0, value.len, MM_WORD_TEXT);
	else if (kind == MM_FIELD_ADDRESSES || kind == MM_FIELD_PHRASES)
		list_phrases (&l, kind);
	find_splits (words);
	return words;
}
