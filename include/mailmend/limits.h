/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits.h: every bound on what mail makes us do, in one table. The rows are also what
 * `mailmend-milter -n -v` and mailmend.conf(5) print. Bounds on the configuration and on DNS stand
 * where those are read; what a standard or a receiver says (a line of 998 octets, a boundary of 70)
 * is no bound of ours but a rule's.
 *
 * At a bound nothing is lost: the message passes unchanged, or the one field stays as it is, and the
 * log line says which bound it was (limit=). Beyond those on the tree of parts (parts, depth,
 * part_header_block, parameters) header repairs are still made. What only ends something early, as
 * how much of a text is looked at, is not named in the log.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* X(name, default, text); names become members of MmLimits and MM_LIMIT_ values. What has no
 * context to ask, as grammars, takes the latter. A text that begins with "octets" says what is
 * counted; of others the value is a plain number. */

/* Those that a log line may name. */
#define MM_LIMITS_NAMED(X)                                                                         \
	X (message_size, 64 * 1024 * 1024,                                                         \
	   "octets of a message that is judged at all, unless MaxMessageSize says otherwise")      \
	X (header_block, 1024 * 1024,                                                              \
	   "octets of the header block of a message that is judged at all")                        \
	X (headers, 1000, "fields of the header block of a message that is edited")                \
	X (header_field, 60000,                                                                    \
	   "octets of a field that is edited or written; longer ones stay as they are (and Postfix " \
	   "cuts them off at as many before a filter sees them)")                                  \
	X (words, 2000,                                                                            \
	   "encoded words of a field that is edited; a field with more stays as it is")            \
	X (addresses, 20000,                                                                       \
	   "members of a list of addresses that are read; two lists of which one has more are not " \
	   "made one")                                                                             \
	X (parameters, 100,                                                                        \
	   "parameters of a Content-Type or Content-Disposition that are read; a field with more " \
	   "stays as it is, and so does the body")                                                 \
	X (part_header_block, 256 * 1024,                                                          \
	   "octets of the header block of a part; what is behind them is content")                 \
	X (parts, 10000, "parts that are split; the rest is one piece")                            \
	X (depth, 100, "levels of multiparts that are split; what is deeper is one piece")         \
	X (signatures, 50,                                                                         \
	   "DKIM and ARC signatures of a message that are read; of more it is not known what they " \
	   "cover")                                                                                \
	X (findings, 2000, "findings of a message that is edited")                                 \
	X (attempts, 3, "verifications of one message, each after dropping edits that failed")     \
	X (passes, 3, "times a mended message is mended again until that changes nothing")         \
	X (growth, 4, "times its size, and 4 KB, a message may become")                            \
	X (merged_field, 32000, "octets of a field that is made of several")                       \
	X (copies, 10, "fields of one name in a part that may become one")                         \
	X (separators, 1000,                                                                       \
	   "colons and semicolons of a field that the second reader is asked about; a message with " \
	   "more gets no edit, which nobody could verify")

/* Those that it never names. */
#define MM_LIMITS_UNNAMED(X)                                                                       \
	X (rounds, 8, "rounds of edits in each stage of mending")                                  \
	X (strayed_header, 64 * 1024, "octets of a body in which a header is looked for")          \
	X (kept_value, 900, "octets of a replaced value that are kept in X-Original-*")            \
	X (charset_sample, 4096, "octets of a text by which its charset is told")                  \
	X (recipients, 10000,                                                                      \
	   "recipients of a message that are compared with rules; mail for more is not refused")   \
	X (recipient_octets, 4 * 1024 * 1024, "octets of their addresses")                         \
	X (macro_value, 4096, "octets of a macro's value that are compared with rules")            \
	X (reply_text, 500, "octets of a reply behind its code (RFC 5321 4.5.3.1.5)")              \
	X (logged_value, 250,                                                                      \
	   "octets of one value of the mail in a log line, which syslogd might cut")               \
	X (log_queue, 10000,                                                                       \
	   "log lines that wait for syslogd; of more only the number is told, once it takes lines") \
	X (repeats, 1024, "messages of which it is remembered that they failed")

#define MM_LIMITS(X)                                                                               \
	MM_LIMITS_NAMED (X)                                                                        \
	MM_LIMITS_UNNAMED (X)

typedef struct {
#define MM_LIMIT_MEMBER(name, value, text) gsize name;
	MM_LIMITS (MM_LIMIT_MEMBER)
#undef MM_LIMIT_MEMBER
} MmLimits;

enum {
#define MM_LIMIT_ENUM(name, value, text) MM_LIMIT_##name = value,
	MM_LIMITS (MM_LIMIT_ENUM)
#undef MM_LIMIT_ENUM
};

static inline MmLimits
mm_limits_default (void)
{
	return (MmLimits){
#define MM_LIMIT_VALUE(name, value, text) .name = value,
		MM_LIMITS (MM_LIMIT_VALUE)
#undef MM_LIMIT_VALUE
	};
}

/* The table to be shown. */
typedef struct {
	const char *name;
	gsize value;
	const char *text; /* what is bounded, and what is beyond */
	gboolean named;   /* in a log line */
} MmLimitRow;

extern const MmLimitRow mm_limit_rows[];
extern const guint mm_limit_n_rows;

/* TRUE if it is a number of octets. */
gboolean mm_limit_is_octets (const MmLimitRow *row);

/* The limit that the message of an MM_ERROR_LIMIT begins with, as in "header_field: the field is too
 * long to be edited"; NULL: with none. @message may be NULL. (transfer none, lives for ever) */
const char *mm_limit_named (const char *message);

G_END_DECLS
