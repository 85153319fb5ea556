/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-tables.c: tables of text, Policy = TABLE; what is wrong with them, and with regexes.
 */
#include "policy-envelope.h"

/* A folder with a configuration "conf" and tables; "DIR" in the texts stands for it. */
typedef struct {
	char *folder;
	GPtrArray *files;
} Folder;

static void
folder_init (Folder *folder)
{
	folder->folder = g_dir_make_tmp ("mailmend-tables-XXXXXX", NULL);
	folder->files = g_ptr_array_new_with_free_func (g_free);
	g_assert_nonnull (folder->folder);
}

static char *
replace_dir (const char *text, const char *from, const char *to)
{
	g_auto (GStrv) parts = g_strsplit (text, from, -1);

	return g_strjoinv (to, parts);
}

static char *
folder_write (Folder *folder, const char *name, const char *text, gssize len)
{
	char *path = g_build_filename (folder->folder, name, NULL);

	g_assert_true (g_file_set_contents (path, text, len, NULL));
	g_ptr_array_add (folder->files, path);
	return path;
}

static void
folder_clear (Folder *folder)
{
	for (guint i = 0; i < folder->files->len; i++)
		g_unlink (folder->files->pdata[i]);
	g_assert_cmpint (g_rmdir (folder->folder), ==, 0);
	g_ptr_array_unref (folder->files);
	g_free (folder->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Folder, folder_clear)

/* Loads @conf; the problems, one a line, with DIR for the folder. */
static MmConfig *
folder_load (Folder *folder, const char *conf, char **out_problems)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (GString) lines = g_string_new (NULL);
	g_autofree char *text = replace_dir (conf, "DIR", folder->folder);
	MmConfig *config = mm_config_load (folder_write (folder, "conf", text, -1), problems);

	for (guint i = 0; i < problems->len; i++)
		g_string_append_printf (lines, "%s\n", (char *) problems->pdata[i]);
	*out_problems = replace_dir (lines->str, folder->folder, "DIR");
	return config;
}

/* ---- look-up --------------------------------------------------------------------------------- */

#define ADDRESSES \
	"# who gets what\n\n" \
	"a@b.example\tstrict\r\n" \
	"  @b.example   watch  \n" \
	".b.example off\n" \
	"Bob@M\xc3\xbcLL.example\tstrict\n" \
	".example kumomta\n" \
	"<> microsoft365\n" \
	"\"x\"@[192.0.2.1] strict\n" \
	"bare@c.org."

#define DOMAINS "b.example strict\n.b.example watch\n.EXAMPLE off\nm\xc3\xbcll.example kumomta\n"

#define HOSTS \
	"[b.example] strict\n192.0.2.1 watch\n[ipv6:2001:DB8::1] off\n2001:db8::2 kumomta\n" \
	"m\xc3\xbcll.example watch\n"

#define CLIENTS \
	"192.0.2.1 strict\n192.0.2.0/24 watch\n192.0.0.0/16 off\n" \
	"2001:db8::/32 kumomta\n[2001:db8:1::]/48 strict\n0.0.0.0/0 microsoft365\n" \
	"relay.example strict\n.relay.example watch\n"

static const struct {
	const char *table;
	const char *condition;
	const char *words;
	const char *want; /* a policy, or NULL for none */
} finds[] = {
	{ADDRESSES, "Sender", "sender=A@B.example", "strict"},
	{ADDRESSES, "Sender", "sender=c@b.example", "watch"},
	{ADDRESSES, "Sender", "sender=c@x.y.b.example", "off"},
	{ADDRESSES, "Sender", "sender=c@xb.example", "kumomta"},
	{ADDRESSES, "Sender", "sender=<>", "microsoft365"},
	{ADDRESSES, "Sender", "sender=bob@xn--mll-hoa.example", "strict"},
	{ADDRESSES, "Sender", "sender=bob@M\xc3\x9cLL.example", "strict"},
	{ADDRESSES, "Sender", "sender=\"x\"@[192.0.2.1]", "strict"},
	{ADDRESSES, "Sender", "sender=c@d.org", NULL},
	{ADDRESSES, "Sender", "sender=example", NULL},
	{ADDRESSES, "Sender", "", NULL},
	{ADDRESSES, "HeaderFrom", "from=a@b.example", "strict"},
	{ADDRESSES, "Recipient", "rcpt=c@d.org rcpt=c@b.example", "watch"},
	{DOMAINS, "SenderDomain", "sender=c@b.example", "strict"},
	{DOMAINS, "SenderDomain", "sender=c@a.b.example", "watch"},
	{DOMAINS, "SenderDomain", "sender=c@example", "off"},
	{DOMAINS, "SenderDomain", "sender=c@xn--mll-hoa.example", "kumomta"},
	{DOMAINS, "SenderDomain", "sender=<>", NULL},
	{DOMAINS, "RecipientMx", "rcpt=a@a.org mx=x.org,b.example", "strict"},
	{DOMAINS, "NextHop", "rcpt=a@a.org nexthop=[B.example]:25", "strict"},
	{HOSTS, "NextHop", "rcpt=a@a.org nexthop=[B.example]:25", "strict"},
	{HOSTS, "NextHop", "rcpt=a@a.org nexthop=192.0.2.1", "watch"},
	{HOSTS, "NextHop", "rcpt=a@a.org nexthop=[IPv6:2001:DB8::1]", "off"},
	{HOSTS, "NextHop", "rcpt=a@a.org nexthop=[2001:db8::2]:25", "kumomta"},
	{HOSTS, "RecipientMx", "rcpt=a@a.org mx=m\xc3\xbcll.example.", "watch"},
	{CLIENTS, "Client", "client=192.0.2.1", "strict"},
	{CLIENTS, "Client", "client=::ffff:192.0.2.2", "watch"},
	{CLIENTS, "Client", "client=192.0.3.1", "off"},
	{CLIENTS, "Client", "client=10.0.0.1 host=relay.example", "microsoft365"},
	{CLIENTS, "Client", "client=2001:db8::1", "kumomta"},
	{CLIENTS, "Client", "client=2001:db8:1::1", "strict"},
	{CLIENTS, "Client", "client=2001:db9::1 host=a.relay.example", "watch"},
	{CLIENTS, "Client", "client=2001:db9::1 host=relay.example", "strict"},
	{CLIENTS, "Client", "client=2001:db9::1 host=unknown", NULL},
	{"bob strict\nBob watch\n", "SaslUser", "user=Bob", "watch"},
	{"bob strict\n", "SaslUser", "user=BOB", NULL},
	{"ORIGINATING strict\n", "Macro", "macro={daemon_name}=ORIGINATING", "strict"},
	{"ORIGINATING strict\n", "Macro", "macro={daemon}=ORIGINATING", NULL},
	{"", "Sender", "sender=a@b.example", NULL},
};

static void
test_find (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (finds); i++) {
		g_auto (Folder) folder;
		g_auto (Parcel) parcel;
		g_auto (MmMatch) match = {0};
		g_autofree char *problems = NULL;
		g_autofree char *table = g_strconcat (finds[i].table, "", NULL);
		gboolean macro = g_str_equal (finds[i].condition, "Macro");
		g_autofree char *text = g_strdup_printf (
			"[rule r]\nPolicy = TABLE\n%s =%s TABLE:DIR/t\n", finds[i].condition,
			macro ? " {daemon_name} =" : "");
		g_autoptr (MmConfig) config = NULL;

		g_test_message ("%s: %s", finds[i].condition, finds[i].words);
		if (strstr (table, "bare") != NULL) /* it has no policy */
			*(strstr (table, "bare")) = '#';
		folder_init (&folder);
		folder_write (&folder, "t", table, -1);
		config = folder_load (&folder, text, &problems);
		g_assert_cmpstr (problems, ==, "");
		parcel_init (&parcel, finds[i].words);
		match = mm_config_match (config, &parcel.envelope);
		g_assert_true (match.decided);
		g_assert_null (match.error);
		g_assert_cmpstr (match.rule, ==, finds[i].want != NULL ? "r" : "default");
		if (finds[i].want != NULL)
			g_assert_cmpstr (match.policy->name, ==, finds[i].want);
	}
}

/* A domain of any length is looked up by its end, in no time. */
static void
test_hostile (void)
{
	g_auto (Folder) folder;
	g_autofree char *problems = NULL;
	g_autoptr (MmConfig) config = NULL;
	g_autoptr (GString) words = g_string_new ("sender=a@");
	gint64 start;

	folder_init (&folder);
	folder_write (&folder, "t", ".b.example strict\n", -1);
	config = folder_load (&folder, "[rule r]\nPolicy = TABLE\nSender = TABLE:DIR/t\n",
	                      &problems);
	g_assert_cmpstr (problems, ==, "");
	for (guint i = 0; i < 50000; i++)
		g_string_append (words, "a.");
	for (guint i = 0; i < 2; i++) {
		g_autofree char *got = NULL;

		g_string_append (words, i == 0 ? "b.example" : ".org");
		start = g_get_monotonic_time ();
		got = match_words (config, words->str);
		g_assert_cmpstr (got, ==, i == 0 ? "r" : "default");
		g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
	}
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* The first table that fits names the policy; "!" and ordinary policies take no result. */
static void
test_rules (void)
{
	static const struct {
		const char *words;
		const char *want;
		const char *policy;
	} cases[] = {
		{"sender=a@b.example user=bob", "both", "strict"},
		{"sender=x@b.example user=bob", "user", "kumomta"},
		{"sender=x@c.example user=bob", "plain", "watch"},
		{"sender=x@d.example user=bob", "user", "kumomta"},
		{"rcpt=a@x.example rcpt=b@y.example user=eve", "rcpt some", "off"},
		{"rcpt=b@y.example rcpt=a@x.example user=eve", "rcpt some", "strict"},
		{"rcpt=a@x.example rcpt=c@x.example user=eve", "rcpt", "off"},
		{"rcpt=z@x.example rcpt=c@x.example user=eve", "rcpt some", "off"},
		{"rcpt=z@x.example user=eve", "default", "watch"},
		{"rcpt=d@x.example rcpt=e@x.example user=eve", "all", "kumomta"},
		{"rcpt=f@x.example rcpt=e@x.example user=eve", "all some", "strict"},
		{"rcpt=f@x.example rcpt=z@x.example user=eve", "default", "watch"},
	};
	g_auto (Folder) folder;
	g_autofree char *problems = NULL;
	g_autoptr (MmConfig) config = NULL;

	folder_init (&folder);
	folder_write (&folder, "senders", "a@b.example strict\n", -1);
	folder_write (&folder, "users", "bob kumomta\n", -1);
	folder_write (&folder, "free", "@c.example any words at all\n.d.example\n", -1);
	folder_write (&folder, "rcpts", "a@x.example off\nc@x.example off\nb@y.example strict\n",
	              -1);
	folder_write (&folder, "alls", "d@x.example kumomta\ne@x.example kumomta\n"
	                               "f@x.example strict\n", -1);
	config = folder_load (
		&folder,
		"[rule both]\nPolicy = TABLE\nSaslUser = TABLE:DIR/users\n"
		"Sender = TABLE:DIR/senders\n"
		"[rule plain]\nPolicy = watch\n"
		"Sender = TABLE:DIR/free, !TABLE:DIR/senders, !.d.example\n"
		"[rule user]\nPolicy = TABLE\n"
		"Sender = !TABLE:DIR/senders\nSaslUser = TABLE:DIR/users\n"
		"[rule rcpt]\nPolicy = TABLE\nRecipient = TABLE:DIR/rcpts\n"
		"[rule all]\nPolicy = TABLE\nRecipient = TABLE:DIR/alls\n"
		"MatchRecipients = all\n", &problems);
	g_assert_cmpstr (problems, ==, "");
	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_auto (Parcel) parcel;
		g_auto (MmMatch) match = {0};
		g_autofree char *got = NULL;

		parcel_init (&parcel, cases[i].words);
		match = mm_config_match (config, &parcel.envelope);
		got = told (&match);
		g_test_message ("%s", cases[i].words);
		g_assert_cmpstr (got, ==, cases[i].want);
		g_assert_cmpstr (match.policy->name, ==, cases[i].policy);
	}
	g_assert_true (mm_config_has_off (config));
	g_assert_true (mm_config_may_use (config, "kumomta"));
	g_assert_false (mm_config_may_use (config, "microsoft365"));
}

/* ---- problems -------------------------------------------------------------------------------- */

#define RULE "[rule r]\nPolicy = off\n"
#define TABLE "[rule r]\nPolicy = TABLE\n"

static const struct {
	const char *conf;
	const char *table;
	const char *want;
} problem_cases[] = {
	{RULE "Sender = TABLE:t, lmdb:t, TABLE:\n", "",
	 "DIR/conf:3: Sender: the table 't' is not an absolute path\n"
	 "DIR/conf:3: Sender: the table 't' is not an absolute path\n"
	 "DIR/conf:3: Sender: the table '' is not an absolute path\n"},
	{RULE "Sender = TABLE:DIR/none\nClient = !TABLE:DIR\n", "",
	 "DIR/conf:3: Sender: the table DIR/none cannot be read: No such file or directory\n"
	 "DIR/conf:4: Client: the table DIR cannot be read: it is no file\n"},
	{RULE "Sender = lmdb:DIR/t.lmdb, lmdb:DIR/none\n", "",
	 "DIR/conf:3: Sender: 'DIR/t.lmdb' stands without .lmdb, as for postmap\n"
	 "DIR/conf:3: Sender: the table DIR/none.lmdb cannot be opened: "
	 "No such file or directory\n"},
	{RULE "Sender = TABLE:DIR/t\n",
	 "a@b.example\n#\nA@B.EXAMPLE x\n@b.example\n.b.example\n@b.example.\nb.example\n"
	 "a@b..example\n/x/ y\n\x01\nx\xff@b.example\n!c@b.example\n",
	 "DIR/t:3: duplicate pattern 'a@b.example': it stands at line 1\n"
	 "DIR/t:6: duplicate pattern '@b.example': it stands at line 4\n"
	 "DIR/t:7: 'b.example' is not user@domain, @domain, .domain or <>\n"
	 "DIR/t:8: 'a@b..example' is not user@domain, @domain, .domain or <>\n"
	 "DIR/t:9: '/x/' is not user@domain, @domain, .domain or <>\n"
	 "DIR/t:10: control character\n"
	 "DIR/t:11: the line is not valid UTF-8\n"},
	{RULE "Client = TABLE:DIR/t\n",
	 "10.0.0.0/8\n10.0.0.1/8\n::ffff:10.0.0.0/104\nTRUSTED\nrelay.example\n.x\n",
	 "DIR/t:2: '10.0.0.1/8' is not an address, a network without host bits, a full host name "
	 "or .domain\n"
	 "DIR/t:3: duplicate pattern '::ffff:10.0.0.0/104': it stands at line 1\n"
	 "DIR/t:4: 'TRUSTED' is not an address, a network without host bits, a full host name or "
	 ".domain\n"},
	{RULE "SenderDomain = TABLE:DIR/t\n", "@b.example\nb.example watch\n",
	 "DIR/t:1: '@b.example' is not domain or .domain\n"},
	{TABLE "Sender = TABLE:DIR/t\n",
	 "a@b.example wach\nb@b.example wach\nc@b.example\nd@b.example\ne@b.example nonsense\n",
	 "DIR/t:1: unknown policy 'wach'; did you mean watch?\n"
	 "DIR/t:3: the policy is missing\n"
	 "DIR/t:5: unknown policy 'nonsense'\n"},
	{RULE "Sender = TABLE:DIR/t\n[rule s]\nPolicy = TABLE\nSender = TABLE:DIR/t\n", "<> x\n",
	 "DIR/t:1: unknown policy 'x'\n"},
	{TABLE "Sender = a@b.example\n", "",
	 "DIR/conf:2: Policy: TABLE needs a condition of the rule whose values are tables only: "
	 "TABLE:PATH or lmdb:PATH\n"},
	{TABLE "Sender = a@b.example, TABLE:DIR/t\nSaslUser = !TABLE:DIR/t\n", "",
	 "DIR/conf:2: Policy: TABLE needs a condition of the rule whose values are tables only: "
	 "TABLE:PATH or lmdb:PATH\n"},
	{TABLE "Sender = TABLE:DIR/t, !a@b.example\n", "", ""},
	{"[default]\nPolicy = TABLE\n", "", "DIR/conf:2: Policy: TABLE is for rules only: "
	 "[default] has no condition that asks a table\n"},
	/* regexes */
	{RULE "Sender = /a\n", "", "DIR/conf:3: Sender: '/a' has no '/' at its end\n"},
	{RULE "Sender = /a/x, /b/, /\n", "",
	 "DIR/conf:3: Sender: behind '/a/x' nothing but 'i' may stand\n"
	 "DIR/conf:3: Sender: '/' has no '/' at its end\n"},
	{RULE "Sender = //\n", "", "DIR/conf:3: Sender: the regex '//' is empty\n"},
	{RULE "Sender = /a\\/\n", "", "DIR/conf:3: Sender: '/a\\/' has no '/' at its end\n"},
	{RULE "Sender = /a/, b@c, /d/i , !/e,/\n", "", ""},
	{RULE "Sender = /a/b, /c/\n", "",
	 "DIR/conf:3: Sender: behind '/a/b' nothing but 'i' may stand\n"},
	/* others */
	{RULE "Macro = x, {x}, {x} =, {} = x, {a b} = x, {a}=b\n", "",
	 "DIR/conf:3: Macro: 'x' is not like {name} = value\n"
	 "DIR/conf:3: Macro: '{x}' is not like {name} = value\n"
	 "DIR/conf:3: Macro: '{x} =' has no value\n"
	 "DIR/conf:3: Macro: '{} = x' is not like {name} = value\n"
	 "DIR/conf:3: Macro: '{a b} = x' is not like {name} = value\n"},
	{RULE "Size = 10M, >, <0, 5-4, >1T, -1, 1-, <1 K\n", "",
	 "DIR/conf:3: Size: '10M' is not like >10M, <5K or 1M-2M\n"
	 "DIR/conf:3: Size: '>' is not like >10M, <5K or 1M-2M\n"
	 "DIR/conf:3: Size: '<0' is not like >10M, <5K or 1M-2M\n"
	 "DIR/conf:3: Size: '5-4' is not like >10M, <5K or 1M-2M\n"
	 "DIR/conf:3: Size: '>1T' is not like >10M, <5K or 1M-2M\n"
	 "DIR/conf:3: Size: '-1' is not like >10M, <5K or 1M-2M\n"
	 "DIR/conf:3: Size: '1-' is not like >10M, <5K or 1M-2M\n"
	 "DIR/conf:3: Size: '<1 K' is not like >10M, <5K or 1M-2M\n"},
	{RULE "NextHop = TABLE:DIR/t\n", "[a.example\n.[b.example]\nc.example:25\n[192.0.2.1]\n",
	 "DIR/t:1: '[a.example' is not host, .domain or an address\n"
	 "DIR/t:2: '.[b.example]' is not host, .domain or an address\n"
	 "DIR/t:3: 'c.example:25' is not host, .domain or an address\n"},
	{RULE "SaslUser = TABLE:DIR/t\n", "\xEF\xBB\xBF" "bob\n\xEF\xBB\xBF\n",
	 "DIR/t:1: the file begins with a byte order mark (BOM)\n"},
	{RULE "RecipientMx = mx..x, .192.0.2.1x, a b\nNextHop = [, []\n", "",
	 "DIR/conf:3: RecipientMx: 'mx..x' is no host name\n"
	 "DIR/conf:3: RecipientMx: 'a b' is no host name\n"
	 "DIR/conf:4: NextHop: '[' is no host name\n"
	 "DIR/conf:4: NextHop: '[]' is no host name\n"},
	{RULE "Recipient = <>\nRecipientDomain = @b\nMatchRecipients = some\nSize =\n", "",
	 "DIR/conf:3: Recipient: '<>' is no address; <> is for Sender only\n"
	 "DIR/conf:4: RecipientDomain: '@b' stands without its '@' here\n"
	 "DIR/conf:5: MatchRecipients: 'some' is none of any, all\n"
	 "DIR/conf:6: Size: the value is missing\n"},
};

static void
test_problems (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (problem_cases); i++) {
		g_auto (Folder) folder;
		g_autofree char *problems = NULL;
		g_autoptr (MmConfig) config = NULL;

		folder_init (&folder);
		folder_write (&folder, "t", problem_cases[i].table, -1);
		config = folder_load (&folder, problem_cases[i].conf, &problems);
		g_assert_cmpstr (problems, ==, problem_cases[i].want);
		g_assert_true ((config == NULL) == (*problems != '\0'));
	}
}

/* GRegex says what is wrong, in its own words. */
static void
test_bad_regex (void)
{
	g_auto (Folder) folder;
	g_autofree char *problems = NULL;

	folder_init (&folder);
	g_assert_null (folder_load (&folder, RULE "Sender = /(/\n", &problems));
	g_assert_true (g_str_has_prefix (problems, "DIR/conf:3: Sender: "));
	g_assert_nonnull (strstr (problems, "at char 1: "));
	g_assert_null (strstr (problems, "LIMIT"));
}

/* ---- size ------------------------------------------------------------------------------------ */

#define MANY 1000000

static char *
many_lines (void)
{
	GString *text = g_string_sized_new (MANY * 40);

	for (guint i = 0; i < MANY; i++)
		g_string_append_printf (text, "user%u@d%u.example.org watch\n", i, i % 5000);
	return g_string_free (text, FALSE);
}

/* The bounds are far above what it takes: a test machine may be busy, and have sanitizers. */
static void
test_many (void)
{
	g_auto (Folder) folder;
	g_autofree char *text = many_lines ();
	g_autofree char *problems = NULL;
	g_autoptr (MmConfig) config = NULL;
	gint64 start;
	double load;
	double look;

	folder_init (&folder);
	folder_write (&folder, "t", text, -1);
	start = g_get_monotonic_time ();
	config = folder_load (&folder, TABLE "Sender = TABLE:DIR/t\n", &problems);
	load = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
	g_assert_cmpstr (problems, ==, "");
	start = g_get_monotonic_time ();
	for (guint i = 0; i < 20000; i++) {
		g_autofree char *sender =
			g_strdup_printf ("USER%u@d%u.example.org", i * 97, i * 97 % 5000);
		MmEnvelope envelope = {.sender_known = TRUE, .sender = sender};
		g_auto (MmMatch) match = mm_config_match (config, &envelope);

		g_assert_cmpstr (match.rule, ==, i * 97 < MANY ? "r" : "default");
	}
	look = (double) (g_get_monotonic_time () - start) / 20000;
	g_test_message ("%d patterns read in %.2f s, %.2f us a message", MANY, load, look);
	g_assert_cmpfloat (load, <, 30);
	g_assert_cmpfloat (look, <, 100);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/tables/find", test_find);
	g_test_add_func ("/policy/tables/hostile", test_hostile);
	g_test_add_func ("/policy/tables/rules", test_rules);
	g_test_add_func ("/policy/tables/problems", test_problems);
	g_test_add_func ("/policy/tables/bad-regex", test_bad_regex);
	g_test_add_func ("/policy/tables/many", test_many);
	return g_test_run ();
}
