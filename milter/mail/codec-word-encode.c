/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-word-encode.c: writes encoded words (RFC 2047).
 *
 * Section 2 limits a word to 75 and a line that holds one to 76; section 5 wants whole characters
 * in every word, because each is decoded by itself. Where characters end only the charset knows,
 * so iconv is asked. A charset with shift states (ISO-2022-JP) starts anew in every word; such a
 * text is written as one word or not at all.
 */
#include "codec-private.h"

#define WORD_MAX 75
#define LINE_MAX_CHARS 76
#define CHAR_MAX_OCTETS 8 /* no charset has longer characters */

typedef struct {
	MmBytes octets;
	const char *charset;
	char encoding;
	MmWordPlace place;
	guint overhead; /* of a word: all but its text */
	gboolean utf8;
	gboolean stateful;
	GIConv iconv; /* (GIConv) -1 with utf8 */
} Encoder;

/* ---- characters ---------------------------------------------------------------------------- */

static gboolean
decodes_whole (GIConv iconv, const char *data, gsize len)
{
	char text[64];
	char *to = text;
	char *from = (char *) data; /* iconv() reads it only */
	gsize room = sizeof text;

	g_iconv (iconv, NULL, NULL, NULL, NULL);
	if (g_iconv (iconv, &from, &len, &to, &room) == (gsize) -1 || len > 0)
		return FALSE;
	/* A shift is octets without a character. (Vietnamese vowels wait for an accent.) */
	g_iconv (iconv, NULL, NULL, &to, &room);
	return to > text;
}

/* Octets that begin a shift or an escape in the stateful charsets that mail has seen. */
static gboolean
has_states (GIConv iconv)
{
	static const char shifts[] = {0x0E, 0x1B, '+', '~'};

	for (gsize i = 0; i < sizeof shifts; i++) {
		if (!decodes_whole (iconv, &shifts[i], 1))
			return TRUE;
	}
	return FALSE;
}

/* The length of the character at @at; 0 if there is none. */
static gsize
char_len (const Encoder *e, gsize at)
{
	const char *data = e->octets.data + at;
	gsize left = e->octets.len - at;

	if (e->stateful)
		return left;
	if (e->utf8) {
		gsize len = 1;

		while (len < left && (data[len] & 0xC0) == 0x80)
			len++;
		return len;
	}
	for (gsize len = 1; len <= MIN (left, CHAR_MAX_OCTETS); len++) {
		if (decodes_whole (e->iconv, data, len))
			return len;
	}
	return 0;
}

/* ---- words --------------------------------------------------------------------------------- */

/* May @c stand in a "Q" text as it is? RFC 2047 4.2 and 5; a blank is written as '_'. */
static gboolean
is_q_plain (char c, MmWordPlace place)
{
	if (g_ascii_isalnum (c) || c == ' ')
		return TRUE;
	if (place == MM_WORD_PHRASE)
		return c != '\0' && strchr ("!*+-/", c) != NULL;
	if (!g_ascii_isgraph (c) || c == '=' || c == '?' || c == '_')
		return FALSE;
	return place != MM_WORD_COMMENT || strchr ("()\"\\", c) == NULL;
}

static gsize
q_len (MmBytes octets, MmWordPlace place)
{
	gsize len = 0;

	for (gsize i = 0; i < octets.len; i++)
		len += is_q_plain (octets.data[i], place) ? 1 : 3;
	return len;
}

static gsize
b_len (gsize octets)
{
	return (octets + 2) / 3 * 4;
}

static char *
put_q (MmBytes octets, MmWordPlace place, char *to)
{
	for (gsize i = 0; i < octets.len; i++) {
		if (is_q_plain (octets.data[i], place)) {
			*to++ = octets.data[i] == ' ' ? '_' : octets.data[i];
		} else {
			mm_put_escape (to, (guint8) octets.data[i]);
			to += 3;
		}
	}
	return to;
}

static gboolean
put_word (const Encoder *e, MmBytes octets, MmBuffer *out)
{
	char text[WORD_MAX];
	char *end = e->encoding == 'Q' ? put_q (octets, e->place, text)
	                               : mm_base64_put (octets, text);

	return mm_buffer_append_str (out, "=?") && mm_buffer_append_str (out, e->charset) &&
	       mm_buffer_append_c (out, '?') && mm_buffer_append_c (out, e->encoding) &&
	       mm_buffer_append_c (out, '?') &&
	       mm_buffer_append (out, mm_bytes (text, (gsize) (end - text))) &&
	       mm_buffer_append_str (out, "?=");
}

/* How many octets from @from on, whole characters, fit a text of @room. *@out_bad: there is
 * something that is no character. */
static gsize
octets_that_fit (const Encoder *e, gsize from, gsize room, gboolean *out_bad)
{
	gsize q = 0, at = from;

	while (at < e->octets.len) {
		gsize len = char_len (e, at);

		*out_bad = len == 0;
		if (e->encoding == 'Q')
			q += q_len (mm_bytes_sub (e->octets, at, at + len), e->place);
		if (len == 0 || (e->encoding == 'Q' ? q : b_len (at + len - from)) > room)
			break;
		at += len;
	}
	return at - from;
}

static gboolean
put_words (const Encoder *e, guint column, MmBuffer *out)
{
	gsize at = 0;
	gboolean bad = FALSE;

	while (at < e->octets.len) {
		gsize room = MIN (WORD_MAX, LINE_MAX_CHARS - MIN (column, LINE_MAX_CHARS));
		gsize fit = octets_that_fit (e, at, room - MIN (room, e->overhead), &bad);

		if (bad || (fit == 0 && column <= 1))
			return FALSE;
		if (fit > 0 && !put_word (e, mm_bytes_sub (e->octets, at, at + fit), out))
			return FALSE;
		at += fit;
		if (at < e->octets.len && !mm_buffer_append_str (out, "\r\n "))
			return FALSE;
		column = 1;
	}
	return TRUE;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Sets up how to step through @octets. Text is often written in the customary superset of the
 * charset that it names; where the characters end is the same. FALSE if nothing decodes it. */
static gboolean
open_charset (Encoder *e)
{
	const char *charset = e->charset;

	if (g_ascii_strcasecmp (charset, "utf-8") == 0 && mm_is_utf8 (e->octets)) {
		e->utf8 = TRUE;
		return TRUE;
	}
	if (mm_charset_to_utf8 (e->octets, charset, NULL, NULL) != MM_DECODED)
		charset = mm_charset_superset (charset);
	if (charset == NULL || mm_charset_to_utf8 (e->octets, charset, NULL, NULL) != MM_DECODED)
		return FALSE;
	e->iconv = mm_charset_open (charset);
	e->stateful = e->iconv == (GIConv) -1 || has_states (e->iconv);
	return TRUE;
}

gboolean
mm_encoded_words_encode (MmBytes octets, const char *charset, MmWordPlace place, guint column,
                         MmBuffer *out)
{
	Encoder e = {.octets = octets, .charset = charset, .place = place, .iconv = (GIConv) -1};
	gsize before = out->len;
	gboolean ok;

	if (octets.len == 0)
		return TRUE;
	e.overhead = (guint) (strlen (charset) + strlen ("=?" "?Q?" "?="));
	ok = open_charset (&e);
	/* RFC 1468 wants "B" for text with escape sequences, which are unreadable either way. */
	e.encoding = !e.stateful && q_len (octets, place) <= b_len (octets.len) ? 'Q' : 'B';
	ok = ok && put_words (&e, column, out);
	if (e.iconv != (GIConv) -1)
		g_iconv_close (e.iconv);
	if (!ok)
		out->len = before;
	return ok;
}
