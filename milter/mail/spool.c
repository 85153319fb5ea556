/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool.c: octets in memory, or in a file without a name.
 */
#include <config.h>

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mailmend/spool.h>

#include "buffer-private.h"

void
mm_spool_init (MmSpool *spool, gsize threshold, const char *folder)
{
	*spool = (MmSpool){.threshold = threshold, .folder = folder, .fd = -1};
}

void
mm_spool_clear (MmSpool *spool)
{
	mm_buffer_clear (&spool->memory);
	g_clear_pointer (&spool->error, g_free);
	if (spool->fd >= 0)
		close (spool->fd);
	spool->fd = -1;
	spool->len = 0;
}

static gboolean
fail (MmSpool *spool, int error)
{
	if (spool->error == NULL)
		spool->error = spool->folder != NULL && error != ENOMEM
		                       ? g_strdup_printf ("%s: %s", spool->folder,
		                                          g_strerror (error))
		                       : g_strdup ("out of memory");
	return FALSE;
}

/* ---- the file -------------------------------------------------------------------------------- */

gboolean
mm_write_all (int fd, MmBytes bytes)
{
	while (bytes.len > 0) {
		gssize n = write (fd, bytes.data, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return FALSE;
		bytes = mm_bytes_sub (bytes, (gsize) n, bytes.len);
	}
	return TRUE;
}

static gboolean
write_all (MmSpool *spool, MmBytes bytes)
{
	return mm_write_all (spool->fd, bytes) || fail (spool, errno);
}

static gboolean
move_to_file (MmSpool *spool)
{
	spool->fd = mm_open_unnamed (spool->folder);
	if (spool->fd < 0)
		return fail (spool, errno);
	if (!write_all (spool, mm_buffer_bytes (&spool->memory)))
		return FALSE;
	mm_buffer_clear (&spool->memory);
	return TRUE;
}

static void
unmap (gpointer data)
{
	MmBytes *mapped = data;

	munmap ((char *) mapped->data, mapped->len);
	g_free (mapped);
}

/* Nobody else can reach the file, so it does not change or shrink under the mapping. */
static GBytes *
map (MmSpool *spool)
{
	gsize len = spool->len;
	char *data = mmap (NULL, len, PROT_READ, MAP_SHARED, spool->fd, 0);
	MmBytes *mapped;

	if (data == MAP_FAILED) {
		fail (spool, errno);
		return NULL;
	}
	close (spool->fd);
	spool->fd = -1;
	mapped = g_new (MmBytes, 1);
	*mapped = mm_bytes (data, len);
	return g_bytes_new_with_free_func (data, len, unmap, mapped);
}

/* Small pieces are gathered before they are written. */
#define PIECE 32768

static gboolean
flush (MmSpool *spool)
{
	gboolean fine = write_all (spool, mm_buffer_bytes (&spool->memory));

	spool->memory.len = 0;
	return fine;
}

/* ---- both ------------------------------------------------------------------------------------ */

void
mm_spool_expect (MmSpool *spool, gsize more)
{
	if (spool->folder == NULL || spool->len + more <= spool->threshold)
		mm_buffer_reserve (&spool->memory, more);
	else if (spool->fd < 0)
		move_to_file (spool);
}

gboolean
mm_spool_append (MmSpool *spool, MmBytes bytes)
{
	gsize len = spool->len + bytes.len;

	if (spool->error != NULL)
		return FALSE;
	if (spool->fd < 0 && spool->folder != NULL && len > spool->threshold &&
	    !move_to_file (spool))
		return FALSE;
	if (spool->fd >= 0 && spool->memory.len + bytes.len > PIECE && !flush (spool))
		return FALSE;
	if (spool->fd >= 0 && bytes.len > PIECE) {
		if (!write_all (spool, bytes))
			return FALSE;
	} else if (!mm_buffer_append (&spool->memory, bytes))
		return fail (spool, ENOMEM);
	spool->len = len;
	return TRUE;
}

GBytes *
mm_spool_finish (MmSpool *spool)
{
	GBytes *bytes;

	if (spool->error != NULL || (spool->fd >= 0 && !flush (spool)))
		return NULL;
	bytes = spool->fd >= 0 && spool->len > 0 ? map (spool) : mm_buffer_steal (&spool->memory);
	if (bytes == NULL)
		fail (spool, ENOMEM);
	else
		spool->len = 0;
	return bytes;
}
