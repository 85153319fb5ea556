/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * configuration.h: the configuration with all that only this machine can say about it.
 */
#pragma once

#include <mailmend/policy.h>

G_BEGIN_DECLS

typedef struct {
	char *file;        /* as problems name it */
	gboolean may_lack; /* where it is missing, what is shipped counts */
} MmConfiguration;

/* The file @given, or the usual one if that is NULL. */
void mm_configuration_init (MmConfiguration *configuration, const char *given);
void mm_configuration_clear (MmConfiguration *configuration);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmConfiguration, mm_configuration_clear)

/* Makes the name of the file independent of the folder the process is in. */
void mm_configuration_make_absolute (MmConfiguration *configuration);

/* Reads it, and checks what the reader of the file can't: whether user and group exist here,
 * and whether that user can write to KeepOriginals and SpoolDir. What was there once may no longer be
 * missing. NULL if anything is wrong. @out_problems (of char *)
 * gets every problem, and warnings even if there is none, as mm_config_load () does. (transfer
 * full) */
MmConfig *mm_configuration_read (MmConfiguration *configuration, GPtrArray *out_problems);

/* Whether LogTo can be opened, which only counts at the start: a daemon that runs keeps what it has.
 * FALSE after adding to @out_problems. */
gboolean mm_configuration_check_log (const MmSettings *settings, GPtrArray *out_problems);

G_END_DECLS
