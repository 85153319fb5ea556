/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wrap.h: text for people, broken at blanks.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends @text in lines of at most 78 columns and a line end; the first line goes on at column
 * @column, the others begin at @indent. A line end in it begins a new line. */
void mm_wrap (GString *out, guint column, guint indent, const char *text);

G_END_DECLS
