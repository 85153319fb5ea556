/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness-private.h: where the witness is not believed.
 */
#pragma once

#include <gmime/gmime.h>
#include <mailmend/mime.h>

/* TRUE if GMime is known to make of @part what @object is. */
gboolean mm_witness_is_tree_fault (const MmPart *part, GMimeObject *object);

/* TRUE if GMime is known to decode the content of @part to @theirs where we have @ours. */
gboolean mm_witness_is_content_fault (const MmPart *part, MmBytes ours, MmBytes theirs);

/* What is no part for GMime, which depends on what follows: nothing, else what has no empty line,
 * else any part without field and content, also where lines stand that are no fields. */
typedef enum {
	MM_SKIP_NONE,
	MM_SKIP_UNSEPARATED,
	MM_SKIP_VOID,
	MM_N_SKIPS,
} MmWitnessSkip;

/* TRUE if @part is no part for GMime. */
gboolean mm_witness_skips (const MmPart *part, MmWitnessSkip skip);
