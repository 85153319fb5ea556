/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction-private.h: what gathering, judging and logging a message share.
 */
#pragma once

#include "transaction.h"

G_BEGIN_DECLS

struct _MmTransaction {
	MmServer *server;
	MmConfig *config;
	const MmPeer *peer;

	char *sender; /* without brackets */
	char *user;
	MmTruth local; /* UNKNOWN: if the header has the Received field of Sendmail's command */
	gboolean smtputf8;

	guint n_rcpt;          /* all of them */
	GArray *recipients;    /* of MmRecipient: those that are kept */
	GPtrArray *queries;    /* of MmMxQuery, one a recipient; NULL: not asked */
	GHashTable *domains;   /* domain -> query, which it owns */
	GStringChunk *strings; /* of recipients */
	gsize octets;          /* of these */
	gboolean too_many;     /* some that rules ask for are not kept */
	GHashTable *macros;    /* name -> value */

	char *mid;
	char *program; /* X-Mailer or User-Agent, if it is to be logged */
	char *header_from;
	gboolean from_seen;
	gboolean received_seen;
	gsize size; /* octets on the wire, kept or not */
	const char *oversize; /* the limit it is beyond; NULL: none */
	MmMessageBuilder *builder; /* NULL: nothing has come yet, or too large */

	char *queue_id;
	MmMatch match;
	MmContext context;
	MmMessage *message;
	MmJudgement *judgement;
	MmFailure failure; /* if that is an error */
	MmAnswer answer;
	gint64 us;
};

/* Names the message among those that failed: by its Message-ID, else by sender and size, and by the
 * client. @what: the kind of failure. (transfer full) */
char *mm_transaction_key (const MmTransaction *mail, const char *what);

/* The kinds: judging it, and handing the answer to the MTA. */
#define MM_FAILED_TO_JUDGE "judge"
#define MM_FAILED_TO_ANSWER "answer"

/* Recipients and macros. */
void mm_transaction_envelope_init (MmTransaction *mail);
void mm_transaction_envelope_clear (MmTransaction *mail);

/* What is known by now, and if @complete, all there will be, but for DNS. Good until more comes. */
MmEnvelope mm_transaction_envelope (const MmTransaction *mail, gboolean complete);

/* What keeps the message; NULL when it is too large for that. */
MmMessageBuilder *mm_transaction_builder (MmTransaction *mail);

/* Decides which rule the message falls under: mail->match. May wait for DNS. */
void mm_transaction_match (MmTransaction *mail);

/* Makes the judgement an internal error: what was to be mended is left. */
void mm_transaction_fail (MmTransaction *mail, MmFailure failure, const char *problem);

/* Stores a message that is to be mended, if the configuration says so. Where that fails the judgement
 * becomes an internal error. */
void mm_transaction_keep (MmTransaction *mail);

G_END_DECLS
