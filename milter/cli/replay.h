/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.h: what two configurations make of one message, for `mailmend replay`.
 */
#pragma once

#include <mailmend/judge.h>

#include "input.h"

G_BEGIN_DECLS

/* What one configuration makes of it. */
typedef struct {
	MmMatch match;
	MmJudgement *judgement; /* NULL: not judged */
	MmAction action;
	MmAction would;
	const char *limit;      /* or NULL */
} MmOutcome;

void mm_outcome_clear (MmOutcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmOutcome, mm_outcome_clear)

/* In what two outcomes may differ. */
typedef enum {
	MM_DIFFERS_RULE,
	MM_DIFFERS_POLICY,
	MM_DIFFERS_ACTION,
	MM_DIFFERS_WOULD,
	MM_DIFFERS_LABELS,
	MM_DIFFERS_FIXED,
	MM_DIFFERS_LEFT,
	MM_DIFFERS_REPLY,
	MM_DIFFERS_OCTETS,
	MM_N_DIFFERS,
} MmDiffers;

const char *mm_differs_name (MmDiffers kind);

/* A bit for each kind in which both differ, 1 << kind; 0: the message is treated alike. */
guint mm_outcome_compare (const MmOutcome *old, const MmOutcome *new);

/* "PATH: OLD policy=.. -> NEW .." and an object of the same, each with its line end. */
void mm_replay_text (const char *name, const MmOutcome *old, const MmOutcome *new, guint differs,
                     GString *out);
void mm_replay_json (const char *name, const MmOutcome *old, const MmOutcome *new, guint differs,
                     GString *out);

G_END_DECLS
