/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * configuration.c: the configuration with all that only this machine can say about it.
 *
 * One function for the start, for -n and for a reload: what -n takes, the others take too.
 */
#include <config.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailmend/error.h>

#include "configuration.h"
#include "metrics-http.h"
#include "originals.h"
#include "privileges.h"

#ifndef MM_CONFIG_FILE
#define MM_CONFIG_FILE SYSCONFDIR "/mailmend/mailmend.conf"
#endif

void
mm_configuration_init (MmConfiguration *configuration, const char *given)
{
	configuration->file = g_strdup (given != NULL ? given : MM_CONFIG_FILE);
	configuration->may_lack = given == NULL;
}

void
mm_configuration_clear (MmConfiguration *configuration)
{
	g_clear_pointer (&configuration->file, g_free);
}

void
mm_configuration_make_absolute (MmConfiguration *configuration)
{
	char *file = g_canonicalize_filename (configuration->file, NULL);

	g_free (configuration->file);
	configuration->file = file;
}

static void
add_problem (const char *file, guint line, const GError *error, GPtrArray *problems)
{
	g_ptr_array_add (problems, g_strdup_printf ("%s:%u: %s", file, line, error->message));
}

/* Who the filter will be. FALSE if this machine does not have him. */
static gboolean
check_user (const MmSettings *settings, MmIdentity *out_identity, GPtrArray *problems)
{
	g_autoptr (GError) error = NULL;

	if (settings->user == NULL || mm_identity_find (settings->user, out_identity, &error))
		return TRUE;
	add_problem (settings->user_file, settings->user_line, error, problems);
	return FALSE;
}

static gboolean
check_group (const MmSettings *settings, GPtrArray *problems)
{
	g_autoptr (GError) error = NULL;
	gid_t group;

	if (settings->socket_group == NULL ||
	    mm_group_find (settings->socket_group, &group, &error))
		return TRUE;
	add_problem (settings->socket_group_file, settings->socket_group_line, error, problems);
	return FALSE;
}

static const char *
name_of (const MmIdentity *identity)
{
	return identity->name != NULL ? identity->name : "the user of this process";
}

static gboolean
check_originals (const MmSettings *settings, const MmIdentity *identity, GPtrArray *problems)
{
	g_autoptr (GError) error = NULL;
	int code = 0;

	if (settings->keep_originals != NULL)
		code = mm_privileges_ask (identity, mm_originals_try, settings->keep_originals);
	if (code == 0)
		return TRUE;
	g_set_error (&error, MM_ERROR, MM_ERROR_IO,
	             "KeepOriginals = %s: no folder that %s can write to, nor can it be made: %s",
	             settings->keep_originals, name_of (identity), g_strerror (code));
	add_problem (settings->keep_originals_file, settings->keep_originals_line, error, problems);
	return FALSE;
}

static int
try_folder (const char *path)
{
	struct stat info;

	if (stat (path, &info) != 0)
		return errno;
	if (!S_ISDIR (info.st_mode))
		return ENOTDIR;
	return access (path, W_OK | X_OK) == 0 ? 0 : errno;
}

/* Else every message with a large body would be one on which the filter fails. The default is not
 * asked for: it has no line, and is there. */
static gboolean
check_spool (const MmSettings *settings, const MmIdentity *identity, GPtrArray *problems)
{
	g_autoptr (GError) error = NULL;
	int code = 0;

	if (settings->spool_folder_file != NULL)
		code = mm_privileges_ask (identity, try_folder, settings->spool_folder);
	if (code == 0)
		return TRUE;
	g_set_error (&error, MM_ERROR, MM_ERROR_IO, "SpoolDir = %s: no folder that %s can write to: %s",
	             settings->spool_folder, name_of (identity), g_strerror (code));
	add_problem (settings->spool_folder_file, settings->spool_folder_line, error, problems);
	return FALSE;
}

/* As mm_log_new () does, but makes nothing. */
static int
try_log (const char *path)
{
	g_autofree char *folder = g_path_get_dirname (path);
	struct stat info;

	if (stat (path, &info) != 0)
		return errno == ENOENT ? try_folder (folder) : errno;
	if (S_ISDIR (info.st_mode))
		return EISDIR;
	return access (path, W_OK) == 0 ? 0 : errno;
}

gboolean
mm_configuration_check_log (const MmSettings *settings, GPtrArray *out_problems)
{
	g_autoptr (GError) error = NULL;
	int code = 0;

	if (settings->log_to != NULL && *settings->log_to == '/')
		code = try_log (settings->log_to);
	if (code == 0)
		return TRUE;
	g_set_error (&error, MM_ERROR, MM_ERROR_IO, "LogTo = %s: %s", settings->log_to,
	             g_strerror (code));
	add_problem (settings->log_to_file, settings->log_to_line, error, out_problems);
	return FALSE;
}

static gboolean
check_metrics (const MmSettings *settings, GPtrArray *problems)
{
	g_autoptr (GError) error = NULL;

	if (settings->metrics_listen == NULL || mm_metrics_http_is_built (&error))
		return TRUE;
	add_problem (settings->metrics_listen_file, settings->metrics_listen_line, error, problems);
	return FALSE;
}

/* What only shows on this machine. */
static gboolean
check_here (const MmSettings *settings, GPtrArray *problems)
{
	g_auto (MmIdentity) identity = {NULL, 0, 0};
	gboolean user = check_user (settings, &identity, problems);
	gboolean group = check_group (settings, problems);
	gboolean metrics = check_metrics (settings, problems);
	/* Whether a user who does not exist could write cannot be asked. */
	gboolean originals = !user || check_originals (settings, &identity, problems);
	gboolean spool = !user || check_spool (settings, &identity, problems);

	return user && group && metrics && originals && spool;
}

MmConfig *
mm_configuration_read (MmConfiguration *configuration, GPtrArray *out_problems)
{
	g_autoptr (MmConfig) config = NULL;

	if (configuration->may_lack && mm_config_is_missing (configuration->file))
		return mm_config_new_default ();
	config = mm_config_load (configuration->file, out_problems);
	if (config == NULL || !check_here (mm_config_settings (config), out_problems))
		return NULL;
	configuration->may_lack = FALSE;
	return g_steal_pointer (&config);
}
