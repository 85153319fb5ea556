/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postfix-check.c: what -n prints: lines for main.cf, and what would not work with them.
 *
 * Most trouble with a new filter is that Postfix cannot reach its socket: smtpd sits in a chroot, a
 * folder is closed, the group is another. All of that can be said before anything is started.
 */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "person.h"
#include "postconf.h"
#include "postfix-check.h"
#include "privileges.h"

#define WIDTH 78

/* Where there is no Postfix to ask. */
#define USUAL_QUEUE "/var/spool/postfix"

typedef struct {
	const MmConfig *config;
	const MmSettings *settings;
	const MmSocket *socket;
	MmPostconf postfix;
	gboolean has_identity; /* who the filter will be */
	MmIdentity identity;
	GString *out;
} Check;

/* Adds a comment, broken into lines. */
static void G_GNUC_PRINTF (2, 3)
remark (Check *check, const char *format, ...)
{
	g_autofree char *text = NULL;
	g_auto (GStrv) words = NULL;
	gsize column = 0;
	va_list args;

	va_start (args, format);
	text = g_strdup_vprintf (format, args);
	va_end (args);
	words = g_strsplit (text, " ", -1);
	for (guint i = 0; words[i] != NULL; i++) {
		gsize len = strlen (words[i]);

		if (column == 0 || column + 1 + len > WIDTH) {
			g_string_append (check->out, column == 0 ? "#" : "\n#");
			column = 1;
		}
		g_string_append_printf (check->out, " %s", words[i]);
		column += 1 + len;
	}
	g_string_append_c (check->out, '\n');
}

/* ---- the socket ------------------------------------------------------------------------------ */

static const char *
queue_of (const Check *check)
{
	return check->postfix.problem == NULL ? check->postfix.queue_directory : USUAL_QUEUE;
}

/* FALSE if the socket must go elsewhere. */
static gboolean
check_chroot (Check *check)
{
	const char *queue = queue_of (check);
	g_autofree char *services = NULL;

	if (!mm_socket_is_outside (check->socket, queue))
		return TRUE;
	if (check->postfix.problem != NULL) {
		remark (check, "This socket is outside %s: a chrooted smtpd cannot reach it.",
		        queue);
		return TRUE;
	}
	if (check->postfix.chrooted->len == 0)
		return TRUE;
	g_ptr_array_add (check->postfix.chrooted, NULL);
	services = g_strjoinv (", ", (char **) check->postfix.chrooted->pdata);
	g_ptr_array_set_size (check->postfix.chrooted, (int) check->postfix.chrooted->len - 1);
	remark (check, "Postfix cannot reach this socket: these services run in a chroot, %s: %s. "
	               "Put the socket below that folder, such as Socket = "
	               "local:%s/mailmend/mailmend.sock, or use Socket = inet:8894@127.0.0.1.",
	        queue, services, queue);
	return FALSE;
}

/* FALSE if it makes no sense to look further. */
static gboolean
check_folders (Check *check, const MmPerson *postfix, const char *folder)
{
	gboolean outside = mm_socket_is_outside (check->socket, queue_of (check));
	g_autofree char *queue = mm_socket_resolve (queue_of (check));
	g_autofree char *where = NULL;

	/* Postfix's daemons start in their queue folder. */
	switch (mm_person_reaches (postfix, outside ? "/" : queue, folder, &where)) {
	case MM_REACH_YES:
		return TRUE;
	case MM_REACH_NO:
		remark (check, "Postfix cannot reach this socket: its user %s may not enter %s "
		               "(by its mode): chmod or chgrp that folder.",
		        postfix->name, where);
		return FALSE;
	case MM_REACH_MISSING:
		remark (check, "%s does not exist: it must be there when the filter starts (the "
		               "unit of systemd makes its own). Whether Postfix can reach the socket "
		               "could not be checked.",
		        where);
		return FALSE;
	case MM_REACH_UNKNOWN:
		remark (check, "Whether Postfix can reach the socket could not be checked: %s "
		               "cannot be looked at; run this as root.",
		        where);
		return FALSE;
	}
	return FALSE;
}

/* The group that the socket will have: see mm_socket_open (). */
static gid_t
group_of_socket (const Check *check, const char *folder)
{
	struct stat info;
	gid_t group;

	if (check->settings->socket_group != NULL &&
	    mm_group_find (check->settings->socket_group, &group, NULL))
		return group;
	if (stat (folder, &info) == 0 && (info.st_mode & S_ISGID) != 0)
		return info.st_gid;
	return check->identity.gid;
}

static void
check_rights (Check *check, const MmPerson *postfix, const char *folder)
{
	guint mode = check->settings->socket_mode;
	gid_t group = group_of_socket (check, folder);
	g_autofree char *name = NULL;

	if (!check->has_identity ||
	    mm_person_may (postfix, check->identity.uid, group, mode, 2))
		return;
	name = mm_group_name (group);
	if (mm_person_is_in (postfix, group))
		remark (check, "Postfix cannot connect to this socket: SocketMode = %04o does not "
		               "let group %s write. Use 0660.",
		        mode, name);
	else
		remark (check, "Postfix cannot connect to this socket: it will have group %s and "
		               "mode %04o, and user %s is not in that group. Set SocketGroup = %s, "
		               "or run \"usermod -aG %s %s\" and restart Postfix.",
		        name, mode, postfix->name, postfix->name, name, postfix->name);
}

/* Where Postfix cannot be asked either, the start can fail. The folders of a unit of systemd are
 * there while it runs. */
static void
check_folder_exists (Check *check, const char *folder)
{
	struct stat info;

	if (stat (folder, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
		remark (check, "%s does not exist: it must be there when the filter starts (the "
		               "unit of systemd makes its own).", folder);
}

static void
check_reach (Check *check)
{
	g_autofree char *folder = mm_socket_folder (check->socket);
	g_auto (MmPerson) postfix = {NULL, 0, NULL};

	if (folder == NULL)
		return;
	if (check->postfix.problem != NULL)
		check_folder_exists (check, folder);
	else if (!mm_person_init (&postfix, check->postfix.mail_owner))
		remark (check, "Postfix's mail_owner = %s is no user of this machine.",
		        check->postfix.mail_owner);
	else if (check_folders (check, &postfix, folder))
		check_rights (check, &postfix, folder);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void
check_rules (Check *check)
{
	g_autofree char *text = mm_config_remark (check->config);

	if (text != NULL)
		remark (check, "%s", text);
}

static void
check_trusted (Check *check)
{
	g_autoptr (GPtrArray) unread = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (GPtrArray) missing = NULL;
	g_autofree char *networks = NULL;
	g_autofree char *others = NULL;

	if (check->settings->trusted_is_default)
		remark (check, "TrustedClients is not set, only this host (127.0.0.0/8, ::1) is "
		               "trusted: put there what \"postconf -hx mynetworks\" prints.");
	if (check->postfix.problem != NULL)
		return;
	missing = mm_config_not_trusted (check->config, check->postfix.mynetworks, unread);
	g_ptr_array_add (missing, NULL);
	g_ptr_array_add (unread, NULL);
	networks = g_strjoinv (" ", (char **) missing->pdata);
	others = g_strjoinv (" ", (char **) unread->pdata);
	if (*networks != '\0')
		remark (check, "Postfix trusts clients that TrustedClients does not cover; the rule "
		               "for trusted clients does not fit their mail: %s", networks);
	if (*others != '\0')
		remark (check, "mynetworks of Postfix also has what could not be compared with "
		               "TrustedClients: %s", others);
}

static int
can_read (const char *file)
{
	return access (file, R_OK) == 0 || errno == ENOENT ? 0 : errno;
}

static void
check_user (Check *check)
{
	const char *user = check->settings->user;
	g_autoptr (GPtrArray) paths = mm_config_paths (check->config);

	if (user == NULL && geteuid () == 0)
		remark (check, "User is not set: the filter does not run when it is started as root.");
	for (guint i = 0; user != NULL && i < paths->len; i++)
		if (mm_privileges_ask (&check->identity, can_read, paths->pdata[i]) != 0)
			remark (check, "User %s cannot read %s: the filter starts, but a reload will "
			               "fail.", user, (const char *) paths->pdata[i]);
}

static void
check_originals (Check *check)
{
	const char *folder = check->settings->keep_originals;
	struct stat info;

	if (folder != NULL && stat (folder, &info) == 0 && (info.st_mode & 0077) != 0)
		remark (check, "KeepOriginals = %s: other users may look into this folder, which "
		               "has mail in it. Use mode 0700.", folder);
}

static void
print_lines (Check *check, gboolean comment)
{
	g_autofree char *address = mm_socket_postfix (check->socket, queue_of (check));
	const char *mark = comment ? "#" : "";

	if (comment)
		remark (check, "For main.cf:");
	g_string_append_printf (check->out,
	                        "%ssmtpd_milters = { %s, connect_timeout=5s, content_timeout=60s, "
	                        "default_action=tempfail }\n"
	                        "%snon_smtpd_milters = $smtpd_milters\n",
	                        mark, address, mark);
}

char *
mm_postfix_check (const MmConfig *config, const MmSocket *socket, gboolean comment)
{
	Check check = {
		.config = config,
		.settings = mm_config_settings (config),
		.socket = socket,
		.out = g_string_new (NULL),
	};

	mm_postconf_init (&check.postfix);
	check.has_identity =
	        mm_identity_find (check.settings->user, &check.identity, NULL);
	print_lines (&check, comment);
	if (check.postfix.problem != NULL)
		remark (&check, "Postfix could not be asked, so its chroot, its user and mynetworks "
		                "are not checked: %s", check.postfix.problem);
	if (check_chroot (&check))
		check_reach (&check);
	check_rules (&check);
	check_trusted (&check);
	check_user (&check);
	check_originals (&check);
	mm_identity_clear (&check.identity);
	mm_postconf_clear (&check.postfix);
	return g_string_free (check.out, FALSE);
}
