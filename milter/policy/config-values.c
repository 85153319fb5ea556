/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-values.c: the values of single settings.
 *
 * One function a type of the tables. Nothing is taken that only begins like a value: "20x" is no
 * number, "yes, please" not yes. Values are raw text; a backslash is a backslash.
 */
#include <sys/un.h>

#include <mailmend/codec.h>

#include "config-private.h"

#define MAX_DOMAIN 253
#define MAX_DOMAIN_LABEL 63

/* ---- text ------------------------------------------------------------------------------------ */

static void
set_string (gpointer member, char *value)
{
	char **at = member;

	g_free (*at);
	*at = value;
}

static void
read_text (const MmSettingRow *row G_GNUC_UNUSED, const char *text, gpointer member,
           guint line G_GNUC_UNUSED, MmProblems *problems G_GNUC_UNUSED)
{
	set_string (member, g_strdup (text));
}

static void
read_word (const MmSettingRow *row, const char *text, gpointer member, guint line,
           MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);

	if (text[strcspn (text, " \t,:")] != '\0')
		mm_problems_add (problems, line, "%s: %s is no name", row->key, quoted);
	else
		set_string (member, g_strdup (text));
}

/* Letters, digits, '-' and '_' in labels of at most 63 with dots between, as A-labels. */
gboolean
mm_is_domain (const char *text)
{
	g_autofree char *ascii = mm_domain_normal (text);
	gsize label = 0;

	for (const char *p = ascii; *p != '\0'; p++) {
		gboolean dot = *p == '.';

		if (dot ? label == 0 : !g_ascii_isalnum (*p) && *p != '-' && *p != '_')
			return FALSE;
		label = dot ? 0 : label + 1;
		if (label > MAX_DOMAIN_LABEL)
			return FALSE;
	}
	return label > 0 && strlen (ascii) <= MAX_DOMAIN;
}

static void
read_host (const MmSettingRow *row, const char *text, gpointer member, guint line,
           MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);

	if (!mm_is_domain (text))
		mm_problems_add (problems, line, "%s: %s is no host name", row->key, quoted);
	else
		set_string (member, mm_domain_normal (text));
}

/* ---- places ---------------------------------------------------------------------------------- */

/* PORT@HOST; a socket that listens on all addresses must be asked for by name (0.0.0.0). */
static gboolean
is_port_at_host (const char *text)
{
	const char *at = strchr (text, '@');
	g_autofree char *port = at != NULL ? g_strndup (text, (gsize) (at - text)) : NULL;

	return at != NULL && at[1] != '\0' && at[1 + strcspn (at + 1, " \t@")] == '\0' &&
	       g_ascii_string_to_unsigned (port, 10, 1, G_MAXUINT16, NULL, NULL);
}

static gboolean
is_socket_path (const char *text)
{
	struct sockaddr_un address;

	return *text == '/' && strlen (text) < sizeof address.sun_path;
}

static void
read_socket (const MmSettingRow *row, const char *text, gpointer member, guint line,
             MmProblems *problems)
{
	static const struct {
		const char *prefix;
		gboolean (*is) (const char *rest);
		const char *form;
	} kinds[] = {
		{"local:", is_socket_path, "an absolute path of at most 107 bytes"},
		{"unix:", is_socket_path, "an absolute path of at most 107 bytes"},
		{"inet:", is_port_at_host, "PORT@HOST with a port from 1 to 65535"},
		{"inet6:", is_port_at_host, "PORT@HOST with a port from 1 to 65535"},
	};
	g_autofree char *quoted = mm_quoted (text);

	for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
		if (!g_str_has_prefix (text, kinds[i].prefix))
			continue;
		if (kinds[i].is (text + strlen (kinds[i].prefix)))
			set_string (member, g_strdup (text));
		else
			mm_problems_add (problems, line, "%s: after %s comes %s, not as in %s",
			                 row->key, kinds[i].prefix, kinds[i].form, quoted);
		return;
	}
	mm_problems_add (problems, line,
	                 "%s: %s does not begin with local:, unix:, inet: or inet6:", row->key,
	                 quoted);
}

static void
read_path (const MmSettingRow *row, const char *text, gpointer member, guint line,
           MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);

	if (*text == '/')
		set_string (member, g_strdup (text));
	else
		mm_problems_add (problems, line, "%s: %s is not an absolute path", row->key, quoted);
}

static void
read_log_to (const MmSettingRow *row, const char *text, gpointer member, guint line,
             MmProblems *problems)
{
	static const char *const words[] = {"syslog", "stderr", NULL};
	g_autofree char *quoted = mm_quoted (text);

	if (*text == '/' || g_strv_contains (words, text))
		set_string (member, g_strdup (text));
	else
		mm_problems_add_word (problems, line, text, words,
		                      "%s: %s is not syslog, stderr or an absolute path", row->key,
		                      quoted);
}

/* ---- one of a few words ---------------------------------------------------------------------- */

static const MmSettingChoice yes_no[] = {{"yes", TRUE}, {"no", FALSE}, {NULL, 0}};

/* FALSE after reporting that @text is none of @choices. */
static gboolean
choose (const MmSettingRow *row, const MmSettingChoice *choices, const char *text, int *out,
        guint line, MmProblems *problems)
{
	g_autoptr (GPtrArray) words = g_ptr_array_new ();
	g_autofree char *all = NULL;
	g_autofree char *quoted = mm_quoted (text);
	gboolean guess = choices != yes_no;

	for (; choices->word != NULL; choices++) {
		g_ptr_array_add (words, (gpointer) choices->word);
		if (g_ascii_strcasecmp (text, choices->word) != 0)
			continue;
		*out = choices->value;
		return TRUE;
	}
	g_ptr_array_add (words, NULL);
	all = g_strjoinv (", ", (char **) words->pdata);
	mm_problems_add_word (problems, line, text,
	                      (const char *const *) words->pdata + (guess ? 0 : words->len - 1),
	                      "%s: %s is none of %s", row->key, quoted, all);
	return FALSE;
}

static void
read_yes_no (const MmSettingRow *row, const char *text, gpointer member, guint line,
             MmProblems *problems)
{
	choose (row, yes_no, text, member, line, problems);
}

/* The members are enumerations and gboolean: all of the size of an int. */
static void
read_choice (const MmSettingRow *row, const char *text, gpointer member, guint line,
             MmProblems *problems)
{
	choose (row, row->choices, text, member, line, problems);
}

static void
read_truth (const MmSettingRow *row, const char *text, gpointer member, guint line,
            MmProblems *problems)
{
	MmCondition *condition = member;

	mm_condition_begin (condition, text);
	condition->given = choose (row, yes_no, text, &condition->yes, line, problems);
}

/* ---- numbers --------------------------------------------------------------------------------- */

typedef struct {
	const char *suffix; /* letter case does not count */
	guint64 factor;
} MmUnit;

typedef struct {
	const char *form; /* of what is one */
	const char *name; /* behind the bounds in a problem */
	MmUnit units[5];
} MmQuantity;

static const MmQuantity count = {"number: digits only", "", {{NULL, 0}}};
static const MmQuantity octets = {
	"size: digits, then nothing, K, M or G", " octets",
	{{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}},
};
static const MmQuantity seconds = {
	"time: digits, then nothing, s, m, h or d", " seconds",
	{{"s", 1}, {"m", 60}, {"h", 60 * 60}, {"d", 24 * 60 * 60}, {NULL, 0}},
};
static const MmQuantity milliseconds = {
	"time: digits, then nothing, ms or s", " milliseconds",
	{{"ms", 1}, {"s", 1000}, {NULL, 0}},
};

/* The unit at the end of @text, cut off; NULL: there is none. */
static const MmUnit *
cut_unit (char *text, const MmQuantity *quantity)
{
	gsize len = strlen (text);

	for (const MmUnit *unit = quantity->units; unit->suffix != NULL; unit++) {
		gsize tail = strlen (unit->suffix);

		if (len < tail || g_ascii_strcasecmp (text + len - tail, unit->suffix) != 0)
			continue;
		text[len - tail] = '\0';
		return unit;
	}
	return NULL;
}

/* 1*DIGIT; what is beyond all bounds is the highest. */
static gboolean
read_digits (const char *digits, guint64 *out)
{
	g_autoptr (GError) error = NULL;

	if (g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, out, &error))
		return TRUE;
	*out = G_MAXUINT64;
	return g_error_matches (error, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS);
}

/* 1*DIGIT [unit], within the bounds of the row; FALSE after reporting that it is not. */
static gboolean
number (const MmSettingRow *row, const char *text, const MmQuantity *quantity, guint64 *out,
        guint line, MmProblems *problems)
{
	g_autofree char *digits = g_strdup (text);
	g_autofree char *quoted = mm_quoted (text);
	const MmUnit *unit = cut_unit (digits, quantity);
	guint64 factor = unit != NULL ? unit->factor : 1;
	guint64 value;

	if (!read_digits (digits, &value)) {
		mm_problems_add (problems, line, "%s: %s is no %s", row->key, quoted,
		                 quantity->form);
		return FALSE;
	}
	if (value > row->max / factor || value * factor < row->min) {
		mm_problems_add (problems, line,
		                 "%s: %s is not between %" G_GUINT64_FORMAT
		                 " and %" G_GUINT64_FORMAT "%s", row->key, quoted, row->min,
		                 row->max, quantity->name);
		return FALSE;
	}
	*out = value * factor;
	return TRUE;
}

static void
read_number (const MmSettingRow *row, const char *text, gpointer member, guint line,
             MmProblems *problems)
{
	guint64 value = 0;

	if (number (row, text, &count, &value, line, problems))
		*(gsize *) member = (gsize) value;
}

static void
read_size (const MmSettingRow *row, const char *text, gpointer member, guint line,
           MmProblems *problems)
{
	guint64 value = 0;

	if (number (row, text, &octets, &value, line, problems))
		*(gsize *) member = (gsize) MIN (value, G_MAXSIZE);
}

static void
read_seconds (const MmSettingRow *row, const char *text, gpointer member, guint line,
              MmProblems *problems)
{
	guint64 value = 0;

	if (number (row, text, &seconds, &value, line, problems))
		*(guint *) member = (guint) value;
}

static void
read_milliseconds (const MmSettingRow *row, const char *text, gpointer member, guint line,
                   MmProblems *problems)
{
	guint64 value = 0;

	if (number (row, text, &milliseconds, &value, line, problems))
		*(guint *) member = (guint) value;
}

static void
read_mode (const MmSettingRow *row, const char *text, gpointer member, guint line,
           MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);
	guint64 value = 0;

	if (g_ascii_string_to_unsigned (text, 8, row->min, row->max, &value, NULL))
		*(guint *) member = (guint) value;
	else
		mm_problems_add (problems, line, "%s: %s is no octal mode such as 0660", row->key,
		                 quoted);
}

/* ---- charsets -------------------------------------------------------------------------------- */

/* The name that is written into mail for @text; NULL and a problem if there is none. */
static const char *
charset_name (const MmSettingRow *row, const char *text, guint line, MmProblems *problems)
{
	const char *name = mm_charset_name_is_good (text) ? text : mm_charset_name_mend (text);
	g_autofree char *quoted = NULL;

	if (name != NULL && mm_charset_is_known (name))
		return name;
	quoted = mm_quoted (text);
	mm_problems_add (problems, line, "%s: %s is no charset known here", row->key, quoted);
	return NULL;
}

static void
read_charset (const MmSettingRow *row, const char *text, gpointer member, guint line,
              MmProblems *problems)
{
	const char *name = charset_name (row, text, line, problems);

	if (name != NULL)
		set_string (member, g_strdup (name));
}

/* "all" alone: every charset that can be told from others. */
static void
read_charsets (const MmSettingRow *row, const char *text, gpointer member, guint line,
               MmProblems *problems)
{
	g_auto (GStrv) names = NULL;
	char ***at = member;

	names = g_ascii_strcasecmp (text, "all") == 0 ? g_strdupv ((char **) mm_charsets_all)
	                                              : g_strsplit (text, ",", -1);
	for (char **name = names; *name != NULL; name++) {
		const char *written = charset_name (row, g_strstrip (*name), line, problems);

		if (written == NULL)
			return;
		if (written != *name)
			set_string (name, g_strdup (written));
	}
	g_strfreev (*at);
	*at = g_steal_pointer (&names);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const MmValueFunc readers[MM_N_SETTING_TYPES] = {
	[MM_SETTING_TEXT] = read_text,
	[MM_SETTING_WORD] = read_word,
	[MM_SETTING_HOST] = read_host,
	[MM_SETTING_SOCKET] = read_socket,
	[MM_SETTING_LOG_TO] = read_log_to,
	[MM_SETTING_YESNO] = read_yes_no,
	[MM_SETTING_CHOICE] = read_choice,
	[MM_SETTING_NUMBER] = read_number,
	[MM_SETTING_MODE] = read_mode,
	[MM_SETTING_SIZE] = read_size,
	[MM_SETTING_SECONDS] = read_seconds,
	[MM_SETTING_MILLISECONDS] = read_milliseconds,
	[MM_SETTING_PATH] = read_path,
	[MM_SETTING_CODE] = mm_value_code,
	[MM_SETTING_TEMPLATE] = mm_value_template,
	[MM_SETTING_SERVERS] = mm_value_servers,
	[MM_SETTING_LISTEN] = mm_value_listen,
	[MM_SETTING_CHARSET] = read_charset,
	[MM_SETTING_CHARSETS] = read_charsets,
	[MM_SETTING_LABELS] = mm_value_labels,
	[MM_SETTING_POLICY] = read_text,
	[MM_SETTING_NETWORKS] = mm_value_networks,
	[MM_SETTING_CLIENTS] = mm_value_networks,
	[MM_SETTING_ADDRESSES] = mm_value_addresses,
	[MM_SETTING_DOMAINS] = mm_value_domains,
	[MM_SETTING_USERS] = mm_value_users,
	[MM_SETTING_HOSTS] = mm_value_hosts,
	[MM_SETTING_MACROS] = mm_value_macros,
	[MM_SETTING_SIZES] = mm_value_sizes,
	[MM_SETTING_TRUTH] = read_truth,
};

/* "no # for now": GKeyFile has comments on lines of their own only. */
static gboolean
has_comment (const char *text)
{
	const char *hash = strchr (text, '#');

	for (; hash != NULL; hash = strchr (hash + 1, '#'))
		if (hash == text || mm_is_wsp (hash[-1]))
			return TRUE;
	return FALSE;
}

/* An empty value takes something back: no labels, no charsets. A condition without a value would
 * hold never or always, nobody knows which. */
static gboolean
may_be_empty (const MmSettingRow *row)
{
	static const MmSettingType types[] = {
		MM_SETTING_TEXT, MM_SETTING_LABELS, MM_SETTING_CHARSETS, MM_SETTING_NETWORKS,
	};

	for (guint i = 0; i < G_N_ELEMENTS (types); i++)
		if (row->type == types[i])
			return TRUE;
	return FALSE;
}

void
mm_value_read (const MmSettingRow *row, const char *text, gpointer base, guint line,
               MmProblems *problems)
{
	if (*text == '\0' && !may_be_empty (row))
		mm_problems_add (problems, line, "%s: the value is missing", row->key);
	else if (row->type != MM_SETTING_TEXT && row->type != MM_SETTING_TEMPLATE &&
	         has_comment (text))
		mm_problems_add (problems, line,
		                 "%s: a comment needs a line of its own, here it would belong to "
		                 "the value", row->key);
	else
		readers[row->type] (row, text, G_STRUCT_MEMBER_P (base, row->offset), line,
		                    problems);
}

void
mm_values_default (const MmSettingRow *rows, guint n, gpointer base)
{
	g_auto (MmProblems) problems = {0};

	mm_problems_init (&problems, "defaults");
	for (guint i = 0; i < n; i++)
		if (rows[i].default_text != NULL)
			mm_value_read (&rows[i], rows[i].default_text, base, 0, &problems);
	g_warn_if_fail (problems.list->len == 0);
}
