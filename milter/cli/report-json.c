/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report-json.c: one message as one JSON object on one line.
 */
#include <config.h>

#include <mailmend/signature.h>
#include <mailmend/verdict.h>

#include "json.h"
#include "report.h"

static void
append_labels (const MmReport *report, GString *out)
{
	g_autoptr (GPtrArray) labels = mm_report_labels (report);

	mm_report_json_list ("labels", labels, out);
}

static void
append_finding (const MmReport *report, const MmFinding *finding, GString *out)
{
	g_autofree char *part = mm_report_part (report, finding);
	g_autofree char *header = mm_report_header (report->check, finding);

	mm_json_open (out, NULL, '{');
	mm_json_string (out, "label", finding->rule->label);
	mm_json_string (out, "severity", mm_severity_to_string (finding->severity));
	mm_json_string (out, "header", header);
	mm_json_string (out, "part", part);
	mm_json_number (out, "line", mm_report_line (report->input, finding));
	mm_json_number (out, "offset", mm_report_offset (report->input, finding));
	mm_json_string (out, "detail", finding->detail);
	mm_json_close (out, '}');
}

static void
append_signatures (const MmReport *report, GString *out)
{
	guint signatures = mm_signatures_of (report->check->message, report->check->mime);
	g_autofree char *text = mm_signatures_to_string (signatures);
	g_auto (GStrv) names = g_strsplit (text, ",", -1);

	mm_json_open (out, "signatures", '[');
	for (guint i = 0; names[i] != NULL; i++)
		mm_json_string (out, NULL, names[i]);
	mm_json_close (out, ']');
}

void
mm_report_json_list (const char *key, GPtrArray *labels, GString *out)
{
	mm_json_open (out, key, '[');
	for (guint i = 0; labels != NULL && i < labels->len; i++)
		mm_json_string (out, NULL, labels->pdata[i]);
	mm_json_close (out, ']');
}

void
mm_report_json_answer (const MmMatch *match, const MmJudgement *judgement, GString *out)
{
	gboolean judged = judgement != NULL;
	MmAction action = judged ? judgement->action : MM_ACTION_NONE;

	if (match->error != NULL)
		action = MM_ACTION_ERROR;
	mm_json_string (out, "policy", match->policy->name);
	mm_json_string (out, "rule", match->rule);
	mm_json_string (out, "action", mm_action_to_string (action));
	if (match->dry_run)
		mm_json_string (out, "would",
		                mm_action_to_string (judged && match->error == NULL
		                                             ? judgement->would
		                                             : action));
	mm_report_json_list ("fixed", judged ? judgement->fixed : NULL, out);
	mm_report_json_list ("left", judged ? judgement->left : NULL, out);
}

void
mm_report_json_findings (const MmReport *report, GString *out)
{
	mm_json_open (out, "findings", '[');
	for (guint i = 0; i < report->shown->len; i++)
		append_finding (report, report->shown->pdata[i], out);
	mm_json_close (out, ']');
}

static void
append_message (const MmReport *report, MmReportRun *run G_GNUC_UNUSED, GString *out)
{
	mm_json_open (out, NULL, '{');
	mm_json_string (out, "file", report->input->name);
	mm_json_number (out, "size", g_bytes_get_size (report->input->given));
	append_labels (report, out);
	mm_report_json_findings (report, out);
	append_signatures (report, out);
	if (report->match != NULL)
		mm_report_json_answer (report->match, report->judgement, out);
	if (report->bounce != NULL)
		mm_report_bounce_json (report, out);
	mm_json_close (out, '}');
	g_string_append_c (out, '\n');
}

const MmReportForm mm_report_json = {.message = append_message};
