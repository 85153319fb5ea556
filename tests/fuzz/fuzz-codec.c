/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-codec.c: what is encoded decodes to the same octets, within the standards' limits; and any
 * octets can be decoded.
 */
#include <config.h>

#include <stdlib.h>

#include <mailmend/codec.h>
#include <mailmend/scan.h>

#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	return 0;
}

static void
check_body_codecs (MmBytes in)
{
	g_auto (MmBuffer) qp = MM_BUFFER_INIT, base64 = MM_BUFFER_INIT;
	g_auto (MmBuffer) from_qp = MM_BUFFER_INIT, from_base64 = MM_BUFFER_INIT;
	MmBase64State state;

	fuzz_check (mm_qp_encode (in, &qp) && mm_base64_encode (in, &base64));
	fuzz_check (mm_scan (mm_buffer_bytes (&qp)).longest <= 76);
	fuzz_check (mm_scan (mm_buffer_bytes (&base64)).longest <= 76);
	fuzz_check (mm_qp_decode (mm_buffer_bytes (&qp), &from_qp));
	fuzz_check (mm_base64_decode (mm_buffer_bytes (&base64), &from_base64, &state));
	fuzz_check (state == MM_BASE64_CLEAN);
	fuzz_check (mm_base64_check (mm_buffer_bytes (&base64), NULL) == MM_BASE64_CLEAN);
	fuzz_check (mm_qp_check (mm_buffer_bytes (&qp), 998, NULL) == 0);
	fuzz_check (mm_bytes_equal (in, mm_buffer_bytes (&from_qp)));
	fuzz_check (mm_bytes_equal (in, mm_buffer_bytes (&from_base64)));
}

static void
check_words (MmBytes in)
{
	static const char *const charsets[] = {"utf-8", "windows-1252", "iso-2022-jp", "gb18030"};

	for (gsize i = 0; i < G_N_ELEMENTS (charsets); i++) {
		g_auto (MmBuffer) words = MM_BUFFER_INIT, back = MM_BUFFER_INIT;

		if (in.len == 0 ||
		    !mm_encoded_words_encode (in, charsets[i], (MmWordPlace) (in.len % 3), 9,
		                              &words))
			continue;
		fuzz_check (mm_scan (mm_buffer_bytes (&words)).longest <= 76);
		fuzz_check (mm_encoded_words_decode (mm_bytes_trim (mm_buffer_bytes (&words)),
		                                     &back));
		fuzz_check (mm_bytes_equal (in, mm_buffer_bytes (&back)));
	}
}

static void
check_parameters (MmBytes in)
{
	static const char *const charsets[] = {"utf-8", "windows-1252", "iso-2022-jp", "gb18030",
	                                       "utf-7", "big5"};
	MmCharsetReader reader = {.charset = NULL};

	for (gsize i = 0; i < G_N_ELEMENTS (charsets); i++) {
		g_auto (MmBuffer) utf8 = MM_BUFFER_INIT, written = MM_BUFFER_INIT;
		gboolean is_text = mm_charset_recode (in, charsets[i], &utf8);
		gsize tail = 0;

		fuzz_check (!mm_charset_reader_reads (&reader, in, mm_bytes_str (charsets[i]),
		                                      &tail) ||
		            tail <= in.len);
		fuzz_check (is_text || utf8.len == 0);
		fuzz_check (mm_parameter_encode (mm_bytes_str ("filename"), mm_buffer_bytes (&utf8),
		                                 &written));
		fuzz_check (!mm_bytes_has_8bit (mm_buffer_bytes (&written)));
		fuzz_check (mm_scan (mm_buffer_bytes (&written)).longest <= 260);
	}
	mm_charset_reader_clear (&reader);
}

static void
decode_anything (MmBytes in)
{
	static const char *const charsets[] = {"utf-8", "windows-1252", "koi8-r", NULL};
	g_auto (MmBuffer) a = MM_BUFFER_INIT, b = MM_BUFFER_INIT, c = MM_BUFFER_INIT;
	MmBase64State state;

	fuzz_check (mm_qp_decode (in, &a) && a.len <= in.len);
	fuzz_check (mm_base64_decode (in, &b, &state) && b.len <= in.len);
	fuzz_check (mm_base64_check (in, NULL) == state);
	mm_encoded_words_decode (in, &c);
	mm_charset_choose (in, charsets, NULL);
	g_free (mm_charset_named_inside (in, "html"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	MmBytes in = fuzz_bytes (data, size);

	check_body_codecs (in);
	check_words (in);
	check_parameters (in);
	decode_anything (in);
	return 0;
}
