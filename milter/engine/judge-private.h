/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge-private.h: what the parts of judging share: one message under way, and mending it.
 */
#pragma once

#include <mailmend/fix.h>
#include <mailmend/judge.h>

typedef struct {
	MmMessage *original;
	const MmContext *context;
	const MmJudgeRequest *request;
	MmJudgement *judgement;
	GHashTable *banned; /* keys of findings whose edits did not verify */
	MmFix *fix;         /* what verified; NULL: nothing */
	MmCheck *after;     /* of its message; NULL: nothing was mended */
	gboolean refused;   /* because of a signature; the labels are in judgement->blamed */
	gboolean unfixable; /* because of OnUnfixable; likewise */
	gboolean gave_up;   /* no attempt verified */
} MmJudging;

/* TRUE if only what is missing may be added. */
gboolean mm_judge_is_restricted (const MmJudgeRequest *request);

/* FALSE: whatever is found, the message is neither rejected, tempfailed nor quarantined. */
gboolean mm_judge_may_refuse (const MmJudgeRequest *request);

/* Mends and verifies: fills fix, after and refused, and limit, note and error of the judgement. */
void mm_judge_mend (MmJudging *j);

/* Adds the labels of what @policy shows to @fixed or @left: every finding of @before is fixed if
 * @after (NULL: nothing was mended) has it no longer, else left; a label may be both. */
void mm_judge_sort_out (const MmPolicy *policy, MmCheck *before, MmCheck *after, GPtrArray *fixed,
                        GPtrArray *left);

/* Appends the field X-Mailmend to the mended message of @fix, @after being its check, for @fixed
 * labels. Not where that would break a signature, pass @max_size octets (0: no limit), or where the
 * header block is broken off. FALSE with an error only if memory was refused. */
gboolean mm_trace_add (MmFix *fix, MmCheck *after, const MmFixScope *scope, const char *policy,
                       GPtrArray *fixed, gsize max_size, GError **error);
