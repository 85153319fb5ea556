/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-tables.c: opens the tables that rules name, and says which policies those name.
 */
#include "table-private.h"

#define MAX_SUGGESTED 100 /* policies an unknown name is compared with */

/* ---- Policy = TABLE -------------------------------------------------------------------------- */

/* TRUE if @condition cannot hold without a table of it that fits. */
static gboolean
is_tables_only (const MmCondition *condition)
{
	gboolean has_table = FALSE;

	for (guint i = 0; condition->tests != NULL && i < condition->tests->len; i++) {
		const MmTest *test = &g_array_index (condition->tests, MmTest, i);

		if (test->negated)
			continue;
		if (test->kind != MM_TEST_TABLE)
			return FALSE;
		has_table = TRUE;
	}
	return condition->given && has_table;
}

void
mm_rule_check_table (const MmMatchRule *rule, guint line, MmProblems *problems)
{
	for (guint i = 0; i < MM_N_CONDITIONS; i++)
		if (is_tables_only (&rule->conditions[i]))
			return;
	mm_problems_add (problems, line,
	                 "Policy: TABLE needs a condition of the rule whose values are tables "
	                 "only: TABLE:PATH or lmdb:PATH");
}

static void
report_unknown (const MmConfig *config, const MmTableResult *result, MmProblems *problems)
{
	const char *names[MAX_SUGGESTED + 1] = {NULL};
	g_autofree char *quoted = mm_quoted (result->name);

	for (guint i = 0; i < MIN (config->policies->len, MAX_SUGGESTED); i++) {
		const MmPolicy *policy = config->policies->pdata[i];

		names[i] = policy->name;
	}
	mm_problems_add_word (problems, result->line, result->name, names, "unknown policy %s",
	                      quoted);
}

/* The policies that a table of text names. Results are free text where no rule asks for them. */
static void
resolve (const MmConfig *config, MmTable *table, MmProblems *problems)
{
	guint before = mm_problems_enter (problems, table->path);

	for (guint i = 1; i < table->text->results->len; i++) {
		MmTableResult *result = &g_array_index (table->text->results, MmTableResult, i);

		result->policy = mm_config_policy (config, result->name);
		if (result->policy == NULL && table->names_policies)
			report_unknown (config, result, problems);
	}
	if (table->names_policies && table->text->bare_line > 0)
		mm_problems_add (problems, table->text->bare_line, "the policy is missing");
	mm_problems_return (problems, before);
}

/* ---- opening --------------------------------------------------------------------------------- */

static gboolean
is_same (const MmTable *a, const MmTable *b)
{
	return a->is_lmdb == b->is_lmdb && a->shape == b->shape && g_str_equal (a->path, b->path);
}

static void
open_table (MmTable *table, MmProblems *problems)
{
	g_autofree char *error = NULL;
	guint before = problems->file;

	mm_problems_return (problems, table->file);
	if (!table->is_lmdb)
		table->text = mm_text_table_read (table->path, table->shape, table->key,
		                                  table->line, problems);
	else
		table->lmdb = mm_lmdb_new (table->path, &error);
	if (error != NULL)
		mm_problems_add (problems, table->line, "%s: %s", table->key, error);
	mm_problems_return (problems, before);
}

/* Each once: @test gets the one that is open already. */
static void
open_once (GPtrArray *opened, MmTest *test, MmProblems *problems)
{
	for (guint i = 0; i < opened->len; i++) {
		MmTable *other = opened->pdata[i];

		if (!is_same (test->table, other))
			continue;
		mm_table_unref (test->table);
		test->table = mm_table_ref (other);
		return;
	}
	open_table (test->table, problems);
	g_ptr_array_add (opened, test->table);
}

static void
add_macro (MmConfig *config, const char *name)
{
	if (!g_ptr_array_find_with_equal_func (config->macros, name, g_str_equal, NULL))
		g_ptr_array_add (config->macros, g_strdup (name));
}

static void
open_of_rule (MmConfig *config, MmMatchRule *rule, GPtrArray *opened, MmProblems *problems)
{
	for (guint i = 0; i < MM_N_CONDITIONS; i++) {
		GArray *tests = rule->conditions[i].tests;

		for (guint j = 0; tests != NULL && j < tests->len; j++) {
			MmTest *test = &g_array_index (tests, MmTest, j);

			if (test->macro != NULL)
				add_macro (config, test->macro);
			if (test->table == NULL)
				continue;
			open_once (opened, test, problems);
			if (rule->by_table && !test->negated)
				test->table->names_policies = TRUE;
		}
	}
}

void
mm_config_open_tables (MmConfig *config, MmProblems *problems)
{
	g_autoptr (GPtrArray) opened = g_ptr_array_new ();

	for (guint i = 0; i < config->rules->len; i++)
		open_of_rule (config, config->rules->pdata[i], opened, problems);
	for (guint i = 0; i < opened->len; i++) {
		MmTable *table = opened->pdata[i];

		if (table->text != NULL)
			resolve (config, table, problems);
	}
	g_ptr_array_add (config->macros, NULL);
}

/* ---- what is read ---------------------------------------------------------------------------- */

static void
add_path (GPtrArray *paths, const char *path, const char *end)
{
	g_autofree char *whole = g_strconcat (path, end, NULL);

	if (!g_ptr_array_find_with_equal_func (paths, whole, g_str_equal, NULL))
		g_ptr_array_add (paths, g_steal_pointer (&whole));
}

static void
add_tables (GPtrArray *paths, const MmMatchRule *rule)
{
	for (guint i = 0; i < MM_N_CONDITIONS; i++) {
		const GArray *tests = rule->conditions[i].tests;

		for (guint j = 0; tests != NULL && j < tests->len; j++) {
			const MmTable *table = g_array_index (tests, MmTest, j).table;

			if (table != NULL)
				add_path (paths, table->path, table->is_lmdb ? ".lmdb" : "");
		}
	}
}

GPtrArray *
mm_config_paths (const MmConfig *config)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

	for (guint i = 0; i < config->files->names->len; i++) {
		const char *name = config->files->names->pdata[i];

		if (!g_str_equal (name, MM_BUILTIN_FILE) && !g_str_equal (name, MM_DEFAULTS_FILE))
			add_path (paths, name, "");
	}
	for (guint i = 0; i < config->rules->len; i++)
		add_tables (paths, config->rules->pdata[i]);
	return paths;
}
