/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * buffer-file.c: buffers that lie in a file without a name, mapped.
 *
 * What a large part is decoded or encoded to would take several times its size of memory, for each
 * message that is judged at the moment. The system can write pages of a file back when it needs the
 * memory; it cannot do that with ours.
 *
 * The room is taken from the file system before it is written to (posix_fallocate): a page that
 * finds no room when it is touched would end the process.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buffer-private.h"

/* Not every file system makes files without a name; one that is removed at once is the same. */
int
mm_open_unnamed (const char *folder)
{
	g_autofree char *name = NULL;
	int fd = -1;

#ifdef O_TMPFILE
	fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
#endif
	name = g_build_filename (folder, "mailmend-XXXXXX", NULL);
	fd = mkostemp (name, O_CLOEXEC);
	if (fd >= 0)
		unlink (name);
	return fd;
}

/* The first @size octets of @fd, or NULL. */
static char *
map (int fd, gsize from, gsize size)
{
	char *data;

	if (size > G_MAXINT64 || posix_fallocate (fd, (off_t) from, (off_t) (size - from)) != 0)
		return NULL;
	data = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return data != MAP_FAILED ? data : NULL;
}

/* @buffer with @data, of @size octets, in the place of what it had. */
static gboolean
move_to (MmBuffer *buffer, char *data, gsize size, gboolean in_file, int fd)
{
	gsize len = buffer->len;
	MmBuffer old = *buffer;

	if (data == NULL) {
		buffer->failed = TRUE;
		return FALSE;
	}
	/* A longer mapping of the same file holds the same octets. */
	if (len > 0 && !(in_file && old.in_file))
		memcpy (data, old.data, len);
	if (old.in_file)
		munmap (old.data, old.size);
	else
		g_free (old.data);
	if (old.in_file && !in_file)
		close (old.fd);
	buffer->data = data;
	buffer->size = size;
	buffer->in_file = in_file;
	buffer->fd = fd;
	return TRUE;
}

gboolean
mm_buffer_grow_in_file (MmBuffer *buffer, gsize size)
{
	int fd = buffer->in_file ? buffer->fd : mm_open_unnamed (buffer->folder);
	char *data = fd >= 0 ? map (fd, buffer->in_file ? buffer->size : 0, size) : NULL;

	if (data != NULL)
		return move_to (buffer, data, size, TRUE, fd);
	if (fd >= 0 && !buffer->in_file)
		close (fd);
	/* It is not asked for again. */
	buffer->folder = NULL;
	return move_to (buffer, g_try_malloc (size), size, FALSE, -1);
}

void
mm_buffer_leave_file (MmBuffer *buffer)
{
	munmap (buffer->data, buffer->size);
	close (buffer->fd);
	buffer->data = NULL;
	buffer->in_file = FALSE;
}

static void
unmap (gpointer data)
{
	MmBytes *mapped = data;

	munmap ((char *) mapped->data, mapped->len);
	g_free (mapped);
}

GBytes *
mm_buffer_steal_file (MmBuffer *buffer)
{
	MmBytes *mapped = g_new (MmBytes, 1);
	gsize len = buffer->len;

	*mapped = mm_bytes (buffer->data, buffer->size);
	close (buffer->fd);
	buffer->data = NULL;
	buffer->in_file = FALSE;
	return g_bytes_new_with_free_func (mapped->data, len, unmap, mapped);
}
