#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Everything at once: many sessions, reloads, DNS, tables and originals that change. Prints TAP.

In a build with ThreadSanitizer (which tests/all makes) each report it writes is a failure; in others
this shows that no message is lost, mixed up or logged twice. $MM_RACES_MESSAGES is how many are sent.
"""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import threading
import time

import milterdaemon as md
from dnsserver import OddServer, mx
from fixtures import CLEAN, FOUNDING
from milterclient import Message, MilterClient
from tap import case, run_all

CLIENTS = 24
MESSAGES = int(os.environ.get("MM_RACES_MESSAGES", "1500"))

POSTMAP = shutil.which("postmap", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
OUTLOOK = "contoso-example.mail.protection.outlook.com"

RULES = """
[policy traced]
Inherit = microsoft365
TraceHeader = yes
[policy held]
Quarantine = ALL
[policy gone]
Reject = ALL
RejectText = %L in %Q
[rule unseen]
Sender = @off.example
Policy = off
[rule shadow]
Sender = /^shadow[0-9]+@/i
DryRun = yes
Policy = gone
[rule held]
HeaderFrom = @held.example
Policy = held
[rule gone]
Sender = TABLE:{folder}/text
Policy = gone
[rule known]
Sender = {lmdb}
Policy = traced
[rule microsoft]
RecipientMx = .mail.protection.outlook.com
Policy = microsoft365
[default]
Policy = {default}
"""


def dns(question):
    """Some answer at once, some late, some never."""
    kind = question.name.partition(".")[0].rstrip("0123456789")
    if kind == "dead":
        return None
    if kind == "slow":
        time.sleep(0.15)
    return question.answer(mx(question.name, OUTLOOK if kind == "ms" else "mx.example", ttl=1))


class Storm(md.Daemon):
    """A daemon whose configuration, tables and folder of originals change all the time."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.count = 0
        self.problems = []
        self.over = threading.Event()
        self.sent = {}  # queue id -> the rules that are right for it
        self.write_table("text", 0)
        self.has_lmdb = POSTMAP is not None
        if self.has_lmdb:
            with open(os.path.join(self.folder, "main.cf"), "w", encoding="ascii"):
                pass
            self.rebuild(0)
        self.configure(0)

    def write_table(self, name, n):
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write("@gone.example\n" + "".join(f"u{i}@more.example\n" for i in range(n % 50)))
        os.rename(path + ".new", path)

    def rebuild(self, n):
        """As an administrator does it: postmap writes the table in place."""
        path = os.path.join(self.folder, "senders")
        with open(path, "w", encoding="ascii") as file:
            file.write("@known.example x\n")
            file.writelines(f"u{n}x{i}@more.example x\n" for i in range(50 << n % 8))
        subprocess.run([POSTMAP, "-c", self.folder, "lmdb:" + path], check=True)

    def configure(self, n):
        """One of four that are good, or a bad one."""
        if n % 5 == 4:
            self.change("Nonsense = 1")
            return
        kept = os.path.join(self.folder, f"kept{n % 2}")
        lmdb = f"lmdb:{self.folder}/senders" if self.has_lmdb else "@known.example"
        settings = [f"MxServers = 127.0.0.1:{self.port}", "SpoolThreshold = 64K",
                    f"SpoolDir = {self.folder}"]
        if n % 5 != 3:
            settings += [f"KeepOriginals = {kept}", "KeepOriginalsSize = 2M",
                         f"KeepOriginalsAge = {60 + n % 3}s", "OnInternalError = accept"]
        self.change("\n".join(settings), RULES.format(
            folder=self.folder, lmdb=lmdb, default="watch" if n % 2 else "microsoft365"))

    # ---- what goes on beside the messages

    def every(self, seconds, function):
        """Calls @function with 1, 2, ... until the storm is over."""
        n = 0
        while not self.over.wait(seconds):
            n += 1
            try:
                function(n)
            except Exception as error:  # pylint: disable=broad-except
                self.problems.append(f"{function.__name__}: {error!r}")
                return

    def reload(self, n):
        self.configure(n)
        self.signal()

    def move_log(self, n):
        os.rename(self.log, f"{self.log}.{n}")
        self.signal()

    def all_text(self):
        """The whole log, though it was moved away."""
        names = [name for name in os.listdir(self.folder) if name.startswith("log")]
        parts = []
        for name in names:
            with open(os.path.join(self.folder, name), encoding="ascii") as file:
                parts.append(file.read())
        return "".join(parts)

    def text(self):
        with contextlib.suppress(FileNotFoundError):
            return super().text()
        return ""


# ---- messages

BODIES = {"small": b"", "large": b"y" * 70 + b"\r\n", "long": b"z" * 3000 + b"\r\n"}
SENDERS = {"off": {"-"}, "shadow": {"shadow"}, "gone": {"gone"}, "known": {"known"},
           "plain": {"microsoft", "default"}}


def wire_of(chance):
    wire = chance.choice((FOUNDING, FOUNDING, CLEAN))
    kind = chance.choice(("small", "small", "large", "long"))
    return wire + BODIES[kind] * (2000 if kind == "large" else 3)


def one_message(storm, chance, mta, number):
    """Sends one, to its end or not."""
    kind = chance.choice(list(SENDERS))
    sender = f"{kind}{number}@{kind}.example"
    hosts = [f"{chance.choice(('ms', 'slow', 'dead', 'other'))}{chance.randrange(40)}.example"
             for _ in range(chance.choice((1, 1, 2, 5)))]
    recipients = [f"r{n}@{host}" for n, host in enumerate(hosts)]
    message = Message.from_wire(wire_of(chance))
    if chance.random() < 0.1:
        # Given up in the middle.
        if mta.mail(sender).goes_on:
            mta.rcpt(recipients[0])
            mta.header(b"Subject", b" x")
        mta.abort()
        return
    queue_id = f"R{number}"
    storm.sent[queue_id] = SENDERS[kind]
    result = mta.deliver(message, sender, recipients, queue_id=queue_id)
    if kind == "gone":
        # Clean mail is no reason to refuse.
        fine = result.reply.goes_on or result.reply.text.startswith("552 5.6.0")
    else:
        fine = result.reply.command in ("a", "c")
    assert fine, (sender, result.reply)
    assert kind == "off" or (kind in ("known", "plain") or not result.edits), (sender, result.edits)


def session(storm, chance):
    with MilterClient(storm.address, timeout=120) as mta:
        mta.connect(f"client{chance.randrange(9)}.example", f"192.0.2.{chance.randrange(9)}")
        for _ in range(chance.randrange(1, 12)):
            storm.count += 1
            one_message(storm, chance, mta, storm.count * CLIENTS + chance.randrange(CLIENTS))
        if chance.random() < 0.5:
            mta.quit()


def sessions(storm, seed):
    chance = random.Random(seed)
    while storm.count < MESSAGES and not storm.problems:
        try:
            session(storm, chance)
        except Exception as error:  # pylint: disable=broad-except
            storm.problems.append(f"session: {error!r}")


def run(storm):
    """All at once, until enough messages are sent."""
    beside = [(0.05, storm.reload), (0.7, storm.move_log),
              (0.03, lambda n: storm.write_table("text", n))]
    if storm.has_lmdb:
        beside.append((0.1, storm.rebuild))
    busy = [threading.Thread(target=storm.every, args=args) for args in beside]
    clients = [threading.Thread(target=sessions, args=(storm, seed)) for seed in range(CLIENTS)]
    for thread in busy + clients:
        thread.start()
    for thread in clients:
        thread.join()
    storm.over.set()
    for thread in busy:
        thread.join()


def expect_lines(storm):
    """One line a message, with a rule that is right for it."""
    lines = {}
    for line in storm.all_text().splitlines():
        fields = md.parse_line(md.LOG_LINE.match(line)[1])
        if fields is not None:
            assert fields["id"] not in lines, f"two lines for {fields['id']}"
            lines[fields["id"]] = fields
    wanted = {queue_id for queue_id, rules in storm.sent.items() if rules != {"-"}}
    assert wanted == set(lines), wanted ^ set(lines)
    for queue_id, fields in lines.items():
        assert fields["rule"] in storm.sent[queue_id], fields
        full = "KeepOriginals" in fields.get("error", "") and "is full" in fields["error"]
        assert fields["action"] != "error" or full, fields


@case(f"{CLIENTS} clients, a reload every 50 ms, DNS, tables, originals and log that change")
def storm_case():
    with OddServer(dns) as server, Storm(server.port) as storm:
        run(storm)
        assert not storm.problems, (storm.problems[:5], storm.stderr()[:2000])
        assert storm.alive, storm.stderr()
        assert storm.stop() == 0, storm.stderr()
        expect_lines(storm)
        reloads = storm.all_text().count(": reloaded: ")
        failures = storm.all_text().count("reload failed")
        assert reloads > 3 and failures > 0, (reloads, failures)
        print(f"# {len(storm.sent)} messages, {reloads} reloads, {failures} refused")


if __name__ == "__main__":
    sys.exit(run_all(md.program))
