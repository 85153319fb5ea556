/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mx-ask.c: the resolver as a program, for test_mx.py.
 *
 *   mx-ask SERVERS FAILED-AGE [LOOK-EVERY]
 *
 * SERVERS "-": those of the system, which are looked for every LOOK-EVERY seconds.
 *
 * Each line of standard input has domains, blank between. They are asked for at once and waited
 * for; for each one line says what came: "DOMAIN STATE HOST ...". "/MILLISECONDS" among the domains
 * limits the time, which is 30 seconds otherwise.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../milter/policy/mx-private.h"

static void
show (const char *domain, MmMxQuery *query)
{
	static const char *const names[] = {"pending", "known", "failed"};
	const char *const *hosts;
	MmMxState state = mm_mx_query_state (query, &hosts);

	printf ("%s %s", domain, names[state]);
	for (; hosts != NULL && *hosts != NULL; hosts++)
		printf (" %s", *hosts);
	printf ("\n");
}

static void
ask (MmMxResolver *resolver, char **words)
{
	g_autoptr (GPtrArray) queries =
	        g_ptr_array_new_with_free_func ((GDestroyNotify) mm_mx_query_unref);
	g_autoptr (GPtrArray) domains = g_ptr_array_new ();
	gint64 wait = 30000;

	for (; *words != NULL; words++) {
		if (**words == '/') {
			wait = g_ascii_strtoll (*words + 1, NULL, 10);
			continue;
		}
		g_ptr_array_add (domains, *words);
		g_ptr_array_add (queries, mm_mx_ask (resolver, *words));
	}
	mm_mx_wait (resolver, (MmMxQuery *const *) queries->pdata, queries->len,
	            g_get_monotonic_time () + wait * 1000);
	for (guint i = 0; i < domains->len; i++)
		show (domains->pdata[i], queries->pdata[i]);
	fflush (stdout);
}

int
main (int argc, char **argv)
{
	MmMxLimits limits = mm_mx_limits_default ();
	g_autoptr (GError) error = NULL;
	g_autoptr (MmMxResolver) resolver = NULL;
	char line[1 << 16];

	if (argc < 3 || argc > 4)
		return EXIT_FAILURE;
	limits.failed_age = (guint) g_ascii_strtoull (argv[2], NULL, 10);
	if (argc == 4)
		limits.look_every = (guint) g_ascii_strtoull (argv[3], NULL, 10);
	resolver = mm_mx_resolver_new_limited (g_str_equal (argv[1], "-") ? NULL : argv[1],
	                                       &limits, &error);
	if (resolver == NULL) {
		fprintf (stderr, "%s\n", error->message);
		return EXIT_FAILURE;
	}
	while (fgets (line, sizeof line, stdin) != NULL) {
		g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", -1);

		ask (resolver, words);
	}
	return EXIT_SUCCESS;
}
