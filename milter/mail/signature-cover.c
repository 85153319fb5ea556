/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature-cover.c: what the signatures of a message cover, against another version of it.
 *
 * RFC 6376 5.4.2: "Signers MAY claim to have signed header fields that do not exist ... the
 * signer signs ... from the bottom of the header field block to the top." So of every name that an
 * edit concerns as many fields are compared as h= counts, from below, in both versions: a field
 * that is missing on one side only breaks the signature as well as one that reads otherwise.
 */
#include <config.h>

#include "signature-private.h"

#define MAX_FIELD 80

/* A version of the header: its items, and where those of the cover's message are. */
typedef struct {
	const MmCover *cover;
	const MmHeader *items;
	guint n;
	const MmHeader **map; /* of the old items; NULL: deleted */
	GPtrArray *changed;   /* of MmHeader: an item of each name that an edit concerns */
} Version;

/* ---- the cover ----------------------------------------------------------------------------------- */

static void
dkim_free (gpointer data)
{
	mm_dkim_free (data);
}

static MmDkim *
read_signature (const MmHeader *item, guint at, MmSignatures kind, gboolean in_limit)
{
	MmHeader nothing = {0};
	MmDkim *dkim = mm_dkim_read (in_limit ? item : &nothing, kind);

	dkim->header = at;
	return dkim;
}

static void
read_fields (MmCover *cover, gsize limit)
{
	int seal = mm_message_find (cover->message, "ARC-Seal", 0);

	for (guint i = 0; i < mm_message_n_headers (cover->message); i++) {
		const MmHeader *item = mm_message_header (cover->message, i);
		MmSignatures kind = 0;
		gboolean in_limit = cover->dkims->len < limit;

		if (mm_bytes_is (item->name, "DKIM-Signature"))
			kind = MM_SIGNATURE_DKIM;
		else if (mm_bytes_is (item->name, "ARC-Message-Signature"))
			kind = MM_SIGNATURE_ARC;
		if (kind == 0)
			continue;
		g_ptr_array_add (cover->dkims, read_signature (item, i, kind, in_limit));
		cover->beyond = !in_limit;
	}
	if (seal >= 0)
		g_ptr_array_add (cover->dkims, mm_dkim_new_seal ((guint) seal));
}

static gint
compare_limits (gconstpointer a, gconstpointer b)
{
	const MmDkim *x = *(const MmDkim *const *) a, *y = *(const MmDkim *const *) b;

	return x->limit < y->limit ? -1 : x->limit > y->limit;
}

/* Where the body is signed at all, and up to where: one pass for all signatures of a form. */
static void
read_body (MmCover *cover, gboolean relaxed)
{
	MmBytes body = mm_message_body (cover->message);
	g_autoptr (GPtrArray) limited = g_ptr_array_new ();

	for (guint i = 0; i < cover->dkims->len; i++) {
		MmDkim *dkim = g_ptr_array_index (cover->dkims, i);

		if (!dkim->readable || dkim->kind == MM_SIGNATURE_ARC_SEAL ||
		    dkim->relaxed_body != relaxed)
			continue;
		cover->signs[relaxed] = TRUE;
		if (dkim->limited)
			g_ptr_array_add (limited, dkim);
	}
	cover->body_end[relaxed] = mm_dkim_body_end (body, relaxed);
	g_ptr_array_sort (limited, compare_limits);
	mm_dkim_cover_body (body, relaxed, limited);
}

MmCover *
mm_cover_new (const MmMessage *message, const MmMime *mime, const MmLimits *limits)
{
	MmCover *cover = g_new0 (MmCover, 1);

	cover->message = message;
	cover->dkims = g_ptr_array_new_with_free_func (dkim_free);
	cover->content = mm_signatures_of (message, mime) & MM_SIGNATURES_OF_CONTENT;
	read_fields (cover, limits->signatures);
	read_body (cover, FALSE);
	read_body (cover, TRUE);
	return cover;
}

gboolean
mm_cover_is_beyond (const MmCover *cover)
{
	return cover->beyond;
}

void
mm_cover_free (MmCover *cover)
{
	g_ptr_array_unref (cover->dkims);
	g_free (cover);
}

/* ---- what is wrong ------------------------------------------------------------------------------- */

static void
break_free (gpointer data)
{
	mm_break_free (data);
}

static void
add_break (GPtrArray *out, const MmDkim *dkim, MmBreakWhy why, const MmHeader *field)
{
	MmBreak *broken = g_new0 (MmBreak, 1);

	broken->signature = dkim->kind == MM_SIGNATURE_ARC_SEAL ? MM_SIGNATURE_ARC : dkim->kind;
	broken->why = why;
	broken->header = (int) dkim->header;
	broken->signer = g_strdup (dkim->signer);
	broken->field = field != NULL ? mm_bytes_printable (field->name, MAX_FIELD) : NULL;
	g_ptr_array_add (out, broken);
}

static void
add_content_break (GPtrArray *out, guint content)
{
	static const MmSignatures kinds[] = {MM_SIGNATURE_SIGNED, MM_SIGNATURE_ENCRYPTED,
	                                     MM_SIGNATURE_INLINE_PGP};

	for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
		MmBreak *broken;

		if (!(content & kinds[i]))
			continue;
		broken = g_new0 (MmBreak, 1);
		broken->signature = kinds[i];
		broken->why = MM_BREAK_CONTENT;
		broken->header = -1;
		g_ptr_array_add (out, broken);
	}
}

/* ---- header fields ------------------------------------------------------------------------------- */

static gboolean
same_line (MmBytes a, MmBytes b)
{
	return (a.data == b.data && a.len == b.len) || mm_bytes_equal (a, b);
}

static void
note_change (GHashTable *seen, GPtrArray *changed, const MmHeader *item)
{
	if (item->is_field &&
	    g_hash_table_add (seen, g_ascii_strdown (item->name.data, (gssize) item->name.len)))
		g_ptr_array_add (changed, (gpointer) item);
}

/* Finds out which names an edit concerns. @items hold the places of the old ones as original. */
static void
version_init (Version *v, const MmCover *cover, const MmHeader *items, guint n)
{
	g_autoptr (GHashTable) seen = g_hash_table_new_full (mm_str_hash, g_str_equal, g_free, NULL);
	guint n_old = mm_message_n_headers (cover->message);

	*v = (Version){cover, items, n, g_new0 (const MmHeader *, n_old + 1), g_ptr_array_new ()};
	for (guint i = 0; i < n; i++) {
		if (items[i].original >= 0 && (guint) items[i].original < n_old)
			v->map[items[i].original] = &items[i];
		else
			note_change (seen, v->changed, &items[i]);
	}
	for (guint i = 0; i < n_old; i++) {
		const MmHeader *old = mm_message_header (cover->message, i);

		if (v->map[i] != NULL && same_line (old->line, v->map[i]->line))
			continue;
		note_change (seen, v->changed, old);
		if (v->map[i] != NULL)
			note_change (seen, v->changed, v->map[i]);
	}
}

static void
version_clear (Version *v)
{
	g_free (v->map);
	g_ptr_array_unref (v->changed);
}

static gboolean
same_name (const MmHeader *item, MmBytes name)
{
	return item->is_field && mm_bytes_equal_nocase (item->name, name);
}

/* The next field named @name above @at, the signature's own left out; NULL: there is none. */
static const MmHeader *
field_above (const MmHeader *items, guint *at, MmBytes name, const MmHeader *own)
{
	while (*at > 0) {
		const MmHeader *item = &items[--*at];
		if (item != own && same_name (item, name))
			return item;
	}
	return NULL;
}

/* Compares the fields of one name that @dkim signs. TRUE if that found a break. */
static gboolean
name_breaks (const Version *v, const MmDkim *dkim, const MmHeader *named, GPtrArray *out)
{
	const MmMessage *before = v->cover->message;
	gboolean seals = dkim->kind == MM_SIGNATURE_ARC_SEAL;
	const MmHeader *items = mm_message_header (before, 0);
	const MmHeader *own = seals ? NULL : &items[dkim->header];
	const MmHeader *new_own = seals ? NULL : v->map[dkim->header];
	guint old_at = mm_message_n_headers (before), new_at = v->n;

	for (guint n = mm_dkim_counts (dkim, named->name); n > 0; n--) {
		const MmHeader *old = field_above (items, &old_at, named->name, own);
		const MmHeader *new = field_above (v->items, &new_at, named->name, new_own);

		if (old == NULL && new == NULL)
			return FALSE;
		if (old != NULL && new != NULL &&
		    (same_line (old->line, new->line) ||
		     mm_dkim_same_field (old->line, mm_bytes (NULL, 0), new->line,
		                         mm_bytes (NULL, 0), dkim->relaxed_header)))
			continue;
		/* A new field at the bottom takes the place of the one that was signed. */
		add_break (out, dkim, old == NULL || (new != NULL && new->original < 0)
		                              ? MM_BREAK_ADDED
		                              : MM_BREAK_FIELD, named);
		return TRUE;
	}
	return FALSE;
}

/* Folds inside the signature itself mean nothing. */
static gboolean
same_but_blanks (MmBytes a, MmBytes b)
{
	gsize i = 0, j = 0;

	for (;;) {
		while (i < a.len && mm_is_space (a.data[i]))
			i++;
		while (j < b.len && mm_is_space (b.data[j]))
			j++;
		if (i == a.len || j == b.len)
			return i == a.len && j == b.len;
		if (a.data[i++] != b.data[j++])
			return FALSE;
	}
}

static gboolean
own_field_breaks (const Version *v, const MmDkim *dkim)
{
	const MmHeader *old = mm_message_header (v->cover->message, dkim->header);
	const MmHeader *new = v->map[dkim->header];
	MmDkim *again;
	gboolean same;

	if (dkim->kind == MM_SIGNATURE_ARC_SEAL || (new != NULL && same_line (old->line, new->line)))
		return FALSE;
	if (new == NULL || !same_name (new, old->name))
		return TRUE;
	again = mm_dkim_read (new, dkim->kind);
	same = again->readable && same_but_blanks (dkim->b, again->b) &&
	       mm_dkim_same_field (old->line, dkim->b, new->line, again->b, dkim->relaxed_header);
	mm_dkim_free (again);
	return !same;
}

/* TRUE if a changed field breaks @dkim. */
static gboolean
header_breaks (const Version *v, const MmDkim *dkim, GPtrArray *out)
{
	if (!dkim->readable || v->changed->len == 0)
		return FALSE;
	if (own_field_breaks (v, dkim)) {
		add_break (out, dkim, MM_BREAK_ITSELF, NULL);
		return TRUE;
	}
	for (guint i = 0; i < v->changed->len; i++)
		if (name_breaks (v, dkim, g_ptr_array_index (v->changed, i), out))
			return TRUE;
	return FALSE;
}

/* A Content- field says how the signed content is to be read. */
static gboolean
content_field_changed (const Version *v)
{
	for (guint i = 0; i < v->changed->len; i++) {
		const MmHeader *item = g_ptr_array_index (v->changed, i);
		if (mm_bytes_has_prefix (item->name, "Content-"))
			return TRUE;
	}
	return FALSE;
}

/* ---- all together --------------------------------------------------------------------------------- */

GPtrArray *
mm_cover_find_breaks (const MmCover *cover, const MmHeader *items, guint n, gboolean other_body,
                      MmBodyBreaks body_breaks, gpointer data)
{
	GPtrArray *out = g_ptr_array_new_with_free_func (break_free);
	Version v;

	version_init (&v, cover, items, n);
	for (guint i = 0; i < cover->dkims->len; i++) {
		const MmDkim *dkim = g_ptr_array_index (cover->dkims, i);

		if (header_breaks (&v, dkim, out) || dkim->kind == MM_SIGNATURE_ARC_SEAL)
			continue;
		if (!dkim->readable && (other_body || v.changed->len > 0))
			add_break (out, dkim, MM_BREAK_UNKNOWN, NULL);
		else if (dkim->readable && other_body && body_breaks (dkim, data))
			add_break (out, dkim, MM_BREAK_BODY, NULL);
	}
	if (other_body || content_field_changed (&v))
		add_content_break (out, cover->content);
	version_clear (&v);
	return out;
}

/* Octets that two bodies have in common, by relaxed; made once. */
typedef struct {
	MmBytes before;
	MmBytes after;
	gboolean known[2];
	gsize common[2];
} Bodies;

static gboolean
bodies_differ (const MmDkim *dkim, gpointer data)
{
	Bodies *bodies = data;
	gboolean relaxed = dkim->relaxed_body;

	if (!bodies->known[relaxed])
		bodies->common[relaxed] =
		        mm_dkim_common_body (bodies->before, bodies->after, relaxed);
	bodies->known[relaxed] = TRUE;
	return bodies->common[relaxed] < (dkim->limited ? dkim->limit : G_MAXSIZE);
}

GPtrArray *
mm_cover_compare (const MmCover *cover, const MmMessage *after)
{
	guint n = mm_message_n_headers (after);
	Bodies bodies = {.before = mm_message_body (cover->message), .after = mm_message_body (after)};

	return mm_cover_find_breaks (cover, n > 0 ? mm_message_header (after, 0) : NULL, n,
	                             !same_line (bodies.before, bodies.after), bodies_differ,
	                             &bodies);
}
