/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule-table.c: all rules, from the list in Makefile.am (rules.inc).
 *
 * Alone in its file, so that a test can link a table of its own in its place.
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
