/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line-diff.c: which lines of one text became which of another.
 *
 * What is the same at both ends is cut off first. In the middle, lines that stand exactly once in
 * both texts are anchors if they come in the same order (the longest such row of them counts), and
 * what lies between two anchors is compared alone: the same at its ends, or different. A mended
 * message is its original with changes here and there, and lines of an attachment hardly repeat.
 */
#include <config.h>

#include <mailmend/message.h>

#include "line-diff.h"

/* Of one text: with more the middle is one difference. */
#define MAX_LINES 2000000

typedef struct {
	MmBytes text;   /* the middle */
	gsize at;       /* where it begins */
	guint line;
	GArray *lines;  /* of MmBytes */
} Side;

typedef struct {
	guint in[2]; /* how often */
	guint at[2]; /* where */
} Place;

typedef struct {
	guint old_line;
	guint new_line;
} Anchor;

/* ---- both ends ------------------------------------------------------------------------------- */

/* A last one without LF is one too. */
static guint
count_lines (MmBytes text)
{
	guint n = text.len > 0 && text.data[text.len - 1] != '\n';

	for (gsize at = 0; (at = mm_bytes_find (text, '\n', at)) < text.len; at++)
		n++;
	return n;
}

/* Octets of whole lines that both begin with. */
static gsize
same_start (MmBytes a, MmBytes b)
{
	gsize max = MIN (a.len, b.len);
	gsize at = 0;

	while (at < max && a.data[at] == b.data[at])
		at++;
	if (at == a.len && at == b.len)
		return at;
	while (at > 0 && a.data[at - 1] != '\n')
		at--;
	return at;
}

/* Octets of whole lines that both end with. */
static gsize
same_end (MmBytes a, MmBytes b)
{
	gsize max = MIN (a.len, b.len);
	gsize n = 0;

	while (n < max && a.data[a.len - n - 1] == b.data[b.len - n - 1])
		n++;
	/* A line begins at the start or behind LF, in both. */
	while (n > 0 && ((n < a.len && a.data[a.len - n - 1] != '\n') ||
	                 (n < b.len && b.data[b.len - n - 1] != '\n')))
		n--;
	return n;
}

/* ---- anchors --------------------------------------------------------------------------------- */

static GArray *
split (MmBytes text)
{
	GArray *lines = g_array_new (FALSE, FALSE, sizeof (MmBytes));

	for (gsize at = 0; at < text.len;) {
		MmBytes rest = mm_bytes_sub (text, at, text.len);
		MmBytes line = mm_bytes_sub (rest, 0, mm_bytes_find (rest, '\n', 0) + 1);

		g_array_append_val (lines, line);
		at += line.len;
	}
	return lines;
}

static guint
hash_line (gconstpointer key)
{
	const MmBytes *line = key;
	guint32 hash = 2166136261U;

	for (gsize i = 0; i < line->len; i++)
		hash = (hash ^ (guchar) line->data[i]) * 16777619U;
	return hash;
}

static gboolean
equal_lines (gconstpointer a, gconstpointer b)
{
	return mm_bytes_equal (*(const MmBytes *) a, *(const MmBytes *) b);
}

/* line -> Place */
static GHashTable *
index_lines (const Side *sides)
{
	GHashTable *table = g_hash_table_new_full (hash_line, equal_lines, NULL, g_free);

	for (guint side = 0; side < 2; side++) {
		for (guint i = 0; i < sides[side].lines->len; i++) {
			gpointer line = &g_array_index (sides[side].lines, MmBytes, i);
			Place *place = g_hash_table_lookup (table, line);

			if (place == NULL) {
				place = g_new0 (Place, 1);
				g_hash_table_insert (table, line, place);
			}
			place->in[side]++;
			place->at[side] = i;
		}
	}
	return table;
}

/* Lines that stand once in both, in the order of the old text. */
static GArray *
find_pairs (const Side *sides)
{
	GArray *pairs = g_array_new (FALSE, FALSE, sizeof (Anchor));
	g_autoptr (GHashTable) table = index_lines (sides);

	for (guint i = 0; i < sides[0].lines->len; i++) {
		const Place *place = g_hash_table_lookup (
		        table, &g_array_index (sides[0].lines, MmBytes, i));
		const Anchor pair = {i, place->at[1]};

		if (place->in[0] == 1 && place->in[1] == 1)
			g_array_append_val (pairs, pair);
	}
	return pairs;
}

/* The longest row of @pairs whose new lines ascend. piles: the pair that ends the best row of each
 * length so far; before: which pair comes before this one in its row. */
static GArray *
longest_row (const GArray *pairs)
{
	GArray *row = g_array_new (FALSE, FALSE, sizeof (Anchor));
	g_autofree guint *piles = g_new (guint, pairs->len + 1);
	g_autofree guint *before = g_new (guint, pairs->len + 1);
	guint n = 0;

	for (guint i = 0; i < pairs->len; i++) {
		guint low = 0, high = n;

		while (low < high) {
			guint middle = (low + high) / 2;

			if (g_array_index (pairs, Anchor, piles[middle]).new_line <
			    g_array_index (pairs, Anchor, i).new_line)
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low > 0 ? piles[low - 1] : 0;
		piles[low] = i;
		n = MAX (n, low + 1);
	}
	g_array_set_size (row, n);
	for (guint i = n, at = n > 0 ? piles[n - 1] : 0; i > 0; i--, at = before[at])
		g_array_index (row, Anchor, i - 1) = g_array_index (pairs, Anchor, at);
	return row;
}

/* ---- hunks ----------------------------------------------------------------------------------- */

static MmLineRange
range_of (const Side *side, guint from, guint to)
{
	const MmBytes *lines = (const MmBytes *) (const void *) side->lines->data;
	const char *start = from < side->lines->len ? lines[from].data : mm_bytes_end (side->text);
	const char *end = to < side->lines->len ? lines[to].data : mm_bytes_end (side->text);

	return (MmLineRange){
		.at = side->at + (gsize) (start - side->text.data),
		.len = (gsize) (end - start),
		.line = side->line + from,
		.lines = to - from,
	};
}

static gboolean
same_line (const Side *sides, guint old_line, guint new_line)
{
	return mm_bytes_equal (g_array_index (sides[0].lines, MmBytes, old_line),
	                       g_array_index (sides[1].lines, MmBytes, new_line));
}

/* Adds what differs between @from and @to. */
static void
add_gap (const Side *sides, Anchor from, Anchor to, GArray *hunks)
{
	MmHunk hunk;

	while (from.old_line < to.old_line && from.new_line < to.new_line &&
	       same_line (sides, from.old_line, from.new_line)) {
		from.old_line++;
		from.new_line++;
	}
	while (from.old_line < to.old_line && from.new_line < to.new_line &&
	       same_line (sides, to.old_line - 1, to.new_line - 1)) {
		to.old_line--;
		to.new_line--;
	}
	if (from.old_line == to.old_line && from.new_line == to.new_line)
		return;
	hunk.old_range = range_of (&sides[0], from.old_line, to.old_line);
	hunk.new_range = range_of (&sides[1], from.new_line, to.new_line);
	g_array_append_val (hunks, hunk);
}

static void
add_all (const Side *sides, GArray *hunks)
{
	g_autoptr (GArray) pairs = find_pairs (sides);
	g_autoptr (GArray) row = longest_row (pairs);
	const Anchor end = {sides[0].lines->len, sides[1].lines->len};
	Anchor from = {0, 0};

	for (guint i = 0; i < row->len; i++) {
		const Anchor anchor = g_array_index (row, Anchor, i);

		add_gap (sides, from, anchor, hunks);
		from = (Anchor){anchor.old_line + 1, anchor.new_line + 1};
	}
	add_gap (sides, from, end, hunks);
}

/* The middle as a whole. */
static void
add_one (const Side *sides, GArray *hunks)
{
	MmHunk hunk;

	hunk.old_range = (MmLineRange){sides[0].at, sides[0].text.len, sides[0].line,
	                               count_lines (sides[0].text)};
	hunk.new_range = (MmLineRange){sides[1].at, sides[1].text.len, sides[1].line,
	                               count_lines (sides[1].text)};
	g_array_append_val (hunks, hunk);
}

GArray *
mm_line_diff (MmBytes old_text, MmBytes new_text)
{
	GArray *hunks = g_array_new (FALSE, FALSE, sizeof (MmHunk));
	gsize start = same_start (old_text, new_text);
	MmBytes a = mm_bytes_sub (old_text, start, old_text.len);
	MmBytes b = mm_bytes_sub (new_text, start, new_text.len);
	gsize end = same_end (a, b);
	guint line = count_lines (mm_bytes_sub (old_text, 0, start));
	Side sides[2] = {{mm_bytes_sub (a, 0, a.len - end), start, line, NULL},
	                 {mm_bytes_sub (b, 0, b.len - end), start, line, NULL}};

	if (sides[0].text.len == 0 && sides[1].text.len == 0)
		return hunks;
	if (count_lines (sides[0].text) > MAX_LINES || count_lines (sides[1].text) > MAX_LINES) {
		add_one (sides, hunks);
		return hunks;
	}
	sides[0].lines = split (sides[0].text);
	sides[1].lines = split (sides[1].text);
	add_all (sides, hunks);
	g_array_unref (sides[0].lines);
	g_array_unref (sides[1].lines);
	return hunks;
}
