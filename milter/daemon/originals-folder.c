/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * originals-folder.c: the files of KeepOriginals: their names, their sizes, their end.
 *
 *   file      = id ["." number] (".envelope" / ".mended.eml" / ".eml")
 *   temporary = ".mailmend-" digits and "-"
 *
 * The envelope stands for its set: it is first to appear and last to go, so that a set that is
 * half removed is removed later, and a lone .eml that somebody put there is not ours.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailmend/error.h>
#include <mailmend/spool.h>

#include "originals-folder.h"

static const char *const suffixes[MM_N_KEPT] = {
	[MM_KEPT_ENVELOPE] = ".envelope",
	[MM_KEPT_MENDED] = ".mended.eml",
	[MM_KEPT_RECEIVED] = ".eml",
};

#define TEMPORARY ".mailmend-"

/* A temporary file is written in seconds. What is older is of a process that was killed: its message
 * was not handed back, so nobody needs it, whatever KeepOriginalsAge says. */
#define TEMPORARY_SECONDS 3600

#define MAX_ID 100

/* Messages of one queue id that are kept: one that is deferred has a new id when it comes again. */
#define MAX_SAME 10000

static gboolean
fail (const char *what, GError **error)
{
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "KeepOriginals: %s: %s", what,
	             g_strerror (errno));
	return FALSE;
}

int
mm_folder_open (const char *path, GError **error)
{
	int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail (path, error);
	return fd;
}

/* ---- names ----------------------------------------------------------------------------------- */

static gboolean
is_id_char (char c)
{
	return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* Length of "id" or "id.number" that @suffix ends, 0 if @file is no such name. */
static gsize
stem_of (const char *file, const char *suffix)
{
	gsize len = strlen (file);
	gsize at = 0;

	if (!g_str_has_suffix (file, suffix))
		return 0;
	len -= strlen (suffix);
	while (at < len && is_id_char (file[at]))
		at++;
	if (at == 0 || at > MAX_ID)
		return 0;
	if (at < len && file[at] == '.')
		for (at++; at < len && g_ascii_isdigit (file[at]); at++)
			;
	return at == len && file[len - 1] != '.' ? len : 0;
}

static gboolean
is_temporary (const char *file)
{
	gsize start = strlen (TEMPORARY);

	return g_str_has_prefix (file, TEMPORARY) && file[start] != '\0' &&
	       strspn (file + start, "0123456789-") == strlen (file + start);
}

static gboolean
is_ours (const char *file)
{
	for (guint i = 0; i < MM_N_KEPT; i++) {
		if (stem_of (file, suffixes[i]) > 0)
			return TRUE;
	}
	return is_temporary (file);
}

/* A queue id as a part of a file name. */
static char *
id_for_files (const char *queue_id)
{
	char *id = g_strndup (queue_id != NULL && *queue_id != '\0' ? queue_id : "NOQUEUE", MAX_ID);

	for (char *at = id; *at != '\0'; at++) {
		if (!is_id_char (*at) || (at == id && *at == '-'))
			*at = '_';
	}
	return id;
}

/* ---- looking through the folder -------------------------------------------------------------- */

/* Returns how much to add to the sum. */
typedef guint64 (*VisitFunc) (int folder, const char *name, const struct stat *info, gint64 before);

/* Calls @visit for every regular file of ours; the sum of what it returns. */
static guint64
each_file (int folder, VisitFunc visit, gint64 before)
{
	int fd = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir (fd) : NULL;
	const struct dirent *entry;
	guint64 sum = 0;

	if (stream == NULL) {
		if (fd >= 0)
			close (fd);
		return 0;
	}
	while ((entry = readdir (stream)) != NULL) {
		struct stat info;

		if (is_ours (entry->d_name) &&
		    fstatat (folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG (info.st_mode))
			sum += visit (folder, entry->d_name, &info, before);
	}
	closedir (stream);
	return sum;
}

static guint64
size_of (int folder G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, const struct stat *info,
         gint64 before G_GNUC_UNUSED)
{
	return (guint64) MAX (info->st_size, 0);
}

guint64
mm_folder_size (int folder)
{
	return each_file (folder, size_of, 0);
}

static void
remove_set (int folder, const char *envelope)
{
	g_autofree char *stem =
	        g_strndup (envelope, stem_of (envelope, suffixes[MM_KEPT_ENVELOPE]));

	/* The envelope last. */
	for (int i = MM_N_KEPT - 1; i >= 0; i--) {
		g_autofree char *name = g_strconcat (stem, suffixes[i], NULL);

		if (unlinkat (folder, name, 0) != 0 && errno != ENOENT)
			return;
	}
}

static guint64
expire (int folder, const char *name, const struct stat *info, gint64 before)
{
	gint64 changed = (gint64) info->st_mtim.tv_sec;

	if (is_temporary (name)) {
		if (changed < g_get_real_time () / G_USEC_PER_SEC - TEMPORARY_SECONDS)
			(void) unlinkat (folder, name, 0);
	} else if (changed < before && stem_of (name, suffixes[MM_KEPT_ENVELOPE]) > 0)
		remove_set (folder, name);
	return 0;
}

void
mm_folder_expire (int folder, gint64 before)
{
	each_file (folder, expire, before);
}

/* ---- writing --------------------------------------------------------------------------------- */

static gboolean
fill (int fd, const MmBytes *pieces, guint n)
{
	for (guint i = 0; i < n; i++) {
		if (!mm_write_all (fd, pieces[i]))
			return FALSE;
	}
	return fsync (fd) == 0;
}

char *
mm_folder_write (int folder, guint number, const MmBytes *pieces, guint n, GError **error)
{
	g_autofree char *name =
	        g_strdup_printf (TEMPORARY "%ld-%" G_GINT64_FORMAT "-%u", (long) getpid (),
	                         g_get_real_time (), number);
	int fd = openat (folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	gboolean fine;

	if (fd < 0) {
		fail ("a file cannot be made", error);
		return NULL;
	}
	fine = fill (fd, pieces, n);
	if (!fine)
		fail ("a file cannot be written", error);
	if (close (fd) != 0 && fine)
		fine = fail ("a file cannot be written", error);
	if (!fine)
		(void) unlinkat (folder, name, 0);
	return fine ? g_steal_pointer (&name) : NULL;
}

/* ---- final names ----------------------------------------------------------------------------- */

/* Never replaces a file. Where the file system has no such renaming, only a look before protects:
 * names are ours alone. */
static int
rename_new (int folder, const char *from, const char *to)
{
	if (renameat2 (folder, from, folder, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	if (faccessat (folder, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return EEXIST;
	return renameat (folder, from, folder, to) == 0 ? 0 : errno;
}

/* 0, or errno, EEXIST if a file of the set is there: then none of ours has got its name. */
static int
publish_as (int folder, const char *stem, char *const *files)
{
	for (guint i = 0; i < MM_N_KEPT; i++) {
		g_autofree char *name = g_strconcat (stem, suffixes[i], NULL);
		int code = rename_new (folder, files[i], name);

		if (code == 0)
			continue;
		while (i > 0) {
			g_autofree char *done = g_strconcat (stem, suffixes[--i], NULL);

			(void) renameat (folder, done, folder, files[i]);
		}
		return code;
	}
	return 0;
}

gboolean
mm_folder_publish (int folder, const char *queue_id, char *const *files, GError **error)
{
	g_autofree char *id = id_for_files (queue_id);
	int code = EEXIST;

	for (guint n = 1; code == EEXIST && n <= MAX_SAME; n++) {
		g_autofree char *stem = n == 1 ? g_strdup (id) : g_strdup_printf ("%s.%u", id, n);

		code = publish_as (folder, stem, files);
	}
	/* Not every file system can write out a folder. */
	if (code == 0 && fsync (folder) != 0 && errno != EINVAL)
		code = errno;
	errno = code;
	return code == 0 || fail ("a file cannot get its name", error);
}
