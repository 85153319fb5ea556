/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-split.c: tokenizer, scanner and splitter: ranges lie where they must, nothing is left out.
 */
#include <config.h>

#include <stdlib.h>

#include <mailmend/mime.h>
#include <mailmend/scan.h>

#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	return 0;
}

static void
check_items (GArray *headers, MmBytes block)
{
	const char *at = block.data;

	for (guint i = 0; i < headers->len; i++) {
		const MmHeader *item = &g_array_index (headers, MmHeader, i);

		fuzz_check (item->line.data == at && item->line.len > 0);
		fuzz_check (item->is_field == (item->index > 0));
		at += item->line.len;
	}
	fuzz_check (headers->len == 0 || at == mm_bytes_end (block));
}

static gboolean
lies_in (MmBytes inner, MmBytes outer)
{
	return inner.len == 0 || (inner.data >= outer.data &&
	                          mm_bytes_end (inner) <= mm_bytes_end (outer));
}

/* A part that is header only ends with the line end that belongs to the delimiter. */
static MmBytes
with_line_end (const MmPart *part)
{
	return mm_bytes (part->content.data, part->content.len + part->line_end.len);
}

static void
check_part (const MmMime *mime, const MmPart *part, MmBytes body)
{
	const MmPart *above;

	check_items (part->headers, part->block);
	fuzz_check (lies_in (part->content, body) && lies_in (part->preamble, part->content) &&
	            lies_in (part->epilogue, part->content));
	fuzz_check (part->parent < (int) part->number);
	if (part->parent < 0)
		return;
	above = mm_mime_part (mime, (guint) part->parent);
	fuzz_check (lies_in (part->block, with_line_end (above)));
	fuzz_check (lies_in (part->content, with_line_end (above)));
	fuzz_check (part->depth == above->depth + 1);
}

/* Any split of the octets gives the same facts. */
static void
check_scan (MmBytes all)
{
	MmScan whole = mm_scan (all), parts;
	MmScanner scanner;
	gsize cut = all.len > 0 ? (guchar) all.data[0] % (all.len + 1) : 0;

	mm_scanner_init (&scanner);
	mm_scanner_feed (&scanner, mm_bytes_sub (all, 0, cut));
	mm_scanner_feed (&scanner, mm_bytes_sub (all, cut, all.len));
	mm_scanner_finish (&scanner);
	parts = scanner.facts;
	fuzz_check (memcmp (&whole, &parts, sizeof whole) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	g_autoptr (GBytes) wire = g_bytes_new (data, size);
	g_autoptr (MmMessage) message = mm_message_new (wire);
	MmLimits limits = mm_limits_default ();
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);

	fuzz_check (mm_message_size (message) == size);
	check_items (mm_message_headers (message), mm_message_header_block (message));
	for (guint i = 0; i < mime->parts->len; i++)
		check_part (mime, mm_mime_part (mime, i), mm_message_body (message));
	check_scan (fuzz_bytes (data, size));
	return 0;
}
