/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.c: what both forms of a report share, and the text form.
 */
#include <config.h>

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

static void
append_finding (const MmReport *report, const MmFinding *finding, const char *file, GString *out)
{
	const MmPart *part = mm_mime_part (report->check->mime, finding->part);
	g_autofree char *header = mm_report_header (report->check, finding);
	GString *places = g_string_new (NULL);

	if (finding->severity == MM_SEVERITY_NOTICE)
		append_place (places, "notice", "");
	if (*part->path != '\0')
		append_place (places, "part", part->path);
	if (header != NULL)
		append_place (places, "header", header);
	g_string_append_printf (out, "%s:%u: %s: %s", file, mm_report_line (report->input, finding),
	                        finding->rule->label, finding->detail);
	if (places->len > 0)
		g_string_append_printf (out, " (%s)", places->str);
	g_string_append_c (out, '\n');
	g_string_free (places, TRUE);
}

void
mm_report_text (const MmReport *report, GString *out)
{
	g_autofree char *file = mm_command_visible (report->input->name);

	for (guint i = 0; i < report->shown->len; i++)
		append_finding (report, report->shown->pdata[i], file, out);
}
