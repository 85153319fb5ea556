/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-match.c: which rule and policy a message gets.
 */
#include "policy-load.h"

typedef struct {
	const char *label;
	const char *conditions; /* of the only rule "r" */
	Mail mail;
	const char *want; /* rule; "?" for not decided */
} MatchCase;

static const MatchCase match_cases[] = {
	{"no condition", "", FROM ("a@b.example"), "r"},
	{"no condition, nothing known", "", {NULL, "?", "?", "?", MM_UNKNOWN, MM_UNKNOWN}, "r"},
	{"address", "Sender = Bob@B.Example", FROM ("bOb@b.eXample"), "r"},
	{"other user", "Sender = bob@b.example", FROM ("rob@b.example"), "default"},
	{"other domain", "Sender = bob@b.example", FROM ("bob@x.b.example"), "default"},
	{"dot at the end", "Sender = bob@b.example", FROM ("bob@b.example."), "r"},
	{"two @", "Sender = @b.example", FROM ("bob@x@b.example"), "r"},
	{"no domain", "Sender = @b.example", FROM ("b.example"), "default"},
	{"@domain", "Sender = @b.example", FROM ("x@B.example"), "r"},
	{"@domain is not below", "Sender = @b.example", FROM ("x@a.b.example"), "default"},
	{".domain", "Sender = .b.example", FROM ("x@a.b.example"), "r"},
	{".domain itself", "Sender = .b.example", FROM ("x@b.example"), "r"},
	{".domain is no suffix", "Sender = .b.example", FROM ("x@ab.example"), "default"},
	{"literal", "Sender = @[192.0.2.1]", FROM ("x@[192.0.2.1]"), "r"},
	{"U-label in the file", "Sender = @m\xc3\xbcll.example", FROM ("x@XN--MLL-HOA.example"),
	 "r"},
	{"U-label in the mail", "Sender = @xn--mll-hoa.example", FROM ("x@M\xc3\x9cLL.example"),
	 "r"},
	{"invalid UTF-8 in the mail", "Sender = @b.example", FROM ("x@\xff.example"), "default"},
	{"backslash", "Sender = a\\b@b.example", FROM ("a\\b@b.example"), "r"},
	{"null sender", "Sender = <>", FROM (""), "r"},
	{"null sender is not none", "Sender = <>", FROM (NULL), "default"},
	{"null sender is no domain", "Sender = .example", FROM (""), "default"},
	{"not the null sender", "Sender = <>", FROM ("a@b.example"), "default"},
	{"all but the null sender", "Sender = !<>", FROM ("a@b.example"), "r"},
	{"one of several", "Sender = a@b.example, @c.example", FROM ("x@c.example"), "r"},
	{"none of several", "Sender = a@b.example, @c.example", FROM ("x@b.example"), "default"},
	{"negated", "Sender = !@b.example", FROM ("x@c.example"), "r"},
	{"negated, fits", "Sender = ! @b.example", FROM ("x@b.example"), "default"},
	{"two negated, second", "Sender = !@b.example, !@c.example", FROM ("x@c.example"),
	 "default"},
	{"two negated, neither", "Sender = !@b.example, !@c.example", FROM ("x@d.example"), "r"},
	{"excepted", "Sender = @b.example, !x@b.example", FROM ("x@b.example"), "default"},
	{"excepted, order", "Sender = !x@b.example, @b.example", FROM ("x@b.example"), "default"},
	{"not excepted", "Sender = @b.example, !x@b.example", FROM ("y@b.example"), "r"},
	{"outside", "Sender = @b.example, !x@b.example", FROM ("y@c.example"), "default"},
	{"sender not known", "Sender = @b.example", FROM ("?"), "?"},
	{"SenderDomain", "SenderDomain = b.example", FROM ("x@B.example"), "r"},
	{"SenderDomain below", "SenderDomain = .b.example", FROM ("x@a.b.example"), "r"},
	{"SenderDomain not below", "SenderDomain = b.example", FROM ("x@a.b.example"), "default"},
	{"HeaderFrom", "HeaderFrom = @b.example", HEADER ("x@b.example"), "r"},
	{"HeaderFrom is not the sender", "HeaderFrom = @a.example", HEADER ("x@b.example"),
	 "default"},
	{"no From", "HeaderFrom = @b.example", HEADER (NULL), "default"},
	{"no From, negated", "HeaderFrom = !@b.example", HEADER (NULL), "r"},
	{"From not known", "HeaderFrom = @b.example", HEADER ("?"), "?"},
	{"client", "Client = 192.0.2.1", CLIENT ("192.0.2.1"), "r"},
	{"other client", "Client = 192.0.2.1", CLIENT ("192.0.2.2"), "default"},
	{"mapped client", "Client = 192.0.2.1", CLIENT ("::ffff:192.0.2.1"), "r"},
	{"mapped in the file", "Client = ::ffff:192.0.2.0/120", CLIENT ("192.0.2.7"), "r"},
	{"first of a network", "Client = 10.16.0.0/12", CLIENT ("10.16.0.0"), "r"},
	{"last of a network", "Client = 10.16.0.0/12", CLIENT ("10.31.255.255"), "r"},
	{"behind a network", "Client = 10.16.0.0/12", CLIENT ("10.32.0.0"), "default"},
	{"before a network", "Client = 10.16.0.0/12", CLIENT ("10.15.255.255"), "default"},
	{"IPv6", "Client = 2001:db8::/33", CLIENT ("2001:db8:7fff::1"), "r"},
	{"IPv6 behind", "Client = 2001:db8::/33", CLIENT ("2001:db8:8000::1"), "default"},
	{"all of IPv4", "Client = 0.0.0.0/0", CLIENT ("10.0.0.1"), "r"},
	{"all of IPv4 is not IPv6", "Client = 0.0.0.0/0", CLIENT ("::1"), "default"},
	{"all of IPv6", "Client = ::/0", CLIENT ("2001:db8::1"), "r"},
	{"all of IPv6 is not IPv4", "Client = ::/0", CLIENT ("::ffff:10.0.0.1"), "default"},
	{"no address", "Client = 0.0.0.0/0, ::/0, TRUSTED", CLIENT (NULL), "default"},
	{"no address, negated", "Client = !10.0.0.0/8", CLIENT (NULL), "r"},
	{"TRUSTED", "Client = TRUSTED", CLIENT ("127.9.9.9"), "r"},
	{"TRUSTED IPv6", "Client = TRUSTED", CLIENT ("::1"), "r"},
	{"not TRUSTED", "Client = TRUSTED", CLIENT ("128.0.0.1"), "default"},
	{"negated TRUSTED", "Client = !TRUSTED", CLIENT ("128.0.0.1"), "r"},
	{"logged in", "Sasl = yes", USER ("bob"), "r"},
	{"not logged in", "Sasl = yes", USER (NULL), "default"},
	{"an empty name is none", "Sasl = yes", USER (""), "default"},
	{"Sasl = no", "Sasl = no", USER (NULL), "r"},
	{"Sasl = no, but is", "Sasl = no", USER ("bob"), "default"},
	{"Sasl not known", "Sasl = no", USER ("?"), "?"},
	{"user", "SaslUser = alice, bob", USER ("bob"), "r"},
	{"letter case of users", "SaslUser = bob", USER ("Bob"), "default"},
	{"no user", "SaslUser = bob", USER (NULL), "default"},
	{"user not known", "SaslUser = bob", USER ("?"), "?"},
	{"local", "Local = yes", HOP (MM_YES, MM_NO), "r"},
	{"not local", "Local = yes", HOP (MM_NO, MM_NO), "default"},
	{"Local = no", "Local = no", HOP (MM_NO, MM_NO), "r"},
	{"local not known", "Local = yes", HOP (MM_UNKNOWN, MM_NO), "?"},
	{"first hop", "FirstHop = yes", HOP (MM_NO, MM_YES), "r"},
	{"FirstHop = no", "FirstHop = no", HOP (MM_NO, MM_YES), "default"},
	{"first hop not known", "FirstHop = no", HOP (MM_NO, MM_UNKNOWN), "?"},
	{"both", "Client = 192.0.2.1\nFirstHop = yes", HOP (MM_NO, MM_YES), "r"},
	{"one of both", "Client = 192.0.2.1\nFirstHop = yes", HOP (MM_NO, MM_NO), "default"},
	{"false beats unknown", "Client = 192.0.2.9\nFirstHop = yes", HOP (MM_NO, MM_UNKNOWN),
	 "default"},
	{"unknown, then false", "Sender = a@b.example\nFirstHop = yes",
	 {NULL, "?", NULL, NULL, MM_NO, MM_NO}, "default"},
};

static void
test_match (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (match_cases); i++) {
		const MatchCase *at = &match_cases[i];
		g_autofree char *text =
			g_strdup_printf ("[rule r]\nPolicy = strict\n%s\n", at->conditions);
		g_autoptr (MmConfig) config = load (text);
		MmMatch got = match (config, &at->mail);

		g_test_message ("%s", at->label);
		g_assert_cmpstr (got.decided ? got.rule : "?", ==, at->want);
		if (got.decided)
			g_assert_cmpstr (got.policy->name, ==,
			                 *at->want == 'r' ? "strict" : "watch");
		else
			g_assert_null (got.policy);
	}
}

/* What was decided early stays decided the same. */
static void
test_order (void)
{
	static const struct {
		Mail mail;
		const char *want;
	} cases[] = {
		{{"10.0.0.1", "?", "?", "?", MM_UNKNOWN, MM_UNKNOWN}, "net"},
		{{"192.0.2.1", "?", "?", "?", MM_UNKNOWN, MM_UNKNOWN}, "?"},
		{{"192.0.2.1", "a@b.example", NULL, "?", MM_NO, MM_UNKNOWN}, "sender"},
		{{"192.0.2.1", "a@c.example", NULL, "?", MM_NO, MM_UNKNOWN}, "?"},
		{{"192.0.2.1", "a@c.example", NULL, "x@d.example", MM_NO, MM_YES}, "from"},
		{{"192.0.2.1", "a@c.example", NULL, NULL, MM_NO, MM_YES}, "default"},
	};
	g_autoptr (MmConfig) config = load (
		"[default]\nPolicy = off\nDryRun = yes\n"
		"[rule net]\nClient = 10.0.0.0/8\nPolicy = strict\n"
		"[rule sender]\nSender = @b.example\nPolicy = watch\n"
		"[rule from]\nHeaderFrom = @d.example\nPolicy = watch\n");

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		MmMatch got = match (config, &cases[i].mail);

		g_assert_cmpstr (got.decided ? got.rule : "?", ==, cases[i].want);
		g_assert_true (got.dry_run == (g_strcmp0 (got.rule, "default") == 0));
	}
}

static void
test_flags (void)
{
	static const struct {
		const char *config;
		const char *sender;
		gboolean dry_run;
		gboolean names_null;
		gboolean has_off;
	} cases[] = {
		{"", "", FALSE, FALSE, FALSE},
		{"[mailmend]\nDryRun = yes\n", "", TRUE, FALSE, FALSE},
		{"[rule r]\nPolicy = off\nDryRun = yes\n", "", TRUE, FALSE, TRUE},
		{"[default]\nPolicy = off\n", "", FALSE, FALSE, TRUE},
		{"[rule r]\nPolicy = strict\nSender = @b.example, <>\n", "", FALSE, TRUE, FALSE},
		{"[rule r]\nPolicy = strict\nSender = !@b.example, !x@y.example\n",
		 "", FALSE, FALSE, FALSE},
		{"[rule r]\nPolicy = watch\nSender = !<>, !@b.example\n",
		 "z@y.example", FALSE, FALSE, FALSE},
		{"[rule r]\nPolicy = watch\nSender = @y.example, !<>\n",
		 "z@y.example", FALSE, FALSE, FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autoptr (MmConfig) config = load (cases[i].config);
		Mail mail = FROM (cases[i].sender);
		MmMatch got = match (config, &mail);

		g_assert_true (got.decided);
		g_assert_cmpint (got.dry_run, ==, cases[i].dry_run);
		g_assert_cmpint (got.names_null, ==, cases[i].names_null);
		g_assert_cmpint (mm_config_has_off (config), ==, cases[i].has_off);
	}
}

/* No client is trusted by an exception alone, nor by an empty list. */
static void
test_trusted (void)
{
	static const struct {
		const char *list;
		const char *client;
		const char *want;
	} cases[] = {
		{"10.0.0.0/8", "10.1.1.1", "r"},
		{"10.0.0.0/8", "127.0.0.1", "default"},
		{"10.0.0.0/8 [2001:db8::]/32", "2001:db8::1", "r"},
		{"!10.0.0.1, 10.0.0.0/8", "10.0.0.1", "default"},
		{"!10.0.0.1", "10.0.0.2", "default"},
		{"", "127.0.0.1", "default"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autofree char *text = g_strdup_printf (
			"[rule r]\nPolicy = off\nClient = TRUSTED\n"
			"[mailmend]\nTrustedClients = %s\n",
			cases[i].list);
		g_autoptr (MmConfig) config = load (text);
		Mail mail = CLIENT (cases[i].client);

		g_assert_cmpstr (match (config, &mail).rule, ==, cases[i].want);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/match/conditions", test_match);
	g_test_add_func ("/policy/match/order", test_order);
	g_test_add_func ("/policy/match/flags", test_flags);
	g_test_add_func ("/policy/match/trusted", test_trusted);
	return g_test_run ();
}
