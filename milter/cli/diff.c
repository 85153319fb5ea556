/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diff.c: `mailmend diff`: what was changed in a message that KeepOriginals has stored.
 *
 * It looks as diff -u does, but every octet can be told: "\xHH" for what is not printable ASCII,
 * "\t", "\\", and "\r" for a CR that is not part of the line end. A line ends with CRLF unless
 * "\n" (LF alone) or the line below it ("\ no line end") says otherwise. A blank at the end of a
 * line is "\x20".
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "choice.h"
#include "command-private.h"
#include "line-diff.h"

static const MmUsage usage = {
	.arguments = "QUEUEID",
	.summary = "Shows what was changed in a message that KeepOriginals has stored.",
	.details = "A message that came again under the same id is QUEUEID.2, QUEUEID.3 and so on.",
};

/* Lines that are the same, around those that are not. */
#define CONTEXT 2

typedef struct {
	char *config;
	char *folder;
	gboolean original;
	gboolean mended;
	char **rest;
} Options;

static void
options_clear (Options *options)
{
	g_clear_pointer (&options->config, g_free);
	g_clear_pointer (&options->folder, g_free);
	g_clear_pointer (&options->rest, g_strfreev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* ---- finding the files ----------------------------------------------------------------------- */

static char *
folder_of_config (const char *given)
{
	const char *file = given;
	g_autoptr (MmConfig) config =
	        given != NULL ? mm_choice_load (given) : mm_choice_load_installed (&file);
	const char *folder;

	if (config == NULL)
		return NULL;
	folder = mm_config_settings (config)->keep_originals;
	if (folder == NULL)
		mm_command_complain ("%s has no KeepOriginals; --dir names the folder",
		                     file != NULL ? file : "what is built in");
	return g_strdup (folder);
}

/* The name of a set from what a person may write: an id, or the name of one of the files. */
static char *
stem_of (const char *text)
{
	static const char *const suffixes[] = {".mended.eml", ".eml", ".envelope"};
	char *stem = g_path_get_basename (text);

	for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
		if (!g_str_has_suffix (stem, suffixes[i]))
			continue;
		stem[strlen (stem) - strlen (suffixes[i])] = '\0';
		break;
	}
	return stem;
}

static gboolean
is_folder (const char *path)
{
	struct stat st;
	int problem = stat (path, &st) != 0 ? errno : S_ISDIR (st.st_mode) ? 0 : ENOTDIR;

	if (problem != 0)
		mm_command_complain ("--dir %s: %s", path, g_strerror (problem));
	return problem == 0;
}

/* A queue id has no '/', but the name of a file in the folder one is in has none either. */
static gboolean
is_path (const char *text)
{
	return strchr (text, '/') != NULL || g_file_test (text, G_FILE_TEST_IS_REGULAR);
}

/* The name of the set without ".eml" and so on; NULL after complaining. */
static char *
find_set (const Options *options)
{
	const char *text = options->rest[0];
	g_autofree char *stem = stem_of (text);
	g_autofree char *folder = g_strdup (options->folder);

	if (folder != NULL && !is_folder (folder))
		return NULL;
	if (folder == NULL)
		folder = is_path (text) ? g_path_get_dirname (text)
		                        : folder_of_config (options->config);
	return folder != NULL ? g_build_filename (folder, stem, NULL) : NULL;
}

/* The octets of a file of the set; NULL after complaining. */
static GBytes *
read_file (const char *set, const char *suffix)
{
	g_autofree char *path = g_strconcat (set, suffix, NULL);
	g_autoptr (GMappedFile) file = NULL;
	g_autoptr (GError) error = NULL;

	file = g_mapped_file_new (path, FALSE, &error);
	if (file != NULL)
		return g_mapped_file_get_bytes (file);
	if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		mm_command_complain ("%s: there is no such message", path);
	else
		mm_command_complain ("%s", error->message);
	return NULL;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void
put_octet (GString *out, guchar c)
{
	if (c == '\\')
		g_string_append (out, "\\\\");
	else if (c == '\t')
		g_string_append (out, "\\t");
	else if (c == '\r')
		g_string_append (out, "\\r");
	else if (c >= ' ' && c <= '~')
		g_string_append_c (out, (char) c);
	else
		g_string_append_printf (out, "\\x%02X", c);
}

static void
print_line (char mark, MmBytes line)
{
	GString *out = g_string_new (NULL);
	gboolean lf = line.len > 0 && line.data[line.len - 1] == '\n';
	gboolean crlf = lf && line.len > 1 && line.data[line.len - 2] == '\r';
	gsize len = line.len - (crlf ? 2 : lf ? 1 : 0);

	g_string_append_c (out, mark);
	for (gsize i = 0; i < len; i++) {
		if (i + 1 == len && line.data[i] == ' ')
			g_string_append (out, "\\x20");
		else
			put_octet (out, (guchar) line.data[i]);
	}
	g_string_append (out, crlf ? "\n" : lf ? "\\n\n" : "\n\\ no line end\n");
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
}

static void
print_lines (char mark, MmBytes text)
{
	for (gsize at = 0; at < text.len;) {
		gsize end = mm_bytes_find (text, '\n', at) + 1;

		print_line (mark, mm_bytes_sub (text, at, end));
		at = end;
	}
}

/* Up to CONTEXT lines that end at @end. *@out_lines: how many. */
static MmBytes
context_before (MmBytes text, gsize end, guint *out_lines)
{
	gsize at = end;

	*out_lines = 0;
	while (at > 0 && *out_lines < CONTEXT) {
		for (at--; at > 0 && text.data[at - 1] != '\n'; at--)
			;
		(*out_lines)++;
	}
	return mm_bytes_sub (text, at, end);
}

/* Up to CONTEXT lines that begin at @at. */
static MmBytes
context_after (MmBytes text, gsize at, guint *out_lines)
{
	gsize end = at;

	*out_lines = 0;
	while (end < text.len && *out_lines < CONTEXT) {
		end = MIN (mm_bytes_find (text, '\n', end) + 1, text.len);
		(*out_lines)++;
	}
	return mm_bytes_sub (text, at, end);
}

static gsize
end_of (const MmLineRange *range)
{
	return range->at + range->len;
}

/* Which hunk is the first behind @from that is too far away to be shown with it. */
static guint
end_of_group (const GArray *hunks, guint from)
{
	guint to = from + 1;

	while (to < hunks->len) {
		const MmLineRange *last = &g_array_index (hunks, MmHunk, to - 1).old_range;
		const MmLineRange *next = &g_array_index (hunks, MmHunk, to).old_range;

		if (next->line - (last->line + last->lines) > 2 * CONTEXT)
			break;
		to++;
	}
	return to;
}

/* A text of both messages, and what they call it. */
typedef struct {
	const char *what; /* header or body */
	MmBytes old_text;
	MmBytes new_text;
} Section;

static void
print_group (const Section *section, const GArray *hunks, guint from, guint to)
{
	const MmHunk *first = &g_array_index (hunks, MmHunk, from);
	const MmHunk *last = &g_array_index (hunks, MmHunk, to - 1);
	guint n_before, n_after;
	MmBytes before = context_before (section->old_text, first->old_range.at, &n_before);
	MmBytes after = context_after (section->old_text, end_of (&last->old_range), &n_after);

	printf ("@@ -%u,%u +%u,%u @@ %s\n", first->old_range.line - n_before + 1,
	        last->old_range.line + last->old_range.lines + n_after + n_before -
	                first->old_range.line,
	        first->new_range.line - n_before + 1,
	        last->new_range.line + last->new_range.lines + n_after + n_before -
	                first->new_range.line,
	        section->what);
	print_lines (' ', before);
	for (guint i = from; i < to; i++) {
		const MmHunk *hunk = &g_array_index (hunks, MmHunk, i);
		gsize old_end = end_of (&hunk->old_range);

		print_lines ('-', mm_bytes_sub (section->old_text, hunk->old_range.at, old_end));
		print_lines ('+', mm_bytes_sub (section->new_text, hunk->new_range.at,
		                                end_of (&hunk->new_range)));
		if (i + 1 < to)
			print_lines (' ', mm_bytes_sub (section->old_text, old_end, hunk[1].old_range.at));
	}
	print_lines (' ', after);
}

static void
print_section (const char *what, MmBytes old_text, MmBytes new_text)
{
	const Section section = {what, old_text, new_text};
	g_autoptr (GArray) hunks = mm_line_diff (old_text, new_text);

	for (guint from = 0; from < hunks->len;) {
		guint to = end_of_group (hunks, from);

		print_group (&section, hunks, from, to);
		from = to;
	}
}

/* What the milter made of it, from the envelope; nothing if that is not there. */
static void
print_facts (const char *set)
{
	static const char *const keys[] = {"from", "client", "policy", "rule", "fixed", "left", NULL};
	g_autofree char *path = g_strconcat (set, ".envelope", NULL);
	g_autofree char *text = NULL;
	g_auto (GStrv) lines = NULL;

	if (!g_file_get_contents (path, &text, NULL, NULL))
		return;
	lines = g_strsplit (text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_autofree char *key = g_strndup (lines[i], strcspn (lines[i], "="));
		g_autofree char *visible = mm_command_visible (lines[i]);

		if (g_strv_contains (keys, key))
			printf ("# %s\n", visible);
	}
}

static int
print_diff (const char *set)
{
	g_autofree char *name = g_path_get_basename (set);
	g_autofree char *visible = mm_command_visible (name);
	g_autofree char *again = g_strconcat (set, ".2.eml", NULL);
	g_autoptr (GBytes) old_bytes = read_file (set, ".eml");
	g_autoptr (GBytes) new_bytes = old_bytes != NULL ? read_file (set, ".mended.eml") : NULL;
	g_autoptr (MmMessage) old_message = NULL;
	g_autoptr (MmMessage) new_message = NULL;

	if (new_bytes == NULL)
		return MM_EXIT_TROUBLE;
	old_message = mm_message_new (old_bytes);
	new_message = mm_message_new (new_bytes);
	printf ("--- %s.eml\n+++ %s.mended.eml\n", visible, visible);
	print_facts (set);
	print_section ("header", mm_message_header_block (old_message),
	               mm_message_header_block (new_message));
	print_section ("separator", mm_message_separator (old_message),
	               mm_message_separator (new_message));
	print_section ("body", mm_message_body (old_message), mm_message_body (new_message));
	if (g_file_test (again, G_FILE_TEST_EXISTS))
		mm_command_complain ("this id came again: there is %s.2 too", name);
	return MM_EXIT_FINE;
}

static int
print_octets (const char *set, const char *suffix)
{
	g_autoptr (GBytes) bytes = read_file (set, suffix);
	gsize len = 0;
	const char *data;

	if (bytes == NULL)
		return MM_EXIT_TROUBLE;
	data = g_bytes_get_data (bytes, &len);
	if (len > 0)
		fwrite (data, 1, len, stdout);
	return MM_EXIT_FINE;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int
run (const Options *options)
{
	g_autofree char *set = NULL;

	if (options->rest == NULL || options->rest[1] != NULL) {
		mm_command_complain ("diff: want one QUEUEID");
		return MM_EXIT_TROUBLE;
	}
	if (options->original && options->mended) {
		mm_command_complain ("diff: --original and --mended exclude each other");
		return MM_EXIT_TROUBLE;
	}
	if (options->config != NULL && options->folder != NULL) {
		mm_command_complain ("diff: --config and --dir exclude each other");
		return MM_EXIT_TROUBLE;
	}
	set = find_set (options);
	if (set == NULL)
		return MM_EXIT_TROUBLE;
	if (options->original || options->mended)
		return print_octets (set, options->original ? ".eml" : ".mended.eml");
	return print_diff (set);
}

int
mm_command_diff (int argc, char **argv)
{
	g_auto (Options) options = {NULL, NULL, FALSE, FALSE, NULL};
	const GOptionEntry entries[] = {
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &options.config,
	         "Take the folder from KeepOriginals in FILE (default: the installed one)", "FILE"},
		{"dir", 0, 0, G_OPTION_ARG_FILENAME, &options.folder,
	         "Look in DIR, whatever a configuration says", "DIR"},
		{"original", 0, 0, G_OPTION_ARG_NONE, &options.original,
	         "Print the message as it was received", NULL},
		{"mended", 0, 0, G_OPTION_ARG_NONE, &options.mended,
	         "Print the message as it was handed back", NULL},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.rest, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	int code;

	if (!mm_command_parse (&usage, entries, argc, argv, &code))
		return code;
	return mm_command_finish (run (&options));
}
