/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction-judge.c: what the MTA is told when a message is complete.
 */
#include <config.h>

#include "metrics.h"
#include "transaction-private.h"

/* A judgement of a message that was not looked at. */
static MmJudgement *
not_judged (const MmTransaction *mail, MmAction action, const char *limit, const char *error)
{
	MmJudgement *judgement = g_new0 (MmJudgement, 1);

	judgement->action = action;
	judgement->would = action;
	judgement->dry_run = mail->match.dry_run;
	judgement->labels = g_ptr_array_new ();
	judgement->fixed = g_ptr_array_new ();
	judgement->left = g_ptr_array_new ();
	judgement->blamed = g_ptr_array_new ();
	judgement->reasons = g_ptr_array_new_with_free_func (g_free);
	judgement->limit = limit;
	judgement->error = g_strdup (error);
	judgement->edits = g_strdup ("");
	judgement->newsize = mail->size;
	return judgement;
}

static MmJudgement *
judge_message (MmTransaction *mail)
{
	const char *hostname = mail->peer->mta_name;
	MmJudgeRequest request;

	/* Which policy it is to be judged by is not known. */
	if (mail->match.error != NULL) {
		mail->failure = MM_FAILURE_LOOKUP;
		return not_judged (mail, MM_ACTION_ERROR, NULL, mail->match.error);
	}
	if (mail->oversize != NULL)
		return not_judged (mail, MM_ACTION_NONE, mail->oversize, NULL);
	mail->message = mm_message_builder_finish (mm_transaction_builder (mail));
	if (mail->message == NULL) {
		mail->failure = MM_FAILURE_RECEIVE;
		return not_judged (mail, MM_ACTION_ERROR, NULL,
		                   mm_message_builder_error (mail->builder));
	}
	mail->size = mm_message_size (mail->message);
	if (hostname == NULL || *hostname == '\0')
		hostname = g_get_host_name ();
	mm_context_init (&mail->context, hostname);
	mail->context.smtputf8 = mail->smtputf8;
	mm_judge_prepare (mm_config_settings (mail->config), &mail->match, mail->sender,
	                  &mail->context, &request);
	request.want_plan = TRUE;
	request.body = mm_message_builder_body_facts (mail->builder);
	return mm_judge (mail->message, &mail->context, &request);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void
mm_transaction_fail (MmTransaction *mail, MmFailure failure, const char *problem)
{
	MmJudgement *judgement = mail->judgement;

	for (guint i = 0; i < judgement->fixed->len; i++) {
		gpointer label = g_ptr_array_index (judgement->fixed, i);

		if (!g_ptr_array_find_with_equal_func (judgement->left, label, g_str_equal, NULL))
			g_ptr_array_add (judgement->left, label);
	}
	g_ptr_array_sort (judgement->left, by_name);
	g_ptr_array_set_size (judgement->fixed, 0);
	judgement->action = MM_ACTION_ERROR;
	mail->failure = failure;
	judgement->broke = 0;
	judgement->newsize = mail->size;
	g_free (judgement->error);
	judgement->error = g_strdup (problem);
	g_clear_pointer (&judgement->newmid, g_free);
	g_free (judgement->edits);
	judgement->edits = g_strdup ("");
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* What OnInternalError and OnOversize lead to, by MmOn. */
typedef struct {
	MmAnswerKind kind;
	MmAction action;
	const char *code;
	const char *enhanced;
	const char *text;
} Refusal;

static const Refusal on_error[] = {
	[MM_ON_ACCEPT] = {MM_ANSWER_PASS, MM_ACTION_ERROR, NULL, NULL, NULL},
	[MM_ON_TEMPFAIL] = {MM_ANSWER_TEMPFAIL, MM_ACTION_ERROR, "451", "4.7.1",
	                    "Service unavailable - try again later"},
	[MM_ON_REJECT] = {MM_ANSWER_REJECT, MM_ACTION_ERROR, "554", "5.6.0",
	                  "Message could not be processed"},
	[MM_ON_QUARANTINE] = {MM_ANSWER_QUARANTINE, MM_ACTION_ERROR, NULL, NULL,
	                      "Message could not be judged"},
};

static const Refusal on_oversize[] = {
	[MM_ON_ACCEPT] = {MM_ANSWER_PASS, MM_ACTION_NONE, NULL, NULL, NULL},
	[MM_ON_TEMPFAIL] = {MM_ANSWER_TEMPFAIL, MM_ACTION_TEMPFAIL, "451", "4.3.4",
	                    "Message is too large to be judged"},
	[MM_ON_REJECT] = {MM_ANSWER_REJECT, MM_ACTION_REJECT, "552", "5.3.4",
	                  "Message is too large to be judged"},
	[MM_ON_QUARANTINE] = {MM_ANSWER_QUARANTINE, MM_ACTION_QUARANTINE, NULL, NULL,
	                      "Message is too large to be judged"},
};

/* A bounce is never lost, though it may be asked to come again; nor is a message refused of which the
 * rule fits some recipients only. */
static MmOn
soften (const MmTransaction *mail, MmOn on, MmOn for_some)
{
	gboolean bounce = *mail->sender == '\0' && !mail->match.names_null;

	if (mail->match.some_only && on != MM_ON_ACCEPT)
		on = for_some;
	return bounce && on != MM_ON_TEMPFAIL ? MM_ON_ACCEPT : on;
}

static void
answer_with (MmTransaction *mail, const Refusal *refusal)
{
	mail->answer.kind = refusal->kind;
	mail->answer.code = refusal->code;
	mail->answer.enhanced = refusal->enhanced;
	mail->answer.text = g_strdup (refusal->text);
	mail->judgement->action = refusal->action;
}

static void
note (MmJudgement *judgement, const char *text)
{
	g_free (judgement->note);
	judgement->note = g_strdup (text);
}

char *
mm_transaction_key (const MmTransaction *mail, const char *what)
{
	GInetAddress *client = mail->peer->client;
	g_autofree char *address = client != NULL ? g_inet_address_to_string (client) : NULL;

	if (mail->mid != NULL && *mail->mid != '\0')
		return g_strdup_printf ("%s %s id %s", what, address != NULL ? address : "-",
		                        mail->mid);
	return g_strdup_printf ("%s %s size %" G_GSIZE_FORMAT " %s", what,
	                        address != NULL ? address : "-", mail->size, mail->sender);
}

/* An error concerns the whole message, so it may come again; but not for days. */
static void
answer_error (MmTransaction *mail)
{
	const MmPolicy *policy = mail->match.policy;
	MmOn on = mail->user != NULL ? policy->on_internal_error_authenticated
	                             : policy->on_internal_error;

	on = mail->match.dry_run ? MM_ON_ACCEPT : soften (mail, on, MM_ON_TEMPFAIL);
	if (on == MM_ON_TEMPFAIL) {
		g_autofree char *key = mm_transaction_key (mail, MM_FAILED_TO_JUDGE);

		if (mm_repeats_note (mm_server_repeats (mail->server), key,
		                     g_get_monotonic_time () / G_USEC_PER_SEC) > 0) {
			note (mail->judgement, "failed before within the hour, passes unchanged");
			on = MM_ON_ACCEPT;
		}
	}
	answer_with (mail, &on_error[on]);
}

static void
answer_oversize (MmTransaction *mail)
{
	MmOn on = soften (mail, mail->match.policy->on_oversize, MM_ON_ACCEPT);

	mail->judgement->would = on_oversize[on].action;
	answer_with (mail, &on_oversize[mail->match.dry_run ? MM_ON_ACCEPT : on]);
}

/* What the policy wants. */
static void
answer_as_judged (MmTransaction *mail)
{
	static const MmAnswer answers[] = {
		[MM_ACTION_NONE] = {.kind = MM_ANSWER_PASS},
		[MM_ACTION_LOG] = {.kind = MM_ANSWER_PASS},
		[MM_ACTION_FIX] = {.kind = MM_ANSWER_FIX},
		[MM_ACTION_REJECT] = {.kind = MM_ANSWER_REJECT},
		[MM_ACTION_QUARANTINE] = {MM_ANSWER_QUARANTINE, "250", "2.6.0", NULL, NULL},
		[MM_ACTION_TEMPFAIL] = {MM_ANSWER_TEMPFAIL, "451", "4.6.0", NULL, NULL},
		[MM_ACTION_ERROR] = {.kind = MM_ANSWER_TEMPFAIL},
	};
	const MmPolicy *policy = mail->match.policy;
	const MmJudgement *judgement = mail->judgement;
	MmAnswer *answer = &mail->answer;

	*answer = answers[judgement->action];
	if (answer->kind == MM_ANSWER_REJECT) {
		answer->code = policy->reject_code.code;
		answer->enhanced = policy->reject_code.enhanced;
	}
	if (answer->code != NULL)
		answer->text = mm_reply_text (answer->kind == MM_ANSWER_QUARANTINE
		                                      ? policy->quarantine_text
		                                      : policy->reject_text,
		                              answer->enhanced, judgement->blamed, mail->queue_id);
	if (answer->kind == MM_ANSWER_FIX)
		answer->plan = judgement->plan;
	if (answer->kind == MM_ANSWER_FIX && answer->plan == NULL)
		answer->kind = MM_ANSWER_PASS;
}

/* What the MTA could not be told twice (it took no edit, no quarantine), it is not told again. */
static void
give_up_answer (MmTransaction *mail)
{
	MmAnswerKind kind = mail->answer.kind;
	g_autofree char *key = NULL;

	if (kind != MM_ANSWER_FIX && kind != MM_ANSWER_QUARANTINE)
		return;
	key = mm_transaction_key (mail, MM_FAILED_TO_ANSWER);
	if (mm_repeats_count (mm_server_repeats (mail->server), key,
	                      g_get_monotonic_time () / G_USEC_PER_SEC) < 2)
		return;
	g_free (mail->answer.text);
	mail->answer = (MmAnswer){.kind = MM_ANSWER_PASS};
	mm_transaction_fail (mail, MM_FAILURE_ANSWER, "the MTA did not take the answer twice");
	note (mail->judgement, "failed before within the hour, passes unchanged");
}

const MmAnswer *
mm_transaction_judge (MmTransaction *mail, const char *queue_id)
{
	gint64 start = g_get_monotonic_time ();

	mail->queue_id = g_strdup (queue_id);
	mm_transaction_match (mail);
	if (mail->match.error == NULL && mail->match.policy->off) {
		mm_metrics_add (mm_server_metrics (mail->server), MM_COUNT_OFF, 1);
		return &mail->answer;
	}
	mail->judgement = judge_message (mail);
	mm_transaction_keep (mail);
	if (mail->judgement->action == MM_ACTION_ERROR)
		answer_error (mail);
	else if (mail->oversize != NULL)
		answer_oversize (mail);
	else
		answer_as_judged (mail);
	give_up_answer (mail);
	mail->us = g_get_monotonic_time () - start;
	return &mail->answer;
}
