/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socket.h: the address the MTA connects to, and the file of a unix socket.
 *
 * libmilter opens the socket itself. What is done here is everything around it: reading the
 * address, a file left by a daemon that died, rights and owner of the file, its removal.
 */
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MmSocket MmSocket;

/* Reads "local:PATH", "unix:PATH", "inet:PORT@HOST" or "inet6:PORT@HOST"; a PATH is absolute.
 * NULL with MM_ERROR_CONFIG if @text is something else. (transfer full) */
MmSocket *mm_socket_parse (const char *text, GError **error);
void mm_socket_free (MmSocket *socket);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmSocket, mm_socket_free)

/* As libmilter wants it. */
const char *mm_socket_address (const MmSocket *socket);

/* Makes way for the socket: removes the file of a daemon that is gone. FALSE with MM_ERROR_IO if
 * another one answers there or if the file is no socket. Others that start wait from here until
 * mm_socket_open () or the end of @socket, but not for ever. */
gboolean mm_socket_prepare (MmSocket *socket, GError **error);

/* Whose the file of a unix socket is. */
typedef struct {
	guint mode;
	uid_t uid;   /* who the daemon will be */
	gid_t gid;
	gid_t group; /* SocketGroup; MM_NO_GROUP: @gid, unless its folder gives it another */
} MmSocketRights;

#define MM_NO_GROUP ((gid_t) -1)

/* Calls @listen_at, under a umask that gives the file its mode, then hands the file over. FALSE
 * with MM_ERROR_IO. */
gboolean mm_socket_open (MmSocket *socket, const MmSocketRights *rights,
                         gboolean (*listen_at) (const char *address), GError **error);

/* Removes the file if it is still the one that was opened. */
void mm_socket_remove (const MmSocket *socket);

/* Where to connect to it from this process; a host that means every address is loopback. Looks up a
 * host's name. FALSE with MM_ERROR_IO. */
gboolean mm_socket_find (const MmSocket *socket, struct sockaddr_storage *out_address,
                         socklen_t *out_len, GError **error);

/* The address as Postfix writes it: "unix:mailmend/sock", "inet:127.0.0.1:8894". Names in main.cf
 * are relative to @queue, its queue folder, in the chroot and without. (transfer full) */
char *mm_socket_postfix (const MmSocket *socket, const char *queue);

/* TRUE if it is a file outside the folder @queue, symbolic links followed. */
gboolean mm_socket_is_outside (const MmSocket *socket, const char *queue);

/* @folder with symbolic links followed if it exists. (transfer full) */
char *mm_socket_resolve (const char *folder);

/* The folder of the file, symbolic links followed if it exists; NULL: TCP. (transfer full) */
char *mm_socket_folder (const MmSocket *socket);

G_END_DECLS
