# SPDX-License-Identifier: BSD-2-Clause
"""What the soak sends: messages as recorded packets, and who sends them under which policy."""

import dataclasses
import datetime
import glob
import os
import re
import struct

from fixtures import CLEAN, FOUNDING
from milterclient import NR_MAIL, Message

# Takes the place of a queue id in recorded packets; as long as those of queue_id ().
QUEUE_ID = b"SOAKQUEUEID"

LARGEST = 2_000_000

POLICIES = """
[policy all]
Fix = ALL
Embedded = fix
LineLimit = 76
[policy trace]
Inherit = microsoft365
TraceHeader = yes
[policy refuse]
Reject = ALL
[policy later]
Tempfail = ALL
[policy hold]
Quarantine = ALL
"""

# Each has a sender of its own; in the other configuration it gets the next one's policy.
NAMES = ("microsoft365", "all", "kumomta", "strict", "watch", "trace", "refuse", "later",
         "hold", "off")
SENDERS = (*(f"s{n}@soak.example" for n in range(len(NAMES))), "")


def sections(turn, table):
    """The rules of configuration number @turn; @table is a file with the address of sender 1."""
    senders = [f"s{n}@soak.example" for n in range(len(NAMES))]
    senders[1] = f"TABLE:{table}"
    return POLICIES + "".join(
        f"[rule r{n}]\nSender = {sender}\nPolicy = {NAMES[(n + turn) % len(NAMES)]}\n"
        for n, sender in enumerate(senders)) + "[default]\nPolicy = microsoft365\n"


def may_be_off(sender):
    """Whether one of the two configurations has the policy "off" for sender number @sender."""
    return sender in (len(NAMES) - 1, len(NAMES) - 2)


def queue_id(worker, number):
    return b"S%02d%08d" % (worker, number)


def all_mail():
    """The messages of the rules' tests and of $MAILMEND_CORPUS, and large ones."""
    folders = [os.path.join(os.environ.get("G_TEST_SRCDIR", "."), "tests/rules"),
               *filter(None, os.environ.get("MAILMEND_CORPUS", "").split(":"))]
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*.eml"), recursive=True)):
            if os.path.basename(path) != "fixed.eml":
                with open(path, "rb") as file:
                    yield os.path.relpath(path, folder), file.read(LARGEST)
    yield "large, to be mended in its header", FOUNDING + (b"y" * 70 + b"\r\n") * 5000
    yield "large, to be mended in its body", CLEAN + (b"z" * 2000 + b"\r\n") * 200
    yield "many fields", CLEAN.replace(b"\r\n\r\n", b"\r\n" + b"X-A: b\r\n" * 3000 + b"\r\n", 1)


class Recorder:
    """In the place of a socket: keeps what would be sent."""

    def __init__(self):
        self.data = bytearray()

    def sendall(self, data):
        self.data += data

    def take(self):
        data, self.data = bytes(self.data), bytearray()
        return data


@dataclasses.dataclass
class Recorded:
    """A message in packets: from RCPT to the last of the body, and the end with QUEUE_ID in it."""

    name: str
    content: bytes
    end: bytes


def record_all(mta):
    """(packets of MAIL for each sender, messages), as agreed with @mta, which is closed."""
    recorder = Recorder()
    mta.close()
    mta.sock, mta.protocol = recorder, mta.protocol | NR_MAIL
    mta.macros["i"] = None
    mails, messages = [], []
    for sender in SENDERS:
        mta.mail(sender)
        mails.append(recorder.take())
    for name, wire in all_mail():
        message = Message.from_wire(wire)
        mta.begin_content(message, QUEUE_ID.decode())
        content = recorder.take()
        mta.end()
        messages.append(Recorded(name, content, recorder.take()))
    return mails, messages


# ---- answers

FINAL = frozenset(b"carty")


def today():
    """How the days begin in which this may run."""
    now = datetime.datetime.now()
    return [(now + datetime.timedelta(days=n)).strftime("%a, %-d %b %Y").encode()
            for n in range(-1, 3)]


# What is another octet each time: a new Message-ID, a new boundary, the time.
VARYING = ((re.compile(rb"<\d{14}\.[0-9a-f]{16}@"), b"<ID@"),
           (re.compile(rb"=_[0-9a-f]{24}_"), b"=_BOUNDARY_"),
           (re.compile(rb"....(h|m....)Date\0 (%s) \d\d:\d\d:\d\d \S+\0" % b"|".join(today()),
                       re.DOTALL), rb"\1DATE"))


def normal(answer):
    for pattern, instead in VARYING:
        answer = pattern.sub(instead, answer)
    return answer


def read_answer(sock):
    """All packets up to the reply that ends a message; ConnectionError if they do not come."""
    data, at = bytearray(), 0
    while True:
        while len(data) - at >= 5:
            size = struct.unpack_from(">I", data, at)[0]
            if len(data) - at < 4 + size:
                break
            if data[at + 4] in FINAL:
                if len(data) != at + 4 + size:
                    raise ValueError("something follows the reply")
                return bytes(data)
            at += 4 + size
        piece = sock.recv(1 << 18)
        if not piece:
            raise ConnectionError("cut")
        data += piece


def kind_of(answer):
    """What an answer is, for the counts."""
    command, at = "", 0
    while at < len(answer):
        size = struct.unpack_from(">I", answer, at)[0]
        code = chr(answer[at + 4])
        command, at = command if code in "carty" and command else code, at + 4 + size
    return {"c": "continue", "a": "accept", "r": "reject", "t": "tempfail", "y": "reply",
            "q": "quarantine"}.get(command, "edits")
