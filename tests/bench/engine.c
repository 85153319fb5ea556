/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine: the library alone on files, without MTA and protocol, beside other things one can do with
 * the same octets.
 *
 *   engine [--work=check,gmime] [--loop=100] [--rounds=5] [--config=FILE --recipients=N] MESSAGE
 *
 * Each round does every work --loop times, one after the other, so that a machine that slows down
 * does so for all. One object of JSON on standard output: for each work the CPU time of one turn
 * in nanoseconds, round by round, and what came of it.
 *
 *   check   what the daemon does for mail that it only looks at: policy "watch"
 *   fix     ... for mail that it mends: policy "microsoft365", verified and planned
 *   facts   only scan, split and rules: mm_check_new ()
 *   gmime   GMime's parse of the message into its tree
 *   memcpy  a copy of the octets
 *   scan    one pass, octet by octet: length of lines, octets from 0x80 on
 *   memchr  one pass from LF to LF: length of lines
 *
 * With --config, check and fix also ask which policy the message gets: by a sender that no rule
 * names and --recipients recipients.
 */
#include <config.h>

#include <stdio.h>
#include <time.h>

#include <gmime/gmime.h>
#include <mailmend/judge.h>
#include <mailmend/verify.h>

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1 /* as gcc says it */
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define BUILD "sanitized"
#elif defined __OPTIMIZE__
#define BUILD "optimized"
#else
#define BUILD "not optimized"
#endif

typedef struct {
	char *work;
	int loop;
	int rounds;
	char *config;
	int recipients;
} Options;

/* What all turns work on. */
typedef struct {
	GBytes *wire;
	MmConfig *config;
	gboolean match; /* ask which policy */
	GArray *recipients; /* of MmRecipient */
	GByteArray *bytes; /* the octets, for GMime */
	char *copy; /* room for them */
	gsize sink; /* so that no work can be left out */
	char *result; /* what came of the last turn, or NULL */
} Bench;

/* ---- kinds of work ---------------------------------------------------------------------------- */

static void
match (Bench *bench)
{
	MmEnvelope envelope = {
		.local = MM_NO,
		.sasl_known = TRUE,
		.sender_known = TRUE,
		.sender = "sender@unnamed.example",
		.headers_known = TRUE,
		.header_from = "sender@unnamed.example",
		.first_hop = MM_YES,
		.recipients_known = TRUE,
		.recipients = (const MmRecipient *) (gconstpointer) bench->recipients->data,
		.n_recipients = bench->recipients->len,
		.size_known = TRUE,
		.size = g_bytes_get_size (bench->wire),
		.macros_known = TRUE,
		.final = TRUE,
	};
	g_auto (MmMatch) found = mm_config_match (bench->config, &envelope);

	bench->sink += found.decided;
}

/* As the daemon sets it. */
static void
init_context (MmContext *context, const MmPolicy *policy)
{
	mm_context_init (context, "mta.example.com");
	mm_context_set_policy (context, policy);
	context->envelope_sender = "sender@example.com";
	context->deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
}

static char *
join (const GPtrArray *labels)
{
	GString *text = g_string_new (NULL);

	for (guint i = 0; i < labels->len; i++)
		g_string_append_printf (text, "%s%s", i > 0 ? "|" : "",
		                        (const char *) labels->pdata[i]);
	return g_string_free (text, FALSE);
}

static void
judge (Bench *bench, const char *policy, gboolean last)
{
	g_autoptr (MmMessage) message = mm_message_new (bench->wire);
	MmJudgeRequest request = {.policy = mm_config_policy (bench->config, policy),
	                          .message_size_limit = 0,
	                          .want_plan = TRUE};
	g_autoptr (MmJudgement) judgement = NULL;
	MmContext context;

	if (bench->match)
		match (bench);
	init_context (&context, request.policy);
	judgement = mm_judge (message, &context, &request);
	bench->sink += judgement->labels->len;
	if (last) {
		g_autofree char *labels = join (judgement->labels);

		g_free (bench->result);
		bench->result = g_strdup_printf ("labels=%s edits=%s limit=%s", labels,
		                                 judgement->edits,
		                                 judgement->limit != NULL ? judgement->limit : "");
	}
}

static void
work_check (Bench *bench, gboolean last)
{
	judge (bench, "watch", last);
}

static void
work_fix (Bench *bench, gboolean last)
{
	judge (bench, "microsoft365", last);
}

static void
work_facts (Bench *bench, gboolean last G_GNUC_UNUSED)
{
	g_autoptr (MmMessage) message = mm_message_new (bench->wire);
	g_autoptr (MmCheck) check = NULL;
	MmContext context;

	init_context (&context, mm_config_policy (bench->config, "watch"));
	check = mm_check_new (message, &context, NULL, NULL);
	bench->sink += mm_findings_n (check->findings);
}

/* Without a copy of the octets, as who cares for speed would call it. */
static void
work_gmime (Bench *bench, gboolean last G_GNUC_UNUSED)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array (bench->bytes);
	GMimeParser *parser;
	GMimeMessage *message;

	g_mime_stream_mem_set_owner (GMIME_STREAM_MEM (stream), FALSE);
	parser = g_mime_parser_new_with_stream (stream);
	message = g_mime_parser_construct_message (parser, NULL);
	bench->sink += message != NULL;
	g_object_unref (parser);
	g_object_unref (stream);
	if (message != NULL)
		g_object_unref (message);
}

static void
work_memcpy (Bench *bench, gboolean last G_GNUC_UNUSED)
{
	memcpy (bench->copy, bench->bytes->data, bench->bytes->len);
	/* Tells the compiler that somebody reads the copy. */
	__asm__ volatile ("" : : "r" (bench->copy) : "memory");
}

static void
work_scan (Bench *bench, gboolean last G_GNUC_UNUSED)
{
	const guint8 *data = bench->bytes->data;
	gsize longest = 0, length = 0, high = 0;

	for (gsize i = 0; i < bench->bytes->len; i++) {
		high += data[i] >> 7;
		length = data[i] == '\n' ? 0 : length + 1;
		longest = MAX (longest, length);
	}
	bench->sink += longest + high;
}

static void
work_memchr (Bench *bench, gboolean last G_GNUC_UNUSED)
{
	const guint8 *at = bench->bytes->data;
	const guint8 *end = at + bench->bytes->len;
	gsize longest = 0;

	while (at < end) {
		const guint8 *lf = memchr (at, '\n', (gsize) (end - at));
		const guint8 *stop = lf != NULL ? lf : end;

		longest = MAX (longest, (gsize) (stop - at));
		at = stop + 1;
	}
	bench->sink += longest;
}

static const struct Work {
	const char *name;
	void (*func) (Bench *bench, gboolean last);
} works[] = {
	{"check", work_check},   {"fix", work_fix},   {"facts", work_facts},
	{"gmime", work_gmime},   {"memcpy", work_memcpy}, {"scan", work_scan},
	{"memchr", work_memchr},
};

/* ---- measuring -------------------------------------------------------------------------------- */

/* Counted by callgrind (--toggle-collect), so it must be a function of its own. */
__attribute__ ((noinline)) static void
engine_turns (Bench *bench, const struct Work *work, int turns)
{
	for (int i = 0; i < turns; i++)
		work->func (bench, i == turns - 1);
}

static double
cpu_ns (void)
{
	struct timespec used;

	clock_gettime (CLOCK_THREAD_CPUTIME_ID, &used);
	return (double) used.tv_sec * 1e9 + (double) used.tv_nsec;
}

static const struct Work *
find_work (const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS (works); i++) {
		if (strcmp (works[i].name, name) == 0)
			return &works[i];
	}
	fprintf (stderr, "engine: there is no work '%s'\n", name);
	return NULL;
}

/* FALSE: a name is none. */
static gboolean
measure (Bench *bench, const Options *options, char **names, GPtrArray *out_times)
{
	for (int round = 0; round < options->rounds; round++) {
		for (guint n = 0; names[n] != NULL; n++) {
			const struct Work *work = find_work (names[n]);
			double start;

			if (work == NULL)
				return FALSE;
			start = cpu_ns ();
			engine_turns (bench, work, options->loop);
			g_string_append_printf (out_times->pdata[n], "%s%.1f", round > 0 ? ", " : "",
			                        (cpu_ns () - start) / options->loop);
		}
	}
	return TRUE;
}

static void
free_string (gpointer string)
{
	g_string_free (string, TRUE);
}

static gboolean
run (Bench *bench, const Options *options)
{
	g_auto (GStrv) names = g_strsplit (options->work != NULL ? options->work : "check", ",", -1);
	g_autoptr (GPtrArray) times = g_ptr_array_new_with_free_func (free_string);

	for (guint n = 0; names[n] != NULL; n++)
		g_ptr_array_add (times, g_string_new (NULL));
	if (!measure (bench, options, names, times))
		return FALSE;
	printf ("{\"build\": \"%s\", \"size\": %" G_GSIZE_FORMAT ", ", BUILD,
	        g_bytes_get_size (bench->wire));
	printf ("\"result\": \"%s\", \"ns\": {", bench->result != NULL ? bench->result : "");
	for (guint n = 0; names[n] != NULL; n++)
		printf ("%s\"%s\": [%s]", n > 0 ? ", " : "", names[n],
		        ((GString *) times->pdata[n])->str);
	printf ("}}\n");
	return TRUE;
}

/* ---- options ---------------------------------------------------------------------------------- */

static gboolean
load_config (Bench *bench, const Options *options)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

	if (options->config == NULL) {
		bench->config = mm_config_new_default ();
		return TRUE;
	}
	bench->match = TRUE;
	bench->config = mm_config_load (options->config, problems);
	if (bench->config == NULL)
		fprintf (stderr, "engine: %s\n", (const char *) problems->pdata[0]);
	return bench->config != NULL;
}

static gboolean
init (Bench *bench, const Options *options, const char *path)
{
	g_autoptr (GError) error = NULL;
	char *text;
	gsize len;

	if (!load_config (bench, options))
		return FALSE;
	if (!g_file_get_contents (path, &text, &len, &error)) {
		fprintf (stderr, "engine: %s\n", error->message);
		return FALSE;
	}
	bench->wire = g_bytes_new_take (text, len);
	bench->bytes = g_byte_array_new ();
	g_byte_array_append (bench->bytes, (const guint8 *) text, (guint) len);
	bench->copy = g_malloc (len + 1);
	/* So that no copy pays for pages that are new. */
	memset (bench->copy, 1, len + 1);
	bench->recipients = g_array_new (FALSE, TRUE, sizeof (MmRecipient));
	for (int n = 0; n < options->recipients; n++) {
		MmRecipient recipient = {.address = g_strdup_printf ("user%d@other%d.example", n, n)};

		g_array_append_val (bench->recipients, recipient);
	}
	return TRUE;
}

static void
bench_clear (Bench *bench)
{
	for (guint n = 0; bench->recipients != NULL && n < bench->recipients->len; n++)
		g_free ((char *) g_array_index (bench->recipients, MmRecipient, n).address);
	g_clear_pointer (&bench->recipients, g_array_unref);
	g_clear_pointer (&bench->config, mm_config_unref);
	g_clear_pointer (&bench->wire, g_bytes_unref);
	g_clear_pointer (&bench->bytes, g_byte_array_unref);
	g_free (bench->copy);
	g_free (bench->result);
}

static gboolean
parse (Options *options, int argc, char **argv)
{
	const GOptionEntry entries[] = {
		{"work", 0, 0, G_OPTION_ARG_STRING, &options->work, "Comma between", "LIST"},
		{"loop", 0, 0, G_OPTION_ARG_INT, &options->loop, "Turns of a round", "N"},
		{"rounds", 0, 0, G_OPTION_ARG_INT, &options->rounds, "Rounds", "N"},
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Ask it each time", "FILE"},
		{"recipients", 0, 0, G_OPTION_ARG_INT, &options->recipients, "Of a message", "N"},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	g_autoptr (GOptionContext) context = g_option_context_new ("MESSAGE");
	g_autoptr (GError) error = NULL;

	g_option_context_add_main_entries (context, entries, NULL);
	if (g_option_context_parse (context, &argc, &argv, &error) && argc == 2 &&
	    options->loop > 0 && options->rounds > 0)
		return TRUE;
	fprintf (stderr, "engine: %s\n", error != NULL ? error->message : "one MESSAGE is needed");
	return FALSE;
}

int
main (int argc, char **argv)
{
	Options options = {.loop = 1, .rounds = 1, .recipients = 1};
	Bench bench = {0};
	int code = 2;

	mm_verify_init ();
	if (parse (&options, argc, argv) && init (&bench, &options, argv[1]))
		code = run (&bench, &options) ? 0 : 2;
	bench_clear (&bench);
	g_free (options.work);
	g_free (options.config);
	return code;
}
