/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signature.c: finds DKIM and ARC fields, signed and encrypted parts, and inline PGP.
 */
#include <config.h>

#include <mailmend/signature.h>

static const struct {
	const char *field;
	guint signatures;
} signature_fields[] = {
        {"DKIM-Signature", MM_SIGNATURE_DKIM},
        {"ARC-Seal", MM_SIGNATURE_ARC | MM_SIGNATURE_ARC_SEAL},
        {"ARC-Message-Signature", MM_SIGNATURE_ARC},
};

static const struct {
	MmSignatures signature;
	const char *name;
} names[] = {
        {MM_SIGNATURE_ARC, "arc"},
        {MM_SIGNATURE_DKIM, "dkim"},
        {MM_SIGNATURE_ENCRYPTED, "encrypted"},
        {MM_SIGNATURE_INLINE_PGP, "inline-pgp"},
        {MM_SIGNATURE_SIGNED, "signed"},
};

#define ARMOUR "-----BEGIN PGP "

/* Armour at a line's start: of a message or a signature, not of a key that somebody attached. */
static gboolean
has_armour (MmBytes text)
{
	const char *at = mm_bytes_search (text, ARMOUR);

	while (at != NULL) {
		gsize place = (gsize) (at - text.data);
		MmBytes what = mm_bytes_sub (text, place + strlen (ARMOUR), text.len);
		gboolean starts_line = place == 0 || at[-1] == '\n';

		if (starts_line && (mm_bytes_has_prefix (what, "MESSAGE") ||
		                    mm_bytes_has_prefix (what, "SIGNED MESSAGE") ||
		                    mm_bytes_has_prefix (what, "SIGNATURE")))
			return TRUE;
		text = what;
		at = mm_bytes_search (text, ARMOUR);
	}
	return FALSE;
}

gboolean
mm_part_has_armour (const MmPart *part)
{
	g_auto (MmBuffer) decoded = mm_part_buffer (part);
	MmPart meant = *part;

	if (part->kind != MM_PART_LEAF || !mm_part_is_text (part))
		return FALSE;
	/* Most text has none, and need not be decoded to say so. */
	if (part->encoding == MM_ENCODING_QP && !part->qp.hyphens)
		return FALSE;
	if (has_armour (part->content))
		return TRUE;
	/* Many encoders escape the dash that an armour line begins with. */
	meant.encoding = mm_part_evident_encoding (part);
	return (meant.encoding == MM_ENCODING_BASE64 || meant.encoding == MM_ENCODING_QP) &&
	       mm_part_decode (&meant, &decoded) && has_armour (mm_buffer_bytes (&decoded));
}

static guint
signatures_of_part (const MmPart *part)
{
	if (strcmp (part->type, "multipart/signed") == 0)
		return MM_SIGNATURE_SIGNED;
	if (strcmp (part->type, "multipart/encrypted") == 0)
		return MM_SIGNATURE_ENCRYPTED;
	return mm_part_has_armour (part) ? MM_SIGNATURE_INLINE_PGP : 0;
}

guint
mm_signatures_of (const MmMessage *message, const MmMime *mime)
{
	guint signatures = 0;

	for (gsize i = 0; i < G_N_ELEMENTS (signature_fields); i++)
		if (mm_message_find (message, signature_fields[i].field, 0) >= 0)
			signatures |= signature_fields[i].signatures;
	for (guint i = 0; i < mime->parts->len; i++)
		if (!mm_mime_part (mime, i)->embedded)
			signatures |= signatures_of_part (mm_mime_part (mime, i));
	return signatures;
}

guint *
mm_signatures_by_mail (const MmMime *mime)
{
	guint *signatures = g_new0 (guint, mime->parts->len);

	for (guint i = 0; i < mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (mime, i);

		signatures[mm_mime_mail_of (mime, part)->number] |= signatures_of_part (part);
	}
	return signatures;
}

char *
mm_signatures_to_string (guint signatures)
{
	g_autoptr (GPtrArray) found = NULL;

	if (signatures == 0)
		return g_strdup ("");
	found = g_ptr_array_new ();
	for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
		if (signatures & names[i].signature)
			g_ptr_array_add (found, (gpointer) names[i].name);
	g_ptr_array_add (found, NULL);
	return g_strjoinv (",", (char **) found->pdata);
}

/* ---- breaks -------------------------------------------------------------------------------------- */

void
mm_break_free (MmBreak *broken)
{
	g_free (broken->signer);
	g_free (broken->field);
	g_free (broken);
}

char *
mm_break_to_string (const MmBreak *broken)
{
	static const char *const whys[] = {
	        [MM_BREAK_FIELD] = "field ",    [MM_BREAK_ADDED] = "added field ",
	        [MM_BREAK_BODY] = "body",       [MM_BREAK_ITSELF] = "its own field",
	        [MM_BREAK_CONTENT] = "content", [MM_BREAK_UNKNOWN] = "it cannot be read",
	};
	g_autofree char *name = mm_signatures_to_string (broken->signature);

	return g_strdup_printf ("%s%s%s (%s%s)", name, broken->signer != NULL ? " " : "",
	                        broken->signer != NULL ? broken->signer : "", whys[broken->why],
	                        broken->field != NULL ? broken->field : "");
}
