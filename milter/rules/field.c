/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * field.c: which grammar a field has, and whether it may be edited.
 *
 * What is not in the table is taken as unstructured text, which is what readers do with it.
 */
#include <config.h>

#include <mailmend/codec.h>
#include <mailmend/error.h>

#include "field-private.h"
#include "head-private.h"

static const struct {
	const char *name;
	MmFieldKind kind;
} kinds[] = {
        {"From", MM_FIELD_ADDRESSES},
        {"Sender", MM_FIELD_ADDRESSES},
        {"Reply-To", MM_FIELD_ADDRESSES},
        {"To", MM_FIELD_ADDRESSES},
        {"Cc", MM_FIELD_ADDRESSES},
        {"Bcc", MM_FIELD_ADDRESSES},
        {"Resent-From", MM_FIELD_ADDRESSES},
        {"Resent-Sender", MM_FIELD_ADDRESSES},
        {"Resent-Reply-To", MM_FIELD_ADDRESSES},
        {"Resent-To", MM_FIELD_ADDRESSES},
        {"Resent-Cc", MM_FIELD_ADDRESSES},
        {"Resent-Bcc", MM_FIELD_ADDRESSES},
        {"Apparently-To", MM_FIELD_ADDRESSES},
        {"Delivered-To", MM_FIELD_ADDRESSES},
        {"Disposition-Notification-To", MM_FIELD_ADDRESSES},
        {"Errors-To", MM_FIELD_ADDRESSES},
        {"List-Id", MM_FIELD_ADDRESSES},
        {"Mail-Followup-To", MM_FIELD_ADDRESSES},
        {"Mail-Reply-To", MM_FIELD_ADDRESSES},
        {"Return-Receipt-To", MM_FIELD_ADDRESSES},
        {"X-Confirm-Reading-To", MM_FIELD_ADDRESSES},
        {"X-Original-To", MM_FIELD_ADDRESSES},
        {"Keywords", MM_FIELD_PHRASES},
        {"Message-ID", MM_FIELD_IDS},
        {"References", MM_FIELD_IDS},
        {"In-Reply-To", MM_FIELD_IDS},
        {"Resent-Message-ID", MM_FIELD_IDS},
        {"Content-ID", MM_FIELD_IDS},
        {"Original-Message-ID", MM_FIELD_IDS},
        {"Supersedes", MM_FIELD_IDS},
        {"Content-Type", MM_FIELD_PARAMETERS},
        {"Content-Disposition", MM_FIELD_PARAMETERS},
        {"List-Archive", MM_FIELD_URIS},
        {"List-Help", MM_FIELD_URIS},
        {"List-Owner", MM_FIELD_URIS},
        {"List-Post", MM_FIELD_URIS},
        {"List-Subscribe", MM_FIELD_URIS},
        {"List-Unsubscribe", MM_FIELD_URIS},
        {"Accept-Language", MM_FIELD_TOKENS},
        {"Auto-Submitted", MM_FIELD_TOKENS},
        {"Autocrypt", MM_FIELD_TOKENS},
        {"Content-Base", MM_FIELD_TOKENS},
        {"Content-Language", MM_FIELD_TOKENS},
        {"Content-Location", MM_FIELD_TOKENS},
        {"Content-MD5", MM_FIELD_TOKENS},
        {"Content-Transfer-Encoding", MM_FIELD_TOKENS},
        {"Date", MM_FIELD_TOKENS},
        {"Disposition-Notification-Options", MM_FIELD_TOKENS},
        {"Importance", MM_FIELD_TOKENS},
        {"List-Unsubscribe-Post", MM_FIELD_TOKENS},
        {"MIME-Version", MM_FIELD_TOKENS},
        {"Newsgroups", MM_FIELD_TOKENS},
        {"Precedence", MM_FIELD_TOKENS},
        {"Priority", MM_FIELD_TOKENS},
        {"Resent-Date", MM_FIELD_TOKENS},
        {"Return-Path", MM_FIELD_TOKENS},
        {"Thread-Index", MM_FIELD_TOKENS},
        {"X-MS-Has-Attach", MM_FIELD_TOKENS},
        {"Authentication-Results", MM_FIELD_TRACE},
        {"Received", MM_FIELD_TRACE},
        {"Received-SPF", MM_FIELD_TRACE},
        {"ARC-Authentication-Results", MM_FIELD_SEALED},
        {"ARC-Message-Signature", MM_FIELD_SEALED},
        {"ARC-Seal", MM_FIELD_SEALED},
        {"DKIM-Signature", MM_FIELD_SEALED},
        {"DomainKey-Signature", MM_FIELD_SEALED},
        {"X-Google-DKIM-Signature", MM_FIELD_SEALED},
        {"X-MS-TNEF-Correlator", MM_FIELD_SEALED},
};

MmFieldKind
mm_field_kind (MmBytes name)
{
	for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
		if (mm_bytes_is (name, kinds[i].name))
			return kinds[i].kind;
	return MM_FIELD_TEXT;
}

/* ---- spans ----------------------------------------------------------------------------------- */

/* Behind the bracket that closes the one at @from; the end, and *@out_open, if none does. */
static gsize
closed_end (MmBytes value, gsize from, gboolean *out_open)
{
	char opening = value.data[from];
	char closing = opening == '(' ? ')' : opening == '<' ? '>' : '"';
	gsize depth = 1;

	for (gsize i = from + 1; i < value.len; i++) {
		char c = value.data[i];

		if (c == '\\' && opening != '<')
			i++;
		else if (c == '(' && opening == '(')
			depth++;
		else if (c == closing && --depth == 0)
			return i + 1;
	}
	*out_open = TRUE;
	return value.len;
}

static const gboolean ends_word[256] = {
	[' '] = TRUE, ['\t'] = TRUE, ['\r'] = TRUE, ['\n'] = TRUE, ['\0'] = TRUE, ['('] = TRUE,
	['"'] = TRUE, ['<'] = TRUE,  ['>'] = TRUE,  [','] = TRUE,  [':'] = TRUE,  [';'] = TRUE,
};

static gsize
word_end (MmBytes value, gsize at)
{
	MmEncodedWord word;

	while (at < value.len && !ends_word[(guint8) value.data[at]]) {
		if (value.data[at] == '=' && mm_encoded_word_at (value, at, &word))
			at += word.whole.len;
		else
			at++;
	}
	return at;
}

MmSpan
mm_span_at (MmBytes value, gsize at)
{
	MmSpan span = {.from = at, .to = at + 1};

	switch (value.data[at]) {
	case '"':
		span.kind = MM_SPAN_QUOTED;
		span.to = closed_end (value, at, &span.open);
		break;
	case '(':
		span.kind = MM_SPAN_COMMENT;
		span.to = closed_end (value, at, &span.open);
		break;
	case '<':
		span.kind = MM_SPAN_ANGLE;
		span.to = closed_end (value, at, &span.open);
		break;
	default:
		if (mm_is_space (value.data[at])) {
			span.kind = MM_SPAN_BLANK;
			while (span.to < value.len && mm_is_space (value.data[span.to]))
				span.to++;
		} else if (ends_word[(guint8) value.data[at]]) {
			span.kind = MM_SPAN_SPECIAL;
		} else {
			span.kind = MM_SPAN_WORD;
			span.to = word_end (value, at);
		}
	}
	return span;
}

/* ---- judging and editing --------------------------------------------------------------------- */

gboolean
mm_field_part_is_judged (const MmPart *part)
{
	return !part->unseparated;
}

void
mm_field_each (const MmFacts *facts, MmFieldJudge judge, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);

		if (!mm_field_part_is_judged (part))
			continue;
		for (guint at = 0; at < part->headers->len; at++)
			judge (part, at, out);
	}
}

gboolean
mm_field_allows_utf8 (const MmFacts *facts, const MmPart *part)
{
	while (!facts->context->smtputf8 && part->parent >= 0) {
		part = mm_mime_part (facts->mime, (guint) part->parent);
		if (strcmp (part->type, "message/global") == 0)
			return TRUE;
	}
	return facts->context->smtputf8;
}

/* Line ends only in folds, and no NUL: what mm_edits_set_header () takes. */
static gboolean
has_sound_folds (MmBytes value)
{
	for (gsize i = 0; i < value.len; i++) {
		char c = value.data[i];
		gboolean fold = c == '\r' && i + 2 < value.len && value.data[i + 1] == '\n' &&
		                mm_is_wsp (value.data[i + 2]);

		if (!fold && (c == '\r' || c == '\n' || c == '\0'))
			return FALSE;
		i += fold;
	}
	return TRUE;
}

static gboolean
has_too_many_words (MmBytes value, gsize most)
{
	MmEncodedWord word;
	gsize at = 0;

	for (gsize n = 0; mm_encoded_word_find (value, at, &word); n++) {
		if (n == most)
			return TRUE;
		at = (gsize) (word.whole.data - value.data) + word.whole.len;
	}
	return FALSE;
}

/* Those that were not read would be lost, or mean something else to who reads them. */
static gboolean
has_too_many_parameters (const MmHeader *item)
{
	g_auto (MmParameterized) p = {0};
	gboolean slash = mm_bytes_is (item->name, "Content-Type");

	if (!slash && !mm_bytes_is (item->name, "Content-Disposition"))
		return FALSE;
	mm_grammar_parameterized (item->value, slash, &p);
	return (p.flags & MM_PARAM_TOO_MANY) != 0;
}

static gboolean
is_within_limits (const MmFacts *facts, const MmHeader *item, GError **error)
{
	const MmLimits *limits = &facts->context->limits;
	const char *problem = NULL;

	if (item->line.len > limits->header_field)
		problem = "header_field: the field is too long to be edited";
	else if (has_too_many_words (item->value, limits->words))
		problem = "words: the field has too many encoded words to be edited";
	else if (has_too_many_parameters (item))
		problem = "parameters: not all of them were read";
	if (problem != NULL)
		g_set_error_literal (error, MM_ERROR, MM_ERROR_LIMIT, problem);
	return problem == NULL;
}

gboolean
mm_field_is_sound (const MmFacts *facts, const MmPart *part, guint at, GError **error)
{
	const MmHeader *item = mm_part_header (part, at);

	if (!item->is_field)
		return mm_uncertain (error, "the line is no field");
	if (part->sealed)
		return mm_uncertain (error, "it lies in signed or encrypted content");
	if (mm_bytes_is (item->name, "Message-ID") && mm_mime_has_tnef (facts->mime))
		return mm_uncertain (error, "a TNEF part is tied to this id");
	if (!is_within_limits (facts, item, error))
		return FALSE;
	if (!has_sound_folds (item->value))
		return mm_uncertain (error, "stray line ends or NUL octets stand in the field");
	return TRUE;
}

gboolean
mm_field_may_edit (const MmFacts *facts, const MmPart *part, guint at, GError **error)
{
	const MmHeader *item = mm_part_header (part, at);

	if (item->is_field && mm_field_kind (item->name) == MM_FIELD_SEALED)
		return mm_uncertain (error, "this field is never edited");
	return mm_field_is_sound (facts, part, at, error);
}

void
mm_field_set (MmEdits *edits, const MmPart *part, guint at, MmBytes value)
{
	const MmHeader *item = mm_part_header (part, at);
	g_autofree char *name =
	        mm_bytes_dup (mm_bytes (item->name.data, item->name.len + item->blanks.len));

	mm_edits_set_header (edits, part, at, name, value);
}

void
mm_field_set_line (MmEdits *edits, const MmPart *part, guint at, const MmBuffer *line)
{
	const MmHeader *item = mm_part_header (part, at);
	gsize value = item->name.len + item->blanks.len + 1;

	mm_field_set (edits, part, at, mm_bytes_sub (mm_buffer_bytes (line), value, line->len));
}

static gboolean
read_text (MmBytes value, MmBuffer *out)
{
	g_auto (MmBuffer) unfolded = MM_BUFFER_INIT;

	return mm_unfold (value, &unfolded) &&
	       mm_encoded_words_decode (mm_buffer_bytes (&unfolded), out);
}

gboolean
mm_field_says_the_same (MmBytes before, MmBytes after)
{
	g_auto (MmBuffer) a = MM_BUFFER_INIT;
	g_auto (MmBuffer) b = MM_BUFFER_INIT;

	return read_text (before, &a) && read_text (after, &b) &&
	       mm_bytes_equal (mm_bytes_trim (mm_buffer_bytes (&a)),
	                       mm_bytes_trim (mm_buffer_bytes (&b)));
}
