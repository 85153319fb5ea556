/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-files.c: a configuration of several files.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy-load.h"

#define NOBODY 65534

/* The rule that decides for @sender is @want. */
static void
assert_rule (const MmConfig *config, const char *sender, const char *want)
{
	Mail mail = FROM (sender);
	g_auto (MmMatch) got = match (config, &mail);

	g_assert_cmpstr (got.rule, ==, want);
}

static void
test_drop_ins (void)
{
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *problems = NULL;
	Place place;

	place_init (&place);
	place_write (&place, NULL, "[mailmend]\nDeadline = 9s\n[rule main]\n"
	                           "SenderDomain = .m.example\nPolicy = late\n"
	                           "[policy early]\nInherit = late\n");
	place_write (&place, "b.conf", "[rule b]\nSenderDomain = .example\nPolicy = early\n");
	place_write (&place, "a.conf", "[mailmend]\nDryRun = yes\n[rule a]\n"
	                               "SenderDomain = .a.example, c.example\nPolicy = watch\n"
	                               "[default]\nDryRun = no\n");
	place_write (&place, "Z.conf", "[rule z]\nSenderDomain = .a.example, .z.example\n"
	                               "Policy = strict\n");
	place_write (&place, "\xc3\xa4.conf",
	             "[policy late]\nFix = ALL\n[default]\nPolicy = late\n");
	config = load_place (&place, &problems);
	g_assert_cmpstr (problems, ==, "");
	g_assert_nonnull (config);
	assert_rule (config, "x@m.example", "main");
	assert_rule (config, "x@z.example", "z");
	assert_rule (config, "x@a.example", "z"); /* upper case comes first */
	assert_rule (config, "x@b.example", "b");
	assert_rule (config, "x@example.net", "default");
	g_assert_cmpuint (mm_config_settings (config)->deadline, ==, 9);
	g_assert_true (mm_config_settings (config)->dry_run);
	g_assert_cmpint (mm_config_policy (config, "early")->says[0], ==, MM_SAYS_FIX);
	place_clear (&place);
}

/* Neither comes into the configuration; a folder and a pipe must not even be opened. */
static void
test_passed_over (void)
{
	static const char *const names[] = {
		".hidden.conf", "a.conf~", "a.conf.dpkg-old", "b.cfg", "conf", "c.CONF",
	};
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *folder = NULL;
	g_autofree char *pipe = NULL;
	g_autofree char *problems = NULL;
	Place place;

	place_init (&place);
	place_write (&place, NULL, "");
	for (guint i = 0; i < G_N_ELEMENTS (names); i++)
		place_write (&place, names[i], "nonsense\n");
	folder = g_build_filename (place.folder, "conf.d", "d.conf", NULL);
	pipe = g_build_filename (place.folder, "conf.d", "e.conf", NULL);
	g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
	g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
	config = load_place (&place, &problems);
	g_assert_cmpstr (problems, ==, "");
	g_assert_nonnull (config);
	place_clear (&place);
}

typedef struct {
	const char *label;
	const char *main_text;
	const char *a;
	const char *b; /* or NULL */
	const char *want;
} FileCase;

static const FileCase file_cases[] = {
	{"names are unique over all files", "[policy p]\nFix = ALL\n[rule r]\nPolicy = p\n",
	 "[rule r]\nPolicy = watch\nSasl = maybe\n[policy q]\n",
	 "[policy q]\n[policy p]\nLog = ALL\n",
	 "conf.d/a.conf:1: duplicate section [rule r]: it began at FOLDER/conf:3\n"
	 "conf.d/a.conf:2: duplicate key 'Policy' in [rule r]: it stands at FOLDER/conf:4\n"
	 "conf.d/a.conf:3: Sasl: 'maybe' is none of yes, no\n"
	 "conf.d/b.conf:1: duplicate section [policy q]: it began at FOLDER/conf.d/a.conf:4\n"
	 "conf.d/b.conf:2: duplicate section [policy p]: it began at FOLDER/conf:1\n"},
	{"keys of [mailmend] and [default] are",
	 "[mailmend]\nDryRun = no\n[default]\nPolicy = off\n",
	 "[mailmend]\nDryRun = no\nDeadline = 1s\n[default]\nPolicy = off\n",
	 "[default]\n[mailmend]\nDeadline = 2s\n[default]\n",
	 "conf.d/a.conf:2: duplicate key 'DryRun' in [mailmend]: it stands at FOLDER/conf:2\n"
	 "conf.d/a.conf:5: duplicate key 'Policy' in [default]: it stands at FOLDER/conf:4\n"
	 "conf.d/b.conf:3: duplicate key 'Deadline' in [mailmend]: "
	 "it stands at FOLDER/conf.d/a.conf:3\n"
	 "conf.d/b.conf:4: duplicate section [default]: it began at line 1\n"},
	{"every problem has its file", "[rule r]\nPolicy = nope\n", "[mailmend]\nDeadline = soon\n",
	 "nonsense\n[policy p]\nInherit = x\n[policy r]\nFix = NUL_BYTE\nLog = NUL_BYTE\n"
	 "[rule s]\n",
	 "conf:2: Policy: unknown policy 'nope'\n"
	 "conf.d/a.conf:2: Deadline: 'soon' is no time: digits, then nothing, s, m, h or d\n"
	 "conf.d/b.conf:1: malformed line: neither [section] nor Key = value\n"
	 "conf.d/b.conf:3: Inherit: unknown policy 'x'\n"
	 "conf.d/b.conf:6: NUL_BYTE stands in both Log and Fix\n"
	 "conf.d/b.conf:7: [rule s] has no Policy\n"},
	{"[default] in another file", "[default]\nDryRun = yes\n", "[default]\nPolicy = wach\n",
	 NULL,
	 "conf.d/a.conf:2: Policy: unknown policy 'wach'; did you mean watch?\n"},
};

static void
test_problems (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (file_cases); i++) {
		g_autofree char *problems = NULL;
		Place place;

		g_test_message ("%s", file_cases[i].label);
		place_init (&place);
		place_write (&place, NULL, file_cases[i].main_text);
		place_write (&place, "a.conf", file_cases[i].a);
		if (file_cases[i].b != NULL)
			place_write (&place, "b.conf", file_cases[i].b);
		g_assert_null (load_place (&place, &problems));
		g_assert_cmpstr (problems, ==, file_cases[i].want);
		place_clear (&place);
	}
}

/* ---- what cannot be read --------------------------------------------------------------------- */

static void
assert_problem (const Place *place, const char *file, const char *text, int failure)
{
	g_autofree char *problems = NULL;
	g_autofree char *want = g_strdup_printf ("%s: %s%s\n", file, text,
	                                         failure != 0 ? g_strerror (failure) : "");

	g_assert_null (load_place (place, &problems));
	g_assert_cmpstr (problems, ==, want);
}

static void
test_unreadable (void)
{
	g_autofree char *large = g_strnfill (1024 * 1024 + 1, '\n');
	g_autofree char *link = NULL;
	g_autofree char *folder = NULL;
	Place place;

	place_init (&place);
	place_write (&place, NULL, "");
	place_write (&place, "large.conf", large);
	assert_problem (&place, "conf.d/large.conf", "the file is larger than 1 MB", 0);
	place_write (&place, "large.conf", "");
	link = g_build_filename (place.folder, "conf.d", "link.conf", NULL);
	g_assert_cmpint (symlink ("nowhere", link), ==, 0);
	assert_problem (&place, "conf.d/link.conf", "cannot be opened: ", ENOENT);
	g_assert_cmpint (unlink (link), ==, 0);
	place_clear (&place);

	place_init (&place);
	place_write (&place, NULL, "");
	folder = g_build_filename (place.folder, "conf.d", NULL);
	g_assert_true (g_file_set_contents (folder, "", 0, NULL));
	assert_problem (&place, "conf.d", "cannot be opened: ", ENOTDIR);
	g_assert_cmpint (unlink (folder), ==, 0);
	place_clear (&place);
}

/* A link to a file is one; so is what a main file that is a link has beside it, not its target. */
static void
test_links (void)
{
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *target = NULL;
	g_autofree char *link = NULL;
	Place place;

	place_init (&place);
	place_write (&place, "a.file", "[mailmend]\nDeadline = 3s\n");
	target = g_build_filename (place.folder, "conf.d", "a.file", NULL);
	link = g_build_filename (place.folder, "conf.d", "a.conf", NULL);
	g_assert_cmpint (symlink (target, link), ==, 0);
	g_assert_cmpint (symlink ("/dev/null", place.path), ==, 0);
	config = load_place (&place, NULL);
	g_assert_nonnull (config);
	g_assert_cmpuint (mm_config_settings (config)->deadline, ==, 3);
	place_clear (&place);
}

/* Then nothing was configured: else something is wrong, and must be told. */
static void
test_missing (void)
{
	Place place;

	place_init (&place);
	g_assert_true (mm_config_is_missing (place.path));
	place_write (&place, "a.conf~", "");
	g_assert_true (mm_config_is_missing (place.path));
	place_write (&place, "a.conf", "");
	g_assert_false (mm_config_is_missing (place.path));
	assert_problem (&place, "conf", "cannot be opened: ", ENOENT);
	place_write (&place, NULL, "");
	g_assert_false (mm_config_is_missing (place.path));
	place_clear (&place);
}

static gboolean
become_nobody (void)
{
	return seteuid (NOBODY) == 0 &&
	       faccessat (AT_FDCWD, g_get_tmp_dir (), W_OK | X_OK, AT_EACCESS) == 0;
}

static void
test_locked (void)
{
	g_autofree char *file = NULL;
	g_autofree char *folder = NULL;
	Place place;

	/* root may read everything */
	if (getuid () == 0 && !become_nobody ()) {
		g_test_skip ("only root can write the temporary folder");
		g_assert_cmpint (seteuid (0), ==, 0);
		return;
	}
	place_init (&place);
	place_write (&place, NULL, "");
	place_write (&place, "a.conf", "");
	folder = g_build_filename (place.folder, "conf.d", NULL);
	file = g_build_filename (folder, "a.conf", NULL);
	g_assert_cmpint (g_chmod (file, 0), ==, 0);
	assert_problem (&place, "conf.d/a.conf", "cannot be opened: ", EACCES);
	g_assert_cmpint (g_chmod (folder, 0), ==, 0);
	assert_problem (&place, "conf.d", "cannot be opened: ", EACCES);
	/* what may not be looked at is not missing */
	g_assert_cmpint (g_unlink (place.path), ==, 0);
	g_assert_false (mm_config_is_missing (place.path));
	g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
	g_assert_cmpint (g_chmod (place.folder, 0), ==, 0);
	g_assert_false (mm_config_is_missing (place.path));
	g_assert_cmpint (g_chmod (place.folder, 0700), ==, 0);
	place_clear (&place);
	if (getuid () == 0)
		g_assert_cmpint (seteuid (0), ==, 0);
}

static void
test_many (void)
{
	g_autofree char *problems = NULL;
	g_autoptr (MmConfig) config = NULL;
	Place place;

	place_init (&place);
	place_write (&place, NULL, "[mailmend]\nDeadline = 7s\n");
	for (guint i = 0; i < 1000; i++) {
		g_autofree char *name = g_strdup_printf ("%u.conf", i);
		g_autofree char *text = g_strdup_printf ("[rule r%u]\nSenderDomain = r%u.example\n"
		                                         "Policy = watch\n", i, i);

		place_write (&place, name, text);
	}
	config = load_place (&place, &problems);
	g_assert_cmpstr (problems, ==, "");
	assert_rule (config, "a@r999.example", "r999");
	place_write (&place, "one more.conf", "");
	assert_problem (&place, "conf.d", "more than 1000 files", 0);
	place_clear (&place);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/files/drop-ins", test_drop_ins);
	g_test_add_func ("/policy/files/passed-over", test_passed_over);
	g_test_add_func ("/policy/files/problems", test_problems);
	g_test_add_func ("/policy/files/unreadable", test_unreadable);
	g_test_add_func ("/policy/files/links", test_links);
	g_test_add_func ("/policy/files/missing", test_missing);
	g_test_add_func ("/policy/files/locked", test_locked);
	g_test_add_func ("/policy/files/many", test_many);
	return g_test_run ();
}
