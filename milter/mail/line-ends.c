/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line-ends.c: makes line ends canonical (RFC 5322 2.3: CR and LF only together).
 */
#include <config.h>

#include <mailmend/scan.h>

static void
append_crs (MmBuffer *out, gsize n, MmBareCr bare_cr)
{
	static const char *const instead[] = {
	        [MM_BARE_CR_SPACE] = " ",
	        [MM_BARE_CR_CRLF] = "\r\n",
	        [MM_BARE_CR_ENCODE] = "\r",
	};

	for (gsize i = 0; i < n; i++)
		mm_buffer_append_str (out, instead[bare_cr]);
}

gboolean
mm_line_ends_mend (MmBytes in, MmBareCr bare_cr, MmBuffer *out)
{
	gsize at = 0;

	while (at < in.len) {
		gsize text = at;
		gsize crs;

		while (at < in.len && in.data[at] != '\r' && in.data[at] != '\n')
			at++;
		mm_buffer_append (out, mm_bytes_sub (in, text, at));
		crs = at;
		while (at < in.len && in.data[at] == '\r')
			at++;
		crs = at - crs;
		if (at < in.len && in.data[at] == '\n') {
			/* One CR, or CR CR, belongs to the line end. */
			append_crs (out, crs > 2 ? crs - 2 : 0, bare_cr);
			mm_buffer_append_str (out, "\r\n");
			at++;
		} else {
			append_crs (out, crs, bare_cr);
		}
	}
	return !out->failed;
}
