/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits.h: every bound of mailmend in one table. The rows are also what
 * mailmend.conf(5) prints. At a bound the message passes unchanged (beyond the bounds of parts and
 * depth header repairs are still made) and the log line says so.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* X(name, default, text); names become members of MmLimits and MM_LIMIT_ values. */
#define MM_LIMITS(X)                                                                              \
	X (message_size, 64 * 1024 * 1024, "octets of a message that are judged at all")          \
	X (header_block, 1024 * 1024, "octets of the top header block")                           \
	X (headers, 1000, "fields of the top header block of a message that is edited")           \
	X (header_field, 60000, "octets of one field that is edited or written")                  \
	X (part_header_block, 256 * 1024, "octets of the header block of a part")                 \
	X (parts, 1000, "parts that are split; the rest is one piece")                            \
	X (depth, 100, "levels of multiparts that are split")                                     \
	X (signatures, 50, "DKIM and ARC signatures of a message that are read")                  \
	X (findings, 2000, "findings of one message")                                             \
	X (attempts, 3, "verifications of one message, each after dropping failed edits")         \
	X (growth, 4, "times its size a message may become")

typedef struct {
#define MM_LIMIT_MEMBER(name, value, text) gsize name;
	MM_LIMITS (MM_LIMIT_MEMBER)
#undef MM_LIMIT_MEMBER
} MmLimits;

static inline MmLimits
mm_limits_default (void)
{
	return (MmLimits){
#define MM_LIMIT_VALUE(name, value, text) .name = value,
		MM_LIMITS (MM_LIMIT_VALUE)
#undef MM_LIMIT_VALUE
	};
}

G_END_DECLS
