/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-refused.c: memory that is refused, at every place where a large buffer asks for it.
 *
 * All buffers that grow with the mail come through g_try_realloc(), which this program puts itself
 * in the way of (ld --wrap). Of every case of tests/rules each request in turn is refused, and that
 * one and all behind it: the message must come out unchanged, or mended as ever, or mended in less
 * ways and fine by the laws that verify asks. It is never half of an edit.
 */
#include <config.h>

#include <mailmend/verify.h>

#include "corpus.h"
#include "../unit/test-util.h"

/* The first request that is refused, from 1 on; 0: none. */
static guint refuse_from;
static gboolean refuse_all; /* ... and all behind it */
static guint requests;

gpointer __real_g_try_realloc (gpointer mem, gsize size);
gpointer __wrap_g_try_realloc (gpointer mem, gsize size);

gpointer
__wrap_g_try_realloc (gpointer mem, gsize size)
{
	requests++;
	if (refuse_from > 0 && (requests == refuse_from || (refuse_all && requests > refuse_from)))
		return NULL;
	return __real_g_try_realloc (mem, size);
}

/* ---- judging --------------------------------------------------------------------------------- */

static MmJudgement *
judge (MmMessage *message, const MmPolicy *policy)
{
	const MmJudgeRequest request = {.policy = policy, .want_plan = TRUE};
	MmContext context;

	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	requests = 0;
	return mm_judge (message, &context, &request);
}

/* What was mended in less ways holds nothing that is worse than before: every label of it stood in
 * the original. */
static gboolean
is_no_worse (const MmJudgement *partly, const MmPolicy *policy)
{
	g_autoptr (MmMessage) mended = mm_message_as_received (partly->message);
	g_autoptr (MmJudgement) again = judge (mended, policy);

	for (guint i = 0; i < again->labels->len; i++)
		if (!g_ptr_array_find_with_equal_func (partly->labels, again->labels->pdata[i],
		                                       g_str_equal, NULL))
			return FALSE;
	return again->error == NULL;
}

typedef struct {
	guint unchanged, mended, partly, errors;
} Tally;

static void
check_result (const CorpusMail *mail, MmMessage *message, const MmJudgement *whole,
              const MmJudgement *refused, const MmPolicy *policy, Tally *tally)
{
	g_autoptr (GBytes) want = test_wire (whole->message);
	g_autoptr (GBytes) got = test_wire (refused->message);
	gboolean changed = !g_bytes_equal (got, mail->wire);

	tally->errors += refused->action == MM_ACTION_ERROR;
	if (refused->action == MM_ACTION_ERROR && (changed || refused->plan != NULL))
		test_fail ("%s: an error with an edit", mail->name);
	if (!changed) {
		tally->unchanged++;
		if (refused->plan != NULL &&
		    (refused->plan->headers->len > 0 || refused->plan->body != NULL))
			test_fail ("%s: a plan without a change", mail->name);
		return;
	}
	if (g_bytes_equal (got, want)) {
		tally->mended++;
	} else {
		tally->partly++;
		if (!is_no_worse (refused, policy))
			test_fail ("%s: worse than before", mail->name);
	}
	if (refused->plan != NULL) {
		g_autofree char *differs =
			test_mta_differs (message, refused->plan, refused->message);
		if (differs != NULL && test_mta_can_hold (message))
			test_fail ("%s: %s", mail->name, differs);
	}
}

static void
refuse_each (const CorpusMail *mail, const MmPolicy *policy, Tally *tally)
{
	g_autoptr (MmMessage) message = mm_message_new (mail->wire);
	g_autoptr (MmJudgement) whole = NULL;
	guint n;

	refuse_from = 0;
	whole = judge (message, policy);
	n = requests;
	for (guint at = 1; at <= n; at++) {
		for (refuse_all = FALSE; refuse_all <= TRUE; refuse_all++) {
			g_autoptr (MmJudgement) refused = NULL;

			refuse_from = at;
			refused = judge (message, policy);
			refuse_from = 0;
			check_result (mail, message, whole, refused, policy, tally);
		}
	}
}

static void
test_refused (void)
{
	g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "tests", "rules", NULL);
	g_autofree char *problem = NULL;
	g_autoptr (GPtrArray) mails = corpus_read (folder, &problem);
	g_autoptr (MmConfig) config = mm_config_new_default ();
	const MmPolicy *policy = mm_config_policy (config, "microsoft365");
	Tally tally = {0};

	g_assert_cmpstr (problem, ==, NULL);
	g_assert_cmpuint (mails->len, >, 100);
	for (guint i = 0; i < mails->len; i++)
		refuse_each (mails->pdata[i], policy, &tally);
	g_test_message ("%u messages: %u judged unchanged (%u errors), %u mended as ever, %u in "
	                "less ways", mails->len, tally.unchanged, tally.errors, tally.mended,
	                tally.partly);
	g_assert_cmpuint (tally.errors, >, 0);
	g_assert_cmpuint (tally.mended, >, 0);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/laws/memory-refused", test_refused);
	return g_test_run ();
}
