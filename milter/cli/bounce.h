/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bounce.h: looks into a bounce: what the server said, and the message that came back.
 *
 * Known are reports of RFC 3464 (multipart/report with message/delivery-status), also where they
 * were forwarded as an attachment, and what older servers send: an attached message, or a copy
 * behind a line of text that announces it.
 */
#pragma once

#include <mailmend/check.h>

#include "input.h"
#include "replies.h"

G_BEGIN_DECLS

typedef enum {
	MM_CARRIES_NOTHING,
	MM_CARRIES_HEADERS, /* the header block only: nothing is known of the body */
	MM_CARRIES_CUT,     /* a multipart that is not closed: it was so, or the bounce ends there */
	MM_CARRIES_MESSAGE,
} MmCarries;

typedef struct {
	char *recipient; /* printable; NULL: not said */
	char *text;      /* the reply, printable, on one line */
	guint line;      /* in the file as given, from 1 */
	MmReplyMatch match;
} MmBounceReply;

typedef struct {
	MmCarries carries;
	const MmPart *carrier; /* the part it is in; NULL: the text of the bounce, or nothing */
	char *path;            /* of the original's own header block: "3.1"; "": no part */
	GPtrArray *replies;    /* of MmBounceReply, each once, 50 at most */
	GPtrArray *recipients; /* of char *, those it could not reach, printable, each once,
	                        * 10000 at most */
	GHashTable *known;     /* the same: what is there already */

	/* The original as if it had been read from the file. What was encoded is decoded: then
	 * lines and offsets are those of the encoded part's beginning plus those in what was
	 * decoded. */
	MmInput original;

	/* What is wrong with it: mm_bounce_check (). */
	MmMessage *message;
	MmCheck *check;
	GPtrArray *shown; /* of const MmFinding *, numbered, by line */
} MmBounce;

/* NULL if @check is of no bounce. It must outlive the result. (transfer full) */
MmBounce *mm_bounce_new (const MmInput *input, const MmCheck *check);
void mm_bounce_free (MmBounce *bounce);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmBounce, mm_bounce_free)

/* Judges the original by @context, which must outlive it, as mail of its own. Notices are shown
 * with @notices only. */
void mm_bounce_check (MmBounce *bounce, const MmContext *context, gboolean notices);

/* FALSE if @finding of @check, which is of the original, says no more than that the bounce has left
 * out the body. */
gboolean mm_bounce_is_sure (const MmBounce *bounce, const MmCheck *check, const MmFinding *finding);

/* TRUE if @finding of the bounce itself lies in what it carries. */
gboolean mm_bounce_covers (const MmBounce *bounce, const MmCheck *check, const MmFinding *finding);

const char *mm_carries_to_string (MmCarries carries);

/* ---- between the files of the module -------------------------------------------------------- */

/* TRUE if the sender of @message is one that bounces come from. */
gboolean mm_bounce_is_from_daemon (const MmMessage *message);

/* The copy of a message in @text behind a line that announces it: its first octet; @out_headers: it
 * is a copy of the header only. NULL: there is none. */
const char *mm_bounce_find_copy (MmBytes text, gboolean *out_headers);

/* Adds one that could not be reached, unless it is there already. */
void mm_bounce_add_recipient (MmBounce *bounce, const char *recipient);

/* Adds the replies of a message/delivery-status. @line: of its first line. */
void mm_bounce_add_status (MmBounce *bounce, MmBytes status, guint line);

/* Adds what the text of a bounce quotes of a server's reply, unless there is a reply already that
 * says as much. */
void mm_bounce_add_text (MmBounce *bounce, MmBytes text, guint line);

G_END_DECLS
