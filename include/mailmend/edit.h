/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edit.h: what a repair asks for: a list of small edits on one version of a message.
 *
 * Kinds: a top-level header set, deleted or appended; the separator set; a range of the body
 * replaced (an empty range is an insertion). Ranges never overlap and a header item is edited once:
 * what comes second is a conflict, and its finding waits for the next round of facts. Every edit names
 * the finding that asked for it, so that a failed one can be dropped with its group.
 *
 * An edit on a part's header is a body range; mm_edits_set_header and its like take any part.
 */
#pragma once

#include <mailmend/message.h>
#include <mailmend/mime.h>

G_BEGIN_DECLS

typedef enum {
	MM_EDIT_HEADER_SET,
	MM_EDIT_HEADER_DELETE,
	MM_EDIT_HEADER_APPEND,
	MM_EDIT_SEPARATOR,
	MM_EDIT_BODY,
} MmEditKind;

typedef struct {
	MmEditKind kind;
	guint header;  /* SET, DELETE: place in the message's header list */
	gsize start;   /* BODY: range of the body, end exclusive */
	gsize end;
	GBytes *bytes; /* SET, APPEND: the whole new line with its CRLF; SEPARATOR, BODY: new octets */
	guint finding; /* place of the finding in the list being mended */
} MmEdit;

typedef struct _MmEdits MmEdits;

/* An empty list of edits on @message, whose tree is @mime; both must outlive it. @header_only: an
 * edit of the body (part headers included) makes its group fail. */
MmEdits *mm_edits_new (const MmMessage *message, const MmMime *mime, const MmLimits *limits,
                       gboolean header_only);
void mm_edits_free (MmEdits *edits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmEdits, mm_edits_free)

/* Edits are added in groups: all of a finding or none. _begin names the finding; _end keeps the
 * group, or drops it (and returns FALSE, MM_ERROR_CONFLICT, MM_ERROR_MEMORY) if one of its edits
 * overlaps an earlier one or failed. _cancel drops it. */
void mm_edits_begin (MmEdits *edits, guint finding);
gboolean mm_edits_end (MmEdits *edits, GError **error);
void mm_edits_cancel (MmEdits *edits);

/* Sets header @at of @part to "NAME:VALUE" CRLF. @value begins with its blank and holds folds as CRLF + blank; it
 * must not hold any other CR, LF or NUL. Without data (a buffer that memory was refused to) this
 * edit, like the next ones, fails: MM_ERROR_MEMORY. */
void mm_edits_set_header (MmEdits *edits, const MmPart *part, guint at, const char *name,
                          MmBytes value);
/* Replaces the octets of header @at as a whole, for repairs below the level of fields; @line ends
 * with a line end. */
void mm_edits_set_header_line (MmEdits *edits, const MmPart *part, guint at, MmBytes line);
void mm_edits_delete_header (MmEdits *edits, const MmPart *part, guint at);
void mm_edits_append_header (MmEdits *edits, const MmPart *part, const char *name, MmBytes value);
/* TRUE if a top-level field @name is already going to be appended. */
gboolean mm_edits_appends (const MmEdits *edits, const char *name);
void mm_edits_set_separator (MmEdits *edits, MmBytes separator);

/* Replaces @range (a view into the body). Takes the contents of @bytes, which is empty then. */
void mm_edits_replace (MmEdits *edits, MmBytes range, MmBuffer *bytes);

/* Says that the group takes away @n things for good (ids of a list that is too long), for edits= of
 * the log line. */
void mm_edits_drop (MmEdits *edits, guint n);
/* How many, in all groups that were kept. */
guint mm_edits_dropped (const MmEdits *edits);

guint mm_edits_n (const MmEdits *edits);
const MmEdit *mm_edits_get (const MmEdits *edits, guint at);

/* The message with all edits made; everything else is octet for octet the same, the body shared if
 * it has no edit. NULL with MM_ERROR_MEMORY. (transfer full) */
MmMessage *mm_edits_apply (const MmEdits *edits, GError **error);

G_END_DECLS
