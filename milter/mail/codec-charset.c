/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-charset.c: whether octets decode in a charset.
 *
 * A label is trusted only as far as it decodes. iconv decides that, with two additions: names that
 * every large receiver takes and iconv lacks, and C1 controls, which nobody writes and which show
 * that the text is in another charset (most often windows-1252 called iso-8859-1).
 */
#include "codec-private.h"

#include <errno.h>

#define NAME_MAX_CHARS 64

typedef struct {
	const char *name;
	const char *other;
} NamePair;

/* What mail says and iconv does not know (which names it lacks differs between libcs). */
static const NamePair iconv_names[] = {
	{"cp65001", "UTF-8"},
	{"gb_2312-80", "EUC-CN"},
	{"iso-10646-ucs-2", "UCS-2BE"},
	{"iso-10646-ucs-4", "UCS-4BE"},
	{"iso-8859-6-e", "ISO-8859-6"},
	{"iso-8859-6-i", "ISO-8859-6"},
	{"iso-8859-8-e", "ISO-8859-8"},
	{"iso-8859-8-i", "ISO-8859-8"},
	{"ks_c_5601-1987", "CP949"},
	{"ks_c_5601-1989", "CP949"},
	{"ms_kanji", "CP932"},
	{"shift-jis", "CP932"},
	{"unicode-1-1-utf-7", "UTF-7"},
	{"unicode-1-1-utf-8", "UTF-8"},
	{"windows-31j", "CP932"},
	{"windows-936", "GBK"},
	{"windows-949", "CP949"},
	{"x-big5", "BIG5"},
	{"x-cp1250", "CP1250"},
	{"x-cp1251", "CP1251"},
	{"x-cp1252", "CP1252"},
	{"x-euc-jp", "EUC-JP"},
	{"x-gbk", "GBK"},
	{"x-mac-ce", "MAC-CENTRALEUROPE"},
	{"x-mac-cyrillic", "MAC-CYRILLIC"},
	{"x-mac-roman", "MACINTOSH"},
	{"x-sjis", "CP932"},
	{"x-windows-949", "CP949"},
};

static const NamePair supersets[] = {
	{"big5", "big5-hkscs"},
	{"csbig5", "big5-hkscs"},
	{"cseuckr", "cp949"},
	{"csgb2312", "gb18030"},
	{"csisolatin1", "windows-1252"},
	{"csisolatin5", "windows-1254"},
	{"csshiftjis", "cp932"},
	{"euc-cn", "gb18030"},
	{"euc-kr", "cp949"},
	{"gb2312", "gb18030"},
	{"gb_2312-80", "gb18030"},
	{"gbk", "gb18030"},
	{"iso-2022-jp", "cp50221"},
	{"iso-8859-1", "windows-1252"},
	{"iso-8859-9", "windows-1254"},
	{"iso_8859-1", "windows-1252"},
	{"iso_8859-9", "windows-1254"},
	{"latin1", "windows-1252"},
	{"latin5", "windows-1254"},
	{"shift_jis", "cp932"},
	{"sjis", "cp932"},
	{"tis-620", "windows-874"},
};

/* ---- names --------------------------------------------------------------------------------- */

static const char *
look_up (const NamePair *pairs, gsize n, const char *name)
{
	for (gsize i = 0; i < n; i++) {
		if (g_ascii_strcasecmp (pairs[i].name, name) == 0)
			return pairs[i].other;
	}
	return NULL;
}

/* iconv takes commands in a name ("//TRANSLIT"), an empty one means the locale, and a long one is
 * only ever an attack. */
static gboolean
is_safe_name (const char *name)
{
	gsize len = strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                          "0123456789-_.:+");

	return len > 0 && len <= NAME_MAX_CHARS && name[len] == '\0';
}

/* What iconv calls @charset; NULL if that could not be a charset's name. */
static const char *
name_for_iconv (const char *charset)
{
	const char *name = look_up (iconv_names, G_N_ELEMENTS (iconv_names), charset);

	if (!is_safe_name (charset))
		return NULL;
	return name != NULL ? name : charset;
}

GIConv
mm_charset_open (const char *charset)
{
	const char *name = name_for_iconv (charset);

	return name != NULL ? g_iconv_open ("UTF-8", name) : (GIConv) -1;
}

GIConv
mm_charset_open_back (const char *charset)
{
	const char *name = name_for_iconv (charset);

	return name != NULL ? g_iconv_open (name, "UTF-8") : (GIConv) -1;
}

gboolean
mm_charset_is_known (const char *charset)
{
	GIConv iconv;

	/* Those that every iconv knows, and nearly all mail names, are not looked for. */
	if (g_ascii_strcasecmp (charset, "utf-8") == 0 ||
	    g_ascii_strcasecmp (charset, "us-ascii") == 0 || mm_charset_is_cp50221 (charset))
		return TRUE;
	iconv = mm_charset_open (charset);
	return iconv != (GIConv) -1 && g_iconv_close (iconv) == 0;
}

const char *
mm_charset_superset (const char *charset)
{
	return look_up (supersets, G_N_ELEMENTS (supersets), charset);
}

gboolean
mm_charset_is_utf16_or_32 (const char *charset)
{
	static const char *const prefixes[] = {
		"utf-16",    "utf16",           "utf-32",          "utf32",     "ucs-2",
		"ucs2",      "ucs-4",           "ucs4",            "csutf16",   "csutf32",
		"csunicode", "iso-10646-ucs-2", "iso-10646-ucs-4", "csucs4",    "unicodefffe",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++) {
		if (g_ascii_strncasecmp (charset, prefixes[i], strlen (prefixes[i])) == 0)
			return TRUE;
	}
	return g_ascii_strcasecmp (charset, "unicode") == 0;
}

/* In these a C1 control is a character of its own and not a sign of another charset. */
static gboolean
is_unicode (const char *charset)
{
	return g_ascii_strncasecmp (charset, "utf", 3) == 0 ||
	       g_ascii_strncasecmp (charset, "unicode-", 8) == 0 ||
	       g_ascii_strcasecmp (charset, "cp65001") == 0 ||
	       g_ascii_strcasecmp (charset, "gb18030") == 0 || mm_charset_is_utf16_or_32 (charset);
}

/* ---- decoding ------------------------------------------------------------------------------ */

/* U+0080 to U+009F, which is C2 80 to C2 9F in UTF-8. @text holds whole characters. */
static gboolean
has_c1 (MmBytes text)
{
	gsize at = mm_bytes_find (text, (char) 0xC2, 0);

	for (; at + 1 < text.len; at = mm_bytes_find (text, (char) 0xC2, at + 1)) {
		if ((guint8) text.data[at + 1] < 0xA0)
			return TRUE;
	}
	return FALSE;
}

static MmDecodeResult
convert (GIConv iconv, MmBytes octets, MmBuffer *out_utf8, gboolean *out_c1)
{
	char chunk[4096];
	char *from = (char *) octets.data; /* iconv() reads it only */
	gsize left = octets.len;
	gboolean flushing = left == 0;

	for (;;) {
		char *to = chunk;
		gsize room = sizeof chunk;
		gsize got = g_iconv (iconv, flushing ? NULL : &from, &left, &to, &room);
		int error = got == (gsize) -1 ? errno : 0;
		MmBytes text = mm_bytes (chunk, (gsize) (to - chunk));

		if (out_c1 != NULL)
			*out_c1 = *out_c1 || has_c1 (text);
		if (out_utf8 != NULL && !mm_buffer_append (out_utf8, text))
			return MM_UNDECODABLE;
		if (error == 0 && flushing)
			return MM_DECODED;
		if (error == EINVAL)
			return MM_INCOMPLETE;
		if (error != 0 && (error != E2BIG || text.len == 0))
			return MM_UNDECODABLE;
		flushing = error == 0;
	}
}

static MmDecodeResult
convert_cp50221 (GIConv iconv, MmBytes octets, MmBuffer *out_utf8, gboolean *out_c1)
{
	g_auto (MmBuffer) euc = MM_BUFFER_INIT;
	MmDecodeResult result = MM_DECODED;
	guint state = 0;

	do {
		euc.len = 0;
		if (!mm_cp50221_to_euc (&octets, &state, &euc))
			return MM_UNDECODABLE;
		result = convert (iconv, mm_buffer_bytes (&euc), out_utf8, out_c1);
	} while (octets.len > 0 && result == MM_DECODED);
	return result;
}

MmDecodeResult
mm_charset_to_utf8 (MmBytes octets, const char *charset, MmBuffer *out_utf8, gboolean *out_c1)
{
	gboolean is_cp50221 = mm_charset_is_cp50221 (charset);
	MmDecodeResult result = MM_UNDECODABLE;
	GIConv iconv;

	if (out_c1 != NULL)
		*out_c1 = FALSE;
	iconv = mm_charset_open (is_cp50221 ? "EUC-JP-MS" : charset);
	if (iconv != (GIConv) -1) {
		result = (is_cp50221 ? convert_cp50221 : convert) (iconv, octets, out_utf8, out_c1);
		g_iconv_close (iconv);
	}
	return result;
}

gboolean
mm_is_utf8 (MmBytes octets)
{
	return octets.len == 0 || g_utf8_validate_len (octets.data, octets.len, NULL);
}

gboolean
mm_charset_extends_ascii (const char *charset)
{
	static const char *const families[] = {"us-ascii", "utf-8", "iso-8859-", "windows-125"};

	for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
		if (g_ascii_strncasecmp (charset, families[i], strlen (families[i])) == 0)
			return TRUE;
	return FALSE;
}

/* Most text is that, and most charsets are ASCII and something else: no need for iconv. */
static gboolean
is_plainly_ascii (MmBytes octets, const char *charset)
{
	return mm_charset_extends_ascii (charset) && !mm_bytes_has_8bit (octets) &&
	       mm_charset_is_known (charset);
}

gboolean
mm_charset_decodes (MmBytes octets, const char *charset)
{
	gboolean c1 = FALSE;

	if (octets.len == 0)
		return mm_charset_is_known (charset);
	if (is_plainly_ascii (octets, charset) ||
	    (g_ascii_strcasecmp (charset, "utf-8") == 0 && mm_is_utf8 (octets)))
		return TRUE;
	return mm_charset_to_utf8 (octets, charset, NULL, &c1) == MM_DECODED &&
	       (!c1 || is_unicode (charset));
}
