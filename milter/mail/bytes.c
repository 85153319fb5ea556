/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes.c: comparing and searching octets, and the buffer that can refuse to grow.
 *
 * memchr() and friends are never called with a NULL pointer, not even for no octets at all: that
 * is undefined, and an empty MmBytes may well hold one.
 */
#include "buffer-private.h"

/* The first allocation of a buffer; most headers fit. */
#define FIRST_SIZE 256

/* g_ascii_strncasecmp() would stop at a NUL. */
gboolean
mm_bytes_equal_nocase (MmBytes a, MmBytes b)
{
	if (a.len != b.len)
		return FALSE;
	for (gsize i = 0; i < a.len; i++) {
		if (mm_lower (a.data[i]) != mm_lower (b.data[i]))
			return FALSE;
	}
	return TRUE;
}

gboolean
mm_bytes_has_prefix (MmBytes a, const char *ascii)
{
	MmBytes prefix = mm_bytes_str (ascii);

	return a.len >= prefix.len && mm_bytes_equal_nocase (mm_bytes (a.data, prefix.len), prefix);
}

gsize
mm_bytes_find (MmBytes b, char c, gsize from)
{
	const char *at;

	if (from >= b.len)
		return b.len;
	at = memchr (b.data + from, c, b.len - from);
	return at != NULL ? (gsize)(at - b.data) : b.len;
}

/* Needles are short, a boundary at most, so this is linear in the mail. */
const char *
mm_bytes_search (MmBytes b, const char *needle)
{
	gsize len = 0;

	if (*needle == '\0')
		return b.data;
	for (gsize i = mm_bytes_find (b, *needle, 0); i < b.len;
	     i = mm_bytes_find (b, *needle, i + 1)) {
		len = len > 0 ? len : strlen (needle);
		if (len > b.len - i)
			break;
		if (b.data[i + len - 1] == needle[len - 1] && memcmp (b.data + i, needle, len) == 0)
			return b.data + i;
	}
	return NULL;
}

MmBytes
mm_bytes_trim (MmBytes b)
{
	while (b.len > 0 && mm_is_space (b.data[b.len - 1]))
		b.len--;
	while (b.len > 0 && mm_is_space (b.data[0])) {
		b.data++;
		b.len--;
	}
	return b;
}

/* Whole bodies go through here. The compiler makes vector instructions of this on every machine that has them. */
typedef guint8 Block __attribute__ ((vector_size (16)));

/* All bits set in every octet that is no text. */
static inline Block
odd_in (const char *from)
{
	Block octets;

	memcpy (&octets, from, sizeof octets);
	/* ' ' to '~' are 95, HTAB and LF two in a row, CR stands alone */
	return (Block)((Block)(octets - ' ') >= 95) & (Block)((Block)(octets - '\t') >= 2) &
	       (Block)(octets != '\r');
}

static inline gboolean
is_text_octet (char c)
{
	return (c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r';
}

gboolean
mm_bytes_are_text (MmBytes b)
{
	Block odd = {0};
	guint64 halves[2];
	gsize at = 0;

	for (; b.len - at >= sizeof odd; at += sizeof odd)
		odd |= odd_in (b.data + at);
	memcpy (halves, &odd, sizeof odd);
	while (at < b.len && is_text_octet (b.data[at]))
		at++;
	return at == b.len && (halves[0] | halves[1]) == 0;
}

gboolean
mm_bytes_has_8bit (MmBytes b)
{
	const guint64 high_bits = G_GUINT64_CONSTANT (0x8080808080808080);
	guint64 word;
	gsize i = 0;

	for (; b.len - i >= sizeof word; i += sizeof word) {
		memcpy (&word, b.data + i, sizeof word);
		if ((word & high_bits) != 0)
			return TRUE;
	}
	for (; i < b.len; i++) {
		if (((guchar)b.data[i] & 0x80) != 0)
			return TRUE;
	}
	return FALSE;
}

char *
mm_bytes_dup (MmBytes b)
{
	char *copy = g_malloc (b.len + 1);

	if (b.len > 0)
		memcpy (copy, b.data, b.len);
	copy[b.len] = '\0';
	return copy;
}

/* How many characters the octet takes in mm_bytes_printable(). */
static gsize
printable_width (char c)
{
	return c >= ' ' && c <= '~' ? 1 : 4;
}

/* How many octets of @b may be shown: all if they fit, else so many that "..." fits after them.
 * Ends early, so that a long value costs no more than what is shown of it. */
static gsize
printable_fit (MmBytes b, gsize max)
{
	gsize width = 0;
	gsize with_dots = 0;

	for (gsize i = 0; i < b.len; i++) {
		width += printable_width (b.data[i]);
		if (width > max)
			return with_dots;
		if (width + 3 <= max)
			with_dots = i + 1;
	}
	return b.len;
}

char *
mm_bytes_printable (MmBytes b, gsize max)
{
	gsize shown = printable_fit (b, max);
	GString *text = g_string_new (NULL);

	for (gsize i = 0; i < shown; i++) {
		if (printable_width (b.data[i]) == 1)
			g_string_append_c (text, b.data[i]);
		else
			g_string_append_printf (text, "\\x%02X", (guchar)b.data[i]);
	}
	if (shown < b.len)
		g_string_append_len (text, "...", (gssize)MIN (max, 3));
	return g_string_free (text, FALSE);
}

void
mm_buffer_clear (MmBuffer *buffer)
{
	if (buffer->in_file)
		mm_buffer_leave_file (buffer);
	g_free (buffer->data);
	*buffer = (MmBuffer){.folder = buffer->folder, .threshold = buffer->threshold};
}

gboolean
mm_buffer_reserve (MmBuffer *buffer, gsize more)
{
	gsize size = buffer->size;
	char *data;

	if (buffer->failed)
		return FALSE;
	if (more <= buffer->size - buffer->len)
		return TRUE;
	if (more > G_MAXSIZE / 2 - buffer->len) {
		buffer->failed = TRUE;
		return FALSE;
	}
	size = MAX (size, FIRST_SIZE);
	while (size < buffer->len + more)
		size *= 2;
	if (buffer->in_file || (buffer->folder != NULL && size > buffer->threshold))
		return mm_buffer_grow_in_file (buffer, size);
	data = g_try_realloc (buffer->data, size);
	if (data == NULL) {
		buffer->failed = TRUE;
		return FALSE;
	}
	buffer->data = data;
	buffer->size = size;
	return TRUE;
}

gboolean
mm_buffer_append (MmBuffer *buffer, MmBytes bytes)
{
	if (!mm_buffer_reserve (buffer, bytes.len))
		return FALSE;
	if (bytes.len > 0)
		memcpy (buffer->data + buffer->len, bytes.data, bytes.len);
	buffer->len += bytes.len;
	return TRUE;
}

gboolean
mm_buffer_append_str (MmBuffer *buffer, const char *str)
{
	return mm_buffer_append (buffer, mm_bytes_str (str));
}

gboolean
mm_buffer_append_c (MmBuffer *buffer, char c)
{
	if (!mm_buffer_reserve (buffer, 1))
		return FALSE;
	buffer->data[buffer->len++] = c;
	return TRUE;
}

GBytes *
mm_buffer_steal (MmBuffer *buffer)
{
	GBytes *bytes = NULL;

	if (!buffer->failed && buffer->in_file)
		bytes = mm_buffer_steal_file (buffer);
	else if (!buffer->failed)
		bytes = g_bytes_new_take (g_steal_pointer (&buffer->data), buffer->len);
	mm_buffer_clear (buffer);
	return bytes;
}
