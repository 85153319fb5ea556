/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * charset.c: tells the charset of a text, and writes it into the Content-Type.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "charset-private.h"
#include "field-private.h"
#include "head-private.h"

#define LINE_WIDTH 76

/* ---- telling --------------------------------------------------------------------------------- */

gboolean
mm_charset_fits (MmBytes octets, const char *charset)
{
	const char *superset = mm_charset_superset (charset);

	return mm_charset_decodes (octets, charset) ||
	       (superset != NULL && mm_charset_decodes (octets, superset));
}

gboolean
mm_charset_content (const MmPart *part, MmBuffer *out)
{
	MmBase64State state = MM_BASE64_CLEAN;

	if (part->encoding == MM_ENCODING_UNKNOWN)
		return FALSE;
	if (part->encoding != MM_ENCODING_BASE64)
		return mm_part_decode (part, out);
	return mm_base64_decode (part->content, out, &state) &&
	       (state == MM_BASE64_CLEAN || state == MM_BASE64_UNPADDED);
}

/* As it is written in mail; NULL if it is no name, or not true. */
static const char *
tell_inside (MmBytes octets, const char *inside)
{
	const char *name = mm_charset_name_is_good (inside) ? inside
	                                                    : mm_charset_name_mend (inside);

	return name != NULL && mm_charset_fits (octets, name) ? name : NULL;
}

char *
mm_charset_tell (const MmFacts *facts, const char *type, MmBytes octets, const char *fallback)
{
	const char *slash = strchr (type, '/');
	g_autofree char *inside = mm_charset_named_inside (octets, slash + 1);
	const char *name = inside != NULL ? tell_inside (octets, inside) : NULL;
	gboolean escapes = mm_bytes_find (octets, '\033', 0) < octets.len;

	if (name != NULL)
		return g_strdup (name);
	name = mm_charset_choose (octets, facts->context->charsets, fallback);
	if (name == NULL || strcmp (name, "utf-8") != 0 || mm_bytes_has_8bit (octets))
		return g_strdup (name);
	/* Escapes switch between charsets that nobody named; every other text of 7 bits is ASCII. */
	return escapes ? NULL : g_strdup ("us-ascii");
}

char *
mm_charset_retell (const MmFacts *facts, const char *type, MmBytes octets, const char *wrong)
{
	g_autofree char *name = mm_charset_tell (facts, type, octets, NULL);
	g_autofree char *inside = mm_charset_named_inside (octets, strchr (type, '/') + 1);

	if (name == NULL || mm_charset_is_utf16_or_32 (name))
		return g_steal_pointer (&name);
	if (mm_bytes_find (octets, '\0', 0) < octets.len)
		return NULL;
	if (inside == NULL && wrong != NULL && !mm_is_utf8 (octets) &&
	    !mm_charset_reads_better (octets, name, wrong))
		return NULL;
	return g_steal_pointer (&name);
}

/* ---- writing --------------------------------------------------------------------------------- */

static gsize
last_column (MmBytes text)
{
	gsize at = text.len;

	while (at > 0 && text.data[at - 1] != '\n')
		at--;
	return text.len - at;
}

static void
append_parameter (const MmHeader *item, const char *charset, MmBuffer *out)
{
	MmBytes value = item->value;
	gsize column;

	while (value.len > 0 && mm_is_space (value.data[value.len - 1]))
		value.len--;
	mm_buffer_append (out, value);
	if (value.len == 0 || value.data[value.len - 1] != ';')
		mm_buffer_append_c (out, ';');
	column = last_column (mm_buffer_bytes (out));
	column += column == out->len ? item->name.len + 1 : 0;
	mm_buffer_append_str (out, column + strlen (" charset=") + strlen (charset) > LINE_WIDTH
	                                   ? "\r\n "
	                                   : " ");
	mm_buffer_append_str (out, "charset=");
	mm_buffer_append_str (out, charset);
}

static void
replace_parameter (MmBytes value, MmBytes old, const char *charset, MmBuffer *out)
{
	gsize from = (gsize) (old.data - value.data);

	mm_buffer_append (out, mm_bytes_sub (value, 0, from));
	mm_buffer_append_str (out, charset);
	mm_buffer_append (out, mm_bytes_sub (value, from + old.len, value.len));
}

gboolean
mm_charset_ensure_mime (const MmFacts *facts, MmEdits *out, GError **error)
{
	return facts->body.eightbit.count > 0 || mm_head_ensure_mime_version (facts, out, error);
}

gboolean
mm_charset_label (const MmFacts *facts, const MmPart *part, const char *charset, MmEdits *out,
                  GError **error)
{
	int at = mm_part_find_header (part, "Content-Type");
	g_auto (MmParameterized) p = {0};
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	g_autofree char *value = NULL;
	const MmParameter *old;

	if (at < 0) {
		value = g_strdup_printf (" text/plain; charset=%s", charset);
		mm_edits_append_header (out, part, "Content-Type", mm_bytes_str (value));
		return TRUE;
	}
	if (!mm_field_may_edit (facts, part, (guint) at, error))
		return FALSE;
	mm_grammar_parameterized (mm_part_header (part, (guint) at)->value, TRUE, &p);
	old = mm_parameter_find (&p, "charset");
	if ((p.flags & ~(guint) MM_PARAM_UNQUOTED) != 0 || mm_parameter_find (&p, "charset*") ||
	    (old != NULL && part->charset == NULL))
		return mm_uncertain (error, "the Content-Type cannot be added to");
	if (old == NULL)
		append_parameter (mm_part_header (part, (guint) at), charset, &text);
	else
		replace_parameter (mm_part_header (part, (guint) at)->value, old->value, charset,
		                   &text);
	mm_field_set (out, part, (guint) at, mm_buffer_bytes (&text));
	return TRUE;
}
