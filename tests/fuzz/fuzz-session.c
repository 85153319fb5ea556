/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-session.c: sequences of milter events, cut and repeated anywhere. Octets are read as a
 * script: a letter says the event, what follows up to NUL are its data.
 */
#include <config.h>

#include <stdlib.h>

#include <mailmend/verify.h>

#include "../../milter/daemon/transaction.h"
#include "fuzz.h"

static MmServer *server;

int
LLVMFuzzerInitialize (int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	g_autoptr (MmConfig) config = mm_config_new_default ();

	mm_verify_init ();
	server = mm_server_new (config, mm_log_new ("/dev/null", LOG_MAIL, TRUE, NULL));
	return 0;
}

/* The next piece of the script, NUL-terminated as libmilter gives it. */
static char *
take (MmBytes *script)
{
	gsize end = mm_bytes_find (*script, '\0', 0);
	char *piece = g_strndup (script->data, end);

	*script = mm_bytes_sub (*script, MIN (end + 1, script->len), script->len);
	return piece;
}

static void
begin (MmTransaction **mail, const MmPeer *peer, char *sender)
{
	char *arguments[] = {sender, (char *) "SMTPUTF8", NULL};

	g_clear_pointer (mail, mm_transaction_free);
	*mail = mm_transaction_new (server, peer, arguments, NULL, "user");
}

static void
end (MmTransaction **mail)
{
	const MmAnswer *answer = mm_transaction_judge (*mail, "QUEUEID");

	fuzz_check (answer->kind != MM_ANSWER_FIX || answer->plan != NULL);
	fuzz_check (answer->kind != MM_ANSWER_REJECT || answer->text != NULL);
	mm_transaction_log (*mail, NULL);
	g_clear_pointer (mail, mm_transaction_free);
}

static void
event (char what, char *text, MmTransaction **mail, const MmPeer *peer)
{
	char *colon = strchr (text, ':');

	if (what == 'M')
		begin (mail, peer, text);
	else if (*mail == NULL)
		return;
	else if (what == 'H' && colon != NULL) {
		*colon = '\0';
		mm_transaction_add_header (*mail, text, "", colon + 1);
	} else if (what == 'B')
		mm_transaction_add_body (*mail, mm_bytes_str (text));
	else if (what == 'R')
		mm_transaction_add_recipient (*mail, text, text);
	else if (what == 'E')
		end (mail);
	else if (what == 'A')
		g_clear_pointer (mail, mm_transaction_free);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	MmBytes script = fuzz_bytes (data, size);
	MmTransaction *mail = NULL;
	MmPeer peer = {0};

	while (script.len > 0) {
		char what = script.data[0];
		g_autofree char *text = NULL;

		script = mm_bytes_sub (script, 1, script.len);
		text = take (&script);
		event (what, text, &mail, &peer);
	}
	g_clear_pointer (&mail, mm_transaction_free);
	return 0;
}
