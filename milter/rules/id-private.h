/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * id-private.h: what the rules of Message-ID, References and their like share.
 */
#pragma once

#include <mailmend/codec.h>
#include <mailmend/rule.h>

/* A header that holds identifiers. */
typedef struct {
	const char *name;
	gboolean list;     /* References, In-Reply-To: several ids */
	gboolean any_part; /* Content-ID */
} MmIdHeader;

/* The id headers but Message-ID, NULL name at the end. */
extern const MmIdHeader mm_id_headers[];

/* TRUE if @value holds an encoded word that starts outside of <>, comments and quoted strings.
 * Words are recognised left to right before brackets are. */
gboolean mm_id_is_encoded (MmBytes value);

/* @value with those words decoded, white space between adjacent ones dropped. FALSE if a word does
 * not decode. */
gboolean mm_id_decode (MmBytes value, MmBuffer *out);

/* Appends @value without the folds inside the <> of ids, white space around them included (words
 * of mm_id_is_encoded are passed over). Returns how many there were. */
guint mm_id_unfold (MmBytes value, MmBuffer *out);

/* How INVALID_MESSAGE_ID reads a Message-ID: decoded, if it is encoded. */
typedef struct {
	gboolean encoded;
	gboolean undecodable;
	MmMsgid msgid;
} MmIdReading;

void mm_id_reading_clear (MmIdReading *reading);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmIdReading, mm_id_reading_clear)
void mm_id_read (const MmFacts *facts, MmBytes value, MmIdReading *out);

/* fix of ENCODED_MESSAGE_ID and INVALID_MESSAGE_ID: the sender's own id where it is certain, a new
 * one where nothing is lost, else UNCERTAIN. */
gboolean mm_id_mend (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error);

/* "<time.random@domain>": unique across hosts; domain of header From, else of the envelope sender,
 * else the host name. (transfer full) */
char *mm_id_generate (const MmFacts *facts);

/* Calls @visit for every header of mm_id_headers in the message. */
typedef void (*MmIdVisit) (const MmFacts *facts, const MmPart *part, guint header,
                           const MmIdHeader *kind, MmFindings *out);
void mm_id_visit (const MmFacts *facts, MmIdVisit visit, MmFindings *out);
