/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-private.h: what the files of the codec share with each other and with nobody else.
 */
#pragma once

#include <mailmend/codec.h>

#include "walk-private.h"

G_BEGIN_DECLS

/* How much of some octets a charset explains. */
typedef enum {
	MM_DECODED,     /* all of it */
	MM_INCOMPLETE,  /* all but a character that is cut off at the end */
	MM_UNDECODABLE, /* not all of it, or nobody knows the charset, or memory is refused */
} MmDecodeResult;

/* One "=XX" with upper-case digits, as quoted-printable and the encoding "Q" both want it. */
static inline void
mm_put_escape (char *to, guint8 octet)
{
	static const char digits[] = "0123456789ABCDEF";

	to[0] = '=';
	to[1] = digits[octet >> 4];
	to[2] = digits[octet & 15];
}

/* g_ascii_xdigit_value() that can be inlined: mail is full of escapes. */
static inline int
mm_hex_value (char c)
{
	guint8 digit = (guint8) (c - '0');
	guint8 letter = (guint8) ((c | 0x20) - 'a');

	if (digit < 10)
		return digit;
	return letter < 6 ? letter + 10 : -1;
}

/* Reads the two digits after a '=', either case. FALSE if they are none or pass the end. */
static inline gboolean
mm_get_escape (MmBytes b, gsize at, char *out_octet)
{
	int high = at < b.len ? mm_hex_value (b.data[at]) : -1;
	int low = high >= 0 && at + 1 < b.len ? mm_hex_value (b.data[at + 1]) : -1;

	if (low < 0)
		return FALSE;
	*out_octet = (char) (high << 4 | low);
	return TRUE;
}

/* Where the line end of @line begins: CRLF, LF or CR CR LF; its length if it has none. */
static inline gsize
mm_qp_line_end (MmBytes line)
{
	gsize eol = line.len;

	if (eol == 0 || line.data[eol - 1] != '\n')
		return eol;
	for (eol--; eol > 0 && line.len - eol < 3 && line.data[eol - 1] == '\r';)
		eol--;
	return eol;
}

/* Base64 of @octets without line ends, 4 characters for each 3 octets begun, padded. Returns the
 * end of what was written. */
char *mm_base64_put (MmBytes octets, char *to);

/* What a character of base64 means: 0 to 63 a digit, else one of these (all above 63). */
enum {
	MM_BASE64_PAD = 0x40,   /* '=' */
	MM_BASE64_SPACE = 0x80, /* always allowed */
	MM_BASE64_OTHER = 0xC0,
};
extern const guint8 mm_base64_meaning[256];

/* The same for 16 octets at once (MmBlockClass). '/' and the ten figures follow each other. */
static inline MmBlock
mm_base64_digits_in (MmBlock octets)
{
	MmBlock letters = (octets | 0x20) - 'a';

	return (MmBlock) (letters <= 25) | (MmBlock) ((MmBlock) (octets - '/') <= 10) |
	       (MmBlock) (octets == '+');
}

static inline MmBlock
mm_base64_pads_in (MmBlock octets)
{
	return (MmBlock) (octets == '=');
}

static inline MmBlock
mm_base64_foreign_in (MmBlock octets)
{
	MmBlock space = (MmBlock) ((MmBlock) (octets - '\t') < 2) | (MmBlock) (octets == '\r') |
	                (MmBlock) (octets == ' ');

	return (MmBlock) ~(space | mm_base64_digits_in (octets) | mm_base64_pads_in (octets));
}

/* A converter from @charset to UTF-8, or (GIConv) -1. Names that could not be a charset's never
 * reach iconv; names that mail uses and iconv does not know are translated. */
GIConv mm_charset_open (const char *charset);

/* The way back: from UTF-8 to @charset. */
GIConv mm_charset_open_back (const char *charset);

/* Decodes from @charset. What it decoded is appended to @out_utf8 (may be NULL); *@out_c1 (may be
 * NULL) tells whether C1 controls came out. */
MmDecodeResult mm_charset_to_utf8 (MmBytes octets, const char *charset, MmBuffer *out_utf8,
                                   gboolean *out_c1);

/* TRUE if all octets are digits of base64. */
gboolean mm_base64_are_digits (MmBytes b);

/* Where, from @from on, those lines end that are @len (16 or more) digits and CRLF. */
gsize mm_base64_skip_lines (MmBytes encoded, gsize from, gsize len);

/* CP50221 is ISO-2022-JP with Microsoft's additions; iconv has it only in the shape of EUC-JP-MS. A
 * call takes whole characters of up to MM_CP50221_PIECE octets (and a few) off @octets; @state: 0 at
 * first. FALSE if @octets are not in it, or memory is refused. */
#define MM_CP50221_PIECE 65536
gboolean mm_charset_is_cp50221 (const char *charset);
gboolean mm_cp50221_to_euc (MmBytes *octets, guint *state, MmBuffer *out);

/* How unlikely @utf8 (valid) is as a text that somebody wrote: readings of the same octets can be
 * compared. Meant for a few hundred characters. */
guint mm_text_unlikeliness (MmBytes utf8);

G_END_DECLS
