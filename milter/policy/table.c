/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.c: values that stand in a file of their own.
 *
 * Text tables are read with the configuration and do not change. An lmdb table is looked into each
 * time: what postmap writes counts at once. Keys are tried from the most special to the most
 * general one.
 */
#include <arpa/inet.h>

#include "table-private.h"

#define MAX_ATTEMPTS 10 /* at a table that changes all the time */

MmTable *
mm_table_new (const char *path, gboolean is_lmdb, MmShape shape, guint file, guint line,
              const char *key)
{
	MmTable *table = g_atomic_rc_box_new0 (MmTable);

	table->path = g_strdup (path);
	table->is_lmdb = is_lmdb;
	table->shape = shape;
	table->file = file;
	table->line = line;
	table->key = key;
	return table;
}

MmTable *
mm_table_ref (MmTable *table)
{
	return g_atomic_rc_box_acquire (table);
}

static void
table_clear (gpointer data)
{
	MmTable *table = data;

	g_clear_pointer (&table->text, mm_text_table_free);
	g_clear_pointer (&table->lmdb, mm_lmdb_free);
	g_free (table->path);
}

void
mm_table_unref (MmTable *table)
{
	g_atomic_rc_box_release_full (table, table_clear);
}

const char *
mm_table_name (const MmTable *table)
{
	return table->path;
}

gboolean
mm_table_may_name (const MmTable *table, const char *policy)
{
	return table->text == NULL || g_hash_table_contains (table->text->by_name, policy);
}

const char *
mm_table_domain_end (const char *domain)
{
	const char *end = domain + strlen (domain);

	while (end - domain > MM_TABLE_MAX_DOMAIN) {
		const char *dot = strchr (domain, '.');

		domain = dot != NULL ? dot + 1 : end;
	}
	return domain;
}

/* ---- lmdb ------------------------------------------------------------------------------------ */

/* .domain, .parent and so on; @domain has no dot before it. */
static MmTruth
find_below (MmLmdb *lmdb, const char *domain, MmFound *out_found)
{
	MmTruth found;

	domain = mm_table_domain_end (domain);
	found = mm_lmdb_get (lmdb, '.', domain, out_found);
	for (const char *dot = strchr (domain, '.'); found == MM_NO && dot != NULL;
	     dot = strchr (dot + 1, '.'))
		found = mm_lmdb_get (lmdb, '\0', dot, out_found);
	return found;
}

static MmTruth
find_domain (MmLmdb *lmdb, const char *domain, MmFound *out_found)
{
	MmTruth found = MM_NO;

	if (domain == NULL)
		return MM_NO;
	found = mm_lmdb_get (lmdb, '\0', domain, out_found);
	return found != MM_NO ? found : find_below (lmdb, domain, out_found);
}

/* An empty key cannot stand in a table: the null sender is <> there. */
static MmTruth
find_address (MmLmdb *lmdb, const MmThing *thing, MmFound *out_found)
{
	MmTruth found = MM_NO;

	if (thing->text == NULL)
		return MM_NO;
	found = mm_lmdb_get (lmdb, '\0', *thing->text != '\0' ? thing->text : "<>", out_found);
	if (found == MM_NO && thing->domain != NULL)
		found = mm_lmdb_get (lmdb, '@', thing->domain, out_found);
	return found != MM_NO ? found : find_domain (lmdb, thing->domain, out_found);
}

static MmTruth
find_client (MmLmdb *lmdb, const MmThing *thing, MmFound *out_found)
{
	char address[INET6_ADDRSTRLEN] = "";
	MmTruth found = MM_NO;

	if (thing->address != NULL) {
		mm_address_to_string (thing->address, address, sizeof address);
		found = mm_lmdb_get (lmdb, '\0', address, out_found);
	}
	return found != MM_NO ? found : find_domain (lmdb, thing->domain, out_found);
}

/* postmap has made keys lower case, unless it was told not to. */
static MmTruth
find_text (MmLmdb *lmdb, const MmThing *thing, MmFound *out_found)
{
	g_autofree char *lower = NULL;
	MmTruth found;

	if (thing->text == NULL)
		return MM_NO;
	found = mm_lmdb_get (lmdb, '\0', thing->text, out_found);
	if (found != MM_NO)
		return found;
	lower = g_ascii_strdown (thing->text, -1);
	return g_str_equal (lower, thing->text) ? MM_NO
	                                        : mm_lmdb_get (lmdb, '\0', lower, out_found);
}

static MmTruth
find_thing (MmLmdb *lmdb, MmShape shape, const MmThing *thing, MmFound *out_found)
{
	switch (shape) {
	case MM_SHAPE_ADDRESS:
		return find_address (lmdb, thing, out_found);
	case MM_SHAPE_DOMAIN:
	case MM_SHAPE_HOST:
		return find_domain (lmdb, thing->domain, out_found);
	case MM_SHAPE_CLIENT:
		return find_client (lmdb, thing, out_found);
	case MM_SHAPE_TEXT:
	case MM_N_SHAPES:
		break;
	}
	return find_text (lmdb, thing, out_found);
}

/* An international domain may stand in the table as people write it. */
static MmTruth
find_international (MmLmdb *lmdb, MmShape shape, const MmThing *thing, MmFound *out_found)
{
	g_autofree char *domain = NULL;
	g_autofree char *text = NULL;
	MmThing written = *thing;

	if (thing->domain == NULL || strstr (thing->domain, "xn--") == NULL)
		return MM_NO;
	domain = g_hostname_to_unicode (thing->domain);
	if (domain == NULL)
		return MM_NO;
	if (thing->local != NULL)
		text = g_strconcat (thing->local, "@", domain, NULL);
	written.text = text != NULL ? text : domain;
	written.domain = domain;
	return find_thing (lmdb, shape, &written, out_found);
}

static MmTruth
find_lmdb (const MmTable *table, const MmThing *thing, MmFound *out_found, char **out_error)
{
	for (guint i = 0; i < MAX_ATTEMPTS; i++) {
		MmTruth found;

		if (!mm_lmdb_begin (table->lmdb, out_error))
			return MM_FAILED;
		found = find_thing (table->lmdb, table->shape, thing, out_found);
		if (found == MM_NO)
			found = find_international (table->lmdb, table->shape, thing, out_found);
		if (mm_lmdb_end (table->lmdb, out_error))
			return found;
		if (*out_error != NULL)
			return MM_FAILED;
	}
	*out_error = g_strdup_printf ("table %s: it changes faster than it can be read",
	                              table->path);
	return MM_FAILED;
}

MmTruth
mm_table_find (const MmTable *table, const MmThing *thing, MmFound *out_found, char **out_error)
{
	const MmTableResult *result;
	g_autofree char *error = NULL;
	MmTruth found;

	*out_found = (MmFound){NULL, "", FALSE};
	if (table->is_lmdb) {
		found = find_lmdb (table, thing, out_found, &error);
		if (found == MM_FAILED && *out_error == NULL)
			*out_error = g_steal_pointer (&error);
		return found;
	}
	result = mm_text_table_find (table->text, table->shape, thing);
	if (result == NULL)
		return MM_NO;
	out_found->policy = result->policy;
	return MM_YES;
}
