/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * originals-folder.h: the files of KeepOriginals: their names, their sizes, their end.
 *
 * Nothing here is shared between threads. Only files whose names we could have given are ever
 * looked at.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

/* Of a set, in the order in which they appear. */
typedef enum {
	MM_KEPT_ENVELOPE,
	MM_KEPT_MENDED,
	MM_KEPT_RECEIVED,
	MM_N_KEPT,
} MmKept;

/* The folder @path for reading and for *at () functions; -1 with MM_ERROR_IO. */
int mm_folder_open (const char *path, GError **error);

/* Octets of all files of ours in @folder. */
guint64 mm_folder_size (int folder);

/* Removes sets whose envelope was last changed before @before, a time in seconds since 1970, and
 * what a process that died has left half-written. */
void mm_folder_expire (int folder, gint64 before);

/* One file under a name that is not final. (transfer full); NULL with MM_ERROR_IO and nothing left
 * behind. It is on disk. @pieces: @n of them, one behind the other. */
char *mm_folder_write (int folder, guint number, const MmBytes *pieces, guint n, GError **error);

/* Gives files (names by MmKept) the next free name of @queue_id (NULL: unknown). FALSE with
 * MM_ERROR_IO: none of them has it. */
gboolean mm_folder_publish (int folder, const char *queue_id, char *const *files, GError **error);

G_END_DECLS
