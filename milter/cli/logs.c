/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs.c: `mailmend report`: reads logs, counts, and shows.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "catalogue.h"
#include "command-private.h"
#include "logs-record.h"
#include "logs.h"
#include "new-file.h"
#include "progress.h"

/* Rows of a table where nobody says how many. */
#define TOP_TEXT 10
#define TOP_PAGE 25

static const MmUsage usage = {
	.arguments = "LOG...",
	.summary = "Says who sends mail with issues, and what became of it, from the lines that "
	           "mailmend-milter has logged.",
	.details = "LOG is a log file, plain or compressed by gzip, the output of 'journalctl -o "
	           "export', json or short, or - for standard input. A MOMENT is 2026-11-22, "
	           "'2026-11-22 18:00', today, yesterday, or 36h, 7d or 2w ago.",
};

typedef struct {
	char *by;
	char *since;
	char *until;
	char *labels;
	char *html;
	int top;
	gboolean json;
	gboolean csv;
	gboolean suggest;
	gboolean reject;
	char **paths;
} Options;

static void
options_clear (Options *options)
{
	g_free (options->by);
	g_free (options->since);
	g_free (options->until);
	g_free (options->labels);
	g_free (options->html);
	g_strfreev (options->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* ---- options ------------------------------------------------------------------------------------------ */

static gboolean
parse (Options *options, int argc, char **argv, int *out_code)
{
	const GOptionEntry entries[] = {
		{"by", 0, 0, G_OPTION_ARG_FILENAME, &options->by,
	         "Only the table by sender, domain, client, user, program, policy or label", "WHAT"},
		{"top", 0, 0, G_OPTION_ARG_INT, &options->top,
	         "Show so many of a table, 0: all (10; 25 on a page; all in JSON and CSV)", "N"},
		{"since", 0, 0, G_OPTION_ARG_FILENAME, &options->since,
	         "Count messages from this moment on", "MOMENT"},
		{"until", 0, 0, G_OPTION_ARG_FILENAME, &options->until,
	         "Count messages before this moment", "MOMENT"},
		{"label", 0, 0, G_OPTION_ARG_FILENAME, &options->labels,
	         "Count only these labels, as if no others had been found", "LABEL|..."},
		{"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "Write a JSON object", NULL},
		{"csv", 0, 0, G_OPTION_ARG_NONE, &options->csv, "Write comma-separated values", NULL},
		{"html", 0, 0, G_OPTION_ARG_FILENAME, &options->html,
	         "Write a page for a browser to FILE, - is standard output", "FILE"},
		{"suggest", 0, 0, G_OPTION_ARG_NONE, &options->suggest,
	         "Write rules for the configuration that would mend what was left", NULL},
		{"reject", 0, 0, G_OPTION_ARG_NONE, &options->reject,
	         "With --suggest: what refuses mail is no comment", NULL},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->paths, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};

	options->top = -1;
	if (!mm_command_parse (&usage, entries, argc, argv, out_code))
		return FALSE;
	*out_code = MM_EXIT_TROUBLE;
	if (options->paths == NULL)
		mm_command_complain ("report: no LOG is given");
	else if (options->json + options->csv + options->suggest > 1)
		mm_command_complain ("report: --json, --csv and --suggest exclude each other");
	else if (g_strcmp0 (options->html, "-") == 0 &&
	         (options->json || options->csv || options->suggest))
		mm_command_complain ("report: --html - leaves no standard output to --json, --csv "
		                     "and --suggest");
	else if (options->reject && !options->suggest)
		mm_command_complain ("report: --reject belongs to --suggest");
	else if (options->top < -1)
		mm_command_complain ("report: --top wants a number from 0 on");
	else
		return TRUE;
	return FALSE;
}

static gboolean
read_moment (const char *option, const char *word, gint64 now, gint64 *out)
{
	*out = word != NULL ? mm_log_clock_word (word, now) : MM_NO_TIME;
	if (word == NULL || *out != MM_NO_TIME)
		return TRUE;
	mm_command_complain ("%s: '%s' is no moment; write 2026-11-22, '2026-11-22 18:00', today, "
	                     "yesterday, now, 36h, 7d or 2w", option, word);
	return FALSE;
}

static gboolean
read_by (const char *word, int *out)
{
	const char *words[MM_N_BY + 1] = {NULL};

	*out = -1;
	for (MmBy by = 0; by < MM_N_BY; by++)
		words[by] = mm_logs_by_word (by);
	if (word != NULL)
		*out = mm_command_choice ("--by", word, words);
	return word == NULL || *out >= 0;
}

/* NULL: all labels count. FALSE: there is no such label. (transfer full) */
static gboolean
read_labels (const char *list, GPtrArray **out)
{
	g_autoptr (GPtrArray) labels = g_ptr_array_new ();
	g_auto (GStrv) words = list != NULL ? g_strsplit_set (list, "|, ", -1) : NULL;

	*out = NULL;
	if (list == NULL)
		return TRUE;
	for (char **word = words; *word != NULL; word++) {
		const MmRule *rule = mm_catalogue_find (*word);

		if (rule == NULL && **word != '\0') {
			mm_command_complain ("--label: there is no label '%s'; 'mailmend labels' "
			                     "lists them", *word);
			return FALSE;
		}
		if (rule != NULL)
			g_ptr_array_add (labels, (gpointer) rule->label);
	}
	*out = g_steal_pointer (&labels);
	return TRUE;
}

static gboolean
logs_init (MmLogs *logs, const Options *options)
{
	g_autoptr (GPtrArray) labels = NULL;
	gboolean page = options->html != NULL && !options->json && !options->csv;

	*logs = (MmLogs){.now = g_get_real_time () / G_USEC_PER_SEC};
	if (!read_by (options->by, &logs->by) || !read_labels (options->labels, &labels) ||
	    !read_moment ("--since", options->since, logs->now, &logs->since) ||
	    !read_moment ("--until", options->until, logs->now, &logs->until))
		return FALSE;
	logs->top = page ? TOP_PAGE : options->json || options->csv ? 0 : TOP_TEXT;
	if (options->top >= 0)
		logs->top = (guint) options->top;
	logs->tally = mm_tally_new (labels);
	return TRUE;
}

/* ---- reading --------------------------------------------------------------------------------------------- */

/* What has no time is of no span of time. */
static gboolean
is_inside (const MmLogs *logs, gint64 when)
{
	if (logs->since == MM_NO_TIME && logs->until == MM_NO_TIME)
		return TRUE;
	return when != MM_NO_TIME && (logs->since == MM_NO_TIME || when >= logs->since) &&
	       (logs->until == MM_NO_TIME || when < logs->until);
}

static void
count (MmLogs *logs, MmRecordKind kind, const MmLogline *line, gint64 when)
{
	switch (kind) {
	case MM_RECORD_MESSAGE:
		mm_progress_step ();
		if (!is_inside (logs, when))
			logs->lines.outside++;
		else if (mm_tally_add (logs->tally, line, when))
			logs->lines.messages++;
		else
			logs->lines.damaged++;
		break;
	case MM_RECORD_DAMAGED:
		logs->lines.damaged++;
		break;
	case MM_RECORD_OTHER:
		logs->lines.other++;
		break;
	case MM_RECORD_FOREIGN:
		logs->lines.foreign++;
		break;
	}
}

static gboolean
read_log (MmLogs *logs, const char *path)
{
	g_autoptr (GError) error = NULL;
	g_autoptr (MmLines) lines = mm_lines_open (path, &error);
	g_autoptr (MmRecords) records = lines != NULL ? mm_records_new (lines) : NULL;
	g_auto (MmLogline) line = MM_LOGLINE_INIT;
	guint64 damaged = logs->lines.damaged;
	MmRecordKind kind;
	gint64 when;

	while (records != NULL && mm_records_next (records, &line, &kind, &when, &error))
		count (logs, kind, &line, when);
	if (logs->lines.damaged > damaged)
		mm_command_complain ("%s: %" G_GUINT64_FORMAT " lines of messages are damaged and "
		                     "not counted", path, logs->lines.damaged - damaged);
	if (error == NULL)
		return TRUE;
	mm_command_complain ("%s: %s", path, error->message);
	return FALSE;
}

/* ---- showing ----------------------------------------------------------------------------------------------- */

static guint
terminal_width (void)
{
	struct winsize size;

	if (isatty (STDOUT_FILENO) != 1 || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

static gboolean
write_page (const MmLogs *logs, const char *path)
{
	g_autoptr (GString) page = g_string_new (NULL);
	g_autoptr (GError) error = NULL;
	g_auto (MmNewFile) file = {0};

	mm_logs_html (logs, page);
	if (g_str_equal (path, "-")) {
		fwrite (page->str, 1, page->len, stdout);
		return TRUE;
	}
	if (mm_new_file_prepare (&file, path, mm_bytes (page->str, page->len), &error) &&
	    mm_new_file_commit (&file, NULL, &error))
		return TRUE;
	mm_command_complain ("%s", error->message);
	return FALSE;
}

static gboolean
show (const MmLogs *logs, const Options *options)
{
	g_autoptr (GString) out = g_string_new (NULL);

	if (options->html != NULL && !write_page (logs, options->html))
		return FALSE;
	if (options->json)
		mm_logs_json (logs, out);
	else if (options->csv)
		mm_logs_csv (logs, out);
	else if (options->suggest)
		mm_logs_suggest (logs, options->reject, out);
	else if (options->html == NULL)
		mm_logs_text (logs, terminal_width (), out);
	fwrite (out->str, 1, out->len, stdout);
	return TRUE;
}

int
mm_command_report (int argc, char **argv)
{
	g_auto (Options) options = {0};
	MmLogs logs;
	int code;

	if (!parse (&options, argc, argv, &code))
		return code;
	if (!logs_init (&logs, &options))
		return MM_EXIT_TROUBLE;
	code = MM_EXIT_FINE;
	mm_progress_begin ();
	for (char **path = options.paths; *path != NULL; path++)
		if (!read_log (&logs, *path))
			code = MM_EXIT_TROUBLE;
	mm_progress_end ();
	if (!show (&logs, &options))
		code = MM_EXIT_TROUBLE;
	mm_tally_free (logs.tally);
	return mm_command_finish (code);
}
