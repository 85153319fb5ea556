/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-warnings.c: rules that are never reached, and policies nobody uses.
 */
#include "policy-envelope.h"

/* ---- shadowed rules -------------------------------------------------------------------------- */

typedef struct {
	const char *before; /* conditions of [rule a] */
	const char *rule;   /* of [rule b], which stands behind it */
	gboolean shadowed;
} ShadowCase;

static const ShadowCase shadow_cases[] = {
	/* how many conditions */
	{"", "Sasl = yes\n", TRUE},
	{"", "", TRUE},
	{"Sasl = yes\n", "", FALSE},
	{"Sasl = yes\n", "Sasl = yes\nLocal = no\n", TRUE},
	{"Sasl = yes\nLocal = no\n", "Sasl = yes\n", FALSE},
	{"Sasl = yes\nLocal = no\n", "Local = no\nFirstHop = yes\nSasl = yes\n", TRUE},
	{"Sasl = yes\nLocal = no\n", "Local = yes\nSasl = yes\n", FALSE},
	/* yes or no */
	{"Sasl = yes\n", "Sasl = no\n", FALSE},
	{"FirstHop = no\n", "FirstHop = NO\n", TRUE},
	{"Sasl = yes\n", "SaslUser = bob\n", TRUE},
	{"Sasl = yes\n", "SaslUser = bob, !eve\n", TRUE},
	{"Sasl = yes\n", "SaslUser = !eve\n", FALSE},
	{"Sasl = no\n", "SaslUser = bob\n", FALSE},
	{"SaslUser = bob\n", "Sasl = yes\n", FALSE},
	/* users */
	{"SaslUser = bob\n", "SaslUser = bob\n", TRUE},
	{"SaslUser = bob\n", "SaslUser = Bob\n", FALSE},
	{"SaslUser = bob, eve\n", "SaslUser = eve\n", TRUE},
	{"SaslUser = eve\n", "SaslUser = bob, eve\n", FALSE},
	{"SaslUser = !eve\n", "SaslUser = bob\n", TRUE},
	{"SaslUser = !eve\n", "SaslUser = eve\n", FALSE},
	{"SaslUser = !eve\n", "SaslUser = !eve, !bob\n", TRUE},
	{"SaslUser = !eve, !bob\n", "SaslUser = !eve\n", FALSE},
	/* addresses and domains */
	{"Sender = a@b.example\n", "Sender = A@B.EXAMPLE\n", TRUE},
	{"Sender = a@b.example\n", "Sender = c@b.example\n", FALSE},
	{"Sender = @b.example\n", "Sender = a@b.example, @b.example, c@b.example\n", TRUE},
	{"Sender = @b.example\n", "Sender = a@c.b.example\n", FALSE},
	{"Sender = @b.example\n", "Sender = .b.example\n", FALSE},
	{"Sender = .b.example\n", "Sender = @b.example, @c.b.example, x@d.c.b.example\n", TRUE},
	{"Sender = .b.example\n", "Sender = .c.b.example\n", TRUE},
	{"Sender = .c.b.example\n", "Sender = .b.example\n", FALSE},
	{"Sender = .b.example\n", "Sender = @ab.example\n", FALSE},
	{"Sender = .m\xc3\xbcll.example\n", "Sender = @xn--mll-hoa.example\n", TRUE},
	{"Sender = <>\n", "Sender = <>\n", TRUE},
	{"Sender = <>\n", "Sender = a@b.example\n", FALSE},
	{"Sender = .b.example, <>\n", "Sender = <>, @b.example\n", TRUE},
	{"SenderDomain = b.example\n", "Sender = a@b.example\n", TRUE},
	{"SenderDomain = .b.example\n", "Sender = @c.b.example\nSasl = yes\n", TRUE},
	{"Sender = @b.example\n", "SenderDomain = b.example\n", TRUE},
	{"Sender = a@b.example\n", "SenderDomain = b.example\n", FALSE},
	{"SenderDomain = b.example\n", "Sender = <>\n", FALSE},
	{"SenderDomain = b.example\n", "HeaderFrom = @b.example\n", FALSE},
	{"HeaderFrom = @b.example\n", "HeaderFrom = a@b.example\nSenderDomain = c.example\n", TRUE},
	/* those with '!' */
	{"Sender = .b.example, !x@b.example\n", "Sender = @b.example\n", FALSE},
	{"Sender = .b.example, !x@b.example\n", "Sender = @b.example, !x@b.example\n", TRUE},
	{"Sender = .b.example, !x@b.example\n", "Sender = @b.example, !.b.example\n", TRUE},
	{"Sender = .b.example, !x@b.example\n", "Sender = y@b.example\n", TRUE},
	{"Sender = .b.example, !x@b.example\n", "Sender = @c.b.example\n", TRUE},
	{"Sender = .b.example, !x@b.example\n", "Sender = x@b.example\n", FALSE},
	{"Sender = !@b.example\n", "Sender = .c.example, <>\n", TRUE},
	{"Sender = !@b.example\n", "Sender = .example\n", FALSE},
	{"Sender = !@b.example\n", "Sender = !.b.example\n", TRUE},
	{"Sender = !.b.example\n", "Sender = !@b.example\n", FALSE},
	{"Sender = !@b.example\n", "Sasl = yes\n", FALSE},
	{"Sender = @b.example\n", "Sender = !@c.example\n", FALSE},
	/* networks */
	{"Client = 10.0.0.0/8\n", "Client = 10.1.0.0/16, 10.2.3.4\n", TRUE},
	{"Client = 10.1.0.0/16\n", "Client = 10.0.0.0/8\n", FALSE},
	{"Client = 10.0.0.0/8\n", "Client = 11.0.0.0/16\n", FALSE},
	{"Client = 10.0.0.0/9, 10.128.0.0/9\n", "Client = 10.0.0.0/8\n", FALSE},
	{"Client = ::ffff:10.0.0.0/104\n", "Client = 10.1.2.3\n", TRUE},
	{"Client = ::/0\n", "Client = 10.0.0.0/8\n", FALSE},
	{"Client = ::/0\n", "Client = 2001:db8::/32\n", TRUE},
	{"Client = 0.0.0.0/0\n", "Client = 10.0.0.0/8\n", TRUE},
	{"Client = !10.0.0.0/8\n", "Client = 192.0.2.0/24\n", TRUE},
	{"Client = !10.0.0.0/8\n", "Client = 0.0.0.0/0\n", FALSE},
	{"Client = 10.0.0.0/8, !10.0.0.1\n", "Client = 10.0.0.0/24\n", FALSE},
	{"Client = TRUSTED\n", "Client = TRUSTED\n", TRUE},
	{"Client = TRUSTED\n", "Client = 127.0.0.1, ::1\n", TRUE},
	{"Client = TRUSTED\n", "Client = 126.0.0.0/7\n", FALSE},
	{"Client = 127.0.0.0/8, ::1\n", "Client = TRUSTED\n", FALSE}, /* not worth finding */
	{"Client = !192.0.2.0/24\n", "Client = TRUSTED\n", FALSE},
	{"Client = !TRUSTED\n", "Client = !TRUSTED, !10.0.0.0/8\n", TRUE},
	/* host names: of a client that has an address, too */
	{"Client = .b.example\n", "Client = mx.b.example\n", TRUE},
	{"Client = .b.example\n", "Client = 192.0.2.1\n", FALSE},
	{"Client = !.b.example\n", "Client = mx.c.example\n", TRUE},
	{"Client = !.b.example\n", "Client = 192.0.2.1\n", FALSE},
	{"Client = .b.example, 10.0.0.0/8\n", "Client = 10.0.0.1, a.b.example\n", TRUE},
	/* macros, sizes */
	{"Macro = {a} = x, {b} = y\n", "Macro = {b}=y\n", TRUE},
	{"Macro = {a} = x\n", "Macro = {b} = x\n", FALSE},
	{"Macro = {a} = x\n", "Macro = {a} = X\n", FALSE},
	{"Macro = !{a} = x\n", "Macro = {a} = y\n", FALSE}, /* not worth finding */
	{"Macro = {a} = /x/\n", "Macro = {a} = /x/\n", TRUE},
	{"Macro = {a} = /x/\n", "Macro = {b} = /x/\n", FALSE},
	{"Size = >1M\n", "Size = >2M\n", TRUE},
	{"Size = >1M\n", "Size = 1M-3M\n", FALSE},
	{"Size = 1M-3M, <10K\n", "Size = 2M-3M, <1K\n", TRUE},
	{"Size = !>1M\n", "Size = <1M\n", FALSE}, /* not worth finding */
	{"Size = !>1M\n", "Size = !>500K\n", TRUE},
	/* regexes and tables: the same text */
	{"Sender = /x/\n", "Sender = /x/\n", TRUE},
	{"Sender = /x/\n", "Sender = /x/i\n", FALSE},
	{"Sender = /x/, @b.example\n", "Sender = a@b.example, /x/\n", TRUE},
	{"Sender = !/x/\n", "Sender = !/x/, !/y/\n", TRUE},
	{"Sender = !/x/\n", "Sender = @b.example\n", FALSE},
	{"Sender = @b.example\n", "Sender = /@b\\.example$/\n", FALSE},
	{"Sender = /x/\n", "SenderDomain = /x/\n", FALSE},
	{"Sender = TABLE:FOLDER/conf.d/t\n", "Sender = TABLE:FOLDER/conf.d/t\n", TRUE},
	{"Sender = TABLE:FOLDER/conf.d/t\n", "Sender = TABLE:FOLDER/conf.d/../conf.d/t\n", FALSE},
	{"Sender = TABLE:FOLDER/conf.d/t\n", "SenderDomain = TABLE:FOLDER/conf.d/t\n", FALSE},
	{"Sasl = yes\n", "SaslUser = TABLE:FOLDER/conf.d/t\n", TRUE},
	/* recipients */
	{"Recipient = @b.example\n", "Recipient = a@b.example\n", TRUE},
	{"RecipientDomain = b.example\n", "Recipient = a@b.example, @b.example\n", TRUE},
	{"Recipient = @b.example\n", "Sender = a@b.example\n", FALSE},
	{"Recipient = @b.example\n", "Recipient = a@b.example\nMatchRecipients = all\n", TRUE},
	{"Recipient = @b.example\nMatchRecipients = all\n",
	 "Recipient = a@b.example\nMatchRecipients = all\n", TRUE},
	{"Recipient = @b.example\nMatchRecipients = all\n", "Recipient = a@b.example\n", FALSE},
	{"Recipient = !@b.example\n", "Recipient = a@c.example\n", TRUE},
	{"Recipient = @b.example\nNextHop = mx.example\n", "Recipient = a@b.example\n", FALSE},
	{"Recipient = @b.example\nNextHop = .example\n",
	 "NextHop = mx.example\nRecipientDomain = b.example\nRecipientMx = .example\n", TRUE},
	{"RecipientMx = .mx.microsoft\n", "RecipientMx = a.mx.microsoft, .b.mx.microsoft\n", TRUE},
	/* a domain can have hosts of both */
	{"RecipientMx = .example, !a.example\n", "RecipientMx = b.example\n", FALSE},
	{"RecipientMx = .example, !a.example\n", "RecipientMx = b.example, !.a.example\n", TRUE},
};

/* FOLDER is that of @place. */
static void
write_rule (const Place *place, const char *file, const char *head, const char *conditions)
{
	g_autoptr (GString) text = g_string_new (head);

	g_string_append (text, conditions);
	g_string_replace (text, "FOLDER", place->folder, 0);
	place_write (place, file, text->str);
}

static void
test_shadows (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (shadow_cases); i++) {
		const ShadowCase *at = &shadow_cases[i];
		g_autofree char *problems = NULL;
		g_autoptr (MmConfig) config = NULL;
		Place place;

		g_test_message ("%s/ %s", at->before, at->rule);
		place_init (&place);
		place_write (&place, "t", ".b.example watch\n");
		write_rule (&place, NULL, "[rule a]\nPolicy = strict\n", at->before);
		write_rule (&place, "b.conf", "[rule b]\nPolicy = watch\n", at->rule);
		config = load_place (&place, &problems);
		g_assert_cmpstr (problems, ==, !at->shadowed ? "" :
		                 "conf.d/b.conf:1: warning: [rule b] can never be reached: "
		                 "[rule a] at FOLDER/conf:1 matches whatever it matches\n");
		g_assert_nonnull (config);
		place_clear (&place);
	}
}

/* A warning must be true: no message may be found for which a rule that is warned of decides. */
static const char *const values[] = {
	"Sender = @b.example\n", "Sender = .b.example\n", "Sender = a@b.example\n", "Sender = <>\n",
	"Sender = !a@b.example\n", "Sender = .b.example, !@b.example\n",
	"Sender = !<>, !.b.example\n", "SenderDomain = b.example\n",
	"SenderDomain = .c.b.example\n", "SenderDomain = !b.example\n",
	"Client = 10.0.0.0/8\n", "Client = 10.1.0.0/16, ::1\n", "Client = !10.1.0.0/16\n",
	"Client = TRUSTED\n", "Client = !TRUSTED\n", "Client = ::/0, 10.0.0.0/8, !TRUSTED\n",
	"Sasl = yes\n", "Sasl = no\n", "SaslUser = bob\n", "SaslUser = !bob\n",
	"SaslUser = bob, eve\n", "Recipient = @b.example\n", "Recipient = !a@b.example\n",
	"Recipient = a@b.example, .c.b.example\n", "RecipientDomain = .b.example\n",
	"RecipientDomain = !b.example\n", "RecipientMx = .mx.example\n",
	"RecipientMx = a.mx.example, !b.mx.example\n", "RecipientMx = !.mx.example\n",
	"RecipientMx = a.mx.example\n", "RecipientMx = .mx.example, !b.mx.example\n",
	"Client = 10.1.2.0/24\n", "Client = 10.1.2.0/24, 10.2.0.0/24, mx.b.example\n",
	"MatchRecipients = all\n", "NextHop = .mx.example\n", "Client = .b.example\n",
	"Client = !.b.example, 10.0.0.0/8\n", "Macro = {a} = x, {b} = y\n", "Macro = !{b} = y\n",
	"Size = >1K\n", "Size = 1K-2K\n", "Size = !<2K\n", "Sender = /b/, <>\n",
	"Local = no\n", "FirstHop = yes\n",
};

static char *
random_conditions (GRand *rand)
{
	GString *text = g_string_new (NULL);
	guint n = (guint) g_rand_int_range (rand, 1, 4);

	for (guint i = 0; i < n; i++) {
		const char *value = values[g_rand_int_range (rand, 0, G_N_ELEMENTS (values))];
		g_autofree char *key = g_strndup (value, strcspn (value, " "));
		g_autofree char *start = g_strconcat (key, " ", NULL);

		if (strstr (text->str, start) == NULL)
			g_string_append (text, value);
	}
	return g_string_free (text, FALSE);
}

/* One of some words for each of: where it comes from, whose it is, and to whom it goes. */
static char *
random_words (GRand *rand)
{
	static const char *const words[][6] = {
		{"", "client=10.1.2.3", "client=10.2.0.1 host=x.b.example", "client=127.0.0.1",
		 "client=::1", "client=2001:db8::1 host=b.example"},
		{"sender=<>", "sender=a@b.example", "sender=x@b.example", "sender=x@c.b.example",
		 "sender=x@d.c.b.example", "sender=x@other.example"},
		{"", "user=bob", "user=eve", "user=joe", "local=yes", "hop=yes user=bob"},
		{"", "macro={a}=x", "macro={b}=y", "macro={a}=x macro={b}=y", "size=1024",
		 "size=1500 macro={b}=x"},
		{"size=0", "size=1025", "size=2048", "size=2049", "size=1024", "size=99999"},
		{"rcpt=a@b.example", "rcpt=x@b.example mx=a.mx.example", "rcpt=x@c.b.example mx=!",
		 "rcpt=y@c.b.example mx=a.mx.example,b.mx.example nexthop=a.mx.example",
		 "rcpt=z@other.example mx=-", "rcpt=x@b.example nexthop=[mx.example]:25"},
		{"", "rcpt=a@b.example mx=b.mx.example", "rcpt=q@b.example nexthop=b.mx.example",
		 "rcpt=q@d.c.b.example mx=c.mx.example", "rcpt=z@other.example mx=other.example", ""},
	};
	GString *text = g_string_new ("final");

	for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
		const char *word = words[i][g_rand_int_range (rand, 0, 6)];

		if (*word != '\0')
			g_string_append_printf (text, " %s", word);
	}
	return g_string_free (text, FALSE);
}

static void
assert_unreached (const MmConfig *config, const char *warnings, GRand *rand)
{
	for (guint i = 0; i < 100; i++) {
		g_autofree char *words = random_words (rand);
		g_auto (Parcel) parcel;
		g_auto (MmMatch) got = {0};
		g_autofree char *warned = NULL;

		parcel_init (&parcel, words);
		got = mm_config_match (config, &parcel.envelope);
		g_assert_true (got.decided);
		warned = g_strdup_printf (": [rule %s] can", got.rule);
		if (strstr (warnings, warned) != NULL)
			g_test_message ("%s: %s", words, got.rule);
		g_assert_null (strstr (warnings, warned));
	}
}

static void
test_true (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
	guint warned = 0;

	for (guint round = 0; round < 1500; round++) {
		g_autoptr (GString) text = g_string_new (NULL);
		g_autofree char *warnings = NULL;
		g_autoptr (MmConfig) config = NULL;

		for (guint i = 0; i < 6; i++) {
			g_autofree char *conditions = random_conditions (rand);

			g_string_append_printf (text, "[rule r%u]\nPolicy = watch\n%s", i,
			                        conditions);
		}
		config = load_bytes (text->str, -1, &warnings);
		g_assert_nonnull (config);
		g_test_message ("%s%s", text->str, warnings);
		assert_unreached (config, warnings, rand);
		warned += *warnings != '\0';
	}
	g_assert_cmpuint (warned, >, 100);
}

/* Bounded: what a program has written is not compared in full. */
static void
test_many (void)
{
	g_autoptr (GString) text = g_string_new (NULL);
	g_autoptr (MmConfig) config = NULL;
	gint64 start;

	for (guint i = 0; i < 15000; i++)
		g_string_append_printf (text, "[rule r%u]\nSender=@d%u.example\nPolicy=watch\n", i,
		                        i);
	start = g_get_monotonic_time ();
	config = load (text->str);
	g_assert_nonnull (config);
	g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const struct {
	const char *label;
	const char *input;
	const char *want;
} cases[] = {
	{"first the one that shadows",
	 "[rule a]\nSasl = yes\nPolicy = off\n[rule b]\nLocal = yes\nPolicy = off\n"
	 "[rule c]\nSasl = yes\nLocal = yes\nPolicy = off\n[rule d]\nPolicy = off\n"
	 "[rule e]\nPolicy = off\n",
	 "conf:7: warning: [rule c] can never be reached: [rule a] at line 1 matches whatever it "
	 "matches\n"
	 "conf:13: warning: [rule e] can never be reached: [rule d] at line 11 matches whatever it "
	 "matches\n"},
	{"recipients that no condition asks of",
	 "[rule a]\nSasl = yes\nMatchRecipients = all\nPolicy = off\n"
	 "[rule b]\nSasl = yes\nRecipient = a@b.example\nPolicy = off\n"
	 "[rule c]\nNextHop = b.example\nMatchRecipients = all\nPolicy = off\n"
	 "[rule d]\nLocal = no\nMatchRecipients = any\nPolicy = off\n",
	 "conf:3: warning: MatchRecipients: [rule a] has no condition on recipients, so it fits "
	 "whoever they are\n"
	 "conf:5: warning: [rule b] can never be reached: [rule a] at line 1 matches whatever it "
	 "matches\n"},
	{"a login of nobody",
	 "[rule a]\nSaslUser = bob, !eve\nSasl = no\nPolicy = off\n"
	 "[rule b]\nSaslUser = !eve\nSasl = no\nPolicy = off\n",
	 "conf:3: warning: [rule a] can never fit: Sasl = no, and SaslUser is for those who have "
	 "logged in\n"},
	{"everybody is trusted",
	 "[mailmend]\nTrustedClients = ::1, 0.0.0.0/0 ::/0 !10.0.0.0/8 0.0.0.0/1\n",
	 "conf:2: warning: TrustedClients: 0.0.0.0/0 is everybody: mail of strangers is treated as "
	 "that of one's own\n"
	 "conf:2: warning: TrustedClients: ::/0 is everybody: mail of strangers is treated as that "
	 "of one's own\n"},
	{"repairs that do not exist",
	 "[policy a]\nFix = ALL | TNEF_CORRUPT | MIME_TOO_DEEP | NUL_BYTE\n"
	 "[policy b]\nInherit = a\nReject = MIME_TOO_DEEP\n"
	 "[policy c]\nFix = ALL\nLog = TNEF_CORRUPT\n"
	 "[rule b]\nSasl = yes\nPolicy = b\n[default]\nPolicy = c\n",
	 "conf:2: warning: Fix: there is no repair for MIME_TOO_DEEP, so it is left as it is\n"
	 "conf:2: warning: Fix: there is no repair for TNEF_CORRUPT, so it is left as it is\n"},
	{"nobody uses them", "[policy a]\n[policy strict]\nLog = ALL\n[default]\nPolicy = watch\n",
	 "conf:1: warning: [policy a] is used by no rule, table, [default] or other policy\n"
	 "conf:2: warning: [policy strict] is used by no rule, table, [default] or other policy\n"},
	{"all are used", "[policy a]\n[policy b]\n[policy c]\nInherit = a\n[rule r]\nPolicy = c\n"
	 "[default]\nPolicy = b\n", ""},
	{"by the shipped rules", "[policy microsoft365]\nFix = ALL\n", ""},
	{"watch is what [default] has", "[policy watch]\nIgnore = LINES\n", ""},
	{"not by the shipped rules if there are others",
	 "[policy microsoft365]\n[rule r]\nSasl = yes\nPolicy = off\n",
	 "conf:1: warning: [policy microsoft365] is used by no rule, table, [default] or other policy\n"},
	{"only without errors", "[policy a]\n[rule r]\nPolicy = nope\n[rule s]\nPolicy = off\n",
	 "conf:3: Policy: unknown policy 'nope'\n"},
};

static void
test_warnings (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autofree char *problems = NULL;
		g_autoptr (MmConfig) config = NULL;

		g_test_message ("%s", cases[i].label);
		config = load_bytes (cases[i].input, -1, &problems);
		g_assert_cmpstr (problems, ==, cases[i].want);
	}
}

/* What a table names is used, if a rule asks it for the policy. */
static void
test_tables (void)
{
	static const char policies[] = "[policy a]\n[policy b]\n";
	static const char unused[] =
		"conf:%u: warning: [policy %c] is used by no rule, table, [default] or other policy\n";
	g_autofree char *a = g_strdup_printf (unused, 1, 'a');
	g_autofree char *b = g_strdup_printf (unused, 2, 'b');
	g_autofree char *both = g_strconcat (a, b, NULL);
	const struct {
		const char *rule;
		const char *want;
	} tables[] = {
		{"Policy = TABLE\nSender = TABLE:FOLDER/conf.d/t\n", b},
		{"Policy = watch\nSender = TABLE:FOLDER/conf.d/t\n", both},
		{"Policy = TABLE\nSender = TABLE:FOLDER/conf.d/t\n[policy c]\nInherit = b\n"
		 "[default]\nPolicy = c\n", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
		g_autofree char *text = g_strconcat ("[rule r]\n", tables[i].rule, NULL);
		g_autofree char *problems = NULL;
		g_autoptr (MmConfig) config = NULL;
		Place place;

		place_init (&place);
		place_write (&place, "t", "@x.example a\n@y.example watch\n");
		write_rule (&place, NULL, policies, text);
		config = load_place (&place, &problems);
		g_assert_cmpstr (problems, ==, tables[i].want);
		g_assert_nonnull (config);
		place_clear (&place);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/warnings/shadows", test_shadows);
	g_test_add_func ("/policy/warnings/true", test_true);
	g_test_add_func ("/policy/warnings/many", test_many);
	g_test_add_func ("/policy/warnings/tables", test_tables);
	g_test_add_func ("/policy/warnings/all", test_warnings);
	return g_test_run ();
}
