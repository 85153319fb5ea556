/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load: sends one message to a filter again and again, as Postfix would, and says what it took.
 *
 *   load --socket=PATH --pid=PID [--connections=8] [--messages=1000] [--per-session=1]
 *        [--edits=FILE | --off] MESSAGE
 *   load --socket=PATH --record=FILE MESSAGE
 *
 * The answer is one object of JSON on standard output: rate (messages a second), cpu_us (CPU time
 * of the process PID a message, in microseconds), p50_us and p99_us (from MAIL to the last reply),
 * hwm_kb (its peak of resident memory), anon_kb (peak of RssAnon, with --memory only).
 *
 * Every reply is compared with what is wanted: no edit, those of --edits, or with --off that it is
 * accepted at MAIL. Exit status 1: something else came, or a connection broke; 2: usage.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "load-process.h"
#include "load-session.h"

#define MAX_CONNECTIONS 1024

typedef struct {
	char *socket;
	char *edits;
	char *record;
	int pid;
	int connections;
	int messages;
	int warmup;
	int per_session;
	int recipients;
	gboolean off;
	gboolean memory;
} Options;

static void
options_clear (Options *options)
{
	g_free (options->socket);
	g_free (options->edits);
	g_free (options->record);
}

/* One run: some connections share the work. */
typedef struct {
	const LoadPlan *plan;
	int per_session;
	int left;         /* messages that nobody has taken yet; atomic */
	GMutex lock;      /* of what follows */
	GArray *latency;  /* of gint64: microseconds */
	char *problem;    /* the first one; NULL: none */
	int watching;     /* atomic: the watcher goes on */
	pid_t watched;
	guint64 anon;     /* the watcher's: kB */
} Run;

static void
note_problem (Run *run, char *problem)
{
	g_mutex_lock (&run->lock);
	if (run->problem == NULL)
		run->problem = g_steal_pointer (&problem);
	g_mutex_unlock (&run->lock);
	g_free (problem);
	g_atomic_int_set (&run->left, 0);
}

/* Takes one message of the work that is left. */
static gboolean
take_message (Run *run)
{
	return g_atomic_int_add (&run->left, -1) > 0;
}

static gboolean
send_one (LoadSession *session, GArray *latency, char **out_problem)
{
	gint64 start = g_get_monotonic_time ();
	gboolean fine = load_session_send (session, out_problem);
	gint64 took = g_get_monotonic_time () - start;

	g_array_append_val (latency, took);
	return fine;
}

/* One connection after the other, until nothing is left. */
static gpointer
work (gpointer data)
{
	Run *run = data;
	g_autoptr (GArray) latency = g_array_new (FALSE, FALSE, sizeof (gint64));
	char *problem = NULL;
	gboolean more = take_message (run);

	while (more && problem == NULL) {
		LoadSession *session = load_session_open (run->plan, &problem);
		gboolean fine = session != NULL;

		for (int n = 0; fine && more && n < run->per_session; n++) {
			fine = send_one (session, latency, &problem);
			more = fine && take_message (run);
		}
		if (session != NULL)
			load_session_close (session, fine);
	}
	if (problem != NULL)
		note_problem (run, problem);
	g_mutex_lock (&run->lock);
	g_array_append_vals (run->latency, latency->data, latency->len);
	g_mutex_unlock (&run->lock);
	return NULL;
}

static gpointer
watch (gpointer data)
{
	Run *run = data;

	while (g_atomic_int_get (&run->watching)) {
		run->anon = MAX (run->anon, process_memory (run->watched, "RssAnon"));
		g_usleep (2000);
	}
	return NULL;
}

static void
run_all (Run *run, int connections, int messages)
{
	GThread *threads[MAX_CONNECTIONS];
	GThread *watcher = NULL;

	run->left = messages;
	g_array_set_size (run->latency, 0);
	if (run->watching)
		watcher = g_thread_new ("watch", watch, run);
	for (int i = 0; i < connections; i++)
		threads[i] = g_thread_new ("work", work, run);
	for (int i = 0; i < connections; i++)
		g_thread_join (threads[i]);
	if (watcher == NULL)
		return;
	g_atomic_int_set (&run->watching, FALSE);
	g_thread_join (watcher);
}

static int
compare_latency (gconstpointer a, gconstpointer b)
{
	gint64 x = *(const gint64 *) a;
	gint64 y = *(const gint64 *) b;

	return x < y ? -1 : x > y;
}

static gint64
percentile (const GArray *sorted, guint percent)
{
	return sorted->len > 0 ? g_array_index (sorted, gint64, (sorted->len - 1) * percent / 100)
	                       : 0;
}

static double
own_cpu (void)
{
	struct timespec used;

	clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double) used.tv_sec + (double) used.tv_nsec / 1e9;
}

static void
measure (Run *run, const Options *options)
{
	pid_t pid = options->pid;
	double cpu, own;
	gint64 start;
	double seconds;

	if (options->warmup > 0)
		run_all (run, options->connections, options->warmup);
	run->watching = options->memory && pid > 0;
	run->watched = pid;
	process_reset_peak (pid);
	own = own_cpu ();
	cpu = pid > 0 ? process_cpu (pid) : 0;
	start = g_get_monotonic_time ();
	if (run->problem == NULL)
		run_all (run, options->connections, options->messages);
	seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
	/* The filter ends its sessions behind our back. */
	g_usleep (20000);
	cpu = pid > 0 ? process_cpu (pid) - cpu : 0;
	own = own_cpu () - own;
	g_array_sort (run->latency, compare_latency);
	printf ("{\"messages\": %d, \"seconds\": %.6f, \"rate\": %.3f, \"cpu_us\": %.3f, "
	        "\"own_cpu_us\": %.3f, \"p50_us\": %" G_GINT64_FORMAT
	        ", \"p99_us\": %" G_GINT64_FORMAT ", \"hwm_kb\": %" G_GUINT64_FORMAT
	        ", \"anon_kb\": %" G_GUINT64_FORMAT "}\n",
	        options->messages, seconds, options->messages / seconds,
	        cpu / options->messages * 1e6, own / options->messages * 1e6,
	        percentile (run->latency, 50), percentile (run->latency, 99),
	        process_memory (pid, "VmHWM"), run->anon);
}

static gboolean
record (Run *run, const char *path)
{
	char *problem = NULL;
	LoadSession *session = load_session_open (run->plan, &problem);
	gboolean fine = session != NULL && load_session_send (session, &problem);

	if (fine)
		fine = wire_edits_save (load_session_edits (session), path);
	if (session != NULL)
		load_session_close (session, fine);
	if (problem != NULL)
		note_problem (run, problem);
	return fine;
}

/* FALSE after saying why. */
static gboolean
make_plan (LoadPlan *plan, const Options *options, const char *path)
{
	g_autoptr (GError) error = NULL;
	g_autoptr (GBytes) wire = NULL;
	char *text;
	gsize len;

	plan->socket = options->socket;
	plan->n_recipients = (guint) options->recipients;
	plan->want = options->record != NULL  ? LOAD_WANT_ANY
	             : options->off           ? LOAD_WANT_OFF
	             : options->edits != NULL ? LOAD_WANT_EDITS
	                                      : LOAD_WANT_NOTHING;
	if (options->edits != NULL && (plan->edits = wire_edits_load (options->edits)) == NULL)
		return FALSE;
	if (!g_file_get_contents (path, &text, &len, &error)) {
		fprintf (stderr, "load: %s\n", error->message);
		return FALSE;
	}
	wire = g_bytes_new_take (text, len);
	plan->message = mm_message_new (wire);
	return TRUE;
}

static gboolean
parse (Options *options, int argc, char **argv)
{
	const GOptionEntry entries[] = {
		{"socket", 0, 0, G_OPTION_ARG_FILENAME, &options->socket, "The filter", "PATH"},
		{"pid", 0, 0, G_OPTION_ARG_INT, &options->pid, "Its process", "PID"},
		{"connections", 0, 0, G_OPTION_ARG_INT, &options->connections, "At a time", "N"},
		{"messages", 0, 0, G_OPTION_ARG_INT, &options->messages, "In all", "N"},
		{"warmup", 0, 0, G_OPTION_ARG_INT, &options->warmup, "Before them", "N"},
		{"per-session", 0, 0, G_OPTION_ARG_INT, &options->per_session,
	         "Messages in a session", "N"},
		{"recipients", 0, 0, G_OPTION_ARG_INT, &options->recipients, "Of a message", "N"},
		{"edits", 0, 0, G_OPTION_ARG_FILENAME, &options->edits, "Wanted edits", "FILE"},
		{"record", 0, 0, G_OPTION_ARG_FILENAME, &options->record,
	         "Send one message, keep its edits", "FILE"},
		{"off", 0, 0, G_OPTION_ARG_NONE, &options->off, "Wanted: accepted at MAIL", NULL},
		{"memory", 0, 0, G_OPTION_ARG_NONE, &options->memory, "Watch RssAnon", NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	g_autoptr (GOptionContext) context = g_option_context_new ("MESSAGE");
	g_autoptr (GError) error = NULL;

	g_option_context_add_main_entries (context, entries, NULL);
	if (g_option_context_parse (context, &argc, &argv, &error) && argc == 2 &&
	    options->socket != NULL && options->connections > 0 && options->messages > 0 &&
	    options->per_session > 0 && options->connections <= MAX_CONNECTIONS)
		return TRUE;
	fprintf (stderr, "load: %s\n",
	         error != NULL ? error->message : "one MESSAGE and --socket are needed");
	return FALSE;
}

int
main (int argc, char **argv)
{
	Options options = {
		.connections = 8, .messages = 1000, .warmup = 0, .per_session = 1, .recipients = 1};
	LoadPlan plan = {0};
	Run run = {.plan = &plan};
	int code;

	if (!parse (&options, argc, argv) || !make_plan (&plan, &options, argv[1]))
		return 2;
	g_mutex_init (&run.lock);
	run.per_session = options.per_session;
	run.latency = g_array_new (FALSE, FALSE, sizeof (gint64));
	if (options.record != NULL)
		record (&run, options.record);
	else
		measure (&run, &options);
	if (run.problem != NULL)
		fprintf (stderr, "load: %s\n", run.problem);
	code = run.problem != NULL;
	g_free (run.problem);
	g_array_unref (run.latency);
	mm_message_unref (plan.message);
	g_clear_pointer (&plan.edits, wire_edits_free);
	options_clear (&options);
	return code;
}
