/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load-session.h: an SMTP session as Postfix tells it to a filter.
 */
#pragma once

#include <mailmend/message.h>

#include "wire.h"

G_BEGIN_DECLS

/* What must come of a message. */
typedef enum {
	LOAD_WANT_NOTHING, /* no edit */
	LOAD_WANT_EDITS,   /* those of LoadPlan.edits */
	LOAD_WANT_OFF,     /* accepted at MAIL */
	LOAD_WANT_ANY,     /* to record */
} LoadWant;

/* What is sent and what must come back; the same for all sessions. */
typedef struct {
	const char *socket;
	MmMessage *message;
	guint n_recipients;
	LoadWant want;
	WireEdits *edits; /* for LOAD_WANT_EDITS */
} LoadPlan;

typedef struct _LoadSession LoadSession;

/* Connects, negotiates and tells of the client. NULL with *@out_problem. */
LoadSession *load_session_open (const LoadPlan *plan, char **out_problem);
/* Says goodbye where @polite and closes. */
void load_session_close (LoadSession *session, gboolean polite);

/* One message from MAIL to the last reply. FALSE with *@out_problem when the session is broken or
 * something else came than what is wanted. */
gboolean load_session_send (LoadSession *session, char **out_problem);

/* The edits of the last message. (transfer none) */
const WireEdits *load_session_edits (const LoadSession *session);

G_END_DECLS
