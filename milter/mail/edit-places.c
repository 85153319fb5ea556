/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edit-places.c: where edits are, and which are in one place.
 */
#include <config.h>

#include "edit-private.h"

MmBytes
mm_edit_field_name (const MmEdit *edit)
{
	MmBytes line = mm_bytes_of (edit->bytes);

	return mm_bytes_sub (line, 0, mm_bytes_find (line, ':', 0));
}

/* An insertion overlaps only a range it lies strictly inside. */
static gboolean
ranges_overlap (const MmEdit *a, const MmEdit *b)
{
	return a->start < b->end && b->start < a->end;
}

int
mm_edit_compare_ranges (const MmEdit *a, const MmEdit *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if ((a->end == a->start) != (b->end == b->start))
		return a->end == a->start ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* Caseless. */
static int
compare_names (MmBytes a, MmBytes b)
{
	for (gsize i = 0; i < MIN (a.len, b.len); i++) {
		int difference = mm_lower (a.data[i]) - mm_lower (b.data[i]);

		if (difference != 0)
			return difference;
	}
	return (a.len > b.len) - (a.len < b.len);
}

/* A field is set or deleted once. */
static MmEditKind
kind_of_place (const MmEdit *edit)
{
	return edit->kind == MM_EDIT_HEADER_DELETE ? MM_EDIT_HEADER_SET : edit->kind;
}

/* Two repairs that add the same field to the header want the same thing. */
int
mm_edit_compare_places (gconstpointer x, gconstpointer y, gpointer data)
{
	const MmEdit *a = mm_edits_get (data, GPOINTER_TO_UINT (x));
	const MmEdit *b = mm_edits_get (data, GPOINTER_TO_UINT (y));
	MmEditKind kind = kind_of_place (a), other = kind_of_place (b);

	if (kind != other)
		return kind < other ? -1 : 1;
	switch (kind) {
	case MM_EDIT_HEADER_SET:
		return (a->header > b->header) - (a->header < b->header);
	case MM_EDIT_HEADER_APPEND:
		return compare_names (mm_edit_field_name (a), mm_edit_field_name (b));
	case MM_EDIT_BODY:
		return ranges_overlap (a, b) ? 0 : mm_edit_compare_ranges (a, b);
	default:
		return 0;
	}
}
