/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay-compare.c: in what two outcomes differ, and how that is said.
 */
#include <config.h>

#include "command-private.h"
#include "json.h"
#include "replay.h"
#include "report.h"

void
mm_outcome_clear (MmOutcome *outcome)
{
	g_clear_pointer (&outcome->judgement, mm_judgement_free);
	mm_match_clear (&outcome->match);
}

/* ---- comparing -------------------------------------------------------------------------------- */

/* "A|B"; "" where nothing was judged. (transfer full) */
static char *
join (const MmOutcome *outcome, gsize offset)
{
	const MmJudgement *judgement = outcome->judgement;

	if (judgement == NULL)
		return g_strdup ("");
	return mm_labels_join (G_STRUCT_MEMBER (GPtrArray *, judgement, offset));
}

static gboolean
lists_differ (const MmOutcome *old, const MmOutcome *new, gsize offset)
{
	g_autofree char *a = join (old, offset);
	g_autofree char *b = join (new, offset);

	return !g_str_equal (a, b);
}

static gboolean
rule_differs (const MmOutcome *old, const MmOutcome *new)
{
	return g_strcmp0 (old->match.rule, new->match.rule) != 0;
}

static gboolean
policy_differs (const MmOutcome *old, const MmOutcome *new)
{
	return !g_str_equal (old->match.policy->name, new->match.policy->name);
}

static gboolean
action_differs (const MmOutcome *old, const MmOutcome *new)
{
	return old->action != new->action;
}

/* Without a dry run it is the action again. */
static gboolean
would_differs (const MmOutcome *old, const MmOutcome *new)
{
	return (old->match.dry_run || new->match.dry_run) && old->would != new->would;
}

static gboolean
labels_differ (const MmOutcome *old, const MmOutcome *new)
{
	return lists_differ (old, new, G_STRUCT_OFFSET (MmJudgement, labels));
}

static gboolean
fixed_differs (const MmOutcome *old, const MmOutcome *new)
{
	return lists_differ (old, new, G_STRUCT_OFFSET (MmJudgement, fixed));
}

static gboolean
left_differs (const MmOutcome *old, const MmOutcome *new)
{
	return lists_differ (old, new, G_STRUCT_OFFSET (MmJudgement, left));
}

/* What a sender or the one who looks into the quarantine reads, where both are told something. */
static gboolean
reply_differs (const MmOutcome *old, const MmOutcome *new)
{
	const MmPolicy *a = old->match.policy;
	const MmPolicy *b = new->match.policy;

	if (old->would != new->would || old->judgement == NULL || new->judgement == NULL)
		return FALSE;
	if (old->would == MM_ACTION_QUARANTINE)
		return g_strcmp0 (a->quarantine_text, b->quarantine_text) != 0;
	if (old->would == MM_ACTION_REJECT &&
	    (!g_str_equal (a->reject_code.code, b->reject_code.code) ||
	     !g_str_equal (a->reject_code.enhanced, b->reject_code.enhanced)))
		return TRUE;
	return (old->would == MM_ACTION_REJECT || old->would == MM_ACTION_TEMPFAIL) &&
	       g_strcmp0 (a->reject_text, b->reject_text) != 0;
}

/* The message as it goes on; NULL: as it came. */
static const MmMessage *
message_of (const MmOutcome *outcome)
{
	return outcome->judgement != NULL && outcome->action == MM_ACTION_FIX
	               ? outcome->judgement->message
	               : NULL;
}

static gboolean
octets_differ (const MmOutcome *old, const MmOutcome *new)
{
	const MmMessage *a = message_of (old);
	const MmMessage *b = message_of (new);

	if (a == NULL || b == NULL)
		return a != b;
	return !mm_bytes_equal (mm_message_header_block (a), mm_message_header_block (b)) ||
	       !mm_bytes_equal (mm_message_separator (a), mm_message_separator (b)) ||
	       !mm_bytes_equal (mm_message_body (a), mm_message_body (b));
}

static const struct {
	const char *name;
	gboolean (*differs) (const MmOutcome *old, const MmOutcome *new);
} kinds[MM_N_DIFFERS] = {
	[MM_DIFFERS_RULE] = {"rule", rule_differs},
	[MM_DIFFERS_POLICY] = {"policy", policy_differs},
	[MM_DIFFERS_ACTION] = {"action", action_differs},
	[MM_DIFFERS_WOULD] = {"would", would_differs},
	[MM_DIFFERS_LABELS] = {"labels", labels_differ},
	[MM_DIFFERS_FIXED] = {"fixed", fixed_differs},
	[MM_DIFFERS_LEFT] = {"left", left_differs},
	[MM_DIFFERS_REPLY] = {"reply", reply_differs},
	[MM_DIFFERS_OCTETS] = {"octets", octets_differ},
};

const char *
mm_differs_name (MmDiffers kind)
{
	return kinds[kind].name;
}

guint
mm_outcome_compare (const MmOutcome *old, const MmOutcome *new)
{
	guint differs = 0;

	for (guint i = 0; i < MM_N_DIFFERS; i++)
		if (kinds[i].differs (old, new))
			differs |= 1u << i;
	return differs;
}

/* ---- saying it -------------------------------------------------------------------------------- */

static void
append_list (const MmOutcome *outcome, const char *key, gsize offset, gboolean even_empty,
             GString *out)
{
	g_autofree char *labels = join (outcome, offset);

	if (*labels != '\0' || even_empty)
		g_string_append_printf (out, " %s=%s", key, labels);
}

/* As in the log line; labels only where they differ, for else they are said twice. */
static void
append_outcome (const MmOutcome *outcome, guint differs, GString *out)
{
	g_string_append_printf (out, "policy=%s rule=%s action=%s", outcome->match.policy->name,
	                        outcome->match.rule, mm_action_to_string (outcome->action));
	if (outcome->match.dry_run)
		g_string_append_printf (out, " would=%s", mm_action_to_string (outcome->would));
	if (differs & (1u << MM_DIFFERS_LABELS))
		append_list (outcome, "labels", G_STRUCT_OFFSET (MmJudgement, labels), TRUE, out);
	append_list (outcome, "fixed", G_STRUCT_OFFSET (MmJudgement, fixed), FALSE, out);
	append_list (outcome, "left", G_STRUCT_OFFSET (MmJudgement, left), FALSE, out);
	if (outcome->limit != NULL)
		g_string_append_printf (out, " limit=%s", outcome->limit);
}

void
mm_replay_text (const char *name, const MmOutcome *old, const MmOutcome *new, guint differs,
                GString *out)
{
	g_autofree char *path = mm_command_visible (name);
	guint whole = 1u << MM_DIFFERS_OCTETS | 1u << MM_DIFFERS_REPLY;

	g_string_append_printf (out, "%s: OLD ", path);
	append_outcome (old, differs, out);
	g_string_append (out, " -> NEW ");
	append_outcome (new, differs, out);
	/* what would not be seen else */
	if ((differs & ~whole) == 0)
		g_string_append_printf (out, " (other %s)",
		                        differs & (1u << MM_DIFFERS_OCTETS) ? "octets" : "reply");
	g_string_append_c (out, '\n');
}

static void
append_object (const char *key, const MmOutcome *outcome, GString *out)
{
	const MmJudgement *judgement = outcome->judgement;

	mm_json_open (out, key, '{');
	mm_json_string (out, "policy", outcome->match.policy->name);
	mm_json_string (out, "rule", outcome->match.rule);
	mm_json_string (out, "action", mm_action_to_string (outcome->action));
	if (outcome->match.dry_run)
		mm_json_string (out, "would", mm_action_to_string (outcome->would));
	mm_report_json_list ("labels", judgement != NULL ? judgement->labels : NULL, out);
	mm_report_json_list ("fixed", judgement != NULL ? judgement->fixed : NULL, out);
	mm_report_json_list ("left", judgement != NULL ? judgement->left : NULL, out);
	mm_json_string (out, "limit", outcome->limit);
	mm_json_close (out, '}');
}

void
mm_replay_json (const char *name, const MmOutcome *old, const MmOutcome *new, guint differs,
                GString *out)
{
	mm_json_open (out, NULL, '{');
	mm_json_string (out, "file", name);
	mm_json_open (out, "differs", '[');
	for (guint i = 0; i < MM_N_DIFFERS; i++)
		if (differs & (1u << i))
			mm_json_string (out, NULL, kinds[i].name);
	mm_json_close (out, ']');
	append_object ("old", old, out);
	append_object ("new", new, out);
	mm_json_close (out, '}');
	g_string_append_c (out, '\n');
}
