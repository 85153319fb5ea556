/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session.c: the libmilter callback chain. It only translates: events into an MmTransaction, its
 * answer into replies. No other file includes libmilter.
 *
 * Callbacks of one session never overlap, but they change threads, so all state hangs on the
 * connection (smfi_setpriv). They only compute: a callback that waits stalls other sessions. The end
 * of a message may wait for DNS, but not long, and few may at a time.
 *
 * No reply is given to RCPT, headers and body, and to MAIL unless the policy "off" can be
 * answered there: the round trips cost more than all the work. libmilter turns any verdict of
 * such a stage into silence (and answers for us where the MTA has no such option), hence one
 * function, proceed (), that says what goes on, and failures that wait for the end of the
 * message. Therefore there is no SMFIS_SKIP either: a body that is too large is counted as it
 * passes.
 */
#include <config.h>

#include <netinet/in.h>

#include <libmilter/mfapi.h>

#include "metrics.h"
#include "session.h"
#include "transaction.h"

/* Without these nothing can be mended; quarantine is used where the MTA offers it. */
#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY)
#define OPTIONAL_ACTIONS (SMFIF_QUARANTINE | SMFIF_SETSYMLIST)

/* Always agreed on: where the MTA can't, libmilter answers in our place. */
#define NO_REPLIES (SMFIP_NR_CONN | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_BODY)

/* Asked for where the MTA offers it. */
#define PROTOCOL                                                                                  \
	(SMFIP_HDR_LEADSPC | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH |        \
	 NO_REPLIES)

typedef enum {
	LEAD_UNKNOWN, /* not negotiated: the first header shows it */
	LEAD_NO,      /* the MTA takes and gives values without the blank behind the colon */
	LEAD_YES,     /* values as they stand in the message */
} Lead;

typedef struct {
	gboolean negotiated;
	unsigned long protocol; /* SMFIP_* that were agreed on */
	Lead lead;
	MmPeer peer;
	MmTransaction *mail; /* NULL: between messages */
} MmSession;

/* libmilter hands nothing to callbacks but its own context, so this is the one variable of the
 * process: set before smfi_main, never changed. */
static MmServer *the_server;

static MmSession *
session_of (SMFICTX *ctx)
{
	MmSession *session = smfi_getpriv (ctx);

	if (session == NULL) {
		session = g_new0 (MmSession, 1);
		/* For the client after QUIT_NC: what was agreed on stays in force. */
		session->protocol = NO_REPLIES;
		smfi_setpriv (ctx, session);
		mm_metrics_add (mm_server_metrics (the_server), MM_COUNT_SESSIONS, 1);
		mm_metrics_add (mm_server_metrics (the_server), MM_COUNT_SESSIONS_OPEN, 1);
	}
	return session;
}

/* The value of an MTA's macro, valid during the callback; NULL: not given. */
static const char *
macro (SMFICTX *ctx, const char *name)
{
	return smfi_getsymval (ctx, (char *) name);
}

/* Goes on, after a stage that has a reply only if @no_reply was not agreed on. */
static sfsistat
proceed (const MmSession *session, unsigned long no_reply)
{
	return session->protocol & no_reply ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static void
end_mail (MmSession *session)
{
	g_clear_pointer (&session->mail, mm_transaction_free);
}

/* ---- connection ------------------------------------------------------------------------------ */

/* Adds @name to a list of macros, once. Those of one letter have no braces in it. */
static void
add_macro (GString *list, const char *name)
{
	gboolean letter = strlen (name) == 3 && name[0] == '{';
	g_autofree char *plain = letter ? g_strndup (name + 1, 1) : g_strdup (name);
	g_auto (GStrv) names = g_strsplit (list->str, " ", -1);

	if (!g_strv_contains ((const char *const *) names, plain))
		g_string_append_printf (list, "%s%s", list->len > 0 ? " " : "", plain);
}

/* The macros we read, and those that rules ask for; a list takes the place of the MTA's own for
 * that stage. Where the MTA takes no lists, its own have to do. */
static void
ask_for_macros (SMFICTX *ctx, const MmConfig *config)
{
	static const struct {
		int stage;
		const char *macros;
	} wanted[] = {
		{SMFIM_CONNECT, "j {client_addr} {client_name} {daemon_name}"},
		{SMFIM_ENVFROM, "i {auth_authen} {client_addr} {client_name} {mail_addr}"},
		{SMFIM_ENVRCPT, "{rcpt_host}"},
		{SMFIM_EOM, "i"},
	};
	const char *const *macros = mm_config_macros (config);

	for (guint n = 0; n < G_N_ELEMENTS (wanted); n++) {
		g_autoptr (GString) list = g_string_new (wanted[n].macros);

		for (guint m = 0; macros[m] != NULL; m++)
			add_macro (list, macros[m]);
		smfi_setsymlist (ctx, wanted[n].stage, list->str);
	}
}

static sfsistat
on_negotiate (SMFICTX *ctx, unsigned long actions, unsigned long protocol,
              unsigned long unused2 G_GNUC_UNUSED, unsigned long unused3 G_GNUC_UNUSED,
              unsigned long *out_actions, unsigned long *out_protocol, unsigned long *out2,
              unsigned long *out3)
{
	g_autoptr (MmConfig) config = mm_server_config (the_server);
	MmSession *session = session_of (ctx);

	if ((actions & ACTIONS) != ACTIONS) {
		mm_log (mm_server_log (the_server), LOG_ERR,
		        "the MTA offers actions 0x%lx, but 0x%lx are needed: connection refused",
		        actions, (unsigned long) ACTIONS);
		return SMFIS_REJECT;
	}
	session->negotiated = TRUE;
	session->protocol = protocol & PROTOCOL;
	if (!mm_config_has_off (config))
		session->protocol |= protocol & SMFIP_NR_MAIL;
	session->lead = protocol & SMFIP_HDR_LEADSPC ? LEAD_YES : LEAD_NO;
	if (actions & SMFIF_SETSYMLIST)
		ask_for_macros (ctx, config);
	*out_actions = ACTIONS | (actions & OPTIONAL_ACTIONS);
	*out_protocol = session->protocol;
	*out2 = 0;
	*out3 = 0;
	mm_log (mm_server_log (the_server), LOG_DEBUG,
	        "negotiated: offered actions 0x%lx protocol 0x%lx, protocol 0x%lx taken", actions,
	        protocol, session->protocol);
	return SMFIS_CONTINUE;
}

/* An IPv4 address that came over an IPv6 socket is an IPv4 address. */
static GInetAddress *
address_of (const struct sockaddr *address)
{
	const struct in6_addr *ip;

	if (address == NULL)
		return NULL;
	if (address->sa_family == AF_INET)
		return g_inet_address_new_from_bytes (
		        (const guint8 *) &((const struct sockaddr_in *) address)->sin_addr,
		        G_SOCKET_FAMILY_IPV4);
	if (address->sa_family != AF_INET6)
		return NULL;
	ip = &((const struct sockaddr_in6 *) address)->sin6_addr;
	if (IN6_IS_ADDR_V4MAPPED (ip))
		return g_inet_address_new_from_bytes (ip->s6_addr + 12, G_SOCKET_FAMILY_IPV4);
	return g_inet_address_new_from_bytes (ip->s6_addr, G_SOCKET_FAMILY_IPV6);
}

/* Postfix pretends that sendmail(1) has come from localhost[127.0.0.1] by port 0, which no TCP client
 * has. */
static gboolean
is_pretended (const char *host, const struct sockaddr *address)
{
	const struct sockaddr_in *ip = (const struct sockaddr_in *) (const void *) address;

	return host != NULL && g_str_equal (host, "localhost") && address != NULL &&
	       address->sa_family == AF_INET && ip->sin_port == 0 &&
	       ip->sin_addr.s_addr == htonl (INADDR_LOOPBACK);
}

/* Without a verified name Postfix says "unknown" and Sendmail "[192.0.2.1]". */
static char *
name_of (const char *host)
{
	if (host == NULL || *host == '\0' || *host == '[' ||
	    g_ascii_strcasecmp (host, "unknown") == 0)
		return NULL;
	return g_strdup (host);
}

static sfsistat
on_connect (SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	MmSession *session = session_of (ctx);

	end_mail (session);
	mm_peer_clear (&session->peer);
	session->peer.client_name = name_of (host);
	session->peer.client = address_of (address);
	session->peer.pretended = is_pretended (host, address);
	return proceed (session, SMFIP_NR_CONN);
}

/* A connection may end at any point, even before its first event. */
static sfsistat
on_close (SMFICTX *ctx)
{
	MmSession *session = smfi_getpriv (ctx);

	if (session == NULL)
		return SMFIS_CONTINUE;
	smfi_setpriv (ctx, NULL);
	end_mail (session);
	mm_peer_clear (&session->peer);
	g_free (session);
	mm_metrics_subtract (mm_server_metrics (the_server), MM_COUNT_SESSIONS_OPEN, 1);
	return SMFIS_CONTINUE;
}

/* ---- message --------------------------------------------------------------------------------- */

/* What no connect event told. A client without a verified name is what Postfix calls it, so that
 * rules can ask for that. */
static void
complete_peer (SMFICTX *ctx, MmPeer *peer)
{
	const char *address = macro (ctx, "{client_addr}");

	g_free (peer->mta_name);
	peer->mta_name = g_strdup (macro (ctx, "j"));
	if (peer->client == NULL && address != NULL)
		peer->client = g_inet_address_new_from_string (address);
	if (peer->client_name == NULL)
		peer->client_name = name_of (macro (ctx, "{client_name}"));
	if (peer->client_name == NULL && peer->client != NULL)
		peer->client_name = g_strdup ("unknown");
}

/* Those that rules ask for, as far as the MTA has given them by now. */
static void
note_macros (SMFICTX *ctx, MmTransaction *mail)
{
	const char *const *names = mm_transaction_macros (mail);

	for (guint n = 0; names[n] != NULL; n++) {
		const char *value = macro (ctx, names[n]);

		if (value != NULL)
			mm_transaction_set_macro (mail, names[n], value);
	}
}

static sfsistat
on_mail (SMFICTX *ctx, char **arguments)
{
	MmSession *session = session_of (ctx);

	/* No abort is delivered after a message that was answered early. */
	end_mail (session);
	complete_peer (ctx, &session->peer);
	session->mail = mm_transaction_new (the_server, &session->peer, arguments,
	                                    macro (ctx, "i"),
	                                    macro (ctx, "{auth_authen}"));
	note_macros (ctx, session->mail);
	if (session->negotiated && (session->protocol & SMFIP_NR_MAIL) == 0 &&
	    mm_transaction_is_off (session->mail)) {
		end_mail (session);
		mm_metrics_add (mm_server_metrics (the_server), MM_COUNT_OFF, 1);
		return SMFIS_ACCEPT;
	}
	return proceed (session, SMFIP_NR_MAIL);
}

static sfsistat
on_rcpt (SMFICTX *ctx, char **arguments)
{
	MmSession *session = session_of (ctx);

	if (session->mail != NULL && arguments[0] != NULL)
		mm_transaction_add_recipient (session->mail, arguments[0],
		                              macro (ctx, "{rcpt_host}"));
	return proceed (session, SMFIP_NR_RCPT);
}

static sfsistat
on_header (SMFICTX *ctx, char *name, char *value)
{
	MmSession *session = session_of (ctx);

	/* An MTA that reuses a connection for another client does not negotiate again. */
	if (session->lead == LEAD_UNKNOWN)
		session->lead = *value == ' ' ? LEAD_YES : LEAD_NO;
	if (session->mail != NULL)
		mm_transaction_add_header (session->mail, name,
		                           session->lead == LEAD_YES ? "" : " ", value);
	return proceed (session, SMFIP_NR_HDR);
}

static sfsistat
on_body (SMFICTX *ctx, unsigned char *chunk, size_t len)
{
	MmSession *session = session_of (ctx);

	if (session->mail != NULL)
		mm_transaction_add_body (session->mail, mm_bytes ((const char *) chunk, len));
	return proceed (session, SMFIP_NR_BODY);
}

static sfsistat
on_abort (SMFICTX *ctx)
{
	MmSession *session = smfi_getpriv (ctx);

	if (session != NULL)
		end_mail (session);
	return SMFIS_CONTINUE;
}

/* ---- end of message -------------------------------------------------------------------------- */

static int
send_header (SMFICTX *ctx, const MmPlanHeader *op, Lead lead)
{
	char *value = op->value;

	/* The MTA puts the blank there itself; but a change to nothing would be a deletion. */
	if (lead != LEAD_YES && value != NULL && value[0] == ' ' && value[1] != '\0')
		value++;
	switch (op->kind) {
	case MM_PLAN_CHANGE:
		return smfi_chgheader (ctx, op->name, (int) op->index, value);
	case MM_PLAN_DELETE:
		return smfi_chgheader (ctx, op->name, (int) op->index, NULL);
	case MM_PLAN_APPEND:
		return smfi_addheader (ctx, op->name, value);
	}
	return MI_FAILURE;
}

/* All pieces in a row: the MTA takes anything between them for the end of the body. */
static int
send_body (SMFICTX *ctx, MmBytes body)
{
	gsize at = 0;

	do {
		MmBytes piece = mm_bytes_sub (body, at, at + MILTER_CHUNK_SIZE);
		int rc = smfi_replacebody (ctx, (unsigned char *) piece.data, (int) piece.len);

		if (rc != MI_SUCCESS)
			return rc;
		at += piece.len;
	} while (at < body.len);
	return MI_SUCCESS;
}

/* NULL, or the edit that failed. */
static const char *
send_plan (SMFICTX *ctx, const MmPlan *plan, Lead lead)
{
	for (guint n = 0; n < plan->headers->len; n++) {
		if (send_header (ctx, g_ptr_array_index (plan->headers, n), lead) != MI_SUCCESS)
			return "the MTA did not take a header edit";
	}
	if (plan->body != NULL && send_body (ctx, mm_bytes_of (plan->body)) != MI_SUCCESS)
		return "the MTA did not take the new body";
	return NULL;
}

static const char *
send_reply (SMFICTX *ctx, const MmAnswer *answer)
{
	g_autofree char *text = mm_reply_escape (answer->text);

	return smfi_setreply (ctx, (char *) answer->code, (char *) answer->enhanced, text) ==
	                       MI_SUCCESS
	               ? NULL
	               : "libmilter did not take the reply";
}

/* The only place where a verdict becomes a status. *@out_problem: why it could not be carried
 * out. An edit that fails may have left others behind, so nothing but TEMPFAIL is right then. */
static sfsistat
carry_out (SMFICTX *ctx, const MmAnswer *answer, Lead lead, const char **out_problem)
{
	switch (answer->kind) {
	case MM_ANSWER_PASS:
		return SMFIS_CONTINUE;
	case MM_ANSWER_FIX:
		*out_problem = send_plan (ctx, answer->plan, lead);
		return *out_problem == NULL ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
	case MM_ANSWER_QUARANTINE:
		if (smfi_quarantine (ctx, answer->text) == MI_SUCCESS)
			return SMFIS_CONTINUE;
		*out_problem = "the MTA did not take the quarantine";
		return SMFIS_TEMPFAIL;
	case MM_ANSWER_REJECT:
		*out_problem = send_reply (ctx, answer);
		return SMFIS_REJECT;
	case MM_ANSWER_TEMPFAIL:
		*out_problem = send_reply (ctx, answer);
		return SMFIS_TEMPFAIL;
	}
	return SMFIS_TEMPFAIL;
}

static sfsistat
on_end_of_message (SMFICTX *ctx)
{
	MmSession *session = session_of (ctx);
	const char *problem = NULL;
	const MmAnswer *answer;
	sfsistat status;

	if (session->mail == NULL) {
		mm_log_write (mm_server_log (the_server), LOG_ERR,
		              "end of a message that never began");
		return SMFIS_TEMPFAIL;
	}
	mm_server_enter (the_server);
	note_macros (ctx, session->mail);
	answer = mm_transaction_judge (session->mail, macro (ctx, "i"));
	status = carry_out (ctx, answer, session->lead, &problem);
	mm_transaction_log (session->mail, problem);
	end_mail (session);
	mm_server_leave (the_server);
	return status;
}

/* ---- for main -------------------------------------------------------------------------------- */

gboolean
mm_session_register (MmServer *server)
{
	struct smfiDesc filter = {
		.xxfi_name = (char *) "mailmend",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS | OPTIONAL_ACTIONS,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end_of_message,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	the_server = server;
	return smfi_register (filter) == MI_SUCCESS;
}

/* FALSE for libmilter's own removal of a socket file: it does not look who listens there. */
gboolean
mm_session_listen (const char *address)
{
	return smfi_setconn ((char *) address) == MI_SUCCESS &&
	       smfi_opensocket (FALSE) == MI_SUCCESS;
}

gboolean
mm_session_run (void)
{
	return smfi_main () == MI_SUCCESS;
}
