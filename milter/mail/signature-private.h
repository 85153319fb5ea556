/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature-private.h: what one DKIM-Signature or ARC field says it signs, and canonical forms.
 */
#pragma once

#include <mailmend/signature.h>

/* One field that signs others. */
typedef struct {
	MmSignatures kind; /* DKIM, ARC, or ARC_SEAL for all ARC-Seal fields together */
	guint header;      /* place of the field */
	gboolean readable; /* FALSE: no verifier can make anything of it, or not we; nothing else is set */
	gboolean relaxed_header;
	gboolean relaxed_body;
	gboolean limited;  /* l= is given */
	gsize limit;
	gsize covered;     /* the body is signed up to there; G_MAXSIZE: all of it */
	MmBytes b;         /* the value of b= and the blanks around it, in the line */
	GHashTable *names; /* lower case -> how often it stands in h= (GUINT_TO_POINTER) */
	char *signer;
} MmDkim;

/* Reads @item (RFC 6376 3.5, RFC 8617 4.1.2). */
MmDkim *mm_dkim_read (const MmHeader *item, MmSignatures kind);
/* ARC-Seal (RFC 8617 4.1.3), which signs all fields of ARC and nothing else. */
MmDkim *mm_dkim_new_seal (guint header);
void mm_dkim_free (MmDkim *dkim);

/* How often h= names @name. */
guint mm_dkim_counts (const MmDkim *dkim, MmBytes name);

/* TRUE if two header lines have the same canonical form (RFC 6376 3.4.1, 3.4.2); the octets of
 * @x_hole and @y_hole, views into them, do not count. */
gboolean mm_dkim_same_field (MmBytes x, MmBytes x_hole, MmBytes y, MmBytes y_hole,
                             gboolean relaxed);

/* Octets that the canonical forms of two bodies (RFC 6376 3.4.3, 3.4.4) have in common from their
 * start; G_MAXSIZE if they are the same. */
gsize mm_dkim_common_body (MmBytes x, MmBytes y, gboolean relaxed);

/* Where the last line ends that is not empty in the canonical form; without its line end. */
gsize mm_dkim_body_end (MmBytes body, gboolean relaxed);

/* Sets covered of each of @limited (of MmDkim with l=, the smallest first): from that offset on an
 * edit cannot touch the octets of @body that it signs. */
void mm_dkim_cover_body (MmBytes body, gboolean relaxed, GPtrArray *limited);

/* ---- the cover ----------------------------------------------------------------------------------- */

struct _MmCover {
	const MmMessage *message;
	GPtrArray *dkims;   /* of MmDkim */
	guint content;      /* MmSignatures of the content */
	gboolean beyond;    /* there are more signatures than are read */
	gboolean signs[2];  /* there is a signature of the body in this form; by relaxed */
	gsize body_end[2];  /* where the canonical body ends; by relaxed */
};

/* TRUE if what is in question changes the body that @dkim signs. */
typedef gboolean (*MmBodyBreaks) (const MmDkim *dkim, gpointer data);

/* The breaks in a version with the header @items, whose original is their place in the cover's
 * message, and where @other_body, with another body. (transfer full) */
GPtrArray *mm_cover_find_breaks (const MmCover *cover, const MmHeader *items, guint n,
                                 gboolean other_body, MmBodyBreaks body_breaks, gpointer data);
