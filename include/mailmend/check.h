/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check.h: the facts of one message, and the findings of all rules on them.
 */
#pragma once

#include <mailmend/rule.h>

G_BEGIN_DECLS

typedef struct {
	MmMessage *message;
	MmMime *mime;
	MmFacts facts;
	MmFindings *findings; /* by stage and rule, then by place */
	GHashTable *keys;     /* of findings: key -> place in the list + 1; made on first use */
} MmCheck;

/* Scans, splits and judges @message. @head and @body are its scans if they were made while it
 * arrived, else NULL. Never fails: what lies beyond a limit is not looked at. @context must outlive
 * the result. (transfer full) */
MmCheck *mm_check_new (MmMessage *message, const MmContext *context, const MmScan *head,
                       const MmScan *body);
void mm_check_free (MmCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmCheck, mm_check_free)

/* The finding with @key, or NULL. */
const MmFinding *mm_check_find (MmCheck *check, const char *key);

G_END_DECLS
