/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-charset-inside.c: the charset that a text names itself.
 *
 * A byte order mark, an XML declaration (XML 1.0 4.3.3), an HTML meta element (HTML 13.2.3.2), a
 * CSS @charset rule (CSS Syntax 3.2). It is what the author's program wrote beside the text, so it
 * is better evidence than any detector; whether the octets decode in it is for the caller to see.
 */
#include "codec-private.h"

#define LOOK_AT 2048 /* HTML asks for the first 1024 octets */
#define NAME_MAX_CHARS 64

typedef char *(*Reader) (MmBytes head);

/* ---- pieces -------------------------------------------------------------------------------- */

static gboolean
is_blank (char c)
{
	return mm_is_space (c) || c == '\f';
}

static gsize
skip_blanks (MmBytes b, gsize at)
{
	while (at < b.len && is_blank (b.data[at]))
		at++;
	return at;
}

/* Caseless; b.len when @word does not occur. */
static gsize
find_word (MmBytes b, const char *word, gsize from)
{
	gsize at = from;

	while (at < b.len && !mm_bytes_has_prefix (mm_bytes_sub (b, at, b.len), word))
		at++;
	return at;
}

/* Reads a name at the start of @b, up to a quote, blank or punctuation. An ASCII text that says it
 * is UTF-16 is not (and everything would decode in it). */
static char *
read_name (MmBytes b)
{
	g_autofree char *name = NULL;
	gsize end = 0;

	while (end < b.len && (g_ascii_isalnum (b.data[end]) || b.data[end] == '-' ||
	                       b.data[end] == '_' || b.data[end] == '.' || b.data[end] == ':' ||
	                       b.data[end] == '+'))
		end++;
	if (end == 0 || end == b.len || end > NAME_MAX_CHARS)
		return NULL;
	name = mm_bytes_dup (mm_bytes_sub (b, 0, end));
	return mm_charset_is_utf16_or_32 (name) ? NULL : g_steal_pointer (&name);
}

/* Reads the value of @attribute in @tag: attribute, '=', a name that may be quoted. */
static char *
read_attribute (MmBytes tag, const char *attribute)
{
	gsize at = find_word (tag, attribute, 0);

	while (at < tag.len) {
		gsize value = skip_blanks (tag, at + strlen (attribute));

		if (value < tag.len && tag.data[value] == '=') {
			value = skip_blanks (tag, value + 1);
			if (value < tag.len && (tag.data[value] == '"' || tag.data[value] == '\''))
				value = skip_blanks (tag, value + 1);
			return read_name (mm_bytes_sub (tag, value, tag.len));
		}
		at = find_word (tag, attribute, at + 1);
	}
	return NULL;
}

/* ---- one reader for each kind of text ------------------------------------------------------ */

static char *
read_bom (MmBytes head)
{
	/* The longer mark first: one begins like the other. RFC 2781 3.3: with a mark the label
	 * says no byte order. */
	static const struct {
		const char *mark;
		gsize len;
		const char *charset;
	} marks[] = {
		{"\xFF\xFE\0\0", 4, "utf-32"}, {"\0\0\xFE\xFF", 4, "utf-32"},
		{"\xEF\xBB\xBF", 3, "utf-8"},  {"\xFF\xFE", 2, "utf-16"},
		{"\xFE\xFF", 2, "utf-16"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (marks); i++) {
		if (head.len >= marks[i].len &&
		    memcmp (head.data, marks[i].mark, marks[i].len) == 0)
			return g_strdup (marks[i].charset);
	}
	return NULL;
}

/* <?xml version="1.0" encoding="x"?> */
static char *
read_xml (MmBytes head)
{
	gsize at = skip_blanks (head, 0);
	gsize end = find_word (head, "?>", at);

	if (end == head.len || !mm_bytes_has_prefix (mm_bytes_sub (head, at, end), "<?xml"))
		return NULL;
	return read_attribute (mm_bytes_sub (head, at, end), "encoding");
}

static gboolean
is_meta (MmBytes rest)
{
	return rest.len > 5 && mm_bytes_has_prefix (rest, "<meta") &&
	       (is_blank (rest.data[5]) || rest.data[5] == '/');
}

/* <meta charset=x>, <meta http-equiv=Content-Type content="text/html; charset=x">; the first one
 * outside comments that names one. */
static char *
read_html (MmBytes head)
{
	gsize at = mm_bytes_find (head, '<', 0);

	while (at < head.len) {
		MmBytes rest = mm_bytes_sub (head, at, head.len);
		gsize next = at + 1;

		if (mm_bytes_has_prefix (rest, "<!--")) {
			next = find_word (head, "-->", at + 2);
		} else if (is_meta (rest)) {
			char *name;

			next = mm_bytes_find (head, '>', at);
			name = read_attribute (mm_bytes_sub (head, at, next + 1), "charset");
			if (name != NULL)
				return name;
		}
		at = mm_bytes_find (head, '<', next);
	}
	return NULL;
}

static char *
read_xhtml (MmBytes head)
{
	char *name = read_xml (head);

	return name != NULL ? name : read_html (head);
}

/* @charset "x"; at the very start, spelled exactly so. */
static char *
read_css (MmBytes head)
{
	static const char rule[] = "@charset \"";

	if (head.len < sizeof rule || memcmp (head.data, rule, sizeof rule - 1) != 0)
		return NULL;
	return read_name (mm_bytes_sub (head, sizeof rule - 1, head.len));
}

/* ---- the whole ----------------------------------------------------------------------------- */

char *
mm_charset_named_inside (MmBytes octets, const char *subtype)
{
	static const struct {
		const char *subtype;
		Reader read;
	} readers[] = {
		{"html", read_xhtml},
		{"xhtml+xml", read_xhtml},
		{"xml", read_xml},
		{"css", read_css},
	};
	MmBytes head = mm_bytes (octets.data, MIN (octets.len, LOOK_AT));
	char *name = head.len > 0 ? read_bom (head) : NULL;

	for (gsize i = 0; name == NULL && head.len > 0 && i < G_N_ELEMENTS (readers); i++) {
		if (subtype != NULL && g_ascii_strcasecmp (subtype, readers[i].subtype) == 0)
			return readers[i].read (head);
	}
	return name;
}
