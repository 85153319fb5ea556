/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-journal.h: entries that journalctl wrote with "-o export" or "-o json", and other loggers as a
 * JSON object a line.
 */
#pragma once

#include "logs-clock.h"
#include "logs-lines.h"

G_BEGIN_DECLS

/* What we look for in an entry. */
typedef struct {
	GString *message;
	GString *ident;
	gint64 when; /* MM_NO_TIME: not said */
} MmJournalEntry;

void mm_journal_entry_init (MmJournalEntry *entry);
void mm_journal_entry_clear (MmJournalEntry *entry);

/* TRUE if @line begins an entry of an export. */
gboolean mm_journal_is_export (MmBytes line);

/* Reads the rest of the entry that begins with @line. FALSE with an error, TRUE also where the file
 * ends before the entry does. */
gboolean mm_journal_read_export (MmJournalEntry *entry, MmLines *lines, MmBytes line,
                                 GError **error);

/* Reads an object on a line: MESSAGE, SYSLOG_IDENTIFIER and __REALTIME_TIMESTAMP of the journal, or
 * "message", "msg" or "log" with "@timestamp", "timestamp" or "time". FALSE: it is not well formed or
 * has no text. */
gboolean mm_journal_read_json (MmJournalEntry *entry, MmBytes line);

G_END_DECLS
