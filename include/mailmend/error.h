/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.h: the one error domain of the library. Facts about a mail are findings, never errors.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MM_ERROR (mm_error_quark ())
GQuark mm_error_quark (void);

typedef enum {
	MM_ERROR_MEMORY,    /* an allocation was refused */
	MM_ERROR_LIMIT,     /* a limit of limits.h was passed */
	MM_ERROR_DEADLINE,  /* the message took too long */
	MM_ERROR_UNCERTAIN, /* a repair would be a guess */
	MM_ERROR_CONFLICT,  /* two edits want the same octets */
	MM_ERROR_SIGNED,    /* an edit would break a signature */
	MM_ERROR_IO,        /* a file or socket */
	MM_ERROR_CONFIG,    /* a configuration file */
	MM_ERROR_INTERNAL,  /* what should not happen: the message is handled as OnInternalError says */
} MmError;

G_END_DECLS
