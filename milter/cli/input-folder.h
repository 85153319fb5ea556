/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input-folder.h: the files of a folder, for input.c.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE if @path could not be read. */
typedef gboolean (*MmInputFileFunc) (const char *path, gboolean may_be_mbox, gpointer data);

/* Calls @func for every regular file of the folder @path, in the order of their names; of a Maildir
 * only for the messages. FALSE if a folder (told here) or a file (told by @func) could not be
 * read. */
gboolean mm_input_walk (const char *path, MmInputFileFunc func, gpointer data);

G_END_DECLS
