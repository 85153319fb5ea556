/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.h: writes JSON (RFC 8259). Not more of it than the command needs, so that no library is.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Commas are set by what stands before: after a value one is put before the next key or value. */

/* '{' or '['; @key NULL where none belongs (in an array, at the top). */
void mm_json_open (GString *out, const char *key, char bracket);
/* '}' or ']' */
void mm_json_close (GString *out, char bracket);

/* NULL @text: null. Octets that are no UTF-8 become U+FFFD. */
void mm_json_string (GString *out, const char *key, const char *text);
void mm_json_number (GString *out, const char *key, guint64 number);
void mm_json_boolean (GString *out, const char *key, gboolean value);

G_END_DECLS
