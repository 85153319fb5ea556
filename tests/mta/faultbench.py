# SPDX-License-Identifier: BSD-2-Clause
"""A bench for faults: mail through Postfix and a filter that fails, and what became of it."""

import contextlib
import itertools
import os
import signal
import smtplib
import subprocess
import sys

import mail
from bench import Bench, Filter, wait_for  # first: it knows the way to tests/milter
import faults
import milterdaemon as md
from postfix import missing, without_received
import tap

# How long Postfix waits for the filter.
SECONDS = 10
SECONDS_PER_CASE = 120

# Three headers to edit, one to append, and a body of several pieces to replace.
MUCH_TO_MEND = (mail.without(mail.FOUNDING, b"mime-version").replace(
    b"Subject: clean", "Subject: gr\u00fcn".encode()) + b"word " * 60000 + b"\r\n")

# Far below that body: it is always in a file.
THRESHOLD = "10K"


def has_sanitizer():
    """AddressSanitizer takes all address space for itself, and its own functions for libc's."""
    try:
        with open(md.BINARY, "rb") as file:
            return b"__asan_init" in file.read()
    except FileNotFoundError:
        return False


class FaultFilter(Filter):
    """Starts by way of another program (@prefix), and perhaps with a log that nobody can read."""

    prefix = ()
    environment = {}

    def command(self, *args):
        return [*self.prefix, *super().command(*args)]

    def start(self, seconds=30):
        with open(os.path.join(self.folder, "stderr"), "ab") as stderr:
            self.process = subprocess.Popen(self.command("-f"), stdin=subprocess.DEVNULL,
                                            env={**os.environ, **self.environment},
                                            stdout=stderr, stderr=stderr)
        wait_for(lambda: self.answers() or not self.alive, seconds)
        if not self.answers():
            raise RuntimeError(f"it does not start: {self.stderr()}")
        return self

    def write_config(self, settings, sections):
        # Not where the tests read: that may be a device.
        log, name = self.log, None
        lines = [line for line in settings.splitlines() if line]
        for line in [line for line in lines if line.startswith("LogTo = ")]:
            lines.remove(line)
            name = line.partition(" = ")[2]
        self.log = name or log
        try:
            super().write_config("\n".join(lines), sections)
        finally:
            self.log = log


class FaultBench(Bench):
    """One for all cases of a program. Each message has a recipient of its own."""

    def __init__(self):
        super().__init__(settings=f"SpoolThreshold = {THRESHOLD}\n", seconds=SECONDS,
                         kind=FaultFilter)
        self.names = (f"fault{n}" for n in itertools.count())
        self.taken = {}  # recipient -> whether Postfix took the message
        self.ids = {}  # recipient -> queue id
        self.want = {}

    def __enter__(self):
        super().__enter__()
        for data in (MUCH_TO_MEND, mail.FOUNDING):
            self.learn(data)
        return self

    def learn(self, data):
        """What a message is when it leaves mended."""
        recipient = self.recipient()
        assert self.submit(recipient, data) == 250, self.mta.log()[-2000:]
        self.want[data] = without_received(self.sink.wait(recipient)[0].data)
        assert self.want[data] != data

    def recipient(self):
        return f"{next(self.names)}@example.org"

    # ---- mail

    def submit(self, recipient, data, port=None):
        """The code of the reply that decides; 421 if the session ends without one."""
        try:
            with self.mta.client(port) as smtp:
                smtp.ehlo()
                return self.submit_in(smtp, recipient, data)
        except smtplib.SMTPServerDisconnected:
            return 421

    def submit_in(self, smtp, recipient, data):
        self.taken[recipient] = False
        try:
            for step in (lambda: smtp.mail(recipient.replace("@example.org", "@example.com")),
                         lambda: smtp.rcpt(recipient), lambda: smtp.data(data)):
                code, text = step()
                if code != 250:
                    return code
        except smtplib.SMTPServerDisconnected:
            return 421
        except smtplib.SMTPDataError as error:
            return error.smtp_code
        self.taken[recipient] = True
        self.ids[recipient] = text.split()[-1].decode()
        return 250

    def fate(self, code, recipient, data=MUCH_TO_MEND):
        """What became of a message that Postfix answered with @code, in the words of the table."""
        if code != 250:
            return "tempfailed" if 400 <= code < 500 else f"refused with {code}"
        got = without_received(self.sink.wait(recipient)[0].data)
        if got == data:
            return "unchanged"
        return "mended" if got == self.want[data] else "damaged"

    def send(self, data=MUCH_TO_MEND, port=None):
        recipient = self.recipient()
        return self.fate(self.submit(recipient, data, port), recipient, data)

    def serves(self, process=None):
        """What became of the filter: it is brought back if it is gone. @process: the one before."""
        same = self.filter.alive and (process or self.filter.process) is self.filter.process
        if not self.filter.alive:
            self.filter.start()
        fate = self.send(mail.FOUNDING)
        assert fate == "mended", (fate, self.filter.stderr(), self.mta.log()[-2000:])
        return "serves" if same else "restarted"

    # ---- the filter

    @contextlib.contextmanager
    def other_filter(self, *prefix, environment=None, **settings):
        """Another one, with @settings, started by @prefix, until the end of the block."""
        self.filter.kill()
        lines = {"SpoolThreshold": THRESHOLD, **settings}
        kept = dict(line.split(" = ", 1) for line in self.settings.splitlines())
        try:
            self.filter.write_config("\n".join(f"{k} = {v}" for k, v in {**kept, **lines}.items()),
                                     self.sections)
            self.filter.prefix, self.filter.environment = prefix, environment or {}
            yield self.filter.start()
        finally:
            self.filter.kill()
            self.filter.prefix, self.filter.environment = (), {}
            self.filter.write_config(self.settings, self.sections)
            self.filter.start()

    @contextlib.contextmanager
    def stopped(self):
        """The filter does nothing until the end of the block."""
        os.kill(self.filter.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            if self.filter.alive:
                os.kill(self.filter.process.pid, signal.SIGCONT)

    # ---- in the end

    def expect_nothing_lost(self):
        """Each message that was taken has come once, and none that was not."""
        assert wait_for(lambda: self.mta.queued() == 0), self.mta.log()[-3000:]
        wrong = [(to, taken) for to, taken in self.taken.items()
                 if len(self.sink.to(to)) != int(taken)]
        assert not wrong, wrong


# ---- programs ------------------------------------------------------------------------------------

def fault(name, expected, here=True):
    """A fault that is provoked on a bench, within its time."""
    def register(function):
        def run():
            signal.alarm(SECONDS_PER_CASE)
            try:
                return function(State.bench)
            finally:
                signal.alarm(0)
                # One that failed must not let others fail.
                if not State.bench.filter.alive:
                    State.bench.filter.start()
        return faults.fault(name, expected, here)(run)
    return register


class State:
    bench = None


def too_long(*_):
    raise TimeoutError(f"more than {SECONDS_PER_CASE} s")


@contextlib.contextmanager
def one_bench():
    if not os.access(md.BINARY, os.X_OK):
        sys.exit(f"{md.BINARY} is not built; MAILMEND_MILTER says where it is")
    if missing() is not None:
        raise tap.Skip(missing())
    with FaultBench() as State.bench:
        yield


def main(title, program, notes=""):
    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap.case("every message that was taken came once, and no other")(
        lambda: State.bench.expect_nothing_lost())
    tap.case("FAULTS.md has these faults")(
        lambda: faults.check_table(title, program, notes))
    sys.exit(tap.run_all(one_bench))
