/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-charset-choose.c: which of several charsets octets are in.
 *
 * Those are tried that the administrator names, so a charset nobody there writes is never met. Of
 * those that decode, the one is taken that makes the likeliest text of the octets; uchardet, which
 * knows which letters follow each other, has a voice in that. It cannot be asked alone: it knows
 * half of the charsets and gives one answer from all the world's.
 */
#include "codec-private.h"

#include <mailmend/limits.h>
#include <uchardet.h>

#define SAMPLE_LEAD 64  /* octets of ASCII kept before the first other one in a line */
#define LETTERS_MAX 512 /* octets that are read letter by letter */
#define VOICE 12        /* what uchardet's opinion is worth, in units of mm_text_unlikeliness () */

typedef struct {
	const char *charset;
	guint cost;
} Candidate;

const char *const mm_charsets_all[] = {
	"utf-8",        "windows-1252", "windows-1250", "windows-1251", "windows-1253",
	"windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258",
	"windows-874",  "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",
	"iso-8859-6",   "iso-8859-7",   "iso-8859-8",   "iso-8859-10",  "iso-8859-13",
	"iso-8859-14",  "iso-8859-15",  "iso-8859-16",  "koi8-r",       "koi8-u",
	"macintosh",    "x-mac-cyrillic", "shift_jis",  "euc-jp",       "iso-2022-jp",
	"gb18030",      "gbk",          "big5",         "euc-kr",       "utf-16be",
	"utf-16le",     NULL,
};

static gsize
find_8bit (MmBytes b, gsize from)
{
	while (from < b.len && (guint8) b.data[from] < 0x80)
		from++;
	return from;
}

/* The lines with octets that are not ASCII, up to a bound: the others tell a detector nothing, and
 * it takes half a second for a megabyte. */
static gboolean
take_sample (MmBytes octets, MmBuffer *sample)
{
	gsize done = 0;
	gsize at = find_8bit (octets, 0);

	while (at < octets.len && sample->len < MM_LIMIT_charset_sample) {
		gsize from = at;
		gsize end = mm_bytes_find (octets, '\n', at) + 1;

		while (from > done && at - from < SAMPLE_LEAD && octets.data[from - 1] != '\n')
			from--;
		end = MIN (end, from + MM_LIMIT_charset_sample - sample->len);
		if (!mm_buffer_append (sample, mm_bytes_sub (octets, from, end)))
			return FALSE;
		done = end;
		at = find_8bit (octets, end);
	}
	return TRUE;
}

/* uchardet's opinion, "" if it has none. One detector a call: it is not for several threads. */
static char *
detect (MmBytes sample)
{
	uchardet_t detector = uchardet_new ();
	char *name;

	uchardet_handle_data (detector, sample.data, sample.len);
	uchardet_data_end (detector);
	name = g_strdup (uchardet_get_charset (detector));
	uchardet_delete (detector);
	return name;
}

static gboolean
reads_the_same (MmBytes sample, const char *one, const char *other)
{
	g_auto (MmBuffer) a = MM_BUFFER_INIT;
	g_auto (MmBuffer) b = MM_BUFFER_INIT;
	MmDecodeResult result = mm_charset_to_utf8 (sample, one, &a, NULL);

	return result != MM_UNDECODABLE && mm_charset_to_utf8 (sample, other, &b, NULL) == result &&
	       mm_bytes_equal (mm_buffer_bytes (&a), mm_buffer_bytes (&b));
}

/* ---- ranking -------------------------------------------------------------------------------- */

static guint
cost_of (MmBytes sample, const char *charset)
{
	MmBytes start = mm_bytes_sub (sample, 0, LETTERS_MAX);
	const char *superset = mm_charset_superset (charset);
	g_auto (MmBuffer) text = MM_BUFFER_INIT;

	if (mm_charset_to_utf8 (start, charset, &text, NULL) == MM_UNDECODABLE && superset != NULL) {
		text.len = 0;
		mm_charset_to_utf8 (start, superset, &text, NULL);
	}
	return mm_text_unlikeliness (mm_buffer_bytes (&text));
}

/* The sample in @charset, with U+FFFD for each octet that does not decode. */
static gboolean
read_with_gaps (MmBytes sample, const char *charset, MmBuffer *out)
{
	GIConv iconv = mm_charset_open (charset);
	char *from = (char *) sample.data;
	gsize left = sample.len;

	if (iconv == (GIConv) -1)
		return FALSE;
	while (left > 0) {
		char chunk[4 * LETTERS_MAX];
		char *to = chunk;
		gsize room = sizeof chunk;

		if (g_iconv (iconv, &from, &left, &to, &room) == (gsize) -1 && left > 0) {
			from++;
			left--;
			mm_buffer_append (out, mm_bytes (chunk, (gsize) (to - chunk)));
			mm_buffer_append_str (out, "\uFFFD");
			g_iconv (iconv, NULL, NULL, NULL, NULL);
		} else {
			mm_buffer_append (out, mm_bytes (chunk, (gsize) (to - chunk)));
		}
	}
	g_iconv_close (iconv);
	return !out->failed;
}

/* Where @other reads @octets, but some of 80 to 9F as controls, the rest may well be meant as it reads
 * them. TRUE if @charset reads the rest the same, or if it is not so. */
static gboolean
agrees_but_for_controls (MmBytes octets, const char *charset, const char *other)
{
	gboolean seen[256] = {FALSE};
	gboolean c1 = FALSE;

	if (mm_charset_to_utf8 (octets, other, NULL, &c1) != MM_DECODED || !c1)
		return TRUE;
	for (gsize i = 0; i < octets.len; i++) {
		char c = octets.data[i];
		g_auto (MmBuffer) x = MM_BUFFER_INIT;
		g_auto (MmBuffer) y = MM_BUFFER_INIT;

		if ((guchar) c < 0xa0 || seen[(guchar) c])
			continue;
		seen[(guchar) c] = TRUE;
		if (mm_charset_to_utf8 (mm_bytes (&c, 1), other, &x, NULL) != MM_DECODED ||
		    mm_charset_to_utf8 (mm_bytes (&c, 1), charset, &y, NULL) != MM_DECODED ||
		    !mm_bytes_equal (mm_buffer_bytes (&x), mm_buffer_bytes (&y)))
			return FALSE;
	}
	return TRUE;
}

gboolean
mm_charset_reads_better (MmBytes octets, const char *charset, const char *other)
{
	g_auto (MmBuffer) sample = MM_BUFFER_INIT;
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	MmBytes start;

	if (!agrees_but_for_controls (octets, charset, other) || !take_sample (octets, &sample))
		return FALSE;
	start = mm_bytes_sub (mm_buffer_bytes (&sample), 0, LETTERS_MAX);
	return !read_with_gaps (start, other, &text) ||
	       cost_of (start, charset) < mm_text_unlikeliness (mm_buffer_bytes (&text));
}

/* TRUE if the detector means @charset: by name, or because the sample reads the same. It knows few
 * names of each family (TIS-620 but not windows-874). */
static gboolean
is_meant (MmBytes sample, const char *charset, const char *detected)
{
	const char *superset = mm_charset_superset (detected);

	return g_ascii_strcasecmp (charset, detected) == 0 ||
	       reads_the_same (sample, charset, detected) ||
	       (superset != NULL && reads_the_same (sample, charset, superset));
}

static const char *
rank (GArray *candidates, MmBytes octets)
{
	g_auto (MmBuffer) buffer = MM_BUFFER_INIT;
	g_autofree char *detected = NULL;
	const Candidate *best = &g_array_index (candidates, Candidate, 0);
	MmBytes sample;

	if (!take_sample (octets, &buffer))
		return best->charset;
	sample = mm_buffer_bytes (&buffer);
	detected = detect (sample);
	for (guint i = 0; i < candidates->len; i++) {
		Candidate *candidate = &g_array_index (candidates, Candidate, i);

		candidate->cost = cost_of (sample, candidate->charset);
		if (!is_meant (sample, candidate->charset, detected))
			candidate->cost += VOICE;
		if (candidate->cost < best->cost)
			best = candidate;
	}
	return best->charset;
}

/* ---- candidates ----------------------------------------------------------------------------- */

static gboolean
is_iso_2022 (const char *charset)
{
	return g_ascii_strcasecmp (charset, "iso-2022-jp") == 0 ||
	       mm_charset_is_cp50221 (charset);
}

static gboolean
decodes (MmBytes octets, const char *charset)
{
	const char *superset = mm_charset_superset (charset);

	return mm_charset_decodes (octets, charset) ||
	       (superset != NULL && mm_charset_decodes (octets, superset));
}

/* Latin text in UTF-16 has a NUL in every other octet; without that nearly everything decodes. */
static gboolean
is_utf16 (MmBytes octets, const char *charset)
{
	gsize high = g_ascii_strcasecmp (charset, "utf-16be") == 0 ? 0 : 1;
	gsize zeros[2] = {0, 0};

	if (g_ascii_strcasecmp (charset, "utf-16be") != 0 &&
	    g_ascii_strcasecmp (charset, "utf-16le") != 0)
		return FALSE;
	for (gsize i = 0; i < octets.len; i++)
		zeros[i % 2] += octets.data[i] == '\0';
	return zeros[1 - high] == 0 && zeros[high] > octets.len / 16;
}

static gboolean
is_candidate (MmBytes octets, const char *charset)
{
	if (mm_charset_is_utf16_or_32 (charset) && !is_utf16 (octets, charset))
		return FALSE;
	return !is_iso_2022 (charset) && decodes (octets, charset);
}

/* Octets of 7 bits with designations (ESC) that are all right. */
static const char *
choose_iso_2022 (MmBytes octets, const char *const *charsets)
{
	if (mm_bytes_has_8bit (octets) || mm_bytes_find (octets, '\033', 0) == octets.len)
		return NULL;
	for (; charsets != NULL && *charsets != NULL; charsets++)
		if (is_iso_2022 (*charsets) && decodes (octets, *charsets))
			return *charsets;
	return NULL;
}

/* Length of the character of several octets that @rest begins with; 0 if there is none. */
static gsize
utf8_length (MmBytes rest)
{
	gunichar c = g_utf8_get_char_validated (rest.data, (gssize) MIN (rest.len, 4));

	return c == (gunichar) -1 || c == (gunichar) -2 ? 0 : (gsize) g_unichar_to_utf8 (c, NULL);
}

/* UTF-8 with a few broken octets: many characters that are right are no chance. In any other
 * charset all of it would be read wrong. */
static gboolean
is_damaged_utf8 (MmBytes octets)
{
	gsize right = 0, wrong = 0;

	for (gsize at = find_8bit (octets, 0); at < octets.len; at = find_8bit (octets, at)) {
		gsize len = utf8_length (mm_bytes_sub (octets, at, octets.len));

		right += len > 0;
		wrong += len == 0;
		at += MAX (len, 1);
	}
	return right >= 2 && right >= 2 * wrong;
}

const char *
mm_charset_choose (MmBytes octets, const char *const *charsets, const char *fallback)
{
	g_autoptr (GArray) candidates = NULL;
	const char *shifted = choose_iso_2022 (octets, charsets);

	if (shifted != NULL || mm_is_utf8 (octets))
		return shifted != NULL ? shifted : "utf-8";
	if (is_damaged_utf8 (octets))
		charsets = NULL;
	candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
	for (; charsets != NULL && *charsets != NULL; charsets++) {
		Candidate candidate = {.charset = *charsets};

		if (is_candidate (octets, *charsets))
			g_array_append_val (candidates, candidate);
	}
	if (candidates->len > 1)
		return rank (candidates, octets);
	if (candidates->len == 1)
		return g_array_index (candidates, Candidate, 0).charset;
	return fallback != NULL && is_candidate (octets, fallback) ? fallback : NULL;
}
