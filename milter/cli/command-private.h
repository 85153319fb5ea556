/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command-private.h: what the subcommands of mailmend share: exit codes, options, complaints.
 *
 * Exit codes and output forms are a contract that scripts rely on; mailmend(1) documents them.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MM_COMMAND_NAME "mailmend"

enum {
	MM_EXIT_FINE = 0,    /* done, and nothing to complain of */
	MM_EXIT_ISSUES = 1,  /* done: the mail has issues, or some were left */
	MM_EXIT_TROUBLE = 2, /* not done, or not all of it */
};

/* ---- the subcommands: argv[0] is the subcommand; the exit code ------------------------------ */

int mm_command_check (int argc, char **argv);
int mm_command_fix (int argc, char **argv);
int mm_command_diff (int argc, char **argv);
int mm_command_explain (int argc, char **argv);
int mm_command_labels (int argc, char **argv);
int mm_command_probe (int argc, char **argv);
int mm_command_query (int argc, char **argv);
int mm_command_replay (int argc, char **argv);
int mm_command_report (int argc, char **argv);
int mm_command_settings (int argc, char **argv);

/* ---- options -------------------------------------------------------------------------------- */

typedef struct {
	const char *arguments; /* after the options: "PATH..." */
	const char *summary;   /* one line */
	const char *details;   /* below the options in --help, or NULL */
} MmUsage;

/* Reads the options of argv[0] by @entries. FALSE if there is nothing more to do (--help, or a
 * usage error that was told): @out_code is then the exit code. Text options must be of type
 * G_OPTION_ARG_FILENAME: octets as given, whatever the locale. */
gboolean mm_command_parse (const MmUsage *usage, const GOptionEntry *entries, int argc,
                           char **argv, int *out_code);

/* The same with @data for the callbacks among @entries. */
gboolean mm_command_parse_with (const MmUsage *usage, const GOptionEntry *entries, gpointer data,
                                int argc, char **argv, int *out_code);

/* The place of @word in the NULL-terminated @words (NULL @word: 0), or -1 after complaining that
 * @option does not know it. */
int mm_command_choice (const char *option, const char *word, const char *const *words);

/* ---- output --------------------------------------------------------------------------------- */

/* "mailmend: TEXT" on standard error, control characters as \xNN. */
void mm_command_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* @text, a file name mostly, with control characters as \xNN: it stays one line and cannot steer
 * a terminal. Other octets are as they were. (transfer full) */
char *mm_command_visible (const char *text);

/* Writes out what was printed. @code, or MM_EXIT_TROUBLE after complaining if that failed. */
int mm_command_finish (int code);

G_END_DECLS
