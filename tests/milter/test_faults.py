#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An MTA that breaks the protocol, in thirteen ways at nine stages. Prints TAP.

Each fault hits one event of one message, and the MTA goes on as if nothing had happened, without
waiting: what the filter answers does not depend on who is faster. The rows are in
tests/mta/FAULTS.md. $MAILMEND_MILTER is the program.
"""

import contextlib
import dataclasses
import os
import re
import socket
import struct
import sys

import milterclient as mc
from faults import check_all_rows, check_table, fault
from fixtures import FOUNDING, State, client, expect_works, shared_daemon, wait_until
from milterclient import EVENTS, Message, MilterClient
from tap import case, run_all

# Both are mended: a header changes, and the body is replaced.
MAIL = Message.from_wire(FOUNDING + b"long " * 400 + b"\r\n")
# The header that the fault hits, and the one that is mended.
HIT = b"Message-ID"

STAGES = ("connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "eom")
EDITS, VERDICTS = "himb", "cartsy"


@dataclasses.dataclass
class Packet:
    """One event, its macros before it."""

    stage: str
    data: bytes
    macros: bytes = b""

    def wire(self, data=None):
        return self.macros + packet(EVENTS[self.stage].command,
                                    self.data if data is None else data)


def packet(command, data):
    return struct.pack(">I", len(data) + 1) + command + data


def macros(stage, *pairs):
    data = b"".join(word.encode() + b"\0" for word in pairs)
    return packet(b"D", EVENTS[stage].command + data)


def script(message):
    """The events of one message."""
    yield Packet("connect", b"localhost\0004" + struct.pack(">H", 12345) + b"127.0.0.1\0",
                 macros("connect", "j", "mta.example", "{client_addr}", "127.0.0.1"))
    yield Packet("helo", b"client.example\0")
    yield Packet("mail", b"<a@example.com>\0", macros("mail", "{mail_addr}", "a@example.com"))
    yield Packet("rcpt", b"<b@example.org>\0", macros("rcpt", "{rcpt_addr}", "b@example.org"))
    yield Packet("data", b"", macros("data", "i", "FAULT"))
    for name, value in message.shown(True):
        yield Packet("header", name + b"\0" + value + b"\0")
    yield Packet("eoh", b"")
    if message.body:
        yield Packet("body", message.body)
    yield Packet("eom", b"", macros("eom", "i", "FAULT"))


# ---- the kinds: octets that take the place of an event -------------------------------------------

def cut_short(wire):
    return wire[:4 + (len(wire) - 4) // 2]


def trickled(event):
    return [bytes([octet]) for octet in event.wire()]


@dataclasses.dataclass(frozen=True)
class Kind:
    """@make: what is sent for the event, piece by piece. @ends: the MTA sends no more then."""

    make: object
    ends: str = ""


KINDS = {
    "connection cut before": Kind(lambda e: [], "close"),
    "connection cut inside": Kind(lambda e: [cut_short(e.wire())], "close"),
    "half-closed before": Kind(lambda e: [], "shutdown"),
    "trickled, octet by octet": Kind(trickled),
    "unknown command before": Kind(lambda e: [packet(b"?", b"\xff\0what"), e.wire()]),
    "garbage before": Kind(lambda e: [b"GET / HTTP/1.0\r\n\r\n", e.wire()]),
    "length of 2 GB": Kind(lambda e: [b"\x7f\xff\xff\xff" + e.wire()[4:]]),
    "over-long packet": Kind(lambda e: [e.wire(e.data + b"x" * 1100000)]),
    "packet of length zero before": Kind(lambda e: [bytes(4), e.wire()]),
    "duplicated": Kind(lambda e: [e.wire(), e.wire()]),
    "truncated": Kind(lambda e: [cut_short(e.wire())]),
    "without half its data": Kind(lambda e: [e.wire(e.data[:len(e.data) // 2])]),
    "left out": Kind(lambda e: []),
}


def is_hit(event, stage):
    return event.stage == stage and (stage != "header" or event.data.startswith(HIT))


def say(sock, pieces):
    try:
        for piece in pieces:
            sock.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the filter had enough; what it said before can still be read


def hear(sock):
    """All packets until the filter closes the connection."""
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    out = []
    while len(data) >= 5:
        end = 4 + int.from_bytes(data[:4], "big")
        out.append((data[4:5].decode("latin-1"), data[5:end]))
        data = data[end:]
    return out


# ---- what became of the message ------------------------------------------------------------------

def as_received(sent):
    """The message that the events amount to."""
    headers = [e.data.split(b"\0")[:2] for e in sent if e.stage == "header"]
    return Message(headers, b"".join(e.data for e in sent if e.stage == "body"))


def outcome(mta, sent, heard):
    """@sent: the events, as an MTA sees them; @heard: all that came back."""
    answered = [e for e in sent if not mta.protocol & EVENTS[e.stage].unanswered]
    until = next((n for n, e in enumerate(answered, 1) if e.stage == "eom"), None)
    verdicts = [mta.read_reply(*p) for p in heard if p[0] in VERDICTS]
    for verdict in verdicts[:until]:
        if verdict.refuses:
            return "tempfailed" if verdict.command == "t" or verdict.text[:1] == "4" else "refused"
    if until is None or len(verdicts) < until:
        return "no answer"
    last = [n for n, p in enumerate(heard) if p[0] in VERDICTS][until - 1]
    edits = [p for p in heard[:last] if p[0] in EDITS]
    if not edits:
        return "unchanged"
    return "mended" if plain(edits) == plain(proper_edits(mta, sent)) else f"wrong edits {edits}"


def plain(edits):
    """Without what is different every time: an id that is made."""
    return [(command, re.sub(rb"<\d{14}\.[0-9a-f]{16}@", b"<@", data)) for command, data in edits]


def proper_edits(mta, sent):
    """What the filter does to the same message without a fault."""
    with MilterClient(State.main.address, protocol=mta.offered_protocol) as other:
        for event in script(as_received(sent)):
            if not other.protocol & EVENTS[event.stage].declined:
                say(other.sock, [event.wire()])
        other.sock.shutdown(socket.SHUT_WR)
        return [p for p in hear(other.sock) if p[0] in EDITS]


def provoke(kind, stage, protocol):
    """One session with one fault."""
    with MilterClient(State.main.address, protocol=protocol) as mta:
        sent = []
        for event in script(MAIL):
            hit = is_hit(event, stage)
            if not hit and mta.protocol & EVENTS[event.stage].declined:
                continue
            say(mta.sock, kind.make(event) if hit else [event.wire()])
            if hit and kind.ends == "close":
                return "no answer"  # the MTA is gone
            if hit and kind.ends:
                break
            sent += [event] * (2 if hit and kind is KINDS["duplicated"] else
                               0 if hit and kind is KINDS["left out"] else 1)
            if hit and kind is KINDS["without half its data"]:
                sent[-1] = Packet(stage, event.data[:len(event.data) // 2])
        try:
            mta.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return outcome(mta, sent, hear(mta.sock))


def summary(outcomes):
    """What differs by stage, in few words."""
    if len(set(outcomes.values())) == 1:
        return next(iter(outcomes.values()))
    groups = {}
    for stage, result in outcomes.items():
        groups.setdefault(result, []).append(stage)
    return "; ".join(f"{', '.join(stages)}: {result}" for result, stages in groups.items())


def try_stages(kind, protocol):
    observed = summary({stage: provoke(KINDS[kind], stage, protocol) for stage in STAGES})
    expect_works()
    return observed


NEVER = "no answer"
EXPECTED = {
    "connection cut before": (NEVER, NEVER),
    "connection cut inside": (NEVER, NEVER),
    "half-closed before": (NEVER, NEVER),
    "trickled, octet by octet": ("mended", "mended"),
    "unknown command before": (NEVER, NEVER),
    "garbage before": (NEVER, NEVER),
    "length of 2 GB": (NEVER, NEVER),
    "over-long packet": (NEVER, NEVER),
    "packet of length zero before": (NEVER, NEVER),
    "duplicated": (
        "connect, data, eoh: no answer; helo, mail, rcpt, header, body, eom: mended",
        "connect, helo, mail, rcpt, header, body, eom: mended; data, eoh: no answer"),
    "truncated": (NEVER, NEVER),
    # Some events have none.
    "without half its data": (
        "connect, mail, rcpt, header: no answer; helo, data, eoh, body, eom: mended",
        "connect, mail, rcpt, header: no answer; helo, data, eoh, body, eom: mended"),
    # Without CONNECT nobody knows that the client is a trusted one.
    "left out": (
        "connect: unchanged; helo, data, header, eoh, body: mended; mail, rcpt, eom: no answer",
        "connect: unchanged; helo, data, header, eoh, body: mended; mail, rcpt, eom: no answer"),
}
MTAS = {"an MTA that waits for every answer": mc.HDR_LEADSPC, "an MTA as Postfix": mc.ALL_PROTOCOL}
assert EXPECTED.keys() == KINDS.keys()

for number, (mta_name, offer) in enumerate(MTAS.items()):
    for kind_name, results in EXPECTED.items():
        fault(f"{mta_name}: {kind_name}, at each of {len(STAGES)} stages",
              results[number] + "; serves")(
            lambda kind=kind_name, offer=offer: try_stages(kind, offer) + "; serves")


# ---- connections that stay -----------------------------------------------------------------------

def descriptors():
    """How many the filter has open."""
    return len(os.listdir(f"/proc/{State.main.process.pid}/fd"))


@fault("300 MTAs that never come to the end of their message", "mended; serves")
def never_ends():
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            mta = stack.enter_context(client())
            mta.mail("a@example.com")
            mta.rcpt("b@example.org")
            for name, value in MAIL.shown(True):
                mta.header(name, value)
            mta.body(MAIL.body)
        wait_until(lambda: descriptors() >= State.descriptors + 299)
        expect_works()
        # They wait, and nothing of theirs is lost.
        mta.end()
        edits = mta.read_edits(MAIL.copy())[1]
        assert [e.kind for e in edits][-1] == "body", edits
    return "mended; serves"


@fault("an MTA that goes away in the middle of the edits", "no answer; serves")
def gone_in_edits():
    # More than the buffers between us take.
    with client() as mta:
        mta.begin(Message.from_wire(FOUNDING + b"x" * 5000000 + b"\r\n"), "GONE")
        mta.receive()
    wait_until(lambda: State.main.messages_of("GONE"))
    assert State.main.messages_of("GONE")[0]["action"] == "error"
    expect_works()
    return "no answer; serves"


@case("after all of these it is the same process, and no connection is left open")
def nothing_left():
    assert State.main.alive and State.main.text().count("started version=") == 1
    assert not State.main.stderr(), State.main.stderr()
    wait_until(lambda: descriptors() <= State.descriptors + 2)


@case("FAULTS.md has these faults, and in all of it what was observed is what was expected")
def table():
    check_table("The milter protocol", "tests/milter/test_faults.py", NOTES)
    check_all_rows()


NOTES = """
The stages are connect, helo, mail, rcpt, data, header, eoh, body and eom; those that the filter
declines (helo, data, eoh) are sent to it all the same where the fault is theirs. An edit counts as
*mended* only if the same message without a fault gets the same edits.
"""


@contextlib.contextmanager
def one_daemon():
    with shared_daemon():
        expect_works()
        State.descriptors = descriptors()
        yield


if __name__ == "__main__":
    sys.exit(run_all(one_daemon))
