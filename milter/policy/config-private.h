/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-private.h: how a configuration file is read: scan, values, problems.
 *
 * Reading never stops at a problem: all of them are collected with their lines, so that an
 * administrator mends a file in one go.
 */
#pragma once

#include <mailmend/bytes.h>

#include "policy-private.h"

G_BEGIN_DECLS

/* ---- problems (config-problems.c) ------------------------------------------------------------ */

typedef struct {
	GPtrArray *files; /* of char *: names, in the order they were entered */
	guint file;       /* what is added now is of this one */
	GPtrArray *list;  /* of MmProblem */
	guint errors;
} MmProblems;

/* @file: its name, as it will stand before a problem. */
void mm_problems_init (MmProblems *problems, const char *file);
void mm_problems_clear (MmProblems *problems);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmProblems, mm_problems_clear)

/* From now on problems are those of @file, another one. Returns the number of the one before, for
 * mm_problems_return (). */
guint mm_problems_enter (MmProblems *problems, const char *file);
/* Goes back to a file by its number. */
void mm_problems_return (MmProblems *problems, guint file);
/* The name of a file. */
const char *mm_problems_file (const MmProblems *problems, guint file);

/* "line 3" of the current file, "FILE:3" of another one, to be told in a problem.
 * (transfer full) */
char *mm_problems_place (const MmProblems *problems, guint file, guint line);

/* An error at @line of the current file; 0: of the file as a whole. */
void mm_problems_add (MmProblems *problems, guint line, const char *format, ...)
        G_GNUC_PRINTF (3, 4);
/* The same, with "; did you mean X?" if one of @names (NULL-terminated) is close to @word. */
void mm_problems_add_word (MmProblems *problems, guint line, const char *word,
                           const char *const *names, const char *format, ...)
        G_GNUC_PRINTF (5, 6);
/* What does no harm but cannot be meant: a file with nothing else is used. */
void mm_problems_warn (MmProblems *problems, guint line, const char *format, ...)
        G_GNUC_PRINTF (3, 4);
/* How many errors there are. */
guint mm_problems_count (const MmProblems *problems);
/* Appends "file:line: text" or "file:line: warning: text" of all, in the order of files and
 * lines. */
void mm_problems_report (const MmProblems *problems, GPtrArray *out);
/* The text of the first one, without file and line; NULL if there is none. */
const char *mm_problems_first (const MmProblems *problems);

/* @text in quotes, cut to a length fit for a log line. (transfer full) */
char *mm_quoted (const char *text);

/* ---- scan (config-scan.c, config-files.c) ---------------------------------------------------- */

#define MM_CONFIG_MAX_FILE (1024 * 1024)
#define MM_CONFIG_MAX_LINE (64 * 1024)
#define MM_CONFIG_MAX_DROP_INS 1000

typedef enum {
	MM_SECTION_MAILMEND,
	MM_SECTION_POLICY,
	MM_SECTION_RULE,
	MM_SECTION_DEFAULT,
	MM_N_SECTIONS,
} MmSectionKind;

typedef struct {
	const MmSettingRow *row;
	char *text; /* without blanks at its ends */
	guint file; /* its number in MmProblems */
	guint line;
} MmSectionKey;

/* [mailmend] and [default] may stand in several files, and are one section then. */
typedef struct {
	MmSectionKind kind;
	char *title; /* "policy NAME" */
	char *name;  /* or NULL */
	guint file;  /* where it begins */
	guint line;
	guint last_file; /* and where in the last file that has it */
	guint last_line;
	GArray *keys; /* of MmSectionKey, in file order */
} MmSection;

/* All files of a configuration without their problems: known sections and keys only, each once. */
struct _MmConfigFiles {
	GPtrArray *names;     /* of char *: those of MmProblems */
	GPtrArray *sections;  /* of MmSection, in file order */
	GHashTable *by_title; /* of the same */
};

/* The names of files are those of @problems, also later. */
MmConfigFiles *mm_config_files_new (MmProblems *problems);
void mm_config_files_free (MmConfigFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmConfigFiles, mm_config_files_free)

/* Adds what stands in @text, the current file of @problems. */
void mm_config_files_scan (MmConfigFiles *files, MmBytes text, MmProblems *problems);
/* Adds the file at @path, which must be the current one, and the drop-ins beside it. */
void mm_config_files_read (MmConfigFiles *files, const char *path, MmProblems *problems);

/* By its title, or NULL. */
const MmSection *mm_config_files_section (const MmConfigFiles *files, const char *title);
/* NULL if @section (may be NULL) does not give @key. */
const MmSectionKey *mm_section_key (const MmSection *section, const char *key);
/* Where @key stands in @section, or the section's own line. */
guint mm_section_line_of (const MmSection *section, const char *key);

/* Reads all keys of @section into the structure at @base (config.c). */
void mm_section_read (const MmSection *section, gpointer base, MmProblems *problems);

/* ---- policies (config-policies.c) ------------------------------------------------------------ */

#define MM_POLICY_TABLE "TABLE" /* in Policy: the one that a table names */

gboolean mm_is_builtin (const char *name);
/* Adds all policies to @config, whose settings have been read. */
void mm_policies_read (MmConfig *config, MmProblems *problems);
/* The policy that @name inherits from as its section says, or NULL. */
const char *mm_policy_parent (const MmConfigFiles *files, const char *name);
/* Names, @name first, then what it inherits from and so on; bounded, so that circles end.
 * (transfer container) */
GPtrArray *mm_policy_chain (const MmConfigFiles *files, const char *name);
/* "@key: unknown policy '@name'; did you mean X?" */
void mm_policy_report_unknown (const MmConfigFiles *files, const char *key, const char *name,
                               guint line, MmProblems *problems);

/* Warns of policies in the files that nobody uses. Everything must have been read. */
void mm_policies_warn_unused (const MmConfig *config, MmProblems *problems);
/* Warns of rules that can never be reached, where that is certain (config-shadow.c). */
void mm_config_warn_shadowed (const MmConfig *config, MmProblems *problems);
/* Warns of what else cannot be meant (config-doubts.c). */
void mm_config_warn_doubts (const MmConfig *config, MmProblems *problems);

/* ---- values ---------------------------------------------------------------------------------- */

/* Reads @text, which has no blanks at its ends, into @member as @row says. Problems begin with
 * the key. */
typedef void (*MmValueFunc) (const MmSettingRow *row, const char *text, gpointer member,
                             guint line, MmProblems *problems);

/* Reads @text as the value of @row into the structure at @base (config-values.c). */
void mm_value_read (const MmSettingRow *row, const char *text, gpointer base, guint line,
                    MmProblems *problems);
/* Reads the defaults of all rows of a table that have one. */
void mm_values_default (const MmSettingRow *rows, guint n, gpointer base);
/* TRUE if @text is a host or domain name: letters (any script), digits, '-', '_' between dots. */
gboolean mm_is_domain (const char *text);

/* config-conditions.c: member is MmCondition */
void mm_value_networks (const MmSettingRow *row, const char *text, gpointer member, guint line,
                        MmProblems *problems);
void mm_value_addresses (const MmSettingRow *row, const char *text, gpointer member, guint line,
                         MmProblems *problems);
void mm_value_domains (const MmSettingRow *row, const char *text, gpointer member, guint line,
                       MmProblems *problems);
void mm_value_users (const MmSettingRow *row, const char *text, gpointer member, guint line,
                     MmProblems *problems);
void mm_value_hosts (const MmSettingRow *row, const char *text, gpointer member, guint line,
                     MmProblems *problems);
void mm_value_macros (const MmSettingRow *row, const char *text, gpointer member, guint line,
                      MmProblems *problems);
void mm_value_sizes (const MmSettingRow *row, const char *text, gpointer member, guint line,
                     MmProblems *problems);

/* Reads one value of a condition, its '!' gone, into @test; FALSE after reporting that it
 * cannot. */
typedef gboolean (*MmTestFunc) (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                                MmProblems *problems);

/* Any value: a regex, a table, or else what @read reads (config-tests.c). */
gboolean mm_read_value (const MmSettingRow *row, const char *text, MmTestFunc read, MmTest *test,
                        guint line, MmProblems *problems);
/* A list of values, each read by @read. */
void mm_read_tests (const MmSettingRow *row, const char *text, const char *separators,
                    MmTestFunc read, MmCondition *condition, guint line, MmProblems *problems);

/* config-networks.c */
gboolean mm_read_network_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                               MmProblems *problems);
gboolean mm_read_client_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                              MmProblems *problems);

/* @text is an address or a network, with its host bits. */
gboolean mm_network_parse (const char *text, MmNetwork *out);
/* Clears the host bits; FALSE if any was set. */
gboolean mm_network_clear_host_bits (MmNetwork *network);
/* (transfer full) */
char *mm_network_to_string (const MmNetwork *network);

/* The forms of a pattern, as a value has them and as a table has them. */
gboolean mm_is_mail_domain (const char *text);
/* The host name or address that @text is, its brackets gone; NULL: it is none. (transfer full) */
char *mm_host_read (const char *text);
gboolean mm_is_local_part (const char *text, gsize len);
/* How "*.example.com" is written, to be told behind a problem; "" for other text. (transfer full) */
char *mm_star_hint (const char *text);
/* A name of at least two labels, or localhost or unknown: what a client can be called. */
gboolean mm_is_client_name (const char *text);

/* ---- tables ---------------------------------------------------------------------------------- */

/* Opens the tables that the rules of @config name, each once, and reads those of text. The rest of
 * @config must have been read. */
void mm_config_open_tables (MmConfig *config, MmProblems *problems);
/* Reports a rule with Policy = TABLE that may match without a table. */
void mm_rule_check_table (const MmMatchRule *rule, guint line, MmProblems *problems);

/* config-reply.c: member is MmReplyCode, char *, char * */
void mm_value_code (const MmSettingRow *row, const char *text, gpointer member, guint line,
                    MmProblems *problems);
void mm_value_template (const MmSettingRow *row, const char *text, gpointer member, guint line,
                        MmProblems *problems);
void mm_value_servers (const MmSettingRow *row, const char *text, gpointer member, guint line,
                       MmProblems *problems);
void mm_value_listen (const MmSettingRow *row, const char *text, gpointer member, guint line,
                      MmProblems *problems);

/* config-labels.c: member is guint8 *, a list of MmPolicyDraft, which is replaced */
void mm_value_labels (const MmSettingRow *row, const char *text, gpointer member, guint line,
                      MmProblems *problems);
/* Lists the labels of the group @name as @how, or takes them away (MM_LISTED_NOT). FALSE if there
 * is no such group. */
gboolean mm_labels_apply_group (const char *name, MmListed how, guint8 *list);
/* The verdict that the list of @row stands for. */
MmSays mm_labels_says (const MmSettingRow *row);
/* Reports labels that stand themselves in two lists of @section, which gave @draft. */
void mm_labels_check (const MmPolicyDraft *draft, const MmSection *section, MmProblems *problems);

G_END_DECLS
