/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * id.c: reading identifiers that a sender encoded, folded or cut, and making new ones.
 *
 * RFC 5322 3.6.4: msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
 * RFC 2047 5 allows no encoded word there; mail libraries that fold every long token as text write
 * them all the same, and readers that decode before they parse never notice.
 */
#include <config.h>

#include <mailmend/error.h>

#include "head-private.h"
#include "id-private.h"

const MmIdHeader mm_id_headers[] = {
        {"References", TRUE, FALSE},
        {"In-Reply-To", TRUE, FALSE},
        {"Resent-Message-ID", FALSE, FALSE},
        {"Content-ID", FALSE, TRUE},
        {NULL, FALSE, FALSE},
};

typedef enum { TOKEN_TEXT, TOKEN_BRACKETS, TOKEN_WORD } TokenKind;

/* Reads a value token by token. A comment or quote that is open to the end is text, and so is what
 * would open another one behind it: else each would be read to the end, for nothing. */
typedef struct {
	MmBytes value;
	gboolean open_comment;
	gboolean open_quote;
	gsize at, end; /* of the token */
	MmEncodedWord word;
} Reader;

/* Where what begins at the token ends; *@open: one is open to the end. */
static gsize
end_of (const Reader *r, gboolean (*skip) (MmBytes in, gsize *pos), gboolean *open)
{
	gsize pos = r->at;

	if (!*open)
		*open = !skip (r->value, &pos);
	return *open ? r->at + 1 : pos;
}

/* Where the bracket is closed: offset of '>', or of the next '<', or the end. Quoted strings count
 * whole. */
static gsize
bracket_end (Reader *r)
{
	gboolean quoted = FALSE;

	for (gsize i = r->at + 1; i < r->value.len && !r->open_quote; i++) {
		char c = r->value.data[i];
		if (c == '\\' && quoted)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '>' || c == '<'))
			return i;
	}
	/* An open quote closes nothing: read again without quotes. */
	r->open_quote = TRUE;
	for (gsize i = r->at + 1; i < r->value.len; i++)
		if (r->value.data[i] == '>' || r->value.data[i] == '<')
			return i;
	return r->value.len;
}

/* The token at @end: text is one octet, a comment or a quoted string. FALSE at the end. */
static gboolean
next_token (Reader *r, TokenKind *out_kind)
{
	r->at = r->end;
	*out_kind = TOKEN_TEXT;
	if (r->at >= r->value.len)
		return FALSE;
	r->end = r->at + 1;
	switch (r->value.data[r->at]) {
	case '(':
		r->end = end_of (r, mm_grammar_skip_cfws, &r->open_comment);
		break;
	case '"':
		r->end = end_of (r, mm_grammar_skip_quoted, &r->open_quote);
		break;
	case '<':
		r->end = bracket_end (r);
		*out_kind = TOKEN_BRACKETS;
		break;
	case '=':
		if (!mm_encoded_word_at (r->value, r->at, &r->word))
			break;
		r->end = r->at + r->word.whole.len;
		*out_kind = TOKEN_WORD;
		break;
	default:
		break;
	}
	return TRUE;
}

gboolean
mm_id_is_encoded (MmBytes value)
{
	Reader r = {.value = value};
	TokenKind kind;

	/* Cheap for nearly all mail: no "=?", no word. */
	if (mm_bytes_search (value, "=?") == NULL)
		return FALSE;
	while (next_token (&r, &kind))
		if (kind == TOKEN_WORD)
			return TRUE;
	return FALSE;
}

gboolean
mm_id_decode (MmBytes value, MmBuffer *out)
{
	Reader r = {.value = value};
	TokenKind kind;
	gsize after_word = G_MAXSIZE; /* out->len right behind a word, if only blanks came since */
	gsize blanks = 0;             /* octets of out that are those blanks */

	while (next_token (&r, &kind)) {
		MmBytes token = mm_bytes_sub (value, r.at, r.end);

		if (kind == TOKEN_WORD) {
			if (after_word != G_MAXSIZE)
				out->len -= blanks;
			if (!mm_encoded_word_decode (&r.word, out))
				return FALSE;
			after_word = out->len;
			blanks = 0;
			continue;
		}
		mm_buffer_append (out, token);
		if (after_word != G_MAXSIZE && token.len == 1 && mm_is_space (token.data[0]))
			blanks++;
		else
			after_word = G_MAXSIZE;
	}
	return !out->failed;
}

/* Appends @brackets ("<...>") without the folds in it, each with the white space around it. */
static guint
append_unfolded (MmBytes brackets, MmBuffer *out)
{
	guint folds = 0;

	for (gsize at = 0, to; at < brackets.len; at = to) {
		gboolean space = mm_is_space (brackets.data[at]);
		MmBytes run;

		for (to = at + 1; to < brackets.len; to++)
			if (mm_is_space (brackets.data[to]) != space)
				break;
		run = mm_bytes_sub (brackets, at, to);
		if (space && mm_bytes_find (run, '\n', 0) < run.len)
			folds++;
		else
			mm_buffer_append (out, run);
	}
	return folds;
}

guint
mm_id_unfold (MmBytes value, MmBuffer *out)
{
	Reader r = {.value = value};
	TokenKind kind;
	guint folds = 0;

	if (mm_bytes_find (value, '\n', 0) == value.len) {
		mm_buffer_append (out, value);
		return 0;
	}
	while (next_token (&r, &kind)) {
		MmBytes token = mm_bytes_sub (value, r.at, r.end);

		if (kind == TOKEN_BRACKETS && r.end < value.len && value.data[r.end] == '>')
			folds += append_unfolded (token, out);
		else
			mm_buffer_append (out, token);
	}
	return folds;
}

void
mm_id_reading_clear (MmIdReading *reading)
{
	mm_msgid_clear (&reading->msgid);
}

/* A decoded value with controls in it could smuggle a second header: it is no id, whatever a
 * grammar that skips folds makes of it. */
static gboolean
has_controls (MmBytes value)
{
	for (gsize i = 0; i < value.len; i++)
		if ((guchar) value.data[i] < ' ' || value.data[i] == 127)
			return TRUE;
	return FALSE;
}

void
mm_id_read (const MmFacts *facts, MmBytes value, MmIdReading *out)
{
	g_auto (MmBuffer) decoded = MM_BUFFER_INIT;

	*out = (MmIdReading){.encoded = mm_id_is_encoded (value)};
	if (!out->encoded) {
		mm_grammar_msgid (value, facts->context->smtputf8, &out->msgid);
		return;
	}
	out->undecodable = !mm_id_decode (value, &decoded);
	if (out->undecodable || has_controls (mm_bytes_trim (mm_buffer_bytes (&decoded))))
		out->msgid.shape = MM_MSGID_INVALID;
	else
		mm_grammar_msgid (mm_buffer_bytes (&decoded), facts->context->smtputf8,
		                  &out->msgid);
}

/* ---- a new id ------------------------------------------------------------------------------------------- */

static char *
domain_of_from (const MmFacts *facts)
{
	int at = mm_message_find_last (facts->message, "From");
	g_autofree char *address = NULL;

	if (at < 0)
		return NULL;
	address = mm_grammar_first_address (mm_message_header (facts->message, (guint) at)->value);
	return address != NULL ? mm_grammar_domain (address) : NULL;
}

char *
mm_id_generate (const MmFacts *facts)
{
	const MmContext *context = facts->context;
	g_autofree char *domain = domain_of_from (facts);
	g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (context->now);
	g_autofree char *time = NULL;
	guint8 octets[8] = {0};
	GString *id = g_string_new ("<");

	if (domain == NULL && context->envelope_sender != NULL)
		domain = mm_grammar_domain (context->envelope_sender);
	if (domain == NULL)
		domain = g_strdup (context->hostname);
	context->random (context->random_data, octets, sizeof octets);
	time = now != NULL ? g_date_time_format (now, "%Y%m%d%H%M%S") : g_strdup ("0");
	g_string_append_printf (id, "%s.", time);
	for (gsize i = 0; i < sizeof octets; i++)
		g_string_append_printf (id, "%02x", octets[i]);
	g_string_append_printf (id, "@%s>", domain);
	return g_string_free (id, FALSE);
}

/* ---- mending ---------------------------------------------------------------------------------------------- */

/* A new id takes nothing away where the old value identifies nothing. */
static gboolean
may_replace (const MmFacts *facts, const MmIdReading *reading)
{
	return facts->context->replace_message_id || reading->undecodable ||
	       reading->msgid.shape == MM_MSGID_EMPTY || reading->msgid.shape == MM_MSGID_NO_AT;
}

gboolean
mm_id_mend (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	const MmHeader *item = mm_part_header (top, (guint) finding->header);
	g_auto (MmIdReading) reading = {0};
	g_autofree char *name = mm_bytes_dup (item->name);
	g_autofree char *value = NULL;

	if (mm_mime_has_tnef (facts->mime))
		return mm_uncertain (error, "a TNEF part is tied to this id");
	if (mm_head_is_empty_beside (facts, (guint) finding->header))
		return mm_uncertain (error, "another id stands beside the empty one");
	mm_id_read (facts, item->value, &reading);
	if (reading.msgid.id != NULL) {
		value = g_strconcat (" ", reading.msgid.id, NULL);
		if (strlen (name) + 1 + strlen (value) > 998)
			return mm_uncertain (error, "the id does not fit on one line");
	} else if (may_replace (facts, &reading)) {
		g_autofree char *id = mm_id_generate (facts);
		value = g_strconcat (" ", id, NULL);
		mm_head_keep_original (facts, "X-Original-Message-ID", item->value, out);
	} else {
		return mm_uncertain (error, "what the id should be is not certain");
	}
	mm_edits_set_header (out, top, (guint) finding->header, name, mm_bytes_str (value));
	return TRUE;
}

static void
visit_part (const MmFacts *facts, const MmPart *part, MmIdVisit visit, MmFindings *out)
{
	for (guint h = 0; h < part->headers->len; h++) {
		const MmHeader *item = mm_part_header (part, h);

		for (const MmIdHeader *kind = mm_id_headers; item->is_field && kind->name; kind++)
			if ((part->number == 0 || kind->any_part) &&
			    mm_bytes_is (item->name, kind->name))
				visit (facts, part, h, kind, out);
	}
}

void
mm_id_visit (const MmFacts *facts, MmIdVisit visit, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++)
		visit_part (facts, mm_mime_part (facts->mime, i), visit, out);
}
