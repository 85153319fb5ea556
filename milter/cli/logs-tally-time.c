/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-tally-time.c: what happened when. Hours are counted; a day is a day of the local time.
 */
#include <config.h>

#include "logs-tally-private.h"

#define HOUR ((gint64) 3600)
#define DAY (24 * HOUR)

/* Hours that are told apart, four years: stamps can be written by anyone. */
#define MAX_HOURS 40000
#define MAX_LABEL_HOURS 500000

/* Spans of a series at most, or one more. */
#define MAX_SPANS 100

/* Spans of a series at least: the first ones are empty then. */
#define MIN_SPANS 16

static MmTallyHour *
find_hour (MmTally *tally, gint64 hour)
{
	MmTallyHour *found;

	if (tally->hour != NULL && tally->hour->hour == hour)
		return tally->hour;
	found = g_hash_table_lookup (tally->hours, &hour);
	if (found == NULL && g_hash_table_size (tally->hours) < MAX_HOURS) {
		found = g_new0 (MmTallyHour, 1);
		found->hour = hour;
		g_hash_table_insert (tally->hours, &found->hour, found);
	}
	if (found != NULL)
		tally->hour = found;
	return found;
}

static gint64
floor_to (gint64 when, gint64 step)
{
	return (when >= 0 ? when / step : -((step - 1 - when) / step)) * step;
}

void
mm_tally_time_add (MmTally *tally, const MmTallyMessage *message)
{
	gint64 number = floor_to (message->when, HOUR) / HOUR;
	MmTallyHour *hour = find_hour (tally, number);

	if (hour == NULL)
		return;
	hour->outcomes[message->outcome]++;
	for (guint i = 0; i < message->n_labels; i++) {
		gpointer key = (gpointer) (guintptr) (number * MM_TALLY_LABELS + message->labels[i]);
		gpointer count = g_hash_table_lookup (tally->label_hours, key);

		if (count == NULL && g_hash_table_size (tally->label_hours) >= MAX_LABEL_HOURS)
			continue;
		g_hash_table_insert (tally->label_hours, key,
		                     GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
	}
}

/* ---- spans ---------------------------------------------------------------------------------------------- */

static gint64
choose_step (gint64 length)
{
	static const gint64 steps[] = {HOUR, DAY, 7 * DAY, 28 * DAY};
	gint64 step = steps[G_N_ELEMENTS (steps) - 1];

	for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
		if (length / steps[i] < MAX_SPANS)
			return steps[i];
	while (length / step >= MAX_SPANS)
		step *= 2;
	return step;
}

/* Seconds east of Greenwich. */
static gint64
offset_at (gint64 when)
{
	g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (when);

	return time != NULL ? g_date_time_get_utc_offset (time) / G_TIME_SPAN_SECOND : 0;
}

/* The beginning, in seconds of a clock on the wall, of the span that @when lies in. Weeks begin on
 * Monday: 1970-01-01 was a Thursday. */
static gint64
span_of (gint64 when, gint64 step)
{
	gint64 shift = step >= 7 * DAY ? 3 * DAY : 0;

	return floor_to (when + offset_at (when) + shift, step) - shift;
}

static MmTallySpan *
span_at (GArray *spans, gint64 hour, gint64 from, gint64 step)
{
	gint64 at = (span_of (hour * HOUR, step) - from) / step;

	return at >= 0 && at < (gint64) spans->len ? &g_array_index (spans, MmTallySpan, at) : NULL;
}

static void
add_hours (const MmTally *tally, GArray *spans, gint64 from, gint64 step)
{
	GHashTableIter iter;
	gpointer key, data;

	g_hash_table_iter_init (&iter, tally->hours);
	while (g_hash_table_iter_next (&iter, NULL, &data)) {
		const MmTallyHour *hour = data;
		MmTallySpan *span = span_at (spans, hour->hour, from, step);

		for (guint i = 0; span != NULL && i < MM_N_OUTCOMES; i++)
			span->outcomes[i] += hour->outcomes[i];
	}
	g_hash_table_iter_init (&iter, tally->label_hours);
	while (g_hash_table_iter_next (&iter, &key, &data)) {
		gint64 number = (gint64) (guintptr) key;
		gint64 hour = floor_to (number, MM_TALLY_LABELS) / MM_TALLY_LABELS;
		MmTallySpan *span = span_at (spans, hour, from, step);

		if (span != NULL)
			span->labels[number - hour * MM_TALLY_LABELS] += GPOINTER_TO_UINT (data);
	}
}

GArray *
mm_tally_spans (const MmTally *tally, gint64 *out_step)
{
	GArray *spans = g_array_new (FALSE, TRUE, sizeof (MmTallySpan));
	gint64 from, to, step;

	*out_step = HOUR;
	if (tally->begins == MM_NO_TIME)
		return spans;
	step = choose_step (tally->ends - tally->begins);
	to = span_of (tally->ends, step);
	from = MIN (span_of (tally->begins, step), to - (MIN_SPANS - 1) * step);
	g_array_set_size (spans, (guint) ((to - from) / step) + 1);
	for (guint i = 0; i < spans->len; i++)
		g_array_index (spans, MmTallySpan, i).begins = from + i * step;
	add_hours (tally, spans, from, step);
	*out_step = step;
	return spans;
}
