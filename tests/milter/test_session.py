#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Messages and policies, as an MTA meets them in a real mailmend-milter. Prints TAP.

$MAILMEND_MILTER is the program.
"""

import sys

import milterclient as mc
from fixtures import (CLEAN, FOUNDING, FOUNDING_ID, MENDED, State, client, deliver,
                      expect_mended, expect_works, new_id, one_line, shared_daemon)
from milterclient import Message, MilterClient
from tap import case, run_all


# ---- messages

@case("a clean message: no edit, one line")
def clean():
    queue_id = new_id()
    with client() as mta:
        result = deliver(mta, CLEAN, queue_id=queue_id)
    assert result.stage == "eom" and result.reply.command in "ca" and not result.edits, result
    line = one_line(queue_id)
    assert line["action"] == "none" and line["labels"] == "", line
    assert line["policy"] == "microsoft365" and line["rule"] == "relay", line
    assert line["nrcpt"] == "1" and line["client"] == "localhost[127.0.0.1]", line
    assert int(line["size"]) == len(CLEAN) == int(line["newsize"]), line
    assert line["mid"] == "<1@example.com>" and line["from"] == "<sender@example.com>", line


@case("the founding case is mended in one edit")
def founding():
    queue_id = new_id()
    with client() as mta:
        result = deliver(mta, FOUNDING, queue_id=queue_id)
    expect_mended(result)
    wanted = [mc.Edit("change", "Message-ID", 1, b" " + FOUNDING_ID)]
    assert result.edits == wanted, result.edits
    line = one_line(queue_id)
    assert line["action"] == "fix" and "ENCODED_MESSAGE_ID" in line["fixed"].split("|"), line
    assert line["newmid"] == FOUNDING_ID.decode(), line
    assert int(line["newsize"]) == len(MENDED), line


@case("a mended message is clean")
def idempotent():
    with client() as mta:
        result = deliver(mta, FOUNDING)
        again = mta.deliver(result.message)
    assert not again.edits, again.edits


@case("a body is replaced in one run, the rest is untouched")
def body_replaced():
    long_line = b"x" * 2000 + b"\r\n"
    with client() as mta:
        result = deliver(mta, CLEAN + long_line * 100)
    assert result.reply.goes_on and [e.kind for e in result.edits].count("body") == 1, result
    assert max(map(len, result.message.body.split(b"\r\n"))) <= 998
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        assert result.message.get(name) == Message.from_wire(CLEAN).get(name), name


@case("a message without body or headers")
def empty():
    with client() as mta:
        for wire in (b"\r\n", CLEAN[:CLEAN.index(b"\r\n\r\n") + 4], b"only a line\r\n", b""):
            result = deliver(mta, wire)
            assert result.stage == "eom" and result.reply.goes_on, wire


@case("body in chunks of one octet, CRLF split")
def small_chunks():
    wire = FOUNDING + b"one\r\ntwo\r\n" * 30 + b"y" * 1500 + b"\r\n"
    with client() as mta:
        whole, pieces = deliver(mta, wire), deliver(mta, wire, chunk=1)
    assert whole.edits == pieces.edits and whole.edits
    assert whole.message.to_wire() == pieces.message.to_wire()


@case("8-bit, control octets and NUL in a body pass")
def odd_octets():
    wire = CLEAN + bytes(range(256)) + b"\r\n"
    with client() as mta:
        assert deliver(mta, wire).reply.goes_on
    expect_works()


# ---- policies

@case("rejection: the reply, to the letter")
def rejection():
    queue_id = new_id()
    with client() as mta:
        result = deliver(mta, FOUNDING, sender="a@refuse.example", queue_id=queue_id)
        expect_mended(deliver(mta, FOUNDING))
    line = one_line(queue_id)
    assert line["action"] == "reject" and not result.edits, line
    wanted = "552 5.6.0 Message has conformance issues: " + line["labels"]
    assert result.reply == mc.Reply("y", wanted), result.reply
    assert "ENCODED_MESSAGE_ID" in wanted and result.message.to_wire() == FOUNDING


@case("tempfail and quarantine")
def other_refusals():
    with client() as mta:
        result = deliver(mta, FOUNDING, sender="a@later.example")
        assert result.reply.text.startswith("451 4.6.0 Message has conformance issues: "), result
        result = deliver(mta, FOUNDING, sender="a@hold.example")
        assert result.reply.goes_on and len(result.edits) == 1, result
        assert result.quarantined.startswith("Message has conformance issues: "), result


@case("a bounce is never refused")
def null_sender():
    with client() as mta:
        result = deliver(mta, FOUNDING, sender="")
    assert result.reply.goes_on, result


@case("dry run: nothing is done, the line says what would be")
def dry_run():
    queue_id = new_id()
    with client() as mta:
        result = deliver(mta, FOUNDING, sender="a@shadow.example", queue_id=queue_id)
    line = one_line(queue_id)
    assert not result.edits and line["action"] == "log" and line["would"] == "fix", line


@case("policy off: accepted at MAIL, no line")
def policy_off():
    queue_id = new_id()
    with client(address="192.0.2.66") as mta:
        for _ in range(2):
            result = deliver(mta, FOUNDING, queue_id=queue_id)
            assert result.stage == "mail" and result.reply.command == "a", result
    assert not State.main.messages_of(queue_id)


@case("sendmail(1): a client that Postfix made up, the queue id at MAIL, no brackets")
def command():
    relayed = b"Received: from x by y; Tue, 1 Jul 2003 10:52:37 +0200\r\n" + FOUNDING
    ways = [dict(early_id=True, brackets=False), dict(early_id=True), dict(brackets=False), {}]
    for port, host, address in ((0, "localhost", "127.0.0.1"), (1, "localhost", "127.0.0.1"),
                                (0, "unknown", "127.0.0.1"), (0, "localhost", "127.0.0.2"),
                                (0, "localhost", "::1"), (0, "localhost", "unix")):
        for way in ways:
            with MilterClient(State.main.address) as mta:
                mta.connect(host, address, port)
                queue_id = new_id()
                deliver(mta, relayed, queue_id=queue_id, **way)
            ours = (port, host, address) == (0, "localhost", "127.0.0.1") and way == ways[0]
            assert (one_line(queue_id)["rule"] == "command") == ours, (port, host, address, way)


COMMAND = (b"Received: (from ann@localhost)\r\n"
           b"\tby MTA.example.com (8.17.1.9/8.17.1.9/Submit) id X; x\r\n")
HOP = b"Received: from x by mta.example.com; x\r\n"

# What Sendmail's daemon is told by the command of its host, and what only looks like it.
BY_COMMAND = [
    ("127.0.0.1", True, COMMAND, "command"),
    ("::1", True, COMMAND, "command"),
    ("127.0.0.1", False, COMMAND, "default"),  # not Sendmail
    ("192.0.2.1", True, COMMAND, "default"),  # not this host
    ("unix", True, COMMAND, "default"),
    ("127.0.0.1", True, HOP + COMMAND, "default"),  # it has been elsewhere since
    ("127.0.0.1", True, COMMAND + HOP, "default"),
    ("127.0.0.1", True, COMMAND + COMMAND, "default"),
    ("127.0.0.1", True, HOP, "default"),
    ("127.0.0.1", True, b"", "relay"),
    ("127.0.0.1", True, COMMAND.replace(b"MTA.", b"other."), "default"),
    ("127.0.0.1", True, COMMAND.replace(b"MTA.example.com", b"MTA.example.com.org"), "default"),
    ("127.0.0.1", True, COMMAND.replace(b"@localhost", b"@localhost.example"), "default"),
    ("127.0.0.1", True, COMMAND.replace(b"(from", b"from x (from"), "default"),
    ("127.0.0.1", True, b"Received: (from\r\n", "default"),
    ("127.0.0.1", True, b"Received: (from a@localhost) by\r\n", "default"),
    ("127.0.0.1", True, b"Received: (from @localhost) by mta.example.com\r\n", "command"),
    ("127.0.0.1", True, b"Received: (from a@localhost) by mta.example.com\r\n\t(8)\r\n", "command"),
]


@case("sendmail(1) of Sendmail: one Received field, its own, by SMTP of this host")
def command_by_smtp():
    for address, early_id, received, rule in BY_COMMAND:
        queue_id = new_id()
        with client(address=address) as mta:
            deliver(mta, received + FOUNDING, queue_id=queue_id, early_id=early_id)
        line = one_line(queue_id)
        assert line["rule"] == rule, (address, early_id, received, line)


@case("who gets which policy")
def policies():
    relayed = b"Received: from x by y; Tue, 1 Jul 2003 10:52:37 +0200\r\n" + FOUNDING
    with client(address="198.51.100.7", host="unknown") as mta:
        assert not deliver(mta, FOUNDING).edits
        queue_id = new_id()
        mta.macros["{auth_authen}"] = "ann"
        expect_mended(deliver(mta, FOUNDING, queue_id=queue_id))
        line = one_line(queue_id)
        assert line["rule"] == "user" and line["user"] == "ann", line
        assert line["client"] == "unknown[198.51.100.7]", line
        mta.macros["{auth_authen}"] = None
        # A client of Sendmail that leaves the brackets out.
        assert not deliver(mta, FOUNDING, early_id=True, brackets=False).edits
        assert not deliver(mta, FOUNDING, early_id=True).edits
        assert not deliver(mta, FOUNDING, brackets=False).edits
        assert not deliver(mta, FOUNDING).edits
    with client() as mta:
        assert not deliver(mta, relayed).edits
    with client(address="::ffff:127.0.0.1") as mta:
        expect_mended(deliver(mta, FOUNDING))
    for address in ("2001:db8::1", "unix", None):
        with client(address=address) as mta:
            assert not deliver(mta, FOUNDING).edits, address


if __name__ == "__main__":
    sys.exit(run_all(shared_daemon))
