/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.c: what the forms of a report share, and the text form.
 */
#include <config.h>

#include <mailmend/verdict.h>

#include "command-private.h"
#include "report.h"

#define MAX_HEADER_NAME 80

/* A line of local form is one octet shorter than the one that was judged. */
gsize
mm_report_offset (const MmInput *input, const MmFinding *finding)
{
	gsize ends = input->local ? finding->line - 1 : 0;

	return input->offset + finding->offset - ends;
}

guint
mm_report_line (const MmInput *input, const MmFinding *finding)
{
	return input->line + finding->line;
}

char *
mm_report_file (const MmInput *input)
{
	const char *number = input->number > 0 ? strrchr (input->name, '#') : NULL;

	return number != NULL ? g_strndup (input->name, (gsize) (number - input->name))
	                      : g_strdup (input->name);
}

int
mm_report_compare (gconstpointer a, gconstpointer b)
{
	const MmFinding *x = *(const MmFinding *const *) a;
	const MmFinding *y = *(const MmFinding *const *) b;
	int order;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	order = strcmp (x->rule->label, y->rule->label);
	if (order != 0)
		return order;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

char *
mm_report_header (const MmCheck *check, const MmFinding *finding)
{
	const MmPart *part = mm_mime_part (check->mime, finding->part);
	const MmHeader *header;

	if (finding->place != MM_PLACE_HEADER || finding->header < 0)
		return NULL;
	header = mm_part_header (part, (guint) finding->header);
	return header->is_field ? mm_bytes_printable (header->name, MAX_HEADER_NAME) : NULL;
}

static void
append_place (GString *places, const char *what, const char *name)
{
	g_string_append_printf (places, "%s%s%s%s", places->len > 0 ? ", " : "", what,
	                        *name != '\0' ? " " : "", name);
}

char *
mm_report_part (const MmReport *report, const MmFinding *finding)
{
	const char *path = mm_mime_part (report->check->mime, finding->part)->path;
	const char *above = report->carried_by != NULL ? report->carried_by->path : "";

	return g_strconcat (above, *above != '\0' && *path != '\0' ? "." : "", path, NULL);
}

char *
mm_report_words (const MmReport *report, const MmFinding *finding)
{
	g_autofree char *part = mm_report_part (report, finding);
	g_autofree char *header = mm_report_header (report->check, finding);
	GString *places = g_string_new (NULL);
	GString *out = g_string_new (finding->detail);

	if (finding->severity == MM_SEVERITY_NOTICE)
		append_place (places, "notice", "");
	if (report->carried_by != NULL)
		append_place (places, "bounced", "");
	if (*part != '\0')
		append_place (places, "part", part);
	if (header != NULL)
		append_place (places, "header", header);
	if (places->len > 0)
		g_string_append_printf (out, " (%s)", places->str);
	g_string_free (places, TRUE);
	return g_string_free (out, FALSE);
}

gboolean
mm_report_is_failure (const MmReport *report)
{
	for (guint i = 0; i < report->shown->len; i++) {
		const MmFinding *finding = report->shown->pdata[i];

		if (finding->severity != MM_SEVERITY_NOTICE)
			return TRUE;
	}
	return FALSE;
}

GPtrArray *
mm_report_labels (const MmReport *report)
{
	GPtrArray *labels = g_ptr_array_new ();

	for (guint i = 0; i < report->shown->len; i++) {
		const MmFinding *finding = report->shown->pdata[i];

		mm_labels_add (labels, finding->rule->label);
	}
	return labels;
}

void
mm_report_text_findings (const MmReport *report, GString *out)
{
	g_autofree char *file = mm_command_visible (report->input->name);

	for (guint i = 0; i < report->shown->len; i++) {
		const MmFinding *finding = report->shown->pdata[i];
		g_autofree char *words = mm_report_words (report, finding);

		/* it stands below the bounce's own, and there not as a notice */
		if (report->bounce != NULL && finding->severity == MM_SEVERITY_NOTICE &&
		    mm_bounce_covers (report->bounce, report->check, finding))
			continue;

		g_string_append_printf (out, "%s:%u: %s: %s\n", file,
		                        mm_report_line (report->input, finding),
		                        finding->rule->label, words);
	}
}

static void
append_message (const MmReport *report, MmReportRun *run G_GNUC_UNUSED, GString *out)
{
	mm_report_text_findings (report, out);
	if (report->bounce != NULL)
		mm_report_bounce_text (report, out);
}

const MmReportForm mm_report_text = {.message = append_message};
