/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature.h: which signatures a message carries, and which of them an edit would break.
 *
 * Nothing is ever verified: no key is asked for and nothing is hashed. What a signature signs is
 * put into its canonical form for two versions of a message and compared; where the forms are the
 * same, the signature is as good or as bad as it was before.
 *
 * application/pkcs7-mime is an ordinary leaf and no signature here.
 */
#pragma once

#include <mailmend/edit.h>

G_BEGIN_DECLS

typedef enum {
	MM_SIGNATURE_DKIM = 1 << 0,       /* DKIM-Signature (RFC 6376) */
	MM_SIGNATURE_ARC = 1 << 1,        /* ARC-Seal or ARC-Message-Signature (RFC 8617) */
	MM_SIGNATURE_SIGNED = 1 << 2,     /* multipart/signed: S/MIME or PGP (RFC 1847) */
	MM_SIGNATURE_ENCRYPTED = 1 << 3,  /* multipart/encrypted */
	MM_SIGNATURE_INLINE_PGP = 1 << 4, /* armour in a text part (RFC 9580 6.2) */
	MM_SIGNATURE_ARC_SEAL = 1 << 5,   /* beside ARC: there is an ARC-Seal */
} MmSignatures;

/* Those that header fields bring, and those whose signed text is the content. */
#define MM_SIGNATURES_OF_FIELDS (MM_SIGNATURE_DKIM | MM_SIGNATURE_ARC | MM_SIGNATURE_ARC_SEAL)
#define MM_SIGNATURES_OF_CONTENT                                                                  \
	(MM_SIGNATURE_SIGNED | MM_SIGNATURE_ENCRYPTED | MM_SIGNATURE_INLINE_PGP)

/* MmSignatures of the message; 0 = none. Embedded mail does not count. */
guint mm_signatures_of (const MmMessage *message, const MmMime *mime);

/* The same of the content of every mail in @mime, the embedded too: by the number of the part that
 * mm_mime_mail_of gives, 0 for all other parts. As long as there are parts. (transfer full) */
guint *mm_signatures_by_mail (const MmMime *mime);

/* TRUE if the text of @part is, or holds, a PGP message or signature. */
gboolean mm_part_has_armour (const MmPart *part);

/* "arc,dkim": sorted, comma between; "" for none. (transfer full) */
char *mm_signatures_to_string (guint signatures);

/* ---- what breaks a signature --------------------------------------------------------------------- */

typedef enum {
	MM_BREAK_FIELD,   /* a field that h= names was changed or removed */
	MM_BREAK_ADDED,   /* a field was added of which h= says that there are no more */
	MM_BREAK_BODY,    /* what bh= is the hash of, up to l= */
	MM_BREAK_ITSELF,  /* the field of the signature */
	MM_BREAK_CONTENT, /* S/MIME, PGP: the body, or a Content- field of the message */
	MM_BREAK_UNKNOWN, /* the field cannot be read: nobody knows */
} MmBreakWhy;

typedef struct {
	MmSignatures signature; /* one of them */
	MmBreakWhy why;
	int header;   /* place of its field in the message that was compared, -1: it has none */
	char *signer; /* "example.org/selector", printable; NULL: not known */
	char *field;  /* FIELD, ADDED: its name, printable */
} MmBreak;

void mm_break_free (MmBreak *broken);

/* "dkim example.org/selector (field Subject)". (transfer full) */
char *mm_break_to_string (const MmBreak *broken);

/* What the signatures of one message cover. Read only; may be used from any thread. */
typedef struct _MmCover MmCover;

/* @message and @mime must outlive the cover. Beyond the limit of signatures a field counts as one
 * that cannot be read. */
MmCover *mm_cover_new (const MmMessage *message, const MmMime *mime, const MmLimits *limits);

/* TRUE if there are more signatures than the limit. */
gboolean mm_cover_is_beyond (const MmCover *cover);
void mm_cover_free (MmCover *cover);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmCover, mm_cover_free)

/* The signatures that are broken in @after, one MmBreak each, the first cause; UNKNOWN ones are among
 * them if anything changed. The `original` of a header of @after must be its place in the cover's
 * message. Linear in the size of both. (transfer full) */
GPtrArray *mm_cover_compare (const MmCover *cover, const MmMessage *after);

/* The same for the edits of @edits from place @from on, which are edits on the cover's message,
 * without any other. A body edit that only reaches into the line at which an l= ends counts as one
 * inside it; else the answer is that of mm_cover_compare. Linear in the header block and in the
 * lines that the edits touch. (transfer full) */
GPtrArray *mm_cover_compare_edits (const MmCover *cover, const MmEdits *edits, guint from);

G_END_DECLS
