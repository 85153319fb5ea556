/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule.h: what a rule is, what it finds, and the table of all rules.
 *
 * A rule is one file in milter/rules, one line in Makefile.am and one folder in tests/rules. It has
 * a detector, which reads facts and never changes anything, and mostly a repair, which asks for
 * edits and never detects. Rules know nothing of policy, MTA or logging.
 */
#pragma once

#include <mailmend/context.h>
#include <mailmend/edit.h>
#include <mailmend/mime.h>
#include <mailmend/scan.h>

G_BEGIN_DECLS

/* All a rule may read. Made anew after each stage of repair. */
typedef struct {
	const MmMessage *message;
	MmScan head; /* header block and separator */
	MmScan body;
	const MmMime *mime;
	const MmContext *context;
} MmFacts;

typedef enum {
	MM_SEVERITY_NOTICE,  /* odd but harmless */
	MM_SEVERITY_WARNING, /* a SHOULD is broken, or known trouble at receivers */
	MM_SEVERITY_ERROR,   /* a MUST of a standard is broken */
} MmSeverity;

/* Repairs are made stage by stage, facts anew between them. */
typedef enum {
	MM_STAGE_BYTES,
	MM_STAGE_HEADERS,
	MM_STAGE_MIME,
	MM_STAGE_CONTENT,
	MM_N_STAGES,
} MmStage;

/* The tables of mailmend-labels(7), also the group names of label lists. */
typedef enum {
	MM_GROUP_IDENTIFICATION = 1 << 0,
	MM_GROUP_HEADERS = 1 << 1,
	MM_GROUP_MIME = 1 << 2,
	MM_GROUP_LINES = 1 << 3,
	MM_GROUP_MISSING = 1 << 4,
} MmGroup;

/* What the built-in policy microsoft365 does with a label. */
typedef enum {
	MM_M365_LOG,
	MM_M365_FIX,
	MM_M365_OFF,
} MmM365;

/* Where in a part a finding lies, when it lies in no header. */
typedef enum {
	MM_PLACE_HEADER,    /* a header item */
	MM_PLACE_BLOCK,     /* the header block as a whole (something is missing) */
	MM_PLACE_SEPARATOR, /* the empty line behind it */
	MM_PLACE_CONTENT,   /* the content of a leaf */
	MM_PLACE_PREAMBLE,
	MM_PLACE_EPILOGUE,
	MM_PLACE_DELIMITER, /* boundary lines of a multipart */
} MmPlace;

typedef struct _MmRule MmRule;

#define MM_DETAIL_MAX 400

/* One defect at one place. There is at most one finding of a rule at a place: its detail says how
 * often. */
typedef struct {
	const MmRule *rule;
	MmSeverity severity;
	MmPlace place;
	guint part;    /* number in the tree */
	int header;    /* PLACE_HEADER: place in the part's header list, else -1 */
	gsize offset;  /* from the first octet of the message on the wire */
	guint line;    /* from 1; 0 until mm_findings_number_lines () */
	gboolean embedded; /* inside embedded mail: severity is then notice, unless Embedded = all */
	MmSeverity own; /* what severity would be if it were not embedded */
	char *detail;  /* a short sentence, printable ASCII, of MM_DETAIL_MAX characters at most */
} MmFinding;

typedef struct _MmFindings MmFindings;

struct _MmRule {
	const char *name;  /* file name without ".c": "missing-date-header" */
	const char *label; /* "MISSING_DATE_HEADER"; never changes meaning */
	MmStage stage;
	MmSeverity severity; /* of the ordinary finding */
	guint groups;        /* MmGroup */
	MmM365 m365;
	const char *citation; /* "RFC 5322 3.6.1" */
	const char *summary;  /* one line: found when */
	const char *repair;   /* one line, NULL if never mended */
	const char *receivers; /* who refuses it, with which words, and how well that is known; NULL: unknown */
	const char *hidden;   /* what an MTA hides of it from a milter; NULL: nothing */

	gboolean same_name; /* a finding in a header is about all the fields of that name in its part */

	void (*detect) (const MmFacts *facts, MmFindings *out);

	/* Asks for the edits that mend @finding. FALSE with MM_ERROR_UNCERTAIN if that would be a guess (the detail then
	 * stays in left=), or another error. NULL: the rule only detects. */
	gboolean (*fix) (const MmFacts *facts, const MmFinding *finding, MmEdits *out,
	                 GError **error);
};

/* ---- the registry ------------------------------------------------------------------------------ */

/* All rules, in the order of Makefile.am: by stage, then as listed. NULL-terminated. */
extern const MmRule *const mm_rules[];

guint mm_rules_count (void);
/* The rule with this label (exact spelling), or NULL. */
const MmRule *mm_rule_by_label (const char *label);
/* Its place in mm_rules. */
guint mm_rule_index (const MmRule *rule);

/* ---- collecting findings ------------------------------------------------------------------------ */

MmFindings *mm_findings_new (const MmFacts *facts);
void mm_findings_free (MmFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MmFindings, mm_findings_free)

guint mm_findings_n (const MmFindings *findings);
const MmFinding *mm_findings_get (const MmFindings *findings, guint at);
/* TRUE if the bound of limits.h was met and findings were not kept. */
gboolean mm_findings_overflow (const MmFindings *findings);

/* Gives every finding its line number, in one pass over the message. */
void mm_findings_number_lines (MmFindings *findings);

/* Whose findings follow. */
void mm_findings_set_rule (MmFindings *findings, const MmRule *rule);

/* Adds a finding with the rule's severity, or the one given; @at points to the defect in the message. Its part
 * decides whether it is embedded. A second finding of the rule at the same place is dropped; so is
 * what is found in a part that is unseparated, other than that very defect (MM_PLACE_SEPARATOR). */
void mm_findings_add (MmFindings *findings, MmSeverity severity, const MmPart *part,
                      MmPlace place, int header, const char *at, const char *format, ...)
        G_GNUC_PRINTF (7, 8);

/* Header @header of @part. */
#define mm_find_header(findings, severity, part, header, ...)                                     \
	mm_findings_add (findings, severity, part, MM_PLACE_HEADER, (int) (header),               \
	                 mm_part_header (part, header)->line.data, __VA_ARGS__)

/* What names a finding in two versions of a message: label, place, part path, and of a top-level header its place
 * in the message as received, of a part's header its name and count. (transfer full) */
char *mm_finding_key (const MmFacts *facts, const MmFinding *finding);

const char *mm_severity_to_string (MmSeverity severity);

G_END_DECLS
