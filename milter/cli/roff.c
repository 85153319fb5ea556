/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roff.c: plain text as mdoc.
 *
 * A dot or an apostrophe at the start of a line would be a macro, and a backslash an escape: no
 * text of ours may become one.
 */
#include <config.h>

#include <string.h>

#include "roff.h"

#define LINE_WIDTH 72

static const char closing[] = ".,;:?!)";

/* Text being filled. */
typedef struct {
	GString *out;
	gsize column;
	gboolean sentence; /* the word before ended one */
	MmRoffMarkFunc mark;
	gconstpointer data;
} Fill;

static const char *
roff_of (char c)
{
	static const struct {
		char c;
		const char *roff;
	} specials[] = {
		{'\\', "\\e"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"},
		{'"', "\\(dq"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (specials); i++)
		if (specials[i].c == c)
			return specials[i].roff;
	return NULL;
}

void
mm_roff_word (GString *out, const char *word)
{
	for (; *word != '\0'; word++) {
		const char *roff = roff_of (*word);

		if (roff != NULL)
			g_string_append (out, roff);
		else
			g_string_append_c (out, *word);
	}
}

static void
break_line (Fill *fill)
{
	if (fill->column > 0)
		g_string_append_c (fill->out, '\n');
	fill->column = 0;
}

/* A sentence ends its line: roff spaces it. */
static void
put_word (Fill *fill, const char *word)
{
	gsize len = strlen (word);

	if (fill->column > 0) {
		gboolean full = fill->column + 1 + len > LINE_WIDTH;

		g_string_append_c (fill->out, full || fill->sentence ? '\n' : ' ');
		fill->column = full || fill->sentence ? 0 : fill->column + 1;
	}
	if (fill->column == 0 && *word == '.')
		g_string_append (fill->out, "\\&");
	mm_roff_word (fill->out, word);
	fill->column += len;
}

/* A line of its own: ".Cm word , ." */
static void
put_macro (Fill *fill, const char *macro, const char *text, const char *tail)
{
	break_line (fill);
	g_string_append_printf (fill->out, ".%s \"\\&", macro);
	mm_roff_word (fill->out, text);
	g_string_append_c (fill->out, '"');
	for (; *tail != '\0'; tail++)
		g_string_append_printf (fill->out, " %c", *tail);
	g_string_append_c (fill->out, '\n');
}

/* "'a b'," at @text: puts it and returns what follows. NULL if it is no such thing. */
static const char *
take_quoted (Fill *fill, const char *text)
{
	const char *end = *text == '\'' ? strchr (text + 1, '\'') : NULL;
	g_autofree char *inner = NULL;
	g_autofree char *tail = NULL;
	gsize n;

	if (end == NULL || end == text + 1)
		return NULL;
	n = strspn (end + 1, closing);
	if (end[1 + n] != '\0' && strchr (" \n", end[1 + n]) == NULL)
		return NULL;
	inner = g_strndup (text + 1, (gsize) (end - text - 1));
	if (strchr (inner, '\n') != NULL)
		return NULL;
	tail = g_strndup (end + 1, n);
	put_macro (fill, "Ql", inner, tail);
	fill->sentence = FALSE;
	return end + 1 + n;
}

static const char *
take_word (Fill *fill, const char *text)
{
	gsize len = strcspn (text, " \n");
	gsize bare = len;
	g_autofree char *word = g_strndup (text, len);
	g_autofree char *inner = NULL;

	while (bare > 0 && strchr (closing, word[bare - 1]) != NULL)
		bare--;
	inner = g_strndup (word, bare);
	fill->sentence = fill->sentence && g_ascii_isupper (*word);
	if (fill->mark != NULL && bare > 0 && fill->mark (inner, word + bare, fill->data))
		put_macro (fill, "Cm", inner, word + bare);
	else
		put_word (fill, word);
	fill->sentence = g_str_has_suffix (word, ".");
	return text + len;
}

void
mm_roff_text (GString *out, const char *text, MmRoffMarkFunc mark, gconstpointer data)
{
	Fill fill = {.out = out, .mark = mark, .data = data};

	while (*text != '\0') {
		const char *next;

		if (*text == '\n') {
			break_line (&fill);
			g_string_append (out, ".Pp\n");
		}
		if (strchr (" \n", *text) != NULL) {
			text++;
			continue;
		}
		next = take_quoted (&fill, text);
		text = next != NULL ? next : take_word (&fill, text);
	}
	break_line (&fill);
}
