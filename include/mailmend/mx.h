/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mx.h: which hosts take the mail of a domain (RFC 5321 5.1, RFC 7505).
 *
 * DNS is asked on a thread of the resolver's own; whoever asks never waits unless he says so.
 * Answers are shared and kept as long as DNS allows. What comes from DNS is hostile: hosts are
 * valid host names, and not many.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
	MM_MX_PENDING, /* no answer yet */
	MM_MX_KNOWN,   /* these hosts; none if the domain takes no mail or does not exist */
	MM_MX_FAILED,  /* DNS could not say */
} MmMxState;

/* Hosts of one domain that are kept. */
#define MM_MX_MAX_HOSTS 100

/* Callers of mm_mx_wait () that are kept waiting at the same time. */
#define MM_MX_MAX_WAITING 8

typedef struct _MmMxResolver MmMxResolver;

/* A domain that was asked for: shared by all who ask, and immutable once it has its answer. */
typedef struct _MmMxQuery MmMxQuery;

/* @servers: "ADDRESS[:PORT],..." ("[ADDRESS]:PORT" for IPv6), NULL: those of the system, which are
 * read again when resolv.conf changes. Starts a thread, which blocks all signals. NULL and
 * MM_ERROR_CONFIG for servers that cannot be read, MM_ERROR_IO for all else. (transfer full) */
MmMxResolver *mm_mx_resolver_new (const char *servers, GError **error);

/* Ends the thread, without waiting for DNS; what is pending has failed then. Nobody may be in a
 * function of @resolver; queries may outlive it. */
void mm_mx_resolver_free (MmMxResolver *resolver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmMxResolver, mm_mx_resolver_free)

/* Asks who takes the mail of @domain: in any case, U- or A-labels, with a dot at its end or not.
 * Never blocks. Joins a query under way, or gives the answer of an earlier one. What is no domain
 * of DNS, an address literal among it, is KNOWN at once, without hosts. When too many are under way
 * the query stays PENDING for ever. Any thread. (transfer full) */
MmMxQuery *mm_mx_ask (MmMxResolver *resolver, const char *domain);

MmMxQuery *mm_mx_query_ref (MmMxQuery *query);
void mm_mx_query_unref (MmMxQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmMxQuery, mm_mx_query_unref)

/* Never blocks. *@out_hosts (may be NULL): KNOWN: host names in lower case without a dot at the end,
 * most preferred first, NULL-terminated, as long as @query lives; else NULL. Without an MX record
 * the host is the domain itself. Any thread. */
MmMxState mm_mx_query_state (MmMxQuery *query, const char *const **out_hosts);

/* Waits until none of @queries can still get its answer, or until @deadline (monotonic time), or
 * not at all: if MM_MX_MAX_WAITING wait already; nor for a query for which someone has waited in
 * vain. TRUE if none is PENDING. Any thread. */
gboolean mm_mx_wait (MmMxResolver *resolver, MmMxQuery *const *queries, guint n, gint64 deadline);

G_END_DECLS
