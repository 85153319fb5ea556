/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge-prepare.c: from a configuration to the way one message is judged.
 *
 * Daemon and command both come through here, so that a command judges exactly as the milter would.
 */
#include <config.h>

#include <mailmend/judge.h>

void
mm_context_set_policy (MmContext *context, const MmPolicy *policy)
{
	context->line_limit = policy->line_limit;
	context->max_mime_depth = policy->max_mime_depth;
	context->max_mime_parts = policy->max_mime_parts;
	context->eight_bit = policy->eight_bit;
	context->bare_cr = policy->bare_cr;
	context->embedded = policy->embedded;
	context->param_style = policy->param_style;
	context->charsets = (const char *const *) policy->charsets;
	context->default_charset = policy->default_charset;
	context->keep_original_id = policy->keep_original_id;
	context->replace_message_id = policy->replace_message_id;
}

void
mm_judge_prepare (const MmSettings *settings, const MmMatch *match, const char *sender,
                  MmContext *context, MmJudgeRequest *request)
{
	*request = (MmJudgeRequest){
		.policy = match->policy,
		.dry_run = match->dry_run,
		.null_sender = sender != NULL && *sender == '\0',
		.names_null = match->names_null,
		.some_only = match->some_only,
		.trace = match->policy->trace_header,
	};
	mm_context_set_policy (context, match->policy);
	if (match->policy->hostname != NULL)
		context->hostname = match->policy->hostname;
	context->envelope_sender = sender;
	if (settings == NULL)
		return;
	request->message_size_limit = settings->message_size_limit;
	context->limits.message_size = settings->max_message_size;
	if (settings->deadline > 0)
		context->deadline =
			g_get_monotonic_time () + settings->deadline * G_USEC_PER_SEC;
}
