/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line-ends.c: makes line ends canonical (RFC 5322 2.3: CR and LF only together).
 */
#include <config.h>

#include <mailmend/scan.h>

#include "walk-private.h"

static MmBlock
line_octets (MmBlock octets)
{
	return (MmBlock) (octets == '\r') | (MmBlock) (octets == '\n');
}

/* @n lone CRs, or what stands for them. */
static void
append_crs (MmBuffer *out, gsize n, MmBareCr bare_cr)
{
	gsize width = bare_cr == MM_BARE_CR_CRLF ? 2 : 1;

	if (n == 0 || !mm_buffer_reserve (out, n * width))
		return;
	memset (out->data + out->len, bare_cr == MM_BARE_CR_SPACE ? ' ' : '\r', n * width);
	for (gsize i = 1; bare_cr == MM_BARE_CR_CRLF && i < n * width; i += width)
		out->data[out->len + i] = '\n';
	out->len += n * width;
}

static gsize
run_of_crs (MmBytes in, gsize at)
{
	gsize end = at;

	while (end < in.len && in.data[end] == '\r')
		end++;
	return end - at;
}

/* What is right is copied in one piece, up to the next line end that is not. */
gboolean
mm_line_ends_mend (MmBytes in, MmBareCr bare_cr, MmBuffer *out)
{
	MmWalk walk = {.text = in};
	gsize done = 0; /* in @out already */
	gsize next = 0; /* looked at, and so are all before it */
	gsize at;

	while (mm_walk_next (&walk, line_octets, &at)) {
		gsize crs;
		gboolean lf;

		if (at < next)
			continue;
		crs = run_of_crs (in, at);
		lf = at + crs < in.len && in.data[at + crs] == '\n';
		next = at + crs + lf;
		if (lf && crs == 1)
			continue;
		mm_buffer_append (out, mm_bytes_sub (in, done, at));
		/* One CR, or CR CR, belongs to the line end. */
		append_crs (out, lf ? crs - MIN (crs, 2) : crs, bare_cr);
		if (lf)
			mm_buffer_append_str (out, "\r\n");
		done = next;
	}
	mm_buffer_append (out, mm_bytes_sub (in, done, in.len));
	return !out->failed;
}
