/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edit-private.h: where edits are; for edit.c only.
 */
#pragma once

#include <mailmend/edit.h>

G_BEGIN_DECLS

/* The name of the field that @edit, which appends one, appends. */
MmBytes mm_edit_field_name (const MmEdit *edit);

/* The order of ranges of the body that do not overlap: an insertion stands before a range that begins
 * there; two at one place keep the order of the list. */
int mm_edit_compare_ranges (const MmEdit *a, const MmEdit *b);

/* The order of edits of the MmEdits @edits, named by their numbers, by where they are (GCompareDataFunc);
 * 0: both are in one place. */
int mm_edit_compare_places (gconstpointer a, gconstpointer b, gpointer edits);

G_END_DECLS
