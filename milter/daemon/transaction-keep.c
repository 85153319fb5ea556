/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transaction-keep.c: a message is stored as it was received before it is handed back mended.
 *
 * If it cannot be, it is not mended: that is an internal error like others.
 */
#include <config.h>

#include "metrics.h"
#include "transaction-private.h"

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
		mm_transaction_fail (mail, MM_FAILURE_KEEP, error->message);
}

void
mm_transaction_keep (MmTransaction *mail)
{
	const MmSettings *settings = mm_config_settings (mail->config);

	if (settings->keep_originals != NULL && mail->judgement->action == MM_ACTION_FIX &&
	    mail->judgement->plan != NULL)
		keep (mail, settings);
}
