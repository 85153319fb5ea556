/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digit-lines-private.h: stretches of a body that are clean lines of base64, found while it arrives.
 *
 * Attachments are most of the octets of all mail. Who looks at each octet of them when the message
 * is complete must fetch them again from far away; a piece that has just been read is near. What
 * such lines are, is known without scanning them, too.
 */
#pragma once

#include <mailmend/scan.h>

G_BEGIN_DECLS

/* As many as are kept; what lies behind is looked at in the ordinary way. */
#define MM_DIGIT_STRETCHES 8

typedef struct {
	gsize from; /* the start of a line; offset in the body */
	gsize to;   /* the end of a line */
} MmStretch;

/* Zeros at first. */
typedef struct {
	MmStretch found[MM_DIGIT_STRETCHES];
	guint n;
	gsize size;   /* octets that have come */
	gsize line;   /* digits in each line of the stretch that is open; 0: none is */
	gsize column; /* octets of its last line that have come */
	gsize from;   /* where it begins */
} MmDigitLines;

/* Takes the next octets of the body, and gives them to @scanner, which so need not look at those of
 * a stretch. */
void mm_digit_lines_feed (MmDigitLines *lines, MmScanner *scanner, MmBytes chunk);

/* The body is complete. */
void mm_digit_lines_finish (MmDigitLines *lines);

/* The first stretch that ends behind offset @at, or NULL. */
const MmStretch *mm_digit_lines_next (const MmDigitLines *lines, gsize at);

G_END_DECLS
