/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * match-values.c: whether the values of a condition fit.
 *
 * A condition holds if one of its plain values fits, or it has none, and no negated one does.
 * Values that cannot be asked (a table that is gone) are neither; they only count where the others
 * do not decide.
 */
#include "match-private.h"

#include <mailmend/bytes.h>

#define MAX_DOMAIN 1024 /* no domain; kept away from the conversion to A-labels */

/* ---- addresses ------------------------------------------------------------------------------- */

gboolean
mm_address_is_v4 (const MmAddress *address)
{
	static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp (address->octets, mapped, sizeof mapped) == 0;
}

MmAddress
mm_address_masked (const MmAddress *address, guint bits)
{
	MmAddress masked = *address;

	for (guint i = bits / 8; i < sizeof masked.octets; i++) {
		guint kept = bits > i * 8 ? MIN (bits - i * 8, 8) : 0;

		masked.octets[i] &= (guint8) (0xff00 >> kept);
	}
	return masked;
}

gboolean
mm_network_has (const MmNetwork *network, const MmAddress *address)
{
	guint whole = network->bits / 8;
	guint rest = network->bits % 8;
	guint8 mask = (guint8) (0xff00 >> rest);

	/* ::/0 is every IPv6 address, not IPv4 in another dress */
	if (network->bits < MM_V4_PREFIX && mm_address_is_v4 (address))
		return FALSE;
	if (memcmp (network->address.octets, address->octets, whole) != 0)
		return FALSE;
	return rest == 0 || (address->octets[whole] & mask) == network->address.octets[whole];
}

static gboolean
is_ascii (const char *text)
{
	while (*text != '\0' && (guchar) *text < 0x80)
		text++;
	return *text == '\0';
}

char *
mm_domain_normal (const char *domain)
{
	gsize len = strlen (domain);
	g_autofree char *text = g_ascii_strdown (domain, (gssize) len);
	g_autofree char *ascii = NULL;

	if (!is_ascii (text) && len <= MAX_DOMAIN && g_utf8_validate (text, (gssize) len, NULL))
		ascii = g_hostname_to_ascii (text);
	if (ascii != NULL) {
		g_free (text);
		text = g_ascii_strdown (ascii, -1);
		len = strlen (text);
	}
	if (len > 0 && text[len - 1] == '.')
		text[len - 1] = '\0';
	return g_steal_pointer (&text);
}

gboolean
mm_domain_is_below (const char *domain, const char *above)
{
	gsize len = strlen (domain);
	gsize tail = strlen (above);

	return g_str_has_suffix (domain, above) && (len == tail || domain[len - tail - 1] == '.');
}

const char *
mm_domain_view (const char *domain, char **out_owned)
{
	const char *end = domain;

	while (*end != '\0' && (guchar) *end < 0x80 && !g_ascii_isupper (*end))
		end++;
	if (*end == '\0' && (end == domain || end[-1] != '.'))
		return domain;
	*out_owned = mm_domain_normal (domain);
	return *out_owned;
}

const char *
mm_skip_ipv6_tag (const char *address)
{
	static const char tag[] = "IPv6:";
	gsize len = strlen (tag);

	return g_ascii_strncasecmp (address, tag, len) == 0 ? address + len : address;
}

/* ---- mailboxes ------------------------------------------------------------------------------- */

MmMailbox
mm_mailbox_new (const char *address)
{
	const char *at = address != NULL ? strrchr (address, '@') : NULL;
	MmMailbox mailbox = {NULL, NULL, NULL};
	g_autofree char *domain = NULL;
	gsize len;
	gsize domain_len;

	if (address == NULL)
		return mailbox;
	len = at != NULL ? (gsize) (at - address) : strlen (address);
	if (at != NULL)
		domain = mm_domain_normal (at + 1);
	domain_len = domain != NULL ? 1 + strlen (domain) : 0;
	mailbox.whole = g_malloc (len + domain_len + 1 + len + 1);
	for (gsize i = 0; i < len; i++)
		mailbox.whole[i] = g_ascii_tolower (address[i]);
	mailbox.whole[len] = '\0';
	mailbox.local = memcpy (mailbox.whole + len + domain_len + 1, mailbox.whole, len + 1);
	if (domain != NULL) {
		mailbox.whole[len] = '@';
		mailbox.domain = memcpy (mailbox.whole + len + 1, domain, domain_len);
	}
	return mailbox;
}

MmMailbox
mm_mailbox_new_domain (const char *domain)
{
	char *normal = mm_domain_normal (domain);

	return (MmMailbox){normal, NULL, normal};
}

void
mm_mailbox_clear (MmMailbox *mailbox)
{
	g_free (mailbox->whole);
	*mailbox = (MmMailbox){NULL, NULL, NULL};
}

/* ---- truth ----------------------------------------------------------------------------------- */

MmTruth
mm_truth_and (MmTruth a, MmTruth b)
{
	if (a == MM_NO || b == MM_NO)
		return MM_NO;
	if (a == MM_UNKNOWN || b == MM_UNKNOWN)
		return MM_UNKNOWN;
	return a == MM_FAILED ? MM_FAILED : b;
}

MmTruth
mm_truth_or (MmTruth a, MmTruth b)
{
	if (a == MM_YES || b == MM_YES)
		return MM_YES;
	if (a == MM_UNKNOWN || b == MM_UNKNOWN)
		return MM_UNKNOWN;
	return a == MM_FAILED ? MM_FAILED : b;
}

static MmTruth
opposite (MmTruth a)
{
	if (a == MM_YES)
		return MM_NO;
	return a == MM_NO ? MM_YES : a;
}

/* ---- single values --------------------------------------------------------------------------- */

static gboolean
is_trusted (const MmConfig *config, const MmAddress *client)
{
	const GArray *tests = config->globals.trusted.tests;
	gboolean listed = FALSE;

	for (guint i = 0; i < tests->len; i++) {
		const MmTest *test = &g_array_index (tests, MmTest, i);
		gboolean has = mm_network_has (&test->network, client);

		if (has && test->negated)
			return FALSE;
		listed = listed || has;
	}
	return listed;
}

static MmTruth
regex_fits (const MmTest *test, const MmThing *thing, MmAsked *asked)
{
	g_autoptr (GError) error = NULL;
	gboolean fits;

	if (thing->text == NULL)
		return MM_NO;
	fits = g_regex_match_full (test->regex, thing->text, -1, 0, 0, NULL, &error);
	if (error == NULL)
		return fits ? MM_YES : MM_NO;
	if (asked->error == NULL)
		asked->error = g_strdup_printf ("regex %s: given up, it takes too many steps",
		                                test->text);
	return MM_FAILED;
}

static MmTruth
table_fits (const MmTest *test, const MmThing *thing, MmAsked *asked)
{
	MmFound found;
	MmTruth fits = mm_table_find (test->table, thing, &found, &asked->error);

	if (fits == MM_YES && !test->negated && !asked->has_found) {
		asked->has_found = TRUE;
		asked->found = found;
		asked->table = test->table;
	}
	return fits;
}

static MmTruth
test_fits (const MmTest *test, const MmThing *thing, const MmConfig *config, MmAsked *asked)
{
	gboolean fits = FALSE;

	switch (test->kind) {
	case MM_TEST_NULL_SENDER:
		fits = thing->text != NULL && *thing->text == '\0';
		break;
	case MM_TEST_MAILBOX:
		fits = thing->text != NULL && g_str_equal (thing->text, test->mailbox.whole);
		break;
	case MM_TEST_DOMAIN:
		fits = thing->domain != NULL && g_str_equal (thing->domain, test->mailbox.domain);
		break;
	case MM_TEST_BELOW:
		fits = thing->domain != NULL &&
		       mm_domain_is_below (thing->domain, test->mailbox.domain);
		break;
	case MM_TEST_NETWORK:
		fits = thing->address != NULL && mm_network_has (&test->network, thing->address);
		break;
	case MM_TEST_TRUSTED:
		fits = thing->address != NULL && is_trusted (config, thing->address);
		break;
	case MM_TEST_USER:
		fits = g_strcmp0 (thing->text, test->mailbox.local) == 0;
		break;
	case MM_TEST_REGEX:
		return regex_fits (test, thing, asked);
	case MM_TEST_TABLE:
		return table_fits (test, thing, asked);
	case MM_TEST_SIZE:
		break; /* mm_sizes_hold () */
	}
	return fits ? MM_YES : MM_NO;
}

/* ---- all values ------------------------------------------------------------------------------ */

typedef struct {
	gboolean has_plain;
	MmTruth plain;
	MmTruth negated;
} Tally;

static void
tally_add (Tally *tally, const MmTest *test, MmTruth fits)
{
	MmTruth *to = test->negated ? &tally->negated : &tally->plain;

	*to = mm_truth_or (*to, fits);
	tally->has_plain = tally->has_plain || !test->negated;
}

/* TRUE if it makes no difference whether @test fits. */
static gboolean
is_settled (const Tally *tally, const MmTest *test)
{
	return tally->negated == MM_YES || (!test->negated && tally->plain == MM_YES);
}

static MmTruth
tally_result (const Tally *tally)
{
	return mm_truth_and (tally->has_plain ? tally->plain : MM_YES, opposite (tally->negated));
}

MmTruth
mm_values_hold (const MmCondition *condition, const MmThing *things, guint n,
                const MmSubject *subject, MmAsked *asked)
{
	Tally tally = {FALSE, MM_NO, MM_NO};

	for (guint i = 0; i < condition->tests->len; i++) {
		const MmTest *test = &g_array_index (condition->tests, MmTest, i);
		MmTruth fits = MM_NO;

		for (guint j = 0; j < n && fits != MM_YES && !is_settled (&tally, test); j++)
			fits = mm_truth_or (fits, test_fits (test, &things[j], subject->config,
			                                     asked));
		tally_add (&tally, test, fits);
	}
	return tally_result (&tally);
}

MmTruth
mm_macros_hold (const MmCondition *condition, const MmSubject *subject, MmAsked *asked)
{
	const MmEnvelope *envelope = subject->envelope;
	Tally tally = {FALSE, MM_NO, MM_NO};

	for (guint i = 0; i < condition->tests->len; i++) {
		const MmTest *test = &g_array_index (condition->tests, MmTest, i);
		MmThing thing = {NULL, NULL, NULL, NULL};
		MmTruth fits = envelope->macros_known ? MM_NO : MM_UNKNOWN;

		if (envelope->macros != NULL)
			thing.text = g_hash_table_lookup (envelope->macros, test->macro);
		if (thing.text != NULL && !is_settled (&tally, test))
			fits = test_fits (test, &thing, subject->config, asked);
		tally_add (&tally, test, fits);
	}
	return tally_result (&tally);
}

MmTruth
mm_sizes_hold (const MmCondition *condition, const MmSubject *subject)
{
	gsize size = subject->envelope->size;
	Tally tally = {FALSE, MM_NO, MM_NO};

	if (!subject->envelope->size_known)
		return MM_UNKNOWN;
	for (guint i = 0; i < condition->tests->len; i++) {
		const MmTest *test = &g_array_index (condition->tests, MmTest, i);

		tally_add (&tally, test,
		           size >= test->min && size <= test->max ? MM_YES : MM_NO);
	}
	return tally_result (&tally);
}

gboolean
mm_values_have_names (const MmCondition *condition)
{
	for (guint i = 0; i < condition->tests->len; i++) {
		MmTestKind kind = g_array_index (condition->tests, MmTest, i).kind;

		if (kind != MM_TEST_NETWORK && kind != MM_TEST_TRUSTED)
			return TRUE;
	}
	return FALSE;
}
