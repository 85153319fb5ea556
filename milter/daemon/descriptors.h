/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * descriptors.h: how many connections and files the filter may have open.
 */
#pragma once

#include "log.h"

G_BEGIN_DECLS

/* Raises the limit (RLIMIT_NOFILE) as far as the process may, and says in @log if that is few: a
 * connection takes one descriptor, a large message another. */
void mm_descriptors_raise (MmLog *log);

G_END_DECLS
