/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-record.h: what a log file holds of ours, in whatever form a log daemon wrote it.
 */
#pragma once

#include <mailmend/logline.h>

#include "logs-clock.h"
#include "logs-lines.h"

G_BEGIN_DECLS

/* Every line is one of these. */
typedef enum {
	MM_RECORD_MESSAGE, /* of a message: read */
	MM_RECORD_DAMAGED, /* of a message, but cut or changed on its way: not to be used */
	MM_RECORD_OTHER,   /* of mailmend: a start, a reload, an error */
	MM_RECORD_FOREIGN, /* of another program, or nothing that is known */
} MmRecordKind;

typedef struct _MmRecords MmRecords;

/* Reads from @lines, which must outlive it. (transfer full) */
MmRecords *mm_records_new (MmLines *lines);
void mm_records_free (MmRecords *records);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmRecords, mm_records_free)

/* The next line, or entry of a journal. @out_when: MM_NO_TIME if it has no stamp that is understood.
 * @line is set for MM_RECORD_MESSAGE only. FALSE at the end, and with an error where the rest cannot
 * be read. */
gboolean mm_records_next (MmRecords *records, MmLogline *line, MmRecordKind *out_kind,
                          gint64 *out_when, GError **error);

G_END_DECLS
