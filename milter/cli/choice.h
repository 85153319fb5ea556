/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * choice.h: which policy the command line asks for.
 */
#pragma once

#include <mailmend/message.h>

#include "given.h"

G_BEGIN_DECLS

/* As given; all may be NULL or empty. */
typedef struct {
	char *config;
	char *policy;
	MmGiven given; /* of mail that has no envelope beside it */
} MmChoiceOptions;

void mm_choice_options_clear (MmChoiceOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmChoiceOptions, mm_choice_options_clear)

typedef struct {
	MmChoiceOptions *options;
	MmConfig *config;       /* NULL: neither --config nor --policy */
	const MmPolicy *policy; /* the one named; NULL: none was */
} MmChoice;

/* Reads the configuration of --config (else the shipped one if a policy is named) and finds
 * --policy in it, or @fallback (may be NULL). FALSE after telling every problem. @options must
 * outlive it. */
gboolean mm_choice_init (MmChoice *choice, MmChoiceOptions *options, const char *fallback);
void mm_choice_clear (MmChoice *choice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmChoice, mm_choice_clear)

/* The configuration at @path (NULL: the shipped one), after telling its warnings; NULL after telling
 * its problems. (transfer full) */
MmConfig *mm_choice_load (const char *path);

/* The configuration that mailmend-milter reads if none is named; where that does not exist, the
 * shipped one. As above. @out_path (may be NULL) gets what was read, NULL for the shipped one; it is
 * constant. */
MmConfig *mm_choice_load_installed (const char **out_path);

/* The rule and policy for @message: the policy named (then there is no rule), else what the
 * configuration gives for its fields and @given. There must be a configuration. */
MmMatch mm_choice_match (const MmChoice *choice, const MmMessage *message, MmGiven *given);
/* What @config gives for the fields of @message and @given; what is not said does not exist. */
MmMatch mm_choice_match_config (const MmConfig *config, const MmMessage *message,
                                MmGiven *given);

/* The envelope that KeepOriginals left beside the message @path ("QUEUEID.eml"), else that of the
 * options. @stored is set up here and must be cleared by the caller. NULL after telling what is
 * wrong with it. */
MmGiven *mm_choice_given (MmChoiceOptions *options, const char *path, MmGiven *stored);

/* Says in @given, where it says nothing of them, what the fields of the message beside the envelope
 * @path ("QUEUEID.eml" beside "QUEUEID.envelope") say: From, Received. Nothing if there is none.
 * FALSE after telling why it cannot be read. */
gboolean mm_choice_take_fields (MmGiven *given, const char *path);

/* Settings of --config; NULL if none was given. */
const MmSettings *mm_choice_settings (const MmChoice *choice);

G_END_DECLS
