/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unknown-charset.c: names of charsets that are none.
 *
 * They stand in the Content-Type of a text part (RFC 2046 4.1.2), in encoded words (RFC 2047 2) and
 * in extended parameter values (RFC 2231 4: charset ' language ' text). Receivers that look the
 * name up refuse the whole message. Which names are good, and what a bad one means, is a table's
 * matter; the octets have to agree with it.
 */
#include <config.h>

#include "bad-charset-names-private.h"
#include "charset-private.h"
#include "field-private.h"
#include "head-private.h"

#define WORD_MAX_CHARS 75

/* ---- finding --------------------------------------------------------------------------------- */

/* Cheap for nearly all mail: no word goes without "=?", and fields with parameters are Content-*. */
static gboolean
may_name_charsets (const MmHeader *item)
{
	return mm_bytes_search (item->value,
	                        mm_bytes_has_prefix (item->name, "Content-") ? "=" : "=?") != NULL;
}

static void
judge (const MmPart *part, guint at, MmFindings *out)
{
	const MmHeader *item = mm_part_header (part, at);
	g_autoptr (GArray) names = NULL;
	g_autofree char *field = NULL;
	g_autofree char *name = NULL;

	if (!item->is_field || !may_name_charsets (item))
		return;
	names = mm_bad_charset_names (part, at, 1);
	if (names->len == 0)
		return;
	field = mm_bytes_printable (item->name, 60);
	name = mm_bytes_printable (g_array_index (names, MmBadName, 0).name, 40);
	mm_find_header (out, MM_SEVERITY_ERROR, part, at, "%s names the charset \"%s\", which is none",
	                field, name);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	mm_field_each (facts, judge, out);
}

/* ---- telling what is meant ------------------------------------------------------------------- */

/* RFC 2231 4: "%" two digits. */
static void
decode_extended (MmBytes text, MmBuffer *out)
{
	for (gsize at = 0; at < text.len; at++) {
		char c = text.data[at];

		if (c == '%' && at + 2 < text.len && g_ascii_isxdigit (text.data[at + 1]) &&
		    g_ascii_isxdigit (text.data[at + 2])) {
			c = (char) (g_ascii_xdigit_value (text.data[at + 1]) << 4 |
			            g_ascii_xdigit_value (text.data[at + 2]));
			at += 2;
		}
		mm_buffer_append_c (out, c);
	}
}

/* The octets that @name is said of: those of all words of the field that say it, for a character
 * may be split between two. FALSE if they cannot be told. */
static gboolean
read_octets (const MmPart *part, const GArray *names, const MmBadName *name, MmBuffer *out)
{
	if (name->of_content)
		return mm_charset_content (part, out);
	if (name->word.whole.data == NULL) {
		decode_extended (name->text, out);
		return name->text.data != NULL && !out->failed;
	}
	for (guint i = 0; i < names->len; i++) {
		const MmBadName *other = &g_array_index (names, MmBadName, i);

		if (mm_bytes_equal_nocase (other->name, name->name) &&
		    !mm_encoded_word_decode (&other->word, out))
			return FALSE;
	}
	return TRUE;
}

/* What the table says, if the octets can be that; else what they are. Attachments are not guessed
 * about. */
static char *
tell_octets (const MmFacts *facts, const MmPart *part, const MmBadName *name, const char *meant,
             MmBytes octets)
{
	if (meant != NULL && (!mm_charset_is_known (meant) || mm_charset_fits (octets, meant)))
		return g_strdup (meant);
	if (name->of_content && part->attachment)
		return g_strdup (meant);
	return mm_charset_retell (facts, name->of_content ? part->type : "text/plain", octets,
	                          meant);
}

/* Telling takes long, and many words of a field have one name, or the same octets. */
typedef struct {
	GHashTable *by_name;   /* MmBytes of the field -> charset */
	GHashTable *by_octets; /* GBytes: what the name means, and the octets -> charset */
} Told;

static guint
hash_octets (gconstpointer octets)
{
	MmBytes bytes = mm_bytes_of ((GBytes *) octets);

	return mm_bytes_hash (&bytes);
}

static GBytes *
key_of (const char *meant, MmBytes octets)
{
	g_auto (MmBuffer) key = MM_BUFFER_INIT;

	if (meant != NULL)
		mm_buffer_append_str (&key, meant);
	mm_buffer_append_c (&key, '\0');
	mm_buffer_append (&key, octets);
	return mm_buffer_steal (&key);
}

static char *
tell_word (const MmFacts *facts, const MmPart *part, const MmBadName *name, const char *meant,
           MmBytes octets, Told *told)
{
	g_autoptr (GBytes) key = key_of (meant, octets);
	const char *charset = key != NULL ? g_hash_table_lookup (told->by_octets, key) : NULL;
	char *found;

	if (charset != NULL)
		return g_strdup (charset);
	found = tell_octets (facts, part, name, meant, octets);
	if (key != NULL && found != NULL)
		g_hash_table_insert (told->by_octets, g_bytes_ref (key), g_strdup (found));
	return found;
}

/* The charset that @name, one of @names, is to have; NULL if that is not certain. */
static char *
tell (const MmFacts *facts, const MmPart *part, const GArray *names, const MmBadName *name,
      Told *told)
{
	gboolean word = name->word.whole.data != NULL;
	const char *known = word ? g_hash_table_lookup (told->by_name, &name->name) : NULL;
	g_autofree char *given = NULL;
	g_auto (MmBuffer) octets = mm_part_buffer (part);
	const char *meant;
	char *found;

	if (known != NULL)
		return g_strdup (known);
	given = mm_bytes_dup (name->name);
	meant = mm_charset_name_mend (given);
	if (!read_octets (part, names, name, &octets))
		found = g_strdup (meant);
	else if (word)
		found = tell_word (facts, part, name, meant, mm_buffer_bytes (&octets), told);
	else
		found = tell_octets (facts, part, name, meant, mm_buffer_bytes (&octets));
	if (word && found != NULL)
		g_hash_table_insert (told->by_name, (gpointer) &name->name, g_strdup (found));
	return found;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A word with another name. If that makes it too long, its octets are written again. */
static gboolean
write_word (const MmBadName *name, const char *charset, MmBuffer *out)
{
	MmBytes whole = name->word.whole;
	gsize behind = (gsize) (mm_bytes_end (name->name) - whole.data);
	gsize len = whole.len - name->name.len + strlen (charset);
	g_auto (MmBuffer) octets = MM_BUFFER_INIT;

	if (len <= WORD_MAX_CHARS || whole.len > WORD_MAX_CHARS) {
		mm_buffer_append_str (out, "=?");
		mm_buffer_append_str (out, charset);
		return mm_buffer_append (out, mm_bytes_sub (whole, behind, whole.len));
	}
	return whole.data[behind] != '*' && mm_encoded_word_decode (&name->word, &octets) &&
	       mm_encoded_words_encode (mm_buffer_bytes (&octets), charset, name->place, 1, out);
}

static int
compare (gconstpointer a, gconstpointer b)
{
	const char *one = ((const MmBadName *) a)->name.data;
	const char *other = ((const MmBadName *) b)->name.data;

	return one < other ? -1 : one > other;
}

/* @value with every bad name replaced. FALSE if one of them means nothing that is certain. */
static gboolean
write_names (const MmFacts *facts, const MmPart *part, MmBytes value, const GArray *names,
             Told *told, MmBuffer *out)
{
	gsize done = 0;

	for (guint i = 0; i < names->len; i++) {
		const MmBadName *name = &g_array_index (names, MmBadName, i);
		gboolean word = name->word.whole.data != NULL;
		MmBytes old = word ? name->word.whole : name->name;
		gsize from = (gsize) (old.data - value.data);
		g_autofree char *charset = tell (facts, part, names, name, told);

		mm_buffer_append (out, mm_bytes_sub (value, done, from));
		if (charset == NULL || (word && !write_word (name, charset, out)))
			return FALSE;
		if (!word)
			mm_buffer_append_str (out, charset);
		done = from + old.len;
	}
	return mm_buffer_append (out, mm_bytes_sub (value, done, value.len));
}

static gboolean
write_value (const MmFacts *facts, const MmPart *part, MmBytes value, GArray *names, MmBuffer *out)
{
	Told told = {
		.by_name = g_hash_table_new_full (mm_bytes_hash_nocase, mm_bytes_equal_nocase_keys,
		                                  NULL, g_free),
		.by_octets = g_hash_table_new_full (hash_octets, g_bytes_equal,
		                                    (GDestroyNotify) g_bytes_unref, g_free),
	};
	gboolean ok;

	g_array_sort (names, compare);
	ok = write_names (facts, part, value, names, &told, out);
	g_hash_table_unref (told.by_name);
	g_hash_table_unref (told.by_octets);
	return ok;
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint) finding->header;
	MmBytes value = mm_part_header (part, at)->value;
	g_auto (MmBuffer) text = MM_BUFFER_INIT;
	g_autoptr (GArray) names = NULL;

	if (!mm_field_may_edit (facts, part, at, error))
		return FALSE;
	names = mm_bad_charset_names (part, at, G_MAXUINT);
	if (!write_value (facts, part, value, names, &text))
		return mm_uncertain (error, "which charset is meant cannot be told");
	mm_field_set (out, part, at, mm_buffer_bytes (&text));
	return mm_field_kind (mm_part_header (part, at)->name) != MM_FIELD_PARAMETERS ||
	       mm_charset_ensure_mime (facts, out, error);
}

const MmRule mm_rule_unknown_charset = {
        .name = "unknown-charset",
        .label = "UNKNOWN_CHARSET",
        .stage = MM_STAGE_MIME,
        .severity = MM_SEVERITY_ERROR,
        .groups = MM_GROUP_MIME,
        .m365 = MM_M365_FIX,
        .citation = "RFC 2046 4.1.2; RFC 2047 2; RFC 2231 4",
        .summary = "the charset of a text part, an encoded word or an RFC 2231 value is neither "
                   "registered with IANA nor taken by all large receivers (utf8, cp-850, ansi)",
        .repair = "the registered name that is meant, or what the octets are; left if neither is "
                  "certain",
        .receivers = "Exchange 2013 and 2016: 550 5.6.0 CAT.InvalidContent.Exception: "
                     "InvalidCharsetException, Character set name (cp-850) is invalid or not "
                     "installed (documented)",
        .detect = detect,
        .fix = fix,
};
