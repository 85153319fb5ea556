/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy-private.h: a configuration as the matcher sees it.
 *
 * Every value is brought into the form it is compared in when the file is read, so that matching a
 * message allocates next to nothing and cannot fail.
 */
#pragma once

#include <mailmend/policy.h>
#include <mailmend/settings.h>

G_BEGIN_DECLS

/* An address in 16 octets; IPv4 is written as ::ffff:a.b.c.d, so that there is one form only. */
typedef struct {
	guint8 octets[16];
} MmAddress;

typedef struct {
	MmAddress address; /* host bits are zero */
	guint bits;        /* of 128; an IPv4 network has 96 and more */
} MmNetwork;

#define MM_V4_PREFIX 96

gboolean mm_address_is_v4 (const MmAddress *address);
gboolean mm_network_has (const MmNetwork *network, const MmAddress *address);
/* The first @bits of @address, zero behind them. */
MmAddress mm_address_masked (const MmAddress *address, guint bits);
/* "192.0.2.1": IPv4 in its own form. */
void mm_address_to_string (const MmAddress *address, char *out, gsize size);

/* A mailbox as it is compared: ASCII lower case, the domain in A-labels. One block of memory: the
 * last two point into it, or are NULL. A domain alone, or a user, is all three or the first two. */
typedef struct {
	char *whole; /* "local@domain" */
	const char *local;
	const char *domain;
} MmMailbox;

/* @domain in lower case and A-labels, without a dot at its end. What is no domain comes out in
 * lower case. (transfer full) */
char *mm_domain_normal (const char *domain);
/* @domain is @above, or ends in "." and that; both as above. */
gboolean mm_domain_is_below (const char *domain, const char *above);
/* @domain itself if it is in that form already, which most are; else a new one, also in
 * @out_owned. */
const char *mm_domain_view (const char *domain, char **out_owned);
/* Behind the "IPv6:" that Postfix takes before an address in brackets. */
const char *mm_skip_ipv6_tag (const char *address);
/* Splits at the last '@'; without one, or for NULL, the domain is NULL. */
MmMailbox mm_mailbox_new (const char *address);
/* A domain alone. */
MmMailbox mm_mailbox_new_domain (const char *domain);
void mm_mailbox_clear (MmMailbox *mailbox);

/* What the values of a condition are compared with. Members that do not exist are NULL. */
typedef struct {
	const char *text;   /* address, domain, host name, user, macro: in compared form */
	const char *local;  /* of an address */
	const char *domain; /* of an address; a domain or host name itself */
	const MmAddress *address; /* of a client */
} MmThing;

/* In the library only: a table, or a regex, could not be asked. */
#define MM_FAILED ((MmTruth) (MM_UNKNOWN + 1))

typedef struct _MmTable MmTable;

typedef enum {
	MM_TEST_NULL_SENDER, /* <> */
	MM_TEST_MAILBOX,     /* user@domain */
	MM_TEST_DOMAIN,      /* @domain, or domain in SenderDomain, or a host */
	MM_TEST_BELOW,       /* .domain: it and all below */
	MM_TEST_NETWORK,
	MM_TEST_TRUSTED,
	MM_TEST_USER,        /* exact text */
	MM_TEST_REGEX,
	MM_TEST_TABLE,       /* text or lmdb */
	MM_TEST_SIZE,
} MmTestKind;

/* One value of a condition. */
typedef struct {
	MmTestKind kind;
	gboolean negated;
	char *text;        /* as it stands in the file, without the '!' */
	char *macro;       /* Macro: "{name}"; else NULL */
	MmMailbox mailbox; /* MAILBOX, DOMAIN, BELOW: without the dot; USER: in .local */
	MmNetwork network;
	GRegex *regex;
	MmTable *table;
	gsize min;         /* SIZE: both are in it */
	gsize max;
} MmTest;

/* Holds if one of the plain values fits, or there is none, and no negated value does. */
typedef struct {
	gboolean given;
	char *text;    /* as it stands in the file */
	gboolean yes;  /* yes-or-no conditions */
	GArray *tests; /* the others: of MmTest */
} MmCondition;

void mm_condition_clear (MmCondition *condition);
/* Empties @condition and makes it one that the file gave as @text. */
void mm_condition_begin (MmCondition *condition, const char *text);

/* In the order in which they are asked: what costs more comes later. */
typedef enum {
	MM_CONDITION_SENDER,
	MM_CONDITION_SENDER_DOMAIN,
	MM_CONDITION_HEADER_FROM,
	MM_CONDITION_CLIENT,
	MM_CONDITION_SASL,
	MM_CONDITION_SASL_USER,
	MM_CONDITION_LOCAL,
	MM_CONDITION_FIRST_HOP,
	MM_CONDITION_MACRO,
	MM_CONDITION_SIZE,
	MM_CONDITION_RECIPIENT, /* from here on asked of each recipient */
	MM_CONDITION_RECIPIENT_DOMAIN,
	MM_CONDITION_NEXT_HOP,
	MM_CONDITION_RECIPIENT_MX,
	MM_N_CONDITIONS,
} MmConditionKind;

/* A [rule], or [default], which has no condition. */
typedef struct {
	char *name;
	char *policy_name;
	const MmPolicy *policy; /* of the same configuration; NULL: by_table */
	gboolean by_table;      /* Policy = TABLE: that which matched names it */
	gboolean match_all;     /* MatchRecipients = all */
	gboolean dry_run;
	MmCondition conditions[MM_N_CONDITIONS];
} MmMatchRule;

MmMatchRule *mm_match_rule_new (const char *name);
void mm_match_rule_free (MmMatchRule *rule);

/* [mailmend] with what only the matcher needs. */
typedef struct {
	MmSettings settings;
	MmCondition trusted; /* networks only */
} MmGlobals;

/* What stands in the files (config-private.h). */
typedef struct _MmConfigFiles MmConfigFiles;

struct _MmConfig {
	int refs; /* atomic, inline: thread checkers see nothing of GLib's own counts */
	MmConfigFiles *files;
	MmGlobals globals;
	GPtrArray *policies;   /* of MmPolicy, built-in ones first */
	GHashTable *by_name;   /* of the same */
	GPtrArray *rules;      /* of MmMatchRule */
	MmMatchRule *fallback; /* [default] */
	GPtrArray *macros;     /* of char *: those that rules ask for, then NULL */
};

/* ---- tables (table.c, table-text.c, table-lmdb.c) -------------------------------------------- */

/* What the patterns of a table are: those of the condition that names it. */
typedef enum {
	MM_SHAPE_ADDRESS,
	MM_SHAPE_DOMAIN,
	MM_SHAPE_HOST,   /* names, and addresses in brackets or not */
	MM_SHAPE_CLIENT,
	MM_SHAPE_TEXT,
	MM_N_SHAPES,
} MmShape;

#define MM_TABLE_MAX_RESULT 64
#define MM_TABLE_MAX_DOMAIN 255 /* of a longer one the end is looked up */

/* What a table says of a thing. */
typedef struct {
	const MmPolicy *policy; /* NULL: it names none, or only by name */
	char name[MM_TABLE_MAX_RESULT + 1];
	gboolean is_cut; /* there was more than fits into name */
} MmFound;

/* Not opened yet. @file, @line, @key: where it is named, for problems. (transfer full) */
MmTable *mm_table_new (const char *path, gboolean is_lmdb, MmShape shape, guint file, guint line,
                       const char *key);
MmTable *mm_table_ref (MmTable *table);
void mm_table_unref (MmTable *table);
/* For messages: its path, that of an lmdb table as postmap takes it. */
const char *mm_table_name (const MmTable *table);
/* YES with the result in @out_found, NO, or MM_FAILED with a text in @out_error (transfer full;
 * untouched if it is not NULL). Takes no time to speak of: it waits for no lock of another process.
 * Any thread. */
MmTruth mm_table_find (const MmTable *table, const MmThing *thing, MmFound *out_found,
                       char **out_error);
/* TRUE if it has @policy as a result, or nobody can know. */
gboolean mm_table_may_name (const MmTable *table, const char *policy);

/* ---- built-in policies ----------------------------------------------------------------------- */

#define MM_N_SAYS (MM_SAYS_REJECT + 1)

/* In an MmOn or gboolean of a draft: the value of [mailmend] counts. */
#define MM_UNSET (-1)

/* How a label came into a list; the highest one decides between lists. What a policy inherits keeps
 * its order among 1 to MM_N_SAYS, below what the policy says itself. */
typedef enum {
	MM_LISTED_NOT,
	MM_LISTED_BUILTIN, /* by the built-in policy that a section changes */
	MM_LISTED_GROUP = MM_N_SAYS + 1,
	MM_LISTED_NAMED,
	MM_LISTED_WAS_NAMED = 16, /* added to an inherited one that was NAMED */
} MmListed;

#define MM_LISTED_RANK(listed) ((listed) & (MM_LISTED_WAS_NAMED - 1))

/* A policy while it is made. A list has one MmListed a rule of the registry. */
typedef struct {
	MmPolicy policy;
	char *inherit; /* the policy it starts from, or NULL */
	guint8 *lists[MM_N_SAYS];
} MmPolicyDraft;

/* All lists empty, settings as a policy of one's own has them if it says nothing. */
void mm_policy_draft_init (MmPolicyDraft *draft, const char *name);
void mm_policy_draft_clear (MmPolicyDraft *draft);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmPolicyDraft, mm_policy_draft_clear)

/* What @draft says becomes what a policy that starts from it inherits. */
void mm_policy_draft_inherit (MmPolicyDraft *draft);

/* Puts the values of @settings where the policy has none. */
void mm_policy_settle (MmPolicy *policy, const MmSettings *settings);

/* Decides between the lists. (transfer full) */
MmPolicy *mm_policy_draft_finish (MmPolicyDraft *draft);

/* The name of the built-in policy number @at, NULL behind the last one. */
const char *mm_builtin_name (guint at);
/* The text of @key where the built-in policy @name differs from the default, else NULL. */
const char *mm_builtin_text (const char *name, const char *key);
/* Makes a new @draft the built-in policy @name, if there is one. */
void mm_builtin_fill (MmPolicyDraft *draft, const char *name);

/* The rules that apply when a file has none, as text of a configuration file. */
extern const char mm_builtin_rules[];
#define MM_BUILTIN_FILE "built in" /* its name */
#define MM_DEFAULTS_FILE "defaults" /* where there is no file at all */
#define MM_BUILTIN_DEFAULT "watch"

G_END_DECLS
