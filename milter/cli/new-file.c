/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * new-file.c: temporary file in the same folder, fsync, rename: at any moment, a crash included,
 * the old file or the new one is there, and never a part of one.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <mailmend/error.h>
#include <mailmend/spool.h>

#include "new-file.h"

static gboolean
fail (const char *path, int error_number, GError **error)
{
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "%s: %s", path, g_strerror (error_number));
	return FALSE;
}

/* The owner before the mode: a change of owner takes set-id bits away. */
static gboolean
make_like (int fd, const struct stat *like)
{
	if (like == NULL)
		return TRUE;
	if (geteuid () == 0 && fchown (fd, like->st_uid, like->st_gid) != 0)
		return FALSE;
	return fchmod (fd, like->st_mode & 07777) == 0;
}

/* @like: the file it replaces, or NULL. */
static gboolean
write_temporary (MmNewFile *file, const struct stat *like, GError **error)
{
	g_autofree char *folder = g_path_get_dirname (file->path);
	int mode = like != NULL ? 0600 : 0666;
	gboolean fine;
	int fd;

	/* Maildir readers pass over names with a dot. */
	file->temporary = g_build_filename (folder, ".mailmend.XXXXXX", NULL);
	fd = g_mkstemp_full (file->temporary, O_RDWR | O_CLOEXEC, mode);
	if (fd < 0) {
		fail (file->path, errno, error);
		g_clear_pointer (&file->temporary, g_free);
		return FALSE;
	}
	fine = mm_write_all (fd, file->contents) && make_like (fd, like) && fsync (fd) == 0;
	if (!fine)
		fail (file->path, errno, error);
	if (close (fd) != 0 && fine)
		fine = fail (file->path, errno, error);
	return fine;
}

gboolean
mm_new_file_prepare (MmNewFile *file, const char *path, MmBytes contents, GError **error)
{
	struct stat st;
	struct stat target;
	gboolean exists = lstat (path, &st) == 0;
	gboolean fine = TRUE;

	*file = (MmNewFile){.path = g_strdup (path), .contents = contents};
	if (!exists && errno != ENOENT)
		fine = fail (path, errno, error);
	else if (!exists || S_ISREG (st.st_mode))
		fine = write_temporary (file, exists ? &st : NULL, error);
	else if (S_ISDIR (st.st_mode))
		fine = fail (path, EISDIR, error);
	else if (S_ISLNK (st.st_mode) && (stat (path, &target) != 0 || S_ISREG (target.st_mode))) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO,
		             "%s: is a symbolic link; name the file itself", path);
		fine = FALSE;
	}
	if (!fine)
		mm_new_file_clear (file);
	return fine;
}

/* So that the new name survives a crash too. Not every file system can do it. */
static void
sync_folder (const char *path)
{
	g_autofree char *folder = g_path_get_dirname (path);
	int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void) fsync (fd);
	close (fd);
}

static gboolean
is_same (const char *path, const struct stat *before)
{
	struct stat now;

	return lstat (path, &now) == 0 && now.st_dev == before->st_dev &&
	       now.st_ino == before->st_ino && now.st_size == before->st_size &&
	       now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

static gboolean
write_directly (const MmNewFile *file, GError **error)
{
	int fd = open (file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	gboolean fine;

	if (fd < 0)
		return fail (file->path, errno, error);
	fine = mm_write_all (fd, file->contents);
	if (!fine)
		fail (file->path, errno, error);
	close (fd);
	return fine;
}

gboolean
mm_new_file_commit (MmNewFile *file, const struct stat *unless_changed, GError **error)
{
	if (unless_changed != NULL && !is_same (file->path, unless_changed)) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO,
		             "%s: was changed by somebody else meanwhile", file->path);
		return FALSE;
	}
	if (file->temporary == NULL)
		return write_directly (file, error);
	if (g_rename (file->temporary, file->path) != 0)
		return fail (file->path, errno, error);
	g_clear_pointer (&file->temporary, g_free);
	sync_folder (file->path);
	return TRUE;
}

void
mm_new_file_clear (MmNewFile *file)
{
	if (file->temporary != NULL)
		(void) g_unlink (file->temporary);
	g_clear_pointer (&file->temporary, g_free);
	g_clear_pointer (&file->path, g_free);
}
