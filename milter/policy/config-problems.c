/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-problems.c: what is wrong with a configuration file, and what was meant.
 *
 * Problems are found in several passes (form, values, what refers to what) and told in the order of
 * files and lines. Those kept are bounded: a file that is not a configuration at all has one a
 * line. Errors are counted beyond that, so that no file with one is ever used.
 */
#include "config-private.h"

#define MAX_PROBLEMS 1000
#define MAX_WORD 64     /* longer ones are compared with nothing */
#define MAX_QUOTED 80   /* characters */
#define MAX_DISTANCE 2

typedef struct {
	guint file;
	guint line;
	guint number; /* order of discovery: sorting is not stable everywhere */
	char *text;
} MmProblem;

static void
problem_free (gpointer data)
{
	MmProblem *problem = data;

	g_free (problem->text);
	g_free (problem);
}

void
mm_problems_init (MmProblems *problems, const char *file)
{
	problems->files = g_ptr_array_new_with_free_func (g_free);
	problems->list = g_ptr_array_new_with_free_func (problem_free);
	problems->file = 0;
	problems->errors = 0;
	mm_problems_enter (problems, file);
}

guint
mm_problems_enter (MmProblems *problems, const char *file)
{
	guint before = problems->file;

	g_ptr_array_add (problems->files, g_strdup (file));
	problems->file = problems->files->len - 1;
	return before;
}

void
mm_problems_return (MmProblems *problems, guint file)
{
	problems->file = file;
}

const char *
mm_problems_file (const MmProblems *problems, guint file)
{
	return problems->files->pdata[file];
}

char *
mm_problems_place (const MmProblems *problems, guint file, guint line)
{
	if (file == problems->file)
		return g_strdup_printf ("line %u", line);
	return g_strdup_printf ("%s:%u", mm_problems_file (problems, file), line);
}

void
mm_problems_clear (MmProblems *problems)
{
	g_clear_pointer (&problems->list, g_ptr_array_unref);
	g_clear_pointer (&problems->files, g_ptr_array_unref);
}

/* Takes @text. */
static void
add (MmProblems *problems, guint line, char *text)
{
	MmProblem *problem = g_new0 (MmProblem, 1);

	problem->file = problems->file;
	problem->line = line;
	problem->number = problems->list->len;
	problem->text = text;
	g_ptr_array_add (problems->list, problem);
}

static gboolean
is_full (const MmProblems *problems)
{
	return problems->list->len >= MAX_PROBLEMS;
}

void
mm_problems_add (MmProblems *problems, guint line, const char *format, ...)
{
	va_list args;

	problems->errors++;
	if (is_full (problems))
		return;
	va_start (args, format);
	add (problems, line, g_strdup_vprintf (format, args));
	va_end (args);
}

void
mm_problems_warn (MmProblems *problems, guint line, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (is_full (problems))
		return;
	va_start (args, format);
	text = g_strdup_vprintf (format, args);
	va_end (args);
	add (problems, line, g_strconcat ("warning: ", text, NULL));
}

/* ---- suggestions ----------------------------------------------------------------------------- */

/* How many letters must be put in, left out or changed to make @b of @a (Levenshtein), case aside.
 * Neither is longer than MAX_WORD. */
static guint
distance (const char *a, const char *b)
{
	guint row[MAX_WORD + 1];
	gsize len = strlen (b);

	for (gsize j = 0; j <= len; j++)
		row[j] = (guint) j;
	for (gsize i = 0; a[i] != '\0'; i++) {
		guint diagonal = row[0];

		row[0] = (guint) i + 1;
		for (gsize j = 0; j < len; j++) {
			gboolean same = g_ascii_tolower (a[i]) == g_ascii_tolower (b[j]);
			guint changed = diagonal + (same ? 0 : 1);

			diagonal = row[j + 1];
			row[j + 1] = MIN (changed, MIN (row[j], row[j + 1]) + 1);
		}
	}
	return row[len];
}

static const char *
closest (const char *word, const char *const *names)
{
	const char *best = NULL;
	guint best_distance = MAX_DISTANCE + 1;

	if (strlen (word) > MAX_WORD)
		return NULL;
	for (; *names != NULL; names++) {
		gsize len = strlen (*names);
		guint d = len <= MAX_WORD ? distance (word, *names) : G_MAXUINT;

		/* a word of two letters is not "close" to every other one */
		if (d < best_distance && d < len) {
			best = *names;
			best_distance = d;
		}
	}
	return best;
}

void
mm_problems_add_word (MmProblems *problems, guint line, const char *word,
                      const char *const *names, const char *format, ...)
{
	g_autofree char *text = NULL;
	const char *meant;
	va_list args;

	problems->errors++;
	if (is_full (problems))
		return;
	va_start (args, format);
	text = g_strdup_vprintf (format, args);
	va_end (args);
	meant = closest (word, names);
	if (meant != NULL)
		add (problems, line, g_strdup_printf ("%s; did you mean %s?", text, meant));
	else
		add (problems, line, g_steal_pointer (&text));
}

/* ---- telling --------------------------------------------------------------------------------- */

static int
compare (gconstpointer a, gconstpointer b)
{
	const MmProblem *one = *(MmProblem *const *) a;
	const MmProblem *two = *(MmProblem *const *) b;

	if (one->file != two->file)
		return one->file < two->file ? -1 : 1;
	if (one->line != two->line)
		return one->line < two->line ? -1 : 1;
	return one->number < two->number ? -1 : one->number > two->number;
}

guint
mm_problems_count (const MmProblems *problems)
{
	return problems->errors;
}

void
mm_problems_report (const MmProblems *problems, GPtrArray *out)
{
	g_ptr_array_sort (problems->list, compare);
	for (guint i = 0; i < problems->list->len; i++) {
		const MmProblem *problem = problems->list->pdata[i];
		const char *file = mm_problems_file (problems, problem->file);
		char *text;

		if (problem->line == 0)
			text = g_strdup_printf ("%s: %s", file, problem->text);
		else
			text = g_strdup_printf ("%s:%u: %s", file, problem->line, problem->text);
		g_ptr_array_add (out, text);
	}
	if (is_full (problems))
		g_ptr_array_add (out, g_strdup_printf ("%s: more problems are not shown",
		                                       mm_problems_file (problems, 0)));
}

const char *
mm_problems_first (const MmProblems *problems)
{
	const MmProblem *problem;

	if (problems->list->len == 0)
		return NULL;
	problem = problems->list->pdata[0];
	return problem->text;
}

char *
mm_quoted (const char *text)
{
	g_autofree char *valid = g_utf8_make_valid (text, -1);
	g_autofree char *start = NULL;

	if (g_utf8_strlen (valid, -1) <= MAX_QUOTED)
		return g_strdup_printf ("'%s'", valid);
	start = g_utf8_substring (valid, 0, MAX_QUOTED);
	return g_strdup_printf ("'%s...'", start);
}
