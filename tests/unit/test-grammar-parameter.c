/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-grammar-parameter.c: the values of Content-Type and Content-Disposition.
 *
 * A row says what a value breaks and what is read all the same, printed in one line as
 * "type|name=value|name=value": values as they stand, with "!" before one that is invalid and "+"
 * before a quoted one.
 */
#include <mailmend/grammar.h>

static char *
print (const MmParameterized *p)
{
	GString *text = g_string_new (NULL);

	g_string_append_len (text, p->type.len > 0 ? p->type.data : "", (gssize)p->type.len);
	for (guint i = 0; i < p->parameters->len; i++) {
		const MmParameter *q = &g_array_index (p->parameters, MmParameter, i);

		g_string_append_printf (text, "|%.*s=%s%s%.*s", (int)q->name.len, q->name.data,
					q->invalid ? "!" : "", q->quoted ? "+" : "",
					(int)q->value.len, q->value.data);
	}
	return g_string_free (text, FALSE);
}

typedef struct {
	const char *value;
	guint flags;
	const char *want;
} Row;

static void
check_rows (const Row *rows, gsize n, gboolean slash)
{
	for (gsize i = 0; i < n; i++) {
		g_auto (MmParameterized) p = {0};
		g_autofree char *text = NULL;

		mm_grammar_parameterized (mm_bytes_str (rows[i].value), slash, &p);
		text = print (&p);
		g_test_message ("value: %s", rows[i].value);
		g_assert_cmpstr (text, ==, rows[i].want);
		g_assert_cmphex (p.flags, ==, rows[i].flags);
	}
}

static void
test_valid (void)
{
	static const Row rows[] = {
		{"text/plain", 0, "text/plain"},
		{"text/plain; charset=utf-8", 0, "text/plain|charset=utf-8"},
		{"text/plain; charset=utf-8;", 0, "text/plain|charset=utf-8"},
		{"text/plain;charset=utf-8 ; ", 0, "text/plain|charset=utf-8"},
		{"(a) TEXT/plain (b) ; (c) charset (d) = (e) utf-8 (f;g) ; (h) x=y (i)", 0,
		 "TEXT/plain|charset=utf-8|x=y"},
		{"a/b;\r\n\tname=\"a;b\";\r\n x=y", 0, "a/b|name=+\"a;b\"|x=y"},
		{"a/b; name=\"a\\\"b;\"", 0, "a/b|name=+\"a\\\"b;\""},
		{"a/b; name=\"\"", 0, "a/b|name=+\"\""},
		{"a/b; name=\"(c)\" (d)", 0, "a/b|name=+\"(c)\""},
		{"a/b; filename*=utf-8''x%20y; name*0*=z", 0,
		 "a/b|filename*=utf-8''x%20y|name*0*=z"},
		{"a/b; name=\xc3\xa4.pdf; \xff=x", 0, "a/b|name=\xc3\xa4.pdf|\xff=x"},
		{"application/vnd.x+y-z; v=1.0", 0, "application/vnd.x+y-z|v=1.0"},
	};

	check_rows (rows, G_N_ELEMENTS (rows), TRUE);
}

static void
test_type (void)
{
	static const Row rows[] = {
		{"", MM_PARAM_NO_TYPE, ""},
		{" (c)\r\n ", MM_PARAM_NO_TYPE, ""},
		{";charset=x", MM_PARAM_NO_TYPE, "|charset=x"},
		{"(open text/plain", MM_PARAM_NO_TYPE | MM_PARAM_OPEN_COMMENT, ""},
		{"text", MM_PARAM_BAD_TYPE, ""},
		{"text; charset=x", MM_PARAM_BAD_TYPE, "|charset=x"},
		{"text/", MM_PARAM_BAD_TYPE, ""},
		{"text/; charset=x", MM_PARAM_BAD_TYPE, "|charset=x"},
		{"/plain", MM_PARAM_BAD_TYPE, ""},
		{"text/plain/x", MM_PARAM_BAD_TYPE, ""},
		{"text / plain; charset=x", MM_PARAM_BAD_TYPE, "|charset=x"},
		{"\"text/plain\"", MM_PARAM_BAD_TYPE, ""},
		{"=?utf-8?q?text/plain?=", MM_PARAM_BAD_TYPE, ""},
		{"text/plain charset=utf-8; x=y", MM_PARAM_BAD_TYPE, "text/plain|x=y"},
		{"text/plain (open; x=y", MM_PARAM_OPEN_COMMENT, "text/plain"},
	};

	check_rows (rows, G_N_ELEMENTS (rows), TRUE);
}

static void
test_disposition (void)
{
	static const Row rows[] = {
		{"attachment", 0, "attachment"},
		{"inline;\r\n filename=\"x.csv\"", 0, "inline|filename=+\"x.csv\""},
		{";filename=x", MM_PARAM_NO_TYPE, "|filename=x"},
		{"filename=x; y=z", MM_PARAM_BAD_TYPE, "|y=z"},
		{"a/b; y=z", MM_PARAM_BAD_TYPE, "|y=z"},
		{"=?utf-8?q?attachment?=; y=z", MM_PARAM_BAD_TYPE, "|y=z"},
	};

	check_rows (rows, G_N_ELEMENTS (rows), FALSE);
}

static void
test_items (void)
{
	static const Row rows[] = {
		/* unquoted */
		{"a/b; name=my file.pdf; x=y", MM_PARAM_UNQUOTED, "a/b|name=!my file.pdf|x=y"},
		{"a/b; boundary=a=b", MM_PARAM_UNQUOTED, "a/b|boundary=!a=b"},
		{"a/b; boundary=a=b:c", MM_PARAM_UNQUOTED, "a/b|boundary=!a=b:c"},
		{"a/b; name==?utf-8?q?x?= ", MM_PARAM_UNQUOTED, "a/b|name=!=?utf-8?q?x?="},
		{"a/b; name=report (1).pdf", MM_PARAM_UNQUOTED, "a/b|name=!report (1).pdf"},
		{"a/b; name=a(b.pdf; x=y", MM_PARAM_UNQUOTED, "a/b|name=!a(b.pdf|x=y"},
		{"a/b; name=12\" disk; x=\"y\"", MM_PARAM_UNQUOTED, "a/b|name=!12\" disk|x=+\"y\""},
		{"a/b; name=x\ty\r\n z", MM_PARAM_UNQUOTED, "a/b|name=!x\ty\r\n z"},
		{"a/b; boundary=\"x\" charset=y; z=1", MM_PARAM_UNQUOTED,
		 "a/b|boundary=!\"x\" charset=y|z=1"},
		/* empty */
		{"a/b;; x=y", MM_PARAM_EMPTY_ITEM, "a/b|x=y"},
		{"a/b; (c) ; x=y", MM_PARAM_EMPTY_ITEM, "a/b|x=y"},
		{"a/b; x=y;;", MM_PARAM_EMPTY_ITEM, "a/b|x=y"},
		{"a/b; x=; y=", MM_PARAM_EMPTY_VALUE, "a/b|x=|y="},
		/* names */
		{"a/b; name", MM_PARAM_BAD_NAME, "a/b"},
		{"a/b; name; x=y", MM_PARAM_BAD_NAME, "a/b|x=y"},
		{"a/b; file name=x", MM_PARAM_BAD_NAME, "a/b|file name=x"},
		{"a/b; =x", MM_PARAM_BAD_NAME, "a/b|=x"},
		{"a/b; \"name\"=x", MM_PARAM_BAD_NAME, "a/b|\"name\"=x"},
		{"a/b; name:x; y=z", MM_PARAM_BAD_NAME, "a/b|y=z"},
		/* open */
		{"a/b; name=\"x; y=z", MM_PARAM_OPEN_QUOTE, "a/b|name=!\"x; y=z"},
		{"a/b; name=\"x\\\"", MM_PARAM_OPEN_QUOTE, "a/b|name=!\"x\\\""},
		{"a/b; (x=y", MM_PARAM_OPEN_COMMENT, "a/b"},
		/* several */
		{"a/b;; x=\"y", MM_PARAM_EMPTY_ITEM | MM_PARAM_OPEN_QUOTE, "a/b|x=!\"y"},
		{"a (x", MM_PARAM_BAD_TYPE | MM_PARAM_OPEN_COMMENT, ""},
		{"a/b c (; x", MM_PARAM_BAD_TYPE | MM_PARAM_BAD_NAME, "a/b"},
		{"a/b; x y=; z=1 2;;",
		 MM_PARAM_BAD_NAME | MM_PARAM_EMPTY_VALUE | MM_PARAM_UNQUOTED | MM_PARAM_EMPTY_ITEM,
		 "a/b|x y=|z=!1 2"},
		{"a/b; x=\"y\" (c", MM_PARAM_OPEN_COMMENT, "a/b|x=+\"y\""},
	};

	check_rows (rows, G_N_ELEMENTS (rows), TRUE);
}

static void
test_get (void)
{
	static const struct {
		const char *value;
		const char *want;
	} rows[] = {
		{"a/b; name=x", "x"},
		{"a/b; NAME=\"x y\"", "x y"},
		{"a/b; name=\"x\\\"\\y\"", "x\"y"},
		{"a/b; name=\"x\r\n y\"", "x y"},
		{"a/b; name=\"x\\\r\n y\"", "x y"},
		{"a/b; name=\"\"", ""},
		{"a/b; name=", ""},
		{"a/b; name=my file.pdf; name=y", "my file.pdf"},
		{"a/b; name=x\\y z", "x\\y z"},
		{"a/b; name=\"x\" y", "x"},
		{"a/b; name=\"x; y", "x; y"},
		{"a/b; name=\"", ""},
		{"a/b; name=\"x\\", "x\\"},
		{"a/b; name*=x; names=y", NULL},
		{"a/b", NULL},
	};
	static const char nul[] = "a/b; name=\"x\0y\"";
	g_auto (MmParameterized) p = {0};
	g_autofree char *with_nul = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmParameterized) q = {0};
		g_autofree char *text = NULL;

		mm_grammar_parameterized (mm_bytes_str (rows[i].value), TRUE, &q);
		text = mm_parameter_get (&q, "name");
		g_test_message ("value: %s", rows[i].value);
		g_assert_cmpstr (text, ==, rows[i].want);
		g_assert_cmpint (mm_parameter_find (&q, "name") != NULL, ==, text != NULL);
	}
	mm_grammar_parameterized (mm_bytes (nul, sizeof nul - 1), TRUE, &p);
	with_nul = mm_parameter_get (&p, "name");
	g_assert_cmpstr (with_nul, ==, "x\x1ay");
}

static void
test_too_many (void)
{
	static const char *const pieces[] = {"; x=y", "; x=a(", ";x=\"y\"", "; x",
					     ";",     ";=",	"; ("};

	for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++) {
		g_autoptr (GString) text = g_string_new ("a/b");
		g_auto (MmParameterized) p = {0};

		for (guint j = 0; j < 100000; j++)
			g_string_append (text, pieces[i]);
		mm_grammar_parameterized (mm_bytes (text->str, text->len), TRUE, &p);
		g_assert_cmpuint (p.parameters->len, <=, MM_LIMIT_parameters);
		g_assert_cmpint ((p.flags & MM_PARAM_TOO_MANY) != 0, ==,
				 p.parameters->len == MM_LIMIT_parameters);
	}
}

static void
test_exactly_enough (void)
{
	g_autoptr (GString) text = g_string_new ("a/b");
	g_auto (MmParameterized) p = {0};

	for (guint i = 0; i < MM_LIMIT_parameters; i++)
		g_string_append_printf (text, "; x%u=y", i);
	g_string_append (text, ";");
	mm_grammar_parameterized (mm_bytes (text->str, text->len), TRUE, &p);
	g_assert_cmpuint (p.parameters->len, ==, MM_LIMIT_parameters);
	g_assert_cmphex (p.flags, ==, 0);
	g_assert_nonnull (mm_parameter_find (&p, "X99"));
}

static void
test_is_token (void)
{
	g_assert_true (mm_grammar_is_token (mm_bytes_str ("utf-8")));
	g_assert_true (mm_grammar_is_token (mm_bytes_str ("x'*%_.{|}~!#$&^`+")));
	g_assert_false (mm_grammar_is_token (mm_bytes_str ("")));
	for (guint c = 0; c < 256; c++) {
		char octets[] = {'a', (char)c};
		gboolean special = c <= ' ' || c >= 0x7f || strchr ("()<>@,;:\\\"/[]?=", (int)c);

		g_assert_cmpint (mm_grammar_is_token (mm_bytes (octets, 2)), ==, !special);
	}
}

/* Views stay inside the value, and a value without flags is what RFC 2045 allows. */
static void
check_octets (MmBytes in)
{
	for (gboolean slash = FALSE; slash <= TRUE; slash++) {
		g_auto (MmParameterized) p = {0};

		mm_grammar_parameterized (in, slash, &p);
		for (guint i = 0; i < p.parameters->len; i++) {
			const MmParameter *q = &g_array_index (p.parameters, MmParameter, i);
			g_autofree char *value = mm_parameter_get (&p, "name");

			g_assert_cmpint (value != NULL, ==, mm_parameter_find (&p, "name") != NULL);
			g_assert_true (q->name.data >= in.data);
			g_assert_true (mm_bytes_end (q->name) <= q->value.data);
			g_assert_true (mm_bytes_end (q->value) <= mm_bytes_end (in));
			if (p.flags == 0)
				g_assert_true (!q->invalid && q->name.len > 0 && q->value.len > 0);
		}
		if (p.flags == 0)
			g_assert_cmpuint (p.type.len, >, 0);
	}
}

static void
test_every_octet (void)
{
	static const char value[] = "(c) a/b;\r\n x=y z (d);; name=\"a\\\"b;\" ; q*=\xff; name=";
	gsize len = sizeof value - 1;

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

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/grammar-parameter/valid", test_valid);
	g_test_add_func ("/grammar-parameter/type", test_type);
	g_test_add_func ("/grammar-parameter/disposition", test_disposition);
	g_test_add_func ("/grammar-parameter/items", test_items);
	g_test_add_func ("/grammar-parameter/get", test_get);
	g_test_add_func ("/grammar-parameter/too-many", test_too_many);
	g_test_add_func ("/grammar-parameter/exactly-enough", test_exactly_enough);
	g_test_add_func ("/grammar-parameter/is-token", test_is_token);
	g_test_add_func ("/grammar-parameter/every-octet", test_every_octet);
	return g_test_run ();
}
