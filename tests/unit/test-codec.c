/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-codec.c: quoted-printable and base64.
 *
 * Tables for what a reader must be told, and properties over octets from a fixed seed for what must
 * hold for every input: the way back gives the same octets, and no limit is passed.
 */
#include <mailmend/codec.h>

#define SEED 20470
#define ROUNDS 20000

typedef struct {
	const char *label;
	const char *input;
	gsize len;
	const char *want;
	gsize want_len;
} Row;

/* A row of two literals, which may hold NUL. */
#define ROW(label, input, want) {label, input, sizeof (input) - 1, want, sizeof (want) - 1}

typedef gboolean (*Codec) (MmBytes in, MmBuffer *out);

static void
assert_octets (const char *label, MmBytes got, const char *want, gsize want_len)
{
	if (!mm_bytes_equal (got, mm_bytes (want, want_len))) {
		g_autofree char *shown = mm_bytes_printable (got, 200);

		g_error ("%s: got \"%s\"", label, shown);
	}
}

static void
run_rows (const Row *rows, gsize n, Codec codec)
{
	for (gsize i = 0; i < n; i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;

		g_assert_true (codec (mm_bytes (rows[i].input, rows[i].len), &out));
		assert_octets (rows[i].label, mm_buffer_bytes (&out), rows[i].want,
		               rows[i].want_len);
	}
}

/* Random octets, half of them from a few that are special to the codecs. */
static GBytes *
random_octets (GRand *rand, gsize max)
{
	static const char special[] = "\r\n\r\n  \t..From From -=?_\0\x80\xFF\xC3\xA9""aaaaaaaa";
	gsize len = (gsize) g_rand_int_range (rand, 0, (gint32) max);
	guint plain = g_rand_int_range (rand, 0, 3);
	char *data = g_malloc (len + 5);

	for (gsize i = 0; i < len; i++) {
		if (g_rand_int_range (rand, 0, 3) < (gint32) plain)
			data[i] = 'b';
		else if (g_rand_boolean (rand))
			data[i] = special[g_rand_int_range (rand, 0, sizeof special - 1)];
		else
			data[i] = (char) g_rand_int_range (rand, 0, 256);
		if (len - i >= 5 && g_rand_int_range (rand, 0, 20) == 0) {
			memcpy (data + i, "From ", 5);
			i += 4;
		}
	}
	return g_bytes_new_take (data, len);
}

/* ---- quoted-printable ---------------------------------------------------------------------- */

#define A75 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A76 A75 "a"

static void
test_qp_encode (void)
{
	static const Row rows[] = {
		{"nothing", NULL, 0, "", 0},
		ROW ("plain", "a b\r\nc", "a b\r\nc"),
		ROW ("empty lines", "\r\n\r\n", "\r\n\r\n"),
		ROW ("lone ends", "a\rb\nc\r", "a=0Db=0Ac=0D"),
		ROW ("cr cr lf", "a\r\r\n", "a=0D\r\n"),
		ROW ("blank before end", "a \r\nb\t\r\n", "a=20\r\nb=09\r\n"),
		ROW ("blank at the very end", "a ", "a=20"),
		ROW ("signature mark", "-- \r\n", "--=20\r\n"),
		ROW ("only a blank", " \r\n", "=20\r\n"),
		ROW ("tab inside", "a\tb", "a\tb"),
		ROW ("from", "From x\r\nFrom\r\n", "=46rom x\r\nFrom\r\n"),
		ROW ("dots", ".\r\n..a\r\na.", "=2E\r\n=2E.a\r\na."),
		ROW ("equals, 8-bit, controls", "=\xC3\x9F\x7F\x01\0~", "=3D=C3=9F=7F=01=00~"),
		ROW ("76 fit", A76 "\r\n" A76, A76 "\r\n" A76),
		ROW ("77 do not", A76 "a\r\n", A75 "=\r\naa\r\n"),
		ROW ("75 and a blank", A75 " \r\n", A75 "=\r\n=20\r\n"),
		ROW ("no break in an escape", A75 "=b", A75 "=\r\n=3Db"),
		ROW ("from after a break", A75 "From a", A75 "=\r\n=46rom a"),
		ROW ("dot after a break", A75 ".b", A75 "=\r\n=2Eb"),
		ROW ("dashes after a break", A75 "--b", A75 "=\r\n=2D-b"),
		ROW ("one dash after a break", A75 "-b", A75 "=\r\n-b"),
	};

	run_rows (rows, G_N_ELEMENTS (rows), mm_qp_encode);
}

static void
test_qp_decode (void)
{
	static const Row rows[] = {
		{"nothing", NULL, 0, "", 0},
		ROW ("escapes", "=41=3D=c3=9F=00", "A=\xC3\x9F\0"),
		ROW ("soft breaks", "a=\r\nb=\nc= \t\r\nd", "abcd"),
		ROW ("soft break at the end", "a=\r\n", "a"),
		ROW ("equals at the very end", "a=", "a"),
		ROW ("half an escape at the end", "a=4", "a=4"),
		ROW ("no digits", "a=G1=1G==41", "a=G1=1G=A"),
		ROW ("two equals before a break", "a==\r\nb", "a=b"),
		ROW ("equals and lone cr", "a=\rb", "a=\rb"),
		ROW ("blanks before an end", "a \t\r\nb \nc ", "a\r\nb\nc"),
		ROW ("escaped blank stays", "a=20\r\n", "a \r\n"),
		ROW ("raw octets stay", "\xE9\0\x01", "\xE9\0\x01"),
		ROW ("escapes are no ends", "a=0D=0A=\r\n", "a\r\n"),
	};

	run_rows (rows, G_N_ELEMENTS (rows), mm_qp_decode);
}

static void
assert_qp_line (MmBytes line)
{
	g_assert_cmpuint (line.len, <=, 76);
	if (line.len == 0)
		return;
	g_assert_cmpint (line.data[0], !=, '.');
	g_assert_false (line.len >= 5 && memcmp (line.data, "From ", 5) == 0);
	g_assert_false (mm_is_wsp (line.data[line.len - 1]));
	for (gsize i = 0; i < line.len; i++) {
		g_assert_true (line.data[i] == '\t' || g_ascii_isprint (line.data[i]));
		if (line.data[i] != '=' || i + 1 == line.len)
			continue;
		g_assert_cmpuint (i + 2, <, line.len);
		g_assert_true (strchr ("0123456789ABCDEF", line.data[i + 1]) != NULL);
		g_assert_true (strchr ("0123456789ABCDEF", line.data[i + 2]) != NULL);
	}
}

static void
test_qp_property (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

	for (guint round = 0; round < ROUNDS; round++) {
		g_autoptr (GBytes) octets = random_octets (rand, 400);
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		g_auto (MmBuffer) back = MM_BUFFER_INIT;
		MmBytes rest;

		g_assert_true (mm_qp_encode (mm_bytes_of (octets), &out));
		rest = mm_buffer_bytes (&out);
		while (rest.len > 0) {
			gsize end = mm_bytes_find (rest, '\n', 0);

			g_assert_true (end == rest.len || (end > 0 && rest.data[end - 1] == '\r'));
			assert_qp_line (
				mm_bytes_sub (rest, 0, end == rest.len ? end : end - 1));
			rest = mm_bytes_sub (rest, end + 1, rest.len);
		}
		g_assert_true (mm_qp_decode (mm_buffer_bytes (&out), &back));
		g_assert_true (mm_bytes_equal (mm_buffer_bytes (&back), mm_bytes_of (octets)));
	}
}

/* ---- base64 -------------------------------------------------------------------------------- */

static void
test_base64_encode (void)
{
	static const Row rows[] = {
		{"nothing", NULL, 0, "", 0},
		ROW ("one", "f", "Zg==\r\n"),
		ROW ("two", "fo", "Zm8=\r\n"),
		ROW ("three", "foo", "Zm9v\r\n"),
		ROW ("last digits", "\xFB\xFF\0", "+/8A\r\n"),
		ROW ("57 fill a line", "123456789012345678901234567890123456789012345678901234567",
		     "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3"
		     "\r\n"),
		ROW ("58 do not", "1234567890123456789012345678901234567890123456789012345678",
		     "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3"
		     "\r\nOA==\r\n"),
	};

	run_rows (rows, G_N_ELEMENTS (rows), mm_base64_encode);
}

static void
test_base64_decode (void)
{
	static const struct {
		const char *label;
		const char *input;
		const char *want;
		MmBase64State state;
	} rows[] = {
		{"nothing", "", "", MM_BASE64_CLEAN},
		{"clean", "Zm9v\r\nZg==\r\n", "foof", MM_BASE64_CLEAN},
		{"white space", " Z m\t9v\nZm8\r\n= ", "foofo", MM_BASE64_CLEAN},
		{"no padding", "Zm9vZg", "foof", MM_BASE64_UNPADDED},
		{"half the padding", "Zg=", "f", MM_BASE64_UNPADDED},
		{"too much padding", "Zm8==", "fo", MM_BASE64_UNPADDED},
		{"padding after whole quanta", "Zm9v=", "foo", MM_BASE64_UNPADDED},
		{"foreign", "Zm9v!Zm9v", "foofoo", MM_BASE64_FOREIGN},
		{"foreign inside a quantum", "Zm*9v", "foo", MM_BASE64_FOREIGN},
		{"url alphabet", "-_8A", "\xF0", MM_BASE64_FOREIGN},
		{"8-bit", "Zm9v\xA0", "foo", MM_BASE64_FOREIGN},
		{"data after the padding", "Zg==Zm9v", "ffoo", MM_BASE64_FOREIGN},
		{"chunks padded one by one", "VklS\r\nVVM=\r\nISE=\r\n", "VIRUS!!",
		 MM_BASE64_FOREIGN},
		{"one digit left", "Zm9vZ", "foo", MM_BASE64_TRUNCATED},
		{"one digit and padding", "Zm9vZ===", "foo", MM_BASE64_TRUNCATED},
		{"foreign, one digit left", "Zm9v!Z", "foo", MM_BASE64_TRUNCATED},
	};

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		MmBase64State state;

		g_assert_true (mm_base64_decode (mm_bytes_str (rows[i].input), &out, &state));
		assert_octets (rows[i].label, mm_buffer_bytes (&out), rows[i].want,
		               strlen (rows[i].want));
		g_test_message ("%s", rows[i].label);
		g_assert_cmpint (state, ==, rows[i].state);
	}
}

/* The same octets and the same lines as GLib's, which is not ours. */
static void
test_base64_property (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

	for (guint round = 0; round < ROUNDS; round++) {
		g_autoptr (GBytes) octets = random_octets (rand, 200);
		MmBytes in = mm_bytes_of (octets);
		g_autofree char *want = g_base64_encode ((const guchar *) in.data, in.len);
		g_auto (MmBuffer) out = MM_BUFFER_INIT;
		g_auto (MmBuffer) back = MM_BUFFER_INIT;
		g_autoptr (GString) joined = g_string_new (NULL);
		MmBase64State state;

		g_assert_true (mm_base64_encode (in, &out));
		for (gsize at = 0; at < out.len; at += 78) {
			MmBytes line = mm_bytes_sub (mm_buffer_bytes (&out), at, at + 78);

			g_assert_true (line.len > 2);
			g_assert_cmpint (line.data[line.len - 2], ==, '\r');
			g_assert_cmpint (line.data[line.len - 1], ==, '\n');
			g_string_append_len (joined, line.data, (gssize) line.len - 2);
		}
		g_assert_cmpstr (joined->str, ==, want);
		g_assert_true (mm_base64_decode (mm_buffer_bytes (&out), &back, &state));
		g_assert_cmpint (state, ==, MM_BASE64_CLEAN);
		g_assert_true (mm_bytes_equal (mm_buffer_bytes (&back), in));
	}
}

/* Whatever comes, the decoders end, make nothing longer, and fit what they reserved. */
static void
test_hostile (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

	for (guint round = 0; round < ROUNDS; round++) {
		char data[64];
		gsize len = (gsize) g_rand_int_range (rand, 0, sizeof data);
		g_autofree char *exact = NULL; /* so that a sanitizer sees the end */
		g_auto (MmBuffer) qp = MM_BUFFER_INIT;
		g_auto (MmBuffer) base64 = MM_BUFFER_INIT;
		MmBase64State state;

		for (gsize i = 0; i < len; i++)
			data[i] = "=== \r\n\tAf4Z\0\xE9"[g_rand_int_range (rand, 0, 13)];
		exact = g_memdup2 (data, len);
		g_assert_true (mm_qp_decode (mm_bytes (exact, len), &qp));
		g_assert_cmpuint (qp.len, <=, len);
		g_assert_true (mm_base64_decode (mm_bytes (exact, len), &base64, &state));
		g_assert_cmpuint (base64.len * 4, <=, len * 3);
	}
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/codec/qp/encode", test_qp_encode);
	g_test_add_func ("/codec/qp/decode", test_qp_decode);
	g_test_add_func ("/codec/qp/property", test_qp_property);
	g_test_add_func ("/codec/base64/encode", test_base64_encode);
	g_test_add_func ("/codec/base64/decode", test_base64_decode);
	g_test_add_func ("/codec/base64/property", test_base64_property);
	g_test_add_func ("/codec/hostile", test_hostile);
	return g_test_run ();
}
