/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool.h: octets that arrive in pieces, kept in memory to a limit and in a file beyond it.
 *
 * The file has no name: it goes away with the process, whatever ends that. What comes out is one
 * piece of memory in either case; of a file it is a mapping, which the system may drop and read
 * again, so that many large messages at once do not need as much memory as they have octets.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

typedef struct {
	MmBuffer memory;  /* what is not in the file */
	gsize threshold;  /* octets of memory */
	const char *folder;
	int fd;           /* -1: no file */
	gsize len;
	char *error;      /* sticky; NULL: nothing is wrong */
} MmSpool;

/* Without a @folder (the caller's, it must outlive the spool) everything stays in memory. */
void mm_spool_init (MmSpool *spool, gsize threshold, const char *folder);
void mm_spool_clear (MmSpool *spool);

/* Makes room for @more octets at once. What cannot be had shows when they come. */
void mm_spool_expect (MmSpool *spool, gsize more);

/* FALSE, and for good, when memory is refused or the file cannot be written: then spool->error says
 * why. */
gboolean mm_spool_append (MmSpool *spool, MmBytes bytes);

/* All that was appended, the spool empty again; NULL if it has failed. (transfer full) */
GBytes *mm_spool_finish (MmSpool *spool);

/* Writes all of it, however many calls that takes. FALSE with errno set. */
gboolean mm_write_all (int fd, MmBytes bytes);

G_END_DECLS
