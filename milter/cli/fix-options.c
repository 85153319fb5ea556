/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fix-options.c: the command line of `mailmend fix`, and the context it asks for.
 */
#include <config.h>

#include "command-private.h"
#include "fix-options.h"

/* Less than a day, as date-time zones are written (RFC 5322 3.3). */
#define MAX_ZONE (24 * 60 - 1)

static const MmUsage usage = {
	.arguments = "PATH",
	.summary = "Mends one message; writes it to standard output and what was done to "
	           "standard error.",
	.details = "PATH is a file or '-' (standard input).\n"
	           "Exit status: 0 nothing that is to be mended is left, 1 something is, 2 it "
	           "could not\nbe done.\n",
};

#define FOR_TESTS " (for tests and reproducible output)"

void
mm_fix_options_clear (MmFixOptions *options)
{
	mm_choice_options_clear (&options->choice);
	g_clear_pointer (&options->fix, g_free);
	g_clear_pointer (&options->output, g_free);
	g_clear_pointer (&options->report, g_free);
	g_clear_pointer (&options->path, g_free);
	g_clear_pointer (&options->hostname, g_free);
	g_clear_pointer (&options->random, g_bytes_unref);
}

/* "00ff7e" -> octets; NULL if it is no such text or empty. */
static GBytes *
read_hex (const char *text)
{
	gsize n = strlen (text) / 2;
	g_autofree guint8 *octets = g_malloc (n + 1);

	if (n == 0 || text[2 * n] != '\0')
		return NULL;
	for (gsize i = 0; i < n; i++) {
		int high = g_ascii_xdigit_value (text[2 * i]);
		int low = g_ascii_xdigit_value (text[2 * i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		octets[i] = (guint8) (high * 16 + low);
	}
	return g_bytes_new_take (g_steal_pointer (&octets), n);
}

/* TRUE if the message would go where the report goes, and one would be lost. Devices take both. */
static gboolean
is_report_over_message (const MmFixOptions *options, const char *path)
{
	const char *to = options->in_place ? path : options->output;
	g_autofree char *message = NULL;
	g_autofree char *report = NULL;

	if (to == NULL || options->report == NULL || g_str_equal (options->report, "-"))
		return FALSE;
	message = g_canonicalize_filename (to, NULL);
	report = g_canonicalize_filename (options->report, NULL);
	return g_str_equal (message, report) &&
	       (!g_file_test (message, G_FILE_TEST_EXISTS) ||
	        g_file_test (message, G_FILE_TEST_IS_REGULAR));
}

static gboolean
is_empty (const char *text)
{
	return text != NULL && *text == '\0';
}

/* What does not go together; NULL: all does. */
static const char *
find_conflict (const MmFixOptions *options, char **paths)
{
	gboolean to_stdout = !options->in_place &&
	                     (options->output == NULL || g_str_equal (options->output, "-"));

	if (paths == NULL || paths[1] != NULL)
		return "one PATH must be given";
	if (options->fix != NULL && options->choice.policy != NULL)
		return "--fix and --policy exclude each other";
	if (options->in_place && options->output != NULL)
		return "--in-place and --output exclude each other";
	if (options->in_place && options->bounce)
		return "--in-place and --bounce exclude each other";
	if (options->in_place && g_str_equal (paths[0], "-"))
		return "--in-place needs a file";
	if (is_empty (options->output) || is_empty (options->report))
		return "--output and --report want a name";
	if (is_report_over_message (options, paths[0]))
		return "--report names the file that the message goes to";
	if (to_stdout && g_strcmp0 (options->report, "-") == 0)
		return "--report - needs --output or --in-place: the message is on standard output";
	if (options->zone != G_MININT && ABS (options->zone) > MAX_ZONE)
		return "--zone must be less than a day";
	if (is_empty (options->hostname))
		return "--hostname is empty";
	return NULL;
}

static gboolean
complain (const char *text)
{
	mm_command_complain ("fix: %s; see 'mailmend fix --help'", text);
	return FALSE;
}

static gboolean
accept (MmFixOptions *options, char **paths, const char *hex)
{
	const char *conflict = find_conflict (options, paths);

	if (conflict != NULL)
		return complain (conflict);
	if (hex != NULL && (options->random = read_hex (hex)) == NULL)
		return complain ("--random: not an even number of hexadecimal digits");
	options->path = g_strdup (paths[0]);
	if (g_strcmp0 (options->output, "-") == 0)
		g_clear_pointer (&options->output, g_free);
	return TRUE;
}

gboolean
mm_fix_options_parse (MmFixOptions *options, int argc, char **argv, int *out_code)
{
	g_auto (GStrv) paths = NULL;
	g_autofree char *hex = NULL;
	const GOptionEntry entries[] = {
		{"fix", 0, 0, G_OPTION_ARG_FILENAME, &options->fix,
	         "Mend these labels and groups: 'LABEL|LABEL'", "LIST"},
		{"policy", 0, 0, G_OPTION_ARG_FILENAME, &options->choice.policy,
	         "Mend what this policy mends (default: microsoft365)", "NAME"},
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &options->choice.config,
	         "Take the policy from the configuration in FILE", "FILE"},
		{"wire", 0, 0, G_OPTION_ARG_NONE, &options->wire,
	         "Take the octets as they are, even if all lines end with LF", NULL},
		{"smtputf8", 0, 0, G_OPTION_ARG_NONE, &options->smtputf8,
	         "Judge as if the envelope said SMTPUTF8", NULL},
		{"bounce", 0, 0, G_OPTION_ARG_NONE, &options->bounce,
	         "PATH is a bounce: mend the message it carries", NULL},
		{"output", 0, 0, G_OPTION_ARG_FILENAME, &options->output,
	         "Write the message to FILE (default: -, standard output)", "FILE"},
		{"in-place", 0, 0, G_OPTION_ARG_NONE, &options->in_place,
	         "Replace PATH by the mended message", NULL},
		{"report", 0, 0, G_OPTION_ARG_FILENAME, &options->report,
	         "Write what was done to FILE, or '-'", "FILE"},
		MM_GIVEN_ENTRY ("from",
	                "Envelope sender: its domain is for a new Message-ID if From has none",
	                "ADDRESS"),
		{"hostname", 0, 0, G_OPTION_ARG_FILENAME, &options->hostname,
	         "Name of this host" FOR_TESTS, "NAME"},
		{"now", 0, 0, G_OPTION_ARG_INT64, &options->now,
	         "Seconds since 1970, in UTC unless --zone is given" FOR_TESTS, "SECONDS"},
		{"zone", 0, 0, G_OPTION_ARG_INT, &options->zone,
	         "Minutes east of UTC" FOR_TESTS, "MINUTES"},
		{"random", 0, 0, G_OPTION_ARG_FILENAME, &hex,
	         "Octets to use instead of random ones" FOR_TESTS, "HEX"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};

	options->now = G_MININT64;
	options->zone = G_MININT;
	if (!mm_command_parse_with (&usage, entries, &options->choice.given, argc, argv, out_code))
		return FALSE;
	*out_code = MM_EXIT_TROUBLE;
	return accept (options, paths, hex);
}

/* ---- the context ---------------------------------------------------------------------------- */

void
mm_fixed_random (gpointer data, guint8 *octets, gsize n)
{
	MmBytes given = mm_bytes_of (data);

	for (gsize i = 0; i < n; i++)
		octets[i] = (guint8) given.data[i % given.len];
}

void
mm_fix_options_context (const MmFixOptions *options, const MmChoice *choice,
                        const MmPolicy *policy, MmContext *context, MmJudgeRequest *request)
{
	const MmMatch match = {.decided = TRUE, .policy = policy};

	mm_context_init (context, g_get_host_name ());
	mm_judge_prepare (mm_choice_settings (choice), &match, options->choice.given.from, context,
	                  request);
	context->smtputf8 = options->smtputf8;
	if (options->hostname != NULL)
		context->hostname = options->hostname;
	if (options->now != G_MININT64) {
		context->now = options->now;
		context->zone = 0;
	}
	if (options->zone != G_MININT)
		context->zone = options->zone;
	if (options->random != NULL) {
		context->random = mm_fixed_random;
		context->random_data = options->random;
	}
}
