/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction-envelope.c: who gets a message, the MTA's macros, and which rule it falls under.
 *
 * DNS is asked when a recipient comes, so that its answer is there when the message ends. Only then
 * may a callback wait for it, and only if a rule cannot be decided without.
 */
#include <config.h>

#include "metrics.h"
#include "transaction-private.h"

void
mm_transaction_envelope_init (MmTransaction *mail)
{
	mail->recipients = g_array_new (FALSE, TRUE, sizeof (MmRecipient));
	mail->queries = g_ptr_array_new ();
	mail->strings = g_string_chunk_new (256);
	/* Few configurations ask for what these hold: they are made when there is something. */
	mail->domains = NULL;
	mail->macros = NULL;
}

void
mm_transaction_envelope_clear (MmTransaction *mail)
{
	g_array_unref (mail->recipients);
	g_ptr_array_unref (mail->queries);
	g_string_chunk_free (mail->strings);
	g_clear_pointer (&mail->domains, g_hash_table_unref);
	g_clear_pointer (&mail->macros, g_hash_table_unref);
}

/* ---- gathering ------------------------------------------------------------------------------- */

/* Asks for the domain of @address, once a message. NULL: there is nothing to ask, or nobody.
 * (transfer none) */
static MmMxQuery *
ask_mx (MmTransaction *mail, const char *address)
{
	const char *at = strrchr (address, '@');
	g_autofree char *domain = NULL;
	MmMxResolver *resolver;
	MmMxQuery *query;

	if (!mm_config_asks_mx (mail->config))
		return NULL;
	if (mail->domains == NULL)
		mail->domains = g_hash_table_new_full (mm_str_hash, g_str_equal, g_free,
		                                       (GDestroyNotify) mm_mx_query_unref);
	domain = at != NULL ? g_ascii_strdown (at + 1, -1) : g_strdup ("");
	query = g_hash_table_lookup (mail->domains, domain);
	if (query != NULL)
		return query;
	resolver = mm_server_mx (mail->server);
	if (resolver == NULL)
		return NULL;
	query = mm_mx_ask (resolver, domain);
	g_hash_table_insert (mail->domains, g_steal_pointer (&domain), query);
	return query;
}

/* A copy that lives as long as the message. */
static const char *
keep (MmTransaction *mail, const char *text, gsize len)
{
	mail->octets += len;
	return g_string_chunk_insert_len (mail->strings, text, (gssize) len);
}

void
mm_transaction_add_recipient (MmTransaction *mail, const char *path, const char *next_hop)
{
	gsize len = strlen (path);
	gsize hop_len = next_hop != NULL ? strlen (next_hop) : 0;
	MmRecipient recipient = {.mx = MM_MX_PENDING};

	mail->n_rcpt++;
	if (mail->recipients->len >= MM_LIMIT_recipients || len + hop_len > MM_LIMIT_recipient_octets - mail->octets) {
		mail->too_many = mm_config_asks_recipients (mail->config);
		return;
	}
	if (len >= 2 && path[0] == '<' && path[len - 1] == '>')
		recipient.address = keep (mail, path + 1, len - 2);
	else
		recipient.address = keep (mail, path, len);
	if (hop_len > 0)
		recipient.next_hop = keep (mail, next_hop, hop_len);
	g_array_append_val (mail->recipients, recipient);
	g_ptr_array_add (mail->queries, ask_mx (mail, recipient.address));
}

const char *const *
mm_transaction_macros (const MmTransaction *mail)
{
	return mm_config_macros (mail->config);
}

/* What was known earlier stays: a rule that was decided by it stays decided. */
void
mm_transaction_set_macro (MmTransaction *mail, const char *name, const char *value)
{
	if (mail->macros == NULL)
		mail->macros = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
	if (!g_hash_table_contains (mail->macros, name))
		g_hash_table_insert (mail->macros, g_strdup (name), g_strndup (value, MM_LIMIT_macro_value));
}

/* ---- matching -------------------------------------------------------------------------------- */

/* Takes the answers of DNS that have come. */
static void
take_answers (const MmTransaction *mail)
{
	for (guint i = 0; i < mail->recipients->len; i++) {
		MmRecipient *recipient = &g_array_index (mail->recipients, MmRecipient, i);
		MmMxQuery *query = mail->queries->pdata[i];

		if (query != NULL)
			recipient->mx = mm_mx_query_state (query, &recipient->mx_hosts);
	}
}

/* Undecided until the header is there: see transaction.c. */
static MmTruth
is_local (const MmTransaction *mail, gboolean complete)
{
	if (mail->local != MM_UNKNOWN || !complete)
		return mail->local;
	return mail->received_seen ? MM_YES : MM_NO;
}

MmEnvelope
mm_transaction_envelope (const MmTransaction *mail, gboolean complete)
{
	if (complete)
		take_answers (mail);
	return (MmEnvelope){
		.client = mail->peer->client,
		.client_name = mail->peer->client_name,
		.local = is_local (mail, complete),
		.sasl_known = TRUE,
		.sasl_user = mail->user,
		.sender_known = TRUE,
		.sender = mail->sender,
		.headers_known = complete,
		.header_from = mail->header_from,
		.first_hop = !complete ? MM_UNKNOWN : mail->received_seen ? MM_NO : MM_YES,
		.recipients_known = complete,
		.recipients = (const MmRecipient *) (const void *) mail->recipients->data,
		.n_recipients = complete ? mail->recipients->len : 0,
		.size_known = complete,
		.size = mail->size,
		.macros_known = complete,
		.macros = mail->macros,
	};
}

gboolean
mm_transaction_is_off (const MmTransaction *mail)
{
	MmEnvelope envelope = mm_transaction_envelope (mail, FALSE);
	g_auto (MmMatch) match = mm_config_match (mail->config, &envelope);

	return match.decided && match.error == NULL && match.policy->off;
}

/* As long as MxWait allows. */
static void
wait_for_mx (const MmTransaction *mail)
{
	guint wait = mm_config_settings (mail->config)->mx_wait;
	g_autoptr (GPtrArray) queries = g_ptr_array_new ();
	MmMetrics *metrics = mm_server_metrics (mail->server);
	gint64 start = g_get_monotonic_time ();
	GHashTableIter iter;
	gpointer query;

	if (mail->domains == NULL)
		return;
	g_hash_table_iter_init (&iter, mail->domains);
	while (g_hash_table_iter_next (&iter, NULL, &query))
		g_ptr_array_add (queries, query);
	if (queries->len == 0 || wait == 0)
		return;
	mm_mx_wait (mm_server_mx (mail->server), (MmMxQuery *const *) queries->pdata, queries->len,
	            start + wait * G_GINT64_CONSTANT (1000));
	mm_metrics_add (metrics, MM_COUNT_DNS_WAITS, 1);
	mm_metrics_add (metrics, MM_COUNT_DNS_WAIT_US, (gsize) (g_get_monotonic_time () - start));
}

void
mm_transaction_match (MmTransaction *mail)
{
	MmEnvelope envelope = mm_transaction_envelope (mail, TRUE);

	mail->match = mm_config_match (mail->config, &envelope);
	if (!mail->match.decided) {
		if (mail->match.mx_missing)
			wait_for_mx (mail);
		mm_match_clear (&mail->match);
		envelope = mm_transaction_envelope (mail, TRUE);
		envelope.final = TRUE;
		mail->match = mm_config_match (mail->config, &envelope);
	}
	if (mail->match.mx_missing)
		mm_metrics_add (mm_server_metrics (mail->server), MM_COUNT_DNS_UNKNOWN, 1);
	/* Those that were not kept might be others than the rule is meant for. */
	if (mail->too_many)
		mail->match.some_only = TRUE;
}
