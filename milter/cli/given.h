/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * given.h: what is said of an envelope: on the command line, or in a file that KeepOriginals left.
 *
 * Both say KEY=VALUE with the same keys:
 *
 *   from=ADDRESS     envelope sender; "" and <> are the null sender
 *   client=IP        "": not TCP
 *   host=NAME        of the client, as the MTA has verified it
 *   user=NAME        "": not logged in
 *   rcpt=ADDRESS     one each
 *   nexthop=HOST     macro {rcpt_host} of the rcpt before it
 *   mx=HOST,...      who takes the mail of the domain of the rcpt before it; "": nobody
 *   local=yes|no     handed in by sendmail(1)
 *   received=yes|no  there is a Received field
 *   header-from=ADDRESS  "": none
 *   macro={NAME}=VALUE
 *   size=N           octets, or with K, M or G
 *   smtputf8=yes|no  MAIL said SMTPUTF8 (RFC 6531); not said: no
 */
#pragma once

#include <mailmend/policy.h>

G_BEGIN_DECLS

typedef struct {
	char *address;
	char *next_hop; /* or NULL */
	MmMxState mx;
	char **hosts;   /* KNOWN */
} MmGivenRecipient;

/* {0} is one of which nothing is said. */
typedef struct {
	char *from; /* without brackets; NULL: not said */
	gboolean has_client;
	GInetAddress *client; /* NULL: not TCP */
	char *host;
	char *user; /* "": not logged in; NULL: not said */
	MmTruth local;
	gboolean has_local;
	MmTruth received;
	gboolean has_received;
	char *header_from; /* "": none; NULL: not said */
	GPtrArray *recipients; /* of MmGivenRecipient; NULL: none said */
	GArray *lent;          /* of MmRecipient: what the envelope points to */
	GHashTable *macros;
	gboolean has_size;
	gsize size;
	MmTruth smtputf8;
	guint said; /* a bit for each key that was given, of nexthop and mx for the last rcpt */
} MmGiven;

void mm_given_clear (MmGiven *given);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmGiven, mm_given_clear)

/* FALSE and MM_ERROR_CONFIG ("KEY: what is wrong") for an unknown key or a value it cannot have. */
gboolean mm_given_set (MmGiven *given, const char *key, const char *value, GError **error);

/* The same, but a key that may stand once (all but rcpt and macro; nexthop and mx once a rcpt) is an
 * error if it stands there already. */
gboolean mm_given_add (MmGiven *given, const char *key, const char *value, GError **error);

/* A key that was given, other than @but (may be NULL); NULL: there is none. It is constant. */
const char *mm_given_first (const MmGiven *given, const char *but);

/* Reads lines of KEY=VALUE as mm_given_add () does, values escaped as in the log line. What
 * KeepOriginals writes besides (time, policy and so on) is passed over. MM_ERROR_IO if it cannot be
 * read; the error names @path and line. */
gboolean mm_given_read (MmGiven *given, const char *path, GError **error);

/* Makes the empty @to what @from says of anything but the recipients. */
void mm_given_copy_peer (MmGiven *to, const MmGiven *from);

/* As it is matched: what is not said is not known. Lent until @given changes. */
MmEnvelope mm_given_envelope (MmGiven *given);

/* What is not said does not exist: no client, no user, no recipients; not handed in by
 * sendmail(1). Nothing is said of the header. */
MmEnvelope mm_given_envelope_complete (MmGiven *given);

/* ---- for options ------------------------------------------------------------------------------ */

/* A callback of GOptionEntry: --KEY VALUE into the MmGiven that is @data. */
gboolean mm_given_option (const char *name, const char *value, gpointer data, GError **error);

#define MM_GIVEN_ENTRY(name, help, value)                                                         \
	{                                                                                         \
		name, 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer) mm_given_option, \
		help, value                                                                       \
	}
#define MM_GIVEN_ENTRIES                                                                          \
	MM_GIVEN_ENTRY ("from", "Envelope sender, for the rules of the configuration", "ADDRESS"), \
	MM_GIVEN_ENTRY ("client", "Address of the client, likewise", "IP"),                       \
	MM_GIVEN_ENTRY ("host", "Verified host name of the client", "NAME"),                      \
	MM_GIVEN_ENTRY ("user", "Name the client has logged in with", "USER"),                    \
	MM_GIVEN_ENTRY ("rcpt", "Envelope recipient; may be given several times", "ADDRESS"),     \
	MM_GIVEN_ENTRY ("nexthop", "Next hop of the --rcpt before it", "HOST"),                   \
	MM_GIVEN_ENTRY ("mx", "Mail hosts of the --rcpt before it, instead of asking DNS",        \
	                "HOST,..."),                                                              \
	MM_GIVEN_ENTRY ("local", "Whether sendmail(1) handed it in", "yes|no"),                   \
	MM_GIVEN_ENTRY ("macro", "A macro of the MTA", "{NAME}=VALUE")

G_END_DECLS
