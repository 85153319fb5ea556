/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw-8bit-parameter.c: octets >= 0x80 in the parameters of Content-Type and Content-Disposition.
 *
 * RFC 2045 5.1: a value is a token or a quoted-string, both US-ASCII; RFC 2231 4 is the way to give
 * other characters. A file name gets that form, always in UTF-8, which every reader of RFC 2231
 * knows. "name" gets an encoded word in quotes instead: illegal (RFC 2047 5), but what the readers
 * understand that know no RFC 2231. ParamStyle says if they count.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "head-private.h"
#include "parameters-private.h"
#include "raw-words-private.h"

#define LINE_WANTED 78

/* ---- finding --------------------------------------------------------------------------------- */

/* All behind the type, where RAW_8BIT_HEADER does not look. */
static MmBytes
parameters_of (const MmHeader *item)
{
	return mm_bytes_sub (item->value, mm_bytes_find (item->value, ';', 0), item->value.len);
}

static void
judge (const MmFacts *facts, const MmPart *part, guint at, MmFindings *out)
{
	const MmHeader *item = mm_part_header (part, at);
	MmBytes parameters;
	g_autofree char *name = NULL;

	if (!item->is_field || mm_field_kind (item->name) != MM_FIELD_PARAMETERS)
		return;
	parameters = parameters_of (item);
	if (!mm_is_raw (parameters, mm_field_allows_utf8 (facts, part)))
		return;
	name = mm_bytes_printable (item->name, 60);
	mm_find_header (out, MM_SEVERITY_ERROR, part, at, "a parameter of %s holds raw octets (%s)",
	                name, mm_is_utf8 (parameters) ? "UTF-8" : "not UTF-8");
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		const MmScan *scan = i == 0 ? &facts->head : &facts->body;

		if (scan->eightbit.count == 0 || !mm_bytes_has_8bit (part->block) ||
		    !mm_field_part_is_judged (part))
			continue;
		for (guint at = 0; at < part->headers->len; at++)
			judge (facts, part, at, out);
	}
}

/* ---- mending --------------------------------------------------------------------------------- */

typedef struct {
	const MmFacts *facts;
	const MmPart *part;
	const MmParameterized *p;
	MmBytes value;
	MmBuffer *line; /* "Name:" and what is written of the value */
} Writer;

/* These say how the rest is to be read: what they should be is no question of letters. */
static gboolean
is_structural (MmBytes name)
{
	return mm_bytes_is (name, "boundary") || mm_bytes_is (name, "charset") ||
	       mm_bytes_is (name, "protocol") || mm_bytes_is (name, "type") ||
	       mm_bytes_is (name, "micalg") || mm_bytes_is (name, "start");
}

static gsize
column (const Writer *w)
{
	gsize at = w->line->len;

	while (at > 0 && w->line->data[at - 1] != '\n')
		at--;
	return w->line->len - at;
}

/* Begins a new line at the blanks behind the ";" written last, with one blank more where none is. */
static void
fold (Writer *w)
{
	gsize blanks = w->line->len;
	g_autofree char *tail = NULL;
	gsize len;

	while (mm_is_wsp (w->line->data[blanks - 1]))
		blanks--;
	len = w->line->len - blanks;
	if (w->line->data[blanks - 1] != ';')
		return;
	tail = mm_bytes_dup (mm_bytes (w->line->data + blanks, len));
	w->line->len = blanks;
	mm_buffer_append_str (w->line, len > 0 ? "\r\n" : "\r\n ");
	mm_buffer_append (w->line, mm_bytes (tail, len));
}

static void
append_folded (Writer *w, const MmBuffer *written)
{
	gsize first = mm_bytes_find (mm_buffer_bytes (written), '\r', 0);

	if (!w->line->failed && column (w) + first > LINE_WANTED)
		fold (w);
	mm_buffer_append (w->line, mm_buffer_bytes (written));
}

/* name*=utf-8''... */
static gboolean
write_extended (Writer *w, MmBytes name, MmBytes octets, const char *charset)
{
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	g_auto (MmBuffer) written = MM_BUFFER_INIT;

	if (!mm_charset_recode (octets, charset, &text) ||
	    !mm_parameter_encode (name, mm_buffer_bytes (&text), &written))
		return FALSE;
	append_folded (w, &written);
	return TRUE;
}

/* name="=?charset?Q?...?=" on a line of its own where that is needed. */
static gboolean
write_words (Writer *w, MmBytes name, MmBytes octets, const char *charset)
{
	guint indent = (guint) (strlen (" ") + name.len + strlen ("=\""));
	g_auto (MmBuffer) words = MM_BUFFER_INIT;
	g_auto (MmBuffer) written = MM_BUFFER_INIT;

	if (!mm_encoded_words_encode (octets, charset, MM_WORD_PHRASE, indent, &words) ||
	    words.len == 0 || words.data[0] == '\r')
		return FALSE;
	mm_buffer_append (&written, name);
	mm_buffer_append_str (&written, "=\"");
	mm_buffer_append (&written, mm_buffer_bytes (&words));
	mm_buffer_append_c (&written, '"');
	append_folded (w, &written);
	return TRUE;
}

/* The octets of a value that is no extended one; what stands in quotes loses them. */
static char *
octets_of (const MmParameter *parameter)
{
	MmParameterized one = {.parameters = g_array_new (FALSE, FALSE, sizeof (MmParameter))};
	g_autofree char *name = mm_bytes_dup (parameter->name);
	char *octets;

	g_array_append_val (one.parameters, *parameter);
	octets = mm_parameter_get (&one, name);
	mm_parameterized_clear (&one);
	return octets;
}

/* TRUE if the extended form of the same parameter stands beside it, for readers that know it. */
static gboolean
has_extended (const Writer *w, MmBytes name)
{
	for (guint i = 0; i < w->p->parameters->len; i++) {
		MmBytes other = g_array_index (w->p->parameters, MmParameter, i).name;

		if (other.len > name.len && other.data[name.len] == '*' &&
		    mm_bytes_equal_nocase (mm_bytes_sub (other, 0, name.len), name))
			return TRUE;
	}
	return FALSE;
}

/* "name*=utf-8''" and raw octets: they are only not escaped. */
static gboolean
write_escaped (Writer *w, const MmParameter *parameter)
{
	MmBytes value = parameter->value;
	gsize quote = mm_bytes_find (value, '\'', 0);
	gsize text = mm_bytes_find (value, '\'', quote + 1) + 1;
	g_autofree char *charset = mm_bytes_dup (mm_bytes_sub (value, 0, quote));
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;

	if (text > value.len || value.data[0] == '"' || mm_bytes_has_8bit (parameter->name) ||
	    !mm_extended_decode (mm_bytes_sub (value, text, value.len), &octets) ||
	    !mm_charset_decodes (mm_buffer_bytes (&octets), charset))
		return FALSE;
	mm_buffer_append (w->line, parameter->name);
	mm_buffer_append_c (w->line, '=');
	mm_buffer_append (w->line, mm_bytes_sub (value, 0, text));
	return mm_extended_escape (mm_bytes_sub (value, text, value.len), w->line);
}

static gboolean
is_extended (MmBytes name)
{
	return mm_bytes_find (name, '*', 0) == name.len - 1;
}

/* A value in two forms keeps both, so that it stays each reader's choice which one it takes. */
static gboolean
is_word (const Writer *w, MmBytes name)
{
	return w->facts->context->param_style == MM_PARAM_STYLE_BOTH &&
	       (mm_bytes_is (name, "name") || has_extended (w, name));
}

static gboolean
write_parameter (Writer *w, const MmParameter *parameter, GError **error)
{
	MmBytes name = parameter->name;
	g_autofree char *octets = octets_of (parameter);
	MmBytes text = mm_bytes_str (octets);
	const char *charset;
	gboolean ok;

	if (is_extended (name) && write_escaped (w, parameter))
		return TRUE;
	if (mm_bytes_has_8bit (name) || mm_bytes_find (name, '*', 0) < name.len ||
	    is_structural (name))
		return mm_uncertain (error, "what the parameter should be is not certain");
	if (has_extended (w, name) && !is_word (w, name))
		return mm_uncertain (error, "the parameter stands there in two forms");
	charset = mm_raw_charset (w->facts, w->part, text);
	if (charset == NULL)
		return mm_uncertain (error, "the charset of the raw octets is not certain");
	ok = is_word (w, name) ? write_words (w, name, text, charset)
	                       : write_extended (w, name, text, charset);
	return ok || mm_uncertain (error, "the value cannot be written in that form");
}

/* The field with its raw values written anew, all else as it stands. */
static gboolean
write_value (Writer *w, gboolean utf8, GError **error)
{
	gsize done = 0;

	for (guint i = 0; i < w->p->parameters->len; i++) {
		const MmParameter *parameter = &g_array_index (w->p->parameters, MmParameter, i);
		gsize from = (gsize) (parameter->name.data - w->value.data);
		gsize to = (gsize) (parameter->value.data - w->value.data) + parameter->value.len;

		if (!mm_is_raw (mm_bytes_sub (w->value, from, to), utf8))
			continue;
		mm_buffer_append (w->line, mm_bytes_sub (w->value, done, from));
		if (!write_parameter (w, parameter, error))
			return FALSE;
		done = to;
	}
	mm_buffer_append (w->line, mm_bytes_sub (w->value, done, w->value.len));
	return !w->line->failed || mm_uncertain (error, "out of memory");
}

/* What breaks the grammar is brought in order first, as INVALID_MIME_HEADERS does it. */
static gboolean
write_line (const MmFacts *facts, const MmPart *part, const MmHeader *item, MmBuffer *line,
            GError **error)
{
	gboolean slash = mm_bytes_is (item->name, "Content-Type");
	gboolean utf8 = mm_field_allows_utf8 (facts, part);
	g_auto (MmParameterized) p = {0};
	g_auto (MmBuffer) normal = MM_BUFFER_INIT;
	Writer w = {.facts = facts, .part = part, .p = &p, .value = item->value, .line = line};
	gsize start;

	mm_grammar_parameterized (w.value, slash, &p);
	if (p.flags != 0) {
		if (!mm_parameters_normalise (w.value, slash, &normal))
			return mm_uncertain (error, "how the field is to be read is not certain");
		w.value = mm_buffer_bytes (&normal);
		mm_parameterized_clear (&p);
		mm_grammar_parameterized (w.value, slash, &p);
	}
	mm_buffer_append (line, mm_bytes (item->name.data, item->name.len + item->blanks.len));
	mm_buffer_append_c (line, ':');
	start = line->len;
	if (!write_value (&w, utf8, error))
		return FALSE;
	return !mm_is_raw (mm_bytes_sub (mm_buffer_bytes (line), start, line->len), utf8) ||
	       mm_uncertain (error, "raw octets stand beside the parameters");
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	const MmHeader *item = mm_part_header (part, at);
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (!mm_field_may_edit (facts, part, at, error) ||
	    !write_line (facts, part, item, &line, error))
		return FALSE;
	mm_field_set_line (out, part, at, &line);
	return TRUE;
}

const MmRule mm_rule_raw_8bit_parameter = {
        .name = "raw-8bit-parameter",
        .label = "RAW_8BIT_PARAMETER",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2045 5.1; RFC 2231 4",
        .summary = "octets from 0x80 on in a parameter of Content-Type or Content-Disposition (any "
                   "part), mostly a file name; with SMTPUTF8 or in message/global only octets that "
                   "are not UTF-8",
        .repair = "written as filename*= (RFC 2231, UTF-8); name=, and a value beside which its "
                  "RFC 2231 form stands, as an encoded word in quotes (ParamStyle); left where the "
                  "charset is not certain",
        .receivers = "Outlook names the attachment Untitled attachment, AT00001.dat or "
                     "tcmime.bin (reported by several)",
        .detect = detect,
        .fix = fix,
};
