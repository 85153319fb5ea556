# SPDX-License-Identifier: BSD-2-Clause
"""Messages with one defect each, so that each leads to one kind of edit."""

import dataclasses

FIELDS = {
    "From": b" A <a@example.org>",
    "To": b" b@example.net",
    "Subject": b" a test",
    "Date": b" Mon, 1 Jan 2024 00:00:00 +0000",
    "Message-ID": b" <1@example.org>",
    "MIME-Version": b" 1.0",
    "Content-Type": b" text/plain; charset=us-ascii",
    "Content-Transfer-Encoding": b" 7bit",
}
BODY = b"Hello  there \r\n\r\nBye\r\n"
LONG = b"x" * 1200
MULTIPART = b"\r\n".join([
    b"--B", b"Content-Type: text/plain", b"", b"one", b"--B", b"Content-Type: text/plain", b"",
    b"two", b"%s", b"--B--", b""])


@dataclasses.dataclass(frozen=True)
class Edit:
    """A defect that leads to one kind of edit."""

    name: str
    label: str
    fields: dict = dataclasses.field(default_factory=dict)  # other values; None: not there
    body: bytes = BODY
    extra: bytes = b""  # fields that are not among FIELDS

    def message(self):
        head = b"".join(name.encode() + b":" + value + b"\r\n"
                        for name, value in {**FIELDS, **self.fields}.items() if value is not None)
        return head + self.extra + b"\r\n" + self.body

    def touched(self):
        """The field that the edit sets or adds; None: the body is edited."""
        return next(iter(self.fields), None) or self.extra.split(b":")[0].decode() or None


EDITS = [
    Edit("add Message-ID", "MISSING_MESSAGE_ID_HEADER", {"Message-ID": None}),
    Edit("add Date", "MISSING_DATE_HEADER", {"Date": None}),
    Edit("add MIME-Version", "MISSING_MIME_VERSION", {"MIME-Version": None}),
    Edit("unfold Message-ID", "FOLDED_MESSAGE_ID", {"Message-ID": b" <1@\r\n example.org>"}),
    Edit("set Message-ID", "INVALID_MESSAGE_ID", {"Message-ID": b" 1@example.org"}),
    Edit("set Date", "INVALID_DATE", {"Date": b" Mon, 1 Jan 2024 00:00 GMT +0000 (x"}),
    Edit("fold Subject", "HEADER_LINE_TOO_LONG", {"Subject": b" word" * 300}),
    Edit("encode Subject", "RAW_8BIT_HEADER", {"Subject": " gr\u00fc\u00dfe".encode()}),
    Edit("encode a field nobody signs", "RAW_8BIT_HEADER", extra="X-Other: gr\u00fcn\r\n".encode()),
    Edit("fold a field nobody signs", "HEADER_LINE_TOO_LONG",
         extra=b"X-Other:" + b" word" * 300 + b"\r\n"),
    Edit("encode the body", "LINE_TOO_LONG", body=BODY + LONG + b"\r\n"),
    Edit("mend line ends", "NON_CANONICAL_LINE_ENDINGS", body=BODY + b"a\rb\r\n"),
    Edit("encode a part at the end", "LINE_TOO_LONG",
         {"Content-Type": b" multipart/mixed; boundary=B"}, MULTIPART % LONG),
]

EDIT = {edit.name: edit for edit in EDITS}
