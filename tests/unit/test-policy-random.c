/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-random.c: random rules and envelopes, against what their words mean.
 *
 * A value says which of a few things it fits; so what a rule must do is computed here from these
 * words alone. What is known is then hidden piece by piece: what can be decided early must be what
 * is decided late.
 */
#include "policy-envelope.h"

#define CONFIGS 400
#define ENVELOPES 25
#define HIDDEN 8
#define RULES 4
#define VALUES 3
#define RCPTS 3

typedef struct {
	const char *text;
	guint fits; /* a bit for each thing */
} Value;

typedef struct {
	const char *key;
	const char *things[4]; /* words of an envelope; "" for none */
	Value values[4];
} Kind;

/* Those from FIRST_RCPT on are of a recipient; a recipient always has an address. */
enum { SENDER, USER, FROM, CLIENT, SIZE, MACRO, RCPT, NEXT_HOP, MX, N_KINDS, FIRST_RCPT = RCPT };

#define OPEN 3 /* the thing of MX without an answer */

static const Kind kinds[N_KINDS] = {
	[SENDER] = {"Sender",
	            {"sender=a@b.example", "sender=c@x.b.example", "sender=<>", "sender=z@d.org"},
	            {{"a@B.example", 1}, {".b.example", 3}, {"<>", 4}, {"/z@|^$/", 12}}},
	[USER] = {"SaslUser",
	          {"", "user=bob", "user=eve", "user=Bob"},
	          {{"bob", 2}, {"eve", 4}, {"/^b/i", 10}, {"nobody", 0}}},
	[FROM] = {"HeaderFrom",
	          {"", "from=a@b.example", "from=c@x.b.example", "from=z@d.org"},
	          {{"@b.example", 2}, {".b.example", 6}, {"z@d.org", 8}, {"/c@/", 4}}},
	[CLIENT] = {"Client",
	            {"", "client=10.0.0.1", "client=10.0.0.2 host=m.example", "host=x.m.example"},
	            {{"10.0.0.0/8", 6}, {".m.example", 12}, {"10.0.0.2", 4}, {"m.example", 4}}},
	[SIZE] = {"Size",
	          {"size=0", "size=100", "size=2000", "size=5000000"},
	          {{">1K", 12}, {"<1K", 3}, {"1M-9M", 8}, {"0-100", 3}}},
	[MACRO] = {"Macro",
	           {"", "macro={m}=x", "macro={m}=y", "macro={n}=x"},
	           {{"{m} = x", 2}, {"{n} = x", 8}, {"{m} = /[xy]/", 6}, {"{n}=y", 0}}},
	[RCPT] = {"Recipient",
	          {"rcpt=a@b.example", "rcpt=c@x.b.example", "rcpt=z@d.org", "rcpt=z@b.example"},
	          {{"@b.example", 9}, {".b.example", 11}, {"z@d.org", 4}, {"/^z/", 12}}},
	[NEXT_HOP] = {"NextHop",
	              {"", "nexthop=[m.example]:25", "nexthop=x.m.example", "nexthop=n.org"},
	              {{"m.example", 2}, {".m.example", 6}, {"/org/", 8}, {"[n.org]", 8}}},
	[MX] = {"RecipientMx",
	        {"mx=-", "mx=h.example", "mx=k.org,h.example", "mx=?"},
	        {{"h.example", 6}, {".org", 4}, {"/^k/", 4}, {".example", 6}}},
};

typedef struct {
	guint n; /* 0: the rule has no such condition */
	guint values[VALUES];
	gboolean negated[VALUES];
} Condition;

typedef struct {
	gboolean all;
	Condition conditions[N_KINDS];
} Rule;

typedef struct {
	guint things[N_KINDS]; /* of those before FIRST_RCPT */
	guint n_rcpt;
	guint rcpts[RCPTS][N_KINDS];
} Case;

static guint
upto (guint n)
{
	return (guint) g_test_rand_int_range (0, (gint32) n);
}

/* ---- making ---------------------------------------------------------------------------------- */

static void
make_rule (Rule *rule, GString *text, guint number)
{
	*rule = (Rule){.all = upto (2) == 0};
	g_string_append_printf (text, "[rule r%u]\nPolicy = strict\nMatchRecipients = %s\n", number,
	                        rule->all ? "all" : "any");
	for (guint i = 0; i < N_KINDS; i++) {
		Condition *condition = &rule->conditions[i];

		condition->n = upto (4) == 0 ? 1 + upto (VALUES) : 0;
		if (condition->n > 0)
			g_string_append_printf (text, "%s = ", kinds[i].key);
		for (guint j = 0; j < condition->n; j++) {
			condition->values[j] = upto (4);
			condition->negated[j] = upto (3) == 0;
			g_string_append_printf (text, "%s%s%s", j > 0 ? ", " : "",
			                        condition->negated[j] ? "!" : "",
			                        kinds[i].values[condition->values[j]].text);
		}
		g_string_append (text, condition->n > 0 ? "\n" : "");
	}
}

static void
make_mail (Case *mail)
{
	mail->n_rcpt = upto (RCPTS + 1);
	for (guint i = 0; i < N_KINDS; i++) {
		mail->things[i] = upto (4);
		for (guint j = 0; j < mail->n_rcpt; j++)
			mail->rcpts[j][i] = upto (4);
	}
}

/* Words of the envelope; a kind that is in @hidden is not known yet. */
static char *
mail_words (const Case *mail, guint hidden)
{
	static const char *const unknown[N_KINDS] = {
		"sender=?", "user=?", "from=?", NULL, "size=?", "macro=?", "rcpt=?", NULL, "mx=?",
	};
	GString *words = g_string_new (NULL);

	for (guint i = 0; i < FIRST_RCPT; i++)
		g_string_append_printf (words, "%s ", (hidden & 1u << i) != 0 && unknown[i] != NULL
		                        ? unknown[i] : kinds[i].things[mail->things[i]]);
	for (guint j = 0; j < mail->n_rcpt; j++)
		for (guint i = FIRST_RCPT; i < N_KINDS; i++)
			g_string_append_printf (words, "%s ", i == MX && (hidden & 1u << i) != 0
			                        ? "mx=?" : kinds[i].things[mail->rcpts[j][i]]);
	if ((hidden & 1u << RCPT) != 0)
		g_string_append (words, "rcpt=? ");
	return g_string_free (words, FALSE);
}

/* ---- meaning --------------------------------------------------------------------------------- */

static gboolean
condition_is (const Rule *rule, guint kind, guint thing, gboolean mx_unknown)
{
	const Condition *condition = &rule->conditions[kind];
	gboolean plain = FALSE;
	gboolean has_plain = FALSE;

	if (condition->n == 0)
		return TRUE;
	if (kind == MX && thing == OPEN)
		return mx_unknown;
	for (guint i = 0; i < condition->n; i++) {
		gboolean fits =
			(kinds[kind].values[condition->values[i]].fits & 1u << thing) != 0;

		if (condition->negated[i] && fits)
			return FALSE;
		has_plain = has_plain || !condition->negated[i];
		plain = plain || (!condition->negated[i] && fits);
	}
	return plain || !has_plain;
}

static gboolean
rule_is (const Rule *rule, const Case *mail, gboolean mx_unknown, gboolean *out_some)
{
	gboolean asks = FALSE;
	guint fit = 0;

	*out_some = FALSE;
	for (guint i = 0; i < FIRST_RCPT; i++)
		if (!condition_is (rule, i, mail->things[i], FALSE))
			return FALSE;
	for (guint i = FIRST_RCPT; i < N_KINDS; i++)
		asks = asks || rule->conditions[i].n > 0;
	if (!asks)
		return TRUE;
	for (guint j = 0; j < mail->n_rcpt; j++) {
		gboolean one = TRUE;

		for (guint i = FIRST_RCPT; i < N_KINDS; i++)
			one = one && condition_is (rule, i, mail->rcpts[j][i], mx_unknown);
		fit += one;
	}
	if (rule->all)
		return mail->n_rcpt > 0 && fit == mail->n_rcpt;
	*out_some = fit < mail->n_rcpt;
	return fit > 0;
}

/* "RULE" and " some". (transfer full) */
static char *
meaning (const Rule *rules, const Case *mail, gboolean mx_unknown)
{
	for (guint i = 0; i < RULES; i++) {
		gboolean some;

		if (rule_is (&rules[i], mail, mx_unknown, &some))
			return g_strdup_printf ("r%u%s", i, some ? " some" : "");
	}
	return g_strdup ("default");
}

/* Rules at random may be out of reach, which is no error. */
static MmConfig *
load_random (const char *text)
{
	MmConfig *config;
	Place place;

	place_init (&place);
	g_assert_true (g_file_set_contents (place.path, text, -1, NULL));
	config = mm_config_load (place.path, NULL);
	g_assert_nonnull (config);
	place_clear (&place);
	return config;
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Without " mx", which is not what is decided. */
static char *
decided (const MmConfig *config, const char *words)
{
	char *got = match_words (config, words);

	if (g_str_has_suffix (got, " mx"))
		got[strlen (got) - 3] = '\0';
	return got;
}

static void
check_explained (const MmConfig *config, const char *words, const char *want)
{
	g_autoptr (GPtrArray) answers = NULL;
	const char *rule = "?";
	g_auto (Parcel) parcel;

	parcel_init (&parcel, words);
	answers = mm_config_explain (config, &parcel.envelope);
	g_assert_cmpuint (answers->len, ==, RULES + 1);
	for (guint i = 0; i < answers->len; i++) {
		const MmRuleAnswer *answer = answers->pdata[i];

		if (answer->decided_here)
			rule = answer->rule;
	}
	g_assert_true (g_str_has_prefix (want, rule));
}

/* Returns how many of the looks with something hidden were decided. */
static guint
check_mail (const MmConfig *config, const Rule *rules, gboolean mx_unknown)
{
	g_autofree char *all = NULL;
	g_autofree char *final = NULL;
	g_autofree char *want = NULL;
	g_autofree char *late = NULL;
	guint early = 0;
	Case mail;

	make_mail (&mail);
	all = mail_words (&mail, 0);
	final = g_strconcat (all, "final", NULL);
	want = meaning (rules, &mail, mx_unknown);
	late = decided (config, final);
	if (!g_str_equal (late, want))
		g_test_message ("%s", final);
	g_assert_cmpstr (late, ==, want);
	check_explained (config, final, want);
	for (guint i = 0; i < HIDDEN; i++) {
		g_autofree char *some = mail_words (&mail, upto (1u << N_KINDS));
		g_autofree char *nothing_more = g_strconcat (some, "final", NULL);
		g_autofree char *got = decided (config, some);
		g_autofree char *forced = decided (config, nothing_more);

		check_explained (config, some, got);
		g_assert_cmpstr (forced, !=, "?");
		if (g_str_equal (got, "?"))
			continue;
		if (!g_str_equal (got, want))
			g_test_message ("%s", some);
		g_assert_cmpstr (got, ==, want);
		g_assert_cmpstr (got, ==, forced);
		early++;
	}
	return early;
}

static void
test_random (void)
{
	guint early = 0;

	for (guint i = 0; i < CONFIGS; i++) {
		gboolean mx_unknown = upto (2) == 0;
		g_autoptr (GString) text = g_string_new (NULL);
		g_autoptr (MmConfig) config = NULL;
		Rule rules[RULES];

		g_string_append_printf (text, "[mailmend]\nMxUnknown = %s\n",
		                        mx_unknown ? "match" : "nomatch");
		for (guint j = 0; j < RULES; j++)
			make_rule (&rules[j], text, j);
		g_test_message ("%s", text->str);
		config = load_random (text->str);
		for (guint j = 0; j < ENVELOPES; j++)
			early += check_mail (config, rules, mx_unknown);
	}
	g_test_message ("%u of %u decided early", early, CONFIGS * ENVELOPES * HIDDEN);
	g_assert_cmpuint (early, >, CONFIGS * ENVELOPES * HIDDEN / 20);
	g_assert_cmpuint (early, <, CONFIGS * ENVELOPES * HIDDEN * 19 / 20);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/random", test_random);
	return g_test_run ();
}
