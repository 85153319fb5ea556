/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-logline.c: octets as a line of the log: it is read or refused. And as a value of a message: both
 * forms are printable ASCII and give it back.
 */
#include <config.h>

#include <stdlib.h>

#include <mailmend/logline.h>

#include "fuzz.h"

/* What is cut is not the same any more. */
#define WHOLE 250

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	return 0;
}

static void
check_line (MmBytes line)
{
	g_auto (MmLogline) read = MM_LOGLINE_INIT;

	if (!mm_logline_read (&read, line))
		return;
	fuzz_check (read.values[MM_LINE_ID] != NULL && *read.values[MM_LINE_ID] != '\0');
	fuzz_check (read.values[MM_LINE_ACTION] != NULL);
	for (gsize key = 0; key < MM_LINE_N_KEYS; key++)
		fuzz_check (read.values[key] == NULL || strlen (read.values[key]) <= line.len);
}

static void
check_value (const char *value, MmLogFormat format)
{
	MmJudgement judgement = {
		.labels = g_ptr_array_new (),
		.fixed = g_ptr_array_new (),
		.left = g_ptr_array_new (),
		.edits = (char *) "",
	};
	MmLogEntry entry = {
		.queue_id = "Q", .judgement = &judgement, .policy = value, .mid = value,
		.program = value,
	};
	g_autofree char *line = mm_logline_format (&entry, format);
	g_auto (MmLogline) read = MM_LOGLINE_INIT;

	for (const char *p = line; *p != '\0'; p++)
		fuzz_check (*p >= ' ' && *p <= '~');
	fuzz_check (mm_logline_read (&read, mm_bytes_str (line)));
	fuzz_check (strlen (value) > WHOLE || strcmp (read.values[MM_LINE_MID], value) == 0);
	fuzz_check (strcmp (read.values[MM_LINE_MID], read.values[MM_LINE_POLICY]) == 0);
	fuzz_check (strcmp (read.values[MM_LINE_MID], read.values[MM_LINE_PROGRAM]) == 0);
	g_ptr_array_unref (judgement.labels);
	g_ptr_array_unref (judgement.fixed);
	g_ptr_array_unref (judgement.left);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
	g_autofree char *value = g_strndup ((const char *) data, size);

	check_line (mm_bytes ((const char *) data, size));
	check_value (value, MM_LOG_FORMAT_TEXT);
	check_value (value, MM_LOG_FORMAT_JSON);
	return 0;
}
