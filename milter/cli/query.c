/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query.c: `mailmend query`: which rule and policy a message gets, and why.
 *
 * What is not given is not known, and then the answer may be that more must be. The client is the
 * exception in the library, where it is known from the start; here it need not be.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "choice.h"
#include "command-private.h"
#include "dns.h"
#include "query.h"

static const MmUsage usage = {
	.arguments = "KEY=VALUE... | @FILE",
	.summary = "Says which rule and policy a message gets, and why.",
	.details = "KEY is from, client, host, user, rcpt (may be repeated), nexthop and mx (of the\n"
	           "rcpt before them), local, received, header-from, macro ({NAME}=VALUE) or size.\n"
	           "What is not given is not known. @FILE has such lines, and is complete.\n"
	           "Exit status: 0 decided, 1 more must be known, 2 it could not be done.\n",
};

static const char *const format_names[] = {"text", "json", NULL};

static void (*const formats[]) (const MmQuery *query, GString *out) = {
	mm_query_text,
	mm_query_json,
};

/* ---- what was given --------------------------------------------------------------------------- */

static gboolean
take_argument (MmQuery *query, const char *argument, GError **error)
{
	const char *equals = strchr (argument, '=');
	g_autofree char *key = NULL;

	if (*argument == '@') {
		query->complete = TRUE;
		return mm_given_read (query->given, argument + 1, error);
	}
	if (equals == NULL) {
		g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		             "'%s' is not written as KEY=VALUE", argument);
		return FALSE;
	}
	key = g_strndup (argument, (gsize) (equals - argument));
	return mm_given_add (query->given, key, equals + 1, error);
}

/* What is given beats what the message beside a file says, wherever it stands. */
static gboolean
take_arguments (MmQuery *query, char **arguments)
{
	for (char **one = arguments; *one != NULL; one++) {
		g_autoptr (GError) error = NULL;

		if (!take_argument (query, *one, &error)) {
			mm_command_complain ("query: %s; see 'mailmend query --help'",
			                     error->message);
			return FALSE;
		}
	}
	for (char **one = arguments; *one != NULL; one++)
		if (**one == '@' && !mm_choice_take_fields (query->given, *one + 1))
			return FALSE;
	return TRUE;
}

/* ---- matching --------------------------------------------------------------------------------- */

static gboolean
knows_client (const MmQuery *query)
{
	return query->complete || query->given->has_client;
}

/* TRUE if a value of Client is one that a host name can fit: a name, a regex, a table. */
static gboolean
may_be_host (const char *value)
{
	gboolean letters = FALSE;

	value += strspn (value, "! \t");
	if (*value == '/' || g_str_has_prefix (value, "TABLE:") ||
	    g_str_has_prefix (value, "lmdb:"))
		return TRUE;
	for (const char *c = value; *c != '\0'; c++)
		letters = letters || g_ascii_isalpha (*c);
	return letters && strchr (value, ':') == NULL && !g_str_equal (value, "TRUSTED");
}

static gboolean
asks_for_host (const char *text)
{
	g_auto (GStrv) values = g_strsplit_set (text != NULL ? text : "", ", \t", -1);

	for (guint i = 0; values[i] != NULL; i++)
		if (may_be_host (values[i]))
			return TRUE;
	return FALSE;
}

/* Without the host name a value with '!' may still fit, and any other that did not. */
static gboolean
needs_host (const MmQuery *query, const MmConditionAnswer *one)
{
	return !query->complete && query->given->host == NULL && asks_for_host (one->text) &&
	       (one->truth == MM_NO || strchr (one->text, '!') != NULL);
}

/* A condition on a client that is not known says neither yes nor no. */
static void
forget_client (const MmQuery *query, MmRuleAnswer *answer)
{
	gboolean others = TRUE;
	gboolean open = FALSE;

	for (guint i = 0; i < answer->conditions->len; i++) {
		MmConditionAnswer *one =
			&g_array_index (answer->conditions, MmConditionAnswer, i);

		if (g_str_equal (one->key, "Client") &&
		    (!knows_client (query) || needs_host (query, one))) {
			one->truth = MM_UNKNOWN;
			open = TRUE;
		} else if (one->truth == MM_NO) {
			others = FALSE;
		}
	}
	if (open && others)
		answer->matches = MM_UNKNOWN;
}

static void
add_need (GPtrArray *needs, const char *key)
{
	for (guint i = 0; i < needs->len; i++)
		if (g_str_equal (needs->pdata[i], key))
			return;
	g_ptr_array_add (needs, (gpointer) key);
}

static void
add_needs_of (MmQuery *query, const MmConditionAnswer *one)
{
	const char *key = mm_query_key_of (one->key);
	gboolean is_client = g_str_equal (key, "client");
	gboolean no_rcpt = query->given->recipients == NULL;

	/* Of a recipient DNS is asked, and a next hop stands behind one. */
	if (no_rcpt && (g_str_equal (key, "mx") || g_str_equal (key, "nexthop")))
		add_need (query->needs, "rcpt");
	if (no_rcpt && g_str_equal (key, "mx"))
		return;
	if (!is_client || !knows_client (query))
		add_need (query->needs, key);
	if (is_client && query->given->host == NULL && asks_for_host (one->text))
		add_need (query->needs, "host");
}

/* All that may decide: what is not known of the rules before the first that certainly fits. */
static void
collect_needs (MmQuery *query)
{
	for (guint i = 0; i < query->answers->len; i++) {
		const MmRuleAnswer *answer = query->answers->pdata[i];

		if (answer->matches == MM_YES)
			return;
		for (guint k = 0; answer->matches == MM_UNKNOWN && k < answer->conditions->len;
		     k++) {
			const MmConditionAnswer *one =
				&g_array_index (answer->conditions, MmConditionAnswer, k);

			if (one->truth == MM_UNKNOWN)
				add_needs_of (query, one);
		}
	}
}

/* The first rule that is not certainly out: if it may fit, nothing can be said. */
static void
decide (MmQuery *query)
{
	const MmRuleAnswer *first = NULL;

	for (guint i = 0; i < query->answers->len; i++) {
		MmRuleAnswer *answer = query->answers->pdata[i];

		forget_client (query, answer);
		answer->decided_here = first == NULL && answer->matches == MM_YES;
		if (first == NULL && answer->matches != MM_NO)
			first = answer;
	}
	if (first != NULL && first->matches == MM_YES && query->match.decided)
		return;
	query->match.decided = FALSE;
	collect_needs (query);
}

/* What the milter knows when it must say so: all that comes before the recipients. */
static gboolean
is_decided_at_mail (const MmQuery *query, MmEnvelope envelope)
{
	g_auto (MmMatch) match = {0};

	envelope.headers_known = FALSE;
	envelope.first_hop = MM_UNKNOWN;
	envelope.recipients_known = FALSE;
	envelope.n_recipients = 0;
	envelope.size_known = FALSE;
	envelope.macros_known = FALSE;
	envelope.final = FALSE;
	match = mm_config_match (query->config, &envelope);
	return match.decided && match.policy->off;
}

static gboolean
dns_has_failed (const MmGiven *given)
{
	for (guint i = 0; given->recipients != NULL && i < given->recipients->len; i++)
		if (((const MmGivenRecipient *) given->recipients->pdata[i])->mx == MM_MX_FAILED)
			return TRUE;
	return FALSE;
}

static gboolean
asks_for (const GPtrArray *answers, const char *key)
{
	for (guint i = 0; i < answers->len; i++) {
		const MmRuleAnswer *answer = answers->pdata[i];

		for (guint k = 0; k < answer->conditions->len; k++)
			if (g_str_equal (g_array_index (answer->conditions, MmConditionAnswer, k).key,
			                 key))
				return TRUE;
	}
	return FALSE;
}

static void
ask (MmQuery *query)
{
	g_auto (MmDns) dns = {0};
	MmEnvelope envelope;

	mm_dns_ask (&dns, query->config, query->given);
	envelope = query->complete ? mm_given_envelope_complete (query->given)
	                           : mm_given_envelope (query->given);
	query->match = mm_config_match (query->config, &envelope);
	query->answers = mm_config_explain (query->config, &envelope);
	query->needs = g_ptr_array_new ();
	decide (query);
	if (query->match.decided)
		query->settings = mm_query_settings (query->config, query->match.policy->name);
	query->dns_failed = dns_has_failed (query->given);
	query->has_nexthop = asks_for (query->answers, "NextHop");
	if (query->match.decided && query->match.policy->off)
		query->at_mail = is_decided_at_mail (query, envelope);
}

/* ---- the command ------------------------------------------------------------------------------ */

static int
answer (MmQuery *query, int format)
{
	GString *out = g_string_new (NULL);
	int code;

	ask (query);
	formats[format](query, out);
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
	code = query->match.decided ? MM_EXIT_FINE : MM_EXIT_ISSUES;
	if (query->match.error != NULL)
		code = MM_EXIT_TROUBLE;
	mm_match_clear (&query->match);
	g_ptr_array_unref (query->answers);
	g_ptr_array_unref (query->needs);
	g_clear_pointer (&query->settings, g_ptr_array_unref);
	return mm_command_finish (code);
}

int
mm_command_query (int argc, char **argv)
{
	g_autofree char *path = NULL;
	g_autofree char *format_name = NULL;
	g_auto (GStrv) arguments = NULL;
	const GOptionEntry entries[] = {
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &path,
	         "Ask this configuration (default: the installed one)", "FILE"},
		{"format", 0, 0, G_OPTION_ARG_FILENAME, &format_name, "text (default) or json",
	         "FORMAT"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	g_auto (MmGiven) given = {0};
	g_autoptr (MmConfig) config = NULL;
	MmQuery query = {.given = &given};
	int format;
	int code;

	if (!mm_command_parse (&usage, entries, argc, argv, &code))
		return code;
	format = mm_command_choice ("--format", format_name, format_names);
	if (format < 0 || (arguments != NULL && !take_arguments (&query, arguments)))
		return MM_EXIT_TROUBLE;
	config = path != NULL ? mm_choice_load (path) : mm_choice_load_installed (NULL);
	if (config == NULL)
		return MM_EXIT_TROUBLE;
	query.config = config;
	return answer (&query, format);
}
