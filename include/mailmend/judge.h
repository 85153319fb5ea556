/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.h: one message from check to verdict: what daemon and command call.
 *
 * check, then by policy fix and verify (an edit that fails is dropped with its group and the rest
 * verified again, at most three times; then there is no edit at all), then plan and verdict.
 */
#pragma once

#include <mailmend/check.h>
#include <mailmend/plan.h>
#include <mailmend/signature.h>
#include <mailmend/verdict.h>

G_BEGIN_DECLS

typedef struct {
	const MmPolicy *policy;
	gboolean dry_run;
	gboolean null_sender;   /* only a missing Message-ID or Date is added, nothing refused ... */
	gboolean names_null;    /* ... unless the rule names Sender = <> */
	gboolean some_only;     /* the rule fits some recipients only: mended, but nothing refused */
	gboolean trace;         /* a mended message gets a field X-Mailmend */
	gsize message_size_limit; /* 0: none */
	gboolean want_plan;     /* the operations for an MTA are wanted */
	const MmScan *head;     /* scans made while the message arrived, or NULL */
	const MmScan *body;
	gboolean once;          /* FALSE; for judge's own question whether mending is at its end */
} MmJudgeRequest;

typedef struct {
	MmAction action;
	MmAction would;       /* dry run: what would have been done; else the same as action */
	gboolean dry_run;
	GPtrArray *labels;    /* of const char *, sorted, unique */
	GPtrArray *fixed;
	GPtrArray *left;
	GPtrArray *blamed;    /* labels of the reply */
	guint signatures;     /* MmSignatures */
	guint broke;          /* those that the edits broke */
	GPtrArray *broken;    /* of char *: "dkim example.org/selector (body)", the same in words */
	const char *limit;    /* the bound that was met, "toolarge", or NULL */
	char *note;           /* why edits were dropped or nothing was edited; NULL: nothing to say */
	char *error;          /* action error: what happened */
	MmCheck *check;       /* the original's findings */
	MmMessage *message;   /* the final message; the original itself when unchanged or dry run */
	MmPlan *plan;         /* if wanted and there is anything to do */
	char *edits;          /* "chgheader:1 body:1" */
	gsize newsize;        /* of the final message (dry run: as it would be) */
	char *newmid;         /* Message-ID of the final message if it was changed, else NULL */
	GPtrArray *reasons;   /* of char *: "LABEL part: why", for what was tried and left */
} MmJudgement;

/* Judges @message. Always answers: an internal failure is MM_ACTION_ERROR with the message
 * unchanged. (transfer full) */
MmJudgement *mm_judge (MmMessage *message, const MmContext *context,
                       const MmJudgeRequest *request);
void mm_judgement_free (MmJudgement *judgement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmJudgement, mm_judgement_free)

/* Fills what a policy decides in @context: limits of lines, charsets and so on, but not
 * Hostname. */
void mm_context_set_policy (MmContext *context, const MmPolicy *policy);

/* Makes of a configuration and what it matched the way to judge one message, for daemon and command
 * alike. @context: as mm_context_init left it, with the name that counts where the policy has no
 * Hostname; gets what policy and @settings say, the sender, and the deadline, which runs from now.
 * @request: is set as a whole; the caller adds want_plan and scans. @settings may be NULL (no
 * configuration: no limit of time or size but those of @context). @sender: without brackets, "" for
 * the null sender, NULL: not known, which is no null sender. All must outlive what is filled. */
void mm_judge_prepare (const MmSettings *settings, const MmMatch *match, const char *sender,
                       MmContext *context, MmJudgeRequest *request);

G_END_DECLS
