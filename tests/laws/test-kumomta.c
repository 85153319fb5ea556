/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-kumomta.c: where we agree with KumoMTA, where we differ on purpose, and that we lose nothing
 * where it does.
 *
 * The messages are those of kumomta.json below $MAILMEND_CORPUS; each has what KumoMTA's check
 * finds. They are judged by our policy kumomta, and a label of ours counts as the name of KumoMTA's
 * whose group it is in. Every difference must stand in a table here, with its reason.
 */
#include <mailmend/policy.h>
#include <mailmend/verify.h>

#include "../unit/test-util.h"
#include "corpus.h"

static const char *const kumo_names[] = {
	"MISSING_COLON_VALUE",	     "NON_CANONICAL_LINE_ENDINGS",
	"NAME_ENDS_WITH_SPACE",	     "LINE_TOO_LONG",
	"NEEDS_TRANSFER_ENCODING",   "MISSING_DATE_HEADER",
	"MISSING_MESSAGE_ID_HEADER", "MISSING_MIME_VERSION",
	"INVALID_MIME_HEADERS",
};

/* ---- where we differ ------------------------------------------------------------------------- */

#define HEADER_LINES "header lines count from 999 octets on, LineLimit is for content"
#define EMBEDDED "a finding inside multipart/report is a notice"
#define OWN_LABEL "KumoMTA has no name for it"
#define NO_ERROR "KumoMTA stops with a parse error; nothing stops us"
#define VERSION "comments and blanks do not count"
#define NO_FIELD "a line that is no field has no name that could end with a space"

static const struct {
	const char *message;
	const char *theirs; /* "A|B": their names that we do not find */
	const char *ours;   /* "A|B": our labels that they do not find */
	const char *reason;
} differences[] = {
	{"p_8bit_header_name", "", "RAW_8BIT_HEADER", NO_ERROR},
	{"p_8bit_in_qp", "", "INVALID_QUOTED_PRINTABLE", OWN_LABEL},
	{"p_8bit_preamble", "NEEDS_TRANSFER_ENCODING", "",
	 "8-bit in preamble and epilogue is a notice: nobody shows them"},
	{"p_date_bigzone", "MISSING_DATE_HEADER", "", "RFC 5322 3.3 allows zones up to +9959"},
	{"p_date_duplicate", "", "DUPLICATE_HEADER", OWN_LABEL},
	{"p_date_future", "MISSING_DATE_HEADER", "", "a wrong weekday is a notice"},
	{"p_first_line_space", "", "MISSING_COLON_VALUE", NO_ERROR},
	{"p_header_continuation_80", "LINE_TOO_LONG", "", HEADER_LINES},
	{"p_header_line_77_later", "LINE_TOO_LONG", "", HEADER_LINES},
	{"p_header_line_78_first", "LINE_TOO_LONG", "", HEADER_LINES},
	{"p_header_line_79_later", "LINE_TOO_LONG", "", HEADER_LINES},
	{"p_headers_then_text_without_blank", "NAME_ENDS_WITH_SPACE", "", NO_FIELD},
	{"p_lone_cr_header_block", "", "NON_CANONICAL_LINE_ENDINGS", NO_ERROR},
	{"p_mbox_from_line", "NAME_ENDS_WITH_SPACE", "", "an mbox line harms nobody"},
	{"p_mid_empty_angle", "", "INVALID_MESSAGE_ID", "<> is no id"},
	{"p_mid_folded_inside", "", "FOLDED_MESSAGE_ID", OWN_LABEL},
	{"p_mid_long_300", "LINE_TOO_LONG", "", HEADER_LINES},
	{"p_mid_space_inside", "", "INVALID_MESSAGE_ID", "an id with a blank inside is none"},
	{"p_mv_comment", "MISSING_MIME_VERSION", "", VERSION},
	{"p_mv_dup", "", "DUPLICATE_HEADER", OWN_LABEL},
	{"p_mv_spaces", "MISSING_MIME_VERSION", "", VERSION},
	{"p_no_colon_two_words", "NAME_ENDS_WITH_SPACE", "", NO_FIELD},
	{"p_nul_body", "", "NUL_BYTE", OWN_LABEL},
	{"s_delivery_status", "LINE_TOO_LONG", "", EMBEDDED},
	{"s_from_no_address", "", "INVALID_ADDRESS", OWN_LABEL},
	{"s_multipart_no_close", "", "MISSING_FINAL_BOUNDARY", OWN_LABEL},
	{"s_tnef", "", "TNEF_CORRUPT", OWN_LABEL},
	{"s_two_subjects", "", "DUPLICATE_HEADER", OWN_LABEL},
};

/* ---- what is proven, above all of the messages that KumoMTA damages -------------------------- */

#define LONG_TEXT                                                                                  \
	"\r\n\r\nword word word word word word word word word word word word word word word word " \
	"word word word word \r\n"
#define ENCODED_TEXT                                                                               \
	"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"                                  \
	"word word word word word word word word word word word word word word word =\r\n"         \
	"word word word word word=20\r\n"

static const struct {
	const char *message;
	gsize line_limit;
	const char *labels; /* all but notices, sorted */
	MmAction action;
	const char *from,
		*to; /* NULL: unchanged; else every @from is @to, and nothing else changed */
} proofs[] = {
	{"p_8bit_in_qp", 998, "INVALID_QUOTED_PRINTABLE|NEEDS_TRANSFER_ENCODING", MM_ACTION_FIX,
	 "K\xC3\xA4se\r\n", "K=C3=A4se\r\n"},
	{"p_all_lf", 998, "NON_CANONICAL_LINE_ENDINGS", MM_ACTION_FIX, "\n", "\r\n"},
	{"p_base64_garbage_attachment", 998, "INVALID_BASE64", MM_ACTION_LOG, NULL, NULL},
	{"p_base64_unpadded", 998, "INVALID_BASE64", MM_ACTION_FIX, "YWJjZA", "YWJjZA=="},
	{"p_base64_with_footer", 998, "INVALID_BASE64", MM_ACTION_LOG, NULL, NULL},
	{"p_no_colon_header", 998, "MISSING_COLON_VALUE", MM_ACTION_REJECT, NULL, NULL},
	{"p_no_colon_two_words", 998, "MISSING_COLON_VALUE", MM_ACTION_REJECT, NULL, NULL},
	{"s_boundary_prefix_of_other", 998, "", MM_ACTION_NONE, NULL, NULL},
	{"s_boundary_prefix_of_other", 76, "LINE_TOO_LONG", MM_ACTION_FIX, LONG_TEXT, ENCODED_TEXT},
	{"s_delivery_status", 998, "", MM_ACTION_NONE, NULL, NULL},
	{"s_delivery_status", 76, "", MM_ACTION_NONE, NULL, NULL},
	{"s_from_no_address", 998, "INVALID_ADDRESS", MM_ACTION_LOG, NULL, NULL},
	{"s_from_no_address", 76, "INVALID_ADDRESS|LINE_TOO_LONG", MM_ACTION_FIX, LONG_TEXT,
	 ENCODED_TEXT},
	{"s_references_bad", 998, "", MM_ACTION_NONE, NULL, NULL},
	{"s_references_bad", 76, "LINE_TOO_LONG", MM_ACTION_FIX, LONG_TEXT, ENCODED_TEXT},
	/* these KumoMTA does not damage, but treats otherwise */
	{"p_8bit_preamble", 998, "", MM_ACTION_NONE, NULL, NULL},
	{"p_cte_empty", 998, "UNKNOWN_TRANSFER_ENCODING", MM_ACTION_FIX, "Encoding:\r\n",
	 "Encoding: 7bit\r\n"},
	{"p_cte_unknown", 998, "UNKNOWN_TRANSFER_ENCODING", MM_ACTION_LOG, NULL, NULL},
	{"s_tnef", 998, "TNEF_CORRUPT", MM_ACTION_LOG, NULL, NULL},
};

/* ---- judging --------------------------------------------------------------------------------- */

typedef struct {
	GPtrArray *mails;
	MmConfig *config;
	MmPolicy *groups[G_N_ELEMENTS (kumo_names)]; /* KUMOMTA_<NAME> is Fix */
} Bench;

static MmJudgement *
judge (const Bench *b, const CorpusMail *mail, gsize line_limit)
{
	g_autoptr (MmMessage) message = mm_message_new (mail->wire);
	MmJudgeRequest request = {.policy = mm_config_policy (b->config, "kumomta")};
	MmContext context;

	test_context_init (&context);
	mm_context_set_policy (&context, request.policy);
	context.line_limit = line_limit;
	return mm_judge (message, &context, &request);
}

/* All labels but notices. */
static GPtrArray *
found_labels (const MmJudgement *j)
{
	GPtrArray *labels = g_ptr_array_new ();

	for (guint i = 0; i < mm_findings_n (j->check->findings); i++) {
		const MmFinding *f = mm_findings_get (j->check->findings, i);
		if (f->severity != MM_SEVERITY_NOTICE)
			mm_labels_add (labels, f->rule->label);
	}
	return labels;
}

/* "A|B" without the labels of which there is no rule. */
static char *
known_labels (const char *list)
{
	g_auto (GStrv) names = g_strsplit (list, "|", -1);
	g_autoptr (GPtrArray) known = g_ptr_array_new ();

	for (guint i = 0; names[i] != NULL; i++)
		if (mm_rule_by_label (names[i]) != NULL)
			mm_labels_add (known, names[i]);
	return mm_labels_join (known);
}

static const char *
message_name (const CorpusMail *mail)
{
	const char *hash = strrchr (mail->name, '#');

	return hash != NULL ? hash + 1 : mail->name;
}

static const CorpusMail *
find_mail (const Bench *b, const char *name)
{
	for (guint i = 0; i < b->mails->len; i++)
		if (strcmp (message_name (b->mails->pdata[i]), name) == 0)
			return b->mails->pdata[i];
	return NULL;
}

/* ---- agreement ------------------------------------------------------------------------------- */

static gboolean
is_in_group (const Bench *b, guint group, const char *label)
{
	return b->groups[group]->says[mm_rule_index (mm_rule_by_label (label))] == MM_SAYS_FIX;
}

static gboolean
they_find (const CorpusMail *mail, const char *name)
{
	return mail->kumo_labels != NULL &&
	       g_strv_contains ((const char *const *)mail->kumo_labels, name);
}

/* Their names of which we find no label. */
static char *
only_theirs (const Bench *b, const CorpusMail *mail, GPtrArray *found)
{
	g_autoptr (GPtrArray) only = g_ptr_array_new ();

	for (guint g = 0; g < G_N_ELEMENTS (kumo_names); g++) {
		gboolean ours = FALSE;

		for (guint i = 0; i < found->len; i++)
			ours |= is_in_group (b, g, found->pdata[i]);
		if (!ours && they_find (mail, kumo_names[g]))
			mm_labels_add (only, kumo_names[g]);
	}
	return mm_labels_join (only);
}

/* Our labels that belong to no name they find. */
static char *
only_ours (const Bench *b, const CorpusMail *mail, GPtrArray *found)
{
	g_autoptr (GPtrArray) only = g_ptr_array_new ();

	for (guint i = 0; i < found->len; i++) {
		gboolean theirs = FALSE;

		for (guint g = 0; g < G_N_ELEMENTS (kumo_names); g++)
			theirs |= is_in_group (b, g, found->pdata[i]) &&
				  they_find (mail, kumo_names[g]);
		if (!theirs)
			mm_labels_add (only, found->pdata[i]);
	}
	return mm_labels_join (only);
}

/* TRUE if we agree about @mail, or differ as the table says. *@out_agrees: the former. */
static gboolean
check_agreement (const Bench *b, const CorpusMail *mail, gboolean *out_agrees)
{
	g_autoptr (MmJudgement) j = judge (b, mail, 76);
	g_autoptr (GPtrArray) found = found_labels (j);
	g_autofree char *theirs = only_theirs (b, mail, found);
	g_autofree char *ours = only_ours (b, mail, found);
	const char *name = message_name (mail);

	*out_agrees = *theirs == '\0' && *ours == '\0';
	for (gsize i = 0; i < G_N_ELEMENTS (differences); i++) {
		g_autofree char *known = known_labels (differences[i].ours);

		if (strcmp (differences[i].message, name) != 0)
			continue;
		g_test_message ("%s: only theirs: %s; only ours: %s; %s", name, theirs, ours,
				differences[i].reason);
		return strcmp (differences[i].theirs, theirs) == 0 && strcmp (known, ours) == 0;
	}
	g_test_message ("%s: %s", name, *out_agrees ? "we agree" : "we differ");
	if (!*out_agrees)
		g_test_message ("only theirs: %s; only ours: %s", theirs, ours);
	return *out_agrees;
}

static void
test_agreement (gconstpointer data)
{
	const Bench *b = data;
	guint agreed = 0;

	if (b->mails->len == 0) {
		g_test_skip ("MAILMEND_CORPUS has no kumomta.json");
		return;
	}
	for (guint i = 0; i < b->mails->len; i++) {
		const CorpusMail *mail = b->mails->pdata[i];
		gboolean agrees = FALSE;

		if (!check_agreement (b, mail, &agrees))
			test_fail ("%s: a difference that is not explained", mail->name);
		agreed += agrees;
	}
	g_test_message ("%u messages, %u agree, %zu differences are explained", b->mails->len,
			agreed, G_N_ELEMENTS (differences));
}

/* A row of no message explains nothing. */
static void
test_differences (gconstpointer data)
{
	const Bench *b = data;

	if (b->mails->len == 0) {
		g_test_skip ("MAILMEND_CORPUS has no kumomta.json");
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS (differences); i++)
		if (find_mail (b, differences[i].message) == NULL)
			test_fail ("%s: no such message", differences[i].message);
}

/* ---- proofs ---------------------------------------------------------------------------------- */

/* @in with every @from as @to. */
static GBytes *
replaced (GBytes *in, const char *from, const char *to)
{
	MmBytes rest = mm_bytes_of (in);
	g_auto (MmBuffer) out = MM_BUFFER_INIT;
	const char *at;

	while ((at = mm_bytes_search (rest, from)) != NULL) {
		gsize before = (gsize)(at - rest.data);

		mm_buffer_append (&out, mm_bytes_sub (rest, 0, before));
		mm_buffer_append_str (&out, to);
		rest = mm_bytes_sub (rest, before + strlen (from), rest.len);
	}
	mm_buffer_append (&out, rest);
	return mm_buffer_steal (&out);
}

static void
check_proof (const Bench *b, const CorpusMail *mail, gsize row)
{
	g_autoptr (MmJudgement) j = judge (b, mail, proofs[row].line_limit);
	g_autoptr (GPtrArray) found = found_labels (j);
	g_autofree char *labels = mm_labels_join (found);
	g_autofree char *want = known_labels (proofs[row].labels);
	g_autoptr (GBytes) got = test_wire (j->message);
	g_autoptr (GBytes) whole =
		proofs[row].from == NULL ? g_bytes_ref (mail->wire)
					 : replaced (mail->wire, proofs[row].from, proofs[row].to);
	g_autofree char *differs = test_difference (mm_bytes_of (got), mm_bytes_of (whole));
	MmAction action = *want == '\0' ? MM_ACTION_NONE : proofs[row].action;

	g_test_message ("%s: %s, %s", proofs[row].message, mm_action_to_string (j->action), labels);
	if (strcmp (labels, want) != 0)
		test_fail ("%s: the labels should be %s", mail->name, want);
	if (j->action != action)
		test_fail ("%s: it should be %s", mail->name, mm_action_to_string (action));
	if (differs != NULL)
		test_fail ("%s: %s", mail->name, differs);
	if (proofs[row].from != NULL && g_bytes_equal (whole, mail->wire))
		test_fail ("%s: there is nothing to replace", mail->name);
}

static void
test_proofs (gconstpointer data)
{
	const Bench *b = data;

	if (b->mails->len == 0) {
		g_test_skip ("MAILMEND_CORPUS has no kumomta.json");
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS (proofs); i++) {
		const CorpusMail *mail = find_mail (b, proofs[i].message);

		if (mail != NULL)
			check_proof (b, mail, i);
		else
			test_fail ("%s: no such message", proofs[i].message);
	}
}

/* Whatever KumoMTA damages has its proof. */
static void
test_defects (gconstpointer data)
{
	const Bench *b = data;
	guint defects = 0;

	if (b->mails->len == 0) {
		g_test_skip ("MAILMEND_CORPUS has no kumomta.json");
		return;
	}
	for (guint i = 0; i < b->mails->len; i++) {
		const CorpusMail *mail = b->mails->pdata[i];
		gboolean proven = !mail->kumo_defect;

		for (gsize p = 0; p < G_N_ELEMENTS (proofs); p++)
			proven |= strcmp (proofs[p].message, message_name (mail)) == 0;
		if (!proven)
			test_fail ("%s: nothing is proven", mail->name);
		defects += mail->kumo_defect;
	}
	g_assert_cmpuint (defects, >, 0);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* The messages of kumomta.json. */
static GPtrArray *
read_mails (void)
{
	const char *paths = g_getenv ("MAILMEND_CORPUS");
	g_autofree char *problem = NULL;
	g_autoptr (GPtrArray) all = corpus_read (paths != NULL ? paths : "", &problem);
	GPtrArray *mails = g_ptr_array_new_with_free_func (corpus_mail_free);

	while (all->len > 0) {
		CorpusMail *mail = g_ptr_array_steal_index (all, 0);

		if (strstr (mail->name, "/kumomta.json#") != NULL)
			g_ptr_array_add (mails, mail);
		else
			corpus_mail_free (mail);
	}
	return mails;
}

static void
bench_init (Bench *b)
{
	b->mails = read_mails ();
	b->config = mm_config_new_default ();
	for (guint g = 0; g < G_N_ELEMENTS (kumo_names); g++) {
		g_autofree char *group = g_strconcat ("KUMOMTA_", kumo_names[g], NULL);
		b->groups[g] = mm_policy_new_fix (group, NULL);
		g_assert_nonnull (b->groups[g]);
	}
}

static void
bench_clear (Bench *b)
{
	g_ptr_array_unref (b->mails);
	mm_config_unref (b->config);
	for (guint g = 0; g < G_N_ELEMENTS (kumo_names); g++)
		mm_policy_free (b->groups[g]);
}

int
main (int argc, char **argv)
{
	Bench b;
	int failed;

	g_test_init (&argc, &argv, NULL);
	mm_verify_init ();
	bench_init (&b);
	g_test_add_data_func ("/kumomta/agreement", &b, test_agreement);
	g_test_add_data_func ("/kumomta/differences", &b, test_differences);
	g_test_add_data_func ("/kumomta/proofs", &b, test_proofs);
	g_test_add_data_func ("/kumomta/defects", &b, test_defects);
	failed = g_test_run ();
	bench_clear (&b);
	return failed;
}
