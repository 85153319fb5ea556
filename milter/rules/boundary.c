/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boundary.c: the boundary parameter, and what the splitter made of it.
 *
 * RFC 2046 5.1.1:
 *   boundary      = 0*69<bchars> bcharsnospace
 *   bchars        = bcharsnospace / " "
 *   bcharsnospace = DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" / ":" /
 *                   "=" / "?"
 */
#include <config.h>

#include "boundary-private.h"

/* Octets from 0x80 on are letters: another rule reports them. */
static const guint8 bchars[256] = {
        ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['0' ... '9'] = 1, [0x80 ... 0xFF] = 1,
        ['\''] = 1,        ['('] = 1,         [')'] = 1,         ['+'] = 1,
        ['_'] = 1,         [','] = 1,         ['-'] = 1,         ['.'] = 1,
        ['/'] = 1,         [':'] = 1,         ['='] = 1,         ['?'] = 1,
        [' '] = 1,
};

static MmBoundaryState
state_of (const char *boundary)
{
	gsize len = strlen (boundary);
	guint8 good = 1;

	for (gsize i = 0; i < len; i++)
		good &= bchars[(guchar) boundary[i]];
	if (!good || boundary[len - 1] == ' ')
		return MM_BOUNDARY_SPECIAL;
	return len > MM_BOUNDARY_MAX ? MM_BOUNDARY_LONG : MM_BOUNDARY_GOOD;
}

MmBoundaryState
mm_boundary_state (const MmPart *part)
{
	const MmParameterized *p = &part->type_field;

	if (part->boundary != NULL)
		return state_of (part->boundary);
	if (mm_parameter_find (p, "boundary") != NULL)
		return MM_BOUNDARY_EMPTY;
	for (guint i = 0; p->parameters != NULL && i < p->parameters->len; i++) {
		MmBytes name = g_array_index (p->parameters, MmParameter, i).name;
		if (mm_bytes_has_prefix (name, "boundary*"))
			return MM_BOUNDARY_PIECES;
	}
	return MM_BOUNDARY_NONE;
}

gboolean
mm_boundary_stands_twice (const MmPart *part, const char *name)
{
	guint n = 0;

	for (guint i = 0; i < part->headers->len; i++)
		n += mm_bytes_is (mm_part_header (part, i)->name, name);
	return n > 1;
}

gboolean
mm_boundary_is_multipart (const MmPart *part)
{
	return part->type_given && g_str_has_prefix (part->type, "multipart/");
}

gboolean
mm_boundary_was_sought (const MmFacts *facts, const MmPart *part)
{
	const char *end = mm_bytes_end (mm_message_body (facts->message));

	return part->kind == MM_PART_MULTIPART &&
	       !(g_strcmp0 (facts->mime->limit, "parts") == 0 &&
	         mm_bytes_end (part->content) == end);
}

const MmPart *
mm_boundary_twin (const MmFacts *facts, const MmPart *part)
{
	const MmPart *above = part;

	while (above->parent >= 0) {
		above = mm_mime_part (facts->mime, (guint) above->parent);
		if (above->kind == MM_PART_MULTIPART && part->boundary != NULL &&
		    strcmp (above->boundary, part->boundary) == 0)
			return above;
	}
	return NULL;
}
