/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * laws-private.h: one message under the laws.
 */
#pragma once

#include "laws.h"

typedef struct {
	const char *name;
	LawsSetting setting;
	LawsTally *tally;
	const MmContext *context;
	const MmJudgeRequest *request;
	const MmJudgement *j;
} Law;

/* What does not hold: the test fails. */
void laws_broken (const Law *l, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Signed content is not touched. */
void laws_check_signed (const Law *l);

/* Embedded mail: untouched unless asked for, and never where it is signed. The trees are alike. */
void laws_check_embedded (const Law *l, const MmMime *after);
