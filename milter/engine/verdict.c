/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.c: the strongest word of the policy over all findings, and the reply it leads to.
 */
#include <config.h>

#include <mailmend/limits.h>
#include <mailmend/verdict.h>

/* Far more than any MTA has. */
#define MAX_QUEUE_ID 64

static const char *const action_names[] = {
        [MM_ACTION_NONE] = "none",
        [MM_ACTION_LOG] = "log",
        [MM_ACTION_FIX] = "fix",
        [MM_ACTION_REJECT] = "reject",
        [MM_ACTION_QUARANTINE] = "quarantine",
        [MM_ACTION_TEMPFAIL] = "tempfail",
        [MM_ACTION_ERROR] = "error",
};

static const MmAction actions_of[] = {
        [MM_SAYS_IGNORE] = MM_ACTION_NONE,
        [MM_SAYS_LOG] = MM_ACTION_LOG,
        [MM_SAYS_FIX] = MM_ACTION_FIX,
        [MM_SAYS_QUARANTINE] = MM_ACTION_QUARANTINE,
        [MM_SAYS_TEMPFAIL] = MM_ACTION_TEMPFAIL,
        [MM_SAYS_REJECT] = MM_ACTION_REJECT,
};

const char *
mm_action_to_string (MmAction action)
{
	return action_names[action];
}

MmSays
mm_policy_says (const MmPolicy *policy, const MmFinding *finding)
{
	guint at = mm_rule_index (finding->rule);
	MmSays says = policy->says[at];
	gboolean lesser = finding->embedded && policy->embedded != MM_EMBEDDED_ALL;

	if (lesser && policy->embedded == MM_EMBEDDED_FIX && says == MM_SAYS_FIX &&
	    finding->own > MM_SEVERITY_NOTICE)
		return MM_SAYS_FIX;
	if (finding->severity == MM_SEVERITY_NOTICE && !policy->named[at])
		return MM_SAYS_IGNORE;
	return lesser ? MIN (says, MM_SAYS_LOG) : says;
}

gboolean
mm_policy_shows (const MmPolicy *policy, const MmFinding *finding)
{
	return mm_policy_says (policy, finding) != MM_SAYS_IGNORE;
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void
mm_labels_add (GPtrArray *labels, const char *label)
{
	for (guint i = 0; i < labels->len; i++)
		if (strcmp (g_ptr_array_index (labels, i), label) == 0)
			return;
	g_ptr_array_add (labels, (gpointer) label);
	g_ptr_array_sort (labels, compare_labels);
}

MmVerdict *
mm_verdict_new (const MmFindings *findings, const MmPolicy *policy, gboolean may_refuse)
{
	MmVerdict *verdict = g_new0 (MmVerdict, 1);
	MmSays strongest = MM_SAYS_IGNORE;

	verdict->labels = g_ptr_array_new ();
	verdict->blamed = g_ptr_array_new ();
	for (guint i = 0; i < mm_findings_n (findings); i++) {
		const MmFinding *finding = mm_findings_get (findings, i);
		MmSays says = mm_policy_says (policy, finding);

		if (says == MM_SAYS_IGNORE)
			continue;
		mm_labels_add (verdict->labels, finding->rule->label);
		if (says > MM_SAYS_FIX && !may_refuse)
			says = MM_SAYS_LOG;
		if (says > strongest)
			g_ptr_array_set_size (verdict->blamed, 0);
		strongest = MAX (strongest, says);
		if (says == strongest && says > MM_SAYS_FIX)
			mm_labels_add (verdict->blamed, finding->rule->label);
	}
	verdict->action = actions_of[strongest];
	return verdict;
}

void
mm_verdict_free (MmVerdict *verdict)
{
	g_ptr_array_unref (verdict->labels);
	g_ptr_array_unref (verdict->blamed);
	g_free (verdict);
}

char *
mm_labels_join (GPtrArray *labels)
{
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < labels->len; i++)
		g_string_append_printf (out, "%s%s", i > 0 ? "|" : "",
		                        (const char *) g_ptr_array_index (labels, i));
	return g_string_free (out, FALSE);
}

/* ---- the reply ------------------------------------------------------------------------------- */

/* As many whole labels as fit into @room octets. */
static char *
join_within (GPtrArray *labels, gsize room)
{
	static const char cut[] = "|...";
	GString *out = g_string_new (NULL);

	for (guint i = 0; i < labels->len; i++) {
		const char *label = g_ptr_array_index (labels, i);
		gsize bar = i > 0 ? 1 : 0;
		gsize reserve = i + 1 < labels->len ? strlen (cut) : 0;

		if (out->len + bar + strlen (label) + reserve > room) {
			g_string_append (out, i > 0 ? cut : cut + 1);
			break;
		}
		g_string_append_printf (out, "%s%s", i > 0 ? "|" : "", label);
	}
	return g_string_free (out, FALSE);
}

/* *@out_n: how often %L stands there. (transfer full) */
static GString *
expand (const char *template, const char *labels, const char *queue_id, guint *out_n)
{
	GString *out = g_string_new (NULL);

	*out_n = 0;
	for (; *template != '\0'; template++) {
		if (*template != '%' || template[1] == '\0') {
			g_string_append_c (out, *template);
			continue;
		}
		template++;
		if (*template == 'L') {
			g_string_append (out, labels);
			*out_n += 1;
		} else if (*template == 'Q') {
			g_string_append (out, queue_id);
		} else {
			g_string_append_c (out, *template);
		}
	}
	return out;
}

char *
mm_reply_text (const char *template, const char *enhanced, GPtrArray *labels, const char *queue_id)
{
	gsize room = MM_LIMIT_reply_text - strlen (enhanced) - 1;
	g_autofree char *id = mm_bytes_printable (mm_bytes_str (queue_id), MAX_QUEUE_ID);
	g_autofree char *joined = NULL;
	guint n = 0;
	GString *text = expand (template, "", *id != '\0' ? id : "NOQUEUE", &n);

	if (n > 0) {
		joined = join_within (labels, text->len < room ? (room - text->len) / n : 0);
		g_string_free (text, TRUE);
		text = expand (template, joined, *id != '\0' ? id : "NOQUEUE", &n);
	}
	/* A template of nothing but queue ids may still be too long. */
	g_string_truncate (text, MIN (text->len, room));
	return g_string_free (text, FALSE);
}

char *
mm_reply_escape (const char *text)
{
	GString *out = g_string_new (NULL);

	for (; *text != '\0'; text++) {
		if (*text == '%')
			g_string_append_c (out, '%');
		g_string_append_c (out, *text);
	}
	return g_string_free (out, FALSE);
}
