/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * person.c: what another user may do with a file, by its owner, group and mode.
 */
#include <config.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "person.h"

#define ENTRY_SIZE 65536

/* More groups than any user is in. */
#define MAX_GROUPS 65536

static GArray *
groups_of (const char *name, gid_t first)
{
	GArray *groups = g_array_new (FALSE, TRUE, sizeof (gid_t));
	int n = 64;

	do {
		g_array_set_size (groups, (guint) n);
		if (getgrouplist (name, first, (gid_t *) (void *) groups->data, &n) >= 0)
			break;
		/* @n is now how many there are. */
		n = MAX (n, (int) groups->len * 2);
	} while (n <= MAX_GROUPS);
	g_array_set_size (groups, (guint) CLAMP (n, 0, (int) groups->len));
	return groups;
}

gboolean
mm_person_init (MmPerson *person, const char *name)
{
	g_autofree char *buffer = g_malloc (ENTRY_SIZE);
	struct passwd entry, *found = NULL;

	if (getpwnam_r (name, &entry, buffer, ENTRY_SIZE, &found) != 0 || found == NULL)
		return FALSE;
	person->name = g_strdup (name);
	person->uid = found->pw_uid;
	person->groups = groups_of (name, found->pw_gid);
	return TRUE;
}

void
mm_person_clear (MmPerson *person)
{
	g_clear_pointer (&person->name, g_free);
	g_clear_pointer (&person->groups, g_array_unref);
}

gboolean
mm_person_is_in (const MmPerson *person, gid_t group)
{
	for (guint i = 0; i < person->groups->len; i++) {
		if (g_array_index (person->groups, gid_t, i) == group)
			return TRUE;
	}
	return FALSE;
}

gboolean
mm_person_may (const MmPerson *person, uid_t owner, gid_t group, mode_t mode, guint bits)
{
	guint shift = 0;

	if (person->uid == 0)
		return TRUE;
	if (person->uid == owner)
		shift = 6;
	else if (mm_person_is_in (person, group))
		shift = 3;
	return ((mode >> shift) & bits) == bits;
}

static MmReach
enters (const MmPerson *person, const char *folder)
{
	struct stat info;

	if (stat (folder, &info) != 0)
		return errno == ENOENT || errno == ENOTDIR ? MM_REACH_MISSING : MM_REACH_UNKNOWN;
	return mm_person_may (person, info.st_uid, info.st_gid, info.st_mode, 1) ? MM_REACH_YES
	                                                                        : MM_REACH_NO;
}

MmReach
mm_person_reaches (const MmPerson *person, const char *from, const char *path, char **out_where)
{
	g_autofree char *whole = g_canonicalize_filename (path, "/");
	char *slash = whole;

	for (;;) {
		gboolean root = slash == whole;
		char kept;
		MmReach reach;

		/* The name up to here, "/" itself included. */
		slash = root ? whole + 1 : strchrnul (slash, '/');
		kept = *slash;
		*slash = '\0';
		reach = strlen (whole) >= strlen (from) ? enters (person, whole) : MM_REACH_YES;
		if (reach != MM_REACH_YES) {
			*out_where = g_strdup (whole);
			return reach;
		}
		*slash = kept;
		if (kept == '\0')
			return MM_REACH_YES;
		slash += root ? 0 : 1;
	}
}
