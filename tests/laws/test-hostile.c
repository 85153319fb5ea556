/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-hostile.c: mail that was made to crash, hang or bloat a parser. Each was seen to do so to
 * GMime 3.2.13 or to another filter. Here it must come out unchanged or properly mended, and in
 * time that the test harness does not notice.
 */
#include <config.h>

#include <pthread.h>

#include <mailmend/codec.h>
#include <mailmend/verify.h>

#include "hostile.h"

static guint scale = 1;

static const HostileInput *const all[] = {
	hostile_fields,
	hostile_bodies,
	hostile_headers,
	hostile_charsets,
};

guint
hostile_n (guint n)
{
	return n * scale;
}

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* as gcc says it */
#endif
#endif
#if defined __SANITIZE_ADDRESS__
#define STACK (4 * 1024 * 1024) /* frames are many times as large */
#else
#define STACK (256 * 1024)
#endif

void
hostile_repeat (GString *out, const char *what, guint n)
{
	for (guint i = 0; i < hostile_n (n); i++)
		g_string_append (out, what);
}

void
hostile_field (GString *out, const char *name, const char *before, const char *what, guint n)
{
	g_string_append (out, HEAD);
	g_string_append_printf (out, "%s: %s", name, before);
	hostile_repeat (out, what, n);
	g_string_append (out, "\r\n\r\ntext\r\n");
}

/* A policy that mends all that has a repair. */
static MmPolicy *
fix_all (void)
{
	g_autoptr (GString) list = g_string_new (NULL);
	g_autoptr (GError) error = NULL;
	MmPolicy *policy;

	for (guint i = 0; mm_rules[i] != NULL; i++)
		if (mm_rules[i]->fix != NULL)
			g_string_append_printf (list, "%s%s", list->len > 0 ? "|" : "",
			                        mm_rules[i]->label);
	policy = mm_policy_new_fix (list->str, &error);
	g_assert_no_error (error);
	return policy;
}

static MmJudgement *
judge (MmMessage *message, const MmPolicy *policy)
{
	MmJudgeRequest request = {.policy = policy, .want_plan = TRUE};
	MmContext context;

	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	return mm_judge (message, &context, &request);
}

static void *
run_input (void *data)
{
	const HostileInput *input = data;
	g_autoptr (MmPolicy) policy = fix_all ();
	GString *wire = g_string_new (NULL);
	g_autoptr (MmMessage) message = NULL;
	g_autoptr (MmMessage) mended = NULL;
	g_autoptr (MmJudgement) judgement = NULL;
	g_autoptr (MmJudgement) again = NULL;

	input->make (wire);
	message = test_message (mm_bytes (wire->str, wire->len));
	g_string_free (wire, TRUE);
	judgement = judge (message, policy);
	g_assert_null (judgement->error);
	g_test_message ("%s: limit %s, edits \"%s\"", input->name,
	                judgement->limit != NULL ? judgement->limit : "none", judgement->edits);
	mended = mm_message_as_received (judgement->message);
	again = judge (mended, policy);
	g_assert_true (again->message == mended);
	return NULL;
}

/* On a stack of the least size that any thread of a filter has: mail decides nothing about that. */
static void
test_input (gconstpointer data)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init (&small);
	g_assert_cmpint (pthread_attr_setstacksize (&small, STACK), ==, 0);
	g_assert_cmpint (pthread_create (&thread, &small, run_input, (void *) data), ==, 0);
	pthread_join (thread, NULL);
	pthread_attr_destroy (&small);
}

static void
add (const HostileInput *input)
{
	for (; input->name != NULL; input++) {
		g_autofree char *path = g_strdup_printf ("/hostile/%s", input->name);
		g_test_add_data_func (path, input, test_input);
	}
}

/* For benchmarks. */
static int
write_all (const char *folder)
{
	for (guint i = 0; i < G_N_ELEMENTS (all); i++)
		for (const HostileInput *input = all[i]; input->name != NULL; input++) {
			g_autofree char *path = g_build_filename (folder, input->name, NULL);
			g_autoptr (GString) wire = g_string_new (NULL);

			input->make (wire);
			if (!g_file_set_contents (path, wire->str, (gssize) wire->len, NULL)) {
				g_printerr ("test-hostile: cannot write %s\n", path);
				return 1;
			}
		}
	return 0;
}

/* "test-hostile write FOLDER SCALE" only writes the mail. */
int
main (int argc, char **argv)
{
	if (argc == 4 && g_str_equal (argv[1], "write")) {
		scale = (guint) g_ascii_strtoull (argv[3], NULL, 10);
		return write_all (argv[2]);
	}
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	for (guint i = 0; i < G_N_ELEMENTS (all); i++)
		add (all[i]);
	return g_test_run ();
}
