/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table-private.h: tables, from inside.
 */
#pragma once

#include "config-private.h"

G_BEGIN_DECLS

typedef struct _MmTextTable MmTextTable;
typedef struct _MmLmdb MmLmdb;

struct _MmTable {
	char *path;      /* as in the configuration */
	MmShape shape;
	guint file;      /* where it is named first: for problems */
	guint line;
	const char *key;
	gboolean is_lmdb;
	gboolean names_policies; /* a rule with Policy = TABLE asks it */
	MmTextTable *text;
	MmLmdb *lmdb;    /* has its own lock */
};

/* The end of @domain that can stand in a table: a hostile one has thousands of labels. */
const char *mm_table_domain_end (const char *domain);

/* ---- text (table-text.c) --------------------------------------------------------------------- */

/* What stands behind patterns, each word once. */
typedef struct {
	const char *name;
	guint line; /* where it stands first */
	const MmPolicy *policy;
} MmTableResult;

struct _MmTextTable {
	char *content;        /* keys and names point into it */
	GPtrArray *more;      /* of char *: keys that have become longer */
	GHashTable *exact;    /* "user@domain", users; "" for <>: each -> entry + 1 */
	GHashTable *domains;  /* "domain" */
	GHashTable *below;    /* "domain" for .domain */
	GHashTable *networks; /* MmNetwork */
	GPtrArray *keys;      /* of MmNetwork */
	gboolean has_bits[129]; /* lengths of networks */
	GArray *entries;      /* of MmTableEntry */
	GArray *results;      /* of MmTableResult; the first stands for none */
	GHashTable *by_name;  /* of the same: name -> index */
	guint bare_line;      /* the first line without a result, or 0 */
};

typedef struct {
	guint line;
	guint result;
} MmTableEntry;

/* Reads the file at @path; its problems are in its own name, but those of opening it are the
 * caller's: they begin with @key. NULL if it cannot be opened. (transfer full) */
MmTextTable *mm_text_table_read (const char *path, MmShape shape, const char *key, guint line,
                                 MmProblems *problems);
void mm_text_table_free (MmTextTable *table);
/* The result of @thing, or NULL if nothing fits. */
const MmTableResult *mm_text_table_find (const MmTextTable *table, MmShape shape,
                                         const MmThing *thing);

/* ---- lmdb (table-lmdb.c) --------------------------------------------------------------------- */

/* Opens PATH.lmdb. NULL with a text in @out_error (transfer full) if that fails. */
MmLmdb *mm_lmdb_new (const char *path, char **out_error);
void mm_lmdb_free (MmLmdb *lmdb);

/* One consistent view of the table: begin, get as often as needed, end. FALSE with a text in
 * @out_error if it cannot be had; then there is nothing to end. Holds the lock of @lmdb. */
gboolean mm_lmdb_begin (MmLmdb *lmdb, char **out_error);
/* YES with the value in @out_found, NO, or MM_FAILED: mm_lmdb_end () says why. The key is @prefix
 * (or '\0': none) and @key. */
MmTruth mm_lmdb_get (MmLmdb *lmdb, char prefix, const char *key, MmFound *out_found);
/* FALSE: what was got counts for nothing. With a text in @out_error if asking again is of no use. */
gboolean mm_lmdb_end (MmLmdb *lmdb, char **out_error);

G_END_DECLS
