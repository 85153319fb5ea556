/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * given.c: KEY=VALUE as an envelope. A table of keys; given.h has the grammar.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mailmend/error.h>

#include "given.h"

/* Octets of a file of KEY=VALUE. */
#define MAX_FILE (4 * 1024 * 1024)

static void
recipient_free (gpointer data)
{
	MmGivenRecipient *recipient = data;

	g_free (recipient->address);
	g_free (recipient->next_hop);
	g_strfreev (recipient->hosts);
	g_free (recipient);
}

void
mm_given_clear (MmGiven *given)
{
	g_clear_pointer (&given->from, g_free);
	g_clear_object (&given->client);
	g_clear_pointer (&given->host, g_free);
	g_clear_pointer (&given->user, g_free);
	g_clear_pointer (&given->header_from, g_free);
	g_clear_pointer (&given->recipients, g_ptr_array_unref);
	g_clear_pointer (&given->lent, g_array_unref);
	g_clear_pointer (&given->macros, g_hash_table_unref);
}

/* ---- values ----------------------------------------------------------------------------------- */

static gboolean G_GNUC_PRINTF (2, 3)
fail (GError **error, const char *format, ...)
{
	va_list args;

	va_start (args, format);
	g_propagate_error (error, g_error_new_valist (MM_ERROR, MM_ERROR_CONFIG, format, args));
	va_end (args);
	return FALSE;
}

static void
replace (char **text, const char *value)
{
	g_free (*text);
	*text = g_strdup (value);
}

static char *
without_brackets (const char *path)
{
	gsize len = strlen (path);

	if (len >= 2 && path[0] == '<' && path[len - 1] == '>')
		return g_strndup (path + 1, len - 2);
	return g_strdup (path);
}

static gboolean
set_from (MmGiven *given, const char *value, GError **error G_GNUC_UNUSED)
{
	g_free (given->from);
	given->from = without_brackets (value);
	return TRUE;
}

static gboolean
set_client (MmGiven *given, const char *value, GError **error)
{
	g_clear_object (&given->client);
	given->has_client = TRUE;
	if (*value != '\0')
		given->client = g_inet_address_new_from_string (value);
	if (*value != '\0' && given->client == NULL)
		return fail (error, "'%s' is no IP address", value);
	return TRUE;
}

static gboolean
set_host (MmGiven *given, const char *value, GError **error G_GNUC_UNUSED)
{
	replace (&given->host, value);
	return TRUE;
}

static gboolean
set_user (MmGiven *given, const char *value, GError **error G_GNUC_UNUSED)
{
	replace (&given->user, value);
	return TRUE;
}

static gboolean
set_header_from (MmGiven *given, const char *value, GError **error G_GNUC_UNUSED)
{
	g_free (given->header_from);
	given->header_from = without_brackets (value);
	return TRUE;
}

static gboolean
set_rcpt (MmGiven *given, const char *value, GError **error G_GNUC_UNUSED)
{
	MmGivenRecipient *recipient;

	if (given->recipients == NULL)
		given->recipients = g_ptr_array_new_with_free_func (recipient_free);
	recipient = g_new0 (MmGivenRecipient, 1);
	recipient->address = without_brackets (value);
	recipient->mx = MM_MX_PENDING;
	g_ptr_array_add (given->recipients, recipient);
	return TRUE;
}

static MmGivenRecipient *
last_recipient (MmGiven *given, GError **error)
{
	GPtrArray *all = given->recipients;

	if (all != NULL)
		return all->pdata[all->len - 1];
	fail (error, "stands behind the rcpt that it belongs to");
	return NULL;
}

static gboolean
set_nexthop (MmGiven *given, const char *value, GError **error)
{
	MmGivenRecipient *recipient = last_recipient (given, error);

	if (recipient != NULL)
		replace (&recipient->next_hop, value);
	return recipient != NULL;
}

/* In the form in which DNS gives them: lower case, no dot at the end. */
static gboolean
set_mx (MmGiven *given, const char *value, GError **error)
{
	MmGivenRecipient *recipient = last_recipient (given, error);
	g_autofree char *lower = g_ascii_strdown (value, -1);
	char **hosts;

	if (recipient == NULL)
		return FALSE;
	hosts = g_strsplit (lower, ",", -1);
	for (guint i = 0; hosts[i] != NULL; i++) {
		g_strstrip (hosts[i]);
		if (g_str_has_suffix (hosts[i], "."))
			hosts[i][strlen (hosts[i]) - 1] = '\0';
	}
	g_strfreev (recipient->hosts);
	recipient->hosts = hosts;
	recipient->mx = MM_MX_KNOWN;
	return TRUE;
}

static gboolean
read_truth (const char *value, MmTruth *out, GError **error)
{
	if (g_str_equal (value, "yes"))
		*out = MM_YES;
	else if (g_str_equal (value, "no"))
		*out = MM_NO;
	else
		return fail (error, "'%s' is neither yes nor no", value);
	return TRUE;
}

static gboolean
set_local (MmGiven *given, const char *value, GError **error)
{
	given->has_local = TRUE;
	return read_truth (value, &given->local, error);
}

static gboolean
set_received (MmGiven *given, const char *value, GError **error)
{
	given->has_received = TRUE;
	return read_truth (value, &given->received, error);
}

/* "{daemon_name}=X" */
static gboolean
set_macro (MmGiven *given, const char *value, GError **error)
{
	const char *end = strchr (value, '=');

	if (end == NULL || end < value + 3 || value[0] != '{' || end[-1] != '}')
		return fail (error, "'%s' is not written as {name}=value", value);
	if (given->macros == NULL)
		given->macros = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_replace (given->macros, g_strndup (value, (gsize) (end - value)),
	                      g_strdup (end + 1));
	return TRUE;
}

static gboolean
set_size (MmGiven *given, const char *value, GError **error)
{
	static const char units[] = "KMG";
	char *end = NULL;
	guint64 size = g_ascii_strtoull (value, &end, 10);
	const char *unit = *end != '\0' ? strchr (units, *end) : NULL;

	if (!g_ascii_isdigit (*value) || (*end != '\0' && (unit == NULL || end[1] != '\0')) ||
	    size > G_MAXINT64 >> 30)
		return fail (error, "'%s' is no size", value);
	given->has_size = TRUE;
	given->size = size << (unit != NULL ? 10 * (unit - units + 1) : 0);
	return TRUE;
}

static gboolean
set_smtputf8 (MmGiven *given, const char *value, GError **error)
{
	return read_truth (value, &given->smtputf8, error);
}

/* How often a key may stand. */
typedef enum {
	ONCE,
	ONCE_A_RCPT,
	OFTEN,
} Times;

static const struct {
	const char *key;
	gboolean (*set) (MmGiven *given, const char *value, GError **error);
	Times times;
} keys[] = {
	{"from", set_from, ONCE},
	{"client", set_client, ONCE},
	{"host", set_host, ONCE},
	{"user", set_user, ONCE},
	{"rcpt", set_rcpt, OFTEN},
	{"nexthop", set_nexthop, ONCE_A_RCPT},
	{"mx", set_mx, ONCE_A_RCPT},
	{"local", set_local, ONCE},
	{"received", set_received, ONCE},
	{"header-from", set_header_from, ONCE},
	{"macro", set_macro, OFTEN},
	{"size", set_size, ONCE},
	{"smtputf8", set_smtputf8, ONCE},
};

/* -1 if there is no such key. */
static int
find_key (const char *key, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
		if (g_str_equal (keys[i].key, key))
			return (int) i;
	fail (error, "%s: there is no such key", key);
	return -1;
}

/* What is said of a recipient begins anew with each. */
static void
remember (MmGiven *given, guint at)
{
	for (guint i = 0; keys[at].set == set_rcpt && i < G_N_ELEMENTS (keys); i++)
		if (keys[i].times == ONCE_A_RCPT)
			given->said &= ~(1U << i);
	given->said |= 1U << at;
}

gboolean
mm_given_set (MmGiven *given, const char *key, const char *value, GError **error)
{
	int at = find_key (key, error);

	if (at < 0)
		return FALSE;
	if (!keys[at].set (given, value, error)) {
		g_prefix_error (error, "%s: ", key);
		return FALSE;
	}
	remember (given, (guint) at);
	return TRUE;
}

gboolean
mm_given_add (MmGiven *given, const char *key, const char *value, GError **error)
{
	int at = find_key (key, error);

	if (at < 0)
		return FALSE;
	if (keys[at].times == OFTEN || (given->said & 1U << at) == 0)
		return mm_given_set (given, key, value, error);
	return fail (error, "%s: is given twice", key);
}

const char *
mm_given_first (const MmGiven *given, const char *but)
{
	for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
		if ((given->said & 1U << i) != 0 && g_strcmp0 (keys[i].key, but) != 0)
			return keys[i].key;
	return NULL;
}

gboolean
mm_given_option (const char *name, const char *value, gpointer data, GError **error)
{
	if (mm_given_set (data, name + strlen ("--"), value, error))
		return TRUE;
	g_prefix_error (error, "--");
	return FALSE;
}

/* ---- files ------------------------------------------------------------------------------------ */

/* What KeepOriginals says of the answer that was given. */
static const char *const passed_over[] = {
	"time", "policy", "rule", "action", "fixed", "left", NULL,
};

/* "\xHH" -> the octet, in place. What would end the text is left out: no address has a NUL. */
static void
unescape (char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		int high = from[0] == '\\' && from[1] == 'x' ? g_ascii_xdigit_value (from[2]) : -1;
		int low = high >= 0 ? g_ascii_xdigit_value (from[3]) : -1;

		if (low < 0) {
			*to++ = *from;
			continue;
		}
		from += 3;
		if (high != 0 || low != 0)
			*to++ = (char) (high * 16 + low);
	}
	*to = '\0';
}

static gboolean
take_line (MmGiven *given, char *line, GError **error)
{
	char *value = strchr (line, '=');

	if (*line == '\0')
		return TRUE;
	if (value == NULL)
		return fail (error, "not written as KEY=VALUE");
	*value++ = '\0';
	if (g_strv_contains (passed_over, line))
		return TRUE;
	unescape (value);
	return mm_given_add (given, line, value, error);
}

/* NULL and MM_ERROR_IO. One octet more than a file may have is read, never a whole large one. */
static char *
read_text (const char *path, GError **error)
{
	FILE *file = fopen (path, "re");
	int failure = file == NULL ? errno : 0;
	g_autofree char *text = g_malloc (MAX_FILE + 1);
	gsize len = 0;

	if (file != NULL) {
		len = fread (text, 1, MAX_FILE + 1, file);
		if (ferror (file))
			failure = errno != 0 ? errno : EIO;
		else if (len > MAX_FILE)
			failure = EFBIG;
		fclose (file);
	}
	if (failure != 0) {
		g_set_error (error, MM_ERROR, MM_ERROR_IO, "%s: %s", path, g_strerror (failure));
		return NULL;
	}
	text[len] = '\0';
	return g_steal_pointer (&text);
}

gboolean
mm_given_read (MmGiven *given, const char *path, GError **error)
{
	g_autofree char *text = read_text (path, error);
	g_auto (GStrv) lines = NULL;

	if (text == NULL)
		return FALSE;
	lines = g_strsplit (text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_strchomp (lines[i]);
		if (!take_line (given, lines[i], error)) {
			g_prefix_error (error, "%s:%u: ", path, i + 1);
			return FALSE;
		}
	}
	return TRUE;
}

void
mm_given_copy_peer (MmGiven *to, const MmGiven *from)
{
	*to = *from;
	to->from = g_strdup (from->from);
	to->client = from->client != NULL ? g_object_ref (from->client) : NULL;
	to->host = g_strdup (from->host);
	to->user = g_strdup (from->user);
	to->header_from = g_strdup (from->header_from);
	to->recipients = NULL;
	to->lent = NULL;
	to->macros = from->macros != NULL ? g_hash_table_ref (from->macros) : NULL;
}

/* ---- the envelope ----------------------------------------------------------------------------- */

static void
lend_recipients (MmGiven *given, MmEnvelope *envelope)
{
	guint n = given->recipients != NULL ? given->recipients->len : 0;

	g_clear_pointer (&given->lent, g_array_unref);
	given->lent = g_array_sized_new (FALSE, TRUE, sizeof (MmRecipient), n);
	for (guint i = 0; i < n; i++) {
		const MmGivenRecipient *from = given->recipients->pdata[i];
		const MmRecipient to = {
			.address = from->address,
			.next_hop = from->next_hop,
			.mx = from->mx,
			.mx_hosts = (const char *const *) from->hosts,
		};

		g_array_append_val (given->lent, to);
	}
	envelope->recipients = (const MmRecipient *) given->lent->data;
	envelope->n_recipients = n;
}

MmEnvelope
mm_given_envelope (MmGiven *given)
{
	MmEnvelope envelope = {
		.client = given->client,
		.client_name = given->host,
		.local = given->has_local ? given->local : MM_UNKNOWN,
		.sasl_known = given->user != NULL,
		.sasl_user = given->user,
		.sender_known = given->from != NULL,
		.sender = given->from,
		.headers_known = given->header_from != NULL,
		.header_from = given->header_from,
		.first_hop = MM_UNKNOWN,
		.recipients_known = given->recipients != NULL,
		.size_known = given->has_size,
		.size = given->size,
		.macros = given->macros,
	};

	if (given->header_from != NULL && *given->header_from == '\0')
		envelope.header_from = NULL;
	if (given->has_received)
		envelope.first_hop = given->received == MM_YES ? MM_NO : MM_YES;
	lend_recipients (given, &envelope);
	return envelope;
}

MmEnvelope
mm_given_envelope_complete (MmGiven *given)
{
	MmEnvelope envelope = mm_given_envelope (given);

	if (envelope.local == MM_UNKNOWN)
		envelope.local = MM_NO;
	if (envelope.client != NULL && envelope.client_name == NULL)
		envelope.client_name = "unknown"; /* as the milter has it */
	envelope.sasl_known = TRUE;
	envelope.sender_known = TRUE;
	envelope.recipients_known = TRUE;
	envelope.macros_known = TRUE;
	return envelope;
}
