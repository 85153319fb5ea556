/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile.h: what the files share that make mail that hurts.
 */
#pragma once

#include "../unit/test-util.h"

G_BEGIN_DECLS

/* One message: @make appends its octets. A table ends with a NULL name. */
typedef struct {
	const char *name;
	void (*make) (GString *out);
} HostileInput;

extern const HostileInput hostile_headers[];
extern const HostileInput hostile_fields[];
extern const HostileInput hostile_bodies[];
extern const HostileInput hostile_charsets[];

#define HEAD                                                                                       \
	"From: a@example.com\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n"                         \
	"Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"

/* @n, or so many times more as is asked for: the tests ask for 1, benchmarks for 10. */
guint hostile_n (guint n);

/* hostile_n (@n) times @what. */
void hostile_repeat (GString *out, const char *what, guint n);

/* hostile_n (@n) times @what, behind @before, in a field @name of an otherwise good message. */
void hostile_field (GString *out, const char *name, const char *before, const char *what, guint n);

G_END_DECLS
