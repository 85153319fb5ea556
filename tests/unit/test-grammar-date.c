/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-grammar-date.c: dates, read strictly, rebuilt where that is certain, and written.
 *
 * Each row of the reading tests is one value and the standard form of what it must be read as. The
 * rows with NULL are the ones that matter most: a guess there would change when a mail was sent.
 */
#include <mailmend/grammar.h>

#define GOOD "Tue, 1 Jul 2003 10:52:37 +0200"

typedef gboolean (*Reader) (MmBytes value, MmDate *out);

typedef struct {
	const char *value;
	const char *want; /* NULL: must not be read */
} Row;

static gboolean
read_strict (MmBytes value, MmDate *out)
{
	return mm_grammar_date (value, out, NULL);
}

static void
check_rows (const Row *rows, gsize n, Reader reader)
{
	for (gsize i = 0; i < n; i++) {
		MmDate date = {0};
		gboolean read = reader (mm_bytes_str (rows[i].value), &date);
		g_autofree char *text = read ? mm_date_format (&date) : NULL;

		g_test_message ("value: %s", rows[i].value);
		g_assert_cmpstr (text, ==, rows[i].want);
	}
}

static void
test_strict_valid (void)
{
	static const Row rows[] = {
		{GOOD, GOOD},
		{"1 Jul 2003 10:52:37 +0200", GOOD},
		{"01 jul 2003 10:52:37 +0200", GOOD},
		{"TUE, 1 JUL 2003 10:52:37 +0200", GOOD},
		{"Tue, 1 Jul 2003 10:52 +0200", "Tue, 1 Jul 2003 10:52:00 +0200"},
		{"Wed, 31 Dec 2008 23:59:60 +0000", "Wed, 31 Dec 2008 23:59:60 +0000"},
		{"Thu, 29 Feb 2024 00:00:00 -0130", "Thu, 29 Feb 2024 00:00:00 -0130"},
		{"Tue, 29 Feb 2000 00:00:00 +0000", "Tue, 29 Feb 2000 00:00:00 +0000"},
		{"Mon, 1 Jan 1900 00:00:00 +0000", "Mon, 1 Jan 1900 00:00:00 +0000"},
		{"Fri, 31 Dec 9999 23:59:59 +0000", "Fri, 31 Dec 9999 23:59:59 +0000"},
		/* obsolete years */
		{"Tue, 1 Jul 03 10:52:37 +0200", GOOD},
		{"1 Jul 49 10:52:37 +0200", "Thu, 1 Jul 2049 10:52:37 +0200"},
		{"1 Jul 50 10:52:37 +0200", "Sat, 1 Jul 1950 10:52:37 +0200"},
		{"Tue, 1 Jul 103 10:52:37 +0200", GOOD},
		/* comments and folds between any two tokens */
		{"(a) Tue (b) , (c) 1 (d) Jul (e) 2003 (f) 10 (g) : (h) 52 (i) : (j) 37 (k) +0200 "
		 "(l)",
		 GOOD},
		{"Tue,\r\n 1 Jul\n\t2003 10:52:37 +0200\r\n (CEST (or \\) so))", GOOD},
		{"Tue,1Jul2003(at)10:52:37(zone)+0200", GOOD},
		/* zones */
		{"1 Jul 2003 10:52:37 +9959", "Tue, 1 Jul 2003 10:52:37 +9959"},
		{"1 Jul 2003 10:52:37 -9900", "Tue, 1 Jul 2003 10:52:37 -9900"},
		{"1 Jul 2003 10:52:37 -0000", "Tue, 1 Jul 2003 10:52:37 -0000"},
		{"1 Jul 2003 10:52:37 -0001", "Tue, 1 Jul 2003 10:52:37 -0001"},
		{"1 Jul 2003 10:52:37 GMT", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"1 Jul 2003 10:52:37 UT", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"1 Jul 2003 10:52:37 utc", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"1 Jul 2003 10:52:37Z", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"1 Jul 2003 10:52:37 EDT", "Tue, 1 Jul 2003 10:52:37 -0400"},
		{"1 Jul 2003 10:52:37 EST", "Tue, 1 Jul 2003 10:52:37 -0500"},
		{"1 Jul 2003 10:52:37 CDT", "Tue, 1 Jul 2003 10:52:37 -0500"},
		{"1 Jul 2003 10:52:37 CST", "Tue, 1 Jul 2003 10:52:37 -0600"},
		{"1 Jul 2003 10:52:37 MDT", "Tue, 1 Jul 2003 10:52:37 -0600"},
		{"1 Jul 2003 10:52:37 MST", "Tue, 1 Jul 2003 10:52:37 -0700"},
		{"1 Jul 2003 10:52:37 PDT", "Tue, 1 Jul 2003 10:52:37 -0700"},
		{"1 Jul 2003 10:52:37 PST", "Tue, 1 Jul 2003 10:52:37 -0800"},
		{"1 Jul 2003 10:52:37 CEST", "Tue, 1 Jul 2003 10:52:37 -0000"},
		{"1 Jul 2003 10:52:37 CHAST", "Tue, 1 Jul 2003 10:52:37 -0000"},
		{"1 Jul 2003 10:52:37 A", "Tue, 1 Jul 2003 10:52:37 -0000"},
	};

	check_rows (rows, G_N_ELEMENTS (rows), read_strict);
}

static void
test_strict_invalid (void)
{
	static const Row rows[] = {
		{"", NULL},
		{" ", NULL},
		{"(Tue, 1 Jul 2003 10:52:37 +0200)", NULL},
		{GOOD " (open", NULL},
		{GOOD " Wed", NULL},
		{GOOD "\"", NULL},
		{"Tue 1 Jul 2003 10:52:37 +0200", NULL},
		{"Tuesday, 1 Jul 2003 10:52:37 +0200", NULL},
		{"Di, 1 Jul 2003 10:52:37 +0200", NULL},
		{", 1 Jul 2003 10:52:37 +0200", NULL},
		{"mar.,  7 Aug. 2018 10:55:41 +0200 (CEST)", NULL},
		{"Mar, 01 juil. 2025 10:00:00 +0200", NULL},
		{"Tue, 1 July 2003 10:52:37 +0200", NULL},
		/* days that do not exist */
		{"Tue, 31 Jun 2003 10:52:37 +0200", NULL},
		{"0 Jul 2003 10:52:37 +0200", NULL},
		{"29 Feb 2003 10:52:37 +0200", NULL},
		{"29 Feb 1900 10:52:37 +0200", NULL},
		{"001 Jul 2003 10:52:37 +0200", NULL},
		/* years */
		{"1 Jul 3 10:52:37 +0200", NULL},
		{"1 Jul 1899 10:52:37 +0200", NULL},
		{"1 Jul 0103 10:52:37 +0200", NULL},
		{"1 Jul 12003 10:52:37 +0200", NULL},
		{"1 Jul 99999999999999999999 10:52:37 +0200", NULL},
		/* times */
		{"1 Jul 2003 24:00:00 +0200", NULL},
		{"1 Jul 2003 10:60:37 +0200", NULL},
		{"1 Jul 2003 10:52:61 +0200", NULL},
		{"1 Jul 2003 9:52:37 +0200", NULL},
		{"1 Jul 2003 10.52.37 +0200", NULL},
		{"1 Jul 2003 10:52:37.5 +0200", NULL},
		{"1 Jul 2003 +0200", NULL},
		/* zones */
		{"1 Jul 2003 10:52:37", NULL},
		{"1 Jul 2003 10:52:37+0200", NULL},
		{"1 Jul 2003 10:52:37 +02:00", NULL},
		{"1 Jul 2003 10:52:37 +02", NULL},
		{"1 Jul 2003 10:52:37 +00200", NULL},
		{"1 Jul 2003 10:52:37 +0260", NULL},
		{"1 Jul 2003 10:52:37 +9960", NULL},
		{"1 Jul 2003 10:52:37 GMT+2", NULL},
		{"1 Jul 2003 10:52:37 J", NULL},
		{"1 Jul 2003 10:52:37 PM", NULL},
		{"1 Jul 2003 10:52:37 LONDON", NULL},
		{"1 Jul 2003 10:52:37 +0200 CEST", NULL},
		/* other forms */
		{"2003-07-01T10:52:37Z", NULL},
		{"Tue Jul  1 10:52:37 2003", NULL},
		{"=?utf-8?q?Tue=2C_22_Jan_2019_12=3A56=3A02_+0000?=", NULL},
	};

	check_rows (rows, G_N_ELEMENTS (rows), read_strict);
	g_assert_false (read_strict (mm_bytes (GOOD "\0", sizeof GOOD), NULL));
}

static void
test_weekday (void)
{
	static const struct {
		const char *value;
		gboolean wrong;
	} rows[] = {
		{GOOD, FALSE},
		{"Wed, 1 Jul 2003 10:52:37 +0200", TRUE},
		{"1 Jul 2003 10:52:37 +0200", FALSE},
		{"Thu, 1 Jan 1970 00:00:00 +0000", FALSE},
		{"Sun, 31 Dec 1899 00:00:00 +0000", TRUE}, /* invalid: left as it was */
	};
	gboolean wrong = FALSE;

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		mm_grammar_date (mm_bytes_str (rows[i].value), NULL, &wrong);
		g_test_message ("value: %s", rows[i].value);
		g_assert_cmpint (wrong, ==, rows[i].wrong);
		wrong = TRUE;
	}
}

static void
test_rebuild (void)
{
	static const Row rows[] = {
		/* ISO 8601 */
		{"2003-07-01T10:52:37+02:00", GOOD},
		{"2003-07-01t10:52:37+0200", GOOD},
		{"2003-07-01 10:52:37 +0200", GOOD},
		{"2003-07-01 10:52:37+02", GOOD},
		{" 2003-07-01T10:52:37.123456789+02:00 (now)", GOOD},
		{"2003-07-01 10:52:37,123 +0200", GOOD},
		{"2003-07-01T10:52:37Z", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"20030701T105237Z", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"20030701T1052+0200", "Tue, 1 Jul 2003 10:52:00 +0200"},
		{"2003070T105237Z", NULL},
		{"20030701T10523Z", NULL},
		{"20031301T105237Z", NULL},
		{"Tue, 1 Jul 2003 2:52:37 +0200", "Tue, 1 Jul 2003 02:52:37 +0200"},
		{"2003-07-01 10:52:37 UTC", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"2003-07-01T10:52-05:30", "Tue, 1 Jul 2003 10:52:00 -0530"},
		{"2003-07-01T10:52:37-00:00", "Tue, 1 Jul 2003 10:52:37 -0000"},
		{"2003-07-01T10:52:37", "Tue, 1 Jul 2003 10:52:37 -0000"},
		{"2003-12-31T24:00:00Z", "Thu, 1 Jan 2004 00:00:00 +0000"},
		/* Go */
		{"2003-07-01 10:52:37.123456 +0200 CEST", GOOD},
		{"2003-07-01 10:52:37.123456 +0200 CEST m=+0.012345", GOOD},
		{"2003-07-01 10:52:37 +0200 +02 m=-1.5", GOOD},
		{"2003-07-01 10:52:37 +0000 UTC", "Tue, 1 Jul 2003 10:52:37 +0000"},
		/* nearly RFC 5322 */
		{"Tue, 1 Jul 2003 10:52:37 +02:00", GOOD},
		{"Tue, 1 Jul 2003 10:52:37+0200", GOOD},
		{"Tue 1 Jul 2003 10:52:37 +0200", GOOD},
		{"Tuesday, 1 July 2003 10:52:37 +0200", GOOD},
		{"TUESDAY, 01 JULY 2003 10:52:37 +0200", GOOD},
		{"1 July 2003 10:52:37 +0200 (CEST)", GOOD},
		{"Tue, 1 Jul 2003 10:52:37 +0200 CEST", GOOD},
		{"Tue, 1 Jul 2003 10:52:37", "Tue, 1 Jul 2003 10:52:37 -0000"},
		{"Tue, 1 Jul 2003 24:00:00 +0200", "Wed, 2 Jul 2003 00:00:00 +0200"},
		{"Tue, 1 Jul 2003 24:00 +0200", "Wed, 2 Jul 2003 00:00:00 +0200"},
		{"28 Feb 2004 24:00 GMT", "Sun, 29 Feb 2004 00:00:00 +0000"},
		/* asctime, date(1), git, Twitter */
		{"Tue Jul  1 10:52:37 2003", "Tue, 1 Jul 2003 10:52:37 -0000"},
		{"Tue Jul 01 10:52:37 UTC 2003", "Tue, 1 Jul 2003 10:52:37 +0000"},
		{"Tue Jul  1 10:52:37 EDT 2003", "Tue, 1 Jul 2003 10:52:37 -0400"},
		{"Tue Jul 1 10:52:37 +0200 2003", GOOD},
		{"Tue Jul 1 10:52:37 2003 +0200", GOOD},
		{"Tuesday July 1 10:52:37 2003 +0200", GOOD},
	};

	check_rows (rows, G_N_ELEMENTS (rows), mm_grammar_date_rebuild);
}

static void
test_rebuild_uncertain (void)
{
	static const Row rows[] = {
		{"", NULL},
		{"yesterday", NULL},
		{"1056999157", NULL},
		{"2003-07-01", NULL},
		{"2003-13-01T10:52:37Z", NULL},
		{"2003-02-29T10:52:37Z", NULL},
		{"2003-7-1T10:52:37Z", NULL},
		{"03-07-01T10:52:37Z", NULL},
		{"2003-07-01T10:52:37 CEST", NULL},
		{"2003-07-01T10:52:37 +0200 EST", NULL},
		{"2003-07-01T10:52:37 +0200 +03", NULL},
		{"2003-07-01T10:52:37 +0200 +2", NULL},
		{"2003-07-01T10:52:37 +0200 PM", NULL},
		{"2003-07-01T10:52:37 +0200 CEST x", NULL},
		{"2003-07-01T10:52:37 +0200 m=x", NULL},
		{"2003-07-01T10:52:37.", NULL},
		{"2003-07-01T10:52.5Z", NULL},
		{"2003-07-01T24:00:01Z", NULL},
		{"2003-07-01T24:01Z", NULL},
		{"2003-07-01T25:00Z", NULL},
		{"9999-12-31T24:00Z", NULL},
		{"1899-12-31T10:00Z", NULL},
		{"01/07/2003 10:52:37", NULL},
		{"22/01/2019 12:56", NULL},
		{"01.07.2003 10:52:37 +0200", NULL},
		{"Tue, 1 Jul 2003 10.52.37 +0200", NULL},
		{"Tue, 1 Jul 2003 10:52:37 AM", NULL},
		{"Tue, 1 Jul 2003 10:52:37 PM +0200", NULL},
		{"Tue, 1 Jul 2003 10:52:37 CEST", NULL},
		{"Tue, 1 Jul 2003 10:52:37 GMT+2", NULL},
		{"Tue, 1 Jul 2003 10:52:37 GMT+02:00", NULL},
		{"Tue, 1 Jul 2003 10:52:37 +02", NULL},
		{"Tue, 1 Jul 2003 10:52:37 +02:0", NULL},
		{"Tue, 1 Jul 2003 10:52:37 +02:60", NULL},
		{"Wed, 1 Jul 2003 10:52:37 +02:00", NULL},
		{"Wednesday, 1 July 2003 10:52:37 +0200", NULL},
		{"Wed, 1 Jul 2003 24:00:00 +0200", NULL},
		{"Wed Jul  1 10:52:37 2003", NULL},
		{"Jul  1 10:52:37 2003", NULL},
		{"July 1, 2003 10:52:37 +0200", NULL},
		{"Tue Jul  1 10:52:37 CEST 2003", NULL},
		{"Tue Jul  1 10:52:37 UTC 2003 +0200", NULL},
		{"Tue Jul  1 10:52:37 03", NULL},
		{"Tue Jul  1 10:52:37 +02 2003", NULL},
		{"Tue Jul 01 2003 10:52:37 GMT+0200 (CEST)", NULL},
		{"Mar, 01 juil. 2025 10:00:00 +0200", NULL},
		{"Mar 01 Jul 2025 10:00:00 +0200", NULL},
		{"Di, 1 Juli 2003 10:52:37 +0200", NULL},
		{"mar.,  7 Aug. 2018 10:55:41 +0200 (CEST)", NULL},
		{"Tue, 31 June 2003 10:52:37 +0200", NULL},
		{"Tue, 1 July 2003 10:52:37 +0200 (open", NULL},
	};

	check_rows (rows, G_N_ELEMENTS (rows), mm_grammar_date_rebuild);
}

static void
test_from_unix (void)
{
	static const struct {
		gint64 seconds;
		int zone;
		const char *want;
	} rows[] = {
		{0, 0, "Thu, 1 Jan 1970 00:00:00 +0000"},
		{-1, 0, "Wed, 31 Dec 1969 23:59:59 +0000"},
		{1057049557, 120, GOOD},
		{1057049557, -570, "Mon, 30 Jun 2003 23:22:37 -0930"},
		{951782400, 0, "Tue, 29 Feb 2000 00:00:00 +0000"},
		{G_MAXINT64, 840, "Fri, 31 Dec 9999 23:59:59 +1400"},
		{G_MININT64, -840, "Mon, 1 Jan 1900 00:00:00 -1400"},
		{0, G_MAXINT, "Mon, 5 Jan 1970 03:59:00 +9959"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		MmDate date;
		g_autofree char *text = NULL;

		mm_date_from_unix (rows[i].seconds, rows[i].zone, &date);
		text = mm_date_format (&date);
		g_assert_cmpstr (text, ==, rows[i].want);
	}
}

/* What is written is read again as the same, strictly and with the right weekday. */
static void
test_round_trip (void)
{
	for (gint64 day = -25000; day < 2000000; day += 997) {
		MmDate date, again;
		gboolean wrong = TRUE;
		g_autofree char *text = NULL;
		g_autofree char *text_again = NULL;

		mm_date_from_unix (day * 86399, (int)(day % 1439), &date);
		text = mm_date_format (&date);
		g_assert_true (mm_grammar_date (mm_bytes_str (text), &again, &wrong));
		g_assert_false (wrong);
		text_again = mm_date_format (&again);
		g_assert_cmpstr (text, ==, text_again);
	}
}

/* Whatever can be read can be written, and what is written is valid. */
static void
check_octets (MmBytes value)
{
	static const Reader readers[] = {read_strict, mm_grammar_date_rebuild};

	for (gsize i = 0; i < G_N_ELEMENTS (readers); i++) {
		MmDate date;
		g_autofree char *text = NULL;

		if (!readers[i](value, &date))
			continue;
		text = mm_date_format (&date);
		g_assert_nonnull (text);
		g_assert_true (mm_grammar_date (mm_bytes_str (text), NULL, NULL));
	}
}

static void
test_every_octet (void)
{
	static const char *const values[] = {
		"Tue, 29 Feb 2000 (c) 10:52:37 +0200 (CEST)",
		"2003-12-31 24:00:00.0 +0200 CEST m=+0.1",
		"Tuesday July 1 10:52:37 EDT 2003",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
		gsize len = strlen (values[i]);

		for (gsize end = 0; end <= len; end++) {
			g_autofree char *copy = g_memdup2 (values[i], MAX (end, 1));

			check_octets (mm_bytes (copy, end));
			for (guint c = 0; end > 0 && c < 256; c++) {
				g_autofree char *changed = g_memdup2 (values[i], len);

				changed[end - 1] = (char)c;
				check_octets (mm_bytes (changed, len));
			}
		}
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/grammar-date/strict-valid", test_strict_valid);
	g_test_add_func ("/grammar-date/strict-invalid", test_strict_invalid);
	g_test_add_func ("/grammar-date/weekday", test_weekday);
	g_test_add_func ("/grammar-date/rebuild", test_rebuild);
	g_test_add_func ("/grammar-date/rebuild-uncertain", test_rebuild_uncertain);
	g_test_add_func ("/grammar-date/from-unix", test_from_unix);
	g_test_add_func ("/grammar-date/round-trip", test_round_trip);
	g_test_add_func ("/grammar-date/every-octet", test_every_octet);
	return g_test_run ();
}
