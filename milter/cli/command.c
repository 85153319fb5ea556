/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command.c: options and complaints, alike in all subcommands.
 */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "command-private.h"
#include "progress.h"

/* ---- options -------------------------------------------------------------------------------- */

/* GLib writes "[OPTION…]", which is no ASCII. */
static void
print_help (GOptionContext *context)
{
	g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
	GString *text = g_string_new (help);

	g_string_replace (text, "\xe2\x80\xa6", "...", 0);
	fputs (text->str, stdout);
	g_string_free (text, TRUE);
}

gboolean
mm_command_parse (const MmUsage *usage, const GOptionEntry *entries, int argc, char **argv,
                  int *out_code)
{
	return mm_command_parse_with (usage, entries, NULL, argc, argv, out_code);
}

gboolean
mm_command_parse_with (const MmUsage *usage, const GOptionEntry *entries, gpointer data, int argc,
                       char **argv, int *out_code)
{
	g_autofree char *program = g_strdup_printf (MM_COMMAND_NAME " %s", argv[0]);
	g_autoptr (GOptionContext) context = g_option_context_new (usage->arguments);
	g_autoptr (GError) error = NULL;
	gboolean help = FALSE;
	const GOptionEntry own[] = {
		{"help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help and stop", NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};

	/* The help names the program so. */
	g_set_prgname (program);
	g_option_context_set_main_group (context,
	                                 g_option_group_new ("", "", "", data, NULL));
	g_option_context_set_help_enabled (context, FALSE);
	g_option_context_set_summary (context, usage->summary);
	g_option_context_set_description (context, usage->details);
	g_option_context_add_main_entries (context, entries, NULL);
	g_option_context_add_main_entries (context, own, NULL);
	if (!g_option_context_parse (context, &argc, &argv, &error)) {
		mm_command_complain ("%s: %s; see '%s --help'", argv[0], error->message, program);
		*out_code = MM_EXIT_TROUBLE;
		return FALSE;
	}
	if (help) {
		print_help (context);
		*out_code = mm_command_finish (MM_EXIT_FINE);
	}
	return !help;
}

int
mm_command_choice (const char *option, const char *word, const char *const *words)
{
	g_autofree char *known = NULL;

	if (word == NULL)
		return 0;
	for (int i = 0; words[i] != NULL; i++)
		if (g_str_equal (word, words[i]))
			return i;
	known = g_strjoinv (", ", (char **) words);
	mm_command_complain ("%s: '%s' is none of %s", option, word, known);
	return -1;
}

/* ---- output --------------------------------------------------------------------------------- */

char *
mm_command_visible (const char *text)
{
	GString *out = g_string_new (NULL);

	for (; *text != '\0'; text++) {
		if (g_ascii_iscntrl (*text))
			g_string_append_printf (out, "\\x%02X", (guint) *text);
		else
			g_string_append_c (out, *text);
	}
	return g_string_free (out, FALSE);
}

void
mm_command_complain (const char *format, ...)
{
	g_autofree char *text = NULL;
	g_autofree char *visible = NULL;
	va_list args;

	va_start (args, format);
	text = g_strdup_vprintf (format, args);
	va_end (args);
	visible = mm_command_visible (text);
	mm_progress_hide ();
	/* What was found so far comes before it where both go to one place. */
	fflush (stdout);
	fprintf (stderr, MM_COMMAND_NAME ": %s\n", visible);
}

int
mm_command_finish (int code)
{
	gboolean failed = ferror (stdout) != 0;

	if (fflush (stdout) == 0 && !failed)
		return code;
	mm_command_complain ("standard output: %s", g_strerror (errno != 0 ? errno : EIO));
	return MM_EXIT_TROUBLE;
}
