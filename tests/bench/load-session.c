/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load-session.c: an SMTP session as Postfix 3.7 tells it to a filter.
 *
 * A macro packet goes before every event, also before one that the filter has declined. Nothing
 * waits for a reply that was agreed not to come, and nothing leaves before a reply is needed or
 * the buffer is full. What a message needs is put together once for each session, so that the
 * time of the generator does not hide that of the filter.
 */
#include <config.h>

#include <errno.h>

#include "load-session.h"

#define QUEUE_ID "4BenchQ1Dz"

typedef enum {
	EVENT_CONNECT,
	EVENT_HELO,
	EVENT_MAIL,
	EVENT_RCPT,
	EVENT_DATA,
	EVENT_HEADER,
	EVENT_EOH,
	EVENT_BODY,
	EVENT_EOM,
} EventKind;

typedef struct {
	char command;
	guint32 declined;   /* SMFIP_NO* */
	guint32 unanswered; /* SMFIP_NR_* */
	guint stage;        /* whose macros go before it */
	const char *macros; /* unless the filter asks for others */
} Event;

#define STAGES 7

static const Event events[] = {
	[EVENT_CONNECT] = {'C', 0x1, 0x1000, 0, "j {daemon_name} {daemon_addr} v"},
	[EVENT_HELO] = {'H', 0x2, 0x2000, 1, ""},
	[EVENT_MAIL] = {'M', 0x4, 0x4000, 2, "i {mail_addr} {mail_host} {mail_mailer}"},
	[EVENT_RCPT] = {'R', 0x8, 0x8000, 3, "i {rcpt_addr} {rcpt_host} {rcpt_mailer}"},
	[EVENT_DATA] = {'T', 0x200, 0x10000, 4, "i"},
	[EVENT_HEADER] = {'L', 0x20, 0x80, 6, "i"},
	[EVENT_EOH] = {'N', 0x40, 0x40000, 6, "i"},
	[EVENT_BODY] = {'B', 0x10, 0x80000, 5, "i"},
	[EVENT_EOM] = {'E', 0, 0, 5, "i"},
};

static const struct {
	const char *name;
	const char *value;
} macros[] = {
	{"j", "mta.example.com"},
	{"v", "Postfix 3.7.11"},
	{"{daemon_name}", "mta.example.com"},
	{"{daemon_addr}", "127.0.0.1"},
	{"{client_addr}", "127.0.0.1"},
	{"{client_name}", "localhost"},
	{"{mail_addr}", "sender@example.com"},
	{"{mail_host}", "example.com"},
	{"{mail_mailer}", "smtp"},
	{"{rcpt_addr}", "rcpt@example.org"},
	{"{rcpt_host}", "example.org"},
	{"{rcpt_mailer}", "smtp"},
};

/* Octets to send, then perhaps a reply to wait for. */
typedef struct {
	EventKind kind;
	gsize end; /* in LoadSession.script; it begins where the one before ends */
	MmBytes piece; /* of the body, behind them: not copied for each session */
	gboolean answered;
} Step;

struct _LoadSession {
	const LoadPlan *plan;
	Wire wire;
	guint32 protocol; /* agreed on */
	char *lists[STAGES]; /* macros the filter asked for; NULL: the usual ones */
	GByteArray *script; /* of a message */
	GArray *steps;      /* of Step */
	GByteArray *data;   /* of the last reply */
	WireEdits *edits;
};

const WireEdits *
load_session_edits (const LoadSession *session)
{
	return session->edits;
}

/* ---- what is sent ----------------------------------------------------------------------------- */

static void
append_string (GByteArray *out, const char *text)
{
	g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text) + 1);
}

static MmBytes
bytes_of_array (const GByteArray *array)
{
	return mm_bytes ((const char *) array->data, array->len);
}

/* Postfix knows the queue id from the second recipient on. */
static const char *
macro_value (const char *name, gboolean queued)
{
	if (strcmp (name, "i") == 0)
		return queued ? QUEUE_ID : NULL;
	for (guint i = 0; i < G_N_ELEMENTS (macros); i++) {
		if (strcmp (name, macros[i].name) == 0)
			return macros[i].value;
	}
	return NULL;
}

/* Appends an event, its macros before it; of a piece of the body only what stands before it.
 * FALSE: no reply will come. */
static gboolean
append_event (const LoadSession *session, GByteArray *out, EventKind kind, gboolean queued,
              MmBytes data)
{
	const Event *event = &events[kind];
	const char *list = session->lists[event->stage];
	g_auto (GStrv) names = g_strsplit (list != NULL ? list : event->macros, " ", -1);
	g_autoptr (GByteArray) given = g_byte_array_new ();

	g_byte_array_append (given, (const guint8 *) &event->command, 1);
	for (char **name = names; *name != NULL; name++) {
		const char *value = macro_value (*name, queued);

		if (value == NULL)
			continue;
		append_string (given, *name);
		append_string (given, value);
	}
	wire_append (out, 'D', bytes_of_array (given));
	if (session->protocol & event->declined)
		return FALSE;
	wire_append_head (out, event->command, data.len);
	if (kind != EVENT_BODY && data.len > 0)
		g_byte_array_append (out, (const guint8 *) data.data, (guint) data.len);
	return (session->protocol & event->unanswered) == 0;
}

static void
add_step (LoadSession *session, EventKind kind, gboolean queued, MmBytes data)
{
	Step step = {.kind = kind};

	step.answered = append_event (session, session->script, kind, queued, data);
	step.end = session->script->len;
	if (kind == EVENT_BODY && (session->protocol & events[kind].declined) == 0)
		step.piece = data;
	g_array_append_val (session->steps, step);
}

/* A value as a filter is shown it: folds as LF, the blank behind the colon only on request. */
static void
add_header (LoadSession *session, const MmHeader *header)
{
	g_autoptr (GByteArray) data = g_byte_array_new ();
	MmBytes value = header->value;

	g_byte_array_append (data, (const guint8 *) header->name.data, (guint) header->name.len);
	g_byte_array_append (data, (const guint8 *) "", 1);
	if ((session->protocol & WIRE_LEADSPC) == 0 && value.len > 0 && *value.data == ' ')
		value = mm_bytes_sub (value, 1, value.len);
	for (gsize i = 0; i < value.len; i++) {
		if (value.data[i] != '\r')
			g_byte_array_append (data, (const guint8 *) value.data + i, 1);
	}
	g_byte_array_append (data, (const guint8 *) "", 1);
	add_step (session, EVENT_HEADER, TRUE, bytes_of_array (data));
}

static void
add_envelope (LoadSession *session)
{
	static const char sender[] = "<sender@example.com>\0BODY=8BITMIME";

	add_step (session, EVENT_MAIL, FALSE, mm_bytes (sender, sizeof sender));
	for (guint n = 0; n < session->plan->n_recipients; n++) {
		g_autofree char *path = g_strdup_printf ("<rcpt%u@example.org>", n);

		add_step (session, EVENT_RCPT, n > 0, mm_bytes (path, strlen (path) + 1));
	}
	add_step (session, EVENT_DATA, TRUE, mm_bytes (NULL, 0));
}

static void
write_script (LoadSession *session)
{
	const MmMessage *message = session->plan->message;
	MmBytes body = mm_message_body (message);

	add_envelope (session);
	for (guint i = 0; i < mm_message_n_headers (message); i++)
		add_header (session, mm_message_header (message, i));
	add_step (session, EVENT_EOH, TRUE, mm_bytes (NULL, 0));
	for (gsize at = 0; at < body.len; at += WIRE_CHUNK)
		add_step (session, EVENT_BODY, TRUE, mm_bytes_sub (body, at, at + WIRE_CHUNK));
	add_step (session, EVENT_EOM, TRUE, mm_bytes (NULL, 0));
}

/* ---- opening and closing ---------------------------------------------------------------------- */

static guint32
number_at (const GByteArray *data, gsize at)
{
	guint32 number;

	memcpy (&number, data->data + at, sizeof number);
	return GUINT32_FROM_BE (number);
}

/* Stage and names, as often as there are any. */
static gboolean
read_lists (LoadSession *session)
{
	gsize at = 3 * sizeof (guint32);

	while (at + sizeof (guint32) < session->data->len) {
		guint stage = number_at (session->data, at);
		const char *names = (const char *) session->data->data + at + sizeof (guint32);
		gsize room = session->data->len - at - sizeof (guint32);

		if (stage >= STAGES || memchr (names, '\0', room) == NULL)
			return FALSE;
		g_free (session->lists[stage]);
		session->lists[stage] = g_strdup (names);
		at += sizeof (guint32) + strlen (names) + 1;
	}
	return TRUE;
}

static gboolean
negotiate (LoadSession *session)
{
	g_autoptr (GByteArray) offer = g_byte_array_new ();
	g_autoptr (GByteArray) packet = g_byte_array_new ();
	char command;

	wire_append_number (offer, WIRE_VERSION);
	wire_append_number (offer, WIRE_ACTIONS);
	wire_append_number (offer, WIRE_PROTOCOL);
	wire_append (packet, 'O', bytes_of_array (offer));
	if (!wire_put (&session->wire, bytes_of_array (packet)) ||
	    !wire_get (&session->wire, &command, session->data) || command != 'O' ||
	    session->data->len < 3 * sizeof (guint32))
		return FALSE;
	session->protocol = number_at (session->data, 2 * sizeof (guint32));
	return read_lists (session);
}

/* An event of the session itself, which must be answered with "go on", if at all. */
static gboolean
tell (LoadSession *session, EventKind kind, MmBytes data)
{
	g_autoptr (GByteArray) packets = g_byte_array_new ();
	gboolean answered = append_event (session, packets, kind, FALSE, data);
	char command = 'c';

	return wire_put (&session->wire, bytes_of_array (packets)) &&
	       (!answered || wire_get (&session->wire, &command, session->data)) && command == 'c';
}

LoadSession *
load_session_open (const LoadPlan *plan, char **out_problem)
{
	/* host, family, port, address */
	static const char client[] = "localhost\0" "4\x30\x39" "127.0.0.1";
	static const char helo[] = "client.example.com";
	LoadSession *session = g_new0 (LoadSession, 1);

	session->plan = plan;
	session->wire.fd = -1;
	session->script = g_byte_array_new ();
	session->steps = g_array_new (FALSE, FALSE, sizeof (Step));
	session->data = g_byte_array_new ();
	session->edits = wire_edits_new ();
	if (!wire_open (&session->wire, plan->socket))
		*out_problem = g_strdup_printf ("%s: %s", plan->socket, g_strerror (errno));
	else if (!negotiate (session) ||
	         !tell (session, EVENT_CONNECT, mm_bytes (client, sizeof client)) ||
	         !tell (session, EVENT_HELO, mm_bytes (helo, sizeof helo)))
		*out_problem = g_strdup ("the filter did not take the session");
	else {
		write_script (session);
		return session;
	}
	load_session_close (session, FALSE);
	return NULL;
}

void
load_session_close (LoadSession *session, gboolean polite)
{
	g_autoptr (GByteArray) quit = g_byte_array_new ();

	wire_append (quit, 'Q', mm_bytes (NULL, 0));
	if (polite && wire_put (&session->wire, bytes_of_array (quit)))
		wire_flush (&session->wire);
	wire_close (&session->wire);
	for (guint i = 0; i < STAGES; i++)
		g_free (session->lists[i]);
	g_byte_array_unref (session->script);
	g_array_unref (session->steps);
	g_byte_array_unref (session->data);
	wire_edits_free (session->edits);
	g_free (session);
}

/* ---- a message -------------------------------------------------------------------------------- */

/* What the filter says at the end of a message: edits, then its verdict. */
static gboolean
read_end (LoadSession *session, char *out_command)
{
	wire_edits_reset (session->edits);
	do {
		if (!wire_get (&session->wire, out_command, session->data))
			return FALSE;
	} while (*out_command == 'p' ||
	         wire_edits_add (session->edits, *out_command, bytes_of_array (session->data)));
	return TRUE;
}

/* NULL: what came is what is wanted. */
static const char *
complain (const LoadSession *session, EventKind last, char command)
{
	const LoadPlan *plan = session->plan;

	if (command != 'c' && command != 'a')
		return "the message was not taken";
	if ((plan->want == LOAD_WANT_OFF) != (last == EVENT_MAIL))
		return "it was accepted at the wrong stage";
	if (plan->want == LOAD_WANT_EDITS && !wire_edits_equal (session->edits, plan->edits))
		return "the edits are not those that are wanted";
	if (plan->want == LOAD_WANT_NOTHING &&
	    (session->edits->has_body || session->edits->headers->len > 0))
		return "there are edits, but none are wanted";
	return NULL;
}

gboolean
load_session_send (LoadSession *session, char **out_problem)
{
	const Step *steps = (const Step *) (gconstpointer) session->steps->data;
	MmBytes script = bytes_of_array (session->script);
	const char *problem;
	EventKind last = EVENT_MAIL;
	char command = 'c';
	gsize at = 0;

	for (guint i = 0; i < session->steps->len && command == 'c'; i++) {
		gboolean fine = wire_put (&session->wire, mm_bytes_sub (script, at, steps[i].end)) &&
		                wire_put (&session->wire, steps[i].piece);

		at = steps[i].end;
		last = steps[i].kind;
		if (fine && last == EVENT_EOM)
			fine = read_end (session, &command);
		else if (fine && steps[i].answered)
			fine = wire_get (&session->wire, &command, session->data);
		if (!fine) {
			*out_problem = g_strdup ("the filter closed the connection");
			return FALSE;
		}
	}
	problem = complain (session, last, command);
	if (problem != NULL)
		*out_problem = g_strdup_printf ("%s (last reply '%c')", problem, command);
	return problem == NULL;
}
