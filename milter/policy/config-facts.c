/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-facts.c: what a daemon says about its configuration as a whole.
 *
 * Whether TrustedClients covers a network is asked of single networks first; one that holds others
 * is halved, so that two halves that are trusted cover the whole.
 */
#include <mailmend/policy.h>

#include "config-private.h"

guint
mm_config_n_rules (const MmConfig *config)
{
	return config->rules->len;
}

/* ---- TrustedClients against another list ----------------------------------------------------- */

#define ADDRESS_BITS 128

/* Halvings in all: as many as one network a list and some exceptions can need. */
#define MAX_STEPS 20000

typedef struct {
	const GArray *trusted;  /* of MmTest */
	const GArray *networks; /* the other list, likewise */
	guint steps;
} Cover;

typedef enum { APART, WITHIN, HOLDS_SOME } Relation;

/* Whether @piece lies within @network, holds it, or has nothing to do with it. */
static Relation
relate (const MmNetwork *piece, const MmNetwork *network)
{
	MmNetwork wider = piece->bits <= network->bits ? *piece : *network;
	const MmNetwork *other = piece->bits <= network->bits ? network : piece;
	guint whole = wider.bits / 8;
	guint rest = wider.bits % 8;
	guint8 mask = (guint8) (0xff00 >> rest);

	/* As mm_network_has () sees it. */
	if (network->bits < MM_V4_PREFIX && piece->bits >= MM_V4_PREFIX &&
	    mm_address_is_v4 (&piece->address))
		return APART;
	if (memcmp (wider.address.octets, other->address.octets, whole) != 0 ||
	    (rest != 0 && ((wider.address.octets[whole] ^ other->address.octets[whole]) & mask) != 0))
		return APART;
	return piece->bits >= network->bits ? WITHIN : HOLDS_SOME;
}

/* The closest relation of @piece to the networks of @list that are @negated or not. */
static Relation
relate_to_list (const MmNetwork *piece, const GArray *list, gboolean negated)
{
	Relation closest = APART;

	for (guint i = 0; list != NULL && i < list->len; i++) {
		const MmTest *test = &g_array_index (list, MmTest, i);
		Relation relation;

		if (test->kind != MM_TEST_NETWORK || test->negated != negated)
			continue;
		relation = relate (piece, &test->network);
		if (relation == WITHIN)
			return WITHIN;
		if (relation == HOLDS_SOME)
			closest = HOLDS_SOME;
	}
	return closest;
}

static gboolean is_covered (Cover *cover, const MmNetwork *piece);

/* No deeper than an address has bits. */
static gboolean
halves_are_covered (Cover *cover, const MmNetwork *piece)
{
	MmNetwork half = *piece;

	if (piece->bits >= ADDRESS_BITS || ++cover->steps > MAX_STEPS)
		return FALSE;
	half.bits++;
	if (!is_covered (cover, &half))
		return FALSE;
	half.address.octets[piece->bits / 8] |= (guint8) (0x80 >> (piece->bits % 8));
	return is_covered (cover, &half);
}

static gboolean
is_covered (Cover *cover, const MmNetwork *piece)
{
	Relation except = relate_to_list (piece, cover->networks, TRUE);
	Relation distrust = relate_to_list (piece, cover->trusted, TRUE);
	Relation trust = relate_to_list (piece, cover->trusted, FALSE);

	if (except == WITHIN)
		return TRUE;
	if (distrust == WITHIN)
		return FALSE;
	if (trust == WITHIN && except == APART && distrust == APART)
		return TRUE;
	if (trust == APART && except == APART)
		return FALSE;
	return halves_are_covered (cover, piece);
}

static const MmSettingRow *
trusted_row (void)
{
	guint n;
	const MmSettingRow *rows = mm_settings_table (&n);

	while (n > 0 && !g_str_equal (rows[n - 1].key, "TrustedClients"))
		n--;
	return n > 0 ? &rows[n - 1] : NULL;
}

/* Reads one word into @out; FALSE if it is no network. */
static gboolean
read_word (const char *word, MmCondition *out)
{
	const MmSettingRow *row = trusted_row ();
	g_auto (MmProblems) problems = {0};

	if (row == NULL)
		return FALSE;
	mm_problems_init (&problems, "");
	mm_value_networks (row, word, out, 0, &problems);
	return mm_problems_count (&problems) == 0 && out->tests != NULL && out->tests->len == 1;
}

/* The networks that can be read of @words, all in one list. Others are added to @unread. */
static GArray *
read_words (char **words, GPtrArray *unread)
{
	GArray *list = g_array_new (FALSE, FALSE, sizeof (MmTest));

	for (guint i = 0; words[i] != NULL; i++) {
		MmCondition condition = {0};

		if (*words[i] != '\0' && !read_word (words[i], &condition))
			g_ptr_array_add (unread, g_strdup (words[i]));
		else if (*words[i] != '\0')
			g_array_append_vals (list, condition.tests->data, 1);
		mm_condition_clear (&condition);
	}
	return list;
}

GPtrArray *
mm_config_not_trusted (const MmConfig *config, const char *networks, GPtrArray *out_unread)
{
	GPtrArray *missing = g_ptr_array_new_with_free_func (g_free);
	g_auto (GStrv) words = g_strsplit_set (networks, ", \t\r\n", -1);
	g_autoptr (GArray) list = read_words (words, out_unread);
	Cover cover = {config->globals.trusted.tests, list, 0};

	for (guint i = 0; words[i] != NULL; i++) {
		MmCondition condition = {0};

		if (*words[i] != '\0' && *words[i] != '!' && read_word (words[i], &condition) &&
		    !is_covered (&cover, &g_array_index (condition.tests, MmTest, 0).network))
			g_ptr_array_add (missing, g_strdup (words[i]));
		mm_condition_clear (&condition);
	}
	return missing;
}
