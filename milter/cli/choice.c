/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * choice.c: which policy the command line asks for.
 */
#include <config.h>

#include <mailmend/grammar.h>

#include "choice.h"
#include "command-private.h"

void
mm_choice_options_clear (MmChoiceOptions *options)
{
	g_clear_pointer (&options->config, g_free);
	g_clear_pointer (&options->policy, g_free);
	g_clear_pointer (&options->from, g_free);
	g_clear_pointer (&options->client, g_free);
	g_clear_pointer (&options->user, g_free);
	g_clear_pointer (&options->rcpt, g_strfreev);
}

char *
mm_choice_address (const char *path)
{
	gsize len = strlen (path);

	if (len >= 2 && path[0] == '<' && path[len - 1] == '>')
		return g_strndup (path + 1, len - 2);
	return g_strdup (path);
}

static MmConfig *
load (const char *path)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	MmConfig *config = path != NULL ? mm_config_load (path, problems)
	                                : mm_config_new_default ();

	for (guint i = 0; i < problems->len; i++)
		mm_command_complain ("%s", (const char *) problems->pdata[i]);
	return config;
}

static const MmPolicy *
find_policy (const MmConfig *config, const char *name)
{
	const MmPolicy *policy = mm_config_policy (config, name);
	g_autoptr (GPtrArray) names = NULL;
	g_autofree char *known = NULL;

	if (policy != NULL)
		return policy;
	names = mm_config_policy_names (config);
	g_ptr_array_add (names, NULL);
	known = g_strjoinv (", ", (char **) names->pdata);
	mm_command_complain ("there is no policy '%s'; there are: %s", name, known);
	return NULL;
}

static gboolean
read_client (MmChoice *choice, const char *text)
{
	if (text == NULL)
		return TRUE;
	choice->client = g_inet_address_new_from_string (text);
	if (choice->client == NULL)
		mm_command_complain ("--client: '%s' is no IP address", text);
	return choice->client != NULL;
}

gboolean
mm_choice_init (MmChoice *choice, const MmChoiceOptions *options, const char *fallback)
{
	const char *name = options->policy != NULL ? options->policy : fallback;

	*choice = (MmChoice){.options = options};
	if (options->from != NULL)
		choice->sender = mm_choice_address (options->from);
	if (!read_client (choice, options->client))
		return FALSE;
	if (options->config == NULL && name == NULL)
		return TRUE;
	choice->config = load (options->config);
	if (choice->config == NULL)
		return FALSE;
	if (name != NULL)
		choice->policy = find_policy (choice->config, name);
	return name == NULL || choice->policy != NULL;
}

void
mm_choice_clear (MmChoice *choice)
{
	g_clear_pointer (&choice->config, mm_config_unref);
	g_clear_pointer (&choice->sender, g_free);
	g_clear_object (&choice->client);
}

const MmSettings *
mm_choice_settings (const MmChoice *choice)
{
	return choice->options->config != NULL ? mm_config_settings (choice->config) : NULL;
}

/* What is not given does not exist: then every condition can be decided. */
const MmPolicy *
mm_choice_policy (const MmChoice *choice, const MmMessage *message)
{
	int from = mm_message_find (message, "From", 0);
	g_autofree char *address = NULL;
	g_auto (MmMatch) match = {0};
	MmEnvelope envelope = {
		.client = choice->client,
		.local = MM_NO,
		.sasl_known = TRUE,
		.sasl_user = choice->options->user,
		.sender_known = TRUE,
		.sender = choice->sender,
		.headers_known = TRUE,
		.first_hop = mm_message_find (message, "Received", 0) < 0 ? MM_YES : MM_NO,
	};

	if (choice->policy != NULL || choice->config == NULL)
		return choice->policy;
	if (from >= 0)
		address = mm_grammar_first_address (
		        mm_message_header (message, (guint) from)->value);
	envelope.header_from = address;
	match = mm_config_match (choice->config, &envelope);
	return match.policy;
}
