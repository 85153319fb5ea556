/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check.c: `mailmend check`: says what is wrong with mail.
 *
 * One message is read, judged, shown and forgotten before the next, so that a folder of any size
 * can be checked.
 */
#include <config.h>

#include <stdio.h>

#include <mailmend/judge.h>

#include "bounce.h"
#include "choice.h"
#include "command-private.h"
#include "dns.h"
#include "input.h"
#include "progress.h"
#include "report.h"

static const MmUsage usage = {
	.arguments = "PATH...",
	.summary = "Says what is wrong with mail: one line a finding.",
	.details = "PATH is a file, '-' (standard input), an mbox, a Maildir or a folder.\n"
	           "Of a bounce, what is wrong with the message it carries is told too, and what "
	           "the reply in it may mean; that does not count for the exit status.\n"
	           "Exit status: 0 no error or warning, 1 some, 2 something could not be read, or "
	           "a folder has no message.\n",
};

static const char *const form_names[] = {"text", "json", "junit", "sarif", NULL};

static const MmReportForm *const forms[] = {
	&mm_report_text,
	&mm_report_json,
	&mm_report_junit,
	&mm_report_sarif,
};

typedef struct {
	char *format;
	gboolean wire;
	gboolean notices;
	gboolean smtputf8;
	gboolean bounce;
	char **paths;
} Options;

static void
options_clear (Options *options)
{
	g_free (options->format);
	g_strfreev (options->paths);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct {
	const Options *options;
	MmChoice choice;
	MmContext context;
	MmDns dns;
	const MmReportForm *form;
	const MmBounce *carried_by; /* with --bounce: the bounce whose message is looked at */
	MmReportRun run;
	int code;
} Checker;

/* The envelope is for rules, which who names a policy does not ask; a policy asks for its sender. */
static gboolean
is_envelope_used (const MmChoiceOptions *choice)
{
	const char *key = mm_given_first (&choice->given, choice->policy != NULL ? "from" : NULL);

	if (key == NULL || (choice->config != NULL && choice->policy == NULL))
		return TRUE;
	if (choice->policy != NULL)
		mm_command_complain ("check: --%s and --policy exclude each other: only rules ask "
		                     "for it", key);
	else
		mm_command_complain ("check: --%s needs --config: only its rules ask for it", key);
	return FALSE;
}

static gboolean
parse (Options *options, MmChoiceOptions *choice, int argc, char **argv, int *out_code)
{
	const GOptionEntry entries[] = {
		{"format", 0, 0, G_OPTION_ARG_FILENAME, &options->format,
	         "text (default), json (one object a message), junit or sarif", "FORMAT"},
		{"wire", 0, 0, G_OPTION_ARG_NONE, &options->wire,
	         "Judge the octets as they are, even if all lines end with LF", NULL},
		{"notices", 0, 0, G_OPTION_ARG_NONE, &options->notices,
	         "Show what is odd but harmless, too", NULL},
		{"smtputf8", 0, 0, G_OPTION_ARG_NONE, &options->smtputf8,
	         "Judge as if the envelope said SMTPUTF8", NULL},
		{"bounce", 0, 0, G_OPTION_ARG_NONE, &options->bounce,
	         "PATH is a bounce: judge the message it carries instead", NULL},
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &choice->config,
	         "Judge by the configuration in FILE", "FILE"},
		{"policy", 0, 0, G_OPTION_ARG_FILENAME, &choice->policy,
	         "Judge by this policy", "NAME"},
		MM_GIVEN_ENTRIES,
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->paths, NULL,
	         NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};

	if (!mm_command_parse_with (&usage, entries, &choice->given, argc, argv, out_code))
		return FALSE;
	*out_code = MM_EXIT_TROUBLE;
	if (options->paths == NULL)
		mm_command_complain ("check: no PATH is given; see 'mailmend check --help'");
	return options->paths != NULL && is_envelope_used (choice);
}

/* ---- one message ---------------------------------------------------------------------------- */

/* A notice shows on request, and where the policy names the label. */
static gboolean
is_shown (const Checker *checker, const MmPolicy *policy, const MmReport *report,
          const MmFinding *finding)
{
	if (checker->carried_by != NULL &&
	    !mm_bounce_is_sure (checker->carried_by, report->check, finding))
		return FALSE;
	if (finding->severity == MM_SEVERITY_NOTICE && checker->options->notices)
		return policy == NULL ||
		       policy->says[mm_rule_index (finding->rule)] != MM_SAYS_IGNORE;
	if (policy != NULL)
		return mm_policy_shows (policy, finding);
	return finding->severity != MM_SEVERITY_NOTICE;
}

static void
collect_shown (Checker *checker, const MmPolicy *policy, const MmReport *report, GPtrArray *shown)
{
	const MmFindings *findings = report->check->findings;

	for (guint i = 0; i < mm_findings_n (findings); i++) {
		const MmFinding *finding = mm_findings_get (findings, i);

		if (!is_shown (checker, policy, report, finding))
			continue;
		g_ptr_array_add (shown, (gpointer) finding);
		if (finding->severity != MM_SEVERITY_NOTICE)
			checker->code = MAX (checker->code, MM_EXIT_ISSUES);
	}
	g_ptr_array_sort (shown, mm_report_compare);
}

/* What lies beyond a bound was not looked at; that must not pass for clean. */
static void
tell_limits (const MmCheck *check, const char *name)
{
	if (check->mime->limit != NULL)
		mm_command_complain ("%s: not judged to the end: limit %s", name,
		                     check->mime->limit);
	if (mm_findings_overflow (check->findings))
		mm_command_complain ("%s: not judged to the end: limit findings", name);
}

static void
print (GString *out)
{
	fwrite (out->str, 1, out->len, stdout);
	g_string_free (out, TRUE);
}

static void
print_around (Checker *checker, void (*func) (MmReportRun *run, GString *out))
{
	GString *out = g_string_new (NULL);

	checker->run.trouble = checker->code == MM_EXIT_TROUBLE;
	if (func != NULL)
		func (&checker->run, out);
	print (out);
}

/* @report gets what is shown; @policy may be NULL. */
static void
report_one (Checker *checker, const MmPolicy *policy, MmReport *report)
{
	g_autoptr (GPtrArray) shown = g_ptr_array_new ();
	g_autoptr (MmBounce) bounce = NULL;
	GString *out = g_string_new (NULL);

	report->shown = shown;
	mm_findings_number_lines (report->check->findings);
	collect_shown (checker, policy, report, shown);
	if (checker->carried_by == NULL)
		bounce = mm_bounce_new (report->input, report->check);
	if (bounce != NULL)
		mm_bounce_check (bounce, report->check->facts.context, checker->options->notices);
	report->bounce = bounce;
	checker->form->message (report, &checker->run, out);
	checker->run.messages++;
	checker->run.failed += mm_report_is_failure (report);
	checker->run.results += shown->len;
	mm_progress_make_way ();
	print (out);
	tell_limits (report->check, report->input->name);
	if (bounce != NULL && bounce->check != NULL)
		tell_limits (bounce->check, report->input->name);
}

/* A failure of ours is no finding: without an answer the exit status must say so. */
static void
tell_error (Checker *checker, const MmInput *input, const MmJudgement *judgement)
{
	if (judgement->action != MM_ACTION_ERROR)
		return;
	mm_command_complain ("%s: %s", input->name,
	                     judgement->error != NULL ? judgement->error : "unknown error");
	checker->code = MM_EXIT_TROUBLE;
}

/* Nobody can say what would become of a message of which there is only the header. */
static gboolean
lacks_body (const Checker *checker)
{
	return checker->carried_by != NULL && checker->carried_by->carries == MM_CARRIES_HEADERS;
}

/* What would become of it is asked for the form that says so only: it takes longer. */
static void
check_by_policy (Checker *checker, const MmInput *input, MmMessage *message, MmGiven *given)
{
	g_auto (MmMatch) match = {0};
	MmContext context = checker->context;
	MmJudgeRequest request;
	g_autoptr (MmJudgement) judgement = NULL;
	g_autoptr (MmCheck) check = NULL;
	MmReport report = {.input = input, .match = &match};

	mm_dns_ask (&checker->dns, checker->choice.config, given);
	match = mm_choice_match (&checker->choice, message, given);
	if (match.error != NULL) {
		mm_command_complain ("%s: %s", input->name, match.error);
		checker->code = MM_EXIT_TROUBLE;
	}
	context.smtputf8 |= given->smtputf8 == MM_YES;
	mm_judge_prepare (mm_choice_settings (&checker->choice), &match, given->from, &context,
	                  &request);
	if (checker->form == &mm_report_json && !lacks_body (checker) && !match.policy->off &&
	    match.error == NULL) {
		judgement = mm_judge (message, &context, &request);
		tell_error (checker, input, judgement);
	}
	report.judgement = judgement;
	if (judgement != NULL && judgement->check != NULL) {
		report.check = judgement->check;
	} else {
		check = mm_check_new (message, &context, NULL, NULL);
		report.check = check;
	}
	report_one (checker, match.policy, &report);
}

static void
judge_one (Checker *checker, const MmInput *input)
{
	g_autoptr (MmMessage) message = mm_message_new (input->wire);
	g_auto (MmGiven) stored = {0};
	MmGiven *given = &checker->choice.options->given;
	g_autoptr (MmCheck) check = NULL;

	if (checker->choice.options->config != NULL)
		given = mm_choice_given (checker->choice.options, input->name, &stored);
	if (given == NULL) {
		checker->code = MM_EXIT_TROUBLE;
	} else if (checker->choice.config != NULL) {
		check_by_policy (checker, input, message, given);
	} else {
		check = mm_check_new (message, &checker->context, NULL, NULL);
		report_one (checker, NULL, &(MmReport){.input = input, .check = check});
	}
}

/* The message in the bounce @input. */
static void
judge_carried (Checker *checker, const MmInput *input)
{
	g_autoptr (MmMessage) message = mm_message_new (input->wire);
	g_autoptr (MmCheck) check = mm_check_new (message, &checker->context, NULL, NULL);
	g_autoptr (MmBounce) bounce = mm_bounce_new (input, check);

	if (bounce == NULL || bounce->carries == MM_CARRIES_NOTHING) {
		mm_command_complain ("%s: %s", input->name,
		                     bounce == NULL ? "is no bounce"
		                                    : "is a bounce that carries no message");
		checker->code = MM_EXIT_TROUBLE;
		return;
	}
	checker->carried_by = bounce;
	judge_one (checker, &bounce->original);
	checker->carried_by = NULL;
}

static void
check_one (const MmInput *input, gpointer data)
{
	Checker *checker = data;

	mm_progress_step ();
	if (checker->options->bounce)
		judge_carried (checker, input);
	else
		judge_one (checker, input);
}

/* ---- all ------------------------------------------------------------------------------------ */

static void
set_context (Checker *checker)
{
	const MmSettings *settings = mm_choice_settings (&checker->choice);

	mm_context_init (&checker->context, g_get_host_name ());
	checker->context.smtputf8 = checker->options->smtputf8;
	checker->context.envelope_sender = checker->choice.options->given.from;
	if (settings != NULL)
		checker->context.limits.message_size = settings->max_message_size;
}

static int
check_all (Checker *checker)
{
	MmInputRequest request = {
		.func = check_one,
		.data = checker,
		.as_wire = checker->options->wire,
	};

	set_context (checker);
	request.max_size = checker->context.limits.message_size;
	request.max_header = checker->context.limits.header_block;
	print_around (checker, checker->form->begin);
	mm_progress_begin ();
	for (char **path = checker->options->paths; *path != NULL; path++)
		if (!mm_input_each (*path, &request))
			checker->code = MM_EXIT_TROUBLE;
	mm_progress_end ();
	print_around (checker, checker->form->end);
	return mm_command_finish (checker->code);
}

int
mm_command_check (int argc, char **argv)
{
	g_auto (Options) options = {0};
	g_auto (MmChoiceOptions) choice = {0};
	Checker checker = {.options = &options, .code = MM_EXIT_FINE};
	int code = MM_EXIT_TROUBLE;
	int form;

	if (!parse (&options, &choice, argc, argv, &code))
		return code;
	form = mm_command_choice ("--format", options.format, form_names);
	if (form >= 0 && mm_choice_init (&checker.choice, &choice, NULL)) {
		checker.form = forms[form];
		code = check_all (&checker);
	}
	mm_dns_clear (&checker.dns);
	mm_choice_clear (&checker.choice);
	return code;
}
