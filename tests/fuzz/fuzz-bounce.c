/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-bounce.c: a file as `mailmend check` looks into it where it is a bounce: what it says of the
 * message that came back lies in the file, and what is shown has no octet that could harm a terminal.
 */
#include <config.h>

#include <stdlib.h>

#include "../../milter/cli/report.h"
#include "fuzz.h"

static const MmReportForm *const forms[] = {
	&mm_report_text,
	&mm_report_json,
	&mm_report_junit,
	&mm_report_sarif,
};

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	return 0;
}

static guint
lines_of (GBytes *bytes)
{
	MmBytes all = mm_bytes_of (bytes);
	guint n = 1;

	for (gsize i = 0; i < all.len; i++)
		n += all.data[i] == '\n';
	return n;
}

/* What was not decoded is a piece of the file, where the offset says. */
static void
check_place (const MmInput *input, const MmBounce *bounce)
{
	MmBytes file = mm_bytes_of (input->given);
	MmBytes piece = mm_bytes_of (bounce->original.given);
	guint lines = lines_of (input->given);

	fuzz_check (bounce->original.offset <= file.len);
	fuzz_check (bounce->original.line < lines);
	if (piece.data >= file.data && piece.data < mm_bytes_end (file)) {
		fuzz_check (piece.data == file.data + bounce->original.offset);
		fuzz_check (piece.len <= file.len - bounce->original.offset);
		for (guint i = 0; i < bounce->shown->len; i++) {
			const MmFinding *finding = bounce->shown->pdata[i];

			fuzz_check (mm_report_line (&bounce->original, finding) <= lines);
			fuzz_check (mm_report_offset (&bounce->original, finding) <= file.len);
		}
	}
	for (guint i = 0; i < bounce->replies->len; i++) {
		const MmBounceReply *reply = bounce->replies->pdata[i];

		fuzz_check (reply->line >= 1);
		fuzz_check (reply->text != NULL);
	}
}

static void
check_form (const MmReportForm *form, const MmReport *report)
{
	g_autoptr (GString) out = g_string_new (NULL);
	MmReportRun run = {0};

	if (form->begin != NULL)
		form->begin (&run, out);
	form->message (report, &run, out);
	if (form->end != NULL)
		form->end (&run, out);
	fuzz_check (g_utf8_validate (out->str, (gssize) out->len, NULL));
	for (gsize i = 0; i < out->len; i++)
		fuzz_check (((guchar) out->str[i] >= ' ' && out->str[i] != 0x7f) ||
		            out->str[i] == '\n');
}

static void
check_file (const MmInput *input)
{
	g_autoptr (MmMessage) message = mm_message_new (input->wire);
	g_autoptr (MmCheck) check = NULL;
	g_autoptr (MmBounce) bounce = NULL;
	g_autoptr (GPtrArray) none = g_ptr_array_new ();
	MmReport report = {.input = input, .shown = none};
	MmContext context;

	mm_context_init (&context, "relay.example.com");
	check = mm_check_new (message, &context, NULL, NULL);
	bounce = mm_bounce_new (input, check);
	if (bounce == NULL)
		return;
	mm_findings_number_lines (check->findings);
	mm_bounce_check (bounce, &context, TRUE);
	if (bounce->carries != MM_CARRIES_NOTHING)
		check_place (input, bounce);
	report.check = check;
	report.bounce = bounce;
	for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
		check_form (forms[i], &report);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
	g_autoptr (GBytes) given = g_bytes_new (data, size);
	gboolean local = mm_input_is_local (mm_bytes_of (given));
	g_autoptr (GBytes) wire = local ? mm_input_convert (mm_bytes_of (given), FALSE)
	                                : g_bytes_ref (given);
	const MmInput input = {
		.name = "input", .given = given, .wire = wire, .local = local,
	};

	check_file (&input);
	return 0;
}
