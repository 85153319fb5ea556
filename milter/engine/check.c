/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check.c: makes the facts of a message and runs the registry over them.
 */
#include <config.h>

#include <mailmend/check.h>

static MmScan
scan_head (const MmMessage *message)
{
	MmScanner scanner;

	mm_scanner_init (&scanner);
	mm_scanner_feed (&scanner, mm_message_header_block (message));
	mm_scanner_feed (&scanner, mm_message_separator (message));
	mm_scanner_finish (&scanner);
	return scanner.facts;
}

MmCheck *
mm_check_new (MmMessage *message, const MmContext *context, const MmScan *head, const MmScan *body)
{
	MmCheck *check = g_new0 (MmCheck, 1);

	check->message = mm_message_ref (message);
	check->mime = mm_mime_new (message, &context->limits);
	check->facts = (MmFacts){
	        .message = message,
	        .head = head != NULL ? *head : scan_head (message),
	        .body = body != NULL ? *body : mm_scan (mm_message_body (message)),
	        .mime = check->mime,
	        .context = context,
	};
	check->findings = mm_findings_new (&check->facts);
	for (guint i = 0; mm_rules[i] != NULL; i++) {
		mm_findings_set_rule (check->findings, mm_rules[i]);
		mm_rules[i]->detect (&check->facts, check->findings);
	}
	return check;
}

void
mm_check_free (MmCheck *check)
{
	g_clear_pointer (&check->keys, g_hash_table_unref);
	mm_findings_free (check->findings);
	mm_mime_free (check->mime);
	mm_message_unref (check->message);
	g_free (check);
}

const MmFinding *
mm_check_find (MmCheck *check, const char *key)
{
	gpointer place;

	if (check->keys == NULL) {
		check->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
		for (guint i = 0; i < mm_findings_n (check->findings); i++)
			g_hash_table_insert (
			        check->keys,
			        mm_finding_key (&check->facts,
			                        mm_findings_get (check->findings, i)),
			        GUINT_TO_POINTER (i + 1));
	}
	place = g_hash_table_lookup (check->keys, key);
	return place != NULL
	               ? mm_findings_get (check->findings, GPOINTER_TO_UINT (place) - 1)
	               : NULL;
}
