/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction-keep.c: a message is stored as it was received before it is handed back mended.
 *
 * If it cannot be, it is not mended: that is an internal error like others.
 */
#include <config.h>

#include "metrics.h"
#include "transaction-private.h"

static int
by_name (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* What was to be mended is left. */
static void
take_back (MmTransaction *mail, const GError *error)
{
	MmJudgement *judgement = mail->judgement;

	for (guint i = 0; i < judgement->fixed->len; i++) {
		gpointer label = g_ptr_array_index (judgement->fixed, i);

		if (!g_ptr_array_find_with_equal_func (judgement->left, label, g_str_equal, NULL))
			g_ptr_array_add (judgement->left, label);
	}
	g_ptr_array_sort (judgement->left, by_name);
	g_ptr_array_set_size (judgement->fixed, 0);
	judgement->action = MM_ACTION_ERROR;
	mail->failure = MM_FAILURE_KEEP;
	judgement->broke = 0;
	judgement->newsize = mail->size;
	g_free (judgement->error);
	judgement->error = g_strdup (error->message);
	g_clear_pointer (&judgement->newmid, g_free);
	g_free (judgement->edits);
	judgement->edits = g_strdup ("");
}

static void
keep (MmTransaction *mail, const MmSettings *settings)
{
	MmEnvelope envelope = mm_transaction_envelope (mail, TRUE);
	g_autoptr (GError) error = NULL;
	const MmOriginal original = {
		.queue_id = mail->queue_id,
		.time = g_get_real_time () / G_USEC_PER_SEC,
		.envelope = &envelope,
		.smtputf8 = mail->smtputf8,
		.match = &mail->match,
		.received = mail->message,
		.judgement = mail->judgement,
	};

	if (mm_originals_keep (mm_server_originals (mail->server), settings, &original, &error))
		mm_metrics_add (mm_server_metrics (mail->server), MM_COUNT_ORIGINALS, 1);
	else
		take_back (mail, error);
}

void
mm_transaction_keep (MmTransaction *mail)
{
	const MmSettings *settings = mm_config_settings (mail->config);

	if (settings->keep_originals != NULL && mail->judgement->action == MM_ACTION_FIX &&
	    mail->judgement->plan != NULL)
		keep (mail, settings);
}
