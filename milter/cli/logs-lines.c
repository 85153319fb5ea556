/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-lines.c: a log as lines. Rotated logs are told by their first octets, not by their names, so
 * that standard input may be compressed as well.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

#include <mailmend/error.h>

#include "logs-lines.h"

#define MAX_LINE ((gsize) 1024 * 1024)
#define CHUNK ((gsize) 256 * 1024)
#define BUFFER (MAX_LINE + CHUNK)

/* Less than this is too little to decompress well. */
#define FEW ((gsize) 16 * 1024)

struct _MmLines {
	int fd;
	gint64 written;
	GConverter *gunzip;  /* NULL: it is plain */
	gboolean in_member;  /* octets of a gzip member were given to gunzip, and more are to come */
	gboolean read_all;   /* of the file */
	gboolean cut;        /* the end of a line that was too long is to be passed over */
	char *packed;        /* what was read and is to be decompressed */
	gsize packed_at, packed_end;
	char *buffer;        /* what is to be given */
	gsize at, end;
};

/* ---- what the file holds ---------------------------------------------------------------------- */

static gboolean
fail (GError **error)
{
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "%s", g_strerror (errno));
	return FALSE;
}

static gboolean
read_some (MmLines *lines, char *to, gsize room, gsize *out_len, GError **error)
{
	gssize len;

	do
		len = read (lines->fd, to, room);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return fail (error);
	lines->read_all = len == 0;
	*out_len = (gsize) len;
	return TRUE;
}

static gboolean
fill_packed (MmLines *lines, GError **error)
{
	gsize left = lines->packed_end - lines->packed_at;
	gsize len;

	if (lines->read_all || left >= FEW)
		return TRUE;
	memmove (lines->packed, lines->packed + lines->packed_at, left);
	lines->packed_at = 0;
	lines->packed_end = left;
	if (!read_some (lines, lines->packed + left, CHUNK, &len, error))
		return FALSE;
	lines->packed_end += len;
	return TRUE;
}

/* Behind a member there may be another, or the zeros of a tape's block. */
static void
skip_padding (MmLines *lines)
{
	while (!lines->in_member && lines->packed_at < lines->packed_end &&
	       lines->packed[lines->packed_at] == '\0')
		lines->packed_at++;
}

static gboolean
decompress (MmLines *lines, char *to, gsize room, gsize *out_len, GError **error)
{
	g_autoptr (GError) cause = NULL;
	GConverterResult result;
	gsize used = 0;

	*out_len = 0;
	if (!fill_packed (lines, error))
		return FALSE;
	skip_padding (lines);
	if (lines->packed_at == lines->packed_end && !lines->in_member)
		return TRUE;
	result = g_converter_convert (lines->gunzip, lines->packed + lines->packed_at,
	                              lines->packed_end - lines->packed_at, to, room,
	                              lines->read_all ? G_CONVERTER_INPUT_AT_END : 0, &used,
	                              out_len, &cause);
	lines->packed_at += used;
	lines->in_member = result != G_CONVERTER_FINISHED;
	if (result == G_CONVERTER_FINISHED)
		g_converter_reset (lines->gunzip);
	if (result != G_CONVERTER_ERROR ||
	    (!lines->read_all && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)))
		return TRUE;
	*out_len = 0;
	lines->read_all = TRUE;
	lines->packed_at = lines->packed_end;
	lines->in_member = FALSE;
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "%s; what stands before it was read",
	             g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)
	                     ? "the compressed log is cut off"
	                     : cause->message);
	return FALSE;
}

static gboolean
is_done (const MmLines *lines)
{
	return lines->read_all && lines->packed_at == lines->packed_end && !lines->in_member;
}

/* Makes the buffer longer by at least an octet unless the file is at its end. */
static gboolean
fill (MmLines *lines, GError **error)
{
	gsize before;

	memmove (lines->buffer, lines->buffer + lines->at, lines->end - lines->at);
	lines->end -= lines->at;
	lines->at = 0;
	before = lines->end;
	while (lines->end == before && !is_done (lines)) {
		char *to = lines->buffer + lines->end;
		gsize room = BUFFER - lines->end;
		gsize len;

		if (lines->gunzip != NULL ? !decompress (lines, to, room, &len, error)
		                          : !read_some (lines, to, room, &len, error))
			return FALSE;
		lines->end += len;
	}
	return TRUE;
}

/* ---- opening ---------------------------------------------------------------------------------- */

static const struct {
	const char *magic;
	gsize len;
	const char *tool;
} others[] = {
	{"\xfd" "7zXZ\0", 6, "xz -dc"},
	{"\x28\xb5\x2f\xfd", 4, "zstd -dc"},
	{"BZh", 3, "bzip2 -dc"},
	{"\x04\x22\x4d\x18", 4, "lz4 -dc"},
	{"LPKSHHRH", 8, "journalctl -o export --file="},
};

/* The first octets say what the file is. */
static gboolean
look (MmLines *lines, GError **error)
{
	if (!fill (lines, error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS (others); i++) {
		if (lines->end < others[i].len ||
		    memcmp (lines->buffer, others[i].magic, others[i].len) != 0)
			continue;
		g_set_error (error, MM_ERROR, MM_ERROR_IO,
		             "no text and not compressed by gzip: give the output of '%s' on "
		             "standard input", others[i].tool);
		return FALSE;
	}
	if (lines->end < 2 || memcmp (lines->buffer, "\x1f\x8b", 2) != 0)
		return TRUE;
	lines->gunzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
	lines->packed = g_malloc (BUFFER);
	memcpy (lines->packed, lines->buffer, lines->end);
	lines->packed_end = lines->end;
	lines->end = 0;
	return TRUE;
}

static gboolean
open_path (MmLines *lines, const char *path, GError **error)
{
	struct stat st;

	lines->fd = g_str_equal (path, "-") ? dup (STDIN_FILENO)
	                                    : open (path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (lines->fd < 0 || fstat (lines->fd, &st) != 0)
		return fail (error);
	if (S_ISDIR (st.st_mode)) {
		errno = EISDIR;
		return fail (error);
	}
	if (S_ISREG (st.st_mode))
		lines->written = (gint64) st.st_mtime;
	return TRUE;
}

MmLines *
mm_lines_open (const char *path, GError **error)
{
	g_autoptr (MmLines) lines = g_new0 (MmLines, 1);

	lines->written = g_get_real_time () / G_USEC_PER_SEC;
	lines->buffer = g_malloc (BUFFER);
	if (!open_path (lines, path, error) || !look (lines, error))
		return NULL;
	return g_steal_pointer (&lines);
}

void
mm_lines_free (MmLines *lines)
{
	if (lines == NULL)
		return;
	if (lines->fd >= 0)
		close (lines->fd);
	g_clear_object (&lines->gunzip);
	g_free (lines->packed);
	g_free (lines->buffer);
	g_free (lines);
}

gint64
mm_lines_written (const MmLines *lines)
{
	return lines->written;
}

/* ---- giving ------------------------------------------------------------------------------------ */

/* To the next line end, or as much as a line may have. FALSE: with an error, or at the end. */
static gboolean
take (MmLines *lines, MmBytes *out, gboolean *out_ended, GError **error)
{
	gsize seen = 0;

	for (;;) {
		const char *from = lines->buffer + lines->at;
		gsize len = lines->end - lines->at;
		const char *lf = memchr (from + seen, '\n', len - seen);

		*out_ended = lf != NULL;
		if (lf != NULL)
			len = (gsize) (lf - from);
		if (lf != NULL || len >= MAX_LINE || (is_done (lines) && len > 0)) {
			*out = mm_bytes (from, MIN (len, MAX_LINE));
			lines->at += out->len + (lf != NULL && len <= MAX_LINE ? 1 : 0);
			*out_ended = (lf != NULL && len <= MAX_LINE) || lines->at == lines->end;
			return TRUE;
		}
		if (is_done (lines) || !fill (lines, error))
			return FALSE;
		seen = len;
	}
}

gboolean
mm_lines_next (MmLines *lines, MmBytes *out_line, GError **error)
{
	gboolean ended = FALSE;

	while (lines->cut) {
		if (!take (lines, out_line, &ended, error))
			return FALSE;
		lines->cut = !ended;
	}
	if (!take (lines, out_line, &ended, error))
		return FALSE;
	lines->cut = !ended && out_line->len == MAX_LINE;
	if (out_line->len > 0 && out_line->data[out_line->len - 1] == '\r')
		out_line->len--;
	return TRUE;
}

/* At least @len octets (at most MAX_LINE + 1) in the buffer; FALSE with an error or without. */
static gboolean
have (MmLines *lines, gsize len, GError **error)
{
	while (lines->end - lines->at < len)
		if (is_done (lines) || !fill (lines, error))
			return FALSE;
	return TRUE;
}

gboolean
mm_lines_field (MmLines *lines, MmBytes *out_value, GError **error)
{
	guint64 len;

	*out_value = mm_bytes ("", 0);
	if (!have (lines, sizeof len, error))
		return FALSE;
	memcpy (&len, lines->buffer + lines->at, sizeof len);
	len = GUINT64_FROM_LE (len);
	lines->at += sizeof len;
	if (len <= MAX_LINE) {
		if (!have (lines, (gsize) len + 1, error))
			return FALSE;
		*out_value = mm_bytes (lines->buffer + lines->at, (gsize) len);
		lines->at += (gsize) len + 1;
		return TRUE;
	}
	while (len > 0) {
		gsize step = (gsize) MIN (len, lines->end - lines->at);

		lines->at += step;
		len -= step;
		if (len > 0 && !have (lines, 1, error))
			return FALSE;
	}
	if (!have (lines, 1, error))
		return FALSE;
	lines->at++;
	return TRUE;
}
