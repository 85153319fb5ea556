/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.h: what a fuzz target is: a function of octets that must return, whatever they are. With
 * --enable-fuzzers libFuzzer calls it; else replay.c does, over stored samples, as a test.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <mailmend/bytes.h>

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
int LLVMFuzzerInitialize (int *argc, char ***argv);

/* Ends the process, so that both kinds of caller notice. */
#define fuzz_check(holds)                                                                          \
	G_STMT_START                                                                               \
	{                                                                                          \
		if (!(holds)) {                                                                    \
			g_printerr ("%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds);     \
			abort ();                                                                  \
		}                                                                                  \
	}                                                                                          \
	G_STMT_END

static inline MmBytes
fuzz_bytes (const uint8_t *data, size_t size)
{
	return mm_bytes ((const char *) data, size);
}

G_END_DECLS
