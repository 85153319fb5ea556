/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tidy-private.h: what is brought in line after the repairs of a message.
 */
#pragma once

#include <mailmend/rule.h>

/* Sets a Content-Transfer-Encoding of 8bit or binary on a multipart, or around an embedded message,
 * to 7bit when a leaf inside was encoded (@paths, of char *) and nothing in it needs it any longer:
 * an MTA's downgrade would otherwise rewrite the message after the DKIM signer. Signed parts are left
 * alone. */
void mm_tidy_composites (const MmFacts *facts, GPtrArray *paths, MmEdits *out);

/* Adds MIME-Version to a message that has none and got a Content-* field written: without it that
 * field would mean nothing. Not while 8-bit content that declares nothing stays. */
void mm_tidy_version (const MmFacts *facts, MmEdits *out);

/* The same for every embedded message in which one of @paths was edited. */
void mm_tidy_embedded_version (const MmFacts *facts, GPtrArray *paths, MmEdits *out);
