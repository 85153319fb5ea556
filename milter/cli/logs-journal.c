/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-journal.c: entries of a journal.
 *
 *   export = 1*field LF
 *   field  = name "=" text LF / name LF length octets LF    ; length: 8 octets, least first
 *
 * Of JSON only strings at the top are wanted; what else is there is passed over by its brackets.
 */
#include <config.h>

#include <string.h>

#include "logs-journal.h"

/* Octets of a message that are kept: our lines are shorter. */
#define MAX_TEXT ((gsize) 64 * 1024)

typedef enum { FIELD_NONE, FIELD_MESSAGE, FIELD_IDENT, FIELD_MICROSECONDS, FIELD_STAMP } Field;

static const struct {
	const char *name;
	Field field;
} names[] = {
	{"MESSAGE", FIELD_MESSAGE},
	{"SYSLOG_IDENTIFIER", FIELD_IDENT},
	{"__REALTIME_TIMESTAMP", FIELD_MICROSECONDS},
	{"message", FIELD_MESSAGE},
	{"msg", FIELD_MESSAGE},
	{"log", FIELD_MESSAGE},
	{"@timestamp", FIELD_STAMP},
	{"timestamp", FIELD_STAMP},
	{"time", FIELD_STAMP},
};

void
mm_journal_entry_init (MmJournalEntry *entry)
{
	entry->message = g_string_new (NULL);
	entry->ident = g_string_new (NULL);
	entry->when = MM_NO_TIME;
}

void
mm_journal_entry_clear (MmJournalEntry *entry)
{
	g_string_free (entry->message, TRUE);
	g_string_free (entry->ident, TRUE);
}

static void
begin (MmJournalEntry *entry)
{
	g_string_truncate (entry->message, 0);
	g_string_truncate (entry->ident, 0);
	entry->when = MM_NO_TIME;
}

static Field
find (MmBytes name)
{
	for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
		if (mm_bytes_equal (name, mm_bytes_str (names[i].name)))
			return names[i].field;
	return FIELD_NONE;
}

static gint64
microseconds (MmBytes value)
{
	gint64 n = 0;

	if (value.len == 0 || value.len > 18)
		return MM_NO_TIME;
	for (gsize i = 0; i < value.len; i++) {
		if (!g_ascii_isdigit (value.data[i]))
			return MM_NO_TIME;
		n = n * 10 + (value.data[i] - '0');
	}
	return n / G_USEC_PER_SEC;
}

static void
keep (MmJournalEntry *entry, Field field, MmBytes value)
{
	MmLogClock clock = {.written = g_get_real_time () / G_USEC_PER_SEC};
	MmBytes text = value;

	value.len = MIN (value.len, MAX_TEXT);
	switch (field) {
	case FIELD_MESSAGE:
		g_string_truncate (entry->message, 0);
		g_string_append_len (entry->message, value.data, (gssize) value.len);
		break;
	case FIELD_IDENT:
		g_string_truncate (entry->ident, 0);
		g_string_append_len (entry->ident, value.data, (gssize) value.len);
		break;
	case FIELD_MICROSECONDS:
		entry->when = microseconds (value);
		break;
	case FIELD_STAMP:
		entry->when = mm_log_clock_read (&clock, &text);
		break;
	case FIELD_NONE:
		break;
	}
}

/* ---- export ------------------------------------------------------------------------------------ */

gboolean
mm_journal_is_export (MmBytes line)
{
	return line.len > 9 && memcmp (line.data, "__CURSOR=", 9) == 0;
}

gboolean
mm_journal_read_export (MmJournalEntry *entry, MmLines *lines, MmBytes line, GError **error)
{
	g_autoptr (GError) problem = NULL;

	begin (entry);
	do {
		gsize equals = mm_bytes_find (line, '=', 0);
		Field field = find (mm_bytes_sub (line, 0, MIN (equals, line.len)));
		MmBytes value;

		if (line.len == 0)
			return TRUE;
		if (equals < line.len)
			value = mm_bytes_sub (line, equals + 1, line.len);
		else if (!mm_lines_field (lines, &value, &problem))
			break;
		keep (entry, field, value);
	} while (mm_lines_next (lines, &line, &problem));
	if (problem == NULL)
		return TRUE;
	g_propagate_error (error, g_steal_pointer (&problem));
	return FALSE;
}

/* ---- JSON --------------------------------------------------------------------------------------- */

typedef struct {
	const char *at;
	const char *end;
	GString *text; /* the last string */
} Json;

static void
skip_blanks (Json *json)
{
	while (json->at < json->end && mm_is_space (*json->at))
		json->at++;
}

static gboolean
take (Json *json, char c)
{
	skip_blanks (json);
	if (json->at == json->end || *json->at != c)
		return FALSE;
	json->at++;
	return TRUE;
}

/* Behind "\u". Halves of surrogates stand for nothing that is wanted here. */
static gboolean
read_unicode (Json *json)
{
	gunichar c = 0;

	if (json->end - json->at < 4)
		return FALSE;
	for (guint i = 0; i < 4; i++, json->at++) {
		if (!g_ascii_isxdigit (*json->at))
			return FALSE;
		c = c * 16 + (gunichar) g_ascii_xdigit_value (*json->at);
	}
	g_string_append_unichar (json->text, c != 0 && g_unichar_validate (c) ? c : 0xfffd);
	return TRUE;
}

static gboolean
read_escape (Json *json)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char octets[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (json->at == json->end || *json->at == '\0')
		return FALSE;
	if (*json->at == 'u') {
		json->at++;
		return read_unicode (json);
	}
	found = strchr (letters, *json->at++);
	if (found == NULL)
		return FALSE;
	g_string_append_c (json->text, octets[found - letters]);
	return TRUE;
}

/* Behind the first quote. */
static gboolean
read_string (Json *json)
{
	g_string_truncate (json->text, 0);
	while (json->at < json->end && *json->at != '"') {
		const char *from = json->at;

		while (json->at < json->end && *json->at != '"' && *json->at != '\\')
			json->at++;
		if (json->text->len < MAX_TEXT)
			g_string_append_len (json->text, from, json->at - from);
		if (json->at < json->end && *json->at == '\\') {
			json->at++;
			if (!read_escape (json))
				return FALSE;
		}
	}
	if (json->at == json->end)
		return FALSE;
	json->at++;
	return TRUE;
}

/* Passes over a value that is no string: a bare word, or all within its brackets. */
static gboolean
skip_value (Json *json)
{
	guint depth = 0;

	for (; json->at < json->end; json->at++) {
		char c = *json->at;

		if (c == '"') {
			json->at++;
			if (!read_string (json))
				return FALSE;
			json->at--;
		} else if (c == '[' || c == '{') {
			depth++;
		} else if ((c == ',' || c == '}') && depth == 0) {
			return TRUE;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return FALSE;
}

static gboolean
read_member (Json *json, MmJournalEntry *entry)
{
	Field field;

	if (!take (json, '"') || !read_string (json))
		return FALSE;
	field = find (mm_bytes (json->text->str, json->text->len));
	if (!take (json, ':'))
		return FALSE;
	if (!take (json, '"'))
		return skip_value (json);
	if (!read_string (json))
		return FALSE;
	keep (entry, field, mm_bytes (json->text->str, json->text->len));
	return TRUE;
}

gboolean
mm_journal_read_json (MmJournalEntry *entry, MmBytes line)
{
	g_autoptr (GString) text = g_string_sized_new (1024);
	Json json = {line.data, mm_bytes_end (line), text};

	begin (entry);
	if (!take (&json, '{') || !read_member (&json, entry))
		return FALSE;
	while (!take (&json, '}'))
		if (!take (&json, ',') || !read_member (&json, entry))
			return FALSE;
	skip_blanks (&json);
	return json.at == json.end && entry->message->len > 0;
}
