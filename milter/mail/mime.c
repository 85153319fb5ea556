/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime.c: what a part says of itself: type, encoding, charset, boundary (RFC 2045 5, 6; RFC 2046 5).
 */
#include <config.h>

#include <mailmend/codec.h>
#include <mailmend/mime.h>

#include "mime-private.h"

static const struct {
	const char *name;
	MmEncoding encoding;
} encodings[] = {
        {"7bit", MM_ENCODING_7BIT},
        {"8bit", MM_ENCODING_8BIT},
        {"binary", MM_ENCODING_BINARY},
        {"quoted-printable", MM_ENCODING_QP},
        {"base64", MM_ENCODING_BASE64},
};

/* Whatever stands below these is embedded mail (labels: "Embedded mail"). */
static const char *const embedding_types[] = {
        "message/rfc822",          "message/global",
        "message/partial",         "message/external-body",
        "message/delivery-status", "message/disposition-notification",
        "message/feedback-report", "text/rfc822-headers",
        "message/global-headers",  "message/global-delivery-status",
};

static gboolean
is_embedding_type (const char *type)
{
	for (gsize i = 0; i < G_N_ELEMENTS (embedding_types); i++)
		if (strcmp (type, embedding_types[i]) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
seals_its_parts (const MmPart *part)
{
	return strcmp (part->type, "multipart/signed") == 0 ||
	       strcmp (part->type, "multipart/encrypted") == 0;
}

/* The path of the next child. */
static char *
child_path (MmPart *parent)
{
	guint child = ++parent->children;

	if (*parent->path == '\0')
		return g_strdup_printf ("%u", child);
	return g_strdup_printf ("%s.%u", parent->path, child);
}

MmPart *
mm_part_new (MmMime *mime, int parent)
{
	MmPart *part = g_new0 (MmPart, 1);
	MmPart *above = parent >= 0 ? mm_mime_part_mutable (mime, (guint) parent) : NULL;

	part->message = mime->message;
	part->number = mime->parts->len;
	part->parent = parent;
	part->depth = above != NULL ? above->depth + 1 : 1;
	part->path = above != NULL ? child_path (above) : g_strdup ("");
	if (above != NULL) {
		part->embedded = above->embedded || is_embedding_type (above->type) ||
		                 strcmp (above->type, "multipart/report") == 0;
		part->sealed = above->sealed || seals_its_parts (above);
	}
	g_ptr_array_add (mime->parts, part);
	return part;
}

void
mm_part_free (MmPart *part)
{
	g_free (part->path);
	g_clear_pointer (&part->headers, g_array_unref);
	g_clear_pointer (&part->delimiters, g_array_unref);
	g_free (part->type);
	g_free (part->encoding_text);
	g_free (part->charset);
	g_free (part->boundary);
	mm_parameterized_clear (&part->type_field);
	mm_parameterized_clear (&part->disposition);
	mm_qp_look_clear (&part->qp);
	g_free (part);
}

static const char *
default_type (const MmMime *mime, const MmPart *part)
{
	if (part->parent >= 0 &&
	    strcmp (mm_mime_part (mime, (guint) part->parent)->type, "multipart/digest") == 0)
		return "message/rfc822";
	return "text/plain";
}

/* RFC 2231 4: charset*=us-ascii'en'name; a name needs no escapes. */
static char *
read_extended_charset (const MmParameterized *p)
{
	g_autofree char *extended = mm_parameter_get (p, "charset*");
	const char *name = extended != NULL ? strrchr (extended, '\'') : NULL;

	return name != NULL && name[1] != '\0' ? g_strdup (name + 1) : NULL;
}

static char *
read_charset (const MmParameterized *p)
{
	g_autofree char *charset = mm_parameter_get (p, "charset");

	if (charset == NULL || *charset == '\0')
		return read_extended_charset (p);
	return g_steal_pointer (&charset);
}

/* Behind those that are read there may be one that says what the content is. */
static void
read_parameters (MmMime *mime, const MmPart *part, int at, gboolean slash, MmParameterized *out)
{
	if (at < 0)
		return;
	mm_grammar_parameterized (mm_part_header (part, (guint) at)->value, slash, out);
	if (out->flags & MM_PARAM_TOO_MANY)
		mime->limit = "parameters";
}

static void
read_type (MmMime *mime, MmPart *part)
{
	const MmParameterized *p = &part->type_field;

	read_parameters (mime, part, part->type_at, TRUE, &part->type_field);
	if (part->type_at < 0 || (p->flags & (MM_PARAM_NO_TYPE | MM_PARAM_BAD_TYPE))) {
		part->type = g_strdup (default_type (mime, part));
		return;
	}
	part->type = g_ascii_strdown (p->type.data, (gssize) p->type.len);
	part->type_given = TRUE;
	part->charset = read_charset (p);
	if (g_str_has_prefix (part->type, "multipart/"))
		part->boundary = mm_parameter_get (p, "boundary");
	if (part->boundary != NULL && *part->boundary == '\0')
		g_clear_pointer (&part->boundary, g_free);
}

MmEncoding
mm_mime_read_encoding (MmBytes value, char **out_text)
{
	g_autofree char *text = mm_grammar_without_comments (value);
	g_autofree char *lower = g_ascii_strdown (text, -1);
	MmEncoding encoding = MM_ENCODING_UNKNOWN;

	for (gsize i = 0; i < G_N_ELEMENTS (encodings); i++)
		if (strcmp (lower, encodings[i].name) == 0)
			encoding = encodings[i].encoding;
	if (out_text != NULL)
		*out_text = g_steal_pointer (&lower);
	return encoding;
}

static void
read_encoding (MmPart *part)
{
	int at = part->encoding_at;

	if (at >= 0)
		part->encoding = mm_mime_read_encoding (mm_part_header (part, (guint) at)->value,
		                                        &part->encoding_text);
}

static void
read_disposition (MmMime *mime, MmPart *part)
{
	read_parameters (mime, part, part->disposition_at, FALSE, &part->disposition);
	part->attachment = mm_bytes_is (part->disposition.type, "attachment");
}

/* The last field of each name governs. */
static void
find_fields (MmPart *part)
{
	part->type_at = mm_part_find_header (part, "Content-Type");
	part->encoding_at = mm_part_find_header (part, "Content-Transfer-Encoding");
	part->disposition_at = mm_part_find_header (part, "Content-Disposition");
}

void
mm_part_read_fields (MmMime *mime, MmPart *part)
{
	find_fields (part);
	read_type (mime, part);
	read_encoding (part);
	read_disposition (mime, part);
	if (part->boundary != NULL)
		part->kind = MM_PART_MULTIPART;
	else if ((strcmp (part->type, "message/rfc822") == 0 ||
	          strcmp (part->type, "message/global") == 0) &&
	         part->encoding != MM_ENCODING_QP && part->encoding != MM_ENCODING_BASE64)
		part->kind = MM_PART_MESSAGE;
}

void
mm_mime_free (MmMime *mime)
{
	g_ptr_array_unref (mime->parts);
	g_free (mime);
}

/* "From " before the header is an mbox line that was not taken off; it harms nobody. */
static gboolean
is_mbox_line (const MmMime *mime, const MmPart *part, guint at)
{
	MmBytes line = mm_part_header (part, at)->line;
	gboolean begins_message =
	        part->parent < 0 ||
	        mm_mime_part (mime, (guint) part->parent)->kind == MM_PART_MESSAGE;

	return at == 0 && begins_message &&
	       (mm_bytes_has_prefix (line, "From ") || mm_bytes_has_prefix (line, ">From "));
}

/* Without CRs and NULs in its name it would be a field: they alone are the defect. */
static gboolean
is_damaged_field (MmBytes line)
{
	gsize colon = mm_bytes_find (line, ':', 0);
	gsize damage = 0;

	for (gsize i = 0; i < colon; i++) {
		if (line.data[i] == '\r' || line.data[i] == '\0')
			damage++;
		else if ((guchar) line.data[i] <= ' ' || line.data[i] == 127)
			return FALSE;
	}
	return colon < line.len && damage > 0 && damage < colon;
}

gboolean
mm_part_is_stray_line (const MmMime *mime, const MmPart *part, guint at)
{
	const MmHeader *item = mm_part_header (part, at);

	return !item->is_field && !is_mbox_line (mime, part, at) &&
	       !is_damaged_field (item->line);
}

guint
mm_part_end (const MmMime *mime, const MmPart *part)
{
	guint end = part->number + 1;

	while (end < mime->parts->len && mm_mime_part (mime, end)->depth > part->depth)
		end++;
	return end;
}

const MmPart *
mm_mime_mail_of (const MmMime *mime, const MmPart *part)
{
	while (part->parent >= 0) {
		const MmPart *above = mm_mime_part (mime, (guint) part->parent);

		if (above->kind == MM_PART_MESSAGE)
			break;
		part = above;
	}
	return part;
}

int
mm_part_find_header (const MmPart *part, const char *name)
{
	gsize len = strlen (name);

	for (guint i = part->headers->len; i-- > 0;) {
		const MmHeader *item = mm_part_header (part, i);

		if (item->name.len == len && item->is_field && mm_bytes_is (item->name, name))
			return (int) i;
	}
	return -1;
}

const MmParameterized *
mm_part_parameters (const MmPart *part, guint at, MmParameterized *own)
{
	const MmHeader *item = mm_part_header (part, at);

	if ((int) at == part->type_at)
		return &part->type_field;
	if ((int) at == part->disposition_at)
		return &part->disposition;
	mm_grammar_parameterized (item->value, mm_bytes_is (item->name, "Content-Type"), own);
	return own;
}

MmBytes
mm_part_preamble (const MmPart *part)
{
	const char *end = part->delimiters->len > 0
	                          ? g_array_index (part->delimiters, MmBytes, 0).data
	                          : mm_bytes_end (part->preamble);

	return mm_bytes (part->content.data, (gsize) (end - part->content.data));
}

MmBytes
mm_part_epilogue (const MmPart *part)
{
	gsize line_end = part->epilogue.len > 0 ? part->line_end.len : 0;

	return mm_bytes (part->epilogue.data, part->epilogue.len + line_end);
}

gboolean
mm_part_is_text (const MmPart *part)
{
	return g_str_has_prefix (part->type, "text/");
}

/* The second and third part of multipart/report are for programs. */
static gboolean
is_report_data (const MmMime *mime, const MmPart *part)
{
	const MmPart *above = part->parent >= 0 ? mm_mime_part (mime, (guint) part->parent) : NULL;

	return above != NULL && strcmp (above->type, "multipart/report") == 0 &&
	       part->number != above->number + 1;
}

gboolean
mm_part_is_untouchable (const MmMime *mime, const MmPart *part)
{
	return part->kind != MM_PART_LEAF || part->sealed ||
	       g_str_has_prefix (part->type, "multipart/") ||
	       g_str_has_prefix (part->type, "message/") || is_embedding_type (part->type) ||
	       is_report_data (mime, part);
}

gboolean
mm_part_content_is_embedded (const MmPart *part)
{
	return part->embedded || is_embedding_type (part->type);
}

MmBuffer
mm_part_buffer (const MmPart *part)
{
	return mm_message_buffer (part->message);
}

gboolean
mm_part_decode (const MmPart *part, MmBuffer *out)
{
	MmBase64State state;

	switch (part->encoding) {
	case MM_ENCODING_QP:
		return mm_qp_decode (part->content, out);
	case MM_ENCODING_BASE64:
		return mm_base64_decode (part->content, out, &state);
	default:
		return mm_buffer_append (out, part->content);
	}
}

gboolean
mm_part_is_binhex_in_base64 (const MmPart *part)
{
	return part->kind == MM_PART_LEAF && part->encoding == MM_ENCODING_BASE64 &&
	       (strcmp (part->type, "application/mac-binhex40") == 0 ||
	        strcmp (part->type, "application/x-mac-binhex40") == 0);
}

gboolean
mm_part_is_tnef (const MmPart *part)
{
	return strcmp (part->type, "application/ms-tnef") == 0 ||
	       strcmp (part->type, "application/vnd.ms-tnef") == 0;
}

gboolean
mm_mime_has_tnef (const MmMime *mime)
{
	for (guint i = 0; i < mime->parts->len; i++)
		if (mm_part_is_tnef (mm_mime_part (mime, i)))
			return TRUE;
	return FALSE;
}

gboolean
mm_mime_has_content_headers (const MmMime *mime)
{
	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);
		for (guint h = 0; h < part->headers->len; h++)
			if (mm_bytes_has_prefix (mm_part_header (part, h)->name, "Content-"))
				return TRUE;
	}
	return FALSE;
}
