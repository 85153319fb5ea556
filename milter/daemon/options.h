/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h: the command line of mailmend-milter.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
	char *config_file; /* -c; NULL: the usual place, which may be missing */
	char *socket;      /* -s, or NULL */
	gboolean foreground;
	gboolean check;
	gboolean verbose;
	gboolean version;
} MmOptions;

/* NULL with an error for the person if the command line is wrong. (transfer full) */
MmOptions *mm_options_new (int argc, char **argv, GError **error);
void mm_options_free (MmOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmOptions, mm_options_free)

G_END_DECLS
