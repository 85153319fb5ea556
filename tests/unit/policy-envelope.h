/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy-envelope.h: an envelope from words, for the tests of the matcher.
 *
 *	client=192.0.2.1 host=a.example sender=a@b.example sender=<> user=bob from=a@b.example
 *	local=yes hop=yes size=100 macro={a}=x final
 *	rcpt=a@b.example nexthop=[mx.example]:25 mx=a.example,b.example    ; of that recipient
 *
 * What is not given is known and does not exist. "?" is not known yet: sender=? rcpt=? macro=?
 * mx=? (no answer), mx=! (DNS has failed), mx=- (known: no host); without mx= it is "?".
 */
#pragma once

#include "policy-load.h"

#define MAX_RCPT 8

typedef struct {
	MmEnvelope envelope;
	MmRecipient recipients[MAX_RCPT];
	char **words;
	GPtrArray *hosts; /* of char ** */
} Parcel;

static inline const char *
word_value (const char *word, const char *key)
{
	gsize len = strlen (key);

	return strncmp (word, key, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static inline MmTruth
truth_of (const char *value)
{
	if (!is_known (value))
		return MM_UNKNOWN;
	return g_str_equal (value, "yes") ? MM_YES : MM_NO;
}

static inline void
parcel_add_text (MmEnvelope *envelope, const char *word)
{
	const struct {
		const char *key;
		gboolean *known;
		const char **text;
	} texts[] = {
		{"sender", &envelope->sender_known, &envelope->sender},
		{"user", &envelope->sasl_known, &envelope->sasl_user},
		{"from", &envelope->headers_known, &envelope->header_from},
		{"host", NULL, &envelope->client_name},
	};

	for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
		const char *value = word_value (word, texts[i].key);

		if (value == NULL)
			continue;
		if (texts[i].known != NULL)
			*texts[i].known = is_known (value);
		*texts[i].text = g_str_equal (value, "<>") ? "" : is_known (value) ? value : NULL;
	}
}

static inline void
parcel_add_recipient (Parcel *parcel, const char *word)
{
	MmEnvelope *envelope = &parcel->envelope;
	const char *address = word_value (word, "rcpt");
	const char *next_hop = word_value (word, "nexthop");
	const char *mx = word_value (word, "mx");
	MmRecipient *last = &parcel->recipients[MAX (envelope->n_recipients, 1) - 1];

	if (address != NULL && !is_known (address))
		envelope->recipients_known = FALSE;
	else if (address != NULL) {
		g_assert_cmpuint (envelope->n_recipients, <, MAX_RCPT);
		parcel->recipients[envelope->n_recipients++].address = address;
	}
	if (next_hop != NULL)
		last->next_hop = next_hop;
	if (mx == NULL || !is_known (mx))
		return;
	last->mx = *mx == '!' ? MM_MX_FAILED : MM_MX_KNOWN;
	g_ptr_array_add (parcel->hosts, g_strsplit (*mx == '-' ? "" : mx, ",", -1));
	last->mx_hosts = parcel->hosts->pdata[parcel->hosts->len - 1];
}

static inline void
parcel_add_macro (MmEnvelope *envelope, const char *value)
{
	const char *equals = strchr (value, '=');

	envelope->macros_known = is_known (value);
	if (envelope->macros_known)
		g_hash_table_insert (envelope->macros, g_strndup (value, (gsize) (equals - value)),
		                     (gpointer) (equals + 1));
}

static inline void
parcel_add (Parcel *parcel, const char *word)
{
	MmEnvelope *envelope = &parcel->envelope;

	parcel_add_text (envelope, word);
	parcel_add_recipient (parcel, word);
	if (word_value (word, "client") != NULL)
		envelope->client = g_inet_address_new_from_string (word_value (word, "client"));
	if (word_value (word, "local") != NULL)
		envelope->local = truth_of (word_value (word, "local"));
	if (word_value (word, "hop") != NULL)
		envelope->first_hop = truth_of (word_value (word, "hop"));
	if (word_value (word, "macro") != NULL)
		parcel_add_macro (envelope, word_value (word, "macro"));
	if (word_value (word, "size") != NULL) {
		envelope->size_known = is_known (word_value (word, "size"));
		envelope->size = g_ascii_strtoull (word_value (word, "size"), NULL, 10);
	}
	if (g_str_equal (word, "final"))
		envelope->final = TRUE;
}

static inline void
parcel_init (Parcel *parcel, const char *text)
{
	*parcel = (Parcel){.envelope = {.sender_known = TRUE,
	                                .sasl_known = TRUE,
	                                .headers_known = TRUE,
	                                .recipients_known = TRUE,
	                                .size_known = TRUE,
	                                .macros_known = TRUE}};
	parcel->envelope.recipients = parcel->recipients;
	parcel->envelope.macros = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
	parcel->hosts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
	parcel->words = g_strsplit (text, " ", -1);
	for (char **word = parcel->words; *word != NULL; word++)
		parcel_add (parcel, *word);
}

static inline void
parcel_clear (Parcel *parcel)
{
	g_clear_object (&parcel->envelope.client);
	g_hash_table_unref (parcel->envelope.macros);
	g_ptr_array_unref (parcel->hosts);
	g_strfreev (parcel->words);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parcel, parcel_clear)

/* "RULE" or "?"; " some", " mx" and " error: TEXT" behind it where that is so. (transfer full) */
static inline char *
told (const MmMatch *match)
{
	return g_strconcat (match->decided ? match->rule : "?", match->some_only ? " some" : "",
	                    match->mx_missing ? " mx" : "",
	                    match->error != NULL ? " error: " : NULL, match->error, NULL);
}

static inline char *
match_words (const MmConfig *config, const char *words)
{
	g_auto (Parcel) parcel;
	g_auto (MmMatch) match = {0};

	parcel_init (&parcel, words);
	match = mm_config_match (config, &parcel.envelope);
	g_assert_true ((match.policy != NULL) == match.decided);
	return told (&match);
}
