/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-scan.c: facts about octets, against a table and against a second, naive reader.
 */
#include "test-util.h"

static char *
show_fact (const char *name, MmScanFact fact)
{
	if (fact.count == 0)
		return g_strdup ("");
	return g_strdup_printf (" %s:%zu@%zu", name, fact.count, fact.first);
}

static char *
show_scan (const MmScan *scan)
{
	g_autofree char *high = show_fact ("8bit", scan->eightbit);
	g_autofree char *nul = show_fact ("nul", scan->nul);
	g_autofree char *lf = show_fact ("lf", scan->lone_lf);
	g_autofree char *cr = show_fact ("cr", scan->lone_cr);
	g_autofree char *crcrlf = show_fact ("crcrlf", scan->cr_cr_lf);

	return g_strdup_printf ("%zu octets %zu lines %zu@%zu%s%s%s%s%s", scan->size, scan->lines,
				scan->longest, scan->longest_at, high, nul, lf, cr, crcrlf);
}

static void
test_table (void)
{
	static const struct {
		MmBytes in;
		const char *want;
	} rows[] = {
		{B (""), "0 octets 0 lines 0@0"},
		{B ("a"), "1 octets 1 lines 1@0"},
		{B ("\r\n"), "2 octets 1 lines 0@0"},
		{B ("ab\r\nabc\r\n"), "9 octets 2 lines 3@4"},
		{B ("abc\r\nabc\r\n"), "10 octets 2 lines 3@0"},
		{B ("ab\r\nabc"), "7 octets 2 lines 3@4"},
		{B ("a\nb\r\n"), "5 octets 2 lines 1@0 lf:1@1"},
		{B ("\n\n"), "2 octets 2 lines 0@0 lf:2@0"},
		{B ("a\rb\r\n"), "5 octets 1 lines 3@0 cr:1@1"},
		{B ("a\r"), "2 octets 1 lines 2@0 cr:1@1"},
		{B ("a\r\r\nb"), "5 octets 2 lines 2@0 crcrlf:1@1"},
		{B ("a\r\r\r\nb"), "6 octets 2 lines 3@0 cr:1@1 crcrlf:1@2"},
		{B ("\r\r"), "2 octets 1 lines 2@0 cr:2@0"},
		{B ("\r \r\n"), "4 octets 1 lines 2@0 cr:1@0"},
		{B ("\0\xff\x80\0"), "4 octets 1 lines 4@0 8bit:2@1 nul:2@0"},
		{B ("0123456789abcde\r\n\x80"), "18 octets 2 lines 15@0 8bit:1@17"},
		{B ("0123456789abcd\r\r\n"), "17 octets 1 lines 15@0 crcrlf:1@14"},
		{B ("0123456789abcde\r0\n"), "18 octets 1 lines 17@0 lf:1@17 cr:1@15"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		MmScan scan = mm_scan (rows[i].in);
		g_autofree char *got = show_scan (&scan);

		g_test_message ("row %zu", i);
		g_assert_cmpstr (got, ==, rows[i].want);
		g_assert_cmpint (mm_scan_has_bad_line_ends (&scan), ==,
				 strstr (rows[i].want, "lf:") != NULL ||
					 strstr (rows[i].want, "cr:") != NULL);
	}
}

/* ---- the naive reader ------------------------------------------------------------------------ */

static void
count (MmScanFact *fact, gsize at)
{
	if (fact->count == 0)
		fact->first = at;
	fact->count++;
}

static char
octet (MmBytes in, gssize at)
{
	return at >= 0 && (gsize)at < in.len ? in.data[at] : 'x';
}

static void
naive_line_end (MmScan *out, MmBytes in, gssize i)
{
	char c = in.data[i];

	if (c == '\n' && octet (in, i - 1) != '\r')
		count (&out->lone_lf, (gsize)i);
	if (c == '\r' && octet (in, i + 1) == '\r' && octet (in, i + 2) == '\n')
		count (&out->cr_cr_lf, (gsize)i);
	else if (c == '\r' && octet (in, i + 1) != '\n')
		count (&out->lone_cr, (gsize)i);
}

/* Every octet asks its neighbours. */
static MmScan
naive_scan (MmBytes in)
{
	MmScan out = {.size = in.len};
	gsize start = 0;

	for (gsize i = 0; i < in.len; i++) {
		if ((guchar)in.data[i] >= 0x80)
			count (&out.eightbit, i);
		if (in.data[i] == '\0')
			count (&out.nul, i);
		naive_line_end (&out, in, (gssize)i);
		if (in.data[i] == '\n' || i + 1 == in.len) {
			gsize end = in.data[i] == '\n' ? i : i + 1;
			if (in.data[i] == '\n' && end > start && in.data[end - 1] == '\r')
				end--;
			if (out.lines++ == 0 || end - start > out.longest) {
				out.longest = end - start;
				out.longest_at = start;
			}
			start = i + 1;
		}
	}
	return out;
}

static char *
random_input (gsize *out_len)
{
	static const char alphabet[] = {'\r', '\n', '\0', '\x80', 'a'};
	gsize len = (gsize)g_test_rand_int_range (0, 200);
	/* mostly text, so that strides without line ends happen too */
	int letters = g_test_rand_int_range (1, 30);
	/* in percent: short and long runs of one octet */
	int stay = g_test_rand_bit () ? 0 : g_test_rand_int_range (0, 100);
	char *data = g_malloc (len + 1);

	for (gsize i = 0; i < len; i++) {
		int n = g_test_rand_int_range (0, (int)G_N_ELEMENTS (alphabet) + letters);

		data[i] = i > 0 && g_test_rand_int_range (0, 100) < stay
				  ? data[i - 1]
				  : alphabet[MIN (n, (int)G_N_ELEMENTS (alphabet) - 1)];
	}
	*out_len = len;
	return data;
}

static MmScan
scan_in_chunks (MmBytes in)
{
	int longest = g_test_rand_bit () ? 20 : 90;
	MmScanner scanner;
	gsize at = 0;

	mm_scanner_init (&scanner);
	while (at < in.len) {
		gsize n = (gsize)g_test_rand_int_range (0, longest);
		mm_scanner_feed (&scanner, mm_bytes_sub (in, at, at + n));
		at = MIN (at + n, in.len);
	}
	mm_scanner_finish (&scanner);
	return scanner.facts;
}

static void
test_property (void)
{
	for (int i = 0; i < 20000; i++) {
		gsize len;
		g_autofree char *data = random_input (&len);
		MmBytes in = mm_bytes (data, len);
		MmScan whole = mm_scan (in), chunked = scan_in_chunks (in);
		MmScan naive = naive_scan (in);
		g_autofree char *a = show_scan (&whole), *b = show_scan (&chunked);
		g_autofree char *want = show_scan (&naive);

		if (strcmp (a, want) != 0 || strcmp (b, want) != 0) {
			g_autofree char *shown = test_show (in);
			g_test_message ("input \"%s\"", shown);
		}
		g_assert_cmpstr (a, ==, want);
		g_assert_cmpstr (b, ==, want);
	}
}

/* ---- mending line ends ----------------------------------------------------------------------- */

static void
test_mend (void)
{
	static const struct {
		MmBytes in, space, crlf, encode;
	} rows[] = {
		{B (""), B (""), B (""), B ("")},
		{B ("a\r\nb"), B ("a\r\nb"), B ("a\r\nb"), B ("a\r\nb")},
		{B ("a\nb\n"), B ("a\r\nb\r\n"), B ("a\r\nb\r\n"), B ("a\r\nb\r\n")},
		{B ("a\rb"), B ("a b"), B ("a\r\nb"), B ("a\rb")},
		{B ("a\r\r\nb"), B ("a\r\nb"), B ("a\r\nb"), B ("a\r\nb")},
		{B ("a\r\r\r\nb"), B ("a \r\nb"), B ("a\r\n\r\nb"), B ("a\r\r\nb")},
		{B ("\r"), B (" "), B ("\r\n"), B ("\r")},
		{B ("\n\r"), B ("\r\n "), B ("\r\n\r\n"), B ("\r\n\r")},
		{B ("\0\n"), B ("\0\r\n"), B ("\0\r\n"), B ("\0\r\n")},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		const MmBytes want[] = {rows[i].space, rows[i].crlf, rows[i].encode};

		for (guint how = 0; how < G_N_ELEMENTS (want); how++) {
			g_auto (MmBuffer) out = MM_BUFFER_INIT;

			g_test_message ("row %zu, %u", i, how);
			g_assert_true (mm_line_ends_mend (rows[i].in, (MmBareCr)how, &out));
			test_assert_bytes (mm_buffer_bytes (&out), want[how]);
		}
	}
}

/* What was mended has nothing left to mend (encoded CRs excepted). */
static void
test_mend_property (void)
{
	for (int i = 0; i < 5000; i++) {
		gsize len;
		g_autofree char *data = random_input (&len);
		MmBareCr how = (i & 1) ? MM_BARE_CR_SPACE : MM_BARE_CR_CRLF;
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		g_auto (MmBuffer) again = MM_BUFFER_INIT;
		MmScan scan;

		g_assert_true (mm_line_ends_mend (mm_bytes (data, len), how, &out));
		scan = mm_scan (mm_buffer_bytes (&out));
		g_assert_false (mm_scan_has_bad_line_ends (&scan));
		g_assert_true (mm_line_ends_mend (mm_buffer_bytes (&out), how, &again));
		test_assert_bytes (mm_buffer_bytes (&again), mm_buffer_bytes (&out));
	}
}

/* The same, octet by octet. */
static void
mend_plainly (MmBytes in, MmBareCr how, GString *out)
{
	static const char *const instead[] = {" ", "\r\n", "\r"};
	gsize crs = 0;

	for (gsize i = 0; i < in.len; i++) {
		gboolean lf = in.data[i] == '\n';

		crs += in.data[i] == '\r';
		if (in.data[i] == '\r' && i + 1 < in.len)
			continue;
		for (gsize n = lf ? 2 : 0; n < crs; n++)
			g_string_append (out, instead[how]);
		crs = 0;
		if (lf)
			g_string_append (out, "\r\n");
		else if (in.data[i] != '\r')
			g_string_append_c (out, in.data[i]);
	}
}

/* At all places of a stride of 64 octets, by what stands in front. */
static void
test_mend_reference (void)
{
	for (int i = 0; i < 20000; i++) {
		gsize len;
		g_autofree char *data = random_input (&len);
		g_autoptr (GString) in = g_string_new (NULL);
		g_autoptr (GString) want = g_string_new (NULL);
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		MmBareCr how = (MmBareCr)(i % 3);

		for (int n = 0; n < i % 131; n++)
			g_string_append_c (in, i % 2 == 0 ? 'x' : "\r\n"[n % 2]);
		g_string_append_len (in, data, (gssize)len);
		mend_plainly (mm_bytes (in->str, in->len), how, want);
		g_assert_true (mm_line_ends_mend (mm_bytes (in->str, in->len), how, &out));
		test_assert_bytes (mm_buffer_bytes (&out), mm_bytes (want->str, want->len));
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/scan/table", test_table);
	g_test_add_func ("/scan/property", test_property);
	g_test_add_func ("/scan/mend", test_mend);
	g_test_add_func ("/scan/mend-property", test_mend_property);
	g_test_add_func ("/scan/mend-reference", test_mend_reference);
	return g_test_run ();
}
