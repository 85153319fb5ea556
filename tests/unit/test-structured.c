/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-structured.c: what the fields may hold that are mended when they are encoded.
 */
#include <mailmend/fix.h>

#include "../../milter/rules/structured-private.h"
#include "test-util.h"

#define DKIM "v a b bh d h s"

typedef struct {
	const char *value;
	gboolean want;
} Row;

static void
check (const Row *rows, gsize n, gboolean (*is) (MmBytes value, const char *argument))
{
	for (gsize i = 0; i < n; i++) {
		g_test_message ("%s", rows[i].value);
		g_assert_cmpint (is (mm_bytes_str (rows[i].value), NULL), ==, rows[i].want);
	}
}

static void
test_uris (void)
{
	static const Row rows[] = {
		{"<https://example.com/a?b=c>", TRUE},
		{"<mailto:a@example.com>, <https://example.com/>", TRUE},
		{" (by mail) <mailto:a@example.com> (b) ,<x-y+z.1:a>", TRUE},
		{"", FALSE},
		{"https://example.com/", FALSE},
		{"<https://example.com/", FALSE},
		{"<example.com>", FALSE},
		{"<:a>", FALSE},
		{"<a:>", FALSE},
		{"<1a:b>", FALSE},
		{"<a b:c>", FALSE},
		{"<https://example.com/ a>", FALSE},
		{"<a:b> <c:d>", FALSE},
		{"<a:b>,", FALSE},
		{"<a:b>,,<c:d>", FALSE},
		{"<a:b<c>", FALSE},
		{"<a:b> text", FALSE},
		{"<a:b> (open", FALSE},
	};

	check (rows, G_N_ELEMENTS (rows), mm_is_uri_list);
	g_assert_true (mm_is_uri_list (mm_bytes_str ("no (closed)"), "NO"));
	g_assert_false (mm_is_uri_list (mm_bytes_str ("no"), NULL));
}

static void
test_list_id (void)
{
	static const Row rows[] = {
		{"<list.example.com>", TRUE},
		{"A list, no <list.example.com>", FALSE},
		{"\"A list, yes\" <list.example.com>", TRUE},
		{"A (b) list <list.example.com> (c)", TRUE},
		{"St. John <list.example.com>", TRUE},
		{"<list>", FALSE},
		{"<.example.com>", FALSE},
		{"<list..example>", FALSE},
		{"<list.example.>", FALSE},
		{"<list@example.com>", FALSE},
		{"<>", FALSE},
		{"list.example.com", FALSE},
		{"\"open <list.example.com>", FALSE},
		{"\"open\\", FALSE},
		{"<list.example.com> x", FALSE},
		{"", FALSE},
	};

	check (rows, G_N_ELEMENTS (rows), mm_is_list_id);
}

static void
test_return_path (void)
{
	static const Row rows[] = {
		{"<>", TRUE},
		{"<a.b+c@example.com>", TRUE},
		{"a@example.com", FALSE},
		{"<a>", FALSE},
		{"<a@>", FALSE},
		{"<@b>", FALSE},
		{"<a b@example.com>", FALSE},
		{"<a@example.com> <b@example.com>", FALSE},
		{"", FALSE},
	};

	check (rows, G_N_ELEMENTS (rows), mm_is_return_path);
}

static void
test_arc_results (void)
{
	static const Row rows[] = {
		{"i=1; example.com; dkim=pass header.d=example.com; spf=none", TRUE},
		{"i=1; example.com 1; none", TRUE},
		{"example.com; dkim=pass", FALSE},
		{"i=1; ; dkim=pass", FALSE},
		{"i=1", FALSE},
		{"i=1; example.com; text", FALSE},
		{"", FALSE},
	};

	check (rows, G_N_ELEMENTS (rows), mm_is_arc_results);
}

static void
test_base64 (void)
{
	static const Row rows[] = {
		{"AQHU", TRUE}, {"AQ==", TRUE},   {"AQHU\t AQ==", TRUE}, {"AQ", FALSE},
		{"A*HU", FALSE}, {"AQ==A", FALSE}, {"", FALSE},
	};

	check (rows, G_N_ELEMENTS (rows), mm_is_base64_text);
}

static void
test_tags (void)
{
	static const struct {
		const char *value;
		const char *required;
		gboolean want;
	} rows[] = {
		{"v=1; a=rsa-sha256; d=example.com; s=x; h=from; bh=AA==; b=AA==", DKIM, TRUE},
		{"v=1;a=x;d=x;s=x;h=from:to; bh = AA==;\tb=AA==; ", DKIM, TRUE},
		{"v=1; a=rsa-sha256; d=example.com; s=x; h=from; bh=AA==", DKIM, FALSE},
		{"v=1; a=x; d=x; s=x; h=x; bh=x; b", DKIM, FALSE},
		{"v=1; a=x; d=x; s=x; h=x; bh=x; b=x; b=x", DKIM, TRUE},
		{"v=1;; a=x; d=x; s=x; h=x; bh=x; b=x", DKIM, FALSE},
		{"b=1; b=2", "b a", FALSE},
		{"addr=a@example.com; prefer-encrypt=mutual; _x=y; keydata=AA==", "addr keydata", TRUE},
		{"addr=a@example.com; 1=y; keydata=AA==", "addr keydata", FALSE},
		{"addr=a@example.com; text; keydata=AA==", "addr keydata", FALSE},
		{"=a", "a", FALSE},
		{"", "a", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("%s", rows[i].value);
		g_assert_cmpint (mm_is_tag_list (mm_bytes_str (rows[i].value), rows[i].required),
		                 ==, rows[i].want);
	}
}

static void
test_single_word (void)
{
	g_assert_true (mm_is_single_word (mm_bytes_str (" (a) 1.0 (b)"), "1.0"));
	g_assert_true (mm_is_single_word (mm_bytes_str ("YES"), "yes"));
	g_assert_false (mm_is_single_word (mm_bytes_str ("1.0.0"), "1.0"));
	g_assert_false (mm_is_single_word (mm_bytes_str (""), "1.0"));
}

/* ---- the rule on signatures, whose messages a policy may keep it away from ------------------- */

static gboolean
may_fix (const MmRule *rule, gconstpointer data)
{
	return strcmp (rule->label, data) == 0;
}

static void
test_signature_headers (void)
{
	static const struct {
		MmBytes header;
		MmBytes want;
	} rows[] = {
		{B ("DKIM-Signature: =?utf-8?q?v=3D1=3B_a=3Drsa-sha256=3B_d=3Dexample=2Ecom=3B?=\r\n"
		    " =?utf-8?q?_s=3Dx=3B_h=3Dfrom=3B=09bh=3DAAAA=3B_b=3DAA=3D=3D?=\r\n"),
		 B ("DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; h=from;\tbh=AAAA; "
		    "b=AA==\r\n")},
		{B ("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.com; s=x;\r\n"
		    "\tb==?us-ascii?q?AAAA?=\r\n"),
		 B ("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.com; s=x;\tb=AAAA\r\n")},
		{B ("ARC-Authentication-Results: =?utf-8?q?i=3D1=3B_example=2Ecom=3B_none?=\r\n"),
		 B ("ARC-Authentication-Results: i=1; example.com; none\r\n")},
		{B ("ARC-Seal: =?utf-8?q?i=3D1?=\r\n"), B ("ARC-Seal: =?utf-8?q?i=3D1?=\r\n")},
		{B ("X-MS-TNEF-Correlator: =?utf-8?q?=3Ca=40b=3E?=\r\n"),
		 B ("X-MS-TNEF-Correlator: =?utf-8?q?=3Ca=40b=3E?=\r\n")},
	};
	const MmFixScope scope = {.may_fix = may_fix, .data = "ENCODED_STRUCTURED_HEADER"};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = NULL;
		g_autoptr (MmCheck) check = NULL;
		g_autoptr (MmFix) fix = NULL;
		g_auto (MmBuffer) wire = MM_BUFFER_INIT;
		g_autoptr (GError) error = NULL;
		MmContext context;

		test_context_init (&context);
		mm_buffer_append (&wire, rows[i].header);
		mm_buffer_append_str (&wire, "\r\ntext\r\n");
		message = test_message (mm_buffer_bytes (&wire));
		check = mm_check_new (message, &context, NULL, NULL);
		fix = mm_fix_new (check, &scope, &error);
		g_assert_no_error (error);
		test_assert_bytes (mm_message_header_block (fix->message), rows[i].want);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/structured/uris", test_uris);
	g_test_add_func ("/structured/list-id", test_list_id);
	g_test_add_func ("/structured/return-path", test_return_path);
	g_test_add_func ("/structured/arc-results", test_arc_results);
	g_test_add_func ("/structured/base64", test_base64);
	g_test_add_func ("/structured/tags", test_tags);
	g_test_add_func ("/structured/single-word", test_single_word);
	g_test_add_func ("/structured/signature-headers", test_signature_headers);
	return g_test_run ();
}
