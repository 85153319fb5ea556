/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-plan.c: from two versions of a message to what an MTA is told, and back.
 *
 * A final message is written with the place each of its lines had in the original; the plan is
 * compared as text and then carried out by the model of test-util.c.
 */
#include <mailmend/error.h>

#include "test-util.h"

static char *
show_plan (const MmPlan *plan)
{
	static const char *const kinds[] = {"change", "delete", "append"};
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < plan->headers->len; i++) {
		const MmPlanHeader *op = plan->headers->pdata[i];
		g_autofree char *value =
			op->value != NULL ? test_show (mm_bytes_str (op->value)) : NULL;

		g_assert_true ((op->value == NULL) == (op->kind == MM_PLAN_DELETE));
		g_string_append_printf (out, "%s %s#%u%s%s|", kinds[op->kind], op->name, op->index,
					value != NULL ? "=" : "", value != NULL ? value : "");
	}
	return g_string_free (out, FALSE);
}

#define ORIGINAL "A: 1\r\nB: 2\r\na: 3\r\nC: 4\r\n 5\r\nA: 6\r\n\r\nbody\r\n"
#define MAX_LINES 6

static const struct {
	const char *label;
	MmHeaderLine lines[MAX_LINES]; /* of the final message */
	guint n;
	const char *plan;
	const char *edits;
} plans[] = {
	{"nothing",
	 {{B ("A: 1\r\n"), 0},
	  {B ("B: 2\r\n"), 1},
	  {B ("a: 3\r\n"), 2},
	  {B ("C: 4\r\n 5\r\n"), 3},
	  {B ("A: 6\r\n"), 4}},
	 5,
	 "",
	 ""},
	{"bottom-up, highest index of a name first",
	 {{B ("A: x\r\n"), 0},
	  {B ("B: y\r\n"), 1},
	  {B ("a: z\r\n"), 2},
	  {B ("C: 4\r\n 5\r\n"), 3},
	  {B ("A: v\r\n"), 4}},
	 5,
	 "change A#3= v|change a#2= z|change B#1= y|change A#1= x|",
	 "chgheader:4"},
	{"folds are LF",
	 {{B ("A: 1\r\n"), 0},
	  {B ("B: 2\r\n"), 1},
	  {B ("a: 3\r\n"), 2},
	  {B ("C:\r\n 4\r\n\t5\r\n"), 3},
	  {B ("A: 6\r\n"), 4}},
	 5,
	 "change C#1=\\n 4\\n\\x095|",
	 "chgheader:1"},
	{"deleted duplicates",
	 {{B ("B: 2\r\n"), 1}, {B ("C: 4\r\n 5\r\n"), 3}, {B ("A: 6\r\n"), 4}},
	 3,
	 "delete a#2|delete A#1|",
	 "delheader:2"},
	{"deleted and changed duplicates",
	 {{B ("A: 1\r\n"), 0}, {B ("B: 2\r\n"), 1}, {B ("C: 4\r\n 5\r\n"), 3}, {B ("A: 7\r\n"), 4}},
	 4,
	 "change A#3= 7|delete a#2|",
	 "chgheader:1 delheader:1"},
	{"appended, in order, last",
	 {{B ("A: 1\r\n"), 0},
	  {B ("a: 3\r\n"), 2},
	  {B ("C: 4\r\n 5\r\n"), 3},
	  {B ("A: 6\r\n"), 4},
	  {B ("A: n\r\n"), -1},
	  {B ("D: m\r\n o\r\n"), -1}},
	 6,
	 "delete B#1|append A#0= n|append D#0= m\\n o|",
	 "delheader:1 addheader:2"},
	{"all deleted",
	 {{B (""), 0}},
	 0,
	 "delete A#3|delete C#1|delete a#2|delete B#1|delete A#1|",
	 "delheader:5"},
	{"a value without a blank",
	 {{B ("A:1\r\n"), 0},
	  {B ("B: 2\r\n"), 1},
	  {B ("a: 3\r\n"), 2},
	  {B ("C: 4\r\n 5\r\n"), 3},
	  {B ("A: 6\r\n"), 4}},
	 5,
	 "change A#1=1|",
	 "chgheader:1"},
	{"another spelling of the name",
	 {{B ("A: 1\r\n"), 0},
	  {B ("b: 2\r\n"), 1},
	  {B ("a: 3\r\n"), 2},
	  {B ("C: 4\r\n 5\r\n"), 3},
	  {B ("A: 6\r\n"), 4}},
	 5,
	 "change b#1= 2|",
	 "chgheader:1"},
};

static void
test_plans (void)
{
	g_autoptr (MmMessage) original = test_message (LIT (ORIGINAL));
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (plans); i++) {
		g_autoptr (MmMessage) final =
			mm_message_with (original, plans[i].lines, plans[i].n, LIT ("\r\n"), NULL);
		g_autoptr (GError) error = NULL;
		g_autoptr (MmPlan) plan = mm_plan_new (original, final, &limits, &error);
		g_autofree char *got = NULL, *edits = NULL, *differs = NULL;

		g_test_message ("%s", plans[i].label);
		g_assert_no_error (error);
		got = show_plan (plan);
		edits = mm_plan_to_string (plan);
		g_assert_cmpstr (got, ==, plans[i].plan);
		g_assert_cmpstr (edits, ==, plans[i].edits);
		differs = test_mta_differs (original, plan, final);
		g_assert_cmpstr (differs, ==, NULL);
	}
}

/* A body is sent if its octets are others, not if it is only another object. */
static void
test_body (void)
{
	g_autoptr (MmMessage) original = test_message (LIT ("A: 1\r\n\r\nbody"));
	const MmHeaderLine lines[] = {{B ("A: 1\r\n"), 0}};
	g_autoptr (GBytes) same = g_bytes_new ("body", 4);
	g_autoptr (GBytes) other = g_bytes_new ("Body", 4);
	g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
	GBytes *const bodies[] = {NULL, same, other, empty};
	const MmLimits limits = mm_limits_default ();

	for (guint i = 0; i < G_N_ELEMENTS (bodies); i++) {
		g_autoptr (MmMessage) final =
			mm_message_with (original, lines, 1, LIT ("\r\n"), bodies[i]);
		g_autoptr (MmPlan) plan = mm_plan_new (original, final, &limits, NULL);
		g_autofree char *edits = mm_plan_to_string (plan);
		g_autofree char *differs = test_mta_differs (original, plan, final);

		g_test_message ("row %u", i);
		g_assert_cmpstr (edits, ==, i < 2 ? "" : "body:1");
		g_assert_true ((plan->body != NULL) == (i >= 2));
		g_assert_cmpstr (differs, ==, NULL);
	}
}

/* An empty value would delete the field. */
static void
test_empty_value (void)
{
	g_autoptr (MmMessage) original = test_message (LIT ("A: 1\r\n\r\n"));
	const MmHeaderLine lines[] = {{B ("A:\r\n"), 0}};
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) final = mm_message_with (original, lines, 1, LIT ("\r\n"), NULL);
	g_autoptr (MmPlan) plan = mm_plan_new (original, final, &limits, NULL);
	g_autofree char *got = show_plan (plan);

	g_assert_cmpstr (got, ==, "change A#1= |");
}

/* What no MTA must be given, and what the protocol cannot say. */
static void
test_refused (void)
{
	static const struct {
		const char *label;
		MmBytes wire;
		MmHeaderLine line; /* the only one of the final message */
		int code;
	} rows[] = {
		{"LF", B ("A: 1\r\n\r\n"), {B ("A: b\nC: d\r\n"), 0}, MM_ERROR_INTERNAL},
		{"CR", B ("A: 1\r\n\r\n"), {B ("A: b\rc\r\n"), 0}, MM_ERROR_INTERNAL},
		{"CRLF", B ("A: 1\r\n\r\n"), {B ("A: b\r\nC: d\r\n"), 0}, MM_ERROR_INTERNAL},
		{"CRLF at the end", B ("A: 1\r\n\r\n"), {B ("A: b\r\n\r\n"), 0}, MM_ERROR_INTERNAL},
		{"LF fold", B ("A: 1\r\n\r\n"), {B ("A: b\n c\r\n"), 0}, MM_ERROR_INTERNAL},
		{"NUL", B ("A: 1\r\n\r\n"), {B ("A: b\0c\r\n"), 0}, MM_ERROR_INTERNAL},
		{"8-bit name", B ("A: 1\r\n\r\n"), {B ("\xe4: b\r\n"), -1}, MM_ERROR_INTERNAL},
		{"no field", B ("A: 1\r\n\r\n"), {B ("rubbish\r\n"), -1}, MM_ERROR_INTERNAL},
		{"8-bit name deleted",
		 B ("\xe4: 1\r\n\r\n"),
		 {B ("A: b\r\n"), -1},
		 MM_ERROR_INTERNAL},
		{"a line that is no field deleted",
		 B ("rubbish\r\n\r\n"),
		 {B ("A: b\r\n"), -1},
		 MM_ERROR_INTERNAL},
		{"a line that is no field becomes one",
		 B ("rubbish\r\n\r\n"),
		 {B ("A: b\r\n"), 0},
		 MM_ERROR_INTERNAL},
		{"another name", B ("A: 1\r\n\r\n"), {B ("B: 1\r\n"), 0}, MM_ERROR_INTERNAL},
		{"no such original", B ("A: 1\r\n\r\n"), {B ("A: 1\r\n"), 5}, MM_ERROR_INTERNAL},
	};
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) original = test_message (rows[i].wire);
		g_autoptr (MmMessage) final =
			mm_message_with (original, &rows[i].line, 1, LIT ("\r\n"), NULL);
		g_autoptr (GError) error = NULL;
		g_autoptr (MmPlan) plan = mm_plan_new (original, final, &limits, &error);

		g_test_message ("%s", rows[i].label);
		g_assert_error (error, MM_ERROR, rows[i].code);
		g_assert_null (plan);
	}
}

static void
test_moved (void)
{
	g_autoptr (MmMessage) original = test_message (LIT ("A: 1\r\nB: 2\r\n\r\n"));
	const MmHeaderLine lines[] = {{B ("B: 2\r\n"), 1}, {B ("A: 1\r\n"), 0}};
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) final = mm_message_with (original, lines, 2, LIT ("\r\n"), NULL);
	g_autoptr (GError) error = NULL;

	g_assert_null (mm_plan_new (original, final, &limits, &error));
	g_assert_error (error, MM_ERROR, MM_ERROR_INTERNAL);
}

static void
test_long (void)
{
	g_autoptr (MmMessage) original = test_message (LIT ("A: 1\r\n\r\n"));
	MmLimits limits = mm_limits_default ();
	const MmHeaderLine lines[] = {{B ("A: 12345\r\n"), 0}};
	g_autoptr (MmMessage) final = mm_message_with (original, lines, 1, LIT ("\r\n"), NULL);
	g_autoptr (GError) error = NULL;
	g_autoptr (MmPlan) plan = NULL;

	limits.header_field = 9;
	g_assert_null (mm_plan_new (original, final, &limits, &error));
	g_assert_error (error, MM_ERROR, MM_ERROR_LIMIT);
	limits.header_field = 10;
	plan = mm_plan_new (original, final, &limits, NULL);
	g_assert_nonnull (plan);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/plan/plans", test_plans);
	g_test_add_func ("/plan/body", test_body);
	g_test_add_func ("/plan/empty-value", test_empty_value);
	g_test_add_func ("/plan/refused", test_refused);
	g_test_add_func ("/plan/moved", test_moved);
	g_test_add_func ("/plan/long", test_long);
	return g_test_run ();
}
