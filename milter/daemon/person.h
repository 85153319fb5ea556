/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * person.h: what another user may do with a file, by its owner, group and mode.
 *
 * Access control lists are not looked at: an answer is good for advice, not for a decision.
 */
#pragma once

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
	char *name;
	uid_t uid;
	GArray *groups; /* of gid_t */
} MmPerson;

/* FALSE if there is no user @name. */
gboolean mm_person_init (MmPerson *person, const char *name);
void mm_person_clear (MmPerson *person);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MmPerson, mm_person_clear)

gboolean mm_person_is_in (const MmPerson *person, gid_t group);

/* Bits as in the last digit of a mode: 4 read, 2 write, 1 search. */
gboolean mm_person_may (const MmPerson *person, uid_t owner, gid_t group, mode_t mode,
                        guint bits);

typedef enum {
	MM_REACH_YES,
	MM_REACH_NO,      /* @out_where may not be entered */
	MM_REACH_MISSING, /* @out_where does not exist */
	MM_REACH_UNKNOWN, /* we ourselves cannot look at @out_where */
} MmReach;

/* Whether @person can enter the folder @path, an absolute name, beginning with the folder @from
 * above it ("/": all of them). @out_where (transfer full) is set unless it is YES. */
MmReach mm_person_reaches (const MmPerson *person, const char *from, const char *path,
                           char **out_where);

G_END_DECLS
