/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postfix-check.h: what -n prints: lines for main.cf, and what would not work with them.
 */
#pragma once

#include <mailmend/policy.h>

#include "socket.h"

G_BEGIN_DECLS

/* The lines for main.cf, as comments if @comment, and remarks, which are comments there. Asks the
 * Postfix of this machine; what could not be found out is a remark too. (transfer full) */
char *mm_postfix_check (const MmConfig *config, const MmSocket *socket, gboolean comment);

G_END_DECLS
