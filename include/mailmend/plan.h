/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.h: the operations that turn the message an MTA holds into the mended one.
 *
 * Bottom-up, highest index of a name first, so that every MTA counts alike; no insert at a position,
 * only appends. Folds are LF + blank as libmilter wants them.
 */
#pragma once

#include <mailmend/limits.h>
#include <mailmend/message.h>

G_BEGIN_DECLS

typedef enum {
	MM_PLAN_CHANGE, /* smfi_chgheader (name, index, value) */
	MM_PLAN_DELETE, /* smfi_chgheader (name, index, NULL) */
	MM_PLAN_APPEND, /* smfi_addheader (name, value) */
} MmPlanKind;

typedef struct {
	MmPlanKind kind;
	char *name;
	guint index;
	char *value; /* with its leading blank (SMFIP_HDR_LEADSPC); NULL for DELETE */
} MmPlanHeader;

typedef struct {
	GPtrArray *headers; /* of MmPlanHeader, in the order to send */
	GBytes *body;       /* the whole new body, or NULL */
} MmPlan;

/* The plan from @original to @final. An error (MM_ERROR_INTERNAL, MM_ERROR_LIMIT) if it cannot be
 * expressed: a moved header, a name or value that no MTA must be given. (transfer full) */
MmPlan *mm_plan_new (const MmMessage *original, const MmMessage *final, const MmLimits *limits,
                     GError **error);
void mm_plan_free (MmPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmPlan, mm_plan_free)

/* "chgheader:1 addheader:1 body:1", "" if empty. (transfer full) */
char *mm_plan_to_string (const MmPlan *plan);

G_END_DECLS
