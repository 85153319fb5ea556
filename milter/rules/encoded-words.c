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
add (Cut *cut, const MmEncodedWord *word)
{
	gsize tail = 0;

	if (!mm_encoded_word_decode (word, &cut->octets) ||
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

/* TRUE if the character that the word before began goes on in @word. */
static gboolean
goes_on (Cut *cut, const MmEncodedWord *word)
{
	return cut->charset.data != NULL && add (cut, word);
}

static void
begin (Cut *cut, const MmEncodedWord *word)
{
	forget (cut);
	cut->charset = word->charset;
	if (!add (cut, word))
		forget (cut);
}

/* ---- where ----------------------------------------------------------------------------------- */

typedef struct {
	MmBytes value;
	GArray *words;       /* NULL: only their flaws are wanted */
	guint n;             /* words, and which flaws they have */
	guint flaws;
	guint certain;       /* those known to stand in a phrase */
	guint certain_flaws;
	gboolean joinable;   /* only blanks came since the last word */
	MmFieldWord last;
	Cut cut;
} Lister;

/* Whether @word goes on with a character of the last one; only a word in the same charset can. */
static gboolean
splits (Lister *l, const MmFieldWord *word)
{
	const MmFieldWord *last = &l->last;

	if (!word->joined || !mm_bytes_equal_nocase (last->word.charset, word->word.charset))
		return FALSE;
	if ((last->flaws & MM_WORD_SPLIT) == 0)
		begin (&l->cut, &last->word);
	return goes_on (&l->cut, &word->word);
}

static void
take (Lister *l, MmFieldWord *word)
{
	word->flaws = flaws_of (&word->word);
	if (word->joined && l->last.to == word->from)
		word->flaws |= MM_WORD_TOUCHES;
	if (splits (l, word))
		word->flaws |= MM_WORD_SPLIT;
	if (l->words != NULL)
		g_array_append_val (l->words, *word);
	l->n++;
	l->flaws |= word->flaws;
	l->last = *word;
	l->joinable = TRUE;
}

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
		take (l, &word);
		from = word.to;
	}
	if (mm_bytes_trim (mm_bytes_sub (l->value, from, to)).len > 0)
		l->joinable = FALSE;
}

/* What stands before a "<" or ":" is a phrase; before a "," or the end it is an address, or none. */
static void
settle (Lister *l, gboolean phrase)
{
	if (phrase) {
		l->certain = l->n;
		l->certain_flaws = l->flaws;
	} else if (l->words != NULL) {
		g_array_set_size (l->words, l->certain);
	}
	l->n = l->certain;
	l->flaws = l->certain_flaws;
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

static void
list (Lister *l, MmFieldKind kind)
{
	if (kind == MM_FIELD_TEXT)
		list_in (l, 0, l->value.len, MM_WORD_TEXT);
	else if (kind == MM_FIELD_ADDRESSES || kind == MM_FIELD_PHRASES)
		list_phrases (l, kind);
	mm_charset_reader_clear (&l->cut.reader);
	mm_buffer_clear (&l->cut.octets);
}

GArray *
mm_field_words (MmFieldKind kind, MmBytes value)
{
	GArray *words = g_array_new (FALSE, FALSE, sizeof (MmFieldWord));
	Lister l = {.value = value, .words = words};

	list (&l, kind);
	return words;
}

guint
mm_field_word_flaws (MmFieldKind kind, MmBytes value)
{
	Lister l = {.value = value};

	list (&l, kind);
	return l.flaws;
}
