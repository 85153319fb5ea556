/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header.c: lines and fields of a header block, of a message or a part.
 *
 * RFC 5322 2.2:
 *   field      = field-name ":" unstructured CRLF
 *   field-name = 1*ftext ; ftext = %d33-57 / %d59-126
 * RFC 5322 4.5 allows blanks between name and colon; they are kept apart from the name.
 */
#include <config.h>

#include "message-private.h"

gsize
mm_line_length (MmBytes b)
{
	const char *lf = b.len > 0 ? memchr (b.data, '\n', b.len) : NULL;

	return lf != NULL ? (gsize) (lf - b.data) + 1 : b.len;
}

gboolean
mm_line_is_empty (MmBytes line)
{
	return (line.len == 1 && line.data[0] == '\n') ||
	       (line.len == 2 && memcmp (line.data, "\r\n", 2) == 0) ||
	       (line.len == 3 && memcmp (line.data, "\r\r\n", 3) == 0);
}

gsize
mm_header_block_length (MmBytes wire)
{
	gsize at = 0;

	while (at < wire.len) {
		MmBytes rest = mm_bytes_sub (wire, at, wire.len);
		gsize len = mm_line_length (rest);

		if (mm_line_is_empty (mm_bytes_sub (rest, 0, len)))
			break;
		at += len;
	}
	return at;
}

/* Octets of the line end that @line has: CRLF, or LF alone. */
static gsize
line_end_length (MmBytes line)
{
	if (line.len == 0 || line.data[line.len - 1] != '\n')
		return 0;
	return line.len > 1 && line.data[line.len - 2] == '\r' ? 2 : 1;
}

/* Cuts "name blanks:" off @line. FALSE if it does not begin so. Octets from 0x80 on pass as
 * letters of a name: who reads it decides what that means. */
static gboolean
split_field (MmBytes line, MmHeader *out)
{
	gsize colon = mm_bytes_find (line, ':', 0);
	gsize end = colon;

	if (colon == line.len)
		return FALSE;
	while (end > 0 && mm_is_wsp (line.data[end - 1]))
		end--;
	if (end == 0)
		return FALSE;
	for (gsize i = 0; i < end; i++) {
		guchar c = (guchar) line.data[i];
		if (c <= 32 || c == 127)
			return FALSE;
	}
	out->name = mm_bytes_sub (line, 0, end);
	out->blanks = mm_bytes_sub (line, end, colon);
	out->value = mm_bytes_sub (line, colon + 1, line.len - line_end_length (line));
	return TRUE;
}

gboolean
mm_line_is_field (MmBytes line)
{
	MmHeader item = {0};

	return split_field (line, &item) && !mm_bytes_has_8bit (item.name);
}

MmHeader
mm_header_read (MmBytes line)
{
	MmHeader item = {.line = line, .original = -1};

	item.is_field = split_field (line, &item);
	if (!item.is_field)
		item.value = mm_bytes_sub (line, 0, line.len - line_end_length (line));
	return item;
}

/* Up to this many fields are compared with each other: less work than a table. */
#define FEW 64

#define LETTERS 32

/* Caseless, and the same for names that are; spreads those of ordinary mail. */
static guint
hash_name (MmBytes name)
{
	return (guint) name.len * 7 + (guint) (mm_lower (name.data[0]) & 31) +
	       (guint) (mm_lower (name.data[name.len - 1]) & 31) * 3;
}

static void
count_few (GArray *headers, guint from)
{
	guint8 newest[LETTERS] = {0}; /* by hash: the last field with it, +1 from @from */
	guint8 before[FEW];           /* the one before each field with the same */

	for (guint i = 0; i < headers->len - from; i++) {
		MmHeader *item = &g_array_index (headers, MmHeader, from + i);
		guint at, slot;

		if (!item->is_field)
			continue;
		slot = hash_name (item->name) % LETTERS;
		before[i] = newest[slot];
		newest[slot] = (guint8) (i + 1);
		item->index = 1;
		for (at = before[i]; at > 0; at = before[at - 1]) {
			const MmHeader *other = &g_array_index (headers, MmHeader, from + at - 1);

			if (!mm_bytes_equal_nocase (other->name, item->name))
				continue;
			item->index = other->index + 1;
			break;
		}
	}
}

/* One table, so that many fields stay linear. */
static void
count_many (GArray *headers, guint from)
{
	g_autoptr (GHashTable) newest = /* the last field of each name, by itself */
	        g_hash_table_new (mm_bytes_hash_nocase, mm_bytes_equal_nocase_keys);

	for (guint i = from; i < headers->len; i++) {
		MmHeader *item = &g_array_index (headers, MmHeader, i);
		const MmHeader *other;

		if (!item->is_field)
			continue;
		other = g_hash_table_lookup (newest, &item->name);
		item->index = other != NULL ? other->index + 1 : 1;
		g_hash_table_replace (newest, &item->name, item);
	}
}

void
mm_header_count (GArray *headers, guint from)
{
	if (headers->len - from <= FEW)
		count_few (headers, from);
	else
		count_many (headers, from);
}

/* Length of the item at the start of @block: a line and its continuations. An empty line never
 * continues anything. */
static gsize
item_length (MmBytes block)
{
	gsize len = mm_line_length (block);

	while (len < block.len && mm_is_wsp (block.data[len]))
		len += mm_line_length (mm_bytes_sub (block, len, block.len));
	return len;
}

void
mm_header_tokenize (MmBytes block, GArray *out)
{
	guint from = out->len;

	for (gsize at = 0; at < block.len;) {
		gsize len = item_length (mm_bytes_sub (block, at, block.len));
		MmHeader item = mm_header_read (mm_bytes_sub (block, at, at + len));

		g_array_append_val (out, item);
		at += len;
	}
	mm_header_count (out, from);
}

gboolean
mm_unfold (MmBytes value, MmBuffer *out)
{
	for (gsize at = 0; at < value.len;) {
		gsize lf = mm_bytes_find (value, '\n', at);
		gboolean fold = lf + 1 < value.len && mm_is_wsp (value.data[lf + 1]);
		gsize end = fold && lf > at && value.data[lf - 1] == '\r' ? lf - 1 : lf;

		mm_buffer_append (out, mm_bytes_sub (value, at, fold ? end : lf + 1));
		at = lf + 1;
	}
	return !out->failed;
}
