/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.h: the keys of the configuration file, one table a kind of section.
 *
 * The tables drive the reader, the defaults, the manual page and what `-n` prints: a key is one row
 * and is described nowhere else. All of it is constant.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
	MM_SETTING_TEXT,      /* free text, '#' included */
	MM_SETTING_WORD,      /* no blanks: a user, a group */
	MM_SETTING_HOST,      /* a host name */
	MM_SETTING_SOCKET,    /* as libmilter takes it */
	MM_SETTING_LOG_TO,    /* syslog, stderr or a file */
	MM_SETTING_YESNO,
	MM_SETTING_CHOICE,    /* one of the row's choices */
	MM_SETTING_NUMBER,
	MM_SETTING_MODE,      /* octal */
	MM_SETTING_SIZE,      /* octets, with K, M or G */
	MM_SETTING_SECONDS,   /* with s, m, h or d */
	MM_SETTING_MILLISECONDS, /* with ms or s */
	MM_SETTING_PATH,      /* absolute */
	MM_SETTING_CODE,      /* of a reply: "552 5.6.0" */
	MM_SETTING_TEMPLATE,  /* of a reply: ASCII with %L, %Q, %% */
	MM_SETTING_SERVERS,   /* addresses, each with a port or not, comma between */
	MM_SETTING_LISTEN,    /* an address with a port */
	MM_SETTING_CHARSET,
	MM_SETTING_CHARSETS,  /* comma between */
	MM_SETTING_LABELS,    /* labels and groups, | between, ! takes away */
	MM_SETTING_POLICY,    /* the name of a policy */
	MM_SETTING_NETWORKS,  /* addresses and networks, comma or blank between */
	MM_SETTING_CLIENTS,   /* ... and TRUSTED: a condition, as are all below */
	MM_SETTING_ADDRESSES,
	MM_SETTING_DOMAINS,
	MM_SETTING_USERS,
	MM_SETTING_HOSTS,
	MM_SETTING_MACROS,
	MM_SETTING_SIZES,
	MM_SETTING_TRUTH,     /* yes or no, not known at first */
	MM_N_SETTING_TYPES,
} MmSettingType;

typedef struct {
	const char *word; /* NULL ends the list */
	int value;
} MmSettingChoice;

typedef struct {
	const char *key;
	MmSettingType type;
	gsize offset;             /* for the reader: where the value goes */
	const char *default_text; /* as it would stand in a file; NULL: none */
	guint64 min;              /* numbers, sizes, seconds */
	guint64 max;
	const MmSettingChoice *choices; /* MM_SETTING_CHOICE */
	const char *help;         /* one or two sentences */
	gboolean restart;         /* counts when the daemon starts, not at a reload */
} MmSettingRow;

/* [mailmend] */
const MmSettingRow *mm_settings_table (guint *out_n);
/* [policy NAME]; the defaults are those of a policy of one's own */
const MmSettingRow *mm_settings_policy_table (guint *out_n);
/* [rule NAME] */
const MmSettingRow *mm_settings_rule_table (guint *out_n);
/* [default] */
const MmSettingRow *mm_settings_default_table (guint *out_n);

/* What a value looks like: "yes|no", "accept|reject", "SIZE", "LABEL|...". (transfer full) */
char *mm_setting_values (const MmSettingRow *row);

G_END_DECLS
