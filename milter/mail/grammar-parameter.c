/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-parameter.c: the values of Content-Type and Content-Disposition.
 *
 * RFC 2045 5.1, RFC 2183 2, with CFWS between any two tokens (RFC 822 3.1.4):
 *     content     = type "/" subtype *(";" parameter)
 *     disposition = token *(";" parameter)
 *     parameter   = attribute "=" value
 *     value       = token / quoted-string
 *
 * What breaks the grammar is flagged and then read as the usual readers do, so that the tree of
 * parts and the file names are there whatever the flags say: an item ends at the next ";", and an
 * open quote at the end of the value.
 */
#include "grammar-private.h"

/* Octets from 0x80 on are letters: another rule reports them. */
static void
skip_token (MmBytes in, gsize *pos)
{
	gsize at = *pos;

	while (at < in.len &&
	       (mm_grammar_is_token_char (in.data[at]) || ((guchar)in.data[at] & 0x80) != 0))
		at++;
	*pos = at;
}

/* Is this where an item ends? */
static gboolean
is_item_end (MmBytes in, gsize pos)
{
	return pos >= in.len || in.data[pos] == ';';
}

/* Over CFWS. An open comment is flagged; nothing can be read behind it. */
static void
skip_cfws (MmBytes in, gsize *pos, MmParameterized *out)
{
	if (mm_grammar_skip_cfws (in, pos))
		return;
	out->flags |= MM_PARAM_OPEN_COMMENT;
	*pos = in.len;
}

/* ---- the type ---------------------------------------------------------------------------- */

static gboolean
skip_type (MmBytes in, gsize *pos, gboolean slash)
{
	gsize from = *pos;

	skip_token (in, pos);
	if (!slash || *pos == from)
		return *pos > from;
	if (*pos >= in.len || in.data[*pos] != '/')
		return FALSE;
	(*pos)++;
	from = *pos;
	skip_token (in, pos);
	return *pos > from;
}

/* A whole type that something other than ";" follows is what readers see all the same ("text/plain
 * charset=x"), so it is kept. White space around the "/" is no type for us: too rare to keep a
 * copy for. */
static void
read_type (MmBytes in, gsize *pos, gboolean slash, MmParameterized *out)
{
	gsize from, end;
	gboolean whole;

	skip_cfws (in, pos, out);
	from = *pos;
	if (is_item_end (in, from)) {
		out->flags |= MM_PARAM_NO_TYPE;
		return;
	}
	whole = skip_type (in, pos, slash);
	end = *pos;
	skip_cfws (in, pos, out);
	if (!is_item_end (in, *pos)) {
		out->flags |= MM_PARAM_BAD_TYPE;
		whole = whole && *pos > end;
		*pos = mm_bytes_find (in, ';', *pos);
	}
	if (whole)
		out->type = mm_bytes_sub (in, from, end);
	else
		out->flags |= MM_PARAM_BAD_TYPE;
}

/* ---- values ------------------------------------------------------------------------------ */

/* What the grammar has no reading for: all to the next ";". */
static void
read_raw_value (MmBytes in, gsize from, gsize *pos, MmParameter *parameter, MmParameterized *out)
{
	*pos = mm_bytes_find (in, ';', *pos);
	parameter->value = mm_bytes_trim (mm_bytes_sub (in, from, *pos));
	parameter->invalid = TRUE;
	out->flags |= MM_PARAM_UNQUOTED;
}

static void
read_quoted_value (MmBytes in, gsize *pos, MmParameter *parameter, MmParameterized *out)
{
	gsize from = *pos;
	gsize end;

	if (!mm_grammar_skip_quoted (in, pos)) {
		*pos = in.len;
		parameter->value = mm_bytes_trim (mm_bytes_sub (in, from, in.len));
		parameter->invalid = TRUE;
		out->flags |= MM_PARAM_OPEN_QUOTE;
		return;
	}
	end = *pos;
	skip_cfws (in, pos, out);
	if (is_item_end (in, *pos)) {
		parameter->value = mm_bytes_sub (in, from, end);
		parameter->quoted = TRUE;
	} else {
		read_raw_value (in, from, pos, parameter, out);
	}
}

static void
read_value (MmBytes in, gsize *pos, MmParameter *parameter, MmParameterized *out)
{
	gsize from, end;

	skip_cfws (in, pos, out);
	from = *pos;
	if (is_item_end (in, from)) {
		parameter->value = mm_bytes_sub (in, from, from);
		out->flags |= MM_PARAM_EMPTY_VALUE;
		return;
	}
	if (in.data[from] == '"') {
		read_quoted_value (in, pos, parameter, out);
		return;
	}
	skip_token (in, pos);
	end = *pos;
	/* A "(" that is never closed, as in a file name, is a special like any other here. */
	if (mm_grammar_skip_cfws (in, pos) && is_item_end (in, *pos))
		parameter->value = mm_bytes_sub (in, from, end);
	else
		read_raw_value (in, from, pos, parameter, out);
}

/* ---- items ------------------------------------------------------------------------------- */

/* One item from its first octet on, which is no white space, comment or ";". Without "=" there is
 * nothing that could be kept as a parameter. */
static void
read_item (MmBytes in, gsize *pos, MmParameterized *out)
{
	MmParameter parameter = {.invalid = FALSE};
	gsize from = *pos;
	gsize end;

	skip_token (in, pos);
	end = *pos;
	parameter.name = mm_bytes_sub (in, from, end);
	skip_cfws (in, pos, out);
	if (end == from || *pos >= in.len || in.data[*pos] != '=') {
		gsize limit = mm_bytes_find (in, ';', *pos);

		out->flags |= MM_PARAM_BAD_NAME;
		*pos = mm_bytes_find (mm_bytes_sub (in, 0, limit), '=', *pos);
		if (*pos == limit)
			return;
		parameter.name = mm_bytes_trim (mm_bytes_sub (in, from, *pos));
	}
	(*pos)++;
	read_value (in, pos, &parameter, out);
	g_array_append_val (out->parameters, parameter);
}

void
mm_grammar_parameterized (MmBytes value, gboolean slash, MmParameterized *out)
{
	gsize pos = 0;

	*out = (MmParameterized){
		.parameters = g_array_new (FALSE, FALSE, sizeof (MmParameter)),
	};
	read_type (value, &pos, slash, out);
	while (pos < value.len) {
		pos++;
		skip_cfws (value, &pos, out);
		if (pos >= value.len)
			return;
		if (value.data[pos] == ';') {
			out->flags |= MM_PARAM_EMPTY_ITEM;
		} else if (out->parameters->len == MM_LIMIT_parameters) {
			out->flags |= MM_PARAM_TOO_MANY;
			return;
		} else {
			read_item (value, &pos, out);
		}
	}
}

void
mm_parameterized_clear (MmParameterized *p)
{
	g_clear_pointer (&p->parameters, g_array_unref);
	p->type = mm_bytes (NULL, 0);
	p->flags = 0;
}

/* ---- looking up -------------------------------------------------------------------------- */

const MmParameter *
mm_parameter_find (const MmParameterized *p, const char *name)
{
	for (guint i = 0; p->parameters != NULL && i < p->parameters->len; i++) {
		const MmParameter *parameter = &g_array_index (p->parameters, MmParameter, i);

		if (mm_bytes_is (parameter->name, name))
			return parameter;
	}
	return NULL;
}

/* Between the quotes; to the end where the closing one is missing. */
static MmBytes
quoted_content (MmBytes value)
{
	gsize end = 0;

	if (mm_grammar_skip_quoted (value, &end))
		end--;
	else
		end = value.len;
	return mm_bytes_sub (value, 1, end);
}

/* Is there nothing in @in that is not part of what it says? */
static gboolean
says_itself (MmBytes in, gboolean quoted)
{
	return mm_bytes_find (in, '\r', 0) == in.len && mm_bytes_find (in, '\n', 0) == in.len &&
	       (!quoted || mm_bytes_find (in, '\\', 0) == in.len);
}

char *
mm_parameter_get (const MmParameterized *p, const char *name)
{
	const MmParameter *parameter = mm_parameter_find (p, name);
	g_autoptr (GString) text = NULL;
	gboolean quoted;
	MmBytes in;

	if (parameter == NULL)
		return NULL;
	quoted = parameter->value.len > 0 && parameter->value.data[0] == '"';
	in = quoted ? quoted_content (parameter->value) : parameter->value;
	if (says_itself (in, quoted))
		return mm_grammar_string (in);
	text = g_string_sized_new (in.len);
	for (gsize i = 0; i < in.len; i++) {
		if (quoted && in.data[i] == '\\' && i + 1 < in.len)
			i++;
		if (in.data[i] != '\r' && in.data[i] != '\n')
			g_string_append_c (text, in.data[i]);
	}
	return mm_grammar_string (mm_bytes (text->str, text->len));
}
