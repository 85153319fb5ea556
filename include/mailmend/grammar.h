/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar.h: strict RFC 5322 and RFC 2045 grammars over octets of known length.
 *
 * Every parser here is iterative and linear in its input, keeps no state, and answers about octets
 * alone: values may hold folds (CRLF or LF before a blank), NUL and octets from 0x80 on. Fold
 * line ends count as white space everywhere. Nothing here repairs; the *_rebuild functions read
 * forms that are certain but not standard.
 *
 * @utf8: SMTPUTF8 is in force (RFC 6531, 6532): valid UTF-8 is an ordinary character. Otherwise
 * octets from 0x80 on are judged as each function says.
 */
#pragma once

#include <mailmend/bytes.h>
#include <mailmend/limits.h>

G_BEGIN_DECLS

/* ---- comments and white space (RFC 5322 3.2.2) ------------------------------------------------ */

/* Skips blanks, folds and comments from *@pos on. FALSE, *@pos at the comment's start, when a
 * comment is not closed. Comments nest without recursion. */
gboolean mm_grammar_skip_cfws (MmBytes in, gsize *pos);

/* From the '"' at *@pos to behind the closing one. FALSE, *@pos unmoved, when there is none. */
gboolean mm_grammar_skip_quoted (MmBytes in, gsize *pos);

/* @in without its comments (outside quoted strings), folds and blanks at both ends; inner white
 * space stays. An unclosed comment stays as text. NUL becomes SUB (0x1A), which no grammar takes:
 * the result never ends early. (transfer full) */
char *mm_grammar_without_comments (MmBytes in);

/* Only comments, blanks and folds (or nothing at all)? */
gboolean mm_grammar_is_blank (MmBytes in);

/* ---- message identifiers (RFC 5322 3.6.4) ----------------------------------------------------- */

typedef enum {
	MM_MSGID_VALID,       /* exactly one <left@right> */
	MM_MSGID_BRACKETS,    /* one token with one @ and no blank, brackets missing, doubled, halved */
	MM_MSGID_EMPTY,       /* nothing, or <> */
	MM_MSGID_NO_AT,       /* no brackets and no @ */
	MM_MSGID_NO_AT_INSIDE, /* <x> without @, or an empty side of the @ */
	MM_MSGID_BLANK_INSIDE, /* white space inside the brackets */
	MM_MSGID_SEVERAL,     /* two ids or more */
	MM_MSGID_TEXT_BESIDE, /* text beside one id */
	MM_MSGID_NON_ASCII,   /* octets from 0x80 on, or control characters */
	MM_MSGID_INVALID,     /* anything else: never certain */
} MmMsgidShape;

typedef struct {
	MmMsgidShape shape;
	gboolean odd; /* valid, but dots in odd places, specials or several @ inside the brackets */
	char *id;     /* VALID and BRACKETS: "<left@right>"; else NULL */
} MmMsgid;

void mm_msgid_clear (MmMsgid *msgid);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmMsgid, mm_msgid_clear)

/* Reads the value of a Message-ID. A quoted string on the left and a domain literal on the right are one
 * token each, nothing inside them counts (RFC 822 and 2822 no-fold-quote). A fold inside the
 * brackets is taken out together with its white space before judging. Comments and white space
 * outside <> do not count. @utf8: valid UTF-8 is allowed inside. */
void mm_grammar_msgid (MmBytes value, gboolean utf8, MmMsgid *out);

/* Collects "<...@...>" ids of a list (References, In-Reply-To) as views into @value, each from
 * bracket to bracket, appended to @out (GArray of MmBytes). Words and comments between them are
 * passed over. Returns TRUE if nothing but CFWS stood between and around them. *@out_commas says
 * if commas stood between ids (they count as CFWS for the result). */
gboolean mm_grammar_msgid_list (MmBytes value, GArray *out, gboolean *out_commas);

/* ---- date and time (RFC 5322 3.3 and 4.3) ------------------------------------------------------ */

typedef struct {
	int year, month, day;     /* month 1-12 */
	int hour, minute, second; /* second may be 60 */
	int zone;                 /* minutes east of UTC */
	gboolean zone_unknown;    /* -0000, or none was given: printed as -0000 */
} MmDate;

/* TRUE if @value is a date-time of RFC 5322 or an obsolete form of 4.3: comments anywhere, 2- and
 * 3-digit years, named zones (an unknown alphabetic zone is -0000), no weekday, no seconds. The
 * day must exist in its month. *@out_wrong_weekday says if a weekday is named that the date does
 * not have (still valid). @out and @out_wrong_weekday may be NULL. */
gboolean mm_grammar_date (MmBytes value, MmDate *out, gboolean *out_wrong_weekday);

/* Reads the forms of mailmend-labels(7), INVALID_DATE, that are certain though not standard: ISO 8601
 * (date and time; zone Z, +02:00, +0200 or none), zone with a colon, asctime and ctime with a zone
 * name, full month and weekday names, 24:00, a missing zone (zone_unknown). FALSE for all that would
 * be a guess. */
gboolean mm_grammar_date_rebuild (MmBytes value, MmDate *out);

/* "Tue, 1 Jul 2003 10:52:37 +0200". (transfer full) */
char *mm_date_format (const MmDate *date);

/* The local form of a point in time: seconds since 1970, @zone in minutes east of UTC. */
void mm_date_from_unix (gint64 seconds, int zone, MmDate *out);

/* ---- types and parameters (RFC 2045 5.1, RFC 2183) --------------------------------------------- */

typedef struct {
	MmBytes name;
	MmBytes value;    /* as it stands, quotes included, trimmed */
	gboolean quoted;  /* value is one quoted-string */
	gboolean invalid; /* unquoted with tspecials or blanks inside, or text after the quotes */
} MmParameter;

typedef enum {
	MM_PARAM_NO_TYPE = 1 << 0,      /* no type (Content-Type: type/subtype; disposition: token) */
	MM_PARAM_BAD_TYPE = 1 << 1,     /* there is something, but it is no type */
	MM_PARAM_UNQUOTED = 1 << 2,     /* an unquoted value with tspecials or blanks: a warning */
	MM_PARAM_EMPTY_ITEM = 1 << 3,   /* doubled or leading ';' (one trailing ';' is fine) */
	MM_PARAM_BAD_NAME = 1 << 4,     /* an attribute that is no token, or without '=' */
	MM_PARAM_EMPTY_VALUE = 1 << 5,  /* name= and nothing */
	MM_PARAM_OPEN_QUOTE = 1 << 6,   /* a quoted string that is not closed */
	MM_PARAM_OPEN_COMMENT = 1 << 7, /* a comment that is not closed */
	MM_PARAM_TOO_MANY = 1 << 8,     /* more than MM_LIMIT_parameters: the rest was not read */
} MmParamFlags;

typedef struct {
	MmBytes type;       /* "text/plain", "attachment": as it stands, no blanks or comments */
	GArray *parameters; /* of MmParameter, in their order; views into the value */
	guint flags;        /* MmParamFlags; 0 = the grammar holds */
} MmParameterized;

void mm_parameterized_clear (MmParameterized *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmParameterized, mm_parameterized_clear)

/* Reads the value of Content-Type (@slash: type "/" subtype) or Content-Disposition (a token).
 * For structure an unquoted value runs to the next ';' or the end, trimmed. Octets from 0x80 on
 * are letters here. Comments are passed over where the grammar allows them. */
void mm_grammar_parameterized (MmBytes value, gboolean slash, MmParameterized *out);

/* The parameter @name (caseless), unquoted and unescaped, CR and LF removed, NUL as SUB (0x1A);
 * NULL if absent. Of a value with text after the quotes, what is in them; of an open quote, all to
 * the end. RFC 2231 forms ("name*=", "name*0=") are not joined. (transfer full) */
char *mm_parameter_get (const MmParameterized *p, const char *name);
const MmParameter *mm_parameter_find (const MmParameterized *p, const char *name);

/* TRUE if @value can stand unquoted (RFC 2045 token). */
gboolean mm_grammar_is_token (MmBytes value);

/* ---- content identifiers ------------------------------------------------------------------------ */

/* RFC 2045 7 as receivers take it: anything without blank in one pair of <>, comments around it. */
gboolean mm_grammar_content_id (MmBytes value);

/* ---- address lists (RFC 5322 3.4, 4.4) ---------------------------------------------------------- */

typedef enum {
	MM_ADDRESS_NO_DOMAIN = 1 << 0,    /* words where an address belongs: an unquoted comma? */
	MM_ADDRESS_BAD_SPEC = 1 << 1,     /* there is an "@", but no local-part@domain */
	MM_ADDRESS_BRACKETS = 1 << 2,     /* a < or > that has no partner, or one in another */
	MM_ADDRESS_BAD_NAME = 1 << 3,     /* a character in a display name that must be quoted */
	MM_ADDRESS_TEXT_BEHIND = 1 << 4,  /* something between <addr> or ";" and the next comma */
	MM_ADDRESS_SEMICOLON = 1 << 5,    /* ";" outside of a group */
	MM_ADDRESS_OPEN_QUOTE = 1 << 6,   /* a quoted string that is not closed */
	MM_ADDRESS_OPEN_COMMENT = 1 << 7, /* a comment that is not closed */
	MM_ADDRESS_NONE = 1 << 8,         /* commas and nothing else, or nothing at all */
	MM_ADDRESS_ONE_WORD = 1 << 9,     /* notice: the only member is a word without domain */
	MM_ADDRESS_UNQUOTED = 1 << 10,    /* notice: . @ [ ] : in a display name */
	MM_ADDRESS_OPEN_GROUP = 1 << 11,  /* notice: the last group has no ";" */
} MmAddressFaults;

/* These harm nobody. */
#define MM_ADDRESS_NOTICES (MM_ADDRESS_ONE_WORD | MM_ADDRESS_UNQUOTED | MM_ADDRESS_OPEN_GROUP)

/* A member of the list: a mailbox, a group, or what should have been one of them. Views into the
 * value, without blanks and comments at the ends. */
typedef struct {
	MmBytes whole;     /* of a group: from its name to its ";" or to the end */
	MmBytes spec;      /* local-part@domain, no route; empty: there is none that is valid */
	gboolean group;
	gboolean in_group; /* a member of the last group in front of it */
} MmAddressMember;

typedef struct {
	GArray *members; /* of MmAddressMember; those behind the MM_LIMIT_addresses first are only counted */
	gboolean too_many; /* there are more */
	guint mailboxes; /* valid ones, in groups too */
	guint faults;    /* MmAddressFaults; 0 = the grammar holds */
} MmAddressList;

void mm_address_list_clear (MmAddressList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmAddressList, mm_address_list_clear)

/* Reads the value of From, To and their like, obsolete forms of 4.4 included: routes, empty
 * members, blanks around "." and "@". Octets from 0x80 on are letters, with SMTPUTF8 or without,
 * and controls are passed over: other rules look at octets. */
void mm_grammar_address_list (MmBytes value, MmAddressList *out);

/* ---- the first address (RFC 5322 3.4), only as far as a domain is wanted ----------------------- */

/* The addr-spec of the first mailbox of an address list, without brackets and comments; NULL if
 * none can be read. (transfer full) */
char *mm_grammar_first_address (MmBytes value);

/* The domain of an addr-spec as A-labels, lower case; NULL if there is none that is usable in an
 * identifier (a dot-atom of letters, digits, '-' and '.'). (transfer full) */
char *mm_grammar_domain (const char *addr_spec);

G_END_DECLS
