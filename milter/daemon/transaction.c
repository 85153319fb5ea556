/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction.c: one message from MAIL to end of message, without libmilter.
 *
 * What rules of the configuration ask for is noted while headers pass, not read from the buffered
 * message: a message that was too large to keep has a sender, a From and a line in the log too.
 */
#include <config.h>

#include <mailmend/grammar.h>

#include "metrics.h"
#include "transaction-private.h"

/* Octets of a field that are kept for the log. */
#define LOGGED_MAX 1000

void
mm_peer_clear (MmPeer *peer)
{
	g_clear_pointer (&peer->mta_name, g_free);
	g_clear_pointer (&peer->client_name, g_free);
	g_clear_object (&peer->client);
	peer->pretended = FALSE;
}

static char *
without_brackets (const char *path)
{
	gsize len = strlen (path);

	if (len >= 2 && path[0] == '<' && path[len - 1] == '>')
		return g_strndup (path + 1, len - 2);
	return g_strdup (path);
}

/* sendmail(1): only there Postfix makes the client up, the queue file exists before MAIL, and the
 * address comes as pickup read it. Sendmail's command hands its message in by SMTP from this host, and
 * only Sendmail knows the queue id at MAIL of SMTP: then the header says more. Never by client address
 * alone: what a content filter on loopback hands back is not local. */
static MmTruth
local_of (const MmPeer *peer, const char *path, const char *queue_id)
{
	if (queue_id == NULL || *path == '\0')
		return MM_NO;
	if (peer->pretended)
		return *path != '<' ? MM_YES : MM_NO;
	if (peer->client != NULL && g_inet_address_get_is_loopback (peer->client))
		return MM_UNKNOWN;
	return MM_NO;
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
	mail->local = local_of (peer, path, queue_id);
	for (guint i = 1; *path != '\0' && arguments[i] != NULL; i++) {
		if (g_ascii_strcasecmp (arguments[i], "SMTPUTF8") == 0)
			mail->smtputf8 = TRUE;
	}
	mm_transaction_envelope_init (mail);
	mail->size = strlen ("\r\n");
	mm_metrics_add (mm_server_metrics (server), MM_COUNT_MESSAGES_OPEN, 1);
	return mail;
}

void
mm_transaction_free (MmTransaction *mail)
{
	if (mail == NULL)
		return;
	mm_metrics_subtract (mm_server_metrics (mail->server), MM_COUNT_MESSAGES_OPEN, 1);
	g_clear_pointer (&mail->judgement, mm_judgement_free);
	g_clear_pointer (&mail->message, mm_message_unref);
	g_clear_pointer (&mail->builder, mm_message_builder_free);
	mm_transaction_envelope_clear (mail);
	mm_config_unref (mail->config);
	g_free (mail->sender);
	g_free (mail->user);
	g_free (mail->mid);
	g_free (mail->program);
	g_free (mail->header_from);
	g_free (mail->queue_id);
	g_free (mail->answer.text);
	mm_match_clear (&mail->match);
	g_free (mail);
}

MmMessageBuilder *
mm_transaction_builder (MmTransaction *mail)
{
	const MmSettings *settings = mm_config_settings (mail->config);

	/* Not before there is anything: the policy "off" is answered at MAIL. */
	if (mail->builder == NULL && mail->oversize == NULL)
		mail->builder = mm_message_builder_new (settings->spool_threshold,
		                                        settings->spool_folder);
	return mail->builder;
}

/* Beyond @max octets lets go of what was kept. */
static void
bound (MmTransaction *mail, gsize octets, gsize max, const char *limit)
{
	if (octets <= max || mail->oversize != NULL)
		return;
	mail->oversize = limit;
	g_clear_pointer (&mail->builder, mm_message_builder_free);
}

/* Counts @more octets. */
static void
grow (MmTransaction *mail, gsize more)
{
	mail->size += more;
	bound (mail, mail->size, mm_config_settings (mail->config)->max_message_size,
	       "message_size");
}

/* Whether a Received field is the one that Sendmail's command writes: "(from USER@localhost) by HOST
 * ...", where it knows of no client. Another host's command would name another HOST. */
static gboolean
is_of_command (MmBytes value, const char *host)
{
	MmBytes rest = mm_bytes_trim (value), user;
	gsize end;

	if (host == NULL || !mm_bytes_has_prefix (rest, "(from "))
		return FALSE;
	end = mm_bytes_find (rest, ')', 0);
	user = mm_bytes_sub (rest, 0, end);
	rest = mm_bytes_trim (mm_bytes_sub (rest, end + 1, rest.len));
	if (user.len < strlen ("@localhost") || !mm_bytes_has_prefix (rest, "by "))
		return FALSE;
	rest = mm_bytes_trim (mm_bytes_sub (rest, strlen ("by "), rest.len));
	for (end = 0; end < rest.len && !mm_is_space (rest.data[end]);)
		end++;
	user = mm_bytes_sub (user, user.len - strlen ("@localhost"), user.len);
	return mm_bytes_is (user, "@localhost") && mm_bytes_is (mm_bytes_sub (rest, 0, end), host);
}

/* The command's field is the only one, for nobody has had the message in between. */
static void
note_received (MmTransaction *mail, MmBytes value)
{
	if (mail->local == MM_UNKNOWN &&
	    (mail->received_seen || !is_of_command (value, mail->peer->mta_name)))
		mail->local = MM_NO;
	mail->received_seen = TRUE;
}

static char *
for_log (MmBytes value)
{
	return mm_bytes_dup (mm_bytes_sub (mm_bytes_trim (value), 0, LOGGED_MAX));
}

/* Keeps what rules of the configuration and the log line ask for. */
static void
note_header (MmTransaction *mail, const char *name, MmBytes value)
{
	MmBytes field = mm_bytes_str (name);

	if (mm_bytes_is (field, "From") && !mail->from_seen) {
		mail->from_seen = TRUE;
		mail->header_from = mm_grammar_first_address (value);
	} else if (mm_bytes_is (field, "Received")) {
		note_received (mail, value);
	} else if (mm_bytes_is (field, "Message-ID") && mail->mid == NULL) {
		mail->mid = for_log (value);
	} else if (mm_config_settings (mail->config)->log_program && mail->program == NULL &&
	           (mm_bytes_is (field, "X-Mailer") || mm_bytes_is (field, "User-Agent"))) {
		mail->program = for_log (value);
	}
}

void
mm_transaction_add_header (MmTransaction *mail, const char *name, const char *lead,
                           const char *value)
{
	g_autofree char *joined = *lead != '\0' ? g_strconcat (lead, value, NULL) : NULL;
	MmBytes whole = mm_bytes_str (joined != NULL ? joined : value);
	MmMessageBuilder *builder;
	gsize folds = 0;

	for (gsize at = 0; (at = mm_bytes_find (whole, '\n', at)) < whole.len; at++)
		folds++; /* LF here, CRLF on the wire */
	note_header (mail, name, whole);
	grow (mail, strlen (name) + strlen (":\r\n") + whole.len + folds);
	bound (mail, mail->size - strlen ("\r\n"), MM_LIMIT_header_block, "header_block");
	/* A builder that has failed stays failed, which is seen at the end. */
	builder = mm_transaction_builder (mail);
	if (builder != NULL)
		mm_message_builder_add_header (builder, mm_bytes_str (name), whole);
}

void
mm_transaction_add_body (MmTransaction *mail, MmBytes chunk)
{
	MmMessageBuilder *builder;

	grow (mail, chunk.len);
	builder = mm_transaction_builder (mail);
	if (builder != NULL)
		mm_message_builder_add_body (builder, chunk);
}
