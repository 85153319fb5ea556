/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemonize.c: into the background, but only once the daemon works.
 *
 * The parent stays until its child listens, so that whoever started the daemon sees what went
 * wrong, and an init script goes on only when mail can be filtered. The pipe between them says it:
 * one octet is "ready", its end without one is failure.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <mailmend/error.h>

#include "daemonize.h"

/* The exit code for the parent: 0 if the child said that it is ready, else the child's own. */
static int
wait_for_child (pid_t child, int fd)
{
	char octet;
	gssize got;
	int status;

	do
		got = read (fd, &octet, 1);
	while (got < 0 && errno == EINTR);
	if (got == 1)
		return EXIT_SUCCESS;
	while (waitpid (child, &status, 0) < 0) {
		if (errno != EINTR)
			return EX_OSERR;
	}
	return WIFEXITED (status) && WEXITSTATUS (status) != 0 ? WEXITSTATUS (status) : EX_SOFTWARE;
}

int
mm_daemonize (GError **error)
{
	int ends[2] = {-1, -1};
	pid_t child;

	if (pipe (ends) != 0 || (child = fork ()) < 0) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "cannot go into the background: %s",
		             g_strerror (errno));
		return -1;
	}
	if (child > 0) {
		close (ends[1]);
		/* Not exit (): what atexit would do belongs to the child. */
		_exit (wait_for_child (child, ends[0]));
	}
	close (ends[0]);
	(void) fcntl (ends[1], F_SETFD, FD_CLOEXEC);
	setsid ();
	return ends[1];
}

void
mm_daemonize_ready (int fd, gboolean keep_stderr)
{
	int null = open ("/dev/null", O_RDWR);
	gssize ignored;

	if (chdir ("/") != 0)
		g_debug ("cannot leave the folder the daemon was started in");
	if (null >= 0) {
		for (int i = STDIN_FILENO; i <= (keep_stderr ? STDOUT_FILENO : STDERR_FILENO); i++)
			dup2 (null, i);
		if (null > STDERR_FILENO)
			close (null);
	}
	ignored = write (fd, "", 1);
	(void) ignored;
	close (fd);
}
