/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime-split.c: where parts lie, in one pass over the lines of the body.
 *
 * RFC 2046 5.1.1:
 *   multipart-body = [preamble CRLF] dash-boundary transport-padding CRLF body-part
 *                    *encapsulation close-delimiter transport-padding [CRLF epilogue]
 *   delimiter      = CRLF "--" boundary
 *
 * A stack holds the entities that are open, the message at its bottom. A delimiter line is looked
 * up from the top of the stack down; whatever is above the multipart it belongs to ends before it.
 * There is no recursion, and a body outside multiparts is not looked at.
 */
#include <config.h>

#include "mime-private.h"

/* Up to so many levels boundaries are compared with each line themselves. */
#define FEW_LEVELS 4

#define MARK_SLOTS 4096

/* A boundary without the blanks that it may end with: slots for its length and its hash. */
typedef struct {
	gboolean counts; /* FALSE: no multipart */
	guint length, hash;
	gboolean blanks; /* it does end with them */
} Mark;

/* How many boundaries of the stack have each length, and each hash: of most lines they say at once
 * that no level wants them. */
typedef struct {
	GArray *levels; /* of Mark, from the bottom of the stack; the top may lack them yet */
	guint lengths[MARK_SLOTS];
	guint hashes[MARK_SLOTS];
	guint blanks; /* end with blanks */
} Marks;

typedef struct {
	MmMime *mime;
	const MmLimits *limits;
	MmBytes body;
	gsize at;        /* where reading goes on, always a line's start */
	GArray *stack;   /* of guint: numbers of open parts */
	Marks *marks;    /* NULL: there were few levels so far */
	guint n_open;    /* multiparts on the stack that are not closed yet */
	gboolean frozen; /* the bound of parts is met: delimiters are content now */
} Splitter;

typedef struct {
	guint level; /* place in the stack of the multipart it belongs to */
	gboolean close;
} Delimiter;

static MmPart *
part_on (const Splitter *s, guint level)
{
	return mm_mime_part_mutable (s->mime, g_array_index (s->stack, guint, level));
}

/* RFC 2046: only transport padding may follow. A stray CR is a damaged line end, not text. */
static gboolean
is_padding (MmBytes rest)
{
	for (gsize i = 0; i < rest.len; i++)
		if (!mm_is_space (rest.data[i]))
			return FALSE;
	return TRUE;
}

static gboolean
line_delimits (MmBytes line, const char *boundary, gboolean *out_close)
{
	MmBytes rest = mm_bytes_sub (line, 2, line.len);
	gsize len = strlen (boundary);

	if (rest.len < len || memcmp (rest.data, boundary, len) != 0)
		return FALSE;
	rest = mm_bytes_sub (rest, len, rest.len);
	*out_close = rest.len >= 2 && rest.data[0] == '-' && rest.data[1] == '-' &&
	             is_padding (mm_bytes_sub (rest, 2, rest.len));
	return *out_close || is_padding (rest);
}

static MmBytes
without_padding (MmBytes b)
{
	while (b.len > 0 && mm_is_space (b.data[b.len - 1]))
		b.len--;
	return b;
}

static void
count_mark (Marks *marks, const Mark *mark, guint by)
{
	if (!mark->counts)
		return;
	marks->lengths[mark->length] += by;
	marks->hashes[mark->hash] += by;
	marks->blanks += mark->blanks ? by : 0;
}

static void
mark_level (Marks *marks, const MmPart *part)
{
	MmBytes whole = mm_bytes_str (part->boundary);
	MmBytes b = without_padding (whole);
	Mark mark = {.counts = part->kind == MM_PART_MULTIPART};

	if (mark.counts) {
		mark.length = (guint) (b.len % MARK_SLOTS);
		mark.hash = mm_bytes_hash (&b) % MARK_SLOTS;
		mark.blanks = b.len < whole.len;
	}
	count_mark (marks, &mark, 1);
	g_array_append_val (marks->levels, mark);
}

static void
mark_levels (Splitter *s)
{
	if (s->marks == NULL) {
		s->marks = g_new0 (Marks, 1);
		s->marks->levels = g_array_new (FALSE, FALSE, sizeof (Mark));
	}
	while (s->marks->levels->len < s->stack->len)
		mark_level (s->marks, part_on (s, s->marks->levels->len));
}

/* The level above the top of the stack is gone. */
static void
unmark_level (Splitter *s)
{
	if (s->marks == NULL || s->marks->levels->len <= s->stack->len)
		return;
	count_mark (s->marks, &g_array_index (s->marks->levels, Mark, s->stack->len), (guint) -1);
	g_array_set_size (s->marks->levels, s->stack->len);
}

static void
marks_free (Marks *marks)
{
	if (marks != NULL)
		g_array_unref (marks->levels);
	g_free (marks);
}

static gboolean
is_marked (const Marks *marks, MmBytes b)
{
	return marks->lengths[b.len % MARK_SLOTS] > 0 &&
	       marks->hashes[mm_bytes_hash (&b) % MARK_SLOTS] > 0;
}

/* FALSE: no boundary of all the levels stands behind the hyphens of @line. */
static gboolean
may_delimit (Splitter *s, MmBytes line)
{
	MmBytes rest = without_padding (mm_bytes_sub (line, 2, line.len));
	MmBytes before; /* "--" */

	mark_levels (s);
	if (is_marked (s->marks, rest))
		return TRUE;
	if (rest.len <= 2 || rest.data[rest.len - 1] != '-' || rest.data[rest.len - 2] != '-')
		return FALSE;
	rest.len -= 2;
	before = without_padding (rest);
	return (before.len == rest.len || s->marks->blanks > 0) && is_marked (s->marks, before);
}

static gboolean
find_delimiter (Splitter *s, MmBytes line, Delimiter *out)
{
	if (s->frozen || s->n_open == 0 || line.len < 3 || line.data[0] != '-' ||
	    line.data[1] != '-')
		return FALSE;
	if (s->stack->len > FEW_LEVELS && !may_delimit (s, line))
		return FALSE;
	for (guint level = s->stack->len; level-- > 0;) {
		const MmPart *part = part_on (s, level);
		if (part->kind == MM_PART_MULTIPART && !part->closed &&
		    line_delimits (line, part->boundary, &out->close)) {
			out->level = level;
			return TRUE;
		}
	}
	return FALSE;
}

/* The line end before a delimiter belongs to the delimiter. */
static gsize
content_end (const Splitter *s, gsize start, gsize delimiter)
{
	gsize end = delimiter;

	if (end > start && s->body.data[end - 1] == '\n')
		end--;
	if (end > start && end < delimiter && s->body.data[end - 1] == '\r')
		end--;
	return end;
}

/* Ends the part at the top of the stack; its content goes up to @delimiter. */
static void
end_top (Splitter *s, gsize delimiter)
{
	MmPart *part = part_on (s, s->stack->len - 1);
	gsize start = (gsize) (part->content.data - s->body.data);
	gsize end = content_end (s, start, delimiter);

	part->content = mm_bytes_sub (s->body, start, end);
	part->line_end = mm_bytes_sub (s->body, end, MAX (end, delimiter));
	if (part->kind == MM_PART_MULTIPART && !part->opened)
		part->preamble = part->content;
	if (part->closed) {
		gsize epilogue = (gsize) (part->epilogue.data - s->body.data);
		part->epilogue = mm_bytes_sub (s->body, epilogue, MAX (epilogue, end));
	} else if (part->kind == MM_PART_MULTIPART) {
		s->n_open--;
	}
	g_array_set_size (s->stack, s->stack->len - 1);
	unmark_level (s);
}

static gboolean
has_stray_line (const MmMime *mime, const MmPart *part)
{
	for (guint i = 0; i < part->headers->len; i++)
		if (mm_part_is_stray_line (mime, part, i))
			return TRUE;
	return FALSE;
}

/* The header block of a part ends at an empty line, before a delimiter, or at the end. */
static void
read_block (Splitter *s, MmPart *part)
{
	gsize start = s->at;
	Delimiter delimiter;

	while (s->at < s->body.len && s->at - start <= s->limits->part_header_block) {
		gsize len = mm_line_length (mm_bytes_sub (s->body, s->at, s->body.len));
		MmBytes line = mm_bytes_sub (s->body, s->at, s->at + len);

		part->separated = mm_line_is_empty (line);
		if (part->separated || find_delimiter (s, line, &delimiter))
			break;
		s->at += len;
	}
	part->block = mm_bytes_sub (s->body, start, s->at);
	if (part->block.len > s->limits->part_header_block)
		s->mime->limit = "part_header_block";
	if (part->separated)
		s->at += mm_line_length (mm_bytes_sub (s->body, s->at, s->body.len));
	part->headers = g_array_new (FALSE, FALSE, sizeof (MmHeader));
	mm_header_tokenize (part->block, part->headers);
	/* Beyond the bound an empty line may well come. */
	part->unseparated = !part->separated &&
	                    part->block.len <= s->limits->part_header_block &&
	                    has_stray_line (s->mime, part);
}

/* What is deeper than the bound is a leaf: its boundary, if it has one, is not looked for. */
static void
bound_depth (Splitter *s, MmPart *part)
{
	if (part->kind == MM_PART_LEAF || part->depth < s->limits->depth)
		return;
	part->kind = MM_PART_LEAF;
	s->mime->limit = "depth";
}

/* Puts @part, whose header block is read, on the stack; its content begins here. */
static void
open_content (Splitter *s, MmPart *part)
{
	mm_part_read_fields (s->mime, part);
	bound_depth (s, part);
	part->content = mm_bytes_sub (s->body, s->at, s->body.len);
	if (part->kind == MM_PART_MULTIPART) {
		part->delimiters = g_array_new (FALSE, FALSE, sizeof (MmBytes));
		s->n_open++;
	}
	g_array_append_val (s->stack, part->number);
}

/* Opens a child of the part at the top of the stack, and the messages directly inside it. */
static void
open_child (Splitter *s)
{
	MmPart *part;

	do {
		if (s->mime->parts->len >= s->limits->parts) {
			s->mime->limit = "parts";
			s->frozen = TRUE;
			return;
		}
		part = mm_part_new (s->mime,
		                    (int) g_array_index (s->stack, guint, s->stack->len - 1));
		read_block (s, part);
		open_content (s, part);
	} while (part->kind == MM_PART_MESSAGE);
}

static void
take_delimiter (Splitter *s, Delimiter delimiter, MmBytes line)
{
	gsize start = s->at;
	MmPart *multipart;

	while (s->stack->len > delimiter.level + 1)
		end_top (s, start);
	multipart = part_on (s, delimiter.level);
	if (!multipart->opened) {
		gsize from = (gsize) (multipart->content.data - s->body.data);
		multipart->preamble = mm_bytes_sub (s->body, from, content_end (s, from, start));
	}
	multipart->opened = TRUE;
	g_array_append_val (multipart->delimiters, line);
	s->at += line.len;
	if (delimiter.close) {
		multipart->closed = TRUE;
		multipart->epilogue = mm_bytes_sub (s->body, s->at, s->body.len);
		s->n_open--;
	} else {
		open_child (s);
	}
}

/* The first hyphen at or after @at. Among digits of base64 there is none. */
static gsize
next_hyphen (const MmMessage *message, MmBytes body, gsize at)
{
	while (at < body.len) {
		MmBytes digits = mm_message_digit_lines (message, body, body.data + at);
		gsize end = (gsize) (digits.data - body.data);
		gsize hyphen = mm_bytes_find (mm_bytes_sub (body, 0, end), '-', at);

		if (hyphen < end)
			return hyphen;
		at = end + digits.len;
	}
	return body.len;
}

/* Where the next line at or after @at, which begins one, begins with a hyphen; the end if none
 * does. Most mail has fewer hyphens than lines. */
static gsize
next_hyphen_line (const MmMessage *message, MmBytes body, gsize at)
{
	gsize hyphen = at;

	/* Line upon line may begin with one. */
	if (at < body.len && body.data[at] == '-')
		return at;
	do {
		hyphen = next_hyphen (message, body, hyphen);
		if (hyphen == at || hyphen == body.len || body.data[hyphen - 1] == '\n')
			return hyphen;
	} while (hyphen++ < body.len);
	return body.len;
}

static void
split_body (Splitter *s)
{
	while (s->at < s->body.len && s->n_open > 0 && !s->frozen) {
		gsize at = next_hyphen_line (s->mime->message, s->body, s->at);
		gsize len = mm_line_length (mm_bytes_sub (s->body, at, s->body.len));
		MmBytes line = mm_bytes_sub (s->body, at, at + len);
		Delimiter delimiter;

		s->at = at;
		if (find_delimiter (s, line, &delimiter))
			take_delimiter (s, delimiter, line);
		else
			s->at += len;
	}
}

/* At the end of the body nothing belongs to a delimiter. */
static void
end_all (Splitter *s)
{
	while (s->stack->len > 0) {
		MmPart *part = part_on (s, s->stack->len - 1);

		if (part->kind == MM_PART_MULTIPART && !part->opened)
			part->preamble = part->content;
		g_array_set_size (s->stack, s->stack->len - 1);
	}
}

static void
look_at_texts (MmMime *mime)
{
	for (guint i = 0; i < mime->parts->len; i++) {
		MmPart *part = mm_mime_part_mutable (mime, i);

		if (!mm_part_is_text_in_qp (part))
			continue;
		part->qp.high = mm_part_buffer (part);
		mm_qp_look (part->content, &part->qp);
	}
}

MmMime *
mm_mime_new (const MmMessage *message, const MmLimits *limits)
{
	MmMime *mime = g_new0 (MmMime, 1);
	g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
	Splitter s = {.mime = mime, .limits = limits, .stack = stack};
	MmPart *top;

	mime->message = message;
	mime->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) mm_part_free);
	s.body = mm_message_body (message);
	top = mm_part_new (mime, -1);
	top->block = mm_message_header_block (message);
	top->headers = g_array_ref (mm_message_headers (message));
	top->separated = mm_message_separator (message).len > 0;
	open_content (&s, top);
	if (top->kind == MM_PART_MESSAGE)
		open_child (&s);
	split_body (&s);
	end_all (&s);
	marks_free (s.marks);
	look_at_texts (mime);
	mm_mime_mark_veiled (mime);
	return mime;
}
