/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c: the command mailmend: a table of subcommands.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <mailmend/verify.h>

#include "command-private.h"

static const struct {
	const char *name;
	int (*run) (int argc, char **argv);
	const char *summary;
} commands[] = {
	{"check", mm_command_check, "Say what is wrong with mail in files, mboxes and folders"},
	{"fix", mm_command_fix, "Mend one message"},
	{"replay", mm_command_replay, "Say which messages two configurations treat differently"},
	{"query", mm_command_query, "Say which rule and policy a message gets, and why"},
	{"report", mm_command_report, "Say who sends mail with issues, from the log"},
	{"diff", mm_command_diff, "Show what was changed in a message of KeepOriginals"},
	{"probe", mm_command_probe, "Say whether a milter answers at a socket"},
	{"explain", mm_command_explain, "Explain a label, or a server's reply"},
	{"labels", mm_command_labels, "List all labels"},
	{"settings", mm_command_settings, "List the keys of the configuration file"},
};

static void
print_usage (FILE *out)
{
	fputs ("Usage: " MM_COMMAND_NAME " COMMAND [OPTION...] [ARGUMENT...]\n"
	       "       " MM_COMMAND_NAME " --help | --version\n\n"
	       "Finds and mends what does not conform to the mail standards. Commands:\n\n",
	       out);
	for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
		fprintf (out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fputs ("\n'" MM_COMMAND_NAME " COMMAND --help' lists the options of a command; see also "
	       MM_COMMAND_NAME "(1).\n",
	       out);
}

static int
run (const char *name, int argc, char **argv)
{
	for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
		if (g_str_equal (commands[i].name, name))
			return commands[i].run (argc, argv);
	mm_command_complain ("there is no command '%s'; see '" MM_COMMAND_NAME " --help'", name);
	return MM_EXIT_TROUBLE;
}

int
main (int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (name == NULL) {
		print_usage (stderr);
		return MM_EXIT_TROUBLE;
	}
	if (g_str_equal (name, "--help") || g_str_equal (name, "-h")) {
		print_usage (stdout);
		return mm_command_finish (MM_EXIT_FINE);
	}
	if (g_str_equal (name, "--version") || g_str_equal (name, "-V")) {
		printf (MM_COMMAND_NAME " %s\n", PACKAGE_VERSION);
		return mm_command_finish (MM_EXIT_FINE);
	}
	mm_verify_init ();
	return run (name, argc - 1, argv + 1);
}
