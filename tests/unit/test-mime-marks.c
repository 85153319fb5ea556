/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-mime-marks.c: parts of which not all can be told: unseparated and veiled ones.
 */
#include "test-util.h"

#define MULTI "Content-Type: multipart/mixed; boundary="
#define CTE "Content-Transfer-Encoding: "
#define BODY "\r\n--B\r\n\r\nx\r\n"
#define END "\r\n--B--\r\n"

/* "." a part without marks, "!" unseparated, "V" veiled; in the order of the parts. */
static char *
marks (const MmMime *mime)
{
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);

		g_string_append (out, part->unseparated ? "!" : part->veiled ? "V" : ".");
	}
	return g_string_free (out, FALSE);
}

static const struct {
	const char *label;
	MmBytes wire;
	const char *want;
} rows[] = {
	{"text right behind the header",
	 B (MULTI "B\r\n\r\n--B\r\nA: b\r\nhi there\r\n--B\r\n\r\nx" END), ".!."},
	{"up to the end", B (MULTI "B\r\n\r\n--B\r\nA: b\r\nhi there"), ".!"},
	{"text alone", B (MULTI "B\r\n\r\n--B\r\nhi there" END), ".!"},
	{"text with a colon", B (MULTI "B\r\n\r\n--B\r\nhi there: x" END), ".!"},
	{"fields only", B (MULTI "B\r\n\r\n--B\r\nA: b\r\n c" END), ".."},
	{"nothing", B (MULTI "B\r\n\r\n--B" END), ".."},
	{"a field that a lone CR damages", B (MULTI "B\r\n\r\n--B\r\nA\rB: c" END), ".."},
	{"an empty line later", B (MULTI "B\r\n\r\n--B\r\nhi there\r\n\r\nx" END), ".."},
	{"an mbox line before embedded mail",
	 B (MULTI "B\r\n\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n>From a\r\nA: b"), "..."},
	{"an mbox line before a part", B (MULTI "B\r\n\r\n--B\r\nFrom a\r\nA: b" END), ".!"},
	{"the message itself", B ("A: b\r\nhi there"), "."},

	{"says quoted-printable", B (CTE "quoted-printable\r\n" MULTI "B\r\n" BODY END), ".."},
	{"and has an escape",
	 B (CTE "quoted-printable\r\n" MULTI "B\r\n" BODY "--B\r\nA: =3D\r\n\r\ny" END), ".VV"},
	{"and has a soft line break",
	 B (CTE "quoted-printable\r\n" MULTI "B\r\n" BODY "--B\r\nA: =\r\n b\r\n\r\ny" END), ".VV"},
	{"an escape without the field", B (MULTI "B\r\n" BODY "--B\r\nA: =3D\r\n\r\ny" END), "..."},
	{"an escape in the text", B (CTE "quoted-printable\r\n" MULTI "B\r\n\r\n--B\r\n\r\n=3D" END),
	 ".."},
	{"what lies deeper",
	 B (CTE "base64\r\n" MULTI "B\r\n\r\n--B\r\n" MULTI
	        "C; x=3D\r\n\r\n--C\r\n\r\ny\r\n--C--" END),
	 ".VV"},
	{"beside it",
	 B (MULTI "A\r\n\r\n--A\r\n" CTE "base64\r\n" MULTI "B\r\n\r\n--B\r\nX: =3D\r\n\r\ny" END
	          "--A\r\n\r\nz\r\n--A--\r\n"),
	 "..V."},
	{"a leaf that says so", B (CTE "base64\r\nX: =3D\r\n\r\neA=="), "."},
};

static void
test_marks (void)
{
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (rows[i].wire);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
		g_autofree char *got = marks (mime);

		g_test_message ("%s", rows[i].label);
		g_assert_cmpstr (got, ==, rows[i].want);
	}
}

/* Beyond the bound of header blocks an empty line may well come. */
static void
test_bound (void)
{
	MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) message =
		test_message (LIT (MULTI "B\r\n\r\n--B\r\nhi there\r\nhi there\r\n\r\nx" END));
	g_autoptr (MmMime) mime = NULL;
	g_autofree char *got = NULL;

	limits.part_header_block = 12;
	mime = mm_mime_new (message, &limits);
	got = marks (mime);
	g_assert_cmpstr (mime->limit, ==, "part_header_block");
	g_assert_cmpstr (got, ==, "..");
}

/* Parts of a message whose multiparts are nested @levels deep, with @line in the innermost one. */
static guint
parts_with (guint levels, const char *boundary, const char *line)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (GString) wire = g_string_new ("X: y\r\n");
	g_autoptr (MmMessage) message = NULL;
	g_autoptr (MmMime) mime = NULL;

	for (guint i = 1; i < levels; i++)
		g_string_append_printf (wire, "Content-Type: multipart/mixed; boundary=L%u\r\n\r\n"
		                              "--L%u\r\n", i, i);
	g_string_append_printf (wire, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n"
	                              "--%s\r\n\r\nx\r\n%s\r\n\r\ny\r\n", boundary, boundary, line);
	message = test_message (mm_bytes (wire->str, wire->len));
	mime = mm_mime_new (message, &limits);
	return mime->parts->len - levels;
}

/* Of many levels boundaries are not looked at one by one: that must find the same. */
static void
test_levels (void)
{
	static const struct {
		const char *boundary, *line;
		guint parts;
	} lines[] = {
		{"b", "--b", 2},       {"b", "--b \t ", 2},   {"b", "--b--", 1},  {"b", "--b-- ", 1},
		{"b", "--bx", 1},      {"b", "--b -", 1},     {"b", "--", 1},     {"b", "--b x", 1},
		{"b--", "--b--", 2},   {"b--", "--b----", 1}, {"b ", "--b ", 2},  {"b ", "--b", 1},
		{"b ", "--b  \t", 2},  {"b ", "--b --", 1},   {"B", "--b", 1},    {"-", "---", 2},
		{"--", "----", 2},     {"b", "-- b", 1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
		for (guint levels = 1; levels < 10; levels++) {
			g_test_message ("\"%s\" \"%s\" %u", lines[i].boundary, lines[i].line, levels);
			g_assert_cmpuint (parts_with (levels, lines[i].boundary, lines[i].line), ==,
			                  lines[i].parts);
		}
}

/* ---- veiled, by the letter -------------------------------------------------------------------- */

/* TRUE if quoted-printable would have written a line of @part like one in it. */
static gboolean
has_encoded_delimiter (const MmPart *part)
{
	g_autoptr (GString) line = NULL;

	if (part->boundary == NULL || strchr (part->boundary, '=') == NULL)
		return FALSE;
	line = g_string_new ("\n--");
	g_string_append (line, part->boundary);
	g_string_replace (line, "=", "=3D", 0);
	return mm_bytes_has_prefix (part->content, line->str + 1) ||
	       mm_bytes_search (part->content, line->str) != NULL;
}

static gboolean
looks_encoded (const MmMime *mime, const MmPart *part)
{
	for (guint at = 0; at < part->headers->len; at++)
		if (mm_part_is_stray_line (mime, part, at))
			return TRUE;
	return part->unseparated || mm_bytes_search (part->block, "=3D") != NULL ||
	       mm_bytes_search (part->block, "=\r\n") != NULL || has_encoded_delimiter (part);
}

static gboolean
veils (const MmMime *mime, const MmPart *multipart)
{
	gboolean encoded = has_encoded_delimiter (multipart);

	if (multipart->kind != MM_PART_MULTIPART || multipart->encoding < MM_ENCODING_QP ||
	    multipart->encoding > MM_ENCODING_BASE64)
		return FALSE;
	for (guint i = multipart->number + 1; i < mm_part_end (mime, multipart); i++) {
		const MmPart *part = mm_mime_part (mime, i);

		encoded = encoded || ((part->embedded == multipart->embedded ||
		                       part->parent == (int) multipart->number) &&
		                      looks_encoded (mime, part));
	}
	return encoded;
}

/* A message of levels, lines and boundaries that are alike. */
static GString *
random_levels (void)
{
	static const char *const types[] = {"multipart/mixed", "multipart/mixed", "message/rfc822"};
	static const char *const ctes[] = {"base64", "7bit", "quoted-printable", "7bit"};
	static const char *const fields[] = {
		"", "", "", "X: =3D\r\n", "X: =\r\n a\r\n", "hi there\r\n",
	};
	static const char *const boundaries[] = {"=a", "=ab", "b", "a=b=", "c"};
	static const char *const lines[] = {
		"--=3Da", "--=a", "--=3Dab--", "--a=3Db=3D", "--a=3db=3D", " --=3Da", "--=3D", "x", "--b",
		"--b--",  "--a=b=--", "--=a--", "--c",
	};
	GString *wire = g_string_new (NULL);

#define ONE_OF(words) words[g_test_rand_int_range (0, G_N_ELEMENTS (words))]
	for (int levels = g_test_rand_int_range (1, 7); levels > 0; levels--) {
		const char *boundary = ONE_OF (boundaries);

		g_string_append_printf (wire,
		                        "Content-Type: %s; boundary=\"%s\"\r\n" CTE "%s\r\n%s\r\n",
		                        ONE_OF (types), boundary, ONE_OF (ctes), ONE_OF (fields));
		if (g_test_rand_int_range (0, 3) == 0)
			g_string_append_printf (wire, "%s\r\n", ONE_OF (lines));
		g_string_append_printf (wire, "--%s\r\n", boundary);
	}
	g_string_append (wire, "\r\n");
	for (int n = g_test_rand_int_range (0, 6); n > 0; n--)
		g_string_append_printf (wire, "%s\r\n", ONE_OF (lines));
	return wire;
}

static void
test_veiled (void)
{
	const MmLimits limits = mm_limits_default ();
	guint veiled = 0;

	for (int turn = 0; turn < 20000; turn++) {
		g_autoptr (GString) wire = random_levels ();
		g_autoptr (MmMessage) message = test_message (mm_bytes (wire->str, wire->len));
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);

		for (guint i = 1; i < mime->parts->len; i++) {
			const MmPart *part = mm_mime_part (mime, i);
			const MmPart *above = mm_mime_part (mime, (guint) part->parent);

			if (part->veiled != (above->veiled || veils (mime, above)))
				g_test_message ("part %u of %s", i, wire->str);
			g_assert_cmpint (part->veiled, ==, above->veiled || veils (mime, above));
			veiled += part->veiled;
		}
	}
	g_assert_cmpuint (veiled, >, 1000);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/mime/marks", test_marks);
	g_test_add_func ("/mime/marks-at-bound", test_bound);
	g_test_add_func ("/mime/levels", test_levels);
	g_test_add_func ("/mime/veiled", test_veiled);
	return g_test_run ();
}
