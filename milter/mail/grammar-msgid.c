/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-msgid.c: message identifiers and content identifiers.
 *
 * A value is read as a row of items with CFWS between them, and what it is follows from their
 * number and from the brackets of each. Only then is the text between the brackets judged. So one
 * reader serves the single id, the list and the Content-ID, and each octet is looked at a fixed
 * number of times: a quote or comment found to be open is not looked for again.
 *
 * RFC 5322 3.6.4, with the quoted left and literal right side of RFC 2822:
 *     msg-id   = [CFWS] "<" id-left "@" id-right ">" [CFWS]
 *     id-left  = dot-atom-text / no-fold-quote
 *     id-right = dot-atom-text / no-fold-literal
 */
#include "grammar-private.h"

/* RFC 5322 3.2.3, without those that are looked at by themselves. */
#define SPECIALS "()[]:;,\\\""

typedef struct {
	MmBytes in;
	gsize pos;
	gboolean open_comment; /* from here on "(" is text */
	gboolean open_quote;   /* from here on '"' is text outside of brackets */
} Reader;

/* "<<text>>", "text>", "text": all the brackets that touch the text belong to it. */
typedef struct {
	guint opens;
	MmBytes text;
	guint closes;
} Item;

/* What stands between the brackets, folds taken out. */
typedef struct {
	guint ats; /* '@' outside the quoted left and the literal right side */
	gboolean empty_side;
	gboolean blank;	  /* white space that counts */
	gboolean bracket; /* < or > */
	gboolean special; /* other characters that end an atom */
	gboolean odd;	  /* a side is neither dot-atom, quoted string nor literal */
} Inside;

/* ---- items ------------------------------------------------------------------------------- */

/* Over a quoted left side, from its '"' at *@pos to its "@". White space may stand between: a fold
 * that is taken out later. */
static gboolean
skip_quoted_left (MmBytes in, gsize *pos)
{
	gsize i = *pos;

	if (i >= in.len || in.data[i] != '"' || !mm_grammar_skip_quoted (in, &i))
		return FALSE;
	mm_grammar_skip_space (in, &i);
	if (i >= in.len || in.data[i] != '@')
		return FALSE;
	*pos = i;
	return TRUE;
}

/* Over a domain literal, from its "[" at *@pos to the ">" or the end after it. It holds no "[", so
 * that a row of "[" is not read again from each. */
static gboolean
skip_literal_right (MmBytes in, gsize *pos)
{
	gsize i = *pos;

	if (i >= in.len || in.data[i] != '[')
		return FALSE;
	do
		i++;
	while (i < in.len && in.data[i] != ']' && in.data[i] != '[');
	if (i >= in.len || in.data[i] != ']')
		return FALSE;
	i++;
	mm_grammar_skip_space (in, &i);
	if (i < in.len && in.data[i] != '>')
		return FALSE;
	*pos = i;
	return TRUE;
}

/* The text from *@pos, which is behind a "<", to the next ">". FALSE, *@pos unmoved, when another
 * "<" or the end comes first. */
static gboolean
skip_bracketed (MmBytes in, gsize *pos)
{
	gsize i = *pos;

	mm_grammar_skip_space (in, &i);
	skip_quoted_left (in, &i);
	for (; i < in.len && in.data[i] != '<'; i++) {
		gsize right = i + 1;

		if (in.data[i] == '@') {
			mm_grammar_skip_space (in, &right);
			if (skip_literal_right (in, &right))
				i = right;
		}
		if (i < in.len && in.data[i] == '>') {
			*pos = i;
			return TRUE;
		}
	}
	return FALSE;
}

/* A run without brackets: to white space, a bracket or a comment. A comma that does not follow
 * something is an item of its own. */
static void
skip_bare (Reader *reader)
{
	MmBytes in = reader->in;

	if (reader->pos < in.len && in.data[reader->pos] == ',') {
		reader->pos++;
		return;
	}
	if (reader->pos < in.len && in.data[reader->pos] == '"' && !reader->open_quote)
		reader->open_quote = !mm_grammar_skip_quoted (in, &reader->pos);
	for (; reader->pos < in.len; reader->pos++) {
		char c = in.data[reader->pos];

		if (mm_is_space (c) || c == '<' || c == '>' || (c == '(' && !reader->open_comment))
			break;
	}
}

static guint
take_brackets (Reader *reader, char bracket)
{
	gsize from = reader->pos;

	while (reader->pos < reader->in.len && reader->in.data[reader->pos] == bracket)
		reader->pos++;
	return (guint)(reader->pos - from);
}

/* The next item; FALSE at the end. */
static gboolean
next_item (Reader *reader, Item *item)
{
	gsize from;

	if (reader->open_comment)
		mm_grammar_skip_space (reader->in, &reader->pos);
	else
		reader->open_comment = !mm_grammar_skip_cfws (reader->in, &reader->pos);
	if (reader->pos >= reader->in.len)
		return FALSE;
	item->opens = take_brackets (reader, '<');
	from = reader->pos;
	if (item->opens == 0 || !skip_bracketed (reader->in, &reader->pos))
		skip_bare (reader);
	item->text = mm_bytes_sub (reader->in, from, reader->pos);
	item->closes = take_brackets (reader, '>');
	return TRUE;
}

/* ---- what stands inside ------------------------------------------------------------------ */

/* RFC 5322 3.2.2: a fold is white space with a line end in it that a blank follows. */
static gboolean
is_fold (MmBytes space)
{
	return mm_bytes_find (space, '\n', 0) < space.len && mm_is_wsp (space.data[space.len - 1]);
}

/* @text without its folds and the white space that belongs to them. (transfer full) */
static GString *
without_folds (MmBytes text)
{
	GString *flat = g_string_sized_new (text.len);
	gsize pos = 0;

	while (pos < text.len) {
		gsize from = pos;

		mm_grammar_skip_space (text, &pos);
		if (pos > from && is_fold (mm_bytes_sub (text, from, pos)))
			continue;
		while (pos < text.len && !mm_is_space (text.data[pos]))
			pos++;
		g_string_append_len (flat, text.data + from, (gssize)(pos - from));
	}
	return flat;
}

static gboolean
is_dot_atom (MmBytes text)
{
	gboolean dot = TRUE;

	for (gsize i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '.' ? dot : !mm_grammar_is_atext (c) && ((guchar)c & 0x80) == 0)
			return FALSE;
		dot = c == '.';
	}
	return !dot;
}

/* Blanks, brackets and specials in a side that is neither a quoted string nor a literal. */
static void
look_at_side (MmBytes side, Inside *inside)
{
	inside->empty_side |= side.len == 0;
	inside->odd |= !is_dot_atom (side);
	for (gsize i = 0; i < side.len; i++) {
		char c = side.data[i];

		inside->blank |= mm_is_space (c);
		inside->bracket |= c == '<' || c == '>';
		/* Most octets are none, and need no search. */
		inside->special |= !mm_grammar_is_atext (c) &&
		                   memchr (SPECIALS, c, sizeof SPECIALS - 1) != NULL;
	}
}

static Inside
look_inside (MmBytes text)
{
	Inside inside = {0};
	gsize at = 0;

	if (skip_quoted_left (text, &at)) {
		inside.blank = text.data[at - 1] != '"';
	} else {
		at = mm_bytes_find (text, '@', 0);
		look_at_side (mm_bytes_sub (text, 0, at), &inside);
	}
	for (; at < text.len; inside.ats++) {
		gsize next = at + 1;

		if (skip_literal_right (text, &next) && next == text.len) {
			inside.blank |= text.data[next - 1] != ']';
		} else {
			next = mm_bytes_find (text, '@', at + 1);
			look_at_side (mm_bytes_sub (text, at + 1, next), &inside);
		}
		at = next;
	}
	inside.odd |= inside.ats > 1;
	return inside;
}

/* Printable ASCII and white space, or with @utf8 UTF-8? */
static gboolean
is_clean (MmBytes text, gboolean utf8)
{
	for (gsize i = 0; i < text.len; i++) {
		guchar c = (guchar)text.data[i];

		if (c == 0x7f || (c < 0x20 && !mm_is_space ((char)c)) || (c >= 0x80 && !utf8))
			return FALSE;
	}
	return !utf8 || text.len == 0 || g_utf8_validate_len (text.data, text.len, NULL);
}

/* ---- one identifier ---------------------------------------------------------------------- */

/* Exactly one pair of brackets. */
static MmMsgidShape
judge_pair (const Inside *inside)
{
	if (inside->blank)
		return MM_MSGID_BLANK_INSIDE;
	if (inside->ats == 0 || inside->empty_side)
		return MM_MSGID_NO_AT_INSIDE;
	return inside->bracket ? MM_MSGID_INVALID : MM_MSGID_VALID;
}

/* No pair, or more than one. Where a special ends an atom there are two tokens, and it is not
 * certain which octets are the id ("mid:a@b", "a@b;"). */
static MmMsgidShape
judge_brackets (const Item *item, const Inside *inside)
{
	gboolean sure =
		inside->ats == 1 && !inside->empty_side && !inside->bracket && !inside->special;

	if (inside->blank)
		return MM_MSGID_BLANK_INSIDE;
	if (sure)
		return MM_MSGID_BRACKETS;
	if (mm_bytes_find (item->text, '@', 0) < item->text.len)
		return MM_MSGID_INVALID;
	return item->opens + item->closes == 0 ? MM_MSGID_NO_AT : MM_MSGID_NO_AT_INSIDE;
}

static gboolean
has_line_end (MmBytes text)
{
	MmBytes trimmed = mm_bytes_trim (text);

	return mm_bytes_find (trimmed, '\n', 0) < trimmed.len ||
	       mm_bytes_find (trimmed, '\r', 0) < trimmed.len;
}

static void
judge_one (const Item *item, MmMsgid *out)
{
	g_autoptr (GString) flat = without_folds (item->text);
	MmBytes text = mm_bytes (flat->str, flat->len);
	Inside inside = look_inside (text);

	if (mm_bytes_trim (text).len == 0)
		out->shape = MM_MSGID_EMPTY;
	else if (item->opens == 1 && item->closes == 1)
		out->shape = judge_pair (&inside);
	else
		out->shape = judge_brackets (item, &inside);
	if (out->shape != MM_MSGID_VALID && out->shape != MM_MSGID_BRACKETS)
		return;
	/* A line end that is no fold ends the header line, in a quoted string and a literal too. */
	if (has_line_end (text)) {
		out->shape = MM_MSGID_INVALID;
		return;
	}
	out->odd = inside.odd;
	g_string_prepend_c (flat, '<');
	g_string_append_c (flat, '>');
	out->id = g_string_free (g_steal_pointer (&flat), FALSE);
}

void
mm_grammar_msgid (MmBytes value, gboolean utf8, MmMsgid *out)
{
	Reader reader = {.in = value};
	Item item = {0};
	Item only = {0};
	guint items = 0, ids = 0, brackets = 0;
	gboolean clean = TRUE, at = FALSE;

	*out = (MmMsgid){.shape = MM_MSGID_INVALID};
	for (; next_item (&reader, &item); items++) {
		clean = clean && is_clean (item.text, utf8);
		at = at || mm_bytes_find (item.text, '@', 0) < item.text.len;
		brackets += item.opens + item.closes;
		ids += item.opens > 0 && item.closes > 0;
		only = item;
	}
	if (!clean)
		out->shape = MM_MSGID_NON_ASCII;
	else if (reader.open_comment)
		out->shape = MM_MSGID_INVALID;
	else if (items == 0)
		out->shape = MM_MSGID_EMPTY;
	else if (items == 1)
		judge_one (&only, out);
	else if (ids > 0)
		out->shape = ids > 1 ? MM_MSGID_SEVERAL : MM_MSGID_TEXT_BESIDE;
	else if (brackets == 0 && !at)
		out->shape = MM_MSGID_NO_AT;
}

void
mm_msgid_clear (MmMsgid *msgid)
{
	g_clear_pointer (&msgid->id, g_free);
}

/* ---- lists and Content-ID ---------------------------------------------------------------- */

/* RFC 5322 3.6.4 and 4.5.4:
 *     references      = "References:" 1*msg-id CRLF
 *     obs-references  = "References" *WSP ":" *(phrase / msg-id) CRLF */
gboolean
mm_grammar_msgid_list (MmBytes value, GArray *out, gboolean *out_commas)
{
	Reader reader = {.in = value};
	Item item = {0};
	gboolean only_ids = TRUE;

	*out_commas = FALSE;
	while (next_item (&reader, &item)) {
		gboolean comma = item.opens + item.closes == 0 && mm_bytes_is (item.text, ",");
		gboolean id = item.opens > 0 && item.closes > 0 &&
			      mm_bytes_find (item.text, '@', 0) < item.text.len;

		*out_commas |= comma;
		only_ids = only_ids && (comma || (id && item.opens == 1 && item.closes == 1));
		if (id) {
			MmBytes view = mm_bytes (item.text.data - 1, item.text.len + 2);

			g_array_append_val (out, view);
		}
	}
	return only_ids;
}

/* RFC 2045 7 says msg-id; programs write <image1> and every reader takes it. */
gboolean
mm_grammar_content_id (MmBytes value)
{
	Reader reader = {.in = value};
	Item item = {0};
	Item rest = {0};
	g_autoptr (GString) flat = NULL;
	Inside inside;

	if (!next_item (&reader, &item) || item.opens != 1 || item.closes != 1)
		return FALSE;
	if (next_item (&reader, &rest) || reader.open_comment)
		return FALSE;
	flat = without_folds (item.text);
	inside = look_inside (mm_bytes (flat->str, flat->len));
	return flat->len > 0 && !inside.blank && !inside.bracket;
}
