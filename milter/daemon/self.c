/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * self.c: the daemon calls itself, as an MTA would.
 *
 * The call is the smallest that an MTA makes: option negotiation, version 6, everything offered,
 * then QUIT. Nothing of it is logged below "verbose", and no message begins.
 */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mailmend/error.h>

#include "self.h"

struct _MmSelf {
	struct sockaddr_storage address;
	socklen_t len;
};

/* Four octets of length, the command, and what it brings: version, actions, protocol. */
static const guint8 negotiate[] = {0, 0, 0, 13, 'O', 0,    0,    0,   6,
                                   0, 0, 1, 0xff, 0, 0x1f, 0xff, 0xff};
static const guint8 quit[] = {0, 0, 0, 1, 'Q'};

/* As much of the answer as tells what it is. */
#define ANSWER_LEN 5

MmSelf *
mm_self_new (const MmSocket *socket, GError **error)
{
	g_autoptr (MmSelf) self = g_new0 (MmSelf, 1);

	if (!mm_socket_find (socket, &self->address, &self->len, error))
		return NULL;
	return g_steal_pointer (&self);
}

void
mm_self_free (MmSelf *self)
{
	g_free (self);
}

static gboolean
fail (const char *what, int code, GError **error)
{
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "%s: %s", what, g_strerror (code));
	return FALSE;
}

/* -1 with errno: no connection. A socket that does not wait; 0 in @out_code: it is connected. */
static int
begin_call (const MmSelf *self, int *out_code)
{
	int fd = socket (self->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	*out_code = 0;
	if (connect (fd, (const struct sockaddr *) &self->address, self->len) != 0)
		*out_code = errno;
	return fd;
}

/* Waits for @events of @fd until @end. 0 or an errno. */
static int
wait_for (int fd, short events, gint64 end)
{
	struct pollfd poller = {.fd = fd, .events = events};
	int got;

	do {
		gint64 left = (end - g_get_monotonic_time ()) / 1000;

		got = poll (&poller, 1, (int) CLAMP (left, 0, 60000));
	} while ((got < 0 && errno == EINTR) || (got == 0 && g_get_monotonic_time () < end));
	if (got < 0)
		return errno;
	return got == 0 ? ETIMEDOUT : 0;
}

/* 0 or an errno, once the connection that was begun with @code is there. */
static int
finish_connect (int fd, int code, gint64 end)
{
	socklen_t len = sizeof code;

	if (code != EINPROGRESS)
		return code;
	code = wait_for (fd, POLLOUT, end);
	if (code == 0 && getsockopt (fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0)
		code = errno;
	return code;
}

/* 0 or an errno. EPROTO: it is no answer to a negotiation. */
static int
read_answer (int fd, gint64 end)
{
	guint8 answer[ANSWER_LEN];
	gsize have = 0;

	while (have < sizeof answer) {
		int code = wait_for (fd, POLLIN, end);
		gssize got;

		if (code != 0)
			return code;
		got = recv (fd, answer + have, sizeof answer - have, 0);
		if (got == 0)
			return ECONNRESET;
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return errno;
		have += got > 0 ? (gsize) got : 0;
	}
	return answer[ANSWER_LEN - 1] == 'O' ? 0 : EPROTO;
}

static gboolean
talk (int fd, int code, gint64 end, GError **error)
{
	code = finish_connect (fd, code, end);
	if (code != 0)
		return fail ("no connection", code, error);
	if (send (fd, negotiate, sizeof negotiate, MSG_NOSIGNAL) != (gssize) sizeof negotiate)
		return fail ("the connection is not taken", errno, error);
	code = read_answer (fd, end);
	if (code != 0)
		return fail ("the connection is not answered", code, error);
	if (send (fd, quit, sizeof quit, MSG_NOSIGNAL) < 0)
		g_debug ("the connection is gone before its end");
	return TRUE;
}

gboolean
mm_self_ask (const MmSelf *self, gint64 usec, GError **error)
{
	gint64 end = g_get_monotonic_time () + usec;
	int code;
	int fd = begin_call (self, &code);
	gboolean fine;

	if (fd < 0)
		return fail ("no connection", errno, error);
	fine = talk (fd, code, end, error);
	close (fd);
	return fine;
}

gboolean
mm_self_knock (const MmSelf *self)
{
	int code;
	int fd = begin_call (self, &code);

	if (fd < 0)
		return FALSE;
	close (fd);
	return code == 0 || code == EINPROGRESS || code == EAGAIN;
}
