/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bounce-text.c: reads what servers say in bounces: delivery status (RFC 3464) and plain text.
 *
 *	delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields )
 *	diagnostic-code-field = "Diagnostic-Code" ":" diagnostic-type ";" *text	; RFC 3464 2.3.6
 */
#include <config.h>

#include "bounce.h"

#define MAX_REPLIES 50
#define MAX_BLOCK (64 * 1024) /* octets of the fields of one recipient */
#define MAX_TEXT 2000

/* ---- who sends bounces ---------------------------------------------------------------------- */

gboolean
mm_bounce_is_from_daemon (const MmMessage *message)
{
	static const char *const senders[] = {"mailer-daemon", "postmaster@", "mail-daemon@",
	                                      "microsoftexchange"};
	int at = mm_message_find (message, "From", 0);
	g_autofree char *from = NULL;
	g_autofree char *lower = NULL;

	if (mm_message_find (message, "X-Failed-Recipients", 0) >= 0)
		return TRUE;
	if (at < 0)
		return FALSE;
	from = mm_bytes_printable (mm_message_header (message, (guint) at)->value, 1000);
	lower = g_ascii_strdown (from, -1);
	for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
		if (strstr (lower, senders[i]) != NULL)
			return TRUE;
	return FALSE;
}

/* ---- a copy in the text --------------------------------------------------------------------- */

static const struct {
	const char *words; /* the line without dashes, blanks and punctuation around it */
	gboolean headers;
} announcements[] = {
	{"below this line is a copy of the message", FALSE},                  /* qmail */
	{"this is a copy of the message, including all the headers", FALSE},  /* Exim */
	{"this is a copy of your message, including all the headers", FALSE}, /* Exim */
	{"this is a copy of the message's headers", TRUE},                    /* Exim */
	{"this is a copy of your message's headers", TRUE},                   /* Exim */
	{"the header of the original message is following", TRUE},            /* GMX, web.de */
	{"original message", FALSE},                                          /* Gmail */
	{"original message follows", FALSE},                                  /* IMail, Sendmail */
	{"unsent message follows", FALSE},                                    /* Sendmail */
	{"message header follows", TRUE},                                     /* Sendmail */
	{"original message headers", TRUE},                                   /* Exchange */
};

static gboolean
is_ornament (char c)
{
	return c == '-' || c == '.' || c == ':' || c == '=' || c == '*' || mm_is_space (c);
}

/* The row of @line, or -1. */
static int
find_announcement (MmBytes line)
{
	while (line.len > 0 && is_ornament (line.data[0]))
		line = mm_bytes_sub (line, 1, line.len);
	while (line.len > 0 && is_ornament (line.data[line.len - 1]))
		line.len--;
	for (guint i = 0; i < G_N_ELEMENTS (announcements); i++)
		if (mm_bytes_is (line, announcements[i].words))
			return (int) i;
	return -1;
}

/* Exim says behind the announcement how much it has left out. */
static gboolean
is_between (MmBytes line)
{
	return mm_line_is_empty (line) || mm_bytes_has_prefix (line, "------ ");
}

const char *
mm_bounce_find_copy (MmBytes text, gboolean *out_headers)
{
	int row = -1;

	while (text.len > 0) {
		MmBytes line = mm_bytes_sub (text, 0, mm_line_length (text));

		if (row >= 0 && mm_line_is_field (line)) {
			*out_headers = announcements[row].headers;
			return line.data;
		}
		if (row < 0 || !is_between (line))
			row = find_announcement (line);
		text = mm_bytes_sub (text, line.len, text.len);
	}
	return NULL;
}

/* ---- replies -------------------------------------------------------------------------------- */

/* On one line, blanks and line ends being one blank; printable. */
static char *
flatten (MmBytes text)
{
	g_autofree char *flat = NULL;
	GString *out = g_string_new (NULL);

	text = mm_bytes_trim (mm_bytes_sub (mm_bytes_trim (text), 0, 4 * MAX_TEXT));
	for (gsize i = 0; i < text.len; i++) {
		if (!mm_is_space (text.data[i]))
			g_string_append_c (out, text.data[i]);
		else if (!mm_is_space (text.data[i + 1]))
			g_string_append_c (out, ' ');
	}
	flat = mm_bytes_printable (mm_bytes (out->str, out->len), MAX_TEXT);
	g_string_free (out, TRUE);
	return g_steal_pointer (&flat);
}

/* Adds a reply unless it is there already for the same recipient. @whole: what else the table is
 * asked for if @text says nothing. */
static void
add_reply (MmBounce *bounce, const char *recipient, MmBytes text, MmBytes whole, guint line)
{
	g_autofree char *flat = flatten (text);
	MmBounceReply *reply;

	for (guint i = 0; i < bounce->replies->len; i++) {
		const MmBounceReply *other = bounce->replies->pdata[i];

		if (g_str_equal (other->text, flat) &&
		    g_strcmp0 (other->recipient, recipient) == 0)
			return;
	}
	if (bounce->replies->len >= MAX_REPLIES)
		return;
	reply = g_new0 (MmBounceReply, 1);
	reply->recipient = g_strdup (recipient);
	reply->text = g_steal_pointer (&flat);
	reply->line = line;
	mm_reply_match (text, &reply->match);
	if (reply->match.labels->len == 0 && whole.len > text.len) {
		mm_reply_match_clear (&reply->match);
		mm_reply_match (whole, &reply->match);
	}
	g_ptr_array_add (bounce->replies, reply);
	if (whole.len > text.len && bounce->replies->len > 1 && reply->match.labels->len == 0)
		g_ptr_array_remove_index (bounce->replies, bounce->replies->len - 1);
}

/* ---- delivery status ------------------------------------------------------------------------ */

/* The value of field @name of a block, or no octets; behind "type;" if @typed and there is one. */
static MmBytes
value_of (const GArray *fields, const char *name, gboolean typed, guint *out_line)
{
	guint line = 0;

	for (guint i = 0; i < fields->len; i++) {
		const MmHeader *field = &g_array_index (fields, MmHeader, i);
		gsize semicolon = typed ? mm_bytes_find (field->value, ';', 0) : 0;

		if (!field->is_field || !mm_bytes_is (field->name, name)) {
			for (gsize at = 0; at < field->line.len; at++)
				line += field->line.data[at] == '\n';
			continue;
		}
		if (out_line != NULL)
			*out_line += line;
		/* Amazon SES leaves out the type; a semicolon far behind is the reply's own */
		if (!typed || semicolon > 16)
			return mm_bytes_trim (field->value);
		return mm_bytes_trim (mm_bytes_sub (field->value, semicolon + 1, field->value.len));
	}
	return mm_bytes (NULL, 0);
}

static void
add_recipient_block (MmBounce *bounce, MmBytes block, guint line)
{
	g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (MmHeader));
	g_autofree char *recipient = NULL;
	MmBytes action;
	MmBytes address;
	MmBytes text;
	MmBytes status;

	mm_header_tokenize (mm_bytes_sub (block, 0, MAX_BLOCK), fields);
	action = value_of (fields, "Action", FALSE, NULL);
	status = value_of (fields, "Status", FALSE, NULL);
	if (!mm_bytes_has_prefix (action, "failed") && !mm_bytes_has_prefix (action, "delayed"))
		return;
	address = value_of (fields, "Original-Recipient", TRUE, NULL);
	if (address.len == 0)
		address = value_of (fields, "Final-Recipient", TRUE, NULL);
	recipient = flatten (address);
	if (address.len > 0)
		mm_bounce_add_recipient (bounce, recipient);
	text = value_of (fields, "Diagnostic-Code", TRUE, &line);
	if (text.len == 0)
		text = status;
	if (text.len > 0)
		add_reply (bounce, address.len > 0 ? recipient : NULL, text, text, line);
}

void
mm_bounce_add_status (MmBounce *bounce, MmBytes status, guint line)
{
	MmBytes block = mm_bytes_sub (status, 0, 0);

	while (status.len > 0) {
		gsize len = mm_line_length (status);
		gboolean empty = mm_line_is_empty (mm_bytes_sub (status, 0, len));

		if (block.len == 0)
			block.data = status.data;
		if (!empty)
			block.len += len;
		if (block.len > 0 && (empty || len == status.len)) {
			guint lines = 0;

			add_recipient_block (bounce, block, line);
			for (gsize i = 0; i < block.len; i++)
				lines += block.data[i] == '\n';
			line += lines;
			block.len = 0;
		}
		line += empty;
		status = mm_bytes_sub (status, len, status.len);
	}
}

/* ---- text ----------------------------------------------------------------------------------- */

/* "554 ", "550-5.7.1", "#5.6.0": where a server's words begin. */
static gboolean
begins_reply (MmBytes text, gsize at)
{
	MmBytes rest = mm_bytes_sub (text, at, text.len);

	if (at > 0 && (g_ascii_isalnum (text.data[at - 1]) || text.data[at - 1] == '.'))
		return FALSE;
	return rest.len > 4 && (rest.data[0] == '4' || rest.data[0] == '5') &&
	       g_ascii_isdigit (rest.data[1]) && g_ascii_isdigit (rest.data[2]) &&
	       (rest.data[3] == ' ' || rest.data[3] == '-' || mm_is_space (rest.data[3]));
}

/* Up to the next empty line. */
static gsize
paragraph_length (MmBytes text)
{
	gsize at = 0;

	while (at < text.len) {
		MmBytes rest = mm_bytes_sub (text, at, text.len);
		gsize len = mm_line_length (rest);

		if (mm_bytes_trim (mm_bytes_sub (rest, 0, len)).len == 0)
			break;
		at += len;
	}
	return at;
}

void
mm_bounce_add_text (MmBounce *bounce, MmBytes text, guint line)
{
	for (gsize at = 0; at < text.len; at++) {
		MmBytes rest = mm_bytes_sub (text, at, text.len);

		line += at > 0 && text.data[at - 1] == '\n';
		if (!begins_reply (text, at))
			continue;
		add_reply (bounce, NULL, mm_bytes_sub (rest, 0, paragraph_length (rest)), text,
		           line);
		return;
	}
}
