/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction.c: one message from MAIL to end of message, without libmilter.
 *
 * What rules of the configuration ask for is noted while headers pass, not read from the buffered
 * message: a message that was too large to keep has a sender, a From and a line in the log too.
 */
#include <config.h>

#include <mailmend/grammar.h>
#include <mailmend/logline.h>

#include "transaction.h"

/* Octets of a Message-ID that are kept for the log. */
#define MID_MAX 1000

struct _MmTransaction {
	MmServer *server;
	MmConfig *config;
	const MmPeer *peer;

	char *sender; /* without brackets */
	char *user;
	MmTruth local;
	gboolean smtputf8;
	guint n_rcpt;

	char *mid;
	char *header_from;
	gboolean from_seen;
	gboolean received_seen;
	gsize size; /* octets on the wire, kept or not */
	gboolean oversize;
	MmMessageBuilder *builder; /* NULL: too large */
	MmScanner scanner;

	char *queue_id;
	char *hostname;
	MmMatch match;
	MmContext context;
	MmMessage *message;
	MmJudgement *judgement;
	MmAnswer answer;
	gint64 us;
};

void
mm_peer_clear (MmPeer *peer)
{
	g_clear_pointer (&peer->mta_name, g_free);
	g_clear_pointer (&peer->client_name, g_free);
	g_clear_object (&peer->client);
}

static char *
without_brackets (const char *path)
{
	gsize len = strlen (path);

	if (len >= 2 && path[0] == '<' && path[len - 1] == '>')
		return g_strndup (path + 1, len - 2);
	return g_strdup (path);
}

MmTransaction *
mm_transaction_new (MmServer *server, const MmPeer *peer, char **arguments, const char *queue_id,
                    const char *user)
{
	MmTransaction *mail = g_new0 (MmTransaction, 1);
	const char *path = arguments != NULL && arguments[0] != NULL ? arguments[0] : "";

	mail->server = server;
	mail->config = mm_server_config (server);
	mail->peer = peer;
	mail->sender = without_brackets (path);
	mail->user = user != NULL && *user != '\0' ? g_strdup (user) : NULL;
	/* sendmail(1): only there the queue file exists before MAIL, and only there the address
	 * comes as pickup read it. Never by client address: what a content filter on loopback
	 * hands back is not local. */
	mail->local = queue_id != NULL && path[0] != '<' && path[0] != '\0' ? MM_YES : MM_NO;
	for (guint i = 1; *path != '\0' && arguments[i] != NULL; i++) {
		if (g_ascii_strcasecmp (arguments[i], "SMTPUTF8") == 0)
			mail->smtputf8 = TRUE;
	}
	mail->builder = mm_message_builder_new ();
	mail->size = strlen ("\r\n");
	mm_scanner_init (&mail->scanner);
	return mail;
}

void
mm_transaction_free (MmTransaction *mail)
{
	if (mail == NULL)
		return;
	g_clear_pointer (&mail->judgement, mm_judgement_free);
	g_clear_pointer (&mail->message, mm_message_unref);
	g_clear_pointer (&mail->builder, mm_message_builder_free);
	mm_config_unref (mail->config);
	g_free (mail->sender);
	g_free (mail->user);
	g_free (mail->mid);
	g_free (mail->header_from);
	g_free (mail->queue_id);
	g_free (mail->hostname);
	g_free (mail->answer.text);
	g_free (mail);
}

/* What is known by now; @headers_known: all headers have been seen. */
static MmEnvelope
envelope_of (const MmTransaction *mail, gboolean headers_known)
{
	return (MmEnvelope){
		.client = mail->peer->client,
		.client_name = mail->peer->client_name,
		.local = mail->local,
		.sasl_known = TRUE,
		.sasl_user = mail->user,
		.sender_known = TRUE,
		.sender = mail->sender,
		.headers_known = headers_known,
		.header_from = mail->header_from,
		.first_hop = !headers_known ? MM_UNKNOWN : mail->received_seen ? MM_NO : MM_YES,
	};
}

gboolean
mm_transaction_is_off (const MmTransaction *mail)
{
	MmEnvelope envelope = envelope_of (mail, FALSE);
	MmMatch match = mm_config_match (mail->config, &envelope);

	return match.decided && match.policy->off;
}

void
mm_transaction_add_recipient (MmTransaction *mail)
{
	mail->n_rcpt++;
}

/* Counts @more octets; at MaxMessageSize lets go of what was kept. */
static void
grow (MmTransaction *mail, gsize more)
{
	gsize max = mm_config_settings (mail->config)->max_message_size;

	mail->size += more;
	if (mail->size <= max || mail->oversize)
		return;
	mail->oversize = TRUE;
	g_clear_pointer (&mail->builder, mm_message_builder_free);
}

/* Keeps what rules of the configuration and the log line ask for. */
static void
note_header (MmTransaction *mail, const char *name, MmBytes value)
{
	if (g_ascii_strcasecmp (name, "From") == 0 && !mail->from_seen) {
		mail->from_seen = TRUE;
		mail->header_from = mm_grammar_first_address (value);
	} else if (g_ascii_strcasecmp (name, "Received") == 0) {
		mail->received_seen = TRUE;
	} else if (g_ascii_strcasecmp (name, "Message-ID") == 0 && mail->mid == NULL) {
		MmBytes id = mm_bytes_trim (value);
		mail->mid = mm_bytes_dup (mm_bytes_sub (id, 0, MID_MAX));
	}
}

void
mm_transaction_add_header (MmTransaction *mail, const char *name, const char *lead,
                           const char *value)
{
	g_autofree char *joined = *lead != '\0' ? g_strconcat (lead, value, NULL) : NULL;
	MmBytes whole = mm_bytes_str (joined != NULL ? joined : value);
	gsize folds = 0;

	for (gsize at = 0; (at = mm_bytes_find (whole, '\n', at)) < whole.len; at++)
		folds++; /* LF here, CRLF on the wire */
	note_header (mail, name, whole);
	grow (mail, strlen (name) + strlen (":\r\n") + whole.len + folds);
	/* A builder that has failed stays failed, which is seen at the end. */
	if (mail->builder != NULL)
		mm_message_builder_add_header (mail->builder, mm_bytes_str (name), whole);
}

void
mm_transaction_add_body (MmTransaction *mail, MmBytes chunk)
{
	grow (mail, chunk.len);
	if (mail->builder != NULL && mm_message_builder_add_body (mail->builder, chunk))
		mm_scanner_feed (&mail->scanner, chunk);
}

/* ---- judging --------------------------------------------------------------------------------- */

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

static void
set_context (MmTransaction *mail)
{
	const MmSettings *settings = mm_config_settings (mail->config);

	if (settings->hostname != NULL)
		mail->hostname = g_strdup (settings->hostname);
	else if (mail->peer->mta_name != NULL)
		mail->hostname = g_strdup (mail->peer->mta_name);
	else
		mail->hostname = g_strdup (g_get_host_name ());
	mm_context_init (&mail->context, mail->hostname);
	mm_context_set_policy (&mail->context, mail->match.policy);
	mail->context.limits.message_size = settings->max_message_size;
	mail->context.smtputf8 = mail->smtputf8;
	mail->context.envelope_sender = mail->sender;
	if (settings->deadline > 0)
		mail->context.deadline =
		        g_get_monotonic_time () + settings->deadline * G_USEC_PER_SEC;
}

static MmJudgement *
judge_message (MmTransaction *mail)
{
	MmJudgeRequest request = {
		.policy = mail->match.policy,
		.dry_run = mail->match.dry_run,
		.null_sender = *mail->sender == '\0',
		.names_null = mail->match.names_null,
		.message_size_limit = mm_config_settings (mail->config)->message_size_limit,
		.want_plan = TRUE,
		.body = &mail->scanner.facts,
	};

	if (mail->oversize)
		return not_judged (mail, MM_ACTION_NONE, "message_size", NULL);
	mm_scanner_finish (&mail->scanner);
	mail->message = mm_message_builder_finish (mail->builder);
	if (mail->message == NULL)
		return not_judged (mail, MM_ACTION_ERROR, NULL, "out of memory");
	mail->size = mm_message_size (mail->message);
	set_context (mail);
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
	MmEnvelope envelope = envelope_of (mail, TRUE);
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

/* ---- the log --------------------------------------------------------------------------------- */

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
	g_autofree char *address =
	        peer->client != NULL ? g_inet_address_to_string (peer->client) : NULL;
	MmLogEntry entry = {
		.queue_id = mail->queue_id,
		.judgement = mail->judgement,
		.policy = mail->match.policy->name,
		.rule = mail->match.rule,
		.sender = mail->sender,
		.n_rcpt = mail->n_rcpt,
		.client_name = peer->client_name,
		.client_addr = address,
		.user = mail->user,
		.mid = mail->mid,
		.size = mail->size,
		.us = mail->us,
	};
	g_autofree char *line = mm_logline_format (&entry);

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

void
mm_transaction_log (MmTransaction *mail, const char *problem)
{
	MmJudgement *judgement = mail->judgement;

	if (judgement == NULL)
		return;
	if (problem != NULL) {
		judgement->action = MM_ACTION_ERROR;
		g_free (judgement->error);
		judgement->error = g_strdup (problem);
	}
	if (judgement->action == MM_ACTION_ERROR)
		log_note (mail, LOG_ERR, "error: ",
		          judgement->error != NULL ? judgement->error : "unknown");
	if (judgement->note != NULL)
		log_note (mail, LOG_DEBUG, "note: ", judgement->note);
	for (guint i = 0; judgement->reasons != NULL && i < judgement->reasons->len; i++)
		log_note (mail, LOG_DEBUG, "left: ", g_ptr_array_index (judgement->reasons, i));
	if (is_logged (mail))
		log_line (mail);
}
