#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A milter as one would write it in Python: the standard library's email package does the work.

    python_milter.py [--lean] SOCKET

It mends what the benchmarks send and what such a filter is usually written for: a Message-ID that
is missing, encoded or broken, a Date that is missing or unreadable, a missing MIME-Version, text
with lines that are too long or octets that were not declared, base64 that does not decode. As a
good filter does, it declines events it has no use for, answers only the end of a message, and
leaves alone what needs no repair. One thread a session.

Beside the repairs it asks what mailmend asks of every message: is there anything wrong in any header
field, and does every leaf decode, its charset included? For that it takes the policy the manual of
the package recommends, whose fields know their defects. --lean leaves those questions out and takes
the old policy, which is the faster one: no more than the repairs, so less than mailmend does.
"""

import argparse
import binascii
import email
import email.base64mime
import email.generator
import email.header
import email.policy
import email.utils
import io
import os
import re
import socketserver
import struct
import sys

LINE_LIMIT = 998
CHUNK = 65535

ADDHDRS, CHGBODY, CHGHDRS = 0x01, 0x02, 0x10
NOHELO, NOEOH, NOUNKNOWN, NODATA = 0x02, 0x40, 0x100, 0x200
NR_HDR, NR_CONN, NR_MAIL, NR_RCPT, NR_BODY = 0x80, 0x1000, 0x4000, 0x8000, 0x80000
LEADSPC = 0x100000
PROTOCOL = (NOHELO | NOEOH | NOUNKNOWN | NODATA | NR_HDR | NR_CONN | NR_MAIL | NR_RCPT | NR_BODY |
            LEADSPC)

MESSAGE_ID = re.compile(r"\s*<[^<>@\s]+@[^<>@\s]+>\s*\Z")
TOO_LONG = re.compile(rb"[^\r\n]{%d}" % (LINE_LIMIT + 1))
WIRE = email.policy.compat32.clone(linesep="\r\n")


# ---- checks

def field_defects(part):
    """What the package finds wrong in the fields of a part."""
    return [defect for _, value in part.items() for defect in getattr(value, "defects", ())]


def content_defects(part):
    """What it finds wrong in the content of a leaf."""
    try:
        part.get_content()
    except (LookupError, UnicodeError, ValueError, KeyError) as problem:
        return [problem]
    return part.defects


def find_defects(message):
    """What a log line would name."""
    found = []
    for part in message.walk():
        found += field_defects(part)
        found += part.defects if part.is_multipart() else content_defects(part)
    return found


# ---- repairs

def mended_id(value, sender):
    """A Message-ID in the place of @value (None: there is none); None if it is good."""
    if value is not None and MESSAGE_ID.match(value):
        return None
    decoded = "" if value is None else str(email.header.make_header(
        email.header.decode_header(value))).strip()
    if MESSAGE_ID.match(decoded):
        return decoded
    return email.utils.make_msgid(domain=sender.rpartition("@")[2] or None)


def is_good_date(value):
    try:
        return value is not None and email.utils.parsedate_to_datetime(value) is not None
    except (TypeError, ValueError):
        return False


def mend_headers(message, sender):
    """Edits as (command, name, value)."""
    # As they stand: the newer policy decodes what must not be encoded, and all looks well.
    fields = {name.lower(): value for name, value in message.raw_items()}
    old, date = fields.get("message-id"), fields.get("date")
    new = mended_id(old, sender)
    if new is not None:
        yield ("h" if old is None else "m"), "Message-ID", new
    if not is_good_date(date):
        yield ("h" if date is None else "m"), "Date", email.utils.formatdate()
    if "mime-version" not in fields and "content-type" in fields:
        yield "h", "MIME-Version", "1.0"


def mend_text(part, payload):
    """Encodes text that may not stand as it is; TRUE if it did."""
    encoding = str(part.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    if encoding in ("base64", "quoted-printable"):
        return False
    raw = payload.encode("ascii", "surrogateescape")
    if not TOO_LONG.search(raw) and (encoding == "8bit" or raw.isascii()):
        return False
    text = binascii.b2a_qp(raw.replace(b"\r\n", b"\n"), istext=True)
    part.set_payload(text.decode("ascii"))
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "quoted-printable"
    return True


def mend_base64(part, payload):
    """Encodes again what does not decode as it stands; TRUE if it did."""
    try:
        binascii.a2b_base64(payload.encode("ascii", "replace"), strict_mode=False)
    except binascii.Error:
        content = part.get_payload(decode=True)
        part.set_payload(email.base64mime.body_encode(content, eol="\r\n"))
        return True
    return False


def mend_parts(message):
    changed = False
    for part in message.walk():
        payload = part.get_payload()
        if not isinstance(payload, str):
            continue
        if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
            changed |= mend_base64(part, payload)
        elif part.get_content_maintype() == "text":
            changed |= mend_text(part, payload)
    return changed


def flat_body(message):
    """The body of @message on the wire."""
    out = io.BytesIO()
    email.generator.BytesGenerator(out, mangle_from_=False, maxheaderlen=0,
                                   policy=WIRE).flatten(message)
    return out.getvalue().partition(b"\r\n\r\n")[2]


def mend(head, body, sender, lean):
    """Edits of headers, and the new body or None."""
    policy = email.policy.compat32 if lean else email.policy.SMTP
    message = email.message_from_bytes(head + b"\r\n" + body, policy=policy)
    if not lean:
        find_defects(message)
    edits = list(mend_headers(message, sender))
    old = message.get("Content-Transfer-Encoding")
    if not mend_parts(message):
        return edits, None
    new = message.get("Content-Transfer-Encoding")
    if new != old:
        edits.append(("h" if old is None else "m", "Content-Transfer-Encoding", new))
    return edits, flat_body(message)


# ---- the protocol

class Session(socketserver.StreamRequestHandler):
    """One connection of the MTA."""

    wbufsize = -1

    def setup(self):
        super().setup()
        self.sender, self.head, self.body = "", [], []

    def send(self, command, data=b""):
        self.wfile.write(struct.pack(">I", len(data) + 1) + command + data)

    def read(self):
        """The next packet; None at the end."""
        start = self.rfile.read(4)
        if len(start) < 4:
            return None
        packet = self.rfile.read(struct.unpack(">I", start)[0])
        return packet[:1], packet[1:]

    def handle(self):
        while (packet := self.read()) is not None and packet[0] != b"Q":
            self.take(*packet)

    def take(self, command, data):
        if command == b"O":
            actions, protocol = struct.unpack(">II", data[4:12])
            self.send(b"O", struct.pack(">III", 6, actions & (ADDHDRS | CHGBODY | CHGHDRS),
                                        protocol & PROTOCOL))
            self.wfile.flush()
        elif command == b"M":
            self.sender = data.partition(b"\0")[0].strip(b"<>").decode("latin-1")
            self.head, self.body = [], []
        elif command == b"L":
            name, value, _ = data.split(b"\0")
            self.head.append(name + b":" + value.replace(b"\n", b"\r\n") + b"\r\n")
        elif command == b"B":
            self.body.append(data)
        elif command == b"E":
            self.finish_message()

    def finish_message(self):
        edits, body = mend(b"".join(self.head), b"".join(self.body), self.sender,
                           self.server.lean)
        for kind, name, value in edits:
            index = b"" if kind == "h" else struct.pack(">I", 1)
            self.send(kind.encode(), index + name.encode() + b"\0 " + value.encode() + b"\0")
        for at in range(0, len(body or b""), CHUNK):
            self.send(b"b", body[at:at + CHUNK])
        self.send(b"c")
        self.wfile.flush()


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A thread for each session."""

    daemon_threads = True
    request_queue_size = 128
    lean = False


def main():
    parser = argparse.ArgumentParser(description="A milter in Python")
    parser.add_argument("--lean", action="store_true", help="repairs only, the faster policy")
    parser.add_argument("socket")
    args = parser.parse_args()
    if os.path.exists(args.socket):
        os.unlink(args.socket)
    with Server(args.socket, Session) as server:
        server.lean = args.lean
        server.serve_forever()


if __name__ == "__main__":
    main()
