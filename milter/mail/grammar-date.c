/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-date.c: the date-time of RFC 5322, read strictly and written.
 *
 * Strict reading is what keeps the usual misreadings out: a zone that is not understood taken for
 * UTC, a French weekday taken for March, dots between the digits taken for midnight. Calendar
 * arithmetic is GDate's, which is proleptic Gregorian and needs no locale and no time zone data.
 *
 * RFC 5322 3.3, with the CFWS of the obsolete forms of 4.3:
 *     date-time = [CFWS] [ day-name [CFWS] "," ] date time [CFWS]
 *     date      = [CFWS] 1*2DIGIT [CFWS] month [CFWS] 2*4DIGIT [CFWS]
 *     time      = 2DIGIT [CFWS] ":" [CFWS] 2DIGIT [ [CFWS] ":" [CFWS] 2DIGIT ] zone
 *     zone      = (CFWS ( "+" / "-" ) 4DIGIT) / ([CFWS] 1*ALPHA)
 */
#include "grammar-private.h"

#define MIN_YEAR 1900
#define MAX_YEAR 9999
#define EPOCH_JULIAN 719163 /* GDate's number of 1970-01-01 */
#define DAY_SECONDS (24 * 60 * 60)
#define MIN_SECONDS G_GINT64_CONSTANT (-2208988800)  /* 1900-01-01 00:00:00 */
#define MAX_SECONDS G_GINT64_CONSTANT (253402300799) /* 9999-12-31 23:59:59 */
#define MAX_ZONE (99 * 60 + 59)

/* English names, the first three letters being the short form. */
static const char *const months[] = {
	"January", "February", "March",	    "April",   "May",	   "June",
	"July",	   "August",   "September", "October", "November", "December",
};
static const char *const weekdays[] = {
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
};

/* RFC 5322 4.3. The military letters are not here: RFC 822 had their signs wrong, so they say
 * nothing, but for Z, which has no sign. UTC is what RFC 822 forgot. */
static const struct {
	const char *name;
	int hours;
} zones[] = {
	{"UT", 0},   {"UTC", 0},  {"GMT", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4},
	{"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7},
};

/* ---- the cursor -------------------------------------------------------------------------- */

gboolean
mm_cursor_cfws (MmCursor *s)
{
	return mm_grammar_skip_cfws (s->in, &s->pos);
}

gboolean
mm_cursor_at_end (const MmCursor *s)
{
	return s->pos >= s->in.len;
}

char
mm_cursor_peek (const MmCursor *s)
{
	return mm_cursor_at_end (s) ? '\0' : s->in.data[s->pos];
}

gboolean
mm_cursor_take (MmCursor *s, char c)
{
	if (mm_cursor_at_end (s) || s->in.data[s->pos] != c)
		return FALSE;
	s->pos++;
	return TRUE;
}

guint
mm_cursor_number (MmCursor *s, guint max, int *out)
{
	gsize pos = s->pos;
	int number = 0;

	for (; pos < s->in.len && g_ascii_isdigit (s->in.data[pos]); pos++) {
		if (pos - s->pos >= max)
			return 0;
		number = number * 10 + (s->in.data[pos] - '0');
	}
	max = (guint)(pos - s->pos);
	if (max > 0)
		*out = number;
	s->pos = pos;
	return max;
}

MmBytes
mm_cursor_word (MmCursor *s)
{
	gsize from = s->pos;

	while (!mm_cursor_at_end (s) && g_ascii_isalpha (s->in.data[s->pos]))
		s->pos++;
	return mm_bytes_sub (s->in, from, s->pos);
}

/* ---- names ------------------------------------------------------------------------------- */

static int
find_name (MmBytes word, const char *const *table, gsize n, MmNames names)
{
	for (gsize i = 0; i < n; i++) {
		if (mm_bytes_equal_nocase (word, mm_bytes (table[i], 3)) ||
		    (names == MM_NAMES_ALL && mm_bytes_is (word, table[i])))
			return (int)i + 1;
	}
	return 0;
}

int
mm_date_month (MmBytes word, MmNames names)
{
	return find_name (word, months, G_N_ELEMENTS (months), names);
}

int
mm_date_weekday (MmBytes word, MmNames names)
{
	return find_name (word, weekdays, G_N_ELEMENTS (weekdays), names);
}

gboolean
mm_date_named_zone (MmBytes word, int *out)
{
	for (gsize i = 0; i < G_N_ELEMENTS (zones); i++) {
		if (mm_bytes_is (word, zones[i].name)) {
			*out = zones[i].hours * 60;
			return TRUE;
		}
	}
	return FALSE;
}

/* ---- parts of a date --------------------------------------------------------------------- */

/* RFC 5322 4.3: 00-49 are 2000-2049, 50-99 are 1950-1999, three digits count from 1900. */
gboolean
mm_date_take_year (MmCursor *s, MmDate *out)
{
	guint digits = mm_cursor_number (s, 4, &out->year);

	if (digits == 3 || (digits == 2 && out->year >= 50))
		out->year += 1900;
	else if (digits == 2)
		out->year += 2000;
	return digits >= 2;
}

guint
mm_date_take_clock (MmCursor *s, guint hour_digits, MmDate *out)
{
	if (mm_cursor_number (s, 2, &out->hour) < hour_digits || !mm_cursor_cfws (s) ||
	    !mm_cursor_take (s, ':') || !mm_cursor_cfws (s) ||
	    mm_cursor_number (s, 2, &out->minute) != 2)
		return 0;
	out->second = 0;
	if (!mm_cursor_cfws (s))
		return 0;
	if (!mm_cursor_take (s, ':'))
		return 2;
	return mm_cursor_cfws (s) && mm_cursor_number (s, 2, &out->second) == 2 ? 3 : 0;
}

gboolean
mm_date_set_zone (MmDate *date, char sign, int hours, int minutes)
{
	if (hours > 99 || minutes > 59)
		return FALSE;
	date->zone = hours * 60 + minutes;
	date->zone_unknown = sign == '-' && date->zone == 0;
	if (sign == '-')
		date->zone = -date->zone;
	return TRUE;
}

gboolean
mm_date_is_real (const MmDate *date)
{
	return date->year >= MIN_YEAR && date->year <= MAX_YEAR && date->month >= 1 &&
	       date->month <= 12 && date->day >= 1 &&
	       date->day <= g_date_get_days_in_month (date->month, (GDateYear)date->year) &&
	       date->hour >= 0 && date->hour <= 23 && date->minute >= 0 && date->minute <= 59 &&
	       date->second >= 0 && date->second <= 60 && ABS (date->zone) <= MAX_ZONE;
}

int
mm_date_get_weekday (const MmDate *date)
{
	GDate day;

	g_date_clear (&day, 1);
	g_date_set_dmy (&day, (GDateDay)date->day, date->month, (GDateYear)date->year);
	return g_date_get_weekday (&day);
}

/* ---- the strict grammar ------------------------------------------------------------------ */

/* Zones that RFC 5322 does not name: "usually between 3 and 5" letters, which keeps AM and PM out,
 * or one military letter. */
static gboolean
is_unknown_zone (MmBytes word)
{
	return (word.len >= 3 && word.len <= 5) || (word.len == 1 && !mm_bytes_is (word, "J"));
}

static gboolean
take_zone (MmCursor *s, MmDate *out)
{
	char sign = mm_cursor_peek (s);
	gboolean apart = s->pos > 0 && !g_ascii_isdigit (s->in.data[s->pos - 1]);
	int number = 0;
	MmBytes word;

	if (sign == '+' || sign == '-') {
		s->pos++;
		return apart && mm_cursor_number (s, 4, &number) == 4 &&
		       mm_date_set_zone (out, sign, number / 100, number % 100);
	}
	word = mm_cursor_word (s);
	if (mm_date_named_zone (word, &out->zone))
		return TRUE;
	out->zone_unknown = is_unknown_zone (word);
	return out->zone_unknown;
}

/* The weekday with its comma: 1-7, 0 when there is none, -1 when there is something else. */
static int
take_weekday (MmCursor *s)
{
	MmBytes word = mm_cursor_word (s);
	int weekday = mm_date_weekday (word, MM_NAMES_SHORT);

	if (word.len == 0)
		return 0;
	return weekday > 0 && mm_cursor_cfws (s) && mm_cursor_take (s, ',') ? weekday : -1;
}

static gboolean
take_day (MmCursor *s, MmDate *out)
{
	if (!mm_cursor_cfws (s) || mm_cursor_number (s, 2, &out->day) == 0 ||
	    !mm_cursor_cfws (s))
		return FALSE;
	out->month = mm_date_month (mm_cursor_word (s), MM_NAMES_SHORT);
	return out->month > 0 && mm_cursor_cfws (s) && mm_date_take_year (s, out);
}

gboolean
mm_grammar_date (MmBytes value, MmDate *out, gboolean *out_wrong_weekday)
{
	MmCursor s = {value, 0};
	MmDate date = {0};
	int weekday;

	if (!mm_cursor_cfws (&s))
		return FALSE;
	weekday = take_weekday (&s);
	if (weekday < 0 || !take_day (&s, &date) || !mm_cursor_cfws (&s) ||
	    mm_date_take_clock (&s, 2, &date) == 0 || !mm_cursor_cfws (&s) ||
	    !take_zone (&s, &date) || !mm_cursor_cfws (&s) || !mm_cursor_at_end (&s) ||
	    !mm_date_is_real (&date))
		return FALSE;
	if (out_wrong_weekday != NULL)
		*out_wrong_weekday = weekday > 0 && weekday != mm_date_get_weekday (&date);
	if (out != NULL)
		*out = date;
	return TRUE;
}

/* ---- writing ----------------------------------------------------------------------------- */

char *
mm_date_format (const MmDate *date)
{
	int zone;

	g_return_val_if_fail (mm_date_is_real (date), NULL);
	zone = date->zone_unknown ? 0 : ABS (date->zone);
	return g_strdup_printf ("%.3s, %d %.3s %04d %02d:%02d:%02d %c%02d%02d",
				weekdays[mm_date_get_weekday (date) - 1], date->day,
				months[date->month - 1], date->year, date->hour, date->minute,
				date->second, date->zone_unknown || date->zone < 0 ? '-' : '+',
				zone / 60, zone % 60);
}

/* Points in time that RFC 5322 can't write become the first or last that it can. */
void
mm_date_from_unix (gint64 seconds, int zone, MmDate *out)
{
	gint64 local = CLAMP (seconds, MIN_SECONDS, MAX_SECONDS);
	int rest;
	GDate day;

	zone = CLAMP (zone, -MAX_ZONE, MAX_ZONE);
	local = CLAMP (local + zone * 60, MIN_SECONDS, MAX_SECONDS) - MIN_SECONDS;
	rest = (int)(local % DAY_SECONDS);
	g_date_clear (&day, 1);
	g_date_set_julian (&day,
			   (guint32)(EPOCH_JULIAN + (local + MIN_SECONDS - rest) / DAY_SECONDS));
	*out = (MmDate){
		.year = g_date_get_year (&day),
		.month = g_date_get_month (&day),
		.day = g_date_get_day (&day),
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
		.zone = zone,
	};
}
