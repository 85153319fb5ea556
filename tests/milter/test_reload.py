#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""SIGUSR1: another configuration in a running mailmend-milter. Prints TAP."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time

import milterdaemon as md
from fixtures import CLEAN, FOUNDING
from milterclient import Message, MilterClient
from tap import Skip, case, run_all

WATCH = "[rule everything]\nPolicy = watch\n"
MEND = "[rule everything]\nPolicy = microsoft365\n"
HEAD = CLEAN[:CLEAN.index(b"\r\n\r\n")]


class Daemon(md.Daemon):
    """One whose file changes."""

    def lines(self, start):
        """The lines of the log that begin so."""
        texts = [md.LOG_LINE.match(line)[1] for line in self.text().splitlines()]
        return [text for text in texts if text.startswith(start)]

    def reload(self, expect="reloaded: "):
        """Signals, and waits for the answer."""
        before = len(self.lines("reload"))
        self.signal()
        wait_for(lambda: len(self.lines("reload")) > before)
        assert self.lines("reload")[before].startswith(expect), self.lines("reload")


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def send(daemon, queue_id, wire=FOUNDING):
    """One message in a session of its own: whether it was mended, and its policy."""
    with MilterClient(daemon.address) as mta:
        mta.connect()
        result = mta.deliver(Message.from_wire(wire), queue_id=queue_id)
        assert result.reply.goes_on, result.reply
    line, = daemon.messages_of(queue_id)
    return bool(result.edits), line["policy"]


@case("a changed file counts for the next message")
def changes():
    with Daemon(sections=WATCH) as daemon:
        assert send(daemon, "ONE") == (False, "watch")
        daemon.change(sections=MEND + "[policy mine]\nFix = ALL\n")
        assert send(daemon, "TWO") == (False, "watch")
        daemon.reload()
        assert re.fullmatch(r"reloaded: 6 policies, 1 rules", daemon.lines("reload")[-1])
        assert send(daemon, "THREE") == (True, "microsoft365")
        assert daemon.stop() == 0


@case("a file with problems changes nothing, and each problem is in the log")
def problems():
    with Daemon(sections=WATCH) as daemon:
        daemon.change("DryRum = yes", MEND + "[rule second]\nPolicy = nosuch\n")
        daemon.reload("reload failed, still running the configuration of ")
        failures = daemon.lines("reload failed")
        assert len(failures) == 2, failures
        for failure, word in zip(failures, ("DryRum", "nosuch")):
            assert re.fullmatch(r"reload failed, still running the configuration of "
                                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d: "
                                + re.escape(daemon.config) + r":\d+: .*" + word + ".*", failure)
        assert send(daemon, "ONE") == (False, "watch")
        daemon.change(sections=MEND)
        daemon.reload()
        assert send(daemon, "TWO") == (True, "microsoft365")


@case("of very many problems not all are logged, but how many there are")
def many_problems():
    with Daemon(sections=WATCH) as daemon:
        daemon.change("\n".join(f"Key{n} = x" for n in range(200)))
        daemon.reload("reload failed")
        wait_for(lambda: "150 more problems" in daemon.text())


@case("what is not ASCII in a file or a library's words is escaped in the log")
def printable():
    with Daemon(sections=WATCH) as daemon:
        daemon.change(sections="[rule x]\nSender = /(/\nPolicy = w\u00e4chter\n")
        daemon.reload("reload failed")
        wait_for(lambda: len(daemon.lines("reload failed")) == 2)
        assert "w\\xC3\\xA4chter" in daemon.text(), daemon.text()


@case("a message ends under the policy that it began with")
def in_flight():
    message = Message.from_wire(FOUNDING)
    with Daemon(sections=WATCH) as daemon, MilterClient(daemon.address) as mta:
        mta.connect()
        mta.mail("sender@example.com")
        mta.rcpt("rcpt@example.org")
        daemon.change(sections=MEND)
        daemon.reload()
        mta.macros["i"] = "FLIGHT"
        for name, value in message.shown(mta.leading_blanks):
            mta.header(name, value)
        mta.eoh()
        mta.body(message.body)
        reply, edits = mta.eom(message.copy())
        assert reply.goes_on and not edits, edits
        assert daemon.messages_of("FLIGHT")[0]["policy"] == "watch"
        # The next one of the same session.
        assert mta.deliver(message, queue_id="NEXT").edits
        assert daemon.messages_of("NEXT")[0]["policy"] == "microsoft365"


@case("a session that agreed on no reply to MAIL gets none when a rule to \"off\" comes")
def off_comes():
    with Daemon(sections=WATCH) as daemon, MilterClient(daemon.address) as mta:
        mta.connect()
        daemon.change(sections="[rule all]\nPolicy = off\n")
        daemon.reload()
        result = mta.deliver(Message.from_wire(FOUNDING), queue_id="OLD")
        assert result.stage == "eom" and result.reply.goes_on and not result.edits
        with MilterClient(daemon.address) as late:
            late.connect()
            assert late.deliver(Message.from_wire(FOUNDING)).stage == "mail"
        assert not daemon.messages()


@case("what only counts after a restart is named, until it is as it was")
def restart():
    with Daemon(sections=WATCH) as daemon:
        daemon.change("SocketMode = 0600\nDryRun = yes", WATCH)
        for _ in range(2):
            daemon.reload()
            wait_for(lambda: daemon.lines("reload")[-1].startswith("reloaded, but "))
            assert daemon.lines("reloaded, but ")[-1].endswith(" restart: SocketMode"), \
                daemon.lines("reloaded")
        wait_for(lambda: len(daemon.lines("reloaded, but ")) == 2)
        daemon.change(sections=WATCH)
        daemon.reload()
        time.sleep(0.1)
        assert len(daemon.lines("reloaded, but ")) == 2


@case("a file with warnings only counts, and they are in the log")
def warnings():
    with Daemon(sections=WATCH) as daemon:
        daemon.change(sections=MEND + "[rule never]\nClient = 192.0.2.1\nPolicy = watch\n")
        daemon.reload()
        assert send(daemon, "ONE") == (True, "microsoft365")
        warning, = daemon.lines(daemon.config)
        assert re.match(re.escape(daemon.config) + r":\d+: warning: .*never", warning), warning
        # At the start they are shown.
        assert "warning: " not in daemon.stderr()
        code, _, err = daemon.run("-n")
        assert code == 0 and err == warning + "\n", err


@case("drop-ins count, also one that came after the start")
def drop_ins():
    with Daemon(sections=WATCH) as daemon:
        folder = os.path.join(daemon.folder, "conf.d")
        os.mkdir(folder, 0o755)
        with open(os.path.join(folder, "50-x.conf"), "w", encoding="ascii") as file:
            file.write("[mailmend]\nDryRun = yes\nUser = x\n")
        daemon.reload("reload failed")
        assert "conf.d/50-x.conf:3: " in daemon.text() or os.geteuid() != 0, daemon.text()
        with open(os.path.join(folder, "50-x.conf"), "w", encoding="ascii") as file:
            file.write("[mailmend]\nDryRun = yes\n")
        daemon.change(sections=MEND)
        daemon.reload()
        assert send(daemon, "ONE")[0] is False
        assert daemon.messages_of("ONE")[0]["would"] == "fix"


@case("many signals become few, and the last change of the file is seen")
def burst():
    with Daemon(sections=WATCH) as daemon:
        for n in range(300):
            daemon.change(sections=MEND if n % 2 else WATCH)
            daemon.signal()
        wait_for(lambda: send(daemon, f"N{time.monotonic_ns()}") == (True, "microsoft365"), 10)
        time.sleep(0.3)
        count = len(daemon.lines("reloaded: "))
        assert 1 <= count <= 300 and not daemon.lines("reload failed"), count
        assert send(daemon, "LAST") == (True, "microsoft365")


@case("signals while it starts neither end it nor are lost")
def at_start():
    daemon = Daemon(sections=WATCH)
    with contextlib.closing(daemon) as _:
        with open(os.path.join(daemon.folder, "stderr"), "ab") as stderr:
            daemon.process = subprocess.Popen(daemon.command("-f"), stdin=subprocess.DEVNULL,
                                              env=daemon.environment(), stdout=stderr,
                                              stderr=stderr)
        # The first octets of the file are read after the signal is held back.
        wait_for(lambda: "SigBlk" in status(daemon) and
                 int(status(daemon)["SigBlk"], 16) & 1 << (signal.SIGUSR1 - 1))
        daemon.signal()
        wait_for(lambda: daemon.lines("reloaded: ") or not daemon.alive)
        assert daemon.alive, daemon.stderr()
        assert daemon.stop() == 0


def status(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        return dict(line.strip().partition(":\t")[::2] for line in file)


@case("a file that is gone is a problem, not the shipped configuration")
def gone():
    with Daemon(sections=MEND.replace("everything", "mine")) as daemon:
        os.unlink(daemon.config)
        daemon.reload("reload failed")
        assert daemon.config in daemon.lines("reload failed")[-1]
        assert send(daemon, "ONE") == (True, "microsoft365")


@case("a file that the user of the filter cannot read: told at the start, and at the reload")
def unreadable():
    if os.geteuid() != 0:
        raise Skip("not root: there is no other user to become")
    daemon = Daemon(sections=MEND)
    os.chmod(daemon.config, 0o600)
    with daemon:
        assert "a reload will fail: the user that the filter runs as cannot read it" in \
            daemon.text(), daemon.text()
        daemon.reload("reload failed")
        assert "Permission denied" in daemon.lines("reload failed")[-1]
        os.chmod(daemon.config, 0o644)
        daemon.reload()


@case("in the background, with a relative name of the file")
def relative():
    with contextlib.closing(Daemon(sections=WATCH)) as daemon:
        done = subprocess.run([md.BINARY, "-c", "mailmend.conf"], cwd=daemon.folder, check=False,
                              stdin=subprocess.DEVNULL, timeout=60)
        assert done.returncode == 0, done
        pid = int(re.search(r"mailmend-milter\[(\d+)\]: started", daemon.text())[1])
        try:
            assert os.readlink(f"/proc/{pid}/cwd") == "/"
            daemon.change(sections=MEND)
            os.kill(pid, signal.SIGUSR1)
            wait_for(lambda: daemon.lines("reload"))
            assert send(daemon, "ONE") == (True, "microsoft365"), daemon.text()
        finally:
            os.kill(pid, signal.SIGKILL)


@case("a log that was moved away is opened again")
def log():
    with Daemon(sections=WATCH) as daemon:
        os.rename(daemon.log, daemon.log + ".1")
        daemon.signal()
        wait_for(lambda: daemon.lines("reloaded: "))
        send(daemon, "ONE")
        with open(daemon.log + ".1", encoding="ascii") as file:
            old = file.read()
        assert "started" in old and "reloaded" not in old and "ONE" not in old


@case("a log that cannot be opened again goes on where it was")
def log_lost():
    if os.geteuid() != 0:
        raise Skip("not root: nobody owns what we do not")
    with Daemon(sections=WATCH) as daemon:
        os.rename(daemon.log, daemon.log + ".1")
        os.mkdir(daemon.log)
        daemon.signal()
        daemon.log += ".1"
        wait_for(lambda: daemon.lines("reloaded: "))
        assert daemon.lines("still writing to the old file: LogTo = "), daemon.text()
        os.rmdir(daemon.log.removesuffix(".1"))


def close(daemon):
    daemon.__exit__()


Daemon.close = close


if __name__ == "__main__":
    sys.exit(run_all(md.program))
