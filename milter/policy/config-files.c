/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-files.c: the main file and the drop-ins beside it, as octets.
 *
 * Drop-ins are what ends in ".conf" in the folder "conf.d" beside the main file, in the order of
 * their octets, so that no locale changes which rule comes first. What begins with a dot and what
 * is no file (a link to one is) is passed over.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "config-private.h"

#define FOLDER "conf.d"
#define SUFFIX ".conf"

/* One octet more than a file may have is read, never a whole large file. */
static gboolean
read_octets (const char *path, GByteArray *out, MmProblems *problems)
{
	FILE *file = fopen (path, "re");
	gsize n;
	int failure;

	if (file == NULL) {
		mm_problems_add (problems, 0, "cannot be opened: %s", g_strerror (errno));
		return FALSE;
	}
	g_byte_array_set_size (out, MM_CONFIG_MAX_FILE + 1);
	errno = 0;
	n = fread (out->data, 1, out->len, file);
	failure = ferror (file) ? errno : 0;
	fclose (file);
	g_byte_array_set_size (out, (guint) n);
	if (failure != 0)
		mm_problems_add (problems, 0, "cannot be read: %s", g_strerror (failure));
	else if (n > MM_CONFIG_MAX_FILE)
		mm_problems_add (problems, 0, "the file is larger than 1 MB");
	return failure == 0 && n <= MM_CONFIG_MAX_FILE;
}

static void
read_file (MmConfigFiles *files, const char *path, MmProblems *problems)
{
	g_autoptr (GByteArray) text = g_byte_array_new ();

	if (read_octets (path, text, problems))
		mm_config_files_scan (files, mm_bytes ((const char *) text->data, text->len),
		                      problems);
}

/* A link that leads nowhere counts as a file: that it cannot be opened must be told. */
static gboolean
is_file (const char *path)
{
	struct stat status;

	return stat (path, &status) != 0 || S_ISREG (status.st_mode);
}

static gboolean
is_drop_in (const char *name)
{
	return *name != '.' && g_str_has_suffix (name, SUFFIX);
}

static int
compare (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The paths of the drop-ins in @folder, sorted; there may be no such folder. (transfer full) */
static GPtrArray *
list_drop_ins (const char *folder, MmProblems *problems)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
	DIR *dir = opendir (folder);
	const struct dirent *entry = NULL;

	if (dir == NULL && errno != ENOENT)
		mm_problems_add (problems, 0, "cannot be opened: %s", g_strerror (errno));
	for (errno = 0; dir != NULL && (entry = readdir (dir)) != NULL; errno = 0) {
		g_autofree char *path = g_build_filename (folder, entry->d_name, NULL);

		if (is_drop_in (entry->d_name) && is_file (path))
			g_ptr_array_add (paths, g_steal_pointer (&path));
	}
	if (dir != NULL && errno != 0)
		mm_problems_add (problems, 0, "cannot be read: %s", g_strerror (errno));
	if (dir != NULL)
		closedir (dir);
	g_ptr_array_sort (paths, compare);
	return paths;
}

static void
read_drop_ins (MmConfigFiles *files, const char *folder, MmProblems *problems)
{
	g_autoptr (GPtrArray) paths = list_drop_ins (folder, problems);

	if (paths->len > MM_CONFIG_MAX_DROP_INS)
		mm_problems_add (problems, 0, "more than %d files", MM_CONFIG_MAX_DROP_INS);
	for (guint i = 0; i < MIN (paths->len, MM_CONFIG_MAX_DROP_INS); i++) {
		const char *path = paths->pdata[i];

		mm_problems_enter (problems, path);
		read_file (files, path, problems);
	}
}

/* (transfer full) */
static char *
folder_beside (const char *path)
{
	g_autofree char *beside = g_path_get_dirname (path);

	return g_build_filename (beside, FOLDER, NULL);
}

/* Only what is certainly not there is missing: what may not be looked at is an error. */
static gboolean
is_missing (const char *path)
{
	struct stat status;

	return stat (path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

gboolean
mm_config_is_missing (const char *path)
{
	g_auto (MmProblems) problems = {0};
	g_autofree char *folder = folder_beside (path);
	g_autoptr (GPtrArray) paths = NULL;

	if (!is_missing (path))
		return FALSE;
	mm_problems_init (&problems, folder);
	paths = list_drop_ins (folder, &problems);
	return paths->len == 0 && mm_problems_count (&problems) == 0;
}

void
mm_config_files_read (MmConfigFiles *files, const char *path, MmProblems *problems)
{
	g_autofree char *folder = folder_beside (path);
	guint main_file = problems->file;

	read_file (files, path, problems);
	mm_problems_enter (problems, folder);
	read_drop_ins (files, folder, problems);
	mm_problems_return (problems, main_file);
}
