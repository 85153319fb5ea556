/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-id-list.c: References or In-Reply-To that is no list of ids; only a notice.
 *
 * RFC 5322 3.6.4: in-reply-to = 1*msg-id, references = 1*msg-id; 4.5.4 allows phrases between the
 * ids. Readers look for <...> and take no offence at the rest. Judged on the decoded value.
 */
#include <config.h>

#include "id-private.h"

static void
judge_list (const MmPart *part, guint header, const MmIdHeader *kind, MmBytes value,
            MmFindings *out)
{
	g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (MmBytes));
	gboolean commas = FALSE;

	mm_grammar_msgid_list (value, ids, &commas);
	if (ids->len == 0)
		mm_find_header (out, MM_SEVERITY_NOTICE, part, header, "%s holds no id",
		                kind->name);
	else if (commas && strcmp (kind->name, "References") == 0)
		mm_find_header (out, MM_SEVERITY_NOTICE, part, header,
		                "commas stand between the ids of References");
}

/* What does not decode has a label of its own, and so has an empty field. */
static void
judge (const MmFacts *facts G_GNUC_UNUSED, const MmPart *part, guint header,
       const MmIdHeader *kind, MmFindings *out)
{
	MmBytes value = mm_part_header (part, header)->value;
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;

	if (!kind->list || mm_grammar_is_blank (value))
		return;
	if (!mm_id_is_encoded (value))
		judge_list (part, header, kind, value, out);
	else if (mm_id_decode (value, &decoded))
		judge_list (part, header, kind, mm_buffer_bytes (&decoded), out);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	mm_id_visit (facts, judge, out);
}

const MmRule mm_rule_invalid_id_list = {
        .name = "invalid-id-list",
        .label = "INVALID_ID_LIST",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_NOTICE,
        .m365 = MM_M365_OFF,
        .citation = "RFC 5322 3.6.4, 4.5.4",
        .summary = "commas between the ids of References; References or In-Reply-To without any id "
                   "(a notice)",
        .repair = NULL,
        .receivers = NULL,
        .hidden = NULL,
        .detect = detect,
        .fix = NULL,
};
