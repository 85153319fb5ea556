#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The filter dies, hangs, is cut off or told to end while mail passes a real Postfix. Prints TAP.

$MAILMEND_MILTER is the program. It takes root, see postfix.py. The rows are in FAULTS.md.
"""

import os
import re
import signal
import smtplib
import subprocess
import tempfile
import threading
import time

import mail
from faultbench import MUCH_TO_MEND, fault, main
from bench import wait_for
from milterclient import Message, MilterClient, ProtocolError

# ---- at every stage ------------------------------------------------------------------------------
# Postfix sends this filter no HELO, DATA and end of header.

STAGES = (
    ("the negotiation", b"O", 0),
    ("CONNECT", b"C", 0),
    ("MAIL", b"M", 0),
    ("RCPT", b"R", 0),
    ("the first header", b"L", 0),
    ("the last header", b"L", -1),
    ("the first piece of the body", b"B", 0),
    ("the last piece of the body", b"B", -1),
    ("the end of the message", b"E", 0),
)


class At:
    """Waits on the wire for one packet of Postfix, then does something to the filter."""

    def __init__(self, bench, command, index):
        self.bench = bench
        self.command = command
        self.left = range(self.count())[index] + 1
        self.hit = False
        self.done = threading.Event()

    def count(self):
        """How many such packets there are."""
        seen = []
        self.bench.wire.after = lambda packet: seen.append(packet[4:5])
        try:
            assert self.bench.send(port=self.bench.mta.ports[0]) == "mended"
        finally:
            self.bench.wire.after = lambda packet: None
        return seen.count(self.command)

    def before(self, packet):
        """Counts; TRUE for the one that is waited for."""
        if packet[4:5] == self.command:
            self.left -= 1
            self.hit = self.left == 0
        else:
            self.hit = False
        return self.hit

    def send(self, before, after):
        """One message. @before and @after it passes the packet does not pass, or what they do."""
        wire = self.bench.wire
        wire.before = lambda packet: not self.before(packet) or before()
        wire.after = lambda packet: self.hit and (after(), self.done.set())
        try:
            fate = self.bench.send(port=self.bench.mta.ports[0])
            assert not after or self.done.wait(30)
            return fate
        finally:
            wire.before, wire.after = lambda packet: True, lambda packet: None


def hold(bench):
    os.kill(bench.filter.process.pid, signal.SIGSTOP)
    return True


def kill_later(bench):
    """Once the callback has run."""
    time.sleep(0.1)
    bench.filter.kill()


def at_every_stage():
    for title, command, index in STAGES:
        @fault(f"kill -9 when {title} has arrived, but is not read",
               "tempfailed, again: mended; restarted")
        def unread(bench, command=command, index=index):
            at, process = At(bench, command, index), bench.filter.process
            fate = at.send(lambda: hold(bench), bench.filter.kill)
            state = bench.serves(process)
            return f"{fate}, again: {bench.send()}; {state}"

        # What comes after the end is told apart by the edits that got through.
        if command != b"E":
            @fault(f"kill -9 after the callback of {title}",
                   "tempfailed, again: mended; restarted")
            def after(bench, command=command, index=index):
                at, process = At(bench, command, index), bench.filter.process
                fate = at.send(lambda: True, lambda: kill_later(bench))
                state = bench.serves(process)
                return f"{fate}, again: {bench.send()}; {state}"

        @fault(f"the connection is cut at {title}", "tempfailed, again: mended; serves")
        def cut(bench, command=command, index=index):
            at, process = At(bench, command, index), bench.filter.process
            fate = at.send(lambda: False, None)
            return f"{fate}, again: {bench.send()}; {bench.serves(process)}"


at_every_stage()


def send_with_cut(bench, edits):
    """The filter is killed when @edits packets of its answer have reached Postfix."""
    bench.wire.cut_after = edits
    bench.wire.on_cut = bench.filter.kill
    try:
        return bench.send(port=bench.mta.ports[0])
    finally:
        bench.wire.cut_after = None
        if not bench.filter.alive:
            bench.filter.start()


@fault("kill -9 before the first edit, between any two, and before the final reply",
       "tempfailed, again: mended; restarted")
def between_edits(bench):
    process = bench.filter.process
    assert bench.send(port=bench.mta.ports[0]) == "mended"
    answer = bench.wire.conversations[-1].decode()
    # All headers, then all of the body in a row, then the end.
    assert re.fullmatch("[mh]{3,}b{2,}[ca]", answer), answer
    fates = {send_with_cut(bench, edits) for edits in range(len(answer))}
    assert len(fates) == 1, fates
    return f"{fates.pop()}, again: {bench.send()}; {bench.serves(process)}"


@fault("kill -9 after the final reply", "mended; restarted")
def after_reply(bench):
    process = bench.filter.process
    assert bench.send(port=bench.mta.ports[0]) == "mended"
    fate = send_with_cut(bench, len(bench.wire.conversations[-1]))
    bench.filter.kill()
    return f"{fate}; {bench.serves(process)}"


@fault("kill -9 between two messages of a session", "tempfailed, again: mended; restarted")
def in_session(bench):
    process = bench.filter.process
    with bench.mta.client() as smtp:
        smtp.ehlo()
        assert bench.submit_in(smtp, bench.recipient(), MUCH_TO_MEND) == 250
        bench.filter.kill()
        recipient = bench.recipient()
        fate = bench.fate(bench.submit_in(smtp, recipient, MUCH_TO_MEND), recipient)
    state = bench.serves(process)
    return f"{fate}, again: {bench.send()}; {state}"


@fault("the filter is not there", "tempfailed, again: mended; restarted")
def not_there(bench):
    process = bench.filter.process
    bench.filter.kill()
    fate = bench.send()
    state = bench.serves(process)
    return f"{fate}, again: {bench.send()}; {state}"


@fault("the filter hangs (SIGSTOP)", "tempfailed, again: mended; serves")
def hangs(bench):
    process = bench.filter.process
    with bench.stopped():
        fate = bench.send()
    return f"{fate}, again: {bench.send()}; {bench.serves(process)}"


@fault("the file of the socket is removed", "tempfailed, again: mended; restarted")
def socket_removed(bench):
    process = bench.filter.process
    os.unlink(bench.filter.socket)
    fate = bench.send()
    assert bench.filter.stop() == 0
    state = bench.serves(process)
    return f"{fate}, again: {bench.send()}; {state}"


@fault("a filter starts while the one before still answers its last message",
       "mended; restarted; the last message: mended")
def overlap(bench):
    process = bench.filter.process
    # More than the buffers between us take: the filter waits for us in the middle of its edits.
    large = Message.from_wire(mail.FOUNDING + b"x" * 3000000 + b"\r\n")
    with MilterClient(bench.filter.address) as mta:
        mta.connect()
        mta.begin(large, "LAST")
        packet = mta.receive()
        process.send_signal(signal.SIGTERM)
        assert wait_for(lambda: not os.path.exists(bench.filter.socket))
        bench.filter.start()
        while packet[0] not in "cartsy":
            packet = mta.receive()
        assert packet[0] == "c", packet
    assert process.wait(60) == 0
    return f"{bench.send()}; {bench.serves(process)}; the last message: mended"


@fault("SIGTERM while an MTA takes no more of its edits: the filter waits 30 seconds",
       "no answer; mail of Postfix that has no end yet: tempfailed, again: mended; restarted")
def never_drained(bench):
    process = bench.filter.process
    large = Message.from_wire(mail.FOUNDING + b"x" * 3000000 + b"\r\n")
    with MilterClient(bench.filter.address) as mta, bench.mta.client() as smtp:
        mta.connect()
        mta.begin(large, "NEVER")
        assert mta.receive()[0] in "himb"
        smtp.ehlo()
        recipient = bench.recipient()
        smtp.mail(recipient.replace("@example.org", "@example.com"))
        smtp.rcpt(recipient)
        bench.taken[recipient] = False
        started = time.monotonic()
        assert bench.filter.stop() == 0
        assert 29 < time.monotonic() - started < 45, time.monotonic() - started
        fate = bench.fate(smtp.data(mail.FOUNDING)[0], recipient, mail.FOUNDING)
        try:
            while (packet := mta.receive())[0] not in "carty":
                pass
            return f"answered with {packet}"
        except (ProtocolError, OSError):
            pass
    assert "stopped with messages under way" in bench.filter.text()
    state = bench.serves(process)
    return (f"no answer; mail of Postfix that has no end yet: {fate}, "
            f"again: {bench.send(mail.FOUNDING)}; {state}")


# ---- SIGTERM under load --------------------------------------------------------------------------

class Load(threading.Thread):
    """Sends one message after the other, each until it is taken."""

    def __init__(self, bench, messages):
        super().__init__(daemon=True)
        self.bench = bench
        self.messages = messages
        self.refused = 0  # tries that failed
        self.errors = []

    def run(self):
        for _ in range(self.messages):
            recipient = self.bench.recipient()
            try:
                while (code := self.bench.submit(recipient, mail.FOUNDING)) != 250:
                    assert 400 <= code < 500, code
                    self.refused += 1
                    time.sleep(0.05)
                fate = self.bench.fate(code, recipient, mail.FOUNDING)
                assert fate == "mended", fate
            except (AssertionError, OSError, smtplib.SMTPException) as error:
                self.errors.append(f"{recipient}: {error!r}")


def under_load(bench, end):
    """800 messages by eight clients, while @end ends the filter ten times. Those clients."""
    bench.serves()
    loads = [Load(bench, 100) for _ in range(8)]
    for load in loads:
        load.start()
    for _ in range(10):
        time.sleep(0.3)
        end()
        bench.filter.start()
    for load in loads:
        load.join()
    errors = [error for load in loads for error in load.errors]
    assert not errors, errors[:5]
    # Else nothing was tried.
    assert sum(load.refused for load in loads) > 0
    return loads


@fault("SIGTERM under the load of eight clients, ten times",
       "what was being answered: mended; others: tempfailed, again: mended; restarted")
def terminated(bench):
    process = bench.filter.process
    before, taken = len(bench.filter.messages()), sum(bench.taken.values())

    def end():
        assert bench.filter.stop() == 0, bench.filter.stderr()
    under_load(bench, end)
    # Each line that says "fix" stands for an answer that reached the MTA.
    lines = [m for m in bench.filter.messages()[before:] if m["action"] == "fix"]
    assert len(lines) == sum(bench.taken.values()) - taken, len(lines)
    return ("what was being answered: mended; others: tempfailed, again: mended; "
            + bench.serves(process))


def read_kept(bench, name):
    with open(os.path.join(bench.kept, name), "rb") as file:
        return file.read()


@fault("kill -9 under the load of eight clients, ten times; KeepOriginals has what was mended",
       "mended or tempfailed, again: mended; restarted")
def killed(bench):
    process = bench.filter.process
    known = set(bench.ids)
    under_load(bench, bench.filter.kill)
    state = bench.serves(process)
    names = [bench.ids[recipient] for recipient in bench.ids.keys() - known]
    assert len(names) > 800, len(names)
    for name in names:
        assert read_kept(bench, f"{name}.eml") == mail.FOUNDING, name
        assert read_kept(bench, f"{name}.mended.eml") == bench.want[mail.FOUNDING], name
        assert read_kept(bench, f"{name}.envelope"), name
    # Nothing under its final name is cut short.
    for name in os.listdir(bench.kept):
        assert name.startswith(".mailmend-") or read_kept(bench, name), name
    return f"mended or tempfailed, again: mended; {state}"


# ---- two of them ---------------------------------------------------------------------------------

@fault("a second filter is started at the same socket", "mended; serves; the second ends with 69")
def second(bench):
    process = bench.filter.process
    code, _, text = bench.filter.run("-f")
    assert "address in use" in text, text
    return f"{bench.send()}; {bench.serves(process)}; the second ends with {code}"


@fault("eight filters are started at once where one has died, ten times",
       "mended; restarted; one stays, the others end with 69")
def eight(bench):
    process = bench.filter.process
    stayed = set()
    for _ in range(10):
        bench.filter.kill()
        with tempfile.TemporaryFile() as log:
            all_of_them = [subprocess.Popen(bench.filter.command("-f"), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log) for _ in range(8)]
            try:
                wait_for(lambda: sum(p.poll() is None for p in all_of_them) <= 1, 10)
                assert wait_for(bench.filter.answers)
                stayed.add(sum(p.poll() is None for p in all_of_them))
                assert {p.returncode for p in all_of_them} <= {None, 69}
                bench.filter.process = next(p for p in all_of_them if p.poll() is None)
                fate = bench.send()
            finally:
                for one in all_of_them:
                    one.kill()
                    one.wait()
    state = bench.serves(process)
    assert stayed == {1}, stayed
    return f"{fate}; {state}; one stays, the others end with 69"


if __name__ == "__main__":
    main("The filter and its connection", "tests/mta/test_faults.py", """
What `KeepOriginals` meets (a folder that is full, read-only or gone) is in
`tests/milter/test_originals.py`.
""")
