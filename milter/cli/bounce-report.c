/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bounce-report.c: how `mailmend check` shows a bounce, beside what is wrong with that itself.
 */
#include <config.h>

#include "command-private.h"
#include "json.h"
#include "report.h"

#define MAX_SHOWN 400

MmReport
mm_report_of_bounce (const MmBounce *bounce)
{
	return (MmReport){
		.input = &bounce->original,
		.check = bounce->check,
		.shown = bounce->shown,
		.carried_by = bounce,
	};
}

static gboolean
is_found (const MmBounce *bounce, const MmRule *rule)
{
	for (guint i = 0; i < bounce->shown->len; i++)
		if (((const MmFinding *) bounce->shown->pdata[i])->rule == rule)
			return TRUE;
	return FALSE;
}

/* "A (found), B, C": what was found in the message stands first. */
static void
append_meaning (const MmBounce *bounce, const MmReplyMatch *match, GString *out)
{
	const char *between = "";

	if (match->labels->len == 0) {
		g_string_append (out, "not known to be about the format");
		return;
	}
	g_string_append (out, "may mean ");
	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < match->labels->len; i++) {
			const MmRule *rule = match->labels->pdata[i];

			if (is_found (bounce, rule) != (pass == 0))
				continue;
			g_string_append_printf (out, "%s%s%s", between, rule->label,
			                        pass == 0 ? " (found)" : "");
			between = ", ";
		}
	}
}

/* What to know of the message that came back; NULL: its findings say it. */
static const char *
remark (const MmBounce *bounce)
{
	static const char *const words[] = {
		[MM_CARRIES_NOTHING] = "the bounce does not carry the message",
		[MM_CARRIES_HEADERS] = "the bounce carries the header of the message only; what is "
		                       "wrong with its body cannot be seen",
		[MM_CARRIES_CUT] = "the last multipart of the message is not closed; the bounce may "
		                   "have cut it",
		[MM_CARRIES_MESSAGE] = NULL,
	};

	return words[bounce->carries];
}

void
mm_report_bounce_text (const MmReport *report, GString *out)
{
	const MmBounce *bounce = report->bounce;
	const MmReport original = mm_report_of_bounce (bounce);
	g_autofree char *file = mm_command_visible (report->input->name);
	const char *text = remark (bounce);
	guint line = bounce->carries != MM_CARRIES_NOTHING ? bounce->original.line
	                                                   : report->input->line;

	for (guint i = 0; i < bounce->replies->len; i++) {
		const MmBounceReply *reply = bounce->replies->pdata[i];

		g_string_append_printf (out, "%s:%u: reply: %.*s (", file, reply->line,
		                        MAX_SHOWN, reply->text);
		if (reply->recipient != NULL)
			g_string_append_printf (out, "for %s, ", reply->recipient);
		append_meaning (bounce, &reply->match, out);
		g_string_append (out, ")\n");
	}
	if (text != NULL)
		g_string_append_printf (out, "%s:%u: bounce: %s\n", file, line + 1, text);
	if (bounce->shown->len > 0)
		mm_report_text_findings (&original, out);
	else if (bounce->carries != MM_CARRIES_NOTHING)
		g_string_append_printf (out, "%s:%u: bounce: nothing is wrong with the %s\n", file,
		                        line + 1,
		                        bounce->carries == MM_CARRIES_HEADERS
		                                ? "header of the message"
		                                : "message");
}

static void
append_replies (const MmBounce *bounce, GString *out)
{
	mm_json_open (out, "replies", '[');
	for (guint i = 0; i < bounce->replies->len; i++) {
		const MmBounceReply *reply = bounce->replies->pdata[i];

		mm_json_open (out, NULL, '{');
		mm_json_string (out, "recipient", reply->recipient);
		mm_json_number (out, "line", reply->line);
		mm_reply_match_json (&reply->match, reply->text, "explained", out);
		mm_json_close (out, '}');
	}
	mm_json_close (out, ']');
}

void
mm_report_bounce_json (const MmReport *report, GString *out)
{
	const MmBounce *bounce = report->bounce;
	const MmReport original = mm_report_of_bounce (bounce);
	g_autoptr (GPtrArray) labels = mm_report_labels (&original);

	mm_json_open (out, "bounce", '{');
	mm_json_string (out, "carries", mm_carries_to_string (bounce->carries));
	mm_json_string (out, "part",
	                bounce->carries != MM_CARRIES_NOTHING ? bounce->path : NULL);
	mm_report_json_list ("recipients", bounce->recipients, out);
	append_replies (bounce, out);
	mm_report_json_list ("labels", labels, out);
	mm_report_json_findings (&original, out);
	mm_json_close (out, '}');
}
