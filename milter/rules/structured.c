/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * structured.c: is a decoded value what its field may hold?
 *
 *   uris       = uri *([CFWS] "," uri)
 *   uri        = [CFWS] "<" scheme ":" 1*<printable but "<", ">", DQUOTE> ">" [CFWS]
 *   list-id    = [CFWS] [phrase] "<" dot-atom "." dot-atom ">" [CFWS]
 *   tag-list   = tag-spec *(";" tag-spec) [";"]
 *   tag-spec   = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *
 * Strict on purpose: what comes here was hidden in encoded words, and is printed as it is found.
 */
#include <config.h>

#include <mailmend/codec.h>

#include "structured-private.h"

/* ---- URIs ------------------------------------------------------------------------------------ */

/* RFC 3986 3.1 */
static gboolean
is_uri (MmBytes uri)
{
	gsize colon = mm_bytes_find (uri, ':', 0);

	if (colon == 0 || colon + 1 >= uri.len || !g_ascii_isalpha (uri.data[0]))
		return FALSE;
	for (gsize i = 0; i < uri.len; i++) {
		char c = uri.data[i];

		if (!g_ascii_isgraph (c) || strchr ("<>\"", c) != NULL ||
		    (i < colon && !g_ascii_isalnum (c) && strchr ("+-.", c) == NULL))
			return FALSE;
	}
	return TRUE;
}

/* "<" ... ">" at *@pos with CFWS around; what stands inside goes to @out. */
static gboolean
read_angle (MmBytes value, gsize *pos, MmBytes *out)
{
	gsize end;

	if (!mm_grammar_skip_cfws (value, pos) || *pos >= value.len || value.data[*pos] != '<')
		return FALSE;
	end = mm_bytes_find (value, '>', *pos);
	*out = mm_bytes_sub (value, *pos + 1, end);
	*pos = end + 1;
	return end < value.len && mm_grammar_skip_cfws (value, pos);
}

gboolean
mm_is_uri_list (MmBytes value, const char *argument)
{
	gsize pos = 0;
	MmBytes uri;

	if (argument != NULL && mm_is_single_word (value, argument))
		return TRUE;
	while (read_angle (value, &pos, &uri) && is_uri (uri)) {
		if (pos == value.len)
			return TRUE;
		if (value.data[pos] != ',')
			return FALSE;
		pos++;
	}
	return FALSE;
}

/* ---- ids and addresses ----------------------------------------------------------------------- */

static gboolean
is_atext (char c)
{
	return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* RFC 5322 3.2.3: atoms with single dots between. */
static gboolean
is_dot_atom (MmBytes text)
{
	gboolean dot = TRUE;

	for (gsize i = 0; i < text.len; i++) {
		if (text.data[i] == '.' ? dot : !is_atext (text.data[i]))
			return FALSE;
		dot = text.data[i] == '.';
	}
	return !dot;
}

/* Words and quoted strings; the dot of an abbreviation is let pass (obs-phrase). */
static gboolean
skip_phrase (MmBytes value, gsize *pos)
{
	while (mm_grammar_skip_cfws (value, pos) && *pos < value.len) {
		char c = value.data[*pos];
		gsize end = *pos + 1;

		if (c == '"') {
			while (end < value.len && value.data[end] != '"')
				end += value.data[end] == '\\' ? 2 : 1;
			if (end >= value.len)
				return FALSE;
			end++;
		} else if (!is_atext (c) && c != '.') {
			return c == '<';
		}
		*pos = end;
	}
	return FALSE;
}

gboolean
mm_is_list_id (MmBytes value, const char *argument G_GNUC_UNUSED)
{
	gsize pos = 0;
	MmBytes id;

	return skip_phrase (value, &pos) && read_angle (value, &pos, &id) && pos == value.len &&
	       is_dot_atom (id) && mm_bytes_find (id, '.', 0) < id.len;
}

gboolean
mm_is_return_path (MmBytes value, const char *argument G_GNUC_UNUSED)
{
	gsize pos = 0, at;
	MmBytes path;

	if (!read_angle (value, &pos, &path) || pos < value.len)
		return FALSE;
	at = mm_bytes_find (path, '@', 0);
	return path.len == 0 || (at < path.len && is_dot_atom (mm_bytes_sub (path, 0, at)) &&
	                         is_dot_atom (mm_bytes_sub (path, at + 1, path.len)));
}

/* ---- tags ------------------------------------------------------------------------------------ */

/* The item that begins at *@pos, trimmed; *@pos goes behind its ";". */
static MmBytes
next_item (MmBytes value, gsize *pos)
{
	gsize end = mm_bytes_find (value, ';', *pos);
	MmBytes item = mm_bytes_trim (mm_bytes_sub (value, *pos, end));

	*pos = MIN (end + 1, value.len);
	return item;
}

/* Autocrypt has names with "-" and ones that begin with "_". */
static gboolean
is_tag (MmBytes item, MmBytes *out_name)
{
	MmBytes name = mm_bytes_trim (mm_bytes_sub (item, 0, mm_bytes_find (item, '=', 0)));

	*out_name = name;
	if (name.len == 0 || mm_bytes_end (name) == mm_bytes_end (item) ||
	    !(g_ascii_isalpha (name.data[0]) || name.data[0] == '_'))
		return FALSE;
	for (gsize i = 0; i < name.len; i++)
		if (!g_ascii_isalnum (name.data[i]) && strchr ("_-", name.data[i]) == NULL)
			return FALSE;
	return TRUE;
}

gboolean
mm_is_tag_list (MmBytes value, const char *argument)
{
	g_auto (GStrv) wanted = g_strsplit (argument, " ", -1);
	guint missing = g_strv_length (wanted);
	MmBytes name;

	for (gsize pos = 0; pos < value.len;) {
		MmBytes item = next_item (value, &pos);

		if (item.len == 0 && pos == value.len)
			break;
		if (!is_tag (item, &name))
			return FALSE;
		for (guint i = 0; wanted[i] != NULL; i++) {
			if (!mm_bytes_equal (name, mm_bytes_str (wanted[i])))
				continue;
			wanted[i][0] = '\0';
			missing--;
		}
	}
	return missing == 0;
}

gboolean
mm_is_arc_results (MmBytes value, const char *argument G_GNUC_UNUSED)
{
	gsize pos = 0;
	MmBytes first = next_item (value, &pos);
	MmBytes server = next_item (value, &pos);
	MmBytes name;

	if (!is_tag (first, &name) || !mm_bytes_is (name, "i") || server.len == 0 ||
	    !mm_grammar_is_token (mm_bytes_sub (server, 0, mm_bytes_find (server, ' ', 0))))
		return FALSE;
	while (pos < value.len) {
		MmBytes item = next_item (value, &pos);

		if (item.len > 0 && !mm_bytes_is (item, "none") &&
		    mm_bytes_find (item, '=', 0) == item.len)
			return FALSE;
	}
	return TRUE;
}

/* ---- the rest -------------------------------------------------------------------------------- */

gboolean
mm_is_base64_text (MmBytes value, const char *argument G_GNUC_UNUSED)
{
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;
	MmBase64State state;

	return mm_base64_decode (value, &octets, &state) && state == MM_BASE64_CLEAN &&
	       octets.len > 0;
}

gboolean
mm_is_single_word (MmBytes value, const char *argument)
{
	g_autofree char *text = mm_grammar_without_comments (value);

	return g_ascii_strcasecmp (text, argument) == 0;
}
