/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c: the mended copy against the original: no defect gained, nothing lost, and a second
 * reader agrees.
 *
 * Each objection names the repairs that may be at fault, so that the rest can be kept. Where that
 * cannot be said, all of them are.
 */
#include <config.h>

#include <mailmend/verify.h>

void
mm_objection_free (MmObjection *objection)
{
	g_free (objection->reason);
	g_ptr_array_unref (objection->blamed);
	g_free (objection);
}

G_GNUC_PRINTF (1, 2)
static MmObjection *
objection_new (const char *format, ...)
{
	MmObjection *objection = g_new0 (MmObjection, 1);
	va_list args;

	va_start (args, format);
	objection->reason = g_strdup_vprintf (format, args);
	va_end (args);
	objection->blamed = g_ptr_array_new_with_free_func (g_free);
	return objection;
}

MmObjection *
mm_objection_to (const MmFix *fix, const char *reason)
{
	MmObjection *objection = objection_new ("%s", reason);

	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);
		if (repair->reason == NULL)
			g_ptr_array_add (objection->blamed, g_strdup (repair->key));
	}
	return objection;
}

/* Blames the repairs that edited @part; those of the very header @original first, if any did. */
static void
blame_part (MmObjection *objection, const MmFix *fix, const char *part, int original)
{
	for (int exact = original >= 0; exact >= 0 && objection->blamed->len == 0; exact--)
		for (guint i = 0; i < fix->repairs->len; i++) {
			const MmRepair *repair = g_ptr_array_index (fix->repairs, i);
			if (repair->reason != NULL || strcmp (repair->part, part) != 0 ||
			    (exact && repair->original != original))
				continue;
			g_ptr_array_add (objection->blamed, g_strdup (repair->key));
		}
}

/* Another tree: blames what edited the fields that make it. */
static void
blame_structure (MmObjection *objection, const MmFix *fix)
{
	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);
		if (repair->reason == NULL && repair->structural)
			g_ptr_array_add (objection->blamed, g_strdup (repair->key));
	}
}

/* What counts: in embedded mail that is mended, what would in other mail. */
static MmSeverity
weight_of (const MmCheck *check, const MmFinding *finding)
{
	return check->facts.context->embedded == MM_EMBEDDED_REPORT ? finding->severity
	                                                            : finding->own;
}

/* A notice in its place is no defect. */
static gboolean
is_found (MmCheck *check, const char *key)
{
	const MmFinding *finding = mm_check_find (check, key);

	return finding != NULL && finding->own > MM_SEVERITY_NOTICE;
}

/* A finding that had its edits must be gone. */
static MmObjection *
find_again (MmCheck *after, const MmFix *fix)
{
	MmObjection *objection = NULL;

	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);

		if (repair->reason != NULL || !is_found (after, repair->key))
			continue;
		if (objection == NULL)
			objection = objection_new ("%s is found again", repair->rule->label);
		g_ptr_array_add (objection->blamed, g_strdup (repair->key));
	}
	return objection;
}

static MmObjection *
find_new (MmCheck *before, MmCheck *after, const MmFix *fix)
{
	for (guint i = 0; i < mm_findings_n (after->findings); i++) {
		const MmFinding *finding = mm_findings_get (after->findings, i);
		const MmPart *part = mm_mime_part (after->mime, finding->part);
		g_autofree char *key = NULL;
		const MmFinding *old;
		MmObjection *objection;
		int original = -1;

		if (weight_of (after, finding) == MM_SEVERITY_NOTICE)
			continue;
		key = mm_finding_key (&after->facts, finding);
		old = mm_check_find (before, key);
		if (old != NULL && weight_of (before, old) >= weight_of (after, finding))
			continue;
		if (finding->place == MM_PLACE_HEADER && part->number == 0)
			original = mm_part_header (part, (guint) finding->header)->original;
		objection = objection_new ("%s is new in part \"%s\"", finding->rule->label,
		                           part->path);
		blame_part (objection, fix, part->path, original);
		return objection;
	}
	return NULL;
}

static MmObjection *
compare_headers (const MmMessage *before, const MmMessage *after, const MmFix *fix)
{
	g_autoptr (GHashTable) edited = g_hash_table_new (NULL, NULL);
	g_autofree char *loss = NULL;
	GHashTableIter iter;
	gpointer place;

	if (mm_message_is_irregular (after))
		return objection_new ("the header block reads differently");
	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);
		if (repair->original >= 0 && repair->reason == NULL)
			mm_verify_add_edited (edited, before, repair->rule,
			                      (guint) repair->original);
	}
	g_hash_table_iter_init (&iter, fix->renamed);
	while (g_hash_table_iter_next (&iter, &place, NULL))
		g_hash_table_add (edited, place);
	loss = mm_verify_headers (before, after, edited);
	return loss != NULL ? objection_new ("%s", loss) : NULL;
}

static void
add_edited_fields (GHashTable *fields, const MmPart *part, const MmFinding *finding)
{
	const MmHeader *field = mm_part_header (part, (guint) finding->header);

	g_hash_table_add (fields, (gpointer) field);
	for (guint i = 0; finding->rule->same_name && i < part->headers->len; i++)
		if (mm_bytes_equal_nocase (mm_part_header (part, i)->name, field->name))
			g_hash_table_add (fields, (gpointer) mm_part_header (part, i));
}

/* Parts with a repair made at @place in @stage. */
static GHashTable *
mended_parts (const MmFix *fix, MmPlace place, MmStage stage)
{
	GHashTable *paths = g_hash_table_new (g_str_hash, g_str_equal);

	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);
		if (repair->reason == NULL && repair->place == place &&
		    repair->rule->stage == stage)
			g_hash_table_add (paths, repair->part);
	}
	return paths;
}

/* Fields of parts that a mended finding was about, of const MmHeader *. */
static GHashTable *
edited_fields (const MmCheck *before, const MmFix *fix)
{
	GHashTable *fields = g_hash_table_new (NULL, NULL);
	g_autoptr (GHashTable) mended = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);

		if (repair->reason == NULL && repair->place == MM_PLACE_HEADER)
			g_hash_table_add (mended, g_strdup_printf ("%s %s", repair->rule->label,
			                                           repair->part));
	}
	for (guint i = 0; i < mm_findings_n (before->findings); i++) {
		const MmFinding *finding = mm_findings_get (before->findings, i);
		const MmPart *part = mm_mime_part (before->mime, finding->part);
		g_autofree char *name = NULL;

		if (part->number == 0 || finding->place != MM_PLACE_HEADER)
			continue;
		name = g_strdup_printf ("%s %s", finding->rule->label, part->path);
		if (g_hash_table_contains (mended, name))
			add_edited_fields (fields, part, finding);
	}
	return fields;
}

static MmObjection *
find_loss (MmCheck *before, MmCheck *after, const MmFix *fix)
{
	g_autoptr (GHashTable) line_ends = mended_parts (fix, MM_PLACE_CONTENT, MM_STAGE_BYTES);
	g_autoptr (GHashTable) delimiters = mended_parts (fix, MM_PLACE_DELIMITER, MM_STAGE_MIME);
	const MmMendedParts mended = {.line_ends = line_ends, .delimiters = delimiters};
	g_autoptr (GHashTable) fields = edited_fields (before, fix);
	g_autofree char *part = NULL;
	g_autofree char *loss = mm_verify_nothing_lost (
	        before->mime, after->mime, before->facts.context->bare_cr, &mended, &part);
	MmObjection *objection;

	if (loss == NULL)
		loss = mm_verify_part_headers (before->mime, after->mime, fields, &part);
	if (loss == NULL)
		return NULL;
	objection = objection_new ("%s", loss);
	if (part != NULL)
		blame_part (objection, fix, part, -1);
	else
		blame_structure (objection, fix);
	return objection;
}

/* Asks GMime; about the content of edited leaves only, the rest is the same octets. */
static MmObjection *
ask_witness (const MmCheck *before, const MmCheck *after, const MmFix *fix)
{
	g_autoptr (GHashTable) edited = g_hash_table_new (g_str_hash, g_str_equal);
	const MmWitnessKnows knows = {edited, &after->facts.body, before->mime};
	g_autofree char *differs = NULL;

	for (guint i = 0; i < fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (fix->repairs, i);
		if (repair->reason == NULL && repair->place == MM_PLACE_CONTENT)
			g_hash_table_add (edited, repair->part);
	}
	differs = mm_verify_witness (after->message, after->mime, &knows);
	if (differs == NULL)
		return NULL;
	return mm_limit_named (differs) != NULL ? objection_new ("%s", differs)
	                                        : objection_new ("the witness differs: %s", differs);
}

/* Law 4. An edit of the body is to blame if it is the body that is signed. */
static MmObjection *
find_broken_signature (const MmFix *fix)
{
	for (guint i = 0; i < fix->broken->len; i++) {
		const MmBreak *broken = g_ptr_array_index (fix->broken, i);
		gboolean of_body = broken->why == MM_BREAK_BODY;
		g_autofree char *text = NULL;
		MmObjection *objection;

		if (fix->may_break && broken->why != MM_BREAK_CONTENT)
			continue;
		text = mm_break_to_string (broken);
		objection = objection_new ("a signature is broken: %s", text);
		for (guint j = 0; j < fix->repairs->len; j++) {
			const MmRepair *repair = g_ptr_array_index (fix->repairs, j);
			gboolean in_body = *repair->part != '\0' || repair->place == MM_PLACE_CONTENT;

			if (repair->reason == NULL && in_body == of_body)
				g_ptr_array_add (objection->blamed, g_strdup (repair->key));
		}
		return objection;
	}
	return NULL;
}

MmObjection *
mm_verify (MmCheck *before, MmCheck *after, const MmFix *fix)
{
	MmObjection *objection = find_again (after, fix);

	if (objection == NULL)
		objection = compare_headers (before->message, after->message, fix);
	if (objection == NULL)
		objection = find_new (before, after, fix);
	if (objection == NULL)
		objection = find_loss (before, after, fix);
	if (objection == NULL)
		objection = find_broken_signature (fix);
	if (objection == NULL)
		objection = ask_witness (before, after, fix);
	return objection;
}
