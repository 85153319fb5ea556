/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw-words.c: where in a field encoded words may stand (RFC 2047 5).
 *
 *     (1) in unstructured text, between blanks
 *     (2) in a comment, between blanks and parentheses
 *     (3) for a word of a phrase: display names before <>, names of groups, Keywords
 *
 * Never in an address, an id or a quoted string; a quoted string of a phrase becomes encoded words
 * as a whole. Atoms and strings that touch are one word here: a blank between them, which encoded
 * words need, would be new text.
 */
#include <config.h>

#include "head-private.h"
#include "raw-words-private.h"

typedef struct {
	MmFieldKind kind;
	MmBytes value;
	gboolean utf8;
	GArray *words;
	gboolean unjoined;     /* something other than a blank stands before the next word */
	gboolean pending;      /* raw octets since the last delimiter, maybe not in a phrase */
	gboolean at_sign;      /* an "@" since then */
	gboolean behind_angle; /* <...> was seen since then */
	gboolean misplaced;    /* raw octets where no encoded word may stand */
} Lister;

gboolean
mm_is_raw (MmBytes text, gboolean utf8)
{
	return mm_bytes_has_8bit (text) && !(utf8 && mm_is_utf8 (text));
}

static void
add_word (Lister *l, gsize from, gsize to, MmWordPlace place)
{
	MmRawWord word = {.from = from,
	                  .to = to,
	                  .place = place,
	                  .raw = mm_is_raw (mm_bytes_sub (l->value, from, to), l->utf8),
	                  .joined = l->words->len > 0 && !l->unjoined};

	g_array_append_val (l->words, word);
	l->unjoined = FALSE;
}

/* ---- unstructured text ----------------------------------------------------------------------- */

static void
list_text (Lister *l)
{
	gsize at = 0;

	while (at < l->value.len) {
		gsize from = at;

		while (at < l->value.len && !mm_is_space (l->value.data[at]))
			at++;
		if (at > from)
			add_word (l, from, at, MM_WORD_TEXT);
		else
			at++;
	}
}

/* ---- comments -------------------------------------------------------------------------------- */

static gsize
comment_word_end (MmBytes value, gsize at, gsize end)
{
	while (at < end && !mm_is_space (value.data[at]) && value.data[at] != '(' &&
	       value.data[at] != ')')
		at += value.data[at] == '\\' ? 2 : 1;
	return MIN (at, end);
}

static void
list_comment (Lister *l, const MmSpan *comment)
{
	gsize at = comment->from;

	while (at < comment->to) {
		gsize end = comment_word_end (l->value, at, comment->to);

		if (end > at)
			add_word (l, at, end, MM_WORD_COMMENT);
		else if (!mm_is_space (l->value.data[at]))
			l->unjoined = TRUE;
		at = MAX (end, at + 1);
	}
	l->unjoined = TRUE;
}

/* ---- structured values ----------------------------------------------------------------------- */

/* A word of what may become a phrase: it goes on while nothing separates. */
static gsize
list_phrase_word (Lister *l, gsize from)
{
	gsize to = from;

	while (to < l->value.len) {
		MmSpan span = mm_span_at (l->value, to);

		if (span.kind != MM_SPAN_WORD && span.kind != MM_SPAN_QUOTED)
			break;
		to = span.to;
		if (span.open && mm_is_raw (mm_bytes_sub (l->value, from, to), l->utf8))
			l->misplaced = TRUE;
	}
	add_word (l, from, to, MM_WORD_PHRASE);
	if (mm_bytes_find (mm_bytes_sub (l->value, from, to), '@', 0) < to - from)
		l->at_sign = TRUE;
	if (g_array_index (l->words, MmRawWord, l->words->len - 1).raw) {
		l->pending = TRUE;
		l->misplaced |= l->behind_angle;
	}
	return to;
}

static void
list_special (Lister *l, char c)
{
	gboolean phrase = l->kind == MM_FIELD_PHRASES ||
	                  (l->kind == MM_FIELD_ADDRESSES && c == ':' && !l->at_sign);

	l->misplaced |= l->pending && !phrase;
	l->pending = FALSE;
	l->at_sign = FALSE;
	l->behind_angle = FALSE;
	l->unjoined = TRUE;
}

static void
list_angle (Lister *l, const MmSpan *span)
{
	if (mm_is_raw (mm_bytes_sub (l->value, span->from, span->to), l->utf8) ||
	    (l->pending && l->kind != MM_FIELD_ADDRESSES))
		l->misplaced = TRUE;
	l->pending = FALSE;
	l->behind_angle = TRUE;
	l->unjoined = TRUE;
}

static void
list_structured (Lister *l)
{
	gsize at = 0;

	while (at < l->value.len) {
		MmSpan span = mm_span_at (l->value, at);

		at = span.to;
		switch (span.kind) {
		case MM_SPAN_BLANK:
			break;
		case MM_SPAN_WORD:
		case MM_SPAN_QUOTED:
			at = list_phrase_word (l, span.from);
			break;
		case MM_SPAN_COMMENT:
			l->unjoined = TRUE;
			list_comment (l, &span);
			l->misplaced |= span.open;
			break;
		case MM_SPAN_ANGLE:
			list_angle (l, &span);
			break;
		case MM_SPAN_SPECIAL:
			list_special (l, l->value.data[span.from]);
			break;
		}
	}
	list_special (l, '\0');
}

/* ---- encoded words that stand already -------------------------------------------------------- */

/* Marks the words that begin or end with one. FALSE if a raw word lies in one or touches it: then
 * what readers make of it is anybody's guess. */
static gboolean
mark_encoded (Lister *l)
{
	MmEncodedWord found;
	gsize at = 0;
	guint i = 0;

	while (mm_encoded_word_find (l->value, at, &found)) {
		gsize from = (gsize) (found.whole.data - l->value.data);

		at = from + found.whole.len;
		for (; i < l->words->len; i++) {
			MmRawWord *word = &g_array_index (l->words, MmRawWord, i);

			if (word->from >= at)
				break;
			if (word->raw && word->to > from)
				return FALSE;
			word->starts_encoded |= word->from == from;
			word->ends_encoded |= word->to == at;
			if (word->to > at)
				break;
		}
	}
	return TRUE;
}

GArray *
mm_raw_words_list (MmFieldKind kind, MmBytes value, gboolean utf8, GError **error)
{
	g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (MmRawWord));
	Lister l = {.kind = kind, .value = value, .utf8 = utf8, .words = words};

	if (kind == MM_FIELD_TEXT)
		list_text (&l);
	else
		list_structured (&l);
	if (l.misplaced)
		mm_uncertain (error, "raw octets stand where no encoded word may stand");
	else if (!mark_encoded (&l))
		mm_uncertain (error, "raw octets stand in an encoded word");
	else
		return g_steal_pointer (&words);
	return NULL;
}

gboolean
mm_raw_words_text (MmBytes value, const GArray *words, MmBuffer *out)
{
	for (guint i = 0; i < words->len; i++) {
		const MmRawWord *word = &g_array_index (words, MmRawWord, i);

		if (!word->raw)
			continue;
		mm_buffer_append (out, mm_bytes_sub (value, word->from, word->to));
		mm_buffer_append_c (out, ' ');
	}
	return !out->failed;
}

/* ---- which charset --------------------------------------------------------------------------- */

/* A name that may stand in an encoded word: a token that iconv cannot read as more. */
static gboolean
is_usable_charset (const char *charset)
{
	MmBytes name = mm_bytes_str (charset);

	return name.len > 0 && name.len <= 40 && mm_grammar_is_token (name) &&
	       strpbrk (charset, "*'/.") == NULL && !mm_charset_is_utf16_or_32 (charset) &&
	       mm_charset_is_known (charset);
}

/* Old programs write the header in the charset of the text. What they call it may be no name. */
const char *
mm_raw_charset (const MmFacts *facts, const MmPart *part, MmBytes octets)
{
	const MmContext *context = facts->context;
	const char *name = part->charset;

	if (name != NULL && !mm_charset_name_is_good (name))
		name = mm_charset_name_mend (name);
	if (!mm_is_utf8 (octets) && name != NULL && is_usable_charset (name) &&
	    mm_charset_decodes (octets, name))
		return name;
	return mm_charset_choose (octets, context->charsets, context->default_charset);
}
