/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-suggest.c: advice as lines of the configuration, with the numbers they rest on.
 *
 * What refuses mail is a comment unless it is asked for, and says how many messages of this log it would have
 * refused.
 */
#include <config.h>

#include <string.h>

#include "logs-advice.h"

/* Labels that are told of a name. */
#define MAX_LABELS 6

static const char how[] =
	"# The first rule that fits decides: put these before the other rules of mailmend.conf. If it\n"
	"# has no rule so far, put those that are built in behind them, see mailmend.conf(5).\n"
	"# Test with mailmend-milter -n. Watch a rule with DryRun = yes before you trust it.\n";

static void
append_head (const MmLogs *logs, GString *out)
{
	const MmTallyRow *total = mm_tally_total (logs->tally);
	guint64 would = total->outcomes[MM_OUTCOME_WOULD_MEND];
	g_autofree char *first = mm_log_clock_text (mm_tally_begins (logs->tally));
	g_autofree char *last = mm_log_clock_text (mm_tally_ends (logs->tally));

	g_string_append_printf (out,
	                        "# %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
	                        " with issues, %s to %s.\n",
	                        total->messages, total->issues, first, last);
	if (would > 0)
		g_string_append_printf (out,
		                        "# %" G_GUINT64_FORMAT " would have been mended but for "
		                        "DryRun = yes: take that away first.\n", would);
}

/* ---- the numbers ------------------------------------------------------------------------------------- */

static void
append_labels (const MmLogs *logs, const MmTallyRow *row, GString *out)
{
	g_autoptr (GPtrArray) cells = mm_tally_cells (row);

	for (guint i = 0; i < MIN (cells->len, MAX_LABELS); i++) {
		const MmTallyCell *cell = cells->pdata[i];
		const MmRule *rule = mm_tally_rule (logs->tally, cell->label);
		g_autofree char *label = mm_logs_visible (mm_tally_label (logs->tally, cell->label));
		const char *what = rule == NULL                ? "not known to this version"
		                   : rule->fix == NULL         ? "is never mended"
		                   : rule->m365 == MM_M365_FIX ? "microsoft365 mends it"
		                                               : "microsoft365 logs it";

		g_string_append_printf (out,
		                        "#   %s: in %" G_GUINT64_FORMAT ", left in %" G_GUINT64_FORMAT
		                        "; %s\n",
		                        label, cell->found, cell->left, what);
	}
	if (cells->len > MAX_LABELS)
		g_string_append_printf (out, "#   and %u labels more\n", cells->len - MAX_LABELS);
}

static void
append_numbers (const MmLogs *logs, const MmAdvice *advice, GString *out)
{
	const MmTallyRow *row = advice->row;
	g_autofree char *key = mm_logs_visible (row->key);
	g_autofree char *share = mm_logs_percent (row->issues, row->messages);
	g_autofree char *last = mm_log_clock_text (row->last);

	g_string_append_printf (out,
	                        "\n# %s %s: %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
	                        " with issues (%s)\n",
	                        mm_logs_by_title (advice->by), key, row->messages, row->issues, share);
	append_labels (logs, row, out);
	g_string_append_printf (out, "#   the last at %s", last);
	for (guint i = 0; i < row->n_examples; i++) {
		g_autofree char *id = mm_logs_visible (row->examples[i].id);

		g_string_append_printf (out, "%s %s", i == 0 ? ":" : ",", id);
	}
	g_string_append_c (out, '\n');
}

/* ---- the lines ------------------------------------------------------------------------------------------- */

static void
append_mending (const MmAdvice *advice, GString *out)
{
	g_string_append_printf (out,
	                        "# Would try to mend %" G_GUINT64_FORMAT " messages of this log "
	                        "that passed as they were:\n"
	                        "[rule mend-%s]\n%s\nPolicy = microsoft365\n",
	                        advice->row->mendable, advice->name, advice->condition);
}

/* The labels are those for which this many messages passed, so that the number is exact. */
static void
append_refusing (const MmAdvice *advice, gboolean live, GString *out)
{
	const char *mark = live ? "" : "#";
	const MmTallyRow *row = advice->row;
	g_autofree char *share = mm_logs_percent (row->hopeless, row->messages);

	g_string_append_printf (out,
	                        "# Would have REFUSED %" G_GUINT64_FORMAT " of these %" G_GUINT64_FORMAT
	                        " messages (%s); mends the others:\n",
	                        row->hopeless, row->messages, share);
	g_string_append_printf (out, "%s[policy refuse-%s]\n%sInherit = microsoft365\n%sReject = ",
	                        mark, advice->name, mark, mark);
	for (guint i = 0; i < advice->hopeless->len; i++)
		g_string_append_printf (out, "%s%s", i > 0 ? " | " : "",
		                        (const char *) advice->hopeless->pdata[i]);
	g_string_append_printf (out, "\n%s[rule refuse-%s]\n%s%s\n%sPolicy = refuse-%s\n", mark,
	                        advice->name, mark, advice->condition, mark, advice->name);
}

static void
append_cures (const MmAdvice *advice, GString *out)
{
	for (guint i = 0; i < advice->hopeless->len; i++) {
		const char *label = advice->hopeless->pdata[i];
		const char *cure = mm_logs_cure (label);

		g_string_append_printf (out, "# Tell them: %s: %s\n", label,
		                        cure != NULL ? cure : "see mailmend explain");
	}
}

static void
append_advice (const MmLogs *logs, const MmAdvice *advice, gboolean reject, GString *out)
{
	gboolean refuses = advice->row->hopeless > 0;

	append_numbers (logs, advice, out);
	append_cures (advice, out);
	if (advice->condition == NULL) {
		g_string_append (out, "# This name cannot stand in a rule as it is: write the rule by "
		                      "hand.\n");
		return;
	}
	if (refuses)
		append_refusing (advice, reject, out);
	if (advice->row->mendable > 0 && !(refuses && reject))
		append_mending (advice, out);
}

void
mm_logs_suggest (const MmLogs *logs, gboolean reject, GString *out)
{
	g_autoptr (GPtrArray) all = mm_logs_advice (logs);

	append_head (logs, out);
	if (all->len == 0) {
		g_string_append (out, "# Nobody's mail passes with the same issues often enough for "
		                      "a rule.\n");
		return;
	}
	g_string_append (out, how);
	for (guint i = 0; i < all->len; i++)
		append_advice (logs, all->pdata[i], reject, out);
}
