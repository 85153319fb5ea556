/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-util.c: what the tests of several modules share.
 */
#include "test-util.h"

MmMessage *
test_message (MmBytes wire)
{
	g_autoptr (GBytes) bytes = g_bytes_new (wire.data, wire.len);

	return mm_message_new (bytes);
}

GBytes *
test_wire (const MmMessage *message)
{
	MmBuffer out = MM_BUFFER_INIT;

	mm_buffer_append (&out, mm_message_header_block (message));
	mm_buffer_append (&out, mm_message_separator (message));
	mm_buffer_append (&out, mm_message_body (message));
	return mm_buffer_steal (&out);
}

void
test_random_repeat (gpointer data, guint8 *octets, gsize n)
{
	MmBytes pattern = data != NULL ? mm_bytes_of (data) : mm_bytes (NULL, 0);

	for (gsize i = 0; i < n; i++)
		octets[i] = pattern.len > 0 ? (guint8)pattern.data[i % pattern.len] : 0;
}

void
test_context_init (MmContext *context)
{
	mm_context_init (context, "relay.example.com");
	context->now = 1700000000;
	context->zone = 0;
	context->random = test_random_repeat;
	context->random_data = NULL;
}

char *
test_show (MmBytes bytes)
{
	GString *out = g_string_new (NULL);

	for (gsize i = 0; i < bytes.len; i++) {
		guchar c = (guchar)bytes.data[i];

		if (c == '\r')
			g_string_append (out, "\\r");
		else if (c == '\n')
			g_string_append (out, "\\n");
		else if (c < ' ' || c > '~' || c == '\\')
			g_string_append_printf (out, "\\x%02x", c);
		else
			g_string_append_c (out, (char)c);
	}
	return g_string_free (out, FALSE);
}

char *
test_difference (MmBytes got, MmBytes want)
{
	g_autofree char *a = NULL, *b = NULL;
	gsize at = 0, from;

	if (mm_bytes_equal (got, want))
		return NULL;
	while (at < got.len && at < want.len && got.data[at] == want.data[at])
		at++;
	from = at > 20 ? at - 20 : 0;
	a = test_show (mm_bytes_sub (got, from, at + 60));
	b = test_show (mm_bytes_sub (want, from, at + 60));
	return g_strdup_printf (
		"differs at %zu (%zu octets instead of %zu): \"%s\" instead of \"%s\"", at, got.len,
		want.len, a, b);
}

/* ---- the MTA --------------------------------------------------------------------------------- */

gboolean
test_mta_can_hold (const MmMessage *message)
{
	MmScan scan = mm_scan (mm_message_header_block (message));

	if (scan.lone_lf.count + scan.cr_cr_lf.count + scan.nul.count > 0)
		return FALSE;
	for (guint i = 0; i < mm_message_n_headers (message); i++) {
		const MmHeader *item = mm_message_header (message, i);
		if (!item->is_field || item->blanks.len > 0 || mm_bytes_has_8bit (item->name))
			return FALSE;
	}
	return mm_bytes_equal (mm_message_separator (message), LIT ("\r\n"));
}

/* One field as the MTA keeps it. */
typedef struct {
	char *name;
	GBytes *line; /* NULL: deleted */
} Held;

static void
held_free (gpointer data)
{
	Held *held = data;

	g_free (held->name);
	g_clear_pointer (&held->line, g_bytes_unref);
	g_free (held);
}

static Held *
held_new (const char *name, const char *value)
{
	Held *held = g_new0 (Held, 1);
	g_auto (GStrv) lines = g_strsplit (value, "\n", -1);
	g_autofree char *folded = g_strjoinv ("\r\n", lines);
	char *line = g_strconcat (name, ":", folded, "\r\n", NULL);

	held->name = g_strdup (name);
	held->line = g_bytes_new_take (line, strlen (line));
	return held;
}

static GPtrArray *
hold (const MmMessage *message)
{
	GPtrArray *list = g_ptr_array_new_with_free_func (held_free);

	for (guint i = 0; i < mm_message_n_headers (message); i++) {
		const MmHeader *item = mm_message_header (message, i);
		Held *held = g_new0 (Held, 1);

		held->name = mm_bytes_dup (item->name);
		held->line = g_bytes_new (item->line.data, item->line.len);
		g_ptr_array_add (list, held);
	}
	return list;
}

/* The place of field @index of @name, or list->len. */
static guint
find_held (GPtrArray *list, const char *name, guint index)
{
	guint seen = 0;

	for (guint i = 0; i < list->len; i++) {
		const Held *held = list->pdata[i];
		if (g_ascii_strcasecmp (held->name, name) == 0 && ++seen == index)
			return i;
	}
	return list->len;
}

static char *
carry_out (GPtrArray *list, const MmPlanHeader *op, gboolean renumbers)
{
	guint at;

	if (op->kind == MM_PLAN_APPEND) {
		g_ptr_array_add (list, held_new (op->name, op->value));
		return NULL;
	}
	at = find_held (list, op->name, op->index);
	if (at == list->len || ((Held *)list->pdata[at])->line == NULL)
		return g_strdup_printf ("there is no %s number %u", op->name, op->index);
	if (op->kind == MM_PLAN_CHANGE) {
		held_free (list->pdata[at]);
		list->pdata[at] = held_new (op->name, op->value);
	} else if (renumbers) {
		g_ptr_array_remove_index (list, at);
	} else {
		g_clear_pointer (&((Held *)list->pdata[at])->line, g_bytes_unref);
	}
	return NULL;
}

GBytes *
test_mta_headers (const MmMessage *original, const MmPlan *plan, gboolean renumbers, char **out_why)
{
	g_autoptr (GPtrArray) list = hold (original);
	g_auto (MmBuffer) out = MM_BUFFER_INIT;

	for (guint i = 0; i < plan->headers->len; i++) {
		*out_why = carry_out (list, plan->headers->pdata[i], renumbers);
		if (*out_why != NULL)
			return NULL;
	}
	for (guint i = 0; i < list->len; i++) {
		const Held *held = list->pdata[i];
		if (held->line != NULL)
			mm_buffer_append (&out, mm_bytes_of (held->line));
	}
	return mm_buffer_steal (&out);
}

char *
test_mta_differs (const MmMessage *original, const MmPlan *plan, const MmMessage *final)
{
	GBytes *body =
		plan != NULL && plan->body != NULL ? plan->body : mm_message_body_bytes (original);
	g_autoptr (GPtrArray) none = g_ptr_array_new ();
	const MmPlan nothing = {.headers = none};
	char *why = NULL;

	for (int renumbers = 0; renumbers <= 1; renumbers++) {
		g_autoptr (GBytes) block = test_mta_headers (
			original, plan != NULL ? plan : &nothing, renumbers, &why);

		if (block == NULL)
			return why;
		why = test_difference (mm_bytes_of (block), mm_message_header_block (final));
		if (why != NULL)
			return why;
	}
	return test_difference (mm_bytes_of (body), mm_message_body (final));
}
