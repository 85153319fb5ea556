/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parameters.c: quotes what must be quoted, drops empty items.
 *
 * RFC 2045 5.1: value = token / quoted-string; tspecials "must be in quoted-string, to use within
 * parameter values".
 *
 * An unquoted value is what stands before the next ";", as most readers see it. Where that can be
 * two things, or readers differ and the difference matters, nothing is certain.
 */
#include <config.h>

#include "parameters-private.h"

#define MENDABLE (MM_PARAM_UNQUOTED | MM_PARAM_EMPTY_ITEM | MM_PARAM_EMPTY_VALUE)

static gsize
offset_in (MmBytes value, MmBytes view)
{
	return (gsize) (view.data - value.data);
}

/* ---- what is certain ------------------------------------------------------------------------- */

/* "us-ascii format=flowed": a blank, a token and "=" look like a parameter whose ";" is missing. */
static gboolean
holds_attribute (MmBytes value)
{
	for (gsize at = mm_bytes_find (value, '=', 0); at < value.len;
	     at = mm_bytes_find (value, '=', at + 1)) {
		gsize end = at, from;

		while (end > 0 && mm_is_space (value.data[end - 1]))
			end--;
		for (from = end; from > 0 && !mm_is_space (value.data[from - 1]);)
			from--;
		if (from > 0 && mm_grammar_is_token (mm_bytes_sub (value, from, end)))
			return TRUE;
		value = mm_bytes_sub (value, at, value.len);
		at = 0;
	}
	return FALSE;
}

static gboolean
has_blank (MmBytes value)
{
	for (gsize i = 0; i < value.len; i++)
		if (mm_is_space (value.data[i]))
			return TRUE;
	return FALSE;
}

/* RFC 2231 forbids quotes around an extended value ("name*="). A charset ends at a blank for most
 * readers, so with quotes around both words it would get worse. */
static gboolean
may_be_quoted (const MmParameter *parameter)
{
	MmBytes value = parameter->value;

	return value.data[0] != '"' && parameter->name.data[parameter->name.len - 1] != '*' &&
	       !holds_attribute (value) &&
	       !(mm_bytes_is (parameter->name, "charset") && has_blank (value));
}

/* ---- writing --------------------------------------------------------------------------------- */

static void
append_quoted (MmBytes value, MmBuffer *out)
{
	mm_buffer_append_c (out, '"');
	for (gsize i = 0; i < value.len; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			mm_buffer_append_c (out, '\\');
		mm_buffer_append_c (out, value.data[i]);
	}
	mm_buffer_append_c (out, '"');
}

/* What stands between two items, with one ";" of those in it. FALSE if a comment stands between
 * them: it belongs to an item that is none. */
static gboolean
append_gap (MmBytes gap, MmBuffer *out)
{
	gsize first = gap.len, behind = 0, pos = 0;

	while (pos < gap.len) {
		if (gap.data[pos] == ';') {
			first = MIN (first, pos);
			behind = ++pos;
		} else if (gap.data[pos] != '(') {
			pos++;
		} else if (!mm_grammar_skip_cfws (gap, &pos)) {
			return FALSE;
		}
	}
	if (behind <= first + 1)
		return mm_buffer_append (out, gap);
	if (memchr (gap.data + first, '(', behind - first) != NULL)
		return FALSE;
	mm_buffer_append (out, mm_bytes_sub (gap, 0, first + 1));
	return mm_buffer_append (out, mm_bytes_sub (gap, behind, gap.len));
}

static gboolean
append_items (MmBytes value, const MmParameterized *p, MmBuffer *out)
{
	gsize done = offset_in (value, p->type) + p->type.len;

	mm_buffer_append (out, mm_bytes_sub (value, 0, done));
	for (guint i = 0; i < p->parameters->len; i++) {
		const MmParameter *parameter = &g_array_index (p->parameters, MmParameter, i);
		gsize name = offset_in (value, parameter->name);
		gsize from = offset_in (value, parameter->value);

		if (!append_gap (mm_bytes_sub (value, done, name), out))
			return FALSE;
		mm_buffer_append (out, mm_bytes_sub (value, name, from));
		if (parameter->value.len > 0 && !parameter->invalid)
			mm_buffer_append (out, parameter->value);
		else if (parameter->value.len == 0 || may_be_quoted (parameter))
			append_quoted (parameter->value, out);
		else
			return FALSE;
		done = from + parameter->value.len;
	}
	return append_gap (mm_bytes_sub (value, done, value.len), out);
}

/* ---- proving --------------------------------------------------------------------------------- */

static gboolean
has_same_value (const MmParameter *a, const MmParameter *b)
{
	MmParameterized one = {.parameters = g_array_new (FALSE, FALSE, sizeof (MmParameter))};
	g_autofree char *name = mm_bytes_dup (a->name);
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;

	g_array_append_val (one.parameters, *a);
	before = mm_parameter_get (&one, name);
	g_array_set_size (one.parameters, 0);
	g_array_append_val (one.parameters, *b);
	after = mm_parameter_get (&one, name);
	mm_parameterized_clear (&one);
	return mm_bytes_equal (a->name, b->name) && g_strcmp0 (before, after) == 0;
}

/* The grammar holds, and it says what was said before. */
static gboolean
is_proven (const MmParameterized *before, MmBytes value, gboolean slash)
{
	g_auto (MmParameterized) after = {0};

	mm_grammar_parameterized (value, slash, &after);
	if (after.flags != 0 || !mm_bytes_equal (before->type, after.type) ||
	    before->parameters->len != after.parameters->len)
		return FALSE;
	for (guint i = 0; i < after.parameters->len; i++)
		if (!has_same_value (&g_array_index (before->parameters, MmParameter, i),
		                     &g_array_index (after.parameters, MmParameter, i)))
			return FALSE;
	return TRUE;
}

gboolean
mm_parameters_normalise (MmBytes value, gboolean slash, MmBuffer *out)
{
	g_auto (MmParameterized) p = {0};
	gsize before = out->len;

	mm_grammar_parameterized (value, slash, &p);
	if ((p.flags & ~MENDABLE) == 0 && append_items (value, &p, out) &&
	    is_proven (&p, mm_bytes_sub (mm_buffer_bytes (out), before, out->len), slash))
		return TRUE;
	out->len = before;
	return FALSE;
}
