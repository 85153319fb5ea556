/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-charset-names.c: which names a charset may have in mail.
 *
 * RFC 2046 4.1.2: names are those of the IANA registry, or begin with "X-" by agreement. Every libc
 * takes other ones ("utf8"), and receivers refuse a message for them; so nobody but our own table
 * is asked.
 */
#include "codec-private.h"

#include <stdlib.h>

typedef enum {
	REGISTERED,
	TAKEN,    /* by all large receivers */
	MENDABLE, /* not taken everywhere, but it can mean one thing only */
} Kind;

typedef struct {
	const char *name; /* lower case; the table is sorted by it */
	const char *written;
	Kind kind;
} Name;

static const Name names[] = {
#include "charset-names.inc"
};

/* ---- as it stands -------------------------------------------------------------------------- */

static int
compare (const void *key, const void *member)
{
	const char *a = key;
	const char *b = ((const Name *) member)->name;

	for (; *a != '\0' && mm_lower (*a) == *b; a++)
		b++;
	return (guint8) mm_lower (*a) - (guint8) *b;
}

static const Name *
find (const char *name)
{
	return bsearch (name, names, G_N_ELEMENTS (names), sizeof *names, compare);
}

gboolean
mm_charset_name_is_good (const char *name)
{
	const Name *found = find (name);

	return found != NULL && found->kind != MENDABLE;
}

/* ---- as it is meant ------------------------------------------------------------------------ */

/* The next letter or digit at or after *@at; '\0' at the end. A zero in front of a number does not
 * count. */
static char
next_sign (const char *name, gsize *at)
{
	for (; name[*at] != '\0'; (*at)++) {
		gboolean leading_zero = name[*at] == '0' &&
		                        (*at == 0 || !g_ascii_isdigit (name[*at - 1])) &&
		                        g_ascii_isdigit (name[*at + 1]);

		if (g_ascii_isalnum (name[*at]) && !leading_zero)
			return mm_lower (name[(*at)++]);
	}
	return '\0';
}

/* UTS #22 1.4: names match if they do without punctuation, case, and zeros before numbers. */
static gboolean
match (const char *one, const char *other)
{
	gsize at_one = 0, at_other = 0;

	for (;;) {
		char sign = next_sign (one, &at_one);

		if (sign != next_sign (other, &at_other))
			return FALSE;
		if (sign == '\0')
			return at_one > 0;
	}
}

const char *
mm_charset_name_mend (const char *name)
{
	const Name *found = find (name);
	const char *written = NULL;

	if (found != NULL)
		return found->written;
	if (g_ascii_strncasecmp (name, "x-", 2) == 0)
		name += 2;
	for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
		if (!match (name, names[i].name))
			continue;
		if (written != NULL && strcmp (written, names[i].written) != 0)
			return NULL;
		written = names[i].written;
	}
	return written;
}
