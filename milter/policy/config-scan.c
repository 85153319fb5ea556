/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-scan.c: the strict first pass over a configuration file.
 *
 * GKeyFile merges sections and keys that stand twice without a word, knows no line numbers and
 * stops at the first line it cannot read. So every line is judged here; what is well-formed, known
 * and there for the first time is handed on, and only that is what GKeyFile reads.
 *
 *	file    = *(line LF)
 *	line    = *WSP [section / key "=" value / "#" comment] *WSP [CR]
 *	section = "[" ("mailmend" / "default" / ("policy" / "rule") 1*WSP name) "]"
 *	name    = 1*64(ALPHA / DIGIT / "." / "_" / "-")
 */
#include "config-private.h"

#define MAX_NAME 64

static const struct {
	const char *word;
	gboolean named;
	const char *title; /* in problems */
	const MmSettingRow *(*table) (guint *out_n);
} kinds[MM_N_SECTIONS] = {
	[MM_SECTION_MAILMEND] = {"mailmend", FALSE, "[mailmend]", mm_settings_table},
	[MM_SECTION_POLICY] = {"policy", TRUE, "[policy NAME]", mm_settings_policy_table},
	[MM_SECTION_RULE] = {"rule", TRUE, "[rule NAME]", mm_settings_rule_table},
	[MM_SECTION_DEFAULT] = {"default", FALSE, "[default]", mm_settings_default_table},
};

typedef struct {
	MmProblems *problems;
	MmConfigFiles *files;
	GPtrArray *touched;   /* sections of this file */
	GString *clean;       /* what GKeyFile will read */
	MmSection *section;   /* the current one; NULL: none, or one that is not known */
	gboolean in_section;  /* a section has begun, known or not */
	guint line;
} MmScanState;

static void
section_free (gpointer data)
{
	MmSection *section = data;

	g_free (section->title);
	g_free (section->name);
	g_array_unref (section->keys);
	g_free (section);
}

static void
key_clear (gpointer data)
{
	MmSectionKey *key = data;

	g_free (key->text);
}

MmConfigFiles *
mm_config_files_new (MmProblems *problems)
{
	MmConfigFiles *files = g_new0 (MmConfigFiles, 1);

	files->names = g_ptr_array_ref (problems->files);
	files->sections = g_ptr_array_new_with_free_func (section_free);
	files->by_title = g_hash_table_new (g_str_hash, g_str_equal);
	return files;
}

void
mm_config_files_free (MmConfigFiles *files)
{
	g_hash_table_unref (files->by_title);
	g_ptr_array_unref (files->sections);
	g_ptr_array_unref (files->names);
	g_free (files);
}

const MmSection *
mm_config_files_section (const MmConfigFiles *files, const char *title)
{
	return g_hash_table_lookup (files->by_title, title);
}

const MmSectionKey *
mm_section_key (const MmSection *section, const char *key)
{
	for (guint i = 0; section != NULL && i < section->keys->len; i++) {
		const MmSectionKey *at = &g_array_index (section->keys, MmSectionKey, i);

		if (g_str_equal (at->row->key, key))
			return at;
	}
	return NULL;
}

guint
mm_section_line_of (const MmSection *section, const char *key)
{
	const MmSectionKey *at = mm_section_key (section, key);

	return at != NULL ? at->line : section->line;
}

/* ---- sections -------------------------------------------------------------------------------- */

static gboolean
is_name (const char *name)
{
	gsize len = strlen (name);

	for (gsize i = 0; i < len; i++)
		if (!g_ascii_isalnum (name[i]) && strchr ("._-", name[i]) == NULL)
			return FALSE;
	return len > 0 && len <= MAX_NAME;
}

/* The kind of section called @word, MM_N_SECTIONS after reporting that there is none. */
static MmSectionKind
section_kind (MmScanState *state, const char *word)
{
	const char *words[MM_N_SECTIONS + 1] = {NULL};
	g_autofree char *quoted = mm_quoted (word);

	for (guint i = 0; i < MM_N_SECTIONS; i++) {
		words[i] = kinds[i].word;
		if (g_str_equal (word, kinds[i].word))
			return i;
	}
	mm_problems_add_word (state->problems, state->line, word, words, "unknown section %s",
	                      quoted);
	return MM_N_SECTIONS;
}

static gboolean
is_good_name (MmScanState *state, MmSectionKind kind, const char *name)
{
	g_autofree char *quoted = mm_quoted (name);
	const char *title = kinds[kind].title;

	if (kinds[kind].named && *name == '\0')
		mm_problems_add (state->problems, state->line, "the section needs a name: %s",
		                 title);
	else if (!kinds[kind].named && *name != '\0')
		mm_problems_add (state->problems, state->line, "%s takes no name", title);
	else if (kinds[kind].named && !is_name (name))
		mm_problems_add (state->problems, state->line,
		                 "bad name %s: letters, digits, '.', '_' and '-' only, at most %d",
		                 quoted, MAX_NAME);
	else if (kind == MM_SECTION_RULE && g_str_equal (name, "default"))
		mm_problems_add (state->problems, state->line,
		                 "no rule can be called 'default': that is [default]");
	else if (kind == MM_SECTION_POLICY && g_str_equal (name, "off"))
		mm_problems_add (state->problems, state->line,
		                 "the policy 'off' cannot be changed");
	else if (kind == MM_SECTION_POLICY && g_str_equal (name, MM_POLICY_TABLE))
		mm_problems_add (state->problems, state->line,
		                 "no policy can be called 'TABLE': Policy = TABLE asks a table");
	else
		return TRUE;
	return FALSE;
}

/* Takes @title. */
static MmSection *
add_section (MmScanState *state, MmSectionKind kind, const char *name, char *title)
{
	MmSection *section = g_new0 (MmSection, 1);

	section->kind = kind;
	section->title = title;
	section->name = *name != '\0' ? g_strdup (name) : NULL;
	section->file = state->problems->file;
	section->line = state->line;
	section->keys = g_array_new (FALSE, FALSE, sizeof (MmSectionKey));
	g_array_set_clear_func (section->keys, key_clear);
	g_ptr_array_add (state->files->sections, section);
	g_hash_table_insert (state->files->by_title, section->title, section);
	return section;
}

/* Takes @title. A section that stands twice is reported and read on as the first one; one without
 * a name may stand once in each file. */
static void
enter (MmScanState *state, MmSectionKind kind, const char *name, char *title)
{
	MmSection *section = g_hash_table_lookup (state->files->by_title, title);
	guint file = state->problems->file;

	if (section == NULL) {
		section = add_section (state, kind, name, title);
	} else {
		if (kinds[kind].named || section->last_file == file) {
			g_autofree char *began = mm_problems_place (
				state->problems, section->last_file, section->last_line);

			mm_problems_add (state->problems, state->line,
			                 "duplicate section [%s]: it began at %s", title, began);
		}
		g_free (title);
	}
	if (section->last_line == 0 || section->last_file != file) {
		section->last_file = file;
		section->last_line = state->line;
		g_ptr_array_add (state->touched, section);
	}
	state->section = section;
	g_string_append_printf (state->clean, "[%s]\n", section->title);
}

/* @text: a line that begins with '['. */
static void
scan_section (MmScanState *state, char *text)
{
	char *end = strchr (text, ']');
	char *word;
	char *name;
	MmSectionKind kind;

	state->section = NULL;
	state->in_section = TRUE;
	if (end == NULL || end[1] != '\0') {
		mm_problems_add (state->problems, state->line, end == NULL
		                 ? "malformed line: ']' is missing"
		                 : "malformed line: nothing may follow ']'");
		return;
	}
	*end = '\0';
	word = g_strstrip (text + 1);
	name = word + strcspn (word, " \t");
	if (*name != '\0')
		*name++ = '\0';
	name = g_strchug (name);
	kind = section_kind (state, word);
	if (kind == MM_N_SECTIONS || !is_good_name (state, kind, name))
		return;
	enter (state, kind, name, g_strjoin (*name != '\0' ? " " : "", word, name, NULL));
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const MmSettingRow *
find_row (MmSectionKind kind, const char *key)
{
	guint n = 0;
	const MmSettingRow *rows = kinds[kind].table (&n);

	for (guint i = 0; i < n; i++)
		if (g_str_equal (rows[i].key, key))
			return &rows[i];
	return NULL;
}

static void
report_unknown_key (MmScanState *state, const char *key)
{
	g_autoptr (GPtrArray) names = g_ptr_array_new ();
	g_autofree char *quoted = mm_quoted (key);
	guint n = 0;
	const MmSettingRow *rows = kinds[state->section->kind].table (&n);

	for (guint i = 0; i < MM_N_SECTIONS; i++) {
		if (find_row (i, key) == NULL)
			continue;
		mm_problems_add (state->problems, state->line,
		                 "unknown key %s in [%s]; it belongs in %s", quoted,
		                 state->section->title, kinds[i].title);
		return;
	}
	for (guint i = 0; i < n; i++)
		g_ptr_array_add (names, (gpointer) rows[i].key);
	g_ptr_array_add (names, NULL);
	mm_problems_add_word (state->problems, state->line, key,
	                      (const char *const *) names->pdata, "unknown key %s in [%s]",
	                      quoted, state->section->title);
}

/* @text: "key = value"; @equals points to the '='. */
static void
scan_key (MmScanState *state, char *text, char *equals)
{
	MmSectionKey key = {NULL, NULL, state->problems->file, state->line};
	const MmSectionKey *at;

	*equals = '\0';
	text = g_strchomp (text);
	if (state->section == NULL)
		return;
	key.row = find_row (state->section->kind, text);
	if (key.row == NULL) {
		report_unknown_key (state, text);
		return;
	}
	at = mm_section_key (state->section, text);
	if (at != NULL) {
		g_autofree char *first = mm_problems_place (state->problems, at->file, at->line);

		mm_problems_add (state->problems, state->line,
		                 "duplicate key '%s' in [%s]: it stands at %s", text,
		                 state->section->title, first);
		return;
	}
	g_array_append_val (state->section->keys, key);
	g_string_append_printf (state->clean, "%s=%s\n", text, equals + 1);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* TRUE if the line (trimmed, not empty) holds nothing but text and blanks. The text of a comment
 * may be in any charset. */
static gboolean
is_text (MmScanState *state, MmBytes line)
{
	gboolean comment = *line.data == '#';
	const char *problem = NULL;

	if (line.len > MM_CONFIG_MAX_LINE)
		problem = "the line is longer than 64 KB";
	else if (mm_bytes_find (line, '\0', 0) < line.len)
		problem = "NUL byte";
	else if (!comment && !g_utf8_validate (line.data, (gssize) line.len, NULL))
		problem = "the line is not valid UTF-8";
	for (const char *p = line.data; !comment && problem == NULL && p < mm_bytes_end (line);
	     p = g_utf8_next_char (p))
		if (*p != '\t' && g_unichar_iscntrl (g_utf8_get_char (p)))
			problem = "control character";
	if (problem != NULL)
		mm_problems_add (state->problems, state->line, "%s", problem);
	return problem == NULL;
}

static void
report_malformed (MmScanState *state, const char *text, gboolean indented)
{
	const char *hint = "";

	if (*text == ';')
		hint = "; comments begin with '#'";
	else if (indented)
		hint = "; a value cannot go on over several lines";
	mm_problems_add (state->problems, state->line,
	                 "malformed line: neither [section] nor Key = value%s", hint);
}

static void
scan_line (MmScanState *state, MmBytes line)
{
	MmBytes trimmed = mm_bytes_trim (line);
	g_autofree char *text = NULL;
	char *equals;

	if (trimmed.len == 0 || !is_text (state, trimmed) || *trimmed.data == '#')
		return;
	text = g_strndup (trimmed.data, trimmed.len);
	equals = strchr (text, '=');
	if (*text == '[')
		scan_section (state, text);
	else if (equals == NULL || equals == text || *text == ';')
		report_malformed (state, text, mm_is_wsp (*line.data));
	else if (!state->in_section)
		mm_problems_add (state->problems, state->line,
		                 "a key stands before the first [section]");
	else
		scan_key (state, text, equals);
}

static MmBytes
skip_bom (MmBytes text, MmProblems *problems)
{
	if (text.len < 3 || memcmp (text.data, "\xEF\xBB\xBF", 3) != 0)
		return text;
	mm_problems_add (problems, 1, "the file begins with a byte order mark (BOM)");
	return mm_bytes_sub (text, 3, text.len);
}

/* Reads the values of all keys that stand in the current file. */
static void
read_values (const MmScanState *state)
{
	g_autoptr (GKeyFile) values = g_key_file_new ();
	g_autoptr (GError) error = NULL;
	guint file = state->problems->file;

	if (!g_key_file_load_from_data (values, state->clean->str, state->clean->len,
	                                G_KEY_FILE_NONE, &error))
		mm_problems_add (state->problems, 0, "%s", error->message);
	for (guint i = 0; i < state->touched->len; i++) {
		const MmSection *section = state->touched->pdata[i];

		for (guint k = 0; k < section->keys->len; k++) {
			MmSectionKey *key = &g_array_index (section->keys, MmSectionKey, k);

			if (key->file != file)
				continue;
			/* never _get_string(), which reads backslashes */
			key->text = g_key_file_get_value (values, section->title, key->row->key,
			                                  NULL);
			key->text = key->text != NULL ? g_strstrip (key->text) : g_strdup ("");
		}
	}
}

void
mm_config_files_scan (MmConfigFiles *files, MmBytes text, MmProblems *problems)
{
	g_autoptr (GString) clean = g_string_new (NULL);
	g_autoptr (GPtrArray) touched = g_ptr_array_new ();
	MmScanState state = {
		.problems = problems, .files = files, .touched = touched, .clean = clean,
	};

	text = skip_bom (text, problems);
	for (gsize at = 0; at < text.len;) {
		gsize end = mm_bytes_find (text, '\n', at);

		state.line++;
		scan_line (&state, mm_bytes_sub (text, at, end));
		at = end + 1;
	}
	read_values (&state);
}
