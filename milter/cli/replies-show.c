/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replies-show.c: what is known of a reply as text, as JSON and, for mailmend(7), in mdoc.
 */
#include <config.h>

#include <string.h>

#include "catalogue.h"
#include "json.h"
#include "replies.h"
#include "roff.h"
#include "wrap.h"

#define KEY_WIDTH 15
#define INDENT 4

static const char unknown[] =
	"This reply is not known: nothing can be said of what it means for the format of the "
	"message.";

static const char without_reply[] =
	"'mailmend check MESSAGE' says what is wrong with the message whatever the reply was, and "
	"'mailmend check BOUNCE' looks into the message that a bounce carries. Give the whole "
	"reply, with its words: the codes alone say little.";

static const char verify[] =
	"Let 'mailmend check' look at the message, or at the bounce that carries it: only a label "
	"that it finds can be the reason. Then send it twice, once as it is and once mended: "
	"mailmend(7) has the commands.";

/* ---- text ----------------------------------------------------------------------------------- */

/* "Key:  text", the text in a column of its own. */
static void
append_row (GString *out, const char *key, const char *text)
{
	if (text == NULL)
		return;
	g_string_append_printf (out, "%-*s", KEY_WIDTH, key);
	mm_wrap (out, KEY_WIDTH, KEY_WIDTH, text);
}

static char *
cause_words (const MmReplyCause *cause)
{
	return g_strdup_printf ("%s (%s)%s%s", cause->label, mm_evidence_to_string (cause->evidence),
	                        cause->why != NULL ? ": " : "",
	                        cause->why != NULL ? cause->why : "");
}

static void
append_reply (GString *out, const MmReply *row)
{
	const char *key = "May mean:";

	append_row (out, "Said by:", row->who);
	append_row (out, "Says:", row->meaning);
	for (const MmReplyCause *cause = row->causes; cause->label != NULL; cause++, key = "") {
		g_autofree char *words = cause_words (cause);

		append_row (out, key, words);
	}
	append_row (out, "Cure:", row->cure);
	append_row (out, "Known from:", row->source);
	g_string_append_c (out, '\n');
}

static void
append_named (GString *out, const MmReplyMatch *match)
{
	if (match->n_named == 0)
		return;
	g_string_append (out, "Labels that the reply names:\n");
	for (guint i = 0; i < match->n_named; i++) {
		const MmRule *rule = match->labels->pdata[i];

		g_string_append_printf (out, "%*s%s: ", INDENT, "", rule->label);
		mm_wrap (out, (guint) (INDENT + strlen (rule->label) + 2), 2 * INDENT,
		         rule->summary);
	}
	if (match->cut)
		g_string_append (out, "    and more: the reply was too long to name all\n");
	g_string_append_c (out, '\n');
}

/* Labels with the same remedy stand together. */
static void
append_remedies (GString *out, const MmReplyMatch *match)
{
	g_autoptr (GPtrArray) done = g_ptr_array_new ();

	g_string_append (out, "What mailmend does:\n");
	for (guint i = 0; i < match->labels->len; i++) {
		const char *remedy = mm_reply_remedy (match->labels->pdata[i]);
		GString *line = g_string_new (remedy);

		for (guint j = i; j < match->labels->len; j++) {
			const MmRule *rule = match->labels->pdata[j];

			if (mm_reply_remedy (rule) == remedy)
				g_string_append_printf (line, "%s %s", j > i ? "," : ":", rule->label);
		}
		if (!g_ptr_array_find (done, remedy, NULL)) {
			g_string_append_printf (out, "%*s", INDENT, "");
			mm_wrap (out, INDENT, 2 * INDENT, line->str);
			g_ptr_array_add (done, (gpointer) remedy);
		}
		g_string_free (line, TRUE);
	}
}

static void
append_configuration (GString *out, const char *text)
{
	g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

	g_string_append (out, "\nFor mailmend.conf:\n");
	for (guint i = 0; lines[i] != NULL && (*lines[i] != '\0' || lines[i + 1] != NULL); i++)
		g_string_append_printf (out, "%*s%s\n", *lines[i] != '\0' ? INDENT : 0, "",
		                        lines[i]);
}

static void
append_unknown (GString *out, const MmReplyMatch *match)
{
	const char *tail = ": that is hardly a matter of the format.";

	if (match->ambiguous || (match->enhanced != NULL && match->enhanced[2] == '6'))
		tail = ". Some servers say it of the format: the words of the reply decide.";
	mm_wrap (out, 0, 0, unknown);
	if (match->about != NULL) {
		g_autofree char *text = g_strdup_printf ("By its code %s it is about %s (RFC 3463)%s",
		                                         match->enhanced, match->about, tail);

		mm_wrap (out, 0, 0, text);
	}
	if (match->code != NULL && match->code[0] == '4')
		mm_wrap (out, 0, 0, "It is for the time being: the sender's server tries again.");
	g_string_append_c (out, '\n');
	mm_wrap (out, 0, 0, without_reply);
}

void
mm_reply_match_text (const MmReplyMatch *match, GString *out)
{
	g_autofree char *configuration = mm_reply_configuration (match);

	if (match->rows->len == 0 && match->labels->len == 0) {
		append_unknown (out, match);
		return;
	}
	for (guint i = 0; i < match->rows->len; i++)
		append_reply (out, match->rows->pdata[i]);
	append_named (out, match);
	append_remedies (out, match);
	if (configuration != NULL)
		append_configuration (out, configuration);
	g_string_append (out, "\nTo verify:\n    ");
	mm_wrap (out, INDENT, INDENT, verify);
}

void
mm_replies_text (GString *out)
{
	for (guint i = 0; i < mm_replies_count (); i++) {
		g_string_append (out, "  ");
		mm_wrap (out, 2, 2, mm_replies[i].example);
		append_reply (out, &mm_replies[i]);
	}
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void
append_causes_json (const MmReply *row, GString *out)
{
	mm_json_open (out, "causes", '[');
	for (const MmReplyCause *cause = row->causes; cause->label != NULL; cause++) {
		mm_json_open (out, NULL, '{');
		mm_json_string (out, "label", cause->label);
		mm_json_string (out, "evidence", mm_evidence_to_string (cause->evidence));
		mm_json_string (out, "why", cause->why);
		mm_json_close (out, '}');
	}
	mm_json_close (out, ']');
}

static void
append_row_json (const MmReply *row, GString *out)
{
	mm_json_open (out, NULL, '{');
	mm_json_string (out, "example", row->example);
	mm_json_string (out, "who", row->who);
	mm_json_string (out, "meaning", row->meaning);
	append_causes_json (row, out);
	mm_json_string (out, "cure", row->cure);
	mm_json_string (out, "source", row->source);
	mm_json_close (out, '}');
}

void
mm_replies_json (GString *out)
{
	for (guint i = 0; i < mm_replies_count (); i++) {
		append_row_json (&mm_replies[i], out);
		g_string_append_c (out, '\n');
	}
}

void
mm_reply_match_json (const MmReplyMatch *match, const char *text, const char *key, GString *out)
{
	g_autofree char *configuration = mm_reply_configuration (match);

	mm_json_open (out, key, '{');
	mm_json_string (out, "reply", text);
	mm_json_string (out, "code", match->code);
	mm_json_string (out, "enhanced", match->enhanced);
	mm_json_open (out, "labels", '[');
	for (guint i = 0; i < match->labels->len; i++)
		mm_json_string (out, NULL, ((const MmRule *) match->labels->pdata[i])->label);
	mm_json_close (out, ']');
	mm_json_number (out, "named", match->n_named);
	mm_json_boolean (out, "cut", match->cut);
	mm_json_open (out, "matches", '[');
	for (guint i = 0; i < match->rows->len; i++)
		append_row_json (match->rows->pdata[i], out);
	mm_json_close (out, ']');
	mm_json_string (out, "configuration", configuration);
	mm_json_close (out, '}');
}

/* ---- mdoc ----------------------------------------------------------------------------------- */

static void
append_item (GString *out, const char *tag, const char *text)
{
	if (text == NULL)
		return;
	g_string_append_printf (out, ".It %s\n", tag);
	mm_roff_text (out, text, NULL, NULL);
}

/* As one word each, in quotation marks: what is in it must not be read as a macro. */
static void
append_literal (GString *out, const char *text)
{
	g_auto (GStrv) words = g_strsplit (text, " ", -1);

	g_string_append (out, ".It Li");
	for (guint i = 0; words[i] != NULL; i++) {
		g_string_append (out, " \\&");
		mm_roff_word (out, words[i]);
	}
	g_string_append_c (out, '\n');
}

void
mm_replies_man (GString *out)
{
	for (guint i = 0; i < mm_replies_count (); i++) {
		const MmReply *row = &mm_replies[i];

		append_literal (out, row->example);
		mm_roff_text (out, row->meaning, NULL, NULL);
		g_string_append (out, ".Bl -tag -width \"Known from\" -compact\n");
		append_item (out, "Said by", row->who);
		for (const MmReplyCause *cause = row->causes; cause->label != NULL; cause++) {
			g_autofree char *words = cause_words (cause);

			append_item (out, cause == row->causes ? "May mean" : "or", words);
		}
		append_item (out, "Setting", row->settings);
		append_item (out, "Cure", row->cure);
		append_item (out, "Known from", row->source);
		g_string_append (out, ".El\n");
	}
}
