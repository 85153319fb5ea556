/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns.h: who takes the mail of recipients, for rules with RecipientMx.
 */
#pragma once

#include "given.h"

G_BEGIN_DECLS

/* {0}: nobody was asked so far. */
typedef struct {
	MmMxResolver *resolver;
	gboolean failed; /* it cannot be had: that was told */
} MmDns;

void mm_dns_clear (MmDns *dns);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmDns, mm_dns_clear)

/* Asks for each recipient of @given of whom nothing is said, if a rule of @config has RecipientMx,
 * and waits for the answers: longer than the milter would, a few seconds. What DNS cannot say is
 * FAILED then. */
void mm_dns_ask (MmDns *dns, const MmConfig *config, MmGiven *given);

G_END_DECLS
