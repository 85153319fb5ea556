/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-config.c: any octets as a configuration: a snapshot or problems, never both or neither.
 */
#include <config.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mailmend/policy.h>

#include "fuzz.h"

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	return 0;
}

static void
match_something (const MmConfig *config)
{
	MmEnvelope known = {.sasl_known = TRUE,
	                    .sender_known = TRUE,
	                    .sender = "a@b.example",
	                    .headers_known = TRUE,
	                    .header_from = "a@b.example",
	                    .first_hop = MM_YES};
	MmEnvelope unknown = {.local = MM_UNKNOWN, .first_hop = MM_UNKNOWN};

	g_auto (MmMatch) late = mm_config_match (config, &known);
	g_auto (MmMatch) early = mm_config_match (config, &unknown);

	fuzz_check (late.decided);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	int fd = memfd_create ("config", MFD_CLOEXEC);
	g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (MmConfig) config = NULL;

	fuzz_check (fd >= 0 && write (fd, data, size) == (ssize_t) size);
	config = mm_config_load (path, problems);
	close (fd);
	fuzz_check ((config == NULL) == (problems->len > 0));
	if (config != NULL)
		match_something (config);
	return 0;
}
