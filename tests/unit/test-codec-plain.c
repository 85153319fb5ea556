/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-codec-plain.c: base64 and quoted-printable against readers that take one octet after the other.
 *
 * Ours look at many octets together and have a way for each kind of line. The readers here are as plain
 * as the rules, and see the same in whatever stands anywhere.
 */
#include <mailmend/codec.h>

#include "test-util.h"

#define ROUNDS 30000
#define MOST 400

/* ---- base64 ---------------------------------------------------------------------------------- */

typedef struct {
	guint32 bits;
	guint digits, due;
	gboolean padded, odd, foreign;
	gsize at;
} Plain;

static void
plain_flaw (Plain *p, gboolean *flaw, gsize at)
{
	*flaw = TRUE;
	p->at = MIN (p->at, at);
}

/* The octets that are whole; the digits are done. */
static void
plain_end_quantum (Plain *p, MmBuffer *out)
{
	guint32 bits = p->bits << 6 * (4 - p->digits);

	for (guint i = 0; i + 1 < p->digits; i++)
		mm_buffer_append_c (out, (char) (bits >> (16 - 8 * i)));
	p->bits = 0;
	p->digits = 0;
}

static void
plain_take (Plain *p, char c, gsize at, MmBuffer *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                               "0123456789+/";
	const char *digit = c != '\0' ? strchr (alphabet, c) : NULL;

	if (digit != NULL) {
		if (p->padded)
			plain_flaw (p, &p->foreign, at);
		p->bits = p->bits << 6 | (guint32) (digit - alphabet);
		if (++p->digits == 4)
			plain_end_quantum (p, out);
	} else if (c == '=') {
		p->padded = TRUE;
		if (p->digits >= 2) {
			p->due = 3 - p->digits;
			plain_end_quantum (p, out);
		} else if (p->digits == 0 && p->due > 0) {
			p->due--;
		} else {
			plain_flaw (p, &p->odd, at);
		}
	} else if (!mm_is_space (c)) {
		plain_flaw (p, &p->foreign, at);
	}
}

static MmBase64State
plain_base64 (MmBytes encoded, MmBuffer *out, gsize *out_at)
{
	Plain p = {.at = encoded.len};
	guint left;

	for (gsize i = 0; i < encoded.len; i++)
		plain_take (&p, encoded.data[i], i, out);
	left = p.digits;
	plain_end_quantum (&p, out);
	*out_at = p.at;
	if (left == 1)
		return MM_BASE64_TRUNCATED;
	if (p.foreign)
		return MM_BASE64_FOREIGN;
	return left > 0 || p.due > 0 || p.odd ? MM_BASE64_UNPADDED : MM_BASE64_CLEAN;
}

static void
compare_base64 (MmBytes encoded)
{
	g_auto (MmBuffer) want = MM_BUFFER_INIT;
	g_auto (MmBuffer) got = MM_BUFFER_INIT;
	gsize want_at, got_at;
	MmBase64State want_state = plain_base64 (encoded, &want, &want_at);
	MmBase64State got_state;

	g_assert_true (mm_base64_decode (encoded, &got, &got_state));
	g_assert_cmpint (got_state, ==, want_state);
	test_assert_bytes (mm_buffer_bytes (&got), mm_buffer_bytes (&want));
	g_assert_cmpint (mm_base64_check (encoded, &got_at), ==, want_state);
	g_assert_cmpuint (got_at, ==, want_at);
}

/* Lines of @line digits that end with @end, as much as there is room for. */
static gsize
fill_lines (char *text, gsize size, gsize line, const char *end)
{
	gsize len = 0;

	while (len + line + strlen (end) <= size) {
		for (gsize i = 0; i < line; i++, len++)
			text[len] = "QUJDwxyz0189+/"[len % 14];
		memcpy (text + len, end, strlen (end));
		len += strlen (end);
	}
	return len;
}

/* Lines of every length, whole and with one octet that is something else. */
static void
test_base64_lines (void)
{
	static const char *const ends[] = {"\n", "\r\n", " ", "", "=\r\n", "*\n"};
	static const char others[] = "=*A\n \x80";

	for (gsize line = 1; line < 80; line++)
		for (gsize e = 0; e < G_N_ELEMENTS (ends); e++) {
			char text[260];
			gsize len = fill_lines (text, sizeof text, line, ends[e]);

			compare_base64 (mm_bytes (text, len));
			for (gsize at = 0; at < len; at += 1 + line % 7) {
				char kept = text[at];

				text[at] = others[(at + line) % (sizeof others - 1)];
				compare_base64 (mm_bytes (text, len));
				text[at] = kept;
			}
		}
}

/* @likely, the first @kinds of them, at a place that is aligned in any way. The octets have room of
 * their own, so that a sanitizer sees the end. */
static MmBytes
random_text (GRand *rand, const char *likely, gsize kinds, char **out_room)
{
	gsize skip = (gsize) g_rand_int_range (rand, 0, 16);
	gsize len = (gsize) g_rand_int_range (rand, 0, MOST);
	char *room = g_malloc (skip + len);

	for (gsize i = 0; i < skip + len; i++)
		room[i] = likely[g_rand_int_range (rand, 0, (gint32) kinds)];
	*out_room = room;
	return mm_bytes (room + skip, len);
}

static void
test_base64_random (void)
{
	static const char likely[] = "ABCDabcdwxyz0189+/AAAAAAAA\n\n\r\n \t=*\0\xC3";
	g_autoptr (GRand) rand = g_rand_new_with_seed (20231114);

	for (guint i = 0; i < ROUNDS; i++) {
		g_autofree char *room = NULL;
		gsize kinds = 26 + i % (sizeof likely - 26);

		compare_base64 (random_text (rand, likely, kinds, &room));
	}
}

/* What is known of some lines changes nothing. */
static void
test_base64_known (void)
{
	g_autoptr (GRand) rand = g_rand_new_with_seed (20231114);

	for (guint i = 0; i < ROUNDS; i++) {
		char text[MOST];
		gsize line = 4 * (gsize) g_rand_int_range (rand, 4, 20);
		gsize len = fill_lines (text, sizeof text, line, "\r\n");
		gsize lines = len / (line + 2);
		gsize from = (gsize) g_rand_int_range (rand, 0, (gint32) lines);
		gsize n = (gsize) g_rand_int_range (rand, 1, (gint32) (lines - from) + 1);
		MmBytes known = mm_bytes (text + from * (line + 2), n * (line + 2));
		gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) len);
		gsize want_at, got_at;

		if (at < from * (line + 2) || at >= (from + n) * (line + 2))
			text[at] = "A=*\n"[i % 4];
		g_assert_cmpint (mm_base64_check_rest (mm_bytes (text, len), known, &got_at), ==,
		                 mm_base64_check (mm_bytes (text, len), &want_at));
		g_assert_cmpuint (got_at, ==, want_at);
	}
}

/* ---- quoted-printable ------------------------------------------------------------------------ */

/* Without blanks at its end. */
static gsize
without_blanks (MmBytes b)
{
	while (b.len > 0 && mm_is_wsp (b.data[b.len - 1]))
		b.len--;
	return b.len;
}

static void
plain_escapes (MmBytes b, MmBuffer *out)
{
	for (gsize i = 0; i < b.len; i++) {
		if (b.data[i] == '=' && i + 2 < b.len && g_ascii_isxdigit (b.data[i + 1]) &&
		    g_ascii_isxdigit (b.data[i + 2])) {
			mm_buffer_append_c (out, (char) (g_ascii_xdigit_value (b.data[i + 1]) << 4 |
			                                 g_ascii_xdigit_value (b.data[i + 2])));
			i += 2;
		} else {
			mm_buffer_append_c (out, b.data[i]);
		}
	}
}

static void
plain_line (MmBytes line, gboolean keep_blanks, MmBuffer *out)
{
	gsize eol = line.len, end;

	if (eol > 0 && line.data[eol - 1] == '\n')
		for (eol--; eol > 0 && line.len - eol < 3 && line.data[eol - 1] == '\r';)
			eol--;
	end = without_blanks (mm_bytes_sub (line, 0, eol));
	if (end > 0 && line.data[end - 1] == '=') {
		plain_escapes (mm_bytes_sub (line, 0, end - 1), out);
		return;
	}
	plain_escapes (mm_bytes_sub (line, 0, keep_blanks ? eol : end), out);
	mm_buffer_append (out, mm_bytes_sub (line, eol, line.len));
}

static void
compare_qp (MmBytes encoded)
{
	for (int keep = 0; keep < 2; keep++) {
		g_auto (MmBuffer) want = MM_BUFFER_INIT;
		g_auto (MmBuffer) got = MM_BUFFER_INIT;

		for (gsize from = 0, next; from < encoded.len; from = next) {
			next = MIN (mm_bytes_find (encoded, '\n', from) + 1, encoded.len);
			plain_line (mm_bytes_sub (encoded, from, next), keep, &want);
		}
		g_assert_true ((keep ? mm_qp_decode_with_blanks : mm_qp_decode) (encoded, &got));
		test_assert_bytes (mm_buffer_bytes (&got), mm_buffer_bytes (&want));
	}
}

/* All texts of a few octets that mean something. */
static void
test_qp_all (void)
{
	static const char kinds[] = "= \r\n4";
	const gsize n = sizeof kinds - 1;
	char text[7];

	for (guint number = 0; number < 5 * 5 * 5 * 5 * 5 * 5 * 5; number++) {
		guint rest = number;

		for (gsize i = 0; i < sizeof text; i++, rest /= n)
			text[i] = kinds[rest % n];
		for (gsize from = 0; from < 3; from++)
			compare_qp (mm_bytes (text + from, sizeof text - from));
	}
}

static void
test_qp_random (void)
{
	static const char likely[] = "aZ=4==\n\r\n \t\r \r\n\0\xC3";
	g_autoptr (GRand) rand = g_rand_new_with_seed (20231114);

	for (guint i = 0; i < ROUNDS; i++) {
		g_autofree char *room = NULL;
		gsize kinds = 3 + i % (sizeof likely - 3);

		compare_qp (random_text (rand, likely, kinds, &room));
	}
}

/* Never more than the encoder makes of it. */
static void
test_qp_least_size (void)
{
	static const char likely[] = "aaaa  ==.\t\xE4\x01-F\r\n\r\n";
	g_autoptr (GRand) rand = g_rand_new_with_seed (20231114);

	for (guint i = 0; i < ROUNDS; i++) {
		g_autofree char *room = NULL;
		MmBytes text = random_text (rand, likely, 1 + i % (sizeof likely - 1), &room);
		g_auto (MmBuffer) out = MM_BUFFER_INIT;

		g_assert_true (mm_qp_encode (text, &out));
		g_assert_cmpuint (mm_qp_least_size (text), <=, out.len);
	}
	g_assert_cmpuint (mm_qp_least_size (LIT ("a=b=c=d=a=b=c=d=a=b=c=d=a=b=c=d=a=b=c=d=a=b=c=d="
						 "a=b=c=d=a=b=c=d=")), ==, 128);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/codec-plain/base64/lines", test_base64_lines);
	g_test_add_func ("/codec-plain/base64/random", test_base64_random);
	g_test_add_func ("/codec-plain/base64/known", test_base64_known);
	g_test_add_func ("/codec-plain/qp/all", test_qp_all);
	g_test_add_func ("/codec-plain/qp/random", test_qp_random);
	g_test_add_func ("/codec-plain/qp/least-size", test_qp_least_size);
	return g_test_run ();
}
