/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address-quote.c: quotes a display name that is not quoted.
 *
 * RFC 5322 3.2.4: words with a special in them are quoted strings. Which comma belongs to a name
 * and which parts two addresses is certain only where there is one <addr> and nothing else that
 * could be an address.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "address-private.h"
#include "field-private.h"
#include "head-private.h"

typedef struct {
	MmBytes name; /* what stands in front of the "<" */
	MmBuffer *out;
	gsize run;            /* where the plain text begins that is not written yet */
	gsize end;            /* and where it ends, blanks left out */
	gboolean plain;       /* the run is atoms and quoted strings only */
	gboolean no_comment;  /* from here on "(" is text */
	gboolean no_quote;    /* and '"' */
	gboolean uncertain;
} Writer;

/* ---- is it certain? -------------------------------------------------------------------------- */

static guint
count_char (MmBytes in, char c)
{
	guint n = 0;

	for (gsize at = mm_bytes_find (in, c, 0); at < in.len; at = mm_bytes_find (in, c, at + 1))
		n++;
	return n;
}

/* Can the octet at @at go on with an address that ends, or begins, beside it? */
static gboolean
goes_on (MmBytes value, gsize at)
{
	return at < value.len && !mm_is_space (value.data[at]) &&
	       (value.data[at] == '\0' || strchr ("\"'()<>[],;:", value.data[at]) == NULL);
}

/* Is every "@" in @value that of @spec, which has one? */
static gboolean
has_no_other_at (MmBytes value, MmBytes spec)
{
	gsize left = mm_bytes_find (spec, '@', 0);

	for (gsize at = mm_bytes_find (value, '@', 0); at < value.len;
	     at = mm_bytes_find (value, '@', at + 1)) {
		gsize from = at - left;

		if (at < left || (from > 0 && goes_on (value, from - 1)) ||
		    goes_on (value, from + spec.len) ||
		    !mm_bytes_equal (mm_bytes_sub (value, from, from + spec.len), spec))
			return FALSE;
	}
	return TRUE;
}

/* The "<addr>" at [*@from, *@to), if it is the only thing in @value that can be an address. */
static gboolean
find_only_address (MmBytes value, gsize *from, gsize *to)
{
	g_auto (MmAddressList) list = {0};
	MmBytes spec;

	*from = mm_bytes_find (value, '<', 0);
	*to = mm_bytes_find (value, '>', 0) + 1;
	if (count_char (value, '<') != 1 || count_char (value, '>') != 1 || *to <= *from ||
	    !mm_grammar_is_blank (mm_bytes_sub (value, *to, value.len)))
		return FALSE;
	mm_grammar_address_list (mm_bytes_sub (value, *from, *to), &list);
	if (list.faults != 0 || list.members->len != 1)
		return FALSE;
	spec = g_array_index (list.members, MmAddressMember, 0).spec;
	return count_char (spec, '@') == 1 && has_no_other_at (value, spec);
}

/* ---- plain text ------------------------------------------------------------------------------ */

/* A single '"' at one end is the half of a pair. */
static MmBytes
without_half_quotes (MmBytes run)
{
	if (count_char (run, '"') != 1)
		return run;
	if (run.data[0] == '"')
		return mm_bytes_sub (run, 1, run.len);
	return run.data[run.len - 1] == '"' ? mm_bytes_sub (run, 0, run.len - 1) : run;
}

/* What is in quotes already stays escaped as it is. */
static void
append_quoted (Writer *w, MmBytes run)
{
	run = without_half_quotes (run);
	mm_buffer_append_c (w->out, '"');
	for (gsize at = 0; at < run.len; at++) {
		MmSpan span = {.kind = MM_SPAN_WORD};

		if (run.data[at] == '"' && !w->no_quote)
			span = mm_span_at (run, at);
		w->no_quote |= span.open;
		if (span.kind == MM_SPAN_QUOTED && !span.open) {
			mm_buffer_append (w->out, mm_bytes_sub (run, at + 1, span.to - 1));
			at = span.to - 1;
			continue;
		}
		if (run.data[at] == '"' || run.data[at] == '\\')
			mm_buffer_append_c (w->out, '\\');
		mm_buffer_append_c (w->out, run.data[at]);
	}
	mm_buffer_append_c (w->out, '"');
}

/* Writes the run and the blanks behind it, which end at @to. */
static void
flush (Writer *w, gsize to)
{
	MmBytes run = mm_bytes_sub (w->name, w->run, w->end);
	gboolean no_quote = w->no_quote;
	MmEncodedWord word;

	w->no_quote = FALSE;
	if (w->plain || run.len == 0)
		mm_buffer_append (w->out, run);
	else if (mm_encoded_word_find (run, 0, &word))
		w->uncertain = TRUE;
	else
		append_quoted (w, run);
	w->no_quote = no_quote;
	mm_buffer_append (w->out, mm_bytes_sub (w->name, w->end, to));
	w->run = w->end = to;
	w->plain = TRUE;
}

/* ---- what stays ------------------------------------------------------------------------------ */

/* RFC 2047 5(3) has fewer characters for a phrase, and those that it leaves out end words. */
static gboolean
is_fit_for_phrase (const MmEncodedWord *word)
{
	for (gsize i = 0; i < word->text.len; i++)
		if (!g_ascii_isalnum (word->text.data[i]) &&
		    memchr ("!*+-/=_", word->text.data[i], 7) == NULL)
			return FALSE;
	return TRUE;
}

static guint
column (const MmBuffer *out)
{
	gsize from = out->len;

	while (from > 0 && out->data[from - 1] != '\n')
		from--;
	return (guint) MIN (out->len - from, 998);
}

static void
append_word (Writer *w, const MmEncodedWord *word)
{
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;
	g_autofree char *charset = mm_bytes_dup (word->charset);

	if (is_fit_for_phrase (word))
		mm_buffer_append (w->out, word->whole);
	else if (!mm_encoded_word_decode (word, &octets) ||
	         !mm_encoded_words_encode (mm_buffer_bytes (&octets), charset, MM_WORD_PHRASE,
	                                   column (w->out), w->out))
		w->uncertain = TRUE;
}

/* ---- the whole name -------------------------------------------------------------------------- */

static gboolean
is_atom (MmBytes text)
{
	for (gsize i = 0; i < text.len; i++)
		if (text.data[i] == '\0' || strchr ("()<>[]:;@\\,.\"", text.data[i]) != NULL)
			return FALSE;
	return TRUE;
}

/* An encoded word between blanks. */
static gboolean
is_encoded_word (const Writer *w, const MmSpan *span, MmEncodedWord *word)
{
	gboolean apart = w->run == w->end && (span->to == w->name.len ||
	                                      mm_is_space (w->name.data[span->to]));

	return apart && mm_encoded_word_at (w->name, span->from, word) &&
	       word->whole.len == span->to - span->from;
}

/* Takes one span into the run, or writes it. Returns where the next one begins. */
static gsize
take_span (Writer *w, const MmSpan *span)
{
	MmBytes text = mm_bytes_sub (w->name, span->from, span->to);
	MmEncodedWord word;

	if (span->kind == MM_SPAN_BLANK) {
		if (w->run == w->end)
			flush (w, span->to);
		return span->to;
	}
	if (span->kind == MM_SPAN_COMMENT && !w->no_comment && !span->open) {
		flush (w, span->from);
		mm_buffer_append (w->out, text);
		w->run = w->end = span->to;
		return span->to;
	}
	if (span->kind == MM_SPAN_WORD && mm_bytes_has_prefix (text, "=?")) {
		/* blanks part runs here, so that a word can stand by itself */
		if (w->end < span->from)
			flush (w, span->from);
		if (is_encoded_word (w, span, &word)) {
			append_word (w, &word);
			w->run = w->end = span->to;
			return span->to;
		}
	}
	w->no_comment |= span->kind == MM_SPAN_COMMENT;
	w->no_quote |= span->kind == MM_SPAN_QUOTED && span->open;
	if (span->kind == MM_SPAN_QUOTED && !span->open) {
		w->end = span->to;
	} else if (span->kind == MM_SPAN_WORD) {
		w->end = span->to;
		w->plain = w->plain && is_atom (text);
	} else {
		w->end = span->from + 1;
		w->plain = FALSE;
	}
	return w->end;
}

static MmSpan
next_span (const Writer *w, gsize at)
{
	char c = w->name.data[at];

	if ((c == '(' && w->no_comment) || (c == '"' && w->no_quote))
		return (MmSpan){.kind = MM_SPAN_SPECIAL, .from = at, .to = at + 1};
	return mm_span_at (w->name, at);
}

gboolean
mm_address_quote (MmBytes value, MmBuffer *out, GError **error)
{
	Writer w = {.out = out, .plain = TRUE};
	gsize from, to;

	if (!find_only_address (value, &from, &to))
		return mm_uncertain (error, "what belongs to a name and what is an address is not "
		                            "certain");
	w.name = mm_bytes_sub (value, 0, from);
	for (gsize at = 0; at < from;) {
		MmSpan span = next_span (&w, at);
		at = take_span (&w, &span);
	}
	flush (&w, from);
	mm_buffer_append (out, mm_bytes_sub (value, from, value.len));
	if (w.uncertain || out->failed)
		return mm_uncertain (error, "an encoded word in the name is in the way");
	return TRUE;
}
