/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-address-list.c: address lists, and what is wrong with one.
 *
 * RFC 5322 3.4, with the obsolete forms of 4.1 and 4.4:
 *     address-list = address *("," address)    ; obs-addr-list: with empty members
 *     address      = mailbox / group
 *     mailbox      = [phrase] "<" [obs-route] addr-spec ">" / addr-spec
 *     group        = phrase ":" [mailbox-list] ";"
 *     phrase       = word *(word / ".")
 *     addr-spec    = local-part "@" domain
 *     local-part   = word *("." word)
 *     domain       = atom *("." atom) / domain-literal
 *     obs-route    = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain]) ":"
 * CFWS may stand around every token, which obs-local-part and obs-domain allow.
 *
 * What stands in front of a "<" cannot be told from an address before that "<" is met. So a member
 * is passed over token by token, up to where it must end, and taken as either at the same time: each
 * octet is looked at a fixed number of times. Groups do not nest.
 * Behind a fault reading goes on with the next member, so that all that is wrong gets told.
 */
#include "grammar-private.h"

typedef enum {
	TOKEN_END,
	TOKEN_ATOM,
	TOKEN_QUOTED,
	TOKEN_LITERAL,
	TOKEN_SPECIAL, /* any other single octet */
	TOKEN_OPEN_QUOTE, /* these two go to the end */
	TOKEN_OPEN_COMMENT,
} TokenKind;

typedef struct {
	TokenKind kind;
	gsize from, to;
	char special; /* TOKEN_SPECIAL: which; else NUL */
} Token;

typedef struct {
	MmBytes in;
	gsize pos;
	Token token;         /* the one to be looked at */
	gsize last;          /* where the one before it ended */
} Reader;

typedef enum {
	SPEC_VALID,
	SPEC_WORD, /* a local part, and no domain */
	SPEC_BAD,
} SpecKind;

/* ---- tokens -------------------------------------------------------------------------------------- */

/* Octets from 0x80 on count as letters, and so do controls, NUL too, beside others. */
#define NO_CONTROL (MM_CLASS_ATEXT | MM_CLASS_HIGH)
#define LETTER (NO_CONTROL | MM_CLASS_CONTROL)

static inline guint
class_of (char c)
{
	return mm_grammar_classes[(guchar)c];
}

/* dtext = any but "[", "]" and "\"; quoted pairs are obsolete. From the "[" at *@pos to behind its
 * "]". FALSE, *@pos unmoved, if it has none: another "[" ends the search, so that a row of them is
 * not read again from each. */
static gboolean
skip_literal (MmBytes in, gsize *pos)
{
	for (gsize i = *pos + 1; i < in.len && in.data[i] != '['; i++) {
		if (in.data[i] == '\\') {
			i++;
		} else if (in.data[i] == ']') {
			*pos = i + 1;
			return TRUE;
		}
	}
	return FALSE;
}

static TokenKind
take_quoted (Reader *r)
{
	if (mm_grammar_skip_quoted (r->in, &r->pos))
		return TOKEN_QUOTED;
	r->pos = r->in.len;
	return TOKEN_OPEN_QUOTE;
}

/* "[" begins a literal only behind "@": in a display name it is a stray octet. */
static TokenKind
take_special (Reader *r, char c)
{
	if (c == '[' && r->token.special == '@' && skip_literal (r->in, &r->pos))
		return TOKEN_LITERAL;
	r->pos++;
	return TOKEN_SPECIAL;
}

/* An atom is more than controls: if they go away, nothing is left of it. */
static inline TokenKind
take_atom (Reader *r)
{
	gsize at = r->pos;
	guint seen = 0;

	for (; at < r->in.len && (class_of (r->in.data[at]) & LETTER) != 0; at++)
		seen |= class_of (r->in.data[at]);
	r->pos = at;
	return (seen & NO_CONTROL) != 0 ? TOKEN_ATOM : TOKEN_END;
}

static TokenKind
take_token (Reader *r)
{
	char c = r->in.data[r->pos];

	if (c == '"')
		return take_quoted (r);
	return (class_of (c) & LETTER) != 0 ? take_atom (r) : take_special (r, c);
}

/* Controls alone are nothing. */
static void
next_anything (Reader *r)
{
	Token token = {.kind = TOKEN_END};

	do {
		gboolean closed = mm_grammar_skip_cfws (r->in, &r->pos);

		token.from = r->pos;
		if (!closed) {
			token.kind = TOKEN_OPEN_COMMENT;
			r->pos = r->in.len;
		} else if (r->pos < r->in.len) {
			token.kind = take_token (r);
		}
	} while (token.kind == TOKEN_END && r->pos < r->in.len);
	if (token.kind == TOKEN_END)
		token.from = r->pos;
	token.to = r->pos;
	if (token.kind == TOKEN_SPECIAL)
		token.special = r->in.data[token.from];
	r->token = token;
}

/* Most are atoms, and where one begins, nothing can be skipped. */
static inline void
next (Reader *r)
{
	gsize from = r->pos;

	r->last = r->token.to;
	if (from == r->in.len || (class_of (r->in.data[from]) & MM_CLASS_ATEXT) == 0) {
		next_anything (r);
		return;
	}
	take_atom (r);
	r->token = (Token){.kind = TOKEN_ATOM, .from = from, .to = r->pos};
}

static gboolean
is_word (const Reader *r)
{
	return r->token.kind == TOKEN_ATOM || r->token.kind == TOKEN_QUOTED;
}

static gboolean
is_special (const Reader *r, char c)
{
	return r->token.special == c && r->token.kind == TOKEN_SPECIAL;
}

/* Where a member must end at the latest. */
static gboolean
is_at_end (const Reader *r)
{
	return r->token.kind == TOKEN_END || r->token.kind == TOKEN_OPEN_QUOTE ||
	       r->token.kind == TOKEN_OPEN_COMMENT || is_special (r, ',') || is_special (r, ';');
}

/* ---- addr-spec and <...> ------------------------------------------------------------------------- */

static gboolean
take_dotted (Reader *r, gboolean quoted)
{
	for (;;) {
		if (r->token.kind != TOKEN_ATOM && !(quoted && r->token.kind == TOKEN_QUOTED))
			return FALSE;
		next (r);
		if (!is_special (r, '.'))
			return TRUE;
		next (r);
	}
}

static gboolean
take_domain (Reader *r)
{
	if (r->token.kind != TOKEN_LITERAL)
		return take_dotted (r, FALSE);
	next (r);
	return TRUE;
}

static SpecKind
take_spec (Reader *r)
{
	if (!take_dotted (r, TRUE))
		return SPEC_BAD;
	if (!is_special (r, '@'))
		return SPEC_WORD;
	next (r);
	return take_domain (r) ? SPEC_VALID : SPEC_BAD;
}

/* obs-route, if one stands here. FALSE if it is broken. */
static gboolean
take_route (Reader *r)
{
	gboolean domain = FALSE;

	if (!is_special (r, '@') && !is_special (r, ','))
		return TRUE;
	while (is_special (r, '@') || is_special (r, ',')) {
		gboolean at = is_special (r, '@');

		next (r);
		if (at && !take_domain (r))
			return FALSE;
		if (at && !is_special (r, ',') && !is_special (r, ':'))
			return FALSE;
		domain |= at;
	}
	if (!domain || !is_special (r, ':'))
		return FALSE;
	next (r);
	return TRUE;
}

/* Over the "<...>" that begins here. Returns its faults, and in *@spec what it holds. */
static guint
take_angle (Reader *r, MmBytes *spec)
{
	SpecKind kind = SPEC_BAD;
	gsize from = 0;

	next (r);
	if (take_route (r)) {
		from = r->token.from;
		kind = take_spec (r);
	}
	if (kind == SPEC_VALID && is_special (r, '>')) {
		*spec = mm_bytes_sub (r->in, from, r->last);
		next (r);
		return 0;
	}
	while (!is_at_end (r) && !is_special (r, '>') && !is_special (r, '<'))
		next (r);
	if (!is_special (r, '>'))
		return MM_ADDRESS_BRACKETS;
	next (r);
	return kind == SPEC_WORD ? MM_ADDRESS_NO_DOMAIN : MM_ADDRESS_BAD_SPEC;
}

/* ---- members ------------------------------------------------------------------------------------- */

typedef struct {
	Reader reader;
	MmAddressList *list;
	int group;      /* place of the open group, -1: none, or not stored */
	gboolean open;  /* a group is open */
	guint words;    /* members that are a word without domain */
	guint members;  /* all but groups */
	guint groups;
} Lister;

static void
add_member (Lister *l, MmAddressMember member)
{
	member.in_group = l->open && !member.group;
	if (l->list->members->len < MM_LIMIT_addresses)
		g_array_append_val (l->list->members, member);
	else
		l->list->too_many = TRUE;
	l->members += !member.group;
	l->groups += member.group;
	l->list->mailboxes += member.spec.len > 0;
}

static void
open_group (Lister *l, gsize from)
{
	MmAddressMember group = {.whole = mm_bytes_sub (l->reader.in, from, l->reader.in.len),
	                   .group = TRUE};

	l->group = l->list->members->len < MM_LIMIT_addresses ? (int)l->list->members->len : -1;
	add_member (l, group);
	l->open = TRUE;
	next (&l->reader);
}

/* A ";" ends a group, and only that. */
static void
take_semicolon (Lister *l)
{
	Reader *r = &l->reader;

	if (!l->open)
		l->list->faults |= MM_ADDRESS_SEMICOLON;
	else if (l->group >= 0)
		g_array_index (l->list->members, MmAddressMember, (guint)l->group).whole.len -=
			r->in.len - r->token.to;
	next (r);
	if (l->open && !is_special (r, ',') && r->token.kind != TOKEN_END)
		l->list->faults |= MM_ADDRESS_TEXT_BEHIND;
	l->open = FALSE;
}

/* What all readers take in a display name without quotes. */
static gboolean
is_odd (const Token *token)
{
	switch (token->special) {
	case '.':
	case '@':
	case '[':
	case ']':
	case ':':
		return TRUE;
	default:
		return token->kind == TOKEN_LITERAL;
	}
}

/* Where in an addr-spec the next token stands. */
typedef enum {
	AT_WORD,
	BEHIND_WORD,
	AT_DOMAIN,
	AT_ATOM, /* of a domain */
	BEHIND_ATOM,
	BEHIND_LITERAL,
	ASTRAY,
} Place;

static Place
pass_token (Place place, const Reader *r)
{
	TokenKind kind = r->token.kind;

	switch (place) {
	case AT_WORD:
		return is_word (r) ? BEHIND_WORD : ASTRAY;
	case BEHIND_WORD:
		return is_special (r, '.') ? AT_WORD : is_special (r, '@') ? AT_DOMAIN : ASTRAY;
	case AT_DOMAIN:
		return kind == TOKEN_ATOM ? BEHIND_ATOM
		                          : kind == TOKEN_LITERAL ? BEHIND_LITERAL : ASTRAY;
	case AT_ATOM:
		return kind == TOKEN_ATOM ? BEHIND_ATOM : ASTRAY;
	case BEHIND_ATOM:
		return is_special (r, '.') ? AT_ATOM : ASTRAY;
	default:
		return ASTRAY;
	}
}

static SpecKind
kind_of (Place end)
{
	if (end == BEHIND_WORD)
		return SPEC_WORD;
	return end == BEHIND_ATOM || end == BEHIND_LITERAL ? SPEC_VALID : SPEC_BAD;
}

/* Passes over what may be a display name or an address. TRUE if it was the name of a group, which
 * is then open. *@out_faults: as a display name; *@out_kind: as an address. */
static gboolean
pass_phrase (Lister *l, guint *out_faults, SpecKind *out_kind)
{
	Reader *r = &l->reader;
	gsize from = r->token.from;
	gboolean phrase = is_word (r); /* obs-phrase: words and dots */
	Place place = AT_WORD;

	*out_faults = 0;
	for (; !is_at_end (r) && !is_special (r, '<'); next (r)) {
		if (is_special (r, ':') && phrase && !l->open) {
			open_group (l, from);
			return TRUE;
		}
		place = pass_token (place, r);
		phrase = phrase && (is_word (r) || is_special (r, '.'));
		if (!is_word (r))
			*out_faults |= is_odd (&r->token) ? MM_ADDRESS_UNQUOTED
			                                  : MM_ADDRESS_BAD_NAME;
	}
	*out_kind = kind_of (place);
	return FALSE;
}

/* A member without brackets, from @from to where the reader stands. */
static void
take_bare (Lister *l, gsize from, SpecKind kind)
{
	MmAddressMember member = {.whole = mm_bytes_sub (l->reader.in, from, l->reader.last)};

	if (kind == SPEC_VALID)
		member.spec = member.whole;
	else if (kind == SPEC_WORD)
		l->words++;
	else if (mm_bytes_find (member.whole, '>', 0) < member.whole.len)
		l->list->faults |= MM_ADDRESS_BRACKETS;
	else if (mm_bytes_find (member.whole, '@', 0) < member.whole.len)
		l->list->faults |= MM_ADDRESS_BAD_SPEC;
	else
		l->list->faults |= MM_ADDRESS_NO_DOMAIN;
	add_member (l, member);
}

static void
read_bracketed (Lister *l, gsize from)
{
	Reader *r = &l->reader;
	MmAddressMember member = {.whole = {NULL, 0}};

	l->list->faults |= take_angle (r, &member.spec);
	member.whole = mm_bytes_sub (r->in, from, r->last);
	add_member (l, member);
	if (!is_at_end (r))
		l->list->faults |= is_special (r, '<') || is_special (r, '>')
			? MM_ADDRESS_BRACKETS
			: MM_ADDRESS_TEXT_BEHIND;
	while (!is_at_end (r))
		next (r);
}

static void
read_member (Lister *l)
{
	gsize from = l->reader.token.from;
	SpecKind kind;
	guint faults;

	if (pass_phrase (l, &faults, &kind))
		return;
	if (!is_special (&l->reader, '<')) {
		if (l->reader.last > from)
			take_bare (l, from, kind);
		return;
	}
	l->list->faults |= faults;
	read_bracketed (l, from);
}

void
mm_grammar_address_list (MmBytes value, MmAddressList *out)
{
	Lister l = {.reader = {.in = value}, .list = out, .group = -1};
	Reader *r = &l.reader;

	*out = (MmAddressList){.members = g_array_new (FALSE, FALSE, sizeof (MmAddressMember))};
	for (next (r); r->token.kind != TOKEN_END;) {
		if (r->token.kind == TOKEN_OPEN_QUOTE || r->token.kind == TOKEN_OPEN_COMMENT) {
			out->faults |= r->token.kind == TOKEN_OPEN_QUOTE ? MM_ADDRESS_OPEN_QUOTE
			                                                 : MM_ADDRESS_OPEN_COMMENT;
			next (r);
		} else if (is_special (r, ',')) {
			next (r);
		} else if (is_special (r, ';')) {
			take_semicolon (&l);
		} else {
			read_member (&l);
		}
	}
	if (l.words > 0)
		out->faults |= l.members == 1 ? MM_ADDRESS_ONE_WORD : MM_ADDRESS_NO_DOMAIN;
	if (l.open)
		out->faults |= MM_ADDRESS_OPEN_GROUP;
	if (l.members + l.groups == 0 && out->faults == 0)
		out->faults |= MM_ADDRESS_NONE;
}

void
mm_address_list_clear (MmAddressList *list)
{
	g_clear_pointer (&list->members, g_array_unref);
}
