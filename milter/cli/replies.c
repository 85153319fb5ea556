/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replies.c: finds out what a reply means.
 *
 * A reply comes through logs, bounces and mail programs, which wrap it, join its lines and put host
 * names in between. So both it and the table's words are reduced to their letters and digits before
 * they are compared, and the codes that every line of a reply begins with are taken out.
 */
#include <config.h>

#include <mailmend/verdict.h>

#include "catalogue.h"
#include "replies.h"

#define MAX_TEXT (64 * 1024)

/* ---- letters and digits --------------------------------------------------------------------- */

static gboolean
is_word_char (char c)
{
	return g_ascii_isalnum (c) || c == '.' || c == '_';
}

static gboolean
is_label_char (char c)
{
	return g_ascii_isupper (c) || g_ascii_isdigit (c) || c == '_';
}

/* LINE_TOO_LONG is not what a server says of a line. */
static gboolean
looks_like_label (MmBytes word)
{
	for (gsize i = 0; i < word.len; i++)
		if (!is_label_char (word.data[i]))
			return FALSE;
	return word.len > 0 && memchr (word.data, '_', word.len) != NULL;
}

/* "554" */
static gboolean
is_code (MmBytes word)
{
	return word.len == 3 && (word.data[0] == '4' || word.data[0] == '5') &&
	       g_ascii_isdigit (word.data[1]) && g_ascii_isdigit (word.data[2]);
}

/* "5.6.211" */
static gboolean
is_enhanced (MmBytes word)
{
	guint dots = 0;

	if (word.len < 5 || word.len > 9 || (word.data[0] != '4' && word.data[0] != '5') ||
	    word.data[1] != '.' || word.data[word.len - 1] == '.')
		return FALSE;
	for (gsize i = 0; i < word.len; i++) {
		if (word.data[i] == '.')
			dots++;
		else if (!g_ascii_isdigit (word.data[i]))
			return FALSE;
		if (word.data[i] == '.' && word.data[i - 1] == '.')
			return FALSE;
	}
	return dots == 2;
}

/* Takes @word into @out unless it is a code; the first ones are kept in @match (may be NULL). */
static void
squash_word (MmBytes word, GString *out, MmReplyMatch *match)
{
	char **keep = NULL;

	while (word.len > 0 && word.data[word.len - 1] == '.')
		word.len--;
	if (is_code (word))
		keep = match != NULL ? &match->code : NULL;
	else if (is_enhanced (word))
		keep = match != NULL ? &match->enhanced : NULL;
	else if (!looks_like_label (word))
		for (gsize i = 0; i < word.len; i++)
			if (g_ascii_isalnum (word.data[i]))
				g_string_append_c (out, g_ascii_tolower (word.data[i]));
	if (keep != NULL && *keep == NULL)
		*keep = mm_bytes_dup (word);
}

/* The letters and digits of @text, lower case. */
static char *
squash (MmBytes text, MmReplyMatch *match)
{
	GString *out = g_string_new (NULL);
	gsize at = 0;

	while (at < text.len) {
		gsize from = at;

		while (at < text.len && is_word_char (text.data[at]))
			at++;
		if (at > from)
			squash_word (mm_bytes_sub (text, from, at), out, match);
		else
			at++;
	}
	return g_string_free (out, FALSE);
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* How many letters of @form ("a * b") stand in @text, one piece behind the other; 0: not all. */
static gsize
fits_form (const char *form, const char *text)
{
	g_auto (GStrv) pieces = g_strsplit (form, "*", -1);
	gsize score = 0;

	for (guint i = 0; pieces[i] != NULL; i++) {
		g_autofree char *piece = squash (mm_bytes_str (pieces[i]), NULL);
		const char *found = strstr (text, piece);

		if (found == NULL)
			return 0;
		text = found + strlen (piece);
		score += strlen (piece);
	}
	return score;
}

static gsize
fits (const MmReply *row, const char *text)
{
	g_auto (GStrv) forms = row->words != NULL ? g_strsplit (row->words, "|", -1) : NULL;
	gsize best = 0;

	for (guint i = 0; forms != NULL && forms[i] != NULL; i++)
		best = MAX (best, fits_form (forms[i], text));
	return best;
}

/* The reply of a row without causes says itself what is wrong. */
static gboolean
names_labels (const MmReply *row)
{
	return row->causes[0].label == NULL;
}

typedef struct {
	const MmReply *row;
	gsize score;
} Hit;

static int
compare_hits (gconstpointer a, gconstpointer b)
{
	const Hit *x = a;
	const Hit *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static void
match_words (const char *text, MmReplyMatch *match)
{
	g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (Hit));
	gboolean special = FALSE;

	for (guint i = 0; i < mm_replies_count (); i++) {
		Hit hit = {.row = &mm_replies[i], .score = fits (&mm_replies[i], text)};

		if (hit.score == 0)
			continue;
		special |= !hit.row->general;
		g_array_append_val (hits, hit);
	}
	g_array_sort (hits, compare_hits);
	for (guint i = 0; i < hits->len; i++) {
		const MmReply *row = g_array_index (hits, Hit, i).row;

		/* the words of labels are no words of a reply */
		if (names_labels (row)) {
			g_ptr_array_set_size (match->rows, 0);
			g_ptr_array_add (match->rows, (gpointer) row);
			return;
		}
		if (!row->general || !special)
			g_ptr_array_add (match->rows, (gpointer) row);
	}
}

static void
match_code (MmReplyMatch *match)
{
	for (guint i = 0; i < mm_replies_count (); i++) {
		const char *code = mm_replies[i].code;

		if (code != NULL && g_strcmp0 (code, match->enhanced) == 0)
			g_ptr_array_add (match->rows, (gpointer) &mm_replies[i]);
	}
}

/* ---- labels --------------------------------------------------------------------------------- */

static void
add_label (MmReplyMatch *match, const char *label)
{
	const MmRule *rule = mm_rule_by_label (label);

	if (rule != NULL && !g_ptr_array_find (match->labels, rule, NULL))
		g_ptr_array_add (match->labels, (gpointer) rule);
}

/* Labels that stand in @text as such. */
static void
add_named (MmReplyMatch *match, MmBytes text)
{
	for (gsize at = 0; at < text.len;) {
		gsize from = at;

		while (at < text.len && is_label_char (text.data[at]))
			at++;
		if (at > from) {
			g_autofree char *word = mm_bytes_dup (mm_bytes_sub (text, from, at));

			add_label (match, word);
		}
		if (at < text.len)
			at++;
	}
}

/* A list of labels has no blank a program could wrap it at, so it may be torn anywhere. */
static void
add_named_in_list (MmReplyMatch *match, MmBytes text)
{
	GString *joined = g_string_new (NULL);

	for (gsize i = 0; i < text.len; i++)
		if (!mm_is_space (text.data[i]))
			g_string_append_c (joined, text.data[i]);
	add_named (match, mm_bytes (joined->str, joined->len));
	match->cut = strstr (joined->str, "|...") != NULL;
	g_string_free (joined, TRUE);
}

static void
collect_labels (MmReplyMatch *match, MmBytes text)
{
	add_named (match, text);
	if (match->rows->len > 0 && names_labels (match->rows->pdata[0]))
		add_named_in_list (match, text);
	match->n_named = match->labels->len;
	for (guint i = 0; i < match->rows->len; i++) {
		const MmReply *row = match->rows->pdata[i];

		for (const MmReplyCause *cause = row->causes; cause->label != NULL; cause++)
			add_label (match, cause->label);
	}
}

/* ---- codes ---------------------------------------------------------------------------------- */

/* RFC 3463 3.1 to 3.8, by the second number. */
static const char *
about_code (const char *enhanced)
{
	static const char *const subjects[] = {
		"nothing more than that it failed",
		"the address: of the sender or the recipient",
		"the mailbox of the recipient: full, disabled or the like",
		"the mail system of the receiver: its state, its limits, the size of the message",
		"the network or the routing",
		"the SMTP conversation",
		"the content or the format of the message",
		"security or policy: authorization, reputation, SPF, DKIM, DMARC, content rules",
	};
	guint64 subject = enhanced != NULL ? g_ascii_strtoull (enhanced + 2, NULL, 10) : G_MAXUINT;

	return subject < G_N_ELEMENTS (subjects) ? subjects[subject] : NULL;
}

/* TRUE if a reply of the table has that code: then it may be about the format for all that. */
static gboolean
stands_in_table (const char *enhanced)
{
	for (guint i = 0; enhanced != NULL && i < mm_replies_count (); i++)
		if (strstr (mm_replies[i].example, enhanced) != NULL)
			return TRUE;
	return FALSE;
}

/* ---- all ------------------------------------------------------------------------------------ */

void
mm_reply_match (MmBytes text, MmReplyMatch *out)
{
	g_autofree char *squashed = NULL;

	*out = (MmReplyMatch){.rows = g_ptr_array_new (), .labels = g_ptr_array_new ()};
	text = mm_bytes_sub (text, 0, MAX_TEXT);
	squashed = squash (text, out);
	match_words (squashed, out);
	collect_labels (out, text);
	if (out->rows->len == 0 && out->labels->len == 0) {
		match_code (out);
		collect_labels (out, text);
	}
	out->about = about_code (out->enhanced);
	out->ambiguous = stands_in_table (out->enhanced);
}

void
mm_reply_match_clear (MmReplyMatch *match)
{
	g_clear_pointer (&match->rows, g_ptr_array_unref);
	g_clear_pointer (&match->labels, g_ptr_array_unref);
	g_clear_pointer (&match->code, g_free);
	g_clear_pointer (&match->enhanced, g_free);
}

const char *
mm_evidence_to_string (MmEvidence evidence)
{
	static const char *const words[] = {
		[MM_EVIDENCE_PROVEN] = "proven",
		[MM_EVIDENCE_DOCUMENTED] = "documented",
		[MM_EVIDENCE_REPORTED] = "reported",
		[MM_EVIDENCE_INFERRED] = "inferred",
	};

	return words[evidence];
}

const char *
mm_reply_remedy (const MmRule *rule)
{
	if (rule->m365 == MM_M365_FIX)
		return "mended by the policy microsoft365, where the repair is certain";
	if (rule->repair != NULL)
		return "mended in part, and only where Fix names it";
	return "never mended: logged, or refused at once where Reject names it";
}

/* Settings of the rows, each once. */
static void
append_settings (GString *out, const MmReplyMatch *match)
{
	for (guint i = 0; i < match->rows->len; i++) {
		const MmReply *row = match->rows->pdata[i];

		if (row->settings != NULL && strstr (out->str, row->settings) == NULL)
			g_string_append_printf (out, "%s\n", row->settings);
	}
}

/* What cannot be mended is refused, so that its sender learns of it at once. */
static void
append_reject (GString *out, const MmReplyMatch *match)
{
	g_autoptr (GPtrArray) labels = g_ptr_array_new ();
	g_autofree char *list = NULL;

	for (guint i = 0; i < match->labels->len; i++) {
		const MmRule *rule = match->labels->pdata[i];

		if (rule->m365 != MM_M365_FIX && rule->severity != MM_SEVERITY_NOTICE)
			mm_labels_add (labels, rule->label);
	}
	list = mm_labels_join (labels);
	if (*list != '\0')
		g_string_append_printf (out, "# What is never mended, or not by itself: without this "
		                             "line it is logged.\n#Reject = %s\n", list);
}

/* A first rule of one's own would silently end what is shipped: one's own mail mended. */
static const char keep_shipped[] =
	"# As soon as a file has a rule, only its own rules count: behind this one keep\n"
	"# the three that are shipped, submission, command and relay, as they stand in\n"
	"# " SYSCONFDIR "/mailmend/mailmend.conf.\n";

char *
mm_reply_configuration (const MmReplyMatch *match)
{
	GString *policy = g_string_new (NULL);
	GString *out;

	append_settings (policy, match);
	append_reject (policy, match);
	if (match->labels->len == 0) {
		g_string_free (policy, TRUE);
		return NULL;
	}
	out = g_string_new (NULL);
	if (policy->len > 0)
		g_string_append_printf (out, "[policy cure]\nInherit = microsoft365\n%s\n",
		                        policy->str);
	g_string_append (out, keep_shipped);
	g_string_append_printf (out, "[rule cure]\n# the domain whose mail was refused\n"
	                             "SenderDomain = example.com\nPolicy = %s\n",
	                        policy->len > 0 ? "cure" : "microsoft365");
	g_string_free (policy, TRUE);
	return g_string_free (out, FALSE);
}
