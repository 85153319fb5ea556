/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fix.c: `mailmend fix`: mends one message.
 *
 * Message and report are made in memory first, then everything that can fail is done, then what
 * can hardly fail: so that after exit code 2 nothing was written. The report comes last: it says that
 * the message was mended, and only then it was.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>

#include <mailmend/judge.h>

#include "bounce.h"
#include "command-private.h"
#include "fix-options.h"
#include "input.h"
#include "new-file.h"

typedef struct {
	const MmFixOptions *options;
	const MmPolicy *policy;
	MmContext context;
	MmJudgeRequest request;
	struct stat stat;
	GBytes *given;
	GBytes *wire;
	gboolean local;
	GBytes *mended; /* in the form of @given; the same if nothing was mended */
	char *report;
	gboolean left;  /* a label that is to be mended was not */
} Fixer;

static void
fixer_clear (Fixer *fixer)
{
	g_clear_pointer (&fixer->given, g_bytes_unref);
	g_clear_pointer (&fixer->wire, g_bytes_unref);
	g_clear_pointer (&fixer->mended, g_bytes_unref);
	g_clear_pointer (&fixer->report, g_free);
}

static gboolean
fail (const char *text)
{
	mm_command_complain ("%s", text);
	return FALSE;
}

/* ---- reading -------------------------------------------------------------------------------- */

static void
take_input (Fixer *fixer, const MmInput *input)
{
	fixer->given = g_bytes_ref (input->given);
	fixer->wire = g_bytes_ref (input->wire);
	fixer->local = input->local;
}

/* What is not there whole is not taken: a mended half would pass for the message. */
static void
take_carried (Fixer *fixer, const MmInput *input)
{
	static const char *const reasons[] = {
		[MM_CARRIES_NOTHING] = "is a bounce that carries no message",
		[MM_CARRIES_HEADERS] = "is a bounce that carries the header of the message only",
		[MM_CARRIES_CUT] = "the message in this bounce is not closed and may have been cut",
		[MM_CARRIES_MESSAGE] = NULL,
	};
	g_autoptr (MmMessage) message = mm_message_new (input->wire);
	g_autoptr (MmCheck) check = mm_check_new (message, &fixer->context, NULL, NULL);
	g_autoptr (MmBounce) bounce = mm_bounce_new (input, check);
	const char *reason = bounce != NULL ? reasons[bounce->carries] : "is no bounce";

	if (reason == NULL)
		take_input (fixer, &bounce->original);
	else
		mm_command_complain ("%s: %s", input->name, reason);
}

static void
take (const MmInput *input, gpointer data)
{
	Fixer *fixer = data;

	if (fixer->options->bounce)
		take_carried (fixer, input);
	else
		take_input (fixer, input);
}

/* Dovecot keeps sizes in the names of Maildir files ("...,S=123,W=130:2,S") and trusts them. */
static gboolean
has_size_hint (const char *path)
{
	g_autofree char *name = g_path_get_basename (path);

	return strstr (name, ",S=") != NULL || strstr (name, ",W=") != NULL;
}

/* A link would be replaced by a file, or a file far away be changed. */
static gboolean
may_replace (const char *path)
{
	struct stat st;

	if (lstat (path, &st) != 0) {
		mm_command_complain ("%s: %s", path, g_strerror (errno));
		return FALSE;
	}
	if (S_ISLNK (st.st_mode))
		mm_command_complain ("%s: is a symbolic link; name the file itself", path);
	else if (!S_ISREG (st.st_mode))
		mm_command_complain ("%s: is no regular file", path);
	else if (has_size_hint (path))
		mm_command_complain ("%s: Dovecot keeps the size of the message in this name; "
		                     "mend a copy and deliver that", path);
	else
		return TRUE;
	return FALSE;
}

static gboolean
read_message (Fixer *fixer)
{
	const MmFixOptions *options = fixer->options;
	const MmInputRequest request = {
		.func = take,
		.data = fixer,
		.as_wire = options->wire,
		.max_size = fixer->context.limits.message_size,
		.max_header = fixer->context.limits.header_block,
		.one = TRUE,
		.out_stat = &fixer->stat,
	};

	if (options->in_place && !may_replace (options->path))
		return FALSE;
	return mm_input_each (options->path, &request) && fixer->given != NULL;
}

/* ---- mending -------------------------------------------------------------------------------- */

static void
append_line (GString *out, const char *key, const char *text)
{
	g_autofree char *visible = mm_command_visible (text);

	g_string_append_printf (out, "%s:%s%s\n", key, *visible != '\0' ? " " : "", visible);
}

static void
append_labels (GString *out, const char *key, GPtrArray *labels)
{
	g_autofree char *text = mm_labels_join (labels);

	append_line (out, key, text);
}

/* "KEY: VALUE" lines; "fixed" and "left" are always there, and first. */
static char *
make_report (const MmJudgement *judgement)
{
	GString *out = g_string_new (NULL);
	g_autofree char *signatures = mm_signatures_to_string (judgement->signatures);

	append_labels (out, "fixed", judgement->fixed);
	append_labels (out, "left", judgement->left);
	for (guint i = 0; i < judgement->reasons->len; i++)
		append_line (out, "reason", judgement->reasons->pdata[i]);
	if (judgement->action > MM_ACTION_FIX)
		append_labels (out, mm_action_to_string (judgement->action), judgement->blamed);
	if (judgement->signatures != 0)
		append_line (out, "signed", signatures);
	for (guint i = 0; i < judgement->broken->len; i++)
		append_line (out, "broke", judgement->broken->pdata[i]);
	if (judgement->limit != NULL)
		append_line (out, "limit", judgement->limit);
	return g_string_free (out, FALSE);
}

/* Octets of @message in the form of what was read. NULL when memory is refused. */
static GBytes *
write_out (const Fixer *fixer, const MmMessage *message)
{
	g_auto (MmBuffer) out = MM_BUFFER_INIT;

	mm_buffer_append (&out, mm_message_header_block (message));
	mm_buffer_append (&out, mm_message_separator (message));
	mm_buffer_append (&out, mm_message_body (message));
	if (!fixer->local || out.failed)
		return mm_buffer_steal (&out);
	return mm_input_convert (mm_buffer_bytes (&out), TRUE);
}

static gboolean
is_to_be_fixed (const Fixer *fixer, const char *label)
{
	return fixer->policy->says[mm_rule_index (mm_rule_by_label (label))] == MM_SAYS_FIX;
}

static gboolean
judge_message (Fixer *fixer)
{
	g_autoptr (MmMessage) message = mm_message_new (fixer->wire);
	g_autoptr (MmJudgement) judgement = mm_judge (message, &fixer->context, &fixer->request);

	if (judgement->action == MM_ACTION_ERROR) {
		mm_command_complain ("%s: %s", fixer->options->path,
		                     judgement->error != NULL ? judgement->error : "unknown error");
		return FALSE;
	}
	for (guint i = 0; i < judgement->left->len; i++)
		fixer->left |= is_to_be_fixed (fixer, judgement->left->pdata[i]);
	fixer->report = make_report (judgement);
	fixer->mended = judgement->message == message ? g_bytes_ref (fixer->given)
	                                              : write_out (fixer, judgement->message);
	return fixer->mended != NULL || fail ("out of memory");
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Where the message goes; NULL: to standard output, or nowhere since the file is right as it is. */
static const char *
output_path (const Fixer *fixer)
{
	if (!fixer->options->in_place)
		return fixer->options->output;
	return fixer->mended != fixer->given ? fixer->options->path : NULL;
}

static gboolean
print (FILE *to, MmBytes text)
{
	fwrite (text.data, 1, text.len, to);
	return fflush (to) == 0 && !ferror (to);
}

static gboolean
print_message (const Fixer *fixer)
{
	const MmFixOptions *options = fixer->options;

	if (options->in_place || options->output != NULL)
		return TRUE;
	if (print (stdout, mm_bytes_of (fixer->mended)))
		return TRUE;
	mm_command_complain ("standard output: %s", g_strerror (errno));
	return FALSE;
}

/* Nothing that fails on standard error could be told there. */
static gboolean
print_report (const Fixer *fixer)
{
	const char *to = fixer->options->report;

	if (to == NULL)
		(void) print (stderr, mm_bytes_str (fixer->report));
	if (to == NULL || !g_str_equal (to, "-") || print (stdout, mm_bytes_str (fixer->report)))
		return TRUE;
	mm_command_complain ("standard output: %s", g_strerror (errno));
	return FALSE;
}

static gboolean
prepare (const char *path, MmBytes contents, MmNewFile *file, GError **error)
{
	return path == NULL || g_str_equal (path, "-") ||
	       mm_new_file_prepare (file, path, contents, error);
}

static gboolean
commit (MmNewFile *file, const struct stat *unless_changed, GError **error)
{
	return file->path == NULL || mm_new_file_commit (file, unless_changed, error);
}

/* A report that fails behind the message is told, too, but takes nothing back. */
static gboolean
write_all (const Fixer *fixer)
{
	const struct stat *before = fixer->options->in_place ? &fixer->stat : NULL;
	g_auto (MmNewFile) message = {0};
	g_auto (MmNewFile) report = {0};
	g_autoptr (GError) error = NULL;

	if (!prepare (output_path (fixer), mm_bytes_of (fixer->mended), &message, &error) ||
	    !prepare (fixer->options->report, mm_bytes_str (fixer->report), &report, &error))
		return fail (error->message);
	if (!print_message (fixer))
		return FALSE;
	if (!commit (&message, before, &error) || !commit (&report, NULL, &error))
		return fail (error->message);
	return print_report (fixer);
}

/* ---- the command ---------------------------------------------------------------------------- */

/* @out_own: the policy of --fix, which is not a configuration's. */
static gboolean
find_policy (Fixer *fixer, const MmChoice *choice, MmPolicy **out_own)
{
	g_autoptr (GError) error = NULL;

	fixer->policy = choice->policy;
	if (fixer->options->fix == NULL)
		return TRUE;
	*out_own = mm_policy_new_fix (fixer->options->fix, &error);
	if (*out_own == NULL)
		return fail (error->message);
	fixer->policy = *out_own;
	return TRUE;
}

static int
run (const MmFixOptions *options, const MmChoice *choice)
{
	g_autoptr (MmPolicy) own = NULL;
	Fixer fixer = {.options = options};
	gboolean fine;

	if (!find_policy (&fixer, choice, &own))
		return MM_EXIT_TROUBLE;
	mm_fix_options_context (options, choice, fixer.policy, &fixer.context, &fixer.request);
	fine = read_message (&fixer) && judge_message (&fixer) && write_all (&fixer);
	fixer_clear (&fixer);
	if (!fine)
		return MM_EXIT_TROUBLE;
	return fixer.left ? MM_EXIT_ISSUES : MM_EXIT_FINE;
}

int
mm_command_fix (int argc, char **argv)
{
	g_auto (MmFixOptions) options = {0};
	g_auto (MmChoice) choice = {0};
	int code = MM_EXIT_TROUBLE;

	if (!mm_fix_options_parse (&options, argc, argv, &code))
		return code;
	if (!mm_choice_init (&choice, &options.choice, "microsoft365"))
		return MM_EXIT_TROUBLE;
	return run (&options, &choice);
}
