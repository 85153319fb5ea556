/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address-private.h: writing what is certain in an address list so that the grammar holds.
 */
#pragma once

#include <mailmend/rule.h>

/* TRUE if @text is nothing but encoded words that decode to something with an "@" in it. */
gboolean mm_address_is_encoded (MmBytes text);

/* Appends @value to @line, which holds "Name:", with every such member decoded, its words that are
 * not ASCII encoded again. UNCERTAIN if one cannot be. */
gboolean mm_address_decode (MmBytes value, MmBuffer *line, GError **error);

/* Appends @value to @out with the words in front of its <addr> quoted where they must be. Encoded
 * words and comments stay. UNCERTAIN unless there is exactly one <addr>, nothing behind it, and no
 * other "@" but in repeats of it. */
gboolean mm_address_quote (MmBytes value, MmBuffer *out, GError **error);
