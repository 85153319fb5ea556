/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-conditions.c: every condition, each with yes, no and not known, plain and negated;
 * recipients by any and all.
 */
#include "policy-envelope.h"

typedef struct {
	const char *condition; /* of the only rule "r", one a line */
	const char *words;
	const char *want;
} Case;

static void
run (const Case *cases, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *text =
			g_strdup_printf ("[rule r]\nPolicy = strict\n%s\n", cases[i].condition);
		g_autoptr (MmConfig) config = load (text);
		g_autofree char *got = match_words (config, cases[i].words);

		g_test_message ("%s: %s", cases[i].condition, cases[i].words);
		g_assert_cmpstr (got, ==, cases[i].want);
	}
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Words with which a plain condition holds, does not, is not known. */
static const struct {
	const char *key;
	const char *value;
	const char *yes;
	const char *no;
	const char *unknown; /* or NULL: always known */
} kinds[] = {
	{"Sender", "@b.example", "sender=a@b.example", "sender=a@c.example", "sender=?"},
	{"SenderDomain", ".b.example", "sender=a@x.b.example", "sender=<>", "sender=?"},
	{"HeaderFrom", "a@b.example", "from=A@B.example", "from=b@b.example", "from=?"},
	{"Client", "192.0.2.0/24", "client=192.0.2.9", "client=192.0.3.9", NULL},
	{"Client", "relay.example", "client=192.0.2.9 host=Relay.Example", "host=x.relay.example",
	 NULL},
	{"Client", ".relay.example", "host=a.relay.example", "client=192.0.2.9 host=unknown", NULL},
	{"SaslUser", "bob", "user=bob", "user=Bob", "user=?"},
	{"Macro", "{daemon_name} = ORIGINATING", "macro={daemon_name}=ORIGINATING",
	 "macro={daemon_name}=originating", "macro=?"},
	{"Macro", "{a} = x", "macro={a}=x", "macro={b}=x", "macro=?"},
	{"Size", ">1K", "size=1025", "size=1024", "size=?"},
	{"Size", "<1K", "size=1023", "size=1024", "size=?"},
	{"Size", "1K-2k", "size=2048", "size=2049", "size=?"},
	{"Size", "1 - 1", "size=1", "size=0", "size=?"},
	{"Recipient", "a@b.example", "rcpt=A@B.Example", "rcpt=b@b.example", "rcpt=?"},
	{"RecipientDomain", "b.example", "rcpt=a@b.example.", "rcpt=a@x.b.example", "rcpt=?"},
	{"NextHop", "mx.example", "rcpt=a@b.example nexthop=[mx.example]:25", "rcpt=a@b.example",
	 "rcpt=?"},
	{"NextHop", "[mx.example]", "rcpt=a@b.example nexthop=MX.example:25",
	 "rcpt=a@b.example nexthop=a.mx.example", "rcpt=?"},
	{"NextHop", ".example", "rcpt=a@b.example nexthop=mx.example", "rcpt=a nexthop=[192.0.2.1]",
	 "rcpt=?"},
	{"NextHop", "b.example", "rcpt=a@b nexthop=[a.example]:25,[B.example]",
	 "rcpt=a@b nexthop=a.example,c.example", "rcpt=?"},
	{"NextHop", "2001:db8::1", "rcpt=a@b nexthop=[a.example]:25,[IPv6:2001:db8::1]",
	 "rcpt=a@b nexthop=a.example,[192.0.2.1]:25", "rcpt=?"},
	{"NextHop", "[ipv6:2001:DB8::1]", "rcpt=a@b nexthop=[2001:db8::1]",
	 "rcpt=a@b nexthop=b.example", "rcpt=?"},
	{"NextHop", "2001:db8::1", "rcpt=a@b.example nexthop=[2001:db8::1]:25",
	 "rcpt=a nexthop=[2001:db8::2]", "rcpt=?"},
	{"RecipientMx", ".mx.example", "rcpt=a@b.example mx=x.example,a.mx.example",
	 "rcpt=a@b.example mx=x.example,mx.example.org", "rcpt=?"},
	{"RecipientMx", "a.example", "rcpt=a@b.example mx=A.Example.", "rcpt=a@b.example mx=-",
	 "rcpt=?"},
	{"RecipientMx", "m\xc3\xbcll.example", "rcpt=a@b.example mx=xn--mll-hoa.example",
	 "rcpt=a@b.example mx=mull.example", "rcpt=?"},
};

static void
expect (const MmConfig *config, const char *words, const char *want)
{
	g_autofree char *got = match_words (config, words);

	g_test_message ("%s", words);
	g_assert_cmpstr (got, ==, want);
}

/* A condition with an answer leads somewhere, with "!" to the other side; one without one to "?",
 * and where nothing more will come it does not hold either way. */
static void
run_kind (guint i, gboolean negated, const char *how)
{
	const char *yes = negated ? "default" : "r";
	const char *no = negated ? "r" : "default";
	g_autofree char *text =
		g_strdup_printf ("[rule r]\nPolicy = strict\n%sMatchRecipients = %s\n%s = %s%s\n",
	                         "", how, kinds[i].key, negated ? "!" : "", kinds[i].value);
	g_autoptr (MmConfig) config = load (text);
	g_autofree char *final = g_strconcat (
		kinds[i].unknown != NULL ? kinds[i].unknown : "", " final", NULL);

	g_test_message ("%s", text);
	expect (config, kinds[i].yes, yes);
	expect (config, kinds[i].no, no);
	if (kinds[i].unknown == NULL)
		return;
	expect (config, kinds[i].unknown, "?");
	expect (config, final, "default");
}

static void
test_kinds (void)
{
	for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
		run_kind (i, FALSE, "any");
		run_kind (i, TRUE, "any");
		run_kind (i, FALSE, "all");
		run_kind (i, TRUE, "all");
	}
}

/* ---- recipients ------------------------------------------------------------------------------ */

#define MX "RecipientMx = .mx.example"
#define ALL "MatchRecipients = all\n"
#define IN "rcpt=a@b.example mx=a.mx.example "
#define OUT "rcpt=c@d.example mx=d.example "
#define OPEN "rcpt=e@f.example mx=? "
#define DEAD "rcpt=g@h.example mx=! "

static const Case recipient_cases[] = {
	{"Recipient = @b.example", "", "default"},
	{"Recipient = !@b.example", "", "default"},
	{ALL "Recipient = @b.example", "", "default"},
	{ALL "Recipient = !@b.example", "", "default"},
	{"Recipient = @b.example", "rcpt=a@b.example rcpt=c@d.example", "r some"},
	{"Recipient = @b.example", "rcpt=c@d.example rcpt=a@b.example", "r some"},
	{"Recipient = @b.example", "rcpt=a@b.example rcpt=b@b.example", "r"},
	{"Recipient = !@b.example", "rcpt=a@b.example rcpt=c@d.example", "r some"},
	{ALL "Recipient = @b.example", "rcpt=a@b.example rcpt=c@d.example", "default"},
	{ALL "Recipient = @b.example", "rcpt=a@b.example rcpt=b@b.example", "r"},
	{ALL "Recipient = !@b.example", "rcpt=a@b.example rcpt=c@d.example", "default"},
	/* for one recipient both must hold */
	{"Recipient = a@b.example\nNextHop = x.example",
	 "rcpt=a@b.example rcpt=c@d.example nexthop=x.example", "default"},
	{"Recipient = a@b.example\nNextHop = x.example",
	 "rcpt=a@b.example nexthop=x.example rcpt=c@d.example", "r some"},
	{"Recipient = @b.example\nRecipientDomain = !b.example", "rcpt=a@b.example", "default"},
	{"Sender = <>\nRecipient = @b.example", "sender=a@b.example rcpt=?", "default"},
	{"Recipient = @b.example\nSender = <>", "sender=? rcpt=c@d.example", "default"},
	/* DNS */
	{MX, IN, "r"},
	{MX, OUT, "default"},
	{MX, OPEN, "? mx"},
	{MX, DEAD, "? mx"},
	{MX, OPEN "final", "default mx"},
	{MX, DEAD "final", "default mx"},
	{MX, IN OUT OPEN, "r some"},
	{MX, OPEN OUT IN "final", "r some"},
	{MX, IN OPEN, "? mx"},
	{MX, IN OPEN "final", "r some mx"},
	{MX, OUT OPEN, "? mx"},
	{MX, OUT OPEN "final", "default mx"},
	{ALL MX, IN OPEN, "? mx"},
	{ALL MX, IN OPEN "final", "default mx"},
	{ALL MX, OUT OPEN, "default"},
	{ALL MX, OPEN OUT, "default"},
	{"RecipientMx = !.mx.example", OPEN "final", "default mx"},
	/* not asked: the rule is out, or the recipient is */
	{MX "\nSender = <>", OPEN "sender=a@b.example", "default"},
	{MX "\nSender = <>", OPEN "sender=<>", "? mx"},
	{MX "\nSize = >1M", OPEN "size=5 final", "default"},
	{MX "\nRecipient = @b.example", OPEN, "default"},
	{MX "\nRecipient = @f.example", OPEN, "? mx"},
	{MX "\nRecipient = @b.example", OPEN IN, "r some"},
};

static void
test_recipients (void)
{
	run (recipient_cases, G_N_ELEMENTS (recipient_cases));
}

/* MxUnknown = match: a condition without an answer holds. */
static void
test_mx_unknown (void)
{
	static const Case cases[] = {
		{MX, OPEN "final", "r mx"},
		{"RecipientMx = !.mx.example", OPEN "final", "r mx"},
		{MX, DEAD OUT "final", "r some mx"},
		{ALL MX, DEAD IN "final", "r mx"},
		{ALL MX, DEAD OUT "final", "default"},
		{MX, IN DEAD "final", "r mx"},
		{MX, OPEN, "? mx"},
		{MX, OUT "final", "default"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autofree char *text = g_strdup_printf (
			"[mailmend]\nMxUnknown = match\n[rule r]\nPolicy = strict\n%s\n",
			cases[i].condition);
		g_autoptr (MmConfig) config = load (text);

		expect (config, cases[i].words, cases[i].want);
	}
}

/* A rule that was passed over for want of an answer is told, though another one matches. */
static void
test_mx_earlier (void)
{
	g_autoptr (MmConfig) config = load ("[rule a]\nPolicy = strict\n" MX "\n"
	                                    "[rule b]\nPolicy = off\nSender = a@b.example\n");

	expect (config, OPEN "sender=a@b.example", "? mx");
	expect (config, OPEN "sender=a@b.example final", "b mx");
	expect (config, OUT "sender=a@b.example", "b");
}

/* ---- values ---------------------------------------------------------------------------------- */

static const Case value_cases[] = {
	{"Client = a.example 192.0.2.1, !b.a.example", "host=a.example", "r"},
	{"Client = .a.example, !b.a.example", "host=b.a.example", "default"},
	{"Client = .a.example !192.0.2.1", "host=b.a.example client=192.0.2.1", "default"},
	{"Client = a.example", "", "default"},
	{"Client = !a.example", "", "r"},
	{"Client = unknown", "client=192.0.2.1 host=unknown", "r"},
	{"Client = M\xc3\x9cLL.example", "host=xn--mll-hoa.example", "r"},
	{"Macro = {a} = x, {b} = y", "macro={b}=y", "r"},
	{"Macro = {a} = x, !{b} = y", "macro={a}=x macro={b}=y", "default"},
	{"Macro = {a} = x, !{b} = y", "macro={a}=x macro=?", "?"},
	{"Macro = {a} = x, {b} = y", "macro={a}=x macro=?", "r"},
	{"Macro = !{a} = x", "macro={a}=x macro=?", "default"},
	{"Macro = !{a} = x", "macro={a}=y macro=?", "r"},
	{"Macro = !{a} = x", "macro=?", "?"},
	{"Macro = {a} = x = y", "macro={a}=x", "default"},
	{"Macro={a}=/^[xy],?$/", "macro={a}=y,", "r"},
	{"Size = <1, 5-6, >8", "size=0", "r"},
	{"Size = <1, 5-6, >8", "size=7", "default"},
	{"Size = >8, !10-20", "size=15", "default"},
	{"Size = !10-20", "size=21", "r"},
	/* regexes */
	{"Sender = /^bob\\+.*@b\\.example$/", "sender=Bob+x@B.Example", "r"},
	{"Sender = /^bob\\+.*@b\\.example$/", "sender=rob+x@b.example", "default"},
	{"Sender = /^$/", "sender=<>", "r"},
	{"Sender = /^$/", "", "default"},
	{"Sender = /[ab]{1,2}@/, c@d.example", "sender=c@d.example", "r"},
	{"Sender = /[ab]{1,2}@/, c@d.example", "sender=ab@x.example", "r"},
	{"Sender = !/a,b/, !/c/", "sender=ac@x.example", "default"},
	{"Sender = /A@B/", "sender=A@b.example", "r"},
	{"Sender = /A/i", "sender=A@b.example", "r"},
	{"RecipientMx = /Outlook/", "rcpt=a@b.example mx=b.mail.protection.outlook.com", "r"},
	{"SaslUser = /B/", "user=bob", "default"},
	{"SaslUser = /B/i", "user=bob", "r"},
	{"Macro = {a} = /X/", "macro={a}=x", "default"},
	{"Sender = /a\\/b/", "sender=a/b@c.example", "r"},
	{"Sender = /^[^/]+@/", "sender=a@c.example", "r"},
	{"Sender = /\xc3\xbc/", "sender=\xff\xc3\xbc@b.example", "r"},
	{"Sender = /xn--/", "sender=a@m\xc3\xbcll.example", "r"},
	{"SenderDomain = /^b\\./", "sender=a@b.example", "r"},
	{"SenderDomain = /^$/", "sender=<>", "default"},
	{"HeaderFrom = /^$/", "", "default"},
	{"SaslUser = /^b(ob|ill)$/", "user=bill", "r"},
	{"Client = /^dyn-[0-9]+ ?\\./i .x.example", "host=dyn-17.a.example", "r"},
	{"Client = /a b,c/ .x.example", "host=a.x.example", "r"},
	{"RecipientMx = /outlook/", "rcpt=a@b.example mx=x.example,b.mail.protection.outlook.com",
	 "r"},
	{"NextHop = !/^mx/", "rcpt=a@b.example nexthop=[mx.example]", "default"},
	/* one look is bounded */
	{"Sender = /^(a+)+$/", "sender=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.example",
	 "default error: regex /^(a+)+$/: "},
};

#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HARD "/^(a+)+$/"

/* What cannot be asked only counts where nothing else decides. */
static void
test_failed (void)
{
	static const struct {
		const char *condition;
		const char *words;
		const char *want; /* "!": an error */
	} cases[] = {
		{"Sender = " HARD, "", "!"},
		{"Sender = !" HARD, "", "!"},
		{"Sender = " HARD ", @b.example", "", "r"},
		{"Sender = @b.example, !" HARD, "", "!"},
		{"Sender = @c.example, !" HARD, "", "default"},
		{"Sender = " HARD ", !@b.example", "", "default"},
		{"Sender = " HARD "\nSasl = yes", "", "default"},
		{"Sender = " HARD "\nSasl = yes", "user=bob", "!"},
		{"Sender = " HARD "\nSasl = yes", "user=?", "?"},
		{"Sender = " HARD "\nSasl = yes", "user=? final", "default"},
		{"Recipient = " HARD, "rcpt=" A40 "@x rcpt=b@x", "!"},
		{"Recipient = " HARD ", c@x", "rcpt=" A40 "@x rcpt=c@x", "!"},
		{"Recipient = " HARD ", c@x", "rcpt=" A40 "@x rcpt=c@x rcpt=d@x", "r some"},
		{"Recipient = " HARD "\nMatchRecipients = all", "rcpt=" A40 "@x rcpt=b@x",
		 "default"},
	};

	for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
		g_autofree char *text =
			g_strdup_printf ("[rule r]\nPolicy = strict\n%s\n", cases[i].condition);
		g_autofree char *words =
			g_strconcat ("sender=" A40 "@b.example ", cases[i].words, NULL);
		g_autoptr (MmConfig) config = load (text);
		g_autofree char *got = match_words (config, words);

		g_test_message ("%s: %s", cases[i].condition, cases[i].words);
		if (g_str_equal (cases[i].want, "!"))
			g_assert_true (g_str_has_prefix (got, "default error: regex " HARD ": "));
		else
			g_assert_cmpstr (got, ==, cases[i].want);
	}
}

static void
test_values (void)
{
	guint n = G_N_ELEMENTS (value_cases) - 1;
	const Case *bounded = &value_cases[n];
	g_autoptr (MmConfig) config = load ("[rule r]\nPolicy = strict\nSender = /^(a+)+$/\n");
	g_autofree char *got = match_words (config, bounded->words);

	run (value_cases, n);
	g_assert_true (g_str_has_prefix (got, bounded->want));
}

/* ---- why ------------------------------------------------------------------------------------- */

static char *
explain (const MmConfig *config, const char *words)
{
	g_autoptr (GPtrArray) answers = NULL;
	GString *text = g_string_new (NULL);
	g_auto (Parcel) parcel;

	parcel_init (&parcel, words);
	answers = mm_config_explain (config, &parcel.envelope);
	for (guint i = 0; i < answers->len; i++) {
		const MmRuleAnswer *rule = answers->pdata[i];

		g_string_append_printf (text, "%s%s %c:", rule->decided_here ? "*" : "", rule->rule,
		                        "ny?"[rule->matches]);
		for (guint j = 0; j < rule->conditions->len; j++) {
			const MmConditionAnswer *one =
				&g_array_index (rule->conditions, MmConditionAnswer, j);

			g_string_append_printf (text, " [%s=%s] %c", one->key, one->text,
			                        "ny?"[one->truth]);
		}
		g_string_append_c (text, '\n');
	}
	return g_string_free (text, FALSE);
}

static void
test_explain (void)
{
	g_autoptr (MmConfig) config =
		load ("[rule a]\nPolicy = off\nSize = >1M\nSender =  a@b.example , <>\nSasl = no\n"
	              "[rule b]\nPolicy = off\nRecipient = @b.example\nNextHop = x.example\n"
	              "[rule c]\nPolicy = off\nLocal = yes\n[rule d]\nPolicy = off\n");
	g_autofree char *all =
		explain (config, "rcpt=a@b.example rcpt=c@d.example nexthop=x.example");
	g_autofree char *some = explain (config, "sender=a@b.example size=? user=?");

	g_assert_cmpstr (all, ==,
	                 "a n: [Sender=a@b.example , <>] n [Sasl=no] y [Size=>1M] n\n"
	                 "b n: [Recipient=@b.example] y [NextHop=x.example] y\n"
	                 "c n: [Local=yes] n\n*d y:\ndefault y:\n");
	g_assert_cmpstr (some, ==,
	                 "a ?: [Sender=a@b.example , <>] y [Sasl=no] ? [Size=>1M] ?\n"
	                 "b n: [Recipient=@b.example] n [NextHop=x.example] n\n"
	                 "c n: [Local=yes] n\nd y:\ndefault y:\n");
}

static void
test_asked_for (void)
{
	g_autoptr (MmConfig) plain = load ("");
	g_autoptr (MmConfig) config =
		load ("[rule a]\nPolicy = off\nMacro = {a} = x, !{b} = y, {a} = z\n"
	              "RecipientMx = a.b\n"
	              "[rule b]\nPolicy = watch\nMacro = {b} = /x/\n");
	g_autofree char *macros = g_strjoinv (" ", (char **) mm_config_macros (config));

	g_assert_cmpstr (macros, ==, "{a} {b}");
	g_assert_null (mm_config_macros (plain)[0]);
	g_assert_true (mm_config_asks_mx (config));
	g_assert_false (mm_config_asks_mx (plain));
	g_assert_true (mm_config_may_use (config, "off"));
	g_assert_false (mm_config_may_use (config, "strict"));
	g_assert_true (mm_config_may_use (plain, "microsoft365"));
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/conditions/kinds", test_kinds);
	g_test_add_func ("/policy/conditions/recipients", test_recipients);
	g_test_add_func ("/policy/conditions/mx-unknown", test_mx_unknown);
	g_test_add_func ("/policy/conditions/mx-earlier", test_mx_earlier);
	g_test_add_func ("/policy/conditions/values", test_values);
	g_test_add_func ("/policy/conditions/failed", test_failed);
	g_test_add_func ("/policy/conditions/explain", test_explain);
	g_test_add_func ("/policy/conditions/asked-for", test_asked_for);
	return g_test_run ();
}
