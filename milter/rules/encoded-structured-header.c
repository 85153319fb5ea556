/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encoded-structured-header.c: encoded words in fields whose grammar has none.
 *
 * RFC 2047 5: "These are the ONLY locations where an 'encoded-word' may appear": free text, comments
 * and phrases. Python's email package writes every long token of a field it does not know as encoded
 * words: unsubscribe links and signatures are then found by nobody.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "fold-private.h"
#include "head-private.h"
#include "structured-private.h"

typedef enum {
	SCOPE_VALUE,   /* everything but comments, quoted strings and what stands in <> */
	SCOPE_TAGS,    /* everything */
	SCOPE_TYPE,    /* what stands before the first ";" */
	SCOPE_LIST_ID, /* the <>; a phrase may have encoded words */
} Scope;

typedef struct {
	const char *name;
	Scope scope;
	gboolean any_part;
	gboolean (*check) (MmBytes value, const char *argument); /* NULL: never mended */
	const char *argument;
} Kind;

/* ---- grammars -------------------------------------------------------------------------------- */

static gboolean
check_date (MmBytes value, const char *argument G_GNUC_UNUSED)
{
	return mm_grammar_date (value, NULL, NULL);
}

static gboolean
check_content (MmBytes value, const char *argument)
{
	g_auto (MmParameterized) p = {0};

	mm_grammar_parameterized (value, argument != NULL, &p);
	return p.flags == 0;
}

static const Kind kinds[] = {
        {"Date", SCOPE_VALUE, FALSE, check_date, NULL},
        {"Resent-Date", SCOPE_VALUE, FALSE, check_date, NULL},
        {"MIME-Version", SCOPE_VALUE, FALSE, mm_is_single_word, "1.0"},
        {"Content-Type", SCOPE_TYPE, TRUE, check_content, "/"},
        {"Content-Disposition", SCOPE_TYPE, TRUE, check_content, NULL},
        {"List-Help", SCOPE_VALUE, FALSE, mm_is_uri_list, NULL},
        {"List-Unsubscribe", SCOPE_VALUE, FALSE, mm_is_uri_list, NULL},
        {"List-Subscribe", SCOPE_VALUE, FALSE, mm_is_uri_list, NULL},
        {"List-Post", SCOPE_VALUE, FALSE, mm_is_uri_list, "NO"},
        {"List-Owner", SCOPE_VALUE, FALSE, mm_is_uri_list, NULL},
        {"List-Archive", SCOPE_VALUE, FALSE, mm_is_uri_list, NULL},
        {"List-Unsubscribe-Post", SCOPE_VALUE, FALSE, mm_is_single_word,
         "List-Unsubscribe=One-Click"},
        {"List-Id", SCOPE_LIST_ID, FALSE, mm_is_list_id, NULL},
        {"Return-Path", SCOPE_VALUE, FALSE, mm_is_return_path, NULL},
        {"DKIM-Signature", SCOPE_TAGS, FALSE, mm_is_tag_list, "v a b bh d h s"},
        {"ARC-Seal", SCOPE_TAGS, FALSE, mm_is_tag_list, "i a b cv d s"},
        {"ARC-Message-Signature", SCOPE_TAGS, FALSE, mm_is_tag_list, "i a b bh d h s"},
        {"ARC-Authentication-Results", SCOPE_VALUE, FALSE, mm_is_arc_results, NULL},
        {"Autocrypt", SCOPE_TAGS, FALSE, mm_is_tag_list, "addr keydata"},
        {"Thread-Index", SCOPE_VALUE, FALSE, mm_is_base64_text, NULL},
        {"X-MS-Has-Attach", SCOPE_VALUE, FALSE, mm_is_single_word, "yes"},
        {"X-MS-TNEF-Correlator", SCOPE_VALUE, FALSE, NULL, NULL},
};

static const Kind *
kind_of (MmBytes name)
{
	for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
		if (mm_bytes_is (name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef enum { TOKEN_TEXT, TOKEN_WORD, TOKEN_END } Token;

/* The token at @at; words are seen before brackets are. No id, path or URI begins with "=?", so
 * behind a "<" that is a word too. */
static Token
next_token (Scope scope, MmBytes value, gsize at, gsize *out_end, MmEncodedWord *word)
{
	gboolean in_angle = at > 0 && value.data[at - 1] == '<';
	char c = value.data[at];

	*out_end = at + 1;
	if (c == '=' && (scope != SCOPE_LIST_ID || in_angle) &&
	    mm_encoded_word_at (value, at, word)) {
		*out_end = at + word->whole.len;
		return TOKEN_WORD;
	}
	if (scope == SCOPE_TYPE && c == ';')
		return TOKEN_END;
	if (scope == SCOPE_TAGS || strchr ("(\"<", c) == NULL || c == '\0' ||
	    (c == '<' && at + 1 < value.len && value.data[at + 1] == '='))
		return TOKEN_TEXT;
	*out_end = mm_span_at (value, at).to;
	return TOKEN_TEXT;
}

/* Behind the words that @at is the first of, with the blanks between them. */
static gsize
run_end (MmBytes value, gsize at)
{
	gsize end = at;
	MmEncodedWord word;

	while (at < value.len && mm_encoded_word_at (value, at, &word)) {
		end = at + word.whole.len;
		for (at = end; at < value.len && mm_is_space (value.data[at]);)
			at++;
	}
	return end;
}

/* What its words say must be ASCII, on one line, in whatever charset they are. */
static gboolean
append_decoded (MmBytes run, MmBuffer *out)
{
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	MmEncodedWord word;

	for (gsize at = 0; mm_encoded_word_find (run, at, &word);) {
		g_autofree char *charset = mm_bytes_dup (word.charset);

		at = (gsize) (mm_bytes_end (word.whole) - run.data);
		octets.len = 0;
		text.len = 0;
		if (!mm_encoded_word_decode (&word, &octets) ||
		    !mm_charset_recode (mm_buffer_bytes (&octets), charset, &text) ||
		    !mm_bytes_equal (mm_buffer_bytes (&octets), mm_buffer_bytes (&text)))
			return FALSE;
		mm_buffer_append (out, mm_buffer_bytes (&text));
	}
	return !out->failed;
}

/* Appends @value with its words decoded; *@out_rest: where what the scope ends with begins. Without
 * @out: TRUE if there is a word. */
static gboolean
walk (Scope scope, MmBytes value, MmBuffer *out, gsize *out_rest)
{
	MmEncodedWord word;
	gsize at, end;

	for (at = 0; at < value.len; at = end) {
		Token token = next_token (scope, value, at, &end, &word);

		if (token == TOKEN_END)
			break;
		if (token == TOKEN_WORD && out == NULL)
			return TRUE;
		if (token == TOKEN_WORD) {
			end = run_end (value, at);
			if (!append_decoded (mm_bytes_sub (value, at, end), out))
				return FALSE;
		} else if (out != NULL) {
			mm_buffer_append (out, mm_bytes_sub (value, at, end));
		}
	}
	*out_rest = at;
	return out != NULL && !out->failed;
}

/* A List-Id without "<" that is encoded as a whole: then its words are no phrase. */
static gboolean
hides_list_id (MmBytes value)
{
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	MmEncodedWord word;

	return mm_bytes_find (value, '<', 0) == value.len &&
	       mm_encoded_word_find (value, 0, &word) && mm_encoded_words_decode (value, &text) &&
	       mm_bytes_find (mm_buffer_bytes (&text), '<', 0) < text.len;
}

static Scope
scope_of (const Kind *kind, MmBytes value)
{
	return kind->scope == SCOPE_LIST_ID && hides_list_id (value) ? SCOPE_VALUE : kind->scope;
}

/* ---- finding --------------------------------------------------------------------------------- */

static void
judge (const MmPart *part, guint at, MmFindings *out)
{
	const MmHeader *item = mm_part_header (part, at);
	const Kind *kind;
	gsize rest;

	/* Cheap for nearly all mail: no "=?", no word. */
	if (!item->is_field || mm_bytes_search (item->value, "=?") == NULL)
		return;
	kind = kind_of (item->name);
	if (kind == NULL || (part->number > 0 && !kind->any_part) ||
	    !walk (scope_of (kind, item->value), item->value, NULL, &rest))
		return;
	mm_find_header (out, MM_SEVERITY_ERROR, part, at,
	                "%s is written as RFC 2047 encoded words", kind->name);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	mm_field_each (facts, judge, out);
}

/* ---- mending --------------------------------------------------------------------------------- */

/* A decoded line end or control would be a header of its own, or worse. */
static gboolean
is_printable (MmBytes value)
{
	for (gsize i = 0; i < value.len; i++)
		if (!g_ascii_isprint (value.data[i]) && value.data[i] != '\t')
			return FALSE;
	return TRUE;
}

/* A type that opens the part would make other parts of the message. */
static gboolean
opens_part (const Kind *kind, MmBytes value)
{
	g_auto (MmParameterized) p = {0};

	if (kind->scope != SCOPE_TYPE)
		return FALSE;
	mm_grammar_parameterized (value, kind->argument != NULL, &p);
	return mm_bytes_has_prefix (p.type, "multipart/") ||
	       mm_bytes_has_prefix (p.type, "message/");
}

/* What is in scope becomes one line; what stands behind it stays as it is. */
static gboolean
decode (const Kind *kind, MmBytes value, MmBuffer *out)
{
	Scope scope = scope_of (kind, value);
	g_auto (MmBuffer) folded = MM_BUFFER_INIT;
	g_auto (MmBuffer) unfolded = MM_BUFFER_INIT;
	gsize rest, end;

	return walk (scope, value, &folded, &rest) &&
	       mm_unfold (mm_bytes_sub (value, 0, rest), &unfolded) &&
	       walk (scope, mm_buffer_bytes (&unfolded), out, &end) &&
	       is_printable (mm_bytes_trim (mm_buffer_bytes (out))) &&
	       mm_buffer_append (out, mm_bytes_sub (value, rest, value.len));
}

static gboolean
write_value (const Kind *kind, MmBytes value, MmBuffer *out, GError **error)
{
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;
	MmBytes text;

	if (!decode (kind, value, &decoded))
		return mm_uncertain (error, "a word does not decode to printable ASCII");
	text = mm_bytes_trim (mm_buffer_bytes (&decoded));
	if (!kind->check (text, kind->argument))
		return mm_uncertain (error, "the decoded value is not what the field may hold");
	if (opens_part (kind, text))
		return mm_uncertain (error, "the decoded type would change the parts");
	mm_buffer_append_c (out, ' ');
	return mm_buffer_append (out, text);
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	const MmHeader *item = mm_part_header (part, at);
	const Kind *kind = kind_of (item->name);
	MmFieldKind field = mm_field_kind (item->name);
	gsize name = item->name.len + item->blanks.len + 1;
	g_auto (MmBuffer) value = MM_BUFFER_INIT;
	g_auto (MmBuffer) line = MM_BUFFER_INIT;

	if (kind->check == NULL)
		return mm_uncertain (error, "this field is never edited");
	if (!mm_field_is_sound (facts, part, at, error) ||
	    !write_value (kind, item->value, &value, error))
		return FALSE;
	mm_buffer_append (&line, mm_bytes_sub (item->line, 0, name));
	if (!mm_fold_value (field == MM_FIELD_SEALED ? MM_FIELD_TOKENS : field,
	                    mm_buffer_bytes (&value), &line))
		return mm_uncertain (error, "there is no place where the line may be folded");
	mm_field_set_line (out, part, at, &line);
	return TRUE;
}

const MmRule mm_rule_encoded_structured_header = {
        .name = "encoded-structured-header",
        .label = "ENCODED_STRUCTURED_HEADER",
        .stage = MM_STAGE_HEADERS,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_HEADERS,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2047 5",
        .summary = "an encoded word in a field whose grammar has none: Date, Resent-Date, "
                   "MIME-Version, the type of Content-Type and Content-Disposition (any part), "
                   "List-*, the <> of List-Id, Return-Path, DKIM-Signature, ARC-*, Autocrypt, "
                   "Thread-Index, X-MS-Has-Attach, X-MS-TNEF-Correlator",
        .repair = "decoded, and printed if it is ASCII that the grammar of the field takes; "
                  "X-MS-TNEF-Correlator and a type that would change the parts are left",
        .receivers = "one-click unsubscribe, DKIM signatures and Autocrypt keys are not found "
                     "(measured with Python's email package; inferred for receivers)",
        .detect = detect,
        .fix = fix,
};
