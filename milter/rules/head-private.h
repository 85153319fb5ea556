/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * head-private.h: what rules of the top-level header share.
 */
#pragma once

#include <mailmend/rule.h>

/* The fields that begin the body because the MTA ended the header block at a line that is no field:
 * the first body line is not empty and no field, and at least two fields follow it directly, one of
 * them From, Date, Message-ID, MIME-Version, Content-Type or Content-Transfer-Encoding that the top
 * level lacks. NULL if it is not so. (GArray of MmHeader, transfer full) */
GArray *mm_head_strayed (const MmFacts *facts);

/* TRUE if the body begins with fields that belong into the header: two or more, ended by an empty
 * line, one of them a valid MIME-Version, Content-Type or Content-Transfer-Encoding that the top
 * level lacks. *@out_n, if wanted: how many. */
gboolean mm_head_has_slid (const MmFacts *facts, guint *out_n);

/* TRUE if @value, without comments, is 1.0. */
gboolean mm_head_is_mime_version (MmBytes value);

/* TRUE if @item holds nothing but comments and white space and must not (EMPTY_HEADER). */
gboolean mm_head_is_empty (const MmHeader *item);

/* TRUE if the empty value of item @at of the top level must stay: another field of its name stands
 * beside it, and a value made up for this one would contradict that. */
gboolean mm_head_is_empty_beside (const MmFacts *facts, guint at);

/* TRUE if a field @name stands at the top level, or strayed into the body. */
gboolean mm_head_has (const MmFacts *facts, const char *name);

/* TRUE if @from, as the value of the only From, would name several authors and no Sender says which
 * of them sent the message (MULTIPLE_FROM_ADDRESSES). *@out_n: how many; may be NULL. */
gboolean mm_head_needs_sender (const MmFacts *facts, MmBytes from, guint *out_n);

/* TRUE if nothing may be added to the top-level header: a line in it is no field, or fields
 * strayed or slid into the body. */
gboolean mm_head_is_broken (const MmFacts *facts);

/* TRUE if item @at of @part is a line that is no field (MISSING_COLON_VALUE): not an mbox From_ line,
 * nor a field whose name is only damaged by CRs or NULs. */
gboolean mm_head_is_no_field (const MmFacts *facts, const MmPart *part, guint at);

/* fix of the rules that only add: "NAME: value" at the end of the top-level header; UNCERTAIN when
 * the head is broken. */
gboolean mm_head_add (const MmFacts *facts, const char *name, const char *value, MmEdits *out,
                      GError **error);

/* TRUE if a leaf of the message holds octets from 0x80 on and declares none: with a MIME-Version that
 * would be wrong in black and white. */
gboolean mm_head_has_undeclared_8bit (const MmFacts *facts);

/* For repairs that write a Content-* field: without MIME-Version it would mean nothing. */
gboolean mm_head_ensure_mime_version (const MmFacts *facts, MmEdits *out, GError **error);

/* Keeps @old (the raw value of a field that gets a new one) in the field @name (X-Original-...),
 * where the context wants that, unless @old is empty or such a field stands already. */
void mm_head_keep_original (const MmFacts *facts, const char *name, MmBytes old, MmEdits *out);

/* Sets MM_ERROR_UNCERTAIN with @text. Returns FALSE. */
gboolean mm_uncertain (GError **error, const char *text);
