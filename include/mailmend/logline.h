/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logline.h: the one syslog line of a message, from one table of fields.
 *
 * "QUEUEID: action=fix labels=A|B ... us=N": fixed key order, values escaped because mail is
 * hostile. mailmend-milter(8) documents the grammar; version 1.
 */
#pragma once

#include <mailmend/judge.h>

G_BEGIN_DECLS

typedef struct {
	const char *queue_id; /* NULL: "NOQUEUE" */
	const MmJudgement *judgement;
	const char *policy;
	const char *rule;
	gboolean mx_pending;  /* an answer of DNS was missing that would have counted */
	const char *sender;   /* without brackets, NULL: unknown */
	guint n_rcpt;
	const char *client_name; /* NULL: "unknown" */
	const char *client_addr; /* NULL: none */
	const char *user;     /* SASL user, NULL: none */
	const char *mid;      /* Message-ID as received, NULL: none */
	gsize size;
	gint64 us;            /* time spent judging, microseconds */
} MmLogEntry;

/* The line without time stamp and program name, printable ASCII only. (transfer full) */
char *mm_logline_format (const MmLogEntry *entry);

/* Reads a line of ours back: key -> value, unescaped; the queue id under "id". NULL if it is none. (transfer full) */
GHashTable *mm_logline_parse (const char *line);

G_END_DECLS
