/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-tally-row.c: one name and its counts, and what is done when there are too many names.
 */
#include <config.h>

#include <string.h>

#include "logs-tally-private.h"

void
mm_tally_row_init (MmTallyRow *row, const char *key)
{
	*row = (MmTallyRow){.key = g_strdup (key), .first = MM_NO_TIME, .last = MM_NO_TIME};
}

void
mm_tally_row_clear (MmTallyRow *row)
{
	g_clear_pointer (&row->key, g_free);
	g_clear_pointer (&row->cells, g_free);
}

/* ---- adding a message ------------------------------------------------------------------------------ */

static void
widen (gint64 when, gint64 *first, gint64 *last)
{
	if (when == MM_NO_TIME)
		return;
	if (*first == MM_NO_TIME || when < *first)
		*first = when;
	if (*last == MM_NO_TIME || when > *last)
		*last = when;
}

/* A list is as long as the largest power of two that is not more than it has, so that it grows when it is full. */
static MmTallyCell *
find_cell (MmTallyRow *row, guint label)
{
	for (guint i = 0; i < row->n_cells; i++)
		if (row->cells[i].label == label)
			return &row->cells[i];
	if ((row->n_cells & (row->n_cells - 1)) == 0)
		row->cells = g_renew (MmTallyCell, row->cells, MAX (1, 2 * row->n_cells));
	row->cells[row->n_cells] =
	        (MmTallyCell){.label = label, .first = MM_NO_TIME, .last = MM_NO_TIME};
	return &row->cells[row->n_cells++];
}

static gboolean
is_example (const char *id)
{
	return strlen (id) < MM_TALLY_ID && !g_str_equal (id, "NOQUEUE");
}

static void
add_cell (MmTallyCell *cell, const MmTallyMessage *message)
{
	guint8 flags = message->flags[cell->label];
	gboolean latest = cell->id[0] == '\0' || message->when >= cell->last;

	cell->found++;
	if (message->outcome == MM_OUTCOME_REFUSED)
		cell->refused++;
	else if (message->outcome == MM_OUTCOME_WOULD_REFUSE ||
	         (message->outcome == MM_OUTCOME_WOULD_MEND && (flags & MM_TALLY_FIXED)))
		cell->would++;
	else if (flags & MM_TALLY_FIXED)
		cell->mended++;
	if (message->outcome != MM_OUTCOME_REFUSED &&
	    (flags & MM_TALLY_LEFT || !(flags & MM_TALLY_FIXED)))
		cell->left++;
	widen (message->when, &cell->first, &cell->last);
	if (latest && is_example (message->id))
		g_strlcpy (cell->id, message->id, sizeof cell->id);
}

/* The latest comes first; the oldest makes room. */
static void
add_example (MmTallyRow *row, gint64 when, const char *id)
{
	guint at = 0;

	while (at < row->n_examples && row->examples[at].when > when)
		at++;
	if (at == MM_TALLY_EXAMPLES || !is_example (id))
		return;
	row->n_examples = MIN (row->n_examples + 1, MM_TALLY_EXAMPLES);
	memmove (&row->examples[at + 1], &row->examples[at],
	         (row->n_examples - 1 - at) * sizeof row->examples[0]);
	row->examples[at].when = when;
	g_strlcpy (row->examples[at].id, id, sizeof row->examples[at].id);
}

void
mm_tally_row_add (MmTallyRow *row, const MmTallyMessage *message)
{
	row->messages++;
	row->outcomes[message->outcome]++;
	if (message->n_labels == 0)
		return;
	row->issues++;
	row->mendable += message->mendable ? 1 : 0;
	row->hopeless += message->hopeless ? 1 : 0;
	widen (message->when, &row->first, &row->last);
	add_example (row, message->when, message->id);
	row->clients |= row->client != 0 && row->client != message->client;
	row->client = message->client;
	for (guint i = 0; i < message->n_labels; i++)
		add_cell (find_cell (row, message->labels[i]), message);
}

/* ---- too many names --------------------------------------------------------------------------------- */

static void
merge_cell (MmTallyCell *to, const MmTallyCell *from)
{
	to->found += from->found;
	to->mended += from->mended;
	to->left += from->left;
	to->refused += from->refused;
	to->would += from->would;
	if (to->id[0] == '\0' || from->last >= to->last)
		memcpy (to->id, from->id, sizeof to->id);
	widen (from->first, &to->first, &to->last);
	widen (from->last, &to->first, &to->last);
}

static void
merge (MmTallyRow *to, const MmTallyRow *from)
{
	to->messages += from->messages;
	to->issues += from->issues;
	to->mendable += from->mendable;
	to->hopeless += from->hopeless;
	for (guint i = 0; i < MM_N_OUTCOMES; i++)
		to->outcomes[i] += from->outcomes[i];
	widen (from->first, &to->first, &to->last);
	widen (from->last, &to->first, &to->last);
	for (guint i = 0; i < from->n_cells; i++)
		merge_cell (find_cell (to, from->cells[i].label), &from->cells[i]);
	for (guint i = 0; i < from->n_examples; i++)
		add_example (to, from->examples[i].when, from->examples[i].id);
}

/* Issues first; what has none is worth what it says of shares. */
static guint
weight_of (const MmTallyRow *row)
{
	return row->issues > 0 ? 32 + g_bit_storage (row->issues)
	                       : MIN (31, g_bit_storage (row->messages));
}

typedef struct {
	MmTallyRow *others;
	guint limit; /* all below this weight go */
	guint more;  /* and so many of this weight */
} Pruning;

static gboolean
goes (gpointer key G_GNUC_UNUSED, gpointer value, gpointer data)
{
	Pruning *pruning = data;
	guint weight = weight_of (value);

	if (weight > pruning->limit || (weight == pruning->limit && pruning->more == 0))
		return FALSE;
	if (weight == pruning->limit)
		pruning->more--;
	merge (pruning->others, value);
	return TRUE;
}

/* Weights are powers of two: to sort all would take longer than to count. */
void
mm_tally_prune (MmTally *tally, MmBy by)
{
	Pruning pruning = {.others = &tally->others[by]};
	guint go = g_hash_table_size (tally->rows[by]) - MM_TALLY_KEEP;
	guint weights[32 + 65] = {0};
	GHashTableIter iter;
	gpointer row;

	g_hash_table_iter_init (&iter, tally->rows[by]);
	while (g_hash_table_iter_next (&iter, NULL, &row))
		weights[weight_of (row)]++;
	while (weights[pruning.limit] < go)
		go -= weights[pruning.limit++];
	pruning.more = go;
	g_hash_table_foreach_remove (tally->rows[by], goes, &pruning);
}

gboolean
mm_tally_is_hopeless (const MmRule *rule)
{
	return rule != NULL && rule->fix == NULL && rule->severity != MM_SEVERITY_NOTICE;
}

/* ---- cells in order ---------------------------------------------------------------------------------- */

static int
compare_cells (gconstpointer a, gconstpointer b)
{
	const MmTallyCell *x = *(const MmTallyCell *const *) a;
	const MmTallyCell *y = *(const MmTallyCell *const *) b;

	if (x->found != y->found)
		return x->found > y->found ? -1 : 1;
	return (x->label > y->label) - (x->label < y->label);
}

GPtrArray *
mm_tally_cells (const MmTallyRow *row)
{
	GPtrArray *cells = g_ptr_array_new ();

	for (guint i = 0; i < row->n_cells; i++)
		g_ptr_array_add (cells, &row->cells[i]);
	g_ptr_array_sort (cells, compare_cells);
	return cells;
}
