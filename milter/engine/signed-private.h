/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signed-private.h: the edits that are not made for the sake of signatures.
 */
#pragma once

#include <mailmend/fix.h>

G_BEGIN_DECLS

/* TRUE if some edits are forbidden under @scope. */
gboolean mm_signed_matters (const MmFixScope *scope);

/* The MmSignatures that forbid the edits from @first on; 0: they may be made. */
guint mm_signed_forbids (const MmCover *cover, const MmEdits *edits, guint first,
                         const MmFixScope *scope, GError **error);

G_END_DECLS
