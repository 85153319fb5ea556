/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bounce.c: finds in a bounce the report and the message that came back.
 */
#include <config.h>

#include "bounce.h"
#include "report.h"

#define MAX_RECIPIENTS 10000

/* ---- the original --------------------------------------------------------------------------- */

static gsize
count_lines (MmBytes b)
{
	gsize n = 0;

	for (gsize at = mm_bytes_find (b, '\n', 0); at < b.len; at = mm_bytes_find (b, '\n', at + 1))
		n++;
	return n;
}

/* @content, octets of the wire of @input, as an input of its own. */
static void
take_piece (MmBounce *bounce, const MmInput *input, MmBytes content)
{
	gsize at = (gsize) (content.data - mm_bytes_of (input->wire).data);
	gsize before = count_lines (mm_bytes_sub (mm_bytes_of (input->wire), 0, at));
	gsize shorter = input->local ? before : 0;
	gsize len = content.len - (input->local ? count_lines (content) : 0);

	bounce->original = (MmInput){
		.name = input->name,
		.wire = g_bytes_new_from_bytes (input->wire, at, content.len),
		.given = g_bytes_new_from_bytes (input->given, at - shorter, len),
		.local = input->local,
		.offset = input->offset + at - shorter,
		.line = input->line + (guint) before,
		.number = input->number,
	};
}

/* The same of @decoded, which stands encoded at @content. FALSE when memory is refused. */
static gboolean
take_decoded (MmBounce *bounce, const MmInput *input, MmBytes content, MmBytes decoded)
{
	gboolean local = mm_input_is_local (decoded);
	GBytes *given = g_bytes_new (decoded.data, decoded.len);
	GBytes *wire = local ? mm_input_convert (decoded, FALSE) : g_bytes_ref (given);
	GBytes *old_given;
	GBytes *old_wire;

	if (wire == NULL) {
		g_bytes_unref (given);
		return FALSE;
	}
	take_piece (bounce, input, content);
	old_given = bounce->original.given;
	old_wire = bounce->original.wire;
	bounce->original.given = given;
	bounce->original.wire = wire;
	bounce->original.local = local;
	g_bytes_unref (old_given);
	g_bytes_unref (old_wire);
	return TRUE;
}

static gboolean
is_encoded (const MmPart *part)
{
	return part->encoding == MM_ENCODING_QP || part->encoding == MM_ENCODING_BASE64;
}

/* Text of a leaf; @buffer holds it where it must be decoded. */
static MmBytes
text_of (const MmPart *part, MmBuffer *buffer)
{
	if (!is_encoded (part) || part->kind != MM_PART_LEAF)
		return part->content;
	mm_part_decode (part, buffer);
	return mm_buffer_bytes (buffer);
}

static gboolean
take_part (MmBounce *bounce, const MmInput *input, const MmPart *part)
{
	g_auto (MmBuffer) buffer = MM_BUFFER_INIT;
	MmBytes text = text_of (part, &buffer);

	if (mm_bytes_trim (text).len == 0)
		return FALSE;
	if (text.data != part->content.data)
		return take_decoded (bounce, input, part->content, text);
	take_piece (bounce, input, text);
	return TRUE;
}

static gboolean
is_headers (const MmPart *part)
{
	return g_str_equal (part->type, "text/rfc822-headers") ||
	       g_str_equal (part->type, "message/rfc822-headers") ||
	       g_str_equal (part->type, "message/global-headers");
}

static gboolean
is_message (const MmPart *part)
{
	return g_str_equal (part->type, "message/rfc822") ||
	       g_str_equal (part->type, "message/global");
}

/* What is there of the original that was taken. @in_text: behind a line of text, where some keep
 * of a multipart only the words. */
static MmCarries
look_at_original (const MmBounce *bounce, gboolean headers, gboolean in_text)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) message = mm_message_new (bounce->original.wire);
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
	const MmPart *top = mm_mime_part (mime, 0);

	if (mm_message_n_headers (message) < 2 || !mm_message_header (message, 1)->is_field)
		return MM_CARRIES_NOTHING;
	if (headers || mm_bytes_trim (mm_message_body (message)).len == 0 ||
	    (in_text && top->boundary != NULL && !top->opened))
		return MM_CARRIES_HEADERS;
	return top->kind == MM_PART_MULTIPART && top->opened && !top->closed ? MM_CARRIES_CUT
	                                                                     : MM_CARRIES_MESSAGE;
}

/* An attached message or its header among the parts [@from, @to). */
static void
take_attached (MmBounce *bounce, const MmInput *input, const MmMime *mime, guint from, guint to)
{
	for (guint i = from; i < to; i++) {
		const MmPart *part = mm_mime_part (mime, i);

		if (!is_headers (part) && !is_message (part))
			continue;
		if (!take_part (bounce, input, part))
			continue;
		bounce->carrier = part;
		bounce->carries = look_at_original (bounce, is_headers (part), FALSE);
		g_free (bounce->path);
		bounce->path = g_strconcat (part->path, is_message (part) ? ".1" : "", NULL);
		return;
	}
}

/* ---- reports -------------------------------------------------------------------------------- */

static guint
line_of (const MmInput *input, MmBytes content)
{
	MmBytes wire = mm_bytes_of (input->wire);

	return input->line + 1 +
	       (guint) count_lines (mm_bytes_sub (wire, 0, (gsize) (content.data - wire.data)));
}

static gboolean
is_status (const MmPart *part)
{
	return g_str_equal (part->type, "message/delivery-status") ||
	       g_str_equal (part->type, "message/global-delivery-status");
}

/* The multipart/report that holds a delivery status, and that; NULL: there is none. */
static const MmPart *
find_report (const MmMime *mime, const MmPart **out_status)
{
	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);

		if (!is_status (part) || part->parent < 0)
			continue;
		*out_status = part;
		return mm_mime_part (mime, (guint) part->parent);
	}
	return NULL;
}

/* Whatever stands before the delivery status, or before what is carried, for people. */
static void
add_notification (MmBounce *bounce, const MmInput *input, const MmMime *mime, guint from, guint to)
{
	for (guint i = from; i < to; i++) {
		g_auto (MmBuffer) buffer = MM_BUFFER_INIT;
		const MmPart *part = mm_mime_part (mime, i);

		if (part->kind != MM_PART_LEAF || !g_str_equal (part->type, "text/plain"))
			continue;
		mm_bounce_add_text (bounce, text_of (part, &buffer), line_of (input, part->content));
		return;
	}
}

static gboolean
knows_reply (const MmBounce *bounce)
{
	for (guint i = 0; i < bounce->replies->len; i++)
		if (((MmBounceReply *) bounce->replies->pdata[i])->match.labels->len > 0)
			return TRUE;
	return FALSE;
}

static gboolean
read_report (MmBounce *bounce, const MmInput *input, const MmMime *mime)
{
	g_auto (MmBuffer) buffer = MM_BUFFER_INIT;
	const MmPart *status = NULL;
	const MmPart *report = find_report (mime, &status);

	if (report == NULL)
		return FALSE;
	mm_bounce_add_status (bounce, text_of (status, &buffer), line_of (input, status->content));
	if (!knows_reply (bounce))
		add_notification (bounce, input, mime, report->number + 1, status->number);
	take_attached (bounce, input, mime, status->number + 1, mm_part_end (mime, report));
	return TRUE;
}

/* ---- what is no report ---------------------------------------------------------------------- */

static void
add_failed_recipients (MmBounce *bounce, const MmMessage *message)
{
	int at = mm_message_find (message, "X-Failed-Recipients", 0);
	MmBytes rest = mm_bytes (NULL, 0);

	if (at >= 0)
		rest = mm_bytes_sub (mm_message_header (message, (guint) at)->value, 0, 4000);
	while (rest.len > 0) {
		gsize comma = mm_bytes_find (rest, ',', 0);
		g_autofree char *text =
			mm_bytes_printable (mm_bytes_trim (mm_bytes_sub (rest, 0, comma)), 4000);

		if (*text != '\0')
			mm_bounce_add_recipient (bounce, text);
		rest = mm_bytes_sub (rest, comma + 1, rest.len);
	}
}

/* A copy behind a line of text, in the first leaf that is text. */
static gboolean
read_text (MmBounce *bounce, const MmInput *input, const MmPart *part)
{
	g_auto (MmBuffer) buffer = MM_BUFFER_INIT;
	MmBytes text = text_of (part, &buffer);
	gboolean headers = FALSE;
	const char *copy = mm_bounce_find_copy (text, &headers);
	MmBytes rest;

	if (copy == NULL)
		return FALSE;
	rest = mm_bytes (copy, (gsize) (mm_bytes_end (text) - copy));
	mm_bounce_add_text (bounce, mm_bytes_sub (text, 0, (gsize) (copy - text.data)),
	                    line_of (input, part->content));
	if (text.data == part->content.data)
		take_piece (bounce, input, rest);
	else if (!take_decoded (bounce, input, part->content, rest))
		return TRUE;
	bounce->carries = look_at_original (bounce, headers, TRUE);
	g_free (bounce->path);
	bounce->path = g_strdup (part->path);
	return TRUE;
}

/* Mail of a mail server with a message attached, or with a copy of one in its text. */
static gboolean
read_old (MmBounce *bounce, const MmInput *input, const MmCheck *check)
{
	const MmMime *mime = check->mime;

	if (!mm_bounce_is_from_daemon (check->message))
		return FALSE;
	add_failed_recipients (bounce, check->message);
	take_attached (bounce, input, mime, 1, mime->parts->len);
	if (bounce->carrier != NULL) {
		add_notification (bounce, input, mime, 0, bounce->carrier->number);
		return TRUE;
	}
	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);

		if (part->kind == MM_PART_LEAF && g_str_equal (part->type, "text/plain"))
			return read_text (bounce, input, part);
	}
	return FALSE;
}

/* ---- all ------------------------------------------------------------------------------------ */

static void
reply_free (gpointer data)
{
	MmBounceReply *reply = data;

	g_free (reply->recipient);
	g_free (reply->text);
	mm_reply_match_clear (&reply->match);
	g_free (reply);
}

MmBounce *
mm_bounce_new (const MmInput *input, const MmCheck *check)
{
	g_autoptr (MmBounce) bounce = g_new0 (MmBounce, 1);

	bounce->path = g_strdup ("");
	bounce->replies = g_ptr_array_new_with_free_func (reply_free);
	bounce->recipients = g_ptr_array_new_with_free_func (g_free);
	bounce->known = g_hash_table_new (mm_str_hash, g_str_equal);
	if (read_report (bounce, input, check->mime) || read_old (bounce, input, check))
		return g_steal_pointer (&bounce);
	return NULL;
}

void
mm_bounce_free (MmBounce *bounce)
{
	g_clear_pointer (&bounce->shown, g_ptr_array_unref);
	g_clear_pointer (&bounce->check, mm_check_free);
	g_clear_pointer (&bounce->message, mm_message_unref);
	g_clear_pointer (&bounce->original.given, g_bytes_unref);
	g_clear_pointer (&bounce->original.wire, g_bytes_unref);
	g_ptr_array_unref (bounce->replies);
	g_hash_table_unref (bounce->known);
	g_ptr_array_unref (bounce->recipients);
	g_free (bounce->path);
	g_free (bounce);
}

void
mm_bounce_add_recipient (MmBounce *bounce, const char *recipient)
{
	char *copy;

	if (bounce->recipients->len >= MAX_RECIPIENTS ||
	    g_hash_table_contains (bounce->known, recipient))
		return;
	copy = g_strdup (recipient);
	g_ptr_array_add (bounce->recipients, copy);
	g_hash_table_add (bounce->known, copy);
}

void
mm_bounce_check (MmBounce *bounce, const MmContext *context, gboolean notices)
{
	bounce->shown = g_ptr_array_new ();
	if (bounce->carries == MM_CARRIES_NOTHING)
		return;
	bounce->message = mm_message_new (bounce->original.wire);
	bounce->check = mm_check_new (bounce->message, context, NULL, NULL);
	mm_findings_number_lines (bounce->check->findings);
	for (guint i = 0; i < mm_findings_n (bounce->check->findings); i++) {
		const MmFinding *finding = mm_findings_get (bounce->check->findings, i);

		if ((notices || finding->severity != MM_SEVERITY_NOTICE) &&
		    mm_bounce_is_sure (bounce, bounce->check, finding))
			g_ptr_array_add (bounce->shown, (gpointer) finding);
	}
	g_ptr_array_sort (bounce->shown, mm_report_compare);
}

/* A header field may be blamed for what is missing in the body. */
gboolean
mm_bounce_is_sure (const MmBounce *bounce, const MmCheck *check, const MmFinding *finding)
{
	static const char *const of_body[] = {
		"CALENDAR_METHOD_MISMATCH", "CHARSET_MISMATCH", "DUPLICATE_BOUNDARY",
		"EMPTY_MULTIPART", "HEADERS_IN_BODY", "MISSING_FINAL_BOUNDARY", "TNEF_CORRUPT", NULL,
	};

	if (bounce->carries != MM_CARRIES_HEADERS)
		return TRUE;
	if (finding->part != 0 ||
	    (finding->place != MM_PLACE_HEADER && finding->place != MM_PLACE_BLOCK))
		return FALSE;
	if (g_str_equal (finding->rule->label, "MISSING_BOUNDARY"))
		return mm_mime_part (check->mime, 0)->boundary == NULL;
	return !g_strv_contains (of_body, finding->rule->label);
}

gboolean
mm_bounce_covers (const MmBounce *bounce, const MmCheck *check, const MmFinding *finding)
{
	return bounce->carrier != NULL && finding->part >= bounce->carrier->number &&
	       finding->part < mm_part_end (check->mime, bounce->carrier);
}

const char *
mm_carries_to_string (MmCarries carries)
{
	static const char *const words[] = {
		[MM_CARRIES_NOTHING] = "nothing",
		[MM_CARRIES_HEADERS] = "headers",
		[MM_CARRIES_CUT] = "cut",
		[MM_CARRIES_MESSAGE] = "message",
	};

	return words[carries];
}
