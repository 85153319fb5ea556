/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * new-file.h: writes a file whole or not at all.
 */
#pragma once

#include <sys/stat.h>

#include <mailmend/bytes.h>

G_BEGIN_DECLS

typedef struct {
	char *path;
	MmBytes contents; /* of the caller, until it is committed */
	char *temporary;  /* beside path; NULL: path is a device or pipe, written to directly */
} MmNewFile;

/* Readies @contents to be the file @path: they lie on disk under another name in the same folder,
 * with mode (as root: and owner) of the file that is there. Symbolic links to files are refused.
 * FALSE with nothing left behind. */
gboolean mm_new_file_prepare (MmNewFile *file, const char *path, MmBytes contents,
                              GError **error);

/* Puts it in its place. @unless_changed: what must still be there, or NULL. FALSE: nothing was
 * changed. */
gboolean mm_new_file_commit (MmNewFile *file, const struct stat *unless_changed, GError **error);

/* Removes what was not committed. */
void mm_new_file_clear (MmNewFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmNewFile, mm_new_file_clear)

G_END_DECLS
