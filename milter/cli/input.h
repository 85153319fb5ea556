/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input.h: the messages of a PATH: a file, standard input, an mbox, a Maildir or a folder.
 */
#pragma once

#include <sys/stat.h>

#include <mailmend/bytes.h>

G_BEGIN_DECLS

/* One message. Everything is lent for the call; reference the octets to keep them. */
typedef struct {
	const char *name; /* PATH, or PATH#N in an mbox */
	GBytes *given;    /* as it stands in the file */
	GBytes *wire;     /* as it is judged: lines end with CRLF */
	gboolean local;   /* all lines of @given end with LF: @wire was made of it */
	gsize offset;     /* of its first octet in the file */
	guint line;       /* lines of the file before it */
	guint number;     /* in an mbox, from 1; then @name ends in "#NUMBER". Else 0 */
} MmInput;

typedef void (*MmInputFunc) (const MmInput *input, gpointer data);

typedef struct {
	MmInputFunc func;
	gpointer data;
	gboolean as_wire;      /* octets are judged as they stand, whatever their line ends */
	gsize max_size;        /* octets of the largest message that is read */
	gsize max_header;      /* of the longest header block; 0: of any */
	gboolean one;          /* a folder or an mbox is an error */
	struct stat *out_stat; /* of what was opened; may be NULL */
} MmInputRequest;

/* Calls func for each message of @path ("-": standard input), those of folders in the order of
 * their names. Of a Maildir (a folder with cur and new) the files in both, of another folder every
 * regular file below it; symbolic links in folders are passed over, and so is what KeepOriginals left
 * beside a message (NAME.mended.eml and NAME.envelope beside NAME.eml). A file that begins with "From "
 * is an mbox. FALSE if anything could not be read, or a folder has no message: that was told, and the
 * rest was read. */
gboolean mm_input_each (const char *path, const MmInputRequest *request);

/* TRUE if @b has LF and no CR. */
gboolean mm_input_is_local (MmBytes b);

/* @b with LF where CRLF stood (@to_local) or CRLF where LF stood. NULL when memory is refused.
 * (transfer full) */
GBytes *mm_input_convert (MmBytes b, gboolean to_local);

G_END_DECLS
