/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roff.h: plain text as mdoc, for the lists in manual pages that come from tables.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE if @word, behind which @tail stands (punctuation or ""), is to be shown as a literal word. */
typedef gboolean (*MmRoffMarkFunc) (const char *word, const char *tail, gconstpointer data);

/* @word with what roff would read or print as something else escaped. */
void mm_roff_word (GString *out, const char *word);

/* @text filled, sentences on lines of their own; a line end in it begins a new paragraph. A text in
 * single quotes that begins a word becomes Ql, a word that @mark (may be NULL) knows becomes Cm. */
void mm_roff_text (GString *out, const char *text, MmRoffMarkFunc mark, gconstpointer data);

G_END_DECLS
