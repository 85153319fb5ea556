/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * head.c: what the top-level header has, and whether it may be added to.
 *
 * An MTA ends the header block at the first line that is no field: the rest then arrives as body,
 * after an empty line that the sender never wrote. Only the body's first lines tell.
 */
#include <config.h>

#include <mailmend/codec.h>
#include <mailmend/error.h>

#include "head-private.h"

/* A replaced value is kept up to this length, so that its line stays below 998. */
#define MAX_KEPT 900

static const char *const telling_names[] = {
        "From",         "Date",         "Message-ID",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};

gboolean
mm_uncertain (GError **error, const char *text)
{
	g_set_error_literal (error, MM_ERROR, MM_ERROR_UNCERTAIN, text);
	return FALSE;
}

static gboolean
is_telling (const MmFacts *facts, const MmHeader *item)
{
	for (gsize i = 0; i < G_N_ELEMENTS (telling_names); i++)
		if (mm_bytes_is (item->name, telling_names[i]))
			return mm_message_find (facts->message, telling_names[i], 0) < 0;
	return FALSE;
}

/* Length of the fields and continuations that @text begins with. */
static gsize
fields_length (MmBytes text)
{
	gsize at = 0;

	while (at < text.len) {
		gsize len = mm_line_length (mm_bytes_sub (text, at, text.len));
		MmBytes line = mm_bytes_sub (text, at, at + len);
		gboolean fold = at > 0 && mm_is_wsp (line.data[0]);

		if (!fold && !mm_line_is_field (line))
			break;
		at += len;
	}
	return at;
}

/* Where fields can have strayed to: the headers of parts are where they belong. */
static MmBytes
text_of_body (const MmFacts *facts)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	if (top->kind == MM_PART_MULTIPART)
		return top->preamble;
	return top->kind == MM_PART_LEAF ? top->content : mm_bytes (NULL, 0);
}

GArray *
mm_head_strayed (const MmFacts *facts)
{
	MmBytes body = text_of_body (facts);
	MmBytes first = mm_bytes_sub (body, 0, mm_line_length (body));
	MmBytes rest = mm_bytes_sub (body, first.len, body.len);
	g_autoptr (GArray) fields = NULL;
	gsize len;

	if (first.len == 0 || mm_line_is_empty (first) || mm_line_is_field (first))
		return NULL;
	len = fields_length (rest);
	if (len == 0)
		return NULL;
	fields = g_array_new (FALSE, FALSE, sizeof (MmHeader));
	mm_header_tokenize (mm_bytes_sub (rest, 0, len), fields);
	for (guint i = 0; fields->len >= 2 && i < fields->len; i++)
		if (is_telling (facts, &g_array_index (fields, MmHeader, i)))
			return g_steal_pointer (&fields);
	return NULL;
}

gboolean
mm_head_has (const MmFacts *facts, const char *name)
{
	g_autoptr (GArray) strayed = NULL;

	if (mm_message_find (facts->message, name, 0) >= 0)
		return TRUE;
	strayed = mm_head_strayed (facts);
	for (guint i = 0; strayed != NULL && i < strayed->len; i++)
		if (mm_bytes_is (g_array_index (strayed, MmHeader, i).name, name))
			return TRUE;
	return FALSE;
}

/* "From " before the header is an mbox line that was not taken off; it harms nobody. */
static gboolean
is_mbox_line (const MmFacts *facts, const MmPart *part, guint at)
{
	MmBytes line = mm_part_header (part, at)->line;
	gboolean begins_message =
	        part->parent < 0 ||
	        mm_mime_part (facts->mime, (guint) part->parent)->kind == MM_PART_MESSAGE;

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
mm_head_is_no_field (const MmFacts *facts, const MmPart *part, guint at)
{
	const MmHeader *item = mm_part_header (part, at);

	return !item->is_field && !is_mbox_line (facts, part, at) &&
	       !is_damaged_field (item->line);
}

gboolean
mm_head_is_broken (const MmFacts *facts)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	g_autoptr (GArray) strayed = mm_head_strayed (facts);

	if (strayed != NULL)
		return TRUE;
	for (guint i = 0; i < top->headers->len; i++)
		if (mm_head_is_no_field (facts, top, i))
			return TRUE;
	return FALSE;
}

gboolean
mm_head_add (const MmFacts *facts, const char *name, const char *value, MmEdits *out,
             GError **error)
{
	g_autofree char *text = g_strconcat (" ", value, NULL);

	if (mm_head_is_broken (facts))
		return mm_uncertain (error, "a line of the header is no field");
	mm_edits_append_header (out, mm_mime_part (facts->mime, 0), name, mm_bytes_str (text));
	return TRUE;
}

gboolean
mm_head_ensure_mime_version (const MmFacts *facts, MmEdits *out, GError **error)
{
	if (mm_message_find (facts->message, "MIME-Version", 0) >= 0 ||
	    mm_edits_appends (out, "MIME-Version"))
		return TRUE;
	return mm_head_add (facts, "MIME-Version", "1.0", out, error);
}

/* Printable ASCII and folds can stay as they are; anything else must become encoded words. */
static gboolean
is_plain (MmBytes value)
{
	for (gsize i = 0; i < value.len; i++) {
		guchar c = (guchar) value.data[i];
		gboolean fold = c == '\r' && i + 2 < value.len && value.data[i + 1] == '\n' &&
		                mm_is_wsp (value.data[i + 2]);
		if (fold)
			i++;
		else if ((c < ' ' && c != '\t') || c > '~')
			return FALSE;
	}
	return TRUE;
}

/* Octets of no known charset are kept as windows-1252 would name them, or not at all. */
static gboolean
append_as_words (MmBytes old, const char *name, MmBuffer *out)
{
	const char *charset = mm_is_utf8 (old) ? "utf-8" : "windows-1252";

	return mm_encoded_words_encode (old, charset, MM_WORD_TEXT, (guint) strlen (name) + 2,
	                                out);
}

void
mm_head_keep_original (const MmFacts *facts, const char *name, MmBytes old, MmEdits *out)
{
	g_auto (MmBuffer) value = MM_BUFFER_INIT;

	old = mm_bytes_trim (old);
	if (!facts->context->keep_original_id || old.len == 0 ||
	    mm_message_find (facts->message, name, 0) >= 0)
		return;
	old = mm_bytes_trim (mm_bytes_sub (old, 0, MAX_KEPT));
	mm_buffer_append_c (&value, ' ');
	if (is_plain (old))
		mm_buffer_append (&value, old);
	else if (!append_as_words (old, name, &value))
		return;
	if (value.len <= MAX_KEPT + 1)
		mm_edits_append_header (out, mm_mime_part (facts->mime, 0), name,
		                        mm_buffer_bytes (&value));
}
