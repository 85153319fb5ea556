/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query.h: what `mailmend query` has found out, for the two forms in which it says so.
 */
#pragma once

#include <mailmend/verdict.h>

#include "given.h"

G_BEGIN_DECLS

typedef struct {
	const MmConfig *config;
	MmGiven *given;
	gboolean complete;    /* what was not given does not exist */
	MmMatch match;        /* decided FALSE: see needs */
	GPtrArray *answers;   /* of MmRuleAnswer */
	GPtrArray *needs;     /* of const char *: all keys that may decide; empty if decided */
	gboolean at_mail;     /* "off" is answered at MAIL already */
	gboolean dns_failed;  /* DNS could not say who takes the mail of a recipient */
	gboolean has_nexthop; /* a rule asks for NextHop */
	GPtrArray *settings;  /* of char *: "Key = value" of the policy, where not the default */
} MmQuery;

/* "yes", "no" or "unknown". */
const char *mm_query_truth (MmTruth truth);

/* What is known of what the condition @key asks for: "from=a@example.org", "from= is not given".
 * (transfer full) */
char *mm_query_fact (const MmQuery *query, const char *key);

/* The key of KEY=VALUE that the condition @key asks for first. */
const char *mm_query_key_of (const char *key);

/* "Key = value" of what @policy does not have by default. (transfer full) */
GPtrArray *mm_query_settings (const MmConfig *config, const char *policy);

void mm_query_text (const MmQuery *query, GString *out);
void mm_query_json (const MmQuery *query, GString *out);

/* What policies say, from the strongest on, for lists of labels: the word at @at, NULL behind the
 * last; @out_says gets its value. */
const char *mm_query_says (guint at, MmSays *out_says);

/* What @policy says of the findings of @rule: a notice that it does not name is ignored. */
MmSays mm_query_says_of (const MmPolicy *policy, const MmRule *rule);

G_END_DECLS
