/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.c: runs a fuzz target over stored samples, as a test: those of tests/fuzz/corpus/NAME and
 * the messages of tests/rules.
 */
#include <config.h>

#include <stdlib.h>

#include "fuzz.h"

static void
run_file (const char *path)
{
	g_autofree char *contents = NULL;
	g_autoptr (GError) error = NULL;
	gsize len;

	if (!g_file_get_contents (path, &contents, &len, &error))
		g_error_free (g_steal_pointer (&error));
	else
		LLVMFuzzerTestOneInput ((const uint8_t *) contents, len);
}

/* All regular files below @path. */
static guint
run_tree (const char *path)
{
	g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
	const char *name;
	guint n = 0;

	if (dir == NULL) {
		if (g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
			run_file (path);
			return 1;
		}
		return 0;
	}
	while ((name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *below = g_build_filename (path, name, NULL);
		n += run_tree (below);
	}
	return n;
}

static void
test_samples (gconstpointer path)
{
	guint n = run_tree (path);

	g_test_message ("%u samples", n);
	g_assert_cmpuint (n, >, 0);
}

int
main (int argc, char **argv)
{
	g_autofree char *name = g_path_get_basename (argv[0]);
	g_autofree char *rules = NULL, *own = NULL;

	g_test_init (&argc, &argv, NULL);
	LLVMFuzzerInitialize (&argc, &argv);
	rules = g_test_build_filename (G_TEST_DIST, "tests", "rules", NULL);
	own = g_test_build_filename (G_TEST_DIST, "tests", "fuzz", "corpus", name, NULL);
	g_test_add_data_func ("/replay/rules", rules, test_samples);
	if (g_file_test (own, G_FILE_TEST_IS_DIR))
		g_test_add_data_func ("/replay/own", own, test_samples);
	return g_test_run ();
}
