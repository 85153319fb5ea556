/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-config.c: any octets as a configuration: a snapshot or errors, never both or neither. A
 * snapshot can be printed, and read again, and is the same then.
 *
 * A form feed begins a drop-in.
 */
#include <config.h>

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mailmend/policy.h>

#include "fuzz.h"

#define MAX_DROP_INS 3

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

	fuzz_check (late.decided && late.policy != NULL);
	fuzz_check (early.decided == (early.policy != NULL));
}

static MmConfig *
load (const char *path, GPtrArray *problems)
{
	MmConfig *config = mm_config_load (path, problems);

	fuzz_check (config != NULL || problems->len > 0);
	for (guint i = 0; config != NULL && i < problems->len; i++)
		fuzz_check (strstr (problems->pdata[i], ": warning: ") != NULL);
	return config;
}

/* What is no comment for people. */
static char *
without_comments (const char *text)
{
	g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
	GString *out = g_string_new (NULL);

	for (guint i = 0; lines[i] != NULL; i++)
		if (!g_str_has_prefix (lines[i], "# "))
			g_string_append_printf (out, "%s\n", lines[i]);
	return g_string_free (out, FALSE);
}

/* Reads @text as a file of its own. */
static MmConfig *
load_text (const char *text, GPtrArray *problems)
{
	int fd = memfd_create ("config", MFD_CLOEXEC);
	g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
	gssize len = (gssize) strlen (text);
	MmConfig *config;

	fuzz_check (fd >= 0 && write (fd, text, (size_t) len) == len);
	config = load (path, problems);
	close (fd);
	return config;
}

static void
check_print (const MmConfig *config)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autofree char *text = mm_config_to_text (config);
	g_autoptr (MmConfig) again = NULL;
	g_autoptr (GPtrArray) restart = NULL;
	g_autofree char *text_again = NULL;
	g_autofree char *bare = NULL;
	g_autofree char *bare_again = NULL;

	if (strlen (text) > 1024 * 1024)
		return; /* no file may be that large */
	again = load_text (text, problems);
	fuzz_check (again != NULL);
	restart = mm_config_restart_needed (config, again);
	fuzz_check (restart->len == 0);
	text_again = mm_config_to_text (again);
	bare = without_comments (text);
	bare_again = without_comments (text_again);
	fuzz_check (g_str_equal (bare, bare_again));
}

/* Writes the parts of @data into @folder: the main file, then drop-ins. */
static void
write_files (const char *folder, const char *data, gsize len)
{
	g_autofree char *drop_ins = g_build_filename (folder, "conf.d", NULL);
	const char *end = data + len;

	fuzz_check (g_mkdir (drop_ins, 0700) == 0);
	for (guint i = 0; i <= MAX_DROP_INS && data <= end; i++) {
		const char *next = memchr (data, '\f', (gsize) (end - data));
		g_autofree char *name = i == 0 ? g_strdup ("conf")
		                               : g_strdup_printf ("conf.d/%u.conf", i);
		g_autofree char *path = g_build_filename (folder, name, NULL);

		if (next == NULL)
			next = end;
		fuzz_check (g_file_set_contents_full (path, data, next - data,
		                                      G_FILE_SET_CONTENTS_NONE, 0600, NULL));
		data = next + 1;
	}
}

static void
remove_files (const char *folder)
{
	g_autofree char *drop_ins = g_build_filename (folder, "conf.d", NULL);
	g_autofree char *file = g_build_filename (folder, "conf", NULL);

	for (guint i = 1; i <= MAX_DROP_INS; i++) {
		g_autofree char *path = g_strdup_printf ("%s/%u.conf", drop_ins, i);

		g_remove (path);
	}
	fuzz_check (g_rmdir (drop_ins) == 0 && g_remove (file) == 0 && g_rmdir (folder) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	g_autofree char *folder = g_dir_make_tmp ("fuzz-config-XXXXXX", NULL);
	g_autofree char *path = g_build_filename (folder, "conf", NULL);
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (MmConfig) config = NULL;

	write_files (folder, (const char *) data, size);
	config = load (path, problems);
	remove_files (folder);
	if (config != NULL) {
		match_something (config);
		check_print (config);
	}
	return 0;
}
