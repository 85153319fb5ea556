#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Three filters behind a real HAProxy, under load, while they are killed, hang and are changed.

$MAILMEND_MILTER is the program, $MM_PHASE_SECONDS how long each phase lasts at least (1). It takes
root, Postfix and HAProxy. Prints TAP, and as comments what went through in each phase.

Clients send all the time; one whose message is deferred keeps it and tries again, as an MTA does.
In the end every message must have come exactly once, wholly mended by one configuration or the other.
"""

import collections
import contextlib
import dataclasses
import itertools
import os
import re
import signal
import smtplib
import socket
import sys
import threading
import time

import mail
from bench import SETTINGS, wait_for  # first: it knows the way to tests/milter
import haproxy
import milterdaemon as md
import postfix
from postfix import Postfix, without_received
from sink import Sink
import tap

SECONDS = float(os.environ.get("MM_PHASE_SECONDS", "1"))
CLIENTS = 8
PER_SESSION = 5

# Without author and domain of the sender the name of the host shows in the id. The long line makes
# the body be replaced as well.
MESSAGE = mail.without(mail.CLEAN, b"from", b"message-id") + b"word " * 4000 + b"\r\n"
SENDER = "load"
ID = re.compile(rb"^Message-ID: (<[^@\r]+@([a-z]+)\.example>)\r\n", re.M)

# Of HAProxy's log; it says so of each filter that goes and comes.
EXPECTED = re.compile(r"Server mailmend/mend|backend 'mailmend' has no server")

RULES = """
[rule all]
Policy = microsoft365
"""
OLD, NEW = (f"{SETTINGS}Hostname = {name}.example\n" for name in ("old", "new"))


@dataclasses.dataclass
class Phase:
    name: str
    start: float
    end: float = 0.0
    taken: int = 0
    deferred: int = 0
    slowest: float = 0.0
    counts: tuple = ()


class Load:
    """Clients that send until they are told to stop, and then what was deferred."""

    def __init__(self, mta):
        self.mta = mta
        self.numbers = itertools.count()
        self.lock = threading.Lock()
        self.phase = None
        self.taken = set()
        self.kept = []  # numbers of messages that were deferred
        self.errors = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CLIENTS)]

    def run(self):
        while numbers := self.take():
            try:
                with self.mta.client() as smtp:
                    smtp.ehlo()
                    # After a deferral Postfix has no filter for the rest of the session.
                    while numbers and self.send(smtp, numbers.pop()):
                        pass
            except (OSError, smtplib.SMTPException) as error:
                self.errors.append(repr(error))
                return
            with self.lock:
                self.kept += numbers

    def take(self):
        """What one session sends: first what was deferred, in the end only that."""
        with self.lock:
            numbers, self.kept = self.kept[:PER_SESSION], self.kept[PER_SESSION:]
            if not self.stopped.is_set():
                numbers += itertools.islice(self.numbers, PER_SESSION - len(numbers))
            return numbers

    def send(self, smtp, number):
        """TRUE if the message was taken."""
        start = time.monotonic()
        for step in (lambda: smtp.mail(SENDER), lambda: smtp.rcpt(f"r{number}@example.org"),
                     lambda: smtp.data(MESSAGE)):
            code, text = step()
            if code != 250:
                break
        with self.lock:
            self.phase.slowest = max(self.phase.slowest, time.monotonic() - start)
            if code == 250:
                self.taken.add(number)
                self.phase.taken += 1
                return True
            self.kept.append(number)
            self.phase.deferred += 1
            if not 400 <= code < 500:
                self.errors.append(f"{number}: {code} {text}")
        # As an MTA, not at once.
        time.sleep(0.2)
        return False


class State:
    """What the cases share: the first makes it."""

    farm = mta = sink = load = want = None
    phases = []


def judged():
    return [len(node.messages()) for node in State.farm.nodes]


@contextlib.contextmanager
def phase(name):
    """A time of its own in the report; at least SECONDS of it after what is done in the block."""
    before = judged()
    with State.load.lock:
        State.load.phase = Phase(name, time.monotonic())
        State.phases.append(State.load.phase)
    yield
    time.sleep(SECONDS)
    State.phases[-1].end = time.monotonic()
    State.phases[-1].counts = tuple(b - a for a, b in zip(before, judged()))
    assert not State.load.errors, State.load.errors[:5]


def expect_served(*numbers):
    """In the last phase mail was taken, and these filters had a share in it."""
    counts = State.phases[-1].counts
    assert State.phases[-1].taken and all(counts[n] for n in numbers), counts


# ---- cases ---------------------------------------------------------------------------------------

@tap.case("all three serve")
def before():
    with phase("three"):
        for thread in State.load.threads:
            thread.start()
    expect_served(0, 1, 2)
    assert not State.phases[-1].deferred, State.phases[-1]


@tap.case("one is killed: the others serve, HAProxy sees it go and come back")
def killed():
    farm = State.farm
    with phase("killed -9"):
        farm.nodes[0].kill()
        farm.wait("DOWN", 0)
    expect_served(1, 2)
    assert farm.states()[0]["check_status"].startswith("L4"), farm.states()
    with phase("back again"):
        farm.nodes[0].start()
        farm.wait("UP", 0)
    expect_served(0, 1, 2)
    assert not State.phases[-1].deferred, State.phases[-1]


@tap.case("one hangs: it is found by the negotiation, what waits is freed, it comes back")
def hung():
    farm = State.farm
    with phase("hung"):
        os.kill(farm.nodes[1].process.pid, signal.SIGSTOP)
        try:
            start = time.monotonic()
            farm.wait("DOWN", 1)
            assert farm.states()[1]["check_status"] == "L7TOUT", farm.states()
            print(f"# found after {time.monotonic() - start:.1f} s")
            # The port alone would not show it.
            socket.create_connection(("127.0.0.1", farm.nodes[1].port), 5).close()
            time.sleep(SECONDS)
        finally:
            os.kill(farm.nodes[1].process.pid, signal.SIGCONT)
    expect_served(0, 2)
    assert State.phases[-1].slowest < 15, State.phases[-1]
    farm.wait("UP", 1)
    with phase("goes on"):
        pass
    expect_served(0, 1, 2)
    assert not State.phases[-1].deferred, State.phases[-1]


@tap.case("each is drained and restarted with a new configuration: nothing is deferred")
def rolled():
    farm = State.farm
    with phase("rolled"):
        for number, node in enumerate(farm.nodes):
            farm.drain(number)
            node.change(NEW, RULES)
            assert node.stop() == 0
            node.start()
            farm.ready(number)
            farm.wait("UP", number)
    assert not State.phases[-1].deferred, State.phases[-1]
    with phase("after"):
        pass
    expect_served(0, 1, 2)
    assert not State.phases[-1].deferred, State.phases[-1]


@tap.case("all are down: mail is deferred, and taken when one is back")
def down():
    farm = State.farm
    with phase("all down"):
        for node in farm.nodes:
            node.kill()
        farm.wait("DOWN", 0, 1, 2)
        taken = State.phases[-1].taken
    assert State.phases[-1].deferred and State.phases[-1].taken == taken, State.phases[-1]
    with phase("one back"):
        farm.nodes[2].start()
        farm.wait("UP", 2)
    expect_served(2)


@tap.case("every message came once, wholly mended by one configuration; no id came twice")
def whole():
    load, sink = State.load, State.sink
    State.load.stopped.set()
    for thread in load.threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in load.threads), len(load.kept)
    assert not load.errors and not load.kept, (load.errors[:5], load.kept[:5])
    assert len(load.taken) == next(load.numbers)
    assert wait_for(lambda: len(sink.deliveries) >= len(load.taken) and State.mta.queued() == 0, 60)
    got = collections.Counter(d.recipients for d in sink.deliveries)
    assert got == collections.Counter((f"r{n}@example.org",) for n in load.taken)
    fates = collections.Counter(fate(without_received(d.data)) for d in sink.deliveries)
    print(f"# {len(load.taken)} messages: {dict(fates)}")
    assert set(fates) == {"mended by old", "mended by new"}, fates
    ids = [ID.search(d.data)[1].decode() for d in sink.deliveries]
    assert len(set(ids)) == len(ids), [i for i, n in collections.Counter(ids).items() if n > 1]
    # More were made than came: of a message whose answer was lost, and that was sent again.
    made = [line["newmid"] for node in State.farm.nodes for line in node.messages()]
    assert len(set(made)) == len(made) and set(ids) <= set(made)
    report()


def fate(data):
    """What became of a message, in words."""
    if data == MESSAGE:
        return "unchanged"
    found = ID.search(data)
    if found is None:
        return "half"
    # But for the id, all must be what the first one is.
    same = ID.sub(b"", data)
    State.want = State.want or same
    if same != State.want or max(map(len, data.splitlines())) > 998:
        return "damaged"
    if mail.leaves(data)[0][1] != mail.leaves(MESSAGE)[0][1]:
        return "damaged"
    return f"mended by {found[2].decode()}"


def report():
    print("# phase        seconds  taken  a second  deferred  slowest  by each")
    for one in State.phases:
        seconds = one.end - one.start
        print(f"# {one.name:11} {seconds:8.1f} {one.taken:6} {one.taken / seconds:9.0f} "
              f"{one.deferred:9} {one.slowest:7.1f}s  {' '.join(map(str, one.counts))}")


@tap.case("neither Postfix nor HAProxy has seen anything else go wrong")
def complaints():
    lines = [line for line in State.mta.log().splitlines()
             if any(word in line for word in State.mta.complaints)]
    lines += [line for line in State.farm.log.splitlines()
              if re.search(r"\[(?:ALERT|WARNING)\]", line) and not EXPECTED.search(line)]
    assert not lines, "\n".join(lines[:20])


@contextlib.contextmanager
def one_farm():
    if not os.access(md.BINARY, os.X_OK):
        sys.exit(f"{md.BINARY} is not built; MAILMEND_MILTER says where it is")
    reason = postfix.missing() or haproxy.missing()
    if reason is not None:
        raise tap.Skip(reason)
    with Sink() as State.sink, haproxy.Farm(3, OLD, RULES) as State.farm, \
            Postfix(State.sink.port, State.farm.address) as State.mta:
        State.load = Load(State.mta)
        yield
        State.load.stopped.set()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(tap.run_all(one_farm))
