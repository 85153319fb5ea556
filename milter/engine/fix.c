/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fix.c: mends stage by stage: bytes, headers, MIME, content.
 *
 * In a stage every finding that may be mended gets its group of edits. Two repairs that want the
 * same octets do not fight: the second waits, facts are made anew, and often its finding is gone
 * by then (a leaf that was encoded for its long lines has no 8-bit octets either).
 */
#include <config.h>

#include <mailmend/error.h>
#include <mailmend/fix.h>

#include "../rules/tidy-private.h"
#include "signed-private.h"

/* A short message may grow by so much all the same: a few fields. */
#define GROWTH_FLOOR 4096

typedef struct {
	const MmFixScope *scope;
	MmFix *fix;
	MmCheck *check;    /* of the newest version */
	gboolean owned;    /* check is ours, not the caller's */
	gsize size;        /* of the message as received */
	GHashTable *tried; /* keys of findings that had their edits or their refusal */
	gboolean waiting;  /* a repair waits for new facts */
	MmCover *cover;    /* of the newest version; NULL: not made yet, or not needed */
	guint *sealed;     /* mm_signatures_by_mail of it; likewise */
} Mender;

static void
repair_free (gpointer data)
{
	MmRepair *repair = data;

	g_free (repair->key);
	g_free (repair->part);
	g_free (repair->reason);
	g_free (repair);
}

void
mm_fix_free (MmFix *fix)
{
	g_clear_pointer (&fix->check, mm_check_free);
	g_clear_pointer (&fix->message, mm_message_unref);
	g_clear_pointer (&fix->repairs, g_ptr_array_unref);
	g_ptr_array_unref (fix->broken);
	g_hash_table_unref (fix->renamed);
	g_free (fix);
}

gboolean
mm_fix_has_edits (const MmFix *fix)
{
	return fix->n_header_edits + fix->n_body_edits > 0;
}

void
mm_fix_absorb (MmFix *fix, MmFix *next)
{
	/* What was refused before may have been done now; what is still refused, next says. */
	for (guint i = fix->repairs->len; i-- > 0;)
		if (((const MmRepair *) fix->repairs->pdata[i])->reason != NULL)
			g_ptr_array_remove_index (fix->repairs, i);
	g_ptr_array_extend_and_steal (fix->repairs, g_steal_pointer (&next->repairs));
	mm_message_unref (fix->message);
	fix->message = g_steal_pointer (&next->message);
	g_clear_pointer (&fix->check, mm_check_free);
	fix->check = g_steal_pointer (&next->check);
	fix->n_header_edits += next->n_header_edits;
	fix->n_body_edits += next->n_body_edits;
	fix->n_dropped += next->n_dropped;
	mm_fix_free (next);
}

MmCheck *
mm_fix_steal_check (MmFix *fix, const MmContext *context)
{
	if (fix->check != NULL && fix->check->message == fix->message)
		return g_steal_pointer (&fix->check);
	return mm_check_new (fix->message, context, NULL, NULL);
}

static gboolean
may_mend (const Mender *m, const MmFinding *finding, const char *key)
{
	if (finding->embedded && m->check->facts.context->embedded == MM_EMBEDDED_REPORT)
		return FALSE;
	/* What is odd but harmless stays as it is. */
	if (finding->own == MM_SEVERITY_NOTICE)
		return FALSE;
	if (g_hash_table_contains (m->tried, key))
		return FALSE;
	if (m->scope->banned != NULL && g_hash_table_contains (m->scope->banned, key))
		return FALSE;
	return m->scope->may_fix (finding->rule, m->scope->data);
}

/* Delimiter lines, and fields that say what the content is. */
static gboolean
is_structural (const MmPart *part, const MmFinding *finding)
{
	if (finding->place == MM_PLACE_HEADER)
		return mm_bytes_has_prefix (mm_part_header (part, (guint) finding->header)->name,
		                            "Content-");
	return finding->place == MM_PLACE_DELIMITER && finding->rule->stage == MM_STAGE_MIME;
}

static void
record (Mender *m, const MmFinding *finding, const char *key, guint spared, const GError *error)
{
	const MmPart *part = mm_mime_part (m->check->mime, finding->part);
	MmRepair *repair = g_new0 (MmRepair, 1);

	repair->key = g_strdup (key);
	repair->rule = finding->rule;
	repair->part = g_strdup (part->path);
	repair->place = finding->place;
	repair->original = -1;
	if (finding->place == MM_PLACE_HEADER && part->number == 0)
		repair->original = mm_part_header (part, (guint) finding->header)->original;
	repair->structural = is_structural (part, finding);
	repair->reason = error != NULL ? g_strdup (error->message) : NULL;
	if (g_error_matches (error, MM_ERROR, MM_ERROR_UNCERTAIN) && part->sealed)
		spared = m->scope->signatures & MM_SIGNATURES_OF_CONTENT;
	/* For what embedded mail holds nothing is refused, unless it counts like other mail. */
	if (finding->embedded && m->check->facts.context->embedded != MM_EMBEDDED_ALL)
		spared = 0;
	repair->spared = spared;
	g_ptr_array_add (m->fix->repairs, repair);
	g_hash_table_add (m->tried, g_strdup (key));
}

/* Does an edit for @other change what @finding is about: its header, one of the same name if that
 * counts, or for content the header of its part? */
static gboolean
is_same_place (const MmPart *part, const MmFinding *finding, const MmFinding *other)
{
	if (other->part != finding->part)
		return FALSE;
	if (finding->place != MM_PLACE_HEADER || other->header == finding->header)
		return TRUE;
	return finding->rule->same_name && other->place == MM_PLACE_HEADER &&
	       mm_bytes_equal_nocase (mm_part_header (part, (guint) other->header)->name,
	                              mm_part_header (part, (guint) finding->header)->name);
}

/* What was refused for this version may be possible in the next one, if its place is edited now. */
static gboolean
is_being_edited (const Mender *m, const MmFinding *finding, const MmEdits *edits)
{
	const MmPart *part = mm_mime_part (m->check->mime, finding->part);

	for (guint i = 0; i < mm_edits_n (edits); i++)
		if (is_same_place (part, finding,
		                   mm_findings_get (m->check->findings,
		                                    mm_edits_get (edits, i)->finding)))
			return TRUE;
	return FALSE;
}

/* MmSignatures that forbid the edits from @first on. */
static guint
find_spared (Mender *m, const MmEdits *edits, guint first, GError **error)
{
	if (!mm_signed_matters (m->scope) || mm_edits_n (edits) == first)
		return 0;
	if (m->cover == NULL)
		m->cover = mm_cover_new (m->fix->message, m->check->mime,
		                         &m->check->facts.context->limits);
	return mm_signed_forbids (m->cover, edits, first, m->scope, error);
}

/* The multipart/signed or multipart/encrypted around a part that is sealed. */
static guint
seal_around (const MmMime *mime, const MmPart *part)
{
	while (part->sealed && part->parent >= 0 &&
	       mm_mime_part (mime, (guint) part->parent)->sealed)
		part = mm_mime_part (mime, (guint) part->parent);
	return strcmp (mm_mime_part (mime, (guint) part->parent)->type, "multipart/signed") == 0
	               ? MM_SIGNATURE_SIGNED
	               : MM_SIGNATURE_ENCRYPTED;
}

/* A field of @mail that does not say what its content is. */
static gboolean
is_free_field (const MmPart *mail, const MmFinding *finding)
{
	return finding->part == mail->number && finding->place == MM_PLACE_HEADER &&
	       !mm_bytes_has_prefix (mm_part_header (mail, (guint) finding->header)->name,
	                             "Content-");
}

/* MmSignatures of S/MIME and PGP that forbid to mend @finding in embedded mail, which no MmCover
 * looks into: no mail around it that holds such content gets another body. */
static guint
find_seal (Mender *m, const MmFinding *finding)
{
	const MmMime *mime = m->check->mime;
	const MmPart *part = mm_mime_part (mime, finding->part);
	const MmPart *mail = mm_mime_mail_of (mime, part);

	if (!finding->embedded)
		return 0;
	if (part->sealed)
		return seal_around (mime, part);
	if (m->sealed == NULL)
		m->sealed = mm_signatures_by_mail (mime);
	while (m->sealed[mail->number] == 0 || is_free_field (mail, finding)) {
		if (mail->parent < 0)
			return 0;
		mail = mm_mime_mail_of (mime, mm_mime_part (mime, (guint) mail->parent));
	}
	return m->sealed[mail->number];
}

/* Asks for the edits of one finding. */
static void
mend_finding (Mender *m, guint at, MmEdits *edits)
{
	const MmFinding *finding = mm_findings_get (m->check->findings, at);
	guint first = mm_edits_n (edits), spared;
	gboolean good = FALSE;
	g_autofree char *key = mm_finding_key (&m->check->facts, finding);
	g_autoptr (GError) error = NULL;

	if (!may_mend (m, finding, key))
		return;
	if (finding->rule->fix == NULL)
		g_set_error_literal (&error, MM_ERROR, MM_ERROR_UNCERTAIN, "has no repair");
	else if (mm_mime_part (m->check->mime, finding->part)->veiled)
		g_set_error_literal (&error, MM_ERROR, MM_ERROR_UNCERTAIN,
		                     "it lies in a multipart that may be encoded");
	if (error != NULL) {
		record (m, finding, key, 0, error);
		return;
	}
	mm_edits_begin (edits, at);
	spared = find_seal (m, finding);
	if (spared != 0)
		g_set_error_literal (&error, MM_ERROR, MM_ERROR_SIGNED,
		                     "it lies in embedded mail that is signed or encrypted");
	else /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): asked above */
		good = finding->rule->fix (&m->check->facts, finding, edits, &error);
	if (good)
		spared = find_spared (m, edits, first, &error);
	if (good && spared == 0)
		mm_edits_end (edits, &error);
	else
		mm_edits_cancel (edits);
	if (g_error_matches (error, MM_ERROR, MM_ERROR_CONFLICT) ||
	    (error != NULL && is_being_edited (m, finding, edits)))
		m->waiting = TRUE;
	else
		record (m, finding, key, spared, error);
}

static void
count_edits (Mender *m, const MmEdits *edits)
{
	for (guint i = 0; i < mm_edits_n (edits); i++) {
		if (mm_edits_get (edits, i)->kind == MM_EDIT_BODY)
			m->fix->n_body_edits++;
		else
			m->fix->n_header_edits++;
	}
}

/* Makes the next version and its facts. */
static gboolean
advance (Mender *m, const MmEdits *edits, GError **error)
{
	MmMessage *next = mm_edits_apply (edits, error);
	const MmContext *context = m->check->facts.context;
	gboolean same_body;
	MmScan body;

	if (next == NULL)
		return FALSE;
	if (mm_message_size (next) > context->limits.growth * (m->size + GROWTH_FLOOR)) {
		mm_message_unref (next);
		g_set_error_literal (error, MM_ERROR, MM_ERROR_LIMIT,
		                     "growth: the mended message would be too large");
		return FALSE;
	}
	count_edits (m, edits);
	m->fix->n_dropped += mm_edits_dropped (edits);
	same_body = mm_message_body_bytes (next) == mm_message_body_bytes (m->fix->message);
	body = m->check->facts.body;
	mm_message_unref (m->fix->message);
	g_clear_pointer (&m->cover, mm_cover_free);
	g_clear_pointer (&m->sealed, g_free);
	m->fix->message = next;
	if (m->owned)
		mm_check_free (m->check);
	m->check = mm_check_new (next, context, NULL, same_body ? &body : NULL);
	m->owned = TRUE;
	return TRUE;
}

/* One round of a stage. FALSE with *error if it failed; *out_any: something was edited. */
static gboolean
mend_round (Mender *m, MmStage stage, gboolean *out_any, GError **error)
{
	g_autoptr (MmEdits) edits =
	        mm_edits_new (m->fix->message, m->check->mime,
	                      &m->check->facts.context->limits, m->scope->header_only);

	m->waiting = FALSE;
	for (guint i = 0; i < mm_findings_n (m->check->findings); i++)
		if (mm_findings_get (m->check->findings, i)->rule->stage == stage)
			mend_finding (m, i, edits);
	*out_any = mm_edits_n (edits) > 0;
	return !*out_any || advance (m, edits, error);
}

static gboolean
mend_stage (Mender *m, MmStage stage, GError **error)
{
	gboolean any = TRUE;

	for (guint round = 0; any && round < MM_LIMIT_rounds; round++) {
		if (mm_context_expired (m->check->facts.context)) {
			g_set_error_literal (error, MM_ERROR, MM_ERROR_DEADLINE,
			                     "mending took too long");
			return FALSE;
		}
		if (!mend_round (m, stage, &any, error))
			return FALSE;
		if (!m->waiting)
			break;
	}
	return TRUE;
}

/* What encoded leaves leave behind on the multiparts above them. */
static gboolean
tidy (Mender *m, GError **error)
{
	g_autoptr (MmEdits) edits = NULL;
	g_autoptr (GPtrArray) encoded = g_ptr_array_new ();
	g_autoptr (GPtrArray) edited = g_ptr_array_new ();
	gboolean fields = FALSE;

	for (guint i = 0; i < m->fix->repairs->len; i++) {
		const MmRepair *repair = g_ptr_array_index (m->fix->repairs, i);
		gboolean content = repair->place == MM_PLACE_CONTENT;

		if (repair->reason != NULL)
			continue;
		if (content)
			g_ptr_array_add (encoded, repair->part);
		if (content || repair->structural)
			g_ptr_array_add (edited, repair->part);
		fields = fields || repair->structural;
	}
	if (edited->len == 0)
		return TRUE;
	edits = mm_edits_new (m->fix->message, m->check->mime,
	                      &m->check->facts.context->limits, m->scope->header_only);
	mm_tidy_composites (&m->check->facts, encoded, edits);
	mm_tidy_embedded_version (&m->check->facts, edited, edits);
	if (fields)
		mm_tidy_version (&m->check->facts, edits);
	/* It is done altogether or not at all. */
	if (find_spared (m, edits, 0, NULL) != 0)
		return TRUE;
	return mm_edits_n (edits) == 0 || advance (m, edits, error);
}

static MmFix *
fix_new (MmCheck *check, const MmFixScope *scope)
{
	MmFix *fix = g_new0 (MmFix, 1);

	fix->message = mm_message_ref (check->message);
	fix->repairs = g_ptr_array_new_with_free_func (repair_free);
	fix->broken = g_ptr_array_new ();
	fix->renamed = g_hash_table_new (NULL, NULL);
	fix->may_break = scope->signed_edits == MM_SIGNED_EDITS_ALL;
	return fix;
}

MmFix *
mm_fix_new (MmCheck *check, const MmFixScope *scope, GError **error)
{
	g_autoptr (MmFix) fix = fix_new (check, scope);
	g_autoptr (GHashTable) tried =
	        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
	Mender m = {.scope = scope,
	            .fix = fix,
	            .check = check,
	            .size = mm_message_size (check->message),
	            .tried = tried};
	gboolean good = TRUE;

	for (guint stage = 0; good && stage < MM_N_STAGES; stage++)
		good = mend_stage (&m, (MmStage) stage, error);
	if (good)
		good = tidy (&m, error);
	g_clear_pointer (&m.cover, mm_cover_free);
	g_free (m.sealed);
	if (m.owned)
		fix->check = m.check;
	return good ? g_steal_pointer (&fix) : NULL;
}
