/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mx-thread.c: the thread that asks DNS.
 *
 * Only this thread touches the channel of c-ares. Others leave a question in a list and write an
 * octet into a pipe, which the thread polls beside the sockets of c-ares. An answer that was cut
 * for UDP is asked for again over TCP: c-ares does that.
 */
#include <config.h>

/* Names of old, which are all that 1.16 has. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailmend/error.h>

#include "mx-private.h"

#define RESOLV_CONF "/etc/resolv.conf"

/* A question on its way: to the thread, and through c-ares. */
typedef struct {
	MmMxThread *thread;
	char *domain;
	MmMxQuery *query;
} Question;

struct _MmMxThread {
	pthread_t thread;
	pthread_mutex_t lock; /* guards the next two */
	GQueue waiting;       /* of Question */
	gboolean stop;
	int wake[2];

	/* Of the thread alone. */
	char *servers; /* NULL: the system's */
	MmMxLimits limits;
	MmMxDone done;
	gpointer data;
	ares_channel channel;
	GArray *sockets; /* struct pollfd; the first is the pipe */
	guint under_way;
	gboolean moving;  /* to another channel: what the old one gives back is asked again */
	GQueue again;     /* of Question */
	struct stat conf; /* resolv.conf as it was when it was read */
	gint64 next_look;
};

/* ---- c-ares ---------------------------------------------------------------------------------- */

/* c-ares says what it wants to know of a socket. */
static void
on_socket (void *data, ares_socket_t fd, int readable, int writable)
{
	MmMxThread *thread = data;
	struct pollfd entry = {.fd = fd};
	guint i = 1;

	entry.events = (short) ((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
	while (i < thread->sockets->len && g_array_index (thread->sockets, struct pollfd, i).fd != fd)
		i++;
	if (i < thread->sockets->len)
		g_array_remove_index_fast (thread->sockets, i);
	if (entry.events != 0)
		g_array_append_val (thread->sockets, entry);
}

static ares_channel
open_channel (MmMxThread *thread, GError **error)
{
	struct ares_options options = {
		.timeout = (int) thread->limits.timeout,
		.tries = (int) thread->limits.tries,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = thread,
	};
	ares_channel channel = NULL;
	int rc = ares_init_options (&channel, &options,
	                            ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);

	if (rc != ARES_SUCCESS) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "DNS cannot be asked: %s",
		             ares_strerror (rc));
		return NULL;
	}
	if (thread->servers != NULL)
		rc = ares_set_servers_ports_csv (channel, thread->servers);
	if (rc != ARES_SUCCESS) {
		g_set_error (error, MM_ERROR, MM_ERROR_CONFIG, "name servers \"%s\": %s",
		             thread->servers, ares_strerror (rc));
		ares_destroy (channel);
		return NULL;
	}
	return channel;
}

static void
on_answer (void *data, int status, int timeouts G_GNUC_UNUSED, unsigned char *octets, int len)
{
	Question *question = data;
	MmMxThread *thread = question->thread;
	g_auto (MmMxAnswer) answer = {.state = MM_MX_FAILED};

	if (thread->moving && status == ARES_EDESTRUCTION) {
		g_queue_push_tail (&thread->again, question);
		return;
	}
	if (octets != NULL && len > 0 &&
	    (status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND))
		answer = mm_mx_answer_read (question->domain, octets, (gsize) len);
	thread->under_way--;
	thread->done (thread->data, question->query, &answer);
	mm_mx_query_unref (question->query);
	g_free (question->domain);
	g_free (question);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void
query (MmMxThread *thread, Question *question)
{
	ares_query (thread->channel, question->domain, ns_c_in, ns_t_mx, on_answer, question);
}

/* Takes @channel in place of the one there is, with all questions that are under way: the servers
 * that they were sent to may be dead, and then there is always one that waits for them. */
static void
move_to (MmMxThread *thread, ares_channel channel)
{
	Question *question;

	thread->moving = TRUE;
	ares_destroy (thread->channel);
	thread->moving = FALSE;
	thread->channel = channel;
	while ((question = g_queue_pop_head (&thread->again)) != NULL)
		query (thread, question);
}

/* The system's servers may change while the process lives. */
static void
look_at_conf (MmMxThread *thread)
{
	gint64 now = g_get_monotonic_time ();
	struct stat conf = {0};
	ares_channel channel;

	if (thread->servers != NULL || now < thread->next_look)
		return;
	thread->next_look = now + thread->limits.look_every * G_USEC_PER_SEC;
	if (stat (RESOLV_CONF, &conf) != 0 ||
	    (conf.st_ino == thread->conf.st_ino && conf.st_size == thread->conf.st_size &&
	     conf.st_mtim.tv_sec == thread->conf.st_mtim.tv_sec &&
	     conf.st_mtim.tv_nsec == thread->conf.st_mtim.tv_nsec))
		return;
	thread->conf = conf;
	channel = open_channel (thread, NULL);
	if (channel != NULL)
		move_to (thread, channel);
}

/* Asks what others have left. FALSE: the end. */
static gboolean
take_questions (MmMxThread *thread)
{
	GQueue waiting = G_QUEUE_INIT;
	Question *question;
	gboolean stop;

	pthread_mutex_lock (&thread->lock);
	stop = thread->stop;
	waiting = thread->waiting;
	g_queue_init (&thread->waiting);
	pthread_mutex_unlock (&thread->lock);
	if (waiting.length > 0)
		look_at_conf (thread);
	while ((question = g_queue_pop_head (&waiting)) != NULL) {
		thread->under_way++;
		query (thread, question);
	}
	return !stop;
}

/* Milliseconds until c-ares wants to be called, -1: no need. */
static int
next_timeout (MmMxThread *thread)
{
	struct timeval time;

	if (ares_timeout (thread->channel, NULL, &time) == NULL)
		return -1;
	return (int) MIN (time.tv_sec, 60) * 1000 + (int) time.tv_usec / 1000 + 1;
}

static void
drain (int fd)
{
	char octets[64];

	while (read (fd, octets, sizeof octets) > 0)
		;
}

static void
poll_once (MmMxThread *thread)
{
	/* A copy: c-ares changes the list while it works. */
	g_autoptr (GArray) sockets = g_array_copy (thread->sockets);
	struct pollfd *fds = (struct pollfd *) (void *) sockets->data;

	if (poll (fds, sockets->len, next_timeout (thread)) < 0)
		return;
	if (fds[0].revents != 0)
		drain (fds[0].fd);
	for (guint i = 1; i < sockets->len; i++) {
		gboolean in = (fds[i].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) != 0;
		gboolean out = (fds[i].revents & (POLLOUT | POLLERR | POLLHUP | POLLNVAL)) != 0;

		if (in || out)
			ares_process_fd (thread->channel, in ? fds[i].fd : ARES_SOCKET_BAD,
			                 out ? fds[i].fd : ARES_SOCKET_BAD);
	}
	/* What has timed out. */
	ares_process_fd (thread->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void *
run (void *data)
{
	MmMxThread *thread = data;

	while (take_questions (thread))
		poll_once (thread);
	/* Calls on_answer () for all that is under way. */
	ares_destroy (thread->channel);
	return NULL;
}

/* Signals are for the threads that wait for them. */
static int
start (MmMxThread *thread)
{
	sigset_t all;
	sigset_t old;
	int rc;

	sigfillset (&all);
	pthread_sigmask (SIG_SETMASK, &all, &old);
	rc = pthread_create (&thread->thread, NULL, run, thread);
	pthread_sigmask (SIG_SETMASK, &old, NULL);
	return rc;
}

/* ---- for the resolver ------------------------------------------------------------------------ */

static void
free_thread (MmMxThread *thread)
{
	for (guint i = 0; i < G_N_ELEMENTS (thread->wake); i++)
		if (thread->wake[i] >= 0)
			close (thread->wake[i]);
	pthread_mutex_destroy (&thread->lock);
	g_array_unref (thread->sockets);
	g_free (thread->servers);
	g_free (thread);
	ares_library_cleanup ();
}

/* The pipe, the channel, the thread: in this order, so that the thread finds all of it. */
static gboolean
open_thread (MmMxThread *thread, GError **error)
{
	struct pollfd wake = {.events = POLLIN};
	int rc;

	if (pipe2 (thread->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
		rc = errno;
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "no pipe: %s", g_strerror (rc));
		return FALSE;
	}
	wake.fd = thread->wake[0];
	g_array_append_val (thread->sockets, wake);
	if (stat (RESOLV_CONF, &thread->conf) != 0)
		memset (&thread->conf, 0, sizeof thread->conf);
	thread->channel = open_channel (thread, error);
	if (thread->channel == NULL)
		return FALSE;
	rc = start (thread);
	if (rc == 0)
		return TRUE;
	g_set_error (error, MM_ERROR, MM_ERROR_IO, "no thread: %s", g_strerror (rc));
	ares_destroy (thread->channel);
	return FALSE;
}

MmMxThread *
mm_mx_thread_new (const char *servers, const MmMxLimits *limits, MmMxDone done, gpointer data,
                  GError **error)
{
	MmMxThread *thread = g_new0 (MmMxThread, 1);

	ares_library_init (ARES_LIB_INIT_ALL);
	pthread_mutex_init (&thread->lock, NULL);
	g_queue_init (&thread->waiting);
	g_queue_init (&thread->again);
	thread->wake[0] = thread->wake[1] = -1;
	thread->servers = g_strdup (servers);
	thread->limits = *limits;
	thread->done = done;
	thread->data = data;
	thread->sockets = g_array_new (FALSE, FALSE, sizeof (struct pollfd));
	if (open_thread (thread, error))
		return thread;
	free_thread (thread);
	return NULL;
}

/* A full pipe wakes as well. */
static void
wake (MmMxThread *thread)
{
	ssize_t n G_GNUC_UNUSED = write (thread->wake[1], "", 1);
}

void
mm_mx_thread_free (MmMxThread *thread)
{
	pthread_mutex_lock (&thread->lock);
	thread->stop = TRUE;
	pthread_mutex_unlock (&thread->lock);
	wake (thread);
	pthread_join (thread->thread, NULL);
	free_thread (thread);
}

void
mm_mx_thread_ask (MmMxThread *thread, const char *domain, MmMxQuery *query)
{
	Question *question = g_new0 (Question, 1);
	gboolean first;

	question->thread = thread;
	question->domain = g_strdup (domain);
	question->query = query;
	pthread_mutex_lock (&thread->lock);
	first = thread->waiting.length == 0;
	g_queue_push_tail (&thread->waiting, question);
	pthread_mutex_unlock (&thread->lock);
	if (first)
		wake (thread);
}
