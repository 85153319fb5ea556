/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature.h: which signatures a message carries. So far: a message that carries any is not edited.
 * application/pkcs7-mime is an ordinary leaf and no signature here.
 */
#pragma once

#include <mailmend/mime.h>

G_BEGIN_DECLS

typedef enum {
	MM_SIGNATURE_DKIM = 1 << 0,       /* DKIM-Signature (RFC 6376) */
	MM_SIGNATURE_ARC = 1 << 1,        /* ARC-Seal or ARC-Message-Signature (RFC 8617) */
	MM_SIGNATURE_SIGNED = 1 << 2,     /* multipart/signed: S/MIME or PGP (RFC 1847) */
	MM_SIGNATURE_ENCRYPTED = 1 << 3,  /* multipart/encrypted */
	MM_SIGNATURE_INLINE_PGP = 1 << 4, /* armour in a text part (RFC 9580 6.2) */
} MmSignatures;

/* MmSignatures of the message; 0 = none. Embedded mail does not count. */
guint mm_signatures_of (const MmMessage *message, const MmMime *mime);

/* "arc,dkim": sorted, comma between; "" for none. (transfer full) */
char *mm_signatures_to_string (guint signatures);

G_END_DECLS
