/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire.h: packets of the milter protocol, for the load generator and the milters it is pointed at.
 *
 * A packet is its length (four octets, network order; it counts what follows), a command and data.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

/* What a filter may do (SMFIF_*) and what is not sent or not answered (SMFIP_*), as far as the
 * benchmarks need names for them: all that Postfix 3.7 offers. */
#define WIRE_ACTIONS 0x1ffu
#define WIRE_PROTOCOL 0x1fffffu
#define WIRE_LEADSPC 0x100000u
#define WIRE_VERSION 6u

/* The largest piece of a body in one packet. */
#define WIRE_CHUNK 65535u

/* A connection. Written through a buffer of the size that Postfix has (VSTREAM_BUFSIZE). */
typedef struct {
	int fd; /* -1: not open */
	gsize n_out;
	gsize in_at;
	gsize in_end;
	char out[4096];
	char in[4096];
} Wire;

/* Connects to a unix socket. FALSE with errno set. */
gboolean wire_open (Wire *wire, const char *path);
void wire_close (Wire *wire);

/* All of these: FALSE when the connection is broken. */
gboolean wire_put (Wire *wire, MmBytes bytes);
gboolean wire_flush (Wire *wire);
/* The next packet; what was put is sent before. Its data replaces what is in @data. */
gboolean wire_get (Wire *wire, char *out_command, GByteArray *data);

/* Appends a packet to @out. */
void wire_append (GByteArray *out, char command, MmBytes data);
/* Only what stands before @len octets of data. */
void wire_append_head (GByteArray *out, char command, gsize len);
void wire_append_number (GByteArray *out, guint32 number);

/* What a filter asked for at the end of a message. */
typedef struct {
	GByteArray *headers; /* the packets of header edits, as they came */
	GByteArray *body;    /* the new body, however it was cut */
	gboolean has_body;
} WireEdits;

WireEdits *wire_edits_new (void);
void wire_edits_free (WireEdits *edits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WireEdits, wire_edits_free)

void wire_edits_reset (WireEdits *edits);
/* FALSE: it is not an edit that benchmarks know. */
gboolean wire_edits_add (WireEdits *edits, char command, MmBytes data);
gboolean wire_edits_equal (const WireEdits *a, const WireEdits *b);

/* Reads and writes a file of edits: the packets one behind the other. NULL, FALSE: it says why on
 * standard error. */
WireEdits *wire_edits_load (const char *path);
gboolean wire_edits_save (const WireEdits *edits, const char *path);

/* Takes the next packet off @rest. FALSE: there is no whole packet. */
gboolean wire_next (MmBytes *rest, char *out_command, MmBytes *out_data);

G_END_DECLS
