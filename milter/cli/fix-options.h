/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fix-options.h: the command line of `mailmend fix`.
 */
#pragma once

#include <mailmend/judge.h>

#include "choice.h"

G_BEGIN_DECLS

typedef struct {
	MmChoiceOptions choice; /* config, policy, from */
	char *fix;
	gboolean wire;
	gboolean smtputf8;
	gboolean bounce; /* mend the message that the bounce at path carries */
	gboolean in_place;
	char *output;
	char *report;
	char *path;

	/* What a message that is mended depends on beside itself: given, the result is the same
	 * on every run. */
	gint64 now;       /* G_MININT64: not given */
	int zone;         /* G_MININT: not given */
	char *hostname;
	GBytes *random;   /* octets that are handed out again and again; NULL: not given */
} MmFixOptions;

/* FALSE if there is nothing to do: @out_code is then the exit code. */
gboolean mm_fix_options_parse (MmFixOptions *options, int argc, char **argv, int *out_code);
void mm_fix_options_clear (MmFixOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmFixOptions, mm_fix_options_clear)

/* How the options want a message judged by @policy; what @context points to is theirs, @choice's and
 * the policy's. */
void mm_fix_options_context (const MmFixOptions *options, const MmChoice *choice,
                             const MmPolicy *policy, MmContext *context, MmJudgeRequest *request);

/* A MmRandomFunc that hands out the octets of @data (GBytes, not empty). Every call begins anew: the
 * answer must not depend on how often was asked before. */
void mm_fixed_random (gpointer data, guint8 *octets, gsize n);

G_END_DECLS
