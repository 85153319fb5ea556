#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""All mail there is at the highest rate, while filters are killed and reloaded. Prints TAP.

Two filters. One is killed or stopped again and again and started by a supervisor, the other must
live from the beginning to the end. Both get good and broken configurations in turn. Every answer
must be one of those that a filter in peace gave to that message: nothing half done. Every message
that was answered has one line in the log.

$MM_SOAK_SECONDS is how long (an hour), $MM_SOAK_CLIENTS how many connections (8), $MM_SOAK_SEED a
number that makes other choices. $MAILMEND_CORPUS adds foreign mail.
"""

import collections
import contextlib
import os
import pwd
import random
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time

import milterdaemon as md
import soakmail
from milterclient import MilterClient
from soakclient import Clients, learn
from tap import Skip, case, run_all

SECONDS = float(os.environ.get("MM_SOAK_SECONDS", "3600"))
CLIENTS = int(os.environ.get("MM_SOAK_CLIENTS", "8"))
SEED = int(os.environ.get("MM_SOAK_SEED", "1"))

# A log is moved away at that size, and the reload that follows opens another.
LOG_SIZE = 32_000_000

# How much more memory is taken at the end than in the middle, at most.
GROWTH_KB = 4096

# What is wrong with a configuration, in place of its first line.
BROKEN = ("[mailmend", "no section\n[mailmend]", "[mailmend]\nNoSuchKey = 1",
          "[mailmend]\nSpoolThreshold = much", "[policy x]\nFix = NO_SUCH_LABEL\n[mailmend]",
          "[rule x]\nPolicy = nosuch\n[mailmend]", "[rule x]\nSender = /(/\n[mailmend]",
          "[rule x]\nSender = TABLE:/nonexistent/table\nPolicy = watch\n[mailmend]",
          "\0\x01\x02\n[mailmend]", "[mailmend]\nDryRun = yes\nDryRun = no")

# All that a filter may say beside its messages' lines.
EXPECTED_LINES = re.compile(
    r"open files are limited to \d+; |started version=|stopping$|stopped$|reloaded: \d+ policies, \d+ rules$|"
    r"reload failed(, still running the configuration of [^ ]+)?: |"
    r"stats messages=\d+( [a-z0-9_]+=\d+)+$")


class Follower:
    """Reads logs as they grow, those that were moved away for some steps more."""

    STEPS = 5

    def __init__(self):
        self.lines = collections.Counter()  # by kind
        self.odd = []
        self.seen = collections.defaultdict(bytearray)  # client -> lines for each of its ids
        self.current, self.moved = {}, []

    def make(self, path):
        """A new log there, which the filter may write to whoever it is."""
        if path in self.current:
            self.moved.append(self.current[path])
        with open(path, "x", encoding="ascii"):
            os.chmod(path, 0o666)
        # pylint: disable-next=consider-using-with
        self.current[path] = {"file": open(path, encoding="ascii"), "rest": "", "age": 0}

    def read(self):
        for log in [*self.moved, *self.current.values()]:
            *lines, log["rest"] = (log["rest"] + log["file"].read()).split("\n")
            for line in lines:
                self.take(line)

    def step(self):
        self.read()
        for log in self.moved[:]:
            log["age"] += 1
            if log["age"] > self.STEPS:
                self.moved.remove(log)
                self.close(log)

    def end(self):
        self.read()
        for log in [*self.moved, *self.current.values()]:
            self.close(log)

    def close(self, log):
        log["file"].close()
        if log["rest"]:
            self.odd.append("an unfinished line: " + log["rest"])

    def take(self, line):
        text = md.LOG_LINE.match(line)[1]
        name, _, rest = text.partition(": action=")
        if not rest:
            self.lines[text.split(" ")[0].rstrip(":,")] += 1
            if not EXPECTED_LINES.match(text) and len(self.odd) < 20:
                self.odd.append(text)
            return
        action = rest.partition(" ")[0]
        self.lines["action=" + action] += 1
        if action == "error" and len(self.odd) < 20:
            self.odd.append(text)
        if re.fullmatch(r"S\d{10}", name):
            self.count(int(name[1:3]), int(name[3:]))

    def count(self, client, number):
        seen = self.seen[client]
        if number >= len(seen):
            seen.extend(bytes(number + 10000 - len(seen)))
        seen[number] += 1


class Daemon(md.Daemon):
    """A filter with a spool folder of its own."""

    def __init__(self, name, folder, follower):
        super().__init__(folder=os.path.join(folder, name))
        self.name, self.follower = name, follower
        self.spool = os.path.join(self.folder, "spool")
        self.table = os.path.join(self.folder, "table")
        self.starts, self.turn, self.samples = 0, 0, []

    @classmethod
    @contextlib.contextmanager
    def made(cls, name, folder, follower):
        for path in (os.path.join(folder, name), os.path.join(folder, name, "spool")):
            os.mkdir(path)
            if os.geteuid() == 0:
                os.chown(path, pwd.getpwnam(md.USER).pw_uid, -1)
        daemon = cls(name, folder, follower)
        with open(daemon.table, "w", encoding="ascii") as file:
            file.writelines(f"{address}\n" for address in (soakmail.SENDERS[1], "x@y.example"))
        daemon.configure()
        follower.make(daemon.log)
        with daemon:
            yield daemon

    def configure(self, broken=None):
        self.change(f"SpoolDir = {self.spool}\nSpoolThreshold = 48K",
                    soakmail.sections(self.turn, self.table))
        if broken is not None:
            with open(self.config, encoding="ascii") as file:
                text = file.read()
            self.change(raw=text.replace("[mailmend]", broken, 1))

    def start(self, seconds=60):
        self.process = None
        with open(os.path.join(self.folder, "stderr"), "ab") as stderr:
            self.process = subprocess.Popen(self.command("-f"), stdin=subprocess.DEVNULL,
                                               stdout=stderr, stderr=stderr)
        self.starts += 1
        end = time.monotonic() + seconds
        while not self.listens():
            if not self.alive or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start: {self.stderr()[-2000:]}")
            time.sleep(0.02)
        return self

    def listens(self):
        try:
            MilterClient(self.address).close()
            return True
        except (OSError, AssertionError):
            return False

    def status(self):
        """Memory in kB, descriptors, threads."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            values = dict(line.rstrip("\n").split(":", 1) for line in file)
        return (int(values["RssAnon"].split()[0]), len(os.listdir(f"/proc/{self.process.pid}/fd")),
                int(values["Threads"]))

    def rotate(self):
        """Moves a large log away; the next reload opens the new one."""
        if os.stat(self.log).st_size >= LOG_SIZE:
            os.rename(self.log, self.log + ".old")
            self.follower.make(self.log)


class Soak:
    """The supervisor: one step after the other until the time is over."""

    def __init__(self, mortal, immortal, follower):
        self.mortal, self.immortal, self.follower = mortal, immortal, follower
        self.chance = random.Random(SEED)
        self.counts = collections.Counter()
        self.problems = []

    def reload(self):
        broken = None
        if self.chance.random() < 0.4:
            broken = self.chance.choice(BROKEN)
        for daemon in (self.mortal, self.immortal):
            daemon.turn = self.chance.randrange(2)
            daemon.configure(broken)
            daemon.rotate()
            if daemon.alive:
                daemon.signal()
                self.counts["broken reloads" if broken else "good reloads"] += 1

    def kill(self):
        """By force or politely; then it is started again."""
        number = self.chance.choice((signal.SIGKILL, signal.SIGTERM))
        self.counts[number.name] += 1
        self.mortal.process.send_signal(number)
        code = self.mortal.process.wait(40)
        if code != (-number if number == signal.SIGKILL else 0):
            self.problems.append(f"after {number.name} it ended with {code}")
        self.mortal.configure()
        self.mortal.start()

    def look(self):
        for daemon in (self.mortal, self.immortal):
            if not daemon.alive:
                self.problems.append(f"{daemon.name} ended with {daemon.process.poll()}")
                daemon.configure()
                daemon.start()
        self.immortal.samples.append(self.immortal.status())

    def run(self, clients):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and clients.alive and len(self.problems) < 20:
            self.reload()
            time.sleep(self.chance.uniform(0.3, 1.5))
            if self.chance.random() < 0.1:
                self.kill()
            self.look()
            self.follower.step()
        if not clients.alive:
            self.problems.append("a client has died")


class State:
    """What came out, for the cases."""

    soak = counts = ids = None
    problems, left = [], []
    code = None
    idle_before = idle_after = None


def leftovers(daemon):
    """What should not be in its folders."""
    usual = {"log", "log.old", "stderr", "table", "spool", os.path.basename(daemon.config)}
    found = [name for name in os.listdir(daemon.folder) if name not in usual]
    return ([f"{daemon.folder}/{name}" for name in found]
            + [f"{daemon.spool}/{name}" for name in os.listdir(daemon.spool)])


def learn_all(daemon):
    """What is right under either configuration."""
    mail = soakmail.record_all(MilterClient(daemon.address))
    expected = collections.defaultdict(set)
    for daemon.turn in range(2):
        before = daemon.follower.lines["reloaded"]
        daemon.configure()
        daemon.signal()
        while daemon.follower.lines["reloaded"] == before:
            time.sleep(0.02)
            daemon.follower.read()
        learn(daemon.address, mail, expected)
        learn(daemon.address, mail, expected)
    many = [key for key, answers in expected.items() if len(answers) > 4]
    assert not many, many
    return mail, expected


def idle(daemon):
    """Its status once all sessions are over."""
    time.sleep(1)
    return daemon.status()


def soak_all(mortal, immortal, follower):
    mail, expected = learn_all(immortal)
    print(f"# {len(mail[1])} messages of {len(mail[0])} senders", flush=True)
    State.idle_before = idle(immortal)
    soak = State.soak = Soak(mortal, immortal, follower)
    clients = Clients(CLIENTS, [mortal.address, immortal.address], mail, expected, SEED)
    started = time.monotonic()
    soak.run(clients)
    seconds = time.monotonic() - started
    State.counts, State.problems, State.ids = clients.stop()
    State.idle_after = idle(immortal)
    mortal.stop()
    State.code = immortal.stop()
    follower.end()
    State.left = leftovers(mortal) + leftovers(immortal)
    for name, counts in (("answers", State.counts), ("supervisor", soak.counts),
                         ("log", follower.lines)):
        print(f"# {name}: " + ", ".join(f"{key} {n}" for key, n in sorted(counts.items())))
    print(f"# {seconds:.0f} seconds, {State.counts['sent'] / seconds:.0f} messages a second, "
          f"{mortal.starts} starts", flush=True)


@contextlib.contextmanager
def around():
    md.need()
    if md.has_sanitizer():
        raise Skip("a sanitizer keeps memory that was freed")
    follower = Follower()
    with tempfile.TemporaryDirectory(prefix="mailmend-soak-") as folder:
        os.chmod(folder, stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH)
        with Daemon.made("mortal", folder, follower) as mortal, \
                Daemon.made("immortal", folder, follower) as immortal:
            soak_all(mortal, immortal, follower)
    yield


@case("every complete answer is one that a filter in peace gives")
def answers():
    assert not State.problems, "\n".join(State.problems)
    assert State.counts["sent"] > 100, State.counts


@case("whoever was killed was started again, and nobody else ended")
def lives():
    assert not State.soak.problems, State.soak.problems
    assert State.soak.immortal.starts == 1 and State.code == 0, State.code


@case("nothing is in the log that does not belong there")
def log():
    assert not State.soak.follower.odd, "\n".join(State.soak.follower.odd)


@case("each message that was answered has one line")
def lines():
    wrong = []
    for client, (used, unsure) in enumerate(State.ids):
        seen = State.soak.follower.seen[client]
        for number in range(used):
            times = seen[number] if number < len(seen) else 0
            if times != 1 and (times != 0 or number not in unsure):
                wrong.append(f"{soakmail.queue_id(client, number).decode()}: {times}")
    assert not wrong, f"{len(wrong)}: {wrong[:20]}"


@case("memory and descriptors do not grow")
def flat():
    samples = State.soak.immortal.samples
    parts = [samples[n * len(samples) // 10:(n + 1) * len(samples) // 10] for n in range(10)]
    memory = [min(sample[0] for sample in part) for part in parts if part]
    print(f"# RssAnon in kB, least of each tenth: {memory}")
    print(f"# idle, (RssAnon, descriptors, threads): before {State.idle_before}, "
          f"after {State.idle_after}; most under way {max(s[1] for s in samples)} descriptors")
    # What the allocator keeps for its threads is there after a while; it must not go on.
    middle, end = min(memory[4:6]), min(memory[-2:])
    assert end - middle <= GROWTH_KB, memory
    assert State.idle_after[1] <= State.idle_before[1] + 2, (State.idle_before, State.idle_after)


@case("nothing is left in the spool folders")
def left():
    assert not State.left, State.left


if __name__ == "__main__":
    sys.exit(run_all(around))
