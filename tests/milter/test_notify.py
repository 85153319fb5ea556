#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What mailmend-milter tells systemd, and what it does as a unit. Needs no systemd. Prints TAP."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import milterdaemon as md
from milterclient import Message, MilterClient
from tap import Skip, case, run_all

HEAD = (b"From: ann@example.com\r\nTo: bob@example.org\r\nSubject: s\r\n"
        b"Date: Tue, 1 Jul 2003 10:52:37 +0200\r\n"
        b"Message-ID: =?utf-8?q?=3C1=40example=2Ecom=3E?=\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n")
DEFECT = Message.from_wire(HEAD + b"small\r\n")

# Seconds after which "systemd" takes silence for death; more where everything takes longer.
PATIENCE = 6 if md.has_sanitizer() else 3
# The first signs are given as soon as possible; then every third of it.
PERIOD = PATIENCE / 3


class Manager:
    """The socket of a service manager: what came, and when."""

    def __init__(self, path):
        self.got = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                text = self.socket.recv(65536).decode()
                self.got.append((time.monotonic(), dict(line.split("=", 1)
                                                        for line in text.split("\n"))))

    def wait(self, key, since=0, seconds=60):
        """The first message from number @since on that has @key, and its number."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for n, (_, message) in enumerate(self.got[since:], since):
                if key in message:
                    return message, n
            time.sleep(0.01)
        raise AssertionError(f"no {key}: {self.got[since:]}")

    def times(self, key, since=0):
        return [when for when, message in self.got[since:] if key in message]


class Unit(md.Daemon):
    """A daemon that is started as systemd starts one. @patience: WatchdogSec, None: no watchdog."""

    def __init__(self, settings="", patience=PATIENCE, variables=(), before=(), **options):
        super().__init__(settings, **options)
        path = os.path.join(self.folder, "notify")
        self.manager = Manager(path)
        self.variables = {"NOTIFY_SOCKET": path, **dict(variables)}
        self.before = list(before)
        if patience:
            self.variables["WATCHDOG_USEC"] = str(int(patience * 1e6))

    def environment(self):
        return {**(super().environment() or os.environ), **self.variables}

    def command(self, *args):
        return [*self.before, *super().command(*args)]

    def works(self):
        with MilterClient(self.address) as mta:
            mta.connect()
            return bool(mta.deliver(DEFECT).edits)

    def hide(self):
        """Makes it impossible to call the daemon."""
        os.rename(self.socket, self.socket + ".away")

    def show(self):
        os.rename(self.socket + ".away", self.socket)


def expect_gaps(times, seconds):
    gaps = [after - before for before, after in zip(times, times[1:])]
    assert gaps and max(gaps) < seconds, gaps


def expect_silence(unit, seconds):
    before = len(unit.manager.times("WATCHDOG"))
    time.sleep(seconds)
    assert len(unit.manager.times("WATCHDOG")) == before, "signs of life while nobody can call"


@case("READY=1 comes first, when the socket is open, with a status")
def ready():
    with Unit() as unit:
        message, n = unit.manager.wait("READY")
        assert n == 0 and message["READY"] == "1", unit.manager.got
        assert unit.socket in message["STATUS"], message
        assert re.search(r"version \d+\.\d+", message["STATUS"]), message
        assert unit.works()


@case("nothing is said when the start fails")
def not_ready():
    with md.Daemon() as first:
        unit = Unit(folder=first.folder)
        code, _, err = unit.run("-f", environment=unit.variables)
        assert code == 69 and "address in use" in err, (code, err)
        time.sleep(0.2)
        assert not unit.manager.got, unit.manager.got


@case("a reload: RELOADING=1, then READY=1 with what is in force")
def reload():
    with Unit() as unit:
        unit.manager.wait("READY")
        before = time.monotonic_ns() // 1000
        seen = len(unit.manager.got)
        unit.change("DryRun = yes")
        unit.signal()
        message, n = unit.manager.wait("RELOADING", seen)
        assert message["RELOADING"] == "1", message
        assert before <= int(message["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000, message
        message, _ = unit.manager.wait("READY", n + 1)
        assert re.search(r"\d+ policies, \d+ rules", message["STATUS"]), message
        assert "STOPPING" not in {key for _, m in unit.manager.got for key in m}


@case("a reload that fails: READY=1 all the same, the status has file and line")
def bad_reload():
    with Unit() as unit:
        unit.manager.wait("READY")
        seen = len(unit.manager.got)
        unit.change(raw="[mailmend]\nNonsense = 1\n\n[policy x]\nFix = NO_SUCH_LABEL\n")
        unit.signal()
        _, n = unit.manager.wait("RELOADING", seen)
        message, _ = unit.manager.wait("READY", n + 1)
        assert f"{unit.config}:2: " in message["STATUS"], message
        assert "failed" in message["STATUS"] and "still running" in message["STATUS"], message
        assert unit.works()


@case("STOPPING=1 at once at SIGTERM, the end soon after")
def stopping():
    with Unit() as unit:
        unit.manager.wait("WATCHDOG")
        assert unit.works()
        begin = time.monotonic()
        assert unit.stop() == 0
        took = time.monotonic() - begin
        unit.manager.wait("STOPPING")
        first = min(unit.manager.times("STOPPING")) - begin
        assert len(unit.manager.times("STOPPING")) == 1
        assert first < 1 and took < 4, (first, took)
        assert not os.path.exists(unit.socket)


@case("SIGHUP and SIGINT: STOPPING=1 too, once")
def other_signals():
    for number in (signal.SIGHUP, signal.SIGINT):
        with Unit(patience=None) as unit:
            unit.manager.wait("READY")
            unit.process.send_signal(number)
            assert unit.process.wait(60) == 0
            unit.manager.wait("STOPPING")
            assert len(unit.manager.times("STOPPING")) == 1, unit.manager.got


@case("signs of life: while idle, while serving, and while a last message is answered")
def signs():
    # More than the buffers between us take: the filter waits for us in the middle of its edits.
    long = Message.from_wire(HEAD + (b"x" * 3000 + b"\r\n") * 4000)
    with Unit() as unit, MilterClient(unit.address) as mta:
        unit.manager.wait("WATCHDOG")
        mta.connect()
        for _ in range(20):
            assert mta.deliver(DEFECT).edits
            time.sleep(PERIOD / 10)
        mta.begin(long, "LAST")
        first = mta.receive()
        unit.process.send_signal(signal.SIGTERM)
        _, n = unit.manager.wait("STOPPING")
        time.sleep(2 * PERIOD)
        assert unit.alive and unit.manager.times("WATCHDOG", n), unit.manager.got
        packets = [first]
        while packets[-1][0] not in "cartsy":
            packets.append(mta.receive())
        assert packets[-1][0] == "c" and unit.process.wait(60) == 0
        expect_gaps(unit.manager.times("WATCHDOG"), PATIENCE)


@case("no sign of life when nobody can call: the socket is gone, or nobody takes the call")
def silent():
    with Unit() as unit:
        unit.manager.wait("WATCHDOG")
        unit.hide()
        time.sleep(PERIOD)
        expect_silence(unit, PATIENCE)
        assert "does not answer itself: no connection: No such file" in unit.text(), unit.text()
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as deaf:
            deaf.bind(unit.socket)
            os.chmod(unit.socket, 0o777)
            deaf.listen(100)
            expect_silence(unit, PATIENCE)
        os.unlink(unit.socket)
        unit.show()
        seen = len(unit.manager.got)
        unit.manager.wait("WATCHDOG", seen)
        assert unit.text().count("does not answer itself") == 1, unit.text()
        assert "the filter answers again" in unit.text(), unit.text()


@case("a daemon that works is alive though nobody can call")
def busy():
    with Unit() as unit, MilterClient(unit.address) as mta:
        unit.manager.wait("WATCHDOG")
        mta.connect()
        unit.hide()
        seen = len(unit.manager.got)
        end = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < end:
            assert mta.deliver(DEFECT).edits
            time.sleep(PERIOD / 20)
        expect_gaps(unit.manager.times("WATCHDOG", seen), PATIENCE)


@case("a daemon that never could call itself says so and is watched otherwise")
def cannot_call():
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        raise Skip("a network without loopback needs root and unshare")
    # The interface of this network is down: it can be listened on, and not be reached.
    with Unit(args=["-s", "inet:8899@127.0.0.1"], before=["unshare", "-n"]) as unit:
        unit.manager.wait("READY")
        end = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < end:
            time.sleep(PERIOD)
        expect_gaps(unit.manager.times("WATCHDOG"), PATIENCE)
        assert unit.text().count("cannot call itself") == 1, unit.text()


@case("TCP: every address is called on loopback")
def tcp():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with Unit(args=["-s", f"inet:{port}@0.0.0.0"]) as unit:
        unit.manager.wait("WATCHDOG")
        time.sleep(2 * PERIOD)
        assert "watchdog" not in unit.text(), unit.text()
        begin = time.monotonic()
        assert unit.stop() == 0 and time.monotonic() - begin < 4


@case("a watchdog that is for another process is none")
def other_process():
    with Unit(variables={"WATCHDOG_PID": "1"}) as unit:
        unit.manager.wait("READY")
        time.sleep(PATIENCE)
        assert not unit.manager.times("WATCHDOG"), unit.manager.got


# ---- standard error that is the journal

class Journal(md.Daemon):
    """Its standard error is said to be the journal, and is."""

    journal = True

    def write_config(self, settings, sections):
        super().write_config(settings, sections)
        with open(self.config, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith("LogTo") or "stderr" in line]
        with open(self.config, "w", encoding="utf-8") as file:
            file.writelines(lines)

    def environment(self):
        path = os.path.join(self.folder, "stderr")
        with open(path, "ab"):
            info = os.stat(path)
        stream = f"{info.st_dev}:{info.st_ino if self.journal else info.st_ino + 1}"
        return {**(super().environment() or os.environ), "JOURNAL_STREAM": stream}

    def text(self):
        try:
            return self.stderr()
        except FileNotFoundError:
            return ""


@case("LogTo = stderr in the journal: lines with their level, and nothing that it knows itself")
def journal_lines():
    with Journal("LogTo = stderr") as daemon:
        daemon.change(settings="LogTo = stderr\nNonsense = 1")
        daemon.signal()
        end = time.monotonic() + 60
        while "reload failed" not in daemon.text():
            assert time.monotonic() < end, daemon.text()
            time.sleep(0.02)
        daemon.stop()
        lines = daemon.text().splitlines()
        assert lines[0].startswith("<6>started version="), lines
        assert any(line.startswith("<3>reload failed") for line in lines), lines
        assert lines[-1] == "<6>stopped", lines


@case("the same variable of another stream: as ever")
def other_stream():
    daemon = Journal("LogTo = stderr")
    daemon.journal = False
    with daemon:
        assert daemon.text().startswith(f"mailmend-milter[{daemon.process.pid}]: started"), \
            daemon.text()


@case("in the journal without LogTo: syslog, and nothing twice")
def journal_default():
    daemon = Journal()
    # It has no log that we could wait for.
    with contextlib.suppress(RuntimeError):
        daemon.start(seconds=3)
    try:
        assert daemon.alive and not daemon.text(), daemon.text()
        with MilterClient(daemon.address) as mta:
            mta.connect()
            assert mta.deliver(DEFECT).edits
        assert daemon.stop() == 0 and not daemon.text(), daemon.text()
    finally:
        daemon.__exit__()


@case("in the journal what ends the start is on standard error, once, with its level")
def journal_failure():
    with md.Daemon() as first:
        daemon = Journal(folder=first.folder)
        # As the stream that run () reads cannot be named before it is there, a shell does it.
        script = 'exec 2>"$0/stderr"; JOURNAL_STREAM=$(stat -Lc %d:%i "$0/stderr") "$@"'
        done = subprocess.run(["sh", "-c", script, daemon.folder, *daemon.command("-f")],
                              stdin=subprocess.DEVNULL, timeout=60, check=False)
        assert done.returncode == 69, done
        lines = daemon.stderr().splitlines()
        assert len(lines) == 1 and lines[0].startswith("<3>"), lines
        assert "address in use" in lines[0], lines


@contextlib.contextmanager
def program():
    md.need()
    with open(md.BINARY, "rb") as file:
        if b"sd_notify" not in file.read():
            raise Skip("built without libsystemd")
    yield


if __name__ == "__main__":
    sys.exit(run_all(program))
