/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fold.c: where a field may be folded, and folding it there.
 *
 * RFC 5322 2.2.3: unfolding takes the line end out and leaves the blank, so a fold in front of a
 * blank that stands there changes no text. Readers differ in how far they agree inside of quoted
 * strings and URIs, so every place has a rank, and a worse one is taken only if lines stay too long
 * without it. No fold stands beside another: a line of blanks would end the header for some.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "fold-private.h"

#define LINE_WANTED 78 /* RFC 5322 2.1.1: SHOULD */

typedef enum {
	RANK_GOOD,    /* between the elements of the field */
	RANK_FAIR,    /* between words, in comments */
	RANK_POOR,    /* in quoted strings */
	RANK_LEADING, /* the blank behind the colon */
	N_RANKS,
} Rank;

typedef struct {
	gsize at; /* of the blanks in the value */
	Rank rank;
} Point;

typedef struct {
	MmFieldKind kind;
	MmBytes value;
	GArray *points; /* of Point */
} Finder;

/* ---- where ----------------------------------------------------------------------------------- */

static void
add_point (Finder *f, gsize from, gsize to, Rank rank)
{
	Point point = {.at = from, .rank = from == 0 ? RANK_LEADING : rank};
	MmBytes blanks = mm_bytes_sub (f->value, from, to);

	if (to < f->value.len && mm_bytes_find (blanks, '\n', 0) == blanks.len)
		g_array_append_val (f->points, point);
}

/* The blanks of [at, end), but not those in encoded words. */
static void
find_inside (Finder *f, gsize at, gsize end, Rank rank)
{
	MmBytes value = mm_bytes_sub (f->value, 0, end);
	MmEncodedWord word;

	while (at < end) {
		gsize from = at;

		while (at < end && mm_is_space (value.data[at]))
			at++;
		if (at > from)
			add_point (f, from, at, rank);
		else if (value.data[at] == '=' && mm_encoded_word_at (value, at, &word))
			at += word.whole.len;
		else
			at++;
	}
}

/* How good the blanks are that stand between the spans @before and @after. N_RANKS: not at all. */
static Rank
rank_between (const Finder *f, const MmSpan *before, const MmSpan *after)
{
	char special = before->kind == MM_SPAN_SPECIAL ? f->value.data[before->from] : '\0';

	switch (f->kind) {
	case MM_FIELD_ADDRESSES:
	case MM_FIELD_PHRASES:
		return special == ',' || special == ';' ? RANK_GOOD : RANK_FAIR;
	case MM_FIELD_IDS:
		return after->kind == MM_SPAN_ANGLE ? RANK_GOOD : N_RANKS;
	case MM_FIELD_PARAMETERS:
		return special == ';' ? RANK_GOOD : N_RANKS;
	case MM_FIELD_URIS:
		return after->kind == MM_SPAN_ANGLE &&
		                       (special == ',' || before->kind == MM_SPAN_ANGLE)
		               ? RANK_GOOD
		               : N_RANKS;
	default:
		return RANK_GOOD;
	}
}

/* Blanks in strings and comments are text of no consequence, but not to every reader. */
static void
find_in_span (Finder *f, const MmSpan *span)
{
	if (f->kind != MM_FIELD_ADDRESSES && f->kind != MM_FIELD_PHRASES &&
	    f->kind != MM_FIELD_TOKENS && f->kind != MM_FIELD_TRACE)
		return;
	if (span->kind == MM_SPAN_COMMENT)
		find_inside (f, span->from, span->to, RANK_FAIR);
	else if (span->kind == MM_SPAN_QUOTED)
		find_inside (f, span->from, span->to, RANK_POOR);
}

static void
find_between (Finder *f)
{
	MmSpan before = {.kind = MM_SPAN_BLANK};
	MmSpan span;

	for (gsize at = 0; at < f->value.len; at = span.to) {
		span = mm_span_at (f->value, at);
		if (span.kind != MM_SPAN_BLANK) {
			find_in_span (f, &span);
		} else if (span.to < f->value.len) {
			MmSpan after = mm_span_at (f->value, span.to);
			Rank rank = span.from == 0 ? RANK_LEADING
			                           : rank_between (f, &before, &after);

			if (rank < N_RANKS)
				add_point (f, span.from, span.to, rank);
		}
		before = span.kind != MM_SPAN_BLANK ? span : before;
	}
}

/* ---- folding --------------------------------------------------------------------------------- */

/* The place to fold a line at that begins at @from (minus @indent octets of the field's name) and
 * goes to @to: the best within 78, or the first behind; @to if there is none. */
static gsize
choose_point (const GArray *points, guint *next, gsize from, gsize indent, gsize to, Rank worst)
{
	const Point *best = NULL;

	for (; *next < points->len; ++*next) {
		const Point *point = &g_array_index (points, Point, *next);
		gboolean fits = point->at - from + indent <= LINE_WANTED;

		if (point->at >= to || (!fits && best != NULL))
			break;
		if (point->rank > worst || (point->at == from && indent == 0))
			continue;
		if (best == NULL || point->rank <= best->rank)
			best = point;
		if (!fits)
			break;
	}
	return best != NULL ? best->at : to;
}

/* Goes back to the first point behind @at. */
static void
rewind_points (const GArray *points, guint *next, gsize at)
{
	while (*next > 0 && g_array_index (points, Point, *next - 1).at > at)
		--*next;
}

/* One line of the value, without its line end, from @from to @to. */
static gboolean
fold_line (const Finder *f, gsize from, gsize to, gsize indent, Rank worst, MmBuffer *out)
{
	guint next = 0;

	while (next < f->points->len && g_array_index (f->points, Point, next).at < from)
		next++;
	while (to - from + indent > LINE_WANTED) {
		gsize at = choose_point (f->points, &next, from, indent, to, worst);

		if (at == to)
			break;
		if (at - from + indent > MM_HEADER_LINE_MAX)
			return FALSE;
		mm_buffer_append (out, mm_bytes_sub (f->value, from, at));
		mm_buffer_append_str (out, "\r\n");
		rewind_points (f->points, &next, at);
		from = at;
		indent = 0;
	}
	mm_buffer_append (out, mm_bytes_sub (f->value, from, to));
	return to - from + indent <= MM_HEADER_LINE_MAX;
}

static gboolean
is_line_end (char c)
{
	return c == '\r' || c == '\n';
}

static gboolean
fold_lines (const Finder *f, gsize indent, Rank worst, MmBuffer *out)
{
	for (gsize at = 0; at < f->value.len; indent = 0) {
		MmBytes rest = mm_bytes_sub (f->value, at, f->value.len);
		gsize end = at + mm_line_length (rest);
		gsize text = end;

		while (text > at && is_line_end (f->value.data[text - 1]))
			text--;
		if (text - at + indent <= MM_HEADER_LINE_MAX)
			mm_buffer_append (out, mm_bytes_sub (f->value, at, text));
		else if (!fold_line (f, at, text, indent, worst, out))
			return FALSE;
		mm_buffer_append (out, mm_bytes_sub (f->value, text, end));
		at = end;
	}
	return !out->failed;
}

gboolean
mm_fold_value (MmFieldKind kind, MmBytes value, MmBuffer *out)
{
	g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (Point));
	Finder f = {.kind = kind, .value = value, .points = points};
	gsize before = out->len;

	if (kind == MM_FIELD_TEXT)
		find_inside (&f, 0, value.len, RANK_GOOD);
	else
		find_between (&f);
	for (guint worst = RANK_GOOD; worst < N_RANKS; worst++) {
		if (fold_lines (&f, before, (Rank) worst, out))
			return TRUE;
		out->len = before;
	}
	return FALSE;
}
