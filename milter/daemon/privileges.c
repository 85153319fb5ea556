/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privileges.c: from root to the user of the configuration.
 *
 * The order is groups, group, user: once the user is changed the others can't be. Afterwards an
 * attempt to become root again must fail, for a drop that only half worked is worse than none.
 */
#include <config.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mailmend/error.h>

#include "privileges.h"

/* More than any entry of a user or group data base has; a larger group is read with more. */
#define ENTRY_SIZE 65536
#define ENTRY_MAX (16 * 1024 * 1024)

void
mm_identity_clear (MmIdentity *identity)
{
	g_clear_pointer (&identity->name, g_free);
}

static gboolean
find_user (const char *name, MmIdentity *out, GError **error)
{
	g_autofree char *buffer = g_malloc (ENTRY_SIZE);
	struct passwd entry, *found = NULL;
	int rc = getpwnam_r (name, &entry, buffer, ENTRY_SIZE, &found);

	if (found == NULL) {
		g_set_error (error, MM_ERROR, MM_ERROR_CONFIG, "User = %s: %s", name,
		             rc != 0 ? g_strerror (rc) : "there is no such user");
		return FALSE;
	}
	if (found->pw_uid == 0) {
		g_set_error (error, MM_ERROR, MM_ERROR_CONFIG,
		             "User = %s: the filter does not run as root", name);
		return FALSE;
	}
	out->name = g_strdup (name);
	out->uid = found->pw_uid;
	out->gid = found->pw_gid;
	return TRUE;
}

gboolean
mm_identity_find (const char *user, MmIdentity *out, GError **error)
{
	if (user != NULL)
		return find_user (user, out, error);
	if (geteuid () == 0) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_CONFIG,
		                     "started as root: name the user to become with "
		                     "\"User = mailmend\" in [mailmend]");
		return FALSE;
	}
	out->uid = geteuid ();
	out->gid = getegid ();
	return TRUE;
}

gboolean
mm_group_find (const char *group, gid_t *out_gid, GError **error)
{
	struct group entry, *found = NULL;
	int rc = ERANGE;

	for (gsize size = ENTRY_SIZE; rc == ERANGE && size <= ENTRY_MAX; size *= 4) {
		g_autofree char *buffer = g_malloc (size);

		rc = getgrnam_r (group, &entry, buffer, size, &found);
		if (found != NULL)
			*out_gid = found->gr_gid;
	}
	if (found != NULL)
		return TRUE;
	g_set_error (error, MM_ERROR, MM_ERROR_CONFIG, "SocketGroup = %s: %s", group,
	             rc != 0 ? g_strerror (rc) : "there is no such group");
	return FALSE;
}

char *
mm_group_name (gid_t group)
{
	g_autofree char *buffer = g_malloc (ENTRY_SIZE);
	struct group entry, *found = NULL;

	if (getgrgid_r (group, &entry, buffer, ENTRY_SIZE, &found) == 0 && found != NULL)
		return g_strdup (found->gr_name);
	return g_strdup_printf ("%lu", (unsigned long) group);
}

static gboolean
fail (const MmIdentity *identity, const char *what, int code, GError **error)
{
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "cannot become user %s: %s: %s", identity->name,
	             what, g_strerror (code));
	return FALSE;
}

gboolean
mm_privileges_drop (const MmIdentity *identity, GError **error)
{
	if (identity->name == NULL)
		return TRUE;
	if (geteuid () != 0) {
		if (geteuid () == identity->uid)
			return TRUE;
		return fail (identity, "not started as root", EPERM, error);
	}
	if (initgroups (identity->name, identity->gid) != 0)
		return fail (identity, "initgroups", errno, error);
	if (setgid (identity->gid) != 0)
		return fail (identity, "setgid", errno, error);
	if (setuid (identity->uid) != 0)
		return fail (identity, "setuid", errno, error);
	if (setuid (0) == 0 || seteuid (0) == 0 || getuid () != identity->uid ||
	    geteuid () != identity->uid || getgid () != identity->gid)
		return fail (identity, "root could be regained", EPERM, error);
	return TRUE;
}

int
mm_privileges_ask (const MmIdentity *identity, int (*question) (const char *text),
                   const char *text)
{
	int status = 0;
	pid_t child;

	if (identity->name == NULL || identity->uid == geteuid ())
		return question (text);
	if (geteuid () != 0)
		return 0;
	child = fork ();
	if (child < 0)
		return errno;
	if (child == 0)
		_exit (mm_privileges_drop (identity, NULL) ? question (text) : EPERM);
	while (waitpid (child, &status, 0) < 0) {
		if (errno != EINTR)
			return errno;
	}
	return WIFEXITED (status) ? WEXITSTATUS (status) : EIO;
}
