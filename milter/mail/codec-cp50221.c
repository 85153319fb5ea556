/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-cp50221.c: ISO-2022-JP as it is really written (RFC 1468 and Microsoft's CP50221).
 *
 * Japanese mail labelled iso-2022-jp holds half-width katakana and NEC's and IBM's characters,
 * which every reader shows and no iconv takes under that name. In EUC they are the same codes with
 * the high bits set, and EUC-JP-MS is known to iconv; so the escapes are turned into that.
 */
#include "codec-private.h"

typedef enum {
	SET_ASCII,
	SET_KANA,   /* JIS X 0201: one octet */
	SET_KANJI,  /* JIS X 0208 and vendors' rows: two octets */
	SET_KANJI2, /* JIS X 0212: two octets */
} Set;

static const struct {
	const char *escape;
	Set set;
} designations[] = {
	{"\033(B", SET_ASCII}, {"\033(J", SET_ASCII},    {"\033(I", SET_KANA},
	{"\033$@", SET_KANJI}, {"\033$B", SET_KANJI}, {"\033$(D", SET_KANJI2},
};

/* Reads one escape sequence. Returns its length, 0 if it is none of ours. */
static gsize
read_escape (MmBytes rest, Set *out_set)
{
	for (gsize i = 0; i < G_N_ELEMENTS (designations); i++) {
		gsize len = strlen (designations[i].escape);

		if (rest.len >= len && memcmp (rest.data, designations[i].escape, len) == 0) {
			*out_set = designations[i].set;
			return len;
		}
	}
	return 0;
}

/* Writes the character at the start of @rest. Returns its length, 0 if it is none in @set. */
static gsize
put_char (MmBytes rest, Set set, MmBuffer *out)
{
	static const char *const prefixes[] = {"", "\x8E", "", "\x8F"};
	gsize len = set == SET_KANJI || set == SET_KANJI2 ? 2 : 1;

	if (rest.len < len)
		return 0;
	mm_buffer_append_str (out, prefixes[set]);
	for (gsize i = 0; i < len; i++) {
		if (rest.data[i] < 0x21 || rest.data[i] > 0x7E)
			return 0;
		mm_buffer_append_c (out, (char) (rest.data[i] | 0x80));
	}
	return len;
}

gboolean
mm_cp50221_to_euc (MmBytes *octets, guint *state, MmBuffer *out)
{
	Set set = (Set) *state;
	gsize at = 0;

	while (at < octets->len && at < MM_CP50221_PIECE && !out->failed) {
		MmBytes rest = mm_bytes_sub (*octets, at, octets->len);
		guint8 c = (guint8) rest.data[0];
		gsize len = 1;

		if (c == '\033') {
			len = read_escape (rest, &set);
		} else if (c <= ' ' || (set == SET_ASCII && c < 0x80)) {
			mm_buffer_append_c (out, (char) c);
		} else {
			len = set == SET_ASCII ? 0 : put_char (rest, set, out);
		}
		if (len == 0)
			return FALSE;
		at += len;
	}
	*octets = mm_bytes_sub (*octets, at, octets->len);
	*state = set;
	return !out->failed;
}

gboolean
mm_charset_is_cp50221 (const char *charset)
{
	static const char *const names[] = {"cp50220", "cp50221", "iso-2022-jp-ms"};

	for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
		if (g_ascii_strcasecmp (charset, names[i]) == 0)
			return TRUE;
	}
	return FALSE;
}
