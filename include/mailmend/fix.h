/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fix.h: asks the rules that found something, and may mend, for their edits: stage by stage,
 * facts made anew after each.
 *
 * Nothing here decides whether the result is good: verify does.
 */
#pragma once

#include <mailmend/check.h>
#include <mailmend/signature.h>

G_BEGIN_DECLS

/* Which edits a message with a DKIM or ARC signature may get. S/MIME and PGP have no choice. */
typedef enum {
	MM_SIGNED_EDITS_SAFE, /* those that are known to break no signature */
	MM_SIGNED_EDITS_ADD,  /* ... and new fields where a signature cannot be read */
	MM_SIGNED_EDITS_ALL,
} MmSignedEdits;

/* What may be mended. */
typedef struct {
	gboolean (*may_fix) (const MmRule *rule, gconstpointer data);
	gconstpointer data;
	gboolean header_only; /* no edit of the body, part headers included */
	GHashTable *banned;   /* keys of findings that must be left alone; may be NULL */
	guint signatures;     /* MmSignatures of the message; 0: edits are made as if there were none */
	MmSignedEdits signed_edits;
	gboolean rename_broken; /* a DKIM-Signature that was broken becomes X-Original-DKIM-Signature */
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
	guint spared;      /* MmSignatures for whose sake it was not mended; 0: for another reason */
} MmRepair;

typedef struct {
	MmMessage *message; /* the mended copy; the original itself if nothing was edited */
	GPtrArray *repairs; /* of MmRepair */
	guint n_header_edits;
	guint n_body_edits;
	guint n_dropped; /* mm_edits_dropped () of all stages */
	GPtrArray *broken;  /* of MmBreak: signatures of the message as received that are known to be
	                     * broken; header is the place there */
	gboolean may_break; /* that was allowed for those of fields */
	GHashTable *renamed; /* of int + 1: places of fields that were renamed, as received */
	MmCheck *check;      /* of a version of it, or NULL: for mm_fix_steal_check () */
} MmFix;

/* Mends @check's message as far as @scope allows. NULL with an error if memory or a limit stopped
 * it. (transfer full) */
MmFix *mm_fix_new (MmCheck *check, const MmFixScope *scope, GError **error);

gboolean mm_fix_has_edits (const MmFix *fix);

/* The check of @fix's message as it is now: what mending itself made of its last version, else a new one.
 * (transfer full) */
MmCheck *mm_fix_steal_check (MmFix *fix, const MmContext *context);

/* Takes over what @next, made of @fix's message, edited beyond it. Takes @next. */
void mm_fix_absorb (MmFix *fix, MmFix *next);

/* Of a @fix with all passes absorbed, made of @check's message as it was received: fills broken, and
 * renames if @scope says so; the message is then another one. FALSE with an error if memory or a limit
 * stopped it. */
gboolean mm_fix_note_broken (MmFix *fix, MmCheck *check, const MmFixScope *scope, GError **error);
void mm_fix_free (MmFix *fix);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmFix, mm_fix_free)

G_END_DECLS
