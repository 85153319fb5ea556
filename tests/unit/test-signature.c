/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-signature.c: which signatures a message carries.
 */
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

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/signature/table", test_table);
	g_test_add_func ("/signature/names", test_names);
	return g_test_run ();
}
