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

/* What is known by now; @headers_known: all headers have been seen. */
MmEnvelope mm_transaction_envelope (const MmTransaction *mail, gboolean headers_known);

G_END_DECLS
