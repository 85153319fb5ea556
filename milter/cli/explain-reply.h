/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain-reply.h: `mailmend explain --reply` and `--replies`.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Explains @reply ("-": what standard input says) with @more words behind it (may be NULL). @format:
 * NULL, "text" or "json". The exit code: MM_EXIT_ISSUES if nothing is known. */
int mm_explain_reply (const char *reply, char **more, const char *format);

/* Prints the table. @format as above, or "man". */
int mm_explain_replies (const char *format);

G_END_DECLS
