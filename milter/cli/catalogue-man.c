/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue-man.c: mailmend-labels(7) from its list of labels on, in mdoc.
 *
 * What stands before is man/mailmend-labels.7.head; the build puts both together, so that a label
 * is described in its rule and nowhere else.
 */
#include <config.h>

#include "catalogue.h"
#include "roff.h"

static const char start[] =
	".Sh LABELS\n"
	".Bl -tag -width Ds\n";

static const char end[] =
	".El\n"
	".Sh SEE ALSO\n"
	".Xr mailmend 1 ,\n"
	".Xr mailmend.conf 5 ,\n"
	".Xr mailmend-milter 8\n"
	".Sh STANDARDS\n"
	".Rs\n"
	".%A P. Resnick, Ed.\n"
	".%D October 2008\n"
	".%R RFC 5322\n"
	".%T Internet Message Format\n"
	".Re\n"
	".Pp\n"
	".Rs\n"
	".%A N. Freed\n"
	".%A N. Borenstein\n"
	".%D November 1996\n"
	".%R RFC 2045\n"
	".%T Multipurpose Internet Mail Extensions (MIME) Part One\n"
	".Re\n"
	".Pp\n"
	".Rs\n"
	".%A J. Klensin\n"
	".%D October 2008\n"
	".%R RFC 5321\n"
	".%T Simple Mail Transfer Protocol\n"
	".Re\n";

static void
append_item (GString *out, const char *tag, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	g_string_append_printf (out, ".It %s\n", tag);
	mm_roff_text (out, text, NULL, NULL);
}

static void
append_rule (GString *out, const MmRule *rule)
{
	g_autofree char *groups = mm_catalogue_groups (rule);

	g_string_append_printf (out, ".It Sy %s\n", rule->label);
	mm_roff_text (out, rule->summary, NULL, NULL);
	g_string_append (out, ".Bl -tag -width \"microsoft365\" -compact\n");
	append_item (out, "Severity", mm_severity_to_string (rule->severity));
	append_item (out, "Groups", groups);
	append_item (out, "Repair", rule->repair != NULL ? rule->repair : "none");
	append_item (out, "microsoft365", mm_catalogue_m365 (rule));
	append_item (out, "Standard", rule->citation);
	append_item (out, "Receivers", rule->receivers);
	append_item (out, "MTA", rule->hidden);
	g_string_append (out, ".El\n");
}

void
mm_catalogue_man (GString *out)
{
	g_autoptr (GPtrArray) rules = mm_catalogue_sorted ();

	g_string_append (out, start);
	for (guint i = 0; i < rules->len; i++)
		append_rule (out, rules->pdata[i]);
	g_string_append (out, end);
}
