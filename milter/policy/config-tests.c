/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-tests.c: what the values of all conditions have in common: lists, '!', regexes, tables.
 *
 *	condition = value *("," value)
 *	value     = ["!"] (form / regex / table)      ; config-conditions.c, config-networks.c
 *	regex     = "/" pattern "/" ["i"]
 *	table     = ("TABLE:" / "lmdb:") absolute path
 *
 * A regex ends at the first '/' that is not escaped and has the end of the value behind it. So
 * commas in it need no escape.
 */
#include "config-private.h"

/* Bounds the time of one look; far more than an expression that is meant well takes. */
#define REGEX_LIMIT "(*LIMIT_MATCH=100000)"

/* ---- one value ------------------------------------------------------------------------------- */

static void
test_clear (gpointer data)
{
	MmTest *test = data;

	g_free (test->text);
	g_free (test->macro);
	mm_mailbox_clear (&test->mailbox);
	g_clear_pointer (&test->regex, g_regex_unref);
	g_clear_pointer (&test->table, mm_table_unref);
}

void
mm_condition_clear (MmCondition *condition)
{
	g_clear_pointer (&condition->tests, g_array_unref);
	g_clear_pointer (&condition->text, g_free);
	condition->given = FALSE;
}

void
mm_condition_begin (MmCondition *condition, const char *text)
{
	mm_condition_clear (condition);
	condition->given = TRUE;
	condition->text = g_strdup (text);
	condition->tests = g_array_new (FALSE, FALSE, sizeof (MmTest));
	g_array_set_clear_func (condition->tests, test_clear);
}

/* ---- regexes --------------------------------------------------------------------------------- */

/* Octets are matched, not characters: mail is not always UTF-8, and a match must not fail for
 * that. */
static GRegex *
compile (const char *pattern, gboolean nocase, GError **error)
{
	g_autofree char *bounded = g_strconcat (REGEX_LIMIT, pattern, NULL);
	GRegexCompileFlags flags = G_REGEX_RAW | (nocase ? G_REGEX_CASELESS : 0);
	/* as it was written: that is what an error quotes, with places in it */
	g_autoptr (GRegex) as_given = g_regex_new (pattern, flags, 0, error);

	return as_given != NULL ? g_regex_new (bounded, flags | G_REGEX_OPTIMIZE, 0, error) : NULL;
}

/* The last '/' of @text that no backslash stands before; @text itself if there is no other. */
static const char *
last_slash (const char *text)
{
	const char *last = text;

	for (; *text != '\0'; text++) {
		if (*text == '/')
			last = text;
		if (*text == '\\' && text[1] != '\0')
			text++;
	}
	return last;
}

/* What is compared in lower case would never fit a capital letter. */
static gboolean
is_caseless (const MmSettingRow *row)
{
	return row->type != MM_SETTING_USERS && row->type != MM_SETTING_MACROS;
}

static gboolean
read_regex_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                 MmProblems *problems)
{
	const char *end = last_slash (text);
	const char *flags = end + 1;
	g_autofree char *quoted = mm_quoted (text);
	g_autofree char *pattern = NULL;
	g_autoptr (GError) error = NULL;

	if (end == text) {
		mm_problems_add (problems, line, "%s: %s has no '/' at its end", row->key, quoted);
		return FALSE;
	}
	if (*flags != '\0' && !g_str_equal (flags, "i")) {
		mm_problems_add (problems, line, "%s: behind %s nothing but 'i' may stand",
		                 row->key, quoted);
		return FALSE;
	}
	test->kind = MM_TEST_REGEX;
	pattern = g_strndup (text + 1, (gsize) (end - text - 1));
	if (*pattern == '\0')
		mm_problems_add (problems, line, "%s: the regex %s is empty", row->key, quoted);
	else
		test->regex = compile (pattern, *flags == 'i' || is_caseless (row), &error);
	if (error != NULL)
		mm_problems_add (problems, line, "%s: %s", row->key, error->message);
	return test->regex != NULL;
}

/* How long the regex at @text is with its flags; 0 if it does not end. */
static gsize
regex_length (const char *text, const char *separators)
{
	for (gsize i = 1; text[i] != '\0'; i++) {
		gsize end = i + 1;

		if (text[i] == '\\' && text[i + 1] != '\0') {
			i++;
			continue;
		}
		if (text[i] != '/')
			continue;
		while (g_ascii_isalpha (text[end]))
			end++;
		if (strchr (separators, text[end]) != NULL ||
		    strchr (separators, text[end + strspn (text + end, " \t")]) != NULL)
			return end; /* strchr() finds the end of the text, too */
	}
	return 0;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static MmShape
shape_of (const MmSettingRow *row)
{
	static const MmShape shapes[MM_N_SETTING_TYPES] = {
		[MM_SETTING_ADDRESSES] = MM_SHAPE_ADDRESS,
		[MM_SETTING_DOMAINS] = MM_SHAPE_DOMAIN,
		[MM_SETTING_HOSTS] = MM_SHAPE_HOST,
		[MM_SETTING_CLIENTS] = MM_SHAPE_CLIENT,
		[MM_SETTING_USERS] = MM_SHAPE_TEXT,
		[MM_SETTING_MACROS] = MM_SHAPE_TEXT,
	};

	return shapes[row->type];
}

/* @text: behind the colon. It is opened when all of the configuration has been read. */
static gboolean
read_table_test (const MmSettingRow *row, const char *text, gboolean is_lmdb, MmTest *test,
                 guint line, MmProblems *problems)
{
	const char *path = g_strchug ((char *) text);
	g_autofree char *quoted = mm_quoted (path);

	if (*path != '/') {
		mm_problems_add (problems, line, "%s: the table %s is not an absolute path",
		                 row->key, quoted);
		return FALSE;
	}
	if (is_lmdb && g_str_has_suffix (path, ".lmdb")) {
		mm_problems_add (problems, line, "%s: %s stands without .lmdb, as for postmap",
		                 row->key, quoted);
		return FALSE;
	}
	test->kind = MM_TEST_TABLE;
	test->table = mm_table_new (path, is_lmdb, shape_of (row), problems->file, line, row->key);
	return TRUE;
}

gboolean
mm_read_value (const MmSettingRow *row, const char *text, MmTestFunc read, MmTest *test, guint line,
               MmProblems *problems)
{
	static const char *const kinds[] = {"TABLE:", "lmdb:"};

	if (*text == '/')
		return read_regex_test (row, text, test, line, problems);
	for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
		gsize len = strlen (kinds[i]);
		g_autofree char *path = NULL;

		if (g_ascii_strncasecmp (text, kinds[i], len) != 0)
			continue;
		path = g_strdup (text + len);
		return read_table_test (row, path, i == 1, test, line, problems);
	}
	return read (row, text, test, line, problems);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Behind '!' and "{macro} =", where a regex may begin. */
static gsize
prefix_length (const char *text)
{
	gsize at = *text == '!' ? 1 + strspn (text + 1, " \t") : 0;
	gsize brace;

	if (text[at] != '{')
		return at;
	brace = at + strcspn (text + at, "},");
	if (text[brace] != '}')
		return at;
	brace += 1 + strspn (text + brace + 1, " \t");
	return text[brace] == '=' ? brace + 1 + strspn (text + brace + 1, " \t") : at;
}

static gsize
value_length (const char *text, const char *separators)
{
	gsize prefix = prefix_length (text);
	gsize regex = text[prefix] == '/' ? regex_length (text + prefix, separators) : 0;

	if (regex > 0)
		return prefix + regex + strspn (text + prefix + regex, " \t");
	if (text[prefix] == '/')
		return strlen (text); /* has no end: told so */
	return prefix + strcspn (text + prefix, separators);
}

static void
read_test (const MmSettingRow *row, const char *value, MmTestFunc read, MmCondition *condition,
           guint line, MmProblems *problems)
{
	MmTest test = {.negated = *value == '!'};

	if (test.negated)
		value += 1 + strspn (value + 1, " \t");
	test.text = g_strdup (value);
	if (*value == '\0')
		mm_problems_add (problems, line, "%s: a value is missing", row->key);
	else if (read (row, value, &test, line, problems)) {
		g_array_append_val (condition->tests, test);
		return; /* cppcheck-suppress memleak; the condition has it */
	}
	test_clear (&test);
}

void
mm_read_tests (const MmSettingRow *row, const char *text, const char *separators, MmTestFunc read,
               MmCondition *condition, guint line, MmProblems *problems)
{
	gboolean blanks = strchr (separators, ' ') != NULL;

	mm_condition_begin (condition, text);
	for (;;) {
		gsize len = value_length (text += strspn (text, " \t"), separators);
		g_autofree char *value = g_strchomp (g_strndup (text, len));

		if (*value != '\0' || !blanks) /* else between comma and blank */
			read_test (row, value, read, condition, line, problems);
		text += len;
		if (*text == '\0')
			return;
		text += *text == ',' || !blanks;
	}
}
