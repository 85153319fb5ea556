/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-tally.c: counts messages under the names that stand in their lines.
 */
#include <config.h>

#include <string.h>

#include <mailmend/bytes.h>
#include <mailmend/verdict.h>

#include "logs-tally-private.h"

static void
row_free (gpointer data)
{
	mm_tally_row_clear (data);
	g_free (data);
}

MmTally *
mm_tally_new (GPtrArray *only)
{
	MmTally *tally = g_new0 (MmTally, 1);

	tally->label_numbers = g_hash_table_new_full (mm_str_hash, g_str_equal, g_free, NULL);
	tally->labels = g_ptr_array_new ();
	for (guint i = 0; only != NULL && i < only->len; i++)
		mm_tally_number (tally, only->pdata[i]);
	tally->only = only != NULL;
	for (guint by = 0; by < MM_N_BY; by++) {
		tally->rows[by] = g_hash_table_new_full (mm_str_hash, g_str_equal, NULL, row_free);
		mm_tally_row_init (&tally->others[by], "others");
	}
	mm_tally_row_init (&tally->total, "all");
	tally->begins = tally->ends = MM_NO_TIME;
	tally->hours = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
	tally->label_hours = g_hash_table_new (g_direct_hash, g_direct_equal);
	return tally;
}

void
mm_tally_free (MmTally *tally)
{
	if (tally == NULL)
		return;
	g_hash_table_unref (tally->label_numbers);
	g_ptr_array_unref (tally->labels);
	for (guint by = 0; by < MM_N_BY; by++) {
		g_hash_table_unref (tally->rows[by]);
		mm_tally_row_clear (&tally->others[by]);
	}
	mm_tally_row_clear (&tally->total);
	g_hash_table_unref (tally->hours);
	g_hash_table_unref (tally->label_hours);
	g_free (tally);
}

/* ---- labels ------------------------------------------------------------------------------------- */

int
mm_tally_number (MmTally *tally, const char *label)
{
	gpointer known;
	char *own;

	if (g_hash_table_lookup_extended (tally->label_numbers, label, NULL, &known))
		return GPOINTER_TO_INT (known);
	if (tally->only)
		return -1;
	if (tally->labels->len == MM_TALLY_LABELS - 1)
		label = "(other labels)";
	else if (tally->labels->len == MM_TALLY_LABELS)
		return MM_TALLY_LABELS - 1;
	own = g_strdup (label);
	g_hash_table_insert (tally->label_numbers, own, GUINT_TO_POINTER (tally->labels->len));
	tally->rules[tally->labels->len] = mm_rule_by_label (own);
	g_ptr_array_add (tally->labels, own);
	return (int) tally->labels->len - 1;
}

const char *
mm_tally_label (const MmTally *tally, guint label)
{
	return tally->labels->pdata[label];
}

const MmRule *
mm_tally_rule (const MmTally *tally, guint label)
{
	return tally->rules[label];
}

/* Adds @flag to what @message knows of the labels of @list ("A|B"). */
static void
mark_labels (MmTally *tally, MmTallyMessage *message, const char *list, guint8 flag)
{
	while (list != NULL && *list != '\0') {
		gsize len = strcspn (list, "|");
		char label[64];
		int number;

		g_strlcpy (label, list, MIN (sizeof label, len + 1));
		list += len + (list[len] != '\0' ? 1 : 0);
		number = *label != '\0' ? mm_tally_number (tally, label) : -1;
		if (number < 0)
			continue;
		if (message->flags[number] == 0)
			message->labels[message->n_labels++] = (guint8) number;
		message->flags[number] |= flag;
	}
}

/* ---- what became of it ---------------------------------------------------------------------------- */

static gboolean
find_action (const char *word, MmAction *out)
{
	for (MmAction action = MM_ACTION_NONE; action <= MM_ACTION_ERROR; action++) {
		if (!g_str_equal (word, mm_action_to_string (action)))
			continue;
		*out = action;
		return TRUE;
	}
	return FALSE;
}

static gboolean
refuses (MmAction action)
{
	return action == MM_ACTION_REJECT || action == MM_ACTION_QUARANTINE ||
	       action == MM_ACTION_TEMPFAIL;
}

/* By the labels that count, so that a choice of labels has outcomes of its own. */
static MmOutcome
outcome_of (const MmTallyMessage *message, MmAction action, MmAction would)
{
	guint8 all = 0;

	for (guint i = 0; i < message->n_labels; i++)
		all |= message->flags[message->labels[i]];
	if (action == MM_ACTION_ERROR)
		return MM_OUTCOME_ERROR;
	if (message->n_labels == 0)
		return MM_OUTCOME_CLEAN;
	if (refuses (action))
		return MM_OUTCOME_REFUSED;
	if (refuses (would))
		return MM_OUTCOME_WOULD_REFUSE;
	if (!(all & MM_TALLY_FIXED))
		return MM_OUTCOME_LEFT;
	if (action != MM_ACTION_FIX)
		return MM_OUTCOME_WOULD_MEND;
	return all & MM_TALLY_LEFT ? MM_OUTCOME_PARTLY : MM_OUTCOME_MENDED;
}

static const char *
value (const MmLogline *line, MmLineKey key)
{
	return line->values[key] != NULL ? line->values[key] : "";
}

/* What might still be done about it. What microsoft365 has left cannot be mended. */
static void
look_ahead (const MmTally *tally, const MmLogline *line, MmTallyMessage *message)
{
	gboolean tried = g_str_equal (value (line, MM_LINE_POLICY), "microsoft365");
	gboolean bounce = g_str_equal (value (line, MM_LINE_FROM), "<>");

	if (message->outcome != MM_OUTCOME_LEFT && message->outcome != MM_OUTCOME_PARTLY &&
	    message->outcome != MM_OUTCOME_MENDED && message->outcome != MM_OUTCOME_WOULD_MEND)
		return;
	for (guint i = 0; i < message->n_labels; i++) {
		const MmRule *rule = tally->rules[message->labels[i]];

		if (rule == NULL || !(message->flags[message->labels[i]] & MM_TALLY_LEFT))
			continue;
		message->hopeless |= mm_tally_is_hopeless (rule) && !bounce;
		message->mendable |= rule->m365 == MM_M365_FIX && !tried;
	}
}

static gboolean
read_message (MmTally *tally, const MmLogline *line, gint64 when, MmTallyMessage *message)
{
	MmAction action, would;

	if (!find_action (value (line, MM_LINE_ACTION), &action))
		return FALSE;
	would = action;
	if (line->values[MM_LINE_WOULD] != NULL &&
	    !find_action (line->values[MM_LINE_WOULD], &would))
		return FALSE;
	message->id = value (line, MM_LINE_ID);
	message->when = when;
	mark_labels (tally, message, value (line, MM_LINE_LABELS), MM_TALLY_FOUND);
	mark_labels (tally, message, value (line, MM_LINE_FIXED), MM_TALLY_FIXED);
	mark_labels (tally, message, value (line, MM_LINE_LEFT), MM_TALLY_LEFT);
	message->outcome = outcome_of (message, action, would);
	look_ahead (tally, line, message);
	if (message->n_labels > 0)
		message->client = g_str_hash (value (line, MM_LINE_CLIENT)) | 1;
	return TRUE;
}

/* ---- names ---------------------------------------------------------------------------------------- */

typedef struct {
	GString *text; /* to be written to */
	const MmLogline *line;
} Naming;

/* Addresses of log lines stand in <>; the null sender stays "<>". */
static const char *
name_sender (Naming *naming)
{
	const char *from = value (naming->line, MM_LINE_FROM);
	gsize len = strlen (from);

	if (len < 2 || *from != '<' || from[len - 1] != '>')
		return from;
	if (len == 2)
		return "<>";
	g_string_append_len (naming->text, from + 1, (gssize) len - 2);
	return naming->text->str;
}

static const char *
name_domain (Naming *naming)
{
	const char *sender = name_sender (naming);
	const char *at = strrchr (sender, '@');

	if (at == NULL)
		return sender;
	if (sender == naming->text->str)
		g_string_erase (naming->text, 0, at + 1 - sender);
	else
		g_string_append (naming->text, at + 1);
	for (char *p = naming->text->str; *p != '\0'; p++)
		*p = g_ascii_tolower (*p);
	return naming->text->str;
}

static const char *
name_client (Naming *naming)
{
	return value (naming->line, MM_LINE_CLIENT);
}

static const char *
name_user (Naming *naming)
{
	return value (naming->line, MM_LINE_USER);
}

static const char *
name_program (Naming *naming)
{
	return value (naming->line, MM_LINE_PROGRAM);
}

static const char *
name_policy (Naming *naming)
{
	g_string_append (naming->text, value (naming->line, MM_LINE_POLICY));
	g_string_append_c (naming->text, '/');
	g_string_append (naming->text, value (naming->line, MM_LINE_RULE));
	return naming->text->str;
}

static MmTallyRow *
find_row (MmTally *tally, MmBy by, const char *key)
{
	MmTallyRow *row = g_hash_table_lookup (tally->rows[by], key);

	if (row != NULL)
		return row;
	if (g_hash_table_size (tally->rows[by]) >= 2 * MM_TALLY_KEEP)
		mm_tally_prune (tally, by);
	row = g_new (MmTallyRow, 1);
	mm_tally_row_init (row, key);
	g_hash_table_insert (tally->rows[by], row->key, row);
	return row;
}

/* A message has several labels: the row of each counts it with that label alone. */
static void
add_labels (MmTally *tally, const MmTallyMessage *message)
{
	for (guint i = 0; i < message->n_labels; i++) {
		MmTallyMessage one = *message;

		one.labels[0] = message->labels[i];
		one.n_labels = 1;
		mm_tally_row_add (find_row (tally, MM_BY_LABEL,
		                            mm_tally_label (tally, one.labels[0])),
		                  &one);
	}
}

static void
add_names (MmTally *tally, const MmLogline *line, const MmTallyMessage *message)
{
	static const char *(*const namers[]) (Naming *naming) = {
		[MM_BY_SENDER] = name_sender, [MM_BY_DOMAIN] = name_domain,
		[MM_BY_CLIENT] = name_client, [MM_BY_USER] = name_user,
		[MM_BY_PROGRAM] = name_program, [MM_BY_POLICY] = name_policy,
	};
	g_autoptr (GString) text = g_string_sized_new (128);
	Naming naming = {text, line};

	for (MmBy by = 0; by < G_N_ELEMENTS (namers); by++) {
		const char *key;

		g_string_truncate (text, 0);
		key = namers[by](&naming);
		/* nobody has logged in, or the program is not logged */
		if (*key != '\0')
			mm_tally_row_add (find_row (tally, by, key), message);
	}
}

gboolean
mm_tally_add (MmTally *tally, const MmLogline *line, gint64 when)
{
	MmTallyMessage message = {0};

	if (!read_message (tally, line, when, &message))
		return FALSE;
	mm_tally_row_add (&tally->total, &message);
	add_names (tally, line, &message);
	add_labels (tally, &message);
	if (when == MM_NO_TIME) {
		tally->undated++;
		return TRUE;
	}
	if (tally->begins == MM_NO_TIME || when < tally->begins)
		tally->begins = when;
	if (tally->ends == MM_NO_TIME || when > tally->ends)
		tally->ends = when;
	mm_tally_time_add (tally, &message);
	return TRUE;
}

/* ---- asking ----------------------------------------------------------------------------------------- */

const MmTallyRow *
mm_tally_total (const MmTally *tally)
{
	return &tally->total;
}

gint64
mm_tally_begins (const MmTally *tally)
{
	return tally->begins;
}

gint64
mm_tally_ends (const MmTally *tally)
{
	return tally->ends;
}

guint64
mm_tally_undated (const MmTally *tally)
{
	return tally->undated;
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
	const MmTallyRow *x = *(const MmTallyRow *const *) a;
	const MmTallyRow *y = *(const MmTallyRow *const *) b;

	if (x->issues != y->issues)
		return x->issues > y->issues ? -1 : 1;
	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp (x->key, y->key);
}

GPtrArray *
mm_tally_rows (const MmTally *tally, MmBy by)
{
	GPtrArray *rows = g_ptr_array_new ();
	GHashTableIter iter;
	gpointer row;

	g_hash_table_iter_init (&iter, tally->rows[by]);
	while (g_hash_table_iter_next (&iter, NULL, &row))
		if (((const MmTallyRow *) row)->issues > 0)
			g_ptr_array_add (rows, row);
	g_ptr_array_sort (rows, compare_rows);
	return rows;
}

const MmTallyRow *
mm_tally_others (const MmTally *tally, MmBy by)
{
	return tally->others[by].messages > 0 ? &tally->others[by] : NULL;
}
