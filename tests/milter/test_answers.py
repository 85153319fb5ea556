#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a mailmend-milter answers: in whose words, by which code, and when it fails. Prints TAP.

$MAILMEND_MILTER is the program.
"""

import contextlib
import os
import re
import resource
import sys
import tempfile

import milterclient as mc
import milterdaemon as md
from fixtures import CLEAN, FOUNDING, State, client, deliver, new_id, one_line, write_table
from milterclient import Message
from tap import Skip, case, run_all

SECTIONS = """
[policy refuse]
Reject = ALL
RejectCode = 550 5.7.1
RejectText = Bad mail (%L) in %Q, 100%% sure: %L
[policy later]
Tempfail = ALL
RejectText = %Q: come again
[policy hold]
Quarantine = ALL
QuarantineText = held for %L
[policy plain]
Reject = ALL
[policy unfixable]
Fix = ALL
OnUnfixable = reject
RejectCode = 554 5.6.1
[policy unfixable-later]
Fix = ALL
OnUnfixable = tempfail
[policy trace]
Fix = ALL
TraceHeader = yes
Hostname = trace.example
[policy inside]
Fix = ALL
Embedded = fix
[policy everywhere]
Reject = ALL
Embedded = all
"""
for name in re.findall(r"\[policy (\S+)\]", SECTIONS):
    SECTIONS += f"[rule {name}]\nSender = @{name}.example\nPolicy = {name}\n"
SECTIONS += """
[rule shadow]
Sender = @shadow.example
DryRun = yes
Policy = unfixable
"""

LABEL = "ENCODED_MESSAGE_ID"
# No From: that cannot be mended.
UNFIXABLE = FOUNDING.replace(b"From: Ann <ann@example.com>\r\n", b"")
FORWARD = (b"From: Ann <ann@example.com>\r\nDate: Tue, 1 Jul 2003 10:52:37 +0200\r\n"
           b"Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
           b"Content-Type: message/rfc822\r\n\r\n")


def judged(wire, policy):
    """The answer to a message by @policy, and its line."""
    queue_id = new_id()
    with client() as mta:
        result = deliver(mta, wire, sender=f"a@{policy}.example", queue_id=queue_id)
    return result, one_line(queue_id)


def expect_refused(result, line, reply, action):
    assert result.reply == mc.Reply("y", reply), (result.reply, reply)
    assert not result.edits and line["action"] == action and not line["fixed"], line


# ---- words and codes

@case("RejectCode and RejectText, with every placeholder")
def reject_text():
    result, line = judged(FOUNDING, "refuse")
    assert line["labels"] == LABEL, line
    expect_refused(result, line, f"550 5.7.1 Bad mail ({LABEL}) in {line['id']}, "
                   f"100% sure: {LABEL}", "reject")


@case("without a queue id: NOQUEUE")
def no_queue_id():
    with client() as mta:
        result = deliver(mta, FOUNDING, sender="a@refuse.example", queue_id=None)
    assert " in NOQUEUE, 100% sure" in result.reply.text, result.reply


@case("the text as it was, if nothing is said")
def default_text():
    result, line = judged(FOUNDING, "plain")
    expect_refused(result, line,
                   f"552 5.6.0 Message has conformance issues: {LABEL}", "reject")


@case("a tempfail has the text, but its own code")
def tempfail_text():
    result, line = judged(FOUNDING, "later")
    expect_refused(result, line, f"451 4.6.0 {line['id']}: come again", "tempfail")


@case("QuarantineText")
def quarantine_text():
    result, line = judged(FOUNDING, "hold")
    assert result.reply.goes_on and result.quarantined == f"held for {LABEL}", result
    assert line["action"] == "quarantine", line


@case("labels beyond 500 octets are cut")
def long_reply():
    text = b"x" * 2000 + b"\x00\xff\r\n"
    head = (b"Date: never\r\nMessage-ID: none\r\nTo: \r\nSubject: a\xff\r\nReferences: \r\n"
            b"X: " + b"y" * 2000 + b"\r\nReply-To: a b c\r\nSender:\r\nIn-Reply-To:\r\n"
            b"Content-Type: text/plain; charset=nonsense; name=\"\xff\"\r\n"
            b"Content-Transfer-Encoding: wild\r\nSubject: two =?utf-8?q?a?==?utf-8?q?b?=\r\n"
            b"MIME-Version: 2.0\r\n\r\n")
    result, line = judged(head + text, "refuse")
    code, _, reply = result.reply.text.partition(" ")
    labels = line["labels"].split("|")
    assert len(labels) > 12 and code == "550", line
    assert len(reply) <= 500, len(reply)
    first = re.search(r"\((.*?)\) in", reply)[1]
    assert first.endswith("|...") and reply.endswith(": " + first), reply
    assert first[:-4].split("|") == labels[:first.count("|")], reply


# ---- what cannot be mended

@case("OnUnfixable = reject, tempfail: the labels that are left, no edit")
def unfixable():
    result, line = judged(UNFIXABLE, "unfixable")
    expect_refused(result, line, "554 5.6.1 Message has conformance issues: "
                   "MISSING_FROM_HEADER", "reject")
    assert LABEL in line["left"].split("|") and line["size"] == line["newsize"], line
    result, line = judged(UNFIXABLE, "unfixable-later")
    expect_refused(result, line, "451 4.6.0 Message has conformance issues: "
                   "MISSING_FROM_HEADER", "tempfail")
    result, line = judged(FOUNDING, "unfixable")
    assert result.edits and line["action"] == "fix", line


@case("OnUnfixable in a dry run, and for a bounce")
def unfixable_softly():
    result, line = judged(UNFIXABLE, "shadow")
    assert result.reply.goes_on and not result.edits, result
    assert line["action"] == "log" and line["would"] == "reject", line
    settings = "[policy p]\nFix = ALL\nOnUnfixable = reject\n[rule p]\nSasl = no\nPolicy = p\n"
    with md.Daemon(sections=settings) as daemon, client(daemon) as mta:
        assert deliver(mta, UNFIXABLE, sender="").reply.goes_on
        assert deliver(mta, UNFIXABLE).reply.text.startswith("552 5.6.0 ")


# ---- traces, embedded mail

@case("TraceHeader: one field more, and none for clean mail")
def trace():
    result, line = judged(FOUNDING, "trace")
    value = f" trace.example; fixed={LABEL}; policy=trace".encode()
    assert result.edits[-1] == mc.Edit("add", "X-Mailmend", 0, value), result.edits
    assert line["edits"] == "chgheader:1 addheader:1", line
    assert int(line["newsize"]) == len(result.message.to_wire()), line
    with client() as mta:
        again = mta.deliver(result.message, sender="a@trace.example")
        assert not again.edits and not deliver(mta, CLEAN, sender="a@trace.example").edits


@case("Embedded = fix mends what is forwarded, all refuses it, report does neither")
def embedded():
    wire = FORWARD + b"Subject: s\r\nX: " + b"word " * 300 + b"\r\n\r\nx\r\n"
    result, line = judged(wire, "inside")
    assert line["fixed"] == "HEADER_LINE_TOO_LONG" and line["edits"] == "body:1", line
    assert max(map(len, result.message.body.split(b"\r\n"))) <= 998
    result, line = judged(wire, "everywhere")
    assert line["action"] == "reject" and "HEADER_LINE_TOO_LONG" in result.reply.text, line
    result, line = judged(wire, "plain")
    assert line["action"] == "none" and result.reply.goes_on, line


# ---- failures

@contextlib.contextmanager
def short_of_memory(settings="", sections="", room=40 << 20):
    """A daemon that has so little memory left that it cannot hold LARGE."""
    with open(md.BINARY, "rb") as file:
        if b"__asan_init" in file.read():
            raise Skip("AddressSanitizer takes all address space for itself")
    # Arenas of threads take address space by 64 MB, one time so many and one time more.
    os.environ["MALLOC_ARENA_MAX"] = "1"
    with md.Daemon() as daemon, client(daemon) as mta:
        deliver(mta, FOUNDING)
        with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    # Only from its start: the limits of another user's process cannot be changed everywhere.
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + room, before[1]))
    try:
        daemon = md.Daemon(settings, sections).start()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    try:
        yield daemon
    finally:
        daemon.__exit__()


BODY = b"0123456789abcdef" * 4 + b"\r\n"
LARGE = Message.from_wire(FOUNDING + BODY * (60 * 15800))
UNNAMED = Message.from_wire(CLEAN.replace(b"Message-ID: <1@example.com>\r\n", b"") +
                            BODY * (60 * 15800))


def expect_error(daemon, queue_id, passes):
    line = daemon.messages_of(queue_id)[-1]
    assert line["action"] == "error" and line["error"], line
    assert ("passes unchanged" in line.get("note", "")) == passes, line


@case("an internal error: tempfail once, then the message passes unchanged")
def repeats():
    with short_of_memory() as daemon, client(daemon) as mta:
        result = mta.deliver(LARGE, queue_id="ONE")
        assert result.reply.text.startswith("451 4.7.1 "), result.reply
        expect_error(daemon, "ONE", False)
        result = mta.deliver(LARGE, queue_id="TWO")
        assert result.reply.goes_on and not result.edits, result.reply
        expect_error(daemon, "TWO", True)
        # Another message, and the same one of another client, did not fail before.
        result = mta.deliver(UNNAMED, queue_id="THREE")
        assert result.reply.text.startswith("451 4.7.1 "), result.reply
        with client(daemon, address="192.0.2.7") as other:
            result = other.deliver(LARGE, queue_id="FOUR")
            assert result.reply.text.startswith("451 4.7.1 "), result.reply
        # Without a Message-ID by sender, client and size.
        assert mta.deliver(UNNAMED, sender="other@example.com").reply.text
        assert mta.deliver(UNNAMED, queue_id="FIVE").reply.goes_on
        expect_error(daemon, "FIVE", True)


@case("OnInternalError by policy, and for clients with a login")
def on_internal_error():
    sections = ("[policy stern]\nFix = ALL\nOnInternalError = reject\n"
                "OnInternalErrorAuthenticated = accept\n"
                "[rule stern]\nSender = @stern.example\nPolicy = stern\n")
    settings = "OnInternalError = quarantine"
    with short_of_memory(settings, sections) as daemon, client(daemon) as mta:
        result = mta.deliver(LARGE)
        assert result.reply.goes_on and result.quarantined, result
        for _ in range(2):
            result = mta.deliver(LARGE, sender="a@stern.example", queue_id="STERN")
            assert result.reply.text.startswith("554 5.6.0 "), result.reply
            expect_error(daemon, "STERN", False)
        # A bounce is not refused for good.
        assert mta.deliver(LARGE, sender="").reply.goes_on
        mta.macros["{auth_authen}"] = "ann"
        result = mta.deliver(LARGE, sender="a@stern.example")
        assert result.reply.goes_on and not result.edits, result


@case("what the MTA did not take twice it is not given again")
def not_taken():
    # An MTA without quarantine, as one may be that hands on to a third.
    actions = mc.ALL_ACTIONS & ~mc.QUARANTINE
    with md.Daemon(sections=SECTIONS) as daemon, client(daemon, actions=actions) as mta:
        for queue_id in ("ONE", "TWO"):
            result = deliver(mta, FOUNDING, sender="a@hold.example", queue_id=queue_id)
            assert result.reply.command == "t", result.reply
            expect_error(daemon, queue_id, False)
        result = deliver(mta, FOUNDING, sender="a@hold.example", queue_id="THREE")
        assert result.reply.goes_on and not result.edits, result.reply
        expect_error(daemon, "THREE", True)


@case("a table that names no policy is an internal error")
def bad_table():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        table = os.path.join(folder, "senders")
        sections = f"[rule t]\nPolicy = TABLE\nSender = lmdb:{table}\n"

        write_table(table, "strict")
        with md.Daemon(sections=sections) as daemon, client(daemon) as mta:
            assert deliver(mta, FOUNDING, sender="a@x.example").reply.text.startswith("552 ")
            write_table(table, "nonsense")
            result = deliver(mta, FOUNDING, sender="a@x.example", queue_id="ONE")
            assert result.reply.text.startswith("451 4.7.1 "), result.reply
            expect_error(daemon, "ONE", False)
            assert "is no policy" in daemon.messages_of("ONE")[0]["error"]
            result = deliver(mta, FOUNDING, sender="a@x.example", queue_id="TWO")
            assert result.reply.goes_on and not result.edits, result.reply
            expect_error(daemon, "TWO", True)


@case("a rule for some recipients mends, but refuses nothing")
def some_recipients():
    sections = "".join(
        f"[policy {name}]\n{text}\n[rule {name}]\nRecipient = {name}@x.example\nPolicy = {name}\n"
        for name, text in (("refuse", "Reject = ALL"), ("later", "Tempfail = ALL"),
                           ("hold", "Quarantine = ALL"),
                           ("unfixable", "Fix = ALL\nOnUnfixable = reject")))
    with md.Daemon(sections=sections) as daemon, client(daemon) as mta:
        for name, reply in (("refuse", "552 "), ("later", "451 "), ("hold", ""),
                            ("unfixable", "552 ")):
            own = f"{name}@x.example"
            alone = deliver(mta, UNFIXABLE, recipients=(own,))
            assert alone.reply.text.startswith(reply), alone.reply
            assert bool(alone.quarantined) == (name == "hold"), alone
            both = deliver(mta, UNFIXABLE, recipients=("b@y.example", own), queue_id=name)
            assert both.reply.goes_on and not both.quarantined, both.reply
            assert bool(both.edits) == (name == "unfixable"), both.edits
            assert daemon.messages_of(name)[0]["rule"] == name


@contextlib.contextmanager
def shared_daemon():
    md.need()
    with md.Daemon(sections=SECTIONS) as State.main:
        yield


if __name__ == "__main__":
    sys.exit(run_all(shared_daemon))
