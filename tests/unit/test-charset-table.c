/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-charset-table.c: how often the charset of a short text is found.
 *
 * Business mail in 38 languages, cut into windows of 20 and 60 octets with at least one octet from
 * 0x80 on, in every charset it is sent in. With the true charset among those that are allowed, 96
 * of 100 windows must be found at 20 octets, 99 at 60. An answer is right if it is the charset's
 * name or reads the octets as the same text. With --verbose the misses are shown.
 */
#include <mailmend/codec.h>

#include "charset-texts.h"

#define WINDOWS 12

typedef struct {
	const char *name;
	const char *charsets;
	guint want[2]; /* per thousand, at 20 and 60 octets */
} List;

static const List lists[] = {
	{"west", "utf-8,windows-1252", {1000, 1000}},
	{"centre", "utf-8,windows-1250,iso-8859-2,windows-1252", {960, 990}},
	{"cyrillic", "windows-1251,koi8-r,koi8-u,iso-8859-5,x-mac-cyrillic", {960, 990}},
	{"asia", "gb18030,gbk,big5,euc-jp,euc-kr,iso-2022-jp,shift_jis", {960, 990}},
	{"scripts",
	 "utf-8,windows-1252,windows-1250,windows-1251,windows-1253,windows-1254,windows-1255,"
	 "windows-1256,windows-1257,windows-874,gb18030,big5,shift_jis,euc-jp,euc-kr",
	 {960, 990}},
	{"vietnamese", "utf-8,windows-1258,windows-1252", {960, 990}},
	{"all", NULL, {930, 950}},
};

static const gsize lengths[] = {20, 60};

/* ---- windows ------------------------------------------------------------------------------- */

/* As much of @text as takes at most @len octets in @charset. NULL if it cannot be written so. */
static char *
cut (const char *text, const char *charset, gsize len, gsize *out_len)
{
	const char *end = text;
	g_autofree char *octets = NULL;

	*out_len = 0;
	while (*end != '\0') {
		gsize n = 0;
		const char *next = g_utf8_next_char (end);
		g_autofree char *more =
			g_convert (text, next - text, charset, "utf-8", NULL, &n, NULL);

		if (more == NULL)
			return NULL;
		if (n > len)
			break;
		g_free (octets);
		octets = g_steal_pointer (&more);
		*out_len = n;
		end = next;
	}
	return g_steal_pointer (&octets);
}

static gboolean
is_8bit_or_shifted (MmBytes octets)
{
	return mm_bytes_has_8bit (octets) || mm_bytes_find (octets, '\033', 0) < octets.len;
}

/* Window @at of @text: it begins at a word, or anywhere in a text without blanks. */
static char *
window (const char *text, guint at, const char *charset, gsize len, gsize *out_len)
{
	glong chars = g_utf8_strlen (text, -1);
	const char *from = g_utf8_offset_to_pointer (text, chars * at / (WINDOWS + 2));
	const char *blank = at > 0 ? strchr (from, ' ') : NULL;

	for (from = blank != NULL ? blank + 1 : from; from != NULL && *from != '\0';) {
		g_autofree char *octets = cut (from, charset, len, out_len);

		if (octets == NULL || is_8bit_or_shifted (mm_bytes (octets, *out_len)))
			return g_steal_pointer (&octets);
		from = strchr (from, ' ');
		from += from != NULL;
	}
	return NULL;
}

/* ---- judging ------------------------------------------------------------------------------- */

static gboolean
is_right (MmBytes octets, const char *charset, const char *answer)
{
	g_autofree char *want = NULL;
	g_autofree char *got = NULL;

	if (answer == NULL)
		return FALSE;
	if (g_ascii_strcasecmp (charset, answer) == 0)
		return TRUE;
	want = g_convert (octets.data, (gssize) octets.len, "utf-8", charset, NULL, NULL, NULL);
	got = g_convert (octets.data, (gssize) octets.len, "utf-8", answer, NULL, NULL, NULL);
	return want != NULL && g_strcmp0 (want, got) == 0;
}

static const char *
iconv_name (const char *charset)
{
	return strcmp (charset, "x-mac-cyrillic") == 0 ? "mac-cyrillic" : charset;
}

typedef struct {
	guint n, right;
} Score;

static void
judge (const CharsetText *text, const char *charset, char **allowed, gsize len, Score *score)
{
	for (guint i = 0; i < WINDOWS; i++) {
		gsize n = 0;
		g_autofree char *octets = window (text->text, i, iconv_name (charset), len, &n);
		const char *answer;

		g_assert_nonnull (octets);
		answer = mm_charset_choose (mm_bytes (octets, n), (const char *const *) allowed,
		                            NULL);
		score->n++;
		if (is_right (mm_bytes (octets, n), iconv_name (charset),
		              answer != NULL ? iconv_name (answer) : NULL))
			score->right++;
		else if (g_test_verbose ()) {
			g_autofree char *shown = g_convert (octets, (gssize) n, "utf-8",
			                                    iconv_name (charset), NULL, NULL, NULL);

			g_test_message ("%s %s, said %s: %s", text->language, charset,
			                answer != NULL ? answer : "-", shown);
		}
	}
}

static void
run_list (gconstpointer data)
{
	const List *list = data;
	g_auto (GStrv) allowed = list->charsets != NULL
	                                 ? g_strsplit (list->charsets, ",", -1)
	                                 : g_strdupv ((char **) mm_charsets_all);

	for (gsize l = 0; l < G_N_ELEMENTS (lengths); l++) {
		Score score = {0};

		for (gsize t = 0; t < G_N_ELEMENTS (charset_texts); t++) {
			g_auto (GStrv) own = g_strsplit (charset_texts[t].charsets, ",", -1);

			for (char **charset = own; *charset != NULL; charset++)
				if (g_strv_contains ((const char *const *) allowed, *charset))
					judge (&charset_texts[t], *charset, allowed, lengths[l],
					       &score);
		}
		g_test_message ("%s: %u of %u right at %u octets (%.1f %%)", list->name, score.right,
		                score.n, (guint) lengths[l], 100.0 * score.right / score.n);
		g_assert_cmpuint (score.right * 1000, >=, score.n * list->want[l]);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS (lists); i++) {
		g_autofree char *path = g_strconcat ("/charset-table/", lists[i].name, NULL);

		g_test_add_data_func (path, &lists[i], run_list);
	}
	return g_test_run ();
}
