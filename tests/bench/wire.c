/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire.c: packets of the milter protocol.
 *
 * Writes leave in pieces of 4096 octets, because Postfix sends them so: a filter's reads, and with
 * them its CPU time, depend on it.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

gboolean
wire_open (Wire *wire, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	wire->n_out = wire->in_at = wire->in_end = 0;
	if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return FALSE;
	}
	wire->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (wire->fd >= 0 &&
	    connect (wire->fd, (const struct sockaddr *) &address, sizeof address) == 0)
		return TRUE;
	wire_close (wire);
	return FALSE;
}

void
wire_close (Wire *wire)
{
	int error = errno;

	if (wire->fd >= 0)
		close (wire->fd);
	wire->fd = -1;
	errno = error;
}

gboolean
wire_flush (Wire *wire)
{
	gsize at = 0;

	while (at < wire->n_out) {
		gssize n = send (wire->fd, wire->out + at, wire->n_out - at, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return FALSE;
		at += n > 0 ? (gsize) n : 0;
	}
	wire->n_out = 0;
	return TRUE;
}

gboolean
wire_put (Wire *wire, MmBytes bytes)
{
	while (bytes.len > 0) {
		gsize n = MIN (bytes.len, sizeof wire->out - wire->n_out);

		memcpy (wire->out + wire->n_out, bytes.data, n);
		wire->n_out += n;
		bytes = mm_bytes_sub (bytes, n, bytes.len);
		if (wire->n_out == sizeof wire->out && !wire_flush (wire))
			return FALSE;
	}
	return TRUE;
}

static gboolean
take (Wire *wire, char *to, gsize len)
{
	while (len > 0) {
		gsize n = MIN (len, wire->in_end - wire->in_at);
		gssize got;

		memcpy (to, wire->in + wire->in_at, n);
		wire->in_at += n;
		to += n;
		len -= n;
		if (len == 0)
			break;
		got = recv (wire->fd, wire->in, sizeof wire->in, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return FALSE;
		wire->in_at = 0;
		wire->in_end = got > 0 ? (gsize) got : 0;
	}
	return TRUE;
}

gboolean
wire_get (Wire *wire, char *out_command, GByteArray *data)
{
	guint32 len;

	if (!wire_flush (wire) || !take (wire, (char *) &len, sizeof len))
		return FALSE;
	len = GUINT32_FROM_BE (len);
	if (len < 1 || len > WIRE_CHUNK + 1 || !take (wire, out_command, 1))
		return FALSE;
	g_byte_array_set_size (data, len - 1);
	return take (wire, (char *) data->data, data->len);
}

void
wire_append_number (GByteArray *out, guint32 number)
{
	number = GUINT32_TO_BE (number);
	g_byte_array_append (out, (const guint8 *) &number, sizeof number);
}

void
wire_append_head (GByteArray *out, char command, gsize len)
{
	wire_append_number (out, (guint32) len + 1);
	g_byte_array_append (out, (const guint8 *) &command, 1);
}

void
wire_append (GByteArray *out, char command, MmBytes data)
{
	wire_append_head (out, command, data.len);
	if (data.len > 0)
		g_byte_array_append (out, (const guint8 *) data.data, (guint) data.len);
}

gboolean
wire_next (MmBytes *rest, char *out_command, MmBytes *out_data)
{
	guint32 len;

	if (rest->len < sizeof len + 1)
		return FALSE;
	memcpy (&len, rest->data, sizeof len);
	len = GUINT32_FROM_BE (len);
	if (len < 1 || len > rest->len - sizeof len)
		return FALSE;
	*out_command = rest->data[sizeof len];
	*out_data = mm_bytes_sub (*rest, sizeof len + 1, sizeof len + len);
	*rest = mm_bytes_sub (*rest, sizeof len + len, rest->len);
	return TRUE;
}

/* ---- edits ------------------------------------------------------------------------------------ */

WireEdits *
wire_edits_new (void)
{
	WireEdits *edits = g_new0 (WireEdits, 1);

	edits->headers = g_byte_array_new ();
	edits->body = g_byte_array_new ();
	return edits;
}

void
wire_edits_free (WireEdits *edits)
{
	g_byte_array_unref (edits->headers);
	g_byte_array_unref (edits->body);
	g_free (edits);
}

void
wire_edits_reset (WireEdits *edits)
{
	g_byte_array_set_size (edits->headers, 0);
	g_byte_array_set_size (edits->body, 0);
	edits->has_body = FALSE;
}

gboolean
wire_edits_add (WireEdits *edits, char command, MmBytes data)
{
	if (command == 'b') {
		edits->has_body = TRUE;
		g_byte_array_append (edits->body, (const guint8 *) data.data, (guint) data.len);
		return TRUE;
	}
	if (strchr ("him", command) == NULL)
		return FALSE;
	wire_append (edits->headers, command, data);
	return TRUE;
}

static MmBytes
bytes_of_array (const GByteArray *array)
{
	return mm_bytes ((const char *) array->data, array->len);
}

gboolean
wire_edits_equal (const WireEdits *a, const WireEdits *b)
{
	return a->has_body == b->has_body &&
	       mm_bytes_equal (bytes_of_array (a->headers), bytes_of_array (b->headers)) &&
	       mm_bytes_equal (bytes_of_array (a->body), bytes_of_array (b->body));
}

WireEdits *
wire_edits_load (const char *path)
{
	g_autoptr (WireEdits) edits = wire_edits_new ();
	g_autoptr (GError) error = NULL;
	g_autofree char *text = NULL;
	MmBytes rest = {NULL, 0};
	MmBytes data;
	char command;

	if (!g_file_get_contents (path, &text, &rest.len, &error)) {
		fprintf (stderr, "%s\n", error->message);
		return NULL;
	}
	rest.data = text;
	while (wire_next (&rest, &command, &data)) {
		if (!wire_edits_add (edits, command, data))
			break;
	}
	if (rest.len > 0) {
		fprintf (stderr, "%s: is no file of edits\n", path);
		return NULL;
	}
	return g_steal_pointer (&edits);
}

gboolean
wire_edits_save (const WireEdits *edits, const char *path)
{
	g_autoptr (GByteArray) out = g_byte_array_new ();
	g_autoptr (GError) error = NULL;
	MmBytes body = bytes_of_array (edits->body);

	g_byte_array_append (out, edits->headers->data, edits->headers->len);
	for (gsize at = 0; edits->has_body && (at < body.len || at == 0); at += WIRE_CHUNK)
		wire_append (out, 'b', mm_bytes_sub (body, at, at + WIRE_CHUNK));
	if (g_file_set_contents (path, (const char *) out->data, out->len, &error))
		return TRUE;
	fprintf (stderr, "%s\n", error->message);
	return FALSE;
}
