/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * corpus.c: walks folders and takes messages out of JSON.
 *
 * The JSON is test data: it is read by a scanner of strings and braces, no more. What it must get
 * right is which strings belong to one object.
 */
#include "corpus.h"

#include <string.h>

#define MAX_DEPTH 8

void
corpus_mail_free (gpointer data)
{
	CorpusMail *mail = data;

	g_free (mail->name);
	g_clear_pointer (&mail->wire, g_bytes_unref);
	g_strfreev (mail->labels);
	g_strfreev (mail->kumo_labels);
	g_free (mail);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* What is known of an open object. */
typedef struct {
	char *name;
	char *raw;
	GPtrArray *labels;
	GPtrArray *kumo_labels;
	gboolean kumo_defect;
} Object;

typedef struct {
	const char *at, *end;
	Object objects[MAX_DEPTH];
	guint depth;
	const char *file;
	GPtrArray *out;
} Json;

static void
object_clear (Object *object)
{
	g_clear_pointer (&object->name, g_free);
	g_clear_pointer (&object->raw, g_free);
	g_clear_pointer (&object->labels, g_ptr_array_unref);
	g_clear_pointer (&object->kumo_labels, g_ptr_array_unref);
	object->kumo_defect = FALSE;
}

static void
skip_space (Json *j)
{
	while (j->at < j->end && g_ascii_isspace (*j->at))
		j->at++;
}

/* The string that begins at the quote under j->at. An escaped character stands for itself: enough
 * for names, and base64 has none. */
static char *
read_string (Json *j)
{
	GString *out = g_string_new (NULL);

	for (j->at++; j->at < j->end && *j->at != '"'; j->at++) {
		if (*j->at == '\\' && j->at + 1 < j->end)
			j->at++;
		g_string_append_c (out, *j->at);
	}
	if (j->at < j->end)
		j->at++;
	return g_string_free (out, FALSE);
}

static GPtrArray *
read_strings (Json *j)
{
	GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

	while (j->at < j->end && *j->at != ']') {
		if (*j->at == '"')
			g_ptr_array_add (list, read_string (j));
		else
			j->at++;
	}
	return list;
}

/* A copy with a NULL behind it; NULL for none. */
static char **
strings_of (GPtrArray *list)
{
	if (list == NULL)
		return NULL;
	g_ptr_array_add (list, NULL);
	return g_strdupv ((char **)list->pdata);
}

static void
finish_object (Json *j, Object *object)
{
	CorpusMail *mail;
	guchar *octets;
	gsize len = 0;

	if (object->raw != NULL) {
		mail = g_new0 (CorpusMail, 1);
		octets = g_base64_decode (object->raw, &len);
		mail->wire = g_bytes_new_take (octets, len);
		mail->name = g_strdup_printf ("%s#%s", j->file,
					      object->name != NULL ? object->name : "");
		mail->labels = strings_of (object->labels);
		mail->kumo_labels = strings_of (object->kumo_labels);
		mail->kumo_defect = object->kumo_defect;
		g_ptr_array_add (j->out, mail);
	}
	object_clear (object);
}

/* Behind `"KEY":` of the innermost object. */
static void
read_member (Json *j, const char *key)
{
	Object *object = &j->objects[j->depth - 1];

	skip_space (j);
	if (j->at == j->end)
		return;
	if (*j->at == '"') {
		g_autofree char *value = read_string (j);
		if (strcmp (key, "name") == 0 && object->name == NULL)
			object->name = g_steal_pointer (&value);
		else if (strcmp (key, "raw_b64") == 0 && object->raw == NULL)
			object->raw = g_steal_pointer (&value);
	} else if (*j->at == '[' && strcmp (key, "labels") == 0 && object->labels == NULL) {
		object->labels = read_strings (j);
	} else if (*j->at == '[' && strcmp (key, "kumo_labels") == 0 &&
		   object->kumo_labels == NULL) {
		object->kumo_labels = read_strings (j);
	} else if (*j->at == 't' && strcmp (key, "defect_in_kumo") == 0) {
		object->kumo_defect = TRUE;
	}
}

static void
read_key (Json *j)
{
	g_autofree char *key = read_string (j);

	skip_space (j);
	if (j->depth == 0 || j->at == j->end || *j->at != ':')
		return;
	j->at++;
	read_member (j, key);
}

void
corpus_read_json (const char *name, const char *text, gsize len, GPtrArray *out)
{
	Json j = {.at = text, .end = text + len, .file = name, .out = out};

	while (j.at < j.end) {
		char c = *j.at;

		if (c == '"') {
			read_key (&j);
			continue;
		}
		j.at++;
		if (c == '{' && j.depth < MAX_DEPTH)
			j.depth++;
		else if (c == '}' && j.depth > 0)
			finish_object (&j, &j.objects[--j.depth]);
	}
	while (j.depth > 0)
		object_clear (&j.objects[--j.depth]);
}

/* ---- folders --------------------------------------------------------------------------------- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
note_problem (char **problem, const GError *error)
{
	if (*problem == NULL)
		*problem = g_strdup (error->message);
}

static void
read_file (const char *path, GPtrArray *out, char **problem)
{
	gboolean json = g_str_has_suffix (path, ".json");
	g_autoptr (GError) error = NULL;
	CorpusMail *mail;
	char *text = NULL;
	gsize len = 0;

	if (!json && !g_str_has_suffix (path, ".eml"))
		return;
	if (!g_file_get_contents (path, &text, &len, &error)) {
		note_problem (problem, error);
		return;
	}
	if (json) {
		corpus_read_json (path, text, len, out);
		g_free (text);
		return;
	}
	mail = g_new0 (CorpusMail, 1);
	mail->name = g_strdup (path);
	mail->wire = g_bytes_new_take (text, len);
	g_ptr_array_add (out, mail);
}

static void
read_folder (const char *path, GPtrArray *folders, GPtrArray *out, char **problem)
{
	g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (GError) error = NULL;
	g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
	const char *name;

	if (dir == NULL) {
		note_problem (problem, error);
		return;
	}
	while ((name = g_dir_read_name (dir)) != NULL)
		g_ptr_array_add (names, g_build_filename (path, name, NULL));
	g_ptr_array_sort (names, compare_names);
	for (guint i = 0; i < names->len; i++) {
		if (g_file_test (names->pdata[i], G_FILE_TEST_IS_SYMLINK))
			continue;
		if (g_file_test (names->pdata[i], G_FILE_TEST_IS_DIR))
			g_ptr_array_add (folders, g_strdup (names->pdata[i]));
		else
			read_file (names->pdata[i], out, problem);
	}
}

GPtrArray *
corpus_read (const char *paths, char **out_problem)
{
	GPtrArray *out = g_ptr_array_new_with_free_func (corpus_mail_free);
	g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
	g_auto (GStrv) roots = g_strsplit (paths, ":", -1);

	*out_problem = NULL;
	for (guint i = 0; roots[i] != NULL; i++)
		if (*roots[i] != '\0')
			g_ptr_array_add (folders, g_strdup (roots[i]));
	/* the list grows while it is read: no recursion */
	for (guint i = 0; i < folders->len; i++)
		read_folder (folders->pdata[i], folders, out, out_problem);
	return out;
}
