/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socket.c: the address the MTA connects to, and the file of a unix socket.
 *
 *   address = ("local:" / "unix:") path / ("inet:" / "inet6:") port "@" host
 *
 * libmilter removes an existing socket file without asking whether a living daemon listens there,
 * which cuts that one off. So we knock first: only a refused connection means that nobody is home.
 * Several that start at once take turns from there until they listen, by a lock on the folder, which
 * leaves no file behind; else two could find nobody, and the second remove the file of the first.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>
#include <mailmend/error.h>

#include "socket.h"

/* How long one that starts waits for others that do, and how often it looks. */
#define TURN_SECONDS 10
#define TURN_STEP (G_USEC_PER_SEC / 50)

struct _MmSocket {
	char *address;
	char *path; /* NULL: TCP */
	char *host;
	guint port;
	dev_t device; /* of the open file; inode 0: none */
	ino_t inode;
	int turn; /* the folder while it is locked, else -1 */
};

static gboolean
config_error (const char *text, const char *what, GError **error)
{
	g_set_error (error, MM_ERROR, MM_ERROR_CONFIG, "Socket = %s: %s", text, what);
	return FALSE;
}

static gboolean
read_path (MmSocket *socket, const char *text, const char *path, GError **error)
{
	struct sockaddr_un address;

	if (path[0] != '/')
		return config_error (text, "the path must begin with '/'", error);
	if (strlen (path) >= sizeof address.sun_path)
		return config_error (text, "the path is too long for a unix socket", error);
	socket->path = g_strdup (path);
	return TRUE;
}

static gboolean
read_port (MmSocket *socket, const char *text, const char *rest, GError **error)
{
	const char *at = strchr (rest, '@');
	g_autofree char *port = at != NULL ? g_strndup (rest, (gsize) (at - rest)) : NULL;
	guint64 number;

	/* libmilter takes a missing host for every address: that must be asked for. */
	if (at == NULL || at[1] == '\0')
		return config_error (text, "want PORT@HOST (0.0.0.0 or :: is every address)",
		                     error);
	if (!g_ascii_string_to_unsigned (port, 10, 1, 65535, &number, NULL))
		return config_error (text, "the port is no number from 1 to 65535", error);
	socket->port = (guint) number;
	socket->host = g_strdup (at + 1);
	return TRUE;
}

MmSocket *
mm_socket_parse (const char *text, GError **error)
{
	static const struct {
		const char *prefix;
		gboolean (*read) (MmSocket *socket, const char *text, const char *rest,
		                  GError **error);
	} kinds[] = {
		{"local:", read_path},
		{"unix:", read_path},
		{"inet:", read_port},
		{"inet6:", read_port},
	};
	g_autoptr (MmSocket) socket = g_new0 (MmSocket, 1);

	socket->address = g_strdup (text);
	socket->turn = -1;
	for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
		if (!g_str_has_prefix (text, kinds[i].prefix))
			continue;
		if (!kinds[i].read (socket, text, text + strlen (kinds[i].prefix), error))
			return NULL;
		return g_steal_pointer (&socket);
	}
	config_error (text, "want local:PATH, unix:PATH, inet:PORT@HOST or inet6:PORT@HOST",
	              error);
	return NULL;
}

/* Best effort: where the folder cannot be read or locked only the knocking protects. */
static void
take_turn (MmSocket *socket)
{
	g_autofree char *folder = g_path_get_dirname (socket->path);
	gint64 end = g_get_monotonic_time () + TURN_SECONDS * G_USEC_PER_SEC;

	socket->turn = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (socket->turn >= 0 && flock (socket->turn, LOCK_EX | LOCK_NB) != 0 &&
	       (errno == EWOULDBLOCK || errno == EINTR) && g_get_monotonic_time () < end)
		g_usleep (TURN_STEP);
}

static void
end_turn (MmSocket *socket)
{
	if (socket->turn < 0)
		return;
	/* In the background the process that was started has it open too. */
	(void) flock (socket->turn, LOCK_UN);
	close (socket->turn);
	socket->turn = -1;
}

void
mm_socket_free (MmSocket *socket)
{
	if (socket == NULL)
		return;
	end_turn (socket);
	g_free (socket->address);
	g_free (socket->path);
	g_free (socket->host);
	g_free (socket);
}

const char *
mm_socket_address (const MmSocket *socket)
{
	return socket->address;
}

/* errno of a connection to the socket file @path, 0 if it was accepted. Never waits: a full queue
 * of connections is EAGAIN, and somebody owns that queue. */
static int
knock (const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int code;

	if (fd < 0)
		return errno;
	g_strlcpy (address.sun_path, path, sizeof address.sun_path);
	code = connect (fd, (const struct sockaddr *) &address, sizeof address) == 0 ? 0 : errno;
	close (fd);
	return code;
}

static gboolean
io_error (const MmSocket *socket, const char *what, GError **error)
{
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "%s: %s",
	             socket->path != NULL ? socket->path : socket->address, what);
	return FALSE;
}

gboolean
mm_socket_prepare (MmSocket *socket, GError **error)
{
	struct stat info;
	int code;

	if (socket->path == NULL)
		return TRUE;
	take_turn (socket);
	if (lstat (socket->path, &info) != 0)
		return errno == ENOENT || io_error (socket, g_strerror (errno), error);
	if (!S_ISSOCK (info.st_mode))
		return io_error (socket, "the file is there and is no socket", error);
	code = knock (socket->path);
	if (code == 0 || code == EAGAIN)
		return io_error (socket, "address in use: another process listens there", error);
	if (code != ECONNREFUSED)
		return code == ENOENT || io_error (socket, g_strerror (code), error);
	if (unlink (socket->path) != 0 && errno != ENOENT)
		return io_error (socket, g_strerror (errno), error);
	return TRUE;
}

/* The file gets @uid and @gid. Without a group of its own it gets @fallback, but not if its
 * folder (set-group-id) has given it one. */
static gboolean
hand_over (const MmSocket *socket, const struct stat *info, uid_t uid, gid_t gid, gid_t fallback)
{
	if (gid == MM_NO_GROUP)
		gid = info->st_gid == getegid () ? fallback : info->st_gid;
	return (info->st_uid == uid && info->st_gid == gid) ||
	       lchown (socket->path, uid, gid) == 0;
}

gboolean
mm_socket_open (MmSocket *socket, const MmSocketRights *rights,
                gboolean (*listen_at) (const char *address), GError **error)
{
	struct stat info;
	mode_t mask = umask (0777 & ~rights->mode);
	gboolean fine = listen_at (socket->address);

	umask (mask);
	end_turn (socket);
	if (!fine)
		return io_error (socket, "cannot listen there", error);
	if (socket->path == NULL)
		return TRUE;
	if (lstat (socket->path, &info) != 0)
		return io_error (socket, g_strerror (errno), error);
	socket->device = info.st_dev;
	socket->inode = info.st_ino;
	if (!hand_over (socket, &info, rights->uid, rights->group, rights->gid))
		return io_error (socket, g_strerror (errno), error);
	return TRUE;
}

void
mm_socket_remove (const MmSocket *socket)
{
	struct stat info;

	if (socket->path == NULL || socket->inode == 0 || lstat (socket->path, &info) != 0 ||
	    info.st_dev != socket->device || info.st_ino != socket->inode)
		return;
	/* As another user we may lack the right; the next start then finds nobody at home. */
	(void) unlink (socket->path);
}

/* ---- as this process sees it ----------------------------------------------------------------- */

/* The host to connect to: every address is none. */
static const char *
reachable (const char *host)
{
	static const struct {
		const char *host;
		const char *instead;
	} any[] = {{"0.0.0.0", "127.0.0.1"}, {"::", "::1"}, {"[::]", "::1"}};

	for (guint i = 0; i < G_N_ELEMENTS (any); i++) {
		if (g_str_equal (host, any[i].host))
			return any[i].instead;
	}
	return host;
}

static gboolean
find_host (const MmSocket *socket, struct sockaddr_storage *out_address, socklen_t *out_len,
           GError **error)
{
	const char *host = reachable (socket->host);
	gsize len = strlen (host);
	g_autofree char *plain = host[0] == '[' ? g_strndup (host + 1, len - 2) : g_strdup (host);
	g_autofree char *port = g_strdup_printf ("%u", socket->port);
	const struct addrinfo hints = {
		.ai_family = g_str_has_prefix (socket->address, "inet6:") ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *found = NULL;
	int code = getaddrinfo (plain, port, &hints, &found);

	if (code != 0)
		return io_error (socket, gai_strerror (code), error);
	memcpy (out_address, found->ai_addr, found->ai_addrlen);
	*out_len = found->ai_addrlen;
	freeaddrinfo (found);
	return TRUE;
}

gboolean
mm_socket_find (const MmSocket *socket, struct sockaddr_storage *out_address, socklen_t *out_len,
                GError **error)
{
	struct sockaddr_un file = {.sun_family = AF_UNIX};

	if (socket->path == NULL)
		return find_host (socket, out_address, out_len, error);
	g_strlcpy (file.sun_path, socket->path, sizeof file.sun_path);
	memcpy (out_address, &file, sizeof file);
	*out_len = sizeof file;
	return TRUE;
}

/* ---- as Postfix sees it ---------------------------------------------------------------------- */

char *
mm_socket_resolve (const char *folder)
{
	char *real = realpath (folder, NULL);
	char *copy = g_strdup (real != NULL ? real : folder);

	free (real);
	return copy;
}

char *
mm_socket_folder (const MmSocket *socket)
{
	g_autofree char *folder = NULL;

	if (socket->path == NULL)
		return NULL;
	folder = g_path_get_dirname (socket->path);
	return mm_socket_resolve (folder);
}

/* The name of the file as seen from @queue; NULL if it is outside. (transfer full) */
static char *
below (const MmSocket *socket, const char *queue)
{
	g_autofree char *folder = mm_socket_folder (socket);
	g_autofree char *top = mm_socket_resolve (queue);
	g_autofree char *name = g_path_get_basename (socket->path);
	gsize len = strlen (top);

	while (len > 0 && top[len - 1] == '/')
		top[--len] = '\0';
	if (strncmp (folder, top, len) != 0 || (folder[len] != '/' && folder[len] != '\0'))
		return NULL;
	return folder[len] == '\0' ? g_steal_pointer (&name)
	                           : g_build_filename (folder + len + 1, name, NULL);
}

gboolean
mm_socket_is_outside (const MmSocket *socket, const char *queue)
{
	g_autofree char *relative = socket->path != NULL ? below (socket, queue) : NULL;

	return socket->path != NULL && relative == NULL;
}

char *
mm_socket_postfix (const MmSocket *socket, const char *queue)
{
	g_autofree char *relative = socket->path != NULL ? below (socket, queue) : NULL;
	const char *host;

	if (socket->path != NULL)
		return g_strconcat ("unix:", relative != NULL ? relative : socket->path, NULL);
	host = reachable (socket->host);
	/* An IPv6 address has brackets in main.cf, with or without them here. */
	if (strchr (host, ':') != NULL && host[0] != '[')
		return g_strdup_printf ("inet:[%s]:%u", host, socket->port);
	return g_strdup_printf ("inet:%s:%u", host, socket->port);
}
