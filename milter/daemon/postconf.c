/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postconf.c: what the Postfix of this machine says about itself.
 *
 * Filters are spoken to by smtpd(8), and by cleanup(8) for what sendmail(1) brings and for the
 * content of all mail.
 */
#include <config.h>

#include <string.h>

#include <gio/gio.h>

#include "postconf.h"

/* A person's PATH often lacks them. */
static const char *const folders[] = {"/usr/sbin", "/usr/local/sbin", "/sbin"};

static char *
find_program (void)
{
	char *path = g_find_program_in_path ("postconf");

	for (guint i = 0; path == NULL && i < G_N_ELEMENTS (folders); i++) {
		g_autofree char *guess = g_build_filename (folders[i], "postconf", NULL);

		path = g_find_program_in_path (guess);
	}
	return path;
}

/* What postconf prints; NULL with an error that repeats what it complained of. */
static char *
ask (const char *program, const char *const *arguments, GError **error)
{
	g_autoptr (GPtrArray) argv = g_ptr_array_new ();
	g_autofree char *out = NULL;
	g_autofree char *complaint = NULL;
	int status;

	g_ptr_array_add (argv, (gpointer) program);
	for (; *arguments != NULL; arguments++)
		g_ptr_array_add (argv, (gpointer) *arguments);
	g_ptr_array_add (argv, NULL);
	if (!g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out,
	                   &complaint, &status, error))
		return NULL;
	if (g_spawn_check_wait_status (status, NULL))
		return g_steal_pointer (&out);
	g_strdelimit (g_strstrip (complaint), "\r\n", ' ');
	g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", complaint);
	return NULL;
}

/* "name = value" lines as a table. */
static GHashTable *
read_lines (const char *text)
{
	GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
	g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		char *equals = strstr (*line, " =");

		if (equals == NULL)
			continue;
		*equals = '\0';
		g_hash_table_replace (table, g_strdup (*line),
		                      g_strdup (g_strstrip (equals + strlen (" ="))));
	}
	return table;
}

static char *
take (GHashTable *table, const char *name)
{
	const char *value = g_hash_table_lookup (table, name);

	return g_strdup (value != NULL ? value : "");
}

/* ---- master.cf ------------------------------------------------------------------------------- */

static const char *
field_of (GHashTable *fields, const char *service, const char *name)
{
	g_autofree char *key = g_strconcat (service, "/", name, NULL);
	const char *value = g_hash_table_lookup (fields, key);

	return value != NULL ? value : "";
}

static gboolean
speaks_to_filters (const char *command)
{
	g_auto (GStrv) words = g_strsplit_set (command, " \t", 2);
	const char *program = words[0] != NULL ? words[0] : "";

	return g_str_equal (program, "smtpd") || g_str_equal (program, "cleanup");
}

static int
by_name (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* @fields: "NAME/TYPE/chroot" and so on. @by_default: what a '-' means. */
static GPtrArray *
chrooted_services (GHashTable *fields, gboolean by_default)
{
	GPtrArray *services = g_ptr_array_new_with_free_func (g_free);
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init (&iter, fields);
	while (g_hash_table_iter_next (&iter, &key, NULL)) {
		g_autofree char *service = NULL;
		const char *chroot;

		if (!g_str_has_suffix (key, "/command"))
			continue;
		service = g_strndup (key, strlen (key) - strlen ("/command"));
		chroot = field_of (fields, service, "chroot");
		if (speaks_to_filters (field_of (fields, service, "command")) &&
		    (*chroot == 'y' || (*chroot == '-' && by_default)))
			g_ptr_array_add (services, g_steal_pointer (&service));
	}
	g_ptr_array_sort (services, by_name);
	return services;
}

/* ---- both ------------------------------------------------------------------------------------ */

static gboolean
ask_all (MmPostconf *postconf, const char *program, GError **error)
{
	static const char *const settings[] = {"-x", "queue_directory", "mail_owner", "mynetworks",
	                                       "compatibility_level", NULL};
	static const char *const services[] = {"-F", NULL};
	g_autofree char *main_cf = ask (program, settings, error);
	g_autofree char *master_cf = main_cf != NULL ? ask (program, services, error) : NULL;
	g_autoptr (GHashTable) values = NULL;
	g_autoptr (GHashTable) fields = NULL;
	g_autofree char *level = NULL;

	if (master_cf == NULL)
		return FALSE;
	values = read_lines (main_cf);
	fields = read_lines (master_cf);
	postconf->queue_directory = take (values, "queue_directory");
	postconf->mail_owner = take (values, "mail_owner");
	postconf->mynetworks = take (values, "mynetworks");
	level = take (values, "compatibility_level");
	/* Once '-' was a chroot, and still is where the level says so. */
	postconf->chrooted = chrooted_services (fields, g_ascii_strtoull (level, NULL, 10) < 1);
	return TRUE;
}

void
mm_postconf_init (MmPostconf *postconf)
{
	g_autofree char *program = find_program ();
	g_autoptr (GError) error = NULL;

	*postconf = (MmPostconf){NULL, NULL, NULL, NULL, NULL};
	if (program == NULL)
		postconf->problem = g_strdup ("postconf was not found");
	else if (!ask_all (postconf, program, &error))
		postconf->problem = g_strdup (error->message);
}

void
mm_postconf_clear (MmPostconf *postconf)
{
	g_clear_pointer (&postconf->problem, g_free);
	g_clear_pointer (&postconf->queue_directory, g_free);
	g_clear_pointer (&postconf->mail_owner, g_free);
	g_clear_pointer (&postconf->mynetworks, g_free);
	g_clear_pointer (&postconf->chrooted, g_ptr_array_unref);
}
