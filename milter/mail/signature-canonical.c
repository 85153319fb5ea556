/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature-canonical.c: the canonical forms of RFC 6376 3.4, compared without being written down.
 *
 * Only CRLF ends a line of a body here. A verifier that sees mail by SMTP has no other; one that
 * reads a file may take LF too, and then finds a signature good that we call broken.
 */
#include <config.h>

#include "signature-private.h"

/* ---- header fields ------------------------------------------------------------------------------- */

/* RFC 6376 3.4.2: names in lower case, folds undone, blanks reduced to one and none at the ends. */
typedef struct {
	MmBytes line;
	MmBytes hole;
	gsize at;
	gsize end;
	gboolean in_name;
} Field;

static Field
field_start (MmBytes line, MmBytes hole)
{
	Field field = {.line = line, .hole = hole, .end = line.len, .in_name = TRUE};

	/* A hole at the very end leaves blanks before it that go too. */
	while (field.end > 0) {
		const char *last = line.data + field.end - 1;
		if (hole.len > 0 && last >= hole.data && last < mm_bytes_end (hole))
			field.end = (gsize) (hole.data - line.data);
		else if (mm_is_space (*last))
			field.end--;
		else
			break;
	}
	return field;
}

/* The place of the next octet that is not in the hole. */
static void
skip_hole (Field *field)
{
	const char *at = field->line.data + field->at;

	if (field->hole.len > 0 && at >= field->hole.data && at < mm_bytes_end (field->hole))
		field->at = (gsize) (mm_bytes_end (field->hole) - field->line.data);
}

/* Moves over blanks and folds. TRUE if there was any blank. */
static gboolean
skip_blanks (Field *field)
{
	gboolean any = FALSE;

	for (skip_hole (field); field->at < field->end; skip_hole (field)) {
		char c = field->line.data[field->at];
		if (!mm_is_space (c))
			break;
		any |= mm_is_wsp (c);
		field->at++;
	}
	return any;
}

/* The next octet of the relaxed form, -1 at its end. */
static int
field_next (Field *field)
{
	gboolean blank = skip_blanks (field);
	char c;

	if (field->at >= field->end)
		return -1;
	c = field->line.data[field->at];
	if (field->in_name && c == ':') {
		field->in_name = FALSE;
		field->at++;
		skip_blanks (field);
		return ':';
	}
	if (blank)
		return ' ';
	field->at++;
	return (guchar) (field->in_name ? mm_lower (c) : c);
}

static gboolean
same_relaxed_field (MmBytes x, MmBytes x_hole, MmBytes y, MmBytes y_hole)
{
	Field a = field_start (x, x_hole), b = field_start (y, y_hole);
	int c;

	do {
		c = field_next (&a);
		if (c != field_next (&b))
			return FALSE;
	} while (c >= 0);
	return TRUE;
}

/* What stands before and behind the hole; without one all is before it. */
static MmBytes
before_hole (MmBytes line, MmBytes hole)
{
	return hole.len > 0 ? mm_bytes_sub (line, 0, (gsize) (hole.data - line.data)) : line;
}

static MmBytes
behind_hole (MmBytes line, MmBytes hole)
{
	return hole.len > 0 ? mm_bytes_sub (line, (gsize) (mm_bytes_end (hole) - line.data), line.len)
	                    : mm_bytes (NULL, 0);
}

gboolean
mm_dkim_same_field (MmBytes x, MmBytes x_hole, MmBytes y, MmBytes y_hole, gboolean relaxed)
{
	if (relaxed)
		return same_relaxed_field (x, x_hole, y, y_hole);
	return mm_bytes_equal (before_hole (x, x_hole), before_hole (y, y_hole)) &&
	       mm_bytes_equal (behind_hole (x, x_hole), behind_hole (y, y_hole));
}

/* ---- bodies -------------------------------------------------------------------------------------- */

static gboolean
is_crlf (MmBytes body, gsize at)
{
	return at + 1 < body.len && body.data[at] == '\r' && body.data[at + 1] == '\n';
}

gsize
mm_dkim_body_end (MmBytes body, gboolean relaxed)
{
	gsize end = body.len;

	for (;;) {
		gsize at = end;

		while (relaxed && at > 0 && mm_is_wsp (body.data[at - 1]))
			at--;
		if (at < 2 || !is_crlf (body, at - 2))
			return at;
		end = at - 2;
	}
}

/* RFC 6376 3.4.3: empty lines at the end are one CRLF, which an empty body has too. 3.4.4: besides
 * no blanks at the ends of lines, one in place of several, and nothing for an empty body. */
typedef struct {
	MmBytes body;
	gsize at;
	gsize end;
	gboolean relaxed;
	guint tail; /* octets of the last CRLF that are still to come */
} Body;

static Body
body_start (MmBytes body, gboolean relaxed)
{
	gsize end = mm_dkim_body_end (body, relaxed);

	return (Body){body, 0, end, relaxed, relaxed && end == 0 ? 0 : 2};
}

/* The next octet of the canonical form, -1 at its end. Blanks never stand before body->end. */
static inline int
body_next (Body *body)
{
	const char *data = body->body.data;

	if (body->at == body->end)
		return body->tail == 0 ? -1 : body->tail-- == 2 ? '\r' : '\n';
	if (body->relaxed && mm_is_wsp (data[body->at])) {
		while (mm_is_wsp (data[body->at]))
			body->at++;
		if (!is_crlf (body->body, body->at))
			return ' ';
	}
	return (guchar) data[body->at++];
}

gsize
mm_dkim_common_body (MmBytes x, MmBytes y, gboolean relaxed)
{
	Body a = body_start (x, relaxed), b = body_start (y, relaxed);

	for (gsize n = 0;; n++) {
		int c = body_next (&a);
		if (c != body_next (&b))
			return n;
		if (c < 0)
			return G_MAXSIZE;
	}
}

static gboolean
is_blank (MmBytes line)
{
	return mm_bytes_trim (line).len == 0;
}

/* The end of the line that holds the octet before @at. Whether empty lines count is decided by what
 * comes behind them: of those the end of the next line that is not empty. */
static gsize
end_of_line (MmBytes body, gsize at)
{
	gsize end = at - 1;

	while (end > 0 && body.data[end - 1] != '\n')
		end--;
	while (end < body.len) {
		MmBytes line = mm_bytes_sub (body, end, body.len);

		line.len = mm_line_length (line);
		end += line.len;
		if (!is_blank (line))
			break;
	}
	/* The canonical form may have a line end of its own there. */
	return end > 1 && is_crlf (body, end - 2) ? end : G_MAXSIZE;
}

void
mm_dkim_cover_body (MmBytes body, gboolean relaxed, GPtrArray *limited)
{
	Body octets = body_start (body, relaxed);
	gsize n = 0;

	for (guint i = 0; i < limited->len; i++) {
		MmDkim *dkim = g_ptr_array_index (limited, i);

		while (n < dkim->limit && body_next (&octets) >= 0)
			n++;
		if (dkim->limit == 0)
			dkim->covered = 0;
		else if (n < dkim->limit || octets.at == 0)
			dkim->covered = G_MAXSIZE;
		else
			dkim->covered = end_of_line (body, octets.at);
	}
}
