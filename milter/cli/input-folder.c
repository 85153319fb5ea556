/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input-folder.c: walks folders, in the order of names, without recursion.
 *
 * What is still to be visited lies on a stack, so that the depth of folders costs no stack of the
 * process. Symbolic links are passed over: they may lead in a circle, or out.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "command-private.h"
#include "input-folder.h"

typedef enum {
	ENTRY_ANY,
	ENTRY_MESSAGES, /* cur or new of a Maildir */
	ENTRY_MESSAGE,  /* what lies in it: a file is one message, a folder is nothing */
} EntryKind;

typedef struct {
	char *path;
	EntryKind kind;
} Entry;

typedef struct {
	GPtrArray *stack; /* of Entry, the next one last */
	MmInputFileFunc func;
	gpointer data;
	gboolean fine;
} Walk;

static void
entry_free (gpointer data)
{
	Entry *entry = data;

	g_free (entry->path);
	g_free (entry);
}

static void
push (Walk *walk, char *path, EntryKind kind)
{
	Entry *entry = g_new (Entry, 1);

	entry->path = path;
	entry->kind = kind;
	g_ptr_array_add (walk->stack, entry);
}

static gboolean
is_folder (const char *path)
{
	struct stat st;

	return lstat (path, &st) == 0 && S_ISDIR (st.st_mode);
}

/* cur and new are pushed if both are there. */
static gboolean
push_maildir (Walk *walk, const char *path)
{
	g_autofree char *cur = g_build_filename (path, "cur", NULL);
	g_autofree char *new = g_build_filename (path, "new", NULL);

	if (!is_folder (cur) || !is_folder (new))
		return FALSE;
	push (walk, g_steal_pointer (&new), ENTRY_MESSAGES);
	push (walk, g_steal_pointer (&cur), ENTRY_MESSAGES);
	return TRUE;
}

/* What KeepOriginals writes beside "QUEUEID.eml" is no mail that was received. */
static gboolean
goes_with_original (const char *folder, const char *name)
{
	static const char *const ends[] = {".mended.eml", ".envelope"};

	for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
		g_autofree char *stem = NULL;
		g_autofree char *original = NULL;
		struct stat st;

		if (!g_str_has_suffix (name, ends[i]))
			continue;
		stem = g_strndup (name, strlen (name) - strlen (ends[i]));
		original = g_strdup_printf ("%s/%s.eml", folder, stem);
		if (lstat (original, &st) == 0)
			return TRUE;
	}
	return FALSE;
}

static int
compare_backwards (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) b, *(const char *const *) a);
}

static void
open_folder (Walk *walk, const Entry *folder)
{
	g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
	g_autoptr (GError) error = NULL;
	g_autoptr (GDir) dir = g_dir_open (folder->path, 0, &error);
	EntryKind kind = folder->kind == ENTRY_MESSAGES ? ENTRY_MESSAGE : ENTRY_ANY;
	const char *name;

	if (dir == NULL) {
		mm_command_complain ("%s", error->message);
		walk->fine = FALSE;
		return;
	}
	while ((name = g_dir_read_name (dir)) != NULL)
		if (!goes_with_original (folder->path, name))
			g_ptr_array_add (names, g_strdup (name));
	g_ptr_array_sort (names, compare_backwards);
	for (guint i = 0; i < names->len; i++)
		push (walk, g_build_filename (folder->path, names->pdata[i], NULL), kind);
}

static void
visit_folder (Walk *walk, const Entry *entry)
{
	if (entry->kind == ENTRY_MESSAGES || !push_maildir (walk, entry->path))
		open_folder (walk, entry);
}

static void
visit (Walk *walk, const Entry *entry)
{
	struct stat st;

	if (lstat (entry->path, &st) != 0) {
		mm_command_complain ("%s: %s", entry->path, g_strerror (errno));
		walk->fine = FALSE;
	} else if (S_ISREG (st.st_mode)) {
		if (!walk->func (entry->path, entry->kind != ENTRY_MESSAGE, walk->data))
			walk->fine = FALSE;
	} else if (S_ISDIR (st.st_mode) && entry->kind != ENTRY_MESSAGE) {
		visit_folder (walk, entry);
	}
}

/* The folder itself may be given as a link: it is not looked at, only opened. */
gboolean
mm_input_walk (const char *path, MmInputFileFunc func, gpointer data)
{
	g_autoptr (GPtrArray) stack = g_ptr_array_new_with_free_func (entry_free);
	Walk walk = {.stack = stack, .func = func, .data = data, .fine = TRUE};

	visit_folder (&walk, &(Entry){.path = (char *) path, .kind = ENTRY_ANY});
	while (stack->len > 0) {
		Entry *entry = g_ptr_array_steal_index (stack, stack->len - 1);

		visit (&walk, entry);
		entry_free (entry);
	}
	return walk.fine;
}
