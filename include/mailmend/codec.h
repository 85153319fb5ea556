/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h: quoted-printable, base64, encoded words and parameters, and which charset octets are in.
 *
 * The encoders keep the standards' limits (76 octets a line, 75 a word), which GMime's do not; the
 * decoders lose nothing and never stop early. Octets are not transcoded: a charset is a label.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

/* ---- quoted-printable (RFC 2045 6.7) ----------------------------------------------------- */

/* Encodes text: CRLF is the only line end, every other CR and LF an octet. Lines of at most 76; a
 * blank before a line end is escaped; a line that begins with "From " or is "." alone is protected.
 * Decoding gives the same octets. FALSE when memory is refused. */
gboolean mm_qp_encode (MmBytes text, MmBuffer *out);

/* What mm_qp_encode () makes of @text has at least as many octets. Where many octets need escapes it is
 * not much less. */
gsize mm_qp_least_size (MmBytes text);

/* Decodes as a lenient reader: a '=' without two hex digits or line end stays, raw octets stay,
 * blanks before a line end are dropped (6.7 rule 3). The end of @encoded ends its last line: a part
 * is followed by the line end of its delimiter. FALSE when memory is refused. */
gboolean mm_qp_decode (MmBytes encoded, MmBuffer *out);

/* The same, but blanks before a line end stay: most readers keep them, and a flowed paragraph or a
 * signature mark depends on them. For encoding again. */
gboolean mm_qp_decode_with_blanks (MmBytes encoded, MmBuffer *out);

typedef enum {
	MM_QP_BAD_ESCAPE = 1 << 0,     /* '=' before neither two hex digits nor a line end */
	MM_QP_RAW_OCTET = 1 << 1,      /* from 0x80 on, or a control but HTAB, CR and LF */
	MM_QP_TRAILING_BLANK = 1 << 2, /* before a hard line end, or the end */
	MM_QP_OPEN_END = 1 << 3,       /* a "=" is the last octet, blanks aside */
	MM_QP_LONG_LINE = 1 << 4,      /* over 76 octets, and at most @line_limit */
} MmQpFlaws;

/* Which MmQpFlaws @encoded has. @out_at[N] (@out_at may be NULL) is set to the offset of the first
 * flaw 1 << N where there is one. */
#define MM_QP_N_FLAWS 5
guint mm_qp_check (MmBytes encoded, gsize line_limit, gsize out_at[MM_QP_N_FLAWS]);

/* What one fast pass can tell. */
typedef struct {
	gboolean flawless; /* mm_qp_check () would find nothing; FALSE: perhaps it would */
	gboolean hyphens;  /* FALSE: nowhere in what it decodes to do two hyphens stand in a row */
	MmBuffer high;     /* the octets from 0x80 on that escapes stand for, blanks between those
	                    * that are no neighbours; failed when memory was refused */
} MmQpLook;

/* Sets *@out, whose high is an empty buffer, to be given to mm_qp_look_clear (). If no raw octet of
 * @encoded is from 0x80 on, and what @out->high holds decodes in a charset that is ASCII and more,
 * then so does the whole; if it does not, the whole may, where an unusual line break parts a
 * character; but not if it is flawless. */
void mm_qp_look (MmBytes encoded, MmQpLook *out);

static inline void
mm_qp_look_clear (MmQpLook *look)
{
	mm_buffer_clear (&look->high);
}

/* ---- base64 (RFC 2045 6.8) --------------------------------------------------------------- */

/* Lines of 76, each ended by CRLF, the last one too (nothing for no octets). */
gboolean mm_base64_encode (MmBytes octets, MmBuffer *out);

/* The worst that applies. */
typedef enum {
	MM_BASE64_CLEAN,     /* alphabet, white space and right padding at the end only */
	MM_BASE64_UNPADDED,  /* as above but the padding is missing or wrong */
	MM_BASE64_FOREIGN,   /* other characters, or data after the padding */
	MM_BASE64_TRUNCATED, /* one lonely digit is left over */
} MmBase64State;

/* Decodes as a reader that skips foreign characters and stops at nothing: padding ends a quantum,
 * and what follows is decoded too. FALSE when memory is refused. */
gboolean mm_base64_decode (MmBytes encoded, MmBuffer *out, MmBase64State *out_state);

/* The state that mm_base64_decode () would tell, without memory, and many times as fast where lines
 * are clean. *@out_at (may be NULL) is the offset of the first flaw, @encoded.len if there is
 * none or something is missing at the end. */
MmBase64State mm_base64_check (MmBytes encoded, gsize *out_at);

/* The same, where the lines @known (a view of some of @encoded) need not be looked at: all are digits
 * in whole quanta and CRLF. */
MmBase64State mm_base64_check_rest (MmBytes encoded, MmBytes known, gsize *out_at);

/* ---- encoded words (RFC 2047) ------------------------------------------------------------ */

typedef struct {
	MmBytes whole;    /* "=?charset*lang?Q?text?=" */
	MmBytes charset;  /* without a language */
	char encoding;    /* 'Q' or 'B' */
	MmBytes text;
} MmEncodedWord;

/* Finds the first encoded word at or after @from in @value, as a tolerant reader does: inner
 * blanks and any length are allowed, the charset is a token. FALSE if there is none. */
gboolean mm_encoded_word_find (MmBytes value, gsize from, MmEncodedWord *out);

/* The same for a word that begins exactly at @at. */
gboolean mm_encoded_word_at (MmBytes value, gsize at, MmEncodedWord *out);

/* Appends the word's octets, in its charset, to @out. FALSE if the text does not decode (a bad
 * escape, bad base64) or memory is refused. */
gboolean mm_encoded_word_decode (const MmEncodedWord *word, MmBuffer *out);

/* Decodes all words of @value, white space between adjacent words dropped, everything else
 * copied as it stands. FALSE if a word does not decode. */
gboolean mm_encoded_words_decode (MmBytes value, MmBuffer *out);

typedef enum {
	MM_WORD_TEXT,    /* unstructured: Q leaves all printable but = ? _ */
	MM_WORD_PHRASE,  /* RFC 2047 5(3): letters, digits, ! * + - / only */
	MM_WORD_COMMENT, /* no ( ) " either */
} MmWordPlace;

/* Writes @octets (in @charset) as encoded words of at most 75, split between characters, folded
 * with CRLF + blank so that no line passes 76 when the first one begins at column @column. Q or B,
 * whichever is shorter. When not one character fits behind @column, what is written begins with a
 * fold. A charset with shift states gets one word. FALSE if @octets decode neither in @charset nor
 * in its customary superset, cannot be split so, or memory is refused; @out is then as before. */
gboolean mm_encoded_words_encode (MmBytes octets, const char *charset, MmWordPlace place,
                                  guint column, MmBuffer *out);

/* ---- extended parameters (RFC 2231) ------------------------------------------------------ */

/* Appends the parameter @name with the value @text, which is UTF-8, as name*=utf-8''...; beyond 250
 * octets in pieces on lines of their own: name*0*=utf-8''...; CRLF SP name*1*=... FALSE if @text is
 * no UTF-8, @name is not 1 to 60 octets, or memory is refused; only then @out may have changed. */
gboolean mm_parameter_encode (MmBytes name, MmBytes text, MmBuffer *out);

/* Appends the octets that the text of an extended value means. FALSE for a "%" without two digits. */
gboolean mm_extended_decode (MmBytes text, MmBuffer *out);

/* Appends the text of an extended value with its raw octets escaped, all else as it stands. */
gboolean mm_extended_escape (MmBytes text, MmBuffer *out);

/* ---- charsets ---------------------------------------------------------------------------- */

/* TRUE if iconv decodes all of @octets in @charset. Unknown charsets: FALSE. A few names receivers
 * take are mapped to iconv's. C1 controls in any charset but Unicode's own count as undecodable. */
gboolean mm_charset_decodes (MmBytes octets, const char *charset);
/* TRUE if octets below 128 are ASCII in @charset; asks few names only, FALSE may be wrong. */
gboolean mm_charset_extends_ascii (const char *charset);

/* TRUE if mm_charset_decodes() can tell: iconv, or our table of names, has the charset. */
gboolean mm_charset_is_known (const char *charset);

/* Appends @octets as UTF-8, if converting that back gives the same octets and no NUL is in it. Else
 * FALSE, and @out is as before. */
gboolean mm_charset_recode (MmBytes octets, const char *charset, MmBuffer *out);

/* Reads one text after the other, which mostly are in one charset: that is opened once. Zeros at
 * first. */
typedef struct {
	char *charset; /* the one before, or NULL */
	GIConv iconv, superset; /* NULL: not asked for yet; (GIConv) -1: there is none */
} MmCharsetReader;

/* TRUE if @octets are text in @charset or its customary superset, but for a last character that is
 * cut off: *@out_tail octets of it are there, 0 if it is whole. */
gboolean mm_charset_reader_reads (MmCharsetReader *reader, MmBytes octets, MmBytes charset,
                                  gsize *out_tail);
void mm_charset_reader_clear (MmCharsetReader *reader);

/* TRUE if @name may stand in mail: registered with IANA, or taken by all large receivers though it
 * is not. No libc is asked. */
gboolean mm_charset_name_is_good (const char *name);

/* The registered name of the charset that @name means: an alias, a name spelled with other
 * punctuation ("utf8", "cp-850"), or one of a few that mean one thing only. NULL if that is not
 * certain. A constant. */
const char *mm_charset_name_mend (const char *name);

/* The charset that readers decode @charset as because senders mean it (gb2312: gb18030), or NULL
 * if there is none. A constant. */
const char *mm_charset_superset (const char *charset);

/* TRUE for UTF-16, UTF-32, UCS-2 and UCS-4 in any byte order: line ends in such a text are not the
 * octets CR and LF. */
gboolean mm_charset_is_utf16_or_32 (const char *charset);

/* TRUE if @octets are valid UTF-8 and hold no NUL. */
gboolean mm_is_utf8 (MmBytes octets);

/* The charset a text names inside: BOM (any @subtype, also NULL), XML declaration, HTML meta, CSS
 * @charset. (transfer full)
 * NULL if there is none. Markup that is ASCII and claims UTF-16 or UTF-32 names none. */
char *mm_charset_named_inside (MmBytes octets, const char *subtype);

/* All that mm_charset_choose() can tell from each other. NULL-terminated. */
extern const char *const mm_charsets_all[];

/* Chooses a label for octets: ISO-2022-JP if @charsets has it and that is what the escapes say;
 * UTF-8 if valid; else of @charsets (NULL-terminated) that decode the one in which a capped sample
 * is the likeliest text, list order where that does not help; else @fallback if it decodes; else
 * NULL. UTF-8 with a few broken octets is in no other charset. @charsets and @fallback may be NULL.
 * UTF-16 is only chosen where NULs show it, UTF-32 never, since nearly every text decodes in them.
 * The answer is one of the given strings or "utf-8"; it stays valid as long as they do. */
const char *mm_charset_choose (MmBytes octets, const char *const *charsets, const char *fallback);

/* TRUE if @octets are a likelier text in @charset than in @other, what they do not decode in that
 * left out of account but for its cost. FALSE where @other lacks only some of 80 to 9F and @charset
 * reads another octet in another way. */
gboolean mm_charset_reads_better (MmBytes octets, const char *charset, const char *other);

G_END_DECLS
