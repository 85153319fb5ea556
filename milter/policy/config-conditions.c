/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-conditions.c: the values of conditions: addresses, domains, networks, users.
 *
 *	condition = value *("," value)
 *	value     = ["!"] (address / network / "TRUSTED" / user)
 *	address   = "<>" / local "@" domain / "@" domain / "." domain
 *	network   = (v4 / v6 / "[" v6 "]") ["/" bits]
 *
 * Networks may also be separated by blanks and have Postfix's brackets, so that the value of
 * mynetworks can be pasted.
 */
#include <arpa/inet.h>

#include "config-private.h"

static void
test_clear (gpointer data)
{
	MmTest *test = data;

	mm_mailbox_clear (&test->mailbox);
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

/* Reads one value, its '!' gone, into @test; FALSE after reporting that it cannot. */
typedef gboolean (*TestFunc) (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                              MmProblems *problems);

static void
read_tests (const MmSettingRow *row, const char *text, const char *separators, TestFunc read,
            MmCondition *condition, guint line, MmProblems *problems)
{
	g_auto (GStrv) values = g_strsplit_set (text, separators, -1);
	gboolean blanks = strchr (separators, ' ') != NULL;

	mm_condition_begin (condition, text);
	for (char **at = values; *at != NULL; at++) {
		const char *value = g_strstrip (*at);
		MmTest test = {.negated = *value == '!'};

		if (*value == '\0' && blanks)
			continue; /* between comma and blank */
		if (test.negated)
			for (value++; mm_is_wsp (*value); value++)
				;
		if (*value == '\0')
			mm_problems_add (problems, line, "%s: a value is missing", row->key);
		else if (read (row, value, &test, line, problems))
			g_array_append_val (condition->tests, test);
	}
}

/* ---- domains and addresses ------------------------------------------------------------------- */

/* A domain, or an address in brackets. */
static gboolean
is_mail_domain (const char *text)
{
	gsize len = strlen (text);

	if (*text == '[')
		return len > 2 && text[strcspn (text, "] \t")] == ']' && text[len - 1] == ']' &&
		       strchr (text, ']') == text + len - 1;
	return mm_is_domain (text);
}

static gboolean
read_domain_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                  MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);
	gboolean below = *text == '.';

	if (*text == '@') {
		mm_problems_add (problems, line, "%s: %s stands without its '@' here", row->key,
		                 quoted);
		return FALSE;
	}
	if (!is_mail_domain (text + below)) {
		mm_problems_add (problems, line, "%s: %s is no domain", row->key, quoted);
		return FALSE;
	}
	test->kind = below ? MM_TEST_BELOW : MM_TEST_DOMAIN;
	test->mailbox.domain = mm_domain_normal (text + below);
	return TRUE;
}

static gboolean
is_local_part (const char *text, gsize len)
{
	return len > 0 && (*text == '"' || strcspn (text, " \t<>") >= len);
}

static gboolean
read_address_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                   MmProblems *problems)
{
	const char *at = strrchr (text, '@');
	g_autofree char *quoted = mm_quoted (text);
	const char *hint = "";

	if (g_str_equal (text, "<>") && g_str_equal (row->key, "Sender")) {
		test->kind = MM_TEST_NULL_SENDER;
		return TRUE;
	}
	if (*text == '.' || (at == text && at[1] != '\0'))
		return read_domain_test (row, text + (at == text), test, line, problems);
	if (at != NULL && is_local_part (text, (gsize) (at - text)) && is_mail_domain (at + 1)) {
		test->kind = MM_TEST_MAILBOX;
		test->mailbox = mm_mailbox_new (text);
		return TRUE;
	}
	if (*text == '<')
		hint = g_str_equal (text, "<>") ? "; <> is for Sender only"
		                                : "; it stands without < and >";
	else if (at == NULL && is_mail_domain (text))
		hint = "; a domain is written @domain";
	mm_problems_add (problems, line, "%s: %s is no address%s", row->key, quoted, hint);
	return FALSE;
}

static gboolean
read_user_test (const MmSettingRow *row G_GNUC_UNUSED, const char *text, MmTest *test,
                guint line G_GNUC_UNUSED, MmProblems *problems G_GNUC_UNUSED)
{
	test->kind = MM_TEST_USER;
	test->mailbox.local = g_strdup (text);
	return TRUE;
}

/* ---- networks -------------------------------------------------------------------------------- */

static gboolean
parse_address (const char *text, MmAddress *out, gboolean *out_v4)
{
	static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	*out_v4 = inet_pton (AF_INET, text, out->octets + sizeof mapped) == 1;
	if (*out_v4)
		memcpy (out->octets, mapped, sizeof mapped);
	return *out_v4 || inet_pton (AF_INET6, text, out->octets) == 1;
}

/* FALSE if @text is no network. Host bits stay as they are. */
static gboolean
parse_network (const char *text, MmNetwork *out)
{
	g_autofree char *copy = g_strdup (text);
	char *address = copy;
	char *slash = strchr (copy, '/');
	guint64 bits = 0;
	gboolean v4;
	gsize len;

	if (slash != NULL)
		*slash = '\0';
	len = strlen (address);
	if (len > 1 && address[0] == '[' && address[len - 1] == ']') {
		address[len - 1] = '\0';
		address++;
	}
	if (!parse_address (address, &out->address, &v4))
		return FALSE;
	bits = v4 ? 32 : 128;
	if (slash != NULL && !g_ascii_string_to_unsigned (slash + 1, 10, 0, bits, &bits, NULL))
		return FALSE;
	out->bits = (guint) bits + (v4 ? MM_V4_PREFIX : 0);
	return TRUE;
}

/* Clears the host bits; FALSE if any was set. */
static gboolean
clear_host_bits (MmNetwork *network)
{
	MmAddress before = network->address;

	for (guint i = 0; i < sizeof before.octets; i++) {
		guint kept = network->bits > i * 8 ? MIN (network->bits - i * 8, 8) : 0;

		network->address.octets[i] &= (guint8) (0xff00 >> kept);
	}
	return memcmp (&before, &network->address, sizeof before) == 0;
}

/* (transfer full) */
static char *
network_to_string (const MmNetwork *network)
{
	gboolean v4 = mm_address_is_v4 (&network->address) && network->bits >= MM_V4_PREFIX;
	guint skip = v4 ? MM_V4_PREFIX : 0;
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop (v4 ? AF_INET : AF_INET6, network->address.octets + skip / 8, text, sizeof text);
	return g_strdup_printf ("%s/%u", text, network->bits - skip);
}

static gboolean
has_letter (const char *text)
{
	while (*text != '\0' && !g_ascii_isalpha (*text))
		text++;
	return *text != '\0';
}

static void
report_no_network (const MmSettingRow *row, const char *text, guint line, MmProblems *problems)
{
	static const char *const words[] = {"TRUSTED", NULL};
	g_autofree char *quoted = mm_quoted (text);

	if (mm_is_domain (text) && has_letter (text))
		mm_problems_add_word (problems, line, text,
		                      row->type == MM_SETTING_CLIENTS ? words : words + 1,
		                      "%s: the host name %s is not supported, only addresses are",
		                      row->key, quoted);
	else
		mm_problems_add (problems, line, "%s: %s is no address or network", row->key,
		                 quoted);
}

static gboolean
read_network_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                   MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);
	g_autofree char *right = NULL;

	test->kind = MM_TEST_TRUSTED;
	if (row->type == MM_SETTING_CLIENTS && g_str_equal (text, "TRUSTED"))
		return TRUE;
	test->kind = MM_TEST_NETWORK;
	if (!parse_network (text, &test->network)) {
		report_no_network (row, text, line, problems);
		return FALSE;
	}
	if (clear_host_bits (&test->network))
		return TRUE;
	right = network_to_string (&test->network);
	mm_problems_add (problems, line, "%s: %s has host bits set; the network is %s", row->key,
	                 quoted, right);
	return FALSE;
}

/* ---- what the tables call -------------------------------------------------------------------- */

void
mm_value_networks (const MmSettingRow *row, const char *text, gpointer member, guint line,
                   MmProblems *problems)
{
	read_tests (row, text, ", \t", read_network_test, member, line, problems);
	if (row->type == MM_SETTING_CLIENTS && text[strspn (text, ", \t")] == '\0')
		mm_problems_add (problems, line, "%s: a value is missing", row->key);
}

void
mm_value_addresses (const MmSettingRow *row, const char *text, gpointer member, guint line,
                    MmProblems *problems)
{
	read_tests (row, text, ",", read_address_test, member, line, problems);
}

void
mm_value_domains (const MmSettingRow *row, const char *text, gpointer member, guint line,
                  MmProblems *problems)
{
	read_tests (row, text, ",", read_domain_test, member, line, problems);
}

void
mm_value_users (const MmSettingRow *row, const char *text, gpointer member, guint line,
                MmProblems *problems)
{
	read_tests (row, text, ",", read_user_test, member, line, problems);
}
