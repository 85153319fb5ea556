/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction-judge.c: what the MTA is told when a message is complete.
 */
#include <config.h>

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

	if (mail->oversize)
		return not_judged (mail, MM_ACTION_NONE, "message_size", NULL);
	mm_scanner_finish (&mail->scanner);
	mail->message = mm_message_builder_finish (mail->builder);
	if (mail->message == NULL)
		return not_judged (mail, MM_ACTION_ERROR, NULL,
		                   mm_message_builder_error (mail->builder));
	mail->size = mm_message_size (mail->message);
	if (hostname == NULL || *hostname == '\0')
		hostname = g_get_host_name ();
	mm_context_init (&mail->context, hostname);
	mail->context.smtputf8 = mail->smtputf8;
	mm_judge_prepare (mm_config_settings (mail->config), &mail->match, mail->sender,
	                  &mail->context, &request);
	request.want_plan = TRUE;
	request.body = &mail->scanner.facts;
	return mm_judge (mail->message, &mail->context, &request);
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

/* A dry run never refuses; a bounce is never lost, though it may be asked to come again. */
static MmOn
soften (const MmTransaction *mail, MmOn on)
{
	gboolean bounce = *mail->sender == '\0' && !mail->match.names_null;

	if (mail->match.dry_run || (bounce && on != MM_ON_TEMPFAIL))
		return MM_ON_ACCEPT;
	return on;
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

/* What the policy wants. */
static void
answer_as_judged (MmTransaction *mail)
{
	static const MmAnswer answers[] = {
		[MM_ACTION_NONE] = {.kind = MM_ANSWER_PASS},
		[MM_ACTION_LOG] = {.kind = MM_ANSWER_PASS},
		[MM_ACTION_FIX] = {.kind = MM_ANSWER_FIX},
		[MM_ACTION_REJECT] = {MM_ANSWER_REJECT, "552", "5.6.0", NULL, NULL},
		[MM_ACTION_QUARANTINE] = {MM_ANSWER_QUARANTINE, "250", "2.6.0", NULL, NULL},
		[MM_ACTION_TEMPFAIL] = {MM_ANSWER_TEMPFAIL, "451", "4.6.0", NULL, NULL},
		[MM_ACTION_ERROR] = {.kind = MM_ANSWER_TEMPFAIL},
	};
	const MmJudgement *judgement = mail->judgement;
	MmAnswer *answer = &mail->answer;

	*answer = answers[judgement->action];
	if (answer->code != NULL)
		answer->text = mm_reply_text (answer->enhanced, judgement->blamed);
	if (answer->kind == MM_ANSWER_FIX)
		answer->plan = judgement->plan;
	if (answer->kind == MM_ANSWER_FIX && answer->plan == NULL)
		answer->kind = MM_ANSWER_PASS;
}

const MmAnswer *
mm_transaction_judge (MmTransaction *mail, const char *queue_id)
{
	const MmSettings *settings = mm_config_settings (mail->config);
	MmEnvelope envelope = mm_transaction_envelope (mail, TRUE);
	gint64 start = g_get_monotonic_time ();

	mail->queue_id = g_strdup (queue_id);
	mail->match = mm_config_match (mail->config, &envelope);
	if (mail->match.policy->off)
		return &mail->answer;
	mail->judgement = judge_message (mail);
	if (mail->judgement->action == MM_ACTION_ERROR)
		answer_with (mail, &on_error[soften (mail, settings->on_internal_error)]);
	else if (mail->oversize) {
		mail->judgement->would = on_oversize[settings->on_oversize].action;
		answer_with (mail, &on_oversize[soften (mail, settings->on_oversize)]);
	} else
		answer_as_judged (mail);
	mail->us = g_get_monotonic_time () - start;
	return &mail->answer;
}
