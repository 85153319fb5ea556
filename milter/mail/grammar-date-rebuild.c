/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-date-rebuild.c: dates that are not standard but can be read in one way only.
 *
 * Three forms, all with four things that must be certain: which number is the day, which the month
 * and which the year, and the offset from UTC. So no form has a numeric month unless the year
 * comes first, no zone name counts but those of RFC 5322, and a weekday that the date does not
 * have refutes the reading. A missing zone is no guess: RFC 5322 writes it as -0000.
 *
 *     iso     = 4DIGIT "-" 2DIGIT "-" 2DIGIT ("T" / CFWS) clock [zone]      ; ISO 8601, RFC 3339
 *     named   = [weekday [","]] 1*2DIGIT month 2*4DIGIT clock [zone]        ; nearly RFC 5322
 *     asctime = weekday [","] month 1*2DIGIT clock [zone] 4DIGIT [zone]     ; at most one zone
 *     clock   = 2DIGIT ":" 2DIGIT [ ":" 2DIGIT [ ("." / ",") 1*DIGIT ] ]
 *     zone    = name / ("+" / "-") 2DIGIT [":"] 2DIGIT [zone-again]
 */
#include "grammar-private.h"

typedef struct {
	MmCursor s;
	MmDate date;
	int weekday;   /* 1-7 as it was named, 0 if none was */
	gboolean zone; /* one was given */
} Reading;

/* ---- the clock --------------------------------------------------------------------------- */

static gboolean
skip_digits (MmCursor *s)
{
	gsize from = s->pos;

	while (g_ascii_isdigit (mm_cursor_peek (s)))
		s->pos++;
	return s->pos > from;
}

/* A fraction of a second is dropped: a Date has no place for it. */
static gboolean
take_clock (Reading *r)
{
	guint fields;

	if (!mm_cursor_cfws (&r->s))
		return FALSE;
	fields = mm_date_take_clock (&r->s, 1, &r->date);
	if (fields == 3 && (mm_cursor_take (&r->s, '.') || mm_cursor_take (&r->s, ',')))
		return skip_digits (&r->s);
	return fields > 0;
}

/* ---- the zone ---------------------------------------------------------------------------- */

/* "+0200", "+02:00"; with @hours (ISO 8601) also "+02". */
static gboolean
take_offset (MmCursor *s, gboolean hours, MmDate *out)
{
	char sign = mm_cursor_peek (s);
	int number = 0, minutes = 0;
	guint digits;

	if (sign != '+' && sign != '-')
		return FALSE;
	s->pos++;
	digits = mm_cursor_number (s, 4, &number);
	if (digits == 4)
		return mm_date_set_zone (out, sign, number / 100, number % 100);
	if (digits != 2)
		return FALSE;
	if (mm_cursor_take (s, ':'))
		return mm_cursor_number (s, 2, &minutes) == 2 &&
		       mm_date_set_zone (out, sign, number, minutes);
	return hours && mm_date_set_zone (out, sign, number, 0);
}

/* Go's time.String() adds a reading of the process's own clock: "m=+0.123". */
static gboolean
take_monotonic (MmCursor *s)
{
	return mm_cursor_take (s, '=') && (mm_cursor_take (s, '+') || mm_cursor_take (s, '-')) &&
	       skip_digits (s) && mm_cursor_take (s, '.') && skip_digits (s);
}

/* What may follow a numeric zone: the name of the zone (Go writes a number where it has no name),
 * then the monotonic clock. A name that says something else refutes the number. */
static gboolean
take_zone_again (Reading *r)
{
	MmCursor *s = &r->s;
	MmDate again = r->date;
	MmBytes word;

	if (!mm_cursor_cfws (s))
		return FALSE;
	if (mm_cursor_peek (s) == '+' || mm_cursor_peek (s) == '-') {
		if (!take_offset (s, TRUE, &again) || !mm_cursor_cfws (s))
			return FALSE;
	}
	word = mm_cursor_word (s);
	if (word.len > 0 && !mm_bytes_is (word, "m")) {
		gboolean known = mm_date_named_zone (word, &again.zone);

		if (!mm_cursor_cfws (s) || (!known && (word.len < 3 || word.len > 5)))
			return FALSE;
		word = mm_cursor_word (s);
	}
	if (word.len > 0 && !(mm_bytes_is (word, "m") && take_monotonic (s)))
		return FALSE;
	return again.zone == r->date.zone;
}

/* A zone if there is one; FALSE when there is one that says nothing certain. */
static gboolean
take_zone (Reading *r, gboolean hours)
{
	char c;

	if (!mm_cursor_cfws (&r->s))
		return FALSE;
	c = mm_cursor_peek (&r->s);
	if (c == '+' || c == '-') {
		r->zone = TRUE;
		return take_offset (&r->s, hours, &r->date) && take_zone_again (r);
	}
	if (!g_ascii_isalpha (c))
		return TRUE;
	r->zone = TRUE;
	return mm_date_named_zone (mm_cursor_word (&r->s), &r->date.zone);
}

/* ---- the forms --------------------------------------------------------------------------- */

static gboolean
read_iso (Reading *r)
{
	MmCursor *s = &r->s;
	MmDate *date = &r->date;

	if (mm_cursor_number (s, 4, &date->year) != 4 || !mm_cursor_take (s, '-') ||
	    mm_cursor_number (s, 2, &date->month) != 2 || !mm_cursor_take (s, '-') ||
	    mm_cursor_number (s, 2, &date->day) != 2)
		return FALSE;
	if (!mm_cursor_take (s, 'T') && !mm_cursor_take (s, 't') &&
	    !mm_is_space (mm_cursor_peek (s)))
		return FALSE;
	return take_clock (r) && take_zone (r, TRUE);
}

/* ISO 8601 basic format: 20030701T105237Z, 20030701T1052+0200. */
static gboolean
read_iso_basic (Reading *r)
{
	MmCursor *s = &r->s;
	MmDate *date = &r->date;
	int day, clock;
	guint digits;

	if (mm_cursor_number (s, 8, &day) != 8 || !mm_cursor_take (s, 'T'))
		return FALSE;
	digits = mm_cursor_number (s, 6, &clock);
	if (digits == 4)
		clock *= 100;
	else if (digits != 6)
		return FALSE;
	date->year = day / 10000;
	date->month = day / 100 % 100;
	date->day = day % 100;
	date->hour = clock / 10000;
	date->minute = clock / 100 % 100;
	date->second = clock % 100;
	return take_zone (r, TRUE);
}

static gboolean
take_month (Reading *r)
{
	if (!mm_cursor_cfws (&r->s))
		return FALSE;
	r->date.month = mm_date_month (mm_cursor_word (&r->s), MM_NAMES_ALL);
	return r->date.month > 0;
}

static gboolean
take_day (Reading *r)
{
	return mm_cursor_cfws (&r->s) && mm_cursor_number (&r->s, 2, &r->date.day) > 0;
}

static gboolean
read_named (Reading *r)
{
	return take_day (r) && take_month (r) && mm_cursor_cfws (&r->s) &&
	       mm_date_take_year (&r->s, &r->date) && take_clock (r) && take_zone (r, FALSE);
}

static gboolean
read_asctime (Reading *r)
{
	if (!take_month (r) || !take_day (r) || !take_clock (r) || !take_zone (r, FALSE) ||
	    !mm_cursor_cfws (&r->s) || mm_cursor_number (&r->s, 4, &r->date.year) != 4)
		return FALSE;
	return r->zone || take_zone (r, FALSE);
}

static gboolean
read_form (Reading *r)
{
	MmCursor *s = &r->s;
	MmBytes word;

	if (!mm_cursor_cfws (s))
		return FALSE;
	if (mm_bytes_find (s->in, '-', s->pos) == s->pos + 4)
		return read_iso (r);
	if (mm_bytes_find (s->in, 'T', s->pos) == s->pos + 8)
		return read_iso_basic (r);
	word = mm_cursor_word (s);
	if (word.len > 0) {
		r->weekday = mm_date_weekday (word, MM_NAMES_ALL);
		if (r->weekday == 0 || !mm_cursor_cfws (s))
			return FALSE;
		mm_cursor_take (s, ',');
	}
	if (!mm_cursor_cfws (s))
		return FALSE;
	return r->weekday > 0 && g_ascii_isalpha (mm_cursor_peek (s)) ? read_asctime (r)
								       : read_named (r);
}

/* ISO 8601: 24:00 is the end of its day, which is the beginning of the next. FALSE where no day
 * follows. */
static gboolean
next_day (MmDate *date)
{
	GDate day;

	g_date_clear (&day, 1);
	g_date_set_dmy (&day, (GDateDay)date->day, date->month, (GDateYear)date->year);
	g_date_add_days (&day, 1);
	date->year = g_date_get_year (&day);
	date->month = g_date_get_month (&day);
	date->day = g_date_get_day (&day);
	return mm_date_is_real (date);
}

gboolean
mm_grammar_date_rebuild (MmBytes value, MmDate *out)
{
	Reading r = {.s = {value, 0}};
	gboolean midnight;

	if (!read_form (&r) || !mm_cursor_cfws (&r.s) || !mm_cursor_at_end (&r.s))
		return FALSE;
	midnight = r.date.hour == 24 && r.date.minute == 0 && r.date.second == 0;
	if (midnight)
		r.date.hour = 0;
	if (!mm_date_is_real (&r.date))
		return FALSE;
	if (r.weekday > 0 && r.weekday != mm_date_get_weekday (&r.date))
		return FALSE;
	if (midnight && !next_day (&r.date))
		return FALSE;
	r.date.zone_unknown |= !r.zone;
	*out = r.date;
	return TRUE;
}
