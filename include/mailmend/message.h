/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message.h: one message, immutable: a header block as on the wire and one contiguous body.
 *
 * The header block is kept as octets with CRLF (or whatever stood there) and as a list of items.
 * A message from a milter gets its items as the MTA delivered them; a message from a file is
 * tokenized: a block ends only at an empty line. Head and body are separate GBytes so that a
 * message with other headers shares the body, and so that the body can be a mapped file.
 *
 * Threads: an MmMessage may be read from any thread; reference counts are atomic.
 */
#pragma once

#include <mailmend/bytes.h>
#include <mailmend/scan.h>
#include <mailmend/spool.h>

G_BEGIN_DECLS

typedef struct _MmMessage MmMessage;

/* One item of a header block: a field (RFC 5322 2.2) or a line that is none. */
typedef struct {
	MmBytes line;      /* everything, folds and final line end included */
	MmBytes name;      /* without blanks; empty if no field */
	MmBytes blanks;    /* between name and colon: nearly always empty */
	MmBytes value;     /* after the colon: leading blanks and folds, without the final line end;
	                    * of a line that is no field: the line without its end */
	gboolean is_field; /* FALSE: no colon, or an unusable name */
	guint index;       /* 1 = first of this name (ASCII-caseless), as an MTA counts; 0: no field */
	int original;      /* place in the header list of the message as received; -1 = added by us */
} MmHeader;

/* Reads a message in wire form (CRLF). The block ends at the first empty line; without one all is
 * header block. Never fails: any octets are a message. */
MmMessage *mm_message_new (GBytes *wire);

MmMessage *mm_message_ref (MmMessage *message);
void mm_message_unref (MmMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmMessage, mm_message_unref)

/* The header lines, without the empty line behind them. */
MmBytes mm_message_header_block (const MmMessage *message);

/* The empty line between header block and body: CRLF, or what stands there; empty if none. */
MmBytes mm_message_separator (const MmMessage *message);

MmBytes mm_message_body (const MmMessage *message);
GBytes *mm_message_body_bytes (const MmMessage *message); /* (transfer none) */

/* Octets of header block, separator and body. */
gsize mm_message_size (const MmMessage *message);

guint mm_message_n_headers (const MmMessage *message);
const MmHeader *mm_message_header (const MmMessage *message, guint at);
GArray *mm_message_headers (const MmMessage *message); /* of MmHeader (transfer none) */

/* The place of the first item named @name at or after @from, or -1. */
int mm_message_find (const MmMessage *message, const char *name, guint from);
/* The place of the last one (the one that governs where two stand), or -1. */
int mm_message_find_last (const MmMessage *message, const char *name);

/* TRUE when reading the header block again gives other items than the message was built from (an
 * MTA delivered a value with a bare line end in it). Such a message is judged, never edited. */
gboolean mm_message_is_irregular (const MmMessage *message);

/* The first octets at or behind @at, in a view @range of the body, that are known to be whole lines of
 * base64 digits: whole quanta, CRLF, at least some thousand octets. Empty, at the end of @range, if
 * none are known: only the builder looks for them. */
MmBytes mm_message_digit_lines (const MmMessage *message, MmBytes range, const char *at);

/* Offset of @at (a pointer into this message) from its first octet on the wire. */
gsize mm_message_offset (const MmMessage *message, const char *at);

/* How many lines end (with LF) between two such offsets. */
guint mm_message_lines_between (const MmMessage *message, gsize from, gsize to);

/* ---- the tokenizer, for header blocks of parts too ------------------------------------------ */

/* Splits @block (header lines only) into items and appends them to @out (GArray of MmHeader) with
 * index as counted within @out, original = -1. Linear. */
void mm_header_tokenize (MmBytes block, GArray *out);

/* Octets of the header lines of a message in wire form: those before its first empty line. */
gsize mm_header_block_length (MmBytes wire);

/* Length of the first line of @b with its line end (CRLF or lone LF), b.len if there is none. */
gsize mm_line_length (MmBytes b);

/* TRUE if @line is nothing but its end: CRLF, LF alone, or the damaged CR CR LF. */
gboolean mm_line_is_empty (MmBytes line);

/* TRUE if @line begins like a field: printable ASCII name, blanks, colon. */
gboolean mm_line_is_field (MmBytes line);

/* Appends the value without its folds: every CRLF or LF before a blank is taken out, the blank
 * stays (RFC 5322 2.2.3). FALSE when memory is refused. */
gboolean mm_unfold (MmBytes value, MmBuffer *out);

/* ---- building one from events, as a milter gets them ---------------------------------------- */

typedef struct _MmMessageBuilder MmMessageBuilder;

/* A body of more than @threshold octets is kept in a file without a name in @folder, which must
 * outlive the message (NULL: never), see spool.h. So are those of later versions. (transfer full) */
MmMessageBuilder *mm_message_builder_new (gsize threshold, const char *folder);
void mm_message_builder_free (MmMessageBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmMessageBuilder, mm_message_builder_free)

/* One header as libmilter gives it: @value with its leading white space, folds as LF + blank.
 * FALSE when memory is refused or the file cannot be written; the builder then stays failed. */
gboolean mm_message_builder_add_header (MmMessageBuilder *builder, MmBytes name, MmBytes value);
gboolean mm_message_builder_add_body (MmMessageBuilder *builder, MmBytes chunk);

/* Why the builder has failed; NULL: it has not. Its own. */
const char *mm_message_builder_error (const MmMessageBuilder *builder);

/* The message, the builder being empty afterwards; NULL when it had failed. (transfer full) */
MmMessage *mm_message_builder_finish (MmMessageBuilder *builder);

/* What mm_scan () would say of the body of the message it gave. (transfer none) */
const MmScan *mm_message_builder_body_facts (const MmMessageBuilder *builder);

/* ---- for edit: the next version of a message ------------------------------------------------- */

/* A message of these header lines, each one item (a whole line with its end, original as given),
 * with @separator and @body (NULL: that of @from). NULL when memory is refused. */
typedef struct {
	MmBytes line;
	int original;
} MmHeaderLine;
MmMessage *mm_message_with (const MmMessage *from, const MmHeaderLine *lines, guint n_lines,
                            MmBytes separator, GBytes *body);

/* An empty buffer that lies there if it grows large. */
MmBuffer mm_message_buffer (const MmMessage *message);

/* A spool for some @size octets, where the builder of @message keeps such. */
MmSpool mm_message_spool (const MmMessage *message, gsize size);

/* @message as if it had been received so: every original is the item's own place. */
MmMessage *mm_message_as_received (const MmMessage *message);

G_END_DECLS
