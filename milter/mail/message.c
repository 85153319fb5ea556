/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message.c: an immutable message: header block with its items, separator, body.
 *
 * RFC 5322 3.5: message = (fields / obs-fields) [CRLF body]
 */
#include <config.h>

#include "digit-lines-private.h"
#include "message-private.h"

/* What is kept ready at first: most mail needs no more. */
#define USUAL_HEADERS 32
#define USUAL_HEAD 4096

struct _MmMessage {
	gatomicrefcount refs;
	GBytes *head;      /* header lines and separator */
	gsize block_len;   /* octets of the header lines */
	GBytes *body;
	GArray *headers;   /* of MmHeader */
	gboolean irregular;
	gsize spool_threshold;
	const char *spool_folder; /* NULL: everything stays in memory */
	MmDigitLines digits;      /* of the body, if a builder made it */
};

static MmMessage *
message_new (GBytes *head, gsize block_len, GBytes *body, guint n_headers)
{
	MmMessage *message = g_new0 (MmMessage, 1);

	g_atomic_ref_count_init (&message->refs);
	message->head = head;
	message->block_len = block_len;
	message->body = body;
	message->headers = g_array_sized_new (FALSE, FALSE, sizeof (MmHeader), n_headers);
	return message;
}

static MmMessage *
spooled_as (MmMessage *message, gsize threshold, const char *folder)
{
	if (message != NULL) {
		message->spool_threshold = threshold;
		message->spool_folder = folder;
	}
	return message;
}

/* What is known of the body of @message. */
static MmMessage *
knowing (MmMessage *message, const MmDigitLines *digits)
{
	if (message != NULL && digits->n > 0)
		message->digits = *digits;
	return message;
}

MmSpool
mm_message_spool (const MmMessage *message, gsize size)
{
	MmSpool spool;

	mm_spool_init (&spool, message->spool_threshold, message->spool_folder);
	mm_spool_expect (&spool, size);
	return spool;
}

MmBuffer
mm_message_buffer (const MmMessage *message)
{
	return (MmBuffer){.threshold = message->spool_threshold, .folder = message->spool_folder};
}

static void
number_originals (MmMessage *message)
{
	for (guint i = 0; i < message->headers->len; i++)
		g_array_index (message->headers, MmHeader, i).original = (int) i;
}

MmMessage *
mm_message_new (GBytes *wire)
{
	MmBytes all = mm_bytes_of (wire);
	gsize block_len = mm_header_block_length (all);
	gsize separator =
	        block_len < all.len ? mm_line_length (mm_bytes_sub (all, block_len, all.len)) : 0;
	gsize head_len = block_len + separator;
	MmMessage *message =
	        message_new (g_bytes_new_from_bytes (wire, 0, head_len), block_len,
	                     g_bytes_new_from_bytes (wire, head_len, all.len - head_len), USUAL_HEADERS);

	mm_header_tokenize (mm_message_header_block (message), message->headers);
	number_originals (message);
	return message;
}

MmMessage *
mm_message_ref (MmMessage *message)
{
	g_atomic_ref_count_inc (&message->refs);
	return message;
}

void
mm_message_unref (MmMessage *message)
{
	if (!g_atomic_ref_count_dec (&message->refs))
		return;
	g_bytes_unref (message->head);
	g_bytes_unref (message->body);
	g_array_unref (message->headers);
	g_free (message);
}

MmBytes
mm_message_header_block (const MmMessage *message)
{
	return mm_bytes_sub (mm_bytes_of (message->head), 0, message->block_len);
}

MmBytes
mm_message_separator (const MmMessage *message)
{
	MmBytes head = mm_bytes_of (message->head);

	return mm_bytes_sub (head, message->block_len, head.len);
}

MmBytes
mm_message_body (const MmMessage *message)
{
	return mm_bytes_of (message->body);
}

GBytes *
mm_message_body_bytes (const MmMessage *message)
{
	return message->body;
}

gsize
mm_message_size (const MmMessage *message)
{
	return g_bytes_get_size (message->head) + g_bytes_get_size (message->body);
}

guint
mm_message_n_headers (const MmMessage *message)
{
	return message->headers->len;
}

const MmHeader *
mm_message_header (const MmMessage *message, guint at)
{
	g_return_val_if_fail (at < message->headers->len, NULL);
	return &g_array_index (message->headers, MmHeader, at);
}

GArray *
mm_message_headers (const MmMessage *message)
{
	return message->headers;
}

int
mm_message_find (const MmMessage *message, const char *name, guint from)
{
	gsize len = strlen (name);

	for (guint i = from; i < message->headers->len; i++) {
		const MmHeader *item = &g_array_index (message->headers, MmHeader, i);

		if (item->name.len == len && item->is_field && mm_bytes_is (item->name, name))
			return (int) i;
	}
	return -1;
}

int
mm_message_find_last (const MmMessage *message, const char *name)
{
	for (guint i = message->headers->len; i-- > 0;) {
		const MmHeader *item = &g_array_index (message->headers, MmHeader, i);
		if (item->is_field && mm_bytes_is (item->name, name))
			return (int) i;
	}
	return -1;
}

gboolean
mm_message_is_irregular (const MmMessage *message)
{
	return message->irregular;
}

MmBytes
mm_message_digit_lines (const MmMessage *message, MmBytes range, const char *at)
{
	MmBytes body = mm_message_body (message);
	gsize start = (gsize) (range.data - body.data);
	gsize from = (gsize) (at - body.data);
	const MmStretch *next;

	if (message->digits.n == 0)
		return (MmBytes){mm_bytes_end (range), 0};
	while ((next = mm_digit_lines_next (&message->digits, from)) != NULL) {
		if (next->from >= start + range.len)
			break;
		if (next->from >= from && next->to <= start + range.len)
			return mm_bytes_sub (body, next->from, next->to);
		from = next->to;
	}
	return (MmBytes){mm_bytes_end (range), 0};
}

gsize
mm_message_offset (const MmMessage *message, const char *at)
{
	MmBytes head = mm_bytes_of (message->head);
	MmBytes body = mm_bytes_of (message->body);

	if (head.len > 0 && at >= head.data && at <= mm_bytes_end (head))
		return (gsize) (at - head.data);
	if (body.len > 0 && at >= body.data && at <= mm_bytes_end (body))
		return head.len + (gsize) (at - body.data);
	return 0;
}

static guint
count_lines (MmBytes bytes)
{
	guint lines = 0;

	for (gsize at = 0; at < bytes.len;) {
		gsize len = mm_line_length (mm_bytes_sub (bytes, at, bytes.len));
		lines += bytes.data[at + len - 1] == '\n';
		at += len;
	}
	return lines;
}

guint
mm_message_lines_between (const MmMessage *message, gsize from, gsize to)
{
	MmBytes head = mm_bytes_of (message->head);
	guint lines = count_lines (mm_bytes_sub (head, from, to));

	if (to > head.len)
		lines += count_lines (mm_bytes_sub (mm_bytes_of (message->body),
		                                    from - MIN (from, head.len), to - head.len));
	return lines;
}

/* TRUE if @line is read as one item: lines that are not empty, of which all but the first continue it. */
static gboolean
is_one_item (MmBytes line, gboolean first, gboolean last)
{
	if (!first && line.len > 0 && mm_is_wsp (line.data[0]))
		return FALSE;
	for (gsize at = 0, len; at < line.len; at += len) {
		MmBytes rest = mm_bytes_sub (line, at, line.len);

		len = mm_line_length (rest);
		if (mm_line_is_empty (mm_bytes_sub (rest, 0, len)) ||
		    (at > 0 && !mm_is_wsp (rest.data[0])))
			return FALSE;
	}
	return line.len > 0 && (last || line.data[line.len - 1] == '\n');
}

/* TRUE if reading the header block again gives the items @message was built from. */
static gboolean
reads_back (const MmMessage *message)
{
	guint n = message->headers->len;

	for (guint i = 0; i < n; i++)
		if (!is_one_item (g_array_index (message->headers, MmHeader, i).line, i == 0,
		                  i + 1 == n))
			return FALSE;
	return TRUE;
}

/* A message whose items are exactly @lines, put together in @head, which it takes. */
static MmMessage *
message_of_lines (MmBuffer *head, gsize block_len, const MmHeaderLine *lines, guint n_lines,
                  GBytes *body)
{
	GBytes *bytes = mm_buffer_steal (head);
	MmMessage *message;
	gsize at = 0;

	if (bytes == NULL)
		return NULL;
	message = message_new (bytes, block_len, g_bytes_ref (body), n_lines);
	for (guint i = 0; i < n_lines; i++) {
		MmHeader item = mm_header_read (
		        mm_bytes_sub (mm_bytes_of (bytes), at, at + lines[i].line.len));
		item.original = lines[i].original;
		g_array_append_val (message->headers, item);
		at += lines[i].line.len;
	}
	mm_header_count (message->headers, 0);
	message->irregular = !reads_back (message);
	return message;
}

MmMessage *
mm_message_with (const MmMessage *from, const MmHeaderLine *lines, guint n_lines,
                 MmBytes separator, GBytes *body)
{
	g_auto (MmBuffer) head = MM_BUFFER_INIT;
	MmMessage *message;
	gsize block_len;

	for (guint i = 0; i < n_lines; i++)
		mm_buffer_append (&head, lines[i].line);
	block_len = head.len;
	mm_buffer_append (&head, separator);
	message = message_of_lines (&head, block_len, lines, n_lines,
	                            body != NULL ? body : from->body);
	if (body == NULL || body == from->body)
		knowing (message, &from->digits);
	return spooled_as (message, from->spool_threshold, from->spool_folder);
}

MmMessage *
mm_message_as_received (const MmMessage *message)
{
	MmMessage *copy = message_new (g_bytes_ref (message->head), message->block_len,
	                               g_bytes_ref (message->body), message->headers->len);

	g_array_append_vals (copy->headers, message->headers->data, message->headers->len);
	copy->irregular = message->irregular;
	number_originals (copy);
	knowing (copy, &message->digits);
	return spooled_as (copy, message->spool_threshold, message->spool_folder);
}

/* ---- building from events -------------------------------------------------------------------- */

struct _MmMessageBuilder {
	MmBuffer head;
	MmSpool body;
	MmDigitLines digits;
	MmScanner scanner; /* of the body */
	GArray *ends; /* of gsize: where each header line ends in head */
};

MmMessageBuilder *
mm_message_builder_new (gsize threshold, const char *folder)
{
	MmMessageBuilder *builder = g_new0 (MmMessageBuilder, 1);

	mm_spool_init (&builder->body, threshold, folder);
	builder->ends = g_array_sized_new (FALSE, FALSE, sizeof (gsize), USUAL_HEADERS);
	return builder;
}

void
mm_message_builder_free (MmMessageBuilder *builder)
{
	mm_buffer_clear (&builder->head);
	mm_spool_clear (&builder->body);
	g_array_unref (builder->ends);
	g_free (builder);
}

/* A fold comes from libmilter as LF + blank; on the wire it is CRLF + blank. An LF before
 * anything else is none: it stays, and makes the message irregular. */
static void
append_value (MmBuffer *out, MmBytes value)
{
	for (gsize at = 0; at < value.len;) {
		gsize lf = mm_bytes_find (value, '\n', at);
		gboolean fold = lf + 1 < value.len && mm_is_wsp (value.data[lf + 1]) &&
		                (lf == 0 || value.data[lf - 1] != '\r');

		mm_buffer_append (out, mm_bytes_sub (value, at, lf));
		if (lf == value.len)
			return;
		mm_buffer_append_str (out, fold ? "\r\n" : "\n");
		at = lf + 1;
	}
}

gboolean
mm_message_builder_add_header (MmMessageBuilder *builder, MmBytes name, MmBytes value)
{
	if (builder->ends->len == 0)
		mm_buffer_reserve (&builder->head, USUAL_HEAD);
	mm_buffer_append (&builder->head, name);
	mm_buffer_append_c (&builder->head, ':');
	append_value (&builder->head, value);
	mm_buffer_append_str (&builder->head, "\r\n");
	g_array_append_val (builder->ends, builder->head.len);
	return !builder->head.failed;
}

gboolean
mm_message_builder_add_body (MmMessageBuilder *builder, MmBytes chunk)
{
	mm_digit_lines_feed (&builder->digits, &builder->scanner, chunk);
	return mm_spool_append (&builder->body, chunk);
}

const char *
mm_message_builder_error (const MmMessageBuilder *builder)
{
	if (builder->body.error != NULL)
		return builder->body.error;
	return builder->head.failed ? "out of memory" : NULL;
}

const MmScan *
mm_message_builder_body_facts (const MmMessageBuilder *builder)
{
	return &builder->scanner.facts;
}

MmMessage *
mm_message_builder_finish (MmMessageBuilder *builder)
{
	gsize block_len = builder->head.len;
	g_autofree MmHeaderLine *lines = g_new0 (MmHeaderLine, builder->ends->len + 1);
	guint n_lines = builder->ends->len;
	g_autoptr (GBytes) body = mm_spool_finish (&builder->body);
	MmMessage *message;
	gsize at = 0;

	for (guint i = 0; i < n_lines; i++) {
		gsize end = g_array_index (builder->ends, gsize, i);
		lines[i].line.len = end - at;
		lines[i].original = (int) i;
		at = end;
	}
	g_array_set_size (builder->ends, 0);
	mm_buffer_append_str (&builder->head, "\r\n");
	if (body == NULL)
		return NULL;
	mm_digit_lines_finish (&builder->digits);
	mm_scanner_finish (&builder->scanner);
	message = message_of_lines (&builder->head, block_len, lines, n_lines, body);
	knowing (message, &builder->digits);
	return spooled_as (message, builder->body.threshold, builder->body.folder);
}
