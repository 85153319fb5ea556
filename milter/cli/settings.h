/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.h: the keys of the configuration file, for `mailmend settings` and mailmend.conf(5).
 */
#pragma once

#include <mailmend/settings.h>

G_BEGIN_DECLS

typedef struct {
	const char *name;
	const char *title; /* as it stands in a file */
	const MmSettingRow *(*table) (guint *out_n);
} MmSettingsSection;

/* Those of a file, in the order in which they are explained. */
extern const MmSettingsSection mm_settings_sections[];
extern const guint mm_settings_n_sections;

/* Behind the text of a limit that limit= never names. */
#define MM_NOT_NAMED " A log line never names it."

/* The entries of a list in mdoc, a limit each. */
void mm_settings_limits_man (GString *out);

/* The entries of a list in mdoc, a key each. */
void mm_settings_man (const MmSettingsSection *section, GString *out);

G_END_DECLS
