/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes.h: octets with a length, and a buffer that can refuse to grow.
 *
 * Mail is bytes: NUL is data and nothing is ever terminated. MmBytes is a view: it owns nothing
 * and is valid as long as what it points into. MmBuffer is for everything whose size a sender
 * decides: it reports a failed allocation instead of ending the process as GByteArray would.
 */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

typedef struct {
	const char *data; /* may be NULL when len is 0 */
	gsize len;
} MmBytes;

static inline MmBytes
mm_bytes (const char *data, gsize len)
{
	return (MmBytes){data, len};
}

/* A view of a NUL-terminated string of ours (never of mail). */
static inline MmBytes
mm_bytes_str (const char *str)
{
	return (MmBytes){str, str != NULL ? strlen (str) : 0};
}

static inline const char *
mm_bytes_end (MmBytes b)
{
	return b.len > 0 ? b.data + b.len : b.data; /* NULL + 0 is undefined */
}

/* [from, to) of @b; both are clamped to its length. */
static inline MmBytes
mm_bytes_sub (MmBytes b, gsize from, gsize to)
{
	to = MIN (to, b.len);
	from = MIN (from, to);
	return (MmBytes){from > 0 ? b.data + from : b.data, to - from};
}

static inline gboolean
mm_bytes_equal (MmBytes a, MmBytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

static inline gboolean
mm_is_wsp (char c)
{
	return c == ' ' || c == '\t';
}

/* Blank, tab, CR or LF. */
static inline gboolean
mm_is_space (char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* g_ascii_tolower() that can be inlined: whole headers are compared through it. */
static inline char
mm_lower (char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
}

/* ASCII-caseless comparisons; octets from 0x80 on compare as they are. */
gboolean mm_bytes_equal_nocase (MmBytes a, MmBytes b);

/* Caseless, whole. Names are looked up in long tables: the first octet refuses nearly all. */
static inline gboolean
mm_bytes_is (MmBytes a, const char *ascii)
{
	if (a.len == 0 || mm_lower (a.data[0]) != mm_lower (*ascii))
		return a.len == 0 && *ascii == '\0';
	return mm_bytes_equal_nocase (a, mm_bytes_str (ascii));
}

gboolean mm_bytes_has_prefix (MmBytes a, const char *ascii);  /* caseless */

/* Offset of the first @c at or after @from, or b.len when there is none. */
gsize mm_bytes_find (MmBytes b, char c, gsize from);

/* First place of @needle (exact octets), or NULL. */
const char *mm_bytes_search (MmBytes b, const char *needle);

/* Without blanks, tabs, CR and LF at both ends. */
MmBytes mm_bytes_trim (MmBytes b);

/* For tables (GHashFunc, GEqualFunc) whose keys come with mail: nobody can write strings that have
 * one hash, as for g_str_hash (). It differs from one process to the next. Keys are strings, or
 * MmBytes, with _nocase the same where only the case of ASCII letters differs. */
guint mm_str_hash (gconstpointer text);
guint mm_bytes_hash (gconstpointer bytes);
guint mm_bytes_hash_nocase (gconstpointer bytes);
gboolean mm_bytes_equal_nocase_keys (gconstpointer a, gconstpointer b);

gboolean mm_bytes_has_8bit (MmBytes b);

/* TRUE if all octets are printable ASCII, blanks, HTAB, CR and LF. */
gboolean mm_bytes_are_text (MmBytes b);

/* A new NUL-terminated copy. (transfer full) */
char *mm_bytes_dup (MmBytes b);

/* A short printable ASCII form for log lines and findings: other octets become \xNN, at most
 * @max characters, cut with "...". (transfer full) */
char *mm_bytes_printable (MmBytes b, gsize max);

/* ---- MmBuffer ------------------------------------------------------------------------------ */

typedef struct {
	char *data;
	gsize len;
	gsize size;
	gboolean failed; /* sticky: an allocation was refused; the contents are then incomplete */
	gboolean in_file; /* data is a mapping of fd */
	int fd;
	const char *folder; /* the caller's; NULL: always in memory, as MM_BUFFER_INIT says */
	gsize threshold;    /* with a folder: more octets than this lie in a file without a name there */
} MmBuffer;

#define MM_BUFFER_INIT {.data = NULL}

/* Empties it; where it may lie stays as it was. */
void mm_buffer_clear (MmBuffer *buffer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmBuffer, mm_buffer_clear)

/* Makes room for @more octets. FALSE (and failed) when memory is refused. Where the file cannot be
 * had, memory is used all the same: what is made of it goes through MmSpool, which says so. */
gboolean mm_buffer_reserve (MmBuffer *buffer, gsize more);
gboolean mm_buffer_append (MmBuffer *buffer, MmBytes bytes);
gboolean mm_buffer_append_str (MmBuffer *buffer, const char *str);
gboolean mm_buffer_append_c (MmBuffer *buffer, char c);

/* What is in it; of a buffer that has failed a view without octets whose data is NULL, which no
 * edit is made of. */
static inline MmBytes
mm_buffer_bytes (const MmBuffer *buffer)
{
	if (buffer->failed)
		return (MmBytes){NULL, 0};
	return (MmBytes){buffer->data != NULL ? buffer->data : "", buffer->len};
}

/* The contents as GBytes, the buffer empty again; NULL when it has failed. (transfer full) */
GBytes *mm_buffer_steal (MmBuffer *buffer);

static inline MmBytes
mm_bytes_of (GBytes *bytes)
{
	gsize len = 0;
	const char *data = g_bytes_get_data (bytes, &len);

	return (MmBytes){data, len};
}

G_END_DECLS
