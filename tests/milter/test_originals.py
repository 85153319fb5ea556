#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""KeepOriginals: what is stored of a message that is mended. Prints TAP."""

import contextlib
import os
import pwd
import re
import signal
import stat
import subprocess
import sys
import threading
import time
import zlib

import milterdaemon as md
from fixtures import CLEAN, FOUNDING, MENDED, wait_until
from milterclient import Message, MilterClient
from tap import Skip, case, run_all

EX_CONFIG = 78
KINDS = (".eml", ".mended.eml", ".envelope")

SECTIONS = """
[rule shadow]
Sender = @shadow.example
DryRun = yes
Policy = microsoft365
[policy refuse]
Reject = ALL
[rule refuse]
Sender = @refuse.example
Policy = refuse
[rule all]
Policy = microsoft365
"""

# Octets that are easily changed on the way into a file.
ODD = (b"X-Empty:\r\n"
       b"X-Blanks:   three before, two after  \r\n"
       b"X-Fold: one\r\n\ttwo\r\n  three\r\n" + FOUNDING.replace(
           b"Nothing is wrong", b"\x00\xff.\r\n.\r\nlone \xe4\r\nNothing is wrong"))


class Daemon(md.Daemon):
    """One that keeps originals in the folder @kept, which belongs to its user."""

    def __init__(self, settings="", folder_settings="", sections=SECTIONS):
        super().__init__()
        self.kept = os.path.join(self.folder, "kept")
        self.more = folder_settings
        self.write_config(f"KeepOriginals = {self.kept}\n{folder_settings}\n{settings}", sections)

    def files(self):
        return sorted(os.listdir(self.kept))

    def read(self, name):
        with open(os.path.join(self.kept, name), "rb") as file:
            return file.read()

    def envelope(self, stem):
        return [line.split("=", 1) for line in self.read(stem + ".envelope").decode().splitlines()]

    def plant(self, name, data=b"x", age=0):
        """A file of the daemon's user, @age seconds old."""
        path = os.path.join(self.kept, name)
        with open(path, "wb") as file:
            file.write(data)
        if os.geteuid() == 0:
            os.chown(path, pwd.getpwnam(md.USER).pw_uid, -1)
        then = time.time() - age
        os.utime(path, (then, then))

    def plant_folder(self):
        os.mkdir(self.kept, 0o700)
        if os.geteuid() == 0:
            os.chown(self.kept, pwd.getpwnam(md.USER).pw_uid, -1)

    def reload(self):
        """Sends the signal; the new lines of the log about it."""
        before = self.text().count("reload")
        self.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: self.text().count("reload") > before)
        return self.text().splitlines()[-1]


def client(daemon, address="192.0.2.7", host="mx.example"):
    mta = MilterClient(daemon.address)
    mta.connect(host, address)
    return mta


def send(daemon, queue_id, wire=FOUNDING, **how):
    with client(daemon) as mta:
        return mta.deliver(Message.from_wire(wire), queue_id=queue_id, **how)


def expect_kept(daemon, queue_id, wire=FOUNDING, **how):
    result = send(daemon, queue_id, wire, **how)
    assert result.reply.goes_on and result.edits, (result.reply, daemon.text())
    return result


def expect_refused(daemon, queue_id, word, wire=FOUNDING, **how):
    """Not mended, as OnInternalError says, with the reason in the log. A message of its own: one that
    fails twice passes."""
    wire = wire.replace(b"154810422972", b"%012d" % zlib.crc32(queue_id.encode()))
    result = send(daemon, queue_id, wire, **how)
    assert result.reply.text.startswith("451 4.7.1 ") and not result.edits, result.reply
    line, = daemon.messages_of(queue_id)
    assert line["action"] == "error" and word in line["error"], line
    assert line["fixed"] == "" and line["left"] == "ENCODED_MESSAGE_ID", line
    assert line["size"] == line["newsize"] and line["edits"] == "", line
    assert f"{queue_id}: error: " in daemon.text()


def names(stem):
    return sorted(stem + kind for kind in KINDS)


def clean_up(daemon):
    """What another user could not remove."""
    with contextlib.suppress(OSError):
        os.chmod(daemon.kept, 0o700)


# ---- what is stored

@case("both files are the message as received and as handed back, to the octet")
def octets():
    with Daemon() as daemon:
        for queue_id, wire in (("PLAIN", FOUNDING), ("ODD", ODD),
                               ("EMPTY", FOUNDING[:FOUNDING.index(b"\r\n\r\n") + 4])):
            result = expect_kept(daemon, queue_id, wire)
            assert daemon.read(queue_id + ".eml") == wire, queue_id
            assert daemon.read(queue_id + ".mended.eml") == result.message.to_wire(), queue_id
        assert daemon.read("PLAIN.mended.eml") == MENDED
        assert daemon.files() == sorted(names("PLAIN") + names("ODD") + names("EMPTY"))


@case("nobody else can read them")
def rights():
    with Daemon() as daemon:
        expect_kept(daemon, "ONE")
        owner = os.stat(daemon.log).st_uid
        folder = os.stat(daemon.kept)
        assert stat.S_IMODE(folder.st_mode) == 0o700 and folder.st_uid == owner
        for name in daemon.files():
            info = os.stat(os.path.join(daemon.kept, name))
            assert stat.S_IMODE(info.st_mode) == 0o600 and info.st_uid == owner, name


@case("the envelope")
def envelope():
    with Daemon() as daemon:
        before = int(time.time())
        expect_kept(daemon, "ONE", sender='a"b \\c\xe4@example.com',
                    parameters=("SMTPUTF8",))
        got = daemon.envelope("ONE")
        assert before <= int(got[0][1]) <= time.time() and got[0][0] == "time", got
        assert got[1] == ["from", r"a\x22b\x20\x5cc\xc3\xa4@example.com"], got[1]
        keys = [key for key, _ in got]
        order = ["time", "from", "smtputf8", "rcpt", "nexthop", "mx", "client", "host", "user",
                 "local", "macro", "size", "policy", "rule", "action", "fixed", "left"]
        assert keys == sorted(keys, key=order.index), keys
        values = dict(got)
        wanted = {"smtputf8": "yes", "client": "192.0.2.7", "host": "mx.example", "user": "",
                  "local": "no", "size": str(len(FOUNDING)), "policy": "microsoft365", "rule": "all",
                  "action": "fix", "fixed": "ENCODED_MESSAGE_ID", "left": ""}
        assert wanted.items() <= values.items(), values
        with MilterClient(daemon.address) as mta:
            mta.connect("unknown", None)
            mta.macros["{auth_authen}"] = "ann"
            mta.deliver(Message.from_wire(FOUNDING), queue_id="TWO", sender="b@example.com")
        values = dict(daemon.envelope("TWO"))
        assert "smtputf8" not in values, values
        assert "host" not in values and values["client"] == "", values
        assert values["user"] == "ann" and values["from"] == "b@example.com", values


@case("what is not mended is not stored")
def others():
    with Daemon() as daemon:
        assert not send(daemon, "CLEAN", CLEAN).edits
        assert not send(daemon, "SHADOW", sender="a@shadow.example").edits
        assert send(daemon, "REFUSED", sender="a@refuse.example").reply.text.startswith("552 ")
        assert daemon.files() == []


@case("the same id again: nothing is overwritten")
def same_id():
    with Daemon() as daemon:
        for n in range(3):
            expect_kept(daemon, "SAME", FOUNDING.replace(b"Nothing", b"%d" % n))
        assert daemon.files() == sorted(names("SAME") + names("SAME.2") + names("SAME.3"))
        for n, stem in enumerate(("SAME", "SAME.2", "SAME.3")):
            assert b"\r\n%d is wrong" % n in daemon.read(stem + ".eml")
            assert b"\r\n%d is wrong" % n in daemon.read(stem + ".mended.eml")
        # Not even one that is none of a set.
        daemon.plant("LONE.mended.eml", b"precious")
        expect_kept(daemon, "LONE")
        assert daemon.read("LONE.mended.eml") == b"precious"
        assert daemon.read("LONE.2.eml") == FOUNDING
        assert set(daemon.files()) >= {"LONE.2.envelope", "LONE.2.mended.eml"}
        assert "LONE.envelope" not in daemon.files() and "LONE.eml" not in daemon.files()


@case("an id that is no file name becomes one")
def odd_ids():
    with Daemon() as daemon:
        for queue_id, stem in (("../../x", "______x"), ("-rf", "_rf"), (".", "_"),
                               ("a b\tc", "a_b_c"), ("y" * 300, "y" * 100), ("", "NOQUEUE")):
            expect_kept(daemon, queue_id)
            assert set(names(stem)) <= set(daemon.files()), (queue_id, daemon.files())


@case("30 messages at once with one id: 30 sets")
def together():
    bodies = [b"this is message %03d" % n for n in range(30)]
    with Daemon() as daemon:
        failures = []

        def one(body):
            try:
                expect_kept(daemon, "SAME", FOUNDING.replace(b"Nothing", body))
            except BaseException as error:  # pylint: disable=broad-except
                failures.append(error)

        threads = [threading.Thread(target=one, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures
        assert len(daemon.files()) == 90
        stems = [name.removesuffix(".envelope") for name in daemon.files() if "envelope" in name]
        kept = sorted(re.search(rb"this is message \d+", daemon.read(s + ".eml"))[0] for s in stems)
        assert kept == bodies
        for stem in stems:
            # The two belong together.
            assert daemon.read(stem + ".eml").split(b"\r\n\r\n")[1] == \
                daemon.read(stem + ".mended.eml").split(b"\r\n\r\n")[1]


# ---- what goes wrong

@case("full: not mended, error; room again when something has expired")
def full():
    large = FOUNDING + b"x" * 70 + b"\r\n"
    large += (b"y" * 70 + b"\r\n") * 3500
    with Daemon(folder_settings="KeepOriginalsSize = 1M\nKeepOriginalsAge = 1h") as daemon:
        expect_kept(daemon, "FIRST", large)
        expect_kept(daemon, "SECOND", large)
        expect_refused(daemon, "THIRD", "is full", wire=large)
        # A small one fits.
        expect_kept(daemon, "SMALL")
        assert daemon.files() == sorted(names("FIRST") + names("SECOND") + names("SMALL"))
        old = time.time() - 3700
        os.utime(os.path.join(daemon.kept, "FIRST.envelope"), (old, old))
        wait_until(lambda: send(daemon, "FOURTH", large).edits, 30)
        assert daemon.files() == sorted(names("SECOND") + names("SMALL") + names("FOURTH"))


@case("full, OnInternalError = accept: passes unchanged")
def full_accept():
    large = FOUNDING + (b"y" * 70 + b"\r\n") * 8000
    with Daemon("OnInternalError = accept", "KeepOriginalsSize = 1M") as daemon:
        result = send(daemon, "ONE", large)
        assert result.reply.goes_on and not result.edits
        assert daemon.messages_of("ONE")[0]["action"] == "error"
        assert daemon.files() == []


@case("a disk that is really full: not mended, and nothing left behind")
def disk_full():
    if os.geteuid() != 0:
        raise Skip("a small disk needs root")
    with contextlib.ExitStack() as stack:
        daemon = Daemon()
        daemon.plant_folder()
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700,uid=" + str(
            pwd.getpwnam(md.USER).pw_uid), "tmpfs", daemon.kept], check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if mount.returncode != 0:
            raise Skip("cannot mount a tmpfs: " + mount.stdout.decode().strip())
        stack.enter_context(daemon)
        stack.callback(subprocess.run, ["umount", "-l", daemon.kept], check=True)
        large = FOUNDING + (b"y" * 70 + b"\r\n") * 5000
        expect_kept(daemon, "FIRST", large)
        expect_refused(daemon, "SECOND", "No space left on device", wire=large)
        assert daemon.files() == names("FIRST")
        expect_kept(daemon, "THIRD")


@case("a folder that cannot be written to any more, or is gone: not mended")
def unwritable():
    with Daemon() as daemon:
        expect_kept(daemon, "ONE")
        if os.geteuid() == 0:
            os.chown(daemon.kept, 0, 0)
            os.chmod(daemon.kept, 0o755)
        else:
            os.chmod(daemon.kept, 0o500)
        expect_refused(daemon, "TWO", "Permission denied")
        clean_up(daemon)
        os.rename(daemon.kept, daemon.kept + ".away")
        expect_refused(daemon, "THREE", "No such file or directory")
        assert not os.path.exists(daemon.kept)
        daemon.plant_folder()
        expect_kept(daemon, "FOUR")
        assert daemon.files() == names("FOUR")


@case("a folder that cannot be made is a problem at the start, in -n and in a reload")
def no_folder():
    with Daemon() as daemon:
        expect_kept(daemon, "ONE")
        with open(daemon.config, encoding="ascii") as file:
            good = file.read()
        for bad in ("/nonexistent/kept", "/proc/kept", daemon.config):
            with open(daemon.config, "w", encoding="ascii") as file:
                file.write(good.replace(f"KeepOriginals = {daemon.kept}", f"KeepOriginals = {bad}"))
            number = good[:good.index("KeepOriginals")].count("\n") + 1
            for args in (["-n"], ["-f", "-s", f"local:{daemon.folder}/other"]):
                code, out, err = daemon.run(*args)
                assert code == EX_CONFIG and not out, (code, out)
                assert err.startswith(f"{daemon.config}:{number}: KeepOriginals = {bad}: "), err
            assert f"KeepOriginals = {bad}: " in daemon.reload(), daemon.text()
        expect_kept(daemon, "TWO")


@case("-n makes nothing, and warns of a folder that others can look into")
def check():
    with contextlib.closing(Daemon()) as daemon:
        code, out, _ = daemon.run("-n")
        assert code == 0 and not os.path.exists(daemon.kept) and "0700" not in out
        daemon.plant_folder()
        os.chmod(daemon.kept, 0o755)
        code, out, _ = daemon.run("-n")
        assert code == 0 and "Use mode 0700." in out.replace("\n# ", " "), out


Daemon.close = lambda daemon: daemon.__exit__()


# ---- age, and other settings

@case("what is too old is removed at the start, and nothing else is touched")
def age():
    daemon = Daemon(folder_settings="KeepOriginalsAge = 1h")
    daemon.plant_folder()
    for name in names("OLD") + names("OLD.2") + names("LAST"):
        daemon.plant(name, age=3700)
    # Half removed, and half written.
    daemon.plant("HALF.envelope", age=3700)
    daemon.plant(".mailmend-1-2-3", age=3700)
    stay = names("YOUNG") + [".mailmend-4-5-6"]
    for name in stay:
        daemon.plant(name, age=3500)
    # A set is as old as its envelope.
    for name in names("TOUCHED"):
        daemon.plant(name, age=0 if name.endswith("envelope") else 9999)
    # Not ours: not a set, or no name of ours.
    foreign = ["notes.eml", "notes.mended.eml", "README", "x.envelope.bak", "a b.envelope",
               "x.1a.envelope", ".envelope", "x..envelope", "x..eml", ".mailmend-x", ".mailmend-"]
    for name in foreign:
        daemon.plant(name, age=99999)
    os.mkdir(os.path.join(daemon.kept, "FOLDER.envelope"))
    os.symlink("README", os.path.join(daemon.kept, "LINK.envelope"))
    with daemon:
        wanted = sorted(stay + names("TOUCHED") + foreign + ["FOLDER.envelope", "LINK.envelope"])
        assert daemon.files() == wanted, set(daemon.files()) ^ set(wanted)


@case("what a killed process had begun to write does not stay as long as a message")
def half_written():
    daemon = Daemon(folder_settings="KeepOriginalsAge = 7d")
    daemon.plant_folder()
    for name in (*names("SET"), ".mailmend-1-2-3"):
        daemon.plant(name, age=3700)
    daemon.plant(".mailmend-4-5-6", age=3500)
    with daemon:
        assert daemon.files() == sorted([".mailmend-4-5-6", *names("SET")]), daemon.files()


@case("killed at any point: what is there is a whole set, or no set, and no message is named twice")
def killed():
    text = b"y" * 70 + b"\r\n"
    for wait in range(1, 40, 3):
        with Daemon() as daemon:
            with client(daemon) as mta:
                for n in range(10):
                    mta.begin(Message.from_wire(FOUNDING + text * 3000), f"KILLED{n}")
                time.sleep(wait / 1000)
                daemon.kill()
            ready = [name for name in daemon.files() if name.endswith(".eml") and
                     ".mended" not in name]
            for name in ready:
                assert daemon.read(name) == FOUNDING + text * 3000
                stem = name.removesuffix(".eml")
                assert len(daemon.read(stem + ".mended.eml")) > 210000, name
                assert daemon.envelope(stem)[-1][0] == "left", name
            # The next one goes on: nothing that is left disturbs it.
            os.truncate(daemon.log, 0)
            daemon.start()
            before = set(daemon.files())
            expect_kept(daemon, "KILLED0")
            assert len(set(daemon.files()) - before) == 3, daemon.files()


@case("what is there at the start counts")
def counted():
    daemon = Daemon(folder_settings="KeepOriginalsSize = 1M")
    daemon.plant_folder()
    for name in names("THERE"):
        daemon.plant(name, b"x" * 349000)
    daemon.plant("README", b"x" * 5000000)
    with daemon:
        expect_refused(daemon, "ONE", "is full", wire=FOUNDING + b"z\r\n" * 1000)


@case("a reload changes folder, size and age")
def reload():
    with Daemon(folder_settings="KeepOriginalsAge = 1h") as daemon:
        expect_kept(daemon, "ONE")
        first, second = daemon.kept, daemon.kept + "2"
        daemon.write_config(f"KeepOriginals = {second}", SECTIONS)
        assert "reloaded" in daemon.reload()
        expect_kept(daemon, "TWO")
        assert daemon.files() == names("ONE")
        daemon.kept = second
        assert daemon.files() == names("TWO")
        daemon.plant("OLD.envelope", age=1000)
        daemon.plant("OLD.eml", age=1000)
        daemon.write_config(f"KeepOriginals = {second}\nKeepOriginalsAge = 600s", SECTIONS)
        assert "reloaded" in daemon.reload()
        assert daemon.files() == names("TWO")
        daemon.write_config("", SECTIONS)
        assert "reloaded" in daemon.reload()
        expect_kept(daemon, "THREE")
        assert daemon.files() == names("TWO")
        assert os.path.isdir(first)


@case("a message that began before a reload is stored where it was to be")
def in_flight():
    message = Message.from_wire(FOUNDING)
    with Daemon() as daemon, client(daemon) as mta:
        mta.mail("sender@example.com")
        mta.rcpt("rcpt@example.org")
        daemon.write_config(f"KeepOriginals = {daemon.kept}2", SECTIONS)
        assert "reloaded" in daemon.reload()
        mta.macros["i"] = "FLIGHT"
        for name, value in message.shown(mta.leading_blanks):
            mta.header(name, value)
        mta.eoh()
        mta.body(message.body)
        assert mta.eom(message.copy())[1]
        assert daemon.files() == names("FLIGHT")
        assert os.listdir(daemon.kept + "2") == []


if __name__ == "__main__":
    sys.exit(run_all(md.program))
