/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grammar-private.h: what the files of the grammar module share among themselves.
 *
 * A cursor is a place in a value. Functions that take something move it only when they found it.
 */
#pragma once

#include <mailmend/grammar.h>

G_BEGIN_DECLS

/* ---- octets ------------------------------------------------------------------------------ */

/* What stands for a NUL octet in a NUL-terminated result: a control character that no grammar
 * takes, so that "1.0<NUL>x" is never read as "1.0". */
#define MM_GRAMMAR_NUL '\x1a'

/* mm_bytes_dup() with MM_GRAMMAR_NUL in the place of NUL. (transfer full) */
char *mm_grammar_string (MmBytes in);

enum {
	MM_CLASS_ATEXT = 1, /* RFC 5322 3.2.3 */
	MM_CLASS_TOKEN = 2, /* RFC 2045 5.1: any of US-ASCII except space, controls and tspecials */
	MM_CLASS_HIGH = 4, /* from 0x80 on */
	MM_CLASS_CONTROL = 8, /* NUL too, but no white space */
};

/* What an octet is, MM_CLASS_*. */
extern const guint8 mm_grammar_classes[256];

static inline gboolean
mm_grammar_is_atext (char c)
{
	return (mm_grammar_classes[(guchar)c] & MM_CLASS_ATEXT) != 0;
}

static inline gboolean
mm_grammar_is_token_char (char c)
{
	return (mm_grammar_classes[(guchar)c] & MM_CLASS_TOKEN) != 0;
}


/* From *@pos over blanks, tabs, CR and LF. */
void mm_grammar_skip_space (MmBytes in, gsize *pos);

/* ---- dates ------------------------------------------------------------------------------- */

typedef struct {
	MmBytes in;
	gsize pos;
} MmCursor;

/* FALSE when a comment is not closed. */
gboolean mm_cursor_cfws (MmCursor *s);
gboolean mm_cursor_at_end (const MmCursor *s);
/* The octet at the cursor, NUL at the end. */
char mm_cursor_peek (const MmCursor *s);
gboolean mm_cursor_take (MmCursor *s, char c);

/* A whole run of digits: how many there were, 0 for none or for more than @max. */
guint mm_cursor_number (MmCursor *s, guint max, int *out);

/* A run of letters, maybe empty. */
MmBytes mm_cursor_word (MmCursor *s);

typedef enum {
	MM_NAMES_SHORT, /* "Jul" */
	MM_NAMES_ALL,	/* and "July" */
} MmNames;

/* 1-12, and 1 (Monday) - 7; 0 when @word is none. */
int mm_date_month (MmBytes word, MmNames names);
int mm_date_weekday (MmBytes word, MmNames names);

/* A zone by its name: those of RFC 5322 4.3, UTC and Z. FALSE when it is none of them. */
gboolean mm_date_named_zone (MmBytes word, int *out);

/* The digits of a year, with the centuries of RFC 5322 4.3. */
gboolean mm_date_take_year (MmCursor *s, MmDate *out);

/* hour ":" minute [ ":" second ] with CFWS around each: 2 or 3 for what was there, 0 for neither.
 * The hour has two digits, or at least @hour_digits. */
guint mm_date_take_clock (MmCursor *s, guint hour_digits, MmDate *out);

/* Hours and minutes of a zone, -9959 to +9959; the sign says what -0000 means. */
gboolean mm_date_set_zone (MmDate *date, char sign, int hours, int minutes);

/* Does the day exist, and the time? Years from 1900 to 9999. */
gboolean mm_date_is_real (const MmDate *date);
int mm_date_get_weekday (const MmDate *date);

G_END_DECLS
