/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature-dkim.c: the tags of a DKIM-Signature or ARC-Message-Signature field.
 *
 * RFC 6376 3.2:
 *   tag-list  = tag-spec *( ";" tag-spec ) [ ";" ]
 *   tag-spec  = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *   tag-name  = ALPHA *ALNUMPUNC
 *
 * A tag given twice spoils the list. What no verifier accepts is "not readable" here; the reverse
 * would be worse, so nothing is demanded of values that are not used.
 */
#include <config.h>

#include "signature-private.h"

/* The tags that are of use; the others are only counted as names. */
typedef enum {
	TAG_A,
	TAG_B,
	TAG_BH,
	TAG_C,
	TAG_D,
	TAG_H,
	TAG_L,
	TAG_S,
	N_TAGS,
} Tag;

static const struct {
	const char *name;
	gboolean required;
} tags[N_TAGS] = {
        [TAG_A] = {"a", TRUE},
        [TAG_B] = {"b", TRUE},
        [TAG_BH] = {"bh", TRUE},
        [TAG_C] = {"c", FALSE},
        [TAG_D] = {"d", TRUE},
        [TAG_H] = {"h", TRUE},
        [TAG_L] = {"l", FALSE},
        [TAG_S] = {"s", TRUE},
};

/* l= has at most 76 digits; what is beyond any body counts as that. */
#define MAX_DIGITS 76

#define MAX_SIGNER 120

/* ---- tag lists ----------------------------------------------------------------------------------- */

typedef struct {
	gboolean given[N_TAGS];
	MmBytes value[N_TAGS];
	MmBytes b; /* the value of b= with the blanks around it, which are not signed either (3.7) */
} TagList;

/* Reads one tag-spec. FALSE if the list is spoilt. */
static gboolean
read_tag (MmBytes spec, GHashTable *seen, TagList *out)
{
	gsize equals = mm_bytes_find (spec, '=', 0);
	MmBytes name = mm_bytes_trim (mm_bytes_sub (spec, 0, equals));

	if (equals == spec.len || name.len == 0 ||
	    !g_hash_table_add (seen, mm_bytes_dup (name)))
		return FALSE;
	for (guint i = 0; i < N_TAGS; i++) {
		/* Names of tags have a case (3.2). */
		if (!mm_bytes_equal (name, mm_bytes_str (tags[i].name)))
			continue;
		out->given[i] = TRUE;
		out->value[i] = mm_bytes_trim (mm_bytes_sub (spec, equals + 1, spec.len));
		if (i == TAG_B)
			out->b = mm_bytes_sub (spec, equals + 1, spec.len);
	}
	return TRUE;
}

static gboolean
read_tags (MmBytes value, TagList *out)
{
	g_autoptr (GHashTable) seen = g_hash_table_new_full (mm_str_hash, g_str_equal, g_free, NULL);

	for (gsize at = 0; at < value.len;) {
		gsize end = mm_bytes_find (value, ';', at);
		MmBytes spec = mm_bytes_sub (value, at, end);

		if (mm_bytes_trim (spec).len > 0 && !read_tag (spec, seen, out))
			return FALSE;
		at = end + 1;
	}
	for (guint i = 0; i < N_TAGS; i++)
		if (tags[i].required && out->value[i].len == 0)
			return FALSE;
	return TRUE;
}

/* ---- values -------------------------------------------------------------------------------------- */

static gboolean
read_form (MmBytes word, gboolean *out_relaxed)
{
	*out_relaxed = mm_bytes_is (word, "relaxed");
	return *out_relaxed || mm_bytes_is (word, "simple");
}

/* c= header [ "/" body ]; each is "simple" if not given. */
static gboolean
read_forms (MmBytes value, MmDkim *out)
{
	gsize slash = mm_bytes_find (value, '/', 0);

	return read_form (mm_bytes_sub (value, 0, slash), &out->relaxed_header) &&
	       (slash == value.len || read_form (mm_bytes_sub (value, slash + 1, value.len),
	                                         &out->relaxed_body));
}

static gboolean
read_limit (MmBytes value, MmDkim *out)
{
	gsize limit = 0;

	for (gsize i = 0; i < value.len; i++) {
		if (!g_ascii_isdigit (value.data[i]))
			return FALSE;
		if (limit > (G_MAXSIZE - 9) / 10)
			limit = G_MAXSIZE / 10;
		limit = limit * 10 + (gsize) (value.data[i] - '0');
	}
	out->limited = TRUE;
	out->limit = limit;
	return value.len > 0 && value.len <= MAX_DIGITS;
}

/* h= name *( [FWS] ":" [FWS] name ) */
static void
read_names (MmBytes value, MmDkim *out)
{
	for (gsize at = 0; at < value.len;) {
		gsize end = mm_bytes_find (value, ':', at);
		MmBytes name = mm_bytes_trim (mm_bytes_sub (value, at, end));
		guint n = mm_dkim_counts (out, name);

		if (name.len > 0)
			g_hash_table_replace (out->names,
			                      g_ascii_strdown (name.data, (gssize) name.len),
			                      GUINT_TO_POINTER (n + 1));
		at = end + 1;
	}
}

static gboolean
read_values (const TagList *list, MmDkim *out)
{
	if (list->given[TAG_C] && !read_forms (list->value[TAG_C], out))
		return FALSE;
	if (list->given[TAG_L] && !read_limit (list->value[TAG_L], out))
		return FALSE;
	read_names (list->value[TAG_H], out);
	/* Some verifiers take every From as signed, since a second one deceives readers. */
	if (mm_dkim_counts (out, mm_bytes_str ("from")) > 0)
		g_hash_table_replace (out->names, g_strdup ("from"), GUINT_TO_POINTER (G_MAXUINT));
	out->b = list->b;
	return TRUE;
}

static char *
name_signer (const TagList *list)
{
	g_autofree char *domain = mm_bytes_printable (list->value[TAG_D], MAX_SIGNER);
	g_autofree char *selector = mm_bytes_printable (list->value[TAG_S], MAX_SIGNER);

	return list->given[TAG_D] ? g_strconcat (domain, "/", selector, NULL) : NULL;
}

/* ---- fields -------------------------------------------------------------------------------------- */

static MmDkim *
dkim_new (MmSignatures kind)
{
	MmDkim *dkim = g_new0 (MmDkim, 1);

	dkim->kind = kind;
	dkim->covered = G_MAXSIZE;
	dkim->names = g_hash_table_new_full (mm_str_hash, g_str_equal, g_free, NULL);
	return dkim;
}

MmDkim *
mm_dkim_read (const MmHeader *item, MmSignatures kind)
{
	MmDkim *dkim = dkim_new (kind);
	TagList list = {0};

	dkim->readable = read_tags (item->value, &list) && read_values (&list, dkim);
	dkim->signer = name_signer (&list);
	return dkim;
}

MmDkim *
mm_dkim_new_seal (guint header)
{
	static const char *const names[] = {"arc-seal", "arc-message-signature",
	                                    "arc-authentication-results"};
	MmDkim *dkim = dkim_new (MM_SIGNATURE_ARC_SEAL);

	dkim->header = header;
	dkim->readable = TRUE;
	dkim->relaxed_header = TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
		g_hash_table_replace (dkim->names, g_strdup (names[i]),
		                      GUINT_TO_POINTER (G_MAXUINT));
	return dkim;
}

void
mm_dkim_free (MmDkim *dkim)
{
	g_hash_table_unref (dkim->names);
	g_free (dkim->signer);
	g_free (dkim);
}

guint
mm_dkim_counts (const MmDkim *dkim, MmBytes name)
{
	g_autofree char *lower = NULL;

	if (name.len == 0)
		return 0;
	lower = g_ascii_strdown (name.data, (gssize) name.len);
	return GPOINTER_TO_UINT (g_hash_table_lookup (dkim->names, lower));
}
