/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.h: proves that a mended copy lost nothing and gained no defect, before anyone sees it.
 *
 * Checked: no mended finding is found again, no new error or warning, in embedded mail neither if
 * that is mended; every header without an edit, of the message and of every part, embedded mail
 * included, is the same octets in the same order; every leaf decodes to the same octets (text whose line ends were mended:
 * after the same line-end repair on both sides); no signature is known to be broken, unless that
 * was allowed, and what is signed by S/MIME or PGP is the same; and GMime reads in the mended message the tree
 * and leaves that our splitter reads there.
 */
#pragma once

#include <mailmend/fix.h>

G_BEGIN_DECLS

typedef struct {
	char *reason;      /* what does not hold, for the log */
	GPtrArray *blamed; /* of char *: keys of the repairs that may have caused it; empty: unknown */
} MmObjection;

void mm_objection_free (MmObjection *objection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmObjection, mm_objection_free)

/* An objection that blames every repair of @fix. (transfer full) */
MmObjection *mm_objection_to (const MmFix *fix, const char *reason);

/* Compares @before with @after, which was made by @fix. NULL if all holds. (transfer full) */
MmObjection *mm_verify (MmCheck *before, MmCheck *after, const MmFix *fix);

/* Where repairs may have changed more than headers and encodings: paths of parts (of char *). Each
 * may be NULL. */
typedef struct {
	GHashTable *line_ends;  /* text leaves whose line ends were mended */
	GHashTable *delimiters; /* multiparts that may have got a close line, or another boundary */
} MmMendedParts;

/* Law 1 for parts, without findings: for tests and fuzzers too. The tree is the same and every
 * leaf has the same content; where line ends were mended both sides are compared after that repair
 * with @bare_cr. Boundaries and the number of delimiter lines are the same, but for what @mended
 * says. NULL, or what does not hold and in @out_part (may be NULL) the path of the part. */
char *mm_verify_nothing_lost (const MmMime *before, const MmMime *after, MmBareCr bare_cr,
                              const MmMendedParts *mended, char **out_part);

/* Law 1 for the top-level header: every field without an edit is the same octets, in the same
 * order. @edited (of int + 1): places of the fields that were the defect; fields a repair must
 * bring in line (Content-Type, Content-Transfer-Encoding, MIME-Version) may differ too. Returns
 * NULL or what does not hold. */
char *mm_verify_headers (const MmMessage *before, const MmMessage *after, GHashTable *edited);

/* The same for the header of every part below the message, the trees being alike. @edited: of const
 * MmHeader * in @before. Content-* fields as above. NULL, or what does not hold and in @out_part (may
 * be NULL) the path of the part. */
char *mm_verify_part_headers (const MmMime *before, const MmMime *after, GHashTable *edited,
                              char **out_part);

/* Adds to such a set what a finding of @rule in top-level field @at of @before is about. */
void mm_verify_add_edited (GHashTable *edited, const MmMessage *before, const MmRule *rule,
                           guint at);

/* What need not be found out again for the witness; each may be NULL. */
typedef struct {
	GHashTable *decode;   /* of char *: paths of leaves whose decoded octets are compared; NULL: all */
	const MmScan *body;   /* facts of the message's body */
	const MmMime *before; /* the original, which mm_verify_nothing_lost () found to be the same */
} MmWitnessKnows;

/* GMime as witness: NULL if it reads in @message the tree and the content that @mime says, else
 * what differs. @knows may be NULL. Where GMime is known to misread, our tree counts. */
char *mm_verify_witness (const MmMessage *message, const MmMime *mime,
                         const MmWitnessKnows *knows);

/* Readies GMime. Once in a process, before any thread. */
void mm_verify_init (void);

G_END_DECLS
