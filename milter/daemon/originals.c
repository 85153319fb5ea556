/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * originals.c: KeepOriginals: how much there is and may be, and one message into its files.
 *
 * The sum of a folder is counted once and then kept; each look for old files counts it anew, since
 * an administrator may have removed some. Room is taken before a message is written and given back
 * if that fails, so the lock is never held while a disk works, and many messages are written at a
 * time. A message that began under another configuration may still name another folder, hence a
 * few accounts.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailmend/error.h>

#include "originals-folder.h"
#include "originals.h"

/* A folder that is full is looked through for old files no more often. */
#define FULL_SECONDS 5

#define MAX_ACCOUNTS 4

typedef struct {
	char *path;
	guint64 total;
	guint64 changes; /* of total by messages */
	gint64 looked;   /* through: monotonic time */
} Account;

struct _MmOriginals {
	pthread_mutex_t lock;
	GPtrArray *accounts; /* of Account, the youngest last */
	int number;          /* atomic: of temporary files */
};

static void
account_free (gpointer data)
{
	Account *account = data;

	g_free (account->path);
	g_free (account);
}

MmOriginals *
mm_originals_new (void)
{
	MmOriginals *originals = g_new0 (MmOriginals, 1);

	pthread_mutex_init (&originals->lock, NULL);
	originals->accounts = g_ptr_array_new_with_free_func (account_free);
	return originals;
}

/* With the lock held. */
static Account *
account_of (MmOriginals *originals, const char *path)
{
	Account *account;

	for (guint i = 0; i < originals->accounts->len; i++) {
		account = g_ptr_array_index (originals->accounts, i);
		if (g_str_equal (account->path, path))
			return account;
	}
	if (originals->accounts->len == MAX_ACCOUNTS)
		g_ptr_array_remove_index (originals->accounts, 0);
	account = g_new0 (Account, 1);
	account->path = g_strdup (path);
	g_ptr_array_add (originals->accounts, account);
	return account;
}

/* Removes what is too old and counts the rest, unless messages came meanwhile: what they took is in
 * the sum already, but whether it was counted too nobody knows. */
static void
look_through (MmOriginals *originals, const MmSettings *settings, int folder)
{
	const char *path = settings->keep_originals;
	gint64 now = g_get_real_time () / G_USEC_PER_SEC;
	guint64 changes, before, after;
	Account *account;

	pthread_mutex_lock (&originals->lock);
	account = account_of (originals, path);
	account->looked = g_get_monotonic_time ();
	changes = account->changes;
	pthread_mutex_unlock (&originals->lock);
	before = mm_folder_size (folder);
	mm_folder_expire (folder, now - settings->keep_originals_age);
	after = mm_folder_size (folder);
	pthread_mutex_lock (&originals->lock);
	account = account_of (originals, path);
	if (account->changes == changes)
		account->total = after;
	else {
		guint64 removed = before > after ? before - after : 0;

		/* Two who look at the same time see the same files go. */
		account->total -= MIN (account->total, removed);
		account->total = MAX (account->total, after);
	}
	pthread_mutex_unlock (&originals->lock);
}

/* ---- the folder ------------------------------------------------------------------------------ */

int
mm_originals_try (const char *path)
{
	g_autofree char *above = g_path_get_dirname (path);
	struct stat info;

	if (stat (path, &info) == 0) {
		if (!S_ISDIR (info.st_mode))
			return ENOTDIR;
		return access (path, R_OK | W_OK | X_OK) == 0 ? 0 : errno;
	}
	if (errno != ENOENT)
		return errno;
	return access (above, W_OK | X_OK) == 0 ? 0 : errno;
}

static gboolean
can_write (MmOriginals *originals, int folder, GError **error)
{
	guint number = (guint) g_atomic_int_add (&originals->number, 1);
	g_autofree char *file = mm_folder_write (folder, number, NULL, 0, error);

	return file != NULL && unlinkat (folder, file, 0) == 0;
}

gboolean
mm_originals_open (MmOriginals *originals, const MmSettings *settings, GError **error)
{
	const char *path = settings->keep_originals;
	gboolean fine;
	int folder;

	if (path == NULL)
		return TRUE;
	if (mkdir (path, 0700) != 0 && errno != EEXIST) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "KeepOriginals = %s: cannot be made: %s",
		             path, g_strerror (errno));
		return FALSE;
	}
	folder = mm_folder_open (path, error);
	if (folder < 0)
		return FALSE;
	fine = can_write (originals, folder, error);
	if (fine)
		look_through (originals, settings, folder);
	else
		g_prefix_error (error, "%s: ", path);
	close (folder);
	return fine;
}

void
mm_originals_tidy (MmOriginals *originals, const MmSettings *settings)
{
	int folder;

	if (settings->keep_originals == NULL)
		return;
	folder = mm_folder_open (settings->keep_originals, NULL);
	if (folder < 0)
		return;
	look_through (originals, settings, folder);
	close (folder);
}

/* ---- room ------------------------------------------------------------------------------------ */

/* Takes @size octets of the folder, or says when it was last looked through. */
static gboolean
take (MmOriginals *originals, const MmSettings *settings, guint64 size, gint64 *out_looked)
{
	Account *account;
	gboolean fits;

	pthread_mutex_lock (&originals->lock);
	account = account_of (originals, settings->keep_originals);
	fits = size <= settings->keep_originals_size &&
	       account->total <= settings->keep_originals_size - size;
	/* One that was never looked through holds nobody knows what. */
	fits = fits && account->looked != 0;
	if (fits) {
		account->total += size;
		account->changes++;
	}
	*out_looked = account->looked;
	pthread_mutex_unlock (&originals->lock);
	return fits;
}

static void
give_back (MmOriginals *originals, const MmSettings *settings, guint64 size)
{
	Account *account;

	pthread_mutex_lock (&originals->lock);
	account = account_of (originals, settings->keep_originals);
	account->total -= MIN (account->total, size);
	account->changes++;
	pthread_mutex_unlock (&originals->lock);
}

static gboolean
find_room (MmOriginals *originals, const MmSettings *settings, int folder, guint64 size,
           GError **error)
{
	gint64 looked;

	if (take (originals, settings, size, &looked))
		return TRUE;
	if (looked == 0 ||
	    g_get_monotonic_time () - looked >= FULL_SECONDS * G_USEC_PER_SEC) {
		look_through (originals, settings, folder);
		if (take (originals, settings, size, &looked))
			return TRUE;
	}
	g_set_error (error, MM_ERROR, MM_ERROR_LIMIT,
	             "KeepOriginals: %s is full (KeepOriginalsSize = %" G_GSIZE_FORMAT
	             "): raise it, shorten KeepOriginalsAge or remove files",
	             settings->keep_originals, settings->keep_originals_size);
	return FALSE;
}

/* ---- one message ----------------------------------------------------------------------------- */

#define N_PIECES 3

static void
pieces_of (const MmMessage *message, MmBytes *out)
{
	out[0] = mm_message_header_block (message);
	out[1] = mm_message_separator (message);
	out[2] = mm_message_body (message);
}

/* Writes the three files and gives them their names. */
static gboolean
store (MmOriginals *originals, int folder, const MmOriginal *original, const char *envelope,
       GError **error)
{
	MmBytes pieces[MM_N_KEPT][N_PIECES] = {{mm_bytes_str (envelope)}};
	char *files[MM_N_KEPT] = {NULL};
	gboolean fine = TRUE;

	pieces_of (original->judgement->message, pieces[MM_KEPT_MENDED]);
	pieces_of (original->received, pieces[MM_KEPT_RECEIVED]);
	for (guint i = 0; fine && i < MM_N_KEPT; i++) {
		guint number = (guint) g_atomic_int_add (&originals->number, 1);

		files[i] = mm_folder_write (folder, number, pieces[i], N_PIECES, error);
		fine = files[i] != NULL;
	}
	fine = fine && mm_folder_publish (folder, original->queue_id, files, error);
	for (guint i = 0; i < MM_N_KEPT; i++) {
		if (files[i] != NULL && !fine)
			(void) unlinkat (folder, files[i], 0);
		g_free (files[i]);
	}
	return fine;
}

gboolean
mm_originals_keep (MmOriginals *originals, const MmSettings *settings, const MmOriginal *original,
                   GError **error)
{
	g_autofree char *envelope = mm_originals_envelope (original);
	guint64 size = strlen (envelope) + mm_message_size (original->received) +
	               mm_message_size (original->judgement->message);
	int folder = mm_folder_open (settings->keep_originals, error);
	gboolean fine;

	if (folder < 0)
		return FALSE;
	fine = find_room (originals, settings, folder, size, error);
	if (fine && !store (originals, folder, original, envelope, error)) {
		give_back (originals, settings, size);
		fine = FALSE;
	}
	close (folder);
	return fine;
}
