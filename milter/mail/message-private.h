/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message-private.h: the inside view that message.c and header.c share.
 */
#pragma once

#include <mailmend/message.h>

/* Reads the item that is the whole of @line; index and original are still to come. */
MmHeader mm_header_read (MmBytes line);

/* Gives every field of @headers from @from on its index among those of its name. */
void mm_header_count (GArray *headers, guint from);
