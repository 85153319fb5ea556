# SPDX-License-Identifier: BSD-2-Clause
"""What tests of sessions share: one daemon with a policy for everybody, and mail."""

import contextlib
import os
import shutil
import subprocess
import time

import milterdaemon as md
from milterclient import Message, MilterClient
from tap import Skip

POLICIES = """
[policy refuse]
Reject = ALL
[policy later]
Tempfail = ALL
[policy hold]
Quarantine = ALL

[rule unjudged]
Client = 192.0.2.66
Policy = off
[rule refuse]
Sender = @refuse.example
Policy = refuse
[rule later]
Sender = @later.example
Policy = later
[rule hold]
Sender = @hold.example
Policy = hold
[rule shadow]
Sender = @shadow.example
DryRun = yes
Policy = microsoft365
[rule user]
SaslUser = ann
Policy = microsoft365
[rule command]
Local = yes
Policy = microsoft365
[rule relay]
Client = TRUSTED
FirstHop = yes
Policy = microsoft365
"""

CLEAN = (b"From: Ann <ann@example.com>\r\n"
         b"To: bob@example.org\r\n"
         b"Subject: clean\r\n"
         b"Date: Tue, 1 Jul 2003 10:52:37 +0200\r\n"
         b"Message-ID: <1@example.com>\r\n"
         b"MIME-Version: 1.0\r\n"
         b"Content-Type: text/plain; charset=us-ascii\r\n"
         b"\r\n"
         b"Nothing is wrong with this.\r\n")

FOUNDING_VALUE = (
    b" =?utf-8?q?=3C154810422972=2E4=2E16142961424846318784=40aaf39fce-?=\r\n"
    b" =?utf-8?q?569e-473a-9453-6862595bd8da=2Eprvt=2Edyno=2Ert=2Eheroku=2Ecom=3E?=")
FOUNDING_ID = (b"<154810422972.4.16142961424846318784@aaf39fce-569e-473a-9453-6862595bd8da"
               b".prvt.dyno.rt.heroku.com>")
FOUNDING = CLEAN.replace(b" <1@example.com>", FOUNDING_VALUE)
MENDED = CLEAN.replace(b"<1@example.com>", FOUNDING_ID)


class State:
    """The daemon most cases talk to, and the count of queue ids."""

    main = None
    count = 0


def new_id():
    State.count += 1
    return f"Q{State.count:05d}"


def client(daemon=None, address="127.0.0.1", host="localhost", **offer):
    """A connection past its CONNECT."""
    mta = MilterClient((daemon or State.main).address, **offer)
    mta.connect(host, address)
    return mta


def deliver(mta, wire, **how):
    return mta.deliver(Message.from_wire(wire), **how)


def one_line(queue_id, daemon=None):
    lines = (daemon or State.main).messages_of(queue_id)
    assert len(lines) == 1, f"{len(lines)} lines for {queue_id}"
    return lines[0]


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.05)


def expect_mended(result):
    assert result.reply.goes_on, result.reply
    assert result.message.to_wire() == MENDED, result.message.to_wire()


def expect_works(daemon=None):
    """Other sessions go on as if nothing had happened."""
    with client(daemon) as mta:
        expect_mended(deliver(mta, FOUNDING))


def write_table(table, policy):
    """Makes an lmdb table in which everybody at x.example has @policy."""
    postmap = shutil.which("postmap", path=os.environ["PATH"] + ":/usr/sbin")
    if postmap is None:
        raise Skip("there is no postmap")
    folder = os.path.dirname(table)
    with open(os.path.join(folder, "main.cf"), "w", encoding="ascii") as file:
        file.write("compatibility_level = 3.6\n")
    with open(table, "w", encoding="ascii") as file:
        file.write(f"a@x.example {policy}\n")
    subprocess.run([postmap, "-c", folder, "lmdb:" + table], check=True)
    os.chmod(table + ".lmdb", 0o644)


@contextlib.contextmanager
def shared_daemon():
    md.need()
    with md.Daemon(sections=POLICIES) as State.main:
        yield
