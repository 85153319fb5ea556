/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile-charset.c: mail that makes a reader of charsets work.
 */
#include "hostile.h"

/* Each has to be looked for among all names. */
static void
many_unknown_charsets (GString *out)
{
	g_string_append (out, HEAD "Content-Type: text/plain; charset=ansi\r\n");
	for (guint i = 0; i < hostile_n (20000); i++)
		g_string_append_printf (out, "%s =?no-%u?q?=e4?=\r\n",
		                        i % 200 == 0 ? "Comments:" : "", i);
	g_string_append (out, "\r\ntext\r\n");
}

/* The charset of each part has to be told. */
static void
many_charsets_to_tell (GString *out)
{
	g_string_append (out, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (guint i = 0; i < hostile_n (400); i++) {
		g_string_append (out, "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
		                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		for (guint j = 0; j < 512; j++)
			g_string_append_printf (out, "=%02X%s", 0xA0 + j * 7 % 96,
			                        j % 16 == 15 ? "=\r\n" : "");
		g_string_append (out, "\r\n");
	}
	g_string_append (out, "--b--\r\n");
}

const HostileInput hostile_charsets[] = {
        {"many-unknown-charsets", many_unknown_charsets},
        {"many-charsets-to-tell", many_charsets_to_tell},
        {NULL, NULL},
};
