/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * context.h: what rules may know beside the message. All of it is given, time and random octets
 * too, so that the same input gives the same output in a test.
 */
#pragma once

#include <mailmend/bytes.h>
#include <mailmend/limits.h>
#include <mailmend/scan.h>

G_BEGIN_DECLS

typedef enum {
	MM_EIGHTBIT_NEVER,    /* octets from 0x80 on need an encoding, declared 8bit or not */
	MM_EIGHTBIT_DECLARED, /* Content-Transfer-Encoding: 8bit or binary is enough */
} MmEightBit;

typedef enum {
	MM_EMBEDDED_REPORT, /* findings in embedded mail are notices */
	MM_EMBEDDED_FIX,    /* ... and mended */
	MM_EMBEDDED_ALL,    /* ... and rejected */
} MmEmbedded;

/* How file names with other characters than ASCII are written. */
typedef enum {
	MM_PARAM_STYLE_BOTH,    /* filename*= (RFC 2231), name= as an encoded word in quotes */
	MM_PARAM_STYLE_RFC2231, /* filename*=, name*= */
} MmParamStyle;

/* Fills @octets; must be callable from any thread. */
typedef void (*MmRandomFunc) (gpointer data, guint8 *octets, gsize n);

typedef struct {
	gsize line_limit; /* 998 */
	gsize max_mime_depth; /* 30; as deep as receivers take */
	gsize max_mime_parts; /* 250 */
	MmEightBit eight_bit;
	MmBareCr bare_cr;
	MmEmbedded embedded;
	gboolean keep_original_id;    /* replaced values go to X-Original-Message-ID, -Date */
	gboolean replace_message_id;  /* ReplaceMessageId = always */
	MmParamStyle param_style;
	const char *const *charsets;  /* candidates for undeclared octets, NULL-terminated */
	const char *default_charset;  /* when no candidate decodes; NULL: none */
	MmLimits limits;
	gint64 deadline;              /* monotonic microseconds, 0: none */
	gboolean smtputf8;            /* the envelope said SMTPUTF8 */
	const char *envelope_sender;  /* without brackets; "" for the null sender; NULL: unknown */
	const char *hostname;         /* never NULL or empty */
	gint64 now;                   /* seconds since 1970 */
	int zone;                     /* minutes east of UTC */
	MmRandomFunc random;
	gpointer random_data;
} MmContext;

/* LineLimit 998, MaxMimeDepth 30, MaxMimeParts 250, EightBit never, BareCr space, this host, now,
 * the local zone, the system's random octets: what a command without a configuration uses.
 * @hostname stays the caller's. */
void mm_context_init (MmContext *context, const char *hostname);

gboolean mm_context_expired (const MmContext *context);

G_END_DECLS
