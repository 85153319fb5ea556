/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-verdict.c: the strongest word of a policy decides, and the reply stays within its bounds.
 *
 * The rules are real ones, chosen by place in the table; what they would find does not matter here.
 */
#include "test-util.h"

#define N 3

typedef struct {
	MmMessage *message;
	MmContext context;
	MmCheck *check;
	MmFindings *findings;
	MmPolicy *policy;
	const MmRule *rules[N]; /* sorted by label */
} Fixture;

static int
compare_labels (gconstpointer a, gconstpointer b)
{
	const MmRule *const *x = a, *const *y = b;

	return strcmp ((*x)->label, (*y)->label);
}

static void
set_up (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr (GError) error = NULL;

	f->message = test_message (LIT ("A: b\r\n\r\nx"));
	test_context_init (&f->context);
	f->check = mm_check_new (f->message, &f->context, NULL, NULL);
	f->findings = mm_findings_new (&f->check->facts);
	g_assert_cmpuint (mm_rules_count (), >=, N);
	for (guint i = 0; i < N; i++)
		f->rules[i] = mm_rules[i];
	qsort (f->rules, N, sizeof f->rules[0], compare_labels);
	f->policy = mm_policy_new_fix (f->rules[0]->label, &error);
	g_assert_no_error (error);
	for (guint i = 0; i < mm_rules_count (); i++)
		f->policy->named[i] = FALSE;
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_policy_free (f->policy);
	mm_findings_free (f->findings);
	mm_check_free (f->check);
	mm_message_unref (f->message);
}

/* A finding of rule @n at place @header. */
static void
find (Fixture *f, guint n, MmSeverity severity)
{
	const MmPart *top = mm_mime_part (f->check->mime, 0);

	mm_findings_set_rule (f->findings, f->rules[n]);
	mm_findings_add (f->findings, severity, top, MM_PLACE_HEADER, 0,
			 mm_message_header_block (f->message).data, "test");
}

static void
say (Fixture *f, guint n, MmSays says)
{
	f->policy->says[mm_rule_index (f->rules[n])] = says;
}

/* The names of places in @labels: "02". */
static char *
show (const Fixture *f, GPtrArray *labels)
{
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < labels->len; i++)
		for (guint n = 0; n < N; n++)
			if (labels->pdata[i] == f->rules[n]->label)
				g_string_append_printf (out, "%u", n);
	g_assert_cmpuint (out->len, ==, labels->len);
	return g_string_free (out, FALSE);
}

static const struct {
	MmSays says[N];
	const char *labels, *blamed;
	MmAction action;
	MmAction restrained; /* when nothing may be refused */
} rows[] = {
	{{MM_SAYS_IGNORE, MM_SAYS_IGNORE, MM_SAYS_IGNORE}, "", "", MM_ACTION_NONE, MM_ACTION_NONE},
	{{MM_SAYS_IGNORE, MM_SAYS_LOG, MM_SAYS_IGNORE}, "1", "", MM_ACTION_LOG, MM_ACTION_LOG},
	{{MM_SAYS_LOG, MM_SAYS_FIX, MM_SAYS_IGNORE}, "01", "", MM_ACTION_FIX, MM_ACTION_FIX},
	{{MM_SAYS_FIX, MM_SAYS_LOG, MM_SAYS_LOG}, "012", "", MM_ACTION_FIX, MM_ACTION_FIX},
	{{MM_SAYS_QUARANTINE, MM_SAYS_FIX, MM_SAYS_LOG},
	 "012",
	 "0",
	 MM_ACTION_QUARANTINE,
	 MM_ACTION_FIX},
	{{MM_SAYS_QUARANTINE, MM_SAYS_TEMPFAIL, MM_SAYS_LOG},
	 "012",
	 "1",
	 MM_ACTION_TEMPFAIL,
	 MM_ACTION_LOG},
	{{MM_SAYS_REJECT, MM_SAYS_TEMPFAIL, MM_SAYS_FIX},
	 "012",
	 "0",
	 MM_ACTION_REJECT,
	 MM_ACTION_FIX},
	{{MM_SAYS_REJECT, MM_SAYS_LOG, MM_SAYS_REJECT},
	 "012",
	 "02",
	 MM_ACTION_REJECT,
	 MM_ACTION_LOG},
	{{MM_SAYS_LOG, MM_SAYS_REJECT, MM_SAYS_IGNORE}, "01", "1", MM_ACTION_REJECT, MM_ACTION_LOG},
};

static void
test_strength (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	/* not in the order of the labels: what comes out is sorted all the same */
	find (f, 2, MM_SEVERITY_ERROR);
	find (f, 0, MM_SEVERITY_WARNING);
	find (f, 1, MM_SEVERITY_ERROR);
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("row %zu", i);
		for (guint n = 0; n < N; n++)
			say (f, n, rows[i].says[n]);
		for (int may_refuse = 0; may_refuse <= 1; may_refuse++) {
			MmVerdict *verdict = mm_verdict_new (f->findings, f->policy, may_refuse);
			g_autofree char *labels = show (f, verdict->labels);
			g_autofree char *blamed = show (f, verdict->blamed);

			g_assert_cmpint (verdict->action, ==,
					 may_refuse ? rows[i].action : rows[i].restrained);
			g_assert_cmpstr (labels, ==, rows[i].labels);
			g_assert_cmpstr (blamed, ==, may_refuse ? rows[i].blamed : "");
			mm_verdict_free (verdict);
		}
	}
}

/* Notices count only where the label itself is named. */
static void
test_notices (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	const MmFinding *finding;

	find (f, 1, MM_SEVERITY_NOTICE);
	finding = mm_findings_get (f->findings, 0);
	say (f, 1, MM_SAYS_REJECT);
	g_assert_cmpint (mm_policy_says (f->policy, finding), ==, MM_SAYS_IGNORE);
	g_assert_false (mm_policy_shows (f->policy, finding));
	f->policy->named[mm_rule_index (f->rules[1])] = TRUE;
	g_assert_cmpint (mm_policy_says (f->policy, finding), ==, MM_SAYS_REJECT);
	g_assert_true (mm_policy_shows (f->policy, finding));
}

#define I MM_SAYS_IGNORE
#define L MM_SAYS_LOG
#define F MM_SAYS_FIX
#define R MM_SAYS_REJECT

/* In embedded mail, by Embedded: logged at most where the label is named; or mended as well; or as
 * anywhere. A notice stays one. */
static const struct {
	MmEmbedded embedded;
	MmSeverity own;
	MmSays says, named, by_group;
} embedded_rows[] = {
	{MM_EMBEDDED_REPORT, MM_SEVERITY_ERROR, R, L, I},
	{MM_EMBEDDED_REPORT, MM_SEVERITY_ERROR, F, L, I},
	{MM_EMBEDDED_REPORT, MM_SEVERITY_ERROR, L, L, I},
	{MM_EMBEDDED_REPORT, MM_SEVERITY_ERROR, I, I, I},
	{MM_EMBEDDED_FIX, MM_SEVERITY_ERROR, R, L, I},
	{MM_EMBEDDED_FIX, MM_SEVERITY_ERROR, MM_SAYS_TEMPFAIL, L, I},
	{MM_EMBEDDED_FIX, MM_SEVERITY_ERROR, MM_SAYS_QUARANTINE, L, I},
	{MM_EMBEDDED_FIX, MM_SEVERITY_ERROR, F, F, F},
	{MM_EMBEDDED_FIX, MM_SEVERITY_WARNING, F, F, F},
	{MM_EMBEDDED_FIX, MM_SEVERITY_NOTICE, F, L, I},
	{MM_EMBEDDED_FIX, MM_SEVERITY_ERROR, L, L, I},
	{MM_EMBEDDED_FIX, MM_SEVERITY_ERROR, I, I, I},
	{MM_EMBEDDED_ALL, MM_SEVERITY_ERROR, R, R, R},
	{MM_EMBEDDED_ALL, MM_SEVERITY_ERROR, F, F, F},
	{MM_EMBEDDED_ALL, MM_SEVERITY_WARNING, L, L, L},
	{MM_EMBEDDED_ALL, MM_SEVERITY_NOTICE, R, R, I},
};

static void
test_embedded (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	guint at = mm_rule_index (f->rules[1]);

	for (gsize i = 0; i < G_N_ELEMENTS (embedded_rows); i++) {
		MmFinding finding = {.rule = f->rules[1],
		                     .own = embedded_rows[i].own,
		                     .embedded = TRUE};

		g_test_message ("row %zu", i);
		/* as mm_findings_add does it */
		finding.severity = embedded_rows[i].embedded == MM_EMBEDDED_ALL
		                           ? finding.own
		                           : MM_SEVERITY_NOTICE;
		f->policy->embedded = embedded_rows[i].embedded;
		say (f, 1, embedded_rows[i].says);
		f->policy->named[at] = TRUE;
		g_assert_cmpint (mm_policy_says (f->policy, &finding), ==, embedded_rows[i].named);
		f->policy->named[at] = FALSE;
		g_assert_cmpint (mm_policy_says (f->policy, &finding), ==,
		                 embedded_rows[i].by_group);
	}
}

#undef I
#undef L
#undef F
#undef R

/* ---- the reply ------------------------------------------------------------------------------- */

#define INTRO "Message has conformance issues: "

static GPtrArray *
labels_of (const char *joined)
{
	GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);
	g_auto (GStrv) words = g_strsplit (joined, "|", -1);

	for (guint i = 0; words[i] != NULL; i++)
		g_ptr_array_add (labels, g_strdup (words[i]));
	return labels;
}

static void
test_reply (void)
{
	static const char *const texts[] = {"", "A", "A|B", "INVALID_DATE|LINE_TOO_LONG"};

	for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
		g_autoptr (GPtrArray) labels = labels_of (texts[i]);
		g_autofree char *want = g_strconcat (INTRO, texts[i], NULL);
		g_autofree char *got = mm_reply_text (INTRO "%L", "5.6.0", labels, NULL);
		g_autofree char *joined = mm_labels_join (labels);

		g_assert_cmpstr (got, ==, want);
		g_assert_cmpstr (joined, ==, texts[i]);
	}
}

/* Every number of labels of every length: within the bound, cut at a whole label, and never
 * without need. */
static void
test_reply_bound (void)
{
	for (gsize len = 1; len < 60; len++) {
		g_autofree char *label = g_strnfill (len, 'L');
		g_autoptr (GPtrArray) labels = g_ptr_array_new ();

		for (guint n = 1; n < 120; n++) {
			g_autofree char *joined = NULL, *got = NULL, *whole = NULL;
			gsize room = 500 - strlen ("5.6.0 ");
			const char *tail;

			g_ptr_array_add (labels, label);
			joined = mm_labels_join (labels);
			whole = g_strconcat (INTRO, joined, NULL);
			got = mm_reply_text (INTRO "%L", "5.6.0", labels, NULL);
			g_assert_cmpuint (strlen (got), <=, room);
			if (strcmp (got, whole) == 0)
				continue;
			g_assert_cmpuint (strlen (whole), >, room);
			g_assert_true (g_str_has_suffix (got, "|..."));
			tail = got + strlen (INTRO);
			g_assert_cmpuint ((strlen (tail) - 3) % (len + 1), ==, 0);
			g_assert_cmpuint (strlen (got) + len + 1, >, room);
		}
	}
}

static void
test_reply_template (void)
{
	static const struct {
		const char *template, *queue_id, *want;
	} replies[] = {
		{"%L", "Q1", "A|B"},
		{"no label", "Q1", "no label"},
		{"%Q: %L at 100%%", "4XyZ", "4XyZ: A|B at 100%"},
		{"%Q", NULL, "NOQUEUE"},
		{"%Q", "", "NOQUEUE"},
		{"%L and %L (%Q, %Q)", "Q1", "A|B and A|B (Q1, Q1)"},
		{"%%L %%%L", "Q1", "%L %A|B"},
		{"%Q", "a\x01\xe4", "a\\x01\\xE4"},
		{"", "Q1", ""},
	};
	g_autoptr (GPtrArray) labels = labels_of ("A|B");

	for (gsize i = 0; i < G_N_ELEMENTS (replies); i++) {
		g_autofree char *got = mm_reply_text (replies[i].template, "5.6.0", labels,
						      replies[i].queue_id);
		g_assert_cmpstr (got, ==, replies[i].want);
	}
}

/* Wherever the labels stand, and how often: within the bound, alike, cut at a whole label; and text
 * without labels is cut as well. */
static void
test_reply_template_bound (void)
{
	g_autofree char *filler = g_strnfill (300, 'x');
	g_autofree char *ids = g_strnfill (400, 'Q');
	g_autofree char *twice = g_strconcat (filler, "%L-%L.", NULL);
	g_autofree char *many = NULL, *once = NULL;
	g_autoptr (GPtrArray) labels = g_ptr_array_new ();
	const char *half;

	for (guint i = 0; i < 100; i++)
		g_ptr_array_add (labels, (gpointer) "LABEL");
	once = mm_reply_text (twice, "5.6.0", labels, NULL);
	g_assert_cmpuint (strlen (once), <=, 494);
	half = once + 300;
	g_assert_true (g_str_has_prefix (half, "LABEL|LABEL|"));
	g_assert_true (g_str_has_suffix (half, "LABEL|..."
					       "."));
	g_assert_nonnull (strstr (half, "LABEL|...-LABEL|"));
	g_assert_cmpuint (strlen (once) + 2 * strlen ("|LABEL"), >, 494);

	for (gsize i = 0; i < 400; i += 2)
		ids[i] = '%';
	many = mm_reply_text (ids, "5.999.999", labels, "0123456789");
	g_assert_cmpuint (strlen (many), ==, 500 - strlen ("5.999.999 "));
}

static void
test_escape (void)
{
	static const char *const texts[][2] = {
		{"", ""},
		{"a", "a"},
		{"100%", "100%%"},
		{"%s%%", "%%s%%%%"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
		g_autofree char *got = mm_reply_escape (texts[i][0]);
		g_assert_cmpstr (got, ==, texts[i][1]);
	}
}

static void
test_labels_add (void)
{
	g_autoptr (GPtrArray) labels = g_ptr_array_new ();
	g_autofree char *joined = NULL;

	mm_labels_add (labels, "C");
	mm_labels_add (labels, "A");
	mm_labels_add (labels, "B");
	mm_labels_add (labels, "A");
	joined = mm_labels_join (labels);
	g_assert_cmpstr (joined, ==, "A|B|C");
}

static void
test_actions (void)
{
	static const char *const names[] = {"none",	  "log",      "fix",  "reject",
					    "quarantine", "tempfail", "error"};

	for (guint i = 0; i < G_N_ELEMENTS (names); i++)
		g_assert_cmpstr (mm_action_to_string ((MmAction)i), ==, names[i]);
}

#define ADD(name, func) g_test_add ("/verdict/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	ADD ("strength", test_strength);
	ADD ("notices", test_notices);
	ADD ("embedded", test_embedded);
	g_test_add_func ("/verdict/reply", test_reply);
	g_test_add_func ("/verdict/reply-bound", test_reply_bound);
	g_test_add_func ("/verdict/reply-template", test_reply_template);
	g_test_add_func ("/verdict/reply-template-bound", test_reply_template_bound);
	g_test_add_func ("/verdict/escape", test_escape);
	g_test_add_func ("/verdict/labels-add", test_labels_add);
	g_test_add_func ("/verdict/actions", test_actions);
	return g_test_run ();
}
