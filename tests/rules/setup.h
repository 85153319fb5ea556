/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setup.h: how a case of tests/rules wants to be judged.
 */
#pragma once

#include "../unit/test-util.h"

G_BEGIN_DECLS

typedef struct {
	GKeyFile *file;
	MmContext context;
	MmPolicy *policy;
	MmJudgeRequest request;
	gboolean notices; /* they count as labels too */
	char *hostname;
	char *from;
	char **charsets;
	GBytes *random;
} Setup;

/* Reads @folder/options, if there is such a file. */
void setup_init (Setup *s, const char *folder);
void setup_clear (Setup *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Setup, setup_clear)

G_END_DECLS
