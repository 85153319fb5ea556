/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-print.c: a configuration becomes text again.
 *
 * Every key has a comment before it that tells where its value comes from. What must not be given
 * to get the same again, or has no value, is a comment itself: keys that are not set, the lists
 * that a policy starts with, and built-in policies that no file changes.
 */
#include <mailmend/limits.h>

#include "config-private.h"

typedef struct {
	const MmConfig *config;
	GString *out;
} MmPrint;

/* ---- lines ----------------------------------------------------------------------------------- */

/* Where @key stands. A name of a file may hold anything but must not end the comment.
 * (transfer full) */
static char *
place (const MmPrint *print, guint file, guint line)
{
	char *text = g_strdup_printf ("%s:%u", (char *) print->config->files->names->pdata[file],
	                              line);

	for (char *p = text; *p != '\0'; p++)
		if (g_ascii_iscntrl (*p))
			*p = '?';
	return text;
}

/* "built in" has no lines. (transfer full) */
static char *
section_place (const MmPrint *print, const MmSection *section)
{
	if (section == NULL ||
	    g_str_equal (print->config->files->names->pdata[section->file], MM_BUILTIN_FILE))
		return g_strdup (section != NULL ? MM_BUILTIN_FILE : "default");
	return place (print, section->file, section->line);
}

static void
heading (MmPrint *print, const char *from, gboolean comment, const char *title)
{
	g_string_append_printf (print->out, "\n# %s\n%s[%s]\n", from, comment ? "#" : "", title);
}

/* @text NULL: no value. */
static void
line (MmPrint *print, const char *from, gboolean comment, const char *key, const char *text)
{
	gsize len = strlen (key) + strlen (" = ") + (text != NULL ? strlen (text) : 0);

	if (from != NULL)
		g_string_append_printf (print->out, "# %s\n", from);
	g_string_append_printf (print->out, "%s%s", comment || text == NULL ? "#" : "", key);
	if (text == NULL || *text == '\0')
		g_string_append (print->out, " =\n");
	else if (len > MM_CONFIG_MAX_LINE) /* it came without the blanks */
		g_string_append_printf (print->out, "=%s\n", text);
	else
		g_string_append_printf (print->out, " = %s\n", text);
}

/* Prints @row as @section (may be NULL) gives it; FALSE if it does not. */
static gboolean
line_given (MmPrint *print, const MmSection *section, const MmSettingRow *row)
{
	const MmSectionKey *key = mm_section_key (section, row->key);
	g_autofree char *at = NULL;

	if (key == NULL)
		return FALSE;
	if (!g_str_equal (print->config->files->names->pdata[key->file], MM_BUILTIN_FILE))
		at = place (print, key->file, key->line);
	line (print, at, FALSE, row->key, key->text);
	return TRUE;
}

/* ---- [mailmend] ------------------------------------------------------------------------------ */

static void
print_globals (MmPrint *print)
{
	const MmSection *section = mm_config_files_section (print->config->files, "mailmend");
	g_autofree char *at = section_place (print, section);
	guint n = 0;
	const MmSettingRow *rows = mm_settings_table (&n);

	heading (print, at, FALSE, "mailmend");
	for (guint i = 0; i < n; i++) {
		const char *text = rows[i].default_text;

		/* that TrustedClients was never set is something to be told of */
		if (!line_given (print, section, &rows[i]))
			line (print, text != NULL ? "default" : "not set",
			      rows[i].type == MM_SETTING_NETWORKS, rows[i].key, text);
	}
}

/* ---- policies -------------------------------------------------------------------------------- */

typedef struct {
	MmPrint *print;
	const MmPolicy *policy;
	const MmSection *section; /* or NULL */
	GPtrArray *chain;
	gboolean comment;
} MmPolicyPrint;

/* A label that only has notices counts where it is named. */
static gboolean
counts (const MmPolicy *policy, guint rule)
{
	return policy->named[rule] || mm_rules[rule]->severity != MM_SEVERITY_NOTICE;
}

/* What a policy ends up with: the labels of which it says @says. (transfer full) */
static char *
effective_list (const MmPolicy *policy, MmSays says)
{
	g_autoptr (GPtrArray) labels = g_ptr_array_new ();
	guint n = 0;

	for (guint i = 0; i < mm_rules_count (); i++) {
		n += counts (policy, i);
		if (policy->says[i] == says && counts (policy, i))
			g_ptr_array_add (labels, (gpointer) mm_rules[i]->label);
	}
	if (labels->len == n)
		return g_strdup ("ALL");
	g_ptr_array_add (labels, NULL);
	return labels->len > 1 ? g_strjoinv (" | ", (char **) labels->pdata) : NULL;
}

static const MmSection *
ancestor (const MmPolicyPrint *at, guint number)
{
	g_autofree char *title = g_strconcat ("policy ", at->chain->pdata[number], NULL);

	return mm_config_files_section (at->print->config->files, title);
}

/* Where a value comes from that the section itself does not give, and its text, unless that is
 * [mailmend] or a list; NULL if from nowhere. (transfer full) */
static char *
origin (const MmPolicyPrint *at, const MmSettingRow *row, const char **out_text)
{
	const char *root = at->chain->pdata[at->chain->len - 1];
	gboolean own = at->chain->len == 1;

	for (guint i = 1; i < at->chain->len; i++) {
		const MmSectionKey *key = mm_section_key (ancestor (at, i), row->key);
		g_autofree char *where = NULL;

		if (key == NULL)
			continue;
		*out_text = key->text;
		where = place (at->print, key->file, key->line);
		return g_strdup_printf ("inherited from %s, %s", (char *) at->chain->pdata[i],
		                        where);
	}
	*out_text = mm_builtin_text (root, row->key);
	if (*out_text == NULL && (row->type != MM_SETTING_LABELS || !mm_is_builtin (root)))
		return NULL;
	return own ? g_strdup (MM_BUILTIN_FILE)
	           : g_strdup_printf ("inherited from %s, " MM_BUILTIN_FILE, root);
}

static void
print_list (const MmPolicyPrint *at, const MmSettingRow *row)
{
	const char *text = NULL;
	g_autofree char *from = origin (at, row, &text);
	g_autofree char *labels = effective_list (at->policy, mm_labels_says (row));

	if (from == NULL && labels != NULL)
		from = g_strdup ("what stands in no list");
	line (at->print, from != NULL && labels != NULL ? from : "not set", TRUE, row->key, labels);
}

/* The value that [mailmend] gave to a policy without one; NULL: none. */
static const char *
settled (const MmPolicyPrint *at, const MmSettingRow *row)
{
	gconstpointer member = G_STRUCT_MEMBER_P (at->policy, row->offset);
	const MmSettingChoice *choice = row->choices;

	if (row->type == MM_SETTING_YESNO)
		return *(const gboolean *) member ? "yes" : "no";
	if (row->type == MM_SETTING_HOST)
		return *(const char *const *) member;
	while (row->type == MM_SETTING_CHOICE && choice->word != NULL &&
	       choice->value != *(const int *) member)
		choice++;
	return row->type == MM_SETTING_CHOICE ? choice->word : NULL;
}

static void
print_setting (const MmPolicyPrint *at, const MmSettingRow *row)
{
	const char *text = NULL;
	g_autofree char *from = NULL;

	/* these two are never inherited */
	if (at->chain->len == 1 ||
	    (row->type != MM_SETTING_POLICY && row->type != MM_SETTING_TEXT))
		from = origin (at, row, &text);
	if (text == NULL && row->default_text != NULL) {
		from = g_strdup ("default");
		text = row->default_text;
	} else if (text == NULL) {
		text = settled (at, row);
		from = g_strdup (text != NULL ? "as in [mailmend]" : "not set");
	}
	line (at->print, from, at->comment, row->key, text);
}

static void
print_policy (MmPrint *print, const MmPolicy *policy)
{
	g_autoptr (GPtrArray) chain = mm_policy_chain (print->config->files, policy->name);
	g_autofree char *title = g_strconcat ("policy ", policy->name, NULL);
	const MmSection *section = mm_config_files_section (print->config->files, title);
	g_autofree char *from = section_place (print, section);
	MmPolicyPrint at = {print, policy, section, chain, section == NULL};
	guint n = 0;
	const MmSettingRow *rows = mm_settings_policy_table (&n);

	heading (print, section != NULL ? from : MM_BUILTIN_FILE, at.comment, title);
	for (guint i = 0; i < n; i++) {
		if (line_given (print, section, &rows[i]))
			continue;
		if (rows[i].type == MM_SETTING_LABELS)
			print_list (&at, &rows[i]);
		else
			print_setting (&at, &rows[i]);
	}
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* Conditions that are not given are none. */
static void
print_rule (MmPrint *print, const MmMatchRule *rule, const char *title, const MmSettingRow *rows,
            guint n)
{
	const MmSection *section = mm_config_files_section (print->config->files, title);
	g_autofree char *from = section_place (print, section);

	heading (print, from, FALSE, title);
	for (guint i = 0; i < n; i++) {
		const char *text = rows[i].default_text;

		if (rows[i].type == MM_SETTING_POLICY)
			text = rule->policy_name;
		if (!line_given (print, section, &rows[i]) && text != NULL)
			line (print, "default", FALSE, rows[i].key, text);
	}
}

static void
print_rules (MmPrint *print)
{
	guint n = 0;
	const MmSettingRow *rows = mm_settings_rule_table (&n);

	for (guint i = 0; i < print->config->rules->len; i++) {
		const MmMatchRule *rule = print->config->rules->pdata[i];
		g_autofree char *title = g_strconcat ("rule ", rule->name, NULL);

		print_rule (print, rule, title, rows, n);
	}
	rows = mm_settings_default_table (&n);
	print_rule (print, print->config->fallback, "default", rows, n);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
print_limits (GString *out)
{
	g_string_append (out, "\n# Limits that stand in no file; MaxMessageSize is the one for the "
	                      "size of messages.\n");
	for (guint i = 0; i < mm_limit_n_rows; i++)
		g_string_append_printf (out, "# %-17s %8" G_GSIZE_FORMAT "  %s\n",
		                        mm_limit_rows[i].name, mm_limit_rows[i].value,
		                        mm_limit_rows[i].text);
}

char *
mm_config_to_text (const MmConfig *config)
{
	MmPrint print = {config, g_string_new ("# The configuration in force.\n")};

	print_globals (&print);
	for (guint i = 0; i < config->policies->len; i++)
		print_policy (&print, config->policies->pdata[i]);
	print_rules (&print);
	print_limits (print.out);
	return g_string_free (print.out, FALSE);
}
