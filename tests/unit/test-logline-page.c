/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-logline-page.c: mailmend-log(5) is what the code does: its keys, their kinds and order, and its
 * examples.
 */
#include <string.h>

#include "../../milter/engine/logline-private.h"
#include "test-util.h"

static char *
read_page (void)
{
	g_autofree char *path = g_test_build_filename (G_TEST_DIST, "man", "mailmend-log.5", NULL);
	g_autoptr (GError) error = NULL;
	char *text = NULL;

	g_file_get_contents (path, &text, NULL, &error);
	g_assert_no_error (error);
	return text;
}

/* The display that begins with @begin, its lines joined as the page says, escapes of mdoc undone. */
static char *
example (const char *page, const char *begin)
{
	g_autofree char *wanted = g_strconcat (".Bd -literal -offset indent\n", begin, NULL);
	const char *at = strstr (page, wanted);
	const char *end;
	GString *out = g_string_new (NULL);

	g_assert_nonnull (at);
	at += strlen (wanted) - strlen (begin);
	end = strstr (at, "\n.Ed");
	g_assert_nonnull (end);
	g_string_append_len (out, at, (gssize) (end - at));
	g_string_replace (out, "\\e", "\\", 0);
	/* JSON goes on at once, text behind a blank. */
	g_string_replace (out, "\n    ", *begin == '{' ? "" : " ", 0);
	g_assert_null (strchr (out->str, '\n'));
	return g_string_free (out, FALSE);
}

static void
test_examples (void)
{
	g_autofree char *page = read_page ();
	g_autofree char *text = example (page, "4Zk1pQ3Xz1z9xyz: action=");
	g_autofree char *json = example (page, "{\"id\":");
	g_auto (MmLogline) a = MM_LOGLINE_INIT;
	g_auto (MmLogline) b = MM_LOGLINE_INIT;

	g_assert_true (mm_logline_read (&a, mm_bytes_str (text)));
	g_assert_true (mm_logline_read (&b, mm_bytes_str (json)));
	for (gsize key = 0; key < MM_LINE_N_KEYS; key++) {
		gboolean always = mm_line_fields[key].when == NULL || key == MM_LINE_PROGRAM;

		g_test_message ("%s", mm_line_fields[key].key);
		g_assert_cmpstr (a.values[key], ==, b.values[key]);
		g_assert_cmpint (a.values[key] != NULL, ==, always);
	}
	g_assert_cmpstr (a.values[MM_LINE_MID], ==, "=?utf-8?q?=3Ca=40b=3E?=\n x");
}

/* What the page says that the value of @field is. */
static char *
kind_of (const MmLineField *field)
{
	static const char *const kinds[] = {
		[MM_VALUE_WORD] = "String",   [MM_VALUE_QUOTED] = "String, quoted",
		[MM_VALUE_NUMBER] = "Number", [MM_VALUE_LABELS] = "List",
		[MM_VALUE_SIGNATURES] = "List",
	};

	return g_strdup_printf (".It Cm %s\n%s%s", field->key, kinds[field->kind],
	                        field->when != NULL ? ", only" : ":");
}

static void
test_keys (void)
{
	g_autofree char *page = read_page ();
	const char *at = strstr (page, "\n.Ss Keys\n");
	const char *end = strstr (at, "\n.El");
	gsize items = 0;

	for (const char *item = at; (item = strstr (item, "\n.It Cm ")) != NULL && item < end; item++)
		items++;
	g_assert_cmpuint (items, ==, MM_LINE_N_KEYS);
	for (gsize key = 0; key < MM_LINE_N_KEYS; key++) {
		g_autofree char *wanted = kind_of (&mm_line_fields[key]);

		g_test_message ("%s", wanted);
		at = strstr (at, wanted);
		g_assert_true (at != NULL && at < end);
	}
}

static void
test_version (void)
{
	g_autofree char *page = read_page ();
	g_autofree char *words = g_strdup_printf ("This is version %d of", MM_LOGLINE_VERSION);
	g_autofree char *pair = g_strdup_printf ("\n.Li log=%d .", MM_LOGLINE_VERSION);

	g_assert_nonnull (strstr (page, words));
	g_assert_nonnull (strstr (page, pair));
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/logline-page/examples", test_examples);
	g_test_add_func ("/logline-page/keys", test_keys);
	g_test_add_func ("/logline-page/version", test_version);
	return g_test_run ();
}
