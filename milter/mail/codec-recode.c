/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-recode.c: the same text in UTF-8, and characters that are cut in two.
 *
 * Mail is relabelled, never transcoded, but for the few places where a standard leaves no other
 * way: there the way back must give the same octets.
 */
#include "codec-private.h"

#include <errno.h>

/* Converting back gives @octets again? Some text has two spellings (shifts, compatibility forms). */
static gboolean
leads_back (MmBytes utf8, const char *charset, MmBytes octets)
{
	GIConv iconv = mm_charset_open_back (charset);
	g_autofree char *back = NULL;
	gsize len = 0;

	if (iconv == (GIConv) -1)
		return FALSE;
	back = g_convert_with_iconv (utf8.data, (gssize) utf8.len, iconv, NULL, &len, NULL);
	g_iconv_close (iconv);
	return back != NULL && mm_bytes_equal (mm_bytes (back, len), octets);
}

gboolean
mm_charset_recode (MmBytes octets, const char *charset, MmBuffer *out)
{
	gsize before = out->len;
	MmBytes text;

	if (octets.len == 0)
		return TRUE;
	if (g_ascii_strcasecmp (charset, "utf-8") == 0)
		return mm_is_utf8 (octets) && mm_buffer_append (out, octets);
	if (mm_charset_decodes (octets, charset) &&
	    mm_charset_to_utf8 (octets, charset, out, NULL) == MM_DECODED) {
		text = mm_bytes_sub (mm_buffer_bytes (out), before, out->len);
		if (mm_is_utf8 (text) && leads_back (text, charset, octets))
			return TRUE;
	}
	out->len = before;
	return FALSE;
}

/* ---- characters that are cut ----------------------------------------------------------------- */

static gboolean
reads_utf8 (MmBytes octets, gsize *out_tail)
{
	const char *end = mm_bytes_end (octets);
	const char *bad = end;

	*out_tail = 0;
	if (octets.len == 0 || g_utf8_validate_len (octets.data, octets.len, &bad))
		return TRUE;
	*out_tail = (gsize) (end - bad);
	/* NUL ends a string for GLib; that is no cut character. */
	return *bad != '\0' && g_utf8_get_char_validated (bad, end - bad) == (gunichar) -2;
}

static gboolean
reads (MmBytes octets, GIConv iconv, gsize *out_tail)
{
	char *from = (char *) octets.data; /* iconv() reads it only */
	gsize left = octets.len;
	int error = E2BIG;

	if (iconv == (GIConv) -1)
		return FALSE;
	g_iconv (iconv, NULL, NULL, NULL, NULL);
	while (left > 0 && error == E2BIG) {
		char chunk[1024];
		char *to = chunk;
		gsize room = sizeof chunk;

		error = g_iconv (iconv, &from, &left, &to, &room) == (gsize) -1 ? errno : 0;
		if (error == E2BIG && room == sizeof chunk)
			break;
	}
	*out_tail = left;
	return left == 0 || error == EINVAL;
}

void
mm_charset_reader_clear (MmCharsetReader *reader)
{
	if (reader->iconv != NULL && reader->iconv != (GIConv) -1)
		g_iconv_close (reader->iconv);
	if (reader->superset != NULL && reader->superset != (GIConv) -1)
		g_iconv_close (reader->superset);
	g_free (reader->charset);
	*reader = (MmCharsetReader) {.charset = NULL};
}

static void
open_superset (MmCharsetReader *reader)
{
	const char *superset = mm_charset_superset (reader->charset);

	if (reader->superset == NULL)
		reader->superset = superset != NULL ? mm_charset_open (superset) : (GIConv) -1;
}

gboolean
mm_charset_reader_reads (MmCharsetReader *reader, MmBytes octets, MmBytes charset, gsize *out_tail)
{
	*out_tail = 0;
	if (mm_bytes_is (charset, "utf-8"))
		return reads_utf8 (octets, out_tail);
	if (reader->charset == NULL || !mm_bytes_is (charset, reader->charset)) {
		mm_charset_reader_clear (reader);
		reader->charset = mm_bytes_dup (charset);
		reader->iconv = mm_charset_open (reader->charset);
	}
	if (reads (octets, reader->iconv, out_tail))
		return TRUE;
	open_superset (reader);
	return reads (octets, reader->superset, out_tail);
}
