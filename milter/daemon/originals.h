/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * originals.h: KeepOriginals: a message as it was received is stored before a mended one is handed
 * back, so that nothing a repair does is final.
 *
 * A set of three files belongs to one message:
 *
 *   QUEUEID.eml         as the MTA delivered it: header block, empty line, body, with CRLF
 *   QUEUEID.mended.eml  as it was handed back
 *   QUEUEID.envelope    lines KEY=VALUE, see mm_originals_envelope ()
 *
 * Where the id was there already it is QUEUEID.2, QUEUEID.3 and so on: nothing is overwritten. The
 * .eml appears last, so that it is there only when all is. Files older than KeepOriginalsAge are
 * removed; a folder that holds KeepOriginalsSize octets of younger ones takes no more.
 */
#pragma once

#include <mailmend/judge.h>

G_BEGIN_DECLS

typedef struct _MmOriginals MmOriginals;

/* Kept until the process ends. All functions may be called from any thread. */
MmOriginals *mm_originals_new (void);

/* Makes KeepOriginals of @settings ready: makes the folder (not those above it), tries to write to
 * it, removes what is too old and counts the rest. TRUE where nothing is to be kept. FALSE with
 * MM_ERROR_IO. Takes its time. */
gboolean mm_originals_open (MmOriginals *originals, const MmSettings *settings, GError **error);

/* errno of what would keep us, as the user we are, from writing to the folder @path or from making
 * it; 0: nothing. Changes nothing. */
int mm_originals_try (const char *path);

/* Strings stay the caller's. */
typedef struct {
	const char *queue_id; /* NULL: unknown */
	gint64 time;          /* seconds since 1970 */
	const MmEnvelope *envelope;
	gboolean smtputf8; /* MAIL said so (RFC 6531) */
	const MmMatch *match;
	const MmMessage *received;
	const MmJudgement *judgement; /* its message is the mended one */
} MmOriginal;

/* Stores one message, on disk when it returns. FALSE with MM_ERROR_IO, or MM_ERROR_LIMIT if the
 * folder is full: then the message must not be changed, and nothing is left behind. */
gboolean mm_originals_keep (MmOriginals *originals, const MmSettings *settings,
                            const MmOriginal *original, GError **error);

/* Removes what is too old. To be called now and then, by a thread that may take its time. */
void mm_originals_tidy (MmOriginals *originals, const MmSettings *settings);

/* The text of a .envelope file: the keys that are known, in this order, each with "=" and its value
 * on a line: time, from, smtputf8 (only if it is yes), rcpt (each followed by its nexthop and mx),
 * client (empty: not TCP), host, user (empty: not logged in), local, macro, size, policy, rule, action,
 * fixed, left. Values are printable ASCII; other octets, blanks, quotes and backslashes are "\xHH".
 * (transfer full) */
char *mm_originals_envelope (const MmOriginal *original);

G_END_DECLS
