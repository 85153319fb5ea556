/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime.h: the tree of parts of a message, as byte ranges (RFC 2045, 2046).
 *
 * Our own line-based splitter: CRLF and lone LF end a line, a lone CR does not. The tree is read by
 * a stack, innermost boundary first; a delimiter line is matched whole, so an inner boundary may
 * have the outer one as prefix. Part 0 is the message itself; its header items are the message's,
 * everything else points into the body. Every entity counts as a part; depth of the top is 1.
 *
 * A message/rfc822 (or message/global) in 7bit, 8bit or binary is opened: its message is its one
 * child. In base64 or quoted-printable it is an opaque leaf.
 */
#pragma once

#include <mailmend/codec.h>
#include <mailmend/grammar.h>
#include <mailmend/limits.h>
#include <mailmend/message.h>

G_BEGIN_DECLS

typedef enum {
	MM_ENCODING_7BIT, /* also when no Content-Transfer-Encoding is given */
	MM_ENCODING_8BIT,
	MM_ENCODING_BINARY,
	MM_ENCODING_QP,
	MM_ENCODING_BASE64,
	MM_ENCODING_UNKNOWN,
} MmEncoding;

/* Where a range of content belongs. */
typedef enum {
	MM_PART_LEAF,
	MM_PART_MULTIPART,
	MM_PART_MESSAGE, /* an opened message/rfc822 or message/global */
} MmPartKind;

typedef struct {
	guint number; /* place in the tree's list: depth first, in the order of the octets */
	int parent;   /* number of the parent, -1 for the message */
	guint depth;  /* 1 for the message */
	const MmMessage *message; /* the whole */
	guint children; /* directly below it */
	char *path;   /* "" for the message, "1", "2.1"; a message inside a message adds ".1" */

	MmBytes block;   /* header lines of the part, without the empty line */
	MmBytes content; /* encoded content; of a multipart all from its preamble to its epilogue */
	MmBytes line_end; /* the line end before the delimiter behind it, which belongs to that delimiter */
	GArray *headers; /* of MmHeader */
	gboolean separated; /* an empty line ends the header block */
	gboolean unseparated; /* none does, and a line of the block is no field: text or header, that
	                       * cannot be told, so nothing else is found in this part */

	MmPartKind kind;
	char *type;       /* "text/plain", lower case; the default where none can be read */
	gboolean type_given; /* a Content-Type with a readable type governs */
	MmEncoding encoding;
	char *encoding_text; /* the field as given, without comments, lower case; NULL if there is none */
	char *charset;    /* parameter charset, NULL if there is none */

	/* The fields that govern: their places, or -1, and what two of them say, read once for all. */
	int type_at, encoding_at, disposition_at;
	MmParameterized type_field, disposition; /* parameters: NULL where there is no field */

	/* multipart only */
	char *boundary;   /* NULL: no usable parameter; kind is then LEAF */
	MmBytes preamble; /* up to the line end before the first delimiter */
	MmBytes epilogue; /* after the close line */
	gboolean opened;  /* at least one delimiter line */
	gboolean closed;  /* the close line was seen */
	GArray *delimiters; /* of MmBytes: delimiter and close lines with their line ends */

	gboolean embedded;  /* below message/rfc822 and its like, or a part of multipart/report */
	gboolean sealed;     /* inside multipart/signed or multipart/encrypted */
	gboolean veiled;     /* inside a multipart that says quoted-printable or base64, and whose
	                      * parts look it: what stands here is not what was meant */
	gboolean attachment; /* Content-Disposition: attachment */

	MmQpLook qp; /* of a leaf in quoted-printable that is text */
} MmPart;

typedef struct {
	const MmMessage *message;
	GPtrArray *parts; /* of MmPart; at least the message */
	const char *limit; /* the bound beyond which nothing was read ("parts", "depth",
	                    * "part_header_block", "parameters"), or NULL */
} MmMime;

/* The tree of @message, which must outlive it. @limits bounds parts, depth and header blocks. */
MmMime *mm_mime_new (const MmMessage *message, const MmLimits *limits);
void mm_mime_free (MmMime *mime);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmMime, mm_mime_free)

static inline const MmPart *
mm_mime_part (const MmMime *mime, guint number)
{
	return g_ptr_array_index (mime->parts, number);
}

/* Preamble and epilogue of a multipart with the line end behind them, which is the next
 * delimiter's: CR CR LF may straddle that border. Empty where there is no epilogue. */
MmBytes mm_part_preamble (const MmPart *part);
MmBytes mm_part_epilogue (const MmPart *part);

static inline const MmHeader *
mm_part_header (const MmPart *part, guint at)
{
	return &g_array_index (part->headers, MmHeader, at);
}

/* TRUE if header item @at of @part is a line that is no field: not an mbox From_ line, nor a field
 * that only a lone CR damages. */
gboolean mm_part_is_stray_line (const MmMime *mime, const MmPart *part, guint at);

/* Place of the last header named @name (the one that governs), or -1. */
int mm_part_find_header (const MmPart *part, const char *name);

/* What header @at of @part says, a Content-Type or Content-Disposition: as it was read with the part
 * if it governs, else read now into @own, which the caller clears. */
const MmParameterized *mm_part_parameters (const MmPart *part, guint at, MmParameterized *own);

gboolean mm_part_is_text (const MmPart *part);

/* TRUE if @part->qp is set. */
static inline gboolean
mm_part_is_text_in_qp (const MmPart *part)
{
	return part->kind == MM_PART_LEAF && part->encoding == MM_ENCODING_QP &&
	       mm_part_is_text (part);
}

/* A leaf that may never be encoded (composite types, text/rfc822-headers, the second and third
 * part of multipart/report) or lies inside something signed or encrypted. */
gboolean mm_part_is_untouchable (const MmMime *mime, const MmPart *part);

/* The innermost mail that @part belongs to: the part below message/rfc822 that it is or lies below;
 * else the message. */
const MmPart *mm_mime_mail_of (const MmMime *mime, const MmPart *part);

/* TRUE if a finding in the content of @part lies inside embedded mail. */
gboolean mm_part_content_is_embedded (const MmPart *part);

/* What the value of a Content-Transfer-Encoding says. *@out_text, if wanted: as encoding_text of a
 * part (transfer full). */
MmEncoding mm_mime_read_encoding (MmBytes value, char **out_text);

/* The number behind the last part inside @part: those between lie in it, at any depth. */
guint mm_part_end (const MmMime *mime, const MmPart *part);

/* An empty buffer for what is made of the content of @part: in a file where bodies of the message
 * are. Whatever can be as large as a body goes through here, not through MM_BUFFER_INIT. */
MmBuffer mm_part_buffer (const MmPart *part);

/* The octets of a leaf, decoded by its encoding (an unknown one: as they stand). FALSE when memory
 * is refused. */
gboolean mm_part_decode (const MmPart *part, MmBuffer *out);

/* The part's encoding; of one that is MM_ENCODING_UNKNOWN the one that is evidently meant, if the
 * name leaves no doubt and the content fits, else MM_ENCODING_UNKNOWN. */
MmEncoding mm_part_evident_encoding (const MmPart *part);

/* "quoted-printable"; NULL for MM_ENCODING_UNKNOWN. */
const char *mm_encoding_name (MmEncoding encoding);

/* TRUE for BinHex (RFC 1741) in base64: receivers take it for damaged, so this type is the one that
 * a repair may change, to application/octet-stream. */
gboolean mm_part_is_binhex_in_base64 (const MmPart *part);

/* TRUE for application/ms-tnef and application/vnd.ms-tnef. */
gboolean mm_part_is_tnef (const MmPart *part);

/* TRUE if the message has a part application/ms-tnef or application/vnd.ms-tnef. */
gboolean mm_mime_has_tnef (const MmMime *mime);

/* TRUE if any part has a header whose name begins with Content-. */
gboolean mm_mime_has_content_headers (const MmMime *mime);

G_END_DECLS
