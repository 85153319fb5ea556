/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.c: the command line of mailmend-milter.
 */
#include <config.h>

#include "options.h"

MmOptions *
mm_options_new (int argc, char **argv, GError **error)
{
	g_autoptr (MmOptions) options = g_new0 (MmOptions, 1);
	const GOptionEntry entries[] = {
		{"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_file,
	         "Read the configuration from FILE", "FILE"},
		{"foreground", 'f', 0, G_OPTION_ARG_NONE, &options->foreground,
	         "Stay in the foreground", NULL},
		{"check", 'n', 0, G_OPTION_ARG_NONE, &options->check,
	         "Check the configuration and stop", NULL},
		{"socket", 's', 0, G_OPTION_ARG_STRING, &options->socket,
	         "Listen on SOCKET, whatever the configuration says", "SOCKET"},
		{"verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose,
	         "Log more; with -n: print the whole configuration", NULL},
		{"version", 'V', 0, G_OPTION_ARG_NONE, &options->version,
	         "Print the version and stop", NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	g_autoptr (GOptionContext) context = g_option_context_new (NULL);

	g_option_context_set_summary (context, "The mail filter of mailmend, for Postfix and "
	                                       "Sendmail. See mailmend-milter(8).");
	g_option_context_add_main_entries (context, entries, NULL);
	if (!g_option_context_parse (context, &argc, &argv, error))
		return NULL;
	if (argc > 1) {
		g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		             "unexpected argument '%s'", argv[1]);
		return NULL;
	}
	return g_steal_pointer (&options);
}

void
mm_options_free (MmOptions *options)
{
	if (options == NULL)
		return;
	g_free (options->config_file);
	g_free (options->socket);
	g_free (options);
}
