/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-lmdb.c: tables of the real postmap(1), also while it writes them.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../milter/policy/table-private.h"
#include "policy-envelope.h"

#define MANY 1000000
#define REBUILDS 2
#define ADDED 20
#define THREADS 4

typedef struct {
	char *folder;
	char *source; /* FOLDER/t */
	char *file;   /* FOLDER/t.lmdb */
} Bench;

/* Runs postmap with @input; FALSE if it fails. */
static gboolean
postmap (const Bench *bench, const char *option, const char *input)
{
	g_autofree char *table = g_strconcat ("lmdb:", bench->source, NULL);
	g_autoptr (GSubprocessLauncher) launcher = NULL;
	g_autoptr (GSubprocess) process = NULL;
	g_autofree char *said = NULL;
	const char *args[] = {"postmap", "-c", bench->folder, option, table, NULL};
	const char *bare[] = {"postmap", "-c", bench->folder, table, NULL};

	launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE |
	                                      G_SUBPROCESS_FLAGS_STDOUT_PIPE |
	                                      G_SUBPROCESS_FLAGS_STDERR_MERGE);
	process = g_subprocess_launcher_spawnv (launcher, option != NULL ? args : bare, NULL);
	if (process == NULL)
		return FALSE;
	g_assert_true (g_subprocess_communicate_utf8 (process, input, NULL, &said, NULL, NULL));
	if (*said != '\0')
		g_test_message ("postmap: %s", said);
	return g_subprocess_get_successful (process);
}

static void
rebuild (const Bench *bench, const char *lines)
{
	g_assert_true (g_file_set_contents (bench->source, lines, -1, NULL));
	g_assert_true (postmap (bench, NULL, ""));
}

static void
bench_init (Bench *bench)
{
	g_autofree char *main_cf = NULL;

	bench->folder = g_dir_make_tmp ("mailmend-lmdb-XXXXXX", NULL);
	g_assert_nonnull (bench->folder);
	bench->source = g_build_filename (bench->folder, "t", NULL);
	bench->file = g_strconcat (bench->source, ".lmdb", NULL);
	main_cf = g_build_filename (bench->folder, "main.cf", NULL);
	g_assert_true (g_file_set_contents (main_cf, "compatibility_level = 3.6\n", -1, NULL));
}

static void
bench_clear (Bench *bench)
{
	static const char *const names[] = {"main.cf", "t", "t.lmdb", "t.lmdb-lock", "old", "conf"};

	for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
		g_autofree char *path = g_build_filename (bench->folder, names[i], NULL);

		g_unlink (path);
	}
	g_assert_cmpint (g_rmdir (bench->folder), ==, 0);
	g_free (bench->folder);
	g_free (bench->source);
	g_free (bench->file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

/* A rule "r" with Policy = TABLE and @key of the table. */
static MmConfig *
config_of (const Bench *bench, const char *key)
{
	g_autofree char *text = g_strdup_printf ("[rule r]\nPolicy = TABLE\n%s lmdb:%s\n", key,
	                                         bench->source);

	return load (text);
}

/* The policy, "default" if the rule does not match, or the error without the folder. */
static char *
policy_of (const Bench *bench, const MmConfig *config, const char *words)
{
	g_auto (Parcel) parcel;
	g_auto (MmMatch) match = {0};

	parcel_init (&parcel, words);
	match = mm_config_match (config, &parcel.envelope);
	g_assert_true (match.decided);
	if (match.error != NULL) {
		g_auto (GStrv) parts = g_strsplit (match.error, bench->folder, 2);

		g_assert_cmpstr (match.policy->name, ==, "watch");
		return g_strjoinv ("DIR", parts);
	}
	return g_strdup (g_str_equal (match.rule, "r") ? match.policy->name : "default");
}

static void
expect (const Bench *bench, const MmConfig *config, const char *words, const char *want)
{
	g_autofree char *got = policy_of (bench, config, words);

	g_test_message ("%s", words);
	g_assert_cmpstr (got, ==, want);
}

/* ---- what is found --------------------------------------------------------------------------- */

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LINES \
	"A@B.example strict\n" \
	"@b.example  watch\n" \
	"c.example   kumomta\n" \
	".c.example  microsoft365\n" \
	".example    off\n" \
	"<>          strict\n" \
	"Bob         kumomta\n" \
	"192.0.2.1   strict\n" \
	"2001:db8::1 off\n" \
	"m\xc3\xbcll.org watch\n" \
	"x@m\xc3\xbcll.org strict\n" \
	"@typo.org   wach\n" \
	"@long.org   " A64 "a\n" \
	"@words.org  strict and more\n"

static void
test_find (void)
{
	static const struct {
		const char *key;
		const char *words;
		const char *want;
	} cases[] = {
		{"Sender =", "sender=a@b.EXAMPLE", "strict"},
		{"Sender =", "sender=x@b.example", "watch"},
		{"Sender =", "sender=x@c.example", "kumomta"},
		{"Sender =", "sender=x@y.c.example", "microsoft365"},
		{"Sender =", "sender=x@z.y.c.example", "microsoft365"},
		{"Sender =", "sender=x@y.b.example", "off"},
		{"Sender =", "sender=x@example", "off"},
		{"Sender =", "sender=<>", "strict"},
		{"Sender =", "sender=x@d.org", "default"},
		{"Sender =", "", "default"},
		{"Sender =", "sender=x@xn--mll-hoa.org", "strict"},
		{"Sender =", "sender=y@M\xc3\x9cLL.org", "watch"},
		{"Sender =", "sender=x@typo.org", "table DIR/t: 'wach' is no policy"},
		{"Sender =", "sender=x@words.org", "table DIR/t: 'strict and more' is no policy"},
		{"Sender =", "sender=x@long.org", "table DIR/t: '" A64 "...' is no policy"},
		{"SenderDomain =", "sender=a@b.example", "off"},
		{"SenderDomain =", "sender=a@c.example", "kumomta"},
		{"HeaderFrom =", "from=a@b.example", "strict"},
		{"Recipient =", "rcpt=a@b.example", "strict"},
		{"RecipientMx =", "rcpt=a@b.org mx=d.org,x.c.example", "microsoft365"},
		{"NextHop =", "rcpt=a@b.org nexthop=[c.example]:25", "kumomta"},
		{"SaslUser =", "user=bob", "kumomta"},
		{"SaslUser =", "user=BOB", "kumomta"},
		{"SaslUser =", "user=bobby", "default"},
		{"Macro = {a} =", "macro={a}=Bob", "kumomta"},
		{"Client =", "client=192.0.2.1", "strict"},
		{"Client =", "client=::ffff:192.0.2.1", "strict"},
		{"Client =", "client=2001:db8:0::1", "off"},
		{"Client =", "client=192.0.2.2 host=x.c.example", "microsoft365"},
		{"Client =", "client=192.0.2.2", "default"},
	};
	g_auto (Bench) bench;

	bench_init (&bench);
	rebuild (&bench, LINES);
	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autoptr (MmConfig) config = config_of (&bench, cases[i].key);

		expect (&bench, config, cases[i].words, cases[i].want);
		g_assert_true (mm_config_has_off (config));
		g_assert_true (mm_config_may_use (config, "anything"));
	}
}

/* A key that is longer than any in a table can be, and one that is as long as can be. */
static void
test_long (void)
{
	g_auto (Bench) bench;
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *local = g_strnfill (2000, 'a');

	bench_init (&bench);
	rebuild (&bench, ".example strict\n");
	config = config_of (&bench, "Sender =");
	for (guint len = 490; len < 520; len++) {
		g_autofree char *words =
			g_strdup_printf ("sender=%.*s@x.example", (int) len, local);

		expect (&bench, config, words, "strict");
	}
}

/* ---- changes --------------------------------------------------------------------------------- */

static void
test_changes (void)
{
	g_auto (Bench) bench;
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *old = NULL;

	bench_init (&bench);
	rebuild (&bench, "a@b.example strict\n");
	config = config_of (&bench, "Sender =");
	old = g_build_filename (bench.folder, "old", NULL);
	expect (&bench, config, "sender=a@b.example", "strict");
	for (guint i = 0; i < 20; i++) {
		g_autofree char *line = g_strdup_printf ("u%u@b.example off\n", i);
		g_autofree char *words = g_strdup_printf ("sender=u%u@b.example", i);

		expect (&bench, config, words, "default");
		g_assert_true (postmap (&bench, "-i", line));
		expect (&bench, config, words, "off");
	}
	g_assert_true (postmap (&bench, "-d-", "a@b.example\n"));
	expect (&bench, config, "sender=a@b.example", "default");
	rebuild (&bench, "a@b.example kumomta\n");
	expect (&bench, config, "sender=a@b.example", "kumomta");
	expect (&bench, config, "sender=u1@b.example", "default");
	rebuild (&bench, "");
	expect (&bench, config, "sender=a@b.example", "default");
	g_assert_true (postmap (&bench, "-i", "a@b.example off\n"));
	expect (&bench, config, "sender=a@b.example", "off");
	/* another file in its place */
	g_assert_cmpint (g_rename (bench.file, old), ==, 0);
	expect (&bench, config, "sender=a@b.example",
	        "table lmdb:DIR/t: No such file or directory");
	rebuild (&bench, "a@b.example strict\n");
	expect (&bench, config, "sender=a@b.example", "strict");
	g_assert_cmpint (g_rename (old, bench.file), ==, 0);
	expect (&bench, config, "sender=a@b.example", "off");
}

/* Tables that other programs make have no NUL at the end of keys. */
static void
test_without_nul (void)
{
	g_auto (Bench) bench;
	g_autoptr (MmConfig) config = NULL;
	char address[] = "a@b.example";
	char policy[] = "strict";
	MDB_val key = {strlen (address), address};
	MDB_val value = {strlen (policy), policy};
	MDB_env *env = NULL;
	MDB_txn *txn = NULL;
	MDB_dbi dbi;

	bench_init (&bench);
	g_assert_cmpint (mdb_env_create (&env), ==, 0);
	g_assert_cmpint (mdb_env_open (env, bench.file, MDB_NOSUBDIR | MDB_NOLOCK, 0600), ==, 0);
	g_assert_cmpint (mdb_txn_begin (env, NULL, 0, &txn), ==, 0);
	g_assert_cmpint (mdb_dbi_open (txn, NULL, 0, &dbi), ==, 0);
	g_assert_cmpint (mdb_put (txn, dbi, &key, &value, 0), ==, 0);
	g_assert_cmpint (mdb_txn_commit (txn), ==, 0);
	mdb_env_close (env);
	config = config_of (&bench, "Sender =");
	expect (&bench, config, "sender=a@b.example", "strict");
	expect (&bench, config, "sender=b@b.example", "default");
}

/* ---- damage ---------------------------------------------------------------------------------- */

static char *
many_lines (guint n, const char *policy)
{
	GString *text = g_string_sized_new (n * 40);

	for (guint i = 0; i < n; i++)
		g_string_append_printf (text, "user%u@d%u.example.org %s\n", i, i % 5000, policy);
	return g_string_free (text, FALSE);
}

/* Writes @n octets over each page of the file but the first two, at @offset; of branches only, if
 * @branches. */
static void
damage (const Bench *bench, gsize offset, const char *octets, gsize n, gboolean branches)
{
	int fd = open (bench->file, O_RDWR | O_CLOEXEC);
	gsize size = (gsize) sysconf (_SC_PAGESIZE);
	struct stat status;

	g_assert_cmpint (fstat (fd, &status), ==, 0);
	for (gsize at = 2 * size; at < (gsize) status.st_size; at += size) {
		guint16 flags = 0;

		g_assert_cmpint (pread (fd, &flags, sizeof flags, (off_t) (at + 10)), ==, 2);
		if (!branches || (flags & 1) != 0)
			g_assert_cmpint (pwrite (fd, octets, n, (off_t) (at + offset)), ==,
			                 (gssize) n);
	}
	close (fd);
}

static void
test_damage (void)
{
	g_auto (Bench) bench;
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *lines = many_lines (20000, "strict");
	g_autofree char *zeros = g_malloc0 (4096);
	static const char one_key[] = {18, 0}; /* mp_lower, in the octet order of most machines */

	bench_init (&bench);
	rebuild (&bench, lines);
	config = config_of (&bench, "Sender =");
	expect (&bench, config, "sender=user7@d7.example.org", "strict");
	/* an assertion of LMDB: a branch with one key */
	damage (&bench, 12, one_key, sizeof one_key, TRUE);
	expect (&bench, config, "sender=user7@d7.example.org",
	        "table lmdb:DIR/t: MDB_CORRUPTED: Located page was wrong type");
	damage (&bench, 0, zeros, 4096, FALSE);
	expect (&bench, config, "sender=user7@d7.example.org",
	        "table lmdb:DIR/t: MDB_CORRUPTED: Located page was wrong type");
	/* cut off */
	g_assert_cmpint (g_unlink (bench.file), ==, 0);
	rebuild (&bench, lines);
	expect (&bench, config, "sender=user7@d7.example.org", "strict");
	g_assert_cmpint (truncate (bench.file, 20000), ==, 0);
	expect (&bench, config, "sender=user7@d7.example.org",
	        "table lmdb:DIR/t: the file is cut off");
	expect (&bench, config, "sender=user7@d7.example.org",
	        "table lmdb:DIR/t: the file is cut off");
	g_assert_cmpint (g_unlink (bench.file), ==, 0);
	rebuild (&bench, lines);
	expect (&bench, config, "sender=user7@d7.example.org", "strict");
	g_assert_cmpint (truncate (bench.file, 0), ==, 0);
	expect (&bench, config, "sender=user7@d7.example.org",
	        "table lmdb:DIR/t: the file is cut off");
	/* no table at all, and one again */
	g_assert_true (g_file_set_contents (bench.file, lines, -1, NULL));
	expect (&bench, config, "sender=user7@d7.example.org",
	        "table lmdb:DIR/t: MDB_INVALID: File is not an LMDB file");
	g_assert_cmpint (g_unlink (bench.file), ==, 0);
	rebuild (&bench, lines);
	expect (&bench, config, "sender=user7@d7.example.org", "strict");
}

/* ---- at the same time ------------------------------------------------------------------------ */

typedef struct {
	const MmConfig *config;
	gint stop;  /* atomic */
	gint looks; /* likewise */
	gint wrong;
} Shared;

/* Every address is there in every generation, under one of two policies. */
static gpointer
look (gpointer data)
{
	Shared *shared = data;
	g_autoptr (GRand) random = g_rand_new ();

	while (g_atomic_int_get (&shared->stop) == 0) {
		guint i = (guint) g_rand_int_range (random, 0, MANY);
		g_autofree char *sender =
			g_strdup_printf ("user%u@d%u.example.org", i, i % 5000);
		MmEnvelope envelope = {.sender_known = TRUE, .sender = sender};
		g_auto (MmMatch) match = mm_config_match (shared->config, &envelope);

		g_atomic_int_inc (&shared->looks);
		if (match.error == NULL && g_str_equal (match.rule, "r") &&
		    (g_str_equal (match.policy->name, "strict") ||
		     g_str_equal (match.policy->name, "off")))
			continue;
		if (g_atomic_int_add (&shared->wrong, 1) < 3)
			g_test_message ("%s: %s", sender,
			                match.error != NULL ? match.error : match.rule);
	}
	return NULL;
}

/* Two of postmap at once would damage the table, whoever reads it: one after the other. */
static void
write_often (const Bench *bench, const MmConfig *config, const char *lines, const char *policy)
{
	rebuild (bench, lines);
	expect (bench, config, "sender=user5@d5.example.org", policy);
	for (guint i = 0; i < ADDED; i++) {
		g_autofree char *line = g_strdup_printf ("added%u@x.example off\n", i);
		g_autofree char *words = g_strdup_printf ("sender=added%u@x.example", i);

		g_assert_true (postmap (bench, "-i", line));
		expect (bench, config, words, "off");
	}
}

static void
test_shared (void)
{
	g_auto (Bench) bench;
	g_autofree char *one = many_lines (MANY, "strict");
	g_autofree char *two = many_lines (MANY, "off");
	g_autoptr (MmConfig) config = NULL;
	Shared shared = {NULL, 0, 0, 0};
	GThread *threads[THREADS];

	bench_init (&bench);
	/* small at first: it must grow under the eyes of the reader */
	rebuild (&bench, "x@y.example off\n");
	config = config_of (&bench, "Sender =");
	shared.config = config;
	expect (&bench, config, "sender=x@y.example", "off");
	rebuild (&bench, one);
	expect (&bench, config, "sender=user999999@d4999.example.org", "strict");
	for (guint i = 0; i < THREADS; i++)
		threads[i] = g_thread_new ("look", look, &shared);
	for (guint i = 0; i < REBUILDS; i++)
		write_often (&bench, config, i % 2 == 0 ? two : one, i % 2 == 0 ? "off" : "strict");
	g_atomic_int_set (&shared.stop, 1);
	for (guint i = 0; i < THREADS; i++)
		g_thread_join (threads[i]);
	g_test_message ("%d looks, %d rebuilds of %d, %d times added", shared.looks, REBUILDS, MANY,
	                REBUILDS * ADDED);
	g_assert_cmpint (shared.wrong, ==, 0);
	g_assert_cmpint (shared.looks, >, 10000);
}

/* While one looks, the table may be written once, but not twice: then pages are used again. */
static void
test_overtaken (void)
{
	g_auto (Bench) bench;
	g_autofree char *error = NULL;
	MmFound found;
	MmLmdb *lmdb;

	bench_init (&bench);
	rebuild (&bench, "a@b.example strict\n");
	lmdb = mm_lmdb_new (bench.source, &error);
	g_assert_nonnull (lmdb);
	for (guint commits = 0; commits < 4; commits++) {
		g_assert_true (mm_lmdb_begin (lmdb, &error));
		g_assert_cmpint (mm_lmdb_get (lmdb, '\0', "a@b.example", &found), ==, MM_YES);
		for (guint i = 0; i < commits; i++) {
			g_autofree char *line = g_strdup_printf ("%u-%u@x off\n", commits, i);

			g_assert_true (postmap (&bench, "-i", line));
		}
		g_assert_cmpint (mm_lmdb_end (lmdb, &error), ==, commits <= 1);
		g_assert_null (error);
	}
	mm_lmdb_free (lmdb);
}

/* Without postmap, or its type lmdb, there is nothing to compare with. */
static gboolean
has_postmap (void)
{
	g_auto (Bench) bench;

	bench_init (&bench);
	return g_file_set_contents (bench.source, "a b\n", -1, NULL) &&
	       postmap (&bench, NULL, "");
}

int
main (int argc, char **argv)
{
	g_autofree char *path = g_strconcat (g_getenv ("PATH"), ":/usr/sbin:/sbin", NULL);

	g_test_init (&argc, &argv, NULL);
	g_setenv ("PATH", path, TRUE);
	if (!has_postmap ()) {
		printf ("1..0 # SKIP no postmap with the type lmdb (package postfix-lmdb)\n");
		return 0;
	}
	g_test_add_func ("/policy/lmdb/find", test_find);
	g_test_add_func ("/policy/lmdb/long", test_long);
	g_test_add_func ("/policy/lmdb/changes", test_changes);
	g_test_add_func ("/policy/lmdb/without-nul", test_without_nul);
	g_test_add_func ("/policy/lmdb/damage", test_damage);
	g_test_add_func ("/policy/lmdb/overtaken", test_overtaken);
	g_test_add_func ("/policy/lmdb/shared", test_shared);
	return g_test_run ();
}
