/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * charset-private.h: what rules share that name the charset of a text: telling it, and writing it
 * into a Content-Type. Octets are never transcoded.
 */
#pragma once

#include <mailmend/rule.h>

/* TRUE if @octets decode in @charset, or in what readers take it for. */
gboolean mm_charset_fits (MmBytes octets, const char *charset);

/* Decodes the content of @part into @out. FALSE if it does not decode, or memory is refused. */
gboolean mm_charset_content (const MmPart *part, MmBuffer *out);

/* What @octets, text of the type @type, are in: what they name themselves if they decode in
 * it, ASCII, UTF-8, one of the context's charsets, @fallback (may be NULL). NULL if it cannot be
 * told. (transfer full) */
char *mm_charset_tell (const MmFacts *facts, const char *type, MmBytes octets,
                       const char *fallback);

/* The same for text whose label @wrong is wrong: no fallback; nothing where a NUL shows that it is
 * no text, or another one than it seems; and what was only found by trial must be a likelier text
 * than that label gives, which may be right but for a few octets. @wrong may be NULL. */
char *mm_charset_retell (const MmFacts *facts, const char *type, MmBytes octets,
                         const char *wrong);

/* Asks for MIME-Version, without which fields of parts mean nothing. While raw octets stand in the
 * body it is not for a label to say that the message is MIME. */
gboolean mm_charset_ensure_mime (const MmFacts *facts, MmEdits *out, GError **error);

/* Asks for @charset as charset of the text @part: in place of the one that its Content-Type says,
 * or behind what that says already; without one a text/plain is appended. UNCERTAIN if the field
 * cannot be added to. */
gboolean mm_charset_label (const MmFacts *facts, const MmPart *part, const char *charset,
                           MmEdits *out, GError **error);
