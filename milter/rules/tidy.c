/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tidy.c: a multipart whose leaves are 7bit must not say 8bit any longer, and a message with a
 * mended Content-* field needs a version.
 */
#include <config.h>

#include "head-private.h"
#include "tidy-private.h"

static gboolean
needs_no_8bit (MmBytes content)
{
	MmScan scan = mm_scan (content);

	return scan.eightbit.count == 0 && scan.nul.count == 0 && scan.longest <= 998;
}

static gboolean
holds_one_of (const MmPart *part, GPtrArray *paths)
{
	gsize len = strlen (part->path);

	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index (paths, i);
		if (len == 0 ? *path != '\0'
		             : strncmp (path, part->path, len) == 0 && path[len] == '.')
			return TRUE;
	}
	return FALSE;
}

void
mm_tidy_composites (const MmFacts *facts, GPtrArray *paths, MmEdits *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		int at = mm_part_find_header (part, "Content-Transfer-Encoding");
		g_autofree char *name = NULL;

		if (part->kind != MM_PART_MULTIPART || at < 0 || part->embedded || part->sealed ||
		    (part->encoding != MM_ENCODING_8BIT && part->encoding != MM_ENCODING_BINARY) ||
		    !holds_one_of (part, paths) || !needs_no_8bit (part->content))
			continue;
		name = mm_bytes_dup (mm_part_header (part, (guint) at)->name);
		mm_edits_begin (out, G_MAXUINT);
		mm_edits_set_header (out, part, (guint) at, name, mm_bytes_str (" 7bit"));
		mm_edits_end (out, NULL);
	}
}

void
mm_tidy_version (const MmFacts *facts, MmEdits *out)
{
	if (mm_head_has_undeclared_8bit (facts))
		return;
	mm_edits_begin (out, G_MAXUINT);
	if (mm_head_ensure_mime_version (facts, out, NULL))
		mm_edits_end (out, NULL);
	else
		mm_edits_cancel (out);
}
