/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-grammar.c: every parser on any octets; what one of them makes valid stays valid.
 */
#include <config.h>

#include <stdlib.h>

#include <mailmend/grammar.h>

#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	return 0;
}

static void
check_date (const MmDate *date)
{
	g_autofree char *text = mm_date_format (date);
	MmDate again;
	gboolean wrong = TRUE;

	fuzz_check (mm_grammar_date (mm_bytes_str (text), &again, &wrong));
	fuzz_check (!wrong && again.zone == date->zone && again.day == date->day);
}

static void
check_dates (MmBytes in)
{
	MmDate date;

	if (mm_grammar_date (in, &date, NULL))
		check_date (&date);
	if (mm_grammar_date_rebuild (in, &date))
		check_date (&date);
}

static void
check_ids (MmBytes in)
{
	g_auto (MmMsgid) msgid = {0}, again = {0};
	g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (MmBytes));
	gboolean commas;

	mm_grammar_msgid (in, FALSE, &msgid);
	fuzz_check ((msgid.id != NULL) ==
	            (msgid.shape == MM_MSGID_VALID || msgid.shape == MM_MSGID_BRACKETS));
	if (msgid.id != NULL) {
		mm_grammar_msgid (mm_bytes_str (msgid.id), FALSE, &again);
		fuzz_check (again.shape == MM_MSGID_VALID);
		fuzz_check (strpbrk (msgid.id, "\r\n") == NULL);
	}
	mm_grammar_msgid_list (in, ids, &commas);
	mm_grammar_content_id (in);
}

static void
check_parameters (MmBytes in, gboolean slash)
{
	g_auto (MmParameterized) p = {0};

	mm_grammar_parameterized (in, slash, &p);
	fuzz_check (p.parameters == NULL || p.parameters->len <= MM_LIMIT_parameters);
	for (guint i = 0; p.parameters != NULL && i < p.parameters->len; i++) {
		const MmParameter *parameter = &g_array_index (p.parameters, MmParameter, i);
		fuzz_check (parameter->value.len <= in.len && parameter->name.len <= in.len);
	}
	g_free (mm_parameter_get (&p, "charset"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	MmBytes in = fuzz_bytes (data, size);
	g_autofree char *address = mm_grammar_first_address (in);

	g_free (mm_grammar_without_comments (in));
	check_dates (in);
	check_ids (in);
	check_parameters (in, TRUE);
	check_parameters (in, FALSE);
	if (address != NULL)
		g_free (mm_grammar_domain (address));
	return 0;
}
