/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-splitter.c: our splitter against GMime's parser, on mail as it comes and on mutations of it.
 * What GMime is known to misread stands in the tables of witness.c; all else must be read alike.
 * Line ends are made canonical first, and NUL is taken out: there GMime is known to lose its way.
 */
#include <config.h>

#include <mailmend/verify.h>

#include "corpus.h"

/* Mutations that no row of a table explains: several damages at once. Of a thousand. */
#define MAX_PER_MILLE 1
#define ROUNDS 8
#define MAX_SIZE 20000

static GPtrArray *
read_mail (void)
{
	g_autofree char *rules = g_test_build_filename (G_TEST_DIST, "tests", "rules", NULL);
	const char *foreign = g_getenv ("MAILMEND_CORPUS");
	g_autofree char *paths =
	        foreign != NULL ? g_strconcat (rules, ":", foreign, NULL) : g_strdup (rules);
	g_autofree char *problem = NULL;
	GPtrArray *mails = corpus_read (paths, &problem);

	g_assert_cmpstr (problem, ==, NULL);
	g_assert_cmpuint (mails->len, >, 100);
	return mails;
}

static GBytes *
canonical (MmBytes wire)
{
	GByteArray *out = g_byte_array_new ();

	for (gsize i = 0; i < wire.len; i++) {
		if (wire.data[i] == '\n')
			g_byte_array_append (out, (const guint8 *) "\r\n", 2);
		else if (wire.data[i] != '\r' && wire.data[i] != '\0')
			g_byte_array_append (out, (const guint8 *) wire.data + i, 1);
	}
	return g_byte_array_free_to_bytes (out);
}

/* GMime knows nothing of a part whose header the mail ends in, within a line. */
static gboolean
ends_in_a_header (const MmMime *mime, MmBytes wire)
{
	return wire.len > 0 && wire.data[wire.len - 1] != '\n' &&
	       !mm_mime_part (mime, mime->parts->len - 1)->separated;
}

/* NULL if both read the same. */
static char *
compare (MmBytes wire)
{
	g_autoptr (GBytes) bytes = canonical (wire);
	g_autoptr (MmMessage) message = mm_message_new (bytes);
	MmLimits limits = mm_limits_default ();
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);

	return ends_in_a_header (mime, wire) ? NULL : mm_verify_witness (message, mime, NULL);
}

static void
test_as_it_comes (void)
{
	g_autoptr (GPtrArray) mails = read_mail ();

	for (guint i = 0; i < mails->len; i++) {
		const CorpusMail *mail = g_ptr_array_index (mails, i);
		g_autofree char *differs = compare (mm_bytes_of (mail->wire));

		if (differs != NULL) {
			g_test_message ("%s: %s", mail->name, differs);
			g_test_fail ();
		}
	}
	g_test_message ("%u messages are read alike", mails->len);
}

/* Up to three changes: an octet of structure, a piece from elsewhere, a cut. */
static GBytes *
mutate (GBytes *wire, GRand *rand)
{
	gsize len;
	g_autofree char *data = g_memdup2 (g_bytes_get_data (wire, &len), g_bytes_get_size (wire));

	for (guint n = 0; n < 3 && len > 1; n++) {
		gsize at = (gsize) g_rand_int_range (rand, 0, (int) len);
		gsize from = (gsize) g_rand_int_range (rand, 0, (int) len);
		gsize cut = (gsize) g_rand_int_range (rand, 0, 20);
		int what = g_rand_int_range (rand, 0, 4);

		if (what == 0)
			data[at] = "-\n:; =b\"A"[g_rand_int_range (rand, 0, 9)];
		else if (what == 1)
			memmove (data + at, data + from, MIN (MIN (40, len - at), len - from));
		else if (what == 2)
			len -= MIN (len - 1, cut);
	}
	return g_bytes_new (data, len);
}

static void
test_mutations (void)
{
	g_autoptr (GPtrArray) mails = read_mail ();
	guint n = 0, different = 0;

	for (guint i = 0; i < mails->len * ROUNDS; i++) {
		const CorpusMail *mail = g_ptr_array_index (mails, i % mails->len);
		g_autoptr (GRand) rand = NULL;
		g_autoptr (GBytes) mutant = NULL;
		g_autofree char *differs = NULL;

		if (g_bytes_get_size (mail->wire) > MAX_SIZE || g_bytes_get_size (mail->wire) < 2)
			continue;
		/* of its own: a message that is added changes nothing for the others */
		rand = g_rand_new_with_seed (i / mails->len + g_bytes_hash (mail->wire));
		mutant = mutate (mail->wire, rand);
		differs = compare (mm_bytes_of (mutant));
		n++;
		different += differs != NULL;
	}
	g_test_message ("%u mutations, %u are not read alike", n, different);
	g_assert_cmpuint (different * 1000, <=, n * MAX_PER_MILLE);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	g_test_add_func ("/splitter/as-it-comes", test_as_it_comes);
	g_test_add_func ("/splitter/mutations", test_mutations);
	return g_test_run ();
}
