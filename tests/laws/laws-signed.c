/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * laws-signed.c: signed content is not touched, in the message or in embedded mail.
 */
#include "laws-private.h"


/* The Content- fields of the message, one behind the other. */
static GString *
content_fields (const MmMessage *message)
{
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < mm_message_n_headers (message); i++) {
		const MmHeader *item = mm_message_header (message, i);
		if (mm_bytes_has_prefix (item->name, "Content-"))
			g_string_append_len (out, item->line.data, (gssize)item->line.len);
	}
	return out;
}

static void
check_content (const Law *l)
{
	const MmMessage *old = l->j->check->message, *new = l->j->message;
	GString *a = content_fields (old), *b = content_fields (new);

	if (!mm_bytes_equal (mm_message_body (old), mm_message_body (new)))
		laws_broken (l, "the body of S/MIME or PGP was edited");
	if (!g_string_equal (a, b))
		laws_broken (l, "a Content- field of S/MIME or PGP was edited");
	g_string_free (a, TRUE);
	g_string_free (b, TRUE);
}

static MmBytes
without_line_end (MmBytes b)
{
	while (b.len > 0 && (b.data[b.len - 1] == '\r' || b.data[b.len - 1] == '\n'))
		b.len--;
	return b;
}

/* A close line that comes behind a last field gives it a line end, or takes it for its own. */
static gboolean
same_block (MmBytes old, MmBytes new)
{
	return mm_bytes_equal (without_line_end (old), without_line_end (new));
}

/* So may the end of what lies in a multipart be; a leaf is the same octets. */
static gboolean
same_inside (const MmPart *old, const MmPart *new)
{
	return old->kind == MM_PART_LEAF ? mm_bytes_equal (old->content, new->content)
	                                 : same_block (old->content, new->content);
}

/* The same for embedded mail, and for what lies around that: nothing inside is another octet. */
static void
check_embedded_content (const Law *l, const MmMime *after)
{
	const MmMime *before = l->j->check->mime;
	g_autofree guint *signatures = mm_signatures_by_mail (before);

	for (guint i = 1; i < before->parts->len; i++) {
		const MmPart *old = mm_mime_part (before, i);
		const MmPart *new = mm_mime_part (after, i);

		if (signatures[i] != 0 && !same_inside (old, new))
			laws_broken (l, "part \"%s\" holds S/MIME or PGP and was edited", old->path);
		if (old->sealed && !same_block (old->block, new->block))
			laws_broken (l, "the header of the signed part \"%s\" was edited", old->path);
	}
}

static guint
count_embedded_edits (const MmMime *before, const MmMime *after)
{
	guint n = 0;

	for (guint i = 0; i < before->parts->len; i++)
		n += mm_mime_part (before, i)->embedded &&
		     (!same_block (mm_mime_part (before, i)->block,
				   mm_mime_part (after, i)->block) ||
		      !same_inside (mm_mime_part (before, i), mm_mime_part (after, i)));
	return n;
}

/* No signature is known to be broken but where OnDkim = fix says so, and never one that is sealed. */
void
laws_check_signed (const Law *l)
{
	g_autoptr (MmCover) cover = mm_cover_new (l->j->check->message, l->j->check->mime,
	                                          &l->context->limits);
	g_autoptr (GPtrArray) breaks = mm_cover_compare (cover, l->j->message);
	gboolean sealed = (l->j->signatures & MM_SIGNATURE_ARC_SEAL) != 0;
	guint broke = 0;

	for (guint i = 0; i < breaks->len; i++) {
		const MmBreak *b = breaks->pdata[i];
		if (b->why != MM_BREAK_UNKNOWN)
			broke |= b->signature;
	}
	if (broke != l->j->broke)
		laws_broken (l, "broken are %x, but broke= says %x", broke, l->j->broke);
	if (broke != 0 && (l->setting.on_dkim != MM_DKIM_FIX || sealed))
		laws_broken (l, "signatures were broken: %x", broke);
	if (l->j->signatures & MM_SIGNATURES_OF_CONTENT)
		check_content (l);
}

void
laws_check_embedded (const Law *l, const MmMime *after)
{
	guint inside = count_embedded_edits (l->j->check->mime, after);

	check_embedded_content (l, after);
	l->tally->inside += inside > 0;
	if (inside > 0 && l->setting.embedded == MM_EMBEDDED_REPORT)
		laws_broken (l, "embedded mail was edited");
}
