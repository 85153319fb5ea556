/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-advice.c: who is worth a rule of the configuration.
 *
 * A rule by client is the surest, but a client through which the mail of many comes would have the
 * mail of all of them mended: so it is taken where most of its mail has issues. A name is written
 * into a rule only if it consists of characters that mean nothing else there.
 */
#include <config.h>

#include <string.h>

#include <gio/gio.h>

#include "logs-advice.h"

/* Fewer messages are no habit. */
#define MIN_MESSAGES 5

#define MAX_NAME 48

/* Of a domain (RFC 1035 2.3.4). */
#define MAX_PART 63
#define MAX_DOMAIN 254

typedef struct {
	const MmLogs *logs;
	guint max;
	GPtrArray *out;
	GHashTable *clients; /* hashes of clients that have their advice */
	GHashTable *domains; /* domains likewise */
	GHashTable *names;   /* of sections */
} Advisor;

static void
advice_free (gpointer data)
{
	MmAdvice *advice = data;

	g_free (advice->condition);
	g_free (advice->name);
	g_ptr_array_unref (advice->hopeless);
	g_free (advice);
}

/* ---- values of a rule ------------------------------------------------------------------------------- */

static gboolean
is_made_of (const char *text, const char *others)
{
	for (const char *p = text; *p != '\0'; p++)
		if (!g_ascii_isalnum (*p) && strchr (others, *p) == NULL)
			return FALSE;
	return g_ascii_isalnum (*text);
}

/* What the configuration takes as a domain without any doubt. */
static gboolean
is_domain (const char *text)
{
	g_auto (GStrv) parts = g_strsplit (text, ".", -1);

	for (char **part = parts; *part != NULL; part++) {
		gsize len = strlen (*part);

		if (len == 0 || len > MAX_PART || !is_made_of (*part, "-") || (*part)[len - 1] == '-')
			return FALSE;
	}
	return strlen (text) < MAX_DOMAIN;
}

/* "host[192.0.2.7]". All mail of this host, that which comes back from a filter too, is loopback's. */
static char *
client_condition (const char *key)
{
	const char *open = strrchr (key, '[');
	gsize len = open != NULL ? strlen (open) : 0;
	g_autofree char *address = len > 2 ? g_strndup (open + 1, len - 2) : NULL;
	g_autoptr (GInetAddress) parsed =
	        address != NULL ? g_inet_address_new_from_string (address) : NULL;
	g_autofree char *text = NULL;

	if (parsed == NULL || g_inet_address_get_is_loopback (parsed))
		return NULL;
	text = g_inet_address_to_string (parsed);
	return g_strdup_printf ("Client = %s", text);
}

static char *
user_condition (const char *key)
{
	/* a longer one was cut, and "..." stands where */
	return is_made_of (key, "._@+-") && strstr (key, "..") == NULL ? g_strdup_printf ("SaslUser = %s", key) : NULL;
}

static char *
domain_condition (const char *key)
{
	if (g_str_equal (key, "<>"))
		return NULL;
	return is_domain (key) ? g_strdup_printf ("SenderDomain = %s", key) : NULL;
}

static char *
sender_condition (const char *key)
{
	const char *at = strrchr (key, '@');
	g_autofree char *local = at != NULL ? g_strndup (key, (gsize) (at - key)) : NULL;

	if (at == NULL || !is_made_of (local, "._+-") || strstr (local, "..") != NULL ||
	    g_str_has_suffix (local, ".") || !is_domain (at + 1))
		return NULL;
	return g_strdup_printf ("Sender = %s", key);
}

/* ---- choosing ------------------------------------------------------------------------------------------ */

static gboolean
is_most (const MmTallyRow *row)
{
	return 2 * row->issues >= row->messages;
}

/* All its mail with issues is from a client that has its advice. */
static gboolean
is_covered (const Advisor *advisor, const MmTallyRow *row)
{
	return !row->clients && g_hash_table_contains (advisor->clients, GUINT_TO_POINTER (row->client));
}

static gboolean
wants_client (const Advisor *advisor G_GNUC_UNUSED, const MmTallyRow *row)
{
	return is_most (row) && strchr (row->key, '[') != NULL;
}

static gboolean
wants_user (const Advisor *advisor, const MmTallyRow *row)
{
	return !is_covered (advisor, row);
}

static gboolean
wants_domain (const Advisor *advisor, const MmTallyRow *row)
{
	return row->mendable >= MIN_MESSAGES && is_most (row) && !is_covered (advisor, row);
}

static gboolean
wants_sender (const Advisor *advisor, const MmTallyRow *row)
{
	const char *at = strrchr (row->key, '@');
	g_autofree char *domain = at != NULL ? g_ascii_strdown (at + 1, -1) : NULL;

	return row->mendable >= MIN_MESSAGES && domain != NULL && !is_covered (advisor, row) &&
	       !g_hash_table_contains (advisor->domains, domain);
}

static const struct {
	MmBy by;
	gboolean (*wants) (const Advisor *advisor, const MmTallyRow *row);
	char *(*condition) (const char *key);
} kinds[] = {
	{MM_BY_CLIENT, wants_client, client_condition},
	{MM_BY_USER, wants_user, user_condition},
	{MM_BY_DOMAIN, wants_domain, domain_condition},
	{MM_BY_SENDER, wants_sender, sender_condition},
};

/* ---- writing it down ------------------------------------------------------------------------------------ */

/* Letters, digits and dashes; a number where that was there before. */
static char *
name_of (Advisor *advisor, MmBy by, const char *key)
{
	g_autoptr (GString) base = g_string_new (mm_logs_by_word (by));
	g_autofree char *name = NULL;
	guint n = 1;

	g_string_append_c (base, '-');
	for (const char *p = key; *p != '\0' && base->len < MAX_NAME; p++) {
		if (g_ascii_isalnum (*p))
			g_string_append_c (base, g_ascii_tolower (*p));
		else if (base->str[base->len - 1] != '-')
			g_string_append_c (base, '-');
	}
	while (base->str[base->len - 1] == '-')
		g_string_truncate (base, base->len - 1);
	name = g_strdup (base->str);
	while (g_hash_table_contains (advisor->names, name)) {
		g_free (name);
		name = g_strdup_printf ("%s-%u", base->str, ++n);
	}
	g_hash_table_add (advisor->names, g_strdup (name));
	return g_steal_pointer (&name);
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
hopeless_of (const MmLogs *logs, const MmTallyRow *row)
{
	GPtrArray *labels = g_ptr_array_new ();

	for (guint i = 0; i < row->n_cells; i++) {
		const MmRule *rule = mm_tally_rule (logs->tally, row->cells[i].label);

		if (mm_tally_is_hopeless (rule) && row->cells[i].left > 0)
			g_ptr_array_add (labels, (gpointer) rule->label);
	}
	g_ptr_array_sort (labels, compare_labels);
	return labels;
}

static void
advise (Advisor *advisor, MmBy by, const MmTallyRow *row, char *condition)
{
	MmAdvice *advice = g_new0 (MmAdvice, 1);

	advice->by = by;
	advice->row = row;
	advice->condition = condition;
	advice->hopeless = hopeless_of (advisor->logs, row);
	if (by == MM_BY_CLIENT && condition != NULL)
		g_hash_table_add (advisor->clients, GUINT_TO_POINTER (row->client));
	if (by == MM_BY_DOMAIN)
		g_hash_table_add (advisor->domains, g_strdup (row->key));
	advice->name = name_of (advisor, by, condition != NULL ? strchr (condition, '=') + 2 : row->key);
	g_ptr_array_add (advisor->out, advice);
}

/* Of a client that no rule can name others may tell. */
static void
advise_by (Advisor *advisor, gsize kind)
{
	g_autoptr (GPtrArray) rows = mm_tally_rows (advisor->logs->tally, kinds[kind].by);

	for (guint i = 0; i < rows->len && advisor->out->len < advisor->max; i++) {
		const MmTallyRow *row = rows->pdata[i];
		char *condition;

		if (MAX (row->mendable, row->hopeless) < MIN_MESSAGES ||
		    !kinds[kind].wants (advisor, row))
			continue;
		condition = kinds[kind].condition (row->key);
		if (condition != NULL || kinds[kind].by == MM_BY_USER)
			advise (advisor, kinds[kind].by, row, condition);
	}
}

GPtrArray *
mm_logs_advice (const MmLogs *logs)
{
	g_autoptr (GHashTable) clients = g_hash_table_new (NULL, NULL);
	g_autoptr (GHashTable) domains =
	        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr (GHashTable) names =
	        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
	Advisor advisor = {
		.logs = logs,
		.max = logs->top > 0 ? logs->top : G_MAXUINT,
		.out = g_ptr_array_new_with_free_func (advice_free),
		.clients = clients,
		.domains = domains,
		.names = names,
	};

	for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
		advise_by (&advisor, kind);
	return advisor.out;
}
