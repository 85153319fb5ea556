/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * field-private.h: what rules that rewrite any field share: its grammar, as far as folds and
 * encoded words need it, and whether it may be touched.
 */
#pragma once

#include <mailmend/rule.h>

typedef enum {
	MM_FIELD_TEXT,       /* unstructured, and every field we do not know */
	MM_FIELD_ADDRESSES,  /* mailboxes and groups; List-Id is built like one */
	MM_FIELD_PHRASES,    /* Keywords */
	MM_FIELD_IDS,        /* <...> */
	MM_FIELD_PARAMETERS, /* Content-Type, Content-Disposition */
	MM_FIELD_URIS,       /* RFC 2369: <URI>, <URI> */
	MM_FIELD_TOKENS,     /* otherwise structured, with comments */
	MM_FIELD_TRACE,      /* written by servers: may be folded, is never rewritten */
	MM_FIELD_SEALED,     /* never edited at all */
} MmFieldKind;

MmFieldKind mm_field_kind (MmBytes name);

/* ---- reading structured values (RFC 5322 3.2) ------------------------------------------------ */

typedef enum {
	MM_SPAN_BLANK,   /* white space and folds */
	MM_SPAN_WORD,    /* an atom, with "@" and "." in it; encoded words count whole */
	MM_SPAN_QUOTED,  /* "..." */
	MM_SPAN_COMMENT, /* (...) */
	MM_SPAN_ANGLE,   /* <...> */
	MM_SPAN_SPECIAL, /* one of , : ; > */
} MmSpanKind;

typedef struct {
	MmSpanKind kind;
	gsize from, to;
	gboolean open; /* not closed: it goes to the end */
} MmSpan;

/* The span at @at, which is before the end. Reading a value span by span is linear. */
MmSpan mm_span_at (MmBytes value, gsize at);

/* ---- judging and editing --------------------------------------------------------------------- */

/* FALSE for a part whose header block is none (MISSING_BODY_SEPARATOR: nothing else is found). */
gboolean mm_field_part_is_judged (const MmPart *part);

/* Calls @judge for every header of every part that is judged. */
typedef void (*MmFieldJudge) (const MmPart *part, guint at, MmFindings *out);
void mm_field_each (const MmFacts *facts, MmFieldJudge judge, MmFindings *out);

/* TRUE if valid UTF-8 may stand in the fields of @part (RFC 6532): SMTPUTF8, or inside
 * message/global. */
gboolean mm_field_allows_utf8 (const MmFacts *facts, const MmPart *part);

/* TRUE if header @at of @part may be edited; else FALSE, UNCERTAIN. */
gboolean mm_field_may_edit (const MmFacts *facts, const MmPart *part, guint at, GError **error);

/* The same, but a field whose every octet counts may be brought back to what it was. */
gboolean mm_field_is_sound (const MmFacts *facts, const MmPart *part, guint at, GError **error);

/* Sets the value only: name and what stands before the colon stay as they are. */
void mm_field_set (MmEdits *edits, const MmPart *part, guint at, MmBytes value);

/* The same; the value stands in @line behind the name and the colon of header @at. */
void mm_field_set_line (MmEdits *edits, const MmPart *part, guint at, const MmBuffer *line);

/* TRUE if two unstructured values say the same, unfolded and decoded. */
gboolean mm_field_says_the_same (MmBytes before, MmBytes after);
