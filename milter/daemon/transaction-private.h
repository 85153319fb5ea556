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
	MmTruth local;
	gboolean smtputf8;
	guint n_rcpt;

	char *mid;
	char *header_from;
	gboolean from_seen;
	gboolean received_seen;
	gsize size; /* octets on the wire, kept or not */
	gboolean oversize;
	MmMessageBuilder *builder; /* NULL: too large */
	MmScanner scanner;

	char *queue_id;
	MmMatch match;
	MmContext context;
	MmMessage *message;
	MmJudgement *judgement;
	MmAnswer answer;
	gint64 us;
};

/* Names the message among those that failed: by its Message-ID, else by sender and size, and by the
 * client. @what: the kind of failure. (transfer full) */
char *mm_transaction_key (const MmTransaction *mail, const char *what);

/* The kinds: judging it, and handing the answer to the MTA. */
#define MM_FAILED_TO_JUDGE "judge"
#define MM_FAILED_TO_ANSWER "answer"

/* What is known by now; @headers_known: all headers have been seen. */
MmEnvelope mm_transaction_envelope (const MmTransaction *mail, gboolean headers_known);

G_END_DECLS
