/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replies.h: the replies with which servers refuse mail, and what defects they may mean.
 *
 * One table says it to explain --reply, to check where it meets a bounce, and to mailmend(7).
 */
#pragma once

#include <mailmend/rule.h>

G_BEGIN_DECLS

/* How it is known that a reply means a label. */
typedef enum {
	MM_EVIDENCE_PROVEN,     /* seen on real programs: the tests do it again */
	MM_EVIDENCE_DOCUMENTED, /* by who wrote the program: documentation or published source */
	MM_EVIDENCE_REPORTED,   /* by senders of such mail */
	MM_EVIDENCE_INFERRED,   /* a conclusion of ours */
} MmEvidence;

typedef struct {
	const char *label; /* NULL ends the list */
	MmEvidence evidence;
	const char *why; /* half a sentence, or NULL */
} MmReplyCause;

#define MM_REPLY_MAX_CAUSES 9

typedef struct {
	const char *example; /* the reply as it was seen */
	/* Forms of it, '|' between; '*' is anything. Only letters and digits count, and no reply
	 * code. NULL: known by code alone. */
	const char *words;
	const char *code; /* with @words NULL: the enhanced code, "5.6.0" */
	/* Says less than a reply with words of its own: passed over where one of those fits. */
	gboolean general;
	const char *who;
	const char *meaning;
	MmReplyCause causes[MM_REPLY_MAX_CAUSES]; /* most likely first */
	const char *settings; /* lines for a policy that inherits from microsoft365, or NULL */
	const char *cure;     /* at the source */
	const char *source;   /* where it is known from */
} MmReply;

extern const MmReply mm_replies[];
guint mm_replies_count (void);

typedef struct {
	GPtrArray *rows;   /* of const MmReply, best first; empty: not known */
	GPtrArray *labels; /* of const MmRule, each once: those named in the reply, then those it
	                    * may mean */
	guint n_named;     /* how many of them are named in it */
	gboolean cut;      /* the list of labels in it goes on with "..." */
	char *code;        /* "554", or NULL */
	char *enhanced;    /* "5.6.0", or NULL; the first that is there */
	const char *about; /* what RFC 3463 says of that code, or NULL */
	gboolean ambiguous; /* a reply of the table that is about the format has that code */
} MmReplyMatch;

/* What @text, a reply with whatever stands around it, is known to mean. Host names, ids, line ends,
 * several lines and letter case do not count; of very long text only the beginning is looked at. */
void mm_reply_match (MmBytes text, MmReplyMatch *out);
void mm_reply_match_clear (MmReplyMatch *match);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmReplyMatch, mm_reply_match_clear)

const char *mm_evidence_to_string (MmEvidence evidence);

/* What mailmend does with @rule: half a sentence. */
const char *mm_reply_remedy (const MmRule *rule);

/* Lines of a configuration that mend, or else refuse, what @match may mean; they load as they
 * are. NULL: there is nothing to configure. (transfer full) */
char *mm_reply_configuration (const MmReplyMatch *match);

/* The whole table: for people, an object a line, and as list items of mdoc for mailmend(7). */
void mm_replies_text (GString *out);
void mm_replies_json (GString *out);
void mm_replies_man (GString *out);

/* An object with all that is known of the reply; @key as in json.h. */
void mm_reply_match_json (const MmReplyMatch *match, const char *text, const char *key,
                          GString *out);

/* The same for people. */
void mm_reply_match_text (const MmReplyMatch *match, GString *out);

G_END_DECLS
