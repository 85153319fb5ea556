/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * head.c: what the top-level header has, and whether it may be added to.
 *
 * An MTA ends the header block at the first line that is no field: the rest then arrives as body,
 * after an empty line that the sender never wrote. Or the sender did write one, in the middle of
 * its header. Only the body's first lines tell.
 */
#include <config.h>

#include <mailmend/codec.h>
#include <mailmend/error.h>

#include "encoded-words-private.h"
#include "head-private.h"

static const char *const telling_names[] = {
        "From",         "Date",         "Message-ID",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};

/* Those that have no label of their own for that. */
static const char *const never_empty[] = {
        "To",         "Cc",          "Reply-To",  "Sender",
        "References", "In-Reply-To", "Resent-To", "Resent-Cc",
};

gboolean
mm_head_is_empty (const MmHeader *item)
{
	/* Hardly a field holds nothing, so that is asked first. */
	if (!item->is_field || !mm_grammar_is_blank (item->value))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS (never_empty); i++)
		if (mm_bytes_is (item->name, never_empty[i]))
			return TRUE;
	return FALSE;
}

gboolean
mm_head_is_empty_beside (const MmFacts *facts, guint at)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	const MmHeader *item = mm_part_header (top, at);

	if (!mm_grammar_is_blank (item->value))
		return FALSE;
	for (guint h = 0; h < top->headers->len; h++)
		if (h != at && mm_part_header (top, h)->is_field &&
		    mm_bytes_equal_nocase (mm_part_header (top, h)->name, item->name))
			return TRUE;
	return FALSE;
}

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
		return mm_bytes_sub (top->preamble, 0, MM_LIMIT_strayed_header);
	return top->kind == MM_PART_LEAF ? mm_bytes_sub (top->content, 0, MM_LIMIT_strayed_header)
	                                 : mm_bytes (NULL, 0);
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
	/* The delimiter of a multipart that lost its Content-Type: the fields are those of a part. */
	if (mm_bytes_has_prefix (first, "--"))
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
mm_head_is_mime_version (MmBytes value)
{
	g_autofree char *text = mm_grammar_without_comments (value);
	char *to = text;

	for (const char *from = text; *from != '\0'; from++)
		if (!mm_is_space (*from))
			*to++ = *from;
	*to = '\0';
	return strcmp (text, "1.0") == 0;
}

static gboolean
is_content_type (MmBytes value)
{
	g_auto (MmParameterized) p = {0};

	mm_grammar_parameterized (value, TRUE, &p);
	return (p.flags & (MM_PARAM_NO_TYPE | MM_PARAM_BAD_TYPE)) == 0;
}

static gboolean
is_transfer_encoding (MmBytes value)
{
	return mm_mime_read_encoding (value, NULL) != MM_ENCODING_UNKNOWN;
}

/* The fields that say more than any text would by chance. */
static const struct {
	const char *name;
	gboolean (*is_valid) (MmBytes value);
} mime_fields[] = {
        {"MIME-Version", mm_head_is_mime_version},
        {"Content-Type", is_content_type},
        {"Content-Transfer-Encoding", is_transfer_encoding},
};

static gboolean
is_lacking_mime_field (const MmFacts *facts, const MmHeader *item)
{
	for (gsize i = 0; i < G_N_ELEMENTS (mime_fields); i++)
		if (mm_bytes_is (item->name, mime_fields[i].name))
			return mime_fields[i].is_valid (item->value) &&
			       mm_message_find (facts->message, mime_fields[i].name, 0) < 0;
	return FALSE;
}

gboolean
mm_head_has_slid (const MmFacts *facts, guint *out_n)
{
	MmBytes body = text_of_body (facts);
	gsize len = fields_length (body);
	MmBytes rest = mm_bytes_sub (body, len, body.len);
	g_autoptr (GArray) fields = NULL;

	/* Where headers are the content they are where they belong. */
	if (len == 0 || rest.len == 0 ||
	    !mm_line_is_empty (mm_bytes_sub (rest, 0, mm_line_length (rest))) ||
	    mm_part_content_is_embedded (mm_mime_part (facts->mime, 0)))
		return FALSE;
	fields = g_array_new (FALSE, FALSE, sizeof (MmHeader));
	mm_header_tokenize (mm_bytes_sub (body, 0, len), fields);
	if (out_n != NULL)
		*out_n = fields->len;
	for (guint i = 0; fields->len >= 2 && i < fields->len; i++)
		if (is_lacking_mime_field (facts, &g_array_index (fields, MmHeader, i)))
			return TRUE;
	return FALSE;
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

static gboolean
has_sender (const MmFacts *facts)
{
	for (int at = mm_message_find (facts->message, "Sender", 0); at >= 0;
	     at = mm_message_find (facts->message, "Sender", (guint) at + 1))
		if (!mm_head_is_empty (mm_message_header (facts->message, (guint) at)))
			return TRUE;
	return FALSE;
}

gboolean
mm_head_needs_sender (const MmFacts *facts, MmBytes from, guint *out_n)
{
	g_auto (MmAddressList) list = {0};

	mm_grammar_address_list (from, &list);
	if (out_n != NULL)
		*out_n = list.mailboxes;
	return (list.faults & ~(guint) MM_ADDRESS_NOTICES) == 0 && list.mailboxes > 1 &&
	       !has_sender (facts);
}

gboolean
mm_head_is_no_field (const MmFacts *facts, const MmPart *part, guint at)
{
	return mm_part_is_stray_line (facts->mime, part, at);
}

gboolean
mm_head_is_broken (const MmFacts *facts)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	g_autoptr (GArray) strayed = mm_head_strayed (facts);

	if (strayed != NULL || mm_head_has_slid (facts, NULL))
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
		return mm_uncertain (error, "the header is broken off");
	mm_edits_append_header (out, mm_mime_part (facts->mime, 0), name, mm_bytes_str (text));
	return TRUE;
}

gboolean
mm_head_has_undeclared_8bit (const MmFacts *facts)
{
	if (facts->body.eightbit.count == 0)
		return FALSE;
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (part->kind == MM_PART_LEAF && !mm_part_content_is_embedded (part) &&
		    part->encoding != MM_ENCODING_8BIT && part->encoding != MM_ENCODING_BINARY &&
		    mm_bytes_has_8bit (part->content))
			return TRUE;
	}
	return FALSE;
}

gboolean
mm_head_ensure_mime_version (const MmFacts *facts, MmEdits *out, GError **error)
{
	if (mm_message_find (facts->message, "MIME-Version", 0) >= 0 ||
	    mm_edits_appends (out, "MIME-Version"))
		return TRUE;
	return mm_head_add (facts, "MIME-Version", "1.0", out, error);
}

/* Printable ASCII can stay as it is; anything else must become encoded words, and so must words
 * that are encoded badly: they would be a new defect. */
static gboolean
is_plain (MmBytes value)
{
	g_autoptr (GArray) words = mm_field_words (MM_FIELD_TEXT, value);

	for (gsize i = 0; i < value.len; i++)
		if ((value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] > '~')
			return FALSE;
	for (guint i = 0; i < words->len; i++)
		if (g_array_index (words, MmFieldWord, i).flaws != 0)
			return FALSE;
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
	g_auto (MmBuffer) unfolded = MM_BUFFER_INIT;

	if (!facts->context->keep_original_id || mm_message_find (facts->message, name, 0) >= 0)
		return;
	mm_unfold (old, &unfolded);
	old = mm_bytes_trim (mm_buffer_bytes (&unfolded));
	if (old.len == 0 && !unfolded.failed)
		return;
	old = mm_bytes_trim (mm_bytes_sub (old, 0, MM_LIMIT_kept_value));
	mm_buffer_append_c (&value, ' ');
	if (unfolded.failed)
		value.failed = TRUE; /* the edit fails: the old value would be lost */
	else if (is_plain (old))
		mm_buffer_append (&value, old);
	else if (!append_as_words (old, name, &value) && !value.failed)
		return;
	if (value.len <= MM_LIMIT_kept_value + 1)
		mm_edits_append_header (out, mm_mime_part (facts->mime, 0), name,
		                        mm_buffer_bytes (&value));
}
