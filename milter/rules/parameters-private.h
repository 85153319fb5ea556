/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parameters-private.h: writing what is certain in a Content-Type or Content-Disposition so that
 * the grammar holds.
 */
#pragma once

#include <mailmend/rule.h>

/* Appends @value, which breaks its grammar, to @out with the least change: bad values quoted, empty
 * items dropped. Type, parameters, their order and their values stay. FALSE if that is not certain;
 * @out is then as before. @slash: as for mm_grammar_parameterized (). */
gboolean mm_parameters_normalise (MmBytes value, gboolean slash, MmBuffer *out);
