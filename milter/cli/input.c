/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input.c: reads messages out of files.
 *
 * A file is read line by line through one bounded buffer, so that an mbox may be larger than
 * memory; only one message is kept at a time, and none beyond the limit.
 *
 * An mbox (RFC 4155, and what is found in the wild) has a line that begins with "From " before each
 * message and an empty line after each. That line counts only at the start or behind an empty
 * line. ">From " is left as it is: nobody can tell whether it was quoted.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <mailmend/message.h>

#include "command-private.h"
#include "input-folder.h"
#include "input.h"

#define READ_SIZE (64 * 1024)

static const char from_line[] = "From ";

/* ---- line ends ------------------------------------------------------------------------------ */

gboolean
mm_input_is_local (MmBytes b)
{
	return mm_bytes_find (b, '\r', 0) == b.len && mm_bytes_find (b, '\n', 0) < b.len;
}

GBytes *
mm_input_convert (MmBytes b, gboolean to_local)
{
	const char *end = to_local ? "\n" : "\r\n";
	g_auto (MmBuffer) out = MM_BUFFER_INIT;
	gsize at = 0;

	while (at < b.len) {
		gsize lf = mm_bytes_find (b, '\n', at);
		gboolean whole = lf < b.len;
		gboolean crlf = whole && lf > at && b.data[lf - 1] == '\r';

		mm_buffer_append (&out, mm_bytes_sub (b, at, to_local && crlf ? lf - 1 : lf));
		if (whole)
			mm_buffer_append_str (&out, end);
		at = lf + 1;
	}
	return mm_buffer_steal (&out);
}

/* ---- reading lines -------------------------------------------------------------------------- */

typedef struct {
	int fd;
	char *data;
	gsize start; /* of what is not handed out yet */
	gsize end;
	gboolean eof;
	int error; /* errno, 0: none */
} Reader;

/* Reads on until the buffer has a line end behind @from, is full, or the file ends. */
static void
reader_fill (Reader *reader)
{
	memmove (reader->data, reader->data + reader->start, reader->end - reader->start);
	reader->end -= reader->start;
	reader->start = 0;
	while (!reader->eof && reader->end < READ_SIZE) {
		gssize got = read (reader->fd, reader->data + reader->end, READ_SIZE - reader->end);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			reader->error = errno;
		if (got <= 0)
			reader->eof = TRUE;
		else
			reader->end += (gsize) got;
	}
}

/* The next line with its end; of a line longer than the buffer, the next piece. FALSE at the end.
 * Lent until the next call. */
static gboolean
reader_next (Reader *reader, MmBytes *out)
{
	MmBytes have = mm_bytes (reader->data + reader->start, reader->end - reader->start);
	gsize lf = mm_bytes_find (have, '\n', 0);

	if (lf == have.len && !reader->eof) {
		reader_fill (reader);
		have = mm_bytes (reader->data, reader->end);
		lf = mm_bytes_find (have, '\n', 0);
	}
	*out = mm_bytes_sub (have, 0, lf + 1);
	reader->start += out->len;
	return out->len > 0;
}

static gboolean
is_from_line (MmBytes line)
{
	gsize len = strlen (from_line);

	return line.len >= len && memcmp (line.data, from_line, len) == 0;
}

static gboolean
is_empty_line (MmBytes line)
{
	return mm_bytes_equal (line, mm_bytes_str ("\n")) ||
	       mm_bytes_equal (line, mm_bytes_str ("\r\n"));
}

/* ---- collecting messages -------------------------------------------------------------------- */

typedef struct {
	const MmInputRequest *request;
	const char *path;
	gboolean mbox;
	guint number;     /* of the message in an mbox */
	gsize at;         /* octets read */
	guint lines;      /* line ends read */
	gsize offset;     /* where the message begins */
	guint line;
	MmBuffer given;
	char pending[2];  /* an empty line that may belong to the next "From " */
	gsize n_pending;
	gboolean too_large;
	gboolean fine;
} Collector;

static void
hand_out (Collector *c, const char *name, GBytes *given)
{
	const MmInputRequest *request = c->request;
	gboolean local = !request->as_wire && mm_input_is_local (mm_bytes_of (given));
	g_autoptr (GBytes) wire = NULL;

	wire = local ? mm_input_convert (mm_bytes_of (given), FALSE) : g_bytes_ref (given);
	if (wire == NULL) {
		mm_command_complain ("%s: out of memory", name);
		c->fine = FALSE;
		return;
	}
	if (request->max_header > 0 &&
	    mm_header_block_length (mm_bytes_of (wire)) > request->max_header) {
		mm_command_complain ("%s: its header is too large to be judged (more than "
		                     "%" G_GSIZE_FORMAT " octets)", name, request->max_header);
		c->fine = FALSE;
		return;
	}
	request->func (&(MmInput){.name = name,
	                          .given = given,
	                          .wire = wire,
	                          .local = local,
	                          .offset = c->offset,
	                          .line = c->line,
	                          .number = c->mbox ? c->number : 0},
	               request->data);
}

/* The message is complete; what follows is the next. */
static void
finish_message (Collector *c)
{
	g_autofree char *name = c->mbox ? g_strdup_printf ("%s#%u", c->path, c->number)
	                                : g_strdup (c->path);
	g_autoptr (GBytes) given = NULL;

	if (c->too_large) {
		mm_command_complain ("%s: too large to be judged (more than %" G_GSIZE_FORMAT
		                     " octets)", name, c->request->max_size);
		c->fine = FALSE;
	} else if ((given = mm_buffer_steal (&c->given)) == NULL) {
		mm_command_complain ("%s: out of memory", name);
		c->fine = FALSE;
	} else {
		hand_out (c, name, given);
	}
	mm_buffer_clear (&c->given);
	c->n_pending = 0;
	c->too_large = FALSE;
}

static void
keep (Collector *c, MmBytes bytes)
{
	if (c->given.len + bytes.len > c->request->max_size)
		c->too_large = TRUE;
	if (!c->too_large)
		mm_buffer_append (&c->given, bytes);
}

static void
begin_message (Collector *c, MmBytes separator)
{
	c->number++;
	c->offset = c->at + separator.len;
	c->line = c->lines + 1;
}

/* A line of an mbox, not the rest of one. */
static void
take_mbox_line (Collector *c, MmBytes line)
{
	if (is_from_line (line) && (c->n_pending > 0 || c->number == 0)) {
		if (c->number > 0)
			finish_message (c);
		begin_message (c, line);
		return;
	}
	keep (c, mm_bytes (c->pending, c->n_pending));
	c->n_pending = 0;
	if (is_empty_line (line)) {
		memcpy (c->pending, line.data, line.len);
		c->n_pending = line.len;
	} else {
		keep (c, line);
	}
}

/* Nothing more than the limit of a single file is read. */
static void
collect (Collector *c, Reader *reader)
{
	gboolean at_start = TRUE;
	MmBytes piece;

	while ((c->mbox || !c->too_large) && reader_next (reader, &piece)) {
		if (c->mbox && at_start)
			take_mbox_line (c, piece);
		else
			keep (c, piece);
		at_start = piece.data[piece.len - 1] == '\n';
		c->at += piece.len;
		c->lines += at_start;
	}
	if (reader->error != 0) {
		mm_command_complain ("%s: %s", c->path, g_strerror (reader->error));
		c->fine = FALSE;
		return;
	}
	finish_message (c);
}

static gboolean
read_messages (int fd, const char *path, const MmInputRequest *request, gboolean may_be_mbox)
{
	g_autofree char *buffer = g_malloc (READ_SIZE);
	Reader reader = {.fd = fd, .data = buffer};
	Collector c = {.request = request, .path = path, .given = MM_BUFFER_INIT, .fine = TRUE};

	reader_fill (&reader);
	c.mbox = may_be_mbox && is_from_line (mm_bytes (buffer, reader.end));
	if (c.mbox && request->one) {
		mm_command_complain ("%s: is an mbox, not one message", path);
		return FALSE;
	}
	collect (&c, &reader);
	mm_buffer_clear (&c.given);
	return c.fine;
}

/* ---- paths ---------------------------------------------------------------------------------- */

static gboolean
fail (const char *path, int error)
{
	mm_command_complain ("%s: %s", path, g_strerror (error));
	return FALSE;
}

typedef struct {
	const MmInputRequest *request;
	gsize files;
} Folder;

/* Between the look at a folder and now a file may have become something else. */
static gboolean
read_folder_file (const char *path, gboolean may_be_mbox, gpointer data)
{
	Folder *folder = data;
	int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	gboolean fine = TRUE;

	folder->files++;
	if (fd < 0)
		return fail (path, errno);
	if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
		fine = read_messages (fd, path, folder->request, may_be_mbox);
	close (fd);
	return fine;
}

/* A folder without mail is hardly the one that was meant. */
static gboolean
read_folder (const char *path, const MmInputRequest *request)
{
	Folder folder = {.request = request};

	if (request->one) {
		mm_command_complain ("%s: is a folder, not one message", path);
		return FALSE;
	}
	if (!mm_input_walk (path, read_folder_file, &folder))
		return FALSE;
	if (folder.files == 0)
		mm_command_complain ("%s: no message found", path);
	return folder.files > 0;
}

gboolean
mm_input_each (const char *path, const MmInputRequest *request)
{
	gboolean is_stdin = g_str_equal (path, "-");
	int fd = is_stdin ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	gboolean fine;

	if (fd < 0)
		return fail (path, errno);
	if (fstat (fd, &st) != 0)
		fine = fail (path, errno);
	else if (S_ISDIR (st.st_mode))
		fine = read_folder (path, request);
	else
		fine = read_messages (fd, path, request, TRUE);
	if (request->out_stat != NULL && fine)
		*request->out_stat = st;
	if (!is_stdin)
		close (fd);
	return fine;
}
