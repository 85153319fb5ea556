/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.c: from two versions of a message to the operations of the milter protocol.
 */
#include <config.h>

#include <mailmend/error.h>
#include <mailmend/plan.h>

static void
plan_header_free (gpointer data)
{
	MmPlanHeader *header = data;

	g_free (header->name);
	g_free (header->value);
	g_free (header);
}

void
mm_plan_free (MmPlan *plan)
{
	g_ptr_array_unref (plan->headers);
	g_clear_pointer (&plan->body, g_bytes_unref);
	g_free (plan);
}

/* libmilter and both MTAs check nothing: what would break a header block stops here. */
static gboolean
name_is_safe (MmBytes name)
{
	for (gsize i = 0; i < name.len; i++)
		if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == ':')
			return FALSE;
	return name.len > 0;
}

/* The value as libmilter wants it: folds LF + blank. NULL if it holds another line end or a NUL. */
static char *
milter_value (MmBytes value)
{
	GString *out = g_string_sized_new (value.len + 1);

	if (value.len == 0)
		g_string_append_c (out, ' '); /* an empty value would delete the header */
	for (gsize i = 0; i < value.len; i++) {
		char c = value.data[i];
		gboolean fold = c == '\r' && i + 2 < value.len && value.data[i + 1] == '\n' &&
		                mm_is_wsp (value.data[i + 2]);
		if (fold) {
			g_string_append_c (out, '\n');
			i++;
		} else if (c == '\r' || c == '\n' || c == '\0') {
			return g_string_free (out, TRUE), NULL;
		} else {
			g_string_append_c (out, c);
		}
	}
	return g_string_free (out, FALSE);
}

static gboolean
add (MmPlan *plan, MmPlanKind kind, const MmHeader *old, const MmHeader *new,
     const MmLimits *limits, GError **error)
{
	g_autofree char *value = new != NULL ? milter_value (new->value) : NULL;
	const MmHeader *named = new != NULL ? new : old;
	/* An MTA finds a field by its name: one that had none, or another, cannot be changed. */
	gboolean renamed =
	        old != NULL && new != NULL && !mm_bytes_equal_nocase (old->name, new->name);
	MmPlanHeader *header;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one of the two there is */
	if (!name_is_safe (named->name) || renamed || (new != NULL && value == NULL)) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_INTERNAL,
		                     "a header that no MTA must be given");
		return FALSE;
	}
	if (new != NULL && new->line.len > limits->header_field) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_LIMIT,
		                     "header_field: the new field is too long");
		return FALSE;
	}
	header = g_new0 (MmPlanHeader, 1);
	header->kind = kind;
	header->name = mm_bytes_dup (named->name);
	header->index = old != NULL ? old->index : 0;
	header->value = g_steal_pointer (&value);
	g_ptr_array_add (plan->headers, header);
	return TRUE;
}

/* Where each header of the original stands in @final, NULL: deleted. FALSE if one has moved. */
static gboolean
map_originals (const MmMessage *original, const MmMessage *final, const MmHeader **map)
{
	int last = -1;

	for (guint i = 0; i < mm_message_n_headers (final); i++) {
		const MmHeader *item = mm_message_header (final, i);

		if (item->original < 0)
			continue;
		if (item->original <= last || (guint) item->original >= mm_message_n_headers (original))
			return FALSE;
		last = item->original;
		map[last] = item;
	}
	return TRUE;
}

/* Bottom-up: an MTA that renumbers after a deletion and one that does not then count alike, and
 * Postfix does not run into its limit of reverse jumps. */
static gboolean
plan_changes (MmPlan *plan, const MmMessage *original, const MmHeader **map,
              const MmLimits *limits, GError **error)
{
	for (guint i = mm_message_n_headers (original); i-- > 0;) {
		const MmHeader *old = mm_message_header (original, i);
		gboolean good = TRUE;

		if (map[i] == NULL)
			good = add (plan, MM_PLAN_DELETE, old, NULL, limits, error);
		else if (!mm_bytes_equal (old->line, map[i]->line))
			good = add (plan, MM_PLAN_CHANGE, old, map[i], limits, error);
		if (!good)
			return FALSE;
	}
	return TRUE;
}

static gboolean
plan_appends (MmPlan *plan, const MmMessage *final, const MmLimits *limits, GError **error)
{
	for (guint i = 0; i < mm_message_n_headers (final); i++) {
		const MmHeader *item = mm_message_header (final, i);
		if (item->original < 0 &&
		    !add (plan, MM_PLAN_APPEND, NULL, item, limits, error))
			return FALSE;
	}
	return TRUE;
}

MmPlan *
mm_plan_new (const MmMessage *original, const MmMessage *final, const MmLimits *limits,
             GError **error)
{
	g_autoptr (MmPlan) plan = g_new0 (MmPlan, 1);
	g_autofree const MmHeader **map =
	        g_new0 (const MmHeader *, mm_message_n_headers (original) + 1);

	plan->headers = g_ptr_array_new_with_free_func (plan_header_free);
	if (!map_originals (original, final, map)) {
		g_set_error_literal (error, MM_ERROR, MM_ERROR_INTERNAL, "a header has moved");
		return NULL;
	}
	if (!plan_changes (plan, original, map, limits, error) ||
	    !plan_appends (plan, final, limits, error))
		return NULL;
	if (mm_message_body_bytes (final) != mm_message_body_bytes (original) &&
	    !mm_bytes_equal (mm_message_body (final), mm_message_body (original)))
		plan->body = g_bytes_ref (mm_message_body_bytes (final));
	return g_steal_pointer (&plan);
}

char *
mm_plan_to_string (const MmPlan *plan)
{
	static const char *const names[] = {
	        [MM_PLAN_CHANGE] = "chgheader",
	        [MM_PLAN_DELETE] = "delheader",
	        [MM_PLAN_APPEND] = "addheader",
	};
	guint counts[G_N_ELEMENTS (names)] = {0};
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < plan->headers->len; i++)
		counts[((const MmPlanHeader *) plan->headers->pdata[i])->kind]++;
	for (guint i = 0; i < G_N_ELEMENTS (names); i++)
		if (counts[i] > 0)
			g_string_append_printf (out, "%s%s:%u", out->len > 0 ? " " : "", names[i],
			                        counts[i]);
	if (plan->body != NULL)
		g_string_append (out, out->len > 0 ? " body:1" : "body:1");
	return g_string_free (out, FALSE);
}
