/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leaf-private.h: what the rules of contents share: which leaves have a defect, and encoding one.
 */
#pragma once

#include <mailmend/rule.h>

/* mm_scan () of octets of the body; if they are all of it, its scan is known. */
MmScan mm_leaf_scan (const MmFacts *facts, MmBytes octets);

typedef struct {
	/* FALSE: nothing can be found in @octets. Cheaper than their scan. */
	gboolean (*may) (const MmFacts *facts, MmBytes octets);
	void (*judge) (const MmFacts *facts, const MmPart *part, MmPlace place, MmBytes octets,
	               const MmScan *scan, MmFindings *out);
} MmLeafVisit;

/* Calls @how->judge for the content of every leaf, and for preamble and epilogue of every multipart,
 * with the scan of those octets. For rules whose defect the scan of the body shows. */
void mm_leaf_visit (const MmFacts *facts, const MmLeafVisit *how, MmFindings *out);

/* fix: @octets become the content of a leaf in base64, which it stays. */
gboolean mm_leaf_encode_base64 (const MmFacts *facts, const MmPart *part, MmBytes octets,
                                MmEdits *out, GError **error);

/* fix: encodes the leaf of @finding. Text becomes quoted-printable, or base64 when that is shorter,
 * and gets a charset label if it has 8-bit octets and none; everything else becomes base64. UNCERTAIN
 * where labels forbid it or no charset can be told; without @need_charset that does not matter for
 * attachments. */
gboolean mm_leaf_fix (const MmFacts *facts, const MmFinding *finding, gboolean need_charset,
                      MmEdits *out, GError **error);

/* The same with @octets as the content of @part. */
gboolean mm_leaf_encode (const MmFacts *facts, const MmPart *part, MmBytes octets,
                         gboolean need_charset, MmEdits *out, GError **error);

/* TRUE if the leaf is text that can stay lines of text: no NUL, not UTF-16 or UTF-32. */
gboolean mm_leaf_is_plain_text (const MmPart *part, MmBytes octets);
