/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness.c: GMime reads the mended message and must see what our splitter sees.
 *
 * GMime gets the Content-* and MIME-Version fields of the top level and the body: what it makes of
 * addresses is not asked, and its parser of address groups can be driven off its stack. What it is
 * known to misread stands in one table; there our tree counts.
 */
#include <config.h>

#include <gmime/gmime.h>
#include <mailmend/verify.h>

/* GMime's address parser recurses for every group, its parameters cost quadratic time: more colons
 * or semicolons than this in one field, and it is not asked. */
#define MAX_SEPARATORS 1000

void
mm_verify_init (void)
{
	g_mime_init ();
}

/* ---- what GMime is known to misread --------------------------------------------------------------- */

static gboolean
is_multipart_without_boundary (const MmPart *part, GMimeObject *object)
{
	return part->kind == MM_PART_LEAF && g_str_has_prefix (part->type, "multipart/") &&
	       GMIME_IS_MULTIPART (object);
}

/* GMime opens an encoded message as if it were plain, ours is an opaque leaf. */
static gboolean
is_encoded_message (const MmPart *part, GMimeObject *object)
{
	return part->kind == MM_PART_LEAF && g_str_has_prefix (part->type, "message/") &&
	       GMIME_IS_MESSAGE_PART (object);
}

/* An embedded message that begins with no field is none for GMime; message/global never is. */
static gboolean
is_unopened_message (const MmPart *part, GMimeObject *object)
{
	return part->kind == MM_PART_MESSAGE &&
	       (!GMIME_IS_MESSAGE_PART (object) ||
	        g_mime_message_part_get_message (GMIME_MESSAGE_PART (object)) == NULL);
}

static const struct {
	const char *name;
	gboolean (*applies) (const MmPart *part, GMimeObject *object);
} known_faults[] = {
        {"multipart-without-boundary", is_multipart_without_boundary},
        {"encoded-message", is_encoded_message},
        {"unopened-message", is_unopened_message},
};

static gboolean
is_known_fault (const MmPart *part, GMimeObject *object)
{
	for (gsize i = 0; i < G_N_ELEMENTS (known_faults); i++)
		if (known_faults[i].applies (part, object))
			return TRUE;
	return FALSE;
}

/* ---- comparing --------------------------------------------------------------------------------------- */

typedef struct {
	const MmMime *mime;
	GPtrArray *objects; /* of GMimeObject by part number, NULL: GMime has none there */
	GHashTable *decode;
	gsize body_at;      /* where the body begins in what GMime reads */
	const char *body;
	gboolean exact;     /* line ends are canonical: ranges can be compared */
} Witness;

static void
give_children (Witness *w, const MmPart *part, GMimeObject *object)
{
	int child = 0;

	for (guint i = part->number + 1; i < w->mime->parts->len; i++) {
		if (mm_mime_part (w->mime, i)->parent != (int) part->number)
			continue;
		if (GMIME_IS_MULTIPART (object))
			w->objects->pdata[i] =
			        g_mime_multipart_get_part (GMIME_MULTIPART (object), child++);
		else
			w->objects->pdata[i] = g_mime_message_get_mime_part (
			        g_mime_message_part_get_message (GMIME_MESSAGE_PART (object)));
	}
}

static int
count_children (const MmMime *mime, const MmPart *part)
{
	int n = 0;

	for (guint i = part->number + 1; i < mime->parts->len; i++)
		n += mm_mime_part (mime, i)->parent == (int) part->number;
	return n;
}

static gboolean
same_octets (GMimeDataWrapper *content, const MmPart *part)
{
	g_autoptr (GByteArray) bytes = g_byte_array_new ();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array (bytes);
	g_auto (MmBuffer) ours = MM_BUFFER_INIT;
	gboolean same;

	g_mime_stream_mem_set_owner (GMIME_STREAM_MEM (stream), FALSE);
	g_mime_data_wrapper_write_to_stream (content, stream);
	same = mm_part_decode (part, &ours) &&
	       mm_bytes_equal (mm_buffer_bytes (&ours),
	                       mm_bytes ((const char *) bytes->data, bytes->len));
	g_object_unref (stream);
	return same;
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
	if ((w->decode == NULL || g_hash_table_contains (w->decode, part->path)) &&
	    !same_octets (content, part))
		return g_strdup_printf ("other octets in part \"%s\"", part->path);
	return NULL;
}

static char *
compare_type (const MmPart *part, GMimeObject *object)
{
	g_autofree char *type =
	        g_mime_content_type_get_mime_type (g_mime_object_get_content_type (object));

	if (!part->type_given || g_ascii_strcasecmp (type, part->type) == 0)
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
	if (is_known_fault (part, object))
		return NULL;
	differs = compare_type (part, object);
	if (differs != NULL)
		return differs;
	if (part->kind == MM_PART_LEAF)
		return GMIME_IS_PART (object)
		               ? compare_leaf (w, part, object)
		               : g_strdup_printf ("part \"%s\" is no leaf", part->path);
	if (part->kind == MM_PART_MULTIPART &&
	    (!GMIME_IS_MULTIPART (object) ||
	     g_mime_multipart_get_count (GMIME_MULTIPART (object)) !=
	             count_children (w->mime, part)))
		return g_strdup_printf ("part \"%s\" has other parts", part->path);
	give_children (w, part, object);
	return NULL;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

static gboolean
is_dangerous_field (const MmHeader *item)
{
	guint separators = 0;

	for (gsize i = 0; i < item->value.len; i++)
		separators += item->value.data[i] == ':' || item->value.data[i] == ';';
	return separators > MAX_SEPARATORS;
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

/* What GMime reads: the fields that say what the body is, and the body. */
static gboolean
make_reading (const MmMessage *message, const MmPart *top, MmBuffer *out, gsize *out_body_at)
{
	MmBytes body = mm_message_body (message);

	mm_buffer_reserve (out, body.len + 1024);
	mm_buffer_append_str (out, "MIME-Version: 1.0\r\n");
	for (guint i = 0; i < top->headers->len; i++)
		if (is_read (top, mm_part_header (top, i)))
			mm_buffer_append (out, mm_part_header (top, i)->line);
	mm_buffer_append_str (out, "\r\n");
	*out_body_at = out->len;
	return mm_buffer_append (out, body);
}

static GMimeMessage *
parse (MmBuffer *reading)
{
	GByteArray *bytes = g_byte_array_new_take ((guint8 *) reading->data, reading->len);
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array (bytes);
	GMimeParser *parser = g_mime_parser_new_with_stream (stream);
	GMimeMessage *message = g_mime_parser_construct_message (parser, NULL);

	*reading = (MmBuffer) MM_BUFFER_INIT;
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
mm_verify_witness (const MmMessage *message, const MmMime *mime, GHashTable *decode)
{
	g_autoptr (GPtrArray) objects = g_ptr_array_new ();
	g_auto (MmBuffer) reading = MM_BUFFER_INIT;
	MmScan scan = mm_scan (mm_message_body (message));
	Witness w = {.mime = mime,
	             .objects = objects,
	             .decode = decode,
	             .body = mm_message_body (message).data,
	             .exact = !mm_scan_has_bad_line_ends (&scan) && scan.nul.count == 0};
	GMimeMessage *parsed;
	char *differs;

	/* Beyond our own bounds only headers were mended. */
	if (mime->limit != NULL)
		return NULL;
	if (is_dangerous (mime))
		return g_strdup ("it cannot safely be asked about this message");
	if (!make_reading (message, mm_mime_part (mime, 0), &reading, &w.body_at))
		return g_strdup ("out of memory");
	parsed = parse (&reading);
	differs = compare (&w, parsed);
	g_clear_object (&parsed);
	return differs;
}
