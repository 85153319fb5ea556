/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tnef-corrupt.c: a part named ms-tnef (winmail.dat) whose octets are no TNEF stream.
 *
 * MS-OXTNEF 2.1, in ABNF, integers little-endian:
 *     stream     = signature key *attribute
 *     signature  = 4OCTET                                 ; 0x223E9F78
 *     key        = 2OCTET
 *     attribute  = level id length data checksum
 *     level      = %x01 / %x02                            ; message, attachment
 *     id         = 4OCTET
 *     length     = 4OCTET                                 ; of data
 *     checksum   = 2OCTET                                 ; sum of the octets of data
 *
 * What the data of an attribute means is not looked at. Blanks and line ends behind the last
 * attribute are transport's.
 */
#include <config.h>

#include "field-private.h"
#include "head-private.h"

#define SIGNATURE 0x223E9F78u
#define HEADER_SIZE 6	 /* signature, key */
#define ATTRIBUTE_SIZE 9 /* level, id, length */
#define CHECKSUM_SIZE 2

static const char not_an_attribute[] = "octets that begin no attribute";

static guint32
read_number (MmBytes octets, gsize at, gsize n)
{
	guint32 number = 0;

	for (gsize i = 0; i < n; i++)
		number |= (guint32)(guint8)octets.data[at + i] << 8 * i;
	return number;
}

static guint16
sum_of (MmBytes data)
{
	guint32 sum = 0;

	for (gsize i = 0; i < data.len; i++)
		sum += (guint8)data.data[i];
	return (guint16)sum;
}

/* Over the attribute at *@at. NULL or what is wrong with it. */
static const char *
skip_attribute (MmBytes stream, gsize *at)
{
	gsize left = stream.len - *at;
	guint8 level = (guint8)stream.data[*at];
	gsize length;
	MmBytes data;

	if (level != 1 && level != 2)
		return not_an_attribute;
	if (left < ATTRIBUTE_SIZE + CHECKSUM_SIZE)
		return "the stream ends inside an attribute";
	length = read_number (stream, *at + 5, 4);
	if (length > left - ATTRIBUTE_SIZE - CHECKSUM_SIZE)
		return "an attribute is longer than the stream";
	data = mm_bytes_sub (stream, *at + ATTRIBUTE_SIZE, *at + ATTRIBUTE_SIZE + length);
	*at += ATTRIBUTE_SIZE + length;
	if (read_number (stream, *at, CHECKSUM_SIZE) != sum_of (data))
		return "the checksum of an attribute is wrong";
	*at += CHECKSUM_SIZE;
	return NULL;
}

static const char *
find_flaw (MmBytes stream)
{
	const char *flaw = NULL;
	gsize at = HEADER_SIZE;

	if (stream.len < HEADER_SIZE || read_number (stream, 0, 4) != SIGNATURE)
		return "the signature of TNEF is missing";
	while (flaw == NULL && at < stream.len && !mm_is_space (stream.data[at]))
		flaw = skip_attribute (stream, &at);
	if (flaw == NULL && mm_bytes_trim (mm_bytes_sub (stream, at, stream.len)).len > 0)
		flaw = not_an_attribute;
	return flaw;
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		g_auto (MmBuffer) decoded = mm_part_buffer (part);
		const char *flaw;

		/* In an unknown encoding nobody can tell what the octets are. */
		if (part->kind != MM_PART_LEAF || !mm_part_is_tnef (part) ||
		    part->encoding == MM_ENCODING_UNKNOWN || !mm_field_part_is_judged (part) ||
		    !mm_part_decode (part, &decoded))
			continue;
		flaw = find_flaw (mm_buffer_bytes (&decoded));
		if (flaw != NULL)
			mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_CONTENT, -1,
					 part->content.data, "%s", flaw);
	}
}

const MmRule mm_rule_tnef_corrupt = {
	.name = "tnef-corrupt",
	.label = "TNEF_CORRUPT",
	.stage = MM_STAGE_CONTENT,
	.severity = MM_SEVERITY_ERROR,
	.groups = MM_GROUP_MIME,
	.m365 = MM_M365_LOG,
	.citation = "MS-OXTNEF 2.1",
	.summary =
		"application/ms-tnef (winmail.dat) that is no TNEF stream: signature, lengths or "
		"checksums of its attributes are wrong",
	.repair = NULL,
	.receivers = "Exchange: 554 5.6.0 STOREDRV.Deliver; Corrupt message content, with Corrupt "
		     "summary tnef content (documented)",
	.hidden = NULL,
	.detect = detect,
};
