/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-warnings.c: rules that are never reached, and policies nobody uses.
 */
#include "policy-load.h"

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
};

static void
test_shadows (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (shadow_cases); i++) {
		const ShadowCase *at = &shadow_cases[i];
		g_autofree char *before = g_strdup_printf ("[rule a]\nPolicy = strict\n%s",
		                                           at->before);
		g_autofree char *rule = g_strdup_printf ("[rule b]\nPolicy = watch\n%s", at->rule);
		g_autofree char *problems = NULL;
		g_autoptr (MmConfig) config = NULL;
		Place place;

		g_test_message ("%s/ %s", at->before, at->rule);
		place_init (&place);
		place_write (&place, NULL, before);
		place_write (&place, "b.conf", rule);
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
	"SaslUser = bob, eve\n",
	"Local = no\n", "FirstHop = yes\n",
};

static char *
random_conditions (GRand *rand)
{
	GString *text = g_string_new (NULL);
	guint n = (guint) g_rand_int_range (rand, 0, 4);

	for (guint i = 0; i < n; i++) {
		const char *value = values[g_rand_int_range (rand, 0, G_N_ELEMENTS (values))];
		g_autofree char *key = g_strndup (value, strcspn (value, " "));
		g_autofree char *start = g_strconcat (key, " ", NULL);

		if (strstr (text->str, start) == NULL)
			g_string_append (text, value);
	}
	return g_string_free (text, FALSE);
}

static void
assert_unreached (const MmConfig *config, const char *warnings)
{
	static const char *const clients[] = {NULL, "10.1.2.3", "10.2.0.1", "127.0.0.1", "::1",
	                                      "192.0.2.1", "2001:db8::1"};
	static const char *const senders[] = {"", "a@b.example", "x@b.example", "x@c.b.example",
	                                      "x@d.c.b.example", "x@other.example"};
	static const char *const users[] = {NULL, "bob", "eve", "joe"};

	for (guint i = 0; i < 7 * 6 * 4 * 4; i++) {
		Mail mail = {clients[i % 7], senders[i / 7 % 6], users[i / 42 % 4], NULL,
		             i / 168 % 2 ? MM_YES : MM_NO, i / 336 % 2 ? MM_YES : MM_NO};
		g_auto (MmMatch) got = match (config, &mail);
		g_autofree char *warned = g_strdup_printf (": [rule %s] can", got.rule);

		g_assert_true (got.decided);
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
		assert_unreached (config, warnings);
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
	{"nobody uses them", "[policy a]\n[policy strict]\nLog = ALL\n[default]\nPolicy = watch\n",
	 "conf:1: warning: [policy a] is used by no rule, [default] or other policy\n"
	 "conf:2: warning: [policy strict] is used by no rule, [default] or other policy\n"},
	{"all are used", "[policy a]\n[policy b]\n[policy c]\nInherit = a\n[rule r]\nPolicy = c\n"
	 "[default]\nPolicy = b\n", ""},
	{"by the shipped rules", "[policy microsoft365]\nFix = ALL\n", ""},
	{"watch is what [default] has", "[policy watch]\nIgnore = LINES\n", ""},
	{"not by the shipped rules if there are others",
	 "[policy microsoft365]\n[rule r]\nSasl = yes\nPolicy = off\n",
	 "conf:1: warning: [policy microsoft365] is used by no rule, [default] or other policy\n"},
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

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/warnings/shadows", test_shadows);
	g_test_add_func ("/policy/warnings/true", test_true);
	g_test_add_func ("/policy/warnings/many", test_many);
	g_test_add_func ("/policy/warnings/all", test_warnings);
	return g_test_run ();
}
