/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logline-private.h: the table of fields, for writing and for reading.
 */
#pragma once

#include <mailmend/logline.h>

G_BEGIN_DECLS

/* What a value is. In JSON words and what is quoted are strings, lists are arrays of strings. */
typedef enum {
	MM_VALUE_WORD,
	MM_VALUE_QUOTED,
	MM_VALUE_NUMBER,
	MM_VALUE_LABELS,     /* a list, MM_LABELS_SEPARATOR between */
	MM_VALUE_SIGNATURES, /* a list, MM_SIGNATURES_SEPARATOR between */
} MmValueKind;

#define MM_LABELS_SEPARATOR '|'
#define MM_SIGNATURES_SEPARATOR ','

typedef struct _MmLineWriter MmLineWriter;

typedef struct {
	const char *key;
	MmValueKind kind;
	void (*put) (const MmLogEntry *entry, MmLineWriter *to);
	gboolean (*when) (const MmLogEntry *entry); /* NULL: always */
} MmLineField;

extern const MmLineField mm_line_fields[MM_LINE_N_KEYS];

G_END_DECLS
