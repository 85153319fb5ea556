/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-edit.c: groups of edits, what they do to a message, and what is refused.
 *
 * Every test works on one small message: three fields, a body of one multipart with one part.
 */
#include <mailmend/edit.h>
#include <mailmend/error.h>

#include "test-util.h"

#define HEAD                                                                                       \
	"From: a@b\r\n"                                                                            \
	"Content-Type: multipart/mixed; boundary=B\r\n"                                            \
	"Subject: x\r\n y\r\n"
#define BODY "pre\r\n--B\r\nX-A: 1\r\nX-B: 2\r\n\r\nhello\r\n--B--\r\n"

typedef struct {
	MmMessage *message;
	MmMime *mime;
	MmLimits limits;
	MmEdits *edits;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
	MmBytes wire = data != NULL ? mm_bytes_str (data) : LIT (HEAD "\r\n" BODY);

	f->message = test_message (wire);
	f->limits = mm_limits_default ();
	f->mime = mm_mime_new (f->message, &f->limits);
	f->edits = mm_edits_new (f->message, f->mime, &f->limits, FALSE);
}

static void
tear_down (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_free (f->edits);
	mm_mime_free (f->mime);
	mm_message_unref (f->message);
}

static const MmPart *
top (const Fixture *f)
{
	return mm_mime_part (f->mime, 0);
}

static const MmPart *
leaf (const Fixture *f)
{
	return mm_mime_part (f->mime, 1);
}

static MmBytes
body_range (const Fixture *f, gsize from, gsize to)
{
	return mm_bytes_sub (mm_message_body (f->message), from, to);
}

static void
replace (Fixture *f, MmBytes range, const char *text)
{
	MmBuffer bytes = MM_BUFFER_INIT;

	mm_buffer_append_str (&bytes, text);
	mm_edits_replace (f->edits, range, &bytes);
	g_assert_null (bytes.data);
}

static void
assert_result (Fixture *f, MmBytes want)
{
	g_autoptr (GError) error = NULL;
	g_autoptr (MmMessage) got = mm_edits_apply (f->edits, &error);
	g_autoptr (GBytes) wire = NULL;

	g_assert_no_error (error);
	wire = test_wire (got);
	test_assert_bytes (mm_bytes_of (wire), want);
}

static void
assert_kept (Fixture *f)
{
	g_autoptr (GError) error = NULL;

	gboolean kept = mm_edits_end (f->edits, &error);

	g_assert_no_error (error);
	g_assert_true (kept);
}

static void
assert_refused (Fixture *f, int code)
{
	g_autoptr (GError) error = NULL;
	guint n;

	g_assert_false (mm_edits_end (f->edits, &error));
	g_assert_error (error, MM_ERROR, code);
	n = mm_edits_n (f->edits);
	for (guint i = 0; i < n; i++)
		g_assert_cmpuint (mm_edits_get (f->edits, i)->finding, !=, 99);
}

/* ---- every kind ------------------------------------------------------------------------------ */

static void
test_none (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr (MmMessage) got = mm_edits_apply (f->edits, NULL);

	g_assert_cmpuint (mm_edits_n (f->edits), ==, 0);
	g_assert_true (mm_message_body_bytes (got) == mm_message_body_bytes (f->message));
	assert_result (f, LIT (HEAD "\r\n" BODY));
}

static void
test_headers (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr (MmMessage) got = NULL;

	mm_edits_begin (f->edits, 7);
	mm_edits_append_header (f->edits, top (f), "X-New", LIT (" 1"));
	mm_edits_set_header (f->edits, top (f), 2, "Subject", LIT (" p\r\n q"));
	mm_edits_delete_header (f->edits, top (f), 0);
	mm_edits_append_header (f->edits, top (f), "X-More", LIT (" 2"));
	assert_kept (f);
	g_assert_cmpuint (mm_edits_n (f->edits), ==, 4);
	g_assert_cmpint (mm_edits_get (f->edits, 0)->kind, ==, MM_EDIT_HEADER_APPEND);
	g_assert_cmpint (mm_edits_get (f->edits, 1)->kind, ==, MM_EDIT_HEADER_SET);
	g_assert_cmpuint (mm_edits_get (f->edits, 1)->header, ==, 2);
	g_assert_cmpint (mm_edits_get (f->edits, 2)->kind, ==, MM_EDIT_HEADER_DELETE);
	g_assert_cmpuint (mm_edits_get (f->edits, 3)->finding, ==, 7);
	assert_result (f, LIT ("Content-Type: multipart/mixed; boundary=B\r\n"
			       "Subject: p\r\n q\r\nX-New: 1\r\nX-More: 2\r\n\r\n" BODY));

	got = mm_edits_apply (f->edits, NULL);
	g_assert_true (mm_message_body_bytes (got) == mm_message_body_bytes (f->message));
	g_assert_cmpint (mm_message_header (got, 0)->original, ==, 1);
	g_assert_cmpint (mm_message_header (got, 1)->original, ==, 2);
	g_assert_cmpint (mm_message_header (got, 3)->original, ==, -1);
}

static void
test_header_line (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 0);
	mm_edits_set_header_line (f->edits, top (f), 0, LIT ("From:\ta@c\n"));
	mm_edits_set_header_line (f->edits, leaf (f), 1, LIT ("X-C: 3\r\n"));
	assert_kept (f);
	assert_result (f, LIT ("From:\ta@c\n"
			       "Content-Type: multipart/mixed; boundary=B\r\n"
			       "Subject: x\r\n y\r\n\r\n"
			       "pre\r\n--B\r\nX-A: 1\r\nX-C: 3\r\n\r\nhello\r\n--B--\r\n"));
}

static void
test_part_headers (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 0);
	mm_edits_set_header (f->edits, leaf (f), 0, "x-a", LIT (" 9"));
	mm_edits_append_header (f->edits, leaf (f), "X-D", LIT (" 4"));
	mm_edits_delete_header (f->edits, leaf (f), 1);
	assert_kept (f);
	assert_result (f,
		       LIT (HEAD "\r\npre\r\n--B\r\nx-a: 9\r\nX-D: 4\r\n\r\nhello\r\n--B--\r\n"));
}

static void
test_separator (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 0);
	mm_edits_set_separator (f->edits, LIT ("\r\n"));
	assert_kept (f);
	assert_result (f, LIT ("A: b\n\r\nx"));
	mm_edits_begin (f->edits, 99);
	mm_edits_set_separator (f->edits, LIT ("\n"));
	assert_refused (f, MM_ERROR_CONFLICT);
}

static void
test_body (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 0);
	replace (f, leaf (f)->content, "bye");
	replace (f, body_range (f, 0, 3), "");
	assert_kept (f);
	assert_result (f, LIT (HEAD "\r\n\r\n--B\r\nX-A: 1\r\nX-B: 2\r\n\r\nbye\r\n--B--\r\n"));
}

/* Two insertions at one place keep their order and stand before a range that begins there. */
static void
test_insertions (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 0);
	replace (f, body_range (f, 0, 3), "PRE");
	replace (f, body_range (f, 0, 0), "1");
	assert_kept (f);
	mm_edits_begin (f->edits, 1);
	replace (f, body_range (f, 0, 0), "2");
	replace (f, body_range (f, 3, 3), "3");
	assert_kept (f);
	assert_result (
		f, LIT (HEAD "\r\n12PRE3\r\n--B\r\nX-A: 1\r\nX-B: 2\r\n\r\nhello\r\n--B--\r\n"));
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void
test_overlap (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	static const struct {
		gsize from, to;
		gboolean conflict;
	} rows[] = {
		{4, 6, TRUE},  {5, 6, TRUE},	{9, 12, TRUE}, {0, 99, TRUE},	{6, 6, TRUE},
		{5, 5, FALSE}, {10, 10, FALSE}, {0, 5, FALSE}, {10, 12, FALSE},
	};

	mm_edits_begin (f->edits, 0);
	replace (f, body_range (f, 5, 10), "x");
	assert_kept (f);
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_test_message ("row %zu", i);
		mm_edits_begin (f->edits, 99);
		replace (f, body_range (f, rows[i].from, rows[i].to), "y");
		if (rows[i].conflict)
			assert_refused (f, MM_ERROR_CONFLICT);
		else
			mm_edits_cancel (f->edits);
		g_assert_cmpuint (mm_edits_n (f->edits), ==, 1);
	}
}

static void
test_same_header (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 0);
	mm_edits_set_header (f->edits, top (f), 0, "From", LIT (" c@d"));
	assert_kept (f);
	mm_edits_begin (f->edits, 99);
	mm_edits_append_header (f->edits, top (f), "X", LIT (" y"));
	mm_edits_delete_header (f->edits, top (f), 0);
	assert_refused (f, MM_ERROR_CONFLICT);
	g_assert_cmpuint (mm_edits_n (f->edits), ==, 1);
	/* a group must not fight with itself either */
	mm_edits_begin (f->edits, 99);
	mm_edits_set_header (f->edits, top (f), 1, "A", LIT (" b"));
	mm_edits_set_header (f->edits, top (f), 1, "A", LIT (" c"));
	assert_refused (f, MM_ERROR_CONFLICT);
	/* a failed group does not spoil the next one */
	mm_edits_begin (f->edits, 1);
	mm_edits_delete_header (f->edits, top (f), 2);
	assert_kept (f);
	/* two that add the same field want the same thing */
	mm_edits_begin (f->edits, 2);
	mm_edits_append_header (f->edits, top (f), "X-New", LIT (" 1"));
	assert_kept (f);
	mm_edits_begin (f->edits, 99);
	mm_edits_append_header (f->edits, top (f), "x-new", LIT (" 2"));
	assert_refused (f, MM_ERROR_CONFLICT);
	g_assert_cmpuint (mm_edits_n (f->edits), ==, 3);
}

static void
test_cancel (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 0);
	mm_edits_delete_header (f->edits, top (f), 0);
	assert_kept (f);
	mm_edits_begin (f->edits, 99);
	mm_edits_delete_header (f->edits, top (f), 1);
	replace (f, body_range (f, 0, 3), "x");
	mm_edits_cancel (f->edits);
	g_assert_cmpuint (mm_edits_n (f->edits), ==, 1);
	assert_result (f, LIT ("Content-Type: multipart/mixed; boundary=B\r\n"
			       "Subject: x\r\n y\r\n\r\n" BODY));
}

/* What a group drops counts only if the group is kept. */
static void
test_dropped (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_assert_cmpuint (mm_edits_dropped (f->edits), ==, 0);
	mm_edits_begin (f->edits, 0);
	mm_edits_drop (f->edits, 2);
	mm_edits_drop (f->edits, 3);
	mm_edits_delete_header (f->edits, top (f), 0);
	assert_kept (f);
	mm_edits_begin (f->edits, 99);
	mm_edits_drop (f->edits, 7);
	mm_edits_cancel (f->edits);
	mm_edits_begin (f->edits, 99);
	mm_edits_drop (f->edits, 7);
	mm_edits_delete_header (f->edits, top (f), 0);
	assert_refused (f, MM_ERROR_CONFLICT);
	g_assert_cmpuint (mm_edits_dropped (f->edits), ==, 5);
}

static void
test_header_only (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_clear_pointer (&f->edits, mm_edits_free);
	f->edits = mm_edits_new (f->message, f->mime, &f->limits, TRUE);
	mm_edits_begin (f->edits, 99);
	mm_edits_delete_header (f->edits, top (f), 0);
	replace (f, body_range (f, 0, 3), "x");
	assert_refused (f, MM_ERROR_LIMIT);
	mm_edits_begin (f->edits, 99);
	mm_edits_set_header (f->edits, leaf (f), 0, "X-A", LIT (" 9"));
	assert_refused (f, MM_ERROR_LIMIT);
	mm_edits_begin (f->edits, 99);
	mm_edits_append_header (f->edits, leaf (f), "X-D", LIT (" 9"));
	assert_refused (f, MM_ERROR_LIMIT);
	mm_edits_begin (f->edits, 0);
	mm_edits_append_header (f->edits, top (f), "X-D", LIT (" 9"));
	assert_kept (f);
	assert_result (f, LIT (HEAD "X-D: 9\r\n\r\n" BODY));
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void
test_unsafe (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	static const MmBytes values[] = {
		B (" a\r\nB: c"), B (" a\nb"), B (" a\n b"),	 B (" a\rb"),	   B (" a\r\n"),
		B (" a\r\n "),	  B (" a\0b"), B ("\r\n\r\n x"), B (" a\r\r\n b"),
	};

	for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
		gboolean fold_of_nothing = i == 5; /* legal for the wire, if odd */

		g_test_message ("row %zu", i);
		mm_edits_begin (f->edits, 99);
		mm_edits_set_header (f->edits, top (f), 0, "From", values[i]);
		if (fold_of_nothing)
			mm_edits_cancel (f->edits);
		else
			assert_refused (f, MM_ERROR_INTERNAL);
		mm_edits_begin (f->edits, 99);
		mm_edits_append_header (f->edits, leaf (f), "X", values[i]);
		if (fold_of_nothing)
			mm_edits_cancel (f->edits);
		else
			assert_refused (f, MM_ERROR_INTERNAL);
	}
	g_assert_cmpuint (mm_edits_n (f->edits), ==, 0);
}

static void
test_long_field (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *value = g_strnfill (f->limits.header_field, 'x');

	mm_edits_begin (f->edits, 99);
	mm_edits_append_header (f->edits, top (f), "X", mm_bytes_str (value));
	assert_refused (f, MM_ERROR_LIMIT);
	mm_edits_begin (f->edits, 0);
	mm_edits_append_header (f->edits, top (f), "X",
				mm_bytes (value, f->limits.header_field - 4));
	assert_kept (f);
}

/* A block whose last line has no end: nothing can be added behind it. */
static void
test_open_block (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	mm_edits_begin (f->edits, 99);
	mm_edits_append_header (f->edits, top (f), "X", LIT (" y"));
	assert_refused (f, MM_ERROR_UNCERTAIN);
}

/* ---- against a list in which all are compared with all --------------------------------------- */

static gboolean
is_item (const MmEdit *edit)
{
	return edit->kind == MM_EDIT_HEADER_SET || edit->kind == MM_EDIT_HEADER_DELETE;
}

static gboolean
naive_same_place (const MmEdit *a, const MmEdit *b)
{
	if (is_item (a) || is_item (b))
		return is_item (a) && is_item (b) && a->header == b->header;
	return a->kind == b->kind &&
	       (a->kind != MM_EDIT_BODY || (a->start < b->end && b->start < a->end));
}

static gboolean
naive_conflict (const MmEdits *edits, guint group_start)
{
	for (guint n = group_start; n < mm_edits_n (edits); n++)
		for (guint old = 0; old < n; old++)
			if (naive_same_place (mm_edits_get (edits, n), mm_edits_get (edits, old)))
				return TRUE;
	return FALSE;
}

static void
ask_at_random (Fixture *f)
{
	gsize len = mm_message_body (f->message).len;
	gsize from = (gsize)g_test_rand_int_range (0, (gint32)len);

	switch (g_test_rand_int_range (0, 12)) {
	case 0:
		mm_edits_delete_header (f->edits, top (f), (guint)g_test_rand_int_range (0, 3));
		break;
	case 1:
		mm_edits_set_header (f->edits, top (f), (guint)g_test_rand_int_range (0, 3), "X",
				     LIT (" y"));
		break;
	case 2:
		mm_edits_append_header (f->edits, top (f), g_test_rand_bit () ? "New" : "nEW",
					LIT (" z"));
		break;
	default:
		replace (f, body_range (f, from, from + (gsize)g_test_rand_int_range (0, 4)), "!");
	}
}

static void
test_random (Fixture *f, gconstpointer data G_GNUC_UNUSED)
{
	guint kept = 0;

	for (guint group = 0; group < 5000; group++) {
		guint n = mm_edits_n (f->edits), more = (guint)g_test_rand_int_range (1, 4);
		gboolean conflict;

		if (group % 25 == 0) {
			g_autoptr (MmMessage) mended = mm_edits_apply (f->edits, NULL);

			g_assert_nonnull (mended);
			mm_edits_free (f->edits);
			f->edits = mm_edits_new (f->message, f->mime, &f->limits, FALSE);
			n = 0;
		}
		mm_edits_begin (f->edits, group);
		for (guint i = 0; i < more; i++)
			ask_at_random (f);
		conflict = naive_conflict (f->edits, n);
		g_assert_cmpint (mm_edits_end (f->edits, NULL), ==, !conflict);
		g_assert_cmpuint (mm_edits_n (f->edits), ==, conflict ? n : n + more);
		kept += !conflict;
	}
	g_assert_cmpuint (kept, >, 500);
	g_assert_cmpuint (kept, <, 4500);
}

#define ADD(name, data, func) g_test_add ("/edit/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	ADD ("random", NULL, test_random);
	ADD ("none", NULL, test_none);
	ADD ("headers", NULL, test_headers);
	ADD ("header-line", NULL, test_header_line);
	ADD ("part-headers", NULL, test_part_headers);
	ADD ("separator", "A: b\n\nx", test_separator);
	ADD ("body", NULL, test_body);
	ADD ("insertions", NULL, test_insertions);
	ADD ("overlap", NULL, test_overlap);
	ADD ("same-header", NULL, test_same_header);
	ADD ("cancel", NULL, test_cancel);
	ADD ("dropped", NULL, test_dropped);
	ADD ("header-only", NULL, test_header_only);
	ADD ("unsafe", NULL, test_unsafe);
	ADD ("long-field", NULL, test_long_field);
	ADD ("open-block", "A: b", test_open_block);
	return g_test_run ();
}
