/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logline.c: one table of fields formats the line of a message; logline-read.c reads it back.
 *
 *   line    = id ":" 1*( SP key "=" value )
 *   value   = *plain / DQUOTE *( plain / SP ) DQUOTE
 *   plain   = printable ASCII but SP, DQUOTE and backslash, or octet
 *   octet   = "\x" 2HEXDIG
 *
 * or a JSON object with the same keys, id the first. There numbers are numbers and lists are arrays
 * of strings. What a JSON reader makes of a string is
 *
 *   string  = *( char / octet )
 *   char    = any but backslash and controls; those of UTF-8 among it, as "\u" 4HEXDIG in the line
 *
 * so that both forms lose no octet: what is no UTF-8, a control or a backslash is an octet.
 * Everything a sender can write is cut to a length and escaped, so that a line stays one line and
 * its keys are ours.
 */
#include <config.h>

#include <mailmend/limits.h>

#include "logline-private.h"

/* Octets of most lines. */
#define USUAL_LINE 500

struct _MmLineWriter {
	GString *out;
	gboolean json;
	gboolean blanks; /* a blank needs no escape */
};

static void
append_octets (GString *out, const char *prefix, const char *text, gsize len)
{
	for (gsize i = 0; i < len; i++)
		g_string_append_printf (out, "%sx%02x", prefix, (guchar) text[i]);
}

static void
append_unicode (GString *out, gunichar c)
{
	if (c < 0x10000) {
		g_string_append_printf (out, "\\u%04x", c);
		return;
	}
	c -= 0x10000;
	g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

/* One character, or an octet that belongs to none. How many octets it was. */
static gsize
append_char (GString *out, const char *at, gsize left)
{
	gunichar c = g_utf8_get_char_validated (at, (gssize) left);
	gboolean valid = c != (gunichar) -1 && c != (gunichar) -2 && c != 0;
	gsize len = valid ? (gsize) (g_utf8_next_char (at) - at) : 1;

	if (!valid || c == '\\' || g_unichar_iscntrl (c))
		append_octets (out, "\\\\", at, len);
	else if (c == '"')
		g_string_append (out, "\\\"");
	else
		append_unicode (out, c);
	return len;
}

/* There is a line for each message, so printf() is called for what is rare only. */
static void
append_escaped (MmLineWriter *to, const char *value)
{
	gsize len = strlen (value);
	gsize end = MIN (len, MM_LIMIT_logged_value);
	gsize from = 0;

	/* No character is cut in two. */
	while (to->json && end < len && end > MM_LIMIT_logged_value - 4 && ((guchar) value[end] & 0xc0) == 0x80)
		end--;
	for (gsize i = 0; i < end;) {
		guchar c = (guchar) value[i];
		gboolean plain = c > ' ' && c <= '~' && c != '"' && c != '\\';

		if (plain || (c == ' ' && to->blanks)) {
			i++;
			continue;
		}
		g_string_append_len (to->out, value + from, (gssize) (i - from));
		if (to->json)
			i += append_char (to->out, value + i, end - i);
		else
			append_octets (to->out, "\\", value + i++, 1);
		from = i;
	}
	g_string_append_len (to->out, value + from, (gssize) (end - from));
	if (len > MM_LIMIT_logged_value)
		g_string_append (to->out, "...");
}

static void
put_number (MmLineWriter *to, guint64 number)
{
	char digits[20];
	gsize at = sizeof digits;

	do {
		digits[--at] = (char) ('0' + number % 10);
		number /= 10;
	} while (number > 0);
	g_string_append_len (to->out, digits + at, (gssize) (sizeof digits - at));
}

static void
put_text (MmLineWriter *to, const char *value)
{
	if (value != NULL)
		append_escaped (to, value);
}

/* @joined: names of ours. */
static void
put_list (MmLineWriter *to, const char *joined, char separator)
{
	if (!to->json) {
		g_string_append (to->out, joined);
		return;
	}
	if (*joined == '\0')
		return;
	g_string_append_c (to->out, '"');
	for (; *joined != '\0'; joined++) {
		if (*joined == separator)
			g_string_append (to->out, "\",\"");
		else
			g_string_append_c (to->out, *joined);
	}
	g_string_append_c (to->out, '"');
}

static void
put_labels (MmLineWriter *to, GPtrArray *labels)
{
	g_autofree char *joined = labels->len > 0 ? mm_labels_join (labels) : NULL;

	if (joined != NULL)
		put_list (to, joined, MM_LABELS_SEPARATOR);
}

static void
put_signatures (MmLineWriter *to, guint signatures)
{
	g_autofree char *joined = mm_signatures_to_string (signatures);

	put_list (to, joined, MM_SIGNATURES_SEPARATOR);
}

/* ---- the fields ------------------------------------------------------------------------------ */

static void
put_id (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->queue_id != NULL ? e->queue_id : "NOQUEUE");
}

static void
put_action (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, mm_action_to_string (e->judgement->action));
}

static void
put_would (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, mm_action_to_string (e->judgement->would));
}

static void
put_labels_found (const MmLogEntry *e, MmLineWriter *to)
{
	put_labels (to, e->judgement->labels);
}

static void
put_fixed (const MmLogEntry *e, MmLineWriter *to)
{
	put_labels (to, e->judgement->fixed);
}

static void
put_left (const MmLogEntry *e, MmLineWriter *to)
{
	put_labels (to, e->judgement->left);
}

static void
put_policy (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->policy);
}

static void
put_rule (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->rule);
}

static void
put_mx (const MmLogEntry *e G_GNUC_UNUSED, MmLineWriter *to)
{
	put_text (to, "pending");
}

static void
put_from (const MmLogEntry *e, MmLineWriter *to)
{
	g_string_append_c (to->out, '<');
	put_text (to, e->sender);
	g_string_append_c (to->out, '>');
}

static void
put_nrcpt (const MmLogEntry *e, MmLineWriter *to)
{
	put_number (to, e->n_rcpt);
}

static void
put_client (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->client_name != NULL ? e->client_name : "unknown");
	g_string_append_c (to->out, '[');
	put_text (to, e->client_addr);
	g_string_append_c (to->out, ']');
}

static void
put_user (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->user);
}

static void
put_mid (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->mid);
}

static void
put_newmid (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->judgement->newmid);
}

static void
put_size (const MmLogEntry *e, MmLineWriter *to)
{
	put_number (to, e->size);
}

static void
put_newsize (const MmLogEntry *e, MmLineWriter *to)
{
	put_number (to, e->judgement->newsize);
}

static void
put_edits (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->judgement->edits);
}

static void
put_signed (const MmLogEntry *e, MmLineWriter *to)
{
	put_signatures (to, e->judgement->signatures);
}

static void
put_broke (const MmLogEntry *e, MmLineWriter *to)
{
	put_signatures (to, e->judgement->broke);
}

static void
put_limit (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->judgement->limit);
}

static void
put_note (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->judgement->note);
}

static void
put_error (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->judgement->error);
}

static void
put_program (const MmLogEntry *e, MmLineWriter *to)
{
	put_text (to, e->program);
}

static void
put_us (const MmLogEntry *e, MmLineWriter *to)
{
	put_number (to, (guint64) MAX (e->us, 0));
}

static gboolean
is_dry_run (const MmLogEntry *e)
{
	return e->judgement->dry_run;
}

static gboolean
is_mx_pending (const MmLogEntry *e)
{
	return e->mx_pending;
}

static gboolean
has_limit (const MmLogEntry *e)
{
	return e->judgement->limit != NULL;
}

static gboolean
has_note (const MmLogEntry *e)
{
	return e->judgement->note != NULL;
}

static gboolean
has_error (const MmLogEntry *e)
{
	return e->judgement->error != NULL;
}

static gboolean
has_program (const MmLogEntry *e)
{
	return e->program != NULL;
}

/* In the order of the line. Those with a condition stand only where it holds. */
const MmLineField mm_line_fields[MM_LINE_N_KEYS] = {
	[MM_LINE_ID] = {"id", MM_VALUE_WORD, put_id, NULL},
	[MM_LINE_ACTION] = {"action", MM_VALUE_WORD, put_action, NULL},
	[MM_LINE_WOULD] = {"would", MM_VALUE_WORD, put_would, is_dry_run},
	[MM_LINE_LABELS] = {"labels", MM_VALUE_LABELS, put_labels_found, NULL},
	[MM_LINE_FIXED] = {"fixed", MM_VALUE_LABELS, put_fixed, NULL},
	[MM_LINE_LEFT] = {"left", MM_VALUE_LABELS, put_left, NULL},
	[MM_LINE_POLICY] = {"policy", MM_VALUE_WORD, put_policy, NULL},
	[MM_LINE_RULE] = {"rule", MM_VALUE_WORD, put_rule, NULL},
	[MM_LINE_MX] = {"mx", MM_VALUE_WORD, put_mx, is_mx_pending},
	[MM_LINE_FROM] = {"from", MM_VALUE_WORD, put_from, NULL},
	[MM_LINE_NRCPT] = {"nrcpt", MM_VALUE_NUMBER, put_nrcpt, NULL},
	[MM_LINE_CLIENT] = {"client", MM_VALUE_WORD, put_client, NULL},
	[MM_LINE_USER] = {"user", MM_VALUE_WORD, put_user, NULL},
	[MM_LINE_MID] = {"mid", MM_VALUE_QUOTED, put_mid, NULL},
	[MM_LINE_NEWMID] = {"newmid", MM_VALUE_QUOTED, put_newmid, NULL},
	[MM_LINE_SIZE] = {"size", MM_VALUE_NUMBER, put_size, NULL},
	[MM_LINE_NEWSIZE] = {"newsize", MM_VALUE_NUMBER, put_newsize, NULL},
	[MM_LINE_EDITS] = {"edits", MM_VALUE_QUOTED, put_edits, NULL},
	[MM_LINE_SIGNED] = {"signed", MM_VALUE_SIGNATURES, put_signed, NULL},
	[MM_LINE_BROKE] = {"broke", MM_VALUE_SIGNATURES, put_broke, NULL},
	[MM_LINE_LIMIT] = {"limit", MM_VALUE_WORD, put_limit, has_limit},
	[MM_LINE_NOTE] = {"note", MM_VALUE_QUOTED, put_note, has_note},
	[MM_LINE_ERROR] = {"error", MM_VALUE_QUOTED, put_error, has_error},
	[MM_LINE_PROGRAM] = {"program", MM_VALUE_QUOTED, put_program, has_program},
	[MM_LINE_US] = {"us", MM_VALUE_NUMBER, put_us, NULL},
};

/* What stands before and behind a value, by kind; and whether a blank is plain in it. */
static const struct {
	const char *text[2];
	const char *json[2];
	gboolean blanks;
} frames[] = {
	[MM_VALUE_WORD] = {{"", ""}, {"\"", "\""}, FALSE},
	[MM_VALUE_QUOTED] = {{"\"", "\""}, {"\"", "\""}, TRUE},
	[MM_VALUE_NUMBER] = {{"", ""}, {"", ""}, FALSE},
	[MM_VALUE_LABELS] = {{"", ""}, {"[", "]"}, FALSE},
	[MM_VALUE_SIGNATURES] = {{"", ""}, {"[", "]"}, FALSE},
};

static void
put_field (MmLineWriter *to, const MmLineField *field, const MmLogEntry *entry)
{
	const char *const *frame = to->json ? frames[field->kind].json : frames[field->kind].text;

	to->blanks = to->json || frames[field->kind].blanks;
	g_string_append (to->out, frame[0]);
	field->put (entry, to);
	g_string_append (to->out, frame[1]);
}

char *
mm_logline_format (const MmLogEntry *entry, MmLogFormat format)
{
	MmLineWriter to = {g_string_sized_new (USUAL_LINE), format == MM_LOG_FORMAT_JSON, FALSE};

	g_string_append (to.out, to.json ? "{\"id\":" : "");
	put_field (&to, &mm_line_fields[MM_LINE_ID], entry);
	g_string_append (to.out, to.json ? "" : ":");
	for (gsize i = MM_LINE_ID + 1; i < MM_LINE_N_KEYS; i++) {
		const MmLineField *field = &mm_line_fields[i];

		if (field->when != NULL && !field->when (entry))
			continue;
		g_string_append (to.out, to.json ? ",\"" : " ");
		g_string_append (to.out, field->key);
		g_string_append (to.out, to.json ? "\":" : "=");
		put_field (&to, field, entry);
	}
	g_string_append (to.out, to.json ? "}" : "");
	return g_string_free (to.out, FALSE);
}
