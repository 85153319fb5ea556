/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue-man.c: mailmend-labels(7) from its list of labels on, in mdoc.
 *
 * What stands before is man/mailmend-labels.7.head; the build puts both together, so that a label
 * is described in its rule and nowhere else.
 */
#include <config.h>

#include <string.h>

#include "catalogue.h"

#define LINE_WIDTH 72

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

/* What roff would read or print as something else. */
static const char *
roff_of (char c)
{
	static const struct {
		char c;
		const char *roff;
	} specials[] = {
		{'\\', "\\e"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (specials); i++)
		if (specials[i].c == c)
			return specials[i].roff;
	return NULL;
}

static void
append_word (GString *out, const char *word)
{
	for (; *word != '\0'; word++) {
		const char *roff = roff_of (*word);

		if (roff != NULL)
			g_string_append (out, roff);
		else
			g_string_append_c (out, *word);
	}
}

/* Lines are filled, and a sentence ends its line: roff spaces it. A dot at the start of a line
 * would be a macro. */
static void
append_text (GString *out, const char *text)
{
	g_auto (GStrv) words = g_strsplit (text, " ", -1);
	gsize column = 0;

	for (guint i = 0; words[i] != NULL; i++) {
		gsize len = strlen (words[i]);
		gboolean sentence = i > 0 && g_str_has_suffix (words[i - 1], ".") &&
		                    g_ascii_isupper (*words[i]);

		if (column > 0) {
			gboolean full = column + 1 + len > LINE_WIDTH;

			g_string_append_c (out, full || sentence ? '\n' : ' ');
			column = full || sentence ? 0 : column + 1;
		}
		if (column == 0 && *words[i] == '.')
			g_string_append (out, "\\&");
		append_word (out, words[i]);
		column += len;
	}
	g_string_append_c (out, '\n');
}

static void
append_item (GString *out, const char *tag, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	g_string_append_printf (out, ".It %s\n", tag);
	append_text (out, text);
}

static void
append_rule (GString *out, const MmRule *rule)
{
	g_autofree char *groups = mm_catalogue_groups (rule);

	g_string_append_printf (out, ".It Sy %s\n", rule->label);
	append_text (out, rule->summary);
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
