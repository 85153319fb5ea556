#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mail that OpenDKIM has signed goes through mailmend-milter; the log says what OpenDKIM finds after.

Three programs in a row, as an MTA would call them: a filter that signs, the filter that mends, and
a verifier. Prints TAP. MAILMEND_MILTER names the binary.
"""
import contextlib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "milter"))

import milterdaemon as md  # noqa: E402
import opendkim  # noqa: E402
from mails import EDITS  # noqa: E402
from milterclient import Message, MilterClient  # noqa: E402
from tap import Skip, case, run_all  # noqa: E402

LABELS = "|".join(sorted({edit.label for edit in EDITS}))
SECTIONS = f"""
[policy break]
Fix = {LABELS}
EightBit = never
OnDkim = fix
[policy keep]
Fix = {LABELS}
EightBit = never
[policy refuse]
Fix = {LABELS}
EightBit = never
OnDkim = reject
[rule break]
Sender = @break.example
Policy = break
[rule refuse]
Sender = @refuse.example
Policy = refuse
[default]
Policy = keep
"""

FORMS = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]
WAYS = [(form, oversigned) for form in FORMS for oversigned in (False, True)]


class State:
    folder = None
    key = None
    daemon = None
    count = 0


def through(address, message, sender):
    """@message as a filter leaves it, and the id of its queue file."""
    State.count += 1
    queue_id = f"S{State.count:05d}"
    with MilterClient(address) as mta:
        mta.connect("localhost", "127.0.0.1")
        result = mta.deliver(message, sender=sender, queue_id=queue_id)
    return result, queue_id


def one_line(queue_id):
    lines = State.daemon.messages_of(queue_id)
    assert len(lines) == 1, f"{len(lines)} lines for {queue_id}"
    return lines[0]


def signed_by(signer):
    """Each message with its signature."""
    out = []
    for edit in EDITS:
        result, _ = through(signer.address, Message.from_wire(edit.message()), "a@example.org")
        assert b"DKIM-Signature" in result.message.to_wire(), edit.name
        out.append(result.message)
    return out


def check_broken(edit, message, good_after):
    """OnDkim = fix: mended, and broke= is right."""
    result, queue_id = through(State.daemon.address, message, "a@break.example")
    line = one_line(queue_id)
    assert line["action"] == "fix" and line["signed"] == "dkim", line
    good_after.append((edit.name, result.message.to_wire(), line["broke"]))
    return line["broke"] != ""


def check_kept(edit, message, breaks, good_after):
    """The default: only what breaks nothing; and where an edit would, it can be refused."""
    result, queue_id = through(State.daemon.address, message, "a@example.org")
    line = one_line(queue_id)
    assert line["broke"] == "" and line["action"] == ("log" if breaks else "fix"), line
    assert bool(result.edits) != breaks, result.edits
    good_after.append((edit.name, result.message.to_wire(), ""))
    result, queue_id = through(State.daemon.address, message, "a@refuse.example")
    wanted = "552 5.6.0 Message has conformance issues: " + edit.label
    assert (result.reply.text == wanted) == breaks, result.reply
    assert one_line(queue_id)["action"] == ("reject" if breaks else "fix")


def check_way(form, oversigned):
    after = []
    with opendkim.Signer(State.folder, State.key, form, oversigned) as signer:
        messages = signed_by(signer)
    before = opendkim.verified(State.folder, State.key, [m.to_wire() for m in messages])
    pairs = [(e, m) for e, m, good in zip(EDITS, messages, before) if good]
    assert len(pairs) >= len(EDITS) - 1, [e.name for e, good in zip(EDITS, before) if not good]
    for edit, message in pairs:
        breaks = check_broken(edit, message, after)
        check_kept(edit, message, breaks, after)
    answers = opendkim.verified(State.folder, State.key, [wire for _, wire, _ in after])
    other = [(name, broke) for (name, _, broke), good in zip(after, answers)
             if good != (broke == "")]
    assert not other, other
    assert {broke for _, _, broke in after} == {"", "dkim"}


def add_cases():
    for form, oversigned in WAYS:
        def one(form=form, oversigned=oversigned):
            check_way(form, oversigned)
        case(form + " oversigned" * oversigned)(one)


add_cases()


@contextlib.contextmanager
def bench():
    if opendkim.PROGRAM is None:
        raise Skip("opendkim is not installed")
    md.need()
    with tempfile.TemporaryDirectory(prefix="mailmend-opendkim-") as State.folder:
        State.key = opendkim.Key(State.folder)
        with md.Daemon(sections=SECTIONS) as State.daemon:
            yield


if __name__ == "__main__":
    sys.exit(run_all(bench))
