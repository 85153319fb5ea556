/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-word.c: finds and decodes encoded words (RFC 2047).
 *
 *   encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
 *   charset      = token                        ; RFC 2231 5: token [ "*" language ]
 *   encoding     = "Q" / "B"                    ; either case
 *   encoded-text = 1*<printable ASCII but "?" and SPACE>
 *
 * Readers are far more tolerant than this: they take a text up to the next "?=", whatever stands
 * in it. So do we, because what readers see is what must be judged; only a text that holds "=?"
 * is refused, for then the word was never closed and the next one begins there.
 */
#include "codec-private.h"

/* ---- finding ------------------------------------------------------------------------------- */

/* RFC 2047 2: token is printable ASCII but especials. */
static const gboolean no_token[256] = {
	[0 ... ' '] = TRUE, [0x7F ... 0xFF] = TRUE,
	['('] = TRUE, [')'] = TRUE, ['<'] = TRUE,  ['>'] = TRUE, ['@'] = TRUE,
	[','] = TRUE, [';'] = TRUE, ['"'] = TRUE,  ['/'] = TRUE, ['['] = TRUE,
	[']'] = TRUE, ['?'] = TRUE, ['='] = TRUE, ['\\'] = TRUE,
};

/* Reads "=?charset*lang?Q?" at @at. Returns the offset behind it, 0 if it stands not there. */
static gsize
read_start (MmBytes value, gsize at, MmEncodedWord *word)
{
	gsize from = at + 2;
	gsize end = from;
	MmBytes name;

	while (end < value.len && !no_token[(guint8) value.data[end]])
		end++;
	if (value.len - end < 3 || value.data[end] != '?' || value.data[end + 2] != '?')
		return 0;
	word->encoding = (char) (value.data[end + 1] & ~0x20); /* only q and b become Q and B */
	if (word->encoding != 'Q' && word->encoding != 'B')
		return 0;
	name = mm_bytes_sub (value, from, end);
	word->charset = mm_bytes_sub (name, 0, mm_bytes_find (name, '*', 0));
	return word->charset.len > 0 ? end + 3 : 0;
}

/* Finds what comes first in @value from @from on: the "?=" that ends the text, or a "=?" that
 * begins another word. Returns its offset, value.len when there is neither. */
static gsize
text_end (MmBytes value, gsize from, gboolean *out_closed)
{
	gsize mark = mm_bytes_find (value, '?', from);

	for (; mark < value.len; mark = mm_bytes_find (value, '?', mark + 1)) {
		*out_closed = mark + 1 < value.len && value.data[mark + 1] == '=';
		if (*out_closed)
			return mark;
		if (mark > from && value.data[mark - 1] == '=')
			return mark - 1;
	}
	*out_closed = FALSE;
	return value.len;
}

/* Reads the word at @at. *@out_end: where looking for the next one goes on. */
static gboolean
read_word (MmBytes value, gsize at, MmEncodedWord *out, gsize *out_end)
{
	gboolean closed = FALSE;
	gsize text = 0;

	*out_end = at + 1;
	if (at + 1 < value.len && value.data[at] == '=' && value.data[at + 1] == '?')
		text = read_start (value, at, out);
	if (text == 0)
		return FALSE;
	*out_end = text_end (value, text, &closed);
	if (!closed)
		return FALSE;
	out->text = mm_bytes_sub (value, text, *out_end);
	*out_end += 2;
	out->whole = mm_bytes_sub (value, at, *out_end);
	return TRUE;
}

gboolean
mm_encoded_word_at (MmBytes value, gsize at, MmEncodedWord *out)
{
	gsize end;

	return read_word (value, at, out, &end);
}

/* Linear, also over all calls: nothing is looked at twice but the few octets of a "=?x?q?". */
gboolean
mm_encoded_word_find (MmBytes value, gsize from, MmEncodedWord *out)
{
	gsize end;

	for (gsize at = mm_bytes_find (value, '=', from); at < value.len;
	     at = mm_bytes_find (value, '=', end))
		if (read_word (value, at, out, &end))
			return TRUE;
	return FALSE;
}

/* ---- decoding ------------------------------------------------------------------------------ */

/* RFC 2047 4.2: quoted-printable in which '_' is a blank. Line ends within a word are a fold. */
static gboolean
decode_q (MmBytes text, MmBuffer *out)
{
	if (!mm_buffer_reserve (out, text.len))
		return FALSE;
	for (gsize at = 0; at < text.len; at++) {
		char c = text.data[at];

		if (c == '\r' || c == '\n')
			continue;
		if (c == '_') {
			c = ' ';
		} else if (c == '=') {
			if (!mm_get_escape (text, at + 1, &c))
				return FALSE;
			at += 2;
		}
		out->data[out->len++] = c;
	}
	return TRUE;
}

/* Missing padding is forgiven, as all readers do. */
static gboolean
decode_b (MmBytes text, MmBuffer *out)
{
	MmBase64State state;

	return mm_base64_decode (text, out, &state) &&
	       (state == MM_BASE64_CLEAN || state == MM_BASE64_UNPADDED);
}

gboolean
mm_encoded_word_decode (const MmEncodedWord *word, MmBuffer *out)
{
	gsize before = out->len;
	gboolean ok = word->encoding == 'B' ? decode_b (word->text, out)
	                                    : decode_q (word->text, out);

	if (!ok)
		out->len = before;
	return ok;
}

static gboolean
is_blank (MmBytes b)
{
	return mm_bytes_trim (b).len == 0;
}

gboolean
mm_encoded_words_decode (MmBytes value, MmBuffer *out)
{
	gsize before = out->len;
	gsize done = 0; /* the end of the last word */
	MmEncodedWord word;
	gboolean ok = TRUE;

	while (ok && mm_encoded_word_find (value, done, &word)) {
		gsize at = (gsize) (word.whole.data - value.data);
		MmBytes between = mm_bytes_sub (value, done, at);

		/* RFC 2047 6.2: white space between two words is not part of the text. */
		if (done == 0 || !is_blank (between))
			ok = mm_buffer_append (out, between);
		ok = ok && mm_encoded_word_decode (&word, out);
		done = at + word.whole.len;
	}
	if (done < value.len)
		ok = ok && mm_buffer_append (out, mm_bytes_sub (value, done, value.len));
	if (!ok)
		out->len = before;
	return ok;
}
