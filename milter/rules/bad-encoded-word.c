/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bad-encoded-word.c: encoded words that touch, are too long, hold a blank or split a character.
 *
 * RFC 2047 2 and 5 forbid each. Readers that follow the RFC show such words as they stand; Yahoo
 * refuses words that touch. A word that is right stays octet for octet, also beside one that is
 * not; words that touch are only put on two lines.
 */
#include <config.h>

#include "encoded-words-private.h"
#include "head-private.h"
#include "word-writer-private.h"

/* Only the first that applies is told. */
static const struct {
	guint flaw;
	MmSeverity severity;
	const char *text;
} flaws[] = {
        {MM_WORD_TOUCHES, MM_SEVERITY_ERROR, "two encoded words touch"},
        {MM_WORD_BLANK, MM_SEVERITY_ERROR, "an encoded word holds white space"},
        {MM_WORD_SPLIT, MM_SEVERITY_ERROR, "a character is split between two encoded words"},
        {MM_WORD_OVERLONG, MM_SEVERITY_ERROR, "an encoded word is longer than 75"},
        {MM_WORD_LONG, MM_SEVERITY_NOTICE, "an encoded word is longer than 75, but not than 80"},
};

/* ---- finding --------------------------------------------------------------------------------- */

static void
judge (const MmPart *top, guint at, MmFindings *out)
{
	const MmHeader *item = mm_part_header (top, at);
	guint found;

	/* Cheap for nearly all mail: no "=?", no word. */
	if (!item->is_field || mm_bytes_search (item->value, "=?") == NULL)
		return;
	found = mm_field_word_flaws (mm_field_kind (item->name), item->value);
	for (gsize i = 0; i < G_N_ELEMENTS (flaws); i++) {
		g_autofree char *name = NULL;

		if ((found & flaws[i].flaw) == 0)
			continue;
		name = mm_bytes_printable (item->name, 60);
		mm_find_header (out, flaws[i].severity, top, at, "%s: %s", name, flaws[i].text);
		return;
	}
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (guint at = 0; at < top->headers->len; at++)
		judge (top, at, out);
}

/* ---- mending --------------------------------------------------------------------------------- */

typedef struct {
	MmBytes value;
	const GArray *words;
	MmWordWriter writer;
	gsize done;         /* of the value */
	gboolean behind;    /* a word we wrote was the last */
	gboolean converted; /* octets are not what they were */
} Mender;

static const MmFieldWord *
word_at (const Mender *m, guint at)
{
	return &g_array_index (m->words, MmFieldWord, at);
}

/* Copies up to @to. What touches a word of ours stays there: a fold would put a blank in. */
static void
copy_to (Mender *m, gsize to)
{
	gsize glued = m->done;

	while (m->behind && glued < to && !mm_is_space (m->value.data[glued]))
		glued++;
	mm_buffer_append (m->writer.line, mm_bytes_sub (m->value, m->done, glued));
	mm_word_writer_copy (&m->writer, mm_bytes_sub (m->value, glued, to));
	m->behind = FALSE;
	m->done = to;
}

/* Words that share a character are one piece of text. */
static guint
last_of_unit (const Mender *m, guint first)
{
	guint last = first;

	while (last + 1 < m->words->len && (word_at (m, last + 1)->flaws & MM_WORD_SPLIT))
		last++;
	return last;
}

/* FALSE where a word has a language, which would get lost, holds raw octets or does not decode. */
static gboolean
append_octets (const Mender *m, guint first, guint last, MmBuffer *out)
{
	for (guint i = first; i <= last; i++) {
		const MmEncodedWord *word = &word_at (m, i)->word;

		if (mm_bytes_end (word->charset)[0] == '*' || mm_bytes_has_8bit (word->whole) ||
		    !mm_encoded_word_decode (word, out))
			return FALSE;
	}
	return !out->failed && out->len > 0;
}

static gboolean
recode (MmBytes octets, const char *charset, MmBuffer *out)
{
	const char *superset = mm_charset_superset (charset);

	return mm_charset_recode (octets, charset, out) ||
	       (superset != NULL && mm_charset_recode (octets, superset, out));
}

/* Text stands right before it: a fold there would put a blank in. */
static gboolean
is_glued (const Mender *m, const MmFieldWord *word)
{
	return (word->flaws & MM_WORD_TOUCHES) == 0 && word->from > 0 &&
	       !mm_is_space (m->value.data[word->from - 1]);
}

/* In their own charset; where that has shifts and needs more than one word, in UTF-8. */
static gboolean
write_octets (Mender *m, MmBytes octets, const MmFieldWord *word)
{
	g_autofree char *charset = mm_bytes_dup (word->word.charset);
	g_auto (MmBuffer) utf8 = MM_BUFFER_INIT;

	if (mm_word_writer_encode (&m->writer, octets, charset, word->place))
		return TRUE;
	m->converted = TRUE;
	return !is_glued (m, word) && recode (octets, charset, &utf8) &&
	       mm_word_writer_encode (&m->writer, mm_buffer_bytes (&utf8), "utf-8",
	                              word->place);
}

static gboolean
write_unit (Mender *m, guint first, guint last)
{
	const MmFieldWord *word = word_at (m, first);
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;

	copy_to (m, word->from);
	if (word->flaws & MM_WORD_TOUCHES)
		mm_word_writer_break (&m->writer);
	if (first == last && (word->flaws & ~(guint) MM_WORD_TOUCHES) == 0)
		return mm_buffer_append (m->writer.line, word->word.whole);
	if (!append_octets (m, first, last, &octets) ||
	    !write_octets (m, mm_buffer_bytes (&octets), word))
		return FALSE;
	m->behind = TRUE;
	return TRUE;
}

static gboolean
write_value (Mender *m)
{
	for (guint i = 0; i < m->words->len; i++) {
		guint last = last_of_unit (m, i);

		if (word_at (m, i)->flaws == 0 && last == i)
			continue;
		if (!write_unit (m, i, last))
			return FALSE;
		m->done = word_at (m, last)->to;
		i = last;
	}
	copy_to (m, m->value.len);
	return !m->writer.line->failed;
}

static gboolean
write_line (const MmHeader *item, MmBuffer *line)
{
	g_autoptr (GArray) words = mm_field_words (mm_field_kind (item->name), item->value);
	Mender m = {.value = item->value, .words = words, .writer = {.line = line}};
	gsize value;

	mm_buffer_append (line, mm_bytes (item->name.data, item->name.len + item->blanks.len));
	mm_buffer_append_c (line, ':');
	value = line->len;
	return write_value (&m) &&
	       (m.converted ||
	        mm_field_says_the_same (item->value, mm_bytes_sub (mm_buffer_bytes (line), value,
	                                                           line->len)));
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	const MmHeader *item = mm_part_header (part, at);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (finding->severity == MM_SEVERITY_NOTICE)
		return mm_uncertain (error, "words of 76 to 80 harm nobody");
	if (!mm_field_may_edit (facts, part, at, error))
		return FALSE;
	if (!write_line (item, &line))
		return mm_uncertain (error, "a word does not decode, or cannot be written anew");
	mm_field_set_line (out, part, at, &line);
	return TRUE;
}

const MmRule mm_rule_bad_encoded_word = {
        .name = "bad-encoded-word",
        .label = "BAD_ENCODED_WORD",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2047 2, 5",
        .summary = "encoded words in free text or a display name that touch (?==?), are longer "
                   "than 75 (76 to 80 alone: a notice), hold white space, or split a character "
                   "between two",
        .repair = "words that touch are put on two lines, the others written anew in their own "
                  "charset; in UTF-8 where that charset has shifts and the way back gives the same "
                  "octets; left if a word does not decode",
        .receivers = "Yahoo: 554 Message not accepted. Invalid Subject header. (reported by "
                     "several)",
        .detect = detect,
        .fix = fix,
};
