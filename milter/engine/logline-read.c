/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logline-read.c: reads the line of a message back, in either form.
 *
 * Logs have millions of lines, so nothing is allocated for one: values are unescaped into a buffer
 * that is as long as the line. They fit: none is longer than what it was written as, and the key
 * before it makes room for its end.
 */
#include <config.h>

#include "logline-private.h"

/* Where we are in a line, and in the buffer. */
typedef struct {
	const char *at;
	const char *end;
	char *to;
	MmLogline *line;
	gsize next; /* the key that is expected */
} Reader;

void
mm_logline_clear (MmLogline *line)
{
	g_clear_pointer (&line->buffer, g_free);
	line->size = 0;
	memset (line->values, 0, sizeof line->values);
}

/* MM_LINE_N_KEYS: none of ours. Most lines have the keys in our order. */
static MmLineKey
find_key (Reader *r, MmBytes word)
{
	for (gsize n = 0; n < MM_LINE_N_KEYS; n++) {
		gsize key = (r->next + n) % MM_LINE_N_KEYS;
		const char *ours = mm_line_fields[key].key;

		if (strncmp (ours, word.data, word.len) == 0 && ours[word.len] == '\0') {
			r->next = key + 1;
			return (MmLineKey) key;
		}
	}
	return MM_LINE_N_KEYS;
}

static int
hex (const char *at, const char *end, guint n)
{
	int value = 0;

	if ((gsize) (end - at) < n)
		return -1;
	for (guint i = 0; i < n; i++) {
		if (!g_ascii_isxdigit (at[i]))
			return -1;
		value = value * 16 + g_ascii_xdigit_value (at[i]);
	}
	return value;
}

/* Makes octets of "\xNN" in [@from, r->to), and moves r->to to the new end. */
static gboolean
unescape (Reader *r, char *from)
{
	char *end = r->to;
	char *to = memchr (from, '\\', (gsize) (end - from));

	if (to == NULL)
		return TRUE;
	for (const char *p = to; p < end;) {
		int octet;

		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		octet = end - p > 2 && p[1] == 'x' ? hex (p + 2, end, 2) : -1;
		if (octet <= 0)
			return FALSE;
		*to++ = (char) octet;
		p += strlen ("\\xNN");
	}
	r->to = to;
	return TRUE;
}

/* The value from @from on is complete. What is not known makes room again. */
static gboolean
keep (Reader *r, MmLineKey key, char *from)
{
	if (key == MM_LINE_N_KEYS) {
		r->to = from;
		return TRUE;
	}
	if (r->line->values[key] != NULL)
		return FALSE;
	*r->to++ = '\0';
	r->line->values[key] = from;
	return TRUE;
}

static gboolean
is_word (MmBytes word)
{
	for (gsize i = 0; i < word.len; i++)
		if (!g_ascii_islower (word.data[i]) && !g_ascii_isdigit (word.data[i]) &&
		    word.data[i] != '_')
			return FALSE;
	return word.len > 0;
}

/* ---- text ------------------------------------------------------------------------------------ */

static gboolean
is_visible (char c)
{
	return c > ' ' && c <= '~' && c != '"';
}

/* The octets of a value, and moves behind it. */
static gboolean
take_text (Reader *r, MmBytes *out_value)
{
	gboolean quoted = r->at < r->end && *r->at == '"';
	const char *from = r->at + (quoted ? 1 : 0);
	const char *p = from;

	while (p < r->end && (is_visible (*p) || (quoted && *p == ' ')))
		p++;
	*out_value = mm_bytes (from, (gsize) (p - from));
	r->at = p;
	if (!quoted)
		return p == r->end || *p == ' ';
	return p < r->end && *r->at++ == '"';
}

static gboolean
keep_text (Reader *r, MmLineKey key, MmBytes value)
{
	char *from = r->to;

	if (value.len > 0)
		memcpy (r->to, value.data, value.len);
	r->to += value.len;
	return unescape (r, from) && keep (r, key, from);
}

static gboolean
read_pair (Reader *r)
{
	const char *key = r->at;
	const char *equals = memchr (key, '=', (gsize) (r->end - key));
	MmBytes word, value;

	if (equals == NULL)
		return FALSE;
	word = mm_bytes (key, (gsize) (equals - key));
	r->at = equals + 1;
	return is_word (word) && take_text (r, &value) && keep_text (r, find_key (r, word), value);
}

static gboolean
read_text (Reader *r)
{
	MmBytes id;

	if (*r->at == '"' || !take_text (r, &id) || id.len < 2 || id.data[id.len - 1] != ':' ||
	    !keep_text (r, MM_LINE_ID, mm_bytes_sub (id, 0, id.len - 1)))
		return FALSE;
	r->next = MM_LINE_ID + 1;
	while (r->at < r->end) {
		if (*r->at++ != ' ' || !read_pair (r))
			return FALSE;
		/* Lines of others have keys too. */
		if (r->line->values[MM_LINE_ACTION] == NULL)
			return FALSE;
	}
	return TRUE;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static gboolean
skip (Reader *r, char c)
{
	while (r->at < r->end && mm_is_space (*r->at))
		r->at++;
	if (r->at == r->end || *r->at != c)
		return FALSE;
	r->at++;
	return TRUE;
}

/* Behind "\u". */
static gboolean
read_unicode (Reader *r)
{
	int c = hex (r->at, r->end, 4);
	int low;

	if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff))
		return FALSE;
	r->at += 4;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u')
			return FALSE;
		low = hex (r->at + 2, r->end, 4);
		if (low < 0xdc00 || low > 0xdfff)
			return FALSE;
		r->at += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	r->to += g_unichar_to_utf8 ((gunichar) c, r->to);
	return TRUE;
}

/* RFC 8259 7. */
static gboolean
read_escape (Reader *r)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char octets[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (r->at == r->end || *r->at == '\0')
		return FALSE;
	c = *r->at++;
	if (c == 'u')
		return read_unicode (r);
	found = strchr (letters, c);
	if (found == NULL)
		return FALSE;
	*r->to++ = octets[found - letters];
	return TRUE;
}

/* Behind the first quote. */
static gboolean
read_string (Reader *r)
{
	while (r->at < r->end && *r->at != '"') {
		guchar c = (guchar) *r->at++;

		if (c < ' ' || (c == '\\' && !read_escape (r)))
			return FALSE;
		if (c != '\\')
			*r->to++ = (char) c;
	}
	return skip (r, '"');
}

/* Behind the bracket. */
static gboolean
read_array (Reader *r, char separator)
{
	gboolean first = TRUE;

	while (!skip (r, ']')) {
		if (!first && !skip (r, ','))
			return FALSE;
		if (!first)
			*r->to++ = separator;
		if (!skip (r, '"') || !read_string (r))
			return FALSE;
		first = FALSE;
	}
	return TRUE;
}

/* A number, or a word that a later version may have. */
static gboolean
read_bare (Reader *r)
{
	char *from = r->to;

	while (r->at < r->end && (g_ascii_isalnum (*r->at) || strchr ("+-.", *r->at) != NULL) &&
	       *r->at != '\0')
		*r->to++ = *r->at++;
	return r->to > from;
}

static gboolean
read_member (Reader *r)
{
	char *from = r->to;
	MmLineKey key;
	char separator;
	gboolean fine;

	if (!skip (r, '"') || !read_string (r) || !skip (r, ':'))
		return FALSE;
	key = find_key (r, mm_bytes (from, (gsize) (r->to - from)));
	separator = key < MM_LINE_N_KEYS && mm_line_fields[key].kind == MM_VALUE_SIGNATURES
	                    ? MM_SIGNATURES_SEPARATOR
	                    : MM_LABELS_SEPARATOR;
	r->to = from;
	if (skip (r, '"'))
		fine = read_string (r);
	else if (skip (r, '['))
		fine = read_array (r, separator);
	else
		fine = read_bare (r);
	return fine && unescape (r, from) && keep (r, key, from);
}

static gboolean
read_json (Reader *r)
{
	if (!skip (r, '{') || !read_member (r))
		return FALSE;
	while (!skip (r, '}'))
		if (!skip (r, ',') || !read_member (r))
			return FALSE;
	return r->at == r->end && r->line->values[MM_LINE_ID] != NULL &&
	       *r->line->values[MM_LINE_ID] != '\0';
}

/* ---- either ---------------------------------------------------------------------------------- */

gboolean
mm_logline_read (MmLogline *line, MmBytes text)
{
	Reader r = {text.data, mm_bytes_end (text), NULL, line, MM_LINE_ID};

	if (text.len == 0 || memchr (text.data, '\0', text.len) != NULL)
		return FALSE;
	if (line->size < text.len) {
		line->size = MAX (text.len, 2 * line->size);
		g_free (line->buffer);
		line->buffer = g_malloc (line->size);
	}
	r.to = line->buffer;
	memset (line->values, 0, sizeof line->values);
	return (*text.data == '{' ? read_json (&r) : read_text (&r)) &&
	       line->values[MM_LINE_ACTION] != NULL;
}
