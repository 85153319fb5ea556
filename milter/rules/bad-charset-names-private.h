/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bad-charset-names-private.h: the names of charsets in a field that are none.
 */
#pragma once

#include <mailmend/codec.h>

#include "field-private.h"

/* A bad name in a field. */
typedef struct {
	MmBytes name;
	MmEncodedWord word; /* if it stands in one */
	MmWordPlace place;
	MmBytes text;       /* of an extended value: "%E4..."; NULL if others follow it */
	gboolean of_content;
} MmBadName;

/* The bad names of header @at of @part, those of parameters not in their order. At @most the first
 * are looked for; parameters may have more. (GArray of MmBadName, transfer full) */
GArray *mm_bad_charset_names (const MmPart *part, guint at, guint most);
