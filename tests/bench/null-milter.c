/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * null-milter: a filter that only buffers the message and accepts it. What a milter costs before
 * it does anything:
 *
 *   null-milter SOCKET                     answers every event, as most filters do
 *   null-milter --noreply SOCKET           declines what it does not need and answers only the end:
 *                                          the floor for a filter that must see the message
 *   null-milter --noreply --edits=FILE S   also sends the edits in FILE for each message, as
 *                                          load --record wrote them
 *   null-milter --off SOCKET               accepts at MAIL, so that no message is shown
 *
 * SOCKET as libmilter writes it: unix:PATH. --noreply asks for the same as milter/daemon/session.c.
 */
#include <config.h>

#include <stdio.h>

#include <libmilter/mfapi.h>

#include "wire.h"

#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY)
#define NO_REPLIES (SMFIP_NR_CONN | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_BODY)
#define PROTOCOL                                                                                  \
	(SMFIP_HDR_LEADSPC | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH |        \
	 NO_REPLIES)

/* libmilter hands nothing to callbacks: set before smfi_main, never changed. */
static struct {
	gboolean noreply;
	gboolean off;
	char *edits_path;
	WireEdits *edits; /* NULL: none */
} the_options;

typedef struct {
	GByteArray *head;
	GByteArray *body;
} Mail;

static void
mail_free (Mail *mail)
{
	g_byte_array_unref (mail->head);
	g_byte_array_unref (mail->body);
	g_free (mail);
}

static void
end_mail (SMFICTX *ctx)
{
	Mail *mail = smfi_getpriv (ctx);

	if (mail == NULL)
		return;
	mail_free (mail);
	smfi_setpriv (ctx, NULL);
}

static sfsistat
go_on (void)
{
	return the_options.noreply ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
on_negotiate (SMFICTX *ctx, unsigned long actions G_GNUC_UNUSED, unsigned long protocol,
              unsigned long unused2 G_GNUC_UNUSED, unsigned long unused3 G_GNUC_UNUSED,
              unsigned long *out_actions, unsigned long *out_protocol, unsigned long *out2,
              unsigned long *out3)
{
	unsigned long wanted = PROTOCOL | (the_options.off ? 0 : SMFIP_NR_MAIL);

	*out_actions = ACTIONS;
	*out_protocol = *out2 = *out3 = 0;
	if (!the_options.noreply)
		return SMFIS_CONTINUE;
	smfi_setsymlist (ctx, SMFIM_CONNECT, (char *) "j {client_addr} {client_name} {daemon_name}");
	smfi_setsymlist (ctx, SMFIM_ENVFROM,
	                 (char *) "i {auth_authen} {client_addr} {client_name} {mail_addr}");
	smfi_setsymlist (ctx, SMFIM_EOM, (char *) "i");
	*out_actions = actions & (ACTIONS | SMFIF_SETSYMLIST);
	*out_protocol = protocol & wanted;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect (SMFICTX *ctx G_GNUC_UNUSED, char *host G_GNUC_UNUSED,
            _SOCK_ADDR *address G_GNUC_UNUSED)
{
	return go_on ();
}

static sfsistat
on_word (SMFICTX *ctx G_GNUC_UNUSED, char *word G_GNUC_UNUSED)
{
	return go_on ();
}

static sfsistat
on_unknown (SMFICTX *ctx G_GNUC_UNUSED, const char *command G_GNUC_UNUSED)
{
	return go_on ();
}

static sfsistat
on_mail (SMFICTX *ctx, char **arguments G_GNUC_UNUSED)
{
	Mail *mail;

	if (the_options.off)
		return SMFIS_ACCEPT;
	end_mail (ctx);
	mail = g_new (Mail, 1);
	mail->head = g_byte_array_new ();
	mail->body = g_byte_array_new ();
	smfi_setpriv (ctx, mail);
	return go_on ();
}

static sfsistat
on_rcpt (SMFICTX *ctx G_GNUC_UNUSED, char **arguments G_GNUC_UNUSED)
{
	return go_on ();
}

static sfsistat
on_stage (SMFICTX *ctx G_GNUC_UNUSED)
{
	return go_on ();
}

static sfsistat
on_header (SMFICTX *ctx, char *name, char *value)
{
	Mail *mail = smfi_getpriv (ctx);

	if (mail != NULL) {
		g_byte_array_append (mail->head, (const guint8 *) name, (guint) strlen (name));
		g_byte_array_append (mail->head, (const guint8 *) ":", 1);
		g_byte_array_append (mail->head, (const guint8 *) value, (guint) strlen (value));
		g_byte_array_append (mail->head, (const guint8 *) "\r\n", 2);
	}
	return go_on ();
}

static sfsistat
on_body (SMFICTX *ctx, unsigned char *chunk, size_t len)
{
	Mail *mail = smfi_getpriv (ctx);

	if (mail != NULL)
		g_byte_array_append (mail->body, chunk, (guint) len);
	return go_on ();
}

/* "h": name, value; "m" and "i": an index before them. */
static gboolean
send_header (SMFICTX *ctx, char command, MmBytes data)
{
	MmBytes rest = command == 'h' ? data : mm_bytes_sub (data, 4, data.len);
	char *name = (char *) rest.data;
	char *value = name + strlen (name) + 1;
	guint32 index = 0;

	if (command == 'h')
		return smfi_addheader (ctx, name, value) == MI_SUCCESS;
	memcpy (&index, data.data, sizeof index);
	index = GUINT32_FROM_BE (index);
	if (command == 'i')
		return smfi_insheader (ctx, (int) index, name, value) == MI_SUCCESS;
	return smfi_chgheader (ctx, name, (int) index, value) == MI_SUCCESS;
}

static gboolean
send_edits (SMFICTX *ctx, const WireEdits *edits)
{
	MmBytes rest = {(const char *) edits->headers->data, edits->headers->len};
	MmBytes data;
	char command;

	while (wire_next (&rest, &command, &data)) {
		if (!send_header (ctx, command, data))
			return FALSE;
	}
	return !edits->has_body || smfi_replacebody (ctx, edits->body->data,
	                                             (int) edits->body->len) == MI_SUCCESS;
}

static sfsistat
on_end_of_message (SMFICTX *ctx)
{
	gboolean sent = the_options.edits == NULL || send_edits (ctx, the_options.edits);

	end_mail (ctx);
	return sent ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

static sfsistat
on_end (SMFICTX *ctx)
{
	end_mail (ctx);
	return SMFIS_CONTINUE;
}

static gboolean
start (char *address)
{
	struct smfiDesc filter = {
		.xxfi_name = (char *) "null",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS | SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_word,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_data = on_stage,
		.xxfi_header = on_header,
		.xxfi_eoh = on_stage,
		.xxfi_body = on_body,
		.xxfi_eom = on_end_of_message,
		.xxfi_abort = on_end,
		.xxfi_close = on_end,
		.xxfi_unknown = on_unknown,
		.xxfi_negotiate = on_negotiate,
	};

	return smfi_register (filter) == MI_SUCCESS && smfi_setconn (address) == MI_SUCCESS &&
	       smfi_opensocket (FALSE) == MI_SUCCESS;
}

int
main (int argc, char **argv)
{
	const GOptionEntry entries[] = {
		{"noreply", 0, 0, G_OPTION_ARG_NONE, &the_options.noreply,
	         "Answer only the end of a message", NULL},
		{"off", 0, 0, G_OPTION_ARG_NONE, &the_options.off, "Accept at MAIL", NULL},
		{"edits", 0, 0, G_OPTION_ARG_FILENAME, &the_options.edits_path,
	         "Ask for these edits at the end of each message", "FILE"},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	g_autoptr (GOptionContext) context = g_option_context_new ("SOCKET");
	g_autoptr (GError) error = NULL;

	g_option_context_add_main_entries (context, entries, NULL);
	if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2) {
		fprintf (stderr, "null-milter: %s\n",
		         error != NULL ? error->message : "one SOCKET is needed");
		return 2;
	}
	if (the_options.off)
		the_options.noreply = TRUE;
	if (the_options.edits_path != NULL &&
	    (the_options.edits = wire_edits_load (the_options.edits_path)) == NULL)
		return 2;
	if (!start (argv[1])) {
		fprintf (stderr, "null-milter: cannot listen on %s\n", argv[1]);
		return 2;
	}
	return smfi_main () == MI_SUCCESS ? 0 : 1;
}
