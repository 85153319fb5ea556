/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * choice.c: which policy the command line asks for.
 */
#include <config.h>

#include <string.h>

#include <mailmend/grammar.h>

#include "choice.h"
#include "command-private.h"
#include "input.h"

void
mm_choice_options_clear (MmChoiceOptions *options)
{
	g_clear_pointer (&options->config, g_free);
	g_clear_pointer (&options->policy, g_free);
	mm_given_clear (&options->given);
}

static MmConfig *
load (const char *path, gboolean warn)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	MmConfig *config = path != NULL ? mm_config_load (path, problems)
	                                : mm_config_new_default ();

	for (guint i = 0; (config == NULL || warn) && i < problems->len; i++)
		mm_command_complain ("%s", (const char *) problems->pdata[i]);
	return config;
}

MmConfig *
mm_choice_load (const char *path)
{
	return load (path, TRUE);
}

MmConfig *
mm_choice_load_installed (const char **out_path)
{
	static const char path[] = SYSCONFDIR "/mailmend/mailmend.conf";
	gboolean exists = !mm_config_is_missing (path);

	if (out_path != NULL)
		*out_path = exists ? path : NULL;
	return mm_choice_load (exists ? path : NULL);
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

gboolean
mm_choice_init (MmChoice *choice, MmChoiceOptions *options, const char *fallback)
{
	const char *name = options->policy != NULL ? options->policy : fallback;

	*choice = (MmChoice){.options = options};
	if (options->config == NULL && name == NULL)
		return TRUE;
	/* Who names a policy asks no rule; warnings are of rules, and of policies that none names. */
	choice->config = load (options->config, name == NULL);
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
}

const MmSettings *
mm_choice_settings (const MmChoice *choice)
{
	return choice->options->config != NULL ? mm_config_settings (choice->config) : NULL;
}

/* ---- which policy ----------------------------------------------------------------------------- */

/* NULL: there is none. (transfer full) */
static char *
first_from (const MmMessage *message)
{
	int at = mm_message_find (message, "From", 0);

	return at >= 0 ? mm_grammar_first_address (mm_message_header (message, (guint) at)->value)
	               : NULL;
}

static gboolean
has_received (const MmMessage *message)
{
	return mm_message_find (message, "Received", 0) >= 0;
}

MmMatch
mm_choice_match_config (const MmConfig *config, const MmMessage *message, MmGiven *given)
{
	g_autofree char *address = first_from (message);
	MmEnvelope envelope = mm_given_envelope_complete (given);

	envelope.headers_known = TRUE;
	envelope.header_from = address;
	envelope.first_hop = has_received (message) ? MM_NO : MM_YES;
	envelope.size_known = TRUE;
	envelope.size = mm_message_size (message);
	envelope.final = TRUE;
	return mm_config_match (config, &envelope);
}

MmMatch
mm_choice_match (const MmChoice *choice, const MmMessage *message, MmGiven *given)
{
	if (choice->policy != NULL)
		return (MmMatch){.decided = TRUE, .policy = choice->policy};
	return mm_choice_match_config (choice->config, message, given);
}

/* ---- envelopes that KeepOriginals left -------------------------------------------------------- */

/* "QUEUEID.envelope" for "QUEUEID.eml" or the other way round, if it is there. (transfer full) */
static char *
companion (const char *path, const char *end, const char *other)
{
	g_autofree char *stem = NULL;
	g_autofree char *name = NULL;

	if (!g_str_has_suffix (path, end))
		return NULL;
	stem = g_strndup (path, strlen (path) - strlen (end));
	name = g_strconcat (stem, other, NULL);
	return g_file_test (name, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&name) : NULL;
}

MmGiven *
mm_choice_given (MmChoiceOptions *options, const char *path, MmGiven *stored)
{
	g_autofree char *envelope = companion (path, ".eml", ".envelope");
	g_autoptr (GError) error = NULL;

	*stored = (MmGiven){0};
	if (envelope == NULL)
		return &options->given;
	if (mm_given_read (stored, envelope, &error))
		return stored;
	mm_command_complain ("%s", error->message);
	return NULL;
}

static void
take_fields (const MmInput *input, gpointer data)
{
	MmGiven *given = data;
	g_autoptr (MmMessage) message = mm_message_new (input->wire);
	g_autofree char *from = first_from (message);

	if (given->header_from == NULL)
		mm_given_set (given, "header-from", from != NULL ? from : "", NULL);
	if (!given->has_received)
		mm_given_set (given, "received", has_received (message) ? "yes" : "no", NULL);
}

gboolean
mm_choice_take_fields (MmGiven *given, const char *path)
{
	g_autofree char *message = companion (path, ".envelope", ".eml");
	const MmInputRequest request = {
		.func = take_fields,
		.data = given,
		.max_size = mm_limits_default ().message_size,
		.one = TRUE,
	};

	return message == NULL || mm_input_each (message, &request);
}
