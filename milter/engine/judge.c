/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.c: one message from check to verdict.
 *
 * Nothing leaves here half done: the result is the original message, or a mended one that was
 * verified as a whole and whose plan could be made.
 */
#include <config.h>

#include <mailmend/error.h>

#include "judge-private.h"

void
mm_judgement_free (MmJudgement *judgement)
{
	g_ptr_array_unref (judgement->labels);
	g_ptr_array_unref (judgement->fixed);
	g_ptr_array_unref (judgement->left);
	g_ptr_array_unref (judgement->blamed);
	g_ptr_array_unref (judgement->reasons);
	g_clear_pointer (&judgement->broken, g_ptr_array_unref);
	g_clear_pointer (&judgement->check, mm_check_free);
	g_clear_pointer (&judgement->message, mm_message_unref);
	g_clear_pointer (&judgement->plan, mm_plan_free);
	g_free (judgement->note);
	g_free (judgement->error);
	g_free (judgement->edits);
	g_free (judgement->newmid);
	g_free (judgement);
}

static MmJudgement *
judgement_new (MmMessage *message)
{
	MmJudgement *judgement = g_new0 (MmJudgement, 1);

	judgement->labels = g_ptr_array_new ();
	judgement->fixed = g_ptr_array_new ();
	judgement->left = g_ptr_array_new ();
	judgement->blamed = g_ptr_array_new ();
	judgement->reasons = g_ptr_array_new_with_free_func (g_free);
	judgement->broken = g_ptr_array_new_with_free_func (g_free);
	judgement->message = mm_message_ref (message);
	judgement->edits = g_strdup ("");
	judgement->newsize = mm_message_size (message);
	return judgement;
}

/* Why nothing at all may be edited; NULL: it may. */
static const char *
find_obstacle (const MmJudging *j)
{
	const MmLimits *limits = &j->context->limits;

	if (mm_message_n_headers (j->original) > limits->headers)
		return "headers";
	if (mm_message_header_block (j->original).len > limits->header_block)
		return "header_block";
	if (mm_message_is_irregular (j->original))
		return "irregular";
	if (mm_findings_overflow (j->judgement->check->findings))
		return "findings";
	return mm_context_expired (j->context) ? "deadline" : NULL;
}

/* ---- what came of it ---------------------------------------------------------------------------------- */

/* A finding of @before that @after (NULL: nothing was mended) does not have. */
static gboolean
is_gone (MmCheck *before, const MmFinding *finding, MmCheck *after)
{
	g_autofree char *key = NULL;

	if (after == NULL)
		return FALSE;
	key = mm_finding_key (&before->facts, finding);
	return mm_check_find (after, key) == NULL;
}

void
mm_judge_sort_out (const MmPolicy *policy, MmCheck *before, MmCheck *after, GPtrArray *fixed,
                   GPtrArray *left)
{
	for (guint i = 0; i < mm_findings_n (before->findings); i++) {
		const MmFinding *finding = mm_findings_get (before->findings, i);

		if (mm_policy_shows (policy, finding))
			mm_labels_add (is_gone (before, finding, after) ? fixed : left,
			               finding->rule->label);
	}
}

static void
collect_reasons (MmJudging *j)
{
	for (guint i = 0; j->fix != NULL && i < j->fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (j->fix->repairs, i);
		if (repair->reason != NULL)
			g_ptr_array_add (j->judgement->reasons,
			                 g_strdup_printf ("%s%s%s: %s", repair->rule->label,
			                                  *repair->part != '\0' ? " part " : "",
			                                  repair->part, repair->reason));
	}
	if (j->after != NULL && j->fix != NULL && j->fix->n_dropped > 0)
		g_ptr_array_add (j->judgement->reasons,
		                 g_strdup_printf ("dropped for good: %u", j->fix->n_dropped));
	if (j->judgement->note != NULL)
		g_ptr_array_add (j->judgement->reasons,
		                 g_strdup_printf ("not verified: %s", j->judgement->note));
}

/* The plan in short, and what a repair took away for good. (transfer full) */
static char *
describe_edits (const MmPlan *plan, const MmFix *fix)
{
	g_autofree char *text = mm_plan_to_string (plan);

	return fix->n_dropped > 0 ? g_strdup_printf ("%s dropped:%u", text, fix->n_dropped)
	                          : g_steal_pointer (&text);
}

/* Makes the plan. FALSE if that is not possible: the message then stays as it was. */
static gboolean
adopt (MmJudging *j)
{
	g_autoptr (GError) error = NULL;
	g_autoptr (MmPlan) plan = mm_plan_new (j->original, j->fix->message,
	                                       &j->context->limits, &error);
	MmJudgement *judgement = j->judgement;

	/* On a file a name that no MTA would take may be mended all the same. */
	if (plan == NULL && j->request->want_plan) {
		g_free (judgement->note);
		judgement->note = g_strdup (error->message);
		return FALSE;
	}
	judgement->newsize = mm_message_size (j->fix->message);
	if (plan != NULL) {
		g_free (judgement->edits);
		judgement->edits = describe_edits (plan, j->fix);
	}
	if (judgement->dry_run)
		return TRUE;
	mm_message_unref (judgement->message);
	judgement->message = mm_message_ref (j->fix->message);
	if (j->request->want_plan)
		judgement->plan = g_steal_pointer (&plan);
	return TRUE;
}

static char *
message_id_of (const MmMessage *message)
{
	int at = mm_message_find (message, "Message-ID", 0);

	return at < 0 ? NULL
	              : mm_bytes_dup (mm_bytes_trim (
	                        mm_message_header (message, (guint) at)->value));
}

static void
note_new_message_id (MmJudging *j)
{
	g_autofree char *old = message_id_of (j->original);
	g_autofree char *new = message_id_of (j->fix->message);

	if (new != NULL && g_strcmp0 (old, new) != 0)
		j->judgement->newmid = g_steal_pointer (&new);
}

static void
note_broken (MmJudging *j)
{
	for (guint i = 0; i < j->fix->broken->len; i++) {
		const MmBreak *broken = g_ptr_array_index (j->fix->broken, i);

		j->judgement->broke |= broken->signature;
		g_ptr_array_add (j->judgement->broken, mm_break_to_string (broken));
	}
}

/* A bound that was met is no fault of the message: it passes. What would have made it too large for
 * the MTA, and a header that reads in two ways, are. */
static gboolean
is_stopped_by_limit (const MmJudgement *judgement)
{
	return judgement->limit != NULL && strcmp (judgement->limit, "toolarge") != 0 &&
	       strcmp (judgement->limit, "irregular") != 0;
}

/* OnUnfixable: blames what was to be mended and is still there; then nothing is mended at all. */
static void
blame_unfixable (MmJudging *j)
{
	const MmPolicy *policy = j->request->policy;
	MmCheck *before = j->judgement->check;

	if (policy->on_unfixable == MM_UNFIXABLE_LOG || !mm_judge_may_refuse (j->request) ||
	    j->refused || j->judgement->error != NULL || is_stopped_by_limit (j->judgement))
		return;
	for (guint i = 0; i < mm_findings_n (before->findings); i++) {
		const MmFinding *finding = mm_findings_get (before->findings, i);

		/* Notices are never mended; what embedded mail holds refuses nothing. */
		if (finding->severity == MM_SEVERITY_NOTICE ||
		    mm_policy_says (policy, finding) != MM_SAYS_FIX ||
		    is_gone (before, finding, j->after))
			continue;
		mm_labels_add (j->judgement->blamed, finding->rule->label);
		j->unfixable = TRUE;
	}
	if (j->unfixable)
		g_clear_pointer (&j->after, mm_check_free);
}

/* A bound that only some repairs met is no reason to pass what OnUnfixable refuses, but it is told. */
static void
note_limit (MmJudging *j)
{
	MmJudgement *judgement = j->judgement;

	for (guint i = 0; judgement->limit == NULL && j->fix != NULL && i < j->fix->repairs->len; i++)
		judgement->limit = mm_limit_named (
		        ((const MmRepair *) j->fix->repairs->pdata[i])->reason);
	if (judgement->limit == NULL)
		judgement->limit = mm_limit_named (judgement->note);
	if (judgement->limit == NULL && j->gave_up)
		judgement->limit = "attempts";
}

static void
mend_and_adopt (MmJudging *j)
{
	const char *obstacle = find_obstacle (j);

	if (obstacle != NULL)
		j->judgement->limit = obstacle;
	else
		mm_judge_mend (j);
	blame_unfixable (j);
	if (j->after != NULL && !adopt (j)) {
		g_clear_pointer (&j->after, mm_check_free);
		blame_unfixable (j);
	}
	note_limit (j);
	if (j->after == NULL)
		return;
	note_new_message_id (j);
	note_broken (j);
}

/* What is done: an edit that was to be made may not have been possible. */
static MmAction
final_action (const MmJudging *j, const MmVerdict *verdict)
{
	if (j->judgement->error != NULL)
		return MM_ACTION_ERROR;
	if (j->refused)
		return MM_ACTION_REJECT;
	if (j->unfixable)
		return j->request->policy->on_unfixable == MM_UNFIXABLE_REJECT ? MM_ACTION_REJECT
		                                                              : MM_ACTION_TEMPFAIL;
	if (verdict->action != MM_ACTION_FIX)
		return verdict->action;
	return j->after != NULL ? MM_ACTION_FIX : MM_ACTION_LOG;
}

MmJudgement *
mm_judge (MmMessage *message, const MmContext *context, const MmJudgeRequest *request)
{
	MmJudgement *judgement = judgement_new (message);
	g_autoptr (GHashTable) banned =
	        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr (MmVerdict) verdict = NULL;
	MmJudging j = {.original = message,
	               .context = context,
	               .request = request,
	               .judgement = judgement,
	               .banned = banned};

	judgement->dry_run = request->dry_run;
	judgement->check = mm_check_new (message, context, request->head, request->body);
	judgement->signatures = mm_signatures_of (message, judgement->check->mime);
	judgement->limit = judgement->check->mime->limit;
	verdict = mm_verdict_new (judgement->check->findings, request->policy,
	                          mm_judge_may_refuse (request));
	if (verdict->action == MM_ACTION_FIX)
		mend_and_adopt (&j);
	mm_judge_sort_out (request->policy, judgement->check, j.after, judgement->fixed,
	                   judgement->left);
	collect_reasons (&j);
	judgement->would = final_action (&j, verdict);
	judgement->action = request->dry_run && judgement->would != MM_ACTION_ERROR
	                            ? MIN (judgement->would, MM_ACTION_LOG)
	                            : judgement->would;
	g_ptr_array_extend (judgement->labels, verdict->labels, NULL, NULL);
	g_ptr_array_extend (judgement->blamed, verdict->blamed, NULL, NULL);
	g_clear_pointer (&j.fix, mm_fix_free);
	g_clear_pointer (&j.after, mm_check_free);
	return judgement;
}
