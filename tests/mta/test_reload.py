#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reloads under load: mail through a real Postfix while the configuration changes. Prints TAP.

$MAILMEND_MILTER is the program, $MM_RELOAD_MESSAGES how many messages are sent (10,000). It takes
root, see postfix.py.

Every 50 ms the file becomes one of two good configurations or a broken one, and SIGUSR1 follows.
The two differ in all that can be seen of a message: the names of policy and rule, what is mended,
and the host name in the Message-ID that is made. So a message that fell under both would show.
"""

import contextlib
import itertools
import os
import re
import signal
import smtplib
import sys
import threading
import time

import mail
from bench import SETTINGS, Bench, wait_for  # first: it knows the way to tests/milter
from milterdaemon import BINARY
from postfix import missing, without_received
import tap

MESSAGES = int(os.environ.get("MM_RELOAD_MESSAGES", "10000"))
SESSIONS = 8
PER_SESSION = 25
STEP = 0.05

FROM, ID, DATE, VERSION = ("MISSING_FROM_HEADER", "MISSING_MESSAGE_ID_HEADER",
                           "MISSING_DATE_HEADER", "MISSING_MIME_VERSION")

# Without an author and without a domain of the sender the host name counts.
MESSAGE = mail.without(mail.CLEAN, b"from", b"message-id", b"date", b"mime-version")
SENDER = "load"


class Good:
    """A good configuration, and what must show of a message under it."""

    def __init__(self, name, fixed, left, extra=b""):
        self.settings = f"{SETTINGS}Hostname = {name}.example"
        self.sections = (f"[policy policy-{name}]\nFix = {' | '.join(fixed)}\n"
                         f"[rule rule-{name}]\nSasl = no\nPolicy = policy-{name}\n")
        self.line = {"action": "fix", "policy": f"policy-{name}", "rule": f"rule-{name}",
                     "fixed": "|".join(sorted(fixed)), "left": "|".join(sorted(left))}
        self.newmid = re.compile(rf"<[^@]+@{name}\.example>")
        # What stands behind the header fields that were sent.
        added = rb"Date: [^\r]+\r\n" if DATE in fixed else rb"MIME-Version: 1\.0\r\n"
        self.added = re.compile(rb"(?:(?:%s|Message-ID: (<[^@]+@%s\.example>)\r\n)){2}"
                                % (added, name.encode()))

    def explains(self, line, data):
        """TRUE if a message's line and what was delivered are all of this configuration."""
        head, body = mail.end(MESSAGE), mail.end(data)
        added = self.added.fullmatch(data[head:body])
        return (self.line.items() <= line.items() and self.newmid.fullmatch(line["newmid"])
                and data[:head] == MESSAGE[:head] and added is not None
                and added[1].decode() == line["newmid"])


ONE = Good("one", (ID, DATE), (FROM, VERSION))
TWO = Good("two", (ID, VERSION), (FROM, DATE))


def broken_files():
    """Files with a problem, each of which would show in a message if it counted."""
    head = f"[mailmend]\n{SETTINGS}Hostname = broken.example\n"
    policy = "[policy broken]\nReject = ALL\n"
    rule = "[rule broken]\nPolicy = broken\n"
    return (head + policy + rule + "[rule broken]\nPolicy = broken\n",
            head + policy + rule.replace("Policy = broken", "Policy = nosuch") + rule,
            head + "Nonsense = yes\n" + policy + rule,
            head + policy.replace("ALL", "ALL | NO_SUCH_LABEL") + rule,
            head + policy + rule + "[rule cut",
            policy + rule + "\0",
            head + policy + "[rule x]\nClient = 192.0.2.1/24\nPolicy = broken\n" + rule,
            head + policy + rule + "x" * 2000000)


# ---- the load, and the changes meanwhile -----------------------------------------------------------

class Load:
    """Sends messages in several sessions at once; @errors: all that did not go well."""

    def __init__(self, bench, messages):
        self.bench = bench
        self.numbers = iter(range(messages))
        self.lock = threading.Lock()
        self.errors = []
        self.ids = []  # queue ids, of which Postfix may use one again
        self.sessions = 0
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(SESSIONS)]

    def take(self):
        """The next numbers of messages, for one session."""
        with self.lock:
            return list(itertools.islice(self.numbers, PER_SESSION))

    def run(self):
        while numbers := self.take():
            try:
                self.session(numbers)
            except (OSError, smtplib.SMTPException) as error:
                self.errors.append(repr(error))

    def session(self, numbers):
        with self.bench.mta.client() as smtp:
            self.sessions += 1
            smtp.ehlo()
            for number in numbers:
                recipient = f"r{number}@example.org"
                replies = [smtp.mail(SENDER), smtp.rcpt(recipient), smtp.data(MESSAGE)]
                if any(code != 250 for code, _ in replies):
                    self.errors.append(f"{recipient}: {replies}")
                    return
                self.ids.append(replies[2][1].split()[-1].decode())


class Changes(threading.Thread):
    """Changes the file, and says so, until it is stopped."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.filter = daemon
        self.stopped = threading.Event()
        self.good = self.bad = 0

    def run(self):
        broken = itertools.cycle(broken_files())
        files = itertools.cycle((ONE, None, TWO, None))
        while not self.stopped.wait(STEP):
            good = next(files)
            if good is not None:
                self.filter.change(good.settings, good.sections)
                self.good += 1
            else:
                self.filter.change(raw=next(broken))
                self.bad += 1
            self.filter.signal()

    def stop(self):
        self.stopped.set()
        self.join()


# ---- cases -----------------------------------------------------------------------------------------

class State:
    """What the cases share: the first makes it."""

    bench = load = changes = None


def logged(start):
    return [text for text in State.bench.filter.text().splitlines() if f"]: {start}" in text]


@tap.case(f"{MESSAGES} messages while the file changes every {STEP * 1000:.0f} ms: all are taken")
def load():
    bench = State.bench
    bench.filter.change(ONE.settings, ONE.sections)
    bench.filter.signal()
    assert wait_for(lambda: logged("reloaded: ")), bench.filter.text()
    State.load, State.changes = Load(bench, MESSAGES), Changes(bench.filter)
    start = time.monotonic()
    State.changes.start()
    for thread in State.load.threads:
        thread.start()
    for thread in State.load.threads:
        thread.join()
    State.changes.stop()
    seconds = time.monotonic() - start
    assert not State.load.errors, State.load.errors[:10]
    assert len(State.load.ids) == MESSAGES, len(State.load.ids)
    print(f"# {MESSAGES} messages in {State.load.sessions} sessions, {seconds:.1f} s; "
          f"{State.changes.good} good files and {State.changes.bad} broken ones; "
          f"{len(logged('reloaded: '))} reloads, {len(logged('reload failed'))} failed")


@tap.case("each has one line, and line and message are wholly of one configuration")
def whole():
    bench, ids = State.bench, State.load.ids
    assert wait_for(lambda: len(bench.sink.deliveries) >= MESSAGES, 120), \
        f"{len(bench.sink.deliveries)} of {MESSAGES} were delivered"
    assert len({d.recipients for d in bench.sink.deliveries}) == MESSAGES
    messages = [without_received(d.data) for d in bench.sink.deliveries]
    # An id of a message is new each time: it says which line is whose.
    delivered = {mail.field(data, b"Message-ID")[12:-2].decode(): data for data in messages}
    lines = bench.filter.messages()
    assert len(delivered) == len(lines) == MESSAGES, (len(delivered), len(lines))
    assert sorted(line["id"] for line in lines) == sorted(ids)
    counts = {ONE: 0, TWO: 0}
    for line in lines:
        data = delivered[line["newmid"]]
        which = [good for good in counts if good.explains(line, data)]
        assert len(which) == 1, (line, data)
        counts[which[0]] += 1
    # Else nothing was tried.
    assert min(counts.values()) > MESSAGES / 20, list(counts.values())
    print(f"# {counts[ONE]} under one configuration, {counts[TWO]} under the other")


@tap.case("the broken files were seen, and never counted")
def broken():
    changes = State.changes
    failed, done = logged("reload failed, still running the configuration of "), logged("reloaded")
    assert len(failed) > changes.bad / 4 and len(done) > changes.good / 4, (failed, done)
    assert len(done) <= changes.good + 1
    text = State.bench.filter.text()
    if changes.bad >= len(broken_files()):
        for word in ("nosuch", "Nonsense", "NO_SUCH_LABEL", "192.0.2.1/24"):
            assert word in text, word
    assert not [line for line in text.splitlines() if "]: error" in line or ": error: " in line]


@tap.case("the last file counts, and the filter and Postfix are well")
def last():
    bench = State.bench
    bench.filter.change(raw=broken_files()[0])
    bench.filter.signal()
    bench.filter.change(TWO.settings, TWO.sections)
    done = len(logged("reloaded: "))
    bench.filter.signal()
    assert wait_for(lambda: len(logged("reloaded: ")) > done)
    with bench.mta.client() as smtp:
        smtp.sendmail(SENDER, ["last@example.org"], MESSAGE)
    delivery, = bench.sink.wait("last@example.org")
    assert TWO.explains(bench.filter.messages()[-1], without_received(delivery.data))
    assert not bench.filter.stderr(), bench.filter.stderr()
    bad = [line for line in bench.mta.log().splitlines()
           if re.search(r"fatal:|panic:|error:|milter-|warning: .*milter", line)]
    assert not bad, "\n".join(bad[:20])
    assert bench.filter.stop() == 0


@contextlib.contextmanager
def one_bench():
    if not os.access(BINARY, os.X_OK):
        sys.exit(f"{BINARY} is not built; MAILMEND_MILTER says where it is")
    if missing() is not None:
        raise tap.Skip(missing())
    with Bench() as State.bench:
        yield


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(tap.run_all(one_bench))
