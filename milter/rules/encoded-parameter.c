/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encoded-parameter.c: RFC 2047 words in name= or filename=.
 *
 * RFC 2047 5: "An 'encoded-word' MUST NOT be used in parameter of a MIME Content-Type or
 * Content-Disposition field". It is the form most readers understand all the same: a notice, and
 * never mended.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "field-private.h"

/* name, filename, and their continuations without a charset (name*0). */
static gboolean
is_name (MmBytes name)
{
	MmBytes base = mm_bytes_sub (name, 0, mm_bytes_find (name, '*', 0));

	return (mm_bytes_is (base, "name") || mm_bytes_is (base, "filename")) &&
	       name.data[name.len - 1] != '*';
}

static void
judge (const MmPart *part, guint at, MmFindings *out)
{
	const MmHeader *item = mm_part_header (part, at);
	g_auto (MmParameterized) own = {0};
	const MmParameterized *p;
	MmEncodedWord word;

	if (!item->is_field || mm_bytes_search (item->value, "=?") == NULL ||
	    mm_field_kind (item->name) != MM_FIELD_PARAMETERS)
		return;
	p = mm_part_parameters (part, at, &own);
	for (guint i = 0; i < p->parameters->len; i++) {
		const MmParameter *parameter = &g_array_index (p->parameters, MmParameter, i);

		if (parameter->name.len > 0 && is_name (parameter->name) &&
		    mm_encoded_word_find (parameter->value, 0, &word))
			mm_find_header (out, MM_SEVERITY_NOTICE, part, at,
			                "a file name is written as encoded words");
	}
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	mm_field_each (facts, judge, out);
}

const MmRule mm_rule_encoded_parameter = {
        .name = "encoded-parameter",
        .label = "ENCODED_PARAMETER",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_NOTICE,
        .m365 = MM_M365_OFF,
        .citation = "RFC 2047 5",
        .summary = "RFC 2047 encoded words in name= or filename= (any part), which is illegal but "
                   "the form most readers understand; always a notice",
        .detect = detect,
};
