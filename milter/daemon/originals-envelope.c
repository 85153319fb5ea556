/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * originals-envelope.c: what is known of a message beside its octets, as text.
 *
 * The keys are those that mailmend(1) takes on its command line, and the values are escaped as in
 * the log line, but never cut.
 */
#include <config.h>

#include "originals.h"

static void
put (GString *out, const char *key, const char *value)
{
	g_string_append_printf (out, "%s=", key);
	for (; *value != '\0'; value++) {
		guchar c = (guchar) *value;

		if (c > ' ' && c <= '~' && c != '"' && c != '\\')
			g_string_append_c (out, (char) c);
		else
			g_string_append_printf (out, "\\x%02x", c);
	}
	g_string_append_c (out, '\n');
}

static void
put_number (GString *out, const char *key, guint64 number)
{
	g_string_append_printf (out, "%s=%" G_GUINT64_FORMAT "\n", key, number);
}

static void
put_recipient (GString *out, const MmRecipient *recipient)
{
	g_autofree char *hosts = NULL;

	put (out, "rcpt", recipient->address);
	if (recipient->next_hop != NULL)
		put (out, "nexthop", recipient->next_hop);
	if (recipient->mx != MM_MX_KNOWN)
		return;
	if (recipient->mx_hosts != NULL)
		hosts = g_strjoinv (",", (char **) recipient->mx_hosts);
	put (out, "mx", hosts != NULL ? hosts : "");
}

static void
put_client (GString *out, const MmEnvelope *envelope)
{
	g_autofree char *address =
	        envelope->client != NULL ? g_inet_address_to_string (envelope->client) : NULL;

	put (out, "client", address != NULL ? address : "");
	if (envelope->client_name != NULL)
		put (out, "host", envelope->client_name);
	if (envelope->sasl_known)
		put (out, "user", envelope->sasl_user != NULL ? envelope->sasl_user : "");
	if (envelope->local != MM_UNKNOWN)
		put (out, "local", envelope->local == MM_YES ? "yes" : "no");
}

static void
put_macros (GString *out, GHashTable *macros)
{
	g_autoptr (GList) names = macros != NULL ? g_hash_table_get_keys (macros) : NULL;

	names = g_list_sort (names, (GCompareFunc) g_strcmp0);
	for (GList *at = names; at != NULL; at = at->next) {
		const char *value = g_hash_table_lookup (macros, at->data);
		g_autofree char *macro = NULL;

		if (value == NULL)
			continue;
		macro = g_strconcat (at->data, "=", value, NULL);
		put (out, "macro", macro);
	}
}

static void
put_labels (GString *out, const char *key, const GPtrArray *labels)
{
	GString *text = g_string_new (NULL);

	for (guint i = 0; i < labels->len; i++)
		g_string_append_printf (text, "%s%s", i > 0 ? "|" : "",
		                        (const char *) g_ptr_array_index (labels, i));
	put (out, key, text->str);
	g_string_free (text, TRUE);
}

char *
mm_originals_envelope (const MmOriginal *original)
{
	const MmEnvelope *envelope = original->envelope;
	GString *out = g_string_new (NULL);

	put_number (out, "time", (guint64) original->time);
	if (envelope->sender_known)
		put (out, "from", envelope->sender);
	if (original->smtputf8)
		put (out, "smtputf8", "yes");
	for (guint i = 0; i < envelope->n_recipients; i++)
		put_recipient (out, &envelope->recipients[i]);
	put_client (out, envelope);
	put_macros (out, envelope->macros);
	put_number (out, "size", mm_message_size (original->received));
	put (out, "policy", original->match->policy->name);
	put (out, "rule", original->match->rule);
	put (out, "action", "fix");
	put_labels (out, "fixed", original->judgement->fixed);
	put_labels (out, "left", original->judgement->left);
	return g_string_free (out, FALSE);
}
