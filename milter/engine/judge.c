/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.c: one message from check to verdict.
 *
 * Nothing leaves here half done: the result is the original message, or a mended one that was
 * verified as a whole and whose plan could be made.
 */
#include <config.h>

#include <mailmend/error.h>
#include <mailmend/judge.h>
#include <mailmend/verify.h>

/* How often a mended message is mended again before that is given up. */
#define MAX_PASSES 3

typedef struct {
	MmMessage *original;
	const MmContext *context;
	const MmJudgeRequest *request;
	MmJudgement *judgement;
	GHashTable *banned; /* keys of findings whose edits did not verify */
	MmFix *fix;         /* what verified; NULL: nothing */
	MmCheck *after;     /* of its message */
	gboolean refused;   /* because of a signature; the labels are in judgement->blamed */
} Judge;

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

/* ---- what may be mended --------------------------------------------------------------------------- */

/* A null sender's mail may only get what is missing: a bounce is read by programs. */
static gboolean
is_allowed_for_null_sender (const MmRule *rule)
{
	return strcmp (rule->label, "MISSING_MESSAGE_ID_HEADER") == 0 ||
	       strcmp (rule->label, "MISSING_DATE_HEADER") == 0;
}

static gboolean
is_restricted (const MmJudgeRequest *request)
{
	return request->null_sender && !request->names_null;
}

static gboolean
may_refuse (const MmJudgeRequest *request)
{
	return !is_restricted (request) && !request->some_only;
}

static gboolean
may_fix (const MmRule *rule, gconstpointer data)
{
	const MmJudgeRequest *request = data;

	if (is_restricted (request) && !is_allowed_for_null_sender (rule))
		return FALSE;
	return request->policy->says[mm_rule_index (rule)] == MM_SAYS_FIX;
}

/* Why nothing at all may be edited; NULL: it may. */
static const char *
find_obstacle (const Judge *j)
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

/* ---- signatures ------------------------------------------------------------------------------------- */

/* Mail that others have sealed is never broken without a word of its own. */
static MmSignedEdits
signed_edits (const Judge *j)
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
refuses (Judge *j, const MmFix *fix)
{
	const MmPolicy *policy = j->request->policy;
	guint refusing = (policy->on_dkim == MM_DKIM_REJECT ? MM_SIGNATURES_OF_FIELDS : 0) |
	                 (policy->on_cms == MM_CMS_REJECT ? MM_SIGNATURES_OF_CONTENT : 0);

	if (!may_refuse (j->request))
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

static void
note_broken (Judge *j)
{
	for (guint i = 0; i < j->fix->broken->len; i++) {
		const MmBreak *broken = g_ptr_array_index (j->fix->broken, i);

		j->judgement->broke |= broken->signature;
		g_ptr_array_add (j->judgement->broken, mm_break_to_string (broken));
	}
}

/* ---- mending ------------------------------------------------------------------------------------------ */

static gboolean
is_too_large (const Judge *j, const MmMessage *mended)
{
	gsize limit = j->request->message_size_limit;

	return limit > 0 && mm_message_size (mended) > limit &&
	       mm_message_size (j->original) <= limit;
}

/* Bans the repairs an objection blames; all of them when it can blame none. */
static void
ban (Judge *j, const MmFix *fix, const MmObjection *objection)
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
fix_until_settled (Judge *j, const MmFixScope *scope, MmCheck **out_after,
                   MmObjection **out_objection, GError **error)
{
	g_autoptr (MmFix) fix = mm_fix_new (j->judgement->check, scope, error);

	for (guint pass = 0; fix != NULL && mm_fix_has_edits (fix); pass++) {
		g_autoptr (MmCheck) after = mm_check_new (fix->message, j->context, NULL, NULL);
		g_autoptr (MmFix) next = mm_fix_new (after, scope, error);

		if (next == NULL)
			return NULL;
		if (!mm_fix_has_edits (next) || pass == MAX_PASSES) {
			if (mm_fix_has_edits (next))
				*out_objection = mm_objection_to (next, "it never settles");
			*out_after = g_steal_pointer (&after);
			break;
		}
		mm_fix_absorb (fix, g_steal_pointer (&next));
	}
	return g_steal_pointer (&fix);
}

/* One attempt. TRUE if it is the last: it verified, or there is nothing to try any longer. */
static gboolean
attempt (Judge *j, MmFixScope *scope, gboolean *out_too_large, GError **error)
{
	g_autoptr (MmCheck) after = NULL;
	g_autoptr (MmObjection) objection = NULL;
	g_autoptr (MmObjection) unsettled = NULL;
	g_autoptr (MmFix) fix = fix_until_settled (j, scope, &after, &unsettled, error);

	if (fix == NULL)
		return TRUE;
	if (refuses (j, fix) || !mm_fix_has_edits (fix)) {
		j->fix = g_steal_pointer (&fix);
		return TRUE;
	}
	if (!scope->header_only && is_too_large (j, fix->message)) {
		*out_too_large = TRUE;
		return FALSE;
	}
	if (!mm_fix_note_broken (fix, j->judgement->check, scope, error))
		return TRUE;
	if (g_hash_table_size (fix->renamed) > 0) {
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

/* Law 3 where edits were dropped: what did not verify then might verify on the mended message. */
static gboolean
would_mend_more (const Judge *j)
{
	MmJudgeRequest request = *j->request;
	g_autoptr (MmMessage) message = mm_message_as_received (j->fix->message);
	g_autoptr (MmJudgement) again = NULL;

	if (g_hash_table_size (j->banned) == 0)
		return FALSE;
	if (request.depth == MAX_PASSES)
		return TRUE;
	request.depth++;
	request.dry_run = FALSE;
	request.want_plan = FALSE;
	request.head = request.body = NULL;
	again = mm_judge (message, j->context, &request);
	return again->message != message;
}

/* Mends and verifies; after too many failures there is no edit at all. */
static void
mend (Judge *j)
{
	MmFixScope scope = {.may_fix = may_fix,
	                    .data = j->request,
	                    .banned = j->banned,
	                    .signatures = j->judgement->signatures,
	                    .signed_edits = signed_edits (j),
	                    .rename_broken = j->request->policy->dkim_rename,
	                    .header_only = is_restricted (j->request) ||
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

/* ---- what came of it ---------------------------------------------------------------------------------- */

/* Every finding is fixed or left; a label may be both. */
static void
sort_out (Judge *j)
{
	MmCheck *before = j->judgement->check;

	for (guint i = 0; i < mm_findings_n (before->findings); i++) {
		const MmFinding *finding = mm_findings_get (before->findings, i);
		g_autofree char *key = NULL;
		gboolean gone;

		if (!mm_policy_shows (j->request->policy, finding))
			continue;
		key = j->after != NULL ? mm_finding_key (&before->facts, finding) : NULL;
		gone = key != NULL && mm_check_find (j->after, key) == NULL;
		mm_labels_add (gone ? j->judgement->fixed : j->judgement->left,
		               finding->rule->label);
	}
}

static void
collect_reasons (Judge *j)
{
	for (guint i = 0; j->fix != NULL && i < j->fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (j->fix->repairs, i);
		if (repair->reason != NULL)
			g_ptr_array_add (j->judgement->reasons,
			                 g_strdup_printf ("%s%s%s: %s", repair->rule->label,
			                                  *repair->part != '\0' ? " part " : "",
			                                  repair->part, repair->reason));
	}
	if (j->after != NULL && j->fix->n_dropped > 0)
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
adopt (Judge *j)
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
note_new_message_id (Judge *j)
{
	g_autofree char *old = message_id_of (j->original);
	g_autofree char *new = message_id_of (j->fix->message);

	if (new != NULL && g_strcmp0 (old, new) != 0)
		j->judgement->newmid = g_steal_pointer (&new);
}

static void
mend_and_adopt (Judge *j)
{
	const char *obstacle = find_obstacle (j);

	if (obstacle != NULL) {
		j->judgement->limit = obstacle;
		return;
	}
	mend (j);
	if (j->after == NULL)
		return;
	if (!adopt (j)) {
		g_clear_pointer (&j->after, mm_check_free);
		return;
	}
	note_new_message_id (j);
	note_broken (j);
}

/* What is done: an edit that was to be made may not have been possible. */
static MmAction
final_action (const Judge *j, const MmVerdict *verdict)
{
	if (j->judgement->error != NULL)
		return MM_ACTION_ERROR;
	if (j->refused)
		return MM_ACTION_REJECT;
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
	Judge j = {.original = message,
	           .context = context,
	           .request = request,
	           .judgement = judgement,
	           .banned = banned};

	judgement->dry_run = request->dry_run;
	judgement->check = mm_check_new (message, context, request->head, request->body);
	judgement->signatures = mm_signatures_of (message, judgement->check->mime);
	judgement->limit = judgement->check->mime->limit;
	verdict = mm_verdict_new (judgement->check->findings, request->policy,
	                          may_refuse (request));
	if (verdict->action == MM_ACTION_FIX)
		mend_and_adopt (&j);
	sort_out (&j);
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
