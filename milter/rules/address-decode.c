/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address-decode.c: an encoded word around a whole address.
 *
 * RFC 2047 5: an encoded word must not appear in any portion of an addr-spec. Programs that encode
 * the value of a field as if it were text write one around name, brackets and all. What it says is
 * taken only where it is an address.
 */
#include <config.h>

#include "address-private.h"
#include "head-private.h"
#include "raw-words-private.h"

/* Charsets in which an octet below 0x80 is always that character of ASCII: in others an "@" may be
 * half of a letter. */
static const char *const safe_charsets[] = {
        "us-ascii", "utf-8", "iso-8859-", "windows-125", "koi8-", "euc-kr", "euc-jp",
};

static gboolean
is_safe_charset (MmBytes charset)
{
	for (gsize i = 0; i < G_N_ELEMENTS (safe_charsets); i++)
		if (mm_bytes_has_prefix (charset, safe_charsets[i]))
			return TRUE;
	return FALSE;
}

/* Nothing but encoded words, at least one, and all in one charset? */
static gboolean
is_all_words (MmBytes text, MmBytes *out_charset)
{
	MmEncodedWord word = {0};
	gsize at = 0;

	*out_charset = mm_bytes (NULL, 0);
	while (at < text.len) {
		if (mm_is_space (text.data[at])) {
			at++;
			continue;
		}
		if (!mm_encoded_word_at (text, at, &word) ||
		    (out_charset->len > 0 && !mm_bytes_equal_nocase (*out_charset, word.charset)))
			return FALSE;
		*out_charset = word.charset;
		at += word.whole.len;
	}
	return out_charset->len > 0;
}

/* A line end or another control that a word hides is no part of an address. */
static gboolean
has_controls (MmBytes text)
{
	for (gsize i = 0; i < text.len; i++)
		if (g_ascii_iscntrl (text.data[i]) && text.data[i] != '\t')
			return TRUE;
	return FALSE;
}

/* What the words of @text say, in *@out_charset. FALSE if it is not certain. */
static gboolean
decode_words (MmBytes text, MmBuffer *out, MmBytes *out_charset)
{
	g_auto (MmBuffer) unfolded = MM_BUFFER_INIT;

	return is_all_words (text, out_charset) && is_safe_charset (*out_charset) &&
	       mm_unfold (text, &unfolded) &&
	       mm_encoded_words_decode (mm_buffer_bytes (&unfolded), out) &&
	       !has_controls (mm_buffer_bytes (out));
}

gboolean
mm_address_is_encoded (MmBytes text)
{
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
	MmBytes charset;

	return is_all_words (text, &charset) && mm_encoded_words_decode (text, &decoded) &&
	       mm_bytes_find (mm_buffer_bytes (&decoded), '@', 0) < decoded.len;
}

static gboolean
has_space (MmBytes text)
{
	gsize at = 0;

	while (at < text.len && !mm_is_space (text.data[at]))
		at++;
	return at < text.len;
}

/* "John @ work" parses as an obsolete form, but who wrote it hardly meant an address. */
static gboolean
is_valid (MmBytes value)
{
	g_auto (MmAddressList) list = {0};

	mm_grammar_address_list (value, &list);
	for (guint i = 0; i < list.members->len; i++)
		if (has_space (g_array_index (list.members, MmAddressMember, i).spec))
			return FALSE;
	return list.faults == 0 && list.mailboxes > 0;
}

/* Writes @text, raw words as encoded ones, behind what @line holds: on a new line, unless nothing
 * but the name of the field stands there. */
static gboolean
append_address (MmBytes text, MmBytes charset, MmBuffer *line, GError **error)
{
	g_autofree char *name = mm_bytes_dup (charset);
	g_autoptr (GArray) words = mm_raw_words_list (MM_FIELD_ADDRESSES, text, FALSE, error);
	g_auto (MmBuffer) next = MM_BUFFER_INIT;
	MmBuffer *out;

	if (words == NULL)
		return FALSE;
	if (line->failed)
		return mm_uncertain (error, "out of memory");
	while (line->len > 0 && mm_is_space (line->data[line->len - 1]))
		line->len--;
	out = line->len > 0 && line->data[line->len - 1] == ':' ? line : &next;
	mm_buffer_append_c (out, ' ');
	if (!mm_raw_words_encode (text, words, name, out))
		return mm_uncertain (error, "the decoded address cannot be encoded again");
	if (out == &next) {
		mm_buffer_append_str (line, "\r\n");
		mm_buffer_append (line, mm_buffer_bytes (&next));
	}
	return TRUE;
}

static gboolean
append_decoded (MmBytes words, MmBuffer *line, GError **error)
{
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
	g_auto (MmBuffer) quoted = MM_BUFFER_INIT;
	MmBytes charset, text;

	if (!decode_words (words, &decoded, &charset))
		return mm_uncertain (error, "an encoded word around an address does not decode");
	text = mm_bytes_trim (mm_buffer_bytes (&decoded));
	if (!is_valid (text)) {
		if (!mm_address_quote (text, &quoted, error))
			return FALSE;
		text = mm_buffer_bytes (&quoted);
	}
	if (!is_valid (text))
		return mm_uncertain (error, "the decoded value is no address");
	return append_address (text, charset, line, error);
}

/* The words around a whole value are found first: what is in them may look like a list. */
gboolean
mm_address_decode (MmBytes value, MmBuffer *line, GError **error)
{
	g_auto (MmAddressList) list = {0};
	const char *done = value.data;

	if (mm_address_is_encoded (value))
		return append_decoded (value, line, error);
	mm_grammar_address_list (value, &list);
	for (guint i = 0; i < list.members->len; i++) {
		MmBytes whole = g_array_index (list.members, MmAddressMember, i).whole;

		if (!mm_address_is_encoded (whole))
			continue;
		mm_buffer_append (line, mm_bytes (done, (gsize) (whole.data - done)));
		if (!append_decoded (whole, line, error))
			return FALSE;
		done = mm_bytes_end (whole);
	}
	mm_buffer_append (line, mm_bytes (done, (gsize) (mm_bytes_end (value) - done)));
	return !line->failed || mm_uncertain (error, "out of memory");
}
