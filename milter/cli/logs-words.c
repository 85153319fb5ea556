/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-words.c: what all forms of the report write alike.
 */
#include <config.h>

#include <string.h>

#include "logs.h"

static const struct {
	const char *word;
	const char *words;
	const char *title;
} by_names[] = {
	[MM_BY_SENDER] = {"sender", "senders", "Sender"},
	[MM_BY_DOMAIN] = {"domain", "domains", "Sender domain"},
	[MM_BY_CLIENT] = {"client", "clients", "Client"},
	[MM_BY_USER] = {"user", "users", "User who logged in"},
	[MM_BY_PROGRAM] = {"program", "programs", "Sending program"},
	[MM_BY_POLICY] = {"policy", "policies", "Policy and rule"},
	[MM_BY_LABEL] = {"label", "labels", "Label"},
};

const char *
mm_logs_by_word (MmBy by)
{
	return by_names[by].word;
}

const char *
mm_logs_by_words (MmBy by)
{
	return by_names[by].words;
}

const char *
mm_logs_by_title (MmBy by)
{
	return by_names[by].title;
}

const char *
mm_logs_outcome_word (MmOutcome outcome)
{
	static const char *const words[] = {
		[MM_OUTCOME_CLEAN] = "clean",
		[MM_OUTCOME_MENDED] = "mended",
		[MM_OUTCOME_PARTLY] = "partly",
		[MM_OUTCOME_LEFT] = "left",
		[MM_OUTCOME_REFUSED] = "refused",
		[MM_OUTCOME_WOULD_MEND] = "would_mend",
		[MM_OUTCOME_WOULD_REFUSE] = "would_refuse",
		[MM_OUTCOME_ERROR] = "error",
	};

	return words[outcome];
}

char *
mm_logs_visible (const char *text)
{
	GString *out = g_string_sized_new (strlen (text));

	while (*text != '\0') {
		gunichar c = g_utf8_get_char_validated (text, -1);
		gboolean is_char = c != (gunichar) -1 && c != (gunichar) -2;
		gsize len = is_char ? (gsize) g_unichar_to_utf8 (c, NULL) : 1;

		if (is_char && g_unichar_isprint (c))
			g_string_append_len (out, text, (gssize) len);
		else
			for (gsize i = 0; i < len; i++)
				g_string_append_printf (out, "\\x%02x", (guint) (guchar) text[i]);
		text += len;
	}
	return g_string_free (out, FALSE);
}

char *
mm_logs_number (guint64 number)
{
	GString *out = g_string_new (NULL);
	gssize at;

	g_string_append_printf (out, "%" G_GUINT64_FORMAT, number);
	for (at = (gssize) out->len - 3; at > 0; at -= 3)
		g_string_insert_c (out, at, ',');
	return g_string_free (out, FALSE);
}

char *
mm_logs_percent (guint64 part, guint64 whole)
{
	double percent = whole > 0 ? 100.0 * (double) part / (double) whole : 0;

	if (part == 0 || part == whole)
		return g_strdup (part == 0 ? "0 %" : "100 %");
	if (percent < 0.1)
		return g_strdup ("<0.1 %");
	return g_strdup_printf ("%.1f %%", MIN (percent, 99.9));
}

GPtrArray *
mm_logs_rows (const MmLogs *logs, MmBy by, guint *out_more)
{
	GPtrArray *rows = mm_tally_rows (logs->tally, by);

	*out_more = 0;
	if (logs->top > 0 && rows->len > logs->top) {
		*out_more = rows->len - logs->top;
		g_ptr_array_set_size (rows, (int) logs->top);
	}
	return rows;
}

gboolean
mm_logs_is_mendable (const MmRule *rule)
{
	return rule != NULL && rule->fix != NULL;
}
