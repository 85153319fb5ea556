/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-tally-private.h: inside the counting.
 */
#pragma once

#include "logs-tally.h"

G_BEGIN_DECLS

/* What a message says of a label. */
enum { MM_TALLY_FOUND = 1, MM_TALLY_FIXED = 2, MM_TALLY_LEFT = 4 };

typedef struct {
	const char *id;
	gint64 when;
	MmOutcome outcome;
	gboolean mendable;              /* see MmTallyRow */
	gboolean hopeless;
	guint client;                   /* hash of the client, if there are labels */
	guint8 labels[MM_TALLY_LABELS]; /* numbers, each once */
	guint n_labels;
	guint8 flags[MM_TALLY_LABELS];  /* by number */
} MmTallyMessage;

/* Messages of one hour. */
typedef struct {
	gint64 hour; /* since 1970 */
	guint32 outcomes[MM_N_OUTCOMES];
} MmTallyHour;

struct _MmTally {
	GHashTable *label_numbers; /* name (owned) -> number */
	GPtrArray *labels;         /* number -> name */
	const MmRule *rules[MM_TALLY_LABELS]; /* number -> rule or NULL */
	gboolean only;             /* no other labels count */
	GHashTable *rows[MM_N_BY]; /* key -> MmTallyRow, which has it */
	MmTallyRow others[MM_N_BY];
	MmTallyRow total;
	gint64 begins;
	gint64 ends;
	guint64 undated;
	GHashTable *hours;         /* hour -> MmTallyHour, which has it */
	MmTallyHour *hour;         /* the last one */
	GHashTable *label_hours;   /* hour and label as one number -> messages */
};

/* The number of @label; -1: it does not count. */
int mm_tally_number (MmTally *tally, const char *label);

void mm_tally_row_init (MmTallyRow *row, const char *key);
void mm_tally_row_clear (MmTallyRow *row);
void mm_tally_row_add (MmTallyRow *row, const MmTallyMessage *message);

/* Makes others of at least half of the rows. */
void mm_tally_prune (MmTally *tally, MmBy by);

/* @message has a time. */
void mm_tally_time_add (MmTally *tally, const MmTallyMessage *message);

G_END_DECLS
