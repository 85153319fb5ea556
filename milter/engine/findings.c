/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * findings.c: the list of what the rules found, one finding for a rule and place.
 */
#include <config.h>

#include <mailmend/rule.h>

struct _MmFindings {
	const MmFacts *facts;
	const MmRule *rule;
	GArray *list;      /* of MmFinding */
	GHashTable *seen;  /* of Spot: one finding each */
	gboolean overflow;
};

/* Where a finding is. Its octets are hashed, so none may be padding. */
typedef struct {
	guint64 rule; /* its address */
	guint32 part, place;
	gint64 header;
} Spot;
G_STATIC_ASSERT (sizeof (Spot) == 24);

static guint
spot_hash (gconstpointer data)
{
	MmBytes octets = mm_bytes (data, sizeof (Spot));

	return mm_bytes_hash (&octets);
}

static gboolean
spot_equal (gconstpointer a, gconstpointer b)
{
	return memcmp (a, b, sizeof (Spot)) == 0;
}

static void
finding_clear (gpointer data)
{
	g_clear_pointer (&((MmFinding *) data)->detail, g_free);
}

MmFindings *
mm_findings_new (const MmFacts *facts)
{
	MmFindings *findings = g_new0 (MmFindings, 1);

	findings->facts = facts;
	findings->list = g_array_new (FALSE, FALSE, sizeof (MmFinding));
	g_array_set_clear_func (findings->list, finding_clear);
	return findings;
}

void
mm_findings_free (MmFindings *findings)
{
	g_array_unref (findings->list);
	g_clear_pointer (&findings->seen, g_hash_table_unref);
	g_free (findings);
}

guint
mm_findings_n (const MmFindings *findings)
{
	return findings->list->len;
}

const MmFinding *
mm_findings_get (const MmFindings *findings, guint at)
{
	return &g_array_index (findings->list, MmFinding, at);
}

gboolean
mm_findings_overflow (const MmFindings *findings)
{
	return findings->overflow;
}

void
mm_findings_set_rule (MmFindings *findings, const MmRule *rule)
{
	findings->rule = rule;
}

/* The table is made with the first finding: clean mail pays nothing for it. */
static gboolean
first_at (MmFindings *findings, const MmPart *part, MmPlace place, int header)
{
	Spot spot = {(guintptr) findings->rule, part->number, place, header};

	if (findings->seen == NULL)
		findings->seen = g_hash_table_new_full (spot_hash, spot_equal, g_free, NULL);
	return g_hash_table_add (findings->seen, g_memdup2 (&spot, sizeof spot));
}

/* What a message says of itself may be quoted in a detail; nobody's terminal must suffer for it. */
static char *G_GNUC_PRINTF (1, 0)
detail_new (const char *format, va_list args)
{
	g_autofree char *told = g_strdup_vprintf (format, args);

	return mm_bytes_printable (mm_bytes_str (told), MM_DETAIL_MAX);
}

void
mm_findings_add (MmFindings *findings, MmSeverity severity, const MmPart *part, MmPlace place,
                 int header, const char *at, const char *format, ...)
{
	MmFinding finding = {.rule = findings->rule,
	                     .severity = severity,
	                     .own = severity,
	                     .place = place,
	                     .part = part->number,
	                     .header = header};
	va_list args;

	/* Where header and text cannot be told apart, only that is told. */
	if (part->unseparated && place != MM_PLACE_SEPARATOR)
		return;
	if (findings->list->len >= findings->facts->context->limits.findings) {
		findings->overflow = TRUE;
		return;
	}
	if (!first_at (findings, part, place, header))
		return;
	finding.embedded = part->embedded ||
	                   (place == MM_PLACE_CONTENT && mm_part_content_is_embedded (part));
	if (finding.embedded && findings->facts->context->embedded != MM_EMBEDDED_ALL)
		finding.severity = MM_SEVERITY_NOTICE;
	finding.offset = mm_message_offset (findings->facts->message, at);
	va_start (args, format);
	finding.detail = detail_new (format, args);
	va_end (args);
	g_array_append_val (findings->list, finding);
	/* cppcheck-suppress memleak; the list has it */
}

static int
compare_offset (gconstpointer a, gconstpointer b)
{
	const MmFinding *x = *(const MmFinding *const *) a;
	const MmFinding *y = *(const MmFinding *const *) b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

void
mm_findings_number_lines (MmFindings *findings)
{
	g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
	gsize at = 0;
	guint line = 1;

	for (guint i = 0; i < findings->list->len; i++)
		g_ptr_array_add (sorted, &g_array_index (findings->list, MmFinding, i));
	g_ptr_array_sort (sorted, compare_offset);
	for (guint i = 0; i < sorted->len; i++) {
		MmFinding *finding = g_ptr_array_index (sorted, i);

		line += mm_message_lines_between (findings->facts->message, at, finding->offset);
		at = finding->offset;
		finding->line = line;
	}
}

char *
mm_finding_key (const MmFacts *facts, const MmFinding *finding)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	const MmHeader *item;

	if (finding->place != MM_PLACE_HEADER)
		return g_strdup_printf ("%s %s %d", finding->rule->label, part->path,
		                        (int) finding->place);
	item = mm_part_header (part, (guint) finding->header);
	if (part->number == 0 && item->original >= 0)
		return g_strdup_printf ("%s header %d", finding->rule->label, item->original);
	if (item->is_field) {
		g_autofree char *name = mm_bytes_printable (item->name, 80);
		g_autofree char *lower = g_ascii_strdown (name, -1);
		return g_strdup_printf ("%s %s %s#%u", finding->rule->label, part->path, lower,
		                        item->index);
	}
	return g_strdup_printf ("%s %s line %d", finding->rule->label, part->path,
	                        finding->header);
}
