/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registry.c: the table of all rules, made from the list in Makefile.am (rules.inc).
 */
#include <config.h>

#include <mailmend/rule.h>

#define MM_RULE(symbol) extern const MmRule symbol;
#include "rules.inc"
#undef MM_RULE

const MmRule *const mm_rules[] = {
#define MM_RULE(symbol) &symbol,
#include "rules.inc"
#undef MM_RULE
        NULL,
};

guint
mm_rules_count (void)
{
	return G_N_ELEMENTS (mm_rules) - 1;
}

const MmRule *
mm_rule_by_label (const char *label)
{
	for (guint i = 0; mm_rules[i] != NULL; i++)
		if (strcmp (mm_rules[i]->label, label) == 0)
			return mm_rules[i];
	return NULL;
}

guint
mm_rule_index (const MmRule *rule)
{
	guint i = 0;

	while (mm_rules[i] != NULL && mm_rules[i] != rule)
		i++;
	return i;
}

const char *
mm_severity_to_string (MmSeverity severity)
{
	static const char *const names[] = {"notice", "warning", "error"};

	return names[severity];
}
