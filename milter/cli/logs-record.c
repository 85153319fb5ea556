/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-record.c: finds our lines in a log.
 *
 *   line   = ["<" pri ">"] ["1" SP] [stamp] *4( token SP ) ident text
 *   ident  = "mailmend-milter" ( ["[" pid "]"] ":" SP / SP procid SP msgid SP data SP )
 *
 * The second form of ident is RFC 5424's. The name is looked for where a program's name can stand, and
 * not behind the name of another: what a sender writes stands in lines of the mail server too.
 */
#include <config.h>

#include <string.h>

#include "logs-journal.h"
#include "logs-record.h"

#define IDENT "mailmend-milter"

/* Words before the name: a host, what a container's log says of the stream, or a stamp that is not
 * understood. */
#define MAX_TOKENS 5

struct _MmRecords {
	MmLines *lines;
	MmLogClock clock;
	MmJournalEntry entry;
};

MmRecords *
mm_records_new (MmLines *lines)
{
	MmRecords *records = g_new0 (MmRecords, 1);

	records->lines = lines;
	records->clock.written = mm_lines_written (lines);
	mm_journal_entry_init (&records->entry);
	return records;
}

void
mm_records_free (MmRecords *records)
{
	if (records == NULL)
		return;
	mm_journal_entry_clear (&records->entry);
	g_free (records);
}

/* ---- what stands before the text ---------------------------------------------------------------- */

static MmBytes
from (MmBytes b, gsize at)
{
	return mm_bytes_sub (b, MIN (at, b.len), b.len);
}

static gboolean
begins (MmBytes b, const char *with)
{
	gsize len = strlen (with);

	return b.len >= len && memcmp (b.data, with, len) == 0;
}

/* "<22>" and "1 " behind it. */
static MmBytes
skip_priority (MmBytes b)
{
	gsize end;

	if (!begins (b, "<"))
		return b;
	end = mm_bytes_find (b, '>', 0);
	if (end > strlen ("<191"))
		return b;
	b = from (b, end + 1);
	return begins (b, "1 ") ? from (b, 2) : b;
}

/* "[123]: " */
static gboolean
skip_pid (MmBytes *b)
{
	MmBytes rest = *b;

	if (begins (rest, "[")) {
		gsize end = 1;

		while (end < rest.len && g_ascii_isdigit (rest.data[end]))
			end++;
		rest = from (rest, end);
		if (end < 2 || !begins (rest, "]"))
			return FALSE;
		rest = from (rest, 1);
	}
	if (!begins (rest, ": "))
		return FALSE;
	*b = from (rest, 2);
	return TRUE;
}

/* Structured data of RFC 5424: "-" or elements in brackets, in whose values "]" has a backslash. */
static gboolean
skip_data (MmBytes *b)
{
	gboolean quoted = FALSE;
	gsize at = 0;

	if (begins (*b, "- ")) {
		*b = from (*b, 2);
		return TRUE;
	}
	while (at < b->len && (at > 0 || b->data[at] == '[')) {
		char c = b->data[at++];

		if (c == '\\')
			at++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ' ' && !quoted && at >= 2 && b->data[at - 2] == ']')
			break;
	}
	*b = from (*b, at);
	return at > 0;
}

/* " 123 - - ", and a byte order mark. */
static gboolean
skip_rfc5424 (MmBytes *b)
{
	MmBytes rest = *b;

	for (guint i = 0; i < 3; i++) {
		gsize end = mm_bytes_find (rest, ' ', 0);

		if (end >= rest.len || (i == 0 && end > 0))
			return FALSE;
		rest = from (rest, end + 1);
	}
	if (!skip_data (&rest))
		return FALSE;
	*b = begins (rest, "\xef\xbb\xbf") ? from (rest, 3) : rest;
	return TRUE;
}

/* The text behind our name; where standard error goes to a log daemon it stands twice. */
static gboolean
skip_ident (MmBytes *b)
{
	gboolean found = FALSE;

	while (begins (*b, IDENT)) {
		MmBytes rest = from (*b, strlen (IDENT));

		if (!skip_pid (&rest) && (found || !skip_rfc5424 (&rest)))
			break;
		*b = rest;
		found = TRUE;
	}
	return found;
}

/* TRUE if the line is ours: @text is what we wrote. */
static gboolean
find_text (MmRecords *records, MmBytes line, MmBytes *out_text, gint64 *out_when)
{
	MmBytes rest = skip_priority (line);

	*out_when = mm_log_clock_read (&records->clock, &rest);
	/* "[   12.345678] ": since the machine was started, which is no time of day */
	if (begins (rest, "["))
		rest = from (rest, mm_bytes_find (rest, ']', 0) + 2);
	for (guint i = 0; i < MAX_TOKENS; i++) {
		gsize end;

		if (skip_ident (&rest)) {
			*out_text = rest;
			return TRUE;
		}
		end = mm_bytes_find (rest, ' ', 0);
		/* the name of another program */
		if (end == 0 || end >= rest.len || rest.data[end - 1] == ':')
			return FALSE;
		rest = from (rest, end + 1);
	}
	return FALSE;
}

/* ---- what it is ---------------------------------------------------------------------------------- */

static gboolean
is_like_message (MmBytes text)
{
	gsize colon = mm_bytes_find (text, ':', 0);

	return begins (from (text, colon + 1), " action=") || begins (text, "{\"id\"");
}

/* A line of a message that does not read is told from other lines by how it begins. */
static MmRecordKind
judge_text (MmLogline *line, MmBytes text)
{
	text = mm_bytes_trim (text);
	if (mm_logline_read (line, text))
		return line->values[MM_LINE_US] != NULL ? MM_RECORD_MESSAGE : MM_RECORD_DAMAGED;
	return is_like_message (text) ? MM_RECORD_DAMAGED : MM_RECORD_OTHER;
}

/* An entry of a journal is ours by its name, or by that in its text. */
static MmRecordKind
judge_entry (MmRecords *records, MmLogline *line, gint64 *out_when)
{
	const MmJournalEntry *entry = &records->entry;
	MmBytes text = mm_bytes (entry->message->str, entry->message->len);
	gboolean ours = g_str_equal (entry->ident->str, IDENT);

	*out_when = entry->when;
	if (skip_ident (&text))
		ours = TRUE;
	else if (!ours && entry->ident->len == 0)
		return mm_logline_read (line, mm_bytes_trim (text)) ? judge_text (line, text)
		                                                    : MM_RECORD_FOREIGN;
	return ours ? judge_text (line, text) : MM_RECORD_FOREIGN;
}

/* A line that is an object is our own, without anything before it, or one of another logger. */
static MmRecordKind
judge_json (MmRecords *records, MmLogline *line, MmBytes text, gint64 *out_when)
{
	*out_when = MM_NO_TIME;
	if (begins (text, "{\"id\""))
		return judge_text (line, text);
	return mm_journal_read_json (&records->entry, text) ? judge_entry (records, line, out_when)
	                                                    : MM_RECORD_FOREIGN;
}

gboolean
mm_records_next (MmRecords *records, MmLogline *line, MmRecordKind *out_kind, gint64 *out_when,
                 GError **error)
{
	MmBytes text, own;

	if (!mm_lines_next (records->lines, &text, error))
		return FALSE;
	*out_when = MM_NO_TIME;
	if (begins (text, "{")) {
		*out_kind = judge_json (records, line, text, out_when);
	} else if (mm_journal_is_export (text)) {
		if (!mm_journal_read_export (&records->entry, records->lines, text, error))
			return FALSE;
		*out_kind = judge_entry (records, line, out_when);
	} else if (find_text (records, text, &own, out_when)) {
		*out_kind = judge_text (line, own);
	} else {
		/* journalctl -o cat */
		*out_kind = *out_when == MM_NO_TIME && is_like_message (text)
		                    ? judge_text (line, text)
		                    : MM_RECORD_FOREIGN;
	}
	return TRUE;
}
