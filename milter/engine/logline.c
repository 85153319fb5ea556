/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logline.c: one table of fields formats the line; the same grammar reads it back.
 *
 *   line  = id ":" 1*( SP key "=" value )
 *   value = *plain / DQUOTE *( plain / SP ) DQUOTE
 *   plain = printable ASCII but SP, DQUOTE and backslash, or "\x" 2HEXDIG
 *
 * Everything a sender can write is cut to a length and escaped, so that a line stays one line and
 * its keys are ours.
 */
#include <config.h>

#include <mailmend/logline.h>

/* Longest octets of one foreign value: syslog(3) lines are cut somewhere beyond 1 KB. */
#define MAX_VALUE 250

/* Octets of most lines. */
#define USUAL_LINE 500

/* There is a line for each message, so printf() is called for what is rare only. */
static void
append_escaped (GString *out, const char *value, gboolean quoted)
{
	gsize len = strlen (value);
	gsize end = MIN (len, MAX_VALUE);
	gsize from = 0;

	for (gsize i = 0; i < end; i++) {
		guchar c = (guchar) value[i];
		gboolean plain = c > ' ' && c <= '~' && c != '"' && c != '\\';

		if (plain || (c == ' ' && quoted))
			continue;
		g_string_append_len (out, value + from, (gssize) (i - from));
		g_string_append_printf (out, "\\x%02x", c);
		from = i + 1;
	}
	g_string_append_len (out, value + from, (gssize) (end - from));
	if (len > MAX_VALUE)
		g_string_append (out, "...");
}

static void
append_number (GString *out, guint64 number)
{
	char digits[20];
	gsize at = sizeof digits;

	do {
		digits[--at] = (char) ('0' + number % 10);
		number /= 10;
	} while (number > 0);
	g_string_append_len (out, digits + at, (gssize) (sizeof digits - at));
}

static void
put_token (GString *out, const char *value)
{
	if (value != NULL)
		append_escaped (out, value, FALSE);
}

static void
put_quoted (GString *out, const char *value)
{
	g_string_append_c (out, '"');
	if (value != NULL)
		append_escaped (out, value, TRUE);
	g_string_append_c (out, '"');
}

static void
put_labels (GString *out, GPtrArray *labels)
{
	g_autofree char *joined = labels->len > 0 ? mm_labels_join (labels) : NULL;

	if (joined != NULL)
		g_string_append (out, joined);
}

static void
put_action (const MmLogEntry *e, GString *out)
{
	g_string_append (out, mm_action_to_string (e->judgement->action));
}

static void
put_would (const MmLogEntry *e, GString *out)
{
	g_string_append (out, mm_action_to_string (e->judgement->would));
}

static void
put_labels_found (const MmLogEntry *e, GString *out)
{
	put_labels (out, e->judgement->labels);
}

static void
put_fixed (const MmLogEntry *e, GString *out)
{
	put_labels (out, e->judgement->fixed);
}

static void
put_left (const MmLogEntry *e, GString *out)
{
	put_labels (out, e->judgement->left);
}

static void
put_policy (const MmLogEntry *e, GString *out)
{
	put_token (out, e->policy);
}

static void
put_rule (const MmLogEntry *e, GString *out)
{
	put_token (out, e->rule);
}

static void
put_mx (const MmLogEntry *e G_GNUC_UNUSED, GString *out)
{
	g_string_append (out, "pending");
}

static void
put_from (const MmLogEntry *e, GString *out)
{
	g_string_append_c (out, '<');
	put_token (out, e->sender);
	g_string_append_c (out, '>');
}

static void
put_nrcpt (const MmLogEntry *e, GString *out)
{
	append_number (out, e->n_rcpt);
}

static void
put_client (const MmLogEntry *e, GString *out)
{
	put_token (out, e->client_name != NULL ? e->client_name : "unknown");
	g_string_append_c (out, '[');
	put_token (out, e->client_addr);
	g_string_append_c (out, ']');
}

static void
put_user (const MmLogEntry *e, GString *out)
{
	put_token (out, e->user);
}

static void
put_mid (const MmLogEntry *e, GString *out)
{
	put_quoted (out, e->mid);
}

static void
put_newmid (const MmLogEntry *e, GString *out)
{
	put_quoted (out, e->judgement->newmid);
}

static void
put_size (const MmLogEntry *e, GString *out)
{
	append_number (out, e->size);
}

static void
put_newsize (const MmLogEntry *e, GString *out)
{
	append_number (out, e->judgement->newsize);
}

static void
put_edits (const MmLogEntry *e, GString *out)
{
	put_quoted (out, e->judgement->edits);
}

static void
put_signed (const MmLogEntry *e, GString *out)
{
	g_autofree char *text = mm_signatures_to_string (e->judgement->signatures);

	g_string_append (out, text);
}

static void
put_broke (const MmLogEntry *e, GString *out)
{
	g_autofree char *text = mm_signatures_to_string (e->judgement->broke);

	g_string_append (out, text);
}

static void
put_limit (const MmLogEntry *e, GString *out)
{
	put_token (out, e->judgement->limit);
}

static void
put_note (const MmLogEntry *e, GString *out)
{
	put_quoted (out, e->judgement->note);
}

static void
put_error (const MmLogEntry *e, GString *out)
{
	put_quoted (out, e->judgement->error);
}

static void
put_us (const MmLogEntry *e, GString *out)
{
	append_number (out, (guint64) MAX (e->us, 0));
}

static gboolean
is_dry_run (const MmLogEntry *e)
{
	return e->judgement->dry_run;
}

static gboolean
is_mx_pending (const MmLogEntry *e)
{
	return e->mx_pending;
}

static gboolean
has_limit (const MmLogEntry *e)
{
	return e->judgement->limit != NULL;
}

static gboolean
has_note (const MmLogEntry *e)
{
	return e->judgement->note != NULL;
}

static gboolean
has_error (const MmLogEntry *e)
{
	return e->judgement->error != NULL;
}

/* The fields in their order. Those with a condition stand only where it holds. */
static const struct {
	const char *key;
	void (*put) (const MmLogEntry *entry, GString *out);
	gboolean (*when) (const MmLogEntry *entry);
} fields[] = {
        {"action", put_action, NULL},
        {"would", put_would, is_dry_run},
        {"labels", put_labels_found, NULL},
        {"fixed", put_fixed, NULL},
        {"left", put_left, NULL},
        {"policy", put_policy, NULL},
        {"rule", put_rule, NULL},
        {"mx", put_mx, is_mx_pending},
        {"from", put_from, NULL},
        {"nrcpt", put_nrcpt, NULL},
        {"client", put_client, NULL},
        {"user", put_user, NULL},
        {"mid", put_mid, NULL},
        {"newmid", put_newmid, NULL},
        {"size", put_size, NULL},
        {"newsize", put_newsize, NULL},
        {"edits", put_edits, NULL},
        {"signed", put_signed, NULL},
        {"broke", put_broke, NULL},
        {"limit", put_limit, has_limit},
        {"note", put_note, has_note},
        {"error", put_error, has_error},
        {"us", put_us, NULL},
};

char *
mm_logline_format (const MmLogEntry *entry)
{
	GString *out = g_string_sized_new (USUAL_LINE);

	put_token (out, entry->queue_id != NULL ? entry->queue_id : "NOQUEUE");
	g_string_append_c (out, ':');
	for (gsize i = 0; i < G_N_ELEMENTS (fields); i++) {
		if (fields[i].when != NULL && !fields[i].when (entry))
			continue;
		g_string_append_c (out, ' ');
		g_string_append (out, fields[i].key);
		g_string_append_c (out, '=');
		if (fields[i].put != NULL)
			fields[i].put (entry, out);
	}
	return g_string_free (out, FALSE);
}

/* ---- reading a line back ------------------------------------------------------------------------------ */

static gboolean
is_key (const char *key, gsize len)
{
	for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
		if (strlen (fields[i].key) == len && memcmp (fields[i].key, key, len) == 0)
			return TRUE;
	return FALSE;
}

/* Reads a value at @*at and moves behind it. NULL if it is none. */
static char *
read_value (const char **at)
{
	gboolean quoted = **at == '"';
	const char *p = quoted ? *at + 1 : *at;
	g_autoptr (GString) out = g_string_new (NULL);

	while (*p != '\0' && *p != '"' && (quoted || *p != ' ')) {
		if (*p != '\\') {
			g_string_append_c (out, *p++);
			continue;
		}
		if (p[1] != 'x' || !g_ascii_isxdigit (p[2]) || !g_ascii_isxdigit (p[3]))
			return NULL;
		g_string_append_c (out, (char) (g_ascii_xdigit_value (p[2]) * 16 +
		                                g_ascii_xdigit_value (p[3])));
		p += 4;
	}
	if (quoted ? *p != '"' : *p == '"')
		return NULL;
	*at = quoted ? p + 1 : p;
	return g_strdup (out->str);
}

GHashTable *
mm_logline_parse (const char *line)
{
	g_autoptr (GHashTable) out =
	        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
	const char *at = line;
	g_autofree char *id = read_value (&at);

	if (id == NULL || !g_str_has_suffix (id, ":") || strlen (id) < 2 || *at != ' ')
		return NULL;
	g_hash_table_insert (out, g_strdup ("id"), g_strndup (id, strlen (id) - 1));
	while (*at == ' ') {
		const char *key = ++at;
		const char *equals = strchr (key, '=');
		char *value;

		if (equals == NULL || !is_key (key, (gsize) (equals - key)))
			return NULL;
		at = equals + 1;
		value = read_value (&at);
		if (value == NULL)
			return NULL;
		g_hash_table_insert (out, g_strndup (key, (gsize) (equals - key)), value);
	}
	return *at == '\0' ? g_steal_pointer (&out) : NULL;
}
