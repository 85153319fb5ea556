/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-reply.c: values that go out to others: codes and texts of replies, addresses.
 *
 *	code     = "5" 2DIGIT 1*WSP "5." 1*3DIGIT "." 1*3DIGIT  ; RFC 5321 4.2, RFC 3463 2
 *	template = *(printable ASCII / "%L" / "%Q" / "%%")
 *	servers  = server *("," server)
 *	server   = v4 [":" port] / v6 / "[" v6 "]" [":" port]
 *	listen   = v4 ":" port / "[" v6 "]" ":" port
 *
 * libmilter and the MTAs check little of this, or answer for us with a code of their own when they
 * do not like it. So nothing doubtful may get that far.
 */
#include <arpa/inet.h>

#include "config-private.h"

#define MAX_TEMPLATE 400 /* room for labels in the 500 of a reply */

/* ---- codes ----------------------------------------------------------------------------------- */

/* 1*3DIGIT without zeros before it: whoever reads it may take it for octal or not at all. */
static gboolean
is_code_number (const char *text)
{
	return text != NULL && strlen (text) <= 3 && (*text != '0' || text[1] == '\0') &&
	       g_ascii_string_to_unsigned (text, 10, 0, 999, NULL, NULL);
}

/* "5.6.0": class, subject, detail. */
static gboolean
is_enhanced (const char *text)
{
	g_auto (GStrv) parts = g_strsplit (text, ".", -1);

	return g_strv_length (parts) == 3 && g_str_equal (parts[0], "5") &&
	       is_code_number (parts[1]) && is_code_number (parts[2]);
}

/* Only permanent ones: an MTA turns a rejection with 4xx into a reply of its own. */
void
mm_value_code (const MmSettingRow *row, const char *text, gpointer member, guint line,
               MmProblems *problems)
{
	g_auto (GStrv) parts = g_strsplit_set (text, " \t", 2);
	g_autofree char *quoted = mm_quoted (text);
	const char *enhanced = parts[0] != NULL && parts[1] != NULL ? g_strchug (parts[1]) : "";
	MmReplyCode *code = member;

	if (!is_code_number (parts[0]) || strlen (parts[0]) != 3 || *parts[0] != '5' ||
	    !is_enhanced (enhanced)) {
		mm_problems_add (problems, line, "%s: %s is no code such as 552 5.6.0 (5xx, 5.x.x)",
		                 row->key, quoted);
		return;
	}
	g_strlcpy (code->code, parts[0], sizeof code->code);
	g_strlcpy (code->enhanced, enhanced, sizeof code->enhanced);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static gboolean
is_printable (const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

void
mm_value_template (const MmSettingRow *row, const char *text, gpointer member, guint line,
                   MmProblems *problems)
{
	guint before = mm_problems_count (problems);
	char **at = member;

	if (strlen (text) > MAX_TEMPLATE)
		mm_problems_add (problems, line, "%s: longer than %d characters", row->key,
		                 MAX_TEMPLATE);
	if (!is_printable (text))
		mm_problems_add (problems, line, "%s: only printable ASCII can be sent", row->key);
	for (const char *p = text; *p != '\0' && mm_problems_count (problems) == before; p++) {
		if (*p != '%')
			continue;
		if (p[1] == '\0' || strchr ("LQ%", p[1]) == NULL)
			mm_problems_add (problems, line,
			                 "%s: '%%%.1s' stands for nothing; %%L: the labels, "
			                 "%%Q: the queue id, %%%%: a percent sign", row->key,
			                 p + 1);
		else
			p++;
	}
	if (mm_problems_count (problems) > before)
		return;
	g_free (*at);
	*at = g_strdup (text);
}

/* ---- name servers ---------------------------------------------------------------------------- */

static gboolean
is_address (int family, const char *text)
{
	struct in6_addr address; /* room for both */

	return inet_pton (family, text, &address) == 1;
}

/* "ADDRESS", "[ADDRESS]", either with ":PORT". *@out_port: whether there is one. */
static gboolean
is_endpoint (const char *text, gboolean *out_port)
{
	const char *colon = strrchr (text, ':');
	g_autofree char *host = g_strdup (text);
	gsize len;

	*out_port = colon != NULL && colon > text && (strchr (text, ':') == colon || colon[-1] == ']');
	if (*out_port) {
		if (!g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, NULL, NULL))
			return FALSE;
		host[colon - text] = '\0';
	}
	len = strlen (host);
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		return is_address (AF_INET6, host + 1);
	}
	return is_address (AF_INET, host) || is_address (AF_INET6, host);
}

/* Kept without blanks, which c-ares does not take. */
void
mm_value_servers (const MmSettingRow *row, const char *text, gpointer member, guint line,
                  MmProblems *problems)
{
	g_auto (GStrv) servers = g_strsplit (text, ",", -1);
	char **at = member;

	for (char **server = servers; *server != NULL; server++) {
		gboolean has_port;
		g_autofree char *quoted = mm_quoted (g_strstrip (*server));

		if (is_endpoint (*server, &has_port))
			continue;
		mm_problems_add (problems, line, "%s: %s is no address of a name server", row->key,
		                 quoted);
		return;
	}
	g_free (*at);
	*at = g_strjoinv (",", servers);
}

void
mm_value_listen (const MmSettingRow *row, const char *text, gpointer member, guint line,
                 MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);
	gboolean has_port = FALSE;
	char **at = member;

	if (!is_endpoint (text, &has_port) || !has_port) {
		mm_problems_add (problems, line,
		                 "%s: %s is no address with a port, such as 127.0.0.1:9894 or "
		                 "[::1]:9894", row->key, quoted);
		return;
	}
	g_free (*at);
	*at = g_strdup (text);
}
