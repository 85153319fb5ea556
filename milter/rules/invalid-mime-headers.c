/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invalid-mime-headers.c: Content-Type, Content-Disposition, Content-ID that break their grammar.
 *
 * RFC 2045 5.1, RFC 2183 2 (raw value: a type written as an encoded word is none); RFC 2045 7, for
 * which one pair of <> with anything but blanks in it is enough. Of two fields the lower one
 * governs and is judged. More parameters than we read are no defect.
 */
#include <config.h>

#include "field-private.h"
#include "head-private.h"
#include "id-private.h"
#include "parameters-private.h"

static const struct {
	guint flag;
	const char *text;
} flaws[] = {
        {MM_PARAM_NO_TYPE, "has no type"},
        {MM_PARAM_BAD_TYPE, "has a type that is none"},
        {MM_PARAM_OPEN_COMMENT, "has a comment that is not closed"},
        {MM_PARAM_OPEN_QUOTE, "has a quoted string that is not closed"},
        {MM_PARAM_BAD_NAME, "has a parameter without name or value"},
        {MM_PARAM_EMPTY_VALUE, "has a parameter with an empty value"},
        {MM_PARAM_EMPTY_ITEM, "has an empty item (\";;\")"},
        {MM_PARAM_UNQUOTED, "has a parameter value that needs quotes"},
};

/* ---- finding --------------------------------------------------------------------------------- */

static void
judge_parameters (const MmPart *part, int at, const MmParameterized *p, const char *name,
                  MmFindings *out)
{
	guint flags = p->flags & ~(guint) MM_PARAM_TOO_MANY;
	MmSeverity severity =
	        flags == MM_PARAM_UNQUOTED ? MM_SEVERITY_WARNING : MM_SEVERITY_ERROR;

	for (gsize i = 0; i < G_N_ELEMENTS (flaws); i++)
		if (flags & flaws[i].flag) {
			mm_find_header (out, severity, part, at, "%s %s", name, flaws[i].text);
			return;
		}
}

static gboolean
is_content_id (MmBytes value)
{
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;

	if (!mm_id_is_encoded (value))
		return mm_grammar_content_id (value);
	return mm_id_decode (value, &decoded) && mm_grammar_content_id (mm_buffer_bytes (&decoded));
}

static void
judge_id (const MmPart *part, MmFindings *out)
{
	int at = mm_part_find_header (part, "Content-ID");

	if (at >= 0 && !is_content_id (mm_part_header (part, (guint) at)->value))
		mm_find_header (out, MM_SEVERITY_ERROR, part, at,
		                "Content-ID is not one id in <>");
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (!mm_field_part_is_judged (part))
			continue;
		judge_parameters (part, part->type_at, &part->type_field, "Content-Type", out);
		judge_parameters (part, part->disposition_at, &part->disposition,
		                  "Content-Disposition", out);
		judge_id (part, out);
	}
}

/* ---- mending --------------------------------------------------------------------------------- */

/* Brackets around one token; what else an id could mean is not certain. */
static gboolean
write_id (MmBytes value, MmBuffer *out)
{
	MmBytes id = mm_bytes_trim (value);
	gsize at = (gsize) (id.data - value.data);

	if (id.len == 0 || mm_id_is_encoded (value))
		return FALSE;
	for (gsize i = 0; i < id.len; i++)
		if (mm_is_space (id.data[i]) || strchr ("<>()\",;", id.data[i]) != NULL)
			return FALSE;
	mm_buffer_append (out, mm_bytes_sub (value, 0, at));
	mm_buffer_append_c (out, '<');
	mm_buffer_append (out, id);
	mm_buffer_append_c (out, '>');
	return mm_buffer_append (out, mm_bytes_sub (value, at + id.len, value.len));
}

/* "attachment" before the parameters that stand there alone, as readers do who meet a file name.
 */
static gboolean
write_disposition (MmBytes value, MmBuffer *out)
{
	MmBytes rest = mm_bytes_trim (value);
	g_auto (MmBuffer) typed = MM_BUFFER_INIT;
	g_auto (MmParameterized) p = {0};

	mm_buffer_append (&typed, mm_bytes_sub (value, 0, (gsize) (rest.data - value.data)));
	mm_buffer_append_str (&typed, "attachment");
	if (rest.len > 0 && rest.data[0] != ';')
		mm_buffer_append_str (&typed, "; ");
	mm_buffer_append (&typed, mm_bytes (rest.data, (gsize) (mm_bytes_end (value) - rest.data)));
	if (rest.len == 0)
		return !typed.failed && mm_buffer_append_c (out, ' ') &&
		       mm_buffer_append_str (out, "attachment");
	mm_grammar_parameterized (mm_buffer_bytes (&typed), FALSE, &p);
	return !typed.failed && p.parameters->len > 0 &&
	       mm_parameters_normalise (mm_buffer_bytes (&typed), FALSE, out);
}

static gboolean
write_value (const MmPart *part, guint at, MmBuffer *out)
{
	MmBytes name = mm_part_header (part, at)->name;
	MmBytes value = mm_part_header (part, at)->value;

	if (mm_bytes_is (name, "Content-ID"))
		return write_id (value, out);
	if ((int) at == part->disposition_at &&
	    (part->disposition.flags & (MM_PARAM_NO_TYPE | MM_PARAM_BAD_TYPE)))
		return write_disposition (value, out);
	return mm_parameters_normalise (value, mm_bytes_is (name, "Content-Type"), out);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	g_auto (MmBuffer) value = MM_BUFFER_INIT;

	if (!mm_field_may_edit (facts, part, at, error))
		return FALSE;
	if (!write_value (part, at, &value))
		return mm_uncertain (error, "what the field should say is not certain");
	mm_field_set (out, part, at, mm_buffer_bytes (&value));
	return TRUE;
}

const MmRule mm_rule_invalid_mime_headers = {
        .name = "invalid-mime-headers",
        .label = "INVALID_MIME_HEADERS",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2045 5.1, 7; RFC 2183 2",
        .summary = "Content-Type, Content-Disposition or Content-ID (any part) breaks its grammar: "
                   "no type, an unquoted special or blank in a value (a warning), a doubled ;, "
                   "no <>",
        .repair = "values quoted, empty items dropped, <> set, attachment put before bare "
                  "parameters; a Content-Type whose type is none is left",
        .receivers = "Outlook names attachments Untitled attachment or ATT00001.dat (reported by "
                     "several)",
        .detect = detect,
        .fix = fix,
};
