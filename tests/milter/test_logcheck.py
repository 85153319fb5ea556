#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The patterns for logcheck: everyday lines are not reported, others are. Prints TAP."""

import contextlib
import os
import subprocess
import sys
import tempfile

import milterdaemon as md
from fixtures import CLEAN, FOUNDING, POLICIES, wait_until
from milterclient import Message, MilterClient
from tap import case, run_all

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATTERNS = os.path.join(SOURCE, "packaging", "debian", "mailmend.logcheck.ignore.server")

# As rsyslog writes it, of old and by RFC 3339.
STAMPS = ("Nov  2 18:00:00 mx1 ", "2026-11-02T18:00:00.123456+00:00 mx1 ")


def reported(texts):
    """Those of the texts that logcheck would mail, with either form of time."""
    found = []
    for stamp in STAMPS:
        lines = [f"{stamp}mailmend-milter[4711]: {text}" for text in texts]
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            done = subprocess.run(["grep", "-vE", "-f", PATTERNS, file.name], text=True,
                                  stdout=subprocess.PIPE, check=False)
        assert done.returncode in (0, 1), done
        found.append([line[len(stamp):].split("]: ", 1)[1] for line in done.stdout.splitlines()])
    assert found[0] == found[1], found
    return found[0]


def texts_of(daemon):
    return [md.LOG_LINE.match(line)[1] for line in daemon.text().splitlines()]


def reload(daemon, expect):
    daemon.signal()
    wait_until(lambda: any(text.startswith(expect) for text in texts_of(daemon)))


def send(daemon, wire, sender):
    with MilterClient(daemon.address) as mta:
        mta.connect()
        mta.deliver(Message.from_wire(wire), sender=sender)


@case("a day without trouble is not reported")
def everyday():
    with md.Daemon(sections=POLICIES) as daemon:
        for sender in ("a@example.org", "a@refuse.example", "a@later.example", "a@hold.example",
                       "a@shadow.example"):
            for wire in (CLEAN, FOUNDING):
                send(daemon, wire, sender)
        reload(daemon, "reloaded: ")
        daemon.stop()
        texts = texts_of(daemon)
    for part in ("action=none", "action=fix", "action=reject", "action=tempfail", "would=fix",
                 "action=quarantine", "started ", "stopped", "reloaded: "):
        assert any(part in text for text in texts), (part, texts)
    texts += ["stats messages=120 clean=102 logged=3 fixed=14 rejected=1",
              '{"event":"stats","messages":120,"clean":102}',
              '{"id":"4Zk1pQ3Xz1z9xyz","action":"fix","labels":["LINE_TOO_LONG"],"us":210}']
    assert reported(texts) == [], reported(texts)


@case("a reload that fails, a warning, an error and what is not known are reported")
def trouble():
    with md.Daemon() as daemon:
        daemon.change(raw="nonsense")
        reload(daemon, "reload failed")
        texts = [text for text in texts_of(daemon) if text.startswith("reload")]
    assert texts
    texts += ["stats messages=1 error",
              '{"id":"4Zk1pQ3Xz1z9xyz","action":"error","mid":"action\\":\\"fix\\",","us":210}',
              "4CkQxT2Yz1: action=error labels= fixed= left= policy=x rule=y error=memory us=1",
              "4CkQxT2Yz1: error: out of memory", "stopped with messages under way",
              "warning: something", "something"]
    assert reported(texts) == texts, (texts, reported(texts))


if __name__ == "__main__":
    sys.exit(run_all(contextlib.nullcontext))
