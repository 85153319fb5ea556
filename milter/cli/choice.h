/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * choice.h: which policy the command line asks for.
 */
#pragma once

#include <mailmend/policy.h>

G_BEGIN_DECLS

/* As given; all may be NULL. */
typedef struct {
	char *config;
	char *policy;
	char *from;
	char *client;
	char *user;
	char **rcpt; /* no condition asks for recipients so far */
} MmChoiceOptions;

void mm_choice_options_clear (MmChoiceOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmChoiceOptions, mm_choice_options_clear)

typedef struct {
	const MmChoiceOptions *options;
	MmConfig *config;       /* NULL: neither --config nor --policy */
	const MmPolicy *policy; /* the one named; NULL: none was */
	char *sender;           /* without brackets; NULL: not given */
	GInetAddress *client;
} MmChoice;

/* Reads the configuration of --config (else the shipped one if a policy is named) and finds
 * --policy in it, or @fallback (may be NULL). FALSE after telling every problem. @options must
 * outlive it. */
gboolean mm_choice_init (MmChoice *choice, const MmChoiceOptions *options, const char *fallback);
void mm_choice_clear (MmChoice *choice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmChoice, mm_choice_clear)

/* The policy for @message: the one named, else what the configuration gives for its From, its
 * Received fields, --from, --client and --user. NULL without a configuration: everything counts. */
const MmPolicy *mm_choice_policy (const MmChoice *choice, const MmMessage *message);

/* Settings of --config; NULL if none was given. */
const MmSettings *mm_choice_settings (const MmChoice *choice);

/* @path without its < >. (transfer full) */
char *mm_choice_address (const char *path);

G_END_DECLS
