/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calendar-method-mismatch.c: the method parameter of a calendar part is not the object's METHOD.
 *
 * RFC 6047 2.4: the parameter "MUST be the same" as the METHOD of the object. Outlook then shows an
 * attachment "not supported calendar message.ics" and no invitation. Where one of them is missing
 * readers get by.
 *
 * RFC 5545 3.1, 3.7.2; lines are unfolded first (CRLF and the blank behind it taken out):
 *     method  = "METHOD" *(";" param) ":" iana-token CRLF
 */
#include <config.h>

#include <mailmend/codec.h>

#include "field-private.h"
#include "head-private.h"

/* RFC 5546 1.4 */
static const char *const legal_methods[] = {
	"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER",
};

/* ---- the object ------------------------------------------------------------------------------ */

typedef struct {
	gboolean all;	     /* FALSE: only whether they say what the parameter says */
	const char *claimed; /* by the parameter, or NULL */
	gboolean settled;    /* what follows changes nothing */
	guint depth;	     /* of BEGIN */
	gboolean in_calendar;
	guint objects;	   /* VCALENDARs */
	guint with_method; /* METHODs in them */
	gboolean disagree;
	char *method; /* the first one, printable; NULL: none */
} Calendar;

/* "NAME:VALUE" or "NAME;PARAMETERS:VALUE": the value, trimmed. FALSE if the line has another name.
 */
static gboolean
read_property (MmBytes line, const char *name, MmBytes *out_value)
{
	gsize len = strlen (name);
	gsize colon;

	if (!mm_bytes_has_prefix (line, name) || line.len == len ||
	    (line.data[len] != ':' && line.data[len] != ';'))
		return FALSE;
	colon = mm_bytes_find (line, ':', len);
	*out_value = mm_bytes_trim (mm_bytes_sub (line, colon + 1, line.len));
	return TRUE;
}

static void
take_method (Calendar *c, MmBytes value)
{
	c->with_method++;
	if (c->method == NULL)
		c->method = mm_bytes_printable (value, 80);
	else if (!mm_bytes_is (value, c->method))
		c->disagree = TRUE;
	c->settled = c->disagree ||
		     (!c->all && (c->claimed == NULL ||
				  g_ascii_strcasecmp (c->claimed, c->method) != 0));
}

/* Most lines are none of the three, as their first letter says. */
static void
take_line (Calendar *c, MmBytes line)
{
	MmBytes value;

	switch (line.len > 0 ? mm_lower (line.data[0]) : '\0') {
	case 'b':
		if (read_property (line, "BEGIN", &value) && c->depth++ == 0) {
			c->in_calendar = mm_bytes_is (value, "VCALENDAR");
			c->objects += c->in_calendar;
		}
		break;
	case 'e':
		if (read_property (line, "END", &value))
			c->depth -= c->depth > 0;
		break;
	case 'm':
		if (c->depth == 1 && c->in_calendar && read_property (line, "METHOD", &value))
			take_method (c, value);
		break;
	default:
		break;
	}
}

/* RFC 5545 3.1: a line end with a blank behind it is no line end. */
static gboolean
is_fold (MmBytes text, gsize lf)
{
	return lf + 1 < text.len && mm_is_wsp (text.data[lf + 1]);
}

/* The line at *@at as it stands, or in @unfolded; *@at goes behind it. */
static MmBytes
next_line (MmBytes text, gsize *at, MmBuffer *unfolded)
{
	gsize from = *at;
	gsize end = mm_bytes_find (text, '\n', from);

	*at = end + 1;
	if (!is_fold (text, end))
		return mm_bytes_sub (text, from, end);
	unfolded->len = 0;
	for (; is_fold (text, end); end = mm_bytes_find (text, '\n', from)) {
		gsize cr = end > from && text.data[end - 1] == '\r';

		mm_buffer_append (unfolded, mm_bytes_sub (text, from, end - cr));
		from = end + 2;
	}
	*at = end + 1;
	mm_buffer_append (unfolded, mm_bytes_sub (text, from, end));
	return mm_buffer_bytes (unfolded);
}

static void
calendar_clear (Calendar *c)
{
	g_free (c->method);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Calendar, calendar_clear)

static gboolean
read_lines (MmBytes text, MmBuffer *unfolded, Calendar *c)
{
	for (gsize at = 0; at < text.len && !c->settled && !unfolded->failed;) {
		gboolean first = at == 0;
		MmBytes line = next_line (text, &at, unfolded);

		if (first && mm_bytes_has_prefix (line, "\xEF\xBB\xBF"))
			line = mm_bytes_sub (line, 3, line.len);
		take_line (c, line);
	}
	return !unfolded->failed;
}

static gboolean
read_calendar (const MmPart *part, Calendar *c)
{
	g_auto (MmBuffer) decoded = mm_part_buffer (part);
	g_auto (MmBuffer) unfolded = mm_part_buffer (part);

	if (part->encoding != MM_ENCODING_QP && part->encoding != MM_ENCODING_BASE64)
		return read_lines (part->content, &unfolded, c);
	return mm_part_decode (part, &decoded) &&
	       read_lines (mm_buffer_bytes (&decoded), &unfolded, c);
}

/* ---- finding --------------------------------------------------------------------------------- */

static gboolean
is_judged (const MmPart *part)
{
	return part->kind == MM_PART_LEAF && strcmp (part->type, "text/calendar") == 0 &&
	       part->type_given && !part->attachment && part->encoding != MM_ENCODING_UNKNOWN &&
	       (part->charset == NULL || !mm_charset_is_utf16_or_32 (part->charset)) &&
	       mm_field_part_is_judged (part);
}

static char *
read_parameter (const MmPart *part)
{
	char *method = mm_parameter_get (&part->type_field, "method");

	return method != NULL ? g_strstrip (method) : NULL;
}

static void
judge (const MmPart *part, MmFindings *out)
{
	guint at = (guint)part->type_at;
	g_autofree char *parameter = read_parameter (part);
	g_auto (Calendar) c = {.claimed = parameter};

	if (!read_calendar (part, &c) || (parameter == NULL && c.method == NULL))
		return;
	if (parameter == NULL || c.method == NULL) {
		mm_find_header (out, MM_SEVERITY_NOTICE, part, at,
				parameter == NULL ? "the method parameter is missing"
						  : "the calendar object has no METHOD");
		return;
	}
	if (!c.disagree && g_ascii_strcasecmp (parameter, c.method) == 0)
		return;
	mm_find_header (out, MM_SEVERITY_ERROR, part, at,
			"the method parameter differs from the object's METHOD %s", c.method);
}

static void
detect (const MmFacts *facts, MmFindings *out)
{
	for (guint i = 0; i < facts->mime->parts->len; i++)
		if (is_judged (mm_mime_part (facts->mime, i)))
			judge (mm_mime_part (facts->mime, i), out);
}

/* ---- mending --------------------------------------------------------------------------------- */

/* The METHOD of all objects as RFC 5546 spells it; NULL if it is not certain. */
static const char *
agreed_method (const MmPart *part)
{
	g_auto (Calendar) c = {.all = TRUE};

	if (!read_calendar (part, &c) || c.disagree || c.with_method != c.objects)
		return NULL;
	for (gsize i = 0; c.method != NULL && i < G_N_ELEMENTS (legal_methods); i++)
		if (g_ascii_strcasecmp (c.method, legal_methods[i]) == 0)
			return legal_methods[i];
	return NULL;
}

/* The Content-Type with @method for what the parameter said. FALSE if it stands there twice, or not whole. */
static gboolean
write_method (const MmPart *part, const char *method, MmBuffer *out)
{
	MmBytes value = mm_part_header (part, (guint)part->type_at)->value;
	const MmParameterized *p = &part->type_field;
	const MmParameter *found = NULL;
	gsize from;
	guint n = 0;

	for (guint i = 0; i < p->parameters->len; i++) {
		const MmParameter *parameter = &g_array_index (p->parameters, MmParameter, i);
		if (!mm_bytes_is (parameter->name, "method"))
			continue;
		found = parameter;
		n++;
	}
	if (n != 1 || found->value.len == 0 ||
	    (p->flags & (MM_PARAM_OPEN_QUOTE | MM_PARAM_OPEN_COMMENT | MM_PARAM_TOO_MANY)) != 0)
		return FALSE;
	from = (gsize)(found->value.data - value.data);
	mm_buffer_append (out, mm_bytes_sub (value, 0, from));
	mm_buffer_append_str (out, method);
	return mm_buffer_append (out, mm_bytes_sub (value, from + found->value.len, value.len));
}

static gboolean
fix (const MmFacts *facts, const MmFinding *finding, MmEdits *out, GError **error)
{
	const MmPart *part = mm_mime_part (facts->mime, finding->part);
	guint at = (guint)finding->header;
	const char *method = agreed_method (part);
	g_auto (MmBuffer) value = MM_BUFFER_INIT;

	if (method == NULL)
		return mm_uncertain (error, "the objects have not one legal METHOD");
	if (!mm_field_may_edit (facts, part, at, error))
		return FALSE;
	if (!write_method (part, method, &value))
		return mm_uncertain (error, "the parameter cannot be set");
	mm_field_set (out, part, at, mm_buffer_bytes (&value));
	return facts->body.eightbit.count > 0 || mm_head_ensure_mime_version (facts, out, error);
}

const MmRule mm_rule_calendar_method_mismatch = {
	.name = "calendar-method-mismatch",
	.label = "CALENDAR_METHOD_MISMATCH",
	.stage = MM_STAGE_MIME,
	.severity = MM_SEVERITY_ERROR,
	.groups = MM_GROUP_MIME,
	.m365 = MM_M365_FIX,
	.citation = "RFC 6047 2.4; RFC 5545 3.7.2",
	.summary = "a text/calendar part, no attachment, whose method parameter differs from the "
		   "object's METHOD (one of them missing is a notice)",
	.repair =
		"the parameter is set from METHOD, if that is a method of RFC 5546 and all objects "
		"agree",
	.receivers =
		"Outlook shows not supported calendar message.ics; Inbound Mime method and ICAL "
		"method mismatch (reported by several)",
	.hidden = NULL,
	.detect = detect,
	.fix = fix,
};
