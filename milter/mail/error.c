/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.c: the quark of the library's error domain.
 *
 * Written out instead of G_DEFINE_QUARK, which would cache the number in a writable static.
 */
#include <mailmend/error.h>

GQuark
mm_error_quark (void)
{
	return g_quark_from_static_string ("mm-error-quark");
}
