#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Memory: a filter that lives long does not grow, and what a large message takes. Prints TAP.

$MM_GROWTH is a factor for how much is done.
"""

import contextlib
import os
import random
import sys
import threading
import time

import milterdaemon as md
from fixtures import CLEAN, FOUNDING
from milterclient import Message, MilterClient
from tap import Skip, case, run_all

FACTOR = float(os.environ.get("MM_GROWTH", "1"))
RELOADS = int(2000 * FACTOR)
MESSAGES = int(8000 * FACTOR)
STEPS = 10
CLIENTS = 4

SECTIONS = """
[policy mine]
Inherit = microsoft365
TraceHeader = yes
RejectText = %L
[rule regex]
Sender = /^a+[0-9]*b@/i, /x$/
Policy = watch
[rule table]
Recipient = TABLE:{folder}/table
Policy = strict
[rule networks]
Client = 192.0.2.0/28, 2001:db8::/32
Policy = microsoft365
[default]
Policy = mine
"""


def anon_kb(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon:"))


class Daemon(md.Daemon):
    """One with a table."""

    def __init__(self):
        super().__init__()
        table = os.path.join(self.folder, "table")
        with open(table, "w", encoding="ascii") as file:
            file.writelines(f"user{n}@example.net\n" for n in range(2000))
        self.good = SECTIONS.format(folder=self.folder)
        self.settings = f"SpoolDir = {self.folder}\nSpoolThreshold = 128K"
        self.write_config(self.settings, self.good)


def log_size(daemon):
    return os.stat(daemon.log).st_size


def expect_flat(samples, what, most_kb):
    """No growth over the second half; a peak on the way says nothing."""
    middle, end = min(samples[STEPS // 2 - 2:STEPS // 2]), min(samples[-2:])
    print(f"# RssAnon in kB, {what}: {samples}")
    assert end - middle <= most_kb, (what, samples)


@case(f"{RELOADS} reloads, good and bad")
def reloads():
    with Daemon() as daemon:
        samples = []
        for n in range(RELOADS):
            daemon.change(daemon.settings, daemon.good if n % 3 else daemon.good + "[rule x]\nY = z\n")
            before = log_size(daemon)
            daemon.signal()
            wait_for(lambda size=before: log_size(daemon) > size)
            if n % (RELOADS // STEPS) == 0:
                samples.append(anon_kb(daemon))
        # A snapshot takes some 300 kB.
        expect_flat(samples, "reloads", 400)


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.0005)


# ---- messages

class Recorder:
    """In the place of a socket: keeps what would be sent."""

    def __init__(self):
        self.data = bytearray()

    def sendall(self, data):
        self.data += data


def record(mta, message, sender):
    """All octets of a message from MAIL to its end: no event of it has a reply."""
    sock, mta.sock = mta.sock, Recorder()
    try:
        mta.begin(message, "GROWTH", sender)
        return bytes(mta.sock.data)
    finally:
        mta.sock = sock


def all_mail():
    """The messages of the rules' tests and of $MAILMEND_CORPUS, and large ones."""
    folders = [os.path.join(os.environ.get("G_TEST_SRCDIR", "."), "tests/rules"),
               *filter(None, os.environ.get("MAILMEND_CORPUS", "").split(":"))]
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".eml") and name != "fixed.eml":
                    with open(os.path.join(path, name), "rb") as file:
                        yield file.read(300000)
    yield FOUNDING + (b"y" * 70 + b"\r\n") * 5000
    yield CLEAN + (b"z" * 2000 + b"\r\n") * 200


def send_all(daemon, chance, packets, count, problems):
    """@count messages, in sessions that end one way or the other."""
    try:
        while count > 0:
            with MilterClient(daemon.address, timeout=120) as mta:
                mta.connect("client.example", f"192.0.2.{chance.randrange(250)}")
                for _ in range(min(count, chance.randrange(1, 40))):
                    mta.sock.sendall(chance.choice(packets))
                    while mta.receive()[0] not in "carty":
                        pass
                    count -= 1
                if chance.random() < 0.1:
                    # Cut off in the middle of a message.
                    mta.sock.sendall(chance.choice(packets)[:5000])
    except Exception as error:  # pylint: disable=broad-except
        problems.append(repr(error))


def one_step(daemon, packets, seed):
    """A part of all messages, and reloads meanwhile."""
    problems = []
    threads = [threading.Thread(target=send_all, args=(
        daemon, random.Random(seed * CLIENTS + n), packets, MESSAGES // STEPS // CLIENTS, problems))
               for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        daemon.change(daemon.settings, daemon.good)
        daemon.signal()
        time.sleep(0.1)
    assert not problems and daemon.alive, (problems[:3], daemon.stderr())


@case(f"{MESSAGES} messages, with reloads meanwhile")
def messages():
    with Daemon() as daemon:
        with MilterClient(daemon.address) as mta:
            mta.connect()
            packets = [record(mta, Message.from_wire(wire), sender) for wire in all_mail()
                       for sender in ("a1b@x", "sender@example.com")]
        samples = []
        for step in range(STEPS):
            one_step(daemon, packets, step)
            time.sleep(0.2)
            samples.append(anon_kb(daemon))
        # What an allocator keeps differs from one moment to the next; a leak of 1 kB a message
        # would be more.
        expect_flat(samples, f"{MESSAGES} messages of {len(packets)}", MESSAGES // 2)


# ---- large ones

BODY = 20_000_000


def peak_kb(daemon, message, queue_id):
    """How much memory grows while one message is sent and judged; its line."""
    before, peak, over = anon_kb(daemon), 0, threading.Event()

    def watch():
        nonlocal peak
        while not over.wait(0.001):
            peak = max(peak, anon_kb(daemon))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with MilterClient(daemon.address) as mta:
        mta.connect()
        result = mta.deliver(message, queue_id=queue_id)
    over.set()
    watcher.join()
    assert result.reply.goes_on, result.reply
    line, = daemon.messages_of(queue_id)
    return peak - before, line


LINES = (b"x" * 70 + b"\r\n") * (BODY // 72)
LONG_LINES = (b"x y" * 500 + b"\r\n") * (BODY // 1502)
HIGH_LINES = (b"\xc3\xa4" * 30 + b"\r\n") * (BODY // 62)
# A file is what it takes, not memory.
MOST = 0.1 * BODY


@case("the memory that a large message takes, as the manual says")
def large():
    with Daemon() as daemon:
        for name, wire, action in (
                ("CLEAN", CLEAN + LINES, "none"), ("HEADER", FOUNDING + LINES, "fix"),
                ("LONG", CLEAN + LONG_LINES, "fix"), ("HIGH", CLEAN + HIGH_LINES, "fix")):
            message = Message.from_wire(wire)
            # The second one finds what the first has left.
            got, line = min((peak_kb(daemon, message, f"{name}{n}") for n in range(2)),
                            key=lambda pair: pair[0])
            print(f"# {line['fixed'] or 'clean'}: {got} kB")
            assert line["action"] == action, line
            assert got * 1024 < MOST, (line, got)


@case("several large bodies mended at a time")
def many():
    message = Message.from_wire(CLEAN + LONG_LINES)
    with Daemon() as daemon:
        got = []
        threads = [threading.Thread(target=lambda n=n: got.append(peak_kb(daemon, message, f"M{n}")))
                   for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"# {[kb for kb, _ in got]} kB")
        # Each sees the others' memory, too.
        assert len(got) == len(threads), got
        for kb, line in got:
            assert line["action"] == "fix", line
            assert kb * 1024 < 2 * MOST, (line, kb)


@contextlib.contextmanager
def program():
    md.need()
    if md.has_sanitizer():
        raise Skip("a sanitizer keeps memory that was freed")
    yield


if __name__ == "__main__":
    sys.exit(run_all(program))
