/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge-mend.c: attempts to mend, each verified as a whole, until one holds or there are too many.
 */
#include <config.h>

#include <mailmend/error.h>
#include <mailmend/verify.h>

#include "judge-private.h"

/* ---- what may be mended --------------------------------------------------------------------------- */

/* A null sender's mail may only get what is missing: a bounce is read by programs. */
static gboolean
is_allowed_for_null_sender (const MmRule *rule)
{
	return strcmp (rule->label, "MISSING_MESSAGE_ID_HEADER") == 0 ||
	       strcmp (rule->label, "MISSING_DATE_HEADER") == 0;
}

gboolean
mm_judge_is_restricted (const MmJudgeRequest *request)
{
	return request->null_sender && !request->names_null;
}

gboolean
mm_judge_may_refuse (const MmJudgeRequest *request)
{
	return !mm_judge_is_restricted (request) && !request->some_only;
}

static gboolean
may_fix (const MmRule *rule, gconstpointer data)
{
	const MmJudgeRequest *request = data;

	if (mm_judge_is_restricted (request) && !is_allowed_for_null_sender (rule))
		return FALSE;
	return request->policy->says[mm_rule_index (rule)] == MM_SAYS_FIX;
}

/* ---- signatures ------------------------------------------------------------------------------------- */

/* Mail that others have sealed is never broken without a word of its own. */
static MmSignedEdits
signed_edits (const MmJudging *j)
{
	const MmPolicy *policy = j->request->policy;
	gboolean sealed = (j->judgement->signatures & MM_SIGNATURE_ARC_SEAL) != 0;

	if (policy->on_dkim == MM_DKIM_SKIP || policy->on_dkim == MM_DKIM_REJECT)
		return MM_SIGNED_EDITS_SAFE;
	if (policy->on_dkim == MM_DKIM_FIX && (!sealed || policy->arc_break))
		return MM_SIGNED_EDITS_ALL;
	return MM_SIGNED_EDITS_ADD;
}

/* TRUE if a repair was not made for the sake of a signature and the policy refuses that. */
static gboolean
refuses (MmJudging *j, const MmFix *fix)
{
	const MmPolicy *policy = j->request->policy;
	guint refusing = (policy->on_dkim == MM_DKIM_REJECT ? MM_SIGNATURES_OF_FIELDS : 0) |
	                 (policy->on_cms == MM_CMS_REJECT ? MM_SIGNATURES_OF_CONTENT : 0);

	if (!mm_judge_may_refuse (j->request))
		return FALSE;
	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);

		if (!(repair->spared & refusing))
			continue;
		mm_labels_add (j->judgement->blamed, repair->rule->label);
		j->refused = TRUE;
	}
	return j->refused;
}

/* ---- mending ------------------------------------------------------------------------------------------ */

static gboolean
is_too_large (const MmJudging *j, const MmMessage *mended)
{
	gsize limit = j->request->message_size_limit;

	return limit > 0 && mm_message_size (mended) > limit &&
	       mm_message_size (j->original) <= limit;
}

/* Bans the repairs an objection blames; all of them when it can blame none. */
static void
ban (MmJudging *j, const MmFix *fix, const MmObjection *objection)
{
	for (guint i = 0; i < objection->blamed->len; i++)
		g_hash_table_add (j->banned,
		                  g_strdup (g_ptr_array_index (objection->blamed, i)));
	for (guint i = 0; objection->blamed->len == 0 && i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);
		g_hash_table_add (j->banned, g_strdup (repair->key));
	}
	g_free (j->judgement->note);
	j->judgement->note = g_strdup (objection->reason);
}

/* Law 3: mends until mending changes nothing. What still changes after some passes never settles:
 * *@out_objection blames it. NULL with *@error if memory or a limit stopped it. */
static MmFix *
fix_until_settled (MmJudging *j, const MmFixScope *scope, MmCheck **out_after,
                   MmObjection **out_objection, GError **error)
{
	g_autoptr (MmFix) fix = mm_fix_new (j->judgement->check, scope, error);

	for (guint pass = 0; fix != NULL && mm_fix_has_edits (fix); pass++) {
		g_autoptr (MmCheck) after = mm_fix_steal_check (fix, j->context);
		g_autoptr (MmFix) next = mm_fix_new (after, scope, error);

		if (next == NULL)
			return NULL;
		if (!mm_fix_has_edits (next) || pass == MM_LIMIT_passes) {
			if (mm_fix_has_edits (next))
				*out_objection = mm_objection_to (next, "passes: it never settles");
			*out_after = g_steal_pointer (&after);
			break;
		}
		mm_fix_absorb (fix, g_steal_pointer (&next));
	}
	return g_steal_pointer (&fix);
}

/* Says in the message what was mended, as far as is known before it is verified. */
static gboolean
add_trace (MmJudging *j, MmFix *fix, MmCheck **after, const MmFixScope *scope, GError **error)
{
	const MmJudgeRequest *request = j->request;
	gsize limit = request->message_size_limit;
	g_autoptr (GPtrArray) fixed = g_ptr_array_new ();
	g_autoptr (GPtrArray) left = g_ptr_array_new ();

	/* What renaming a signature made of it. */
	if ((*after)->message != fix->message) {
		mm_check_free (*after);
		*after = mm_check_new (fix->message, j->context, NULL, NULL);
	}
	mm_judge_sort_out (request->policy, j->judgement->check, *after, fixed, left);
	return mm_trace_add (fix, *after, scope, request->policy->name, fixed,
	                     mm_message_size (j->original) <= limit ? limit : 0, error);
}

/* One attempt. TRUE if it is the last: it verified, or there is nothing to try any longer. */
static gboolean
attempt (MmJudging *j, MmFixScope *scope, gboolean *out_too_large, GError **error)
{
	g_autoptr (MmCheck) after = NULL;
	g_autoptr (MmObjection) objection = NULL;
	g_autoptr (MmObjection) unsettled = NULL;
	g_autoptr (MmFix) fix = fix_until_settled (j, scope, &after, &unsettled, error);

	if (fix == NULL)
		return TRUE;
	if (refuses (j, fix) || after == NULL || !mm_fix_has_edits (fix)) {
		j->fix = g_steal_pointer (&fix);
		return TRUE;
	}
	if (!scope->header_only && is_too_large (j, fix->message)) {
		*out_too_large = TRUE;
		return FALSE;
	}
	if (!mm_fix_note_broken (fix, j->judgement->check, scope, error))
		return TRUE;
	if (j->request->trace && !mm_judge_is_restricted (j->request) &&
	    !add_trace (j, fix, &after, scope, error))
		return TRUE;
	if (after->message != fix->message) {
		mm_check_free (after);
		after = mm_check_new (fix->message, j->context, NULL, NULL);
	}
	/* What verify says is more exact than that it never settled. */
	objection = mm_verify (j->judgement->check, after, fix);
	if (objection == NULL)
		objection = g_steal_pointer (&unsettled);
	if (objection != NULL) {
		/* The new name may be too long, or what not: that is no reason to mend less. */
		if (g_hash_table_size (fix->renamed) > 0)
			scope->rename_broken = FALSE;
		else
			ban (j, fix, objection);
		return FALSE;
	}
	j->fix = g_steal_pointer (&fix);
	j->after = g_steal_pointer (&after);
	return TRUE;
}

/* Law 3 where edits were dropped: what did not verify then might verify on the mended message, and
 * what was too large then is not asked about if that is too large already. */
static gboolean
would_mend_more (const MmJudging *j)
{
	MmJudgeRequest request = *j->request;
	g_autoptr (MmMessage) message = mm_message_as_received (j->fix->message);
	g_autoptr (MmJudgement) again = NULL;

	if (j->request->once ||
	    (g_hash_table_size (j->banned) == 0 && !is_too_large (j, j->fix->message)))
		return FALSE;
	request.once = TRUE;
	request.dry_run = FALSE;
	request.some_only = TRUE; /* nothing is refused: only what would be mended is asked */
	request.trace = FALSE;
	request.want_plan = FALSE;
	request.head = request.body = NULL;
	again = mm_judge (message, j->context, &request);
	return again->message != message;
}

/* Mends and verifies; after too many failures there is no edit at all. */
void
mm_judge_mend (MmJudging *j)
{
	MmFixScope scope = {.may_fix = may_fix,
	                    .data = j->request,
	                    .banned = j->banned,
	                    .signatures = j->judgement->signatures,
	                    .signed_edits = signed_edits (j),
	                    .rename_broken = j->request->policy->dkim_rename,
	                    .header_only = mm_judge_is_restricted (j->request) ||
	                                   j->judgement->check->mime->limit != NULL};
	g_autoptr (GError) error = NULL;
	gboolean done = FALSE;
	guint failed = 0;

	while (!done && failed < j->context->limits.attempts) {
		gboolean too_large = FALSE;

		done = attempt (j, &scope, &too_large, &error);
		failed += !done && !too_large;
		if (too_large) {
			scope.header_only = TRUE;
			j->judgement->limit = "toolarge";
		}
	}
	j->gave_up = !done;
	if (j->after != NULL && would_mend_more (j)) {
		g_clear_pointer (&j->after, mm_check_free);
		g_clear_pointer (&j->fix, mm_fix_free);
	}
	if (error == NULL)
		return;
	if (g_error_matches (error, MM_ERROR, MM_ERROR_LIMIT) ||
	    g_error_matches (error, MM_ERROR, MM_ERROR_DEADLINE)) {
		j->judgement->limit = error->code == MM_ERROR_LIMIT ? "growth" : "deadline";
		g_free (j->judgement->note);
		j->judgement->note = g_strdup (error->message);
	} else {
		j->judgement->error = g_strdup (error->message);
	}
}
