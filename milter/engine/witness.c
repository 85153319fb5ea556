/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness.c: GMime reads the mended message and must see what our splitter sees.
 *
 * GMime gets the Content-* and MIME-Version fields of the top level and the body: what it makes of
 * addresses is not asked, and its parser of address groups can be driven off its stack. What it is
 * known to misread stands in witness-faults.c; there our reading counts.
 */
#include <config.h>

#include <gmime/gmime.h>
#include <mailmend/codec.h>
#include <mailmend/verify.h>

#include "witness-private.h"

void
mm_verify_init (void)
{
	g_mime_init ();
}

/* ---- comparing --------------------------------------------------------------------------------------- */

typedef struct {
	const MmMime *mime;
	GPtrArray *objects; /* of GMimeObject by part number, NULL: GMime has none there */
	const MmWitnessKnows *knows;
	gsize body_at;      /* where the body begins in what GMime reads */
	const char *body;
	gboolean exact;     /* line ends are canonical: ranges can be compared */
} Witness;

static gboolean
is_child (const MmPart *part, const MmPart *of, MmWitnessSkip skip)
{
	return part->parent == (int) of->number && !mm_witness_skips (part, skip);
}

static int
count_children (const MmMime *mime, const MmPart *part, MmWitnessSkip skip)
{
	guint end = mm_part_end (mime, part);
	int n = 0;

	for (guint i = part->number + 1; i < end; i++)
		n += is_child (mm_mime_part (mime, i), part, skip);
	return n;
}

/* Gives the children of @part their objects. FALSE if GMime has another number of them. */
static gboolean
give_children (Witness *w, const MmPart *part, GMimeObject *object)
{
	int n = g_mime_multipart_get_count (GMIME_MULTIPART (object));
	guint end = mm_part_end (w->mime, part);
	MmWitnessSkip skip = MM_SKIP_NONE;
	int child = 0;

	while (skip < MM_N_SKIPS && n != count_children (w->mime, part, skip))
		skip++;
	if (skip == MM_N_SKIPS)
		return FALSE;
	for (guint i = part->number + 1; i < end; i++)
		if (is_child (mm_mime_part (w->mime, i), part, skip))
			w->objects->pdata[i] =
			        g_mime_multipart_get_part (GMIME_MULTIPART (object), child++);
	return TRUE;
}

/* The one child of an opened message/rfc822. */
static void
give_message (Witness *w, const MmPart *part, GMimeObject *object)
{
	if (part->number + 1 < w->mime->parts->len)
		w->objects->pdata[part->number + 1] = g_mime_message_get_mime_part (
		        g_mime_message_part_get_message (GMIME_MESSAGE_PART (object)));
}

/* What GMime decodes @content to, to be read. (transfer full) */
static GMimeStream *
decoding_stream (GMimeDataWrapper *content)
{
	GMimeStream *stream = g_mime_data_wrapper_get_stream (content);
	GMimeFilter *filter =
	        g_mime_filter_basic_new (g_mime_data_wrapper_get_encoding (content), FALSE);
	GMimeStream *decoded = g_mime_stream_filter_new (stream);

	g_mime_stream_reset (stream);
	g_mime_stream_filter_add (GMIME_STREAM_FILTER (decoded), filter);
	g_object_unref (filter);
	return decoded;
}

/* In pieces: a large part, and many at a time, take too much memory. */
static gboolean
decodes_to (GMimeDataWrapper *content, MmBytes want)
{
	GMimeStream *decoded = decoding_stream (content);
	gboolean same = TRUE;
	char piece[4096];
	gsize at = 0;

	while (same && !g_mime_stream_eos (decoded)) {
		gssize n = g_mime_stream_read (decoded, piece, sizeof piece);

		same = n >= 0 && mm_bytes_equal (mm_bytes_sub (want, at, at + (gsize) n),
		                                 mm_bytes (piece, (gsize) n));
		at += (gsize) MAX (n, 0);
	}
	g_object_unref (decoded);
	return same && at == want.len;
}

static gboolean
is_fault_of_content (GMimeDataWrapper *content, const MmPart *part, MmBytes ours)
{
	g_auto (MmBuffer) theirs = mm_part_buffer (part);
	GMimeStream *decoded = decoding_stream (content);
	gssize n = 1;

	while (n > 0 && !g_mime_stream_eos (decoded)) {
		char piece[4096];

		n = g_mime_stream_read (decoded, piece, sizeof piece);
		mm_buffer_append (&theirs, mm_bytes (piece, (gsize) MAX (n, 0)));
	}
	g_object_unref (decoded);
	return n >= 0 && !theirs.failed &&
	       mm_witness_is_content_fault (part, ours, mm_buffer_bytes (&theirs));
}

/* What was not encoded in the original is what any reader must decode this to, ours as well. */
static gboolean
is_as_before (const Witness *w, GMimeDataWrapper *content, const MmPart *part)
{
	const MmMime *before = w->knows->before;
	const MmPart *old;

	if (before == NULL || part->number >= before->parts->len)
		return FALSE;
	old = mm_mime_part (before, part->number);
	return old->kind == MM_PART_LEAF && old->encoding != MM_ENCODING_QP &&
	       old->encoding != MM_ENCODING_BASE64 && old->encoding != MM_ENCODING_UNKNOWN &&
	       decodes_to (content, old->content);
}

static gboolean
same_octets (const Witness *w, GMimeDataWrapper *content, const MmPart *part)
{
	g_auto (MmBuffer) decoded = mm_part_buffer (part);
	MmBytes ours = part->content;

	if (is_as_before (w, content, part))
		return TRUE;
	if (part->encoding == MM_ENCODING_QP || part->encoding == MM_ENCODING_BASE64) {
		if (!mm_part_decode (part, &decoded))
			return FALSE;
		ours = mm_buffer_bytes (&decoded);
	}
	return decodes_to (content, ours) || is_fault_of_content (content, part, ours);
}

static char *
compare_leaf (const Witness *w, const MmPart *part, GMimeObject *object)
{
	GMimeDataWrapper *content = g_mime_part_get_content (GMIME_PART (object));
	GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream (content) : NULL;
	gint64 start = (part->content.data - w->body) + (gint64) w->body_at;

	if (stream == NULL || !w->exact)
		return part->content.len == 0 || !w->exact
		               ? NULL
		               : g_strdup_printf ("no content in part \"%s\"", part->path);
	if (part->content.len > 0 && (stream->bound_start != start ||
	                              stream->bound_end != start + (gint64) part->content.len))
		return g_strdup_printf ("other content in part \"%s\"", part->path);
	if ((w->knows->decode == NULL || g_hash_table_contains (w->knows->decode, part->path)) &&
	    !same_octets (w, content, part))
		return g_strdup_printf ("other octets in part \"%s\"", part->path);
	return NULL;
}

/* GMime writes other octets in place of those that are not. */
static gboolean
is_printable (const char *text)
{
	while (g_ascii_isgraph (*text))
		text++;
	return *text == '\0';
}

static char *
compare_type (const MmPart *part, GMimeObject *object)
{
	g_autofree char *type =
	        g_mime_content_type_get_mime_type (g_mime_object_get_content_type (object));

	if (!part->type_given || g_ascii_strcasecmp (type, part->type) == 0 ||
	    !is_printable (part->type))
		return NULL;
	return g_strdup_printf ("part \"%s\" is %s", part->path, type);
}

static char *
compare_part (Witness *w, const MmPart *part)
{
	GMimeObject *object = g_ptr_array_index (w->objects, part->number);
	char *differs;

	/* Below a fault of the table GMime has no objects: nothing to compare. */
	if (object == NULL)
		return part->number == 0 ? g_strdup ("no message") : NULL;
	if (mm_witness_is_tree_fault (part, object))
		return NULL;
	differs = compare_type (part, object);
	if (differs != NULL)
		return differs;
	if (part->kind == MM_PART_LEAF)
		return GMIME_IS_PART (object)
		               ? compare_leaf (w, part, object)
		               : g_strdup_printf ("part \"%s\" is no leaf", part->path);
	if (part->kind == MM_PART_MESSAGE)
		give_message (w, part, object);
	else if (!GMIME_IS_MULTIPART (object) || !give_children (w, part, object))
		return g_strdup_printf ("part \"%s\" has other parts", part->path);
	return NULL;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

static gboolean
is_dangerous_field (const MmHeader *item)
{
	guint separators = 0;

	for (gsize i = 0; i < item->value.len; i++)
		separators += item->value.data[i] == ':' || item->value.data[i] == ';';
	return separators > MM_LIMIT_separators;
}

static gboolean
is_read (const MmPart *part, const MmHeader *item)
{
	return part->number > 0 || (item->is_field && mm_bytes_has_prefix (item->name, "Content-"));
}

static gboolean
is_dangerous (const MmMime *mime)
{
	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);
		for (guint h = 0; h < part->headers->len; h++)
			if (is_read (part, mm_part_header (part, h)) &&
			    is_dangerous_field (mm_part_header (part, h)))
				return TRUE;
	}
	return FALSE;
}

/* The body ends with a delimiter line that has no line end. */
static gboolean
ends_with_delimiter (const MmMime *mime, MmBytes body)
{
	if (body.len == 0 || body.data[body.len - 1] == '\n')
		return FALSE;
	for (guint i = 0; i < mime->parts->len; i++) {
		const GArray *lines = mm_mime_part (mime, i)->delimiters;
		if (lines != NULL && lines->len > 0 &&
		    mm_bytes_end (g_array_index (lines, MmBytes, lines->len - 1)) ==
		            mm_bytes_end (body))
			return TRUE;
	}
	return FALSE;
}

/* What GMime reads: the fields that say what the body is, and the body. */
static GBytes *
make_reading (const MmMessage *message, const MmMime *mime, gsize *out_body_at)
{
	const MmPart *top = mm_mime_part (mime, 0);
	MmBytes body = mm_message_body (message);
	MmSpool out = mm_message_spool (message, body.len + 1024);
	GBytes *reading;

	mm_spool_append (&out, mm_bytes_str ("MIME-Version: 1.0\r\n"));
	for (guint i = 0; i < top->headers->len; i++)
		if (is_read (top, mm_part_header (top, i)))
			mm_spool_append (&out, mm_part_header (top, i)->line);
	mm_spool_append (&out, mm_bytes_str ("\r\n"));
	*out_body_at = out.len;
	mm_spool_append (&out, body);
	/* Without it GMime counts a CR too many before a last delimiter. */
	if (ends_with_delimiter (mime, body))
		mm_spool_append (&out, mm_bytes_str ("\r\n"));
	reading = mm_spool_finish (&out);
	mm_spool_clear (&out);
	return reading;
}

/* @reading must outlive the result: GMime reads there when it is asked for content. */
static GMimeMessage *
parse (GByteArray *reading)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array (reading);
	GMimeParser *parser = g_mime_parser_new_with_stream (stream);
	GMimeMessage *message = g_mime_parser_construct_message (parser, NULL);

	g_mime_stream_mem_set_owner (GMIME_STREAM_MEM (stream), FALSE);
	g_object_unref (parser);
	g_object_unref (stream);
	return message;
}

static char *
compare (Witness *w, GMimeMessage *parsed)
{
	char *differs = NULL;

	g_ptr_array_set_size (w->objects, (int) w->mime->parts->len);
	w->objects->pdata[0] = parsed != NULL ? g_mime_message_get_mime_part (parsed) : NULL;
	for (guint i = 0; differs == NULL && i < w->mime->parts->len; i++)
		differs = compare_part (w, mm_mime_part (w->mime, i));
	return differs;
}

char *
mm_verify_witness (const MmMessage *message, const MmMime *mime, const MmWitnessKnows *knows)
{
	static const MmWitnessKnows nothing = {NULL, NULL, NULL};
	g_autoptr (GPtrArray) objects = g_ptr_array_new ();
	g_autoptr (GBytes) reading = NULL;
	GByteArray octets = {NULL, 0};
	MmScan scan = knows != NULL && knows->body != NULL ? *knows->body
	                                                   : mm_scan (mm_message_body (message));
	Witness w = {.mime = mime,
	             .objects = objects,
	             .knows = knows != NULL ? knows : &nothing,
	             .body = mm_message_body (message).data,
	             .exact = !mm_scan_has_bad_line_ends (&scan) && scan.nul.count == 0};
	GMimeMessage *parsed;
	char *differs;

	/* Beyond our own bounds only headers were mended. */
	if (mime->limit != NULL)
		return NULL;
	if (is_dangerous (mime))
		return g_strdup ("separators: the witness cannot safely be asked about this message");
	reading = make_reading (message, mime, &w.body_at);
	if (reading == NULL)
		return g_strdup ("no room for what it is to read");
	octets.data = (guint8 *) g_bytes_get_data (reading, NULL);
	octets.len = (guint) g_bytes_get_size (reading);
	parsed = parse (&octets);
	differs = compare (&w, parsed);
	g_clear_object (&parsed);
	return differs;
}
