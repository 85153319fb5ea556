/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-conditions.c: the forms of the values of conditions.
 *
 *	address = "<>" / local "@" domain / "@" domain / "." domain
 *	domain  = ["."] domain
 *	host    = ["."] (domain / "[" domain "]")
 *	client  = network / "TRUSTED" / host            ; config-networks.c
 *	user    = text without a comma
 *	macro   = "{" name "}" "=" text without a comma
 *	size    = (">" / "<") octets / octets "-" octets
 *
 * Lists, '!', regexes and tables: config-tests.c.
 */
#include "config-private.h"

/* ---- domains and addresses ------------------------------------------------------------------- */

/* A domain, or an address in brackets. */
gboolean
mm_is_mail_domain (const char *text)
{
	gsize len = strlen (text);

	if (*text == '[')
		return len > 2 && text[strcspn (text, "] \t")] == ']' && text[len - 1] == ']' &&
		       strchr (text, ']') == text + len - 1;
	return mm_is_domain (text);
}

char *
mm_star_hint (const char *text)
{
	g_autofree char *quoted = NULL;

	if (!g_str_has_prefix (text, "*."))
		return g_strdup ("");
	quoted = mm_quoted (text + 1);
	return g_strdup_printf ("; write %s for it and all below", quoted);
}

/* "*@example.com", "@*.example.com", "*.example.com" (transfer full) */
static char *
address_star_hint (const char *text)
{
	gboolean all = g_str_has_prefix (text, "*@");
	const char *domain = all ? text + 2 : text + (*text == '@');
	g_autofree char *quoted = mm_quoted (text + 1);

	return all && *domain != '*' ? g_strdup_printf ("; write %s", quoted)
	                             : mm_star_hint (domain);
}

static gboolean
read_domain (const MmSettingRow *row, const char *text, MmTest *test, guint line,
             MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);
	g_autofree char *hint = mm_star_hint (text);
	gboolean below = *text == '.';

	if (*text == '@') {
		mm_problems_add (problems, line, "%s: %s stands without its '@' here", row->key,
		                 quoted);
		return FALSE;
	}
	if (!mm_is_mail_domain (text + below)) {
		mm_problems_add (problems, line, "%s: %s is no domain%s", row->key, quoted, hint);
		return FALSE;
	}
	test->kind = below ? MM_TEST_BELOW : MM_TEST_DOMAIN;
	test->mailbox = mm_mailbox_new_domain (text + below);
	return TRUE;
}

gboolean
mm_is_local_part (const char *text, gsize len)
{
	gboolean is_star = len == 1 && *text == '*';

	return len > 0 && !is_star && (*text == '"' || strcspn (text, " \t<>") >= len);
}

/* Only envelopes have it. */
static gboolean
may_be_null (const MmSettingRow *row)
{
	return g_str_equal (row->key, "Sender");
}

static gboolean
read_address (const MmSettingRow *row, const char *text, MmTest *test, guint line,
              MmProblems *problems)
{
	const char *at = strrchr (text, '@');
	g_autofree char *quoted = mm_quoted (text);
	g_autofree char *star = address_star_hint (text);
	const char *hint = star;

	if (g_str_equal (text, "<>") && may_be_null (row)) {
		test->kind = MM_TEST_NULL_SENDER;
		return TRUE;
	}
	if (*text == '.' || (at == text && at[1] != '\0' && at[1] != '*'))
		return read_domain (row, text + (at == text), test, line, problems);
	if (at != NULL && mm_is_local_part (text, (gsize) (at - text)) &&
	    mm_is_mail_domain (at + 1)) {
		test->kind = MM_TEST_MAILBOX;
		test->mailbox = mm_mailbox_new (text);
		return TRUE;
	}
	if (*text == '<')
		hint = g_str_equal (text, "<>") ? "; <> is for Sender only"
		                                : "; it stands without < and >";
	else if (at == NULL && mm_is_mail_domain (text))
		hint = "; a domain is written @domain";
	mm_problems_add (problems, line, "%s: %s is no address%s", row->key, quoted, hint);
	return FALSE;
}

static gboolean
read_user (const MmSettingRow *row G_GNUC_UNUSED, const char *text, MmTest *test,
           guint line G_GNUC_UNUSED, MmProblems *problems G_GNUC_UNUSED)
{
	test->kind = MM_TEST_USER;
	test->mailbox.whole = g_strdup (text);
	test->mailbox.local = test->mailbox.whole;
	return TRUE;
}

/* As main.cf has them: [mail.example] is the host itself, and is that here without brackets. */
char *
mm_host_read (const char *text)
{
	gsize len = strlen (text);
	g_autofree char *host = NULL;

	if (*text == '[' && len > 1 && text[len - 1] == ']') {
		const char *inside = mm_skip_ipv6_tag (text + 1);

		host = g_strndup (inside, (gsize) (text + len - 1 - inside));
	} else
		host = g_strdup (text);
	return mm_is_domain (host) || g_hostname_is_ip_address (host) ? g_steal_pointer (&host)
	                                                              : NULL;
}

static gboolean
read_host (const MmSettingRow *row, const char *text, MmTest *test, guint line,
           MmProblems *problems)
{
	gboolean below = *text == '.';
	g_autofree char *quoted = mm_quoted (text);
	g_autofree char *host = NULL;
	g_autofree char *hint = mm_star_hint (text);

	if (!below)
		host = mm_host_read (text);
	else if (mm_is_domain (text + 1))
		host = g_strdup (text + 1);
	if (host == NULL) {
		mm_problems_add (problems, line, "%s: %s is no host name%s", row->key, quoted,
		                 hint);
		return FALSE;
	}
	test->kind = below ? MM_TEST_BELOW : MM_TEST_DOMAIN;
	test->mailbox = mm_mailbox_new_domain (host);
	return TRUE;
}

/* ---- macros ---------------------------------------------------------------------------------- */

static gboolean
is_macro (const char *text, gsize len)
{
	if (len < 3 || text[0] != '{' || text[len - 1] != '}')
		return FALSE;
	for (gsize i = 1; i < len - 1; i++)
		if (!g_ascii_isalnum (text[i]) && text[i] != '_')
			return FALSE;
	return TRUE;
}

static gboolean
read_macro (const MmSettingRow *row, const char *text, MmTest *test, guint line,
            MmProblems *problems)
{
	gsize len = strcspn (text, "}") + 1;
	gsize at = MIN (len, strlen (text));
	g_autofree char *quoted = mm_quoted (text);

	at += strspn (text + at, " \t");
	if (text[at] != '=' || !is_macro (text, len)) {
		mm_problems_add (problems, line, "%s: %s is not like {name} = value", row->key,
		                 quoted);
		return FALSE;
	}
	at += 1 + strspn (text + at + 1, " \t");
	if (text[at] == '\0') {
		mm_problems_add (problems, line, "%s: %s has no value", row->key, quoted);
		return FALSE;
	}
	test->macro = g_strndup (text, len);
	return mm_read_value (row, text + at, read_user, test, line, problems);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/* 1*DIGIT ["K" / "M" / "G"]; FALSE if @text is not that, or too much. */
static gboolean
parse_octets (const char *text, gsize *out)
{
	static const char letters[] = "KMG";
	g_autofree char *digits = g_strstrip (g_strdup (text));
	gsize len = strlen (digits);
	const char *letter = len > 0 ? strchr (letters, g_ascii_toupper (digits[len - 1])) : NULL;
	guint shift = 0;
	guint64 value;

	if (letter != NULL) {
		shift = 10 * (guint) (letter - letters + 1);
		digits[len - 1] = '\0';
	}
	if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT64 >> shift, &value, NULL) ||
	    value << shift > G_MAXSIZE / 2)
		return FALSE;
	*out = (gsize) (value << shift);
	return TRUE;
}

static gboolean
parse_range (const char *text, MmTest *test)
{
	const char *dash = strchr (text, '-');
	g_autofree char *first = NULL;

	test->min = 0;
	test->max = G_MAXSIZE;
	if (*text == '>') {
		if (!parse_octets (text + 1, &test->min))
			return FALSE;
		test->min++;
		return TRUE;
	}
	if (*text == '<')
		return parse_octets (text + 1, &test->max) && test->max-- > 0;
	if (dash == NULL)
		return FALSE;
	first = g_strndup (text, (gsize) (dash - text));
	return parse_octets (first, &test->min) && parse_octets (dash + 1, &test->max) &&
	       test->min <= test->max;
}

static gboolean
read_size (const MmSettingRow *row, const char *text, MmTest *test, guint line,
           MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);

	test->kind = MM_TEST_SIZE;
	if (parse_range (text, test))
		return TRUE;
	mm_problems_add (problems, line, "%s: %s is not like >10M, <5K or 1M-2M", row->key, quoted);
	return FALSE;
}

/* ---- with regexes and tables ----------------------------------------------------------------- */

static gboolean
read_address_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                   MmProblems *problems)
{
	return mm_read_value (row, text, read_address, test, line, problems);
}

static gboolean
read_domain_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                  MmProblems *problems)
{
	return mm_read_value (row, text, read_domain, test, line, problems);
}

static gboolean
read_user_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                MmProblems *problems)
{
	return mm_read_value (row, text, read_user, test, line, problems);
}

static gboolean
read_host_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                MmProblems *problems)
{
	return mm_read_value (row, text, read_host, test, line, problems);
}

static gboolean
read_client_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                  MmProblems *problems)
{
	return mm_read_value (row, text, mm_read_client_test, test, line, problems);
}

/* ---- what the tables call -------------------------------------------------------------------- */

void
mm_value_networks (const MmSettingRow *row, const char *text, gpointer member, guint line,
                   MmProblems *problems)
{
	gboolean clients = row->type == MM_SETTING_CLIENTS;

	mm_read_tests (row, text, ", \t", clients ? read_client_test : mm_read_network_test,
	               member, line, problems);
	if (clients && text[strspn (text, ", \t")] == '\0')
		mm_problems_add (problems, line, "%s: a value is missing", row->key);
}

void
mm_value_addresses (const MmSettingRow *row, const char *text, gpointer member, guint line,
                    MmProblems *problems)
{
	mm_read_tests (row, text, ",", read_address_test, member, line, problems);
}

void
mm_value_domains (const MmSettingRow *row, const char *text, gpointer member, guint line,
                  MmProblems *problems)
{
	mm_read_tests (row, text, ",", read_domain_test, member, line, problems);
}

void
mm_value_users (const MmSettingRow *row, const char *text, gpointer member, guint line,
                MmProblems *problems)
{
	mm_read_tests (row, text, ",", read_user_test, member, line, problems);
}

void
mm_value_hosts (const MmSettingRow *row, const char *text, gpointer member, guint line,
                MmProblems *problems)
{
	mm_read_tests (row, text, ",", read_host_test, member, line, problems);
}

void
mm_value_macros (const MmSettingRow *row, const char *text, gpointer member, guint line,
                 MmProblems *problems)
{
	mm_read_tests (row, text, ",", read_macro, member, line, problems);
}

void
mm_value_sizes (const MmSettingRow *row, const char *text, gpointer member, guint line,
                MmProblems *problems)
{
	mm_read_tests (row, text, ",", read_size, member, line, problems);
}
