/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postconf.h: what the Postfix of this machine says about itself.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
	char *problem;         /* why nothing is known; NULL: the rest is set */
	char *queue_directory;
	char *mail_owner;
	char *mynetworks;
	GPtrArray *chrooted;   /* of char *: services that speak to filters, in a chroot */
} MmPostconf;

/* Asks postconf(1), which is looked for in PATH and in the usual folders. Never fails: @problem
 * then says what happened. */
void mm_postconf_init (MmPostconf *postconf);
void mm_postconf_clear (MmPostconf *postconf);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmPostconf, mm_postconf_clear)

G_END_DECLS
