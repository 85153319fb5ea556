/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h: findings, policy and the result of mending -> what is done. Pure.
 */
#pragma once

#include <mailmend/policy.h>

G_BEGIN_DECLS

/* The values of action= in the log line. */
typedef enum {
	MM_ACTION_NONE,
	MM_ACTION_LOG,
	MM_ACTION_FIX,
	MM_ACTION_REJECT,
	MM_ACTION_QUARANTINE,
	MM_ACTION_TEMPFAIL,
	MM_ACTION_ERROR,
} MmAction;

const char *mm_action_to_string (MmAction action);

/* What a finding means under a policy: notices count only where the policy names the label. In
 * embedded mail all are notices that are logged at most; with Embedded = fix those that are to be
 * mended are FIX, unless they were notices anywhere; with Embedded = all they count like others. */
MmSays mm_policy_says (const MmPolicy *policy, const MmFinding *finding);
/* TRUE if the finding is shown in labels=. */
gboolean mm_policy_shows (const MmPolicy *policy, const MmFinding *finding);

/* Sorted, unique labels of findings. */
typedef struct {
	MmAction action;   /* before mending: FIX means "to be tried" */
	GPtrArray *labels; /* of const char *, sorted: all that are shown */
	GPtrArray *blamed; /* those that caused a rejection, tempfail or quarantine */
} MmVerdict;

/* @may_refuse FALSE: reject, tempfail and quarantine count as log (null sender). (transfer full) */
MmVerdict *mm_verdict_new (const MmFindings *findings, const MmPolicy *policy,
                           gboolean may_refuse);
void mm_verdict_free (MmVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmVerdict, mm_verdict_free)

/* What @template (RejectText, QuarantineText) says: "%L" stands for @labels ("A|B", sorted), "%Q" for
 * @queue_id (NULL or empty: "NOQUEUE"), "%%" for a percent sign. With @enhanced ("5.6.0") and its
 * blank at most 500 octets (RFC 5321 4.5.3.1.5): labels are cut at a whole one with "|...", alike
 * wherever they stand. Not yet doubled for libmilter. (transfer full) */
char *mm_reply_text (const char *template, const char *enhanced, GPtrArray *labels,
                     const char *queue_id);

/* Every '%' doubled, for smfi_setreply. (transfer full) */
char *mm_reply_escape (const char *text);

/* Adds @label (a constant) unless it is there; keeps the list sorted. */
void mm_labels_add (GPtrArray *labels, const char *label);

/* "A|B". (transfer full) */
char *mm_labels_join (GPtrArray *labels);

G_END_DECLS
