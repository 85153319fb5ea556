/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fix.h: asks the rules that found something, and may mend, for their edits: stage by stage,
 * facts made anew after each.
 *
 * Nothing here decides whether the result is good: verify does.
 */
#pragma once

#include <mailmend/check.h>

G_BEGIN_DECLS

/* What may be mended. */
typedef struct {
	gboolean (*may_fix) (const MmRule *rule, gconstpointer data);
	gconstpointer data;
	gboolean header_only; /* no edit of the body, part headers included */
	GHashTable *banned;   /* keys of findings that must be left alone; may be NULL */
} MmFixScope;

/* What became of a finding of some stage. */
typedef struct {
	char *key;         /* mm_finding_key when it was mended */
	const MmRule *rule;
	char *part;        /* path of the part */
	MmPlace place;
	int original;      /* top-level header: its place in the message as received, else -1 */
	gboolean structural; /* the header is a Content-* field */
	char *reason;      /* why it was not mended; NULL: edits were made */
} MmRepair;

typedef struct {
	MmMessage *message; /* the mended copy; the original itself if nothing was edited */
	GPtrArray *repairs; /* of MmRepair */
	guint n_header_edits;
	guint n_body_edits;
	guint n_dropped; /* mm_edits_dropped () of all stages */
} MmFix;

/* Mends @check's message as far as @scope allows. NULL with an error if memory or a limit stopped
 * it. (transfer full) */
MmFix *mm_fix_new (MmCheck *check, const MmFixScope *scope, GError **error);

gboolean mm_fix_has_edits (const MmFix *fix);

/* Takes over what @next, made of @fix's message, edited beyond it. Takes @next. */
void mm_fix_absorb (MmFix *fix, MmFix *next);
void mm_fix_free (MmFix *fix);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmFix, mm_fix_free)

G_END_DECLS
