/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * match-private.h: what the files of the matcher share.
 */
#pragma once

#include "policy-private.h"

G_BEGIN_DECLS

/* A recipient in compared form. */
typedef struct {
	MmMailbox mailbox;
	char **next_hops; /* or NULL */
} MmNormalRecipient;

/* A message in the form values are compared in. What costs is made when it is first asked for. */
typedef struct {
	const MmConfig *config;
	const MmEnvelope *envelope;
	MmMailbox sender;
	MmMailbox from;
	gboolean has_client;
	MmAddress client;
	char *client_name;   /* or NULL */
	gboolean client_named; /* that has been made */
	GArray *recipients;  /* of MmNormalRecipient, or NULL */
} MmSubject;

void mm_subject_init (MmSubject *subject, const MmConfig *config, const MmEnvelope *envelope);
void mm_subject_clear (MmSubject *subject);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmSubject, mm_subject_clear)

/* What turned up while a rule was asked. */
typedef struct {
	gboolean mx_missing;
	gboolean some_only;
	gboolean has_found; /* the first table that fits has said something */
	MmFound found;
	const MmTable *table; /* that one */
	char *error;
} MmAsked;

void mm_asked_clear (MmAsked *asked);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmAsked, mm_asked_clear)

/* Four-valued: NO beats all in mm_truth_and (), YES in mm_truth_or (); of the others UNKNOWN beats
 * MM_FAILED: what can still become known may make the failure of no account. */
MmTruth mm_truth_and (MmTruth a, MmTruth b);
MmTruth mm_truth_or (MmTruth a, MmTruth b);

/* Whether the values of @condition hold for something that is any of @things (match-values.c). */
MmTruth mm_values_hold (const MmCondition *condition, const MmThing *things, guint n,
                        const MmSubject *subject, MmAsked *asked);
/* Macro, Size. */
MmTruth mm_macros_hold (const MmCondition *condition, const MmSubject *subject, MmAsked *asked);
MmTruth mm_sizes_hold (const MmCondition *condition, const MmSubject *subject);
/* TRUE if @condition has a value that is compared with a host name. */
gboolean mm_values_have_names (const MmCondition *condition);

/* The recipient conditions of @rule from @first to @last (match-recipients.c). */
MmTruth mm_recipients_hold (const MmMatchRule *rule, MmConditionKind first, MmConditionKind last,
                            MmSubject *subject, MmAsked *asked);

G_END_DECLS
