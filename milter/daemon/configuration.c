/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * configuration.c: the configuration with all that only this machine can say about it.
 *
 * One function for the start, for -n and for a reload: what -n takes, the others take too.
 */
#include <config.h>

#include "configuration.h"
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
add_problem (const MmConfiguration *configuration, guint line, const GError *error,
             GPtrArray *problems)
{
	g_ptr_array_add (problems, g_strdup_printf ("%s:%u: %s", configuration->file, line,
	                                            error->message));
}

/* A user and a group that this machine does not have. */
static gboolean
check_names (const MmConfiguration *configuration, const MmSettings *settings,
             GPtrArray *problems)
{
	g_auto (MmIdentity) identity = {NULL, 0, 0};
	g_autoptr (GError) no_user = NULL;
	g_autoptr (GError) no_group = NULL;
	gid_t group;

	if (settings->user != NULL && !mm_identity_find (settings->user, &identity, &no_user))
		add_problem (configuration, settings->user_line, no_user, problems);
	if (settings->socket_group != NULL &&
	    !mm_group_find (settings->socket_group, &group, &no_group))
		add_problem (configuration, settings->socket_group_line, no_group, problems);
	return no_user == NULL && no_group == NULL;
}

MmConfig *
mm_configuration_read (MmConfiguration *configuration, GPtrArray *out_problems)
{
	g_autoptr (MmConfig) config = NULL;

	if (configuration->may_lack && !g_file_test (configuration->file, G_FILE_TEST_EXISTS))
		return mm_config_new_default ();
	config = mm_config_load (configuration->file, out_problems);
	if (config == NULL || !check_names (configuration, mm_config_settings (config),
	                                    out_problems))
		return NULL;
	configuration->may_lack = FALSE;
	return g_steal_pointer (&config);
}
