/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privileges.h: becoming the user of the configuration, for good.
 */
#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
	char *name; /* NULL: stay who we are */
	uid_t uid;
	gid_t gid;
} MmIdentity;

void mm_identity_clear (MmIdentity *identity);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmIdentity, mm_identity_clear)

/* Who the daemon shall be: @user (NULL: not set). MM_ERROR_CONFIG if there is no such user, if
 * it is root, or if we are root and none is set. */
gboolean mm_identity_find (const char *user, MmIdentity *out, GError **error);

/* The number of @group. MM_ERROR_CONFIG if there is none. */
gboolean mm_group_find (const char *group, gid_t *out_gid, GError **error);

/* The name of @group, or its number. (transfer full) */
char *mm_group_name (gid_t group);

/* What @question, which returns 0 or an errno, says of @text when asked as @identity: in a child
 * where we are root, since that may do everything. 0 where it cannot be asked. */
int mm_privileges_ask (const MmIdentity *identity, int (*question) (const char *text),
                       const char *text);

/* Becomes @identity with its groups and makes sure that there is no way back. MM_ERROR_IO if
 * that fails: the caller must then end the process. */
gboolean mm_privileges_drop (const MmIdentity *identity, GError **error);

G_END_DECLS
