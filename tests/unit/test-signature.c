/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-signature.c: which signatures a message carries, and which of them an edit breaks.
 *
 * tests/signature compares the answers with those of programs that verify.
 */
#include <mailmend/signature.h>

#include "test-util.h"

#define PART(type, body) "--B\r\nContent-Type: " type "\r\n\r\n" body "\r\n"

static const struct {
	const char *label;
	MmBytes wire;
	const char *want;
} rows[] = {
	{"none", B ("Subject: DKIM-Signature: a\r\n\r\nDKIM-Signature: b\r\n"), ""},
	{"dkim", B ("dkim-signature: v=1\r\n\r\nx"), "dkim"},
	{"dkim with blanks before the colon", B ("DKIM-Signature : v=1\r\n\r\nx"), "dkim"},
	{"arc", B ("ARC-Seal: i=1\r\n\r\nx"), "arc"},
	{"arc message signature", B ("ARC-Message-Signature: i=1\r\n\r\nx"), "arc"},
	{"authentication results are none", B ("ARC-Authentication-Results: i=1\r\n\r\nx"), ""},
	{"several, sorted", B ("DKIM-Signature: v=1\r\nARC-Seal: i=1\r\n\r\n"), "arc,dkim"},
	{"multipart/signed",
	 B ("Content-Type: Multipart/Signed; boundary=B\r\n\r\n" PART ("text/plain",
								       "x") "--B--\r\n"),
	 "signed"},
	{"multipart/signed without a boundary", B ("Content-Type: multipart/signed\r\n\r\nx"),
	 "signed"},
	{"multipart/signed inside",
	 B ("Content-Type: multipart/mixed; boundary=B\r\n\r\n" PART (
		 "multipart/signed; boundary=C", "--C\r\n\r\nx\r\n--C--") "--B--\r\n"),
	 "signed"},
	{"multipart/encrypted", B ("Content-Type: multipart/encrypted; boundary=B\r\n\r\n"),
	 "encrypted"},
	{"pkcs7-mime is an ordinary leaf",
	 B ("Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nx"), ""},
	{"inline message", B ("A: b\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n"), "inline-pgp"},
	{"inline signed message", B ("A: b\r\n\r\nhi\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n"),
	 "inline-pgp"},
	{"signature after LF", B ("A: b\r\n\r\nhi\n-----BEGIN PGP SIGNATURE-----\n"), "inline-pgp"},
	{"a key is none", B ("A: b\r\n\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n"), ""},
	{"a key, then a message",
	 B ("A: b\r\n\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n-----BEGIN PGP MESSAGE-----\r\n"),
	 "inline-pgp"},
	{"quoted armour is none", B ("A: b\r\n\r\n> -----BEGIN PGP MESSAGE-----\r\n"), ""},
	{"in base64 text",
	 B ("Content-Transfer-Encoding: "
	    "base64\r\n\r\nLS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0tDQo=\r\n"),
	 "inline-pgp"},
	{"in quoted-printable",
	 B ("Content-Transfer-Encoding: quoted-printable\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n"),
	 "inline-pgp"},
	{"not text",
	 B ("Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n"), ""},
	{"in embedded mail",
	 B ("Content-Type: message/rfc822\r\n\r\nDKIM-Signature: v=1\r\n\r\n-----BEGIN PGP "
	    "MESSAGE-----\r\n"),
	 ""},
	{"signed in embedded mail",
	 B ("Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/signed; "
	    "boundary=B\r\n\r\n"),
	 ""},
	{"NUL before armour", B ("A: b\r\n\r\n\0\n-----BEGIN PGP MESSAGE-----\r\n"), "inline-pgp"},
};

static void
test_table (void)
{
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		g_autoptr (MmMessage) message = test_message (rows[i].wire);
		g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
		g_autofree char *got = NULL;

		g_test_message ("%s", rows[i].label);
		got = mm_signatures_to_string (mm_signatures_of (message, mime));
		g_assert_cmpstr (got, ==, rows[i].want);
	}
}

static void
test_names (void)
{
	g_autofree char *none = mm_signatures_to_string (0);
	g_autofree char *all = mm_signatures_to_string (G_MAXUINT);

	g_assert_cmpstr (none, ==, "");
	g_assert_cmpstr (all, ==, "arc,dkim,encrypted,inline-pgp,signed");
}

/* ---- one edit -------------------------------------------------------------------------------- */

#define SIG(tags) "DKIM-Signature: v=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s; " tags "\r\n"
#define HEAD "From: a\r\nTo: b\r\nSubject: one\r\n two\r\nX-Other: x\r\n"
#define BODY "one \r\n\r\ntwo  three\r\n\r\n"
#define ARC                                                                                        \
	"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=d; s=s; b=YQ==\r\n"                               \
	"ARC-Message-Signature: i=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s; h=from\r\n"          \
	"ARC-Authentication-Results: i=1; x; spf=pass\r\n"
#define SIMPLE SIG ("h=from:subject")
#define RELAXED SIG ("c=relaxed/relaxed; h=From : Subject")

/* Places in the list of headers: the signature is the first. */
enum { OWN, FROM, TO, SUBJECT, OTHER };

typedef struct {
	MmEditKind kind;
	guint at;         /* SET, DELETE: the header; BODY: the first octet */
	guint len;        /* BODY */
	const char *text; /* SET, APPEND: "name:value"; BODY: the octets */
} Change;

#define SET(at, text) {MM_EDIT_HEADER_SET, at, 0, text}
#define DELETE(at) {MM_EDIT_HEADER_DELETE, at, 0, NULL}
#define APPEND(text) {MM_EDIT_HEADER_APPEND, 0, 0, text}
#define REPLACE(at, len, text) {MM_EDIT_BODY, at, len, text}

static const struct {
	const char *label;
	const char *wire;
	Change change;
	const char *want;
} edits_rows[] = {
	{"refolded, simple", SIMPLE HEAD "\r\n" BODY, SET (SUBJECT, "Subject: one two"),
	 "dkim d/s (field Subject)"},
	{"refolded, relaxed", RELAXED HEAD "\r\n" BODY, SET (SUBJECT, "SUBJECT : one\r\n\t two "), ""},
	{"a blank less, relaxed", RELAXED HEAD "\r\n" BODY, SET (SUBJECT, "Subject:onetwo"),
	 "dkim d/s (field Subject)"},
	{"another field", SIMPLE HEAD "\r\n" BODY, SET (OTHER, "X-Other: y"), ""},
	{"another field becomes a signed one", SIMPLE HEAD "\r\n" BODY, SET (OTHER, "Subject: y"),
	 "dkim d/s (field Subject)"},
	{"a signed field is deleted", SIMPLE HEAD "\r\n" BODY, DELETE (SUBJECT),
	 "dkim d/s (field Subject)"},
	{"another field is deleted", SIMPLE HEAD "\r\n" BODY, DELETE (OTHER), ""},
	{"the upper of two", SIMPLE HEAD "Subject: two\r\n\r\n" BODY, DELETE (SUBJECT), ""},
	{"the upper of two, both signed", SIG ("h=subject:from:subject") HEAD "Subject: two\r\n\r\n" BODY,
	 DELETE (SUBJECT), "dkim d/s (field Subject)"},
	{"the lower of two", SIMPLE HEAD "Subject: two\r\n\r\n" BODY, DELETE (5),
	 "dkim d/s (field Subject)"},
	{"the lower of two that are the same", SIMPLE HEAD "Subject: one\r\n two\r\n\r\n" BODY,
	 DELETE (5), ""},
	{"the upper From", SIMPLE "From: a\r\nTo: b\r\nFrom: c\r\n\r\n", SET (FROM, "From: d"),
	 "dkim d/s (field From)"},
	{"added", SIMPLE HEAD "\r\n" BODY, APPEND ("Date: now"), ""},
	{"added to a signed one", SIMPLE HEAD "\r\n" BODY, APPEND ("Subject: x"),
	 "dkim d/s (added field Subject)"},
	{"added, said not to be there", SIG ("h=from:date") HEAD "\r\n" BODY, APPEND ("DATE: now"),
	 "dkim d/s (added field DATE)"},
	{"added, said not to be there again", SIG ("h=from:to:to") HEAD "\r\n" BODY, APPEND ("To: c"),
	 "dkim d/s (added field To)"},
	{"its own field", SIMPLE HEAD "\r\n" BODY,
	 SET (OWN, "DKIM-Signature: v=1; a=rsa-sha256; b=YQ==; bh=Yg==; d=d;  s=s; h=from:subject"),
	 "dkim d/s (its own field)"},
	{"its own field, folded", RELAXED HEAD "\r\n" BODY,
	 SET (OWN, "DKIM-Signature: v=1;\r\n a=rsa-sha256; b=Y\r\n\tQ==; bh=Yg==; d=d; s=s;"
	           " c=relaxed/relaxed; h=From : Subject"), ""},
	{"another b=", RELAXED HEAD "\r\n" BODY,
	 SET (OWN, "DKIM-Signature: v=1; a=rsa-sha256; b=YR==; bh=Yg==; d=d; s=s;"
	           " c=relaxed/relaxed; h=From : Subject"),
	 "dkim d/s (its own field)"},
	{"its own field deleted", RELAXED HEAD "\r\n" BODY, DELETE (OWN), "dkim d/s (its own field)"},
	{"its own field counted", SIG ("c=relaxed; h=from:dkim-signature") HEAD "\r\n" BODY,
	 SET (OWN, "DKIM-Signature: v=1;  a=rsa-sha256; b=YQ==; bh=Yg==; d=d; s=s;"
	           " c=relaxed; h=from:dkim-signature"), ""},
	/* the body: "one \r\n" 0, "\r\n" 6, "two  three\r\n" 8, "\r\n" 20, the end 22 */
	{"body, simple", SIMPLE HEAD "\r\n" BODY, REPLACE (12, 1, ""), "dkim d/s (body)"},
	{"blank in a line, relaxed", RELAXED HEAD "\r\n" BODY, REPLACE (11, 1, "\t\t"), ""},
	{"blanks in a line away, relaxed", RELAXED HEAD "\r\n" BODY, REPLACE (11, 2, ""),
	 "dkim d/s (body)"},
	{"blank at the end of a line, relaxed", RELAXED HEAD "\r\n" BODY, REPLACE (3, 1, ""), ""},
	{"blank at the end of a line, simple", SIMPLE HEAD "\r\n" BODY, REPLACE (3, 1, ""),
	 "dkim d/s (body)"},
	{"empty lines at the end", SIMPLE HEAD "\r\n" BODY, REPLACE (20, 2, "\r\n\r\n\r\n"), ""},
	{"no empty line at the end", SIMPLE HEAD "\r\n" BODY, REPLACE (20, 2, ""), ""},
	{"no line end at all", SIMPLE HEAD "\r\n" BODY, REPLACE (18, 4, ""), ""},
	{"an empty line in between", RELAXED HEAD "\r\n" BODY, REPLACE (6, 0, "\r\n"),
	 "dkim d/s (body)"},
	{"a line at the end", RELAXED HEAD "\r\n" BODY, REPLACE (22, 0, "x"), "dkim d/s (body)"},
	{"blank lines at the end, relaxed", RELAXED HEAD "\r\n" BODY, REPLACE (22, 0, " \r\n\t"), ""},
	{"blank lines at the end, simple", SIMPLE HEAD "\r\n" BODY, REPLACE (22, 0, " \r\n"),
	 "dkim d/s (body)"},
	{"the same octets", SIMPLE HEAD "\r\n" BODY, REPLACE (0, 5, "one \r"), ""},
	{"no body, simple", SIMPLE HEAD "\r\n", REPLACE (0, 0, "\r\n"), ""},
	{"no body, relaxed", RELAXED HEAD "\r\n", REPLACE (0, 0, " \r\n"), ""},
	{"LF for CRLF", RELAXED HEAD "\r\n" BODY, REPLACE (4, 1, ""), "dkim d/s (body)"},
	{"behind l=", SIG ("h=from; l=6") HEAD "\r\n" BODY, REPLACE (6, 16, "x"), ""},
	{"before l=", SIG ("h=from; l=6") HEAD "\r\n" BODY, REPLACE (0, 1, "O"), "dkim d/s (body)"},
	{"repeated up to l=", SIG ("h=from; l=6") HEAD "\r\n" BODY, REPLACE (0, 8, "one \r\nx"), ""},
	{"behind l=, relaxed", SIG ("c=simple/relaxed; h=from; l=5") HEAD "\r\n" BODY,
	 REPLACE (6, 2, "x"), ""},
	{"behind all of l=", SIG ("h=from; l=20") HEAD "\r\n" BODY, REPLACE (20, 0, "x"), ""},
	{"l=0", SIG ("h=from; l=0") HEAD "\r\n" BODY, REPLACE (0, 22, "x"), ""},
	{"l= of more than there is", SIG ("h=from; l=999999999999999999999999") HEAD "\r\n" BODY,
	 REPLACE (22, 0, "x"), "dkim d/s (body)"},
	{"l= in a line without an end", SIG ("h=from; l=3") HEAD "\r\nab", REPLACE (2, 0, "c"),
	 "dkim d/s (body)"},
	{"both are told apart", SIMPLE RELAXED "Subject:  x\r\n\r\n", SET (2, "Subject: x"),
	 "dkim d/s (field Subject)"},
	{"unreadable, added", "DKIM-Signature: v=1\r\n" HEAD "\r\n", APPEND ("Date: now"),
	 "dkim (it cannot be read)"},
	{"unreadable, body", "DKIM-Signature: v=1\r\n" HEAD "\r\n", REPLACE (0, 0, "x"),
	 "dkim (it cannot be read)"},
	{"a tag twice", SIG ("h=from; s=s") HEAD "\r\n", APPEND ("Date: now"),
	 "dkim d/s (it cannot be read)"},
	{"unknown form", SIG ("h=from; c=nofws") HEAD "\r\n", APPEND ("Date: now"),
	 "dkim d/s (it cannot be read)"},
	{"l= is no number", SIG ("h=from; l=1x") HEAD "\r\n", APPEND ("Date: now"),
	 "dkim d/s (it cannot be read)"},
	{"no h=", SIG ("x=1") HEAD "\r\n", APPEND ("Date: now"), "dkim d/s (it cannot be read)"},
	{"a tag without =", SIG ("h=from; x") HEAD "\r\n", APPEND ("Date: now"),
	 "dkim d/s (it cannot be read)"},
	{"folds and ; at the end", SIG (" h\r\n = from\r\n\t: subject ;") HEAD "\r\n",
	 SET (SUBJECT, "Subject: x"), "dkim d/s (field Subject)"},
	{"ARC, a signed field", ARC "From: a\r\n\r\n", SET (3, "From: b"), "arc d/s (field From)"},
	{"ARC, another field", ARC "From: a\r\nTo: b\r\n\r\n", SET (4, "To: c"), ""},
	{"ARC, body", ARC "From: a\r\n\r\nx", REPLACE (0, 1, "y"), "arc d/s (body)"},
	{"ARC, results", ARC "From: a\r\n\r\nx", SET (2, "ARC-Authentication-Results: i=1; x"),
	 "arc (field ARC-Authentication-Results)"},
	{"ARC, results folded", ARC "From: a\r\n\r\nx",
	 SET (2, "ARC-Authentication-Results: i=1;\r\n x; spf=pass"), ""},
	{"ARC, one more set", ARC "From: a\r\n\r\nx", APPEND ("ARC-Seal: i=2"),
	 "arc (added field ARC-Seal)"},
	{"S/MIME, body", "Content-Type: multipart/signed\r\nSubject: a\r\n\r\nx",
	 REPLACE (1, 0, "\r\n"), "signed (content)"},
	{"S/MIME, Subject", "Content-Type: multipart/signed\r\nSubject: a\r\n\r\nx",
	 SET (1, "Subject: b"), ""},
	{"S/MIME, Content-Type", "Content-Type: multipart/signed\r\nSubject: a\r\n\r\nx",
	 SET (0, "content-type: text/plain"), "signed (content)"},
	{"PGP, a new Content- field", "A: b\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n",
	 APPEND ("Content-Type: text/plain"), "inline-pgp (content)"},
	{"PGP, MIME-Version", "A: b\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n",
	 APPEND ("MIME-Version: 1.0"), ""},
	{"no signature", HEAD "\r\n" BODY, REPLACE (0, 22, "x"), ""},
};

/* An edit as a repair asks for it. */
static void
make_edit (const Change *change, const MmMessage *message, const MmMime *mime, MmEdits *edits)
{
	const MmPart *top = mm_mime_part (mime, 0);
	g_auto (GStrv) words = g_strsplit (change->text != NULL ? change->text : "", ":", 2);
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;
	MmBytes body = mm_message_body (message);

	mm_edits_begin (edits, 0);
	switch (change->kind) {
	case MM_EDIT_HEADER_SET:
		mm_edits_set_header (edits, top, change->at, words[0], mm_bytes_str (words[1]));
		break;
	case MM_EDIT_HEADER_DELETE:
		mm_edits_delete_header (edits, top, change->at);
		break;
	case MM_EDIT_HEADER_APPEND:
		mm_edits_append_header (edits, top, words[0], mm_bytes_str (words[1]));
		break;
	default:
		mm_buffer_append_str (&octets, change->text);
		mm_edits_replace (edits, mm_bytes_sub (body, change->at, change->at + change->len),
		                  &octets);
	}
	g_assert_true (mm_edits_end (edits, NULL));
}

static char *
breaks_to_string (GPtrArray *breaks)
{
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < breaks->len; i++) {
		g_autofree char *text = mm_break_to_string (breaks->pdata[i]);
		g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", text);
	}
	return g_string_free (out, FALSE);
}

/* What both ways to ask say of @change of @wire. */
static void
ask (MmBytes wire, const Change *change, const MmLimits *limits, char **out_edit, char **out_whole)
{
	g_autoptr (MmMessage) message = test_message (wire);
	g_autoptr (MmMime) mime = mm_mime_new (message, limits);
	g_autoptr (MmCover) cover = mm_cover_new (message, mime, limits);
	g_autoptr (MmEdits) edits = mm_edits_new (message, mime, limits, FALSE);
	g_autoptr (MmMessage) after = NULL;
	g_autoptr (GPtrArray) by_edit = NULL, by_whole = NULL;

	make_edit (change, message, mime, edits);
	after = mm_edits_apply (edits, NULL);
	by_edit = mm_cover_compare_edits (cover, edits, 0);
	by_whole = mm_cover_compare (cover, after);
	*out_edit = breaks_to_string (by_edit);
	*out_whole = breaks_to_string (by_whole);
}

static void
test_edits (void)
{
	const MmLimits limits = mm_limits_default ();

	for (gsize i = 0; i < G_N_ELEMENTS (edits_rows); i++) {
		g_autofree char *by_edit = NULL, *by_whole = NULL;
		const char *want = edits_rows[i].want;

		ask (mm_bytes_str (edits_rows[i].wire), &edits_rows[i].change, &limits, &by_edit,
		     &by_whole);
		if (strcmp (by_edit, want) != 0)
			test_fail ("%s: the edit: \"%s\", not \"%s\"", edits_rows[i].label, by_edit,
			           want);
		/* the same octets again are no change of the message */
		if (strcmp (by_whole, want) != 0)
			test_fail ("%s: the message: \"%s\", not \"%s\"", edits_rows[i].label,
			           by_whole, want);
	}
}

/* Only so many signatures are read. */
static void
test_limit (void)
{
	static const char wire[] = SIG ("h=from") SIG ("h=from") HEAD "\r\n";
	const Change change = APPEND ("Date: now");
	MmLimits limits = mm_limits_default ();
	g_autofree char *by_edit = NULL, *by_whole = NULL;

	limits.signatures = 1;
	ask (mm_bytes_str (wire), &change, &limits, &by_edit, &by_whole);
	g_assert_cmpstr (by_edit, ==, "dkim (it cannot be read)");
	g_assert_cmpstr (by_whole, ==, "dkim (it cannot be read)");
}

/* Some edits together, one of them on a field and its neighbour. */
static void
test_from (void)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (MmMessage) message = test_message (LIT (SIMPLE HEAD "\r\n" BODY));
	g_autoptr (MmMime) mime = mm_mime_new (message, &limits);
	g_autoptr (MmCover) cover = mm_cover_new (message, mime, &limits);
	g_autoptr (MmEdits) edits = mm_edits_new (message, mime, &limits, FALSE);
	const Change breaking = SET (SUBJECT, "Subject: x"), harmless = DELETE (OTHER);
	g_autoptr (GPtrArray) both = NULL, last = NULL, none = NULL;

	make_edit (&breaking, message, mime, edits);
	make_edit (&harmless, message, mime, edits);
	both = mm_cover_compare_edits (cover, edits, 0);
	last = mm_cover_compare_edits (cover, edits, 1);
	none = mm_cover_compare_edits (cover, edits, 2);
	g_assert_cmpuint (both->len, ==, 1);
	g_assert_cmpuint (last->len, ==, 0);
	g_assert_cmpuint (none->len, ==, 0);
}

/* ---- any edit of any body -------------------------------------------------------------------- */

static GString *
random_text (GRand *rand, guint most)
{
	static const char *const pieces[] = {"a", " ", "\t", "\r\n", "\r\n", "\r", "\n", "  b"};
	GString *out = g_string_new (NULL);

	for (guint n = (guint) g_rand_int_range (rand, 0, (int) most + 1); n > 0; n--)
		g_string_append (out, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
	return out;
}

static void
check_random (GRand *rand, const MmLimits *limits)
{
	static const char *const forms[] = {"simple/simple", "simple/relaxed"};
	GString *body = random_text (rand, 12), *text = random_text (rand, 3);
	guint at = (guint) g_rand_int_range (rand, 0, (int) body->len + 1);
	Change change = REPLACE (at, 0, text->str);
	gboolean limited = g_rand_boolean (rand);
	g_autofree char *l = limited ? g_strdup_printf ("; l=%d", g_rand_int_range (rand, 0, 14))
	                             : g_strdup ("");
	g_autofree char *wire = g_strdup_printf (SIG ("h=from; c=%s%s") "From: a\r\n\r\n%s",
	                                         forms[g_rand_int_range (rand, 0, 2)], l, body->str);
	g_autofree char *by_edit = NULL, *by_whole = NULL;

	change.len = (guint) g_rand_int_range (rand, 0, (int) (body->len - at) + 1);
	ask (mm_bytes_str (wire), &change, limits, &by_edit, &by_whole);
	/* An edit by itself may be called worse than it is at the line in which l= ends. */
	if (strcmp (by_edit, by_whole) != 0 && (!limited || *by_edit == '\0')) {
		g_autofree char *shown = test_show (mm_bytes_str (wire));
		g_autofree char *new = test_show (mm_bytes_str (text->str));
		test_fail ("%s: [%u, +%u) by %s: the edit \"%s\", the message \"%s\"", shown,
		           change.at, change.len, new, by_edit, by_whole);
	}
	g_string_free (body, TRUE);
	g_string_free (text, TRUE);
}

static void
test_random (void)
{
	const MmLimits limits = mm_limits_default ();
	g_autoptr (GRand) rand = g_rand_new_with_seed (6376);

	for (guint i = 0; i < 20000 && !g_test_failed (); i++)
		check_random (rand, &limits);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/signature/table", test_table);
	g_test_add_func ("/signature/names", test_names);
	g_test_add_func ("/signature/edits", test_edits);
	g_test_add_func ("/signature/limit", test_limit);
	g_test_add_func ("/signature/from", test_from);
	g_test_add_func ("/signature/random", test_random);
	return g_test_run ();
}
