/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread.c: threads of the daemon that are not libmilter's.
 */
#include <config.h>

#include <pthread.h>
#include <signal.h>

#include <mailmend/error.h>

#include "thread.h"

gboolean
mm_thread_start (void *(*function) (void *), void *data, GError **error)
{
	sigset_t all, before;
	pthread_t thread;
	int code;

	sigfillset (&all);
	pthread_sigmask (SIG_SETMASK, &all, &before);
	code = pthread_create (&thread, NULL, function, data);
	pthread_sigmask (SIG_SETMASK, &before, NULL);
	if (code != 0) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "cannot start a thread: %s",
		             g_strerror (code));
		return FALSE;
	}
	pthread_detach (thread);
	return TRUE;
}
