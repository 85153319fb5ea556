/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-networks.c: addresses and networks as they stand in a configuration.
 *
 *	network = (v4 / v6 / "[" v6 "]") ["/" bits]
 *
 * With Postfix's brackets, so that the value of mynetworks can be pasted. Host bits are a mistake
 * that is told: nobody knows whether the network or the host was meant.
 */
#include <arpa/inet.h>

#include "config-private.h"

static gboolean
parse_address (const char *text, MmAddress *out, gboolean *out_v4)
{
	static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	*out_v4 = inet_pton (AF_INET, text, out->octets + sizeof mapped) == 1;
	if (*out_v4)
		memcpy (out->octets, mapped, sizeof mapped);
	return *out_v4 || inet_pton (AF_INET6, text, out->octets) == 1;
}

gboolean
mm_network_parse (const char *text, MmNetwork *out)
{
	char copy[INET6_ADDRSTRLEN + 8];
	char *address = copy;
	char *slash;
	guint64 bits = 0;
	gboolean v4;
	gsize len;

	if (g_strlcpy (copy, text, sizeof copy) >= sizeof copy)
		return FALSE;
	slash = strchr (copy, '/');
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

gboolean
mm_network_clear_host_bits (MmNetwork *network)
{
	MmAddress before = network->address;

	network->address = mm_address_masked (&before, network->bits);
	return memcmp (&before, &network->address, sizeof before) == 0;
}

void
mm_address_to_string (const MmAddress *address, char *out, gsize size)
{
	gboolean v4 = mm_address_is_v4 (address);

	*out = '\0';
	inet_ntop (v4 ? AF_INET : AF_INET6, address->octets + (v4 ? MM_V4_PREFIX / 8 : 0), out,
	           (socklen_t) size);
}

char *
mm_network_to_string (const MmNetwork *network)
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

/* Mistyped addresses and words are no host names: those have a letter and a dot. */
gboolean
mm_is_client_name (const char *text)
{
	static const char *const words[] = {"localhost", "unknown", NULL};

	return mm_is_domain (text) &&
	       (g_strv_contains (words, text) || (has_letter (text) && strchr (text, '.') != NULL));
}

/* FALSE after reporting that @text has host bits. */
static gboolean
is_whole (const MmSettingRow *row, const char *text, MmNetwork *network, guint line,
          MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);
	g_autofree char *right = NULL;

	if (mm_network_clear_host_bits (network))
		return TRUE;
	right = mm_network_to_string (network);
	mm_problems_add (problems, line, "%s: %s has host bits set; the network is %s", row->key,
	                 quoted, right);
	return FALSE;
}

/* "hash:/etc/postfix/networks", "/etc/postfix/networks": mynetworks of Postfix may have these. */
static gboolean
is_table (const char *text)
{
	gsize len = strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return *text == '/' || (len > 0 && text[len] == ':' && text[len + 1] == '/');
}

gboolean
mm_read_network_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                      MmProblems *problems)
{
	g_autofree char *quoted = mm_quoted (text);

	test->kind = MM_TEST_NETWORK;
	if (mm_network_parse (text, &test->network))
		return is_whole (row, text, &test->network, line, problems);
	if (is_table (text))
		mm_problems_add (problems, line,
		                 "%s: %s is a table, and no table is taken here, nor one of Postfix: "
		                 "write the networks that are in it", row->key, quoted);
	else if (mm_is_domain (text) && has_letter (text))
		mm_problems_add (problems, line,
		                 "%s: the host name %s is not supported, only addresses are",
		                 row->key, quoted);
	else
		mm_problems_add (problems, line, "%s: %s is no address or network", row->key,
		                 quoted);
	return FALSE;
}

gboolean
mm_read_client_test (const MmSettingRow *row, const char *text, MmTest *test, guint line,
                     MmProblems *problems)
{
	static const char *const words[] = {"TRUSTED", NULL};
	gboolean below = *text == '.';
	g_autofree char *quoted = NULL;
	g_autofree char *hint = mm_star_hint (text);

	if (g_str_equal (text, "TRUSTED")) {
		test->kind = MM_TEST_TRUSTED;
		return TRUE;
	}
	test->kind = MM_TEST_NETWORK;
	if (mm_network_parse (text, &test->network))
		return is_whole (row, text, &test->network, line, problems);
	if (below ? mm_is_domain (text + 1) && has_letter (text) : mm_is_client_name (text)) {
		test->kind = below ? MM_TEST_BELOW : MM_TEST_DOMAIN;
		test->mailbox = mm_mailbox_new_domain (text + below);
		return TRUE;
	}
	quoted = mm_quoted (text);
	if (mm_is_domain (text) && has_letter (text))
		mm_problems_add_word (problems, line, text, words,
		                      "%s: %s is no address, network or full host name", row->key,
		                      quoted);
	else
		mm_problems_add (problems, line, "%s: %s is no address or network%s", row->key,
		                 quoted, hint);
	return FALSE;
}
