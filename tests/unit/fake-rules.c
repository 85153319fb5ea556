/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake-rules.c: a table of rules for the tests of what stands above the rules.
 */
#include "fake-rules.h"

#include <mailmend/error.h>

/* Every top-level field @name with the value @value. */
static void
detect_value (const MmFacts *facts, MmFindings *out, const char *name, const char *value,
	      MmSeverity severity)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	for (guint i = 0; i < top->headers->len; i++) {
		const MmHeader *item = mm_part_header (top, i);
		if ((name == NULL || mm_bytes_is (item->name, name)) &&
		    mm_bytes_is (mm_bytes_trim (item->value), value))
			mm_find_header (out, severity, top, i, "it says %s", value);
	}
}

static gboolean
set_value (const MmFacts *facts, const MmFinding *finding, const char *value, MmEdits *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);
	g_autofree char *name = mm_bytes_dup (mm_part_header (top, (guint)finding->header)->name);

	mm_edits_set_header (out, top, (guint)finding->header, name, mm_bytes_str (value));
	return TRUE;
}

#define DETECT(function, name)                                                                     \
	static void function (const MmFacts *facts, MmFindings *out)                               \
	{                                                                                          \
		detect_value (facts, out, name, "bad", MM_SEVERITY_ERROR);                         \
	}

DETECT (detect_good, "X-Good")
DETECT (detect_again, "X-Again")
DETECT (detect_spreads, "X-Spreads")
DETECT (detect_loses, "X-Loses")
DETECT (detect_drops, "X-Drops")
DETECT (detect_grows, "X-Grows")
DETECT (detect_unsure, "X-Unsure")
DETECT (detect_reports, "X-Reports")
DETECT (detect_fails, "X-Fails")

static void
detect_worse (const MmFacts *facts, MmFindings *out)
{
	detect_value (facts, out, NULL, "worse", MM_SEVERITY_WARNING);
}

static void
detect_remark (const MmFacts *facts, MmFindings *out)
{
	detect_value (facts, out, "X-Remark", "bad", MM_SEVERITY_NOTICE);
}

static void
detect_body (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++) {
		const MmPart *part = mm_mime_part (facts->mime, i);
		if (part->kind == MM_PART_LEAF && mm_bytes_has_prefix (part->content, "bad"))
			mm_findings_add (out, MM_SEVERITY_ERROR, part, MM_PLACE_CONTENT, -1,
					 part->content.data, "it begins badly");
	}
}

static void
detect_no_date (const MmFacts *facts, MmFindings *out)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	if (mm_message_find (facts->message, "Date", 0) < 0)
		mm_findings_add (out, MM_SEVERITY_ERROR, top, MM_PLACE_BLOCK, -1, top->block.data,
				 "there is none");
}

/* ---- repairs --------------------------------------------------------------------------------- */

static gboolean
fix_good (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	  GError **error G_GNUC_UNUSED)
{
	return set_value (facts, finding, " good", out);
}

static gboolean
fix_again (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	   GError **error G_GNUC_UNUSED)
{
	return set_value (facts, finding, "  bad", out);
}

static gboolean
fix_spreads (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	     GError **error G_GNUC_UNUSED)
{
	return set_value (facts, finding, " worse", out);
}

static gboolean
fix_loses (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	   GError **error G_GNUC_UNUSED)
{
	const MmPart *top = mm_mime_part (facts->mime, 0);

	mm_edits_delete_header (out, top, finding->header == 0 ? 1 : 0);
	return set_value (facts, finding, " good", out);
}

static gboolean
fix_drops (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
           GError **error G_GNUC_UNUSED)
{
	mm_edits_drop (out, 3);
	return set_value (facts, finding, " good", out);
}

static gboolean
fix_grows (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	   GError **error G_GNUC_UNUSED)
{
	gsize size = facts->context->limits.growth * (mm_message_size (facts->message) + 4096);
	g_autofree char *text = g_strnfill (size, 'x');
	MmBuffer bytes = MM_BUFFER_INIT;

	mm_buffer_append_str (&bytes, text);
	mm_edits_replace (out, mm_bytes_sub (mm_message_body (facts->message), 0, 0), &bytes);
	return set_value (facts, finding, " good", out);
}

static gboolean
fix_unsure (const MmFacts *facts G_GNUC_UNUSED, const MmFinding *finding G_GNUC_UNUSED,
	    MmEdits *out G_GNUC_UNUSED, GError **error)
{
	g_set_error_literal (error, MM_ERROR, MM_ERROR_UNCERTAIN, "who knows");
	return FALSE;
}

static gboolean
fix_fails (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	   GError **error G_GNUC_UNUSED)
{
	return set_value (facts, finding, " a\nb", out);
}

static gboolean
fix_remark (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	    GError **error G_GNUC_UNUSED)
{
	mm_edits_delete_header (out, mm_mime_part (facts->mime, 0), (guint)finding->header);
	return TRUE;
}

static gboolean
fix_body (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	  GError **error G_GNUC_UNUSED)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	MmBuffer bytes = MM_BUFFER_INIT;

	mm_buffer_append_str (&bytes, "=62");
	mm_edits_replace (out, mm_bytes_sub (part->content, 0, 1), &bytes);
	mm_edits_append_header (out, part, "Content-Transfer-Encoding",
				mm_bytes_str (" quoted-printable"));
	return TRUE;
}

static gboolean
fix_no_date (const MmFacts *facts, const MmFinding *finding G_GNUC_UNUSED, MmEdits *out,
	     GError **error G_GNUC_UNUSED)
{
	mm_edits_append_header (out, mm_mime_part (facts->mime, 0), "Date", mm_bytes_str (" now"));
	return TRUE;
}

/* ---- the table ------------------------------------------------------------------------------- */

#define FAKE(var, label_, stage_, detect_, fix_)                                                   \
	static const MmRule var = {.name = label_,                                                 \
				   .label = label_,                                                \
				   .stage = stage_,                                                \
				   .severity = MM_SEVERITY_ERROR,                                  \
				   .groups = MM_GROUP_HEADERS,                                     \
				   .m365 = MM_M365_FIX,                                            \
				   .citation = "none",                                             \
				   .summary = "fake",                                              \
				   .repair = "fake",                                               \
				   .detect = detect_,                                              \
				   .fix = fix_}

FAKE (good, "GOOD", MM_STAGE_HEADERS, detect_good, fix_good);
FAKE (again, "AGAIN", MM_STAGE_HEADERS, detect_again, fix_again);
FAKE (spreads, "SPREADS", MM_STAGE_HEADERS, detect_spreads, fix_spreads);
FAKE (loses, "LOSES", MM_STAGE_HEADERS, detect_loses, fix_loses);
FAKE (drops, "DROPS", MM_STAGE_HEADERS, detect_drops, fix_drops);
FAKE (grows, "GROWS", MM_STAGE_HEADERS, detect_grows, fix_grows);
FAKE (unsure, "UNSURE", MM_STAGE_HEADERS, detect_unsure, fix_unsure);
FAKE (reports, "REPORTS", MM_STAGE_HEADERS, detect_reports, NULL);
FAKE (fails, "FAILS", MM_STAGE_HEADERS, detect_fails, fix_fails);
FAKE (worse, "WORSE", MM_STAGE_HEADERS, detect_worse, NULL);
FAKE (remark, "REMARK", MM_STAGE_HEADERS, detect_remark, fix_remark);
FAKE (no_date, "MISSING_DATE_HEADER", MM_STAGE_HEADERS, detect_no_date, fix_no_date);
FAKE (body, "BODY", MM_STAGE_CONTENT, detect_body, fix_body);

const MmRule *const mm_rules[] = {
	&good,	&again, &spreads, &loses,   &drops, &grows, &unsure, &reports,
	&fails, &worse, &remark,  &no_date, &body,  NULL,
};
