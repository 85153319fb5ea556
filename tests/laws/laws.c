/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * laws.c: nothing is lost, all or nothing, idempotent, signed content is not touched.
 *
 * milter/engine/verify.c proves the same of every mended message. Here it is done once more, in
 * another way, so that an error there does not stay unseen.
 */
#include <mailmend/codec.h>

#include "laws-private.h"

/* A broken rule fails thousands of times: this many are shown. */
#define MAX_SHOWN 60

void
laws_tally_init (LawsTally *tally)
{
	*tally = (LawsTally){0};
	tally->notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
laws_tally_clear (LawsTally *tally)
{
	g_hash_table_unref (tally->notes);
}

void
laws_broken (const Law *l, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	g_test_fail ();
	if (l->tally->failures++ >= MAX_SHOWN)
		return;
	va_start (args, format);
	text = g_strdup_vprintf (format, args);
	va_end (args);
	g_test_message ("%s (%zu, %s, embedded %d): %s", l->name, l->setting.line_limit,
			l->setting.eight_bit == MM_EIGHTBIT_NEVER ? "never" : "declared",
			(int)l->setting.embedded, text);
}

static gboolean
has_label (GPtrArray *labels, const char *label)
{
	for (guint i = 0; i < labels->len; i++)
		if (strcmp (labels->pdata[i], label) == 0)
			return TRUE;
	return FALSE;
}

/* ---- nothing is lost: octets ----------------------------------------------------------------- */

/* CRLF, CR CR LF and LF as LF, a CR alone as a blank. A CR at the end may belong to the line end
 * that follows, @line_end. */
static GString *
plain_lines (MmBytes text, MmBytes line_end)
{
	g_auto (MmBuffer) whole = MM_BUFFER_INIT;
	MmBytes in;
	GString *out = g_string_sized_new (text.len);

	mm_buffer_append (&whole, text);
	mm_buffer_append (&whole, line_end);
	in = mm_buffer_bytes (&whole);
	for (gsize i = 0; i < in.len; i++) {
		MmBytes rest = mm_bytes_sub (in, i, in.len);
		gsize skip = 0;

		if (mm_bytes_has_prefix (rest, "\r\r\n"))
			skip = 2;
		else if (mm_bytes_has_prefix (rest, "\r\n"))
			skip = 1;
		i += skip;
		g_string_append_c (out, in.data[i] == '\r' ? ' ' : in.data[i]);
	}
	return out;
}

static gboolean
same_lines (MmBytes a, MmBytes a_end, MmBytes b, MmBytes b_end)
{
	GString *x = plain_lines (a, a_end), *y = plain_lines (b, b_end);
	gboolean same = g_string_equal (x, y);

	g_string_free (x, TRUE);
	g_string_free (y, TRUE);
	return same;
}

static gboolean
same_reading (const MmPart *before, const MmPart *after, gboolean blanks)
{
	const MmBytes none = {NULL, 0};
	g_auto (MmBuffer) x = MM_BUFFER_INIT;
	g_auto (MmBuffer) y = MM_BUFFER_INIT;

	if (!(blanks ? mm_qp_decode_with_blanks (before->content, &x)
		     : mm_part_decode (before, &x)) ||
	    !mm_part_decode (after, &y))
		return FALSE;
	if (mm_bytes_equal (mm_buffer_bytes (&x), mm_buffer_bytes (&y)))
		return TRUE;
	if (!g_str_has_prefix (before->type, "text/") || before->encoding == MM_ENCODING_BASE64)
		return FALSE;
	/* Also with the line end behind the part: CR CR LF may straddle the border to the
	 * delimiter; without it where that delimiter is new. */
	return same_lines (mm_buffer_bytes (&x), none, mm_buffer_bytes (&y), none) ||
	       same_lines (mm_buffer_bytes (&x), before->line_end, mm_buffer_bytes (&y),
			   after->line_end);
}

/* Blanks at the end of quoted-printable lines: RFC 2045 deletes them, most readers keep them. */
static gboolean
same_either_way (const MmPart *before, const MmPart *after)
{
	return same_reading (before, after, FALSE) ||
	       (before->encoding == MM_ENCODING_QP && same_reading (before, after, TRUE));
}

/* Content whose encoding had no known name was not encoded, or is what it is called now, or was so
 * before it was encoded in another way for the sake of another label. */
static gboolean
same_content (const MmPart *before, const MmPart *after)
{
	static const MmEncoding encodings[] = {MM_ENCODING_QP, MM_ENCODING_BASE64};
	MmPart read = *before;

	if (same_either_way (before, after))
		return TRUE;
	for (gsize i = 0; before->encoding == MM_ENCODING_UNKNOWN && i < G_N_ELEMENTS (encodings);
	     i++) {
		read.encoding = encodings[i];
		if (same_either_way (&read, after))
			return TRUE;
	}
	return FALSE;
}

/* ---- nothing is lost: fields ----------------------------------------------------------------- */

/* Fields a repair may have to bring in line. */
static gboolean
may_follow (const MmHeader *item)
{
	return mm_bytes_is (item->name, "Content-Type") ||
	       mm_bytes_is (item->name, "Content-Transfer-Encoding") ||
	       mm_bytes_is (item->name, "MIME-Version");
}

/* TRUE if a finding lies in header @at of @part, or in all the fields of its name. */
static gboolean
is_defect (const Law *l, const MmPart *part, guint at)
{
	for (guint i = 0; i < mm_findings_n (l->j->check->findings); i++) {
		const MmFinding *f = mm_findings_get (l->j->check->findings, i);
		if (f->part != part->number || f->place != MM_PLACE_HEADER)
			continue;
		if (f->header == (int)at ||
		    (f->rule->same_name &&
		     mm_bytes_equal_nocase (mm_part_header (part, (guint)f->header)->name,
		                            mm_part_header (part, at)->name)))
			return TRUE;
	}
	return FALSE;
}

/* TRUE if @label was found in @part and not left. */
static gboolean
was_mended (const Law *l, const MmPart *part, const char *label)
{
	for (guint i = 0; i < mm_findings_n (l->j->check->findings); i++) {
		const MmFinding *f = mm_findings_get (l->j->check->findings, i);
		if (f->part == part->number && strcmp (f->rule->label, label) == 0)
			return has_label (l->j->fixed, label);
	}
	return FALSE;
}

/* BinHex in base64, which may only show once the encoding is written properly. */
static gboolean
was_binhex_in_base64 (const Law *l, const MmPart *before, const MmPart *after)
{
	return was_mended (l, before, "BINHEX_BASE64") ||
	       (strcmp (before->type, "application/mac-binhex40") == 0 &&
	        after->encoding == MM_ENCODING_BASE64 &&
	        was_mended (l, before, "UNKNOWN_TRANSFER_ENCODING"));
}

/* A type never changes, but in the one repair that is about it. */
static gboolean
same_type (const Law *l, const MmPart *before, const MmPart *after)
{
	return strcmp (before->type, after->type) == 0 ||
	       (strcmp (after->type, "application/octet-stream") == 0 &&
	        was_binhex_in_base64 (l, before, after));
}

/* An encoding that is not known is only read in another where that was mended. */
static gboolean
is_read_alike (const Law *l, const MmPart *before, const MmPart *after)
{
	return before->encoding != MM_ENCODING_UNKNOWN ||
	       after->encoding == MM_ENCODING_UNKNOWN ||
	       was_mended (l, before, "UNKNOWN_TRANSFER_ENCODING");
}

/* A close line that is added behind a last line gives that its line end. */
static gboolean
same_field (MmBytes old, MmBytes new)
{
	gboolean ended = old.data[old.len - 1] == '\n';

	return mm_bytes_equal (ended ? new : mm_bytes_sub (new, 0, old.len), old);
}

/* A NUL in a name hides which field it is: without it, it may be the second one of its name, and
 * the first is no longer without defect. */
static gboolean
has_damaged_name (const MmPart *part)
{
	for (guint i = 0; i < part->headers->len; i++) {
		const MmHeader *item = mm_part_header (part, i);
		if (!item->is_field &&
		    mm_bytes_find (item->line, '\0', 0) < mm_bytes_find (item->line, ':', 0))
			return TRUE;
	}
	return FALSE;
}

/* Every field that was no defect stands in @after, the same octets, in the same order. */
static void
check_fields (const Law *l, const MmPart *before, const MmPart *after)
{
	guint at = 0;

	for (guint i = 0; i < before->headers->len; i++) {
		const MmHeader *old = mm_part_header (before, i);
		guint found = at;

		if (may_follow (old) || is_defect (l, before, i) || has_damaged_name (before))
			continue;
		while (found < after->headers->len &&
		       !same_field (old->line, mm_part_header (after, found)->line))
			found++;
		if (found < after->headers->len) {
			at = found + 1;
		} else {
			g_autofree char *line = test_show (mm_bytes_sub (old->line, 0, 80));
			laws_broken (l, "part \"%s\": the field \"%s\" is lost or changed", before->path,
				line);
			return;
		}
	}
}

/* The text around the parts of a multipart. Behind an epilogue a delimiter may have come. */
static gboolean
same_around (const MmPart *before, const MmPart *after)
{
	const MmBytes none = {NULL, 0};

	return same_lines (mm_part_preamble (before), none, mm_part_preamble (after), none) &&
	       (same_lines (before->epilogue, none, after->epilogue, none) ||
		same_lines (mm_part_epilogue (before), none, mm_part_epilogue (after), none));
}

static void
check_parts (const Law *l, const MmMime *after)
{
	const MmMime *before = l->j->check->mime;

	if (before->parts->len != after->parts->len) {
		laws_broken (l, "%u parts became %u", before->parts->len, after->parts->len);
		return;
	}
	for (guint i = 0; i < before->parts->len; i++) {
		const MmPart *old = mm_mime_part (before, i), *new = mm_mime_part (after, i);

		/* A type that could not be read was only assumed. */
		if (strcmp (old->path, new->path) != 0 || old->kind != new->kind ||
		    (old->type_given && !same_type (l, old, new)))
			laws_broken (l, "part \"%s\" %s became \"%s\" %s", old->path, old->type,
				new->path, new->type);
		else if (old->kind == MM_PART_LEAF &&
			 (!is_read_alike (l, old, new) || !same_content (old, new)))
			laws_broken (l, "part \"%s\" %s has other content", old->path, old->type);
		else if (old->kind == MM_PART_MULTIPART && !same_around (old, new))
			laws_broken (l, "part \"%s\" has another preamble or epilogue", old->path);
		check_fields (l, old, new);
	}
}

/* ---- idempotent ------------------------------------------------------------------------------ */

static gboolean
was_found (const Law *l, const char *label)
{
	for (guint i = 0; i < mm_findings_n (l->j->check->findings); i++)
		if (strcmp (mm_findings_get (l->j->check->findings, i)->rule->label, label) == 0)
			return TRUE;
	return FALSE;
}

static void
check_second_pass (const Law *l, GBytes *out)
{
	g_autoptr (MmMessage) message = mm_message_new (out);
	g_autoptr (MmJudgement) second = mm_judge (message, l->context, l->request);

	if (second->action == MM_ACTION_FIX || second->action == MM_ACTION_ERROR) {
		g_autofree char *fixed = mm_labels_join (second->fixed);
		laws_broken (l, "the second pass is %s: %s", mm_action_to_string (second->action),
			fixed);
	}
	for (guint i = 0; i < mm_findings_n (second->check->findings); i++) {
		const MmFinding *f = mm_findings_get (second->check->findings, i);
		const char *label = f->rule->label;

		if (has_label (l->j->fixed, label) && !has_label (l->j->left, label))
			laws_broken (l, "%s is found again: %s", label, f->detail);
		else if ((f->severity != MM_SEVERITY_NOTICE ||
			  (l->setting.embedded != MM_EMBEDDED_REPORT &&
			   f->own != MM_SEVERITY_NOTICE && !was_found (l, label))) &&
			 !has_label (l->j->labels, label))
			laws_broken (l, "%s is new: %s", label, f->detail);
	}
}

/* ---- told in words --------------------------------------------------------------------------- */

/* What a terminal shows of a finding is printable, whatever the message has in it. */
static void
check_details (const Law *l)
{
	for (guint i = 0; i < mm_findings_n (l->j->check->findings); i++) {
		const MmFinding *f = mm_findings_get (l->j->check->findings, i);
		gsize len = strlen (f->detail);

		if (len == 0 || len > MM_DETAIL_MAX)
			laws_broken (l, "%s is told in %zu characters", f->rule->label, len);
		for (const char *c = f->detail; *c != '\0'; c++)
			if (*c < ' ' || *c > '~')
				laws_broken (l, "%s is told with octet %02X", f->rule->label,
				             (guchar) *c);
	}
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void
check_unchanged (const Law *l, GBytes *in, GBytes *out)
{
	if (!g_bytes_equal (in, out))
		laws_broken (l, "action=%s, but the octets are others",
			mm_action_to_string (l->j->action));
	if (l->j->plan != NULL)
		laws_broken (l, "action=%s, but there is a plan", mm_action_to_string (l->j->action));
	if (l->j->fixed->len > 0)
		laws_broken (l, "action=%s, but fixed= says something",
			mm_action_to_string (l->j->action));
}

/* The field that says what was mended stands once more, if it is wanted, and reads well. */
static void
check_trace (const Law *l, const MmMessage *after)
{
	guint n = mm_message_n_headers (after);
	const MmHeader *last = n > 0 ? mm_message_header (after, n - 1) : NULL;
	gboolean traced = last != NULL && mm_bytes_is (last->name, "X-Mailmend") &&
			  n > mm_message_n_headers (l->j->check->message);
	MmScan scan;

	l->tally->traced += traced;
	if (!traced)
		return;
	scan = mm_scan (last->line);
	if (!l->setting.trace)
		laws_broken (l, "a trace that nobody wants");
	if (scan.longest > 78 || scan.eightbit.count > 0)
		laws_broken (l, "the trace is no good line");
}

static void
check_mended (const Law *l, GBytes *in, GBytes *out)
{
	g_autoptr (MmMessage) again = mm_message_new (out);
	g_autoptr (MmMime) after = mm_mime_new (again, &l->context->limits);

	if (g_bytes_equal (in, out))
		laws_broken (l, "action=fix, but nothing was changed");
	laws_check_signed (l);
	check_parts (l, after);
	check_trace (l, again);
	if (l->j->check->mime->parts->len == after->parts->len)
		laws_check_embedded (l, after);
	if (l->request->want_plan) {
		g_autofree char *differs =
			test_mta_differs (l->j->check->message, l->j->plan, l->j->message);
		if (differs != NULL)
			laws_broken (l, "the plan leads elsewhere: %s", differs);
	}
}

static void
count (LawsTally *tally, const MmJudgement *j)
{
	tally->judged++;
	tally->clean += j->action == MM_ACTION_NONE;
	tally->mended += j->action == MM_ACTION_FIX;
	tally->left += j->action == MM_ACTION_LOG;
	tally->is_signed += j->signatures != 0;
	tally->signed_mended += j->signatures != 0 && j->action == MM_ACTION_FIX;
	tally->broke += j->broke != 0;
	tally->limited += j->limit != NULL;
	if (j->note != NULL) {
		gpointer n = g_hash_table_lookup (tally->notes, j->note);
		g_hash_table_replace (tally->notes, g_strdup (j->note),
				      GUINT_TO_POINTER (GPOINTER_TO_UINT (n) + 1));
	}
}

void
laws_check (const char *name, GBytes *wire, const MmPolicy *any, LawsSetting setting,
	    LawsTally *tally)
{
	MmPolicy ours = *any;
	const MmPolicy *policy = &ours;
	g_autoptr (MmMessage) message = mm_message_new (wire);
	g_autoptr (MmJudgement) j = NULL;
	g_autoptr (GBytes) out = NULL;
	MmJudgeRequest request = {.policy = policy, .trace = setting.trace,
	                          .want_plan = test_mta_can_hold (message)};
	MmContext context;
	Law l = {name, setting, tally, &context, &request, NULL};

	ours.on_dkim = setting.on_dkim;
	ours.embedded = setting.embedded;
	test_context_init (&context);
	mm_context_set_policy (&context, policy);
	context.line_limit = setting.line_limit;
	context.eight_bit = setting.eight_bit;
	l.j = j = mm_judge (message, &context, &request);
	count (tally, j);
	check_details (&l);
	out = test_wire (j->message);
	if (j->action == MM_ACTION_ERROR)
		laws_broken (&l, "error: %s", j->error);
	if (j->note != NULL && g_getenv ("LAWS_VERBOSE") != NULL)
		g_test_message ("%s: dropped: %s", name, j->note);
	if (j->action == MM_ACTION_FIX)
		check_mended (&l, wire, out);
	else
		check_unchanged (&l, wire, out);
	check_second_pass (&l, out);
}
