/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime-encoding.c: the encoding that a Content-Transfer-Encoding of no known name evidently means.
 *
 *     encoding := "Content-Transfer-Encoding" ":" mechanism              (RFC 2045 6.1)
 *     mechanism := "7bit" / "8bit" / "binary" / "quoted-printable" / "base64" /
 *                  ietf-token / x-token
 *
 * RFC 2045 6.4 has readers take the content of an unknown one as octets that mean nothing to them.
 * Evident is a known name in quotes, in an encoded word or with other dashes, and that nothing was
 * encoded where nothing, or a charset, is named. Whether the content fits is asked too.
 */
#include <mailmend/codec.h>
#include <mailmend/mime.h>

#include "mime-private.h"

static const struct {
	const char *name; /* letters and figures only */
	MmEncoding encoding;
} spellings[] = {
	{"7bit", MM_ENCODING_7BIT},	{"7bits", MM_ENCODING_7BIT},
	{"8bit", MM_ENCODING_8BIT},	{"8bits", MM_ENCODING_8BIT},
	{"binary", MM_ENCODING_BINARY}, {"quotedprintable", MM_ENCODING_QP},
	{"base64", MM_ENCODING_BASE64},
};

static const struct {
	MmEncoding encoding;
	const char *name;
} names[] = {
	{MM_ENCODING_7BIT, "7bit"},	{MM_ENCODING_8BIT, "8bit"},
	{MM_ENCODING_BINARY, "binary"}, {MM_ENCODING_QP, "quoted-printable"},
	{MM_ENCODING_BASE64, "base64"},
};

const char *
mm_encoding_name (MmEncoding encoding)
{
	for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
		if (names[i].encoding == encoding)
			return names[i].name;
	return NULL;
}

/* ---- what is written ------------------------------------------------------------------------- */

/* What may stand in and around a name without making it another one. */
static gboolean
is_ornament (char c)
{
	return mm_is_space (c) || (c != '\0' && strchr ("\"'-_;.,", c) != NULL);
}

/* The name decoded, without what stands around it or follows as a parameter; NULL for what can be
 * none. */
static char *
read_name (const MmPart *part)
{
	int at = mm_part_find_header (part, "Content-Transfer-Encoding");
	g_autofree char *raw =
		mm_grammar_without_comments (mm_part_header (part, (guint)at)->value);
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
	g_autofree char *name = NULL;
	MmBytes text = mm_bytes_str (raw);

	if (mm_encoded_words_decode (text, &decoded))
		text = mm_buffer_bytes (&decoded);
	while (text.len > 0 && is_ornament (text.data[0]))
		text = mm_bytes_sub (text, 1, text.len);
	text = mm_bytes_sub (text, 0, mm_bytes_find (text, ';', 0));
	while (text.len > 0 && is_ornament (text.data[text.len - 1]))
		text.len--;
	if (mm_bytes_find (text, '\0', 0) < text.len)
		return NULL;
	name = mm_bytes_dup (text);
	return g_ascii_strdown (name, -1);
}

static gboolean
is_spelling_of (const char *written, const char *name)
{
	for (; *written != '\0'; written++) {
		if (is_ornament (*written))
			continue;
		if (*written != *name)
			return FALSE;
		name++;
	}
	return *name == '\0';
}

/* The encoding a name means; *@out_none: it says that nothing was encoded, or names a charset. */
static MmEncoding
find_meaning (const char *written, gboolean *out_none)
{
	*out_none = *written == '\0' || mm_charset_is_known (written);
	for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
		if (is_spelling_of (written, spellings[i].name))
			return spellings[i].encoding;
	return MM_ENCODING_UNKNOWN;
}

/* ---- whether it fits ------------------------------------------------------------------------- */

static gboolean
has_escape (MmBytes content)
{
	for (gsize at = mm_bytes_find (content, '=', 0); at + 2 < content.len;
	     at = mm_bytes_find (content, '=', at + 1))
		if (g_ascii_isxdigit (content.data[at + 1]) &&
		    g_ascii_isxdigit (content.data[at + 2]))
			return TRUE;
	return FALSE;
}

static gboolean
is_composite (const MmPart *part)
{
	return part->kind != MM_PART_LEAF || g_str_has_prefix (part->type, "multipart/") ||
	       g_str_has_prefix (part->type, "message/");
}

/* The content of a part that says nothing was encoded may be quoted-printable all the same. */
static gboolean
fits (const MmPart *part, MmEncoding encoding, gboolean has_8bit)
{
	switch (encoding) {
	case MM_ENCODING_QP:
		return !is_composite (part);
	case MM_ENCODING_BASE64:
		return !is_composite (part) &&
		       mm_base64_check (part->content, NULL) == MM_BASE64_CLEAN;
	default:
		return is_composite (part) || has_8bit || !has_escape (part->content);
	}
}

MmEncoding
mm_part_evident_encoding (const MmPart *part)
{
	g_autofree char *name = NULL;
	gboolean none, has_8bit;
	MmEncoding encoding;

	if (part->encoding != MM_ENCODING_UNKNOWN)
		return part->encoding;
	name = read_name (part);
	if (name == NULL)
		return MM_ENCODING_UNKNOWN;
	encoding = find_meaning (name, &none);
	has_8bit = mm_bytes_has_8bit (part->content);
	if (encoding == MM_ENCODING_UNKNOWN && none)
		encoding = has_8bit ? MM_ENCODING_8BIT : MM_ENCODING_7BIT;
	return encoding != MM_ENCODING_UNKNOWN && fits (part, encoding, has_8bit)
		       ? encoding
		       : MM_ENCODING_UNKNOWN;
}
