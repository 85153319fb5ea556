/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-tally.h: counts what the log says of many messages, with bounded memory.
 *
 * Of each kind of name (senders, clients, ...) at least MM_TALLY_KEEP are kept. When there are twice as
 * many, those with the fewest messages with issues go into one row "others", with all their counts: a
 * total is always exact, and a name that matters stays. What comes again after it went is counted
 * from there on.
 */
#pragma once

#include <mailmend/logline.h>
#include <mailmend/rule.h>

#include "logs-clock.h"

G_BEGIN_DECLS

#define MM_TALLY_KEEP 10000

/* Labels that are told apart; the last stands for all others. Logs can be written by anyone. */
#define MM_TALLY_LABELS 256

/* Octets of a queue id with its end; a longer one is no example. */
#define MM_TALLY_ID 24
#define MM_TALLY_EXAMPLES 3

typedef enum {
	MM_BY_SENDER,
	MM_BY_DOMAIN, /* of the sender, in lower case */
	MM_BY_CLIENT, /* "host[address]" */
	MM_BY_USER,
	MM_BY_PROGRAM,
	MM_BY_POLICY, /* "policy/rule" */
	MM_BY_LABEL,
	MM_N_BY,
} MmBy;

/* What became of a message; each has one. */
typedef enum {
	MM_OUTCOME_CLEAN,        /* nothing was found */
	MM_OUTCOME_MENDED,
	MM_OUTCOME_PARTLY,       /* mended, but some was left */
	MM_OUTCOME_LEFT,         /* passed as it was */
	MM_OUTCOME_REFUSED,      /* rejected, held, or to be sent again later */
	MM_OUTCOME_WOULD_MEND,   /* in a dry run; it passed as it was */
	MM_OUTCOME_WOULD_REFUSE, /* likewise */
	MM_OUTCOME_ERROR,        /* the filter failed on it */
	MM_N_OUTCOMES,
} MmOutcome;

/* Messages with one label, under one name. A message may be in mended and in left. */
typedef struct {
	guint label; /* see mm_tally_label () */
	guint64 found;
	guint64 mended;
	guint64 left;
	guint64 refused;
	guint64 would; /* would have been mended or refused */
	gint64 first;  /* MM_NO_TIME: not known */
	gint64 last;
	char id[MM_TALLY_ID]; /* of the latest; "": none */
} MmTallyCell;

typedef struct {
	gint64 when;
	char id[MM_TALLY_ID];
} MmTallyExample;

/* What is known of one name. */
typedef struct {
	char *key;         /* as the sender wrote it: any octets but NUL */
	guint64 messages;
	guint64 issues;    /* messages with any label */
	guint64 outcomes[MM_N_OUTCOMES];
	guint64 mendable;  /* messages that passed with a label that microsoft365 would have tried to mend */
	guint64 hopeless;  /* messages, no bounces, that passed with a hopeless label */
	gint64 first;      /* message with a label; MM_NO_TIME: not known */
	gint64 last;
	MmTallyCell *cells;
	guint n_cells;
	MmTallyExample examples[MM_TALLY_EXAMPLES]; /* messages with a label, the latest first */
	guint n_examples;
	guint client;      /* hash of the client of messages with a label; 0: none yet */
	gboolean clients;  /* there were several */
} MmTallyRow;

/* A span of time. */
typedef struct {
	gint64 begins; /* of the clock on the wall: seconds since 1970 without any zone */
	guint64 outcomes[MM_N_OUTCOMES];
	guint32 labels[MM_TALLY_LABELS]; /* messages with this label */
} MmTallySpan;

typedef struct _MmTally MmTally;

/* Counts only the labels in @only (of char *; NULL: all); others are as if not found.
 * (transfer full) */
MmTally *mm_tally_new (GPtrArray *only);
void mm_tally_free (MmTally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmTally, mm_tally_free)

/* Counts a message. FALSE, and nothing is counted, if its action is none that we know. */
gboolean mm_tally_add (MmTally *tally, const MmLogline *line, gint64 when);

/* All messages; first and last are those of any message. */
const MmTallyRow *mm_tally_total (const MmTally *tally);
gint64 mm_tally_begins (const MmTally *tally); /* the first message of all; MM_NO_TIME: none is dated */
gint64 mm_tally_ends (const MmTally *tally);
guint64 mm_tally_undated (const MmTally *tally);

/* Rows with issues, the most first. (transfer container) */
GPtrArray *mm_tally_rows (const MmTally *tally, MmBy by);
/* The row "others", or NULL if nothing went into it. */
const MmTallyRow *mm_tally_others (const MmTally *tally, MmBy by);

/* The name of a label, and its rule (NULL: this version has none). */
const char *mm_tally_label (const MmTally *tally, guint label);
const MmRule *mm_tally_rule (const MmTally *tally, guint label);
/* TRUE for what is never mended and always counts: notices count where a policy names them only. */
gboolean mm_tally_is_hopeless (const MmRule *rule);

/* Cells of @row, the most found first. (transfer container, of const MmTallyCell *) */
GPtrArray *mm_tally_cells (const MmTallyRow *row);

/* What happened when, from the first message to the last in 16 to about 100 steps, of an hour, a day,
 * a week, or four weeks and their doubles; @out_step: seconds of a step. (transfer full,
 * of MmTallySpan) */
GArray *mm_tally_spans (const MmTally *tally, gint64 *out_step);

G_END_DECLS
