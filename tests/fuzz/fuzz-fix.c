/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-fix.c: a message is judged and mended by every rule; the laws are the oracle. The first
 * octet says how it is judged.
 */
#include <config.h>

#include <stdlib.h>

#include <mailmend/verify.h>

#include "../laws/laws.h"
#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	mm_verify_init ();
	return 0;
}

static MmPolicy *
fix_everything (void)
{
	g_autoptr (GString) list = g_string_new (NULL);

	for (guint i = 0; mm_rules[i] != NULL; i++)
		if (mm_rules[i]->fix != NULL)
			g_string_append_printf (list, "%s%s", list->len > 0 ? "|" : "",
			                        mm_rules[i]->label);
	return mm_policy_new_fix (list->str, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	g_autoptr (MmPolicy) policy = fix_everything ();
	LawsTally tally;
	g_autoptr (GBytes) wire = NULL;
	LawsSetting setting;

	if (size == 0)
		return 0;
	setting.line_limit = data[0] & 1 ? 76 : 998;
	setting.eight_bit = data[0] & 2 ? MM_EIGHTBIT_DECLARED : MM_EIGHTBIT_NEVER;
	setting.on_dkim = data[0] & 8 ? MM_DKIM_FIX : MM_DKIM_HEADER_ADD_ONLY;
	setting.embedded = (MmEmbedded) ((data[0] >> 6) % 3);
	setting.trace = data[0] >> 6 == 3;
	policy->bare_cr = data[0] & 4 ? MM_BARE_CR_ENCODE : MM_BARE_CR_SPACE;
	policy->param_style = data[0] & 32 ? MM_PARAM_STYLE_RFC2231 : MM_PARAM_STYLE_BOTH;
	policy->replace_message_id = (data[0] & 16) != 0;
	wire = g_bytes_new (data + 1, size - 1);
	laws_tally_init (&tally);
	laws_check ("input", wire, policy, setting, &tally);
	fuzz_check (tally.failures == 0);
	laws_tally_clear (&tally);
	return 0;
}
