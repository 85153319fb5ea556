/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mx-private.h: what the resolver, its thread and its reader of answers share.
 */
#pragma once

#include <mailmend/mx.h>

G_BEGIN_DECLS

/* What bounds a resolver. Times in seconds. */
typedef struct {
	guint queries;      /* under way */
	guint domains;      /* kept */
	gsize octets;       /* all domains and hosts kept */
	guint max_age;      /* of an answer, whatever its TTL */
	guint no_ttl_age;   /* of a "no" without a SOA record, and so without a TTL */
	guint failed_age;   /* of a failure */
	guint timeout;      /* milliseconds until a server is asked again */
	guint tries;
	guint look_every;   /* between two looks at resolv.conf */
} MmMxLimits;

/* Those of mm_mx_resolver_new (). */
MmMxLimits mm_mx_limits_default (void);

MmMxResolver *mm_mx_resolver_new_limited (const char *servers, const MmMxLimits *limits,
                                          GError **error);

/* Domains kept now, and the octets they take: for tests. */
guint mm_mx_resolver_n_kept (MmMxResolver *resolver, gsize *out_octets);

/* ---- what DNS said --------------------------------------------------------------------------- */

typedef struct {
	MmMxState state; /* KNOWN or FAILED */
	char **hosts;    /* KNOWN: NULL-terminated */
	gboolean has_ttl;
	guint ttl;       /* seconds, as DNS has it */
} MmMxAnswer;

void mm_mx_answer_clear (MmMxAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmMxAnswer, mm_mx_answer_clear)

/* Reads the answer of a name server to the question for the MX records of @domain, which is in the
 * form of mm_domain_normal (). */
MmMxAnswer mm_mx_answer_read (const char *domain, const guint8 *octets, gsize len);

/* TRUE if @name could be one of a host or a domain: letters, digits, hyphens and underscores in
 * labels (RFC 1123 2.1; the underscore is not theirs, but is used). */
gboolean mm_mx_is_name (const char *name);

/* ---- the thread that asks -------------------------------------------------------------------- */

typedef struct _MmMxThread MmMxThread;

/* Called on the thread, once for each mm_mx_thread_ask (). */
typedef void (*MmMxDone) (gpointer data, MmMxQuery *query, const MmMxAnswer *answer);

MmMxThread *mm_mx_thread_new (const char *servers, const MmMxLimits *limits, MmMxDone done,
                              gpointer data, GError **error);

/* Every query that is under way fails first. */
void mm_mx_thread_free (MmMxThread *thread);

/* Asks for @domain, which is in the form of mm_domain_normal () and a name. Never blocks. Takes
 * @query, which is given to the callback and then unreferenced. Any thread. */
void mm_mx_thread_ask (MmMxThread *thread, const char *domain, MmMxQuery *query);

G_END_DECLS
