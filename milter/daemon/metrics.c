/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics.c: what the daemon counts.
 *
 * One set of counters for all threads: a message takes some sixty microseconds and adds to a dozen
 * of them, so that two processors seldom want the same one at a time. What a policy has is found in a
 * table that is never changed; a reload that brings new policies puts a larger one in its place and
 * keeps the old, which a message may be looking into. There are as many old ones as there were such
 * reloads, and no more than policies are counted.
 */
#include <config.h>

#include "metrics-private.h"

/* ---- policies -------------------------------------------------------------------------------- */

static MmPolicyCounts *
policy_new (const MmMetrics *metrics, const char *name)
{
	MmPolicyCounts *policy = g_new0 (MmPolicyCounts, 1);

	policy->name = g_strdup (name);
	policy->issues = g_new0 (MmCounter, metrics->n_labels);
	return policy;
}

static void
policy_free (MmPolicyCounts *policy)
{
	g_free (policy->name);
	g_free (policy->issues);
	g_free (policy);
}

/* With all that @before has. */
static MmPolicySet *
set_new (MmPolicySet *before)
{
	MmPolicySet *set = g_new0 (MmPolicySet, 1);

	set->policies = g_ptr_array_new ();
	set->by_name = g_hash_table_new (g_str_hash, g_str_equal);
	set->before = before;
	for (guint i = 0; before != NULL && i < before->policies->len; i++) {
		MmPolicyCounts *policy = before->policies->pdata[i];

		g_ptr_array_add (set->policies, policy);
		g_hash_table_insert (set->by_name, policy->name, policy);
	}
	return set;
}

static void
set_add (MmPolicySet *set, MmPolicyCounts *policy)
{
	g_ptr_array_add (set->policies, policy);
	g_hash_table_insert (set->by_name, policy->name, policy);
}

static void
set_free (MmPolicySet *set)
{
	g_ptr_array_unref (set->policies);
	g_hash_table_unref (set->by_name);
	g_free (set);
}

/* The names of @config that a message can get and that @set does not have. */
static GPtrArray *
new_names (const MmPolicySet *set, const MmConfig *config)
{
	g_autoptr (GPtrArray) names = mm_config_policy_names (config);
	GPtrArray *fresh = g_ptr_array_new_with_free_func (g_free);

	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];

		if (set->policies->len + fresh->len < MM_METRICS_MAX_POLICIES &&
		    !g_hash_table_contains (set->by_name, name) && mm_config_may_use (config, name))
			g_ptr_array_add (fresh, g_strdup (name));
	}
	return fresh;
}

void
mm_metrics_add_policies (MmMetrics *metrics, const MmConfig *config)
{
	g_autoptr (GPtrArray) names = NULL;
	MmPolicySet *set;

	pthread_mutex_lock (&metrics->lock);
	set = atomic_load (&metrics->policies);
	names = new_names (set, config);
	if (names->len > 0) {
		set = set_new (set);
		for (guint i = 0; i < names->len; i++)
			set_add (set, policy_new (metrics, names->pdata[i]));
		atomic_store_explicit (&metrics->policies, set, memory_order_release);
	}
	pthread_mutex_unlock (&metrics->lock);
}

/* ---- all of it ------------------------------------------------------------------------------- */

MmMetrics *
mm_metrics_new (void)
{
	MmMetrics *metrics = g_new0 (MmMetrics, 1);
	MmPolicySet *set = set_new (NULL);

	pthread_mutex_init (&metrics->lock, NULL);
	metrics->started = g_get_real_time ();
	metrics->n_labels = mm_rules_count ();
	metrics->labels = g_hash_table_new (g_str_hash, g_str_equal);
	for (guint i = 0; i < metrics->n_labels; i++)
		g_hash_table_insert (metrics->labels, (gpointer) mm_rules[i]->label,
		                     GUINT_TO_POINTER (i));
	metrics->fixes = g_new0 (MmCounter, metrics->n_labels);
	metrics->left = g_new0 (MmCounter, metrics->n_labels);
	set_add (set, policy_new (metrics, MM_METRICS_OTHER));
	atomic_init (&metrics->policies, set);
	mm_metrics_set (metrics, MM_COUNT_RELOAD_TIME, (gsize) (metrics->started / G_USEC_PER_SEC));
	return metrics;
}

void
mm_metrics_free (MmMetrics *metrics)
{
	MmPolicySet *set;

	if (metrics == NULL)
		return;
	set = atomic_load (&metrics->policies);
	g_ptr_array_foreach (set->policies, (GFunc) (gpointer) policy_free, NULL);
	while (set != NULL) {
		MmPolicySet *before = set->before;

		set_free (set);
		set = before;
	}
	pthread_mutex_destroy (&metrics->lock);
	g_hash_table_unref (metrics->labels);
	g_free (metrics->fixes);
	g_free (metrics->left);
	g_free (metrics);
}

/* ---- counting -------------------------------------------------------------------------------- */

void
mm_metrics_add (MmMetrics *metrics, MmCount count, gsize more)
{
	mm_counter_add (&metrics->counts[count], more);
}

void
mm_metrics_subtract (MmMetrics *metrics, MmCount count, gsize less)
{
	atomic_fetch_sub_explicit (&metrics->counts[count], less, memory_order_relaxed);
}

void
mm_metrics_set (MmMetrics *metrics, MmCount count, gsize value)
{
	atomic_store_explicit (&metrics->counts[count], value, memory_order_relaxed);
}

/* Each of @labels once more. */
static void
add_labels (MmMetrics *metrics, MmCounter *counters, const GPtrArray *labels)
{
	for (guint i = 0; i < labels->len; i++) {
		gpointer at;

		if (g_hash_table_lookup_extended (metrics->labels, labels->pdata[i], NULL, &at))
			mm_counter_add (&counters[GPOINTER_TO_UINT (at)], 1);
	}
}

static void
add_limit (MmMetrics *metrics, const char *limit)
{
	guint i = 0;

	while (i < MM_N_LIMITS - 1 && !g_str_equal (mm_metrics_limits[i], limit))
		i++;
	mm_counter_add (&metrics->limits[i], 1);
}

static MmPolicyCounts *
policy_of (MmMetrics *metrics, const char *name)
{
	const MmPolicySet *set = mm_metrics_policies (metrics);
	MmPolicyCounts *policy = g_hash_table_lookup (set->by_name, name);

	return policy != NULL ? policy : set->policies->pdata[0];
}

/* A bucket counts what is above the bound of the one before, so that bounds are round numbers. */
static guint
bucket_of (gint64 us)
{
	guint64 below = us > 0 ? (guint64) us - 1 : 0;
	guint decade = 0;

	while (below >= 100) {
		below /= 10;
		decade++;
	}
	return MIN (decade * 90 + (guint) below, MM_TIME_BUCKETS - 1);
}

void
mm_metrics_add_message (MmMetrics *metrics, const MmMessageCount *message)
{
	const MmJudgement *judgement = message->judgement;
	MmPolicyCounts *policy = policy_of (metrics, message->policy);

	mm_counter_add (&policy->actions[judgement->action], 1);
	if (judgement->dry_run)
		mm_counter_add (&policy->would[judgement->would], 1);
	add_labels (metrics, policy->issues, judgement->labels);
	/* A dry run mends nothing, and what it leaves says nothing of repairs that fail. */
	if (!judgement->dry_run) {
		add_labels (metrics, metrics->fixes, judgement->fixed);
		add_labels (metrics, metrics->left, judgement->left);
	}
	if (judgement->action == MM_ACTION_ERROR)
		mm_counter_add (&metrics->failures[message->failure], 1);
	if (judgement->limit != NULL)
		add_limit (metrics, judgement->limit);
	mm_counter_add (&metrics->answers[message->answer], 1);
	mm_counter_add (&metrics->counts[MM_COUNT_BYTES], message->size);
	mm_counter_add (&metrics->times[bucket_of (message->us)], 1);
	mm_counter_add (&metrics->us, (gsize) MAX (message->us, 0));
}

/* ---- sums ------------------------------------------------------------------------------------ */

void
mm_metrics_totals (MmMetrics *metrics, MmTotals *out)
{
	const MmPolicySet *set = mm_metrics_policies (metrics);

	memset (out, 0, sizeof *out);
	for (guint i = 0; i < set->policies->len; i++) {
		const MmPolicyCounts *policy = set->policies->pdata[i];

		for (guint action = 0; action < MM_N_ACTIONS; action++)
			out->actions[action] += mm_counter_get (&policy->actions[action]);
	}
	for (guint i = 0; i < MM_N_COUNTS; i++)
		out->counts[i] = mm_counter_get (&metrics->counts[i]);
	for (guint i = 0; i < MM_TIME_BUCKETS; i++)
		out->times[i] = mm_counter_get (&metrics->times[i]);
}

guint64
mm_time_bucket_bound (guint bucket)
{
	guint decade = bucket < 100 ? 0 : (bucket - 10) / 90;
	guint64 bound = bucket - decade * 90 + 1;

	while (decade-- > 0)
		bound *= 10;
	return bound;
}

guint64
mm_times_percentile (const gsize *times, guint percent)
{
	guint64 n = 0, wanted, seen = 0;
	guint bucket = 0;

	for (guint i = 0; i < MM_TIME_BUCKETS; i++)
		n += times[i];
	if (n == 0)
		return 0;
	wanted = (n * percent + 99) / 100;
	while ((seen += times[bucket]) < wanted)
		bucket++;
	return mm_time_bucket_bound (bucket);
}
