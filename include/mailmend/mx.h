/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mx.h: which hosts take the mail of a domain (RFC 5321 5.1, RFC 7505).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
	MM_MX_PENDING, /* no answer yet */
	MM_MX_KNOWN,   /* these hosts; none if the domain takes no mail or does not exist */
	MM_MX_FAILED,  /* DNS could not say */
} MmMxState;

G_END_DECLS
