/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-cfws.c: comments, folds, white space, quoted strings and the character classes.
 *
 * RFC 5322 3.2:
 *     quoted-pair   = "\" (VCHAR / WSP)
 *     ccontent      = ctext / quoted-pair / comment
 *     comment       = "(" *([FWS] ccontent) [FWS] ")"
 *     CFWS          = (1*([FWS] comment) [FWS]) / FWS
 *     quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE
 *
 * Comments nest, so a counter takes the place of recursion: ten thousand opening parentheses cost
 * ten thousand steps and no stack. What stands inside is not judged; other rules look at octets.
 */
#include "grammar-private.h"

#define ATEXT MM_CLASS_ATEXT
#define BOTH (MM_CLASS_ATEXT | MM_CLASS_TOKEN)

const guint8 mm_grammar_classes[256] = {
	['0' ... '9'] = BOTH, ['A' ... 'Z'] = BOTH, ['a' ... 'z'] = BOTH,
	['#' ... '\''] = BOTH, ['^' ... '`'] = BOTH, ['{' ... '~'] = BOTH,
	['!'] = BOTH,         ['*'] = BOTH,         ['+'] = BOTH,
	['-'] = BOTH,         ['/'] = ATEXT,        ['='] = ATEXT,
	['?'] = ATEXT,        ['.'] = MM_CLASS_TOKEN,
	[0x80 ... 0xFF] = MM_CLASS_HIGH,
	[0 ... '\b'] = MM_CLASS_CONTROL, ['\v'] = MM_CLASS_CONTROL, ['\f'] = MM_CLASS_CONTROL,
	[0x0E ... 0x1F] = MM_CLASS_CONTROL, [0x7F] = MM_CLASS_CONTROL,
};

static void
append (GString *text, MmBytes in)
{
	g_string_append_len (text, in.len > 0 ? in.data : "", (gssize)in.len);
}

char *
mm_grammar_string (MmBytes in)
{
	char *copy = mm_bytes_dup (in);

	/* Nearly always there is none. */
	for (gsize i = mm_bytes_find (in, '\0', 0); i < in.len; i++) {
		if (copy[i] == '\0')
			copy[i] = MM_GRAMMAR_NUL;
	}
	return copy;
}

void
mm_grammar_skip_space (MmBytes in, gsize *pos)
{
	while (*pos < in.len && mm_is_space (in.data[*pos]))
		(*pos)++;
}

/* From the "(" at *@pos to behind the ")" that closes it. */
static gboolean
skip_comment (MmBytes in, gsize *pos)
{
	gsize depth = 0;

	/* Cheap where none is closed; who may meet many open ones remembers the first. */
	if (mm_bytes_find (in, ')', *pos) == in.len)
		return FALSE;
	for (gsize i = *pos; i < in.len; i++) {
		if (in.data[i] == '\\') {
			i++;
		} else if (in.data[i] == '(') {
			depth++;
		} else if (in.data[i] == ')' && --depth == 0) {
			*pos = i + 1;
			return TRUE;
		}
	}
	return FALSE;
}

gboolean
mm_grammar_skip_quoted (MmBytes in, gsize *pos)
{
	for (gsize i = *pos + 1; i < in.len; i++) {
		if (in.data[i] == '\\') {
			i++;
		} else if (in.data[i] == '"') {
			*pos = i + 1;
			return TRUE;
		}
	}
	return FALSE;
}

gboolean
mm_grammar_skip_cfws (MmBytes in, gsize *pos)
{
	mm_grammar_skip_space (in, pos);
	while (*pos < in.len && in.data[*pos] == '(') {
		if (!skip_comment (in, pos))
			return FALSE;
		mm_grammar_skip_space (in, pos);
	}
	return TRUE;
}

gboolean
mm_grammar_is_blank (MmBytes in)
{
	gsize pos = 0;

	return mm_grammar_skip_cfws (in, &pos) && pos == in.len;
}

/* A quote that is never closed is an ordinary character, and so are all after it: nothing is looked
 * at twice. For the same reason all is text from a comment on that is not closed. */
char *
mm_grammar_without_comments (MmBytes in)
{
	g_autoptr (GString) text = g_string_sized_new (in.len);
	gboolean quotes = TRUE;
	gsize from = 0;
	gsize pos = 0;

	while (pos < in.len) {
		gsize end = pos;

		if (in.data[pos] == '"' && quotes) {
			quotes = mm_grammar_skip_quoted (in, &pos);
			pos += quotes ? 0 : 1;
		} else if (in.data[pos] != '(') {
			pos++;
		} else if (skip_comment (in, &end)) {
			append (text, mm_bytes_sub (in, from, pos));
			from = pos = end;
		} else {
			break;
		}
	}
	append (text, mm_bytes_sub (in, from, in.len));
	return mm_grammar_string (mm_bytes_trim (mm_bytes (text->str, text->len)));
}

gboolean
mm_grammar_is_token (MmBytes value)
{
	for (gsize i = 0; i < value.len; i++) {
		if (!mm_grammar_is_token_char (value.data[i]))
			return FALSE;
	}
	return value.len > 0;
}
