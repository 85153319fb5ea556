/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime-private.h: the inside view that mime.c (what a part is), mime-split.c (where it lies) and
 * mime-veil.c (whether it is what it seems) share.
 */
#pragma once

#include <mailmend/mime.h>

/* A new part, numbered and with its path; block and headers are still to come. */
MmPart *mm_part_new (MmMime *mime, int parent);
void mm_part_free (MmPart *part);

/* Reads Content-Type, -Transfer-Encoding and -Disposition of @part; its headers are known. */
void mm_part_read_fields (MmMime *mime, MmPart *part);

/* Sets veiled, when all parts are known. */
void mm_mime_mark_veiled (MmMime *mime);

static inline MmPart *
mm_mime_part_mutable (MmMime *mime, guint number)
{
	return g_ptr_array_index (mime->parts, number);
}
