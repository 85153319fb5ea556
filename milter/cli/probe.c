/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.c: `mailmend probe`: whether a milter answers at a socket.
 *
 * A port that accepts connections proves little: the kernel accepts them for a process that hangs.
 * So the probe does what an MTA does first: it negotiates options, and says goodbye. That passes
 * through the filter's threads, but there is no message, and nothing is logged or queued.
 *
 *   packet = length (4 octets, of what follows) command (1 octet) data
 *   option negotiation = "O" version actions steps   (4 octets each; an answer may go on)
 */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

#include "command-private.h"

#define DEFAULT_SECONDS 5
#define MAX_SECONDS 3600

/* Version 6, and everything that an MTA can offer, as Postfix does. */
static const guint8 offer[] = {0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 0x01, 0xff, 0, 0x1f, 0xff, 0xff};
static const guint8 goodbye[] = {0, 0, 0, 1, 'Q'};

#define LENGTH_SIZE 4
#define OFFER_LENGTH (sizeof offer - LENGTH_SIZE) /* the least of an answer, too */
#define MAX_PACKET 65536

typedef struct {
	guint32 version, actions, steps;
} Answer;

static const MmUsage usage = {
	.arguments = "SOCKET",
	.summary = "Says whether a milter answers at SOCKET: exit status 0 if it does, 1 if not, 2 if "
	           "it could not be asked.",
	.details = "SOCKET is local:PATH, unix:PATH, a PATH that begins with '/', inet:PORT@HOST, "
	           "inet6:PORT@HOST, or as\nin Postfix inet:HOST:PORT, the HOST in brackets if it is "
	           "an IPv6 address.",
};

/* ---- the address ---------------------------------------------------------------------------- */

static GSocketConnectable *
unix_address (const char *path)
{
	struct sockaddr_un room;

	if (*path == '\0' || strlen (path) >= sizeof room.sun_path)
		return NULL;
	return G_SOCKET_CONNECTABLE (g_unix_socket_address_new (path));
}

/* PORT@HOST as libmilter has it, else HOST:PORT as Postfix. */
static GSocketConnectable *
inet_address (const char *rest)
{
	const char *at = strchr (rest, '@');
	const char *colon = strrchr (rest, ':');
	const char *cut = at != NULL ? at : colon;
	g_autofree char *before = cut != NULL ? g_strndup (rest, (gsize) (cut - rest)) : NULL;
	g_autofree char *host = NULL;
	gsize len;
	guint64 port;

	if (cut == NULL ||
	    !g_ascii_string_to_unsigned (at != NULL ? before : cut + 1, 10, 1, 65535, &port, NULL))
		return NULL;
	host = g_strdup (at != NULL ? at + 1 : before);
	len = strlen (host);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		memmove (host, host + 1, len - 2);
		host[len - 2] = '\0';
	} else if (at == NULL && strchr (host, ':') != NULL) {
		return NULL; /* which colon is the last is a guess */
	}
	return *host != '\0' ? g_network_address_new (host, (guint16) port) : NULL;
}

/* NULL: none of the forms. (transfer full) */
static GSocketConnectable *
read_address (const char *text)
{
	static const struct {
		const char *prefix;
		GSocketConnectable *(*read) (const char *rest);
	} kinds[] = {
		{"local:", unix_address},
		{"unix:", unix_address},
		{"inet:", inet_address},
		{"inet6:", inet_address},
	};

	for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
		if (g_str_has_prefix (text, kinds[i].prefix))
			return kinds[i].read (text + strlen (kinds[i].prefix));
	return text[0] == '/' ? unix_address (text) : NULL;
}

/* ---- time ----------------------------------------------------------------------------------- */

/* Cancels what waits, be it for a name, a connection or an answer. */
typedef struct {
	GMutex lock;
	GCond over;
	gboolean stopped;
	gint64 end;
	GCancellable *cancellable;
	GThread *thread;
} Alarm;

static gpointer
watch (gpointer data)
{
	Alarm *alarm = data;

	g_mutex_lock (&alarm->lock);
	while (!alarm->stopped && g_cond_wait_until (&alarm->over, &alarm->lock, alarm->end))
		continue;
	if (!alarm->stopped)
		g_cancellable_cancel (alarm->cancellable);
	g_mutex_unlock (&alarm->lock);
	return NULL;
}

static void
alarm_init (Alarm *alarm, int seconds)
{
	g_mutex_init (&alarm->lock);
	g_cond_init (&alarm->over);
	alarm->stopped = FALSE;
	alarm->end = g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
	alarm->cancellable = g_cancellable_new ();
	alarm->thread = g_thread_new ("alarm", watch, alarm);
}

static void
alarm_clear (Alarm *alarm)
{
	g_mutex_lock (&alarm->lock);
	alarm->stopped = TRUE;
	g_cond_signal (&alarm->over);
	g_mutex_unlock (&alarm->lock);
	g_thread_join (alarm->thread);
	g_object_unref (alarm->cancellable);
	g_mutex_clear (&alarm->lock);
	g_cond_clear (&alarm->over);
}

/* ---- the question --------------------------------------------------------------------------- */

static guint32
number (const guint8 *octets)
{
	return (guint32) octets[0] << 24 | (guint32) octets[1] << 16 | (guint32) octets[2] << 8 |
	       octets[3];
}

static gboolean
fail (const char *what, GError **error)
{
	g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, what);
	return FALSE;
}

/* Exactly @n octets. */
static gboolean
receive (GInputStream *in, guint8 *octets, gsize n, GCancellable *cancellable, GError **error)
{
	gsize got;

	if (!g_input_stream_read_all (in, octets, n, &got, cancellable, error))
		return FALSE;
	return got == n || fail ("the connection was closed instead of an answer", error);
}

/* Reads all of the packet: what is left unread would cut the filter off. */
static gboolean
read_answer (GInputStream *in, Answer *out, GCancellable *cancellable, GError **error)
{
	guint8 head[LENGTH_SIZE + 1];
	g_autofree guint8 *data = NULL;
	guint32 len;

	if (!receive (in, head, sizeof head, cancellable, error))
		return FALSE;
	len = number (head);
	if (len == 1 && memchr ("rty", head[LENGTH_SIZE], 3) != NULL)
		return fail ("the milter refuses the connection", error);
	if (head[LENGTH_SIZE] != 'O' || len < OFFER_LENGTH || len > MAX_PACKET)
		return fail ("what answers is no milter", error);
	data = g_malloc (len - 1);
	if (!receive (in, data, len - 1, cancellable, error))
		return FALSE;
	/* No filter wants all it is offered: it would see nothing of a message. */
	if (len == OFFER_LENGTH && memcmp (data, offer + sizeof head, len - 1) == 0)
		return fail ("what answers gives back what it gets: no milter", error);
	*out = (Answer){number (data), number (data + 4), number (data + 8)};
	return TRUE;
}

static gboolean
ask (GSocketConnectable *address, Answer *out, GCancellable *cancellable, GError **error)
{
	g_autoptr (GSocketClient) client = g_socket_client_new ();
	g_autoptr (GSocketConnection) connection = NULL;
	GInputStream *in;
	GOutputStream *to;

	g_socket_client_set_enable_proxy (client, FALSE);
	connection = g_socket_client_connect (client, address, cancellable, error);
	if (connection == NULL)
		return FALSE;
	in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
	to = g_io_stream_get_output_stream (G_IO_STREAM (connection));
	if (!g_output_stream_write_all (to, offer, sizeof offer, NULL, cancellable, error) ||
	    !read_answer (in, out, cancellable, error))
		return FALSE;
	/* It has answered: whether it hears this does not matter. */
	(void) g_output_stream_write_all (to, goodbye, sizeof goodbye, NULL, cancellable, NULL);
	return TRUE;
}

/* ---- the answer ----------------------------------------------------------------------------- */

/* Whether @error is the filter's: nobody there, or nobody who answers. Else it is ours. */
static gboolean
is_not_ready (const GError *error)
{
	static const int codes[] = {
		G_IO_ERROR_CONNECTION_REFUSED, G_IO_ERROR_NOT_FOUND,    G_IO_ERROR_CANCELLED,
		G_IO_ERROR_TIMED_OUT,          G_IO_ERROR_INVALID_DATA, G_IO_ERROR_CONNECTION_CLOSED,
		G_IO_ERROR_HOST_UNREACHABLE,   G_IO_ERROR_BROKEN_PIPE,  G_IO_ERROR_NETWORK_UNREACHABLE,
	};

	if (error->domain != G_IO_ERROR)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
		if (error->code == codes[i])
			return TRUE;
	return FALSE;
}

static int
probe (const char *text, int seconds)
{
	g_autoptr (GSocketConnectable) address = read_address (text);
	g_autofree char *visible = mm_command_visible (text);
	g_autoptr (GError) error = NULL;
	gint64 start = g_get_monotonic_time ();
	Answer answer;
	Alarm alarm;
	gboolean fine;

	if (address == NULL) {
		mm_command_complain ("probe: '%s' is no address: want local:PATH, unix:PATH, "
		                     "inet:PORT@HOST, inet6:PORT@HOST or inet:HOST:PORT", text);
		return MM_EXIT_TROUBLE;
	}
	alarm_init (&alarm, seconds);
	fine = ask (address, &answer, alarm.cancellable, &error);
	alarm_clear (&alarm);
	if (fine) {
		printf ("%s: ready: protocol version %u, actions 0x%x, steps 0x%x, %.1f ms\n",
		        visible, answer.version, answer.actions, answer.steps,
		        (double) (g_get_monotonic_time () - start) / G_TIME_SPAN_MILLISECOND);
		return mm_command_finish (MM_EXIT_FINE);
	}
	if (!is_not_ready (error)) {
		mm_command_complain ("probe: %s: %s", text, error->message);
		return MM_EXIT_TROUBLE;
	}
	if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		printf ("%s: not ready: no answer within %d s\n", visible, seconds);
	else
		printf ("%s: not ready: %s\n", visible, error->message);
	return mm_command_finish (MM_EXIT_ISSUES);
}

int
mm_command_probe (int argc, char **argv)
{
	g_auto (GStrv) words = NULL;
	int seconds = DEFAULT_SECONDS;
	const GOptionEntry entries[] = {
		{"timeout", 0, 0, G_OPTION_ARG_INT, &seconds,
	         "How long to wait, for all of it (5)", "SECONDS"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	int code;

	if (!mm_command_parse (&usage, entries, argc, argv, &code))
		return code;
	if (words == NULL || words[1] != NULL) {
		mm_command_complain ("probe: want one SOCKET; see '" MM_COMMAND_NAME " probe --help'");
		return MM_EXIT_TROUBLE;
	}
	if (seconds < 1 || seconds > MAX_SECONDS) {
		mm_command_complain ("probe: --timeout: want 1 to %d seconds", MAX_SECONDS);
		return MM_EXIT_TROUBLE;
	}
	return probe (words[0], seconds);
}
