/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table-lmdb.c: tables as postmap(1) makes them of type lmdb.
 *
 * postmap rebuilds a table in place, in one transaction, and takes no part in LMDB's table of
 * readers (MDB_NOLOCK). So a page of the snapshot that is being read may be written over: not by
 * the next transaction, nor, as LMDB frees pages, by the one that frees it, but by one that begins
 * after another commit. Therefore the transactions that have been committed are counted after each
 * look: if it is more than one, what was read is thrown away. No lock of the file is ever waited
 * for.
 *
 * The file may also be replaced by another one, or be cut off by who copies over it: its inode and
 * size are looked at each time. What remains is a copy that cuts it off within the microseconds of
 * a look-up; that cannot be caught, and the manual says to move files, not to copy over them.
 *
 * LMDB ends the program where a page is damaged (an assertion). Here it jumps out instead; the
 * environment is thrown away then.
 */
#include <config.h>

#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/stat.h>

#include "table-private.h"

#define MAX_KEY 511 /* LMDB's own, as everybody builds it */
#define CUT_OFF (-1) /* a failure of our own: LMDB has none from -1 to -30000 */

/* One of LMDB's functions, which may jump out. */
typedef int (*Step) (MmLmdb *lmdb);

struct _MmLmdb {
	pthread_mutex_t lock;
	char *name; /* as postmap takes it */
	char *path; /* with .lmdb */
	/* under the lock: */
	MDB_env *env; /* NULL: not open */
	MDB_txn *txn; /* reset while nobody looks */
	MDB_dbi dbi;
	struct stat status; /* of the file that is open */
	gsize page_size;
	gsize last_id;      /* of the transaction that the next was found for */
	gboolean has_nul;   /* keys end in NUL, as postmap writes them nearly everywhere */
	MDB_val key;        /* of the look-up that is made */
	MDB_val value;
	int failure;        /* of the look-ups since begin */
	jmp_buf jump;
};

/* ---- guard ----------------------------------------------------------------------------------- */

static void
assertion_failed (MDB_env *env, const char *text G_GNUC_UNUSED)
{
	MmLmdb *lmdb = mdb_env_get_userctx (env);

	longjmp (lmdb->jump, 1);
}

static int
guarded (MmLmdb *lmdb, Step step)
{
	if (setjmp (lmdb->jump) != 0)
		return MDB_CORRUPTED;
	return step (lmdb);
}

static int
step_renew (MmLmdb *lmdb)
{
	return mdb_txn_renew (lmdb->txn);
}

static int
step_get (MmLmdb *lmdb)
{
	return mdb_get (lmdb->txn, lmdb->dbi, &lmdb->key, &lmdb->value);
}

/* The first key of the table shows whether keys end in NUL. */
static int
step_first (MmLmdb *lmdb)
{
	MDB_cursor *cursor = NULL;
	int failure = mdb_cursor_open (lmdb->txn, lmdb->dbi, &cursor);

	if (failure != 0)
		return failure;
	failure = mdb_cursor_get (cursor, &lmdb->key, &lmdb->value, MDB_FIRST);
	mdb_cursor_close (cursor);
	return failure;
}

/* ---- file ------------------------------------------------------------------------------------ */

static void
close_env (MmLmdb *lmdb)
{
	g_clear_pointer (&lmdb->txn, mdb_txn_abort);
	g_clear_pointer (&lmdb->env, mdb_env_close);
	lmdb->last_id = 0;
}

static int
step_begin (MmLmdb *lmdb)
{
	int failure = mdb_txn_begin (lmdb->env, NULL, MDB_RDONLY, &lmdb->txn);

	if (failure == 0)
		failure = mdb_dbi_open (lmdb->txn, NULL, 0, &lmdb->dbi);
	if (lmdb->txn != NULL)
		mdb_txn_reset (lmdb->txn);
	return failure;
}

static int
open_env (MmLmdb *lmdb)
{
	static const guint flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS | MDB_RDONLY;
	MDB_stat info;
	int failure = mdb_env_create (&lmdb->env);

	if (failure != 0)
		return failure;
	mdb_env_set_userctx (lmdb->env, lmdb);
	mdb_env_set_assert (lmdb->env, assertion_failed);
	failure = mdb_env_open (lmdb->env, lmdb->path, flags, 0);
	if (failure == 0)
		failure = mdb_env_stat (lmdb->env, &info);
	if (failure == 0) {
		lmdb->page_size = info.ms_psize;
		failure = guarded (lmdb, step_begin);
	}
	if (failure != 0)
		close_env (lmdb);
	return failure;
}

/* TRUE if all pages in use are there. */
static gboolean
is_whole (const MmLmdb *lmdb, const struct stat *status)
{
	gsize size = (gsize) status->st_size;
	MDB_envinfo info;

	/* the first two pages say how many there are */
	if (size < 2 * lmdb->page_size)
		return FALSE;
	mdb_env_info (lmdb->env, &info);
	return info.me_last_pgno < size / lmdb->page_size;
}

/* Opens what is there now. 0, an errno, CUT_OFF, or an error of LMDB. */
static int
open_current (MmLmdb *lmdb)
{
	struct stat now;

	if (stat (lmdb->path, &now) < 0) {
		int failure = errno;

		close_env (lmdb);
		return failure;
	}
	if (now.st_size == 0)
		return CUT_OFF; /* LMDB would want to write */
	if (lmdb->env != NULL &&
	    (now.st_ino != lmdb->status.st_ino || now.st_dev != lmdb->status.st_dev))
		close_env (lmdb);
	if (lmdb->env == NULL) {
		int failure = open_env (lmdb);

		if (failure != 0)
			return failure;
		lmdb->status = now;
	}
	return is_whole (lmdb, &now) ? 0 : CUT_OFF;
}

static const char *
reason (int failure)
{
	return failure == CUT_OFF ? "the file is cut off" : mdb_strerror (failure);
}

static char *
failure_text (const MmLmdb *lmdb, int failure)
{
	return g_strdup_printf ("table lmdb:%s: %s", lmdb->name, reason (failure));
}

MmLmdb *
mm_lmdb_new (const char *path, char **out_error)
{
	MmLmdb *lmdb = g_new0 (MmLmdb, 1);
	int failure;

	pthread_mutex_init (&lmdb->lock, NULL);
	lmdb->name = g_strdup (path);
	lmdb->path = g_strconcat (path, ".lmdb", NULL);
	failure = open_current (lmdb);
	if (failure == 0)
		return lmdb;
	*out_error = g_strdup_printf ("the table %s cannot be opened: %s", lmdb->path,
	                              reason (failure));
	mm_lmdb_free (lmdb);
	return NULL;
}

void
mm_lmdb_free (MmLmdb *lmdb)
{
	close_env (lmdb);
	pthread_mutex_destroy (&lmdb->lock);
	g_free (lmdb->name);
	g_free (lmdb->path);
	g_free (lmdb);
}

/* ---- look-up --------------------------------------------------------------------------------- */

/* A new snapshot; with the form of keys, where it is another than the last one. */
static int
renew (MmLmdb *lmdb)
{
	int failure = open_current (lmdb);

	if (failure == 0)
		failure = guarded (lmdb, step_renew);
	if (failure == MDB_MAP_RESIZED) {
		close_env (lmdb);
		failure = open_current (lmdb);
		if (failure == 0)
			failure = guarded (lmdb, step_renew);
	}
	if (failure != 0 || mdb_txn_id (lmdb->txn) == lmdb->last_id)
		return failure;
	failure = guarded (lmdb, step_first);
	if (failure == MDB_NOTFOUND)
		return 0;
	if (failure == 0) {
		const char *key = lmdb->key.mv_data;

		lmdb->has_nul = lmdb->key.mv_size > 0 && key[lmdb->key.mv_size - 1] == '\0';
		lmdb->last_id = mdb_txn_id (lmdb->txn);
	}
	return failure;
}

gboolean
mm_lmdb_begin (MmLmdb *lmdb, char **out_error)
{
	pthread_mutex_lock (&lmdb->lock);
	lmdb->failure = renew (lmdb);
	if (lmdb->failure == 0)
		return TRUE;
	*out_error = failure_text (lmdb, lmdb->failure);
	close_env (lmdb);
	pthread_mutex_unlock (&lmdb->lock);
	return FALSE;
}

/* A value without the NUL, and blanks, at its end. */
static void
take_value (const MDB_val *value, MmFound *out)
{
	const char *text = value->mv_data;
	gsize len = value->mv_size;
	gsize nul = 0;

	while (nul < len && text[nul] != '\0')
		nul++;
	len = nul;
	while (len > 0 && g_ascii_isspace (text[len - 1]))
		len--;
	out->is_cut = len > MM_TABLE_MAX_RESULT;
	len = MIN (len, MM_TABLE_MAX_RESULT);
	memcpy (out->name, text, len);
	out->name[len] = '\0';
}

MmTruth
mm_lmdb_get (MmLmdb *lmdb, char prefix, const char *key, MmFound *out_found)
{
	char buffer[MAX_KEY + 1];
	gsize at = prefix != '\0';
	gsize len = strlen (key);
	int failure;

	if (lmdb->failure != 0)
		return MM_FAILED;
	if (at + len + lmdb->has_nul > MAX_KEY || at + len == 0)
		return MM_NO;
	buffer[0] = prefix;
	memcpy (buffer + at, key, len + 1);
	lmdb->key = (MDB_val){at + len + lmdb->has_nul, buffer};
	failure = guarded (lmdb, step_get);
	if (failure == MDB_NOTFOUND)
		return MM_NO;
	if (failure != 0) {
		lmdb->failure = failure;
		return MM_FAILED;
	}
	take_value (&lmdb->value, out_found);
	return MM_YES;
}

gboolean
mm_lmdb_end (MmLmdb *lmdb, char **out_error)
{
	gsize seen = mdb_txn_id (lmdb->txn);
	gboolean good = FALSE;
	MDB_envinfo info;

	mdb_env_info (lmdb->env, &info);
	if (info.me_last_txnid > seen + 1)
		lmdb->last_id = 0; /* ask again, whatever was seen */
	else if (lmdb->failure != 0)
		*out_error = failure_text (lmdb, lmdb->failure);
	else
		good = TRUE;
	mdb_txn_reset (lmdb->txn);
	if (lmdb->failure != 0)
		close_env (lmdb);
	pthread_mutex_unlock (&lmdb->lock);
	return good;
}
