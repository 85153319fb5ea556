/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * laws.h: what must hold of every message whatsoever, checked without the code that verifies.
 */
#pragma once

#include "../unit/test-util.h"

G_BEGIN_DECLS

/* One way to judge. */
typedef struct {
	gsize line_limit;
	MmEightBit eight_bit;
	MmOnDkim on_dkim;
	MmEmbedded embedded;
	gboolean trace;
} LawsSetting;

typedef struct {
	guint judged;
	guint clean; /* nothing found */
	guint mended;
	guint inside; /* of these, in embedded mail */
	guint traced; /* ... and the message says so */
	guint left; /* something found, nothing mended */
	guint is_signed;
	guint signed_mended;
	guint broke;    /* signed ones of which a signature was broken */
	guint limited;
	guint failures;
	GHashTable *notes; /* why verify dropped edits -> how often */
} LawsTally;

void laws_tally_init (LawsTally *tally);
void laws_tally_clear (LawsTally *tally);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LawsTally, laws_tally_clear)

/* Mends @wire by every rule that can and checks the laws on the result; what does not hold fails
 * the test under @name. */
void laws_check (const char *name, GBytes *wire, const MmPolicy *policy, LawsSetting setting,
		 LawsTally *tally);

G_END_DECLS
