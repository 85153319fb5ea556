/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mx.c: the resolver: what is known of domains, what is under way, and who waits for it.
 *
 * One lock guards the table. A query is immutable once its state is no longer PENDING, which is
 * written last, so that reading an answer takes no lock. An answer that has grown too old gives way
 * to a new query, while messages that hold it go on with it.
 */
#include <config.h>

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "mx-private.h"
#include "policy-private.h"

#define NEVER G_MAXINT64

struct _MmMxQuery {
	int refs;      /* atomic */
	int state;     /* atomic: MmMxState; written last */
	char **hosts;  /* KNOWN */
	gint64 expires; /* the rest is guarded by the lock of the resolver; NEVER: under way */
	gsize octets;
	char *domain;  /* the key; NULL: not in the table */
	GList *link;   /* in by_age */
	gboolean asked;
	gboolean slow; /* someone has waited in vain */
};

struct _MmMxResolver {
	MmMxLimits limits;
	MmMxThread *thread;
	pthread_mutex_t lock;   /* guards all below */
	pthread_cond_t changed; /* an answer has come */
	GHashTable *table;      /* domain -> query, which the table owns */
	GQueue by_age;          /* queries of the table, oldest first */
	gsize octets;           /* of all of them */
	guint under_way;
	guint waiting;
};

MmMxLimits
mm_mx_limits_default (void)
{
	return (MmMxLimits){
		.queries = 500,
		.domains = 50000,
		.octets = 32 << 20,
		.max_age = 24 * 60 * 60,
		.no_ttl_age = 60,
		.failed_age = 10,
		.timeout = 2000,
		.tries = 2,
		.look_every = 30,
	};
}

/* ---- queries --------------------------------------------------------------------------------- */

static MmMxQuery *
new_query (void)
{
	MmMxQuery *query = g_new0 (MmMxQuery, 1);

	query->refs = 1;
	query->state = MM_MX_PENDING;
	query->expires = NEVER;
	return query;
}

MmMxQuery *
mm_mx_query_ref (MmMxQuery *query)
{
	g_atomic_int_inc (&query->refs);
	return query;
}

void
mm_mx_query_unref (MmMxQuery *query)
{
	if (!g_atomic_int_dec_and_test (&query->refs))
		return;
	g_strfreev (query->hosts);
	g_free (query->domain);
	g_free (query);
}

MmMxState
mm_mx_query_state (MmMxQuery *query, const char *const **out_hosts)
{
	MmMxState state = (MmMxState) g_atomic_int_get (&query->state);

	if (out_hosts != NULL)
		*out_hosts = state == MM_MX_KNOWN ? (const char *const *) query->hosts : NULL;
	return state;
}

static MmMxQuery *
nobody (void)
{
	MmMxQuery *query = new_query ();

	query->hosts = g_new0 (char *, 1);
	query->state = MM_MX_KNOWN;
	return query;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void
forget (MmMxResolver *resolver, MmMxQuery *query)
{
	g_queue_delete_link (&resolver->by_age, query->link);
	query->link = NULL;
	resolver->octets -= query->octets;
	g_hash_table_remove (resolver->table, query->domain);
}

/* The oldest go; one that is under way only loses its place. */
static void
make_room (MmMxResolver *resolver)
{
	const MmMxLimits *limits = &resolver->limits;

	while (resolver->by_age.length > limits->domains || resolver->octets > limits->octets)
		forget (resolver, resolver->by_age.head->data);
}

static MmMxQuery *
add (MmMxResolver *resolver, const char *domain)
{
	MmMxQuery *query = new_query ();

	query->domain = g_strdup (domain);
	query->asked = TRUE;
	query->octets = sizeof *query + strlen (domain) + 1;
	g_hash_table_insert (resolver->table, query->domain, query);
	g_queue_push_tail (&resolver->by_age, query);
	query->link = resolver->by_age.tail;
	resolver->octets += query->octets;
	return query;
}

/* How long an answer counts, in seconds. */
static guint
age_of (const MmMxLimits *limits, const MmMxAnswer *answer)
{
	if (answer->state == MM_MX_FAILED)
		return limits->failed_age;
	if (!answer->has_ttl)
		return limits->no_ttl_age;
	return CLAMP (answer->ttl, 1, limits->max_age);
}

static gsize
octets_of (char *const *hosts)
{
	gsize octets = sizeof *hosts;

	for (; *hosts != NULL; hosts++)
		octets += sizeof *hosts + strlen (*hosts) + 1;
	return octets;
}

/* On the thread that asks. */
static void
on_done (gpointer data, MmMxQuery *query, const MmMxAnswer *answer)
{
	MmMxResolver *resolver = data;
	gint64 age = age_of (&resolver->limits, answer) * G_USEC_PER_SEC;
	gsize octets = answer->hosts != NULL ? octets_of (answer->hosts) : 0;

	query->hosts = g_strdupv (answer->hosts);
	pthread_mutex_lock (&resolver->lock);
	query->expires = g_get_monotonic_time () + age;
	g_atomic_int_set (&query->state, answer->state);
	resolver->under_way--;
	if (query->link != NULL) {
		query->octets += octets;
		resolver->octets += octets;
		make_room (resolver);
	}
	pthread_cond_broadcast (&resolver->changed);
	pthread_mutex_unlock (&resolver->lock);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* With the lock: what is known or under way, or a new query. */
static MmMxQuery *
find_or_ask (MmMxResolver *resolver, const char *domain)
{
	MmMxQuery *query = g_hash_table_lookup (resolver->table, domain);

	if (query != NULL && query->expires > g_get_monotonic_time ())
		return mm_mx_query_ref (query);
	if (resolver->under_way >= resolver->limits.queries)
		return new_query ();
	if (query != NULL)
		forget (resolver, query);
	query = mm_mx_query_ref (add (resolver, domain));
	resolver->under_way++;
	mm_mx_thread_ask (resolver->thread, domain, mm_mx_query_ref (query));
	make_room (resolver);
	return query;
}

MmMxQuery *
mm_mx_ask (MmMxResolver *resolver, const char *domain)
{
	g_autofree char *normal = mm_domain_normal (domain);
	MmMxQuery *query;

	if (!mm_mx_is_name (normal))
		return nobody ();
	pthread_mutex_lock (&resolver->lock);
	query = find_or_ask (resolver, normal);
	pthread_mutex_unlock (&resolver->lock);
	return query;
}

static gboolean
is_pending (MmMxQuery *query)
{
	return mm_mx_query_state (query, NULL) == MM_MX_PENDING;
}

/* With the lock: one that can still get its answer, and for which nobody has waited in vain. */
static gboolean
worth_waiting (MmMxQuery *const *queries, guint n)
{
	for (guint i = 0; i < n; i++)
		if (is_pending (queries[i]) && queries[i]->asked && !queries[i]->slow)
			return TRUE;
	return FALSE;
}

static void
mark_slow (MmMxQuery *const *queries, guint n)
{
	for (guint i = 0; i < n; i++)
		if (is_pending (queries[i]))
			queries[i]->slow = TRUE;
}

/* With the lock, which is given up while waiting. */
static void
wait_until (MmMxResolver *resolver, MmMxQuery *const *queries, guint n, gint64 deadline)
{
	const struct timespec until = {
		.tv_sec = deadline / G_USEC_PER_SEC,
		.tv_nsec = deadline % G_USEC_PER_SEC * 1000,
	};
	int rc = 0;

	resolver->waiting++;
	while (rc == 0 && worth_waiting (queries, n))
		rc = pthread_cond_timedwait (&resolver->changed, &resolver->lock, &until);
	resolver->waiting--;
	if (rc != 0) {
		mark_slow (queries, n);
		/* Others who wait for these only need not go on. */
		pthread_cond_broadcast (&resolver->changed);
	}
}

gboolean
mm_mx_wait (MmMxResolver *resolver, MmMxQuery *const *queries, guint n, gint64 deadline)
{
	pthread_mutex_lock (&resolver->lock);
	if (resolver->waiting < MM_MX_MAX_WAITING && g_get_monotonic_time () < deadline)
		wait_until (resolver, queries, n, deadline);
	pthread_mutex_unlock (&resolver->lock);
	for (guint i = 0; i < n; i++)
		if (is_pending (queries[i]))
			return FALSE;
	return TRUE;
}

/* ---- from beginning to end ------------------------------------------------------------------- */

static void
free_resolver (MmMxResolver *resolver)
{
	g_queue_clear (&resolver->by_age);
	g_hash_table_unref (resolver->table);
	pthread_cond_destroy (&resolver->changed);
	pthread_mutex_destroy (&resolver->lock);
	g_free (resolver);
}

MmMxResolver *
mm_mx_resolver_new_limited (const char *servers, const MmMxLimits *limits, GError **error)
{
	MmMxResolver *resolver = g_new0 (MmMxResolver, 1);
	pthread_condattr_t attributes;

	resolver->limits = *limits;
	pthread_mutex_init (&resolver->lock, NULL);
	pthread_condattr_init (&attributes);
	pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
	pthread_cond_init (&resolver->changed, &attributes);
	pthread_condattr_destroy (&attributes);
	/* The key is freed with the query. */
	resolver->table = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
	                                         (GDestroyNotify) mm_mx_query_unref);
	g_queue_init (&resolver->by_age);
	resolver->thread = mm_mx_thread_new (servers, limits, on_done, resolver, error);
	if (resolver->thread != NULL)
		return resolver;
	free_resolver (resolver);
	return NULL;
}

MmMxResolver *
mm_mx_resolver_new (const char *servers, GError **error)
{
	const MmMxLimits limits = mm_mx_limits_default ();

	return mm_mx_resolver_new_limited (servers, &limits, error);
}

void
mm_mx_resolver_free (MmMxResolver *resolver)
{
	mm_mx_thread_free (resolver->thread);
	free_resolver (resolver);
}

guint
mm_mx_resolver_n_kept (MmMxResolver *resolver, gsize *out_octets)
{
	guint n;

	pthread_mutex_lock (&resolver->lock);
	n = resolver->by_age.length;
	*out_octets = resolver->octets;
	pthread_mutex_unlock (&resolver->lock);
	return n;
}
