/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.c: `mailmend replay`: which messages two configurations treat differently.
 *
 * Both judge the same octets at the same time and get the same random octets, so that what differs
 * comes from the configuration.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <mailmend/grammar.h>

#include "choice.h"
#include "command-private.h"
#include "dns.h"
#include "fix-options.h"
#include "json.h"
#include "progress.h"
#include "replay.h"

#define N_RANDOM 24

static const MmUsage usage = {
	.arguments = "--config NEW PATH...",
	.summary = "Says which messages two configurations treat differently.",
	.details = "PATH is a file, '-' (standard input), an mbox, a Maildir or a folder, that of\n"
	           "KeepOriginals for one.\n"
	           "Exit status: 0 none is treated differently, 1 some are, 2 something could not be\n"
	           "read.\n",
};

static const char *const format_names[] = {"text", "json", NULL};
enum { FORMAT_TEXT, FORMAT_JSON };

typedef struct {
	MmChoiceOptions choice; /* config: the new one */
	char *against;
	char *format_name;
	gboolean wire;
	gboolean smtputf8;
	char **paths;
} Options;

static void
options_clear (Options *options)
{
	mm_choice_options_clear (&options->choice);
	g_free (options->against);
	g_free (options->format_name);
	g_strfreev (options->paths);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct {
	Options *options;
	MmConfig *old;
	MmConfig *new;
	MmContext context; /* alike for both */
	MmDns old_dns;
	MmDns new_dns;
	int format;
	guint64 messages;
	guint64 differ;
	guint64 kinds[MM_N_DIFFERS];
	int code;
} Replay;

/* ---- the envelope ----------------------------------------------------------------------------- */

/* Nothing but the fields that delivery has left. */
static gboolean
is_unsaid (const MmGiven *given)
{
	return given->from == NULL && given->recipients == NULL;
}

static void
take_field (const MmMessage *message, const char *name, const char *key, MmGiven *given)
{
	int at = mm_message_find (message, name, 0);
	g_autofree char *value = NULL;

	if (at < 0)
		return;
	value = mm_bytes_dup (mm_bytes_trim (mm_message_header (message, (guint) at)->value));
	/* What is no address gives no recipient, which is what is known then. */
	(void) mm_given_set (given, key, value, NULL);
}

/* Who delivered the message wrote down its envelope: only the newest field of a name is his. */
static void
take_delivery_fields (const MmMessage *message, MmGiven *given)
{
	take_field (message, "Return-Path", "from", given);
	if (mm_message_find (message, "X-Original-To", 0) >= 0)
		take_field (message, "X-Original-To", "rcpt", given);
	else
		take_field (message, "Delivered-To", "rcpt", given);
}

/* ---- judging ---------------------------------------------------------------------------------- */

/* The limit beyond which @message is not judged at all, the one that is met first; NULL: it is
 * within. */
static const char *
oversize_of (MmMessage *message, const MmSettings *settings)
{
	if (settings->max_message_size >= MM_LIMIT_header_block &&
	    mm_message_header_block (message).len > MM_LIMIT_header_block)
		return "header_block";
	return mm_message_size (message) > settings->max_message_size ? "message_size" : NULL;
}

/* What the milter does then: OnOversize says what becomes of it. */
static void
judge_oversize (MmOutcome *outcome, const MmGiven *given)
{
	static const MmAction actions[] = {
		[MM_ON_ACCEPT] = MM_ACTION_NONE,
		[MM_ON_TEMPFAIL] = MM_ACTION_TEMPFAIL,
		[MM_ON_REJECT] = MM_ACTION_REJECT,
		[MM_ON_QUARANTINE] = MM_ACTION_QUARANTINE,
	};
	MmOn on = outcome->match.policy->on_oversize;
	gboolean bounce = given->from != NULL && *given->from == '\0' && !outcome->match.names_null;

	outcome->would = actions[on];
	if (outcome->match.some_only || (bounce && on != MM_ON_TEMPFAIL))
		outcome->would = MM_ACTION_NONE;
	outcome->action = outcome->match.dry_run ? MM_ACTION_NONE : outcome->would;
}

static MmOutcome
judge (const Replay *replay, const MmConfig *config, MmMessage *message, MmGiven *given)
{
	const MmSettings *settings = mm_config_settings (config);
	MmOutcome outcome = {.match = mm_choice_match_config (config, message, given)};
	MmContext context = replay->context;
	MmJudgeRequest request;

	outcome.action = outcome.would =
	        outcome.match.error != NULL ? MM_ACTION_ERROR : MM_ACTION_NONE;
	if (outcome.match.error != NULL)
		return outcome;
	if (outcome.match.policy->off)
		return outcome;
	outcome.limit = oversize_of (message, settings);
	if (outcome.limit != NULL) {
		judge_oversize (&outcome, given);
		return outcome;
	}
	context.smtputf8 |= given->smtputf8 == MM_YES;
	mm_judge_prepare (settings, &outcome.match, given->from, &context, &request);
	outcome.judgement = mm_judge (message, &context, &request);
	outcome.action = outcome.judgement->action;
	outcome.would = outcome.judgement->would;
	outcome.limit = outcome.judgement->limit;
	return outcome;
}

static void
tell_error (Replay *replay, const char *name, const char *side, const MmOutcome *outcome)
{
	const char *error = outcome->match.error;

	if (error == NULL && outcome->action == MM_ACTION_ERROR && outcome->judgement != NULL)
		error = outcome->judgement->error != NULL ? outcome->judgement->error : "error";
	if (error == NULL)
		return;
	mm_command_complain ("%s: %s: %s", name, side, error);
	replay->code = MM_EXIT_TROUBLE;
}

/* ---- one message ------------------------------------------------------------------------------ */

static void
count (Replay *replay, guint differs)
{
	replay->differ++;
	for (guint i = 0; i < MM_N_DIFFERS; i++)
		replay->kinds[i] += (differs >> i) & 1;
	replay->code = MAX (replay->code, MM_EXIT_ISSUES);
}

static void
compare (Replay *replay, const char *name, MmMessage *message, MmGiven *given)
{
	g_auto (MmOutcome) old = {0};
	g_auto (MmOutcome) new = {0};
	guint differs;
	GString *out;

	mm_dns_ask (&replay->old_dns, replay->old, given);
	mm_dns_ask (&replay->new_dns, replay->new, given);
	old = judge (replay, replay->old, message, given);
	new = judge (replay, replay->new, message, given);
	tell_error (replay, name, "OLD", &old);
	tell_error (replay, name, "NEW", &new);
	differs = mm_outcome_compare (&old, &new);
	if (differs == 0)
		return;
	count (replay, differs);
	out = g_string_new (NULL);
	if (replay->format == FORMAT_JSON)
		mm_replay_json (name, &old, &new, differs, out);
	else
		mm_replay_text (name, &old, &new, differs, out);
	mm_progress_make_way ();
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
}

static void
replay_one (const MmInput *input, gpointer data)
{
	Replay *replay = data;
	g_autoptr (MmMessage) message = mm_message_new (input->wire);
	g_auto (MmGiven) stored = {0};
	MmGiven *given = mm_choice_given (&replay->options->choice, input->name, &stored);

	mm_progress_step ();
	replay->messages++;
	if (given == NULL) {
		replay->code = MM_EXIT_TROUBLE;
		return;
	}
	if (given != &stored && is_unsaid (given)) {
		mm_given_copy_peer (&stored, given);
		take_delivery_fields (message, &stored);
		given = &stored;
	}
	compare (replay, input->name, message, given);
}

/* ---- all -------------------------------------------------------------------------------------- */

static void
sum_up (const Replay *replay)
{
	GString *out = g_string_new (NULL);

	if (replay->format == FORMAT_JSON) {
		mm_json_open (out, NULL, '{');
		mm_json_number (out, "messages", replay->messages);
		mm_json_number (out, "differ", replay->differ);
		for (guint i = 0; i < MM_N_DIFFERS; i++)
			mm_json_number (out, mm_differs_name (i), replay->kinds[i]);
		mm_json_close (out, '}');
	} else {
		const char *before = ":";

		g_string_append_printf (out, "%" G_GUINT64_FORMAT " message%s, %" G_GUINT64_FORMAT
		                        " treated differently", replay->messages,
		                        replay->messages == 1 ? "" : "s", replay->differ);
		for (guint i = 0; i < MM_N_DIFFERS; i++) {
			if (replay->kinds[i] == 0)
				continue;
			g_string_append_printf (out, "%s %s %" G_GUINT64_FORMAT, before,
			                        mm_differs_name (i), replay->kinds[i]);
			before = ",";
		}
	}
	puts (out->str);
	g_string_free (out, TRUE);
}

static int
replay_all (Replay *replay)
{
	MmInputRequest request = {
		.func = replay_one,
		.data = replay,
		.as_wire = replay->options->wire,
		.max_size = MAX (mm_config_settings (replay->old)->max_message_size,
		                 mm_config_settings (replay->new)->max_message_size),
	};
	guint8 octets[N_RANDOM];
	g_autoptr (GBytes) random = NULL;

	mm_context_init (&replay->context, g_get_host_name ());
	replay->context.smtputf8 = replay->options->smtputf8;
	replay->context.random (replay->context.random_data, octets, sizeof octets);
	random = g_bytes_new (octets, sizeof octets);
	replay->context.random = mm_fixed_random;
	replay->context.random_data = random;
	mm_progress_begin ();
	for (char **path = replay->options->paths; *path != NULL; path++)
		if (!mm_input_each (*path, &request))
			replay->code = MM_EXIT_TROUBLE;
	mm_progress_end ();
	sum_up (replay);
	return mm_command_finish (replay->code);
}

/* ---- the command ------------------------------------------------------------------------------ */

static gboolean
parse (Options *options, int argc, char **argv, int *out_code)
{
	const GOptionEntry entries[] = {
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &options->choice.config,
	         "The new configuration", "NEW"},
		{"against", 0, 0, G_OPTION_ARG_FILENAME, &options->against,
	         "The old one (default: the installed one, else the shipped rules)", "OLD"},
		{"format", 0, 0, G_OPTION_ARG_FILENAME, &options->format_name,
	         "text (default), or json: one object a message", "FORMAT"},
		{"wire", 0, 0, G_OPTION_ARG_NONE, &options->wire,
	         "Judge the octets as they are, even if all lines end with LF", NULL},
		{"smtputf8", 0, 0, G_OPTION_ARG_NONE, &options->smtputf8,
	         "Judge as if the envelope said SMTPUTF8", NULL},
		MM_GIVEN_ENTRIES,
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->paths, NULL,
	         NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};

	if (!mm_command_parse_with (&usage, entries, &options->choice.given, argc, argv, out_code))
		return FALSE;
	*out_code = MM_EXIT_TROUBLE;
	if (options->choice.config == NULL)
		mm_command_complain ("replay: no --config is given; see 'mailmend replay --help'");
	else if (options->paths == NULL)
		mm_command_complain ("replay: no PATH is given; see 'mailmend replay --help'");
	return options->choice.config != NULL && options->paths != NULL;
}

int
mm_command_replay (int argc, char **argv)
{
	g_auto (Options) options = {0};
	Replay replay = {.options = &options};
	int code = MM_EXIT_TROUBLE;

	if (!parse (&options, argc, argv, &code))
		return code;
	replay.format = mm_command_choice ("--format", options.format_name, format_names);
	if (replay.format < 0)
		return MM_EXIT_TROUBLE;
	replay.new = mm_choice_load (options.choice.config);
	replay.old = options.against != NULL ? mm_choice_load (options.against)
	                                     : mm_choice_load_installed (NULL);
	if (replay.old != NULL && replay.new != NULL)
		code = replay_all (&replay);
	mm_dns_clear (&replay.old_dns);
	mm_dns_clear (&replay.new_dns);
	g_clear_pointer (&replay.old, mm_config_unref);
	g_clear_pointer (&replay.new, mm_config_unref);
	return code;
}
