/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * context.c: what a command without a configuration uses.
 */
#include <config.h>

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include <mailmend/context.h>

/* Identifiers must be unique across hosts, so the octets come from the kernel. */
static void
system_random (gpointer data G_GNUC_UNUSED, guint8 *octets, gsize n)
{
	gsize at = 0;

	while (at < n) {
		gssize got = getrandom (octets + at, n - at, 0);
		if (got > 0)
			at += (gsize) got;
		else if (errno != EINTR)
			break;
	}
	/* Without getrandom (a kernel before 3.17) GLib's generator must do. */
	for (; at < n; at++)
		octets[at] = (guint8) g_random_int_range (0, 256);
}

static int
local_zone (gint64 now)
{
	/* GDateTime would look up anew, in the file system, where we are. */
	time_t at = (time_t) now;
	struct tm local;

	return localtime_r (&at, &local) != NULL ? (int) (local.tm_gmtoff / 60) : 0;
}

void
mm_context_init (MmContext *context, const char *hostname)
{
	static const char *const usual_charsets[] = {"utf-8", "windows-1252", NULL};
	gint64 now = g_get_real_time () / G_USEC_PER_SEC;

	*context = (MmContext){
	        .line_limit = 998,
	        .max_mime_depth = 30,
	        .max_mime_parts = 250,
	        .eight_bit = MM_EIGHTBIT_NEVER,
	        .bare_cr = MM_BARE_CR_SPACE,
	        .embedded = MM_EMBEDDED_REPORT,
	        .keep_original_id = TRUE,
	        .charsets = usual_charsets,
	        .limits = mm_limits_default (),
	        .hostname = hostname,
	        .now = now,
	        .zone = local_zone (now),
	        .random = system_random,
	};
}

gboolean
mm_context_expired (const MmContext *context)
{
	return context->deadline != 0 && g_get_monotonic_time () > context->deadline;
}
