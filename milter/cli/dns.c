/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns.c: asks the resolver of the milter; answers are shared between messages.
 */
#include <config.h>

#include <string.h>

#include "command-private.h"
#include "dns.h"

#define WAIT (5 * G_USEC_PER_SEC)

void
mm_dns_clear (MmDns *dns)
{
	g_clear_pointer (&dns->resolver, mm_mx_resolver_free);
}

static gboolean
start (MmDns *dns, const MmConfig *config)
{
	g_autoptr (GError) error = NULL;

	if (dns->resolver != NULL || dns->failed)
		return dns->resolver != NULL;
	dns->resolver = mm_mx_resolver_new (mm_config_settings (config)->mx_servers, &error);
	dns->failed = dns->resolver == NULL;
	if (dns->failed)
		mm_command_complain ("DNS cannot be asked: %s", error->message);
	return !dns->failed;
}

static gboolean
is_open (const MmGivenRecipient *recipient)
{
	return recipient->mx == MM_MX_PENDING;
}

static void
take (MmGivenRecipient *recipient, MmMxQuery *query)
{
	const char *const *hosts = NULL;

	recipient->mx = mm_mx_query_state (query, &hosts);
	if (recipient->mx == MM_MX_KNOWN)
		recipient->hosts = g_strdupv ((char **) hosts);
	else
		recipient->mx = MM_MX_FAILED;
}

void
mm_dns_ask (MmDns *dns, const MmConfig *config, MmGiven *given)
{
	g_autoptr (GPtrArray) queries = NULL;
	guint next = 0;

	if (given->recipients == NULL || !mm_config_asks_mx (config) || !start (dns, config))
		return;
	queries = g_ptr_array_new_with_free_func ((GDestroyNotify) mm_mx_query_unref);
	for (guint i = 0; i < given->recipients->len; i++) {
		const MmGivenRecipient *recipient = given->recipients->pdata[i];
		const char *at = strrchr (recipient->address, '@');

		if (is_open (recipient))
			g_ptr_array_add (queries,
			                 mm_mx_ask (dns->resolver, at != NULL ? at + 1 : ""));
	}
	if (queries->len == 0)
		return;
	mm_mx_wait (dns->resolver, (MmMxQuery *const *) queries->pdata, queries->len,
	            g_get_monotonic_time () + WAIT);
	for (guint i = 0; i < given->recipients->len; i++) {
		MmGivenRecipient *recipient = given->recipients->pdata[i];

		if (is_open (recipient))
			take (recipient, queries->pdata[next++]);
	}
}
