/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logs-cures.c: what can be done about a label where the mail is made. A test sees to it that every
 * label has its row.
 */
#include <config.h>

#include "logs.h"

static const struct {
	const char *label;
	const char *cure;
} cures[] = {
	{"BAD_ENCODED_WORD",
	 "Leave the encoding of headers to the mail library: hand it the plain text, never words that "
	 "are encoded already or cut at a fixed length."},
	{"BINHEX_BASE64", "Send such attachments as application/octet-stream."},
	{"BLANK_CONTINUATION",
	 "Do not fold headers by hand; take trailing blanks and line ends off a value before it is set."},
	{"CALENDAR_METHOD_MISMATCH",
	 "Set the method parameter of text/calendar to the METHOD of the calendar object."},
	{"CHARSET_MISMATCH",
	 "Encode the text in the charset that Content-Type names; best write UTF-8 everywhere and say so."},
	{"COMPOSITE_TRANSFER_ENCODING",
	 "Set Content-Transfer-Encoding on the parts only, never on multipart or message/rfc822."},
	{"CONTROL_CHARACTER",
	 "Remove control characters from text before it becomes a header, above all from names and "
	 "subjects that people have pasted."},
	{"DUPLICATE_BOUNDARY", "Make a fresh random boundary for every multipart."},
	{"DUPLICATE_HEADER",
	 "Replace a header that is there instead of adding another: set() in place of add(). In PHP, do "
	 "not give mail() a To or Subject among its additional headers."},
	{"EMPTY_HEADER", "Leave a header out when there is nothing to put into it."},
	{"EMPTY_MULTIPART", "Add at least one part, or send text/plain without a multipart."},
	{"ENCODED_ID_LIST",
	 "Set References and In-Reply-To as plain ASCII and fold between ids. Python's EmailPolicy "
	 "(before 3.14) and custom headers of PHPMailer encode long ids: keep ids short, or update."},
	{"ENCODED_MESSAGE_ID",
	 "Keep the Message-ID below 70 characters or update the library: Python 3.7's EmailPolicy "
	 "(and what is built on it) and Laminas Mail encode it."},
	{"ENCODED_PARAMETER",
	 "Write file names by RFC 2231 (filename*=); most libraries have a switch for it."},
	{"ENCODED_STRUCTURED_HEADER",
	 "Set headers that are no free text (Date, List-Unsubscribe, Content-Type) as plain ASCII, without "
	 "the library's encoding for text."},
	{"FOLDED_MESSAGE_ID", "Keep the Message-ID shorter than a line, and never fold inside <>."},
	{"HEADERS_IN_BODY",
	 "Do not write an empty line between headers, and end header lines with one line end: CRLF in "
	 "SMTP, LF for sendmail. PHP 8 sends CRLF as it is given."},
	{"HEADER_LINE_TOO_LONG",
	 "Fold long headers at blanks; keep tokens and lists of recipients shorter than 998 octets a line."},
	{"HEADER_TOO_LARGE",
	 "Shorten References to the first id and the last ones; put long data into the body."},
	{"INVALID_ADDRESS",
	 "Quote display names that have commas, dots or other specials, and check addresses before they "
	 "are used."},
	{"INVALID_BASE64",
	 "Encode with a library, once, and do not append anything behind the padding."},
	{"INVALID_BOUNDARY", "Use letters and digits only, at most 70, in boundaries."},
	{"INVALID_DATE",
	 "Write the date by RFC 5322 (Mon, 02 Jan 2006 15:04:05 -0700): formatdate in Python, date('r') "
	 "in PHP, time.RFC1123Z in Go."},
	{"INVALID_ID_LIST", "Put blanks, not commas, between the ids of References."},
	{"INVALID_MESSAGE_ID",
	 "Write one <left@right> without blanks; let the library make it."},
	{"INVALID_MIME_HEADERS",
	 "Quote parameter values with blanks or specials: name=\"my file.pdf\"."},
	{"INVALID_QUOTED_PRINTABLE",
	 "Encode with a library, once; if the text is not encoded, do not call it quoted-printable."},
	{"LINE_TOO_LONG",
	 "Send HTML and long text as quoted-printable or base64, and wrap base64 at 76 characters."},
	{"MIME_TOO_DEEP",
	 "Do not forward as an attachment over and over: attach the original message once."},
	{"MISSING_BODY_SEPARATOR", "Write an empty line between the header and the text of each part."},
	{"MISSING_BOUNDARY",
	 "Give the multipart a boundary parameter, and write the same one, after --, before each part."},
	{"MISSING_COLON_VALUE",
	 "Every header line needs a name and a colon: check for line ends in values, which break a header "
	 "in two (and let others inject headers)."},
	{"MISSING_DATE_HEADER", "Set Date when the message is made."},
	{"MISSING_FINAL_BOUNDARY",
	 "Close every multipart with --boundary--; look whether the message was cut off on its way."},
	{"MISSING_FROM_HEADER", "Set From with one address that exists."},
	{"MISSING_MESSAGE_ID_HEADER",
	 "Set a unique Message-ID of one's own domain; most libraries do so if they are asked."},
	{"MISSING_MIME_VERSION", "Add MIME-Version: 1.0 to every message that has Content-Type."},
	{"MULTIPLE_FROM_ADDRESSES",
	 "Use one address in From, or add a Sender with the one that sends."},
	{"NAME_ENDS_WITH_SPACE", "Write the colon right behind the header's name."},
	{"NEEDS_TRANSFER_ENCODING",
	 "Encode text that is not ASCII as quoted-printable or base64, with its charset."},
	{"NON_CANONICAL_LINE_ENDINGS",
	 "End every line with CRLF in SMTP, with LF for sendmail, and do not mix them. A progress bar's "
	 "lone CR in a report counts too."},
	{"NUL_BYTE",
	 "Attach binary data as base64 instead of putting it into the text; look for UTF-16 text that is "
	 "sent as it is."},
	{"RAW_8BIT_HEADER",
	 "Encode headers that are not ASCII by RFC 2047: Header() in Python, mb_encode_mimeheader() in "
	 "PHP, mime.QEncoding in Go."},
	{"RAW_8BIT_PARAMETER", "Encode file names by RFC 2231 or let the library do it."},
	{"TNEF_CORRUPT",
	 "Repair or update what makes winmail.dat, or switch Rich Text off where it is made; look for a "
	 "filter on the way that edits attachments."},
	{"TOO_MANY_PARTS", "Send fewer attachments in one message, or pack them into one archive."},
	{"UNKNOWN_CHARSET",
	 "Use a registered name: utf-8, iso-8859-15, windows-1252. A shell's locale C makes unknown-8bit: "
	 "run the job in a UTF-8 locale."},
	{"UNKNOWN_TRANSFER_ENCODING",
	 "Name one of 7bit, 8bit, binary, quoted-printable and base64; a charset does not belong there."},
};

const char *
mm_logs_cure (const char *label)
{
	for (gsize i = 0; i < G_N_ELEMENTS (cures); i++)
		if (g_str_equal (cures[i].label, label))
			return cures[i].cure;
	return NULL;
}
