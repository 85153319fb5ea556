/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-grammar-address.c: address lists: what is valid, what is odd, what is wrong.
 */
#include <mailmend/grammar.h>

#include "test-util.h"

#define NO_DOMAIN MM_ADDRESS_NO_DOMAIN
#define BAD_SPEC MM_ADDRESS_BAD_SPEC
#define BRACKETS MM_ADDRESS_BRACKETS
#define BAD_NAME MM_ADDRESS_BAD_NAME
#define TEXT_BEHIND MM_ADDRESS_TEXT_BEHIND
#define SEMICOLON MM_ADDRESS_SEMICOLON
#define OPEN_QUOTE MM_ADDRESS_OPEN_QUOTE
#define OPEN_COMMENT MM_ADDRESS_OPEN_COMMENT
#define NONE MM_ADDRESS_NONE
#define ONE_WORD MM_ADDRESS_ONE_WORD
#define UNQUOTED MM_ADDRESS_UNQUOTED
#define OPEN_GROUP MM_ADDRESS_OPEN_GROUP

/* What must be read: "spec", "{group}" and, of a member without one, "?whole", blanks between. */
typedef struct {
	const char *value;
	guint faults;
	const char *members;
} Row;

static void
append (GString *out, const char *mark, MmBytes text)
{
	if (out->len > 0)
		g_string_append_c (out, ' ');
	g_string_append (out, mark);
	g_string_append_len (out, text.data, (gssize)text.len);
}

static char *
show_members (const MmAddressList *list)
{
	GString *out = g_string_new (NULL);
	gboolean group = FALSE;

	for (guint i = 0; i < list->members->len; i++) {
		const MmAddressMember *member = &g_array_index (list->members, MmAddressMember, i);

		if (group && !member->in_group)
			g_string_append_c (out, '}');
		group = member->in_group;
		if (member->group)
			append (out, "{", member->whole);
		else if (member->spec.len > 0)
			append (out, "", member->spec);
		else
			append (out, "?", member->whole);
	}
	return g_string_free (out, FALSE);
}

static void
check_rows (const Row *rows, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		g_auto (MmAddressList) list = {0};
		g_autofree char *members = NULL;

		g_test_message ("value: %s", rows[i].value);
		mm_grammar_address_list (mm_bytes_str (rows[i].value), &list);
		members = show_members (&list);
		g_assert_cmphex (list.faults, ==, rows[i].faults);
		g_assert_cmpstr (members, ==, rows[i].members);
	}
}

static void
test_valid (void)
{
	static const Row rows[] = {
		{"a@x", 0, "a@x"},
		{" a@x , b@y ", 0, "a@x b@y"},
		{"John Doe <j@x.example>", 0, "j@x.example"},
		{"<j@x>", 0, "j@x"},
		{"\"Doe, John\" <j@x>", 0, "j@x"},
		{"\"a b\"@x", 0, "\"a b\"@x"},
		{"j.d+t@[192.0.2.1]", 0, "j.d+t@[192.0.2.1]"},
		{"<j@[IPv6:2001:db8::1]>, k@[a,b]", 0, "j@[IPv6:2001:db8::1] k@[a,b]"},
		{"(c) j (d) @ (e) x (f)", 0, "j (d) @ (e) x"},
		{"j (a (nested, <b@y>) one)\r\n <j@x> (end)", 0, "j@x"},
		{"=?utf-8?q?J=C3=B6?= <j@x>", 0, "j@x"},
		{"J\xc3\xb6rg \xff <j\xc3\xb6@b\xc3\xbc.example>", 0,
		 "j\xc3\xb6@b\xc3\xbc.example"},
		{"J\x01 <j@x>", 0, "j@x"},
		/* 4.4 */
		{"<@a.example,@b.example:j@x>", 0, "j@x"},
		{"<,,@a.example,,:j@x>", 0, "j@x"},
		{",a@x,,b@y,", 0, "a@x b@y"},
		{"j . d @ x . y", 0, "j . d @ x . y"},
		{"\"j\".d@x", 0, "\"j\".d@x"},
		/* groups */
		{"undisclosed-recipients:;", 0, "{undisclosed-recipients:;"},
		{"undisclosed-recipients: ; (none)", 0, "{undisclosed-recipients: ;"},
		{"A b: c@x, <d@y>;, e@z", 0, "{A b: c@x, <d@y>; c@x d@y} e@z"},
		{"\"g\":,c@x,;", 0, "{\"g\":,c@x,; c@x"},
		{"Dr. X: c@x;", 0, "{Dr. X: c@x; c@x"},
		{"g:;, h:;", 0, "{g:; {h:;"},
	};

	check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_odd (void)
{
	static const Row rows[] = {
		{"root", ONE_WORD, "?root"},
		{"root (me)", ONE_WORD, "?root"},
		{"\"root\",", ONE_WORD, "?\"root\""},
		{"john.doe", ONE_WORD, "?john.doe"},
		{"g: root;", ONE_WORD, "{g: root; ?root"},
		{"J. Doe <j@x>", UNQUOTED, "j@x"},
		{"a@x <a@x>", UNQUOTED, "a@x"},
		{"a@[x] <a@x>", UNQUOTED, "a@x"},
		{"[list] me <a@x>", UNQUOTED, "a@x"},
		{"me] [ <a@x>", UNQUOTED, "a@x"},
		{"a@x: <a@x>", UNQUOTED, "a@x"},
		{".: <a@x>", UNQUOTED, "a@x"},
		{"g: a: <a@x>;", UNQUOTED, "{g: a: <a@x>; a@x"},
		{"undisclosed-recipients:", OPEN_GROUP, "{undisclosed-recipients:"},
		{"g: a@x, b@y", OPEN_GROUP, "{g: a@x, b@y a@x b@y"},
		{"Re: me <a@x>", OPEN_GROUP, "{Re: me <a@x> a@x"},
	};

	check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_wrong (void)
{
	static const Row rows[] = {
		{"Doe, John <j@x>", NO_DOMAIN, "?Doe j@x"},
		{"a@x, root", NO_DOMAIN, "a@x ?root"},
		{"John Doe", NO_DOMAIN, "?John Doe"},
		{"John <root>", NO_DOMAIN, "?John <root>"},
		{"a b@x", BAD_SPEC, "?a b@x"},
		{"a@x b@y", BAD_SPEC, "?a@x b@y"},
		{"a@", BAD_SPEC, "?a@"},
		{"@x", BAD_SPEC, "?@x"},
		{"a@@x", BAD_SPEC, "?a@@x"},
		{"a..b@x", BAD_SPEC, "?a..b@x"},
		{"a.@x", BAD_SPEC, "?a.@x"},
		{"a@x.", BAD_SPEC, "?a@x."},
		{"a@\"x\"", BAD_SPEC, "?a@\"x\""},
		{"a@[x", BAD_SPEC, "?a@[x"},
		{"a@[x[y]]", BAD_SPEC, "?a@[x[y]]"},
		{"<>", BAD_SPEC, "?<>"},
		{"MAILER-DAEMON <>", BAD_SPEC, "?MAILER-DAEMON <>"},
		{"<a..b@x>", BAD_SPEC, "?<a..b@x>"},
		{"<@a:>", BAD_SPEC, "?<@a:>"},
		{"<@a b@x>", BAD_SPEC, "?<@a b@x>"},
		{"<,:b@x>", BAD_SPEC, "?<,:b@x>"},
		{"<\"a@x\">", NO_DOMAIN, "?<\"a@x\">"},
		{"John <a@x", BRACKETS, "?John <a@x"},
		{"John a@x>", BRACKETS, "?John a@x>"},
		{"John <<a@x>>", BRACKETS, "?John <"},
		{"<a@x> <b@y>", BRACKETS, "a@x"},
		{"<a@x>, <b@y", BRACKETS, "a@x ?<b@y"},
		{"John :-) <a@x>", BAD_NAME | OPEN_GROUP, "{John :-) <a@x> a@x"},
		{"John) <a@x>", BAD_NAME, "a@x"},
		{"J\\hn <a@x>", BAD_NAME, "a@x"},
		{"John > <a@x>", BAD_NAME, "a@x"},
		{"<a@x> John", TEXT_BEHIND, "a@x"},
		{"<a@x> b@y, c@z", TEXT_BEHIND, "a@x c@z"},
		{"g:; a@x", TEXT_BEHIND, "{g:; a@x"},
		{"a@x; b@y", SEMICOLON, "a@x b@y"},
		{"<a@x>;", SEMICOLON, "a@x"},
		{"g: a@x;; b@y", TEXT_BEHIND | SEMICOLON, "{g: a@x; a@x} b@y"},
		{"\"John <a@x>", OPEN_QUOTE, ""},
		{"a@x, John\" <b@y>", OPEN_QUOTE | NO_DOMAIN, "a@x ?John"},
		{"John (me <a@x>", OPEN_COMMENT | ONE_WORD, "?John"},
		{"<a@x> (me", OPEN_COMMENT, "a@x"},
		{",", NONE, ""},
		{" , (c) ,", NONE, ""},
		{"", NONE, ""},
		{"=?utf-8?q?a=40x?= <b@y> =?utf-8?q?c?=", TEXT_BEHIND, "b@y"},
		{"=?utf-8?q?Doe,_John?= <b@y>", NO_DOMAIN, "?=?utf-8?q?Doe b@y"},
	};

	check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_octets (void)
{
	/* with the octet gone there would be no address */
	static const MmBytes nothing[] = {B ("\0@x"), B ("a@\0.x"), B ("a@x.\x01"), B ("\0")};
	static const MmBytes rows[] = {B ("a\0@x"), B ("a\x7f@x"), B ("a\xa0@x"), B ("\0 <a@x>")};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmAddressList) list = {0};

		mm_grammar_address_list (rows[i], &list);
		g_assert_cmphex (list.faults, ==, 0);
		g_assert_cmpuint (list.mailboxes, ==, 1);
	}
	for (gsize i = 0; i < G_N_ELEMENTS (nothing); i++) {
		g_auto (MmAddressList) list = {0};

		mm_grammar_address_list (nothing[i], &list);
		g_assert_cmphex (list.faults, !=, 0);
		g_assert_cmpuint (list.mailboxes, ==, 0);
	}
}

/* Whatever the octets are: members lie in the value, one behind the other. */
static void
check_octets (MmBytes in)
{
	g_auto (MmAddressList) list = {0};
	const char *at = in.data;

	mm_grammar_address_list (in, &list);
	for (guint i = 0; i < list.members->len; i++) {
		const MmAddressMember *member = &g_array_index (list.members, MmAddressMember, i);

		g_assert_cmpuint (member->whole.len, >, 0);
		g_assert_true (member->whole.data >= at);
		g_assert_true (mm_bytes_end (member->whole) <= mm_bytes_end (in));
		at = member->group ? member->whole.data : mm_bytes_end (member->whole);
	}
	g_assert_true (list.faults != 0 || list.members->len > 0);
}

static void
test_every_octet (void)
{
	static const char value[] = "\"J\\\" D\" (c) <@r:a.b@[x]>, q:\r\n r@s;";
	gsize len = strlen (value);

	for (gsize end = 1; end <= len; end++) {
		g_autofree char *copy = g_memdup2 (value, end);

		check_octets (mm_bytes (copy, end));
		for (guint c = 0; c < 256; c++) {
			g_autofree char *changed = g_memdup2 (value, len);

			changed[end - 1] = (char)c;
			check_octets (mm_bytes (changed, len));
		}
	}
	check_octets (mm_bytes (NULL, 0));
}

/* Anything that recurses ends here, and anything that is not linear does not end. */
static void
test_long (void)
{
	static const char *const pieces[] = {
		"g:",  "g:;", "<",   "<a@x>", "a@x,", "@[",   "@[\\", "\"",   "\"\"", "(",
		"()",  ",",   ";",   "a ",    "<@a,", "<@a:", ">",    "a@x ", "\\\"", ".",
		"@",   ": ",  "[",   "]",     "a.",   "<a",   "(\"",  "\r\n ",
	};

	for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++) {
		g_autoptr (GString) text = g_string_new ("\"");

		while (text->len < 300000)
			g_string_append (text, pieces[i]);
		check_octets (mm_bytes (text->str, text->len));
		check_octets (mm_bytes (text->str + 1, text->len - 1));
	}
}

static void
test_many (void)
{
	g_autoptr (GString) text = g_string_new (NULL);
	g_auto (MmAddressList) list = {0};

	for (guint i = 0; i < MM_LIMIT_addresses + 5; i++)
		g_string_append (text, "a@x,");
	g_string_append (text, "g:;");
	mm_grammar_address_list (mm_bytes (text->str, text->len), &list);
	g_assert_cmphex (list.faults, ==, 0);
	g_assert_cmpuint (list.members->len, ==, MM_LIMIT_addresses);
	g_assert_cmpuint (list.mailboxes, ==, MM_LIMIT_addresses + 5);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/grammar-address/valid", test_valid);
	g_test_add_func ("/grammar-address/odd", test_odd);
	g_test_add_func ("/grammar-address/wrong", test_wrong);
	g_test_add_func ("/grammar-address/octets", test_octets);
	g_test_add_func ("/grammar-address/every-octet", test_every_octet);
	g_test_add_func ("/grammar-address/long", test_long);
	g_test_add_func ("/grammar-address/many", test_many);
	return g_test_run ();
}
