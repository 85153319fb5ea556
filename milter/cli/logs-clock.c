/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-clock.c: reads time stamps.
 *
 *   rfc3164 = month SP day SP time                            ; "Nov  2 18:26:44", maybe a fraction
 *   iso     = YYYY-MM-DD ("T" / SP) time [fraction] [zone]
 *   full    = weekday SP YYYY-MM-DD SP time SP zone-name
 *   unix    = 9*DIGIT "." 1*DIGIT
 */
#include <config.h>

#include <string.h>
#include <time.h>

#include "logs-clock.h"

#define HOUR 3600
#define DAY (24 * HOUR)

/* A stamp may be a little later than the file says: clocks differ. */
#define SLACK DAY

/* Leap years are four years apart, around 2100 eight. */
#define MAX_YEARS_BACK 8

/* ---- digits ----------------------------------------------------------------------------------- */

/* A number of @digits digits at @at, or -1. */
static int
number (MmBytes b, gsize at, guint digits)
{
	int value = 0;

	if (at + digits > b.len)
		return -1;
	for (guint i = 0; i < digits; i++) {
		if (!g_ascii_isdigit (b.data[at + i]))
			return -1;
		value = value * 10 + (b.data[at + i] - '0');
	}
	return value;
}

static gboolean
has_char (MmBytes b, gsize at, char c)
{
	return at < b.len && b.data[at] == c;
}

/* "18:26:44" at @at. */
static gboolean
read_time (MmBytes b, gsize at, struct tm *tm)
{
	tm->tm_hour = number (b, at, 2);
	tm->tm_min = number (b, at + 3, 2);
	tm->tm_sec = number (b, at + 6, 2);
	return has_char (b, at + 2, ':') && has_char (b, at + 5, ':') && tm->tm_hour >= 0 &&
	       tm->tm_hour <= 23 && tm->tm_min >= 0 && tm->tm_min <= 59 && tm->tm_sec >= 0 &&
	       tm->tm_sec <= 60;
}

static gboolean
read_date (MmBytes b, struct tm *tm)
{
	tm->tm_year = number (b, 0, 4) - 1900;
	tm->tm_mon = number (b, 5, 2) - 1;
	tm->tm_mday = number (b, 8, 2);
	return has_char (b, 4, '-') && has_char (b, 7, '-') && tm->tm_year >= 70 &&
	       tm->tm_mon >= 0 && tm->tm_mon <= 11 && tm->tm_mday >= 1 && tm->tm_mday <= 31;
}

/* Where the fraction of a second ends that may begin at @at. */
static gsize
skip_fraction (MmBytes b, gsize at)
{
	gsize end = at + 1;

	if (!has_char (b, at, '.') && !has_char (b, at, ','))
		return at;
	while (end < b.len && g_ascii_isdigit (b.data[end]))
		end++;
	return end > at + 1 ? end : at;
}

/* ---- from a calendar to seconds ---------------------------------------------------------------- */

/* Days since 1970-01-01 in the Gregorian calendar; March is the first month of its years. */
static gint64
days_of (const struct tm *tm)
{
	gint64 month = (tm->tm_mon + 10) % 12;
	gint64 year = tm->tm_year + 1900 - (tm->tm_mon < 2 ? 1 : 0);

	return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 +
	       tm->tm_mday - 1 - 719468;
}

static gint64
seconds_of_day (const struct tm *tm)
{
	return (gint64) tm->tm_hour * HOUR + tm->tm_min * 60 + tm->tm_sec;
}

/* FALSE if there is no such day. */
static gboolean
local_seconds (const struct tm *given, gint64 *out)
{
	struct tm tm = *given;

	tm.tm_isdst = -1;
	*out = (gint64) mktime (&tm);
	return tm.tm_mday == given->tm_mday && tm.tm_mon == given->tm_mon;
}

/* mktime () is slow, so it is asked once an hour; @text begins with what names the hour. */
static gboolean
from_hour (MmLogClock *clock, MmBytes text, gsize len, const struct tm *tm, gint64 *out)
{
	if (len == 0 || strlen (clock->hour) != len || memcmp (clock->hour, text.data, len) != 0)
		return FALSE;
	*out = clock->hour_begins + tm->tm_min * 60 + tm->tm_sec;
	return TRUE;
}

static void
keep_hour (MmLogClock *clock, MmBytes text, gsize len, const struct tm *tm, gint64 when)
{
	if (len >= sizeof clock->hour)
		return;
	memcpy (clock->hour, text.data, len);
	clock->hour[len] = '\0';
	clock->hour_begins = when - tm->tm_min * 60 - tm->tm_sec;
}

/* ---- RFC 3164 ----------------------------------------------------------------------------------- */

static int
month_of (MmBytes b)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12 && b.len >= 3; i++)
		if (memcmp (names + (gsize) i * 3, b.data, 3) == 0)
			return i;
	return -1;
}

/* The latest year in which the stamp is not later than the file. */
static gboolean
guess_year (const MmLogClock *clock, struct tm *tm, gint64 *out)
{
	time_t latest = (time_t) (clock->written + SLACK);
	struct tm last;

	if (localtime_r (&latest, &last) == NULL)
		return FALSE;
	for (int back = 0; back <= MAX_YEARS_BACK; back++) {
		tm->tm_year = last.tm_year - back;
		if (local_seconds (tm, out) && *out <= clock->written + SLACK)
			return TRUE;
	}
	return FALSE;
}

static gsize
read_rfc3164 (MmLogClock *clock, MmBytes b, gint64 *out)
{
	static const gsize hour_len = sizeof "Nov  2 18" - 1;
	struct tm tm = {0};

	tm.tm_mon = month_of (b);
	tm.tm_mday = has_char (b, 4, ' ') ? number (b, 5, 1) : number (b, 4, 2);
	if (tm.tm_mon < 0 || tm.tm_mday < 1 || !has_char (b, 3, ' ') || !has_char (b, 6, ' ') ||
	    !read_time (b, 7, &tm))
		return 0;
	if (!from_hour (clock, b, hour_len, &tm, out)) {
		if (!guess_year (clock, &tm, out))
			return 0;
		keep_hour (clock, b, hour_len, &tm, *out);
	}
	return skip_fraction (b, 15);
}

/* ---- ISO 8601 ------------------------------------------------------------------------------------ */

/* "Z", "+01", "+0100", "+01:00" at @at: seconds east, and where it ends. FALSE: none. */
static gboolean
read_zone (MmBytes b, gsize *at, gint64 *out)
{
	gsize end = *at + 3;
	int hours, minutes;

	*out = 0;
	if (has_char (b, *at, 'Z')) {
		++*at;
		return TRUE;
	}
	if (!has_char (b, *at, '+') && !has_char (b, *at, '-'))
		return FALSE;
	hours = number (b, *at + 1, 2);
	if (hours < 0)
		return FALSE;
	minutes = number (b, end + (has_char (b, end, ':') ? 1 : 0), 2);
	*out = (gint64) hours * HOUR + MAX (minutes, 0) * 60;
	if (b.data[*at] == '-')
		*out = -*out;
	*at = minutes < 0 ? end : end + (has_char (b, end, ':') ? 3 : 2);
	return TRUE;
}

static gsize
read_iso (MmLogClock *clock, MmBytes b, gint64 *out)
{
	static const gsize hour_len = sizeof "2026-11-22 18" - 1;
	struct tm tm = {0};
	gsize at = 19;
	gint64 zone;

	if (!read_date (b, &tm) || (!has_char (b, 10, 'T') && !has_char (b, 10, ' ')) ||
	    !read_time (b, 11, &tm))
		return 0;
	at = skip_fraction (b, at);
	if (read_zone (b, &at, &zone)) {
		*out = days_of (&tm) * DAY + seconds_of_day (&tm) - zone;
	} else if (!from_hour (clock, b, hour_len, &tm, out)) {
		if (!local_seconds (&tm, out))
			return 0;
		keep_hour (clock, b, hour_len, &tm, *out);
	}
	return at;
}

/* ---- journalctl --------------------------------------------------------------------------------- */

static gboolean
is_upper_word (MmBytes b, gsize at, gsize *out_end)
{
	gsize end = at;

	while (end < b.len && g_ascii_isupper (b.data[end]))
		end++;
	*out_end = end;
	return end >= at + 3 && end <= at + 5;
}

/* "Sun 2026-11-22 18:26:44 UTC". Names of zones are not unique: other than UTC is the local one. */
static gsize
read_full (MmLogClock *clock, MmBytes b, gint64 *out)
{
	MmBytes rest = mm_bytes_sub (b, MIN (4, b.len), b.len);
	struct tm tm = {0};
	gsize end, after;

	if (!has_char (b, 3, ' ') || !read_date (rest, &tm))
		return 0;
	end = read_iso (clock, rest, out);
	if (end == 0)
		return 0;
	if (has_char (rest, end, ' ') && is_upper_word (rest, end + 1, &after)) {
		if (read_time (rest, 11, &tm) && mm_bytes_is (mm_bytes_sub (rest, end + 1, after), "UTC"))
			*out = days_of (&tm) * DAY + seconds_of_day (&tm);
		end = after;
	}
	return 4 + end;
}

static gsize
read_unix (MmLogClock *clock G_GNUC_UNUSED, MmBytes b, gint64 *out)
{
	gsize digits = 0;

	for (*out = 0; digits < b.len && digits < 12 && g_ascii_isdigit (b.data[digits]); digits++)
		*out = *out * 10 + (b.data[digits] - '0');
	return digits >= 9 && has_char (b, digits, '.') ? skip_fraction (b, digits) : 0;
}

gint64
mm_log_clock_read (MmLogClock *clock, MmBytes *text)
{
	static gsize (*const readers[]) (MmLogClock *clock, MmBytes b, gint64 *out) = {
		read_rfc3164, read_iso, read_full, read_unix,
	};

	for (gsize i = 0; i < G_N_ELEMENTS (readers); i++) {
		gint64 when = 0;
		gsize end = readers[i](clock, *text, &when);

		if (end == 0 || (end < text->len && text->data[end] != ' '))
			continue;
		*text = mm_bytes_sub (*text, MIN (end + 1, text->len), text->len);
		return when;
	}
	return MM_NO_TIME;
}

/* ---- what a person writes ------------------------------------------------------------------------ */

static gint64
midnight (gint64 now, int days_before)
{
	time_t t = (time_t) now;
	struct tm tm;

	if (localtime_r (&t, &tm) == NULL)
		return MM_NO_TIME;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= days_before;
	tm.tm_isdst = -1;
	return (gint64) mktime (&tm);
}

/* "7d" */
static gint64
ago (const char *word, gint64 now)
{
	static const struct {
		const char *unit;
		gint64 seconds;
	} units[] = {{"h", HOUR}, {"d", DAY}, {"w", 7 * DAY}};
	gint64 n = 0;
	gsize digits = strspn (word, "0123456789");

	for (gsize i = 0; i < MIN (digits, 6); i++)
		n = n * 10 + (word[i] - '0');
	for (gsize i = 0; digits > 0 && digits <= 6 && i < G_N_ELEMENTS (units); i++)
		if (g_str_equal (word + digits, units[i].unit))
			return now - n * units[i].seconds;
	return MM_NO_TIME;
}

gint64
mm_log_clock_word (const char *word, gint64 now)
{
	MmLogClock clock = {.written = now};
	g_autofree char *padded = NULL;
	MmBytes text;
	gint64 when;

	if (g_str_equal (word, "now"))
		return now;
	if (g_str_equal (word, "today") || g_str_equal (word, "yesterday"))
		return midnight (now, *word == 'y' ? 1 : 0);
	if (strlen (word) == strlen ("2026-11-22"))
		padded = g_strconcat (word, " 00:00:00", NULL);
	else if (strlen (word) == strlen ("2026-11-22 18:00"))
		padded = g_strconcat (word, ":00", NULL);
	text = mm_bytes_str (padded != NULL ? padded : word);
	when = read_iso (&clock, text, &when) == text.len ? mm_log_clock_read (&clock, &text)
	                                                  : MM_NO_TIME;
	return when != MM_NO_TIME ? when : ago (word, now);
}

char *
mm_log_clock_text (gint64 when)
{
	g_autoptr (GDateTime) time =
	        when != MM_NO_TIME ? g_date_time_new_from_unix_local (when) : NULL;

	return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M") : g_strdup ("-");
}

char *
mm_log_clock_iso (gint64 when)
{
	g_autoptr (GDateTime) time =
	        when != MM_NO_TIME ? g_date_time_new_from_unix_local (when) : NULL;

	return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%S%:z") : NULL;
}
