/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-id.c: ids that are made by several processes at the same second, for the same sender, on
 * hosts with the same name: no two are alike.
 *
 * Filters that stand side by side share nothing: all that keeps their ids apart is the octets of
 * the kernel. The processes are forks of one, so that whatever a process knows they know alike.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../milter/rules/id-private.h"
#include "test-util.h"

#define PROCESSES 4
#define IDS_EACH 25000
#define IDS ((guint) PROCESSES * IDS_EACH)

#define NOW 1700000000

typedef struct {
	const char *label;
	const char *wire;
	const char *sender; /* of the envelope */
	const char *domain;
} Row;

static const Row rows[] = {
	{"host name", "Subject: x\r\n\r\n", NULL, "relay.example"},
	{"domain of the author", "From: a@b.example\r\n\r\n", "c@d.example", "b.example"},
	{"domain of the sender", "Subject: x\r\n\r\n", "c@d.example", "d.example"},
};

/* Writes @n ids to @to, one a line. */
static void
make_ids (const Row *row, guint n, FILE *to)
{
	MmMessage *message = test_message (mm_bytes_str (row->wire));
	MmContext context;
	MmFacts facts = {.message = message, .context = &context};

	mm_context_init (&context, "relay.example");
	context.now = NOW;
	context.envelope_sender = row->sender;
	for (guint i = 0; i < n; i++) {
		g_autofree char *id = mm_id_generate (&facts);
		fprintf (to, "%s\n", id);
	}
	mm_message_unref (message);
}

/* A process that makes ids: where they come from. */
static FILE *
start (const Row *row, pid_t *out_pid)
{
	int ends[2];

	g_assert_cmpint (pipe (ends), ==, 0);
	*out_pid = fork ();
	g_assert_cmpint (*out_pid, >=, 0);
	if (*out_pid == 0) {
		FILE *to = fdopen (ends[1], "w");

		close (ends[0]);
		make_ids (row, IDS_EACH, to);
		_exit (fclose (to) == 0 ? 0 : 1);
	}
	close (ends[1]);
	return fdopen (ends[0], "r");
}

/* Each must be one that was not there before. */
static void
collect (const Row *row, FILE *from, GHashTable *seen)
{
	g_autofree char *end = g_strdup_printf ("@%s>\n", row->domain);
	char line[256];

	while (fgets (line, sizeof line, from) != NULL) {
		g_assert_true (g_str_has_prefix (line, "<20231114221320."));
		g_assert_true (g_str_has_suffix (line, end));
		g_assert_true (g_hash_table_add (seen, g_strdup (line)));
	}
	fclose (from);
}

static void
test_unique (gconstpointer data)
{
	const Row *row = data;
	g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
	FILE *from[PROCESSES];
	pid_t pids[PROCESSES];
	int status;

	for (guint i = 0; i < PROCESSES; i++)
		from[i] = start (row, &pids[i]);
	for (guint i = 0; i < PROCESSES; i++) {
		collect (row, from[i], seen);
		g_assert_cmpint (waitpid (pids[i], &status, 0), ==, pids[i]);
		g_assert_cmpint (status, ==, 0);
	}
	g_assert_cmpuint (g_hash_table_size (seen), ==, IDS);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	/* A generator that is seeded now would be the same in all of them. */
	(void) g_random_int ();
	for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autofree char *path = g_strdup_printf ("/id/unique/%s", rows[i].label);
		g_test_add_data_func (path, &rows[i], test_unique);
	}
	return g_test_run ();
}
