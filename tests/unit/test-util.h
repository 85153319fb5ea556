/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-util.h: what the tests of several modules share: messages from literals, a context without
 * chance in it, comparing octets, and a small model of the MTA that carries out a plan.
 */
#pragma once

#include <mailmend/check.h>
#include <mailmend/judge.h>

G_BEGIN_DECLS

/* A literal with its length, NUL included: as an initializer, and as an expression. */
#define B(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof (literal) - 1                                                   \
	}
#define LIT(literal) mm_bytes ("" literal, sizeof (literal) - 1)

/* The message these octets are on the wire; with and without original = -1 it is as received. */
MmMessage *test_message (MmBytes wire);

/* Header block, separator and body in one piece. (transfer full) */
GBytes *test_wire (const MmMessage *message);

/* A context in which nothing is left to chance: now = 1700000000, zone 0, random octets 0, host
 * relay.example.com. */
void test_context_init (MmContext *context);

/* MmRandomFunc that repeats the octets of @data (a GBytes; NULL or empty: zeros). */
void test_random_repeat (gpointer data, guint8 *octets, gsize n);

/* Octets as a C literal would show them. (transfer full) */
char *test_show (MmBytes bytes);

/* NULL if equal; else where they differ, with a piece of both. (transfer full) */
char *test_difference (MmBytes got, MmBytes want);

#define test_assert_bytes(got, want)                                                               \
	G_STMT_START                                                                               \
	{                                                                                          \
		char *test_differs = test_difference (got, want);                                  \
		if (test_differs != NULL)                                                          \
			g_assertion_message (G_LOG_DOMAIN, __FILE__, __LINE__, G_STRFUNC,          \
					     test_differs);                                        \
	}                                                                                          \
	G_STMT_END

/* The test goes on, but has failed; every reason is shown (g_test_fail_printf keeps only one). */
#define test_fail(...)                                                                             \
	G_STMT_START                                                                               \
	{                                                                                          \
		g_test_message (__VA_ARGS__);                                                      \
		g_test_fail ();                                                                    \
	}                                                                                          \
	G_STMT_END

/* TRUE if an MTA can hold @message at all: every line of its header block is a field with an ASCII
 * name and no blanks behind it, lines end with CRLF and hold no NUL, an empty line follows. */
gboolean test_mta_can_hold (const MmMessage *message);

/* Carries out @plan as an MTA that holds @original does. @renumbers: later fields of a name move up
 * when one is deleted (Postfix); else the deleted one keeps its number (Sendmail). Headers and the
 * empty line only; NULL and in *@out_why what the MTA cannot do. (transfer full) */
GBytes *test_mta_headers (const MmMessage *original, const MmPlan *plan, gboolean renumbers,
			  char **out_why);

/* NULL if an MTA of either kind arrives at @final. (transfer full) */
char *test_mta_differs (const MmMessage *original, const MmPlan *plan, const MmMessage *final);

G_END_DECLS
