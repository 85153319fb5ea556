/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-advice.h: what the numbers of a log suggest to do.
 */
#pragma once

#include "logs.h"

G_BEGIN_DECLS

/* About one name whose mail passes with issues. */
typedef struct {
	MmBy by;
	const MmTallyRow *row; /* of the tally; mendable and hopeless say how much is at stake */
	char *condition;       /* of a rule: "Client = 192.0.2.7"; NULL: no rule can be written for it */
	char *name;            /* for a section, not used by any other advice: "client-192-0-2-7" */
	GPtrArray *hopeless;   /* of const char *, sorted: its labels that are never mended */
} MmAdvice;

/* By client where most of its mail has issues, else by user, sender domain or sender; what one advice is about
 * is not told again by the name of another kind. Domains and senders are told of where something can be
 * mended: what cannot is a matter of whoever runs the client. (transfer full, of MmAdvice) */
GPtrArray *mm_logs_advice (const MmLogs *logs);

G_END_DECLS
