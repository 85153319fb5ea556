/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bad-charset-names.c: lists the names of charsets in a field that are none.
 */
#include <config.h>

#include "bad-charset-names-private.h"

#define NAME_MAX_CHARS 64

/* The bad names of a field. */
typedef struct {
	GArray *found; /* of MmBadName */
	guint most;    /* no more are looked for */
	MmBytes good;  /* the last one that was not bad: fields have many words in one charset */
} Names;

static gboolean
is_bad (MmBytes name)
{
	char text[NAME_MAX_CHARS + 1];

	if (name.len == 0 || mm_bytes_has_8bit (name))
		return FALSE;
	if (name.len > NAME_MAX_CHARS)
		return TRUE;
	memcpy (text, name.data, name.len);
	text[name.len] = '\0';
	return !mm_charset_name_is_good (text);
}

static void
take_if_bad (Names *names, const MmBadName *name)
{
	if (names->good.len > 0 && mm_bytes_equal (name->name, names->good))
		return;
	if (is_bad (name->name))
		g_array_append_val (names->found, *name);
	else
		names->good = name->name;
}

static gboolean
has_enough (const Names *names)
{
	return names->found->len >= names->most;
}

static void
list_words (MmBytes value, gsize from, gsize to, MmWordPlace place, Names *out)
{
	MmBytes region = mm_bytes_sub (value, 0, to);
	MmBadName name = {.place = place};

	while (!has_enough (out) && mm_encoded_word_find (region, from, &name.word)) {
		from = (gsize) (mm_bytes_end (name.word.whole) - value.data);
		name.name = name.word.charset;
		take_if_bad (out, &name);
	}
}

/* Phrases and comments; nowhere else is "=?" the start of an encoded word (RFC 2047 5). */
static void
list_structured (MmBytes value, Names *out)
{
	MmSpan span;

	for (gsize at = 0; at < value.len && !has_enough (out); at = span.to) {
		span = mm_span_at (value, at);
		if (span.kind == MM_SPAN_WORD)
			list_words (value, span.from, span.to, MM_WORD_PHRASE, out);
		else if (span.kind == MM_SPAN_COMMENT)
			list_words (value, span.from, span.to, MM_WORD_COMMENT, out);
	}
}

/* "name*" or "name*0*", whose value begins with a charset. */
static gboolean
is_extended (MmBytes name, gboolean *out_continued)
{
	gsize star = mm_bytes_find (name, '*', 0);
	MmBytes rest = mm_bytes_sub (name, star, name.len);

	*out_continued = mm_bytes_is (rest, "*0*");
	return *out_continued || mm_bytes_is (rest, "*");
}

static void
list_parameter (const MmParameter *parameter, Names *out)
{
	MmBytes value = parameter->value;
	gboolean continued;
	gsize first, second;
	MmBadName name = {0};

	if (!is_extended (parameter->name, &continued))
		return;
	if (parameter->quoted)
		value = mm_bytes_sub (value, 1, value.len - 1);
	first = mm_bytes_find (value, '\'', 0);
	second = mm_bytes_find (value, '\'', first + 1);
	name.name = mm_bytes_sub (value, 0, first);
	if (second < value.len && !continued)
		name.text = mm_bytes_sub (value, second + 1, value.len);
	if (second < value.len)
		take_if_bad (out, &name);
}

/* The charset of a text part. A value that is no token is INVALID_MIME_HEADERS' matter. */
static void
list_charset (const MmParameterized *p, Names *out)
{
	const MmParameter *parameter = mm_parameter_find (p, "charset");
	MmBadName name = {.of_content = TRUE};

	if (parameter == NULL || parameter->invalid)
		return;
	name.name = parameter->value;
	if (parameter->quoted)
		name.name = mm_bytes_sub (name.name, 1, name.name.len - 1);
	if (name.name.len == 0)
		g_array_append_val (out->found, name);
	else
		take_if_bad (out, &name);
}

static void
list_parameters (const MmPart *part, guint at, Names *out)
{
	g_auto (MmParameterized) own = {0};
	const MmParameterized *p = mm_part_parameters (part, at, &own);

	if ((int) at == part->type_at && mm_part_is_text (part))
		list_charset (p, out);
	for (guint i = 0; i < p->parameters->len; i++)
		list_parameter (&g_array_index (p->parameters, MmParameter, i), out);
}

GArray *
mm_bad_charset_names (const MmPart *part, guint at, guint most)
{
	const MmHeader *item = mm_part_header (part, at);
	Names names = {.found = g_array_new (FALSE, FALSE, sizeof (MmBadName)), .most = most};

	switch (mm_field_kind (item->name)) {
	case MM_FIELD_TEXT:
		list_words (item->value, 0, item->value.len, MM_WORD_TEXT, &names);
		break;
	case MM_FIELD_ADDRESSES:
	case MM_FIELD_PHRASES:
		list_structured (item->value, &names);
		break;
	case MM_FIELD_PARAMETERS:
		list_parameters (part, at, &names);
		break;
	default:
		break;
	}
	return names.found;
}
