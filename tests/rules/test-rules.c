/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-rules.c: every folder tests/rules/LABEL/CASE is a test.
 *
 *   in.eml     the message, octets as on the wire
 *   labels     all labels that must be found, one a line, sorted; empty: clean
 *   options    optional, [options]: fix=LABEL|LABEL linelimit= eightbit=declared|never
 *              barecr=space|crlf|encode smtputf8=yes now= zone= random=HEX from= charsets=a,b
 *              notices=yes hostname= maxmimedepth= maxmimeparts=
 *   fixed.eml  the message after mending; absent: it must come out unchanged
 *
 * Without fix= all rules that have a repair mend. With MM_UPDATE_GOLDEN=1 labels and fixed.eml are
 * written instead of compared.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <mailmend/verify.h>

#include "setup.h"

typedef struct {
	char *folder; /* the case's own */
} Case;

static gboolean
is_updating (void)
{
	return g_strcmp0 (g_getenv ("MM_UPDATE_GOLDEN"), "1") == 0;
}

static char *
case_path (const Case *c, const char *name)
{
	return g_build_filename (c->folder, name, NULL);
}

/* ---- labels ---------------------------------------------------------------------------------- */

static char *
read_text (const Case *c, const char *name)
{
	g_autofree char *path = case_path (c, name);
	g_autoptr (GError) error = NULL;
	char *text = NULL;

	if (!g_file_get_contents (path, &text, NULL, &error))
		test_fail ("%s", error->message);
	return text;
}

static gboolean
is_shown (const Setup *s, const MmFinding *finding)
{
	return finding->severity != MM_SEVERITY_NOTICE || s->notices;
}

static GPtrArray *
found_labels (const Setup *s, const MmCheck *check)
{
	GPtrArray *labels = g_ptr_array_new ();

	for (guint i = 0; i < mm_findings_n (check->findings); i++) {
		const MmFinding *finding = mm_findings_get (check->findings, i);
		if (is_shown (s, finding))
			mm_labels_add (labels, finding->rule->label);
	}
	return labels;
}

static gboolean
has_label (GPtrArray *labels, const char *label)
{
	for (guint i = 0; i < labels->len; i++)
		if (strcmp (labels->pdata[i], label) == 0)
			return TRUE;
	return FALSE;
}

static void
explain_unexpected (const Setup *s, const MmCheck *check, const char *label)
{
	mm_findings_number_lines (check->findings);
	for (guint i = 0; i < mm_findings_n (check->findings); i++) {
		const MmFinding *finding = mm_findings_get (check->findings, i);
		if (is_shown (s, finding) && strcmp (finding->rule->label, label) == 0)
			test_fail ("not expected: line %u, part \"%s\": %s %s: %s", finding->line,
				   mm_mime_part (check->mime, finding->part)->path,
				   mm_severity_to_string (finding->severity), label,
				   finding->detail);
	}
}

static void
compare_labels (const Case *c, const Setup *s, const MmCheck *check)
{
	g_autoptr (GPtrArray) found = found_labels (s, check);
	g_autofree char *text = read_text (c, "labels");
	g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
	g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
	g_autofree char *sorted = NULL;

	for (guint i = 0; lines[i] != NULL; i++)
		if (*lines[i] != '\0')
			mm_labels_add (wanted, lines[i]);
	for (guint i = 0; i < found->len; i++)
		if (!has_label (wanted, found->pdata[i]))
			explain_unexpected (s, check, found->pdata[i]);
	for (guint i = 0; i < wanted->len; i++)
		if (!has_label (found, wanted->pdata[i]))
			test_fail ("not found: %s", (const char *)wanted->pdata[i]);
	sorted = mm_labels_join (wanted);
	g_strdelimit (sorted, "|", '\n');
	if (text != NULL && strcmp (g_strchomp (text), sorted) != 0)
		test_fail ("the file labels is not sorted, or says something twice");
}

static void
write_labels (const Case *c, const Setup *s, const MmCheck *check)
{
	g_autofree char *path = case_path (c, "labels");
	g_autoptr (GPtrArray) found = found_labels (s, check);
	g_autofree char *joined = mm_labels_join (found);
	g_autofree char *text = g_strconcat (joined, found->len > 0 ? "\n" : "", NULL);
	g_autoptr (GError) error = NULL;

	g_strdelimit (text, "|", '\n');
	g_file_set_contents (path, text, -1, &error);
	g_assert_no_error (error);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void
explain_judgement (const MmJudgement *j)
{
	g_autofree char *fixed = mm_labels_join (j->fixed);
	g_autofree char *left = mm_labels_join (j->left);

	g_test_message ("action=%s fixed=%s left=%s edits=\"%s\" limit=%s error=%s",
			mm_action_to_string (j->action), fixed, left, j->edits,
			j->limit != NULL ? j->limit : "", j->error != NULL ? j->error : "");
	for (guint i = 0; i < j->reasons->len; i++)
		g_test_message ("%s", (const char *)j->reasons->pdata[i]);
}

/* fixed.eml, or in.eml itself where there is none. */
static void
compare_fixed (const Case *c, const MmJudgement *j, GBytes *in, GBytes *out)
{
	g_autofree char *path = case_path (c, "fixed.eml");
	g_autofree char *want = NULL, *differs = NULL;
	gsize len = 0;
	gboolean there = g_file_get_contents (path, &want, &len, NULL);

	differs = test_difference (mm_bytes_of (out),
				   there ? mm_bytes (want, len) : mm_bytes_of (in));
	if (differs != NULL) {
		test_fail ("%s: %s", there ? "fixed.eml" : "must stay unchanged", differs);
		explain_judgement (j);
	}
	if (there && mm_bytes_equal (mm_bytes (want, len), mm_bytes_of (in)))
		test_fail ("fixed.eml is the same as in.eml: there must be none then");
}

static void
write_fixed (const Case *c, GBytes *in, GBytes *out)
{
	g_autofree char *path = case_path (c, "fixed.eml");
	g_autoptr (GError) error = NULL;
	MmBytes bytes = mm_bytes_of (out);

	if (g_bytes_equal (in, out)) {
		g_assert_true (g_unlink (path) == 0 || errno == ENOENT);
		return;
	}
	g_file_set_contents (path, bytes.data, (gssize)bytes.len, &error);
	g_assert_no_error (error);
}

/* Laws 1 and 2. */
static void
check_nothing_lost (const Setup *s, const MmJudgement *j)
{
	g_autoptr (MmMime) after = mm_mime_new (j->message, &s->context.limits);
	g_autoptr (GHashTable) line_ends = g_hash_table_new (g_str_hash, g_str_equal);
	g_autoptr (GHashTable) delimiters = g_hash_table_new (g_str_hash, g_str_equal);
	g_autoptr (GHashTable) edited = g_hash_table_new (NULL, NULL);
	const MmMendedParts mended = {.line_ends = line_ends, .delimiters = delimiters};
	g_autofree char *lost = NULL, *changed = NULL;

	for (guint i = 0; i < mm_findings_n (j->check->findings); i++) {
		const MmFinding *f = mm_findings_get (j->check->findings, i);
		const MmPart *part = mm_mime_part (j->check->mime, f->part);

		if (f->place == MM_PLACE_HEADER && f->part == 0)
			mm_verify_add_edited (edited, j->check->message, f->rule, (guint)f->header);
		if (f->place == MM_PLACE_CONTENT && f->rule->stage == MM_STAGE_BYTES)
			g_hash_table_add (line_ends, part->path);
		if (f->place == MM_PLACE_DELIMITER)
			g_hash_table_add (delimiters, part->path);
	}
	lost = mm_verify_nothing_lost (j->check->mime, after, s->context.bare_cr, &mended, NULL);
	if (lost != NULL)
		test_fail ("lost: %s", lost);
	changed = mm_verify_headers (j->check->message, j->message, edited);
	if (changed != NULL)
		test_fail ("header: %s", changed);
}

/* Law 3. */
static void
check_second_pass (const Setup *s, const MmJudgement *first, GBytes *out)
{
	g_autoptr (MmMessage) message = mm_message_new (out);
	g_autoptr (MmJudgement) second = mm_judge (message, &s->context, &s->request);
	g_autoptr (GBytes) again = test_wire (second->message);
	g_autofree char *differs = test_difference (mm_bytes_of (again), mm_bytes_of (out));

	if (differs != NULL || second->action == MM_ACTION_FIX) {
		test_fail ("the second pass mends again: %s", differs);
		explain_judgement (second);
	}
	for (guint i = 0; i < first->fixed->len; i++)
		if (!has_label (first->left, first->fixed->pdata[i]) &&
		    has_label (second->labels, first->fixed->pdata[i]))
			test_fail ("%s is found again", (const char *)first->fixed->pdata[i]);
}

static void
check_plan (const MmJudgement *j)
{
	g_autofree char *differs = NULL;

	if (j->action == MM_ACTION_FIX && j->plan == NULL)
		test_fail ("there is no plan");
	differs = test_mta_differs (j->check->message, j->plan, j->message);
	if (differs != NULL)
		test_fail ("the plan leads elsewhere: %s", differs);
}

static void
test_case (gconstpointer data)
{
	const Case *c = data;
	g_autofree char *path = case_path (c, "in.eml");
	g_autofree char *text = NULL;
	g_auto (Setup) setup = {0};
	g_autoptr (GBytes) in = NULL, out = NULL;
	g_autoptr (MmMessage) message = NULL;
	g_autoptr (MmJudgement) j = NULL;
	g_autoptr (GError) error = NULL;
	gsize len = 0;

	g_file_get_contents (path, &text, &len, &error);
	g_assert_no_error (error);
	setup_init (&setup, c->folder);
	in = g_bytes_new (text, len);
	message = mm_message_new (in);
	/* a line that is no field never reaches a milter */
	setup.request.want_plan = test_mta_can_hold (message);
	j = mm_judge (message, &setup.context, &setup.request);
	out = test_wire (j->message);
	if (j->action == MM_ACTION_ERROR)
		test_fail ("error: %s", j->error);
	if (is_updating ()) {
		write_labels (c, &setup, j->check);
		write_fixed (c, in, out);
	}
	compare_labels (c, &setup, j->check);
	compare_fixed (c, j, in, out);
	check_nothing_lost (&setup, j);
	check_second_pass (&setup, j, out);
	if (setup.request.want_plan)
		check_plan (j);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void
test_stages (void)
{
	for (guint i = 1; mm_rules[i] != NULL; i++)
		if (mm_rules[i]->stage < mm_rules[i - 1]->stage)
			test_fail ("%s goes back a stage: see Makefile.am", mm_rules[i]->name);
}

static void
test_rows (void)
{
	for (guint i = 0; mm_rules[i] != NULL; i++) {
		const MmRule *rule = mm_rules[i];
		g_autofree char *label = g_ascii_strup (rule->name, -1);
		g_autofree char *file = g_strconcat (rule->name, ".c", NULL);
		g_autofree char *path =
			g_test_build_filename (G_TEST_DIST, "milter", "rules", file, NULL);

		g_test_message ("%s", rule->name);
		g_strdelimit (label, "-", '_');
		g_assert_cmpstr (label, ==, rule->label);
		g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
		g_assert_nonnull (rule->citation);
		g_assert_nonnull (rule->summary);
		g_assert_null (strchr (rule->summary, '\n'));
		g_assert_nonnull (rule->detect);
		g_assert_true ((rule->repair != NULL) == (rule->fix != NULL));
		/* what is only ever a notice is in no group */
		g_assert_cmpint (rule->groups != 0, ==, rule->severity != MM_SEVERITY_NOTICE);
		g_assert_true (mm_rule_by_label (label) == rule);
		g_assert_cmpuint (mm_rule_index (rule), ==, i);
	}
	g_assert_null (mm_rule_by_label ("NO_SUCH_LABEL"));
}

/* ---- folders --------------------------------------------------------------------------------- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The folders in @path, sorted. (transfer full) */
static GPtrArray *
folders_in (const char *path)
{
	GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *child = g_build_filename (path, name, NULL);
		/* a VPATH build puts .deps here */
		if (*name != '.' && g_file_test (child, G_FILE_TEST_IS_DIR))
			g_ptr_array_add (names, g_strdup (name));
	}
	g_ptr_array_sort (names, compare_names);
	return names;
}

/* How many cases below @path have @label, how many have not. */
static void
count_cases (const char *path, const char *label, guint *with, guint *without)
{
	g_autoptr (GPtrArray) names = folders_in (path);

	for (guint i = 0; i < names->len; i++) {
		g_autofree char *file = g_build_filename (path, names->pdata[i], "labels", NULL);
		g_autofree char *text = NULL;
		g_auto (GStrv) lines = NULL;

		if (!g_file_get_contents (file, &text, NULL, NULL))
			continue;
		lines = g_strsplit (text, "\n", -1);
		++*(g_strv_contains ((const char *const *)lines, label) ? with : without);
	}
}

static void
test_cases_of_rules (gconstpointer data)
{
	const char *root = data;

	for (guint i = 0; mm_rules[i] != NULL; i++) {
		const char *label = mm_rules[i]->label;
		g_autofree char *path = g_build_filename (root, label, NULL);
		guint with = 0, without = 0;

		count_cases (path, label, &with, &without);
		if (with == 0 || without == 0)
			test_fail ("tests/rules/%s has %u cases with the label, %u "
				   "without: there must be one of each",
				   label, with, without);
	}
}

static void
test_rules_of_folders (gconstpointer data)
{
	g_autoptr (GPtrArray) names = folders_in (data);

	for (guint i = 0; i < names->len; i++)
		if (mm_rule_by_label (names->pdata[i]) == NULL)
			test_fail ("tests/rules/%s: no rule has this label",
				   (const char *)names->pdata[i]);
}

static void
case_free (gpointer data)
{
	g_free (((Case *)data)->folder);
	g_free (data);
}

static void
add_cases (const char *root)
{
	g_autoptr (GPtrArray) labels = folders_in (root);

	for (guint l = 0; l < labels->len; l++) {
		g_autofree char *path = g_build_filename (root, labels->pdata[l], NULL);
		g_autoptr (GPtrArray) names = folders_in (path);

		for (guint i = 0; i < names->len; i++) {
			g_autofree char *test = g_strdup_printf (
				"/rules/%s/%s", (char *)labels->pdata[l], (char *)names->pdata[i]);
			Case *c = g_new0 (Case, 1);

			c->folder = g_build_filename (path, names->pdata[i], NULL);
			g_test_add_data_func_full (test, c, test_case, case_free);
		}
	}
}

int
main (int argc, char **argv)
{
	g_autofree char *root = NULL;

	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	root = g_test_build_filename (G_TEST_DIST, "tests", "rules", NULL);
	g_test_add_func ("/registry/stages", test_stages);
	g_test_add_func ("/registry/rows", test_rows);
	g_test_add_data_func ("/registry/cases-of-rules", root, test_cases_of_rules);
	g_test_add_data_func ("/registry/rules-of-folders", root, test_rules_of_folders);
	add_cases (root);
	return g_test_run ();
}
