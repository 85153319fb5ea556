/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime-veil.c: multiparts that say they are encoded (RFC 2045 6.4 forbids it), and look it.
 *
 * Such a one was encoded as a whole, and who splits it all the same sees what was not meant. It
 * shows in a header behind it, or in a delimiter line. Levels may be many and lines may be more, so
 * each part is looked at once, and the lines are passed over once for all of them.
 */
#include <config.h>

#include "mime-private.h"

/* What the parts of a multipart tell of it. */
typedef struct {
	char *delimiter;    /* as quoted-printable writes the line; NULL: as it is, or nobody asks */
	gboolean delimited; /* such a line stands in it */
	gboolean asked;     /* it lies in one that says it is encoded */
	gboolean looks;     /* what it holds short of embedded mail looks encoded */
	gboolean evidence;  /* so does a child, or what that holds short of embedded mail */
	gboolean veils;     /* what stands in it is not what was meant */
} Veil;

static gboolean
says_encoded (const MmPart *part)
{
	return part->kind == MM_PART_MULTIPART &&
	       (part->encoding == MM_ENCODING_QP || part->encoding == MM_ENCODING_BASE64);
}

/* Parents stand before their children. FALSE: nobody is asked. */
static gboolean
find_asked (const MmMime *mime, Veil *veils)
{
	gboolean any = FALSE;

	for (guint i = 1; i < mime->parts->len; i++) {
		guint above = (guint) mm_mime_part (mime, i)->parent;

		veils[i].asked = veils[above].asked || says_encoded (mm_mime_part (mime, above));
		any = any || veils[i].asked;
	}
	return any;
}

/* ---- delimiter lines ------------------------------------------------------------------------- */

/* Quoted-printable writes "=" as "=3D": delimiter lines that say so were encoded with the rest.
 * FALSE: no line is to be looked for. */
static gboolean
write_delimiters (const MmMime *mime, Veil *veils)
{
	gboolean any = FALSE;

	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);
		GString *line;

		if (!(veils[i].asked || says_encoded (part)) || part->boundary == NULL ||
		    strchr (part->boundary, '=') == NULL)
			continue;
		line = g_string_new ("--");
		g_string_append (line, part->boundary);
		g_string_replace (line, "=", "=3D", 0);
		veils[i].delimiter = g_string_free (line, FALSE);
		veils[i].delimited = mm_bytes_has_prefix (part->content, veils[i].delimiter);
		any = TRUE;
	}
	return any;
}

/* Asks the multiparts from the part @number up whether @line is one of theirs. */
static void
ask_line (const MmMime *mime, Veil *veils, guint number, MmBytes line)
{
	for (int i = (int) number; i >= 0; i = mm_mime_part (mime, (guint) i)->parent) {
		MmBytes want = mm_bytes_str (veils[i].delimiter);
		const char *end = mm_bytes_end (mm_mime_part (mime, (guint) i)->content);

		if (want.len > 0 && line.data + want.len <= end &&
		    mm_bytes_equal (mm_bytes_sub (line, 0, want.len), want))
			veils[i].delimited = TRUE;
	}
}

/* The next line at or after *@at, which begins one, that holds "=3D"; *@at goes behind it. */
static gboolean
next_escaped_line (MmBytes body, gsize *at, MmBytes *out)
{
	MmBytes rest = mm_bytes_sub (body, *at, body.len);
	const char *escape = mm_bytes_search (rest, "=3D");
	const char *lf;
	gsize start;

	if (escape == NULL)
		return FALSE;
	lf = memrchr (rest.data, '\n', (gsize) (escape - rest.data));
	start = lf != NULL ? (gsize) (lf - rest.data) + 1 : 0;
	*out = mm_bytes_sub (rest, start, rest.len);
	out->len = mm_line_length (*out);
	*at += start + out->len;
	return TRUE;
}

static void
find_delimiters (const MmMime *mime, Veil *veils)
{
	MmBytes body = mm_message_body (mime->message);
	guint number = 0; /* the last part that begins before the line */
	gsize at = 0;

	if (!write_delimiters (mime, veils))
		return;
	for (MmBytes line; next_escaped_line (body, &at, &line);) {
		while (number + 1 < mime->parts->len &&
		       mm_mime_part (mime, number + 1)->content.data <= line.data)
			number++;
		if (mm_bytes_has_prefix (line, "--"))
			ask_line (mime, veils, number, line);
	}
}

/* ---- headers --------------------------------------------------------------------------------- */

static gboolean
has_stray_line (const MmMime *mime, const MmPart *part)
{
	for (guint at = 0; at < part->headers->len; at++)
		if (mm_part_is_stray_line (mime, part, at))
			return TRUE;
	return FALSE;
}

/* A header that was encoded with the multipart around it shows an escape or a soft line break. */
static gboolean
looks_encoded (const MmMime *mime, const MmPart *part)
{
	return part->unseparated || mm_bytes_search (part->block, "=3D") != NULL ||
	       mm_bytes_search (part->block, "=3d") != NULL ||
	       mm_bytes_search (part->block, "=\r\n") != NULL || has_stray_line (mime, part);
}

/* From the last part up. The header of embedded mail may look like that by itself: it tells only of
 * the multipart directly around it. */
static void
gather (const MmMime *mime, Veil *veils)
{
	for (guint i = mime->parts->len; i-- > 1;) {
		const MmPart *part = mm_mime_part (mime, i);
		Veil *above = &veils[part->parent];
		gboolean same_mail =
		        part->embedded == mm_mime_part (mime, (guint) part->parent)->embedded;
		gboolean looks = (same_mail && veils[i].looks) || veils[i].delimited ||
		                 (veils[i].asked && looks_encoded (mime, part));

		above->looks = above->looks || (same_mail && looks);
		above->evidence = above->evidence || looks;
	}
}

void
mm_mime_mark_veiled (MmMime *mime)
{
	g_autofree Veil *veils = g_new0 (Veil, mime->parts->len);

	if (!find_asked (mime, veils))
		return;
	find_delimiters (mime, veils);
	gather (mime, veils);
	for (guint i = 0; i < mime->parts->len; i++) {
		MmPart *part = mm_mime_part_mutable (mime, i);

		if (i > 0)
			part->veiled = veils[part->parent].veils;
		veils[i].veils = part->veiled ||
		                 (says_encoded (part) && (veils[i].evidence || veils[i].delimited));
		g_free (veils[i].delimiter);
	}
}
