/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy.h: the configuration, and which policy a message gets.
 *
 * A configuration is an immutable snapshot, atomically reference-counted: a message in flight ends
 * under the one it began with. The first [rule] whose conditions all hold decides; conditions are
 * three-valued while a message arrives, so that a decision is only taken when it cannot change.
 */
#pragma once

#include <gio/gio.h>
#include <mailmend/mx.h>
#include <mailmend/rule.h>

G_BEGIN_DECLS

/* What a policy says about a label; the strongest of all findings decides. */
typedef enum {
	MM_SAYS_IGNORE,
	MM_SAYS_LOG,
	MM_SAYS_FIX,
	MM_SAYS_QUARANTINE,
	MM_SAYS_TEMPFAIL,
	MM_SAYS_REJECT,
} MmSays;

/* What is done when mailmend itself fails on a message, or a message is too large. */
typedef enum {
	MM_ON_ACCEPT, /* passes unchanged */
	MM_ON_TEMPFAIL,
	MM_ON_REJECT,
	MM_ON_QUARANTINE,
} MmOn;

/* What is done when something that was to be mended could not be. */
typedef enum {
	MM_UNFIXABLE_LOG, /* passes, with what could be mended */
	MM_UNFIXABLE_REJECT,
	MM_UNFIXABLE_TEMPFAIL,
} MmOnUnfixable;

/* The code of a reply, in two parts as libmilter wants it. */
typedef struct {
	char code[4];      /* "552" */
	char enhanced[12]; /* "5.6.0" (RFC 3463) */
} MmReplyCode;

/* What is done where an edit would break a DKIM or ARC signature. */
typedef enum {
	MM_DKIM_HEADER_ADD_ONLY, /* not made; but a field is added where a signature cannot be read */
	MM_DKIM_SKIP,            /* not made */
	MM_DKIM_FIX,             /* made */
	MM_DKIM_REJECT,          /* the message is refused */
} MmOnDkim;

/* What is done where S/MIME or PGP forbids an edit. */
typedef enum {
	MM_CMS_SKIP,
	MM_CMS_REJECT,
} MmOnCms;

typedef struct {
	char *name;
	char *description; /* may be NULL */
	gboolean off;      /* the policy "off": not judged, no line */
	MmSays *says;      /* by mm_rule_index () */
	gboolean *named;   /* the label itself stands in a list: then its notices count too */
	gsize line_limit;
	gsize max_mime_depth;
	gsize max_mime_parts;
	MmEightBit eight_bit;
	MmBareCr bare_cr;
	MmParamStyle param_style;
	char **charsets;       /* NULL-terminated, may be empty; without those of the next list */
	char **exclude_charsets; /* or NULL */
	char *default_charset; /* or NULL */
	gboolean keep_original_id;
	gboolean replace_message_id;
	MmOnDkim on_dkim;
	MmOnCms on_cms;
	gboolean arc_break;   /* on_dkim counts for a message with ARC-Seal too */
	gboolean dkim_rename; /* a DKIM-Signature that was broken is renamed */
	MmEmbedded embedded;
	MmOnUnfixable on_unfixable;
	MmReplyCode reject_code;
	char *reject_text;     /* of rejections and tempfails, see mm_reply_text () */
	char *quarantine_text; /* likewise */
	/* Those of [mailmend] where the policy has none. */
	MmOn on_internal_error;
	MmOn on_internal_error_authenticated; /* for clients that have logged in */
	MmOn on_oversize;
	gboolean trace_header;
	char *hostname; /* or NULL: macro {j}, else the host's name */
} MmPolicy;

typedef enum { MM_LOG_ALL, MM_LOG_ISSUES, MM_LOG_OFF } MmLogMessages;
typedef enum { MM_LOG_FORMAT_TEXT, MM_LOG_FORMAT_JSON } MmLogFormat;

/* Settings of [mailmend]. */
typedef struct {
	char *socket;
	guint socket_mode;
	char *socket_group; /* or NULL */
	char *user;         /* or NULL */
	char *log_to;       /* "syslog", "stderr" or a file; NULL: not set */
	int log_facility;
	MmLogMessages log_messages;
	MmLogFormat log_format;
	guint stats_interval;     /* seconds; 0: never */
	char *metrics_listen;     /* "ADDRESS:PORT", or NULL */
	gboolean log_program;     /* the line says what a message was written with */
	gboolean dry_run;
	MmOn on_internal_error;
	MmOn on_internal_error_authenticated;
	MmOn on_oversize;
	gsize max_message_size;   /* larger ones are not judged: OnOversize */
	gsize message_size_limit; /* the MTA's: a mended message must not pass it; 0: none */
	guint deadline;           /* seconds a message may take */
	gsize spool_threshold;    /* octets of a body that are kept in memory ... */
	char *spool_folder;       /* ... more is kept in a file here */
	char *hostname;           /* or NULL: macro {j}, else the host's name */
	gboolean trace_header;
	char *keep_originals;     /* a folder, or NULL */
	gsize keep_originals_size; /* octets it may hold */
	guint keep_originals_age; /* seconds */
	gboolean mx_unknown;      /* MxUnknown: a condition without an answer of DNS holds */
	guint mx_wait;            /* milliseconds that the end of a message may wait for DNS */
	char *mx_servers;         /* "ADDRESS[:PORT],...", or NULL: those of the system */
	gboolean trusted_is_default; /* TrustedClients was not set */
	guint user_line;         /* where User and SocketGroup stand in their files, for errors that */
	guint socket_group_line; /* only show when they are used; 0: nowhere */
	const char *user_file;   /* which files; NULL: nowhere */
	const char *socket_group_file;
	const char *metrics_listen_file;
	guint metrics_listen_line;
	const char *keep_originals_file;
	guint keep_originals_line; /* likewise */
	const char *log_to_file;
	guint log_to_line;
	const char *spool_folder_file;
	guint spool_folder_line;
} MmSettings;

typedef struct _MmConfig MmConfig;

/* Reads @path, then all files "*.conf" in the folder "conf.d" beside it, in the order of the octets
 * of their names. NULL if there is any error. @out_problems (GPtrArray of char *, may be NULL) gets
 * every error as "file:line: text", or, where there is none, what cannot be meant as "file:line:
 * warning: text"; in order. (transfer full) */
MmConfig *mm_config_load (const char *path, GPtrArray *out_problems);

/* TRUE if there is neither the file @path nor any in conf.d beside it, so that what is shipped can be
 * meant. What cannot be looked at is there, and an error when it is loaded. */
gboolean mm_config_is_missing (const char *path);

/* The shipped configuration: what an empty file gives. (transfer full) */
MmConfig *mm_config_new_default (void);

MmConfig *mm_config_ref (MmConfig *config);
void mm_config_unref (MmConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmConfig, mm_config_unref)

const MmSettings *mm_config_settings (const MmConfig *config);

/* A policy by name, built-in ones included, or NULL. */
const MmPolicy *mm_config_policy (const MmConfig *config, const char *name);
/* Names of all policies, built-in ones first. (transfer container) */
GPtrArray *mm_config_policy_names (const MmConfig *config);
/* How many rules it has, [default] not counted. */
guint mm_config_n_rules (const MmConfig *config);

/* Those of @networks (addresses and networks as Postfix's mynetworks has them: blanks or commas
 * between, '!' excepts) that TrustedClients does not cover whole, as they stand there. @out_unread
 * (of char *, with free function) gets those that are no address or network. (transfer full) */
GPtrArray *mm_config_not_trusted (const MmConfig *config, const char *networks,
                                  GPtrArray *out_unread);

/* What -n says of rules and [default] where they may do another thing than who wrote them believes:
 * shipped rules that still hold, or hold no more. NULL: nothing. (transfer full) */
char *mm_config_remark (const MmConfig *config);

/* All files that are read for @config, folders and tables too, as they are named; each once. Those of
 * which nothing was there are among them. Of char *, with free function. (transfer full) */
GPtrArray *mm_config_paths (const MmConfig *config);

/* The configuration in force as the text of one file, from which the same configuration can be read
 * again (if it is no larger than a file may be): every key with its value, policies built in
 * included; comments tell where each value comes from. (transfer full) */
char *mm_config_to_text (const MmConfig *config);

/* Names of the keys of [mailmend] that differ and only count after a restart.
 * (transfer container) */
GPtrArray *mm_config_restart_needed (const MmConfig *old, const MmConfig *new);

/* ---- which policy ---------------------------------------------------------------------------- */

typedef enum { MM_NO, MM_YES, MM_UNKNOWN } MmTruth;

/* An envelope recipient. Strings stay the caller's. */
typedef struct {
	const char *address;  /* without brackets */
	const char *next_hop; /* macro {rcpt_host}; NULL: the MTA gave none */
	MmMxState mx;         /* PENDING: no answer; also where nobody asked */
	const char *const *mx_hosts; /* KNOWN: host names, NULL-terminated; may be empty */
} MmRecipient;

/* What is known of a message so far. Strings stay the caller's. A NULL string with known = TRUE
 * means there is none (no SASL user, no From). */
typedef struct {
	GInetAddress *client;    /* NULL: not TCP (a unix socket) */
	const char *client_name; /* host name as the MTA gives it, or NULL */
	MmTruth local;           /* handed in by sendmail(1) */
	gboolean sasl_known;
	const char *sasl_user;   /* {auth_authen}, NULL: not authenticated */
	gboolean sender_known;
	const char *sender;      /* without brackets; "" for <> */
	gboolean headers_known;
	const char *header_from; /* address of the first From, or NULL */
	MmTruth first_hop;       /* no Received among the headers */
	gboolean recipients_known; /* these are all of them */
	const MmRecipient *recipients;
	guint n_recipients;
	gboolean size_known;
	gsize size;              /* octets on the wire */
	gboolean macros_known;   /* one that is not in the table will not come */
	GHashTable *macros;      /* name with its braces -> value; NULL: none */
	gboolean final;          /* what is not known by now never will be: MxUnknown decides about
	                          * hosts, any other condition on it does not hold */
} MmEnvelope;

typedef struct {
	gboolean decided;        /* FALSE: more must be known; the rest but mx_missing is unset */
	const MmPolicy *policy;
	const char *rule;        /* name of the rule, "default" */
	gboolean dry_run;        /* global or the rule's */
	gboolean names_null;     /* the rule has Sender = <> */
	gboolean some_only;      /* it fits some recipients but not all: nothing may be refused */
	gboolean mx_missing;     /* an answer of DNS would count, or have counted, and is not there */
	char *error;             /* a table could not be asked, or names no policy; then the policy
	                          * is that of [default]. NULL: nothing is wrong */
} MmMatch;

void mm_match_clear (MmMatch *match);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmMatch, mm_match_clear)

/* The first rule that matches @envelope. Decided only if every rule before it certainly does not.
 * With everything known the answer is always decided.
 *
 * The client is known from the start; without an address no Client value fits. One of a condition's
 * values must fit, and none that has a '!'; where all have one, everything else fits. */
MmMatch mm_config_match (const MmConfig *config, const MmEnvelope *envelope);

/* TRUE if a rule can lead to the policy "off": only then a reply at MAIL is of use. */
gboolean mm_config_has_off (const MmConfig *config);
/* TRUE if a rule, [default] or a table can lead to the policy @policy. Whoever asks an lmdb table for
 * the policy may get any. */
gboolean mm_config_may_use (const MmConfig *config, const char *policy);
/* TRUE if a rule has a condition on recipients. */
gboolean mm_config_asks_recipients (const MmConfig *config);
/* TRUE if a rule has RecipientMx: only then DNS need be asked. */
gboolean mm_config_asks_mx (const MmConfig *config);
/* Names, with their braces, of the macros that rules ask for; each once, NULL-terminated. They
 * belong to @config. */
const char *const *mm_config_macros (const MmConfig *config);

/* ---- why ------------------------------------------------------------------------------------- */

/* What became of one condition of a rule. Strings belong to the configuration. */
typedef struct {
	const char *key;  /* "Sender" */
	const char *text; /* its value as it stands in the file */
	MmTruth truth;    /* of a recipient condition alone: for any or all, as the rule says */
} MmConditionAnswer;

/* What became of one rule. */
typedef struct {
	const char *rule;
	MmTruth matches;
	gboolean decided_here; /* the first that fits, and no rule before it is unknown */
	GArray *conditions;    /* of MmConditionAnswer: those that the rule has */
	char *error;           /* a table that could not be asked, where that counts; or NULL */
} MmRuleAnswer;

/* Every rule in order, [default] last: how it stands with @envelope. Of MmRuleAnswer; must go before
 * @config does. (transfer full) */
GPtrArray *mm_config_explain (const MmConfig *config, const MmEnvelope *envelope);

/* A policy "fix" in which exactly the labels of @list ("A|B", groups, "!") are Fix and all others
 * Log, as `mailmend fix --fix` wants it: settings as a policy of one's own has them, but EightBit =
 * never. NULL and MM_ERROR_CONFIG for an empty list or an unknown label. */
MmPolicy *mm_policy_new_fix (const char *list, GError **error);
void mm_policy_free (MmPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmPolicy, mm_policy_free)

G_END_DECLS
