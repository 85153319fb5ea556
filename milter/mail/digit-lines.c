/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digit-lines.c: stretches of a body that are clean lines of base64, found while it arrives.
 *
 * A stretch is lines that end with CRLF, all equally long, of digits only, in whole quanta. Where
 * none is open one line in STEP octets is looked at: other text costs next to nothing.
 */
#include "codec-private.h"
#include "digit-lines-private.h"

#define STEP 4096
#define LEAST_LINE 16
#define MOST_LINE 998

static void
end_stretch (MmDigitLines *l, gsize end)
{
	/* A few lines are not worth it. */
	if (end - l->from >= STEP && l->n < MM_DIGIT_STRETCHES)
		l->found[l->n++] = (MmStretch){l->from, end};
	l->line = 0;
	l->column = 0;
}

/* Does @piece, from @column of a line of the stretch on, go on as the line must? */
static gboolean
fits (const MmDigitLines *l, gsize column, MmBytes piece)
{
	gsize digits = column < l->line ? MIN (piece.len, l->line - column) : 0;

	if (!mm_base64_are_digits (mm_bytes_sub (piece, 0, digits)))
		return FALSE;
	for (gsize i = digits; i < piece.len; i++)
		if (piece.data[i] != (column + i == l->line ? '\r' : '\n'))
			return FALSE;
	return TRUE;
}

/* Takes what continues the stretch from @at of @chunk on; where it ends the rest is for others. */
static gsize
follow (MmDigitLines *l, MmScanner *scanner, MmBytes chunk, gsize at)
{
	gsize whole = l->line + 2, from = at;
	MmBytes piece;

	if (l->column == 0)
		at = mm_base64_skip_lines (chunk, at, l->line);
	mm_scanner_take_lines (scanner, (at - from) / whole, l->line);
	piece = mm_bytes_sub (chunk, at, at + whole - l->column);
	if (!fits (l, l->column, piece)) {
		end_stretch (l, l->size + at - l->column);
		return at;
	}
	mm_scanner_feed (scanner, piece);
	l->column = (l->column + piece.len) % whole;
	return at + piece.len;
}

/* Opens a stretch at the next line, if it is one of digits; else goes on to where the next one is
 * looked at. */
static gsize
look (MmDigitLines *l, MmScanner *scanner, MmBytes chunk, gsize at)
{
	gsize next = MIN (at + STEP, chunk.len);
	gsize start = mm_bytes_find (mm_bytes_sub (chunk, 0, next), '\n', at) + 1;
	MmBytes rest = mm_bytes_sub (chunk, start, start + MOST_LINE + 2);
	gsize len = mm_bytes_find (rest, '\r', 0);

	if (start > next || len + 1 >= rest.len || len < LEAST_LINE || len % 4 != 0 ||
	    rest.data[len + 1] != '\n' || !mm_base64_are_digits (mm_bytes_sub (rest, 0, len))) {
		start = next;
	} else {
		l->line = len;
		l->from = l->size + start;
	}
	mm_scanner_feed (scanner, mm_bytes_sub (chunk, at, start));
	return start;
}

void
mm_digit_lines_feed (MmDigitLines *lines, MmScanner *scanner, MmBytes chunk)
{
	gsize at = 0;

	while (at < chunk.len && lines->n < MM_DIGIT_STRETCHES)
		at = (lines->line > 0 ? follow : look) (lines, scanner, chunk, at);
	mm_scanner_feed (scanner, mm_bytes_sub (chunk, at, chunk.len));
	lines->size += chunk.len;
}

void
mm_digit_lines_finish (MmDigitLines *lines)
{
	if (lines->line > 0)
		end_stretch (lines, lines->size - lines->column);
}

const MmStretch *
mm_digit_lines_next (const MmDigitLines *lines, gsize at)
{
	for (guint i = 0; i < lines->n; i++)
		if (lines->found[i].to > at)
			return &lines->found[i];
	return NULL;
}
