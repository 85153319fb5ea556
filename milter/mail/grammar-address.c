/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-address.c: the first address of a list and its domain.
 *
 * Only as much of RFC 5322 3.4 as it takes to find a domain for a new Message-ID:
 *     mailbox   = [phrase] "<" [obs-route] addr-spec ">" / addr-spec
 *     group     = phrase ":" [mailbox-list] ";"
 *     addr-spec = local-part "@" domain
 *     obs-route = 1*("," / "@" domain) ":"
 * The words before "<" are collected like an address and then dropped, so a phrase with unquoted
 * commas, colons or "@" does no harm. Lists and their errors are the business of another module.
 */
#include "grammar-private.h"

/* RFC 1035 2.3.4, as text and without the root. */
#define MAX_DOMAIN 253
#define MAX_LABEL 63

/* An address being collected, CFWS left out. */
typedef struct {
	GString *text;
	gboolean gap;	 /* CFWS stands before the next octet */
	gboolean broken; /* two words without "." or "@" between, or an octet no address has */
	guint ats;
} Collector;

static void
collector_reset (Collector *c)
{
	g_string_truncate (c->text, 0);
	c->gap = c->broken = FALSE;
	c->ats = 0;
}

static gboolean
is_joint (char c)
{
	return c == '.' || c == '@';
}

/* May @c stand in an address outside of quoted strings and literals? */
static gboolean
is_address_char (char c)
{
	return is_joint (c) || mm_grammar_is_atext (c) || ((guchar)c & 0x80) != 0;
}

/* An atom's octet, "." or "@", or a whole quoted string or literal. */
static void
collector_add (Collector *c, MmBytes piece)
{
	gsize len = c->text->len;

	if (c->gap && len > 0)
		c->broken |= !is_joint (c->text->str[len - 1]) && !is_joint (piece.data[0]);
	c->gap = FALSE;
	c->ats += piece.len == 1 && piece.data[0] == '@';
	c->broken |= piece.len == 1 && !is_address_char (piece.data[0]);
	for (gsize i = 0; i < piece.len; i++)
		c->broken |= g_ascii_iscntrl (piece.data[i]);
	g_string_append_len (c->text, piece.data, (gssize)piece.len);
}

/* The address if it has one "@" with something on either side. (transfer full) */
static char *
collector_result (const Collector *c)
{
	const GString *text = c->text;

	if (c->ats != 1 || c->broken || text->str[0] == '@' || text->str[text->len - 1] == '@')
		return NULL;
	return g_strndup (text->str, text->len);
}

/* How far the piece at @pos goes; 0 when a quote is open. A "[" without "]" is an octet. */
static gsize
piece_end (MmBytes in, gsize pos, gboolean *literals)
{
	gsize end = pos;

	if (in.data[pos] == '"')
		return mm_grammar_skip_quoted (in, &end) ? end : 0;
	if (in.data[pos] == '[' && *literals) {
		end = mm_bytes_find (in, ']', pos);
		*literals = end < in.len;
		if (*literals)
			return end + 1;
	}
	return pos + 1;
}

/* The separators: TRUE when what was collected before may have been a mailbox. */
static gboolean
is_mailbox_end (char c)
{
	return c == ',' || c == ';' || c == '>';
}

static char *
first_address (MmBytes in, Collector *c)
{
	gboolean literals = TRUE;
	char *address;
	gsize pos = 0;

	for (;;) {
		gsize from = pos;
		gsize end;

		if (!mm_grammar_skip_cfws (in, &pos))
			return NULL;
		c->gap |= pos > from;
		if (pos >= in.len)
			return collector_result (c);
		if (is_mailbox_end (in.data[pos])) {
			address = collector_result (c);
			if (address != NULL)
				return address;
		}
		end = piece_end (in, pos, &literals);
		if (end == 0)
			return NULL;
		if (in.data[pos] == '<' || in.data[pos] == ':' || is_mailbox_end (in.data[pos]))
			collector_reset (c);
		else
			collector_add (c, mm_bytes_sub (in, pos, end));
		pos = end;
	}
}

char *
mm_grammar_first_address (MmBytes value)
{
	g_autoptr (GString) text = g_string_new (NULL);
	Collector collector = {.text = text};

	return first_address (value, &collector);
}

/* ---- domains ----------------------------------------------------------------------------- */

/* RFC 1123 2.1: letters, digits and inner hyphens. */
static gboolean
is_host_name (const char *name)
{
	gsize len = 0;

	for (const char *at = name;; at++) {
		gboolean end = *at == '.' || *at == '\0';

		if (end && (len == 0 || len > MAX_LABEL || at[-1] == '-'))
			return FALSE;
		if (*at == '\0')
			return at - name <= MAX_DOMAIN;
		if (!end && !g_ascii_isalnum (*at) && (*at != '-' || len == 0))
			return FALSE;
		len = end ? 0 : len + 1;
	}
}

char *
mm_grammar_domain (const char *addr_spec)
{
	const char *at = strrchr (addr_spec, '@');
	g_autofree char *ascii = NULL;
	g_autofree char *lower = NULL;

	/* The conversion is not linear, so no hostile lengths: a character takes at most four
	 * octets as UTF-8 and at least one as an A-label. */
	if (at == NULL || strlen (at + 1) > 4 * MAX_DOMAIN || !g_utf8_validate (at + 1, -1, NULL))
		return NULL;
	ascii = g_hostname_to_ascii (at + 1);
	if (ascii == NULL)
		return NULL;
	lower = g_ascii_strdown (ascii, -1);
	return is_host_name (lower) ? g_steal_pointer (&lower) : NULL;
}
