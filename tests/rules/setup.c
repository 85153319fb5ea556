/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setup.c: reads the options of a case.
 *
 * Whatever is wrong in them ends the program: it would silently test something else.
 */
#include "setup.h"

static const struct {
	const char *word;
	MmBareCr value;
} bare_crs[] = {
	{"space", MM_BARE_CR_SPACE},
	{"crlf", MM_BARE_CR_CRLF},
	{"encode", MM_BARE_CR_ENCODE},
};

static const char *const option_keys[] = {
	"fix",	"linelimit", "eightbit", "barecr",   "smtputf8", "now",
	"zone", "random",    "from",	 "charsets", "notices",	 "hostname",
	"maxmimedepth", "maxmimeparts",
	"paramstyle",
};

static char *
option (const Setup *s, const char *key)
{
	return g_key_file_get_string (s->file, "options", key, NULL);
}

static gint64
option_number (const Setup *s, const char *key, gint64 otherwise)
{
	g_autofree char *text = option (s, key);
	char *end = NULL;
	gint64 value = text != NULL ? g_ascii_strtoll (text, &end, 10) : otherwise;

	if (text != NULL && (*text == '\0' || *end != '\0'))
		g_error ("options: %s=%s is no number", key, text);
	return value;
}

static gboolean
option_yes (const Setup *s, const char *key)
{
	g_autofree char *text = option (s, key);

	if (text != NULL && strcmp (text, "yes") != 0 && strcmp (text, "no") != 0)
		g_error ("options: %s=%s is neither yes nor no", key, text);
	return g_strcmp0 (text, "yes") == 0;
}

static GBytes *
option_octets (const Setup *s, const char *key)
{
	g_autofree char *text = option (s, key);
	GByteArray *octets = g_byte_array_new ();

	for (const char *p = text; p != NULL && g_ascii_isxdigit (p[0]) && g_ascii_isxdigit (p[1]);
	     p += 2) {
		guint8 octet =
			(guint8)(g_ascii_xdigit_value (p[0]) * 16 + g_ascii_xdigit_value (p[1]));
		g_byte_array_append (octets, &octet, 1);
	}
	if (text != NULL && octets->len * 2 != strlen (text))
		g_error ("options: %s=%s is not hexadecimal", key, text);
	return g_byte_array_free_to_bytes (octets);
}

/* A misspelled key would silently test something else. */
static void
check_keys (const Setup *s)
{
	g_auto (GStrv) groups = g_key_file_get_groups (s->file, NULL);
	g_auto (GStrv) keys = NULL;

	if (groups[0] == NULL)
		return;
	if (groups[1] != NULL || strcmp (groups[0], "options") != 0)
		g_error ("options: the only group is [options]");
	keys = g_key_file_get_keys (s->file, "options", NULL, NULL);
	for (guint i = 0; keys[i] != NULL; i++) {
		gboolean known = FALSE;
		for (gsize k = 0; k < G_N_ELEMENTS (option_keys); k++)
			known |= strcmp (keys[i], option_keys[k]) == 0;
		if (!known)
			g_error ("options: unknown key %s", keys[i]);
	}
}

/* "A|B" of all rules that mend. */
static char *
all_repairs (void)
{
	g_autoptr (GPtrArray) labels = g_ptr_array_new ();

	for (guint i = 0; mm_rules[i] != NULL; i++)
		if (mm_rules[i]->fix != NULL)
			mm_labels_add (labels, mm_rules[i]->label);
	return mm_labels_join (labels);
}

static MmPolicy *
setup_policy (const Setup *s)
{
	g_autofree char *list = option (s, "fix");
	g_autoptr (GError) error = NULL;
	MmPolicy *policy;

	if (list == NULL)
		list = all_repairs ();
	policy = mm_policy_new_fix (list, &error);
	if (policy == NULL)
		g_error ("options: %s", error->message);
	return policy;
}

static void
setup_context (Setup *s)
{
	g_autofree char *eight_bit = option (s, "eightbit");
	g_autofree char *bare_cr = option (s, "barecr");
	g_autofree char *param_style = option (s, "paramstyle");

	test_context_init (&s->context);
	mm_context_set_policy (&s->context, s->policy);
	s->context.line_limit = (gsize)option_number (s, "linelimit", 998);
	s->context.max_mime_depth = (gsize)option_number (s, "maxmimedepth", 30);
	s->context.max_mime_parts = (gsize)option_number (s, "maxmimeparts", 250);
	s->context.eight_bit =
		g_strcmp0 (eight_bit, "declared") == 0 ? MM_EIGHTBIT_DECLARED : MM_EIGHTBIT_NEVER;
	for (gsize i = 0; i < G_N_ELEMENTS (bare_crs); i++)
		if (g_strcmp0 (bare_cr, bare_crs[i].word) == 0)
			s->context.bare_cr = bare_crs[i].value;
	if (g_strcmp0 (param_style, "rfc2231") == 0)
		s->context.param_style = MM_PARAM_STYLE_RFC2231;
	s->context.smtputf8 = option_yes (s, "smtputf8");
	s->context.now = option_number (s, "now", s->context.now);
	s->context.zone = (int)option_number (s, "zone", s->context.zone);
	s->context.random_data = s->random;
	s->context.envelope_sender = s->from;
	if (s->hostname != NULL)
		s->context.hostname = s->hostname;
	if (s->charsets != NULL)
		s->context.charsets = (const char *const *)s->charsets;
}

void
setup_init (Setup *s, const char *folder)
{
	g_autofree char *path = g_build_filename (folder, "options", NULL);
	g_autofree char *charsets = NULL;
	g_autoptr (GError) error = NULL;

	*s = (Setup){.file = g_key_file_new ()};
	if (!g_key_file_load_from_file (s->file, path, G_KEY_FILE_NONE, &error) &&
	    !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		g_error ("%s: %s", path, error->message);
	check_keys (s);
	charsets = option (s, "charsets");
	if (charsets != NULL)
		s->charsets = g_strsplit (charsets, ",", -1);
	s->random = option_octets (s, "random");
	s->from = option (s, "from");
	s->hostname = option (s, "hostname");
	s->notices = option_yes (s, "notices");
	s->policy = setup_policy (s);
	setup_context (s);
	s->request =
		(MmJudgeRequest){.policy = s->policy, .null_sender = g_strcmp0 (s->from, "") == 0};
}

void
setup_clear (Setup *s)
{
	g_key_file_unref (s->file);
	mm_policy_free (s->policy);
	g_free (s->hostname);
	g_free (s->from);
	g_strfreev (s->charsets);
	g_bytes_unref (s->random);
}
