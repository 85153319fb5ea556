/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction-log.c: what the log says of a message.
 */
#include <config.h>

#include <mailmend/logline.h>

#include "metrics.h"
#include "transaction-private.h"

static gboolean
is_logged (const MmTransaction *mail)
{
	const MmJudgement *judgement = mail->judgement;
	MmLogMessages which = mm_config_settings (mail->config)->log_messages;

	if (which == MM_LOG_ALL || judgement->action == MM_ACTION_ERROR)
		return TRUE;
	/* A message that was not judged is an issue too. */
	return which == MM_LOG_ISSUES &&
	       (judgement->action != MM_ACTION_NONE || judgement->would != MM_ACTION_NONE ||
	        judgement->limit != NULL);
}

static void
log_line (const MmTransaction *mail)
{
	const MmPeer *peer = mail->peer;
	const MmSettings *settings = mm_config_settings (mail->config);
	g_autofree char *address =
	        peer->client != NULL ? g_inet_address_to_string (peer->client) : NULL;
	MmLogEntry entry = {
		.queue_id = mail->queue_id,
		.judgement = mail->judgement,
		.policy = mail->match.policy->name,
		.rule = mail->match.rule,
		.mx_pending = mail->match.mx_missing,
		.sender = mail->sender,
		.n_rcpt = mail->n_rcpt,
		.client_name = peer->client_name,
		.client_addr = address,
		.user = mail->user,
		.mid = mail->mid,
		.program = !settings->log_program ? NULL : mail->program != NULL ? mail->program : "",
		.size = mail->size,
		.us = mail->us,
	};
	g_autofree char *line = mm_logline_format (&entry, settings->log_format);

	mm_log_write (mm_server_log (mail->server), LOG_INFO, line);
}

/* A line that begins as that of the message does. */
static void
log_note (const MmTransaction *mail, int priority, const char *what, const char *text)
{
	g_autofree char *id = mm_bytes_printable (mm_bytes_str (mail->queue_id), 64);
	g_autofree char *printable = mm_bytes_printable (mm_bytes_str (text), 800);

	mm_log (mm_server_log (mail->server), priority, "%s: %s%s",
	        mail->queue_id != NULL ? id : "NOQUEUE", what, printable);
}

/* An answer that did not get through is a tempfail, but for a rejection, which lost its text only. */
static void
count (const MmTransaction *mail, gboolean failed)
{
	const MmMessageCount message = {
		.policy = mail->match.policy->name,
		.judgement = mail->judgement,
		.failure = mail->failure,
		.answer = failed && mail->answer.kind != MM_ANSWER_REJECT ? MM_ANSWER_TEMPFAIL
		                                                          : mail->answer.kind,
		.size = mail->size,
		.us = mail->us,
	};

	mm_metrics_add_message (mm_server_metrics (mail->server), &message);
}

void
mm_transaction_log (MmTransaction *mail, const char *problem)
{
	MmJudgement *judgement = mail->judgement;

	if (judgement == NULL)
		return;
	if (problem != NULL) {
		g_autofree char *key = mm_transaction_key (mail, MM_FAILED_TO_ANSWER);

		mm_repeats_note (mm_server_repeats (mail->server), key,
		                 g_get_monotonic_time () / G_USEC_PER_SEC);
		mm_transaction_fail (mail, MM_FAILURE_ANSWER, problem);
	}
	if (judgement->action == MM_ACTION_ERROR)
		log_note (mail, LOG_ERR, "error: ",
		          judgement->error != NULL ? judgement->error : "unknown");
	if (mail->too_many)
		log_note (mail, LOG_WARNING, "too many recipients: ",
		          "not all could be compared with the rules, so nothing is refused");
	if (judgement->note != NULL)
		log_note (mail, LOG_DEBUG, "note: ", judgement->note);
	for (guint i = 0; judgement->reasons != NULL && i < judgement->reasons->len; i++)
		log_note (mail, LOG_DEBUG, "left: ", g_ptr_array_index (judgement->reasons, i));
	if (is_logged (mail))
		log_line (mail);
	count (mail, problem != NULL);
}
