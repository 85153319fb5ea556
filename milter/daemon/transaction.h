/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction.h: one message from MAIL to end of message, without libmilter.
 *
 * Failures on the way (memory, size) are remembered and answered at the end: the stages between
 * MAIL and end of message have no reply. One thread at a time.
 */
#pragma once

#include <mailmend/judge.h>

#include "server.h"

G_BEGIN_DECLS

/* Who talks to the MTA. */
typedef struct {
	char *mta_name;       /* macro {j}, or NULL */
	char *client_name;    /* verified host name; "unknown": an address without; or NULL */
	GInetAddress *client; /* IPv4 in IPv6 is IPv4 here; NULL: not TCP, or unknown */
	gboolean pretended;   /* nobody is connected: the MTA has made the client up */
} MmPeer;

void mm_peer_clear (MmPeer *peer);

typedef struct _MmTransaction MmTransaction;

/* A message begins. @arguments: those of MAIL, NULL-terminated, the sender first, with its brackets
 * if it came by SMTP. @queue_id: if it is known already, or NULL. @user: who has logged in, or
 * NULL. @peer must outlive the result. (transfer full) */
MmTransaction *mm_transaction_new (MmServer *server, const MmPeer *peer, char **arguments,
                                   const char *queue_id, const char *user);
void mm_transaction_free (MmTransaction *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmTransaction, mm_transaction_free)

/* TRUE if it is certain by now that the policy is "off". */
gboolean mm_transaction_is_off (const MmTransaction *mail);

/* A recipient that the MTA has taken. @path: with or without brackets. @next_hop: where it goes, or
 * NULL. If a rule asks for it, DNS is asked now who takes his mail; nothing waits for that. */
void mm_transaction_add_recipient (MmTransaction *mail, const char *path, const char *next_hop);

/* Names of the macros that rules ask for, as in mm_config_macros (). */
const char *const *mm_transaction_macros (const MmTransaction *mail);

/* The value of one of them. The first one counts. */
void mm_transaction_set_macro (MmTransaction *mail, const char *name, const char *value);

/* @lead: what stands between the colon and @value but was not delivered with it. */
void mm_transaction_add_header (MmTransaction *mail, const char *name, const char *lead,
                                const char *value);
void mm_transaction_add_body (MmTransaction *mail, MmBytes chunk);

/* Where mailmend itself failed. */
typedef enum {
	MM_FAILURE_JUDGE,   /* while the message was judged or mended */
	MM_FAILURE_RECEIVE, /* while it was received: memory, the spool file */
	MM_FAILURE_LOOKUP,  /* a table could not be asked which policy it gets */
	MM_FAILURE_KEEP,    /* its original could not be stored */
	MM_FAILURE_ANSWER,  /* the MTA did not take the answer */
	MM_N_FAILURES,
} MmFailure;

typedef enum {
	MM_ANSWER_PASS, /* unchanged */
	MM_ANSWER_FIX,
	MM_ANSWER_REJECT,
	MM_ANSWER_TEMPFAIL,
	MM_ANSWER_QUARANTINE,
} MmAnswerKind;

typedef struct {
	MmAnswerKind kind;
	const char *code;     /* REJECT, TEMPFAIL: "552" */
	const char *enhanced; /* "5.6.0" */
	char *text;           /* REJECT, TEMPFAIL; QUARANTINE: the reason */
	const MmPlan *plan;   /* FIX */
} MmAnswer;

/* The message is complete: what the MTA is to be told. May wait for DNS, at most MxWait, and that is
 * the only place where something waits. (transfer none) */
const MmAnswer *mm_transaction_judge (MmTransaction *mail, const char *queue_id);

/* Writes the line of a judged message. @problem: why the answer could not be given, which makes the
 * action "error"; or NULL. */
void mm_transaction_log (MmTransaction *mail, const char *problem);

G_END_DECLS
