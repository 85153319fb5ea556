/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain.c: `mailmend explain`: what a label means, from its row of the registry, or a reply, from
 * the table of replies.
 */
#include <config.h>

#include <stdio.h>

#include "catalogue.h"
#include "command-private.h"
#include "explain-reply.h"
#include "wrap.h"

#define KEY_WIDTH 14

static const MmUsage usage = {
	.arguments = "[LABEL]",
	.summary = "Says what a label means, who minds and what is done about it; without LABEL, "
	           "which there are.",
	.details = "With --reply: which labels may be behind a server's reply, how that is known, "
	           "and what to do.\n"
	           "Exit status: 0 explained, 1 the reply is not known, 2 there is no such label.\n",
};

static void
list_labels (void)
{
	g_autoptr (GPtrArray) rules = mm_catalogue_sorted ();

	for (guint i = 0; i < rules->len; i++)
		printf ("%s\n", ((const MmRule *) rules->pdata[i])->label);
}

/* "Key:  text", the text in a column of its own. */
static void
print_row (const char *key, const char *text)
{
	GString *out;

	if (text == NULL || *text == '\0')
		return;
	out = g_string_new (NULL);
	g_string_append_printf (out, "%-*s", KEY_WIDTH, key);
	mm_wrap (out, KEY_WIDTH, KEY_WIDTH, text);
	fputs (out->str, stdout);
	g_string_free (out, TRUE);
}

static void
explain (const MmRule *rule)
{
	g_autofree char *groups = mm_catalogue_groups (rule);

	printf ("%s\n\n", rule->label);
	print_row ("Severity:", mm_severity_to_string (rule->severity));
	print_row ("Groups:", groups);
	print_row ("Found when:", rule->summary);
	print_row ("Repair:", rule->repair != NULL ? rule->repair : "none");
	print_row ("microsoft365:", mm_catalogue_m365 (rule));
	print_row ("Standard:", rule->citation);
	print_row ("Receivers:", rule->receivers != NULL ? rule->receivers : "not known");
	print_row ("MTA:", rule->hidden != NULL ? rule->hidden
	                                        : "hides nothing of it from the filter");
}

static int
complain_unknown (const char *word)
{
	const MmRule *similar = mm_catalogue_similar (word);

	if (similar != NULL)
		mm_command_complain ("explain: there is no label '%s'; did you mean %s?", word,
		                     similar->label);
	else
		mm_command_complain ("explain: there is no label '%s'; 'mailmend labels' lists "
		                     "them", word);
	return MM_EXIT_TROUBLE;
}

static int
explain_label (char **words)
{
	const MmRule *rule;

	if (words == NULL) {
		list_labels ();
		return mm_command_finish (MM_EXIT_FINE);
	}
	if (words[1] != NULL) {
		mm_command_complain ("explain: one LABEL at a time");
		return MM_EXIT_TROUBLE;
	}
	rule = mm_catalogue_find (words[0]);
	if (rule == NULL)
		return complain_unknown (words[0]);
	explain (rule);
	return mm_command_finish (MM_EXIT_FINE);
}

int
mm_command_explain (int argc, char **argv)
{
	g_auto (GStrv) words = NULL;
	g_autofree char *reply = NULL;
	g_autofree char *format = NULL;
	gboolean replies = FALSE;
	const GOptionEntry entries[] = {
		{"reply", 0, 0, G_OPTION_ARG_FILENAME, &reply,
	         "Explain this reply of a server; -: what standard input says", "TEXT"},
		{"replies", 0, 0, G_OPTION_ARG_NONE, &replies, "List all replies that are known",
	         NULL},
		{"format", 0, 0, G_OPTION_ARG_FILENAME, &format,
	         "With --reply and --replies: text (default) or json; with --replies also man (the "
	         "list in mailmend(7))", "FORMAT"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	int code;

	if (!mm_command_parse (&usage, entries, argc, argv, &code))
		return code;
	if (replies && reply == NULL && words == NULL)
		return mm_explain_replies (format);
	if (reply != NULL && !replies)
		return mm_explain_reply (reply, words, format);
	if (!replies && format == NULL)
		return explain_label (words);
	mm_command_complain (replies ? "explain: --replies lists all, and takes nothing else"
	                             : "explain: --format is for --reply and --replies");
	return MM_EXIT_TROUBLE;
}
