/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-lines.h: the lines of a log, plain or compressed by gzip, with bounded memory.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

typedef struct _MmLines MmLines;

/* Opens @path ("-": standard input). Error: it cannot be read, or is compressed by something else.
 * (transfer full) */
MmLines *mm_lines_open (const char *path, GError **error);
void mm_lines_free (MmLines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmLines, mm_lines_free)

/* The next line without its end; good until the next call. FALSE at the end, and with an error where
 * the rest cannot be read. Of a line longer than 1 MB that much is given. */
gboolean mm_lines_next (MmLines *lines, MmBytes *out_line, GError **error);

/* What a field of octets in a journal export is behind its name: a length of 8 octets, least first,
 * so many octets, and LF. All of it if it is no longer than 1 MB, else none. FALSE as above. */
gboolean mm_lines_field (MmLines *lines, MmBytes *out_value, GError **error);

/* When the file was last written to (seconds); of what is no file: now. */
gint64 mm_lines_written (const MmLines *lines);

G_END_DECLS
