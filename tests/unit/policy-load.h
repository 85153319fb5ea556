/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy-load.h: loads a configuration from a string, for the tests of the module policy.
 *
 * It is written to a file called "conf" in a folder of the test's own, so that problems are
 * compared as "conf:LINE: text".
 */
#pragma once

#include <glib/gstdio.h>
#include <mailmend/policy.h>
#include <mailmend/settings.h>
#include <string.h>

typedef struct {
	char *folder;
	char *path;
} Place;

static inline void
place_init (Place *place)
{
	place->folder = g_dir_make_tmp ("mailmend-policy-XXXXXX", NULL);
	g_assert_nonnull (place->folder);
	place->path = g_build_filename (place->folder, "conf", NULL);
}

/* Writes conf.d/@name; NULL: the main file. */
static inline void
place_write (const Place *place, const char *name, const char *text)
{
	g_autofree char *folder = g_build_filename (place->folder, "conf.d", NULL);
	g_autofree char *path = g_build_filename (folder, name, NULL);

	if (name != NULL)
		g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
	g_assert_true (g_file_set_contents (name != NULL ? path : place->path, text, -1, NULL));
}

static inline void
place_clear (Place *place)
{
	g_autofree char *folder = g_build_filename (place->folder, "conf.d", NULL);
	g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *path = g_build_filename (folder, name, NULL);

		g_assert_cmpint (g_remove (path), ==, 0);
	}
	g_rmdir (folder);
	g_unlink (place->path);
	g_assert_cmpint (g_rmdir (place->folder), ==, 0);
	g_free (place->folder);
	g_free (place->path);
}

/* Loads what stands in @place; the problems, one a line, without the folder. NULL exactly if one of
 * them is an error. */
static inline MmConfig *
load_place (const Place *place, char **out_problems)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (GString) lines = g_string_new (NULL);
	MmConfig *config = mm_config_load (place->path, problems);
	gboolean error = FALSE;

	for (guint i = 0; i < problems->len; i++) {
		const char *line = problems->pdata[i];

		g_assert_true (g_str_has_prefix (line, place->folder));
		error = error || strstr (line, ": warning: ") == NULL;
		g_string_append_printf (lines, "%s\n", line + strlen (place->folder) + 1);
	}
	g_string_replace (lines, place->folder, "FOLDER", 0);
	g_assert_true ((config == NULL) == error);
	if (out_problems != NULL)
		*out_problems = g_strdup (lines->str);
	return config;
}

/* Loads @len octets; the problems likewise. */
static inline MmConfig *
load_bytes (const char *text, gssize len, char **out_problems)
{
	Place place;
	MmConfig *config;

	place_init (&place);
	g_assert_true (g_file_set_contents (place.path, text, len, NULL));
	config = load_place (&place, out_problems);
	place_clear (&place);
	return config;
}

/* A configuration that must load, with warnings or without. */
static inline MmConfig *
load (const char *text)
{
	g_autofree char *problems = NULL;
	MmConfig *config = load_bytes (text, -1, &problems);

	if (config == NULL)
		g_assert_cmpstr (problems, ==, "");
	return config;
}

/* ---- messages -------------------------------------------------------------------------------- */

typedef struct {
	const char *client; /* NULL: not TCP */
	const char *sender; /* "?": not known yet; NULL: none */
	const char *user;   /* the same */
	const char *from;   /* the same */
	MmTruth local;
	MmTruth first_hop;
} Mail;

static inline gboolean
is_known (const char *text)
{
	return g_strcmp0 (text, "?") != 0;
}

static inline MmMatch
match (const MmConfig *config, const Mail *mail)
{
	g_autoptr (GInetAddress) client = NULL;
	MmEnvelope envelope = {.local = mail->local, .first_hop = mail->first_hop};

	if (mail->client != NULL) {
		client = g_inet_address_new_from_string (mail->client);
		g_assert_nonnull (client);
	}
	envelope.client = client;
	envelope.sender_known = is_known (mail->sender);
	envelope.sender = envelope.sender_known ? mail->sender : NULL;
	envelope.sasl_known = is_known (mail->user);
	envelope.sasl_user = envelope.sasl_known ? mail->user : NULL;
	envelope.headers_known = is_known (mail->from);
	envelope.header_from = envelope.headers_known ? mail->from : NULL;
	return mm_config_match (config, &envelope);
}

#define FROM(address) {"192.0.2.1", address, NULL, NULL, MM_NO, MM_NO}
#define HEADER(address) {"192.0.2.1", "a@a.example", NULL, address, MM_NO, MM_NO}
#define CLIENT(address) {address, "a@a.example", NULL, NULL, MM_NO, MM_NO}
#define USER(name) {"192.0.2.1", "a@a.example", name, NULL, MM_NO, MM_NO}
#define HOP(local, first) {"192.0.2.1", "a@a.example", NULL, NULL, local, first}
