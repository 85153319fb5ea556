/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-html-text.c: what to do next, and what the labels mean.
 */
#include <config.h>

#include "logs-advice.h"
#include "logs-html.h"

/* Pieces of advice on a page. */
#define MAX_ADVICE 6

/* What a rule can do comes first. */
static int
compare_advice (gconstpointer a, gconstpointer b)
{
	const MmTallyRow *x = (*(const MmAdvice *const *) a)->row;
	const MmTallyRow *y = (*(const MmAdvice *const *) b)->row;

	if (x->mendable != y->mendable)
		return x->mendable > y->mendable ? -1 : 1;
	return (x->hopeless < y->hopeless) - (x->hopeless > y->hopeless);
}

/* ---- what to do next ------------------------------------------------------------------------------------ */

static void
append_rule (const MmAdvice *advice, GString *out)
{
	if (advice->condition == NULL || advice->row->mendable == 0)
		return;
	g_string_append (out, "<pre>[rule mend-");
	mm_html_text (out, advice->name);
	g_string_append (out, "]\n");
	mm_html_text (out, advice->condition);
	g_string_append (out, "\nPolicy = microsoft365</pre>");
}

static void
append_one (const MmAdvice *advice, GString *out)
{
	const MmTallyRow *row = advice->row;

	g_string_append_printf (out, "<li><p><b>%s <span class=\"who\">", mm_logs_by_title (advice->by));
	mm_html_text (out, row->key);
	g_string_append (out, "</span></b>: ");
	mm_html_number (out, row->issues);
	g_string_append (out, " of ");
	mm_html_number (out, row->messages);
	g_string_append (out, " messages have issues.");
	if (row->mendable > 0) {
		g_string_append (out, " <b>");
		mm_html_number (out, row->mendable);
		g_string_append (out, "</b> passed unmended with what the policy microsoft365 mends.");
	}
	if (row->hopeless > 0) {
		g_string_append (out, " <b>");
		mm_html_number (out, row->hopeless);
		g_string_append (out, "</b> can be cured at the source only:");
	}
	for (guint i = 0; i < advice->hopeless->len; i++)
		g_string_append_printf (out, "%s <a href=\"#%s\">%s</a>", i > 0 ? "," : "",
		                        (const char *) advice->hopeless->pdata[i],
		                        (const char *) advice->hopeless->pdata[i]);
	g_string_append (out, "</p>");
	append_rule (advice, out);
	g_string_append (out, "</li>\n");
}

static void
append_total (GString *out, guint64 count, const char *text)
{
	if (count == 0)
		return;
	g_string_append (out, "<li><p><b>");
	mm_html_number (out, count);
	g_string_append_printf (out, "</b> %s</p></li>\n", text);
}

void
mm_html_advice (const MmLogs *logs, GString *out)
{
	const MmTallyRow *total = mm_tally_total (logs->tally);
	g_autoptr (GPtrArray) all = mm_logs_advice (logs);
	gsize before;

	g_string_append (out, "<section id=\"next\"><h2>What to do next</h2>\n<ol class=\"next\">\n");
	before = out->len;
	append_total (out, total->outcomes[MM_OUTCOME_ERROR],
	              "messages made the filter fail: look for action=error in the log.");
	append_total (out, total->outcomes[MM_OUTCOME_WOULD_MEND],
	              "messages would have been mended: take DryRun = yes away when you trust what "
	              "you see.");
	append_total (out, total->outcomes[MM_OUTCOME_WOULD_REFUSE],
	              "messages would have been refused without DryRun = yes: talk to their senders "
	              "first.");
	g_ptr_array_sort (all, compare_advice);
	for (guint i = 0; i < MIN (all->len, MAX_ADVICE); i++)
		append_one (all->pdata[i], out);
	if (out->len == before)
		g_string_append (out, "<li class=\"none\">Nothing: nobody's mail often passes with "
		                      "issues that a rule or a talk could cure.</li>\n");
	g_string_append (out, "</ol>\n");
	if (all->len > 0)
		g_string_append (out, "<p class=\"sub\"><code>mailmend report --suggest</code> writes "
		                      "all rules with the numbers they rest on.</p>\n");
	g_string_append (out, "</section>\n");
}

/* ---- what the labels mean ----------------------------------------------------------------------------------- */

static void
append_fact (GString *out, const char *title, const char *text)
{
	if (text == NULL)
		return;
	g_string_append_printf (out, "<dt>%s</dt><dd>", title);
	mm_html_text (out, text);
	g_string_append (out, "</dd>\n");
}

static void
append_label (const MmRule *rule, GString *out)
{
	g_string_append_printf (out, "<article id=\"%s\"><h3>%s <span class=\"severity\">%s</span></h3>\n<dl>\n",
	                        rule->label, rule->label, mm_severity_to_string (rule->severity));
	append_fact (out, "Found when", rule->summary);
	append_fact (out, "Who minds", rule->receivers != NULL ? rule->receivers : "not known");
	append_fact (out, "Cure at the source", mm_logs_cure (rule->label));
	append_fact (out, "Mending", rule->repair != NULL ? rule->repair : "never mended");
	append_fact (out, "Standard", rule->citation);
	append_fact (out, "Hidden by the mail server", rule->hidden);
	g_string_append (out, "</dl></article>\n");
}

void
mm_html_explain (const MmLogs *logs, GString *out)
{
	g_autoptr (GPtrArray) cells = mm_tally_cells (mm_tally_total (logs->tally));

	g_string_append (out, "<section id=\"explain\"><h2>What the labels mean</h2>\n"
	                      "<div class=\"explain\">\n");
	for (guint i = 0; i < cells->len; i++) {
		const MmTallyCell *cell = cells->pdata[i];
		const MmRule *rule = mm_tally_rule (logs->tally, cell->label);

		if (rule != NULL)
			append_label (rule, out);
	}
	g_string_append (out, "</div></section>\n");
}
