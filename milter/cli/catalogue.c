/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue.c: finds rows of the registry and puts their columns into words.
 */
#include <config.h>

#include <string.h>

#include "catalogue.h"

#define MAX_WORD 64

/* Of the pairs of letters of both words, in percent: less is not alike. */
#define MIN_ALIKE 50

static int
compare_labels (gconstpointer a, gconstpointer b)
{
	const MmRule *x = *(const MmRule *const *) a;
	const MmRule *y = *(const MmRule *const *) b;

	return strcmp (x->label, y->label);
}

GPtrArray *
mm_catalogue_sorted (void)
{
	GPtrArray *rules = g_ptr_array_new ();

	for (guint i = 0; mm_rules[i] != NULL; i++)
		g_ptr_array_add (rules, (gpointer) mm_rules[i]);
	g_ptr_array_sort (rules, compare_labels);
	return rules;
}

static char *
as_label (const char *word)
{
	char *label = g_ascii_strup (word, -1);

	return g_strdelimit (label, "-", '_');
}

const MmRule *
mm_catalogue_find (const char *word)
{
	g_autofree char *label = as_label (word);

	return mm_rule_by_label (label);
}

/* How many pairs of neighbouring letters of @a are in @b as well; each pair of @b counts once. */
static guint
common_pairs (const char *a, const char *b)
{
	gboolean used[MAX_WORD] = {FALSE};
	gsize len = MIN (strlen (b), MAX_WORD);
	guint common = 0;

	for (; a[0] != '\0' && a[1] != '\0'; a++) {
		for (gsize i = 0; i + 1 < len; i++) {
			if (used[i] || a[0] != b[i] || a[1] != b[i + 1])
				continue;
			used[i] = TRUE;
			common++;
			break;
		}
	}
	return common;
}

const MmRule *
mm_catalogue_similar (const char *word)
{
	g_autofree char *label = as_label (word);
	const MmRule *best = NULL;
	guint best_percent = MIN_ALIKE - 1;
	gsize len = strlen (label);

	if (len < 2 || len > MAX_WORD)
		return NULL;
	for (guint i = 0; mm_rules[i] != NULL; i++) {
		gsize pairs = len - 1 + strlen (mm_rules[i]->label) - 1;
		guint common = common_pairs (label, mm_rules[i]->label);
		guint percent = (guint) (200 * common / pairs);

		if (percent > best_percent) {
			best = mm_rules[i];
			best_percent = percent;
		}
	}
	return best;
}

char *
mm_catalogue_groups (const MmRule *rule)
{
	static const struct {
		MmGroup group;
		const char *name;
	} groups[] = {
		{MM_GROUP_IDENTIFICATION, "IDENTIFICATION"},
		{MM_GROUP_HEADERS, "HEADERS"},
		{MM_GROUP_MIME, "MIME"},
		{MM_GROUP_LINES, "LINES"},
		{MM_GROUP_MISSING, "MISSING"},
	};
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
		if (rule->groups & groups[i].group)
			g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "",
			                        groups[i].name);
	return g_string_free (out, FALSE);
}

const char *
mm_catalogue_m365 (const MmRule *rule)
{
	static const char *const words[] = {
		[MM_M365_LOG] = "log",
		[MM_M365_FIX] = "fix",
		[MM_M365_OFF] = "ignore",
	};

	return words[rule->m365];
}
