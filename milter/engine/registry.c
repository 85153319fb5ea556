/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registry.c: looks things up in the table of rules.
 */
#include <config.h>

#include <mailmend/rule.h>

guint
mm_rules_count (void)
{
	guint n = 0;

	while (mm_rules[n] != NULL)
		n++;
	return n;
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
