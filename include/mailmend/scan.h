/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scan.h: facts about octets, in one pass: how long lines are, what stands in them that should not.
 *
 * Facts only, no judgement. May be fed in chunks as the mail arrives; any split of the same octets
 * gives the same facts. A line ends at LF; its length counts neither that LF nor one CR before it.
 */
#pragma once

#include <mailmend/bytes.h>

G_BEGIN_DECLS

typedef struct {
	gsize count;
	gsize first; /* offset of the first one, if count > 0 */
} MmScanFact;

typedef struct {
	gsize size;         /* octets seen */
	gsize lines;        /* lines seen, an unterminated last one counts */
	gsize longest;      /* octets of the longest line */
	gsize longest_at;   /* offset where it begins */
	MmScanFact eightbit; /* octets 0x80-0xFF */
	MmScanFact nul;
	MmScanFact lone_lf;  /* LF not after CR */
	MmScanFact lone_cr;  /* CR not before LF and not in CR CR LF */
	MmScanFact cr_cr_lf; /* CR CR LF; offset of the first CR */
} MmScan;

typedef struct {
	MmScan facts;
	gsize line_start; /* offset of the current line */
	gsize crs;        /* CRs that end what was fed so far */
	gsize crs_at;     /* offset of the first of them */
} MmScanner;

void mm_scanner_init (MmScanner *scanner);
void mm_scanner_feed (MmScanner *scanner, MmBytes chunk);
/* The same as feeding @n lines of @len printable ASCII characters, each with CRLF. At the start of a
 * line only. */
void mm_scanner_take_lines (MmScanner *scanner, gsize n, gsize len);
/* Ends the data: an unterminated last line and open CRs are counted. */
void mm_scanner_finish (MmScanner *scanner);

/* All at once. */
MmScan mm_scan (MmBytes bytes);

/* TRUE if a lone CR, a lone LF or CR CR LF was seen. */
static inline gboolean
mm_scan_has_bad_line_ends (const MmScan *scan)
{
	return scan->lone_lf.count + scan->lone_cr.count + scan->cr_cr_lf.count > 0;
}

/* What becomes of a lone CR when line ends are mended. */
typedef enum {
	MM_BARE_CR_SPACE,
	MM_BARE_CR_CRLF,
	MM_BARE_CR_ENCODE, /* it stays: the leaf is encoded instead */
} MmBareCr;

/* For text around parts, which cannot be encoded: encode means space there. */
static inline MmBareCr
mm_bare_cr_around_parts (MmBareCr bare_cr)
{
	return bare_cr == MM_BARE_CR_CRLF ? MM_BARE_CR_CRLF : MM_BARE_CR_SPACE;
}

/* Appends @in to @out with canonical line ends: lone LF and CR CR LF become CRLF, lone CR as
 * @bare_cr says. FALSE when memory is refused. */
gboolean mm_line_ends_mend (MmBytes in, MmBareCr bare_cr, MmBuffer *out);

G_END_DECLS
