/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-repeats.c: what failed is known for an hour, of so many messages, from all threads.
 */
#include "../../milter/daemon/repeats.h"

#define N_THREADS 8
#define N_NOTES 500

static char *
key_of (guint n)
{
	return g_strdup_printf ("192.0.2.1 id <%u@example.com>", n);
}

static void
test_count (void)
{
	g_autoptr (MmRepeats) repeats = mm_repeats_new ();

	g_assert_cmpuint (mm_repeats_count (repeats, "a", 0), ==, 0);
	g_assert_cmpuint (mm_repeats_note (repeats, "a", 0), ==, 0);
	g_assert_cmpuint (mm_repeats_count (repeats, "a", 0), ==, 1);
	g_assert_cmpuint (mm_repeats_count (repeats, "b", 0), ==, 0);
	g_assert_cmpuint (mm_repeats_note (repeats, "b", 5), ==, 0);
	g_assert_cmpuint (mm_repeats_note (repeats, "a", 10), ==, 1);
	g_assert_cmpuint (mm_repeats_note (repeats, "a", 20), ==, 2);
	g_assert_cmpuint (mm_repeats_count (repeats, "b", 20), ==, 1);
	/* asking is no failure */
	g_assert_cmpuint (mm_repeats_count (repeats, "a", 20), ==, 3);
	g_assert_cmpuint (mm_repeats_count (repeats, "a", 20), ==, 3);
}

static void
test_hour (void)
{
	g_autoptr (MmRepeats) repeats = mm_repeats_new ();

	mm_repeats_note (repeats, "a", 100);
	g_assert_cmpuint (mm_repeats_count (repeats, "a", 100 + MM_REPEATS_SECONDS), ==, 1);
	g_assert_cmpuint (mm_repeats_count (repeats, "a", 101 + MM_REPEATS_SECONDS), ==, 0);
	g_assert_cmpuint (mm_repeats_note (repeats, "a", 101 + MM_REPEATS_SECONDS), ==, 0);
	/* each failure begins the hour anew */
	g_assert_cmpuint (mm_repeats_note (repeats, "a", 2 * MM_REPEATS_SECONDS), ==, 1);
	g_assert_cmpuint (mm_repeats_count (repeats, "a", 3 * MM_REPEATS_SECONDS), ==, 2);
}

/* The oldest goes, not the one that was noted first. */
static void
test_bound (void)
{
	g_autoptr (MmRepeats) repeats = mm_repeats_new ();
	gint64 now = 0;

	for (guint n = 0; n < MM_LIMIT_repeats; n++) {
		g_autofree char *key = key_of (n);
		g_assert_cmpuint (mm_repeats_note (repeats, key, now++), ==, 0);
	}
	for (guint n = 0; n < MM_LIMIT_repeats; n++) {
		g_autofree char *key = key_of (n);
		g_assert_cmpuint (mm_repeats_count (repeats, key, now), ==, 1);
	}
	for (guint n = 0; n < MM_LIMIT_repeats; n += 2) {
		g_autofree char *key = key_of (n);
		g_assert_cmpuint (mm_repeats_note (repeats, key, now++), ==, 1);
	}
	for (guint n = 0; n < MM_LIMIT_repeats / 2; n++) {
		g_autofree char *key = key_of (MM_LIMIT_repeats + n);
		g_assert_cmpuint (mm_repeats_note (repeats, key, now++), ==, 0);
	}
	for (guint n = 0; n < MM_LIMIT_repeats + MM_LIMIT_repeats / 2; n++) {
		g_autofree char *key = key_of (n);
		guint want = n >= MM_LIMIT_repeats ? 1 : n % 2 == 0 ? 2 : 0;
		g_assert_cmpuint (mm_repeats_count (repeats, key, now), ==, want);
	}
}

/* Every thread notes the same keys: no note may be lost, and none be taken for the first twice. */
static gpointer
note_all (gpointer data)
{
	guint first = 0;

	for (guint n = 0; n < N_NOTES; n++) {
		g_autofree char *key = key_of (n);
		first += mm_repeats_note (data, key, 1) == 0;
	}
	return GUINT_TO_POINTER (first);
}

static void
test_threads (void)
{
	g_autoptr (MmRepeats) repeats = mm_repeats_new ();
	GThread *threads[N_THREADS];
	guint first = 0;

	for (guint i = 0; i < N_THREADS; i++)
		threads[i] = g_thread_new (NULL, note_all, repeats);
	for (guint i = 0; i < N_THREADS; i++)
		first += GPOINTER_TO_UINT (g_thread_join (threads[i]));
	g_assert_cmpuint (first, ==, N_NOTES);
	for (guint n = 0; n < N_NOTES; n++) {
		g_autofree char *key = key_of (n);
		g_assert_cmpuint (mm_repeats_count (repeats, key, 1), ==, N_THREADS);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/repeats/count", test_count);
	g_test_add_func ("/repeats/hour", test_hour);
	g_test_add_func ("/repeats/bound", test_bound);
	g_test_add_func ("/repeats/threads", test_threads);
	return g_test_run ();
}
