/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-spool.c: octets in memory and in a file: the same octets, whatever happens to the file.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <mailmend/spool.h>

#include "test-util.h"

static char *folder;

static guint
files_in_folder (void)
{
	GDir *dir = g_dir_open (folder, 0, NULL);
	guint n = 0;

	g_assert_nonnull (dir);
	while (g_dir_read_name (dir) != NULL)
		n++;
	g_dir_close (dir);
	return n;
}

/* Appends @n pieces and compares. */
static void
run_spool (gsize threshold, const char *where, gsize piece, guint n)
{
	MmSpool spool;
	g_autoptr (GString) want = g_string_new (NULL);
	g_autoptr (GBytes) bytes = NULL;

	mm_spool_init (&spool, threshold, where);
	for (guint i = 0; i < n; i++) {
		g_autofree char *text = g_malloc (piece + 1);

		memset (text, 'a' + (int) (i % 26), piece);
		text[piece / 2] = '\0';
		g_string_append_len (want, text, (gssize) piece);
		g_assert_true (mm_spool_append (&spool, mm_bytes (text, piece)));
	}
	g_assert_cmpuint (spool.len, ==, want->len);
	g_assert_true ((spool.fd >= 0) == (where != NULL && want->len > threshold));
	g_assert_cmpuint (files_in_folder (), ==, 0);
	bytes = mm_spool_finish (&spool);
	test_assert_bytes (mm_bytes_of (bytes), mm_bytes (want->str, want->len));
	mm_spool_clear (&spool);
	/* the octets outlive the spool */
	test_assert_bytes (mm_bytes_of (bytes), mm_bytes (want->str, want->len));
}

static void
test_same (void)
{
	run_spool (1000, folder, 100, 0);
	run_spool (1000, folder, 100, 10);
	run_spool (1000, folder, 100, 11);
	run_spool (0, folder, 1, 1);
	run_spool (1000, folder, 5000, 3);
	run_spool (1000, NULL, 5000, 3);
	run_spool (65536, folder, 65535, 40);
	run_spool (100, folder, 3, 40000);
	run_spool (100, folder, 32767, 5);
	run_spool (100, folder, 32769, 5);
}

/* What was expected need not come. */
static void
test_expected (void)
{
	static const gsize much[] = {0, 5, 1000, 100000};

	for (guint i = 0; i < G_N_ELEMENTS (much); i++) {
		for (guint n = 0; n < 3; n++) {
			g_autoptr (GBytes) bytes = NULL;
			MmSpool spool;

			mm_spool_init (&spool, 100, folder);
			mm_spool_expect (&spool, much[i]);
			g_assert_true ((spool.fd >= 0) == (much[i] > 100));
			for (guint k = 0; k < n; k++)
				g_assert_true (mm_spool_append (&spool, mm_bytes_str ("abc")));
			bytes = mm_spool_finish (&spool);
			g_assert_nonnull (bytes);
			test_assert_bytes (mm_bytes_of (bytes), mm_bytes ("abcabc", 3 * n));
			mm_spool_clear (&spool);
		}
	}
}

static void
test_failed (void)
{
	MmSpool spool;

	mm_spool_init (&spool, 3, "/nowhere/at/all");
	g_assert_true (mm_spool_append (&spool, mm_bytes_str ("abc")));
	g_assert_false (mm_spool_append (&spool, mm_bytes_str ("d")));
	g_assert_cmpstr (spool.error, ==, "/nowhere/at/all: No such file or directory");
	g_assert_false (mm_spool_append (&spool, mm_bytes_str ("e")));
	g_assert_null (mm_spool_finish (&spool));
	mm_spool_clear (&spool);
}

static void
test_full (void)
{
	g_autofree char *text = g_malloc0 (100000);
	MmSpool spool;
	struct stat st;

	if (stat ("/dev/full", &st) != 0) {
		g_test_skip ("no /dev/full");
		return;
	}
	mm_spool_init (&spool, 10, folder);
	g_assert_true (mm_spool_append (&spool, mm_bytes (text, 100)));
	/* the same file descriptor on a disk that is full */
	g_assert_cmpint (dup2 (g_open ("/dev/full", 2, 0), spool.fd), ==, spool.fd);
	g_assert_false (mm_spool_append (&spool, mm_bytes (text, 100000)));
	g_assert_true (g_str_has_suffix (spool.error, "No space left on device"));
	g_assert_null (mm_spool_finish (&spool));
	mm_spool_clear (&spool);
}

/* ---- buffers --------------------------------------------------------------------------------- */

typedef enum {
	FILE_STAYS,
	NO_FOLDER,
	FILE_FAILS, /* when it is to grow */
} FileFate;

/* Grows over the threshold and on; what is in it must not depend on where it lies. */
static void
run_buffer (FileFate fate)
{
	g_auto (MmBuffer) buffer = {.folder = fate == NO_FOLDER ? "/none/such" : folder,
	                            .threshold = 4096};
	g_autoptr (GString) want = g_string_new (NULL);
	g_autoptr (GBytes) bytes = NULL;

	for (guint i = 0; i < 5000; i++) {
		g_autofree char *text = g_strdup_printf ("%u,", i);

		g_string_append (want, text);
		g_assert_true (mm_buffer_append_str (&buffer, text));
		if (i == 2000 && fate == FILE_FAILS)
			g_assert_cmpint (dup2 (g_open ("/dev/full", 2, 0), buffer.fd), ==, buffer.fd);
		if (i == 2000)
			g_assert_true (buffer.in_file == (fate != NO_FOLDER));
	}
	g_assert_true (buffer.in_file == (fate == FILE_STAYS));
	g_assert_cmpuint (files_in_folder (), ==, 0);
	test_assert_bytes (mm_buffer_bytes (&buffer), mm_bytes (want->str, want->len));
	bytes = mm_buffer_steal (&buffer);
	test_assert_bytes (mm_bytes_of (bytes), mm_bytes (want->str, want->len));
	/* and can be used again */
	g_assert_true (mm_buffer_append_str (&buffer, "again"));
	test_assert_bytes (mm_buffer_bytes (&buffer), mm_bytes_str ("again"));
	test_assert_bytes (mm_bytes_of (bytes), mm_bytes (want->str, want->len));
}

static void
test_buffer (void)
{
	run_buffer (FILE_STAYS);
	run_buffer (NO_FOLDER);
	run_buffer (FILE_FAILS);
}

int
main (int argc, char **argv)
{
	int code;

	g_test_init (&argc, &argv, NULL);
	folder = g_dir_make_tmp ("mailmend-spool-XXXXXX", NULL);
	g_test_add_func ("/spool/same", test_same);
	g_test_add_func ("/spool/expected", test_expected);
	g_test_add_func ("/spool/failed", test_failed);
	g_test_add_func ("/spool/full", test_full);
	g_test_add_func ("/spool/buffer", test_buffer);
	code = g_test_run ();
	g_rmdir (folder);
	g_free (folder);
	return code;
}
