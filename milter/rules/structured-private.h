/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * structured-private.h: grammars of fields that only ENCODED_STRUCTURED_HEADER must know: each says
 * TRUE if an unfolded value of printable ASCII is right. @argument is for those that name it.
 */
#pragma once

#include <mailmend/grammar.h>

/* RFC 2369: one or more <URI>, comma between, comments anywhere; or the word @argument, if any. */
gboolean mm_is_uri_list (MmBytes value, const char *argument);

/* RFC 2919: [phrase] "<" list-id ">". */
gboolean mm_is_list_id (MmBytes value, const char *argument);

/* RFC 5321 4.1.2: "<>" or "<addr-spec>". */
gboolean mm_is_return_path (MmBytes value, const char *argument);

/* RFC 6376 3.2: name=value; name=value ... in which each name of @argument (blank between) stands. */
gboolean mm_is_tag_list (MmBytes value, const char *argument);

/* RFC 8617 4.1.1: i=1; authserv-id; method=result ... */
gboolean mm_is_arc_results (MmBytes value, const char *argument);

/* Base64 and white space only. */
gboolean mm_is_base64_text (MmBytes value, const char *argument);

/* The word @argument and comments only, letter case aside. */
gboolean mm_is_single_word (MmBytes value, const char *argument);
