/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * buffer-private.h: the inside view of a buffer in a file, and of the file itself.
 */
#pragma once

#include <mailmend/bytes.h>

/* A new file in @folder that no name leads to, for reading and writing; -1 with errno. */
int mm_open_unnamed (const char *folder);

/* Gives @buffer room for @size octets in a file, or in memory where no file can be had. */
gboolean mm_buffer_grow_in_file (MmBuffer *buffer, gsize size);

/* Lets go of the file; data is NULL then. */
void mm_buffer_leave_file (MmBuffer *buffer);

/* The contents, the buffer empty behind it. (transfer full) */
GBytes *mm_buffer_steal_file (MmBuffer *buffer);
