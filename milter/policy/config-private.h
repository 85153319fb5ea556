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
	const char *file; /* the caller's */
	GPtrArray *list;  /* of MmProblem */
} MmProblems;

void mm_problems_init (MmProblems *problems, const char *file);
void mm_problems_clear (MmProblems *problems);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmProblems, mm_problems_clear)

/* @line 0: of the file as a whole. */
void mm_problems_add (MmProblems *problems, guint line, const char *format, ...)
        G_GNUC_PRINTF (3, 4);
/* The same, with "; did you mean X?" if one of @names (NULL-terminated) is close to @word. */
void mm_problems_add_word (MmProblems *problems, guint line, const char *word,
                           const char *const *names, const char *format, ...)
        G_GNUC_PRINTF (5, 6);
/* How many there are. */
guint mm_problems_count (const MmProblems *problems);
/* Appends "file:line: text" of all, in the order of lines. */
void mm_problems_report (const MmProblems *problems, GPtrArray *out);
/* The text of the first one, without file and line; NULL if there is none. */
const char *mm_problems_first (const MmProblems *problems);

/* @text in quotes, cut to a length fit for a log line. (transfer full) */
char *mm_quoted (const char *text);

/* ---- scan (config-scan.c) -------------------------------------------------------------------- */

#define MM_CONFIG_MAX_FILE (1024 * 1024)
#define MM_CONFIG_MAX_LINE (64 * 1024)

typedef enum {
	MM_SECTION_MAILMEND,
	MM_SECTION_POLICY,
	MM_SECTION_RULE,
	MM_SECTION_DEFAULT,
	MM_N_SECTIONS,
} MmSectionKind;

typedef struct {
	const MmSettingRow *row;
	guint line;
} MmSectionKey;

typedef struct {
	MmSectionKind kind;
	char *title; /* "policy NAME": its group in the key file */
	char *name;  /* or NULL */
	guint line;
	GArray *keys; /* of MmSectionKey, in file order */
} MmSection;

/* A file without its problems: known sections and keys only, each once. */
typedef struct {
	GPtrArray *sections; /* of MmSection, in file order */
	GKeyFile *values;
} MmConfigFile;

MmConfigFile *mm_config_file_scan (MmBytes text, MmProblems *problems);
void mm_config_file_free (MmConfigFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmConfigFile, mm_config_file_free)

/* Where @key stands in @section, or the section's own line. */
guint mm_section_line_of (const MmSection *section, const char *key);

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

/* config-reply.c: member is MmReplyCode, char *, char * */
void mm_value_code (const MmSettingRow *row, const char *text, gpointer member, guint line,
                    MmProblems *problems);
void mm_value_template (const MmSettingRow *row, const char *text, gpointer member, guint line,
                        MmProblems *problems);
void mm_value_servers (const MmSettingRow *row, const char *text, gpointer member, guint line,
                       MmProblems *problems);

/* config-labels.c: member is guint8 *, a list of MmPolicyDraft, which is replaced */
void mm_value_labels (const MmSettingRow *row, const char *text, gpointer member, guint line,
                      MmProblems *problems);
/* Lists the labels of the group @name as @how, or takes them away (MM_LISTED_NOT). FALSE if there
 * is no such group. */
gboolean mm_labels_apply_group (const char *name, MmListed how, guint8 *list);
/* Reports labels that stand themselves in two lists of @section, which gave @draft. */
void mm_labels_check (const MmPolicyDraft *draft, const MmSection *section, MmProblems *problems);

G_END_DECLS
